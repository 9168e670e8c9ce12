//! Sockets in trouble: what is closed how, what goes on unharmed, and how a node goes away.

use std::time::Duration;

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tests::{Client, Server, TestDatabase, Ws, WsMessage, both_databases};

const EVENTS: &str = "subscription($after: LogCursor, $within: OrganizationScopeInput) { events(after: $after, within: $within) {
    __typename ... on Change { op cursor entityId version } ... on Resumed { cursor replayed } ... on Gap { cursor cause }
    ... on Lagged { cursor } } }";
const CREATE: &str = "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) {
    organization { id version } userErrors { code path } cursor replayed } }";
const RENAME: &str = "mutation($input: RenameOrganizationInput!) { renameOrganization(input: $input) {
    organization { id version } userErrors { code path } cursor } }";

fn founding(parent: &str, key: &str) -> Value {
    json!({"parentId": parent, "name": "线路之下", "kind": "WORKING_COMMITTEE", "sector": "ORGAN", "foundedOn": "2026-01-05",
        "reason": "新设", "decision": {"decidedOn": "2026-01-05", "documentNumber": "试〔2026〕41号"}, "idempotencyKey": key})
}

async fn rename(client: &Client, id: &Value, version: i64, key: &str) -> Value {
    let input = json!({"id": id, "expectedVersion": version, "name": format!("改名{version}"), "reason": "更名",
        "decision": {"decidedOn": "2026-01-05", "documentNumber": "试〔2026〕42号"}, "idempotencyKey": key});
    let done = client.data(RENAME, json!({"input": input})).await["renameOrganization"].clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
    done
}

fn bearer(server: &Server, user: &str) -> Value {
    json!({"authorization": format!("Bearer {}", server.account(user, "accessToken"))})
}

async fn socket(server: &Server, user: &str) -> Ws {
    Ws::connect(server.url(), bearer(server, user))
        .await
        .expect("the socket is accepted")
}

async fn heard(ws: &mut Ws) -> Value {
    let payload = ws.next_of("s").await;
    assert!(payload.get("errors").is_none(), "{payload}");
    payload["data"]["events"].clone()
}

async fn code_after(base: &str, messages: &[&str]) -> u16 {
    let mut ws = Ws::open(base).await;
    for message in messages {
        ws.send_text((*message).to_owned()).await;
    }
    loop {
        if let WsMessage::Closed { code, .. } = ws.next().await {
            return code;
        }
    }
}

