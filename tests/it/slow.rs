//! Memory for readers who do not read is bounded, and they are told.

use std::time::Duration;

use serde_json::{Value, json};
use tests::orgs::{create, rename};
use tests::{Server, TestDatabase, Ws, WsMessage, both_databases};

/// Answers of some kilobytes: a change, with all siblings of its org.
const WIDE: &str = "subscription($o: ID!) { events(within: {exactly: $o}) { __typename
    ... on Change { cursor version entity { ... on Organization { parent { children(first: 100) { nodes {
        id name version kind sector foundedOn childCount path { id name kind } } } } } } }
    ... on Resumed { cursor replayed } ... on Lagged { cursor } } }";
/// Streams of the slow reader.
const STREAMS: usize = 20;
/// Changes to let caches and pools take the room that they have anyway, and changes that are not read.
const BEFORE: i64 = 60;
const UNREAD: i64 = 400;
/// Kilobytes: a small part of what would wait for the reader if it were kept.
const MORE: u64 = 6 * 1024;

/// Kilobytes that a server has in memory.
fn resident(server: &Server) -> u64 {
    let pid = server.pid().expect("a process of its own");
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("Linux tells");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .expect("its memory");
    let number = line.trim().trim_end_matches(" kB");
    number.parse().expect("a number")
}

async fn follow(ws: &mut Ws, org: &Value) {
    for number in 0..STREAMS {
        let id = number.to_string();
        ws.subscribe(&id, WIDE, json!({"o": org})).await;
        assert_eq!(ws.heard(&id, "events").await["replayed"], 0);
    }
}

both_databases!(
    what_a_reader_leaves_unread_takes_bounded_memory_and_each_stream_is_told_that_it_fell_behind,
    |database: TestDatabase| async move {
        let more = ["--stream-backlog", "32", "--send-seconds", "300"];
        let server = Server::demo_with(&database, &more).await;
        server.quiet().await;
        let county = server.account("county-organization", "organizationId");
        let client = server.client("county-organization");
        let org = create(&client, &county, "WORKING_COMMITTEE", "slow-0").await["organization"]["id"].clone();
        let mut quick = Ws::of_token(server.url(), client.token()).await;
        quick.subscribe("s", WIDE, json!({"o": org})).await;
        assert_eq!(quick.heard("s", "events").await["replayed"], 0);
        let mut slow = Ws::narrow(server.url(), client.token()).await;
        follow(&mut slow, &org).await;
        let (mut before, mut wide) = (0, 0);
        for version in 1..=(BEFORE + UNREAD) {
            rename(&client, &org, version, &format!("slow-{version}")).await;
            let told = quick.heard("s", "events").await;
            assert_eq!(told["version"], version + 1, "whoever reads waits for nobody");
            if version == BEFORE {
                before = resident(&server);
                wide = told.to_string().len();
            }
        }
        let unread = wide * STREAMS * usize::try_from(UNREAD).expect("few") / 1024;
        let grown = resident(&server).saturating_sub(before);
        tests::note(&format!("{grown} KiB more, with {unread} KiB unread"));
        assert!(
            unread > 4 * usize::try_from(MORE).expect("fits"),
            "only {unread} KiB are unread"
        );
        assert!(grown < MORE, "{grown} KiB more, with {unread} KiB unread");
        let (mut lagged, mut complete) = (0, 0);
        while complete < STREAMS {
            match slow.next_within(Duration::from_secs(30)).await {
                Some(WsMessage::Next { payload, .. }) => {
                    lagged += usize::from(payload["data"]["events"]["__typename"] == "Lagged");
                }
                Some(WsMessage::Complete { .. }) => complete += 1,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(lagged, STREAMS);
    }
);
