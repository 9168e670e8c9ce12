//! Files of activities that were held, with attendance by exception.

use serde_json::{Value, json};
use tests::{Client, Server, TestDatabase, both_databases};

use super::appointments::people;
use super::{counts, import, is, sound, told};
use crate::activities::expected;
use crate::exports::program;

const SCOPES: [&str; 5] = [
    "orgs:read",
    "members:read",
    "activities:read",
    "activities:write",
    "imports:run",
];
const HEADER: &str = "外部系统,外部编号,党组织编号,类别,开始时间,结束时间,地点,请假,缺席,会议记录,更正事由\n";
const FIND: &str = "query($v: String!) { activity(by: {external: {system: \"plat\", value: $v}}) { id version status startsAt place } }";

async fn run(client: &Client, rows: &[String], key: &str) -> Value {
    let done = import(
        client,
        format!("{HEADER}{}", rows.concat()),
        json!({"kind": "ACTIVITY"}),
        key,
    )
    .await;
    assert_eq!(done["state"], "COMPLETED", "{done:#}");
    done
}

async fn find(client: &Client, value: &str) -> Value {
    client.data(FIND, json!({"v": value})).await["activity"].clone()
}

/// State of each member's attendance.
async fn states(client: &Client, activity: &Value) -> Vec<(String, String)> {
    let rows = expected(client, activity).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    rows.iter()
        .map(|row| (text(&row["member"]["id"]), text(&row["state"])))
        .collect()
}

both_databases!(
    activities_of_a_file_are_recorded_with_who_was_not_there,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let keys = server.keys_of_demo();
        let branch = server.account("village-secretary", "organizationId");
        let secretary = server.client("village-secretary");
        let (_, client) = program(&server, &branch, "meetings", &SCOPES).await;
        let day = (tests::today() - chrono::Duration::days(9))
            .format("%Y年%-m月%-d日")
            .to_string();
        let row = |value: &str, kind: &str, time: &str, rest: &str| {
            format!("plat,{value},{branch},{kind},{day}{time}时30分,,\"村部, 二楼\",{rest}\n")
        };
        let done = run(&client, &[row("1", "支部党员大会", "9", ",,,")], "first").await;
        assert_eq!(told(&done), [is(2, "CREATED", "")], "{done:#}");
        let found = find(&client, "1").await;
        assert_eq!(
            (&found["status"], &found["place"]),
            (&json!("HELD"), &json!("村部, 二楼"))
        );
        let present: Vec<String> = states(&secretary, &found["id"])
            .await
            .into_iter()
            .filter(|row| row.1 == "PRESENT")
            .map(|row| row.0)
            .collect();
        assert!(present.len() > 2);
        // The same again; then somebody who was not there after all, which needs a reason; then its minutes.
        assert_eq!(
            counts(&run(&client, &[row("1", "支部党员大会", "9", ",,,")], "again").await),
            [0, 0, 1, 0]
        );
        let wrong = format!(",{},,", present[0]);
        let refused = run(&client, &[row("1", "支部党员大会", "9", &wrong)], "no reason").await;
        assert_eq!(told(&refused), [is(2, "REJECTED", "REQUIRED")], "{refused:#}");
        let wrong = format!(",{},,记错", present[0]);
        let put_right = run(&client, &[row("1", "支部党员大会", "9", &wrong)], "reason").await;
        assert_eq!(counts(&put_right), [0, 1, 0, 0], "{put_right:#}");
        assert_eq!(
            counts(&run(&client, &[row("1", "支部党员大会", "9", &wrong)], "reason again").await),
            [0, 0, 1, 0]
        );
        let filed = run(&client, &[row("1", "支部党员大会", "9", ",,学习了章程,")], "minutes").await;
        assert_eq!(counts(&filed), [0, 1, 0, 0], "{filed:#}");
        assert_eq!(find(&client, "1").await["status"], "FILED");
        let states = states(&secretary, &found["id"]).await;
        assert!(states.iter().any(|row| row.0 == present[0] && row.1 != "PRESENT"));
        sound(&keys, server, &database).await;
    }
);

both_databases!(
    a_row_that_is_refused_leaves_nothing_of_it_behind,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let keys = server.keys_of_demo();
        let branch = server.account("village-secretary", "organizationId");
        let (_, client) = program(&server, &branch, "meetings", &SCOPES).await;
        let ago = |days: i64| (tests::today() - chrono::Duration::days(days)).to_string();
        let row =
            |value: &str, kind: &str, at: &str, rest: &str| format!("plat,{value},{branch},{kind},{at},,,{rest}\n");
        let rows = [
            row("1", "支部党员大会", &format!("{} 10:00", ago(8)), ",,,"),
            // The same meeting once more; one to come; somebody nobody knows; one of a branch that is none.
            row("2", "支部党员大会", &format!("{} 10:10", ago(8)), ",,,"),
            row("3", "党课", &format!("{} 10:00", ago(-3)), ",,,"),
            row("4", "党课", &format!("{} 10:00", ago(7)), "nobody,,,"),
            row("5", "篮球赛", &format!("{} 10:00", ago(7)), ",,,"),
            row("6", "党课", "昨天上午", ",,,"),
            row("7", "党课", &format!("{} 15:00", ago(6)), ",,,"),
        ];
        let done = run(&client, &rows, "mixed").await;
        let wanted = [
            is(2, "CREATED", ""),
            is(3, "REJECTED", "ALREADY_RECORDED"),
            is(4, "REJECTED", "DATE_IN_FUTURE"),
            is(5, "REJECTED", "NOT_FOUND"),
            is(6, "REJECTED", "INVALID"),
            is(7, "REJECTED", "INVALID"),
            is(8, "CREATED", ""),
        ];
        assert_eq!(told(&done), wanted, "{done:#}");
        for value in ["2", "3", "4", "5", "6"] {
            assert_eq!(find(&client, value).await, Value::Null, "{value}");
        }
        sound(&keys, server, &database).await;
    }
);

