//! The key file: one `id:base64(32 bytes)` a line, the last line seals, all of them open.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as B64;

use super::{SecretError, random};

#[derive(Clone)]
struct Key {
    id: String,
    bytes: [u8; 32],
}

/// Keys of the deployment. Cloning is cheap enough: a handful of 32-byte keys.
#[derive(Clone)]
pub struct Keyring {
    keys: Vec<Key>,
    active: Key,
}

impl Keyring {
    /// Reads the key file's text.
    ///
    /// # Errors
    /// [`SecretError::KeyFile`] with the line at fault; never with key material.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let mut keys = Vec::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let at = |what: &str| SecretError::KeyFile(format!("line {}: {what}", number + 1));
            let (id, coded) = line.trim().split_once(':').ok_or_else(|| at("expected `id:base64`"))?;
            let bytes = B64.decode(coded.trim_end_matches('=')).map_err(|_| at("not base64"))?;
            let bytes = bytes.try_into().map_err(|_| at("a key has 32 bytes"))?;
            keys.push(Key {
                id: id.to_owned(),
                bytes,
            });
        }
        let active = keys
            .last()
            .cloned()
            .ok_or_else(|| SecretError::KeyFile("no key in it".to_owned()))?;
        Ok(Self { keys, active })
    }

    /// Ids of all keys, the oldest first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|key| key.id.as_str())
    }

    /// Id of the key that seals.
    #[must_use]
    pub fn active_id(&self) -> &str {
        &self.active.id
    }

    /// A line with a fresh key for the key file.
    ///
    /// # Errors
    /// No randomness.
    pub fn new_line() -> Result<String, SecretError> {
        let id = random::<4>()?
            .iter()
            .fold(String::from("k"), |id, byte| format!("{id}{byte:02x}"));
        Ok(format!("{id}:{}\n", B64.encode(random::<32>()?)))
    }

    /// Seals `plain` for one row and column: `key id:base64(nonce ‖ ciphertext)`.
    ///
    /// # Errors
    /// No randomness.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Result<String, SecretError> {
        let nonce = random::<12>()?;
        let mut sealed = plain.to_vec();
        cipher(&self.active.bytes)?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.as_bytes()),
                &mut sealed,
            )
            .map_err(|_| SecretError::DoesNotOpen)?;
        Ok(format!(
            "{}:{}",
            self.active.id,
            B64.encode([&nonce[..], &sealed].concat())
        ))
    }

    /// Opens what [`Keyring::seal`] made for the same place.
    ///
    /// # Errors
    /// Unknown key id, or a value of another row, column or key.
    pub fn open(&self, place: &str, sealed: &str) -> Result<Vec<u8>, SecretError> {
        let (id, coded) = sealed.split_once(':').ok_or(SecretError::DoesNotOpen)?;
        let key = self
            .keys
            .iter()
            .find(|key| key.id == id)
            .ok_or_else(|| SecretError::UnknownKey(id.to_owned()))?;
        let bytes = B64.decode(coded).map_err(|_| SecretError::DoesNotOpen)?;
        let (nonce, rest) = bytes.split_at_checked(12).ok_or(SecretError::DoesNotOpen)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SecretError::DoesNotOpen)?;
        let mut rest = rest.to_vec();
        let plain = cipher(&key.bytes)?
            .open_in_place(nonce, Aad::from(place.as_bytes()), &mut rest)
            .map_err(|_| SecretError::DoesNotOpen)?;
        Ok(plain.to_vec())
    }

    /// Keyed hash for equality search, by the active key: `key id:base64`.
    #[must_use]
    pub fn search_hash(&self, column: &str, plain: &str) -> String {
        hash_by(&self.active, column, plain)
    }

    /// The hash under every key of the file: what a search compares with, so that it finds rows of before a rotation.
    #[must_use]
    pub fn search_hashes(&self, column: &str, plain: &str) -> Vec<String> {
        self.keys.iter().map(|key| hash_by(key, column, plain)).collect()
    }

    /// Whether a sealed value or a hash was made with another than the active key.
    #[must_use]
    pub fn is_outdated(&self, made: &str) -> bool {
        made.split_once(':').is_none_or(|(id, _)| id != self.active.id)
    }
}

fn hash_by(key: &Key, column: &str, plain: &str) -> String {
    let sign = hmac::Key::new(hmac::HMAC_SHA256, &key.bytes);
    let tag = hmac::sign(&sign, format!("search:{column}:{plain}").as_bytes());
    format!("{}:{}", key.id, B64.encode(tag))
}

fn cipher(bytes: &[u8; 32]) -> Result<LessSafeKey, SecretError> {
    UnboundKey::new(&AES_256_GCM, bytes)
        .map(LessSafeKey::new)
        .map_err(|_| SecretError::DoesNotOpen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_only_in_its_place_and_survives_rotation() {
        let first = Keyring::new_line().unwrap();
        let old = Keyring::parse(&first).unwrap();
        let sealed = old.seal("member.phone:mbr_1", b"0573").unwrap();
        let rotated = Keyring::parse(&format!("{first}{}", Keyring::new_line().unwrap())).unwrap();
        assert_eq!(rotated.open("member.phone:mbr_1", &sealed).unwrap(), b"0573");
        assert!(rotated.open("member.phone:mbr_2", &sealed).is_err());
        assert!(old.open("x", &rotated.seal("x", b"y").unwrap()).is_err());
        assert!(
            rotated
                .search_hashes("phone", "1")
                .contains(&old.search_hash("phone", "1"))
        );
        assert_ne!(old.search_hash("phone", "1"), rotated.search_hash("phone", "1"));
        assert!(rotated.is_outdated(&sealed) && !old.is_outdated(&sealed));
    }

    #[test]
    fn a_broken_key_file_names_its_line() {
        let error = Keyring::parse("k1:AAAA\n").err().unwrap().to_string();
        assert!(error.contains("line 1") && error.contains("32 bytes"), "{error}");
    }
}
