//! The inbox, live: lines come and go with what causes them, and with the posts that they wait for.

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tests::{Client, Kind, Server, TestDatabase, Ws, both_databases};

use crate::activities::days;

const INBOX: &str = include_str!("../../examples/live/InboxLive.graphql");
const OWN: &str = "{ log { cursor } viewer { inbox(first: 100) { nodes { id kind } } } }";
const POSTS: &str = "query($o: ID!) { organization(id: $o) { appointments(first: 100) {
    nodes { id version post member { id } } } } }";
const END: &str =
    "mutation($input: EndAppointmentInput!) { endAppointment(input: $input) { userErrors { code path } } }";

async fn socket(base: &str, token: &str) -> Ws {
    let payload = json!({"authorization": format!("Bearer {token}")});
    Ws::connect(base, payload).await.expect("the socket is accepted")
}

async fn heard(ws: &mut Ws) -> Value {
    let payload = ws.next_of("s").await;
    assert!(payload.get("errors").is_none(), "{payload}");
    payload["data"]["inbox"].clone()
}

async fn follow(server: &Server, user: &str, after: &Value) -> (Ws, Value) {
    follow_at(server.url(), &server.account(user, "accessToken"), after).await
}

async fn follow_at(base: &str, token: &str, after: &Value) -> (Ws, Value) {
    let mut ws = socket(base, token).await;
    ws.subscribe("s", INBOX, json!({"after": after})).await;
    let first = heard(&mut ws).await;
    (ws, first)
}

/// What stands in the inbox, as ids.
async fn standing(client: &Client) -> (Vec<String>, Value) {
    let body = client.data(OWN, json!({})).await;
    let nodes = body["viewer"]["inbox"]["nodes"].as_array().expect("a list").clone();
    let ids = nodes
        .iter()
        .map(|node| node["id"].as_str().unwrap_or_default().to_owned())
        .collect();
    (ids, body["log"]["cursor"].clone())
}

async fn done(client: &Client, query: &str, field: &str, input: Value) -> Value {
    let answer = client.data(query, json!({"input": input})).await[field].clone();
    assert_eq!(answer["userErrors"], json!([]), "{answer}");
    answer
}

/// A leave asked for at one node waits for the secretary at the other, until it is decided.
async fn lines_come_and_go(server: &Server, other: &Server) {
    let secretary = server.client("branch-secretary").at(other.url());
    let branch = server.account("branch-secretary", "organizationId");
    let (mut ws, first) = follow(server, "branch-secretary", &Value::Null).await;
    assert_eq!(
        (&first["__typename"], &first["replayed"]),
        (&json!("Resumed"), &json!(0)),
        "{first}"
    );
    let schedule = "mutation($input: ScheduleActivityInput!) { scheduleActivity(input: $input) { activity { id }
        userErrors { code } } }";
    let input = json!({"organizationId": branch, "kind": "PARTY_LECTURE", "startsAt": days(41),
        "agenda": [{"kind": "LECTURE_SITUATION", "title": "当前形势"}], "idempotencyKey": "inbox-live-1"});
    let made = done(&secretary, schedule, "scheduleActivity", input).await;
    let ask = "mutation($input: AskLeaveInput!) { askLeave(input: $input) { leave { id } userErrors { code } } }";
    let input = json!({"activityId": made["activity"]["id"], "category": "WORK", "idempotencyKey": "inbox-live-2"});
    let member = server.client("branch-committee").at(other.url());
    let leave = done(&member, ask, "askLeave", input).await["leave"]["id"].clone();
    let came = loop {
        let message = heard(&mut ws).await;
        if message["item"]["subject"]["id"] == leave {
            break message;
        }
    };
    assert_eq!(
        (
            &came["__typename"],
            &came["op"],
            &came["item"]["kind"],
            &came["item"]["id"]
        ),
        (
            &json!("InboxChanged"),
            &json!("UPSERT"),
            &json!("LEAVE_TO_DECIDE"),
            &came["itemId"]
        ),
        "{came}"
    );
    let decide = "mutation($input: DecideLeaveInput!) { decideLeave(input: $input) { userErrors { code } } }";
    let input = json!({"leaveId": leave, "accept": true, "idempotencyKey": "inbox-live-3"});
    done(&secretary, decide, "decideLeave", input).await;
    let went = loop {
        let message = heard(&mut ws).await;
        if message["itemId"] == came["itemId"] {
            break message;
        }
    };
    assert_eq!((&went["op"], &went["item"]), (&json!("DELETE"), &Value::Null), "{went}");
    // Who was away meanwhile hears of it from the cursor on, on either node.
    let (mut again, first) = follow_at(
        other.url(),
        &server.account("branch-secretary", "accessToken"),
        &came["cursor"],
    )
    .await;
    assert_eq!(
        (&first["__typename"], &first["replayed"]),
        (&json!("Resumed"), &json!(1)),
        "{first}"
    );
    let message = heard(&mut again).await;
    assert_eq!(
        (&message["op"], &message["itemId"]),
        (&json!("DELETE"), &came["itemId"])
    );
}

