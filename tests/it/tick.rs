//! Time passes without a write: the borders of months, quarters, years and leap days, in the deployment's zone.

use serde_json::{Value, json};
use tests::{City, Server, both_databases};

const OWED: &str = "query($o: ID!) { obligations(within: {exactly: $o}, first: 100) {
    nodes { id status rule { key } period { kind start end } dueOn } } }";

async fn owed(server: &Server, user: &str) -> Vec<Value> {
    let org = server.account(user, "organizationId");
    let body = server.client(user).data(OWED, json!({"o": org})).await;
    body["obligations"]["nodes"].as_array().expect("nodes").clone()
}

fn find<'a>(all: &'a [Value], rule: &str, start: &str) -> Option<&'a Value> {
    all.iter()
        .find(|one| one["rule"]["key"] == rule && one["period"]["start"] == start)
}

/// Asks until a general meeting is owed from a day on; the tick runs beside the requests. Once it shows, the whole day is
/// done: a demo city is one chunk.
async fn turns(server: &Server, start: &str) -> Vec<Value> {
    for _ in 0..150 {
        let all = owed(server, "branch-secretary").await;
        if find(&all, "general-meeting", start).is_some() {
            return all;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("no general meeting is owed from {start}");
}

both_databases!(
    g1_1a_the_year_turns_at_local_midnight_and_the_tick_runs_right_after,
    |database: tests::TestDatabase| async move {
        let city = City::on(&database);
        // 23:40 on 31 December in Shanghai: the old year.
        let server = city.at("2025-12-31T15:40:00Z").await;
        let before = owed(&server, "branch-secretary").await;
        let quarter = find(&before, "general-meeting", "2025-10-01").expect("the fourth quarter is owed");
        assert_eq!(
            (&quarter["period"]["end"], &quarter["dueOn"]),
            (&json!("2026-01-01"), &json!("2025-12-31"))
        );
        assert!(find(&before, "general-meeting", "2026-01-01").is_none());
        drop(server);
        // A few seconds before midnight: the running server turns by itself.
        let server = city.at("2025-12-31T15:59:57Z").await;
        let after = turns(&server, "2026-01-01").await;
        for (rule, start, end) in [
            ("general-meeting", "2026-01-01", "2026-04-01"),
            ("committee-meeting", "2026-01-01", "2026-02-01"),
            ("lecture", "2026-01-01", "2026-03-01"),
        ] {
            let one = find(&after, rule, start).unwrap_or_else(|| panic!("{rule} is owed from {start}: {after:?}"));
            assert_eq!(
                (&one["status"], &one["period"]["end"]),
                (&json!("OPEN"), &json!(end)),
                "{one}"
            );
        }
        let old = find(&after, "general-meeting", "2025-10-01");
        let old = old.unwrap_or_else(|| panic!("the last quarter is not closed yet: {after:?}"));
        assert!(old["status"] != "OPEN" && old["status"] != "DUE_SOON", "{old}");
        let group = owed(&server, "group-leader").await;
        assert!(find(&group, "group-meeting", "2026-01-01").is_some(), "{group:?}");
    }
);

both_databases!(
    g1_1b_a_leap_day_is_the_last_day_of_its_month,
    |database: tests::TestDatabase| async move {
        let city = City::on(&database);
        let server = city.at("2028-02-28T16:00:01Z").await;
        let all = owed(&server, "branch-secretary").await;
        let month = find(&all, "committee-meeting", "2028-02-01").expect("February is owed");
        assert_eq!(
            (&month["period"]["end"], &month["dueOn"]),
            (&json!("2028-03-01"), &json!("2028-02-29"))
        );
        assert!(month["status"] != "OVERDUE" && month["status"] != "MISSED", "{month}");
        assert!(find(&all, "committee-meeting", "2028-03-01").is_none());
        let two = find(&all, "lecture", "2028-01-01").expect("January and February are owed");
        assert_eq!(two["dueOn"], "2028-02-29");
    }
);

/// One node alone, on the database where two may run.
#[test]
fn two_nodes_at_once_do_a_day_once() {
    tests::run_on(tests::Kind::Postgres, |database| async move {
        let city = City::on(&database);
        drop(city.at("2026-03-30T04:00:00Z").await);
        let (one, other) = tokio::join!(city.at("2026-04-01T04:00:00Z"), city.at("2026-04-01T04:00:00Z"));
        for server in [&one, &other] {
            turns(server, "2026-04-01").await;
        }
        drop((one, other));
        assert_eq!(
            city.rejudged("2026-04-01T05:00:00Z"),
            "0 obligations stood otherwise, 0 measures, 0 figures were wrong"
        );
    });
}
