//! `Accept` negotiation.

use axum::http::{HeaderMap, header};

use crate::http::executor::OperationKind;
use crate::http::sse::Frames;

/// The two forms of a whole answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// `application/graphql-response+json`: the status tells whether the request was well formed.
    GraphqlResponse,
    /// `application/json`: the form of before; request errors have status 200.
    Json,
}

impl MediaType {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }

    fn essence(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json",
            Self::Json => "application/json",
        }
    }
}

/// How an answer goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    Whole(MediaType),
    Stream(Frames),
}

/// What the client takes.
#[derive(Debug)]
pub struct Accepted {
    /// The form of a whole answer, with its weight.
    whole: Option<(MediaType, f32)>,
    /// The form of a stream, with its weight.
    stream: Option<(Frames, f32)>,
}

impl Accepted {
    pub fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::ACCEPT).iter();
        let values: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
        let parts = || values.iter().flat_map(|value| value.split(','));
        let ranges: Vec<(&str, f32)> = parts().map(weighted).collect();
        Self {
            whole: negotiate(&ranges),
            stream: streams(parts()),
        }
    }

    /// Whether no form of ours would do.
    pub fn nothing(&self) -> bool {
        self.whole.is_none() && self.stream.is_none()
    }

    /// Whether events may follow one another.
    pub fn streams(&self) -> bool {
        self.stream.is_some()
    }

    /// The form for an operation; for a request of which we do not know what it wants, without a kind.
    pub fn form(&self, kind: Option<OperationKind>) -> Form {
        let json = Form::Whole(MediaType::Json);
        match (&self.whole, &self.stream) {
            (_, Some((frames, _))) if kind == Some(OperationKind::Subscription) => Form::Stream(frames.clone()),
            (Some((_, whole)), Some((frames, stream))) if stream > whole => Form::Stream(frames.clone()),
            (Some((whole, _)), _) => Form::Whole(*whole),
            (None, Some((frames, _))) => Form::Stream(frames.clone()),
            (None, None) => json,
        }
    }
}

/// The form that the client likes best; no header and `*/*` mean JSON, `None` is 406.
fn negotiate(ranges: &[(&str, f32)]) -> Option<(MediaType, f32)> {
    if ranges.iter().all(|(range, _)| range.is_empty()) {
        return Some((MediaType::Json, 1.0));
    }
    let json = weight(ranges, MediaType::Json);
    let graphql = weight(ranges, MediaType::GraphqlResponse);
    match (graphql, json) {
        (graphql, json) if graphql <= 0.0 && json <= 0.0 => None,
        (graphql, json) if graphql > json => Some((MediaType::GraphqlResponse, graphql)),
        // With equal weights the newer form goes to those who name it.
        (graphql, json) if graphql >= json && names(ranges, MediaType::GraphqlResponse) => {
            Some((MediaType::GraphqlResponse, graphql))
        }
        (_, json) => Some((MediaType::Json, json)),
    }
}

/// The stream that the client likes best; it must name it.
fn streams<'a>(parts: impl Iterator<Item = &'a str>) -> Option<(Frames, f32)> {
    let mut best: Option<(Frames, f32)> = None;
    for part in parts {
        let (range, weight) = weighted(part);
        let frames = if range.eq_ignore_ascii_case("text/event-stream") {
            Frames::Events
        } else if range.eq_ignore_ascii_case("multipart/mixed") && parameter(part, "subscriptionSpec") == Some("1.0") {
            Frames::multipart(parameter(part, "boundary"))
        } else {
            continue;
        };
        if weight > best.as_ref().map_or(0.0, |(_, weight)| *weight) {
            best = Some((frames, weight));
        }
    }
    best
}

/// A parameter of a range, without its quotes.
fn parameter<'a>(part: &'a str, wanted: &str) -> Option<&'a str> {
    part.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let named = name.trim().eq_ignore_ascii_case(wanted);
        named.then(|| value.trim().trim_matches('"'))
    })
}

/// Weight of a form by its most specific range, 0 if it is not taken.
fn weight(ranges: &[(&str, f32)], form: MediaType) -> f32 {
    [form.essence(), "application/*", "*/*"]
        .into_iter()
        .find_map(|wanted| ranges.iter().find(|(range, _)| range.eq_ignore_ascii_case(wanted)))
        .map_or(0.0, |(_, weight)| *weight)
}

fn names(ranges: &[(&str, f32)], form: MediaType) -> bool {
    ranges
        .iter()
        .any(|(range, _)| range.eq_ignore_ascii_case(form.essence()))
}

/// A range of an `Accept` header and its weight (`q`, 1 if not given, 0 if not readable).
pub fn weighted(part: &str) -> (&str, f32) {
    let mut parameters = part.split(';').map(str::trim);
    let range = parameters.next().unwrap_or_default();
    let weight = parameters.find_map(|parameter| parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q=")));
    (range, weight.map_or(1.0, |weight| weight.trim().parse().unwrap_or(0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(accept: &str) -> Accepted {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        Accepted::of(&headers)
    }

    fn chosen(accept: &str) -> Option<MediaType> {
        accepted(accept).whole.map(|(form, _)| form)
    }

    #[test]
    fn weights_decide_and_json_is_the_default() {
        let graphql = Some(MediaType::GraphqlResponse);
        assert_eq!(Accepted::of(&HeaderMap::new()).whole, Some((MediaType::Json, 1.0)));
        assert_eq!(chosen("*/*"), Some(MediaType::Json));
        assert_eq!(chosen("application/*"), Some(MediaType::Json));
        assert_eq!(chosen("application/graphql-response+json"), graphql);
        assert_eq!(
            chosen("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8"),
            graphql
        );
        assert_eq!(
            chosen("application/graphql-response+json;q=0.5, application/json;q=0.9"),
            Some(MediaType::Json)
        );
        assert_eq!(chosen("application/json;q=0, */*"), graphql);
        assert_eq!(chosen("text/html"), None);
        assert_eq!(chosen("application/json;q=0"), None);
    }

    #[test]
    fn streams_are_for_those_who_name_them() {
        let subscription = |accept| accepted(accept).form(Some(OperationKind::Subscription));
        let query = |accept| accepted(accept).form(Some(OperationKind::Query));
        let graphql = Form::Whole(MediaType::GraphqlResponse);
        assert_eq!(subscription("text/event-stream"), Form::Stream(Frames::Events));
        assert_eq!(query("text/event-stream"), Form::Stream(Frames::Events));
        assert_eq!(query("application/graphql-response+json, text/event-stream"), graphql);
        let wish = "multipart/mixed;boundary=\"graphql\";subscriptionSpec=1.0,application/graphql-response+json";
        assert_eq!(subscription(wish), Form::Stream(Frames::multipart(Some("graphql"))));
        assert_eq!(query(wish), graphql);
        assert_eq!(
            subscription("text/event-stream, multipart/mixed"),
            Form::Stream(Frames::Events)
        );
        // Parts of another kind are not ours.
        assert!(!accepted("multipart/mixed;deferSpec=20220824, */*").streams());
        assert!(!accepted("*/*").streams() && accepted("text/html").nothing());
    }
}
