//! The members of a GraphQL request, from a query string or a JSON object.

use async_graphql::Variables;
use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

use crate::http::code::{Code, Refusal};

/// A request as the client wrote it.
#[derive(Debug, Clone)]
pub struct Params {
    pub query: String,
    pub operation_name: Option<String>,
    pub variables: Variables,
    /// `extensions.operationId`: the operation's name on an event stream that carries many. The only extension we know.
    pub operation_id: Option<String>,
}

impl Params {
    /// From a POST body.
    pub fn from_body(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refusal> {
        require_json(headers)?;
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Self::from_members(members),
            Ok(Value::Array(_)) => Err(Refusal::new(
                Code::BatchRefused,
                "send one operation a request, no array",
            )),
            Ok(_) => Err(bad("the body must be a JSON object")),
            Err(error) => Err(bad(format!(
                "the body is no JSON (line {}, column {})",
                error.line(),
                error.column()
            ))),
        }
    }

    /// From the query string of a GET.
    pub fn from_query(query: &str) -> Result<Self, Refusal> {
        let mut members = Map::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = match name.as_ref() {
                "query" | "operationName" => Value::String(value.into_owned()),
                "variables" | "extensions" if !value.is_empty() => {
                    serde_json::from_str(&value).map_err(|_| bad(format!("`{name}` is no JSON")))?
                }
                _ => continue,
            };
            if members.insert(name.clone().into_owned(), value).is_some() {
                return Err(bad(format!("`{name}` is given twice")));
            }
        }
        members.retain(|name, value| name != "operationName" || value.as_str() != Some(""));
        Self::from_members(members)
    }

    /// From a JSON object, as a POST body or the payload of `subscribe` holds it.
    pub fn from_members(mut members: Map<String, Value>) -> Result<Self, Refusal> {
        let query = match members.remove("query") {
            Some(Value::String(query)) => query,
            None | Some(Value::Null) => return Err(bad("`query` is missing")),
            Some(_) => return Err(bad("`query` must be a string")),
        };
        let operation_name = match members.remove("operationName") {
            Some(Value::String(name)) => Some(name),
            None | Some(Value::Null) => None,
            Some(_) => return Err(bad("`operationName` must be a string")),
        };
        let variables = match members.remove("variables") {
            Some(variables @ Value::Object(_)) => Variables::from_json(variables),
            None | Some(Value::Null) => Variables::default(),
            Some(_) => return Err(bad("`variables` must be an object")),
        };
        let operation_id = match members.remove("extensions") {
            None | Some(Value::Null) => None,
            Some(Value::Object(mut extensions)) => match extensions.remove("operationId") {
                Some(Value::String(id)) => Some(id),
                _ => None,
            },
            Some(_) => return Err(bad("`extensions` must be an object")),
        };
        Ok(Self {
            query,
            operation_name,
            variables,
            operation_id,
        })
    }
}

fn bad(message: impl Into<String>) -> Refusal {
    Refusal::new(Code::BadRequest, message)
}

/// Only JSON is read: a page elsewhere cannot send it without asking the browser's leave first.
fn require_json(headers: &HeaderMap) -> Result<(), Refusal> {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut parts = value.split(';').map(|part| part.trim().to_ascii_lowercase());
    let json = parts.next().is_some_and(|essence| essence == "application/json");
    let utf8 = parts
        .filter(|part| part.starts_with("charset="))
        .all(|part| part.trim_matches('"').contains("utf-8"));
    match json && utf8 {
        true => Ok(()),
        false => Err(Refusal::new(
            Code::UnsupportedMediaType,
            "send Content-Type: application/json, in UTF-8",
        )),
    }
}
