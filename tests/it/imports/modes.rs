//! What becomes of rows: each mode, each policy, a dry run, transfers and departures.

use serde_json::{Value, json};
use tests::{Client, Server, TestDatabase, both_databases};

use super::{ROSTER, completed, counts, import, is, members, names, new, sound, told};
use crate::exports::program;

const FIND: &str =
    "query($v: String!) { member(by: {external: {system: \"hr\", value: $v}}) { id name version status } }";

async fn find(client: &Client, value: &str) -> Value {
    client.data(FIND, json!({"v": value})).await["member"].clone()
}

both_databases!(
    members_of_a_file_are_entered_changed_and_left_alone,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let keys = server.keys_of_demo();
        let branch = server.account("branch-secretary", "organizationId");
        let (_, client) = program(&server, &branch, "roster", &ROSTER).await;
        let before = names(&client, &branch).await;
        let rows = [new("1", &branch, "甘一"), new("2", &branch, "甘二")];
        let text = members(rows.iter().map(String::as_str));
        let done = completed(&client, text.clone(), json!({}), "first").await;
        assert_eq!(counts(&done), [2, 0, 0, 0], "{done:#}");
        assert_eq!(told(&done), [is(2, "CREATED", ""), is(3, "CREATED", "")]);
        assert_eq!(done["progress"], json!({"done": 2, "total": 2}));
        let found = find(&client, "1").await;
        assert_eq!((&found["name"], &found["version"]), (&json!("甘一"), &json!(1)));
        assert_eq!(done["report"]["nodes"][0]["entity"]["id"], found["id"]);
        // The same file again: nothing is otherwise, not even a version.
        let again = completed(&client, text.clone(), json!({}), "again").await;
        assert_eq!(counts(&again), [0, 0, 2, 0]);
        assert_eq!(find(&client, "1").await, found);
        // One of them by another name: told field by field.
        let text = text.replace("甘一", "甘一新");
        let changed = completed(&client, text, json!({}), "changed").await;
        assert_eq!(counts(&changed), [0, 1, 1, 0]);
        assert_eq!(
            changed["report"]["nodes"][0]["changes"],
            json!([{"field": "name", "before": "甘一", "after": "甘一新"}])
        );
        assert_eq!(names(&client, &branch).await.len(), before.len() + 2);
        sound(&keys, server, &database).await;
    }
);

/// A file with rows of every sort: good, known, changed, twice, without a branch, of another branch; somebody who is entered and leaves;
/// an identity number where the name should be.
fn mixed(branch: &str, other: &str) -> String {
    let rows = [
        new("1", branch, "甘一新"),
        new("2", branch, "甘二"),
        new("3", branch, "甘三"),
        new("3", branch, "甘三"),
        "hr,4,,,甘四,PROBATIONARY,2026-03-02,,,,,,,".to_owned(),
        new("5", other, "甘五"),
        format!("hr,6,,{branch},甘六,PROBATIONARY,2099-03-02,,,,,,,"),
        format!("hr,7,,{branch},甘七,SOMETHING,2026-03-02,,,,,,,"),
        new("8", branch, "甘八"),
        "hr,8,LEAVE,,,,,,,,2026-11-01,DECEASED,,".to_owned(),
        new("9", branch, "000000198002290010"),
    ];
    members(rows.iter().map(String::as_str))
}

