//! What is overdue goes up one level at a time (G3.1a).

use serde_json::{Value, json};
use tests::{City, Client, Server, both_databases};

use super::admission::lines;

const ALERTS: &str = "query($o: ID!) { alerts(within: {subtreeOf: $o}, open: true, first: 100) { nodes {
    id version level dueOn closedAt states { level organizationId state } organization { id parent { id } } rule { key }
    obligation { id status } responsible { id } answer { text state reply } } } }";
const ONE: &str = "query($o: ID!) { alerts(within: {subtreeOf: $o}, first: 100) { nodes {
    id version level closedAt states { level organizationId state } obligation { id status } answer { state } } } }";
const BUNDLES: &str =
    "query($o: ID!) { alertBundles(organizationId: $o) { child { id } unresolved unacknowledged oldestDueOn }
    organization(id: $o) { openAlerts } }";
const ACKNOWLEDGE: &str = "mutation($input: AcknowledgeAlertsInput!) { acknowledgeAlerts(input: $input) {
    results { alert { states { level state } } userErrors { code } } userErrors { code } } }";
const ANSWER: &str = "mutation($input: AnswerAlertInput!) { answerAlert(input: $input) {
    alert { id version answer { text state } } userErrors { code path } replayed } }";
const DECIDE: &str = "mutation($input: DecideAlertAnswerInput!) { decideAlertAnswer(input: $input) {
    alert { id closedAt states { level state } answer { state reply } obligation { status } } userErrors { code path } } }";

const URGE: &str = "mutation($input: UrgeInput!) { urge(input: $input) {
    results { alert { states { level state } } userErrors { code } } userErrors { code path } cursor } }";
const URGED: &str = "{ viewer { inbox(first: 100) { nodes { kind dueOn subject { id } } } } }";

async fn open(client: &Client, org: &str) -> Vec<Value> {
    client.data(ALERTS, json!({"o": org})).await["alerts"]["nodes"]
        .as_array()
        .expect("nodes")
        .clone()
}

async fn of(client: &Client, org: &str, id: &Value) -> Value {
    let all = client.data(ONE, json!({"o": org})).await["alerts"]["nodes"]
        .as_array()
        .expect("nodes")
        .clone();
    all.into_iter().find(|one| one["id"] == *id).unwrap_or(Value::Null)
}

fn state(alert: &Value, level: i64) -> &str {
    let states = alert["states"].as_array().expect("states");
    let found = states.iter().find(|one| one["level"] == level);
    found.and_then(|one| one["state"].as_str()).unwrap_or("")
}

async fn answered(server: &Server, user: &str, document: &str, input: Value) -> Value {
    let body = server.client(user).data(document, json!({"input": input})).await;
    body.as_object()
        .and_then(|all| all.values().next().cloned())
        .unwrap_or_default()
}

/// A city in which a branch owes something, and its town has been told.
struct Owing {
    server: Server,
    town: String,
    branch: String,
}

impl Owing {
    /// Nobody recorded anything since the end of February: every branch owes the lecture of March and April.
    async fn the_lecture(city: &City) -> Self {
        drop(city.at("2026-02-27T04:00:00Z").await);
        let server = city.at("2026-05-02T04:00:00Z").await;
        let town = server.account("town-secretary", "organizationId");
        let branch = server.account("village-secretary", "organizationId");
        reaches(&server, &town, "2026-04-30", 0).await;
        Self { server, town, branch }
    }
}

