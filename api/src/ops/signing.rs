//! The keys of access tokens as a node knows them. They change while it runs: another process makes a new one, and every
//! node signs with the newest and takes what the others signed with it.

use anyhow::Context as _;
use chrono::Duration;

use super::outcome::Outcome;
use crate::app::{App, Clock};
use crate::secrets::keyring::Keyring;
use crate::secrets::signing::{Known, Signing};
use crate::secrets::token::{self, Claims, SigningKey, Verdict};
use crate::store::connect::Database;
use crate::store::signing_key::StoredKey;
use crate::store::transaction::Ledger;

/// For so long an unknown key is not looked for again: forged tokens cost a look-up every few seconds, not one each.
const PATIENCE: Duration = Duration::seconds(2);
/// A superseded key verifies for so long; no token lives longer.
const GRACE: Duration = Duration::days(1);

/// The place string that a signing key is sealed for.
fn place(kid: &str) -> String {
    format!("signing_key.private:{kid}")
}

fn opened(keys: &Keyring, stored: Vec<StoredKey>) -> anyhow::Result<Known> {
    let newest = stored.first().context("no signing key")?;
    let signer = SigningKey {
        kid: newest.kid.clone(),
        pkcs8: keys.open(&place(&newest.kid), &newest.private_sealed)?,
        public_jwk: newest.public_jwk.clone(),
    };
    Ok(Known {
        signer,
        jwks: stored.into_iter().map(|key| key.public_jwk).collect(),
    })
}

/// The keys of a database; one that has none yet gets its first.
///
/// # Errors
/// The database is away; the key file does not open what is stored.
pub async fn load(database: &Database, keys: &Keyring, clock: &Clock) -> anyhow::Result<Signing> {
    let mut stored = database.signing_keys().await?;
    if stored.is_empty() {
        add(database, keys, clock).await?;
        stored = database.signing_keys().await?;
    }
    Ok(Signing::new(opened(keys, stored)?))
}

/// Reads the keys again.
///
/// # Errors
/// The database is away; the key file does not open what is stored.
pub async fn reload(app: &App) -> Outcome<()> {
    let stored = app.database.signing_keys().await?;
    app.signing.learn(opened(&app.keys, stored)?);
    Ok(())
}

/// What a token claims and which key signed it, if it holds. A token of a key that this node has not met makes it look, at most every few
/// seconds; those who come meanwhile wait for the look that is under way.
pub async fn verified(app: &App, bearer: &str) -> Option<(Claims, String)> {
    let now = app.clock.now();
    match token::verify(bearer, &app.signing.known().jwks, now) {
        Verdict::Holds(claims, kid) => return Some((claims, kid)),
        Verdict::Fails => return None,
        Verdict::UnknownKey => {}
    }
    let mut sought = app.signing.sought.lock().await;
    if sought.is_none_or(|at| now - at >= PATIENCE || now < at) {
        if let Err(failure) = reload(app).await {
            tracing::warn!(?failure, "the signing keys cannot be read");
        }
        *sought = Some(now);
    }
    drop(sought);
    match token::verify(bearer, &app.signing.known().jwks, now) {
        Verdict::Holds(claims, kid) => Some((claims, kid)),
        Verdict::Fails | Verdict::UnknownKey => None,
    }
}

/// Makes a signing key and, where it is missing, the log's counter row.
async fn add(database: &Database, keys: &Keyring, clock: &Clock) -> anyhow::Result<()> {
    rotate(database, keys, clock, None).await.map(|_| ())
}

/// Makes a new key. `retire` says what becomes of the others: those that were superseded a day ago, or all at once.
/// Returns how many were retired.
///
/// # Errors
/// The database is away, or no randomness.
pub async fn rotate(database: &Database, keys: &Keyring, clock: &Clock, retire: Option<Retire>) -> anyhow::Result<u64> {
    let key = SigningKey::generate()?;
    let private_sealed = keys.seal(&place(&key.kid), &key.pkcs8)?;
    let write = database.write().await?;
    write
        .ensure_counter(&domain::ids::encode(u128::from_be_bytes(crate::secrets::random()?)))
        .await?;
    let now = clock.now();
    let retired = match retire {
        Some(Retire::Superseded) => write.retire_signing_keys(Some(now - GRACE), now).await?,
        Some(Retire::All) => write.retire_signing_keys(None, now).await?,
        None => 0,
    };
    write
        .keep_signing_key(StoredKey {
            kid: key.kid,
            private_sealed,
            public_jwk: key.public_jwk,
            created_at: now,
            retired_at: None,
        })
        .await?;
    write.finish(Ledger::default(), now).await?;
    Ok(retired)
}

/// Which keys a new one retires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retire {
    /// Those that another took over from more than a day ago.
    Superseded,
    /// All: every access token ends at once.
    All,
}
