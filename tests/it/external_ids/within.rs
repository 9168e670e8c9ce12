//! A part of the tree may be named by what another system calls its org, wherever one is taken.

use serde_json::{Value, json};
use tests::orgs::rename;
use tests::{Client, Receiver, Server, TestDatabase, Ws, WsMessage, both_databases};

use super::assign;
use crate::exports::{by_id, export, program, refused, rows};
use crate::imports;

/// Each list and log that takes a part of the tree.
const LISTS: [(&str, &str); 12] = [
    ("organizations", "nodes { id } totalCount(mode: EXACT) { value }"),
    ("members", "nodes { id } totalCount(mode: EXACT) { value }"),
    ("activities", "nodes { id } totalCount(mode: EXACT) { value }"),
    ("obligations", "nodes { id } totalCount(mode: EXACT) { value }"),
    ("alerts", "nodes { id } totalCount(mode: EXACT) { value }"),
    ("measures", "nodes { id } totalCount(mode: EXACT) { value }"),
    ("findings", "nodes { kind } totalCount(mode: EXACT) { value }"),
    ("transfers", "nodes { id } totalCount(mode: EXACT) { value }"),
    ("admissions", "nodes { id } totalCount(mode: EXACT) { value }"),
    ("applicants", "nodes { id } totalCount(mode: EXACT) { value }"),
    ("webhooks", "nodes { id } totalCount(mode: EXACT) { value }"),
    ("changes", "changes { entityId version }"),
];
const EXTENTS: [&str; 3] = ["exactly", "childrenOf", "subtreeOf"];
const ACCOUNTS: &str =
    "query($w: OrganizationScopeInput!) { serviceAccounts(within: $w, first: 50) { nodes { username } } }";
const PAGE: &str = "query($w: OrganizationScopeInput!, $after: String) {
    members(within: $w, first: 2, after: $after) { nodes { id } pageInfo { endCursor } } }";
const EVENTS: &str = "subscription($w: OrganizationScopeInput) { events(within: $w) {
    __typename ... on Change { entityId } } }";
const CREATE: &str = "mutation($input: CreateWebhookInput!) { createWebhook(input: $input) {
    webhook { id version within { exactly childrenOf subtreeOf } } userErrors { code path } } }";
const CHANGE: &str = "mutation($input: ChangeWebhookInput!) { changeWebhook(input: $input) {
    webhook { id version within { exactly childrenOf subtreeOf } } userErrors { code path } } }";

fn by_name(extent: &str, value: &str) -> Value {
    json!({format!("{extent}External"): {"system": "hr-test", "value": value}})
}

/// What a list says of a part of the tree, refusals too; what it cost is another matter.
async fn said(client: &Client, (field, asks): (&str, &str), within: Value) -> Value {
    let document = format!("query($w: OrganizationScopeInput!) {{ {field}(within: $w, first: 50) {{ {asks} }} }}");
    let mut answer = client.graphql(&document, json!({"w": within})).await;
    for error in answer["errors"].as_array_mut().into_iter().flatten() {
        error["extensions"]["requestId"].take();
    }
    json!([answer["data"], answer["errors"]])
}

/// A town with a name, and its secretary.
async fn named_town(server: &Server, value: &str) -> (String, Client) {
    let town = server.account("town-secretary", "organizationId");
    let given = assign(
        &server.client("county-secretary"),
        json!({"organizationId": town}),
        value,
        value,
    )
    .await;
    assert_eq!(given["userErrors"], json!([]), "{given}");
    (town, server.client("town-secretary"))
}

