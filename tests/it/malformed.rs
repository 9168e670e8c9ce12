//! What is no message of the protocol, over WebSocket and event streams: each has its precise code, and none costs another
//! client anything.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::orgs::create;
use tests::{EventStream, Server, TestDatabase, Ws, WsMessage, both_databases};

const EVENTS: &str = "subscription { events { __typename ... on Change { entityId } ... on Resumed { replayed } } }";

async fn closed(mut ws: Ws) -> u16 {
    loop {
        if let WsMessage::Closed { code, .. } = ws.next().await {
            return code;
        }
    }
}

async fn introduced(server: &Server, user: &str) -> Ws {
    Ws::of_token(server.url(), &server.account(user, "accessToken")).await
}

async fn bystander(server: &Server) -> Ws {
    let mut ws = introduced(server, "county-organization").await;
    ws.subscribe("s", EVENTS, json!({})).await;
    assert_eq!(ws.heard("s", "events").await["replayed"], 0);
    ws
}

/// The bystander hears of what is done now, and of it within a second or two.
async fn still_hears(ws: &mut Ws, server: &Server, key: &str) {
    let county = server.account("county-organization", "organizationId");
    let begun = Instant::now();
    let made = create(&server.client("county-organization"), &county, "WORKING_COMMITTEE", key).await;
    while ws.heard("s", "events").await["entityId"] != made["organization"]["id"] {}
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

both_databases!(
    a_socket_that_says_what_is_no_message_is_closed_with_the_code_for_it,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let mut bystander = bystander(server).await;
        assert_eq!(closed(Ws::open_as(server.url(), None).await).await, 4406);
        assert_eq!(closed(Ws::open_as(server.url(), Some("graphql-ws")).await).await, 4406);
        let user = "town-clerk";
        let mut ws = introduced(server, user).await;
        ws.send_bytes(b"{\"type\": \"ping\"}".to_vec()).await;
        assert_eq!(closed(ws).await, 4400);
        let long = "x".repeat(1_050_000);
        for text in [
            "\u{0}".to_owned(),
            "null".to_owned(),
            json!({"type": "ping", "payload": {"x": long}}).to_string(),
            json!({"type": "subscribe", "id": "x".repeat(65), "payload": {"query": EVENTS}}).to_string(),
            json!({"type": "subscribe", "id": "", "payload": {"query": EVENTS}}).to_string(),
            json!({"type": "subscribe", "id": 7, "payload": {"query": EVENTS}}).to_string(),
            json!({"type": "subscribe", "payload": {"query": EVENTS}}).to_string(),
            json!({"type": "subscribe", "id": "1", "payload": {"query": 7}}).to_string(),
            json!({"type": "subscribe", "id": "1", "payload": {"query": EVENTS, "variables": []}}).to_string(),
            json!({"type": "complete"}).to_string(),
            json!({"type": "connection_ack"}).to_string(),
            format!("{}1{}", "[".repeat(30_000), "]".repeat(30_000)),
        ] {
            let mut ws = introduced(server, user).await;
            let shown: String = text.chars().take(60).collect();
            ws.send_text(text).await;
            assert_eq!(closed(ws).await, 4400, "{shown}");
        }
        // An id that is unknown, or over already, may be completed: messages cross on the way.
        let mut ws = introduced(server, user).await;
        ws.complete("never-begun").await;
        ws.subscribe("1", "{ __typename }", json!({})).await;
        assert_eq!(ws.next_of("1").await["data"]["__typename"], "Query");
        // Who says nothing is asked to go in time.
        let begun = Instant::now();
        assert_eq!(closed(Ws::open(server.url()).await).await, 4408);
        assert!(begun.elapsed() >= Duration::from_secs(9), "{:?}", begun.elapsed());
        still_hears(&mut bystander, server, "malformed-1").await;
    }
);

