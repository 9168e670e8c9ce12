//! Who reads a line of the trail is told who acted: a person by name, a program by the name of its account.

use serde_json::{Value, json};
use tests::{Client, Server, TestDatabase, both_databases};

use crate::exports::{everything, export, program};
use crate::sealed::reveal;

const TRAIL: &str = "query($o: ID!, $n: Int) { organization(id: $o) { auditTrail(first: $n) { nodes {
    action actor program { name organization { id } account { id username } } } } } }";
const MINE: &str = "{ viewer { member { id accessLog(first: 20) { nodes {
    action actor program { name organization { id } account { id } } } } } } }";
const UPSERT: &str = "mutation($input: UpsertMembersInput!) { upsertMembers(input: $input) {
    results { outcome userErrors { code } } userErrors { code } } }";
const CLOSE: &str = "mutation($input: CloseAccountInput!) { closeAccount(input: $input) { account { disabledAt } userErrors { code } } }";

async fn lines(client: &Client, org: &str, most: u32) -> Vec<Value> {
    let found = client.data(TRAIL, json!({"o": org, "n": most})).await;
    let nodes = found["organization"]["auditTrail"]["nodes"].as_array();
    nodes.unwrap_or_else(|| panic!("no trail: {found}")).clone()
}

fn of<'a>(lines: &'a [Value], action: &str) -> &'a Value {
    let found = lines.iter().find(|line| line["action"] == action);
    found.unwrap_or_else(|| panic!("no {action} in {lines:#?}"))
}

/// A program enters so many members of a branch.
async fn enter(client: &Client, branch: &str, numbers: std::ops::Range<u32>) {
    let key = format!("{numbers:?}");
    let rows: Vec<Value> = numbers
        .map(|number| {
            json!({"member": {"external": {"system": "hr-trail", "value": format!("{number}")}}, "branch": {"id": branch},
                "name": format!("甘{number}"), "standing": "PROBATIONARY", "joinedOn": "2026-03-02", "since": "2026-03-02"})
        })
        .collect();
    let input = json!({"rows": rows, "idempotencyKey": key});
    let told = client.data(UPSERT, json!({"input": input})).await["upsertMembers"].clone();
    assert_eq!(told["userErrors"], json!([]), "{told}");
}

both_databases!(
    a_line_of_the_trail_says_which_program_acted_and_no_more_of_its_account_than_is_seen_elsewhere,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let county = server.account("county-secretary", "organizationId");
        let branch = server.account("branch-secretary", "organizationId");
        let scopes = [
            "orgs:read",
            "members:read",
            "members:write",
            "members:read_sensitive",
            "exports:run",
        ];
        let (account, client) = program(&server, &county, "scribe", &scopes).await;
        enter(&client, &branch, 0..2).await;
        let told = json!({"name": "scribe", "organization": {"id": county}, "account": null});
        let secretary = server.client("branch-secretary");
        let me = server.client("group-leader").data(MINE, json!({})).await["viewer"]["member"]["id"].clone();
        let shown = reveal(&secretary, &me, "IDENTITY_NUMBER", "by a person").await;
        assert_eq!(shown["userErrors"], json!([]), "{shown}");
        let seen = lines(&secretary, &branch, 3).await;
        for line in &seen[1..] {
            assert_eq!((&line["actor"], &line["program"]), (&Value::Null, &told), "{line}");
        }
        assert!(seen[0]["actor"].is_string(), "{seen:#?}");
        assert_eq!(seen[0]["program"], Value::Null, "a person is no program");
        // Whom it concerns reads who took it.
        let mut input = everything(&county, "phones");
        input["kinds"] = json!(["MEMBER"]);
        input["fields"] = json!(["PHONE"]);
        input["purpose"] = json!("REPORT");
        export(&client, input).await;
        let log = server.client("member").data(MINE, json!({})).await["viewer"]["member"]["accessLog"]["nodes"].clone();
        let line = of(log.as_array().expect("lines"), "RUN_EXPORT").clone();
        assert_eq!((&line["actor"], &line["program"]), (&Value::Null, &told), "{line}");
        // The account itself is for who looks after the accounts of its org.
        let above = server.client("county-secretary");
        let line = of(&lines(&above, &county, 20).await, "RUN_EXPORT").clone();
        assert_eq!(line["program"]["name"], "scribe", "{line}");
        assert_eq!(
            line["program"]["account"],
            json!({"id": account, "username": "scribe"}),
            "{line}"
        );
        // What was done stays told when the account is closed.
        let input = json!({"accountId": account, "idempotencyKey": "close"});
        let closed = server
            .client("administrator")
            .data(CLOSE, json!({"input": input}))
            .await["closeAccount"]
            .clone();
        assert_eq!(closed["userErrors"], json!([]), "{closed}");
        let after = lines(&secretary, &branch, 20).await;
        assert_eq!(of(&after, "RUN_EXPORT")["program"], told);
    }
);

both_databases!(
    programs_of_a_page_of_the_trail_are_found_together,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let county = server.account("county-secretary", "organizationId");
        let branch = server.account("branch-secretary", "organizationId");
        let scopes = ["orgs:read", "members:read", "members:write"];
        let (_, one) = program(&server, &county, "scribe", &scopes).await;
        let (_, two) = program(&server, &branch, "clerk", &scopes).await;
        enter(&one, &branch, 0..4).await;
        enter(&two, &branch, 4..8).await;
        server.quiet().await;
        let secretary = server.client("branch-secretary");
        let mut counts = Vec::new();
        // The fifth line is of the second program.
        for most in [5, 8] {
            let before = server.statements().await;
            let found = lines(&secretary, &branch, most).await;
            counts.push(server.statements().await - before);
            assert!(
                found.iter().all(|line| line["program"]["name"].is_string()),
                "{found:#?}"
            );
        }
        assert_eq!(
            counts[0], counts[1],
            "statements for five lines and for eight: {counts:?}"
        );
    }
);
