//! An address that messages may be sent to, and the look at where its name leads.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

pub use reqwest::Url;

use super::networks::Networks;

/// Longest address.
pub const LONGEST: usize = 2_000;
/// Time for a name to be resolved.
const RESOLVING: Duration = Duration::from_secs(5);
/// Ports below this belong to other services, but for those of the web.
const FREE_PORTS: u16 = 1024;

/// Why nothing is sent to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("no whole address")]
    NotAUrl,
    #[error("a user name or password in the address")]
    Credentials,
    #[error("only https")]
    NotHttps,
    #[error("this port is not allowed")]
    Port,
    #[error("the name does not resolve")]
    NoSuchName,
    #[error("its address lies in no network that is allowed")]
    NotPublic,
}

impl Refusal {
    /// The code, as `params.reason` has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAUrl => "NOT_A_URL",
            Self::Credentials => "CREDENTIALS_IN_ADDRESS",
            Self::NotHttps => "NOT_HTTPS",
            Self::Port => "PORT",
            Self::NoSuchName => "NO_SUCH_NAME",
            Self::NotPublic => "NOT_PUBLIC",
        }
    }
}

/// Whether a request over this scheme may go to an address: plain http only to networks that the deployment names.
#[must_use]
pub fn may_reach(networks: &Networks, secure: bool, address: IpAddr) -> bool {
    if secure {
        networks.allow(address)
    } else {
        networks.names(address)
    }
}

/// Reads an address and judges all of it that needs no look-up: scheme, user, port, and a host that is given as a number,
/// however it is written (`2130706433`, `0x7f.1`, `[::ffff:7f00:1]`).
///
/// # Errors
/// What stands against it.
pub fn read(text: &str, networks: &Networks) -> Result<Url, Refusal> {
    if text.len() > LONGEST || !text.is_ascii() || text.bytes().any(|byte| byte.is_ascii_control() || byte == b' ') {
        return Err(Refusal::NotAUrl);
    }
    let url = Url::parse(text).map_err(|_| Refusal::NotAUrl)?;
    let secure = match url.scheme() {
        "https" => true,
        "http" => false,
        _ => return Err(Refusal::NotHttps),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::Credentials);
    }
    let port = url.port_or_known_default().unwrap_or_default();
    if port < FREE_PORTS && port != if secure { 443 } else { 80 } {
        return Err(Refusal::Port);
    }
    if url.fragment().is_some() {
        return Err(Refusal::NotAUrl);
    }
    match literal(&url) {
        Some(address) if !may_reach(networks, secure, address) => Err(refused(networks, secure, address)),
        Some(_) => Ok(url),
        None if url.host_str().is_none_or(str::is_empty) => Err(Refusal::NotAUrl),
        None => Ok(url),
    }
}

/// The address that a URL names by number.
fn literal(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    let host = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    host.parse().ok()
}

/// Of a public address over plain http the scheme is what is wrong.
fn refused(networks: &Networks, secure: bool, address: IpAddr) -> Refusal {
    match !secure && networks.allow(address) {
        true => Refusal::NotHttps,
        false => Refusal::NotPublic,
    }
}

/// The addresses of a name, all of which may be reached.
///
/// # Errors
/// The name does not resolve in time, or one of its addresses may not be reached.
pub async fn resolve(host: &str, secure: bool, networks: &Networks) -> Result<Vec<SocketAddr>, Refusal> {
    let found = tokio::time::timeout(RESOLVING, tokio::net::lookup_host((host, 0))).await;
    let found: Vec<SocketAddr> = found
        .map_err(|_| Refusal::NoSuchName)?
        .map_err(|_| Refusal::NoSuchName)?
        .collect();
    if found.is_empty() {
        return Err(Refusal::NoSuchName);
    }
    match found.iter().find(|one| !may_reach(networks, secure, one.ip())) {
        Some(one) => Err(refused(networks, secure, one.ip())),
        None => Ok(found),
    }
}

/// Reads an address and looks where its name leads now. Where it leads is looked at again with each connection.
///
/// # Errors
/// What stands against it.
pub async fn check(text: &str, networks: &Networks) -> Result<Url, Refusal> {
    let url = read(text, networks)?;
    if literal(&url).is_none() {
        let host = url.host_str().unwrap_or_default();
        resolve(host, url.scheme() == "https", networks).await?;
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(text: &str) -> Option<Refusal> {
        read(text, &Networks::default()).err()
    }

    #[test]
    fn an_address_is_https_to_a_host_of_the_internet() {
        for fine in [
            "https://hooks.example/in?key=1",
            "https://1.1.1.1/",
            "https://[2606:4700::1111]:8443/x",
            "https://hooks.example:443",
        ] {
            assert_eq!(judged(fine), None, "{fine}");
        }
        for (wrong, why) in [
            ("hooks.example", Refusal::NotAUrl),
            ("https://", Refusal::NotAUrl),
            ("https://hooks.example/#part", Refusal::NotAUrl),
            ("https://hooks.example/a b", Refusal::NotAUrl),
            ("https://hooks.example/\u{4e2d}", Refusal::NotAUrl),
            ("file:///etc/passwd", Refusal::NotHttps),
            ("ftp://hooks.example/", Refusal::NotHttps),
            ("gopher://hooks.example/", Refusal::NotHttps),
            ("https://user@hooks.example/", Refusal::Credentials),
            ("https://user:secret@hooks.example/", Refusal::Credentials),
            ("https://hooks.example:22/", Refusal::Port),
            ("https://hooks.example:80/", Refusal::Port),
            ("https://hooks.example:0/", Refusal::Port),
            ("http://1.1.1.1/", Refusal::NotHttps),
        ] {
            assert_eq!(judged(wrong), Some(why), "{wrong}");
        }
    }

    #[test]
    fn a_number_is_a_number_however_it_is_written() {
        for inward in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://127.0.0.1./",
            "https://10.1.2.3/",
            "https://169.254.169.254/latest/meta-data/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://[fe80::1]/",
            "https://0/",
        ] {
            assert_eq!(judged(inward), Some(Refusal::NotPublic), "{inward}");
        }
    }

    #[test]
    fn plain_http_goes_to_named_networks_only() {
        let networks = Networks::from(vec!["127.0.0.0/8".parse().unwrap()]);
        assert!(read("http://127.0.0.1:8081/in", &networks).is_ok());
        assert!(read("https://127.0.0.1:8081/in", &networks).is_ok());
        assert_eq!(
            read("http://10.0.0.1:8081/in", &networks).err(),
            Some(Refusal::NotPublic)
        );
        assert_eq!(read("http://1.1.1.1/", &networks).err(), Some(Refusal::NotHttps));
    }

    #[tokio::test]
    async fn a_name_is_where_it_leads() {
        let none = Networks::default();
        assert_eq!(check("https://localhost/", &none).await.err(), Some(Refusal::NotPublic));
        let own = Networks::from(vec!["127.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()]);
        assert!(check("http://localhost:9000/", &own).await.is_ok());
        assert_eq!(
            check("https://no-such-name.invalid/", &none).await.err(),
            Some(Refusal::NoSuchName)
        );
    }
}