both_databases!(
    an_operation_that_cannot_run_is_refused_alone_and_its_socket_goes_on,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let mut ws = introduced(server, "town-clerk").await;
        ws.subscribe("good", EVENTS, json!({})).await;
        assert_eq!(ws.heard("good", "events").await["replayed"], 0);
        let deep = format!(
            "{{ organization(id: \"x\") {} {} }}",
            "{ parent ".repeat(60),
            "}".repeat(60)
        );
        let refused = [
            ("{", "GRAPHQL_PARSE_FAILED"),
            ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
            (
                "subscription { events { __typename } figures(organization: \"x\", period: {kind: YEAR}) { __typename } }",
                "",
            ),
            (deep.as_str(), ""),
        ];
        for (query, code) in refused {
            ws.subscribe("bad", query, json!({})).await;
            let WsMessage::Error { id, payload } = ws.next().await else {
                panic!("not refused: {query}")
            };
            let told = payload[0]["extensions"]["code"].as_str().unwrap_or_default();
            assert_eq!(id, "bad");
            assert!(!told.is_empty() && (code.is_empty() || told == code), "{query}: {told}");
        }
        ws.subscribe("alive", "{ __typename }", json!({})).await;
        assert_eq!(ws.next_of("alive").await["data"]["__typename"], "Query");
    }
);

fn stream_of(server: &Server) -> reqwest::RequestBuilder {
    reqwest::Client::new()
        .post(format!("{}/graphql", server.url()))
        .header("accept", "text/event-stream")
}

async fn status(request: reqwest::RequestBuilder) -> (u16, String) {
    let (status, body) = EventStream::of(request).await.expect_err("no stream opens");
    (
        status,
        body["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
    )
}

both_databases!(
    an_event_stream_that_cannot_begin_has_a_status_or_says_why_and_ends,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let mut bystander = bystander(server).await;
        let token = server.account("town-clerk", "accessToken");
        let body = json!({"query": EVENTS});
        assert_eq!(status(stream_of(server).json(&body)).await.0, 401);
        assert_eq!(status(stream_of(server).bearer_auth("forged").json(&body)).await.0, 401);
        let cases: [(reqwest::Body, &str, u16); 4] = [
            ("{".into(), "application/json", 400),
            ("[]".into(), "application/json", 400),
            (body.to_string().into(), "text/plain", 415),
            ("x".repeat(1_050_000).into(), "application/json", 413),
        ];
        for (body, kind, wanted) in cases {
            let request = stream_of(server)
                .bearer_auth(&token)
                .header("content-type", kind)
                .body(body);
            assert_eq!(status(request).await.0, wanted, "{kind}");
        }
        for (query, variables, code) in [
            ("subscription { nothing }", json!({}), "GRAPHQL_VALIDATION_FAILED"),
            (
                "subscription($after: LogCursor) { events(after: $after) { __typename } }",
                json!({"after": 7}),
                "BAD_USER_INPUT",
            ),
        ] {
            let opened = EventStream::open(server.url(), &token, query, variables).await;
            let mut stream = opened.expect("a stream that says why");
            let told = stream.next().await.expect("a refusal");
            let said = told.data["errors"][0]["extensions"]["code"]
                .as_str()
                .unwrap_or_default();
            assert!(!said.is_empty() && (code.is_empty() || said == code), "{query}: {said}");
            assert_eq!(stream.next().await.expect("the end").name, "complete");
        }
        // A cursor in the header of a stream is as good or bad as one in its variables.
        let wrong = stream_of(server)
            .bearer_auth(&token)
            .header("last-event-id", "nonsense")
            .json(&body);
        let told = EventStream::of(wrong)
            .await
            .expect("a stream")
            .next()
            .await
            .expect("a refusal");
        assert_eq!(told.data["errors"][0]["extensions"]["code"], "CURSOR_INVALID");
        still_hears(&mut bystander, server, "malformed-2").await;
    }
);

