//! Files that come in to be imported, as they are (no forms), and what is fetched around that: templates and reports.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use base64::Engine as _;
use domain::vocabulary::Language;
use futures_util::StreamExt as _;
use futures_util::stream::{BoxStream, unfold};
use tokio::time::Instant;

use super::budget::Payer;
use super::code::{Code, Refusal};
use super::executor::GraphqlExecutor;
use super::export::Pieces;
use super::graphql::{MediaType, asked_language, bearer, internal, refusal_response, request_id_of};
use super::shared::Node;
use super::sse::caller_of;

/// What a file, a template or a report costs of the budget, however long it is.
const COST: u64 = 200;

/// A file that comes in.
pub struct FileAsk {
    pub bearer: String,
    /// In hexadecimal, where it was told.
    pub sha256: Option<String>,
    pub body: BoxStream<'static, io::Result<Vec<u8>>>,
}

/// A file that is all here.
pub struct Arrived {
    pub id: String,
    pub bytes: i64,
    /// In hexadecimal.
    pub sha256: String,
    /// RFC 3339
    pub expires_at: String,
}

/// What came of a file.
pub enum FileAnswer {
    Here(Arrived),
    Forbidden,
    /// At most so many.
    TooMany(u64),
    Broken,
    Damaged,
    StorageFull,
    Unavailable,
}

/// What is fetched around imports.
pub struct ImportAsk {
    pub bearer: String,
    pub language: Option<Language>,
    /// Of a job; `None` asks for a template.
    pub job: Option<String>,
    /// Of a template the kind of rows, of a job `report`.
    pub name: String,
    /// `csv` or `xlsx`.
    pub format: String,
}

/// What is there for the caller; `None` where nothing is, an error where the database is away.
pub type ImportAnswer = Result<Option<ImportFile>, ()>;

/// A template or a report.
pub struct ImportFile {
    pub media_type: &'static str,
    /// As it is called when it is saved.
    pub name: String,
    pub pieces: Pieces,
}

fn token(headers: &HeaderMap) -> Result<String, Refusal> {
    bearer(headers)?.ok_or_else(|| Refusal::new(Code::Unauthenticated, "use Authorization: Bearer"))
}

/// Who asks, with what it costs taken from their budget.
async fn admitted<E: GraphqlExecutor>(node: &Node<E>, parts: &Parts) -> Result<(String, String), Refusal> {
    let token = token(&parts.headers)?;
    let account = caller_of(node, parts, false).await?.account.unwrap_or_default();
    node.budget
        .reserve(&Payer::Account(account.clone()), COST, (node.settings.clock)())?;
    Ok((token, account))
}

/// `POST /imports/files`: the body is the file.
pub async fn upload<E: GraphqlExecutor>(State(node): State<Node<E>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let id = request_id_of(&node, &parts);
    let answer = take_in(&node, &parts, body).await;
    answer.unwrap_or_else(|refusal| refusal_response(refusal, &id, MediaType::Json))
}