/// What waits for a place follows the place: from the secretary to the superior who stands in.
async fn lines_follow_the_post(server: &Server, database: &TestDatabase) {
    let org = server.account("village-secretary", "organizationId");
    let sql = format!(
        "UPDATE appointment SET until = '2026-01-01' WHERE organization_id = '{org}' AND post <> 'SECRETARY' AND until IS NULL"
    );
    let rows = database.connect().await;
    rows.execute_unprepared(&sql).await.expect("the deputy's post ends");
    let (old, next) = (server.client("village-secretary"), server.client("town-secretary"));
    let (had, cursor) = standing(&old).await;
    let (mut leaves, _) = follow(server, "village-secretary", &cursor).await;
    let (mut gains, _) = follow(server, "town-secretary", &Value::Null).await;
    let (before, away) = standing(&next).await;
    let posts = old.data(POSTS, json!({"o": org})).await["organization"]["appointments"]["nodes"].clone();
    let post = posts
        .as_array()
        .expect("posts")
        .iter()
        .find(|post| post["post"] == "SECRETARY");
    let post = post.expect("a secretary").clone();
    let input = json!({"appointmentId": post["id"], "expectedVersion": post["version"], "idempotencyKey": "inbox-live-4",
        "decision": {"decidedOn": "2026-01-05", "documentNumber": "试任〔2026〕9号"}});
    done(&next, END, "endAppointment", input).await;
    let (left, _) = standing(&old).await;
    let mut gone: Vec<String> = had.into_iter().filter(|id| !left.contains(id)).collect();
    assert!(!gone.is_empty(), "something waited for the secretary");
    while !gone.is_empty() {
        let message = heard(&mut leaves).await;
        assert_eq!(
            (&message["op"], &message["item"]),
            (&json!("DELETE"), &Value::Null),
            "{message}"
        );
        gone.retain(|id| message["itemId"] != id.as_str());
    }
    let (now, _) = standing(&next).await;
    let mut came: Vec<String> = now.into_iter().filter(|id| !before.contains(id)).collect();
    assert!(!came.is_empty(), "the superior stands in");
    while !came.is_empty() {
        let message = heard(&mut gains).await;
        assert_eq!(
            (&message["op"], &message["item"]["id"]),
            (&json!("UPSERT"), &message["itemId"]),
            "{message}"
        );
        came.retain(|id| message["itemId"] != id.as_str());
    }
    // Who was away then is told to read anew.
    let (_, first) = follow(server, "town-secretary", &away).await;
    assert_eq!(
        (&first["__typename"], &first["cause"]),
        (&json!("Gap"), &json!("RIGHTS_CHANGED")),
        "{first}"
    );
}

both_databases!(
    g3_1a_lines_of_the_inbox_come_with_what_causes_them_and_go_with_the_decision_and_the_post,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        match database.kind {
            Kind::Postgres => lines_come_and_go(&server, &server.beside(&database).await).await,
            Kind::Sqlite => lines_come_and_go(&server, &server).await,
        }
        lines_follow_the_post(&server, &database).await;
    }
);
