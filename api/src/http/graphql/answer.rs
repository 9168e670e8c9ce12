//! The answer to one operation, in the form that leaves the house.

use std::collections::BTreeMap;

use async_graphql::{PathSegment, Response, ServerError, Value};
use chrono::SecondsFormat;
use serde::Serialize;

use super::misfit::{Asked, FAILED_TO_PARSE, INVALID_ARGUMENT, Misfit, misfit};
use crate::http::RateLimit;
use crate::http::code::{Code, Refusal};
use crate::http::metrics::Outcome;

/// Errors that an answer holds at most.
const ERRORS: usize = 10;
/// Characters of an error's message.
const MESSAGE: usize = 200;

/// What the client gets.
#[derive(Debug, Serialize)]
pub struct Answer {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ServerError>,
    /// Left out after a request error, as the specification asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: BTreeMap<String, Value>,
    /// Nothing ran: no `data`.
    #[serde(skip)]
    pub request_error: bool,
    /// Code of a refusal.
    #[serde(skip)]
    pub refused: Option<Code>,
    #[serde(skip)]
    pub retry_after_ms: Option<u64>,
    /// Why it could not be answered in full now.
    #[serde(skip)]
    pub outage: Option<Code>,
    /// Budget after the operation.
    #[serde(skip)]
    pub limit: Option<RateLimit>,
}

/// A fault of ours, without a word about it.
pub fn internal() -> Refusal {
    Refusal::new(Code::Internal, "internal error")
}

impl Answer {
    /// Nothing ran.
    pub fn refused(refusal: Refusal, request_id: &str) -> Self {
        let (code, retry_after_ms) = (refusal.code, refusal.retry_after_ms);
        let mut error = refusal.into_error();
        tidy(&mut error, request_id);
        Self {
            errors: vec![error],
            data: None,
            extensions: BTreeMap::new(),
            request_error: true,
            refused: Some(code),
            retry_after_ms,
            outage: None,
            limit: None,
        }
    }

    /// From the engine: errors are bounded, coded, say where a wrong value stands, and are stripped of what must not leave.
    pub fn of(response: Response, request_id: &str, asked: Option<Asked<'_>>) -> Self {
        let request_error = response.data == Value::Null
            && !response.errors.is_empty()
            && response.errors.iter().all(|error| error.path.is_empty());
        let mut errors = response.errors;
        errors.truncate(ERRORS);
        for error in &mut errors {
            if let Some(asked) = asked {
                place(error, asked);
            }
            tidy(error, request_id);
        }
        let (outage, retry_after_ms) = errors.iter().find_map(outage).unzip();
        Self {
            retry_after_ms,
            outage,
            errors,
            data: (!request_error).then_some(response.data),
            extensions: response.extensions,
            request_error,
            refused: None,
            limit: None,
        }
    }

    /// Nothing but errors.
    pub fn is_failure(&self) -> bool {
        !self.errors.is_empty() && self.data.as_ref().is_none_or(|data| *data == Value::Null)
    }

    /// Fields answered.
    pub fn points(&self) -> u64 {
        self.data.as_ref().map_or(1, fields).max(1)
    }

    /// Shows the cost in `extensions.cost` and keeps the budget for the headers.
    pub fn show_cost(&mut self, limit: RateLimit, actual: u64) {
        let cost = async_graphql::value!({
            "requested": (limit.cost),
            "actual": (actual),
            "limit": (limit.limit),
            "remaining": (limit.remaining),
            "resetAt": (limit.reset_at.to_rfc3339_opts(SecondsFormat::Millis, true)),
        });
        self.extensions.insert("cost".to_owned(), cost);
        self.limit = Some(limit);
    }

    /// For the counters.
    pub fn outcome(&self) -> Outcome {
        match self.refused {
            Some(Code::RateLimited) => Outcome::RateLimited,
            Some(Code::Internal | Code::Overloaded | Code::Unavailable | Code::StorageFull | Code::Timeout) => {
                Outcome::Failed
            }
            Some(_) => Outcome::Refused,
            None if self.outage.is_some() => Outcome::Failed,
            None if self.request_error => Outcome::Refused,
            None if self.errors.is_empty() => Outcome::Answered,
            None => Outcome::FieldErrors,
        }
    }
}

/// How the engine speaks of a variable whose value is not of its type.
const WRONG_TYPE: &str = "Expected input type \"";
/// Behind these words the engine repeats what was sent.
const REPEATS: [&str; 2] = [", found", " does not contain the value"];

/// Says of a value that does not fit where it stands, as our own refusals do: `extensions.path`, and the place in the document.
fn place(error: &mut ServerError, asked: Asked<'_>) {
    let known = error
        .extensions
        .as_ref()
        .is_some_and(|extensions| extensions.get("path").is_some());
    if known || !is_of_input(&error.message) {
        return;
    }
    if let Some(Misfit { path, location }) = misfit(error, asked) {
        error.extensions.get_or_insert_default().set("path", path);
        if let Some(location) = location {
            error.locations = vec![location];
        }
    }
}