async fn take_in<E: GraphqlExecutor>(node: &Node<E>, parts: &Parts, body: Body) -> Result<Response<Body>, Refusal> {
    let most = node.settings.file_bytes;
    let too_large = || {
        Refusal::above(
            Code::BodyTooLarge,
            "bytes of the file",
            usize::try_from(most).unwrap_or(usize::MAX),
        )
    };
    let told = parts.headers.get(header::CONTENT_LENGTH);
    let told = told.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let (bearer, _) = admitted(node, parts).await?;
    if told.is_some_and(|told| told > most) {
        return Err(too_large());
    }
    let form = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if form.is_some_and(|form| form.trim_start().to_ascii_lowercase().starts_with("multipart/")) {
        let told = "send the file itself as the body, not a form";
        return Err(Refusal::new(Code::UnsupportedMediaType, told));
    }
    let sha256 = told_digest(&parts.headers)?;
    let busy = || Refusal::new(Code::Overloaded, "too many files come in at once").retry_after_ms(5_000);
    let place = node.files.enter(node.settings.files).ok_or_else(busy)?;
    let cut = Cut::default();
    let floor = node.settings.file_floor;
    let body = bounded(body, (most, floor, node.settings.file_timeout), cut.clone());
    let work = (node.hooks.upload)(FileAsk { bearer, sha256, body });
    // In a task of its own: of a client that leaves nothing may stay.
    let task = node.lifetime.tasks.spawn(async move {
        let answer = work.await;
        drop(place);
        answer
    });
    let answer = task.await.map_err(|_| internal())?;
    let cut = cut.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (cut, answer) {
        (Some(Why::TooLarge), _) => Err(too_large()),
        (Some(Why::TooSlow), _) => Err(Refusal::new(Code::BodyTimeout, "the file did not come in time")),
        (None, FileAnswer::Here(file)) => Ok(here(&file)),
        (None, FileAnswer::Forbidden) => {
            let told = "a service account with the scope imports:run may send files";
            Err(Refusal::new(Code::ImportForbidden, told))
        }
        (None, FileAnswer::TooMany(most)) => {
            let most = usize::try_from(most).unwrap_or(usize::MAX);
            Err(Refusal::above(Code::TooManyFiles, "files of the account", most).retry_after_ms(60_000))
        }
        (None, FileAnswer::Broken) => Err(Refusal::new(Code::BadRequest, "the file broke off")),
        (None, FileAnswer::Damaged) => {
            let told = "the file that came is not the one whose SHA-256 was told";
            Err(Refusal::new(Code::DigestMismatch, told))
        }
        (None, FileAnswer::StorageFull) => Err(Refusal::new(Code::StorageFull, "the disk is full")),
        (None, FileAnswer::Unavailable) => {
            Err(Refusal::new(Code::Unavailable, "the database is away: come back later").retry_after_ms(1_000))
        }
    }
}

fn here(file: &Arrived) -> Response<Body> {
    let told = serde_json::json!({
        "id": file.id,
        "bytes": file.bytes,
        "sha256": file.sha256,
        "expiresAt": file.expires_at,
    });
    let mut response = Response::new(Body::from(told.to_string()));
    *response.status_mut() = StatusCode::CREATED;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The SHA-256 that a client tells: `X-Content-SHA256` in hexadecimal, `Content-Digest` (RFC 9530) or `Digest` (RFC 3230) in base64.
fn told_digest(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let odd = |name: &str| Refusal::new(Code::BadRequest, format!("{name} holds no SHA-256"));
    if let Some(hex) = text("x-content-sha256") {
        let fits = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        return if fits {
            Ok(Some(hex.to_ascii_lowercase()))
        } else {
            Err(odd("X-Content-SHA256"))
        };
    }
    for name in ["content-digest", "digest"] {
        let Some(list) = text(name) else { continue };
        for one in list.split(',') {
            let Some((algorithm, value)) = one.trim().split_once('=') else {
                continue;
            };
            if !algorithm.eq_ignore_ascii_case("sha-256") {
                continue;
            }
            let value = value.trim().trim_matches(':');
            let bytes = base64::engine::general_purpose::STANDARD.decode(value);
            let bytes = bytes.ok().filter(|bytes| bytes.len() == 32).ok_or_else(|| odd(name))?;
            return Ok(Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect()));
        }
    }
    Ok(None)
}

/// Why a body was cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    TooLarge,
    TooSlow,
}

#[derive(Clone, Default)]
struct Cut(Arc<Mutex<Option<Why>>>);

impl Cut {
    fn off(&self, why: Why) -> io::Error {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
        io::Error::other("the body was cut off")
    }
}

/// What a body has brought so far.
struct Coming {
    pieces: axum::body::BodyDataStream,
    bytes: u64,
    /// Bytes since the stretch began.
    lately: u64,
    stretch_ends: Instant,
    ends: Instant,
    over: bool,
}

