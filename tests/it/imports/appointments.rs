//! Files of appointments: posts filled and ended, what is so left alone.

use serde_json::{Value, json};
use tests::{Client, Server, TestDatabase, both_databases};

use super::{counts, import, is, sound, told};
use crate::exports::program;

const SCOPES: [&str; 3] = ["orgs:read", "members:read", "imports:run"];
const HEADER: &str = "操作,党员编号,党组织编号,职务,任职日期,免职日期,决定日期,决定文号\n";

async fn run(client: &Client, rows: &[String], key: &str) -> Value {
    let done = import(
        client,
        format!("{HEADER}{}", rows.concat()),
        json!({"kind": "APPOINTMENT"}),
        key,
    )
    .await;
    assert_eq!(done["state"], "COMPLETED", "{done:#}");
    done
}

/// Full members of a branch who hold no post there.
async fn people(client: &Client, branch: &str) -> Vec<String> {
    let list = "query($o: ID!) { members(within: {exactly: $o}, first: 100) { nodes { id standing status } }
        organization(id: $o) { appointments(first: 100) { nodes { member { id } } } } }";
    let data = client.data(list, json!({"o": branch})).await;
    let held = data["organization"].to_string();
    let all = data["members"]["nodes"].as_array().expect("members").iter();
    let free = all.filter(|member| member["standing"] == "FULL" && member["status"] == "ACTIVE");
    let ids = free.map(|member| member["id"].as_str().expect("an id").to_owned());
    ids.filter(|id| !held.contains(id.as_str())).collect()
}

both_databases!(
    posts_of_a_file_are_filled_once_left_alone_and_ended,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let keys = server.keys_of_demo();
        let branch = server.account("village-secretary", "organizationId");
        let (_, client) = program(&server, &branch, "posts", &SCOPES).await;
        let people = people(&server.client("village-secretary"), &branch).await;
        let (one, two) = (&people[0], &people[1]);
        let row = |member: &str, post: &str, rest: &str| {
            format!(",{member},{branch},{post},{rest}2026-01-05,试〔2026〕9号\n")
        };
        let rows = [
            row(one, "宣传委员", "2026-01-06,,"),
            row(two, "ORGANIZATION_COMMITTEE_MEMBER", "2026-01-06,,"),
            row(two, "总经理", "2026-01-06,,"),
            format!(",{one},{branch},副书记,2026-01-06,,,\n"),
        ];
        let done = run(&client, &rows, "fill").await;
        let wanted = [
            is(2, "CREATED", ""),
            is(3, "CREATED", ""),
            is(4, "REJECTED", "INVALID"),
            is(5, "REJECTED", "COLLECTIVE_DECISION_REQUIRED"),
        ];
        assert_eq!(told(&done), wanted, "{done:#}");
        let again = run(&client, &rows[..2], "again").await;
        assert_eq!(counts(&again), [0, 0, 2, 0], "{again:#}");
        // Another day of a post that is held: it would have to be ended first.
        let other = run(&client, &[row(one, "宣传委员", "2026-01-07,,")], "other").await;
        assert_eq!(told(&other), [is(2, "REJECTED", "INVALID")]);
        let end = [format!(
            "免去,{one},{branch},宣传委员,,2026-02-01,2026-01-05,试〔2026〕9号\n"
        )];
        let ended = run(&client, &end, "end").await;
        assert_eq!(counts(&ended), [0, 1, 0, 0], "{ended:#}");
        assert_eq!(
            ended["report"]["nodes"][0]["changes"],
            json!([{"field": "until", "before": null, "after": "2026-02-01"}])
        );
        let gone = run(&client, &end, "gone").await;
        assert_eq!(
            told(&gone),
            [is(2, "REJECTED", "NOT_FOUND")],
            "nobody holds it any more"
        );
        sound(&keys, server, &database).await;
    }
);

both_databases!(
    posts_of_another_part_of_the_tree_and_of_organ_staff_are_not_filled,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let branch = server.account("village-secretary", "organizationId");
        let other = server.account("other-county-secretary", "organizationId");
        let county = server.account("county-secretary", "organizationId");
        let (_, client) = program(&server, &county, "posts", &SCOPES).await;
        let (_, narrow) = program(&server, &branch, "narrow", &SCOPES).await;
        let people = people(&server.client("village-secretary"), &branch).await;
        let row = |org: &str, post: &str| format!(",{},{org},{post},2026-01-06,,2026-01-05,试〔2026〕9号\n", people[0]);
        let done = run(
            &client,
            &[row(&other, "委员"), row(&county, "组织部工作人员")],
            "elsewhere",
        )
        .await;
        let told_codes: Vec<String> = told(&done).into_iter().map(|row| row.2).collect();
        assert!(
            told_codes
                .iter()
                .all(|code| ["NOT_FOUND", "FORBIDDEN"].contains(&code.as_str())),
            "{done:#}"
        );
        let done = run(&narrow, &[row(&county, "委员")], "above").await;
        assert!(
            ["NOT_FOUND", "FORBIDDEN"].contains(&told(&done)[0].2.as_str()),
            "{done:#}"
        );
    }
);
