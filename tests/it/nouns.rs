//! The five subscriptions side by side, over both transports: each begins, resumes, says its gaps, and refuses bad cursors
//! and places by a precise code.

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tests::{EventStream, Server, TestDatabase, Ws, WsMessage, both_databases};

use crate::lagging::{NOUNS, something_of_each, variables};

const HERE: &str = "{ log { cursor } }";

#[derive(Clone, Copy, Debug)]
enum Transport {
    Socket,
    Events,
}

const TRANSPORTS: [Transport; 2] = [Transport::Socket, Transport::Events];

/// One subscription of a noun.
enum Stream {
    Socket(Ws),
    Events(EventStream),
}

/// Who asks where.
struct Reader<'a> {
    server: &'a Server,
    token: String,
    branch: String,
}

impl Reader<'_> {
    async fn open(&self, transport: Transport, noun: &str, variables: Value) -> Stream {
        let (_, query) = NOUNS.iter().find(|(name, _)| *name == noun).expect("a noun");
        match transport {
            Transport::Socket => {
                let mut ws = socket(self.server, &self.token).await;
                ws.subscribe("s", query, variables).await;
                Stream::Socket(ws)
            }
            Transport::Events => {
                let opened = EventStream::open(self.server.url(), &self.token, query, variables).await;
                Stream::Events(opened.expect("a stream opens"))
            }
        }
    }

    async fn after(&self, transport: Transport, noun: &str, after: &Value) -> (Stream, Value) {
        let mut stream = self.open(transport, noun, variables(noun, &self.branch, after)).await;
        let first = stream.heard(noun).await;
        (stream, first)
    }
}

impl Stream {
    async fn heard(&mut self, noun: &str) -> Value {
        match self {
            Self::Socket(ws) => ws.heard("s", noun).await,
            Self::Events(events) => events.heard(noun).await,
        }
    }