/// A body that ends with an error where it brings too much, or too little in a stretch of time.
fn bounded(
    body: Body,
    (most, (floor, stretch), whole): (u64, (u64, Duration), Duration),
    cut: Cut,
) -> BoxStream<'static, io::Result<Vec<u8>>> {
    let now = Instant::now();
    let coming = Coming {
        pieces: body.into_data_stream(),
        bytes: 0,
        lately: 0,
        stretch_ends: now + stretch,
        ends: now + whole,
        over: false,
    };
    unfold((coming, cut), move |(mut coming, cut)| async move {
        if coming.over {
            return None;
        }
        let piece = loop {
            let until = coming.stretch_ends.min(coming.ends);
            match tokio::time::timeout_at(until, coming.pieces.next()).await {
                Ok(Some(Ok(piece))) => break Ok(piece),
                Ok(Some(Err(_))) => break Err(io::Error::other("the body broke off")),
                Ok(None) => return None,
                Err(_) if until == coming.ends || coming.lately < floor => break Err(cut.off(Why::TooSlow)),
                Err(_) => {
                    coming.lately = 0;
                    coming.stretch_ends = until + stretch;
                }
            }
        };
        let piece = piece.and_then(|piece: Bytes| {
            let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
            coming.bytes += length;
            coming.lately += length;
            if coming.bytes > most {
                return Err(cut.off(Why::TooLarge));
            }
            Ok(piece.to_vec())
        });
        coming.over = piece.is_err();
        Some((piece, (coming, cut)))
    })
    .boxed()
}

/// What a template may be asked in.
#[derive(serde::Deserialize)]
pub struct Asked {
    lang: Option<String>,
}

/// `GET /imports/templates/{kind}.{csv|xlsx}?lang=zh|en`
pub async fn template<E: GraphqlExecutor>(
    State(node): State<Node<E>>,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
    request: Request,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let language = match asked.lang.as_deref() {
        Some("zh") => Some(Language::ZhCn),
        Some("en") => Some(Language::En),
        _ => None,
    };
    fetched(&node, &parts, (None, &name), language).await
}

/// `GET /imports/{job}/report.{csv|xlsx}`
pub async fn report<E: GraphqlExecutor>(
    State(node): State<Node<E>>,
    Path((job, name)): Path<(String, String)>,
    request: Request,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    fetched(&node, &parts, (Some(job), &name), None).await
}

async fn fetched<E: GraphqlExecutor>(
    node: &Node<E>,
    parts: &Parts,
    (job, name): (Option<String>, &str),
    language: Option<Language>,
) -> Response<Body> {
    let answer = async {
        let (bearer, account) = admitted(node, parts).await?;
        let (name, format) = name.rsplit_once('.').ok_or_else(absent)?;
        let most = node.settings.socket.streams_per_account;
        let place = node.streams.sign_in(&account, most).ok_or_else(|| {
            Refusal::new(Code::TooManyStreams, "too much is being fetched at once").retry_after_ms(1_000)
        })?;
        let ask = ImportAsk {
            bearer,
            language: language.or_else(|| asked_language(&parts.headers)),
            job,
            name: name.to_owned(),
            format: format.to_owned(),
        };
        match found(node, ask).await? {
            Ok(Some(file)) => Ok(sent(file, place)),
            Ok(None) => Err(absent()),
            Err(()) => {
                Err(Refusal::new(Code::Unavailable, "the database is away: come back later").retry_after_ms(1_000))
            }
        }
    };
    let answer: Result<Response<Body>, Refusal> = answer.await;
    answer.unwrap_or_else(|refusal| refusal_response(refusal, &request_id_of(node, parts), MediaType::Json))
}

/// What is told of one that is not there, and of one that is not the caller's.
fn absent() -> Refusal {
    Refusal::new(Code::ImportNotFound, "there is no such template or report")
}

