//! A database that stalls: all its processes stand still, the connections stay.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{Client, PASSPHRASE, Reply, Ws};

use super::{CREATE, City, SIGN_IN, block_on};

/// What came of a write that was under way when the database fell silent.
struct Cut {
    key: String,
    answered: Instant,
    reply: Reply,
}

/// Writes until one is not acknowledged.
async fn write_until_cut(client: Client, city: Arc<City>, writer: usize) -> Cut {
    for number in 0.. {
        let key = format!("w{writer}-{number}");
        let reply = client
            .post(&json!({"query": CREATE, "variables": city.unit(&key)}))
            .await;
        if reply.status != 200 {
            let answered = Instant::now();
            return Cut { key, answered, reply };
        }
    }
    unreachable!("numbers do not end")
}

fn assert_unavailable(reply: &Reply, took: Duration) {
    let code = &reply.body["errors"][0]["extensions"]["code"];
    assert_eq!(
        (reply.status.as_u16(), code),
        (503, &json!("UNAVAILABLE")),
        "{}",
        reply.text
    );
    assert!(reply.headers.contains_key("retry-after"), "{:?}", reply.headers);
    assert!(took <= Duration::from_secs(3), "{took:?}");
}

/// The answer as soon as it is none of an outage.
async fn once_back(client: &Client, variables: Value, back: Instant) -> Value {
    loop {
        let reply = client.post(&json!({"query": CREATE, "variables": variables})).await;
        if reply.status == 200 {
            return reply.body["data"]["createOrganization"].clone();
        }
        assert!(back.elapsed() < Duration::from_secs(5), "{}", reply.text);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[test]
fn a_database_that_stalls_is_answered_with_503_and_goes_on_with_everybody() {
    let Some(cluster) = tests::OwnCluster::start() else {
        return;
    };
    block_on(async {
        let city = Arc::new(City::begin(&cluster.url()));
        let server = city.serve().await;
        let anyone = Client::new(server.url());
        let input = json!({"username": "secretary", "password": PASSPHRASE});
        let token = anyone.data(SIGN_IN, json!({"input": input})).await["signIn"]["accessToken"].clone();
        let token = token.as_str().expect("a token");
        let client = anyone.with_token(token);
        let mut stream = Ws::of_token(server.url(), token).await;
        let events = "subscription { events { __typename ... on Change { entityId } } }";
        stream.subscribe("s", events, json!({})).await;
        assert_eq!(stream.heard("s", "events").await["__typename"], "Resumed");
        let writers: Vec<_> = (0..4)
            .map(|writer| tokio::spawn(write_until_cut(client.clone(), city.clone(), writer)))
            .collect();
        tokio::time::sleep(Duration::from_millis(500)).await;
        cluster.stall();
        let stalled = Instant::now();
        let mut cuts = Vec::new();
        for writer in writers {
            cuts.push(writer.await.expect("a writer ends"));
        }
        for cut in &cuts {
            assert_unavailable(&cut.reply, cut.answered.saturating_duration_since(stalled));
        }
        // What begins now is told at once.
        for body in [
            json!({"query": "{ viewer { id } }"}),
            json!({"query": CREATE, "variables": city.unit("during")}),
        ] {
            let asked = Instant::now();
            let reply = client.post(&body).await;
            assert_unavailable(&reply, asked.elapsed());
            assert!(asked.elapsed() <= Duration::from_secs(1), "{:?}", asked.elapsed());
        }
        assert_eq!(anyone.get("/readyz").await.status, 503);
        assert_eq!(anyone.get("/healthz").await.status, 200);
        // Longer than a statement may take.
        tokio::time::sleep(Duration::from_secs(4)).await;
        cluster.go_on();
        let back = Instant::now();
        let during = once_back(&client, city.unit("during"), back).await;
        assert!(during["organization"]["id"].is_string(), "{during}");
        assert_eq!(anyone.get("/readyz").await.status, 200);
        // A write that was cut has been done or not; under its key it is done once.
        let mut ids = vec![during["organization"]["id"].clone()];
        for cut in &cuts {
            let again = once_back(&client, city.unit(&cut.key), back + Duration::from_secs(5)).await;
            let once_more = once_back(&client, city.unit(&cut.key), back + Duration::from_secs(5)).await;
            assert_eq!(again["organization"], once_more["organization"]);
            assert_eq!(once_more["replayed"], true, "{once_more}");
            ids.push(again["organization"]["id"].clone());
        }
        // The stream was not told of any of it, and tells what came after.
        while !ids.is_empty() {
            let heard = stream.heard("s", "events").await;
            assert_eq!(heard["__typename"], "Change", "{heard}");
            ids.retain(|id| *id != heard["entityId"]);
        }
        drop(server);
    });
}
