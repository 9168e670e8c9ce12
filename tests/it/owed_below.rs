//! What an org owes for each org below it (G1.3g, G3.3), and what counts for a branch once every group has held it (G1.3e).

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{City, Client, Server, both_databases};

const SHIPPED: &str = include_str!("../../rulebooks/jiaxing-2015.toml");
const LOAD: &str =
    "mutation($input: LoadRulebookInput!) { loadRulebook(input: $input) { userErrors { code message } } }";
const ASSIGN: &str = "mutation($input: AssignRulebookInput!) { assignRulebook(input: $input) {
    organization { rulebook { key } } userErrors { code params } } }";
const OWED: &str = "query($o: ID!) { obligations(within: {exactly: $o}, first: 100) { nodes { id status rule { key }
    subject { id } organization { id } period { start kind } evidence { count activities { id } }
    missing { code organization { id } } } } }";
const CHILDREN: &str = "query($o: ID!) { organization(id: $o) { id version kind children(first: 100) { nodes { id version kind dissolvedOn } } } }";
const MOVE: &str = "mutation($input: MoveOrganizationInput!) { moveOrganization(input: $input) {
    organization { id } userErrors { code path params } } }";
const RECORD: &str = "mutation($input: RecordActivityInput!) { recordActivity(input: $input) {
    activity { id status } userErrors { code path params } } }";
const ALERTS: &str =
    "query($o: ID!) { alerts(within: {exactly: $o}, open: true, first: 100) { nodes { dueOn rule { key } } } }";

/// The guideline with one more rule.
pub fn with(key: &str, applies_to: &str, cadence: &str) -> String {
    let entry = format!(
        "\n[[entry]]\nkey = \"{key}\"\nclause = \"G3.3a\"\nheading = \"试行\"\nmodality = \"MUST\"\norigin = \"DEPLOYMENT\"\n\
         applies_to = {applies_to}\nlabel = {{ zh-CN = \"试行\", en = \"On trial\" }}\nadvice = {{ zh-CN = \"试行\", en = \"On trial\" }}\n\
         [entry.cadence]\n{cadence}\n"
    );
    format!(
        "{}{entry}",
        SHIPPED.replacen("key = \"jiaxing-2015\"", &format!("key = \"{key}\""), 1)
    )
}

pub async fn act(client: &Client, document: &str, input: Value) -> Value {
    let body = client.data(document, json!({"input": input})).await;
    let payload = body.as_object().and_then(|all| all.values().next().cloned());
    let payload = payload.unwrap_or_default();
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    payload
}

/// Loads a book and puts an org under it from a day on.
pub async fn under(server: &Server, org: &str, key: &str, text: &str) {
    let load = json!({"text": text, "idempotencyKey": format!("load-{key}")});
    act(&server.client("administrator"), LOAD, load).await;
    let assign = json!({"organizationId": org, "rulebookKey": key, "fromOn": "2026-11-01",
        "idempotencyKey": format!("assign-{key}")});
    let done = act(&server.client("city-organization"), ASSIGN, assign).await;
    assert_eq!(done["organization"]["rulebook"]["key"], key);
}

pub async fn owed(client: &Client, org: &str, rule: &str) -> Vec<Value> {
    let body = client.data(OWED, json!({"o": org})).await;
    let nodes = body["obligations"]["nodes"].as_array().expect("nodes").clone();
    nodes.into_iter().filter(|node| node["rule"]["key"] == rule).collect()
}

fn subjects(owed: &[Value]) -> BTreeSet<String> {
    let id = |node: &Value| node["subject"]["id"].as_str().expect("a subject").to_owned();
    owed.iter().map(id).collect()
}

async fn standing_below(client: &Client, org: &str) -> Vec<Value> {
    let body = client.data(CHILDREN, json!({"o": org})).await;
    let nodes = body["organization"]["children"]["nodes"]
        .as_array()
        .expect("children")
        .clone();
    nodes.into_iter().filter(|node| node["dissolvedOn"].is_null()).collect()
}

