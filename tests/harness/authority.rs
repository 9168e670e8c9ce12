//! A certificate authority of a test, whose keys nobody keeps, and what servers show that it vouches for.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// A certificate with its key, as a server shows it.
pub type Identity = Arc<ServerConfig>;

/// It vouches for servers; whoever names it as trusted believes them.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    /// A new one; two of one name are two.
    ///
    /// # Panics
    /// Where no keys can be made.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// Its certificate, for who trusts it.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Vouches for a host.
    #[must_use]
    pub fn vouch(&self, host: &str) -> Identity {
        self.sign(&params(host))
    }

    /// Vouched for a host until the end of 2024.
    #[must_use]
    pub fn vouched(&self, host: &str) -> Identity {
        let mut params = params(host);
        params.not_before = date_time_ymd(2024, 1, 1);
        params.not_after = date_time_ymd(2024, 12, 31);
        self.sign(&params)
    }

    fn sign(&self, params: &CertificateParams) -> Identity {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key.into())
            .expect("certificate and key belong together");
        Arc::new(config)
    }
}

fn params(host: &str) -> CertificateParams {
    CertificateParams::new([host.to_owned()]).expect("a host")
}
