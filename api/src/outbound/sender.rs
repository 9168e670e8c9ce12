//! The one way a request goes out: to an address that was looked at for this very connection, without redirects, proxies,
//! cookies or names of where one came from, in bounded time, and of the answer hardly more is read than its status.

use std::error::Error as _;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, ClientBuilder, redirect};

use super::address::{self, Refusal, Url};
use super::networks::Networks;

/// Bytes of an answer's body that are read, so that its connection can be used again; none of them is kept.
const READ: usize = 16 * 1024;

/// Sends messages.
#[derive(Clone)]
pub struct Sender {
    networks: Networks,
    /// For https; none where the system has no certificates to trust.
    secure: Option<Client>,
    /// For http, which goes to named networks only.
    plain: Option<Client>,
}

/// A message on its way out.
pub struct Envelope {
    /// As it was checked when it was registered; it is looked at again.
    pub url: String,
    pub headers: HeaderMap,
    /// JSON.
    pub body: Vec<u8>,
}

/// What a receiver said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Seconds that it asks to wait.
    pub retry_after: Option<u32>,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    Refused(Refusal),
    Connect,
    Tls,
    TimedOut,
    Broken,
}

/// Looks a name up for one connection: what is checked is what is connected to.
struct Guarded {
    networks: Networks,
    secure: bool,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (networks, secure) = (self.networks.clone(), self.secure);
        Box::pin(async move {
            let found = address::resolve(name.as_str(), secure, &networks).await?;
            let found: Addrs = Box::new(found.into_iter());
            Ok(found)
        })
    }
}

fn client(networks: &Networks, secure: bool, time: Duration) -> Option<Client> {
    let built: ClientBuilder = Client::builder()
        .dns_resolver(Guarded {
            networks: networks.clone(),
            secure,
        })
        .https_only(secure)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .user_agent(concat!("orglife/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(time.min(Duration::from_secs(5)))
        .timeout(time)
        .pool_max_idle_per_host(1)
        .pool_idle_timeout(Duration::from_secs(20));
    match built.build() {
        Ok(client) => Some(client),
        Err(error) => {
            tracing::error!(%error, secure, "no client for webhooks: nothing can be sent this way");
            None
        }
    }
}

impl Sender {
    /// `time`: the longest that one request may take, from the look at its name to the end of the answer.
    #[must_use]
    pub fn new(networks: Networks, time: Duration) -> Self {
        Self {
            secure: client(&networks, true, time),
            plain: client(&networks, false, time),
            networks,
        }
    }

    /// Sends a message once.
    ///
    /// # Errors
    /// There was no whole answer in time.
    pub async fn send(&self, envelope: Envelope) -> Result<Answer, Failed> {
        // The deployment may have named other networks since it was registered.
        let url = address::read(&envelope.url, &self.networks).map_err(Failed::Refused)?;
        let client = self.client(&url).ok_or(Failed::Tls)?;
        let request = client
            .post(url)
            .headers(envelope.headers)
            .header(CONTENT_TYPE, "application/json")
            .body(envelope.body);
        let mut response = request.send().await.map_err(|error| failed(&error))?;
        let answer = Answer {
            status: response.status().as_u16(),
            retry_after: retry_after(response.headers()),
        };
        let mut read = 0;
        // Whoever goes on talking is hung up on; what the status says holds.
        while let Ok(Some(chunk)) = response.chunk().await {
            read += chunk.len();
            if read > READ {
                break;
            }
        }
        Ok(answer)
    }

    fn client(&self, url: &Url) -> Option<&Client> {
        match url.scheme() {
            "https" => self.secure.as_ref(),
            _ => self.plain.as_ref(),
        }
    }
}

/// Seconds; dates are for browsers.
fn retry_after(headers: &HeaderMap) -> Option<u32> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

fn failed(error: &reqwest::Error) -> Failed {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(refusal) = inner.downcast_ref::<Refusal>() {
            return Failed::Refused(*refusal);
        }
        let kind = inner.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        if error.is_connect() && kind == Some(std::io::ErrorKind::InvalidData) {
            return Failed::Tls;
        }
        cause = inner.source();
    }
    if error.is_timeout() {
        Failed::TimedOut
    } else if error.is_connect() {
        Failed::Connect
    } else {
        Failed::Broken
    }
}
