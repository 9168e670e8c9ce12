use std::time::{Duration, Instant};

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use super::over_shared_stream::Shared;
use super::toy::Server;

/// An event of a stream, with its id.
#[derive(Debug, PartialEq)]
pub(super) struct Event {
    pub(super) name: String,
    pub(super) id: Option<String>,
    pub(super) data: Value,
}

/// Reads a stream piece by piece.
pub(super) struct Reader {
    response: reqwest::Response,
    text: String,
}

impl Reader {
    pub(super) async fn open(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        Self {
            response,
            text: String::new(),
        }
    }

    /// Text up to a mark; `None` when the stream ends before.
    async fn until(&mut self, mark: &str) -> Option<String> {
        loop {
            if let Some(at) = self.text.find(mark) {
                let rest = self.text.split_off(at + mark.len());
                let mut piece = std::mem::replace(&mut self.text, rest);
                piece.truncate(at);
                return Some(piece);
            }
            let more = tokio::time::timeout(Duration::from_secs(5), self.response.chunk()).await;
            let more = more.expect("a stream that lives says so").ok()??;
            self.text.push_str(std::str::from_utf8(&more).unwrap());
        }
    }

    /// The next event, signs of life left out; `None` when the stream is cut.
    pub(super) async fn event(&mut self) -> Option<Event> {
        loop {
            let piece = self.until("\n\n").await?;
            if piece.starts_with(':') {
                continue;
            }
            let field = |name: &str| {
                let found = piece.lines().find_map(|line| line.strip_prefix(name));
                found.map(|value| value.trim().to_owned())
            };
            let data = field("data:").unwrap();
            return Some(Event {
                name: field("event:").unwrap(),
                id: field("id:"),
                data: serde_json::from_str(&data).unwrap_or(Value::Null),
            });
        }
    }
}

pub(super) fn form(members: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(members)
        .finish()
}

fn ask(server: &Server, token: &str, accept: &str, query: &str) -> RequestBuilder {
    Client::new()
        .post(server.url("/graphql"))
        .header("accept", accept)
        .bearer_auth(token)
        .json(&json!({ "query": query }))
}

fn events(server: &Server, query: &str) -> RequestBuilder {
    ask(server, "good", "text/event-stream", query)
}

fn next(id: Option<&str>, data: Value) -> Option<Event> {
    Some(Event {
        name: "next".to_owned(),
        id: id.map(str::to_owned),
        data: json!({ "data": data }),
    })
}

fn complete() -> Option<Event> {
    Some(Event {
        name: "complete".to_owned(),
        id: None,
        data: Value::Null,
    })
}

fn code(event: &Option<Event>) -> &str {
    let data = event
        .as_ref()
        .map(|event| &event.data["errors"][0]["extensions"]["code"]);
    data.and_then(Value::as_str).unwrap_or("none")
}

#[tokio::test]
async fn a_subscription_streams_with_cursors_and_goes_on_behind_one() {
    let server = Server::start(|_| {}).await;
    let query = "subscription { count(to: 3) }";
    let mut reader = Reader::open(events(&server, query)).await;
    for n in 0..3 {
        let cursor = (n + 1).to_string();
        assert_eq!(reader.event().await, next(Some(&cursor), json!({ "count": n })));
    }
    assert_eq!(reader.event().await, complete());
    assert_eq!(reader.event().await, None);
    let mut resumed = Reader::open(events(&server, query).header("last-event-id", "2")).await;
    assert_eq!(resumed.event().await, next(Some("3"), json!({ "count": 2 })));
    assert_eq!(resumed.event().await, complete());
}

#[tokio::test]
async fn the_native_form_is_a_get_and_runs_no_mutation() {
    let server = Server::start(|_| {}).await;
    let get = |query: &str| {
        Client::new()
            .get(server.url(&format!("/graphql?{}", form(&[("query", query)]))))
            .header("accept", "text/event-stream")
            .bearer_auth("good")
    };
    let mut reader = Reader::open(get("subscription { count(to: 1) }")).await;
    assert_eq!(reader.event().await, next(Some("1"), json!({ "count": 0 })));
    assert_eq!(get("mutation { write }").send().await.unwrap().status(), 405);
}