both_databases!(
    a_name_of_another_system_stands_for_the_org_in_every_list,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let (town, client) = named_town(server, "T-lists").await;
        let mut filled = 0;
        for list in LISTS {
            for extent in EXTENTS {
                let by_its_id = said(&client, list, json!({extent: town})).await;
                assert_eq!(by_its_id[1], Value::Null, "{list:?} {extent}");
                filled += u32::from(by_its_id[0][list.0]["totalCount"]["value"].as_i64() > Some(0));
                let by_its_name = said(&client, list, by_name(extent, "T-lists")).await;
                assert_eq!(by_its_name, by_its_id, "{list:?} {extent}");
                // A name that nobody gave is an id that nobody has.
                let unknown = said(&client, list, json!({extent: "org_unknown"})).await;
                let nobodys = said(&client, list, by_name(extent, "T-nobody's")).await;
                assert_eq!(nobodys, unknown, "{list:?} {extent}");
                assert_ne!(by_its_id[0]["organizations"]["nodes"], json!([]), "{extent}");
            }
        }
        assert!(filled > 8, "most of what was compared is empty: {filled}");
        let administrator = server.client("administrator");
        let accounts = async |w: Value| administrator.data(ACCOUNTS, json!({"w": w})).await;
        program(server, &town, "named-by-town", &["orgs:read"]).await;
        let by_its_name = accounts(by_name("subtreeOf", "T-lists")).await;
        assert!(by_its_name.to_string().contains("named-by-town"), "{by_its_name}");
        assert_eq!(by_its_name, accounts(json!({"subtreeOf": town})).await);
        // A page goes on whichever way the part was named, and one field is given.
        let first = client.data(PAGE, json!({"w": {"subtreeOf": town}})).await["members"].clone();
        let after = &first["pageInfo"]["endCursor"];
        let next =
            async |w: Value| client.data(PAGE, json!({"w": w, "after": after})).await["members"]["nodes"].clone();
        let behind = next(by_name("subtreeOf", "T-lists")).await;
        assert_eq!(behind, next(json!({"subtreeOf": town})).await);
        assert_ne!(behind, first["nodes"]);
        let mut both = by_name("exactly", "T-lists");
        both["exactly"] = json!(town);
        let refused = client.graphql(PAGE, json!({"w": both})).await;
        assert_eq!(refused["data"]["members"], Value::Null, "{refused}");
        assert!(refused["errors"][0].is_object(), "{refused}");
    }
);

both_databases!(
    a_name_tells_a_program_nothing_of_an_org_that_it_does_not_see,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        named_town(&server, "T-hidden").await;
        let village = server.account("village-secretary", "organizationId");
        let own = assign(
            &server.client("town-secretary"),
            json!({"organizationId": village}),
            "V-own",
            "own",
        )
        .await;
        assert_eq!(own["userErrors"], json!([]), "{own}");
        let scopes = [
            "orgs:read",
            "members:read",
            "members:write",
            "events:read",
            "exports:run",
            "imports:run",
            "webhooks:manage",
        ];
        let (_, client) = program(&server, &village, "narrow", &scopes).await;
        for list in LISTS {
            for extent in EXTENTS {
                let hidden = said(&client, list, by_name(extent, "T-hidden")).await;
                let nobodys = said(&client, list, by_name(extent, "V-nobody's")).await;
                assert_eq!(hidden, nobodys, "{list:?} {extent}");
            }
        }
        let orgs = said(&client, LISTS[0], by_name("subtreeOf", "V-own")).await;
        assert_eq!(orgs[0]["organizations"]["nodes"][0]["id"], json!(village), "{orgs}");
        let at = |path: &str| ("NOT_FOUND".to_owned(), path.to_owned());
        let sent = imports::file(&client, imports::members([])).await;
        for (number, value) in ["T-hidden", "V-nobody's"].into_iter().enumerate() {
            let within = by_name("subtreeOf", value);
            let key = format!("refused {number}");
            let input = json!({"kinds": ["MEMBER"], "within": within, "idempotencyKey": key});
            assert_eq!(refused(&client, input).await, at("within"), "{value}");
            let input = imports::input(&sent, json!({"within": within}), &key);
            assert_eq!(imports::refused(&client, input).await, at("within"), "{value}");
            let input = json!({"url": "http://127.0.0.1:9999/", "within": within, "idempotencyKey": key});
            let told = client.data(CREATE, json!({"input": input})).await["createWebhook"].clone();
            assert_eq!(
                told["userErrors"],
                json!([{"code": "NOT_FOUND", "path": ["input", "within"]}]),
                "{value}"
            );
            let mut socket = socket(&client).await;
            socket.subscribe("s", EVENTS, json!({"w": within})).await;
            assert_eq!(refusal(socket.next().await), "NOT_FOUND", "{value}");
        }
        // Its own org is named as it is by its id, also where the directory is not among its scopes.
        let (_, bare) = program(&server, &village, "bare", &["members:read", "exports:run"]).await;
        let members = json!({"kinds": ["MEMBER"], "within": by_name("subtreeOf", "V-own"), "idempotencyKey": "bare"});
        export(&bare, members).await;
    }
);

