//! Members as another system knows them, up to 500 in a call, each row with its result.

use serde_json::{Value, json};
use tests::{Client, Server, both_databases};

const UPSERT: &str = "mutation($input: UpsertMembersInput!) { upsertMembers(input: $input) {
    results { index outcome member { id version name externalIds { system value } branch { id } }
      userErrors { code path params } }
    userErrors { code path params } cursor replayed } }";
const ROSTER: &str = "query($o: ID!) { members(within: {exactly: $o}, first: 100) { nodes { id name version }
    totalCount(mode: EXACT) { value } } }";
const FIND: &str = "query($s: String!, $v: String!) { member(by: {external: {system: $s, value: $v}}) { id name } }";

pub async fn upsert(client: &Client, rows: &Value, more: Value, key: &str) -> Value {
    let mut input = json!({"rows": rows, "idempotencyKey": key});
    for (name, value) in more.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    client.data(UPSERT, json!({"input": input})).await["upsertMembers"].clone()
}

fn named(value: &str) -> Value {
    json!({"external": {"system": "personnel", "value": value}})
}

pub fn row(value: &str, branch: &str, name: &str) -> Value {
    json!({"member": named(value), "branch": {"id": branch}, "name": name, "standing": "PROBATIONARY",
        "joinedOn": "2026-03-02"})
}

/// Outcome of each row, with the code and the path of its refusal.
fn outcomes(done: &Value) -> Vec<(String, String)> {
    let told = |row: &Value| {
        let error = &row["userErrors"][0];
        let path = error["path"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let refusal = error["code"]
            .as_str()
            .map(|code| format!("{code} {}", path.collect::<Vec<_>>().join(".")));
        (
            row["outcome"].as_str().expect("an outcome").to_owned(),
            refusal.unwrap_or_default(),
        )
    };
    done["results"].as_array().expect("results").iter().map(told).collect()
}

fn is(outcome: &str, refusal: &str) -> (String, String) {
    (outcome.to_owned(), refusal.to_owned())
}

both_databases!(
    members_are_created_changed_and_left_alone_as_the_other_system_knows_them,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let secretary = server.client("branch-secretary");
        let before = secretary.data(ROSTER, json!({"o": branch})).await;
        let mut rows = json!([row("P1", &branch, "甘一"), row("P2", &branch, "甘二")]);
        rows[1]["phone"] = json!("13900000002");
        let first = upsert(&secretary, &rows, json!({}), "u1").await;
        assert_eq!(outcomes(&first), [is("CREATED", ""), is("CREATED", "")], "{first}");
        assert_eq!(first["userErrors"], json!([]));
        assert_eq!(
            first["results"][0]["member"]["externalIds"],
            json!([{"system": "personnel", "value": "P1"}])
        );
        let count = |data: &Value| data["members"]["totalCount"]["value"].as_i64().expect("a count");
        let after = secretary.data(ROSTER, json!({"o": branch})).await;
        assert_eq!(count(&after), count(&before) + 2);
        let found = secretary.data(FIND, json!({"s": "personnel", "v": "P2"})).await["member"].clone();
        assert_eq!(found["id"], first["results"][1]["member"]["id"]);
        // The same again changes nothing, not even a version; a new name changes that one.
        let again = upsert(&secretary, &rows, json!({}), "u2").await;
        assert_eq!(outcomes(&again), [is("UNCHANGED", ""), is("UNCHANGED", "")], "{again}");
        assert_eq!(
            again["results"][1]["member"]["version"],
            first["results"][1]["member"]["version"]
        );
        rows[0]["name"] = json!("甘一新");
        rows.as_array_mut().expect("rows").push(row("P3", &branch, "甘三"));
        let third = upsert(&secretary, &rows, json!({}), "u3").await;
        assert_eq!(
            outcomes(&third),
            [is("CHANGED", ""), is("UNCHANGED", ""), is("CREATED", "")],
            "{third}"
        );
        assert_eq!(third["results"][0]["member"]["name"], "甘一新");
        let version = |done: &Value| done["results"][0]["member"]["version"].as_i64().expect("a version");
        assert_eq!(version(&third), version(&first) + 1);
        // Under its key it is answered as the first time.
        let replay = upsert(&secretary, &rows, json!({}), "u3").await;
        assert_eq!(
            (&replay["replayed"], outcomes(&replay)),
            (&json!(true), outcomes(&third)),
            "{replay}"
        );
    }
);

