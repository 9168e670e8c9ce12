//! What must not be read or forged: sealed fields, keyed hashes, passwords, tokens, cursors.

pub mod cursor;
pub mod keyring;
pub mod password;
pub mod signing;
pub mod token;
pub mod webhook;

/// Random bytes from the system; chance enters the house here and in [`crate::app::Ids`] only.
///
/// # Panics
/// Never: a system without randomness yields an error to the caller.
pub fn random<const N: usize>() -> Result<[u8; N], SecretError> {
    let mut bytes = [0u8; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| SecretError::NoRandomness)?;
    Ok(bytes)
}

#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("the system gives no randomness")]
    NoRandomness,
    #[error("no key with id `{0}` in the key file")]
    UnknownKey(String),
    #[error("the sealed value does not open: wrong key, row or column")]
    DoesNotOpen,
    #[error("the key file is not readable: {0}")]
    KeyFile(String),
}
