//! Parts of exports: fetched with the bearer token of the account that asked for them, whole or in ranges. They go out as
//! they are, uncompressed: `Content-Length`, ranges and the tag then speak of the same bytes as the SHA-256.

use std::io;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;

use super::beside::{away, beside};
use super::budget::Payer;
use super::code::{Code, Refusal};
use super::executor::{Credentials, GraphqlExecutor};
use super::graphql::{MediaType, bearer, recognise, refusal_response, request_id_of};
use super::peer;
use super::shared::Node;

/// What a part costs of the budget, however long it is.
const COST: u64 = 200;

/// Who asks for which part of which export.
pub struct ExportAsk {
    pub bearer: String,
    pub job: String,
    /// Its number; `None` asks for the list of all of them.
    pub part: Option<i64>,
}

/// The bytes of a part, piece by piece.
pub type Pieces = BoxStream<'static, io::Result<Vec<u8>>>;

/// A part that may be fetched.
pub struct ExportFile {
    pub bytes: u64,
    /// In hexadecimal.
    pub sha256: String,
    pub media_type: &'static str,
    /// As it is called when it is saved.
    pub name: String,
    /// The bytes from one place up to another.
    pub read: Box<dyn FnOnce(u64, u64) -> Pieces + Send>,
}

/// A part, or why there is none.
pub enum ExportAnswer {
    Found(ExportFile),
    Manifest(serde_json::Value),
    Absent,
    Unavailable,
}

/// `GET /exports/{job}/{part}`, and `GET /exports/{job}/manifest` for the list of all parts.
pub async fn export<E: GraphqlExecutor>(
    State(node): State<Node<E>>,
    Path((job, part)): Path<(String, String)>,
    request: Request,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let id = request_id_of(&node, &parts);
    let answer = async {
        let bearer = bearer(&parts.headers)?;
        let bearer = bearer.ok_or_else(|| Refusal::new(Code::Unauthenticated, "use Authorization: Bearer"))?;
        let credentials = Credentials {
            bearer: Some(bearer.clone()),
            language: None,
            client: peer::client_address(&parts, node.settings.proxies),
            at_once: false,
        };
        let caller = recognise(&node, credentials, false).await?;
        let account = caller.account.unwrap_or_default();
        let most = node.settings.socket.streams_per_account;
        let place = node.streams.sign_in(&account, most).ok_or_else(|| {
            Refusal::new(Code::TooManyStreams, "too much is being fetched at once").retry_after_ms(1_000)
        })?;
        node.budget
            .reserve(&Payer::Account(account), COST, (node.settings.clock)())?;
        let part = match part.as_str() {
            "manifest" => None,
            number => Some(number.parse().map_err(|_| absent())?),
        };
        let ask = ExportAsk { bearer, job, part };
        match beside(&node, (node.hooks.export)(ask)).await? {
            ExportAnswer::Found(file) => Ok(answer(file, (&parts.method, &parts.headers), place)),
            ExportAnswer::Manifest(list) => Ok(manifest(&list)),
            ExportAnswer::Absent => Err(absent()),
            ExportAnswer::Unavailable => Err(away()),
        }
    };
    let answer: Result<Response<Body>, Refusal> = answer.await;
    answer.unwrap_or_else(|refusal| refusal_response(refusal, &id, MediaType::Json))
}

/// What is told of a part that is not there, of one that is over, and of one that is not the caller's.
fn absent() -> Refusal {
    Refusal::new(Code::ExportNotFound, "there is no such part of an export")
}

fn manifest(list: &serde_json::Value) -> Response<Body> {
    let mut response = Response::new(Body::from(list.to_string()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    guarded(headers);
    response
}

/// What of a file goes out.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Whole,
    /// From the first byte up to, not with, the last.
    Some(u64, u64),
    /// A range that begins behind the end.
    Beyond,
    /// The client has it already.
    Known,
    /// The client wants another one than there is.
    Another,
}

/// What is asked for, in the order in which RFC 9110 (13.2.2) has conditions judged. Ranges are for `GET` alone.
fn wanted(method: &Method, asked: &HeaderMap, tag: &str, bytes: u64) -> Wanted {
    if asked.contains_key(header::IF_MATCH) && !names(asked, header::IF_MATCH, |named| named == tag) {
        return Wanted::Another;
    }
    if names(asked, header::IF_NONE_MATCH, |named| {
        named.trim_start_matches("W/") == tag
    }) {
        return Wanted::Known;
    }
    // A range of what was fetched before is a range of this file only while it is the same one; there are no dates to go by.
    let same = match asked.get(header::IF_RANGE) {
        Some(known) => known == tag,
        None => true,
    };
    let range = asked.get(header::RANGE).and_then(|value| value.to_str().ok());
    match range.filter(|_| same && method == Method::GET) {
        Some(range) => range_of(range, bytes),
        None => Wanted::Whole,
    }
}

/// Whether a list of tags names one; `*` names any that there is.
fn names(asked: &HeaderMap, list: header::HeaderName, one: impl Fn(&str) -> bool) -> bool {
    let lines = asked.get_all(list).into_iter().filter_map(|line| line.to_str().ok());
    let mut tags = lines.flat_map(|line| line.split(',')).map(str::trim);
    tags.any(|named| named == "*" || one(named))
}

/// The file, or the range of it that is asked for; nothing where the client has it already.
fn answer(file: ExportFile, (method, asked): (&Method, &HeaderMap), place: impl Send + 'static) -> Response<Body> {
    let tag = format!("\"{}\"", file.sha256);
    let wanted = wanted(method, asked, &tag, file.bytes);
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    guarded(headers);
    insert(headers, header::ETAG, &tag);
    // What a file is like is said with the file, and with nothing else (RFC 9110, 15.4.5).
    let (status, from, until) = match wanted {
        Wanted::Whole => (StatusCode::OK, 0, file.bytes),
        Wanted::Some(from, until) => {
            let told = format!("bytes {from}-{}/{}", until - 1, file.bytes);
            insert(headers, header::CONTENT_RANGE, &told);
            (StatusCode::PARTIAL_CONTENT, from, until)
        }
        Wanted::Beyond => {
            headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
            insert(headers, header::CONTENT_RANGE, &format!("bytes */{}", file.bytes));
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            return response;
        }
        Wanted::Known => {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        Wanted::Another => {
            *response.status_mut() = StatusCode::PRECONDITION_FAILED;
            return response;
        }
    };
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.media_type));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(until - from));
    let name = format!("attachment; filename=\"{}\"", file.name);
    insert(headers, header::CONTENT_DISPOSITION, &name);
    *response.status_mut() = status;
    let pieces = (file.read)(from, until).map(move |piece| {
        // The place among what the account fetches at once is kept to the end.
        let _ = &place;
        piece.map(Bytes::from)
    });
    *response.body_mut() = Body::from_stream(pieces);
    response
}

