//! Parts of exports: fetched with the bearer token of the account that asked for them, whole or in ranges. They go out as
//! they are, uncompressed: `Content-Length`, ranges and the tag then speak of the same bytes as the SHA-256.

use std::io;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
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
            ExportAnswer::Found(file) => Ok(answer(file, &parts.headers, place)),
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

/// The file, or the range of it that is asked for; nothing where the client has it already.
fn answer(file: ExportFile, asked: &HeaderMap, place: impl Send + 'static) -> Response<Body> {
    let tag = format!("\"{}\"", file.sha256);
    let says = |name: header::HeaderName| asked.get(name).and_then(|value| value.to_str().ok());
    let mut response = Response::new(Body::empty());
    if says(header::IF_NONE_MATCH).is_some_and(|known| known.contains(tag.as_str())) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        common(response.headers_mut(), &file, &tag);
        return response;
    }
    // A range of what was fetched before is a range of this file only while it is the same one.
    let same = says(header::IF_RANGE).is_none_or(|known| known == tag);
    let range = says(header::RANGE)
        .filter(|_| same)
        .map(|range| range_of(range, file.bytes));
    let (from, until) = match range {
        None | Some(Range::Whole) => (0, file.bytes),
        Some(Range::Of(from, until)) => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let told = format!("bytes {from}-{}/{}", until - 1, file.bytes);
            insert(response.headers_mut(), header::CONTENT_RANGE, &told);
            (from, until)
        }
        Some(Range::Beyond) => {
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            let told = format!("bytes */{}", file.bytes);
            insert(response.headers_mut(), header::CONTENT_RANGE, &told);
            return response;
        }
    };
    let headers = response.headers_mut();
    common(headers, &file, &tag);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(until - from));
    let pieces = (file.read)(from, until).map(move |piece| {
        // The place among what the account fetches at once is kept to the end.
        let _ = &place;
        piece.map(Bytes::from)
    });
    *response.body_mut() = Body::from_stream(pieces);
    response
}

fn common(headers: &mut HeaderMap, file: &ExportFile, tag: &str) {
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.media_type));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    insert(headers, header::ETAG, tag);
    let name = format!("attachment; filename=\"{}\"", file.name);
    insert(headers, header::CONTENT_DISPOSITION, &name);
    guarded(headers);
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

#[derive(Debug, PartialEq, Eq)]
enum Range {
    /// From the first byte up to, not with, the last.
    Of(u64, u64),
    Beyond,
    /// Several ranges, or a form that is not known: answered as if none were asked for.
    Whole,
}

fn range_of(text: &str, bytes: u64) -> Range {
    let Some((from, to)) = text.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Range::Whole;
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let (from, until) = match (from.trim(), to.trim()) {
        ("", last) => match number(last) {
            Some(last) => (bytes.saturating_sub(last), bytes),
            None => return Range::Whole,
        },
        (from, "") => match number(from) {
            Some(from) => (from, bytes),
            None => return Range::Whole,
        },
        (from, to) => match (number(from), number(to)) {
            (Some(from), Some(to)) if from <= to => (from, to.saturating_add(1).min(bytes)),
            _ => return Range::Whole,
        },
    };
    if from < until {
        Range::Of(from, until)
    } else {
        Range::Beyond
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_clients_write_it() {
        assert_eq!(range_of("bytes=0-9", 100), Range::Of(0, 10));
        assert_eq!(range_of("bytes=90-", 100), Range::Of(90, 100));
        assert_eq!(range_of("bytes=-10", 100), Range::Of(90, 100));
        assert_eq!(range_of("bytes=90-200", 100), Range::Of(90, 100));
        assert_eq!(range_of("bytes=100-", 100), Range::Beyond);
        assert_eq!(range_of("bytes=-0", 100), Range::Beyond);
        for odd in ["bytes=9-1", "bytes=1-2,4-5", "lines=1-2", "bytes=a-b", "bytes="] {
            assert_eq!(range_of(odd, 100), Range::Whole, "{odd}");
        }
    }
}
