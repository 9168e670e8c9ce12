//! The one way a request goes out: to an address that was looked at for this very connection, without redirects, proxies,
//! cookies or names of where one came from, in bounded time, and of the answer hardly more is read than its status.

use std::error::Error as _;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, ClientBuilder, redirect};

use super::address::{self, Refusal, Url};
use super::authorities::Authorities;
use super::networks::Networks;

/// Bytes of an answer's body that are read, so that its connection can be used again; none of them is kept.
const READ: usize = 16 * 1024;

/// Sends messages.
#[derive(Clone)]
pub struct Sender {
    networks: Networks,
    /// For https; none where the system has no certificates to trust.
    secure: Option<Client>,
    /// For http, which goes to named networks only.
    plain: Option<Client>,
}

/// A message on its way out.
pub struct Envelope {
    /// As it was checked when it was registered; it is looked at again.
    pub url: String,
    pub headers: HeaderMap,
    /// JSON.
    pub body: Vec<u8>,
}

/// What a receiver said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Seconds that it asks to wait.
    pub retry_after: Option<u32>,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    Refused(Refusal),
    Connect,
    Tls,
    TimedOut,
    Broken,
}

/// Looks a name up for one connection: what is checked is what is connected to.
struct Guarded {
    networks: Networks,
    secure: bool,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (networks, secure) = (self.networks.clone(), self.secure);
        Box::pin(async move {
            let found = address::resolve(name.as_str(), secure, &networks).await?;
            let found: Addrs = Box::new(found.into_iter());
            Ok(found)
        })
    }
}

fn client((networks, authorities): (&Networks, &Authorities), secure: bool, time: Duration) -> Option<Client> {
    let mut built: ClientBuilder = Client::builder()
        .dns_resolver(Guarded {
            networks: networks.clone(),
            secure,
        })
        .https_only(secure)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .user_agent(concat!("orglife/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(time.min(Duration::from_secs(5)))
        .timeout(time)
        .pool_max_idle_per_host(1)
        .pool_idle_timeout(Duration::from_secs(20));
    if secure && !authorities.is_none() {
        // Merging reads all that the system trusts into memory at once; without, it is read when somebody is to be believed.
        built = built.tls_certs_merge(authorities.all());
    }
    match built.build() {
        Ok(client) => Some(client),
        Err(error) => {
            tracing::error!(%error, secure, "no client for webhooks: nothing can be sent this way");
            None
        }
    }
}

impl Sender {
    /// `time`: the longest that one request may take, from the look at its name to the end of the answer.
    #[must_use]
    pub fn new(networks: &Networks, authorities: &Authorities, time: Duration) -> Self {
        Self {
            secure: client((networks, authorities), true, time),
            plain: client((networks, authorities), false, time),
            networks: networks.clone(),
        }
    }

    /// Sends a message once.
    ///
    /// # Errors
    /// There was no whole answer in time.
    pub async fn send(&self, envelope: Envelope) -> Result<Answer, Failed> {
        // The deployment may have named other networks since it was registered.
        let url = address::read(&envelope.url, &self.networks).map_err(Failed::Refused)?;
        let client = self.client(&url).ok_or(Failed::Tls)?;
        let request = client
            .post(url)
            .headers(envelope.headers)
            .header(CONTENT_TYPE, "application/json")
            .body(envelope.body);
        let mut response = request.send().await.map_err(|error| failed(&error))?;
        let answer = Answer {
            status: response.status().as_u16(),
            retry_after: retry_after(response.headers()),
        };
        let mut read = 0;
        // Whoever goes on talking is hung up on; what the status says holds.
        while let Ok(Some(chunk)) = response.chunk().await {
            read += chunk.len();
            if read > READ {
                break;
            }
        }
        Ok(answer)
    }

    fn client(&self, url: &Url) -> Option<&Client> {
        match url.scheme() {
            "https" => self.secure.as_ref(),
            _ => self.plain.as_ref(),
        }
    }
}

/// Seconds; dates are for browsers.
fn retry_after(headers: &HeaderMap) -> Option<u32> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

/// Whether the connection stood and the secure one did not: rustls says so as invalid data, within other errors.
fn is_of_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    let Some(error) = error.downcast_ref::<std::io::Error>() else {
        return false;
    };
    error.kind() == std::io::ErrorKind::InvalidData || error.get_ref().is_some_and(|inner| is_of_tls(inner))
}

fn failed(error: &reqwest::Error) -> Failed {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(refusal) = inner.downcast_ref::<Refusal>() {
            return Failed::Refused(*refusal);
        }
        if error.is_connect() && is_of_tls(inner) {
            return Failed::Tls;
        }
        cause = inner.source();
    }
    if error.is_timeout() {
        Failed::TimedOut
    } else if error.is_connect() {
        Failed::Connect
    } else {
        Failed::Broken
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    fn loopback() -> Sender {
        let networks = Networks::from(vec!["127.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()]);
        Sender::new(&networks, &Authorities::default(), Duration::from_millis(500))
    }

    fn envelope(url: String) -> Envelope {
        Envelope {
            url,
            headers: HeaderMap::new(),
            body: b"{}".to_vec(),
        }
    }

    /// A port where somebody says this to whatever they hear.
    async fn says(answer: &'static str) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        port
    }

    #[tokio::test]
    async fn what_came_of_a_request_is_told_apart() {
        let sender = loopback();
        let port = says("HTTP/1.1 429 X\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n").await;
        let answer = sender
            .send(envelope(format!("http://127.0.0.1:{port}/")))
            .await
            .unwrap();
        assert_eq!((answer.status, answer.retry_after), (429, Some(7)));
        let named = sender
            .send(envelope(format!("http://localhost:{port}/")))
            .await
            .unwrap();
        assert_eq!(named.status, 429, "a name leads there as well");
        let tls = sender.send(envelope(format!("https://127.0.0.1:{port}/"))).await;
        assert_eq!(tls.unwrap_err(), Failed::Tls, "who speaks no TLS");
        let port = says("nonsense\r\n\r\n").await;
        let broken = sender.send(envelope(format!("http://127.0.0.1:{port}/"))).await;
        assert_eq!(broken.unwrap_err(), Failed::Broken);
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = silent.local_addr().unwrap().port();
        let waited = sender.send(envelope(format!("http://127.0.0.1:{port}/"))).await;
        assert_eq!(waited.unwrap_err(), Failed::TimedOut);
        drop(silent);
        let nobody = sender.send(envelope(format!("http://127.0.0.1:{port}/"))).await;
        assert_eq!(nobody.unwrap_err(), Failed::Connect);
    }

    #[tokio::test]
    async fn a_name_that_leads_inwards_is_not_connected_to() {
        let port = says("HTTP/1.1 200 X\r\ncontent-length: 0\r\n\r\n").await;
        let sender = Sender::new(&Networks::default(), &Authorities::default(), Duration::from_secs(2));
        for (url, why) in [
            (format!("https://localhost:{port}/"), Refusal::NotPublic),
            (format!("https://127.0.0.1:{port}/"), Refusal::NotPublic),
            (format!("http://localhost:{port}/"), Refusal::NotPublic),
        ] {
            let refused = sender.send(envelope(url.clone())).await;
            assert_eq!(refused.unwrap_err(), Failed::Refused(why), "{url}");
        }
    }
}