/// A file of meetings with their agenda, their resolutions and the categories of leave.
async fn meetings(client: &Client, rows: &[String], key: &str) -> Value {
    let header = "外部系统,外部编号,党组织编号,类别,开始时间,请假,请假类别,议程,决议,更正事由\n";
    let done = import(
        client,
        format!("{header}{}", rows.concat()),
        json!({"kind": "ACTIVITY"}),
        key,
    )
    .await;
    assert_eq!(done["state"], "COMPLETED", "{done:#}");
    done
}

both_databases!(
    agenda_resolutions_and_leave_of_a_file_are_recorded_by_the_rules_that_people_have,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let keys = server.keys_of_demo();
        let branch = server.account("village-secretary", "organizationId");
        let secretary = server.client("village-secretary");
        let (_, client) = program(&server, &branch, "meetings", &SCOPES).await;
        let people = people(&secretary, &branch).await;
        let (away, owner) = (&people[0], &people[1]);
        let day = tests::today() - chrono::Duration::days(9);
        let due = tests::today() + chrono::Duration::days(30);
        let row =
            |value: &str, hour: u32, rest: &str| format!("plat,{value},{branch},支部党员大会,{day} {hour}:00,{rest}\n");
        let agenda = "\"学习|学习党章\nMAJOR_MATTER｜修村路\"";
        let road = format!("OTHER|修村路|2|0|1|{owner}|{due}");
        let first = row("1", 9, &format!("{away},病假,{agenda},{road},"));
        let done = meetings(&client, std::slice::from_ref(&first), "first").await;
        assert_eq!(told(&done), [is(2, "CREATED", "")], "{done:#}");
        let changes = done["report"]["nodes"][0]["changes"]
            .as_array()
            .expect("changes")
            .clone();
        let vote = changes.iter().find(|change| change["field"] == "resolutions.0");
        let vote = vote.expect("the vote")["after"].as_str().expect("how it went");
        assert!(vote.starts_with("修村路 ") && vote.ends_with(" 2:0:1"), "{vote}");
        let id = find(&client, "1").await["id"].clone();
        const READ: &str = "query($id: ID!) { activity(id: $id) { agenda { kind title }
            resolutions { kind title ayes noes abstentions due present followUp { on owner { id } } } } }";
        let read = secretary.data(READ, json!({"id": id})).await["activity"].clone();
        assert_eq!(
            read["agenda"],
            json!([{"kind": "STUDY", "title": "学习党章"}, {"kind": "MAJOR_MATTER", "title": "修村路"}])
        );
        let resolution = &read["resolutions"][0];
        assert_eq!(
            [
                &resolution["kind"],
                &resolution["ayes"],
                &resolution["noes"],
                &resolution["abstentions"]
            ],
            [&json!("OTHER"), &json!(2), &json!(0), &json!(1)]
        );
        assert_eq!(
            resolution["followUp"],
            json!({"on": due.to_string(), "owner": {"id": owner}})
        );
        // Who is due and present is counted: nobody types it.
        let number = |value: &Value| value.as_i64().expect("a number");
        assert!(
            number(&resolution["due"]) > number(&resolution["present"]),
            "{resolution}"
        );
        let rows = expected(&secretary, &id).await;
        let leave = rows.iter().find(|row| row["member"]["id"] == **away).expect("a seat");
        assert_eq!(
            (&leave["state"], &leave["leave"]["category"]),
            (&json!("LEAVE_PENDING"), &json!("ILLNESS"))
        );
        let again = meetings(&client, &[first], "again").await;
        assert_eq!(counts(&again), [0, 0, 1, 0], "{again:#}");

        // A resolution that was forgotten is added; what was voted, and what stood on the agenda, does not change by a list.
        let added = row("1", 9, &format!(",,,\"{road}\nOTHER|种树|3|0|0\","));
        let added = meetings(&client, &[added], "added").await;
        assert_eq!(counts(&added), [0, 1, 0, 0], "{added:#}");
        assert_eq!(added["report"]["nodes"][0]["changes"][0]["field"], "resolutions.1");
        let other = road.replace("|2|0|1|", "|3|0|0|");
        for (key, rest, field) in [
            ("votes", format!(",,,{other},"), "resolutions"),
            ("agenda", ",,学习|学习党章,,".to_owned(), "agenda"),
        ] {
            let refused = meetings(&client, &[row("1", 9, &rest)], key).await;
            let error = &refused["report"]["nodes"][0]["userErrors"][0];
            assert_eq!(
                (&error["path"][1], &error["params"]["reason"]),
                (&json!(field), &json!("OWN_ACT")),
                "{refused:#}"
            );
        }
        // More votes than people; a kind that this meeting does not have; leave of more kinds than people.
        let rows = [
            row("2", 12, ",,,OTHER|修村路|999|0|0,"),
            row("3", 14, ",,TASK|完成任务,,"),
            row("4", 16, &format!("{away},病假 外出,,,")),
        ];
        let refused = meetings(&client, &rows, "refused").await;
        let outcomes = told(&refused);
        assert_eq!(outcomes[0], is(2, "REJECTED", "VOTE_INVALID"), "{refused:#}");
        assert!(outcomes.iter().all(|row| row.1 == "REJECTED"), "{refused:#}");
        for value in ["2", "3", "4"] {
            assert_eq!(find(&client, value).await, Value::Null, "{value}");
        }
        sound(&keys, server, &database).await;
    }
);
