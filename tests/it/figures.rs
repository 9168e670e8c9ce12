//! Figures stay right through every kind of change: recounted, they are the same.

use serde_json::{Value, json};
use tests::{City, Server, both_databases};

const CREATE: &str = "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) {
    organization { id version } userErrors { code path } } }";
const MOVE: &str = "mutation($input: MoveOrganizationInput!) { moveOrganization(input: $input) {
    organization { id version parent { id } } userErrors { code path } } }";
const DISSOLVE: &str = "mutation($input: DissolveOrganizationInput!) { dissolveOrganization(input: $input) {
    organization { id } userErrors { code path } } }";
const RECORD: &str = "mutation($input: RecordActivityInput!) { recordActivity(input: $input) {
    activity { id version } userErrors { code path } } }";
const SCHEDULE: &str = "mutation($input: ScheduleActivityInput!) { scheduleActivity(input: $input) {
    activity { id version } userErrors { code path } } }";
const CANCEL: &str = "mutation($input: CancelActivityInput!) { cancelActivity(input: $input) {
    activity { id } userErrors { code path } } }";
const FIGURES: &str = "query($o: ID!, $on: Date) { organization(id: $o) { version openAlerts headcount { fullMembers }
    figures(period: {kind: QUARTER, on: $on}) { rule { key } owed met overdue missed open dueSoon } } }";

const IN_ORDER: &str = "0 obligations stood otherwise, 0 measures, 0 figures were wrong";

/// A small generator of one's own, so that a failure comes again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % most as u64).expect("it is below a usize")
    }
}

fn decision() -> Value {
    json!({"decidedOn": "2026-05-01", "documentNumber": "试〔2026〕9号"})
}

async fn ask(server: &Server, user: &str, document: &str, input: Value) -> Value {
    let body = server.client(user).data(document, json!({"input": input})).await;
    body.as_object()
        .and_then(|all| all.values().next().cloned())
        .unwrap_or_default()
}

async fn figures(server: &Server, org: &str, on: &str) -> Value {
    server
        .client("city-organization")
        .data(FIGURES, json!({"o": org, "on": on}))
        .await["organization"]
        .clone()
}