pub(super) async fn socket(client: &Client) -> Ws {
    let bearer = json!({"authorization": format!("Bearer {}", client.token())});
    Ws::connect(client.base(), bearer).await.expect("a socket")
}

/// The code of what refused a subscription.
pub(super) fn refusal(message: WsMessage) -> String {
    let errors = match message {
        WsMessage::Error { payload, .. } => payload,
        WsMessage::Next { payload, .. } => payload["errors"].clone(),
        other => panic!("{other:?}"),
    };
    errors[0]["extensions"]["code"].as_str().expect("a code").to_owned()
}

both_databases!(
    a_name_of_another_system_stands_for_the_org_in_jobs_webhooks_and_streams,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let (town, _) = named_town(&server, "T-jobs").await;
        let branch = server.account("village-secretary", "organizationId");
        let county = server.account("county-secretary", "organizationId");
        let scopes = [
            "orgs:read",
            "members:read",
            "members:write",
            "events:read",
            "exports:run",
            "imports:run",
            "webhooks:manage",
        ];
        let (_, client) = program(&server, &county, "by-name", &scopes).await;
        let part = by_name("subtreeOf", "T-jobs");

        let wanted = |within: &Value, key: &str| json!({"kinds": ["ORGANIZATION", "MEMBER"], "within": within, "idempotencyKey": key});
        let by_its_name = export(&client, wanted(&part, "by name")).await;
        let by_its_id = export(&client, wanted(&json!({"subtreeOf": town}), "by id")).await;
        let (named, known) = (rows(&client, &by_its_name).await, rows(&client, &by_its_id).await);
        assert!(!named.is_empty());
        assert_eq!(by_id(&named), by_id(&known));

        let row = imports::new("1", &branch, "甘名");
        let done = imports::completed(&client, imports::members([row.as_str()]), json!({"within": part}), "in").await;
        assert_eq!(imports::counts(&done), [1, 0, 0, 0]);
        let elsewhere = server.account("other-county-secretary", "organizationId");
        let row = imports::new("2", &elsewhere, "甘外");
        let done = imports::completed(
            &client,
            imports::members([row.as_str()]),
            json!({"within": part}),
            "out",
        )
        .await;
        assert_eq!(imports::counts(&done), [0, 0, 0, 1]);
        let sent = imports::file(&client, imports::members([])).await;
        let alone = imports::input(&sent, json!({"within": by_name("exactly", "T-jobs")}), "alone");
        assert_eq!(
            imports::refused(&client, alone).await,
            ("INVALID".to_owned(), "within".to_owned())
        );

        let receiver = Receiver::start().await;
        let input = json!({"url": receiver.url(), "within": part, "idempotencyKey": "hook"});
        let made = client.data(CREATE, json!({"input": input})).await["createWebhook"].clone();
        let scope = |extent: &str| {
            let mut scope = json!({"exactly": null, "childrenOf": null, "subtreeOf": null});
            scope[extent] = json!(town);
            scope
        };
        assert_eq!(made["webhook"]["within"], scope("subtreeOf"), "{made}");
        let mut version = made["webhook"]["version"].clone();
        for (key, within, stands) in [
            ("children", by_name("childrenOf", "T-jobs"), scope("childrenOf")),
            ("alone", by_name("exactly", "T-jobs"), scope("exactly")),
            ("all", Value::Null, Value::Null),
        ] {
            let input = json!({"webhookId": made["webhook"]["id"], "expectedVersion": version, "within": within, "idempotencyKey": key});
            let told = client.data(CHANGE, json!({"input": input})).await["changeWebhook"].clone();
            assert_eq!(told["webhook"]["within"], stands, "{told}");
            version = told["webhook"]["version"].clone();
        }

        let mut socket = socket(&client).await;
        socket
            .subscribe("s", EVENTS, json!({"w": by_name("exactly", "T-jobs")}))
            .await;
        assert_eq!(socket.next_of("s").await["data"]["events"]["__typename"], "Resumed");
        let staff = server.client("county-organization");
        let version = staff
            .data(
                "query($o: ID!) { organization(id: $o) { version } }",
                json!({"o": town}),
            )
            .await["organization"]["version"]
            .as_i64();
        rename(&staff, &json!(town), version.expect("a version"), "heard").await;
        let heard = socket.next_of("s").await["data"]["events"].clone();
        assert_eq!(heard, json!({"__typename": "Change", "entityId": town}));
    }
);
