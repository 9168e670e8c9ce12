//! Why a socket is closed.

use axum::extract::ws::{CloseFrame, Message};

/// A close code of the protocol (or of RFC 6455) with its reason. Clients of the protocol try again after 1012, 1013,
/// 4403, 4408, 4499 and 4900, and give up after the other ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    pub code: u16,
    reason: String,
}

/// Milliseconds after which an account without a free place for a socket may try again.
const SOCKETS_AGAIN_MS: u64 = 5_000;
/// Bytes that a control frame has for the reason.
const REASON: usize = 123;

impl Close {
    fn new(code: u16, reason: impl Into<String>) -> Self {
        let mut reason = reason.into();
        while reason.len() > REASON {
            reason.pop();
        }
        Self { code, reason }
    }

    /// The client ended it, or its connection broke.
    pub fn normal() -> Self {
        Self::new(1000, "")
    }

    pub fn drain() -> Self {
        Self::new(1012, "the node restarts")
    }

    pub fn overload(retry_after_ms: u64) -> Self {
        Self::new(1013, format!("try again in {retry_after_ms} ms"))
    }

    pub fn invalid(reason: &str) -> Self {
        Self::new(4400, reason)
    }

    pub fn unauthorized() -> Self {
        Self::new(4401, "Unauthorized")
    }

    pub fn disabled() -> Self {
        Self::new(4401, "the account is disabled")
    }

    pub fn forbidden() -> Self {
        Self::new(4403, "Forbidden")
    }

    pub fn token_ended() -> Self {
        Self::new(4403, "the token has ended")
    }

    pub fn no_subprotocol() -> Self {
        Self::new(4406, "Subprotocol not acceptable")
    }

    pub fn init_timeout() -> Self {
        Self::new(4408, "Connection initialisation timeout")
    }

    pub fn duplicate(id: &str) -> Self {
        Self::new(4409, format!("Subscriber for {id} already exists"))
    }

    pub fn too_many_inits() -> Self {
        Self::new(4429, "Too many initialisation requests")
    }

    /// The account's places are taken. Those of connections that broke are free again soon, so this is a code to come back after: an
    /// account whose network was gone is not to lose its screens for good.
    pub fn too_many_sockets() -> Self {
        Self::overload(SOCKETS_AGAIN_MS)
    }

    /// The client is silent; whoever lives tries again.
    pub fn silent() -> Self {
        Self::new(4499, "no sign of life")
    }

    /// The client does not take what it is sent; clients of the protocol come back after codes of the application.
    pub fn undrained() -> Self {
        Self::new(4900, "messages are not taken")
    }

    pub fn into_message(self) -> Message {
        Message::Close(Some(CloseFrame {
            code: self.code,
            reason: self.reason.into(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_fits_its_frame() {
        let Message::Close(Some(frame)) = Close::duplicate(&"长".repeat(64)).into_message() else {
            panic!("no frame")
        };
        assert!(frame.reason.len() <= REASON && frame.reason.len() > 100);
        assert_eq!(frame.code, 4409);
    }
}
