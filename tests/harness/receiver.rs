//! A receiver of webhooks: an HTTP server on loopback, plain or over TLS, that does as it is told and remembers what it got.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::authority::Identity;

/// How a receiver answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Manner {
    /// This status, with an empty body.
    Status(u16),
    /// This status and one header more.
    With(u16, &'static str, String),
    /// Nothing, for ever.
    Stall,
    /// 200, and a body that never ends.
    Endless,
}

/// One request that a receiver got.
#[derive(Debug, Clone)]
pub struct Call {
    pub path: String,
    /// By name in small letters.
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
    pub at: Instant,
    /// How it was answered.
    pub manner: Manner,
}

impl Call {
    /// A header's value; empty where it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// Where it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    /// Whether the receiver took it.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        matches!(self.manner, Manner::Status(200..=299) | Manner::Endless)
    }
}

#[derive(Debug)]
struct Shared {
    calls: Vec<Call>,
    manner: Manner,
    /// Bytes of endless bodies that went out.
    poured: usize,
    /// Whom it says to be; none over plain HTTP.
    identity: Option<Identity>,
}

/// It ends with the test's runtime.
#[derive(Debug, Clone)]
pub struct Receiver {
    port: u16,
    shared: Arc<Mutex<Shared>>,
}

impl Receiver {
    /// Listens on a free port of loopback, and takes everything.
    ///
    /// # Panics
    /// Where there is no free port.
    pub async fn start() -> Self {
        Self::begin(None).await
    }

    /// The same over TLS.
    ///
    /// # Panics
    /// Where there is no free port.
    pub async fn secure(identity: Identity) -> Self {
        Self::begin(Some(identity)).await
    }

    async fn begin(identity: Option<Identity>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Mutex::new(Shared {
            calls: Vec::new(),
            manner: Manner::Status(204),
            poured: 0,
            identity,
        }));
        let own = shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(welcome(stream, own.clone()));
            }
        });
        Self { port, shared }
    }

    #[must_use]
    pub fn url(&self) -> String {
        let host = match with(&self.shared, |shared| shared.identity.is_some()) {
            true => "https://localhost",
            false => "http://127.0.0.1",
        };
        format!("{host}:{}/hook", self.port)
    }

    /// Says to be so from the next connection on.
    pub fn shows(&self, identity: Identity) {
        with(&self.shared, |shared| shared.identity = Some(identity));
    }

    /// Answers so from now on.
    pub fn answers(&self, manner: Manner) {
        with(&self.shared, |shared| shared.manner = manner);
    }

    /// What it got so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        with(&self.shared, |shared| shared.calls.clone())
    }

    /// What it took so far.
    #[must_use]
    pub fn taken(&self) -> Vec<Call> {
        self.calls().into_iter().filter(Call::is_taken).collect()
    }

    /// Forgets what it got.
    pub fn forget(&self) {
        with(&self.shared, |shared| shared.calls.clear());
    }

    /// Bytes of endless bodies that somebody took.
    #[must_use]
    pub fn poured(&self) -> usize {
        with(&self.shared, |shared| shared.poured)
    }

    /// Waits until what it got is as wanted; what it got then.
    ///
    /// # Panics
    /// Where that takes longer than `patience`.
    pub async fn until(&self, patience: Duration, wanted: impl Fn(&[Call]) -> bool) -> Vec<Call> {
        let deadline = Instant::now() + patience;
        loop {
            let calls = self.calls();
            if wanted(&calls) {
                return calls;
            }
            assert!(Instant::now() < deadline, "not within {patience:?}: {}", told(&calls));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn told(calls: &[Call]) -> String {
    let one = |call: &Call| format!("{:?} {}", call.manner, String::from_utf8_lossy(&call.body));
    calls.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn with<T>(shared: &Mutex<Shared>, work: impl FnOnce(&mut Shared) -> T) -> T {
    work(&mut shared.lock().unwrap_or_else(PoisonError::into_inner))
}

async fn welcome(stream: TcpStream, shared: Arc<Mutex<Shared>>) {
    match with(&shared, |shared| shared.identity.clone()) {
        None => converse(stream, shared).await,
        // Who does not believe it hangs up.
        Some(identity) => {
            if let Ok(stream) = TlsAcceptor::from(identity).accept(stream).await {
                converse(stream, shared).await;
            }
        }
    }
}

/// Requests of one connection, until it is closed.
async fn converse(mut stream: impl AsyncRead + AsyncWrite + Unpin, shared: Arc<Mutex<Shared>>) {
    let mut read = Vec::new();
    while let Some((mut call, rest)) = next(&mut stream, std::mem::take(&mut read)).await {
        read = rest;
        let manner = with(&shared, |shared| {
            call.manner = shared.manner.clone();
            shared.calls.push(call);
            shared.manner.clone()
        });
        let head = match &manner {
            Manner::Status(status) => format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n"),
            Manner::With(status, name, value) => {
                format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n{name}: {value}\r\n\r\n")
            }
            Manner::Stall => return std::future::pending().await,
            Manner::Endless => "HTTP/1.1 200 X\r\ncontent-length: 1000000000000\r\n\r\n".to_owned(),
        };
        if stream.write_all(head.as_bytes()).await.is_err() || stream.flush().await.is_err() {
            return;
        }
        if manner == Manner::Endless {
            while stream.write_all(&[b'x'; 4096]).await.is_ok() {
                with(&shared, |shared| shared.poured += 4096);
            }
            return;
        }
    }
}

/// The next request of a connection, and what was read behind it.
async fn next(stream: &mut (impl AsyncRead + Unpin), mut read: Vec<u8>) -> Option<(Call, Vec<u8>)> {
    let end = loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        more(stream, &mut read).await?;
    };
    let head = String::from_utf8_lossy(&read[..end]).into_owned();
    let mut lines = head.lines();
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers.get("content-length").and_then(|text| text.parse().ok())?;
    while read.len() < end + 4 + length {
        more(stream, &mut read).await?;
    }
    let rest = read.split_off(end + 4 + length);
    let call = Call {
        path,
        headers,
        body: read.split_off(end + 4),
        at: Instant::now(),
        manner: Manner::Stall,
    };
    Some((call, rest))
}

async fn more(stream: &mut (impl AsyncRead + Unpin), read: &mut Vec<u8>) -> Option<()> {
    let mut chunk = [0; 8192];
    let got = stream.read(&mut chunk).await.ok().filter(|got| *got > 0)?;
    read.extend_from_slice(&chunk[..got]);
    Some(())
}