/// Waits for the tick of the day on which the server was started.
async fn reaches(server: &Server, town: &str, due_on: &str, level: i64) -> Vec<Value> {
    for _ in 0..600 {
        let all = open(&server.client("town-secretary"), town).await;
        let new: Vec<Value> = all.into_iter().filter(|one| one["dueOn"] == due_on).collect();
        if !new.is_empty() && new.iter().all(|one| one["level"] == level) {
            return new;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("no alert due on {due_on} reached level {level}");
}

both_databases!(
    g3_1a_an_overdue_obligation_goes_up_level_by_level_until_it_is_answered,
    |database: tests::TestDatabase| async move {
        let city = City::on(&database);
        let server = city.at("2026-03-31T04:00:00Z").await;
        let town = server.account("town-secretary", "organizationId");
        let county = server.account("county-secretary", "organizationId");
        let before = server.client("town-secretary").data(BUNDLES, json!({"o": town})).await;
        drop(server);

        // The first overdue day: with the org itself, and nowhere else yet.
        let server = city.at("2026-04-01T04:00:00Z").await;
        let new = reaches(&server, &town, "2026-03-31", 0).await;
        assert!(new.iter().all(|one| one["responsible"]["id"].is_string()), "{new:?}");
        assert!(
            new.iter().all(|one| one["states"].as_array().map(Vec::len) == Some(1)),
            "{new:?}"
        );
        let now = server.client("town-secretary").data(BUNDLES, json!({"o": town})).await;
        assert!(
            now["organization"]["openAlerts"].as_i64() > before["organization"]["openAlerts"].as_i64(),
            "{before} {now}"
        );
        drop(server);

        // Six days later still there; on the seventh one level up, named and bundled per child.
        let server = city.at("2026-04-07T04:00:00Z").await;
        reaches(&server, &town, "2026-03-31", 0).await;
        drop(server);
        let server = city.at("2026-04-08T04:00:00Z").await;
        let new = reaches(&server, &town, "2026-03-31", 1).await;
        let child = new
            .iter()
            .find(|one| one["organization"]["parent"]["id"] == town.as_str());
        let child = child.expect("an org directly below the town did not act").clone();
        let bundles = server.client("town-secretary").data(BUNDLES, json!({"o": town})).await;
        let bundle = |bundles: &Value, of: &Value| {
            let all = bundles["alertBundles"].as_array().expect("bundles").clone();
            all.into_iter()
                .find(|one| one["child"]["id"] == *of)
                .unwrap_or_default()
        };
        let mine = bundle(&bundles, &child["organization"]["id"]);
        let own = open(&server.client("town-secretary"), &town).await;
        let come_up = own
            .iter()
            .filter(|one| one["organization"]["id"] == child["organization"]["id"] && one["level"].as_i64() >= Some(1));
        assert_eq!(mine["unresolved"], json!(come_up.count()), "{bundles}");

        // Acknowledging silences this level and not the clock.
        let input = json!({"idempotencyKey": "ack", "alertIds": [child["id"]], "note": "知悉"});
        let done = answered(&server, "town-secretary", ACKNOWLEDGE, input).await;
        assert_eq!(done["results"][0]["userErrors"], json!([]), "{done}");
        let seen = of(&server.client("town-secretary"), &town, &child["id"]).await;
        assert_eq!((state(&seen, 1), state(&seen, 0)), ("ACKNOWLEDGED", "OPEN"), "{seen}");
        let after = server.client("town-secretary").data(BUNDLES, json!({"o": town})).await;
        let quiet = bundle(&after, &child["organization"]["id"]);
        assert_eq!(quiet["unresolved"], mine["unresolved"]);
        assert_eq!(
            quiet["unacknowledged"].as_i64(),
            mine["unacknowledged"].as_i64().map(|n| n - 1)
        );
        drop(server);

        // A week later at the county; the town's acknowledgement still stands.
        let server = city.at("2026-04-15T04:00:00Z").await;
        reaches(&server, &town, "2026-03-31", 2).await;
        let seen = of(&server.client("county-secretary"), &county, &child["id"]).await;
        assert_eq!((state(&seen, 1), state(&seen, 2)), ("ACKNOWLEDGED", "OPEN"), "{seen}");
        let up = server
            .client("county-secretary")
            .data(BUNDLES, json!({"o": county}))
            .await;
        let at_county = bundle(&up, &json!(town));
        assert!(at_county["unresolved"].as_i64() >= Some(1), "{up}");
    }
);

both_databases!(
    g3_1a_an_accepted_answer_closes_the_alert_and_a_rejected_one_does_not,
    |database: tests::TestDatabase| async move {
        let city = City::on(&database);
        let Owing { server, town, branch } = Owing::the_lecture(&city).await;
        let owner = "village-secretary";
        let all = open(&server.client(owner), &branch).await;
        let mine = all
            .iter()
            .find(|one| one["rule"]["key"] == "lecture" && one["dueOn"] == "2026-04-30");
        let mine = mine.unwrap_or_else(|| panic!("no lecture is overdue: {all:?}"));
        let key = |key: &str| json!({"idempotencyKey": key, "alertId": mine["id"], "answer": "书记住院，下周补开。"});
        let hidden = answered(&server, "other-county-secretary", ANSWER, key("a0")).await;
        assert_eq!(hidden["userErrors"][0]["code"], "NOT_FOUND", "{hidden}");
        let refused = answered(&server, "town-secretary", ANSWER, key("a1")).await;
        assert_eq!(refused["userErrors"][0]["code"], "FORBIDDEN", "{refused}");
        let said = answered(&server, owner, ANSWER, key("a2")).await;
        assert_eq!(
            (&said["userErrors"], &said["alert"]["answer"]["state"]),
            (&json!([]), &json!("OPEN")),
            "{said}"
        );
        let twice = answered(&server, owner, ANSWER, key("a3")).await;
        assert_eq!(twice["userErrors"][0]["code"], "WRONG_STATE", "{twice}");
        let decide = |key: &str, accepted: bool| json!({"idempotencyKey": key, "alertId": mine["id"], "accepted": accepted, "reply": "知道了"});
        let own = answered(&server, owner, DECIDE, decide("d0", true)).await;
        assert_eq!(own["userErrors"][0]["code"], "FORBIDDEN", "{own}");
        let no = answered(&server, "town-secretary", DECIDE, decide("d1", false)).await;
        assert_eq!(
            (&no["alert"]["answer"]["state"], &no["alert"]["closedAt"]),
            (&json!("REJECTED"), &Value::Null),
            "{no}"
        );
        let again = answered(&server, owner, ANSWER, key("a4")).await;
        assert_eq!(again["userErrors"], json!([]), "{again}");
        let counted = server.client("town-secretary").data(BUNDLES, json!({"o": town})).await;
        let yes = answered(&server, "town-secretary", DECIDE, decide("d2", true)).await;
        assert_eq!(
            (&yes["userErrors"], &yes["alert"]["answer"]["state"]),
            (&json!([]), &json!("ACCEPTED")),
            "{yes}"
        );
        assert!(yes["alert"]["closedAt"].is_string(), "{yes}");
        // The obligation keeps its status: an answer is no meeting.
        assert_eq!(yes["alert"]["obligation"]["status"], mine["obligation"]["status"]);
        let less = server.client("town-secretary").data(BUNDLES, json!({"o": town})).await;
        assert_eq!(
            less["organization"]["openAlerts"].as_i64(),
            counted["organization"]["openAlerts"].as_i64().map(|n| n - 1)
        );
        let late = answered(&server, "town-secretary", DECIDE, decide("d3", true)).await;
        assert_eq!(late["userErrors"][0]["code"], "ALREADY_DECIDED", "{late}");
        drop(server);
        // The next weeks do not open it again.
        let server = city.at("2026-05-12T04:00:00Z").await;
        reaches(&server, &town, "2026-04-30", 1).await;
        let then = of(&server.client("town-secretary"), &town, &mine["id"]).await;
        assert!(then["closedAt"].is_string() && state(&then, 0) == "CLOSED", "{then}");
        drop(server);
        assert_eq!(
            city.rejudged("2026-05-12T05:00:00Z"),
            "0 obligations stood otherwise, 0 measures, 0 figures were wrong"
        );
    }
);

both_databases!(
    g3_1a_the_level_above_urges_with_a_day_and_it_waits_in_the_branch_until_it_is_answered,
    |database: tests::TestDatabase| async move {
        let city = City::on(&database);
        let Owing { server, town, branch } = Owing::the_lecture(&city).await;
        let owner = server.client("village-secretary");
        let all = open(&owner, &branch).await;
        let mine = all
            .iter()
            .find(|one| one["rule"]["key"] == "lecture" && one["dueOn"] == "2026-04-30");
        let mine = mine.unwrap_or_else(|| panic!("no lecture is overdue: {all:?}"));
        let urge = |key: &str, due_on: &str, note: &str| json!({"idempotencyKey": key, "alertIds": [mine["id"]], "dueOn": due_on, "note": note});
        for (user, code) in [
            ("village-secretary", "FORBIDDEN"),
            ("branch-secretary", "NOT_FOUND"),
            ("administrator", "NOT_FOUND"),
        ] {
            let refused = answered(&server, user, URGE, urge("u0", "2026-05-12", "请补开")).await;
            assert_eq!(
                (&refused["results"][0]["userErrors"][0]["code"], &refused["cursor"]),
                (&json!(code), &Value::Null),
                "{user}: {refused}"
            );
        }
        let long = "长".repeat(1001);
        for (due_on, note, code) in [
            ("2026-05-01", "请补开", "DATE_TOO_EARLY"),
            ("2026-05-12", long.as_str(), "TOO_LONG"),
            ("2026-05-12", "", "REQUIRED"),
            ("2026-05-12", " \u{3000}\n", "REQUIRED"),
        ] {
            let refused = answered(&server, "town-secretary", URGE, urge("u1", due_on, note)).await;
            assert_eq!(refused["userErrors"][0]["code"], code, "{refused}");
        }
        assert_eq!(lines(&owner, "ALERT_URGED", &mine["id"]).await, 0);
        let done = answered(&server, "town-secretary", URGE, urge("u2", "2026-05-12", "请补开")).await;
        assert_eq!(done["results"][0]["userErrors"], json!([]), "{done}");
        assert_eq!(
            done["results"][0]["alert"]["states"],
            json!([{"level": 0, "state": "URGED"}])
        );
        let seen = of(&server.client("town-secretary"), &town, &mine["id"]).await;
        assert_eq!((state(&seen, 0), &seen["closedAt"]), ("URGED", &Value::Null), "{seen}");
        let waits = owner.data(URGED, json!({})).await["viewer"]["inbox"]["nodes"].take();
        let told = waits.as_array().expect("lines").iter();
        let told: Vec<&Value> = told.filter(|line| line["kind"] == "ALERT_URGED").collect();
        assert_eq!(
            told.iter()
                .map(|line| (&line["subject"]["id"], &line["dueOn"]))
                .collect::<Vec<_>>(),
            [(&mine["id"], &json!("2026-05-12"))]
        );
        let input = json!({"idempotencyKey": "u3", "alertId": mine["id"], "answer": "已定于十日补课。"});
        let said = answered(&server, "village-secretary", ANSWER, input).await;
        assert_eq!(said["userErrors"], json!([]), "{said}");
        let input = json!({"idempotencyKey": "u4", "alertId": mine["id"], "accepted": true});
        let yes = answered(&server, "town-secretary", DECIDE, input).await;
        assert!(yes["alert"]["closedAt"].is_string(), "{yes}");
        assert_eq!(lines(&owner, "ALERT_URGED", &mine["id"]).await, 0);
    }
);

both_databases!(
    g3_1a_an_alert_survives_the_close_of_its_period_until_it_is_answered,
    |database: tests::TestDatabase| async move {
        let city = City::on(&database);
        let Owing { server, branch, .. } = Owing::the_lecture(&city).await;
        let mine = |all: Vec<Value>| {
            let lecture = |one: &Value| one["rule"]["key"] == "lecture" && one["dueOn"] == "2026-04-30";
            all.into_iter().find(lecture).expect("the lecture of March and April")
        };
        let before = mine(open(&server.client("village-secretary"), &branch).await);
        assert_eq!(
            (&before["obligation"]["status"], &before["level"]),
            (&json!("OVERDUE"), &json!(0))
        );
        drop(server);
        // Make-up and filing days are long over: the period is closed, the alert has gone up and stands.
        let server = city.at("2026-06-20T04:00:00Z").await;
        let mut after = Value::Null;
        for _ in 0..900 {
            after = of(&server.client("village-secretary"), &branch, &before["id"]).await;
            if after["obligation"]["status"] == "MISSED" && after["level"].as_i64() > Some(1) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        assert_eq!(after["obligation"]["status"], "MISSED", "{after}");
        assert!(
            after["closedAt"].is_null() && after["level"].as_i64() > Some(1),
            "{after}"
        );
        assert_eq!(state(&after, 0), "OPEN", "{after}");
        // What was missed cannot be held any more; it can be answered for, and then it is silent.
        let input = json!({"idempotencyKey": "missed-answer", "alertId": before["id"], "answer": "防汛期间未能召开，已在六月补学。"});
        let said = answered(&server, "village-secretary", ANSWER, input).await;
        assert_eq!(said["userErrors"], json!([]), "{said}");
        let input = json!({"idempotencyKey": "missed-accept", "alertId": before["id"], "accepted": true});
        let closed = answered(&server, "town-secretary", DECIDE, input).await;
        assert_eq!(closed["userErrors"], json!([]), "{closed}");
        assert!(closed["alert"]["closedAt"].is_string(), "{closed}");
        assert_eq!(
            closed["alert"]["obligation"]["status"], "MISSED",
            "an answer is no meeting"
        );
    }
);
