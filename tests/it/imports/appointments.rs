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
pub async fn people(client: &Client, branch: &str) -> Vec<String> {
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
        // Another day, on the decision that it was filled by: it was written down wrongly.
        let other = run(&client, &[row(one, "宣传委员", "2026-01-07,,")], "other").await;
        assert_eq!(counts(&other), [0, 1, 0, 0], "{other:#}");
        let end = [format!(
            "免去,{one},{branch},宣传委员,,2026-02-01,2026-01-05,试〔2026〕9号\n"
        )];
        let ended = run(&client, &end, "end").await;
        assert_eq!(counts(&ended), [0, 1, 0, 0], "{ended:#}");
        assert_eq!(
            ended["report"]["nodes"][0]["changes"],
            json!([{"field": "until", "before": null, "after": "2026-02-01"}])
        );
        let again = run(&client, &end, "ended").await;
        assert_eq!(counts(&again), [0, 0, 1, 0], "it ended on that day already: {again:#}");
        let other = [end[0].replace("2026-02-01", "2026-02-02")];
        let gone = run(&client, &other, "gone").await;
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

/// A file of posts with every day that they have.
fn terms(rows: &[String]) -> String {
    let header = "编号,党员编号,党组织编号,职务,任职日期,免职日期,任期届满日期,临时负责,决定日期,决定文号\n";
    format!("{header}{}", rows.concat())
}

/// Field and reason of the refusal of the one row of a file, and the operation that it names.
fn refusal(job: &Value) -> [&str; 3] {
    let error = &job["report"]["nodes"][0]["userErrors"][0];
    let field = error["path"]
        .as_array()
        .and_then(|path| path.last())
        .unwrap_or(&Value::Null);
    let told = [field, &error["params"]["reason"], &error["params"]["act"]];
    told.map(|value| value.as_str().unwrap_or_default())
}

both_databases!(
    days_of_a_post_that_were_written_down_wrongly_are_put_right_and_what_is_no_slip_says_what_to_do,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let keys = server.keys_of_demo();
        let branch = server.account("village-secretary", "organizationId");
        let (_, client) = program(&server, &branch, "posts", &SCOPES).await;
        let people = people(&server.client("village-secretary"), &branch).await;
        let (one, two) = (&people[0], &people[1]);
        let row = |member: &str, post: &str, days: &str, decided: &str| {
            format!(",{member},{branch},{post},{days},{decided},试〔2026〕9号\n")
        };
        let run = async |rows: &[String], more: Value, key: &str| {
            let mut input = json!({"kind": "APPOINTMENT"});
            for (name, value) in more.as_object().into_iter().flatten() {
                input[name] = value.clone();
            }
            let done = import(&client, terms(rows), input, key).await;
            assert_eq!(done["state"], "COMPLETED", "{done:#}");
            done
        };
        let until = |days: i64| (tests::today() + chrono::Duration::days(days)).to_string();
        let rows = [
            row(one, "宣传委员", "2026-01-06,,2029-01-06,否", "2026-01-05"),
            row(two, "副书记", &format!("2026-01-06,{},,是", until(30)), "2026-01-05"),
        ];
        let done = run(&rows, json!({}), "fill").await;
        assert_eq!(counts(&done), [2, 0, 0, 0], "{done:#}");

        let right = [
            row(one, "宣传委员", "2026-01-04,,2029-01-07,否", "2026-01-05"),
            row(two, "副书记", &format!(",{},,", until(60)), "2026-01-05"),
        ];
        let looked = run(&right, json!({"dryRun": true}), "look").await;
        let put_right = run(&right, json!({}), "right").await;
        assert_eq!(counts(&put_right), [0, 2, 0, 0], "{put_right:#}");
        let changes = |job: &Value, at: usize| job["report"]["nodes"][at]["changes"].clone();
        assert_eq!(
            changes(&put_right, 0),
            json!([
                {"field": "since", "before": "2026-01-06", "after": "2026-01-04"},
                {"field": "termEndsOn", "before": "2029-01-06", "after": "2029-01-07"}
            ])
        );
        assert_eq!(
            changes(&put_right, 1),
            json!([{"field": "until", "before": until(30), "after": until(60)}])
        );
        assert_eq!(
            [0, 1].map(|at| changes(&looked, at)),
            [0, 1].map(|at| changes(&put_right, at))
        );
        let again = run(&right, json!({}), "again").await;
        assert_eq!(counts(&again), [0, 0, 2, 0], "{again:#}");

        // Another term, an end that has come, who acts and who holds the post: acts of their own.
        let mut number = 0;
        for (row, field) in [
            (row(one, "宣传委员", "2026-03-02,,,", "2026-03-01"), "since"),
            (
                row(one, "宣传委员", &format!(",{},,", until(90)), "2026-01-05"),
                "until",
            ),
            (row(two, "副书记", &format!(",{},,", until(-1)), "2026-01-05"), "until"),
            (row(one, "宣传委员", ",,,是", "2026-01-05"), "acting"),
        ] {
            number += 1;
            let refused = run(&[row], json!({}), &format!("own-{number}")).await;
            assert_eq!(refusal(&refused), [field, "OWN_ACT", "END"], "{refused:#}");
            let message = refused["report"]["nodes"][0]["userErrors"][0]["message"].to_string();
            assert!(message.contains("免去"), "{message}");
        }
        // No later than today, no earlier than the org, and not without the decision.
        let early = run(
            &[row(one, "宣传委员", "1922-01-01,,,", "2026-01-05")],
            json!({}),
            "early",
        )
        .await;
        assert_eq!(told(&early), [is(2, "REJECTED", "DATE_TOO_EARLY")], "{early:#}");
        let alone = format!(",{one},{branch},宣传委员,2026-01-05,,,,,\n");
        let undecided = run(&[alone], json!({}), "undecided").await;
        assert_eq!(told(&undecided), [is(2, "REJECTED", "COLLECTIVE_DECISION_REQUIRED")]);
        // One post in two rows, by its id and by who holds it: the later one does not undo the earlier.
        let id = done["report"]["nodes"][0]["entity"]["id"].as_str().expect("an id");
        let twice = [
            row(one, "宣传委员", "2026-01-03,,,", "2026-01-02"),
            format!("{id},,,,2026-01-02,,,,2026-01-01,试〔2026〕9号\n"),
        ];
        let twice = run(&twice, json!({}), "twice").await;
        assert_eq!(
            told(&twice),
            [is(2, "CHANGED", ""), is(3, "REJECTED", "INVALID")],
            "{twice:#}"
        );
        sound(&keys, server, &database).await;
    }
);
