//! Twin worlds: two cities that differ only in what a viewer must not see answer the viewer's operations byte for byte
//! alike. It catches leaks through edges, counts, filters, sorts, cursors and errors without a list of attacks.

use std::collections::BTreeSet;

use sea_orm::ConnectionTrait as _;
use serde_json::json;
use tests::{Client, Server, TestDatabase, both_databases};

mod bends;
mod corpus;

use bends::{BENDS, GIVEN, MORE, ROUNDS};
use corpus::{Ids, Operation, acts, corpus};

/// The village branch in the other county whose life is hidden.
const HIDDEN: &str = "other-county-secretary";
/// Both worlds begin at this instant.
const CLOCK: &str = "2026-11-24T02:00:00Z";

/// Holders, each with the bends that they may see in the hidden branch; all others must not show.
const VIEWERS: &[(&str, &[&str])] = &[
    ("member", &[]),
    ("floating-member", &[]),
    ("group-leader", &[]),
    ("branch-secretary", &[]),
    ("branch-deputy", &[]),
    ("branch-committee", &[]),
    ("branch-clerk", &[]),
    ("village-secretary", &[]),
    ("general-branch-secretary", &[]),
    ("enterprise-secretary", &[]),
    ("town-secretary", &[]),
    ("town-clerk", &[]),
    ("department-secretary", &[]),
    ("leading-group-secretary", &[]),
    ("county-secretary", &[]),
    ("county-organization", &[]),
    ("county-discipline", &[]),
    ("county-service", &[]),
    ("activist", &[]),
    ("applicant", &[]),
    ("acting-secretary", &[]),
    ("moved-secretary", &[]),
    ("administrator", &[]),
    // Above the branch, but two levels: what is owed, and figures.
    ("other-county", &["obligations", "deviations", "alerts"]),
    ("city-secretary", &["obligations", "deviations", "alerts"]),
    ("city-discipline", &["obligations", "deviations", "alerts"]),
    // An organization department above reads rosters and admissions too, and sealed fields masked.
    (
        "city-organization",
        &["roster", "sealed", "applicants", "obligations", "deviations", "alerts"],
    ),
];

struct World {
    server: Server,
    database: TestDatabase,
}

impl World {
    async fn open(kind: tests::Kind) -> Self {
        let database = TestDatabase::create(kind).unwrap_or_else(|why| panic!("no {kind:?} database: {why}"));
        let server = Server::demo_at(&database, CLOCK).await;
        let world = Self { server, database };
        let (connection, org) = (
            world.database.connect().await,
            world.server.account(HIDDEN, "organizationId"),
        );
        for sql in GIVEN {
            let sql = sql.replace("{x}", &org);
            let given = connection.execute_unprepared(&sql).await;
            given.unwrap_or_else(|why| panic!("{sql}: {why}"));
        }
        world
    }

    async fn hidden(&self) -> Ids {
        let org = self.server.account(HIDDEN, "organizationId");
        let connection = self.database.connect().await;
        let one = async |sql: String| -> String {
            let row = connection
                .query_one_raw(sea_orm::Statement::from_string(connection.get_database_backend(), sql))
                .await
                .expect("the look-up runs");
            row.and_then(|row| row.try_get("", "id").ok())
                .unwrap_or_else(|| "none".to_owned())
        };
        let of =
            |table: &str, column: &str| format!("SELECT id FROM {table} WHERE {column} = '{org}' ORDER BY id LIMIT 1");
        let in_members = |table: &str| {
            format!(
                "SELECT id FROM {table} WHERE member_id IN (SELECT id FROM member WHERE branch_id = '{org}') ORDER BY id LIMIT 1"
            )
        };
        let in_activities = |table: &str, column: &str| {
            format!(
                "SELECT id FROM {table} WHERE {column} IN (SELECT id FROM activity WHERE host_id = '{org}') ORDER BY id LIMIT 1"
            )
        };
        Ids::from([
            ("organization", org.clone()),
            ("member", one(format!("SELECT id FROM member WHERE branch_id = '{org}' AND id NOT IN (SELECT member_id FROM appointment) ORDER BY id LIMIT 1")).await),
            ("activity", one(of("activity", "host_id")).await),
            ("attendance", one(of("attendance", "organization_id")).await),
            ("leave", one(of("leave_request", "organization_id")).await),
            ("obligation", one(of("obligation", "organization_id")).await),
            ("alert", one(of("alert", "organization_id")).await),
            ("measure", one(of("measure", "branch_id")).await),
            ("inbox", one(of("inbox_item", "audience_org_id")).await),
            ("applicant", one(of("applicant", "branch_id")).await),
            ("exemption", one(of("exemption", "branch_id")).await),
            ("deviation", one(of("deviation", "organization_id")).await),
            ("appointment", one(of("appointment", "organization_id")).await),
            ("admission", one(of("admission", "branch_id")).await),
            ("transfer", one(of("transfer", "from_id")).await),
            ("unit", one(of("activity_unit", "organization_id")).await),
            ("resolution", one(in_activities("resolution", "activity_id")).await),
            ("identityChange", one(in_members("identity_change")).await),
            ("account", one(in_members("account")).await),
            ("job", one(of("export_job", "organization_id")).await),
            ("import", one(of("import_job", "organization_id")).await),
        ])
    }

    /// The columns of the row that a query finds.
    async fn row(&self, sql: &str) -> Option<Vec<String>> {
        let connection = self.database.connect().await;
        let statement = sea_orm::Statement::from_string(connection.get_database_backend(), sql);
        let found = connection.query_one_raw(statement).await.expect("the look-up runs");
        found.map(|row| row.column_names())
    }

