//! Secrets and signatures of webhooks, as the Standard Webhooks specification has them.

use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as B64;

use super::{SecretError, random};

/// What every secret begins with.
const PREFIX: &str = "whsec_";

/// A fresh secret: `whsec_` and 32 random bytes in base64.
///
/// # Errors
/// No randomness.
pub fn secret() -> Result<String, SecretError> {
    Ok(format!("{PREFIX}{}", B64.encode(random::<32>()?)))
}

/// The signature of a message by one secret: `v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64. `timestamp` counts
/// seconds since 1970.
///
/// # Errors
/// A secret that [`secret`] did not make.
pub fn signature(secret: &str, id: &str, timestamp: i64, body: &[u8]) -> Result<String, SecretError> {
    let coded = secret.strip_prefix(PREFIX).ok_or(SecretError::DoesNotOpen)?;
    let key = B64.decode(coded).map_err(|_| SecretError::DoesNotOpen)?;
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &key));
    context.update(format!("{id}.{timestamp}.").as_bytes());
    context.update(body);
    Ok(format!("v1,{}", B64.encode(context.sign())))
}

/// The id of a message about a place in the log: the same for each attempt, on each node, after each crash; it tells nothing of
/// the place to who does not know the salt.
#[must_use]
pub fn message_id(salt: &str, epoch: &str, (position, sub): (i64, i64), part: i64) -> String {
    let text = format!("{salt}|{epoch}|{position}|{sub}|{part}");
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    let bits = hash.as_ref().iter().take(16);
    format!(
        "evt_{}",
        domain::ids::encode(bits.fold(0, |bits, byte| bits << 8 | u128::from(*byte)))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_comes_out() {
        let body = br#"{"test": 2432232314}"#;
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let signed = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body).unwrap();
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_message_has_one_id_and_another_one_another() {
        let id = message_id("s", "e", (7, 1), 0);
        assert_eq!(id, message_id("s", "e", (7, 1), 0));
        for other in [
            message_id("t", "e", (7, 1), 0),
            message_id("s", "f", (7, 1), 0),
            message_id("s", "e", (7, 2), 0),
            message_id("s", "e", (7, 1), 1),
        ] {
            assert_ne!(id, other);
        }
        assert!(id.len() == 30 && id.starts_with("evt_"), "{id}");
    }

    #[test]
    fn what_is_no_secret_signs_nothing() {
        assert!(signature("ols_abc", "a", 1, b"").is_err());
        assert!(signature("whsec_!", "a", 1, b"").is_err());
        assert!(secret().unwrap().len() > 48);
    }
}