both_databases!(
    g3_3a_a_committee_owes_one_for_each_org_below_it_and_judged_from_nothing_it_is_the_same,
    |database: tests::TestDatabase| async move {
        const RULE: &str = "visits";
        let city = City::on(&database);
        let server = city.at("2026-11-18T02:00:00Z").await;
        let town = server.account("town-secretary", "organizationId");
        let (secretary, department) = (server.client("town-secretary"), server.client("city-organization"));
        let text = with(
            RULE,
            "{ organization_kinds = [\"TOWN_COMMITTEE\"] }",
            "activities = [\"COMMITTEE_MEETING\"]\nsubject = \"EACH_CHILD\"\nat_least = 1\nperiod = \"MONTH\"",
        );
        under(&server, &town, RULE, &text).await;
        let below = standing_below(&department, &town).await;
        let ids: BTreeSet<String> = below
            .iter()
            .map(|one| one["id"].as_str().expect("an id").to_owned())
            .collect();
        assert!(ids.len() > 1, "{below:?}");
        let all = owed(&secretary, &town, RULE).await;
        assert_eq!(
            subjects(&all),
            ids,
            "one for each org directly below, and none for the town itself"
        );
        assert_eq!(all.len(), ids.len(), "{all:?}");
        for one in &all {
            assert_eq!(one["organization"]["id"], town.as_str(), "the town owes it");
            assert!(
                ["OPEN", "DUE_SOON"].iter().any(|status| one["status"] == *status),
                "{one}"
            );
        }
        let plain = owed(
            &server.client("branch-secretary"),
            &server.account("branch-secretary", "organizationId"),
            "general-meeting",
        )
        .await;
        assert!(
            !plain.is_empty()
                && plain
                    .iter()
                    .all(|one| one["subject"]["id"] == one["organization"]["id"]),
            "{plain:?}"
        );

        // One of them moves to another committee: the town no longer owes anything for it.
        let elsewhere = server.account("other-county-secretary", "organizationId");
        let place = "query($o: ID!) { organization(id: $o) { parent { id kind } } }";
        let other = department.data(place, json!({"o": elsewhere})).await["organization"]["parent"]["id"].clone();
        let moved = below
            .iter()
            .find(|one| one["kind"] == "BRANCH")
            .expect("a branch directly below the town");
        let input = json!({"id": moved["id"], "expectedVersion": moved["version"], "parentId": other, "reason": "隶属调整",
            "decision": {"decidedOn": "2026-11-10", "documentNumber": "试〔2026〕21号"}, "idempotencyKey": "away"});
        act(&department, MOVE, input).await;
        let mut left = ids.clone();
        left.remove(moved["id"].as_str().expect("an id"));
        assert_eq!(subjects(&owed(&secretary, &town, RULE).await), left);
        drop(server);
        let said = city.rejudged("2026-11-18T03:00:00Z");
        assert!(said.starts_with("0 obligations stood otherwise"), "{said}");

        // The month ends, and nobody was visited: each has an alert of its own.
        let server = city.at("2026-12-02T02:00:00Z").await;
        let secretary = server.client("town-secretary");
        let mut alerts = 0;
        for _ in 0..300 {
            let body = secretary.data(ALERTS, json!({"o": town})).await;
            let nodes = body["alerts"]["nodes"].as_array().expect("nodes").clone();
            let mine = nodes
                .iter()
                .filter(|one| one["rule"]["key"] == RULE && one["dueOn"] == "2026-11-30");
            alerts = mine.count();
            if alerts > 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        assert_eq!(alerts, left.len());
        let overdue = owed(&secretary, &town, RULE).await;
        let overdue: Vec<Value> = overdue
            .into_iter()
            .filter(|one| one["period"]["start"] == "2026-11-01")
            .collect();
        assert_eq!(subjects(&overdue), left);
        assert!(overdue.iter().all(|one| one["status"] == "OVERDUE"), "{overdue:?}");
        drop(server);
        let said = city.rejudged("2026-12-02T03:00:00Z");
        assert!(said.starts_with("0 obligations stood otherwise"), "{said}");
    }
);

both_databases!(
    g1_3e_a_branch_has_held_it_once_every_group_has,
    |database: tests::TestDatabase| async move {
        const RULE: &str = "every-group";
        let city = City::on(&database);
        let server = city.at("2026-11-18T02:00:00Z").await;
        let group = server.account("group-leader", "organizationId");
        let department = server.client("city-organization");
        let place = "query($o: ID!) { organization(id: $o) { parent { id } } }";
        let branch = department.data(place, json!({"o": group})).await["organization"]["parent"]["id"].clone();
        let branch = branch.as_str().expect("a branch").to_owned();
        let text = with(
            RULE,
            "{ organization_kinds = [\"BRANCH\"], facts = [\"HAS_GROUPS\"] }",
            "activities = [\"PARTY_GROUP_MEETING\"]\nat_least = 3\nperiod = \"MONTH\"\nby_every_group = true",
        );
        under(&server, &branch, RULE, &text).await;
        let secretary = server.client("branch-secretary");
        assert_eq!(
            server.account("branch-secretary", "organizationId"),
            branch,
            "the leader's branch"
        );
        let groups = standing_below(&department, &branch).await;
        assert!(groups.len() > 1, "{groups:?}");
        let now = async || {
            let all = owed(&secretary, &branch, RULE).await;
            let month: Vec<Value> = all
                .into_iter()
                .filter(|one| one["period"]["start"] == "2026-11-01")
                .collect();
            assert_eq!(month.len(), 1, "{month:?}");
            month[0].clone()
        };
        let record = async |group: &Value, at: &str| {
            let input = json!({"organizationId": group["id"], "kind": "PARTY_GROUP_MEETING", "startsAt": at, "exceptions": [],
                "minutes": "会议记录。", "idempotencyKey": format!("{}{at}", group["id"])});
            act(&secretary, RECORD, input).await["activity"]["id"].clone()
        };
        let before = now().await;
        let rounds = before["evidence"]["count"].as_i64().expect("a count");
        assert!(rounds < 3, "{before}");
        // One group after the other holds three more: only with the last of them the branch has.
        let times = ["2026-11-09T01:00:00Z", "2026-11-10T01:00:00Z", "2026-11-11T01:00:00Z"];
        let (last, others) = groups.split_last().expect("groups");
        for group in others {
            for at in times {
                record(group, at).await;
            }
        }
        let half = now().await;
        assert_ne!(half["status"], "MET", "{half}");
        let lacks = half["missing"].as_array().expect("a list").clone();
        assert!(
            lacks
                .iter()
                .any(|one| one["code"] == "GROUP" && one["organization"]["id"] == last["id"]),
            "{half}"
        );
        for at in times {
            record(last, at).await;
        }
        let whole = now().await;
        assert_eq!(whole["status"], "MET", "{whole}");
        let told = whole["evidence"]["activities"].as_array().expect("a list").len();
        assert!(told >= 3 * groups.len(), "{whole}");
        drop(server);
        let said = city.rejudged("2026-11-18T03:00:00Z");
        assert!(said.starts_with("0 obligations stood otherwise"), "{said}");
    }
);
