//! Log cursors: epoch, position, sub-position and account, encrypted and authenticated; opaque to everybody else.

use super::SecretError;
use super::keyring::Keyring;

const PLACE: &str = "log cursor";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogCursor {
    pub epoch: String,
    pub position: i64,
    pub sub: i64,
    pub account: String,
    /// How far the telling of the structural event at this place has come; `None` behind all of it.
    pub inside: Option<String>,
}

impl LogCursor {
    /// An account's cursor of a place in an epoch of the log: position and sub-position.
    #[must_use]
    pub fn of(account: &str, epoch: &str, (position, sub): (i64, i64)) -> Self {
        Self {
            epoch: epoch.to_owned(),
            position,
            sub,
            account: account.to_owned(),
            inside: None,
        }
    }

    /// The text that clients keep.
    ///
    /// # Errors
    /// No randomness.
    pub fn seal(&self, keys: &Keyring) -> Result<String, SecretError> {
        keys.seal(
            PLACE,
            format!(
                "{}|{}|{}|{}|{}",
                self.epoch,
                self.position,
                self.sub,
                self.account,
                self.inside.as_deref().unwrap_or_default()
            )
            .as_bytes(),
        )
    }

    /// Reads a cursor that a client brings.
    ///
    /// # Errors
    /// [`SecretError::DoesNotOpen`] for anything that this deployment did not seal.
    pub fn open(keys: &Keyring, text: &str) -> Result<Self, SecretError> {
        let plain = String::from_utf8(keys.open(PLACE, text)?).map_err(|_| SecretError::DoesNotOpen)?;
        let mut parts = plain.splitn(5, '|');
        let mut next = || parts.next().ok_or(SecretError::DoesNotOpen);
        let (epoch, position, sub, account) = (next()?, next()?, next()?, next()?);
        let inside = next()?;
        let number = |text: &str| text.parse::<i64>().map_err(|_| SecretError::DoesNotOpen);
        Ok(Self {
            epoch: epoch.to_owned(),
            position: number(position)?,
            sub: number(sub)?,
            account: account.to_owned(),
            inside: (!inside.is_empty()).then(|| inside.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bit_flipped_cursor_does_not_open() {
        let keys = Keyring::parse(&Keyring::new_line().unwrap()).unwrap();
        let cursor = LogCursor {
            epoch: "e1".into(),
            position: 41,
            sub: 2,
            account: "acc_1".into(),
            inside: Some("0:MEMBER:mbr_1".into()),
        };
        let text = cursor.seal(&keys).unwrap();
        assert_eq!(LogCursor::open(&keys, &text).unwrap(), cursor);
        let flipped = format!(
            "{}{}",
            &text[..text.len() - 1],
            if text.ends_with('A') { 'Q' } else { 'A' }
        );
        assert!(LogCursor::open(&keys, &flipped).is_err());
    }
}