/// Asks until a committee meeting is owed from a day on: the tick of that month has run.
async fn turns(server: &Server, start: &str) {
    let query = "query($o: ID!) { obligations(within: {exactly: $o}, rules: [\"committee-meeting\"], first: 20) { nodes { period { start } } } }";
    let org = server.account("branch-secretary", "organizationId");
    for _ in 0..300 {
        let body = server.client("branch-secretary").data(query, json!({"o": org})).await;
        let all = body["obligations"]["nodes"].as_array().expect("nodes").clone();
        if all.iter().any(|one| one["period"]["start"] == start) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("no committee meeting is owed from {start}");
}

fn owed(figures: &Value) -> i64 {
    let all = figures["figures"].as_array().expect("figures");
    all.iter().filter_map(|one| one["owed"].as_i64()).sum()
}

both_databases!(
    g3_1a_after_any_series_of_changes_figures_are_what_a_recount_gives,
    |database: tests::TestDatabase| async move {
        let city = City::on(&database);
        drop(city.at("2026-05-20T04:00:00Z").await);
        assert_eq!(city.rejudged("2026-05-20T04:00:00Z"), IN_ORDER, "the demo city itself");
        let server = city.at("2026-05-20T04:01:00Z").await;
        let county = server.account("county-secretary", "organizationId");
        let mut dice = Dice(7);
        let mut scheduled: Vec<(String, Value)> = Vec::new();
        let mut founded: Vec<Value> = Vec::new();
        for step in 0..24 {
            let key = |what: &str| format!("{what}-{step}");
            let user = ["branch-secretary", "village-secretary", "moved-secretary"][dice.below(3)];
            let org = server.account(user, "organizationId");
            let day = format!("2026-0{}-{:02}T02:00:00Z", 1 + dice.below(5), 1 + dice.below(19));
            let kind = ["BRANCH_GENERAL_MEETING", "PARTY_LECTURE"][dice.below(2)];
            let done = match dice.below(5) {
                0 | 1 => {
                    let minutes = if dice.below(2) == 0 {
                        Value::Null
                    } else {
                        json!("记录。")
                    };
                    let input = json!({"idempotencyKey": key("record"), "organizationId": org, "kind": kind, "startsAt": day,
                        "title": "补录", "minutes": minutes, "agenda": [{"kind": "STUDY", "title": "学习"}]});
                    ask(&server, user, RECORD, input).await
                }
                2 => {
                    let input = json!({"idempotencyKey": key("schedule"), "organizationId": org, "kind": kind,
                        "startsAt": "2026-06-10T02:00:00Z", "title": "安排", "agenda": [{"kind": "STUDY", "title": "学习"}]});
                    let made = ask(&server, user, SCHEDULE, input).await;
                    scheduled.push((user.to_owned(), made["activity"]["id"].clone()));
                    made
                }
                3 => match scheduled.pop() {
                    Some((user, id)) => {
                        let input = json!({"idempotencyKey": key("cancel"), "activityId": id, "reason": "改期"});
                        ask(&server, &user, CANCEL, input).await
                    }
                    None => continue,
                },
                _ => match founded.pop() {
                    Some(org) => {
                        let input = json!({"idempotencyKey": key("dissolve"), "id": org["id"], "expectedVersion": org["version"],
                            "reason": "撤销", "decision": decision()});
                        ask(&server, "county-organization", DISSOLVE, input).await
                    }
                    None => {
                        let input = json!({"idempotencyKey": key("found"), "parentId": county, "name": "新设委员会", "kind": "PRIMARY_COMMITTEE",
                            "sector": "ORGAN", "foundedOn": "2026-05-01", "reason": "新设", "decision": decision()});
                        let made = ask(&server, "county-organization", CREATE, input).await;
                        founded.push(made["organization"].clone());
                        made
                    }
                },
            };
            assert_eq!(done["userErrors"], json!([]), "step {step}: {done}");
        }
        drop(server);
        assert_eq!(city.rejudged("2026-05-20T04:05:00Z"), IN_ORDER);
        // The days go on; the tick keeps them right as well.
        let server = city.at("2026-06-01T04:00:00Z").await;
        turns(&server, "2026-06-01").await;
        drop(server);
        assert_eq!(city.rejudged("2026-06-01T04:01:00Z"), IN_ORDER);
    }
);

both_databases!(
    g3_1a_a_move_takes_open_periods_along_and_leaves_closed_ones,
    |database: tests::TestDatabase| async move {
        let city = City::on(&database);
        // Mid-April: the first quarter has ended and is not closed yet.
        let server = city.at("2026-04-10T04:00:00Z").await;
        let org = server.account("enterprise-secretary", "organizationId");
        let old = server.account("town-secretary", "organizationId");
        let county = server.account("county-secretary", "organizationId");
        let input = json!({"idempotencyKey": "w", "parentId": county, "name": "开发区工作委员会", "kind": "WORKING_COMMITTEE",
            "sector": "ORGAN", "foundedOn": "2026-04-01", "reason": "新设", "decision": {"decidedOn": "2026-04-01", "documentNumber": "试1"}});
        let made = ask(&server, "county-organization", CREATE, input).await;
        assert_eq!(made["userErrors"], json!([]), "{made}");
        let new = made["organization"]["id"].as_str().expect("an id").to_owned();
        let (closed, open) = ("2025-10-01", "2026-04-01");
        let own = (figures(&server, &org, closed).await, figures(&server, &org, open).await);
        let before = (figures(&server, &old, closed).await, figures(&server, &old, open).await);
        assert!(owed(&own.0) > 0 && owed(&own.1) > 0, "{own:?}");
        let input = json!({"idempotencyKey": "m", "id": org, "expectedVersion": own.0["version"], "parentId": new, "reason": "调整",
            "decision": {"decidedOn": "2026-04-01", "documentNumber": "试2"}});
        let moved = ask(&server, "city-organization", MOVE, input).await;
        assert_eq!(moved["userErrors"], json!([]), "{moved}");
        let after = (figures(&server, &old, closed).await, figures(&server, &old, open).await);
        assert_eq!(
            owed(&after.0),
            owed(&before.0),
            "a closed quarter stays where it closed"
        );
        assert_eq!(
            owed(&after.1),
            owed(&before.1) - owed(&own.1),
            "the running quarter moves"
        );
        let there = (figures(&server, &new, closed).await, figures(&server, &new, open).await);
        assert_eq!((owed(&there.0), owed(&there.1)), (0, owed(&own.1)));
        assert_eq!(there.1["headcount"], own.1["headcount"]);
        assert_eq!(there.1["openAlerts"], own.1["openAlerts"]);
        let ended = (
            figures(&server, &new, "2026-01-01").await,
            figures(&server, &org, "2026-01-01").await,
        );
        assert!(
            owed(&ended.0) > 0 && owed(&ended.0) <= owed(&ended.1),
            "what has ended and is not closed moved along: {ended:?}"
        );
        drop(server);
        assert_eq!(city.rejudged("2026-04-10T05:00:00Z"), IN_ORDER);
        // The quarter closes under the new superior.
        let server = city.at("2026-05-01T04:00:00Z").await;
        turns(&server, "2026-05-01").await;
        drop(server);
        assert_eq!(city.rejudged("2026-05-01T04:01:00Z"), IN_ORDER);
    }
);
