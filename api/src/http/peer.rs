//! Where a request comes from.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;

/// The client's address: the peer, or the entry of `X-Forwarded-For` that the outermost of our proxies wrote.
pub fn client_address(parts: &Parts, proxies: usize) -> Option<IpAddr> {
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(address)| address.ip());
    if proxies == 0 {
        return peer;
    }
    let hops: Vec<&str> = parts
        .headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let written = hops.iter().rev().nth(proxies - 1).and_then(|hop| hop.parse().ok());
    written.or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_our_proxies_wrote_is_believed() {
        let (mut parts, ()) = axum::http::Request::new(()).into_parts();
        parts
            .extensions
            .insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1))));
        parts
            .headers
            .insert("x-forwarded-for", "6.6.6.6, 10.0.0.7, 10.0.0.8".parse().unwrap());
        let address = |proxies| client_address(&parts, proxies).map(|address| address.to_string());
        assert_eq!(address(0).as_deref(), Some("127.0.0.1"));
        assert_eq!(address(1).as_deref(), Some("10.0.0.8"));
        assert_eq!(address(2).as_deref(), Some("10.0.0.7"));
        assert_eq!(address(9).as_deref(), Some("127.0.0.1"));
    }
}