/// What an account may have open at once, in order: the last one is told that it is too much.
async fn fill_streams(server: &Server, token: &str) -> (Vec<EventStream>, (u16, Value)) {
    let mut open = Vec::new();
    loop {
        match EventStream::open(server.url(), token, EVENTS, json!({})).await {
            Ok(stream) => open.push(stream),
            Err(refused) => return (open, refused),
        }
    }
}

both_databases!(
    an_account_at_its_limits_is_told_so_and_takes_no_room_from_others,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let token = server.account("town-clerk", "accessToken");
        let (open, (status, body)) = fill_streams(&server, &token).await;
        assert_eq!((open.len(), status), (20, 429), "{body}");
        assert_eq!(body["errors"][0]["extensions"]["code"], "TOO_MANY_STREAMS", "{body}");
        let mut sockets = Vec::new();
        for _ in 0..5 {
            sockets.push(introduced(&server, "town-clerk").await);
        }
        let payload = json!({"authorization": format!("Bearer {token}")});
        let sixth = Ws::connect(server.url(), payload).await.expect_err("one too many");
        assert!(matches!(sixth, WsMessage::Closed { code: 1013, .. }), "{sixth:?}");
        // Twenty operations on one socket; the next is refused, and only it.
        for number in 0..20 {
            let id = format!("op-{number}");
            sockets[0].subscribe(&id, EVENTS, json!({})).await;
            assert_eq!(sockets[0].heard(&id, "events").await["replayed"], 0);
        }
        sockets[0].subscribe("op-20", EVENTS, json!({})).await;
        let WsMessage::Error { id, payload } = sockets[0].next().await else {
            panic!("not refused")
        };
        assert_eq!(
            (id.as_str(), &payload[0]["extensions"]["code"]),
            ("op-20", &json!("TOO_MANY_OPERATIONS"))
        );
        // Somebody else has all their room, and hears as before.
        let mut other = bystander(&server).await;
        still_hears(&mut other, &server, "limits-1").await;
        // A place that is given back can be taken.
        sockets[0].complete("op-3").await;
        sockets[0].subscribe("again", "{ __typename }", json!({})).await;
        loop {
            match sockets[0].next().await {
                WsMessage::Next { id, .. } if id == "again" => break,
                WsMessage::Next { .. } => {}
                unexpected => panic!("{unexpected:?}"),
            }
        }
        drop(open);
    }
);

both_databases!(
    a_full_node_says_so_keeps_room_for_plain_requests_and_takes_the_next_when_one_has_gone,
    |database: TestDatabase| async move {
        let more = ["--connections", "16", "--sockets-per-account", "20"];
        let server = Server::demo_with(&database, &more).await;
        let token = server.account("town-clerk", "accessToken");
        let mut open = Vec::new();
        for _ in 0..15 {
            open.push(introduced(&server, "town-clerk").await);
        }
        // The sixteenth connection may not stay open, whichever way it would.
        let upgrade = reqwest::Client::new()
            .get(format!("{}/graphql", server.url()))
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("sec-websocket-protocol", "graphql-transport-ws");
        let stream = stream_of(&server).bearer_auth(&token).json(&json!({"query": EVENTS}));
        for request in [upgrade, stream] {
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.status().as_u16(), 503);
            assert!(answer.headers().contains_key("retry-after"), "{answer:?}");
            let body: Value = answer.json().await.expect("JSON");
            assert_eq!(body["errors"][0]["extensions"]["code"], "OVERLOADED", "{body}");
        }
        let plain = server
            .client("village-secretary")
            .data("{ __typename }", json!({}))
            .await;
        assert_eq!(plain["__typename"], "Query");
        open.pop();
        let end = Instant::now() + Duration::from_secs(5);
        while Ws::attempt(server.url(), &token).await.is_none() {
            assert!(Instant::now() < end, "the place is not given back");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(still_answered(&mut open[0]).await, "Query");
    }
);

/// Whoever was there before is still answered.
async fn still_answered(ws: &mut Ws) -> Value {
    ws.subscribe("alive", "{ __typename }", json!({})).await;
    ws.next_of("alive").await["data"]["__typename"].take()
}
