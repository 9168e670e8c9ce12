//! An account or a token that no longer holds ends its streams within five seconds, on every node and every transport, in
//! the way that stock clients take for what it is.

use std::time::{Duration, Instant};

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tests::{Client, EventStream, Server, TestDatabase, Ws, WsMessage, both_databases};

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

const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }";

async fn signed_in(node: &Server, user: &str, password: &str) -> String {
    let input = json!({"username": user, "password": password});
    let answer = Client::new(node.url()).data(SIGN_IN, json!({"input": input})).await;
    answer["signIn"]["accessToken"].as_str().expect("a token").to_owned()
}

/// Makes a new key; those of before go on to verify.
fn rotate(server: &Server, database: &TestDatabase) {
    let mut command = Server::program();
    command.args(["keys", "rotate", "--database-url", &database.url, "--keys-file"]);
    let done = command.arg(server.keys_of_demo()).output().expect("`keys rotate` runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

both_databases!(
    a_retired_signing_key_ends_the_streams_of_its_tokens_within_five_seconds_on_every_node_and_no_others,
    |database: TestDatabase| async move {
        let mut demo = Server::demo_on(&database).await;
        // An embedded database is held by one process at a time.
        demo.kill();
        rotate(&demo, &database);
        let mut nodes = vec![demo.node(&database, "127.0.0.1:0", &[]).await];
        if database.kind == tests::Kind::Postgres {
            nodes.push(demo.node(&database, "127.0.0.1:0", &[]).await);
        }
        let user = "town-secretary";
        let old = demo.account(user, "accessToken");
        let new = signed_in(&nodes[0], user, &demo.account(user, "password")).await;
        let (mut open, mut untouched) = (Vec::new(), Vec::new());
        for node in &nodes {
            open.push(Open::at(node, &old).await);
            untouched.push(Open::at(node, &new).await);
        }
        let mut renewed = Open::at(&nodes[0], &old).await;
        renewed
            .ws
            .send(json!({"type": "ping", "payload": {"authorization": format!("Bearer {new}")}}))
            .await;
        // As `keys rotate --retire-all` does it, which would need the embedded database for itself.
        let retire = "UPDATE signing_key SET retired_at = '2026-01-01 00:00:00+00:00'
            WHERE created_at < (SELECT MAX(created_at) FROM signing_key)";
        let rows = database.connect().await;
        let done = rows.execute_unprepared(retire).await.expect("the row can be changed");
        assert_eq!(done.rows_affected(), 1);
        all_end(&mut open, 4403, None).await;
        for node in &nodes {
            let again = Ws::connect(node.url(), json!({"authorization": format!("Bearer {old}")})).await;
            assert!(matches!(again, Err(WsMessage::Closed { code: 4403, .. })), "{again:?}");
        }
        for one in untouched.iter_mut().chain([&mut renewed]) {
            one.ws.subscribe("alive", "{ __typename }", json!({})).await;
            assert_eq!(one.ws.next_of("alive").await["data"]["__typename"], "Query");
        }
    }
);
