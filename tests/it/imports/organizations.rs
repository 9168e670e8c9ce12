//! Files of orgs: one plan, whatever their order; what cannot stand is refused before anything is written.

use serde_json::{Value, json};
use tests::{Client, Server, TestDatabase, both_databases};

use super::{counts, file, import, input, is, over, sound, start, told};
use crate::exports::program;

const SCOPES: [&str; 2] = ["orgs:read", "imports:run"];
const HEADER: &str =
    "外部系统,外部编号,编号,名称,类别,领域,上级外部编号,上级编号,成立日期,事由,决定日期,决定文号,操作\n";
const FIND: &str = "query($v: String!) { organization(by: {external: {system: \"plat\", value: $v}}) { id version name kind dissolvedOn
    parent { id name } } }";

async fn find(client: &Client, value: &str) -> Value {
    client.data(FIND, json!({"v": value})).await["organization"].clone()
}

/// A row: number, name, kind, parent by its number or its id.
fn row(value: &str, name: &str, kind: &str, parent: &str) -> String {
    let (external, id) = if parent.starts_with("org_") {
        ("", parent)
    } else {
        (parent, "")
    };
    format!(
        "plat,{value},,{name},{kind},村,{external},{id},{},组织调整,2026年1月5日,试〔2026〕9号,\n",
        tests::today()
    )
}

fn orgs(rows: &[String]) -> String {
    format!("{HEADER}{}", rows.concat())
}

async fn run(client: &Client, rows: &[String], key: &str) -> Value {
    let done = import(client, orgs(rows), json!({"kind": "ORGANIZATION"}), key).await;
    assert_eq!(done["state"], "COMPLETED", "{done:#}");
    done
}

both_databases!(
    orgs_of_a_file_are_founded_whatever_their_order_changed_and_left_alone,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let keys = server.keys_of_demo();
        let town = server.account("town-secretary", "organizationId");
        let (_, client) = program(&server, &town, "structure", &SCOPES).await;
        let rows = [
            row("G", "甲村第一党小组", "党小组", "B"),
            row("B", "甲村党支部", "党支部", "Z"),
            row("Z", "甲村党总支", "GENERAL_BRANCH", &town),
            row("Y", "乙村党总支", "General branch", &town),
        ];
        let done = run(&client, &rows, "found").await;
        assert_eq!(counts(&done), [4, 0, 0, 0], "{done:#}");
        assert_eq!(find(&client, "G").await["parent"]["name"], "甲村党支部");
        assert_eq!(find(&client, "B").await["parent"]["name"], "甲村党总支");
        assert_eq!(counts(&run(&client, &rows, "again").await), [0, 0, 4, 0]);
        // One by another name, one below another parent: each told field by field, the others let alone.
        let before = find(&client, "B").await;
        let changed = [
            row("Z", "甲村新党总支", "党总支", &town),
            row("B", "甲村党支部", "党支部", "Y"),
            row("G", "甲村第一党小组", "党小组", "B"),
        ];
        let done = run(&client, &changed, "changed").await;
        assert_eq!(counts(&done), [0, 2, 1, 0], "{done:#}");
        assert_eq!(
            done["report"]["nodes"][0]["changes"],
            json!([{"field": "name", "before": "甲村党总支", "after": "甲村新党总支"}])
        );
        let moved = find(&client, "B").await;
        assert_eq!(
            (&moved["id"], &moved["parent"]["name"]),
            (&before["id"], &json!("乙村党总支"))
        );
        // It is empty now, and the file says so.
        let gone = row("Z", "", "", "")
            .replace("组织调整", "撤销")
            .replace("9号,\n", "9号,撤销\n");
        let done = run(&client, &[gone], "gone").await;
        assert_eq!(counts(&done), [0, 1, 0, 0], "{done:#}");
        assert_ne!(find(&client, "Z").await["dissolvedOn"], Value::Null);
        sound(&keys, server, &database).await;
    }
);

