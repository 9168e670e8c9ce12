use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::toy::Server;

struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    async fn connect(server: &Server, headers: &[(&'static str, &str)]) -> Result<Self, Error> {
        let mut request = format!("ws://{}/graphql", server.address).into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        connect_async(request).await.map(|(stream, _)| Self(stream))
    }

    async fn open(server: &Server) -> Self {
        Self::connect(server, &[("sec-websocket-protocol", "graphql-transport-ws")])
            .await
            .unwrap()
    }

    /// A socket that has its `connection_ack`.
    async fn signed_in(server: &Server, token: &str) -> Self {
        let mut client = Self::open(server).await;
        client.send(json!({ "type": "connection_init", "payload": { "Authorization": format!("Bearer {token}"), "language": "en" } })).await;
        assert_eq!(client.next().await["type"], "connection_ack");
        client
    }

    async fn send(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn subscribe(&mut self, id: &str, query: &str) {
        self.send(json!({ "type": "subscribe", "id": id, "payload": { "query": query } }))
            .await;
    }

    /// The next text message.
    async fn next(&mut self) -> Value {
        loop {
            match tokio::time::timeout(Duration::from_secs(5), self.0.next())
                .await
                .unwrap()
                .unwrap()
                .unwrap()
            {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Close(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
    }

    /// The close code, whatever comes before it.
    async fn closed(&mut self) -> u16 {
        loop {
            match tokio::time::timeout(Duration::from_secs(5), self.0.next())
                .await
                .unwrap()
            {
                Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
                Some(Ok(_)) => {}
                other => panic!("no close frame: {other:?}"),
            }
        }
    }
}

async fn code_after(server: &Server, messages: &[Value]) -> u16 {
    let mut client = Client::open(server).await;
    for message in messages {
        client.send(message.clone()).await;
    }
    client.closed().await
}

fn init(token: &str) -> Value {
    json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {token}") } })
}

#[tokio::test]
async fn close_codes_are_those_of_the_protocol() {
    let server = Server::start(|settings| settings.socket.init_timeout = Duration::from_millis(300)).await;
    let subscribe = json!({ "type": "subscribe", "id": "1", "payload": { "query": "subscription { tick }" } });
    assert_eq!(code_after(&server, &[]).await, 4408);
    assert_eq!(code_after(&server, std::slice::from_ref(&subscribe)).await, 4401);
    assert_eq!(code_after(&server, &[json!("x")]).await, 4400);
    assert_eq!(code_after(&server, &[json!({ "type": "x".repeat(500) })]).await, 4400);
    assert_eq!(code_after(&server, &[init("good"), init("good")]).await, 4429);
    assert_eq!(code_after(&server, &[init("forged")]).await, 4403);
    assert_eq!(code_after(&server, &[json!({ "type": "connection_init" })]).await, 4403);
    assert_eq!(code_after(&server, &[init("disabled")]).await, 4401);
    assert_eq!(code_after(&server, &[init("busy")]).await, 1013);
    assert_eq!(
        code_after(&server, &[init("good"), subscribe.clone(), subscribe]).await,
        4409
    );
    assert_eq!(
        code_after(
            &server,
            &[
                init("good"),
                json!({ "type": "subscribe", "id": "", "payload": { "query": "" } })
            ]
        )
        .await,
        4400
    );
    assert_eq!(
        code_after(
            &server,
            &[init("good"), json!({ "type": "subscribe", "id": "1", "payload": {} })]
        )
        .await,
        4400
    );
    assert_eq!(
        code_after(
            &server,
            &[json!({ "type": "ping", "payload": { "x": "x".repeat(70_000) } })]
        )
        .await,
        4400
    );
    let mut client = Client::connect(&server, &[]).await.unwrap();
    assert_eq!(client.closed().await, 4406);
}

#[tokio::test]
async fn a_socket_that_is_signed_in_takes_longer_messages() {
    let server = Server::start(|settings| settings.body_bytes = 128 * 1024).await;
    let ping = |bytes: usize| json!({ "type": "ping", "payload": { "x": "x".repeat(bytes) } });
    let mut client = Client::signed_in(&server, "good").await;
    for _ in 0..3 {
        client.send(ping(100_000)).await;
        assert_eq!(client.next().await, json!({ "type": "pong" }));
    }
    client.send(ping(131_072)).await;
    assert_eq!(client.closed().await, 4400);
    // One that is not brings no more than that in all.
    let mut client = Client::open(&server).await;
    client.send(ping(40_000)).await;
    assert_eq!(client.next().await, json!({ "type": "pong" }));
    client.send(ping(40_000)).await;
    assert_eq!(client.closed().await, 4400);
}

#[tokio::test]
async fn operations_of_every_kind_run() {
    let server = Server::start(|_| {}).await;
    let mut client = Client::signed_in(&server, "good").await;
    client.subscribe("a", "subscription { count(to: 2) }").await;
    for n in 0..2 {
        let next = client.next().await;
        assert_eq!(
            (&next["type"], &next["id"], &next["payload"]["data"]),
            (&json!("next"), &json!("a"), &json!({ "count": n }))
        );
    }
    assert_eq!(client.next().await, json!({ "type": "complete", "id": "a" }));
    client.subscribe("a", "{ language }").await;
    assert_eq!(client.next().await["payload"]["data"]["language"], "en");
    assert_eq!(client.next().await["type"], "complete");
    client.subscribe("m", "mutation { write }").await;
    assert_eq!(client.next().await["payload"]["data"]["write"], true);
    assert_eq!(client.next().await["type"], "complete");
    client.send(json!({ "type": "ping" })).await;
    assert_eq!(client.next().await, json!({ "type": "pong" }));
}

#[tokio::test]
async fn the_guard_and_the_budget_stand_here_too() {
    let server = Server::start(|settings| {
        settings.budget.account_points = 150;
        settings.budget.account_per_second = 1;
    })
    .await;
    let mut client = Client::signed_in(&server, "good").await;
    let deep = format!("{{ a(b: {}", "[".repeat(60));
    let wide = format!("{{ {} }}", "hello ".repeat(11));
    for (query, code) in [
        (deep.as_str(), "NESTING_TOO_DEEP"),
        (&wide, "TOO_MANY_ROOT_FIELDS"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ ...A } fragment A on Query { ...A }", "FRAGMENT_CYCLE"),
    ] {
        client.subscribe("x", query).await;
        let error = client.next().await;
        assert_eq!(
            (&error["type"], &error["payload"][0]["extensions"]["code"]),
            (&json!("error"), &json!(code)),
            "{query}"
        );
    }
    for n in 0.. {
        client.subscribe("x", "{ hello }").await;
        let answer = client.next().await;
        if answer["type"] == "error" {
            assert_eq!(answer["payload"][0]["extensions"]["code"], "RATE_LIMITED");
            assert!(n > 50);
            break;
        }
        client.next().await;
    }
}

#[tokio::test]
async fn sockets_and_operations_are_counted() {
    let server = Server::start(|settings| {
        settings.socket.per_account = 2;
        settings.socket.operations = 3;
    })
    .await;
    let mut first = Client::signed_in(&server, "good").await;
    let second = Client::signed_in(&server, "good").await;
    assert_eq!(code_after(&server, &[init("good")]).await, 1013);
    Client::signed_in(&server, "good-other").await;
    drop(second);
    tokio::time::sleep(Duration::from_millis(200)).await;
    Client::signed_in(&server, "good").await;
    for id in ["1", "2", "3", "4"] {
        first.subscribe(id, "subscription { tick }").await;
    }
    loop {
        let message = first.next().await;
        if message["type"] == "error" {
            assert_eq!(
                (&message["id"], &message["payload"][0]["extensions"]["code"]),
                (&json!("4"), &json!("TOO_MANY_OPERATIONS"))
            );
            break;
        }
    }
    first.send(json!({ "type": "complete", "id": "1" })).await;
    first.subscribe("4", "subscription { tick }").await;
    loop {
        let message = first.next().await;
        assert_ne!(message["type"], "error");
        if message["id"] == "4" {
            break;
        }
    }
}

#[tokio::test]
async fn a_flood_does_not_starve_its_neighbour() {
    let server = Server::start(|_| {}).await;
    let mut client = Client::signed_in(&server, "good").await;
    client.subscribe("flood", "subscription { flood }").await;
    client.subscribe("tick", "subscription { tick }").await;
    let start = Instant::now();
    let mut ticks = 0;
    while ticks < 20 {
        ticks += usize::from(client.next().await["id"] == "tick");
        assert!(start.elapsed() < Duration::from_secs(4), "only {ticks} ticks");
    }
}

#[tokio::test]
async fn the_end_of_the_token_closes_and_a_new_one_renews() {
    let server = Server::start(|_| {}).await;
    let mut client = Client::signed_in(&server, "brief").await;
    assert_eq!(client.closed().await, 4403);

    let mut client = Client::signed_in(&server, "brief").await;
    client
        .send(json!({ "type": "ping", "payload": { "authorization": "Bearer good" } }))
        .await;
    assert_eq!(client.closed().await, 4403, "a token of another account renews nothing");

    let mut client = Client::signed_in(&server, "brief").await;
    let start = Instant::now();
    tokio::time::sleep(Duration::from_millis(600)).await;
    client
        .send(json!({ "type": "ping", "payload": { "authorization": "Bearer brief" } }))
        .await;
    assert_eq!(client.closed().await, 4403);
    assert!(
        start.elapsed() > Duration::from_millis(1_500),
        "the second token counted"
    );
}

#[tokio::test]
async fn pages_of_other_origins_do_not_connect() {
    let server = Server::start(|settings| settings.origins.push("https://office.example".to_owned())).await;
    let own = format!("http://{}", server.address);
    let protocol = ("sec-websocket-protocol", "graphql-transport-ws");
    for (origin, taken) in [
        ("https://evil.example", false),
        ("https://office.example", true),
        (own.as_str(), true),
    ] {
        let outcome = Client::connect(&server, &[protocol, ("origin", origin)]).await;
        assert_eq!(outcome.is_ok(), taken, "{origin}");
    }
}

#[tokio::test]
async fn a_node_that_stops_closes_its_sockets_and_goes() {
    let server = Server::start(|_| {}).await;
    let mut clients = Vec::new();
    for n in 0..4 {
        let mut client = Client::signed_in(&server, &format!("good-{n}")).await;
        client.subscribe("tick", "subscription { tick }").await;
        client.next().await;
        clients.push(client);
    }
    server.lifetime.shutdown.cancel();
    for client in &mut clients {
        assert_eq!(client.closed().await, 1012);
    }
    drop(clients);
    tokio::time::timeout(Duration::from_secs(5), server.lifetime.tasks.wait())
        .await
        .expect("no task is left");
}

#[tokio::test]
async fn a_silent_client_is_let_go_and_a_living_one_is_not() {
    let server = Server::start(|settings| {
        settings.socket.ping_every = Duration::from_millis(100);
        settings.socket.silence = Duration::from_millis(350);
    })
    .await;
    let mut living = Client::signed_in(&server, "good").await;
    let silent = Client::signed_in(&server, "good").await;
    // Reading answers the server's pings; the silent client does not read.
    assert!(
        tokio::time::timeout(
            Duration::from_millis(900),
            living
                .0
                .by_ref()
                .filter(|m| { std::future::ready(!matches!(m, Ok(Message::Ping(_)))) })
                .next()
        )
        .await
        .is_err()
    );
    let mut silent = silent;
    assert_eq!(silent.closed().await, 4499);
}

#[tokio::test]
async fn who_does_not_drain_the_socket_is_closed_with_a_code_to_come_back_after_and_costs_nobody_else() {
    let server = Server::start(|settings| settings.socket.send_timeout = Duration::from_millis(400)).await;
    let mut stuck = Client::signed_in(&server, "good").await;
    let mut other = Client::signed_in(&server, "good-other").await;
    other.subscribe("tick", "subscription { tick }").await;
    stuck.subscribe("flood", "subscription { flood }").await;
    // Nothing is read of the flood until its socket is full and the server has waited long enough.
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(3) {
        assert_eq!(other.next().await["id"], "tick");
    }
    assert_eq!(stuck.closed().await, 4900);
    assert_eq!(other.next().await["id"], "tick");
}