fn guarded(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

fn insert(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// A place in a file; one that no number holds lies behind every end.
fn offset(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

/// One range of bytes. Several, and forms that are not known, are answered as if none were asked for.
fn range_of(text: &str, bytes: u64) -> Wanted {
    let Some((unit, range)) = text.split_once('=') else {
        return Wanted::Whole;
    };
    let Some((from, to)) = range.split_once('-').filter(|_| unit.eq_ignore_ascii_case("bytes")) else {
        return Wanted::Whole;
    };
    let (from, to) = (from.trim(), to.trim());
    let (from, until) = match (offset(from), offset(to)) {
        (None, Some(last)) if from.is_empty() => (bytes.saturating_sub(last), bytes),
        (Some(from), None) if to.is_empty() => (from, bytes),
        (Some(from), Some(to)) if from <= to => (from, to.saturating_add(1).min(bytes)),
        _ => return Wanted::Whole,
    };
    if from < until {
        Wanted::Some(from, until)
    } else {
        Wanted::Beyond
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_clients_write_it() {
        assert_eq!(range_of("bytes=0-9", 100), Wanted::Some(0, 10));
        assert_eq!(range_of("Bytes=90-", 100), Wanted::Some(90, 100));
        assert_eq!(range_of("bytes=-10", 100), Wanted::Some(90, 100));
        assert_eq!(range_of("bytes=-1000", 100), Wanted::Some(0, 100));
        assert_eq!(range_of("bytes=90-200", 100), Wanted::Some(90, 100));
        assert_eq!(range_of("bytes=0-99999999999999999999999", 100), Wanted::Some(0, 100));
        for beyond in ["bytes=100-", "bytes=-0", "bytes=99999999999999999999999-"] {
            assert_eq!(range_of(beyond, 100), Wanted::Beyond, "{beyond}");
        }
        for odd in [
            "bytes=9-1",
            "bytes=1-2,4-5",
            "lines=1-2",
            "bytes=a-b",
            "bytes=+1-2",
            "bytes=",
            "bytes=-",
            "bytes",
        ] {
            assert_eq!(range_of(odd, 100), Wanted::Whole, "{odd}");
        }
    }

    fn judged(method: &Method, asked: &[(&'static str, &'static str)]) -> Wanted {
        let mut headers = HeaderMap::new();
        for &(name, value) in asked {
            headers.append(name, HeaderValue::from_static(value));
        }
        wanted(method, &headers, "\"ab\"", 100)
    }

    #[test]
    fn conditions_are_judged_in_their_order() {
        let get = |asked: &[(&'static str, &'static str)]| judged(&Method::GET, asked);
        for known in ["\"ab\"", "W/\"ab\"", "\"x,y\", \"ab\"", "*"] {
            assert_eq!(
                get(&[("if-none-match", known), ("range", "bytes=0-9")]),
                Wanted::Known,
                "{known}"
            );
        }
        assert_eq!(
            get(&[("if-none-match", "\"x\""), ("if-none-match", "\"ab\"")]),
            Wanted::Known
        );
        assert_eq!(get(&[("if-none-match", "\"abc\"")]), Wanted::Whole);
        for same in ["\"ab\"", "*", "\"x\", \"ab\""] {
            assert_eq!(
                get(&[("if-match", same), ("range", "bytes=0-9")]),
                Wanted::Some(0, 10),
                "{same}"
            );
        }
        // A weak tag says nothing of bytes.
        for other in ["\"x\"", "W/\"ab\""] {
            assert_eq!(
                get(&[("if-match", other), ("if-none-match", "\"ab\"")]),
                Wanted::Another,
                "{other}"
            );
            assert_eq!(
                get(&[("if-range", other), ("range", "bytes=0-9")]),
                Wanted::Whole,
                "{other}"
            );
        }
        assert_eq!(
            get(&[("if-range", "\"ab\""), ("range", "bytes=0-9")]),
            Wanted::Some(0, 10)
        );
        assert_eq!(
            get(&[("if-range", "Sun, 01 Nov 2026 08:00:00 GMT"), ("range", "bytes=0-9")]),
            Wanted::Whole
        );
        assert_eq!(judged(&Method::HEAD, &[("range", "bytes=0-9")]), Wanted::Whole);
        assert_eq!(judged(&Method::HEAD, &[("if-none-match", "\"ab\"")]), Wanted::Known);
    }
}
