//! The stable codes of the transport, and the one shape of a refusal.

use async_graphql::{ErrorExtensionValues, Pos, ServerError};
use axum::http::StatusCode;

/// Declares the codes with their text and their HTTP status; `None` is a GraphQL request error, whose status depends
/// on the media type (400, or 200 under `application/json`).
macro_rules! codes {
    ($($(#[$meta:meta])* $variant:ident = $code:literal, $status:expr;)+) => {
        /// Stable code of an error that the transport itself gives (`extensions.code`).
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code { $($(#[$meta])* $variant,)+ }

        impl Code {
            /// The code as clients read it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The HTTP status that always goes with the code, `None` for a GraphQL request error.
            #[must_use]
            pub fn status(self) -> Option<StatusCode> {
                match self { $(Self::$variant => $status,)+ }
            }
        }
    };
}

codes! {
    /// The document has too many bytes.
    DocumentTooLarge = "DOCUMENT_TOO_LARGE", None;
    /// The document has too many tokens.
    TooManyTokens = "TOO_MANY_TOKENS", None;
    /// Brackets or expanded selections stand too deep in each other.
    NestingTooDeep = "NESTING_TOO_DEEP", None;
    TooManyDirectives = "TOO_MANY_DIRECTIVES", None;
    TooManyOperations = "TOO_MANY_OPERATIONS", None;
    TooManyFragments = "TOO_MANY_FRAGMENTS", None;
    /// A fragment spreads itself, directly or through others.
    FragmentCycle = "FRAGMENT_CYCLE", None;
    /// Too many selections once all fragments are expanded.
    TooManySelections = "TOO_MANY_SELECTIONS", None;
    TooManyAliases = "TOO_MANY_ALIASES", None;
    TooManyRootFields = "TOO_MANY_ROOT_FIELDS", None;
    /// More than one sign-in or refresh in one request.
    TooManySessionFields = "TOO_MANY_SESSION_FIELDS", None;
    ParseFailed = "GRAPHQL_PARSE_FAILED", None;
    ValidationFailed = "GRAPHQL_VALIDATION_FAILED", None;
    /// `operationName` names no operation, or there are several and no name.
    OperationNotFound = "OPERATION_NOT_FOUND", None;
    QueryTooDeep = "QUERY_TOO_DEEP", None;
    QueryTooComplex = "QUERY_TOO_COMPLEX", None;
    /// The operation costs more than one may, or than a full budget holds; waiting does not help.
    QueryTooExpensive = "QUERY_TOO_EXPENSIVE", None;
    /// A subscription asked for a plain answer.
    SubscriptionNeedsStream = "SUBSCRIPTION_NEEDS_STREAM", None;
    /// A value that the schema does not take.
    BadUserInput = "BAD_USER_INPUT", None;
    /// The HTTP request is no GraphQL request.
    BadRequest = "BAD_REQUEST", Some(StatusCode::BAD_REQUEST);
    /// Arrays of operations are refused.
    BatchRefused = "BATCH_REFUSED", Some(StatusCode::BAD_REQUEST);
    Unauthenticated = "UNAUTHENTICATED", Some(StatusCode::UNAUTHORIZED);
    AccountDisabled = "ACCOUNT_DISABLED", Some(StatusCode::UNAUTHORIZED);
    OriginRefused = "ORIGIN_REFUSED", Some(StatusCode::FORBIDDEN);
    /// No event stream of this account has the token; reserve another one.
    StreamNotFound = "STREAM_NOT_FOUND", Some(StatusCode::NOT_FOUND);
    /// No part of an export is there for the caller: it never was, its time is over, or a right that it rests on is gone.
    ExportNotFound = "EXPORT_NOT_FOUND", Some(StatusCode::NOT_FOUND);
    /// Another connection reads the event stream already.
    StreamTaken = "STREAM_TAKEN", Some(StatusCode::CONFLICT);
    /// The id of the operation is in use on the event stream.
    OperationIdTaken = "OPERATION_ID_TAKEN", Some(StatusCode::CONFLICT);
    /// The account has as many streams as it may.
    TooManyStreams = "TOO_MANY_STREAMS", Some(StatusCode::TOO_MANY_REQUESTS);
    MethodNotAllowed = "METHOD_NOT_ALLOWED", Some(StatusCode::METHOD_NOT_ALLOWED);
    NotAcceptable = "NOT_ACCEPTABLE", Some(StatusCode::NOT_ACCEPTABLE);
    BodyTimeout = "BODY_TIMEOUT", Some(StatusCode::REQUEST_TIMEOUT);
    BodyTooLarge = "BODY_TOO_LARGE", Some(StatusCode::PAYLOAD_TOO_LARGE);
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE", Some(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    /// The budget is used up; `retryAfterMs` says how long to wait.
    RateLimited = "RATE_LIMITED", Some(StatusCode::TOO_MANY_REQUESTS);
    Internal = "INTERNAL", Some(StatusCode::INTERNAL_SERVER_ERROR);
    /// Too much is going on; `retryAfterMs` says how long to wait.
    Overloaded = "OVERLOADED", Some(StatusCode::SERVICE_UNAVAILABLE);
    /// The database does not answer. A mutation may go on; ask again with the same idempotency key.
    Unavailable = "UNAVAILABLE", Some(StatusCode::SERVICE_UNAVAILABLE);
    /// The disk of the database is full: reads go on, writes wait for the operator.
    StorageFull = "STORAGE_FULL", Some(StatusCode::INSUFFICIENT_STORAGE);
    /// The answer took too long. A mutation goes on; ask again with the same idempotency key.
    Timeout = "TIMEOUT", Some(StatusCode::SERVICE_UNAVAILABLE);
}

/// Why a request was not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: Code,
    /// For the integrator, in English; never holds text of the request's values.
    pub message: String,
    /// Milliseconds after which it is worth trying again.
    pub retry_after_ms: Option<u64>,
    /// Where in the document.
    pub locations: Vec<Pos>,
    /// Path into the variables, or into an argument of the document; empty where it is about no value.
    pub path: Vec<String>,
}

/// The node is on its way down: whoever comes back finds another one.
pub fn restarting() -> Refusal {
    Refusal::new(Code::Overloaded, "the node restarts").retry_after_ms(1_000)
}

impl Refusal {
    /// A refusal without place and without hope of waiting.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            retry_after_ms: None,
            locations: Vec::new(),
            path: Vec::new(),
        }
    }

    /// A number that is above its limit.
    #[must_use]
    pub fn above(code: Code, what: &str, limit: usize) -> Self {
        Self::new(code, format!("{what}: at most {limit}"))
    }

    /// Adds the wait after which it is worth trying again.
    #[must_use]
    pub fn retry_after_ms(self, milliseconds: u64) -> Self {
        Self {
            retry_after_ms: Some(milliseconds),
            ..self
        }
    }

    /// The refusal as an entry of `errors`.
    #[must_use]
    pub fn into_error(self) -> ServerError {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.code.as_str());
        if let Some(wait) = self.retry_after_ms {
            extensions.set("retryAfterMs", wait);
        }
        if !self.path.is_empty() {
            extensions.set("path", self.path);
        }
        let mut error = ServerError::new(self.message, None);
        error.locations = self.locations;
        error.extensions = Some(extensions);
        error
    }
}