#[tokio::test]
async fn queries_and_mutations_run_under_the_same_limits() {
    let server = Server::start(|settings| {
        settings.budget.account_points = 60;
        settings.budget.account_per_second = 1;
        settings.body_bytes = 64 * 1024;
    })
    .await;
    let mut reader = Reader::open(events(&server, "mutation { write }")).await;
    let told = reader.event().await.unwrap();
    assert_eq!(
        (told.name.as_str(), &told.data["data"]["write"]),
        ("next", &json!(true))
    );
    assert_eq!(told.data["extensions"]["cost"]["requested"], 1);
    assert_eq!(reader.event().await, complete());
    for (query, refused) in [
        (format!("{{ {} }}", "hello ".repeat(11)), "TOO_MANY_ROOT_FIELDS"),
        ("{ nothing }".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nothing }".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { count(to: \"x\") }".to_owned(), "BAD_USER_INPUT"),
    ] {
        let mut reader = Reader::open(events(&server, &query)).await;
        assert_eq!(code(&reader.event().await), refused, "{query}");
        assert_eq!(reader.event().await, complete(), "{query}");
    }
    let long = "x".repeat(70_000);
    assert_eq!(events(&server, &long).send().await.unwrap().status(), 413);
    for n in 0.. {
        let mut reader = Reader::open(events(&server, "{ hello }")).await;
        if code(&reader.event().await) == "RATE_LIMITED" {
            break;
        }
        assert!(n < 70, "the budget never ends");
    }
}

#[tokio::test]
async fn what_a_new_try_may_mend_has_a_status_and_the_rest_stands_in_the_stream() {
    let server = Server::start(|settings| settings.origins.push("https://office.example".to_owned())).await;
    let tick = "subscription { tick }";
    let status = async |request: RequestBuilder| request.send().await.unwrap().status().as_u16();
    for accept in ["text/event-stream", "multipart/mixed;subscriptionSpec=1.0"] {
        assert_eq!(status(ask(&server, "forged", accept, tick)).await, 401);
        assert_eq!(status(ask(&server, "busy", accept, tick)).await, 503);
        let elsewhere = ask(&server, "good", accept, tick).header("origin", "https://evil.example");
        assert_eq!(status(elsewhere).await, 403);
    }
    let mut disabled = Reader::open(ask(&server, "disabled", "text/event-stream", tick)).await;
    assert_eq!(code(&disabled.event().await), "ACCOUNT_DISABLED");
    assert_eq!(disabled.event().await, complete());
    let plain = ask(&server, "good", "application/json;q=0.5", tick)
        .send()
        .await
        .unwrap();
    let body: Value = plain.json().await.unwrap();
    assert_eq!(body["errors"][0]["extensions"]["code"], "SUBSCRIPTION_NEEDS_STREAM");
}

#[tokio::test]
async fn the_end_of_the_token_cuts_and_the_end_of_the_account_completes() {
    let server = Server::start(|_| {}).await;
    let mut brief = Reader::open(ask(&server, "brief", "text/event-stream", "subscription { tick }")).await;
    let start = Instant::now();
    let mut last = None;
    while let Some(event) = brief.event().await {
        assert_eq!(event.name, "next");
        last = Some(event);
    }
    assert!(last.is_some() && start.elapsed() > Duration::from_millis(500));

    let mut leaving = Reader::open(ask(
        &server,
        "good-leaving",
        "text/event-stream",
        "subscription { tick }",
    ))
    .await;
    loop {
        let event = leaving.event().await.expect("an account that ends is told so");
        if event.data.get("errors").is_some() {
            assert_eq!(code(&Some(event)), "ACCOUNT_DISABLED");
            break;
        }
    }
    assert_eq!(leaving.event().await, complete());
    assert_eq!(leaving.event().await, None);
}

#[tokio::test]
async fn streams_are_counted_by_account_and_by_node() {
    let server = Server::start(|settings| {
        settings.socket.streams_per_account = 2;
        settings.socket.per_node = 3;
    })
    .await;
    let tick = |token: &str| ask(&server, token, "text/event-stream", "subscription { tick }");
    let first = Reader::open(tick("good")).await;
    let _second = Reader::open(tick("good")).await;
    assert_eq!(tick("good").send().await.unwrap().status(), 429);
    let _other = Reader::open(tick("good-other")).await;
    assert_eq!(tick("good-third").send().await.unwrap().status(), 503);
    drop(first);
    tokio::time::sleep(Duration::from_millis(200)).await;
    Reader::open(tick("good")).await;
}