both_databases!(
    a_dry_run_tells_what_the_run_then_does_and_writes_nothing,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let other = server.account("other-county-secretary", "organizationId");
        let (_, client) = program(&server, &branch, "roster", &ROSTER).await;
        let rows = [new("1", &branch, "甘一"), new("2", &branch, "甘二")];
        completed(&client, members(rows.iter().map(String::as_str)), json!({}), "first").await;
        let strip = |job: &Value| {
            let rows = job["report"]["nodes"].as_array().expect("rows").iter();
            let rows: Vec<Value> = rows
                .map(|row| json!([row["row"], row["outcome"], row["changes"], row["userErrors"]]))
                .collect();
            json!({"counts": job["counts"], "rows": rows, "failure": job["failure"], "progress": job["progress"]})
        };
        for mode in ["UPSERT", "CREATE_ONLY", "UPDATE_ONLY"] {
            for policy in ["ALL_OR_NOTHING", "ROW_BY_ROW"] {
                let before = names(&client, &branch).await;
                let more = |dry: bool| json!({"mode": mode, "errorPolicy": policy, "dryRun": dry});
                let key = |what: &str| format!("{mode} {policy} {what}");
                let dry = import(&client, mixed(&branch, &other), more(true), &key("dry")).await;
                assert_eq!(names(&client, &branch).await, before, "{mode} {policy}");
                let run = import(&client, mixed(&branch, &other), more(false), &key("run")).await;
                assert_eq!(strip(&dry), strip(&run), "{mode} {policy}");
                if policy == "ALL_OR_NOTHING" {
                    assert_eq!(run["failure"], "ROWS_REJECTED");
                    assert_eq!(names(&client, &branch).await, before);
                    assert_eq!(counts(&run)[..3], [0, 0, 0]);
                    let outcomes: Vec<_> = told(&run).into_iter().map(|row| row.1).collect();
                    assert!(
                        outcomes.iter().all(|one| one == "NOT_DONE" || one == "REJECTED"),
                        "{outcomes:?}"
                    );
                }
                if mode == "UPSERT" && policy == "ROW_BY_ROW" {
                    assert_eq!(counts(&run), [2, 1, 1, 7], "{run:#}");
                    let rows = told(&run);
                    assert_eq!(
                        rows[9..],
                        [is(11, "REJECTED", "INVALID"), is(12, "REJECTED", "INVALID")]
                    );
                    assert!(!run.to_string().contains("198002290"), "{run:#}");
                }
            }
        }
    }
);

both_databases!(
    all_or_nothing_writes_all_where_every_row_does,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let keys = server.keys_of_demo();
        let branch = server.account("branch-secretary", "organizationId");
        let (_, client) = program(&server, &branch, "roster", &ROSTER).await;
        let rows: Vec<String> = (0..1_200)
            .map(|n| new(&n.to_string(), &branch, &format!("甘{n}")))
            .collect();
        let text = members(rows.iter().map(String::as_str));
        let whole = json!({"errorPolicy": "ALL_OR_NOTHING"});
        let done = completed(&client, text, whole, "whole").await;
        assert_eq!(counts(&done), [1_200, 0, 0, 0]);
        assert_eq!(done["report"]["totalCount"]["value"], 1_200);
        let found = find(&client, "1199").await;
        assert_eq!(found["name"], "甘1199");
        // The report is that of the write: its ids are those of the members.
        assert_eq!(
            done["report"]["nodes"][7]["entity"]["id"],
            find(&client, "7").await["id"]
        );
        sound(&keys, server, &database).await;
    }
);

