//! The city at scale: small here, whole in benches/. Whatever its size, it holds together.

use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};
use tests::{City, Client, Server, TestDatabase, both_databases};

const CLOCK: &str = "2026-05-20T04:00:00Z";
const LATER: &str = "2026-05-20T04:30:00Z";

fn seeded(database: &TestDatabase, seed: &str) -> City {
    let city = City::on(database);
    let made = city.run(&["seed", "--city", "--scale", "0.003", "--seed", seed, "--clock", CLOCK]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    city
}

/// Rows of a statement as text, column by column.
async fn rows(database: &TestDatabase, sql: &str) -> Vec<String> {
    let connection = database.connect().await;
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let found = connection.query_all_raw(statement).await.expect(sql);
    let rows = found.iter().map(|row| row.try_get_by_index::<String>(0).expect("text"));
    let rows = rows.collect();
    connection.close().await.expect("closed");
    rows
}

both_databases!(
    a_seeded_city_is_in_order_and_judging_it_again_changes_nothing,
    |database: TestDatabase| async move {
        let city = seeded(&database, "7");
        let doctor = city.run(&["doctor", "--clock", LATER]);
        let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
        assert!(
            doctor.status.success(),
            "{said}{}",
            String::from_utf8_lossy(&doctor.stderr)
        );
        assert_eq!(
            city.rejudged(LATER),
            "0 obligations stood otherwise, 0 measures, 0 figures were wrong"
        );
        let again = city.run(&["seed", "--city", "--scale", "0.003", "--clock", LATER]);
        assert!(!again.status.success(), "a city is never mixed with another");

        // A wrong figure is seen and mended, at the root as at a branch.
        let connection = database.connect().await;
        let wrong = "UPDATE figure SET value = value + 1 WHERE metric = 'members.full'";
        connection.execute_unprepared(wrong).await.expect("updated");
        connection.close().await.expect("closed");
        assert!(!city.run(&["doctor", "--clock", LATER]).status.success());
        let mended = database
            .number("SELECT COUNT(*) FROM figure WHERE metric = 'members.full'")
            .await;
        assert_eq!(
            city.rejudged(LATER),
            format!("0 obligations stood otherwise, 0 measures, {mended} figures were wrong")
        );
        assert!(city.run(&["doctor", "--clock", LATER]).status.success());
    }
);

both_databases!(
    every_rule_that_is_judged_fires_in_a_seeded_city,
    |database: TestDatabase| async move {
        let _city = seeded(&database, "7");
        for status in ["MET", "HELD_LATE", "OVERDUE", "MISSED", "OPEN", "HELD_NOT_FILED"] {
            let sql = format!("SELECT COUNT(*) FROM obligation WHERE status = '{status}'");
            assert!(database.number(&sql).await > 0, "{status}");
        }
        let owed = rows(&database, "SELECT DISTINCT rule_key FROM obligation ORDER BY 1").await;
        assert_eq!(
            owed,
            ["committee-meeting", "general-meeting", "group-meeting", "lecture"]
        );
        let missed = "SELECT DISTINCT rule_key FROM obligation WHERE status IN ('OVERDUE', 'MISSED') ORDER BY 1";
        assert_eq!(rows(&database, missed).await, owed);
        let ladder = rows(&database, "SELECT DISTINCT kind FROM measure ORDER BY 1").await;
        assert_eq!(ladder, ["ADMONITION", "CRITICISM_AND_EDUCATION", "REMINDER"]);
        let states = rows(&database, "SELECT DISTINCT state FROM measure ORDER BY 1").await;
        assert!(
            ["CONFIRMED", "DISMISSED", "OPEN"]
                .iter()
                .all(|state| states.iter().any(|one| one == state))
        );
        for (what, sql) in [
            (
                "alerts that went up",
                "SELECT COUNT(*) FROM alert WHERE closed_at IS NULL AND level > 0",
            ),
            (
                "floating members",
                "SELECT COUNT(*) FROM member WHERE status = 'FLOATING'",
            ),
            ("exemptions", "SELECT COUNT(*) FROM exemption"),
            (
                "transfers that wait",
                "SELECT COUNT(*) FROM transfer WHERE state = 'REQUESTED'",
            ),
            (
                "notices",
                "SELECT COUNT(*) FROM inbox_item WHERE kind = 'ACTIVITY_NOTICE' AND closed_at IS NULL",
            ),
            (
                "measures to decide",
                "SELECT COUNT(*) FROM inbox_item WHERE kind = 'MEASURE_TO_DECIDE' AND closed_at IS NULL",
            ),
            (
                "branches that moved",
                "SELECT COUNT(*) FROM organization_fact WHERE until_on IS NOT NULL",
            ),
            (
                "guided orgs",
                "SELECT COUNT(*) FROM organization WHERE guided_by IS NOT NULL",
            ),
        ] {
            assert!(database.number(sql).await > 0, "{what}");
        }
    }
);

both_databases!(
    the_same_seed_gives_the_same_city_at_scale,
    |database: TestDatabase| async move {
        let (second, third) = (database.kind, database.kind);
        let second = TestDatabase::create(second).expect("a second database");
        let third = TestDatabase::create(third).expect("a third database");
        seeded(&database, "7");
        seeded(&second, "7");
        seeded(&third, "8");
        for (table, columns) in [
            ("organization", "id || path || name"),
            ("member", "id || name || status || branch_id"),
            ("activity", "id || kind || status || host_id"),
            ("attendance", "id || member_id || state"),
            ("obligation", "id || rule_key || period || status"),
            ("measure", "id || member_id || kind || state"),
            ("figure", "organization_id || metric || period || CAST(value AS TEXT)"),
            ("inbox_item", "id || kind || subject_id"),
        ] {
            let sql = format!("SELECT {columns} FROM {table} ORDER BY 1");
            let own = rows(&database, &sql).await;
            assert!(!own.is_empty(), "{table}");
            assert!(own == rows(&second, &sql).await, "{table} differs");
            assert!(own != rows(&third, &sql).await, "{table} of another seed is another");
        }
    }
);

both_databases!(
    g3_1a_figures_of_the_city_are_the_sums_of_its_parts,
    |database: TestDatabase| async move {
        let city = seeded(&database, "7");
        let server = city.at(LATER).await;
        let root = server.account("city-secretary", "organizationId");
        let query = "query($o: ID!) { organization(id: $o) { headcount { fullMembers probationaryMembers }
            figures(period: {kind: QUARTER, on: \"2026-02-01\"}) { rule { key } met missed overdue owed }
            children(first: 100) { nodes { headcount { fullMembers probationaryMembers }
                figures(period: {kind: QUARTER, on: \"2026-02-01\"}) { rule { key } met missed overdue owed } } } } }";
        let body = server.client("city-organization").data(query, json!({"o": root})).await;
        let org = &body["organization"];
        let children = org["children"]["nodes"].as_array().expect("nodes");
        let sum = |of: &dyn Fn(&Value) -> i64| children.iter().map(of).sum::<i64>();
        let full = |org: &Value| org["headcount"]["fullMembers"].as_i64().unwrap_or_default();
        let met = |org: &Value| {
            let figures = org["figures"].as_array().into_iter().flatten();
            figures.filter_map(|one| one["met"].as_i64()).sum::<i64>()
        };
        assert!(full(org) > 500 && met(org) > 20, "{org}");
        assert_eq!(full(org), sum(&full));
        assert_eq!(met(org), sum(&met));
        let rows = "SELECT COUNT(*) FROM member WHERE status <> 'LEFT' AND standing = 'FULL'";
        assert_eq!(full(org), database.number(rows).await);
        works(&server).await;
    }
);

/// Whoever got an account can use it.
async fn works(server: &Server) {
    let anyone = Client::new(server.url());
    let accounts = server.accounts();
    for account in accounts.as_array().expect("accounts") {
        let token = account["accessToken"].as_str().expect("a token");
        let body = anyone
            .with_token(token)
            .graphql("{ viewer { __typename } }", json!({}))
            .await;
        assert_eq!(body["data"]["viewer"]["__typename"], "Viewer", "{account}: {body}");
    }
}