#[tokio::test]
async fn a_silent_stream_shows_that_it_lives() {
    let server = Server::start(|settings| settings.socket.ping_every = Duration::from_millis(50)).await;
    let mut reader = Reader::open(events(&server, "subscription { silence }")).await;
    for _ in 0..4 {
        assert_eq!(reader.until("\n\n").await.as_deref(), Some(":"));
    }
    let multipart = "multipart/mixed;subscriptionSpec=1.0";
    let mut reader = Reader::open(ask(&server, "good", multipart, "subscription { silence }")).await;
    assert_eq!(reader.until("\r\n---").await.as_deref(), Some(""));
    for _ in 0..4 {
        let part = reader.until("\r\n---").await.unwrap();
        assert!(part.ends_with("\r\n\r\n{}"), "{part}");
    }
}

#[tokio::test]
async fn multipart_carries_payloads_and_says_why_it_ends() {
    let server = Server::start(|_| {}).await;
    let accept = "multipart/mixed;boundary=\"graphql\";subscriptionSpec=1.0,application/json";
    let request = ask(&server, "good", accept, "subscription { count(to: 2) }");
    let response = request.send().await.unwrap();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    assert_eq!(kind, "multipart/mixed;boundary=\"graphql\";subscriptionSpec=1.0");
    let part = |body: &str| format!("\r\nContent-Type: application/json; charset=utf-8\r\n\r\n{body}\r\n--graphql");
    let wanted = [
        "\r\n--graphql".to_owned(),
        part("{\"payload\":{\"data\":{\"count\":0}}}"),
        part("{\"payload\":{\"data\":{\"count\":1}}}"),
        "--\r\n".to_owned(),
    ];
    assert_eq!(response.text().await.unwrap(), wanted.concat());
    let leaving = ask(&server, "good-leaving", accept, "subscription { tick }");
    let whole = leaving.send().await.unwrap().text().await.unwrap();
    assert!(
        whole.contains("{\"errors\":[{\"extensions\":{\"code\":\"ACCOUNT_DISABLED\"")
            || whole.contains("\"payload\":null"),
        "{whole}"
    );
    assert!(whole.ends_with("\r\n--graphql--\r\n"), "{whole}");
    let brief = ask(&server, "brief", accept, "subscription { tick }");
    let cut = brief.send().await.unwrap().text().await.unwrap();
    assert!(cut.ends_with("\r\n--graphql"), "a token that ends cuts the stream");
    // Queries stay whole.
    let whole: Value = ask(&server, "good", accept, "{ hello }")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(whole["data"]["hello"], "hello");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_let_go() {
    let server = Server::start(|settings| settings.socket.send_timeout = Duration::from_millis(300)).await;
    let response = events(&server, "subscription { flood }").send().await.unwrap();
    let left = async {
        // The connection itself, the stream and its writer.
        while !server.lifetime.tasks.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), left)
        .await
        .expect("it holds nothing for ever");
    drop(response);
}

#[tokio::test]
async fn a_node_that_stops_cuts_its_streams_and_goes() {
    let server = Server::start(|_| {}).await;
    let mut readers = Vec::new();
    for n in 0..4 {
        let request = ask(
            &server,
            &format!("good-{n}"),
            "text/event-stream",
            "subscription { tick }",
        );
        let mut reader = Reader::open(request).await;
        assert_eq!(reader.event().await.unwrap().name, "next");
        readers.push(reader);
    }
    let shared = Shared::open(&server, "good").await;
    shared.start("a", "subscription { tick }").await;
    readers.push(shared.reader);
    server.lifetime.shutdown.cancel();
    for reader in &mut readers {
        while let Some(event) = reader.event().await {
            assert_eq!(event.name, "next", "cut, not completed");
        }
    }
    tokio::time::timeout(Duration::from_secs(5), server.lifetime.tasks.wait())
        .await
        .expect("no task is left");
}
