//! Authorities 证书颁发机构 that the deployment trusts beside those of the system: of a closed network, whose receivers have certificates
//! of its own authority.

use reqwest::{Certificate, Client};

/// Certificates of authorities; none by default.
#[derive(Debug, Clone, Default)]
pub struct Authorities(Vec<Certificate>);

impl Authorities {
    /// Reads certificates in PEM form, one behind another.
    ///
    /// # Errors
    /// There is none, or one that cannot be trusted: what an operator names is all there or nothing.
    pub fn read(pem: &[u8]) -> anyhow::Result<Self> {
        let all = Certificate::from_pem_bundle(pem)?;
        anyhow::ensure!(!all.is_empty(), "no certificate in PEM form");
        // Whether they are certificates at all is found where they are put to use.
        Client::builder().tls_certs_only(all.clone()).build()?;
        Ok(Self(all))
    }

    pub(super) fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn all(&self) -> Vec<Certificate> {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_no_certificate_is_refused() {
        let broken = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
        for wrong in ["", "no certificate", broken] {
            assert!(Authorities::read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
