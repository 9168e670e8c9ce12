//! Access tokens: short Ed25519 JWT with `kid`; refresh tokens: opaque, prefixed, with checksum, stored hashed.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64URL;
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

pub const ISSUER: &str = "orglife";
pub const AUDIENCE: &str = "orglife-api";
/// Seconds that clocks of nodes and clients may differ.
const LEEWAY: i64 = 30;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    /// Account id. Rights never stand in a token.
    pub sub: String,
    pub iss: String,
    pub aud: String,
    pub iat: i64,
    pub nbf: i64,
    pub exp: i64,
    pub jti: String,
    /// The account's `auth_epoch` at issue: raising it revokes every token at once.
    pub epoch: i64,
}

/// A signing key as the database keeps it, opened.
#[derive(Clone)]
pub struct SigningKey {
    pub kid: String,
    pub pkcs8: Vec<u8>,
    pub public_jwk: serde_json::Value,
}

impl SigningKey {
    /// A fresh key; its id is the RFC 7638 thumbprint.
    ///
    /// # Errors
    /// No randomness.
    pub fn generate() -> anyhow::Result<Self> {
        let document = Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new())?;
        let pair = Ed25519KeyPair::from_pkcs8(document.as_ref())?;
        let x = B64URL.encode(pair.public_key().as_ref());
        let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        let kid = B64URL.encode(digest::digest(&digest::SHA256, canonical.as_bytes()));
        let public_jwk =
            serde_json::json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "alg": "EdDSA", "use": "sig"});
        Ok(Self {
            kid,
            pkcs8: document.as_ref().to_vec(),
            public_jwk,
        })
    }

    /// Signs claims.
    ///
    /// # Errors
    /// The key is not a PKCS#8 Ed25519 key.
    pub fn sign(&self, claims: &Claims) -> anyhow::Result<String> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.kid.clone());
        header.typ = Some("at+jwt".to_owned());
        Ok(jsonwebtoken::encode(
            &header,
            claims,
            &EncodingKey::from_ed_der(&self.pkcs8),
        )?)
    }
}

/// What a look at a token tells.
#[derive(Debug)]
pub enum Verdict {
    /// What it claims, and the id of the key that signed it.
    Holds(Claims, String),
    /// Forged, for others, or its time is over.
    Fails,
    /// It names a key that is not among those given.
    UnknownKey,
}

/// Checks a token against the public keys by `kid`; the algorithm comes from the key, never from the token.
#[must_use]
pub fn verify(token: &str, jwks: &[serde_json::Value], now: DateTime<Utc>) -> Verdict {
    let header = jsonwebtoken::decode_header(token).ok();
    let header = header.filter(|header| header.typ.as_deref() == Some("at+jwt"));
    let Some(kid) = header.and_then(|header| header.kid) else {
        return Verdict::Fails;
    };
    let named = |jwk: &&serde_json::Value| jwk.get("kid").and_then(|v| v.as_str()) == Some(&kid);
    match jwks.iter().find(named) {
        Some(jwk) => verify_by(token, jwk, now).map_or(Verdict::Fails, |claims| Verdict::Holds(claims, kid)),
        None => Verdict::UnknownKey,
    }
}

fn verify_by(token: &str, jwk: &serde_json::Value, now: DateTime<Utc>) -> Option<Claims> {
    let key = DecodingKey::from_ed_components(jwk.get("x")?.as_str()?).ok()?;
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
    // Times are compared below, against the server's own clock.
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation).ok()?.claims;
    let now = now.timestamp();
    (claims.nbf <= now.saturating_add(LEEWAY) && claims.exp > now.saturating_sub(LEEWAY)).then_some(claims)
}

/// A fresh opaque token: prefix, 32 random bytes, 32-bit checksum, so that scanners need no look-up.
///
/// # Errors
/// No randomness.
pub fn opaque(prefix: &str) -> Result<String, super::SecretError> {
    let body = B64URL.encode(super::random::<32>()?);
    let sum = digest::digest(&digest::SHA256, body.as_bytes());
    Ok(format!(
        "{prefix}_{body}{}",
        B64URL.encode(sum.as_ref().get(..4).unwrap_or_default())
    ))
}

/// SHA-256 of a token, as stored.
#[must_use]
pub fn fingerprint(token: &str) -> String {
    B64URL.encode(digest::digest(&digest::SHA256, token.as_bytes()))
}

/// A service account's secret as it is stored where a person's password hash is.
#[must_use]
pub fn stored_secret(secret: &str) -> String {
    format!("sha256:{}", fingerprint(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(exp: i64) -> Claims {
        Claims {
            sub: "acc_1".into(),
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            iat: 0,
            nbf: 0,
            exp,
            jti: "1".into(),
            epoch: 0,
        }
    }

    #[test]
    fn a_token_holds_for_its_key_and_its_time() {
        let (key, other) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
        let token = key.sign(&claims(i64::from(u32::MAX))).unwrap();
        let own = std::slice::from_ref(&key.public_jwk);
        let verdict = verify(&token, own, DateTime::UNIX_EPOCH);
        assert!(
            matches!(&verdict, Verdict::Holds(claims, kid) if claims.sub == "acc_1" && *kid == key.kid),
            "{verdict:?}"
        );
        let unknown = verify(&token, &[other.public_jwk], DateTime::UNIX_EPOCH);
        assert!(matches!(unknown, Verdict::UnknownKey));
        let later = DateTime::from_timestamp(100, 0).unwrap();
        assert!(matches!(
            verify(&key.sign(&claims(1)).unwrap(), own, later),
            Verdict::Fails
        ));
        assert!(matches!(verify("no token", own, later), Verdict::Fails));
    }
}
