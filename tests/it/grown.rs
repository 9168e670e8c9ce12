//! What branches and groups owe follows the number of their people, who come one by one and in bulk.

use serde_json::{Value, json};
use tests::{City, Client, both_databases};

use crate::admission::decision;
use crate::owed_below::{act, owed, under, with};
use crate::upserts::{row, upsert};

const CREATE: &str = "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) {
    organization { id } userErrors { code path params } } }";
const ENTER: &str =
    "mutation($input: EnterMemberInput!) { enterMember(input: $input) { member { id } userErrors { code path } } }";
const FULL: &str = "query($o: ID!) { organization(id: $o) { headcount { fullMembers } } }";
const MEETING: &str = "group-meeting";

async fn enter(client: &Client, branch: &str, group: Option<&Value>, key: &str) {
    let input = json!({"branchId": branch, "groupId": group, "name": "试录入", "standing": "FULL", "joinedOn": "2010-07-01",
        "becameFullOn": "2011-07-01", "idempotencyKey": key});
    let done = act(client, ENTER, input).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
}

fn open(obligations: &[Value]) -> usize {
    let is_owed = |one: &&Value| one["status"] != "NOT_OWED";
    obligations.iter().filter(is_owed).count()
}

both_databases!(
    g1_1c_a_group_owes_its_meetings_from_its_first_member_on,
    |database: tests::TestDatabase| async move {
        let city = City::on(&database);
        let server = city.at("2026-11-18T02:00:00Z").await;
        let branch = server.account("branch-secretary", "organizationId");
        let secretary = server.client("branch-secretary");
        let found = async |key: &str| {
            let input = json!({"parentId": branch, "name": format!("试设{key}"), "kind": "PARTY_GROUP", "sector": "ORGAN",
                "foundedOn": "2026-11-01", "reason": "新设", "decision": decision("2026-10-20"), "idempotencyKey": key});
            let made = act(&secretary, CREATE, input).await;
            assert_eq!(made["userErrors"], json!([]), "{made}");
            made["organization"]["id"].clone()
        };
        let (one, many) = (found("one").await, found("many").await);
        let owes = async |group: &Value| open(&owed(&secretary, group.as_str().expect("an id"), MEETING).await);
        assert_eq!(
            (owes(&one).await, owes(&many).await),
            (0, 0),
            "nobody is expected there"
        );
        enter(&secretary, &branch, Some(&one), "first").await;
        assert_eq!(owes(&one).await, 1);
        let mut rows = json!([row("G1", &branch, "甘一"), row("G2", &branch, "甘二")]);
        for row in rows.as_array_mut().expect("rows") {
            row["group"] = json!({"id": many});
        }
        let done = upsert(&secretary, &rows, json!({}), "both").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        assert_eq!(owes(&many).await, 1);
        drop(server);
        let said = city.rejudged("2026-11-18T03:00:00Z");
        assert!(said.starts_with("0 obligations stood otherwise"), "{said}");
    }
);

both_databases!(
    g2_2_a_rule_for_a_size_is_owed_from_the_member_on_who_makes_it,
    |database: tests::TestDatabase| async move {
        const RULE: &str = "large-branch";
        let city = City::on(&database);
        let server = city.at("2026-11-18T02:00:00Z").await;
        let branch = server.account("branch-secretary", "organizationId");
        let secretary = server.client("branch-secretary");
        let head = secretary.data(FULL, json!({"o": branch})).await;
        let full = head["organization"]["headcount"]["fullMembers"]
            .as_i64()
            .expect("a number");
        let text = with(
            RULE,
            &format!("{{ size = {{ count = \"FULL\", at_least = {} }} }}", full + 3),
            "activities = [\"PARTY_LECTURE\"]\nat_least = 9\nperiod = \"MONTH\"",
        );
        under(&server, &branch, RULE, &text).await;
        let owes = async || open(&owed(&secretary, &branch, RULE).await);
        assert_eq!(owes().await, 0);
        enter(&secretary, &branch, None, "one").await;
        assert_eq!(owes().await, 0, "one too few and one");
        let full_rows = |names: &[&str]| {
            let rows = names.iter().map(|name| {
                let mut row = row(name, &branch, "甘试");
                row["standing"] = json!("FULL");
                row["joinedOn"] = json!("2010-07-01");
                row["becameFullOn"] = json!("2011-07-01");
                row
            });
            Value::Array(rows.collect())
        };
        for (rows, then) in [(full_rows(&["S1"]), 0), (full_rows(&["S2", "S3"]), 1)] {
            let done = upsert(&secretary, &rows, json!({}), &format!("{then}")).await;
            assert_eq!(done["userErrors"], json!([]), "{done}");
            assert_eq!(owes().await > 0, then > 0, "{rows}");
        }
        drop(server);
        let said = city.rejudged("2026-11-18T03:00:00Z");
        assert!(said.starts_with("0 obligations stood otherwise"), "{said}");
    }
);