both_databases!(
    one_refused_row_holds_back_all_or_itself_only,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let other = server.account("village-secretary", "organizationId");
        let secretary = server.client("branch-secretary");
        let roster = secretary.data(ROSTER, json!({"o": branch})).await["members"]["nodes"].clone();
        let somebody = roster[0]["id"].clone();
        let mut rows = json!([row("Q1", &branch, "甘四"), row("Q2", &branch, ""), row("Q3", &other, "甘五"), row("Q1", &branch, "甘六"),
            row("Q4", &branch, "甘七"), {"member": {"id": somebody}, "standing": "PROBATIONARY", "joinedOn": "1990-01-01"},
            {"member": {"id": "mbr_00000000000000000000000000"}, "name": "无"}, {"member": named("Q5"), "name": "甘八"}]);
        rows[4]["identityNumber"] = json!("110101199003070000");
        let refused = [
            is("NOT_DONE", ""),
            is("REJECTED", "REQUIRED input.rows.1.name"),
            is("REJECTED", "FORBIDDEN input.rows.2.branch"),
            is("REJECTED", "INVALID input.rows.3.member"),
            is("REJECTED", "INVALID input.rows.4.identityNumber"),
            is("REJECTED", "INVALID input.rows.5.standing"),
            is("REJECTED", "NOT_FOUND input.rows.6.member"),
            is("REJECTED", "REQUIRED input.rows.7.branch"),
        ];
        let all = upsert(&secretary, &rows, json!({}), "r1").await;
        assert_eq!(outcomes(&all), refused, "{all:#}");
        assert_eq!(all["userErrors"][0]["code"], "ROWS_REJECTED", "{all}");
        assert_eq!(all["userErrors"][0]["params"]["count"], "7");
        assert!(
            !all.to_string().contains("110101199003070000"),
            "an identity number is never echoed"
        );
        assert_eq!(
            secretary.data(FIND, json!({"s": "personnel", "v": "Q1"})).await["member"],
            Value::Null
        );
        let each = upsert(&secretary, &rows, json!({"errorPolicy": "ROW_BY_ROW"}), "r2").await;
        let mut expected = refused.to_vec();
        expected[0] = is("CREATED", "");
        assert_eq!(outcomes(&each), expected, "{each:#}");
        assert_eq!(each["userErrors"], json!([]));
        let replay = upsert(&secretary, &rows, json!({"errorPolicy": "ROW_BY_ROW"}), "r2").await;
        let kinds = |done: &Value| outcomes(done).into_iter().map(|row| row.0).collect::<Vec<_>>();
        assert_eq!((&replay["replayed"], kinds(&replay)), (&json!(true), kinds(&each)));
        // Modes.
        let known = json!([row("Q1", &branch, "甘四")]);
        let only_new = upsert(
            &secretary,
            &known,
            json!({"mode": "CREATE_ONLY", "errorPolicy": "ROW_BY_ROW"}),
            "r3",
        )
        .await;
        assert_eq!(
            outcomes(&only_new),
            [is("REJECTED", "ALREADY_RECORDED input.rows.0.member")]
        );
        let unknown = json!([row("Q9", &branch, "甘九")]);
        let only_known = upsert(
            &secretary,
            &unknown,
            json!({"mode": "UPDATE_ONLY", "errorPolicy": "ROW_BY_ROW"}),
            "r4",
        )
        .await;
        assert_eq!(outcomes(&only_known), [is("REJECTED", "NOT_FOUND input.rows.0.member")]);
        // What somebody out of sight is called is not given twice, and not told.
        let taken = upsert(
            &server.client("village-secretary"),
            &json!([row("Q1", &other, "甘十")]),
            json!({"errorPolicy": "ROW_BY_ROW"}),
            "r5",
        )
        .await;
        assert_eq!(
            outcomes(&taken),
            [is("REJECTED", "EXTERNAL_ID_TAKEN input.rows.0.member")],
            "{taken}"
        );
        // Bounds.
        let none = upsert(&secretary, &json!([]), json!({}), "r6").await;
        assert_eq!(none["userErrors"][0]["code"], "REQUIRED");
    }
);

both_databases!(
    five_hundred_rows_take_the_statements_of_one,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let secretary = server.client("branch-secretary");
        let short = "mutation($input: UpsertMembersInput!) { upsertMembers(input: $input) { results { outcome } userErrors { code } } }";
        let mut statements = Vec::new();
        for (prefix, number) in [("S", 2), ("L", 500)] {
            let rows: Vec<Value> = (0..number)
                .map(|n| row(&format!("{prefix}{n}"), &branch, &format!("甘{prefix}{n}")))
                .collect();
            let input = json!({"rows": rows, "idempotencyKey": prefix});
            let before = server.statements().await;
            let reply = secretary
                .post(&json!({"query": short, "variables": {"input": input}}))
                .await;
            let results = reply.body["data"]["upsertMembers"]["results"].as_array().map(Vec::len);
            assert_eq!(results, Some(number), "{}", reply.text);
            statements.push(server.statements().await - before);
        }
        // Rows of one table go in by some hundreds.
        assert!(statements[1] < statements[0] + 10, "{statements:?}");
        let rows: Vec<Value> = (0..501).map(|n| row(&format!("M{n}"), &branch, "甘")).collect();
        let many = upsert(&secretary, &json!(rows), json!({}), "many").await;
        assert_eq!(many["userErrors"][0]["code"], "TOO_MANY", "{many}");
    }
);

both_databases!(
    a_text_of_a_row_is_kept_as_it_was_sent_whatever_it_looks_like,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let secretary = server.client("branch-secretary");
        let names = [
            "NULL",
            "null",
            "{甘,一}",
            "甘\"二\"",
            "甘\\三",
            "\\",
            "甘''四",
            "(甘), ($1)",
        ];
        let rows: Vec<Value> = names.iter().map(|name| row(name, &branch, name)).collect();
        let done = upsert(&secretary, &json!(rows), json!({}), "as-sent").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        for name in names {
            let found = secretary.data(FIND, json!({"s": "personnel", "v": name})).await;
            assert_eq!(found["member"]["name"], *name, "{found}");
        }
    }
);
