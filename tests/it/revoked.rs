//! An account or a token that no longer holds ends its streams within five seconds, on every node and every transport, in
//! the way that stock clients take for what it is.

use std::time::{Duration, Instant};

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tests::{EventStream, Server, TestDatabase, Ws, WsMessage, both_databases};

const EVENTS: &str = "subscription { events { __typename ... on Resumed { replayed } } }";
const ROSTER: &str =
    "query($o: ID!) { members(within: {exactly: $o}, first: 100) { nodes { account { id username } } } }";
const CLOSE: &str = "mutation($input: CloseAccountInput!) { closeAccount(input: $input) {
    account { disabledAt } userErrors { code } } }";

/// What one account has open on one node.
struct Open {
    ws: Ws,
    events: EventStream,
}

impl Open {
    async fn at(node: &Server, token: &str) -> Self {
        let mut ws = Ws::of_token(node.url(), token).await;
        ws.subscribe("s", EVENTS, json!({})).await;
        assert_eq!(ws.heard("s", "events").await["replayed"], 0);
        let mut events = EventStream::open(node.url(), token, EVENTS, json!({}))
            .await
            .expect("a stream opens");
        assert_eq!(events.heard("events").await["replayed"], 0);
        Self { ws, events }
    }

    /// How both end: the socket's close code, the code of the stream's last word (none where it is cut).
    async fn ends(&mut self) -> (u16, Option<String>) {
        let code = loop {
            if let WsMessage::Closed { code, .. } = self.ws.next().await {
                break code;
            }
        };
        let mut word = None;
        while let Some(event) = self.events.next().await {
            if let Some(said) = event.data["errors"][0]["extensions"]["code"].as_str() {
                word = Some(said.to_owned());
            }
            if event.name == "complete" {
                break;
            }
        }
        (code, word)
    }
}

async fn all_end(open: &mut [Open], code: u16, word: Option<&str>) {
    let begun = Instant::now();
    for one in open {
        assert_eq!(one.ends().await, (code, word.map(ToOwned::to_owned)));
    }
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(5), "streams ran on for {took:?}");
}

async fn account_of(server: &Server, username: &str) -> Value {
    let branch = server.account(username, "organizationId");
    let found = server
        .client("branch-secretary")
        .data(ROSTER, json!({"o": branch}))
        .await;
    let nodes = found["members"]["nodes"].as_array().expect("a list");
    let own = nodes.iter().find(|node| node["account"]["username"] == username);
    own.expect("the member has an account")["account"]["id"].clone()
}

both_databases!(
    a_revoked_token_or_account_ends_its_streams_within_five_seconds_on_every_node,
    |database: TestDatabase| async move {
        let first = Server::demo_on(&database).await;
        let beside = match database.kind {
            tests::Kind::Postgres => Some(first.beside(&database).await),
            tests::Kind::Sqlite => None,
        };
        let nodes: Vec<&Server> = std::iter::once(&first).chain(&beside).collect();
        let mut untouched = Open::at(&first, &first.account("village-secretary", "accessToken")).await;
        // All sessions are ended: a client comes back with a new token.
        let token = first.account("town-secretary", "accessToken");
        let mut open = Vec::new();
        for node in &nodes {
            open.push(Open::at(node, &token).await);
        }
        let rows = database.connect().await;
        let reset = "UPDATE account SET auth_epoch = auth_epoch + 1 WHERE username = 'town-secretary'";
        rows.execute_unprepared(reset).await.expect("the row can be changed");
        all_end(&mut open, 4403, None).await;
        // The account is closed: a client stays away.
        let token = first.account("branch-committee", "accessToken");
        let mut open = Vec::new();
        for node in &nodes {
            open.push(Open::at(node, &token).await);
        }
        let input = json!({"accountId": account_of(&first, "branch-committee").await, "idempotencyKey": "close"});
        let closed = first
            .client("branch-secretary")
            .data(CLOSE, json!({"input": input}))
            .await["closeAccount"]
            .take();
        assert!(closed["account"]["disabledAt"].is_string(), "{closed}");
        all_end(&mut open, 4401, Some("ACCOUNT_DISABLED")).await;
        for node in nodes {
            let again = Ws::connect(node.url(), json!({"authorization": format!("Bearer {token}")})).await;
            assert!(matches!(again, Err(WsMessage::Closed { code: 4401, .. })));
        }
        assert!(untouched.ws.is_silent_for(Duration::from_millis(200)).await);
    }
);

const CHANGE: &str =
    "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { accessToken userErrors { code } } }";

both_databases!(
    a_token_of_after_a_new_password_does_not_keep_what_ran_before_it,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let token = server.account("town-secretary", "accessToken");
        let mut ws = Ws::of_token(server.url(), &token).await;
        ws.subscribe("s", EVENTS, json!({})).await;
        assert_eq!(ws.heard("s", "events").await["replayed"], 0);
        let input = json!({"currentPassword": server.account("town-secretary", "password"),
            "newPassword": "another long passphrase"});
        let changed = server
            .client("town-secretary")
            .data(CHANGE, json!({"input": input}))
            .await;
        let renewed = changed["changePassword"]["accessToken"]
            .as_str()
            .expect("a token")
            .to_owned();
        // Before the node has looked at the account: the stream would be silent for good on a socket that lives on.
        ws.send(json!({"type": "ping", "payload": {"authorization": format!("Bearer {renewed}")}}))
            .await;
        let code = loop {
            if let WsMessage::Closed { code, .. } = ws.next().await {
                break code;
            }
        };
        assert_eq!(code, 4403);
        let mut again = Ws::of_token(server.url(), &renewed).await;
        again.subscribe("s", EVENTS, json!({})).await;
        assert_eq!(again.heard("s", "events").await["replayed"], 0);
    }
);
