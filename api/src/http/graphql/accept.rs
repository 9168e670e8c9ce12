//! `Accept` negotiation.

use axum::http::{HeaderMap, header};

/// The two forms of an answer.
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

/// The form that the client likes best; no header and `*/*` mean JSON, `None` is 406.
pub fn negotiate(headers: &HeaderMap) -> Option<MediaType> {
    let values: Vec<&str> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    let ranges: Vec<(&str, f32)> = values.iter().flat_map(|value| value.split(',')).map(weighted).collect();
    if ranges.iter().all(|(range, _)| range.is_empty()) {
        return Some(MediaType::Json);
    }
    let json = weight(&ranges, MediaType::Json);
    let graphql = weight(&ranges, MediaType::GraphqlResponse);
    match (graphql, json) {
        (graphql, json) if graphql <= 0.0 && json <= 0.0 => None,
        (graphql, json) if graphql > json => Some(MediaType::GraphqlResponse),
        // With equal weights the newer form goes to those who name it.
        (graphql, json) if graphql >= json && names(&ranges, MediaType::GraphqlResponse) => {
            Some(MediaType::GraphqlResponse)
        }
        _ => Some(MediaType::Json),
    }
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

    fn chosen(accept: &str) -> Option<MediaType> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        negotiate(&headers)
    }

    #[test]
    fn weights_decide_and_json_is_the_default() {
        let graphql = Some(MediaType::GraphqlResponse);
        assert_eq!(negotiate(&HeaderMap::new()), Some(MediaType::Json));
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
}