    /// The code of a refusal, behind which the operation is over.
    async fn code(&mut self) -> String {
        let errors = match self {
            Self::Socket(ws) => match ws.next().await {
                WsMessage::Error { payload, .. } => payload,
                other => panic!("not refused: {other:?}"),
            },
            Self::Events(events) => {
                let told = events.next().await.expect("a refusal").data["errors"].take();
                assert_eq!(events.next().await.expect("the end").name, "complete");
                told
            }
        };
        errors[0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// A socket, as soon as those that were left just now have given their places back.
async fn socket(server: &Server, token: &str) -> Ws {
    let payload = json!({"authorization": format!("Bearer {token}")});
    loop {
        match Ws::connect(server.url(), payload.clone()).await {
            Ok(ws) => return ws,
            Err(WsMessage::Closed { code: 1013, .. }) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            Err(other) => panic!("{other:?}"),
        }
    }
}

async fn here(server: &Server, user: &str) -> Value {
    server.client(user).data(HERE, json!({})).await["log"]["cursor"].clone()
}

/// Every change from a cursor on, read to the end of the replay; the last cursor.
async fn replayed(reader: &Reader<'_>, transport: Transport, noun: &str, after: &Value) -> Value {
    let (mut stream, first) = reader.after(transport, noun, after).await;
    assert_eq!(first["__typename"], "Resumed", "{noun}: {first}");
    let count = first["replayed"].as_i64().expect("a number");
    assert!(count > 0, "{noun} over {transport:?}: nothing is replayed");
    let change = stream.heard(noun).await;
    assert!(
        change["__typename"]
            .as_str()
            .is_some_and(|name| name.contains("Change")),
        "{noun}: {change}"
    );
    let mut last = change["cursor"].clone();
    // Several changes of figures within a moment come as one for each org.
    if noun == "figures" {
        while last == *after || reader.after(transport, noun, &last).await.1["replayed"] != 0 {
            last = stream.heard(noun).await["cursor"].clone();
        }
        return last;
    }
    for _ in 1..count {
        last = stream.heard(noun).await["cursor"].clone();
    }
    last
}

both_databases!(
    each_noun_begins_resumes_and_says_its_gaps_over_both_transports,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        server.quiet().await;
        let reader = Reader {
            token: server.account("branch-secretary", "accessToken"),
            branch: server.account("branch-secretary", "organizationId"),
            server: &server,
        };
        let begin = here(&server, "branch-secretary").await;
        something_of_each(&server, &reader.branch).await;
        let mut open = Vec::new();
        for (noun, _) in NOUNS {
            for transport in TRANSPORTS {
                let last = replayed(&reader, transport, noun, &begin).await;
                let (_, again) = reader.after(transport, noun, &last).await;
                assert_eq!(
                    (&again["__typename"], &again["replayed"]),
                    (&json!("Resumed"), &json!(0)),
                    "{noun} over {transport:?}: {again}"
                );
            }
            let (stream, first) = reader.after(Transport::Socket, noun, &Value::Null).await;
            assert_eq!(first["replayed"], 0, "{noun}");
            open.push((noun, stream));
            if open.len() == 4 {
                open.remove(0);
            }
        }
        let rows = database.connect().await;
        let restore = "UPDATE log_counter SET epoch = 'another'";
        rows.execute_unprepared(restore).await.expect("the row can be changed");
        for (noun, stream) in &mut open {
            let told = stream.heard(noun).await;
            assert_eq!(
                (&told["__typename"], &told["cause"]),
                (&json!("Gap"), &json!("RESTORED")),
                "{noun}: {told}"
            );
        }
        drop(open);
        for (noun, _) in NOUNS {
            for transport in TRANSPORTS {
                let (_, first) = reader.after(transport, noun, &begin).await;
                assert_eq!(
                    (&first["__typename"], &first["cause"]),
                    (&json!("Gap"), &json!("RESTORED")),
                    "{noun} over {transport:?}: {first}"
                );
                let (_, first) = reader.after(transport, noun, &first["cursor"]).await;
                assert_eq!(first["__typename"], "Resumed", "{noun} over {transport:?}: {first}");
            }
        }
    }
);

/// A cursor with one bit of its text turned, at the place of `nth` byte.
fn flipped(cursor: &Value, nth: usize) -> Value {
    let mut bytes = cursor.as_str().expect("a cursor").as_bytes().to_vec();
    let place = nth % bytes.len();
    bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
    json!(String::from_utf8_lossy(&bytes))
}

both_databases!(
    each_noun_refuses_bad_cursors_and_hidden_places_by_their_code_and_costs_nobody_else,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let reader = Reader {
            token: server.account("village-secretary", "accessToken"),
            branch: server.account("village-secretary", "organizationId"),
            server,
        };
        let (mut bystander, first) = reader.after(Transport::Socket, "events", &Value::Null).await;
        assert_eq!(first["__typename"], "Resumed");
        let mine = here(server, "village-secretary").await;
        let foreign = here(server, "town-secretary").await;
        let nowhere = format!("org_{}", "0".repeat(26));
        for (noun, _) in NOUNS {
            let mut cases = vec![
                (foreign.clone(), "CURSOR_OF_ANOTHER_ACCOUNT"),
                (json!("nonsense"), "CURSOR_INVALID"),
            ];
            cases.push((json!(""), "CURSOR_INVALID"));
            cases.extend([0, 9, 23, 40].map(|nth| (flipped(&mine, nth), "CURSOR_INVALID")));
            for transport in TRANSPORTS {
                for (after, code) in &cases {
                    let wish = variables(noun, &reader.branch, after);
                    assert_eq!(
                        reader.open(transport, noun, wish).await.code().await,
                        *code,
                        "{noun}, {after}"
                    );
                }
                if !["events", "inbox"].contains(&noun) {
                    let wish = variables(noun, &nowhere, &Value::Null);
                    assert_eq!(
                        reader.open(transport, noun, wish).await.code().await,
                        "NOT_FOUND",
                        "{noun}"
                    );
                }
            }
        }
        // Whoever followed before all this still follows.
        let county = server.account("county-organization", "organizationId");
        let made = tests::orgs::create(
            &server.client("county-organization"),
            &county,
            "WORKING_COMMITTEE",
            "nouns-1",
        )
        .await;
        while bystander.heard("events").await["entityId"] != made["organization"]["id"] {}
    }
);