both_databases!(
    transfers_are_asked_for_and_departures_recorded_on_a_decision,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let keys = server.keys_of_demo();
        let county = server.account("county-secretary", "organizationId");
        let branch = server.account("branch-secretary", "organizationId");
        let secretary = server.client("county-organization");
        let list = "query($o: ID!) { organizations(within: {subtreeOf: $o}, filter: {kinds: [BRANCH]}, first: 5) { nodes { id } } }";
        let branches = secretary.data(list, json!({"o": county})).await["organizations"]["nodes"].clone();
        let branches = branches.as_array().expect("branches").iter();
        let other = branches
            .filter_map(|org| org["id"].as_str())
            .find(|id| *id != branch)
            .expect("another branch");
        let (_, client) = program(&server, &county, "roster", &ROSTER).await;
        let rows = ["1", "2", "3", "4"].map(|value| new(value, &branch, &format!("甘{value}")));
        completed(&client, members(rows.iter().map(String::as_str)), json!({}), "first").await;
        let rows = [
            format!("hr,1,TRANSFER,{other},,,,,,,,,,"),
            "hr,2,LEAVE,,,,,,,,2026-11-01,REMOVED,2026-10-30,文〔2026〕1号".to_owned(),
            "hr,3,LEAVE,,,,,,,,2026-11-01,REMOVED,,".to_owned(),
            "hr,4,LEAVE,,,,,,,,2026-11-01,DECEASED,,".to_owned(),
            "hr,9,LEAVE,,,,,,,,2026-11-01,DECEASED,,".to_owned(),
        ];
        let text = members(rows.iter().map(String::as_str));
        let done = completed(&client, text.clone(), json!({}), "acts").await;
        assert_eq!(
            told(&done),
            [
                is(2, "CHANGED", ""),
                is(3, "CHANGED", ""),
                is(4, "REJECTED", "COLLECTIVE_DECISION_REQUIRED"),
                is(5, "CHANGED", ""),
                is(6, "REJECTED", "NOT_FOUND"),
            ],
            "{done:#}"
        );
        // A transfer is asked for, not made.
        let member =
            "query($v: String!) { member(by: {external: {system: \"hr\", value: $v}}) { status branch { id } } }";
        let stays = client.data(member, json!({"v": "1"})).await["member"].clone();
        assert_eq!(stays["branch"]["id"], branch.as_str());
        let status = client.data(member, json!({"v": "3"})).await["member"]["status"].clone();
        assert_eq!(status, "ACTIVE");
        // Once more: who is on the way, or left so, stays as they are.
        let again = completed(&client, text, json!({}), "again").await;
        let outcomes: Vec<String> = told(&again).into_iter().map(|row| row.1).collect();
        assert_eq!(
            outcomes,
            ["UNCHANGED", "UNCHANGED", "REJECTED", "UNCHANGED", "REJECTED"],
            "{again:#}"
        );
        sound(&keys, server, &database).await;
    }
);

both_databases!(
    a_name_that_another_member_has_refuses_the_whole_row_and_holds_back_the_others_where_it_is_to,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let keys = server.keys_of_demo();
        let branch = server.account("branch-secretary", "organizationId");
        let (_, client) = program(&server, &branch, "roster", &ROSTER).await;
        let rows = [new("1", &branch, "甘一"), new("2", &branch, "甘二")];
        completed(&client, members(rows.iter().map(String::as_str)), json!({}), "first").await;
        let [one, two] = [find(&client, "1").await, find(&client, "2").await];
        let id = |member: &Value| member["id"].as_str().expect("an id").to_owned();
        let file = |rows: &[(String, &str, &str)]| {
            let rows = rows.iter().map(|(id, value, name)| format!("{id},hr,{value},{name}\n"));
            format!("id,system,externalId,name\n{}", rows.collect::<String>())
        };
        // One takes the name that two has; two only gets a further one.
        let text = file(&[(id(&one), "2", "甘一新"), (id(&two), "22", "甘二")]);
        let whole = json!({"errorPolicy": "ALL_OR_NOTHING"});
        let held_back = import(&client, text.clone(), whole, "whole").await;
        assert_eq!(held_back["failure"], "ROWS_REJECTED", "{held_back:#}");
        let wanted = [is(2, "REJECTED", "EXTERNAL_ID_TAKEN"), is(3, "NOT_DONE", "")];
        assert_eq!(told(&held_back), wanted);
        assert_eq!(find(&client, "22").await, Value::Null);
        let done = completed(&client, text.clone(), json!({}), "each").await;
        let wanted = [is(2, "REJECTED", "EXTERNAL_ID_TAKEN"), is(3, "CHANGED", "")];
        assert_eq!(told(&done), wanted, "{done:#}");
        let error = &done["report"]["nodes"][0]["userErrors"][0];
        assert_eq!(error["path"], json!(["input", "externalId"]));
        assert_eq!(find(&client, "1").await, one, "nothing of the row was done");
        assert_eq!(find(&client, "22").await["id"], two["id"]);
        // Once more: the name is there already.
        let again = completed(&client, text, json!({}), "again").await;
        assert_eq!(told(&again)[1], is(3, "UNCHANGED", ""), "{again:#}");
        sound(&keys, server, &database).await;
    }
);
