//! Signs a message and sends it once.

use chrono::{DateTime, TimeDelta, Utc};
use domain::vocabulary::DeliveryFailure;
use domain::webhook::judged;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;

use crate::app::App;
use crate::ops::outcome::Outcome;
use crate::ops::webhook::Attempt;
use crate::outbound::address::Refusal;
use crate::outbound::sender::{Envelope, Failed};
use crate::secrets::webhook::signature;

/// A secret, and until when it is signed with.
pub type Secret = (String, Option<DateTime<Utc>>);

/// What came of one attempt.
pub struct Tried {
    pub attempt: Attempt,
    /// The receiver asks to wait for so long.
    pub asked: Option<TimeDelta>,
}

fn headers(id: &str, at: DateTime<Utc>, secrets: &[Secret], body: &[u8]) -> Outcome<HeaderMap> {
    let alive = secrets.iter().filter(|(_, end)| end.is_none_or(|end| end > at));
    let signed = alive.map(|(secret, _)| signature(secret, id, at.timestamp(), body));
    let signed = signed.collect::<Result<Vec<_>, _>>()?.join(" ");
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("webhook-id", id),
        ("webhook-timestamp", &at.timestamp().to_string()),
        ("webhook-signature", &signed),
    ] {
        let value = HeaderValue::from_str(value).map_err(anyhow::Error::from)?;
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(headers)
}

/// Sends a message once to an address.
///
/// # Errors
/// It cannot be signed.
pub async fn send(app: &App, url: &str, secrets: &[Secret], id: &str, body: Vec<u8>) -> Outcome<Tried> {
    let (at, begun) = (app.clock.now(), Instant::now());
    let envelope = Envelope {
        url: url.to_owned(),
        headers: headers(id, at, secrets, &body)?,
        body,
    };
    let answered = app.webhooks.sender().send(envelope).await;
    let (status, failure, asked) = match answered {
        Ok(answer) => {
            let asked = answer.retry_after.map(|seconds| TimeDelta::seconds(seconds.into()));
            (Some(answer.status), judged(answer.status), asked)
        }
        Err(failed) => (None, Some(why(failed)), None),
    };
    app.webhooks.counts.attempted(failure.is_none());
    Ok(Tried {
        attempt: Attempt {
            at,
            ms: i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX),
            status,
            failure,
        },
        asked,
    })
}

fn why(failed: Failed) -> DeliveryFailure {
    match failed {
        Failed::Refused(Refusal::NoSuchName) => DeliveryFailure::NameNotResolved,
        Failed::Refused(_) => DeliveryFailure::AddressRefused,
        Failed::Connect => DeliveryFailure::ConnectFailed,
        Failed::Tls => DeliveryFailure::TlsFailed,
        Failed::TimedOut => DeliveryFailure::TimedOut,
        Failed::Broken => DeliveryFailure::BrokenAnswer,
    }
}