both_databases!(
    what_cannot_stand_is_refused_row_by_row_before_anything_is_written,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let keys = server.keys_of_demo();
        let town = server.account("town-secretary", "organizationId");
        let (_, client) = program(&server, &town, "structure", &SCOPES).await;
        let rows = [
            row("Z", "甲村党总支", "党总支", &town),
            row("B", "甲村党支部", "党支部", "Z"),
            row("G", "甲村党小组", "党小组", "B"),
            // A round of three, and one that would have stood on it.
            row("1", "一", "党总支", "3"),
            row("2", "二", "党总支", "1"),
            row("3", "三", "党总支", "2"),
            row("4", "四", "党支部", "2"),
            // Below a group, below nothing, twice.
            row("5", "五", "党支部", "G"),
            row("6", "六", "党支部", "nobody"),
            row("B", "甲村党支部", "党支部", "Z"),
        ];
        let wanted = [
            is(2, "CREATED", ""),
            is(3, "CREATED", ""),
            is(4, "CREATED", ""),
            is(5, "REJECTED", "PARENT_BELOW_CHILD"),
            is(6, "REJECTED", "PARENT_BELOW_CHILD"),
            is(7, "REJECTED", "PARENT_BELOW_CHILD"),
            is(8, "REJECTED", "NOT_FOUND"),
            is(9, "REJECTED", "KIND_NOT_ALLOWED_HERE"),
            is(10, "REJECTED", "NOT_FOUND"),
            is(11, "REJECTED", "INVALID"),
        ];
        let dry = import(
            &client,
            orgs(&rows),
            json!({"kind": "ORGANIZATION", "dryRun": true}),
            "dry",
        )
        .await;
        assert_eq!(told(&dry), wanted, "{dry:#}");
        assert_eq!(find(&client, "Z").await, Value::Null);
        let whole = import(
            &client,
            orgs(&rows),
            json!({"kind": "ORGANIZATION", "errorPolicy": "ALL_OR_NOTHING"}),
            "whole",
        )
        .await;
        assert_eq!(
            (&whole["state"], &whole["failure"]),
            (&json!("FAILED"), &json!("ROWS_REJECTED"))
        );
        assert_eq!(find(&client, "Z").await, Value::Null);
        let done = run(&client, &rows, "some").await;
        assert_eq!(told(&done), wanted, "{done:#}");
        // A branch that stands does not come below a group, nor below itself.
        let rows = [
            row("Y", "乙村党支部", "党支部", &town),
            row("Z", "甲村党总支", "党总支", "B"),
        ];
        let done = run(&client, &rows, "itself").await;
        assert_eq!(
            told(&done),
            [is(2, "CREATED", ""), is(3, "REJECTED", "PARENT_BELOW_CHILD")]
        );
        let done = run(&client, &[row("Y", "乙村党支部", "党支部", "G")], "below").await;
        assert_eq!(told(&done), [is(2, "REJECTED", "KIND_NOT_ALLOWED_HERE")]);
        sound(&keys, server, &database).await;
    }
);

both_databases!(
    a_row_without_its_decision_or_outside_the_accounts_part_is_refused_and_a_mutation_too,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let town = server.account("town-secretary", "organizationId");
        let county = server.account("county-organization", "organizationId");
        let (_, client) = program(&server, &town, "structure", &SCOPES).await;
        let undecided = row("1", "一", "党总支", &town).replace("2026年1月5日,试〔2026〕9号", ",");
        let half = row("2", "二", "党总支", &town).replace("试〔2026〕9号", "");
        let rows = [
            undecided,
            half,
            row("3", "三", "基层党委", &county),
            row("4", "四", "党总支", &town),
        ];
        let done = run(&client, &rows, "undecided").await;
        let codes: Vec<String> = told(&done).into_iter().map(|row| row.2).collect();
        assert_eq!(codes[..2], ["COLLECTIVE_DECISION_REQUIRED", "REQUIRED"], "{done:#}");
        assert!(["NOT_FOUND", "FORBIDDEN"].contains(&codes[2].as_str()), "{done:#}");
        assert_eq!(codes[3], "");
        // What an import records, the same account does not do by itself.
        let create =
            "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) { userErrors { code } } }";
        let input = json!({"parentId": town, "name": "五", "kind": "GENERAL_BRANCH", "sector": "VILLAGE", "foundedOn": tests::today().to_string(),
            "reason": "新设", "decision": {"decidedOn": "2026-01-05", "documentNumber": "试〔2026〕9号"}, "idempotencyKey": "by itself"});
        let refused = client.data(create, json!({"input": input})).await;
        assert_eq!(refused["createOrganization"]["userErrors"][0]["code"], "FORBIDDEN");
    }
);

both_databases!(orgs_come_as_json_lines_too, |database: TestDatabase| async move {
    let server = Server::demo_on(&database).await;
    let town = server.account("town-secretary", "organizationId");
    let (_, client) = program(&server, &town, "structure", &SCOPES).await;
    let mut lines = String::new();
    for (value, parent) in [
        ("B", json!({"parentExternalId": "Z"})),
        ("Z", json!({"parentId": town})),
    ] {
        let mut line = json!({"system": "plat", "externalId": value, "name": format!("{value}村党组织"), "sector": "村",
                "kind": if value == "Z" { "党总支" } else { "党支部" }, "foundedOn": tests::today().format("%Y/%-m/%-d").to_string(), "reason": "新设",
                "decidedOn": "20260105", "documentNumber": "试〔2026〕9号"});
        for (key, value) in parent.as_object().into_iter().flatten() {
            line[key] = value.clone();
        }
        lines.push_str(&format!("{line}\n"));
    }
    let sent = file(&client, lines).await;
    let begun = start(
        &client,
        input(&sent, json!({"kind": "ORGANIZATION", "format": "JSONL"}), "lines"),
    )
    .await;
    assert_eq!(begun["userErrors"], json!([]), "{begun}");
    let done = over(&client, &begun["job"]["id"]).await;
    assert_eq!(told(&done), [is(1, "CREATED", ""), is(2, "CREATED", "")], "{done:#}");
});
