//! Messages of the protocol.

use axum::extract::ws::Message;
use domain::vocabulary::Language;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::close::Close;
use crate::http::graphql::{Answer, Params, bearer_of};
use crate::http::language;

/// From the client.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromClient {
    ConnectionInit {
        #[serde(default)]
        payload: Option<Map<String, Value>>,
    },
    Ping {
        #[serde(default)]
        payload: Option<Map<String, Value>>,
    },
    Pong {},
    Subscribe {
        id: String,
        payload: Map<String, Value>,
    },
    Complete {
        id: String,
    },
}

/// To the client.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToClient<'a> {
    ConnectionAck,
    Pong,
    Next {
        id: &'a str,
        payload: &'a Answer,
    },
    Error {
        id: &'a str,
        payload: &'a [async_graphql::ServerError],
    },
    Complete {
        id: &'a str,
    },
}

/// Characters of an operation's id.
const ID: usize = 64;

impl FromClient {
    /// Reads a text message.
    pub fn read(text: &str) -> Result<Self, Close> {
        let message: Self = serde_json::from_str(text).map_err(|_| Close::invalid("Invalid message received"))?;
        match &message {
            Self::Subscribe { id, .. } | Self::Complete { id } if id.is_empty() || id.len() > ID => {
                Err(Close::invalid("the id of an operation has 1 to 64 bytes"))
            }
            Self::Subscribe { .. }
            | Self::Complete { .. }
            | Self::ConnectionInit { .. }
            | Self::Ping { .. }
            | Self::Pong {} => Ok(message),
        }
    }
}

impl ToClient<'_> {
    pub fn into_message(self) -> Message {
        Message::text(serde_json::to_string(&self).unwrap_or_default())
    }
}

/// The operation in the payload of `subscribe`.
pub fn params(payload: Map<String, Value>) -> Result<Params, Close> {
    Params::from_members(payload).map_err(|refusal| Close::invalid(&refusal.message))
}

/// The token and the language that a payload brings: `authorization` ("Bearer …"), `language` or `accept-language`, in
/// any case of letters. A token in another form is taken for a token that does not hold.
pub fn introduction(payload: Option<&Map<String, Value>>) -> (Option<String>, Option<Language>) {
    let text = |wanted: &[&str]| {
        let member = payload?
            .iter()
            .find(|(name, _)| wanted.iter().any(|each| name.eq_ignore_ascii_case(each)))?;
        member.1.as_str()
    };
    let bearer = text(&["authorization"]).map(|value| bearer_of(value).unwrap_or_default().to_owned());
    let language = text(&["language", "accept-language", "acceptLanguage"]).and_then(language::preferred);
    (bearer, language)
}
