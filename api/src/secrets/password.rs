//! Passwords: argon2id, off the async threads, never more at once than there are cores.

use std::sync::Arc;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, PasswordHash, Version};
use tokio::sync::Semaphore;

/// Hashes and verifies; one per process.
#[derive(Clone)]
pub struct Passwords {
    places: Arc<Semaphore>,
    /// Verified when the account does not exist, so that both answers take the same time.
    decoy: Arc<str>,
}

fn hasher() -> Argon2<'static> {
    // OWASP's second recommendation: 19 MiB, two passes, one lane.
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The PHC string of a password.
///
/// # Errors
/// The password is too long for argon2, or there is no randomness.
pub fn hash(password: &str) -> anyhow::Result<String> {
    let salt = super::random::<16>()?;
    let hash = hasher()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|e| anyhow::anyhow!("{e}"))?;
    Ok(hash.to_string())
}

fn verify_now(password: &str, phc: &str) -> bool {
    PasswordHash::new(phc).is_ok_and(|parsed| hasher().verify_password(password.as_bytes(), &parsed).is_ok())
}

impl Passwords {
    /// # Errors
    /// No randomness for the decoy.
    pub fn new(cores: usize) -> anyhow::Result<Self> {
        let decoy = hash(
            &super::random::<16>()?
                .iter()
                .map(|b| char::from(b'a' + b % 26))
                .collect::<String>(),
        )?;
        Ok(Self {
            places: Arc::new(Semaphore::new(cores.max(1))),
            decoy: decoy.into(),
        })
    }

    /// The PHC string of a new password.
    ///
    /// # Errors
    /// No randomness.
    pub async fn hash(&self, password: String) -> anyhow::Result<String> {
        let _place = self.places.clone().acquire_owned().await?;
        tokio::task::spawn_blocking(move || hash(&password)).await?
    }

    /// Whether the password fits; `None` (no such account) costs the same as a wrong password.
    pub async fn verify(&self, password: String, stored: Option<String>) -> bool {
        let known = stored.is_some();
        let phc = stored.unwrap_or_else(|| self.decoy.to_string());
        let Ok(_place) = self.places.clone().acquire_owned().await else {
            return false;
        };
        let fits = tokio::task::spawn_blocking(move || verify_now(&password, &phc))
            .await
            .unwrap_or(false);
        fits && known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_an_account_fits() {
        let passwords = Passwords::new(1).unwrap();
        let stored = hash("correct horse").unwrap();
        assert!(passwords.verify("correct horse".into(), Some(stored.clone())).await);
        assert!(!passwords.verify("wrong horse".into(), Some(stored)).await);
        assert!(!passwords.verify("correct horse".into(), None).await);
    }
}
