//! Chunks 分块 of files that are kept in the database: compressed, then sealed with the deployment's key.

use std::io::{Read as _, Write as _};

use anyhow::Context as _;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use super::outcome::Outcome;
use crate::secrets::keyring::Keyring;
pub use crate::store::export_file::CHUNK;

/// Compresses and seals the content of a chunk; it is bound to a column and to the id of its row.
///
/// # Errors
/// No randomness.
pub fn close(keys: &Keyring, (column, id): (&str, &str), plain: &[u8]) -> Outcome<String> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).context("a chunk cannot be compressed")?;
    let packed = encoder.finish().context("a chunk cannot be compressed")?;
    Ok(keys.seal(&format!("{column}:{id}"), &packed)?)
}

/// The bytes of a chunk as it is kept.
///
/// # Errors
/// It was sealed by a key that is not there any more, or is not ours.
pub fn open(keys: &Keyring, (column, id): (&str, &str), sealed: &str) -> Outcome<Vec<u8>> {
    let packed = keys.open(&format!("{column}:{id}"), sealed)?;
    let mut plain = Vec::new();
    let most = u64::try_from(CHUNK).unwrap_or(u64::MAX);
    DeflateDecoder::new(packed.as_slice())
        .take(most)
        .read_to_end(&mut plain)
        .context("a chunk is damaged")?;
    Ok(plain)
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