    async fn bend(&self, names: &[&str]) {
        let connection = self.database.connect().await;
        let org = self.server.account(HIDDEN, "organizationId");
        for bend in BENDS.iter().filter(|bend| names.contains(&bend.name)) {
            let sql = bend.sql.replace("{x}", &org);
            let bent = connection.execute_unprepared(&sql).await;
            let bent = bent.unwrap_or_else(|why| panic!("{}: {why}", bend.name));
            assert!(bent.rows_affected() > 0, "{}: nothing there to bend", bend.name);
        }
        for more in MORE.iter().filter(|more| names.contains(&more.name)) {
            let found = self.row(&more.found(&org)).await;
            let columns = found.unwrap_or_else(|| panic!("{}: no {} to copy", more.name, more.table));
            let sql = more.sql(&org, &columns);
            let added = connection.execute_unprepared(&sql).await;
            added.unwrap_or_else(|why| panic!("{}: {why}", more.table));
        }
    }
}

/// The answer's bytes without what differs between any two answers: sealed cursors, request ids, the budget, instants of
/// this very minute.
fn comparable(text: &str) -> String {
    let body = text.split(r#","extensions":{"cost""#).next().unwrap_or_default();
    let mut last = String::new();
    let parts = body.split('"').map(|part| {
        let sealed = part.len() > 40 && part.starts_with('k') && part.contains(':');
        let masked = if sealed {
            "CURSOR"
        } else if last == "requestId" || last == "epoch" {
            "THIS WORLD'S"
        } else if last == "remaining" {
            // The number behind it, which follows the pace of the test.
            ":N,"
        } else if part.starts_with("2026-11-24T02:") {
            "NOW"
        } else {
            part
        };
        if part != ":" {
            part.clone_into(&mut last);
        }
        masked.to_owned()
    });
    parts.collect::<Vec<_>>().join("\"")
}

async fn answers(client: &Client, corpus: &[Operation]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (name, query, variables) in corpus {
        let reply = client.post(&json!({"query": query, "variables": variables})).await;
        // Two worlds that refuse to answer look alike, whatever they hide.
        assert_ne!(reply.status, 429, "{name} was not answered");
        all.push((name.clone(), format!("{} {}", reply.status, comparable(&reply.text))));
    }
    all
}

async fn differences(
    worlds: &[World; 2],
    viewer: &str,
    (hidden, acts): (&Ids, &[Operation]),
) -> Vec<(String, String, String)> {
    let own = worlds[0].server.account(viewer, "organizationId");
    let corpus = corpus(&own, hidden, acts);
    let (one, other) = (worlds[0].server.client(viewer), worlds[1].server.client(viewer));
    let (one, other) = tokio::join!(answers(&one, &corpus), answers(&other, &corpus));
    one.into_iter()
        .zip(other)
        .filter(|(a, b)| a != b)
        .map(|((name, a), (_, b))| (name, a, b))
        .collect()
}

/// No holder of the demo is forgotten among the viewers.
fn every_account_is_a_viewer(world: &World) {
    let accounts = world.server.accounts();
    let names = accounts.as_array().expect("a list").iter().map(|one| &one["username"]);
    let accounts: BTreeSet<&str> = names.filter_map(serde_json::Value::as_str).collect();
    let viewers: BTreeSet<&str> = VIEWERS.iter().map(|(viewer, _)| *viewer).chain([HIDDEN]).collect();
    assert_eq!(accounts, viewers, "every account of the demo looks for differences");
}

both_databases!(
    g3_1a_worlds_that_differ_in_the_hidden_look_alike_to_each_holder,
    |database: TestDatabase| async move {
        let worlds = [World::open(database.kind).await, World::open(database.kind).await];
        let hidden = worlds[0].hidden().await;
        assert_eq!(hidden, worlds[1].hidden().await, "the worlds start alike");
        let missing: Vec<_> = hidden
            .iter()
            .filter(|(_, id)| *id == "none")
            .map(|(noun, _)| noun)
            .collect();
        assert!(missing.is_empty(), "the hidden branch has none: {missing:?}");
        let acts = acts(&worlds[0].server.client("member"), &hidden).await;
        assert!(acts.len() > 60, "the mutations of the schema: {}", acts.len());
        let asked = (&hidden, acts.as_slice());
        every_account_is_a_viewer(&worlds[0]);
        for viewer in ["member", "city-organization"] {
            let early = differences(&worlds, viewer, asked).await;
            assert!(
                early.is_empty(),
                "alike before anything is bent, for {viewer}: {early:#?}"
            );
        }
        // From what the fewest may see to what more may see; each viewer is asked last before theirs is bent.
        for (number, round) in ROUNDS.iter().enumerate() {
            worlds[1].bend(round).await;
            // The bends are there: the branch's own secretary sees them, asked before anybody may close that account.
            let own = differences(&worlds, HIDDEN, (&hidden, &[])).await;
            assert!(
                own.len() > number,
                "the worlds must differ for who may see it: {own:#?}"
            );
            let due = |seen: &[&str]| match ROUNDS.get(number + 1) {
                Some(next) => {
                    seen.iter().any(|name| next.contains(name)) && !seen.iter().any(|name| round.contains(name))
                }
                None => seen.is_empty(),
            };
            for (viewer, seen) in VIEWERS.iter().filter(|(_, seen)| due(seen)) {
                let found = differences(&worlds, viewer, asked).await;
                assert!(
                    found.is_empty(),
                    "{viewer} sees a difference, may see {seen:?}: {found:#?}"
                );
            }
        }
    }
);
