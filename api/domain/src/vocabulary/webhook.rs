//! Closed lists of webhooks.

use super::closed_list;

closed_list! {
    /// State of a webhook 事件推送.
    WebhookState {
        /// Told what changes, in order.
        Active = "ACTIVE",
        /// Told nothing; its place in the log stays.
        Paused = "PAUSED",
    }
}

closed_list! {
    /// Why a webhook is paused.
    PauseReason {
        /// Somebody paused it.
        ByHand = "BY_HAND",
        /// A message was not taken within the retry time.
        RetriesExhausted = "RETRIES_EXHAUSTED",
        /// The receiver answered 410.
        EndpointGone = "ENDPOINT_GONE",
        /// The service account was closed.
        AccountClosed = "ACCOUNT_CLOSED",
        /// The service account may no longer follow the log: it lacks `events:read`.
        RightLost = "RIGHT_LOST",
    }
}

closed_list! {
    /// What a delivery tells.
    DeliveryKind {
        /// A change of the log.
        Change = "CHANGE",
        /// The log could not be gone on from: what the receiver keeps must be read anew.
        Gap = "GAP",
        /// A trial that somebody asked for.
        Test = "TEST",
    }
}

closed_list! {
    /// How a delivery stands.
    DeliveryState {
        /// Not taken yet; it is tried again.
        Pending = "PENDING",
        /// The receiver took it.
        Delivered = "DELIVERED",
        /// Given up: a test that failed, or a message whose webhook was moved to another place in the log.
        Failed = "FAILED",
    }
}

closed_list! {
    /// Why an attempt failed.
    DeliveryFailure {
        /// The address that the name resolves to lies in no network that is allowed.
        AddressRefused = "ADDRESS_REFUSED",
        /// The name does not resolve.
        NameNotResolved = "NAME_NOT_RESOLVED",
        /// Nobody takes the connection.
        ConnectFailed = "CONNECT_FAILED",
        /// Certificate or protocol of the secure connection.
        TlsFailed = "TLS_FAILED",
        /// No answer in time.
        TimedOut = "TIMED_OUT",
        /// What came is no answer.
        BrokenAnswer = "BROKEN_ANSWER",
        /// A status from 300 on: redirects are not followed.
        Redirected = "REDIRECTED",
        /// A status from 400 on.
        Refused = "REFUSED",
        /// A status from 500 on, or 429.
        Unavailable = "UNAVAILABLE",
        /// 410: the webhook is paused at once.
        Gone = "GONE",
    }
}
