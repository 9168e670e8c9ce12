//! Slow readers: each of their streams is told how far it came, their socket lives on, and nobody else waits for them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::orgs::{create, relocate, rename};
use tests::{Client, Server, TestDatabase, Ws, WsMessage, both_databases};

use crate::activities::{act, days, done, held, record, schedule};

/// The five nouns with a subscription each; every one takes `after` and says where it stands.
pub const NOUNS: [(&str, &str); 5] = [
    (
        "events",
        "subscription($after: LogCursor, $within: OrganizationScopeInput) { events(after: $after, within: $within) { __typename
         ... on Change { cursor entityId version }
         ... on Resumed { cursor replayed } ... on Gap { cursor cause } ... on Lagged { cursor } } }",
    ),
    (
        "figures",
        "subscription($o: ID!, $after: LogCursor) { figures(organization: $o, period: {kind: YEAR}, after: $after) { __typename
         ... on FiguresChanged { cursor organization { id } }
         ... on Resumed { cursor replayed } ... on Gap { cursor cause } ... on Lagged { cursor } } }",
    ),
    (
        "activities",
        "subscription($o: ID!, $after: LogCursor) { activities(organization: $o, after: $after) { __typename
         ... on ActivityChanged { cursor op activityId }
         ... on Resumed { cursor replayed } ... on Gap { cursor cause } ... on Lagged { cursor } } }",
    ),
    (
        "obligations",
        "subscription($o: ID!, $after: LogCursor) { obligations(organization: $o, after: $after) { __typename
         ... on ObligationChanged { cursor op obligationId }
         ... on Resumed { cursor replayed } ... on Gap { cursor cause } ... on Lagged { cursor } } }",
    ),
    (
        "inbox",
        "subscription($after: LogCursor) { inbox(after: $after) { __typename ... on InboxChanged { cursor op itemId }
         ... on Resumed { cursor replayed } ... on Gap { cursor cause } ... on Lagged { cursor } } }",
    ),
];
/// An answer of some hundred kilobytes that costs little: texts, not fields.
const LONG: &str = "{ __schema { types { description fields { a: description b: description c: description } } } }";
const ASK: &str = "mutation($input: AskLeaveInput!) { askLeave(input: $input) { leave { id } userErrors { code } } }";
/// Batches that a stream may be behind: so few that a short time of not reading is enough.
const BACKLOG: &str = "16";
/// Moves of one writer, and the time between them: more than a node gathers what is committed, so that they make more batches than
/// that even where two writers share each.
const MANY: i64 = 40;
const BETWEEN: Duration = Duration::from_millis(25);
/// Time between two messages that a slow reader takes: less than a message may wait to be taken.
const SLOW: Duration = Duration::from_secs(4);
/// Seconds that a message may wait to be taken, where nothing is taken at all.
const PATIENCE: &str = "2";

/// What a noun's subscription takes.
pub fn variables(noun: &str, organization: &str, after: &Value) -> Value {
    match noun {
        "events" | "inbox" => json!({"after": after}),
        _ => json!({"o": organization, "after": after}),
    }
}

/// Something of each noun at the branch and for its secretary: a lecture held, another called, a leave asked for.
pub async fn something_of_each(server: &Server, branch: &str) {
    let secretary = server.client("branch-secretary");
    done(&record(&secretary, held(branch, "BRANCH_GENERAL_MEETING", days(-1))).await);
    let input = json!({"organizationId": branch, "kind": "PARTY_LECTURE", "startsAt": days(43),
        "agenda": [{"kind": "LECTURE_SITUATION", "title": "当前形势"}]});
    let lecture = done(&schedule(&secretary, input).await)["activity"]["id"].clone();
    let leave = json!({"activityId": lecture, "category": "WORK"});
    done(&act(&server.client("branch-committee"), ASK, "askLeave", leave).await);
}

async fn rename_on(client: Client, id: Value, from: i64, to: i64) {
    for version in from..to {
        rename(&client, &id, version, &format!("{id}-{version}")).await;
    }
}

/// Moves an org to and fro between two parents: a move is told to everybody who follows a part of the tree, and to every
/// inbox, since it may change what is seen there.
async fn move_on(client: Client, id: Value, parents: [String; 2]) {
    for version in 1..MANY {
        let to = &parents[usize::try_from(version % 2).expect("small")];
        relocate(&client, &id, (version, to), &format!("{id}-{version}")).await;
        tokio::time::sleep(BETWEEN).await;
    }
}

