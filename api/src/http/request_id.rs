//! An id for each request, in the header `x-request-id` and in every error.

use std::sync::atomic::{AtomicU32, Ordering};

use axum::http::HeaderMap;

pub const HEADER: &str = "x-request-id";

/// Makes ids that are unique within the process and, by its number, between processes.
pub struct RequestIds {
    instance: u32,
    next: AtomicU32,
}

impl RequestIds {
    pub fn new(instance: u32) -> Self {
        Self {
            instance,
            next: AtomicU32::new(0),
        }
    }

    pub fn next(&self) -> String {
        format!(
            "req_{:08x}{:08x}",
            self.instance,
            self.next.fetch_add(1, Ordering::Relaxed)
        )
    }

    /// The id that a proxy gave, if it is short and plain, else a new one.
    pub fn of(&self, headers: &HeaderMap) -> String {
        let plain = |id: &&str| {
            (8..=64).contains(&id.len())
                && id
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        let given = headers.get(HEADER).and_then(|value| value.to_str().ok()).filter(plain);
        given.map_or_else(|| self.next(), str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_id_is_kept_and_another_one_is_not() {
        let ids = RequestIds::new(7);
        let mut headers = HeaderMap::new();
        assert_eq!(ids.of(&headers), "req_0000000700000000");
        headers.insert(HEADER, "abcdef-123".parse().unwrap());
        assert_eq!(ids.of(&headers), "abcdef-123");
        headers.insert(HEADER, "abc\"def 123".parse().unwrap());
        assert_eq!(ids.of(&headers), "req_0000000700000001");
    }
}
