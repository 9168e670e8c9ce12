//! Event streams that carry many operations.

use std::time::{Duration, Instant};

use reqwest::{Client, Method, RequestBuilder};
use serde_json::json;

use super::over_stream::{Event, Reader, form};
use super::toy::Server;

const TOKEN: &str = "x-graphql-event-stream-token";

/// A stream that carries many operations.
pub(super) struct Shared {
    url: String,
    bearer: String,
    token: String,
    pub(super) reader: Reader,
}

impl Shared {
    async fn reserve(server: &Server, bearer: &str) -> reqwest::Response {
        let put = Client::new().put(server.url("/graphql")).bearer_auth(bearer);
        put.send().await.unwrap()
    }

    pub(super) async fn open(server: &Server, bearer: &str) -> Self {
        let reserved = Self::reserve(server, bearer).await;
        assert_eq!(reserved.status(), 201);
        let token = reserved.text().await.unwrap();
        // As EventSource does: nothing but the address.
        let get = Client::new()
            .get(server.url(&format!("/graphql?{}", form(&[("token", &token)]))))
            .header("accept", "text/event-stream");
        Self {
            url: server.url("/graphql"),
            bearer: bearer.to_owned(),
            token,
            reader: Reader::open(get).await,
        }
    }

    fn request(&self, method: Method, id: &str) -> RequestBuilder {
        let url = format!("{}?{}", self.url, form(&[("operationId", id)]));
        let request = Client::new().request(method, url).header(TOKEN, &self.token);
        request.bearer_auth(&self.bearer)
    }

    async fn try_start(&self, id: &str, query: &str) -> u16 {
        let body = json!({ "query": query, "extensions": { "operationId": id } });
        let sent = self.request(Method::POST, "").json(&body).send().await.unwrap();
        sent.status().as_u16()
    }

    pub(super) async fn start(&self, id: &str, query: &str) {
        assert_eq!(self.try_start(id, query).await, 202, "{query}");
    }

    /// The next event of an operation.
    async fn of(&mut self, id: &str) -> Event {
        loop {
            let event = self.reader.event().await.unwrap();
            if event.data["id"] == id {
                return event;
            }
        }
    }
}

#[tokio::test]
async fn one_stream_carries_many_operations() {
    let server = Server::start(|settings| settings.socket.operations = 3).await;
    let mut shared = Shared::open(&server, "good").await;
    shared.start("q", "{ hello }").await;
    let told = shared.of("q").await;
    assert_eq!(
        (told.name.as_str(), &told.data["payload"]["data"]["hello"]),
        ("next", &json!("hello"))
    );
    assert_eq!(shared.of("q").await.name, "complete");
    shared.start("t", "subscription { tick }").await;
    shared.start("c", "subscription { count(to: 1) }").await;
    let told = shared.of("c").await;
    assert_eq!(
        (told.id.as_deref(), &told.data["payload"]["data"]["count"]),
        (Some("1"), &json!(0))
    );
    assert_eq!(shared.of("c").await.name, "complete");
    assert_eq!(shared.try_start("t", "subscription { tick }").await, 409);
    assert_eq!(shared.try_start("", "{ hello }").await, 400);
    assert_eq!(shared.try_start("x", "{ hello").await, 400);
    for id in ["u", "v"] {
        shared.start(id, "subscription { tick }").await;
    }
    assert_eq!(
        shared.try_start("w", "subscription { tick }").await,
        400,
        "more than its limit"
    );
    let stopped = shared.request(Method::DELETE, "t").send().await.unwrap();
    assert_eq!(stopped.status(), 200);
    shared.start("w", "subscription { tick }").await;
    assert_eq!(shared.of("w").await.name, "next");
}

#[tokio::test]
async fn a_reserved_stream_is_for_its_own_account_and_one_reader() {
    let server = Server::start(|settings| settings.socket.per_account = 2).await;
    assert_eq!(Shared::reserve(&server, "forged").await.status(), 401);
    let shared = Shared::open(&server, "good").await;
    let second = Client::new().get(server.url(&format!("/graphql?{}", form(&[("token", &shared.token)]))));
    let second = second.header("accept", "text/event-stream");
    assert_eq!(second.send().await.unwrap().status(), 409);
    let body = json!({ "query": "{ hello }", "extensions": { "operationId": "1" } });
    let of = |bearer: &str| {
        let post = Client::new().post(server.url("/graphql")).header(TOKEN, &shared.token);
        post.bearer_auth(bearer).json(&body)
    };
    assert_eq!(of("good-other").send().await.unwrap().status(), 404);
    assert_eq!(of("forged").send().await.unwrap().status(), 401);
    let without = Client::new()
        .post(server.url("/graphql"))
        .header(TOKEN, &shared.token)
        .json(&body);
    assert_eq!(without.send().await.unwrap().status(), 401);
    let unknown = Client::new()
        .get(server.url("/graphql?token=nothing"))
        .header("accept", "text/event-stream");
    assert_eq!(unknown.send().await.unwrap().status(), 404);
    let _other = Shared::open(&server, "good").await;
    assert_eq!(Shared::reserve(&server, "good").await.status(), 429);
}

#[tokio::test]
async fn a_reservation_nobody_comes_for_is_given_back() {
    let server = Server::start(|settings| {
        settings.socket.init_timeout = Duration::from_millis(200);
        settings.socket.per_account = 1;
    })
    .await;
    let reserved = Shared::reserve(&server, "good").await;
    let token = reserved.text().await.unwrap();
    assert_eq!(Shared::reserve(&server, "good").await.status(), 429);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let late = Client::new().get(server.url(&format!("/graphql?{}", form(&[("token", &token)]))));
    let late = late.header("accept", "text/event-stream").send().await.unwrap();
    assert_eq!(late.status(), 404);
    Shared::open(&server, "good").await;
}

#[tokio::test]
async fn requests_with_a_newer_token_renew_the_stream() {
    let server = Server::start(|_| {}).await;
    let mut shared = Shared::open(&server, "brief").await;
    shared.start("t", "subscription { tick }").await;
    let start = Instant::now();
    tokio::time::sleep(Duration::from_millis(600)).await;
    shared.start("q", "{ hello }").await;
    while shared.reader.event().await.is_some() {}
    assert!(
        start.elapsed() > Duration::from_millis(1_500),
        "the second token counted"
    );

    let mut leaving = Shared::open(&server, "good-leaving").await;
    leaving.start("s", "subscription { silence }").await;
    let told = leaving.of("s").await;
    assert_eq!(
        told.data["payload"]["errors"][0]["extensions"]["code"],
        "ACCOUNT_DISABLED"
    );
    assert_eq!(leaving.of("s").await.name, "complete");
    assert_eq!(leaving.reader.event().await, None);
}

#[tokio::test]
async fn a_flood_does_not_starve_its_neighbour_on_a_shared_stream() {
    let server = Server::start(|_| {}).await;
    let mut shared = Shared::open(&server, "good").await;
    shared.start("flood", "subscription { flood }").await;
    shared.start("tick", "subscription { tick }").await;
    let start = Instant::now();
    for ticks in 0..20 {
        shared.of("tick").await;
        assert!(start.elapsed() < Duration::from_secs(4), "only {ticks} ticks");
    }
}