/// Hears each version in order; when the last of them came.
async fn stand_by(mut ws: Ws, orgs: Vec<Value>, last: i64) -> Instant {
    let mut known: BTreeMap<String, i64> = BTreeMap::new();
    let is_done = |known: &BTreeMap<String, i64>| {
        orgs.iter()
            .all(|id| known.get(id.as_str().expect("an id")) == Some(&last))
    };
    while !is_done(&known) {
        let change = ws.heard("s", "events").await;
        let (Some(id), Some(version)) = (change["entityId"].as_str(), change["version"].as_i64()) else {
            continue;
        };
        if orgs.iter().any(|org| org == id) {
            let before = known.insert(id.to_owned(), version).unwrap_or(version - 1);
            assert_eq!(version, before + 1, "{id}");
        }
    }
    Instant::now()
}

/// A socket that follows all nouns and has heard where each of them begins.
async fn follow_all(ws: &mut Ws, branch: &str) {
    for (noun, query) in NOUNS {
        ws.subscribe(noun, query, variables(noun, branch, &Value::Null)).await;
        assert_eq!(ws.heard(noun, noun).await["replayed"], 0, "{noun}");
    }
}

/// Fills the way to a reader who reads nothing: long answers, then more small ones than the server keeps for them.
async fn fill(ws: &mut Ws) {
    for number in 0..8 {
        ws.subscribe(&format!("long-{number}"), LONG, json!({})).await;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
}

/// Reads one long answer now and then, and asks for another: slow, not dead.
async fn trickle(ws: &mut Ws, stop: &AtomicBool) {
    let mut number = 100;
    while !stop.load(Ordering::Relaxed) {
        tokio::time::sleep(SLOW).await;
        while !matches!(ws.next().await, WsMessage::Next { id, .. } if id.starts_with("long")) {}
        ws.subscribe(&format!("long-{number}"), LONG, json!({})).await;
        number += 1;
    }
}

/// Reads on until each noun's stream has ended; where each of them says that its reader fell behind.
async fn ends(ws: &mut Ws) -> BTreeMap<String, Value> {
    let (mut lagged, mut complete) = (BTreeMap::new(), BTreeSet::new());
    while complete.len() < NOUNS.len() {
        match ws.next().await {
            WsMessage::Next { id, payload } if NOUNS.iter().any(|(noun, _)| *noun == id) => {
                let message = payload["data"][&id].clone();
                assert!(!lagged.contains_key(&id), "something behind the end of {id}: {message}");
                if message["__typename"] == "Lagged" {
                    lagged.insert(id, message["cursor"].clone());
                }
            }
            WsMessage::Complete { id } if NOUNS.iter().any(|(noun, _)| *noun == id) => {
                complete.insert(id);
            }
            WsMessage::Next { .. } | WsMessage::Complete { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    lagged
}

both_databases!(
    a_slow_reader_is_told_so_on_each_noun_goes_on_from_there_and_holds_up_nobody,
    |database: TestDatabase| async move {
        let server = Server::demo_with(&database, &["--stream-backlog", BACKLOG]).await;
        server.quiet().await;
        let branch = server.account("branch-secretary", "organizationId");
        let counties = [
            server.account("county-organization", "organizationId"),
            server.account("other-county", "organizationId"),
        ];
        let client = server.client("county-organization");
        let mut orgs = Vec::new();
        for key in ["lagging-a", "lagging-b", "lagging-c"] {
            let made = create(&client, &counties[0], "WORKING_COMMITTEE", key).await;
            orgs.push(made["organization"]["id"].clone());
        }
        let renamed = orgs.remove(0);
        let token = server.account("branch-secretary", "accessToken");
        let mut slow = Ws::narrow(server.url(), &token).await;
        follow_all(&mut slow, &branch).await;
        let mut quick = Ws::of_token(server.url(), &server.account("county-organization", "accessToken")).await;
        quick.subscribe("s", NOUNS[0].1, json!({})).await;
        assert_eq!(quick.heard("s", "events").await["replayed"], 0);
        let bystander = tokio::spawn(stand_by(quick, vec![renamed.clone()], 61));

        fill(&mut slow).await;
        let stop = Arc::new(AtomicBool::new(false));
        let work = async {
            // The stream of events fills the way to the slow reader; then each noun has something that waits to be taken.
            rename_on(client.clone(), renamed.clone(), 1, 60).await;
            something_of_each(&server, &branch).await;
            let city = server.client("city-organization");
            let movers: Vec<_> = orgs
                .iter()
                .map(|id| tokio::spawn(move_on(city.clone(), id.clone(), counties.clone())))
                .collect();
            for mover in movers {
                mover.await.expect("the mover ends well");
            }
            rename_on(client.clone(), renamed.clone(), 60, 61).await;
            stop.store(true, Ordering::Relaxed);
            Instant::now()
        };
        let (written, ()) = tokio::join!(work, trickle(&mut slow, &stop));
        let heard = bystander.await.expect("the bystander hears everything");
        let behind = heard.saturating_duration_since(written);
        assert!(behind < Duration::from_secs(15), "the bystander is {behind:?} behind");

        let lagged = ends(&mut slow).await;
        let nouns: Vec<&str> = lagged.keys().map(String::as_str).collect();
        assert_eq!(nouns, ["activities", "events", "figures", "inbox", "obligations"]);
        // The socket lives, and each stream goes on behind the place that was named.
        slow.subscribe("alive", "{ __typename }", json!({})).await;
        assert_eq!(completed(&mut slow, "alive").await["data"]["__typename"], "Query");
        for (noun, query) in NOUNS {
            slow.subscribe(noun, query, variables(noun, &branch, &lagged[noun]))
                .await;
            let first = told(&mut slow, noun).await;
            assert_eq!(first["__typename"], "Resumed", "{noun}: {first}");
            if noun == "events" {
                let missed = catch_up(&mut slow, &renamed, 61).await;
                assert_eq!(first["replayed"], json!(missed), "nothing lost, nothing twice");
            }
            slow.complete(noun).await;
        }
    }
);

/// The answer of a query, once it is complete; long answers asked for earlier may come first.
async fn completed(ws: &mut Ws, query: &str) -> Value {
    let mut answer = Value::Null;
    loop {
        match ws.next().await {
            WsMessage::Next { id, payload } if id == query => answer = payload,
            WsMessage::Complete { id } if id == query => return answer,
            WsMessage::Next { id, .. } | WsMessage::Complete { id } => assert!(id.starts_with("long"), "{id}"),
            other => panic!("{other:?}"),
        }
    }
}

/// What a noun's stream tells next; long answers asked for earlier may come between.
async fn told(ws: &mut Ws, noun: &str) -> Value {
    loop {
        match ws.next().await {
            WsMessage::Next { id, payload } if id == noun => return payload["data"][noun].clone(),
            WsMessage::Next { id, .. } | WsMessage::Complete { id } => assert_ne!(id, noun, "it is over"),
            other => panic!("{other:?}"),
        }
    }
}

/// Reads the replay up to an org's last version, which is the last change of all; how much it was.
async fn catch_up(ws: &mut Ws, org: &Value, last: i64) -> usize {
    let (mut known, mut count) = (None, 0);
    while known != Some(last) {
        let change = told(ws, "events").await;
        count += 1;
        if change["entityId"] == *org {
            let version = change["version"].as_i64().expect("a version");
            assert_eq!(version, known.unwrap_or(version - 1) + 1, "{change}");
            known = Some(version);
        }
    }
    count
}

/// The code that a socket is closed with which takes nothing while its messages wait: the server's patience for a message to be taken,
/// then 5 s for the close frame behind it. Who comes too early finds the socket alive, who comes too late finds it gone.
async fn code_of_the_undrained(server: &Server, wait: Duration) -> Option<u16> {
    let mut dead = Ws::narrow(server.url(), &server.account("village-secretary", "accessToken")).await;
    fill(&mut dead).await;
    tokio::time::sleep(wait).await;
    loop {
        if let WsMessage::Closed { code, .. } = dead.next_within(Duration::from_secs(2)).await? {
            break Some(code);
        }
    }
}

both_databases!(
    a_socket_that_is_not_drained_is_closed_with_4900_and_nobody_waits_for_it,
    |database: TestDatabase| async move {
        let server = Server::demo_with(&database, &["--send-seconds", PATIENCE]).await;
        let county = server.account("county-organization", "organizationId");
        let client = server.client("county-organization");
        let made = create(&client, &county, "WORKING_COMMITTEE", "undrained").await;
        let org = made["organization"]["id"].clone();
        let mut quick = Ws::of_token(server.url(), &server.account("county-organization", "accessToken")).await;
        quick.subscribe("s", NOUNS[0].1, json!({"after": made["cursor"]})).await;
        assert_eq!(quick.heard("s", "events").await["__typename"], "Resumed");
        let bystander = tokio::spawn(stand_by(quick, vec![org.clone()], 11));
        let writer = tokio::spawn(rename_on(client.clone(), org, 1, 11));
        let mut codes = Vec::new();
        while codes.last() != Some(&Some(4900)) {
            assert!(codes.len() < 5, "{codes:?}");
            // On a busy machine the messages begin to wait later.
            let wait = Duration::from_millis(2_500) + Duration::from_secs(1) * u32::try_from(codes.len()).expect("few");
            codes.push(code_of_the_undrained(&server, wait).await);
        }
        writer.await.expect("the writer ends well");
        bystander.await.expect("the bystander hears everything");
    }
);