/// Looks it up in a task of its own: a client that leaves cancels no transaction that is just beginning.
async fn found<E: GraphqlExecutor>(node: &Node<E>, ask: ImportAsk) -> Result<ImportAnswer, Refusal> {
    let busy = || Refusal::new(Code::Overloaded, "come back later").retry_after_ms(1_000);
    let permit = Arc::clone(&node.gate).try_acquire_owned().map_err(|_| busy())?;
    let work = (node.hooks.import)(ask);
    let task = node.lifetime.tasks.spawn(async move {
        let answer = work.await;
        drop(permit);
        answer
    });
    let answer = tokio::time::timeout(node.settings.request_timeout, node.hooks.pulse.answered(task)).await;
    let late = |_| Refusal::new(Code::Timeout, "no answer in time").retry_after_ms(2_000);
    answer.map_err(late)??.map_err(|_| internal())
}

fn sent(file: ImportFile, place: impl Send + 'static) -> Response<Body> {
    let pieces = file.pieces.map(move |piece| {
        // The place among what the account fetches at once is kept to the end.
        let _ = &place;
        piece.map(Bytes::from)
    });
    let mut response = Response::new(Body::from_stream(pieces));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.media_type));
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"{}\"", file.name)) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(pieces: Vec<(u64, usize)>) -> Body {
        // (milliseconds before it, bytes)
        Body::from_stream(unfold(pieces.into_iter(), |mut pieces| async move {
            let (wait, bytes) = pieces.next()?;
            tokio::time::sleep(Duration::from_millis(wait)).await;
            Some((Ok::<_, io::Error>(vec![7; bytes]), pieces))
        }))
    }

    async fn through(pieces: Vec<(u64, usize)>) -> (usize, Option<Why>) {
        let cut = Cut::default();
        let bounds = (1_000, (100, Duration::from_millis(1_000)), Duration::from_secs(10));
        let mut body = bounded(stream(pieces), bounds, cut.clone());
        let mut bytes = 0;
        while let Some(piece) = body.next().await {
            bytes += piece.map_or(0, |piece| piece.len());
        }
        let why = *cut.0.lock().unwrap();
        (bytes, why)
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_is_cut_where_it_is_too_long_or_drips() {
        assert_eq!(through(vec![(10, 400), (10, 400), (10, 200)]).await, (1_000, None));
        assert_eq!(
            through(vec![(10, 400), (10, 400), (10, 201)]).await,
            (800, Some(Why::TooLarge))
        );
        assert_eq!(through(vec![(10, 400), (5_000, 1)]).await, (400, Some(Why::TooSlow)));
        assert_eq!(through(vec![(400, 9); 100]).await.1, Some(Why::TooSlow));
        assert_eq!(through(vec![(400, 60); 10]).await, (600, None));
        assert_eq!(through(vec![(900, 110); 9]).await, (990, None));
    }

    #[test]
    fn a_digest_is_read_in_each_of_its_forms() {
        let hex = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
        let of = |name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_str(value).unwrap());
            told_digest(&headers)
        };
        for (name, value) in [
            ("x-content-sha256", hex.to_uppercase()),
            (
                "content-digest",
                "sha-256=:LCa0a2j/xo/5m0U8HTBBNBNCLXBkg7+g+YpeiGJm564=:".to_owned(),
            ),
            (
                "digest",
                "SHA-256=LCa0a2j/xo/5m0U8HTBBNBNCLXBkg7+g+YpeiGJm564=".to_owned(),
            ),
        ] {
            assert_eq!(of(name, &value), Ok(Some(hex.to_owned())), "{name}");
        }
        assert_eq!(of("digest", "md5=abc"), Ok(None));
        assert!(of("x-content-sha256", "12").is_err());
        assert!(of("content-digest", "sha-256=:AAAA:").is_err());
    }
}
