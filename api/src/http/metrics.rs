//! A few counters in the text form that Prometheus reads. No names, no addresses, no operation names.

use std::fmt::Write;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use super::executor::Transport;
use super::settings::Counts;

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Data without errors.
    Answered,
    /// Data with errors of fields.
    FieldErrors,
    /// Not run: refused by a limit, by validation or by the transport.
    Refused,
    /// The budget was used up.
    RateLimited,
    /// Overload, timeout or a fault of ours.
    Failed,
}

impl Outcome {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Answered, "answered"),
        (Self::FieldErrors, "field_errors"),
        (Self::Refused, "refused"),
        (Self::RateLimited, "rate_limited"),
        (Self::Failed, "failed"),
    ];
}

/// Counters of the node.
#[derive(Default)]
pub struct Metrics {
    http: [AtomicU64; 5],
    socket: [AtomicU64; 5],
    event_stream: [AtomicU64; 5],
    multipart: [AtomicU64; 5],
    open_sockets: AtomicI64,
    open_streams: AtomicI64,
}

impl Metrics {
    pub fn count(&self, transport: Transport, outcome: Outcome) {
        let place = Outcome::ALL.iter().position(|(each, _)| *each == outcome);
        if let Some(counter) = place.and_then(|place| self.counters(transport).get(place)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub fn socket_opened(&self) {
        self.open_sockets.fetch_add(1, Ordering::Relaxed);
    }

    pub fn socket_closed(&self) {
        self.open_sockets.fetch_sub(1, Ordering::Relaxed);
    }

    pub fn stream_opened(&self) {
        self.open_streams.fetch_add(1, Ordering::Relaxed);
    }

    pub fn stream_closed(&self) {
        self.open_streams.fetch_sub(1, Ordering::Relaxed);
    }

    fn counters(&self, transport: Transport) -> &[AtomicU64; 5] {
        match transport {
            Transport::Http => &self.http,
            Transport::WebSocket => &self.socket,
            Transport::EventStream => &self.event_stream,
            Transport::Multipart => &self.multipart,
        }
    }

    /// The counters as text.
    pub fn render(&self, operations_running: usize, counts: Counts) -> String {
        let mut text = String::from("# TYPE orglife_graphql_requests_total counter\n");
        for (transport, label) in [
            (Transport::Http, "http"),
            (Transport::WebSocket, "websocket"),
            (Transport::EventStream, "event_stream"),
            (Transport::Multipart, "multipart"),
        ] {
            for ((_, outcome), counter) in Outcome::ALL.iter().zip(self.counters(transport)) {
                let count = counter.load(Ordering::Relaxed);
                // Writing to a String does not fail.
                let _ = writeln!(
                    text,
                    "orglife_graphql_requests_total{{transport=\"{label}\",outcome=\"{outcome}\"}} {count}"
                );
            }
        }
        for (name, open) in [("sockets", &self.open_sockets), ("event_streams", &self.open_streams)] {
            let open = open.load(Ordering::Relaxed);
            let _ = writeln!(text, "# TYPE orglife_{name}_open gauge\norglife_{name}_open {open}");
        }
        let _ = writeln!(
            text,
            "# TYPE orglife_operations_running gauge\norglife_operations_running {operations_running}"
        );
        for (name, count) in [
            ("sql_statements", counts.statements),
            ("sql_feed_statements", counts.feed_statements),
            ("ticks", counts.ticks),
            ("exports_completed", counts.exports_completed),
            ("exports_failed", counts.exports_failed),
            ("imports_completed", counts.imports_completed),
            ("imports_failed", counts.imports_failed),
            ("log_unreadable_events", counts.log_unreadable),
            ("webhook_attempts_taken", counts.webhooks.delivered),
            ("webhook_attempts_failed", counts.webhooks.failed),
            ("webhook_addresses_looked_at", counts.webhooks.looked_at),
        ] {
            let _ = writeln!(
                text,
                "# TYPE orglife_{name}_total counter\norglife_{name}_total {count}"
            );
        }
        for (name, count) in [
            ("active", counts.webhooks.active),
            ("failing", counts.webhooks.failing),
            ("paused", counts.webhooks.paused),
        ] {
            let _ = writeln!(
                text,
                "# TYPE orglife_webhooks_{name} gauge\norglife_webhooks_{name} {count}"
            );
        }
        let _ = writeln!(
            text,
            "# TYPE orglife_log_behind_seconds gauge\norglife_log_behind_seconds {:.3}",
            counts.log_behind.as_secs_f64()
        );
        text
    }
}