/// Every error gets a code and the request's id; texts that nobody meant for clients are replaced.
fn tidy(error: &mut ServerError, request_id: &str) {
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_none() {
        let code = classify(&error.message, &error.path);
        extensions.set("code", code.as_str());
        if code == Code::Internal {
            tracing::error!(request_id, "a resolver failed without a code");
            error.message = internal().message;
        }
    }
    // What somebody sent is not said back to them: it may be a person's.
    if is_of_input(&error.message)
        && let Some(end) = REPEATS.iter().filter_map(|words| error.message.find(words)).min()
    {
        error.message.truncate(end);
    }
    extensions.set("requestId", request_id);
    error.source = None;
    if let Some((end, _)) = error.message.char_indices().nth(MESSAGE) {
        error.message.truncate(end);
    }
}

/// Of an error that says that the database is away or its disk full: the code and the milliseconds to wait.
fn outage(error: &ServerError) -> Option<(Code, u64)> {
    let extensions = error.extensions.as_ref()?;
    let told = extensions.get("code")?;
    let mut outages = [Code::Unavailable, Code::StorageFull].into_iter();
    let code = outages.find(|code| *told == Value::from(code.as_str()))?;
    match extensions.get("retryAfterMs")? {
        Value::Number(wait) => Some((code, wait.as_u64()?)),
        _ => None,
    }
}

/// Whether the engine speaks of a value of the request.
fn is_of_input(message: &str) -> bool {
    let begins = [FAILED_TO_PARSE, INVALID_ARGUMENT, WRONG_TYPE];
    begins.iter().any(|begin| message.starts_with(begin))
}

/// The engine gives no codes, so its own errors are told by their place and text. What comes from a resolver without a
/// code is a fault of ours.
fn classify(message: &str, path: &[PathSegment]) -> Code {
    if is_of_input(message) {
        return Code::BadUserInput;
    }
    match (path.is_empty(), message) {
        (true, "Query is nested too deep.") => Code::QueryTooDeep,
        (true, "Query is too complex.") => Code::QueryTooComplex,
        (true, message) if message.starts_with("The recursion depth of the query") => Code::QueryTooDeep,
        (true, _) => Code::ValidationFailed,
        (false, _) => Code::Internal,
    }
}

/// Members of all objects in a value.
fn fields(value: &Value) -> u64 {
    match value {
        Value::Object(members) => members.values().map(|member| 1 + fields(member)).sum(),
        Value::List(items) => items.iter().map(fields).sum(),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Boolean(_) | Value::Binary(_) | Value::Enum(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::Variables;

    use super::*;

    fn of(response: Response) -> Answer {
        let document = async_graphql::parser::parse_query("{ a }").unwrap();
        let asked = Asked {
            document: &document,
            variables: &Variables::default(),
        };
        Answer::of(response, "req_1", Some(asked))
    }

    #[test]
    fn errors_are_few_short_coded_and_never_raw() {
        let mut errors: Vec<ServerError> = (0..30).map(|_| ServerError::new("字".repeat(500), None)).collect();
        errors.push(ServerError::new("never reached", None));
        let answer = of(Response::from_errors(errors));
        assert!(answer.request_error && answer.data.is_none());
        assert_eq!(answer.errors.len(), ERRORS);
        assert!(
            answer
                .errors
                .iter()
                .all(|error| error.message.chars().count() == MESSAGE)
        );

        let raw =
            ServerError::new("column secret does not exist", None).with_path(vec![PathSegment::Field("a".to_owned())]);
        let answer = of(Response::from_errors(vec![raw]));
        assert!(!answer.request_error);
        let text = serde_json::to_string(&answer).unwrap();
        assert!(
            text.contains("INTERNAL") && text.contains("req_1") && text.contains("\"data\":null"),
            "{text}"
        );
        assert!(!text.contains("secret"), "{text}");
    }

    #[test]
    fn a_value_of_the_wrong_type_is_a_fault_of_the_request_and_is_not_repeated() {
        let path = vec![PathSegment::Field("events".to_owned())];
        let raw = ServerError::new("Expected input type \"LogCursor\", found 330102.", None).with_path(path);
        let answer = of(Response::from_errors(vec![raw]));
        let text = serde_json::to_string(&answer).unwrap();
        assert!(text.contains("BAD_USER_INPUT") && !text.contains("330102"), "{text}");

        let raw = "Invalid value for argument \"input.kind\", enumeration type \"Kind\" does not contain the value \"330102\"";
        let answer = of(Response::from_errors(vec![ServerError::new(raw, None)]));
        let text = serde_json::to_string(&answer).unwrap();
        assert!(
            text.contains("\"path\":[\"input\",\"kind\"]") && !text.contains("330102"),
            "{text}"
        );
    }

    #[test]
    fn points_are_fields_answered() {
        let data = async_graphql::value!({ "a": [{ "b": 1 }, { "b": 2, "c": null }], "d": "x" });
        assert_eq!(of(Response::new(data)).points(), 5);
    }
}