both_databases!(
    a_socket_that_breaks_the_protocol_is_closed_with_its_code_and_costs_nobody_else,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let county = server.account("county-organization", "organizationId");
        let mut bystander = socket(server, "county-organization").await;
        bystander.subscribe("s", EVENTS, json!({})).await;
        assert_eq!(heard(&mut bystander).await["__typename"], "Resumed");
        let init = json!({"type": "connection_init", "payload": bearer(server, "county-secretary")}).to_string();
        let subscribe = json!({"type": "subscribe", "id": "1", "payload": {"query": EVENTS}}).to_string();
        for (messages, code) in [
            (vec!["{"], 4400),
            (vec!["[]"], 4400),
            (vec![r#"{"type": "dance"}"#], 4400),
            (vec![subscribe.as_str()], 4401),
            (vec![r#"{"type": "connection_init"}"#], 4403),
            (
                vec![r#"{"type": "connection_init", "payload": {"authorization": "Bearer forged"}}"#],
                4403,
            ),
            (vec![init.as_str(), init.as_str()], 4429),
            (vec![init.as_str(), subscribe.as_str(), subscribe.as_str()], 4409),
            (
                vec![init.as_str(), r#"{"type": "subscribe", "id": "2", "payload": {}}"#],
                4400,
            ),
        ] {
            assert_eq!(code_after(server.url(), &messages).await, code, "{messages:?}");
        }
        let made = server
            .client("county-organization")
            .data(CREATE, json!({"input": founding(&county, "sockets-1")}))
            .await;
        let made = made["createOrganization"]["organization"]["id"].clone();
        while heard(&mut bystander).await["entityId"] != made {}
    }
);

both_databases!(
    a_mutation_over_a_socket_obeys_the_same_key_and_the_same_limits,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let county = server.account("county-organization", "organizationId");
        let mut ws = socket(server, "county-organization").await;
        let mut seen = Vec::new();
        for id in ["a", "b"] {
            ws.subscribe(id, CREATE, json!({"input": founding(&county, "sockets-2")}))
                .await;
            seen.push(ws.next_of(id).await["data"]["createOrganization"].clone());
            assert_eq!(ws.next().await, WsMessage::Complete { id: id.to_owned() });
        }
        assert_eq!(seen[0]["userErrors"], json!([]), "{}", seen[0]);
        let over_http = server.client("county-organization");
        seen.push(
            over_http
                .data(CREATE, json!({"input": founding(&county, "sockets-2")}))
                .await["createOrganization"]
                .clone(),
        );
        for (again, replayed) in seen.iter().zip([false, true, true]) {
            assert_eq!(
                (&again["organization"]["id"], &again["replayed"]),
                (&seen[0]["organization"]["id"], &json!(replayed)),
                "{again}"
            );
        }
        let mut other = founding(&county, "sockets-2");
        other["name"] = json!("别的名字");
        ws.subscribe("c", CREATE, json!({"input": other})).await;
        let refused = ws.next_of("c").await["data"]["createOrganization"].clone();
        assert_eq!(refused["userErrors"][0]["code"], "IDEMPOTENCY_MISMATCH", "{refused}");
        assert_eq!(ws.next().await, WsMessage::Complete { id: "c".to_owned() });
        let wide = format!(
            "{{ {} }}",
            (0..200).map(|n| format!("a{n}: __typename ")).collect::<String>()
        );
        for (query, variables) in [(wide.as_str(), json!({})), (CREATE, json!({"input": {"name": "x"}}))] {
            ws.subscribe("d", query, variables.clone()).await;
            let WsMessage::Error { id, payload } = ws.next().await else {
                panic!("not refused: {query}")
            };
            let over_http = over_http.error_code(query, variables).await;
            assert_eq!(
                (id.as_str(), &payload[0]["extensions"]["code"]),
                ("d", &json!(over_http))
            );
        }
    }
);

both_databases!(
    a_token_from_before_a_reset_may_come_again_with_a_new_one_and_a_disabled_account_may_not,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let rows = database.connect().await;
        for (user, change, code) in [
            ("town-clerk", "auth_epoch = auth_epoch + 1", 4403),
            ("village-secretary", "disabled_at = '2026-01-01 00:00:00+00:00'", 4401),
        ] {
            let sql = format!("UPDATE account SET {change} WHERE username = '{user}'");
            rows.execute_unprepared(&sql).await.expect("the row can be changed");
            let refused = Ws::connect(server.url(), bearer(&server, user))
                .await
                .expect_err("it is refused");
            let WsMessage::Closed { code: told, .. } = refused else {
                panic!("not closed: {refused:?}")
            };
            assert_eq!(told, code, "{user}");
        }
        // A cursor that the log has not reached: the database was put back under the running node.
        let county = server.account("county-organization", "organizationId");
        let client = server.client("county-organization");
        let made = client
            .data(CREATE, json!({"input": founding(&county, "sockets-3")}))
            .await["createOrganization"]
            .clone();
        let sql = "UPDATE log_counter SET position = position - 1";
        rows.execute_unprepared(sql).await.expect("the row can be changed");
        let mut ws = socket(&server, "county-organization").await;
        ws.subscribe("s", EVENTS, json!({"after": made["cursor"]})).await;
        let gap = heard(&mut ws).await;
        assert_eq!(
            (&gap["__typename"], &gap["cause"]),
            (&json!("Gap"), &json!("FROM_THE_FUTURE")),
            "{gap}"
        );
    }
);

both_databases!(
    a_node_that_goes_says_to_each_stream_how_far_it_came_and_closes_with_1012,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let beside = match database.kind {
            tests::Kind::Postgres => Some(server.beside(&database).await),
            tests::Kind::Sqlite => None,
        };
        let county = server.account("county-organization", "organizationId");
        let client = server.client("county-organization");
        let made = client
            .data(CREATE, json!({"input": founding(&county, "sockets-4")}))
            .await["createOrganization"]
            .clone();
        let id = made["organization"]["id"].clone();
        let mut sockets = Vec::new();
        for _ in 0..4 {
            let mut ws = socket(&server, "county-organization").await;
            ws.subscribe("s", EVENTS, json!({"within": {"exactly": id}})).await;
            assert_eq!(heard(&mut ws).await["replayed"], 0);
            sockets.push(ws);
        }
        rename(&client, &id, 1, "sockets-5").await;
        for ws in &mut sockets {
            assert_eq!(heard(ws).await["version"], 2);
        }
        // Elsewhere in the city: the streams pass over it, and say so at the end.
        let last = client
            .data(CREATE, json!({"input": founding(&county, "sockets-6")}))
            .await["createOrganization"]
            .clone();
        assert_eq!(last["userErrors"], json!([]), "{last}");
        let token = server.account("county-organization", "accessToken");
        let begin = std::time::Instant::now();
        let gone = tokio::spawn(server.terminate(Duration::from_secs(25)));
        let mut cursors = Vec::new();
        let mut ends = Vec::new();
        for ws in &mut sockets {
            let word = heard(ws).await;
            assert_eq!(
                (&word["__typename"], &word["replayed"]),
                (&json!("Resumed"), &json!(0)),
                "{word}"
            );
            cursors.push(word["cursor"].clone());
            let closed = ws.next().await;
            assert!(matches!(closed, WsMessage::Closed { code: 1012, .. }), "{closed:?}");
            ends.push(begin.elapsed());
        }
        assert!(gone.await.expect("the node ends").success());
        assert!(
            *ends.last().expect("an end") - ends[0] > Duration::from_millis(500),
            "not spread: {ends:?}"
        );
        if let Some(beside) = beside {
            let mut ws = Ws::connect(beside.url(), json!({"authorization": format!("Bearer {token}")}))
                .await
                .expect("accepted");
            ws.subscribe("s", EVENTS, json!({"after": cursors[0], "within": {"exactly": id}}))
                .await;
            assert_eq!(heard(&mut ws).await["replayed"], 0);
        }
    }
);
