//! Another ladder of absence measures.

use serde_json::{Value, json};
use tests::{City, Client, both_databases};

use super::moved::MOVE;
use super::{SHIPPED, assign, load};

/// The guideline with another ladder: one absence proposes nothing.
fn patient(key: &str) -> String {
    let text = SHIPPED.replacen("key = \"jiaxing-2015\"", &format!("key = \"{key}\""), 1);
    text.lines()
        .filter(|line| !line.contains("in_a_row = 1,"))
        .fold(String::new(), |text, line| text + line + "\n")
}

const PEOPLE: &str = "query($o: ID!) { viewer { member { id } } members(within: {exactly: $o}, first: 100) { nodes { id standing status } }
    measures(within: {exactly: $o}, first: 100) { nodes { member { id } } } organization(id: $o) { version parent { id } } }";

pub const MEETING: &str = "mutation($input: RecordActivityInput!) { recordActivity(input: $input) {
    activity { id } userErrors { code path } } }";

const MEASURES: &str = "query($o: ID!) { measures(within: {exactly: $o}, first: 100) {
    nodes { id state kind member { id } run { date } } } }";

/// Somebody of a branch with a clean slate, absent without excuse from a meeting at an instant.
async fn absent(client: &Client, branch: &str, at: &str) -> (Value, Value) {
    let body = client.data(PEOPLE, json!({"o": branch})).await;
    let known: Vec<Value> = body["measures"]["nodes"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["member"]["id"].clone())
        .collect();
    let people = body["members"]["nodes"].as_array().expect("a list").clone();
    let fits = |one: &Value| {
        one["status"] == "ACTIVE" && one["id"] != body["viewer"]["member"]["id"] && !known.contains(&one["id"])
    };
    let member = people.into_iter().rfind(fits).expect("somebody")["id"].clone();
    let input = json!({"organizationId": branch, "kind": "BRANCH_GENERAL_MEETING", "startsAt": at,
        "noticedAt": "2026-11-01T02:00:00Z", "exceptions": [{"memberId": member, "state": "ABSENT"}], "minutes": "会议记录。",
        "idempotencyKey": format!("absent-{at}")});
    let made = client.data(MEETING, json!({"input": input})).await["recordActivity"].clone();
    assert_eq!(made["userErrors"], json!([]), "{made}");
    (member, body["organization"].clone())
}

/// (state, kind) of the measures of a member whose run ends on a day.
async fn proposed(client: &Client, branch: &str, member: &Value, day: &str) -> Vec<(Value, Value)> {
    let body = client.data(MEASURES, json!({"o": branch})).await;
    let nodes = body["measures"]["nodes"].as_array().expect("a list").clone();
    nodes
        .into_iter()
        .filter(|one| one["member"]["id"] == *member)
        .filter(|one| {
            one["run"]
                .as_array()
                .and_then(|run| run.last())
                .is_some_and(|step| step["date"] == day)
        })
        .map(|one| (one["state"].clone(), one["kind"].clone()))
        .collect()
}

both_databases!(
    g2_5a_another_ladder_judges_the_absences_since_its_first_day_when_it_is_assigned_or_moved_under,
    |database: tests::TestDatabase| async move {
        let city = City::on(&database);
        let server = city.at("2026-11-18T06:00:00Z").await;
        let (administrator, department) = (server.client("administrator"), server.client("city-organization"));
        for key in ["patient", "patient-too"] {
            assert_eq!(load(&administrator, &patient(key), key).await["userErrors"], json!([]));
        }
        // Assigned: an absence since its first day counts by it.
        let county = server.account("other-county", "organizationId");
        let branch = server.account("other-county-secretary", "organizationId");
        let secretary = server.client("other-county-secretary");
        let (member, place) = absent(&secretary, &branch, "2026-11-17T02:00:00Z").await;
        let open = (json!("OPEN"), json!("REMINDER"));
        assert_eq!(
            proposed(&secretary, &branch, &member, "2026-11-17").await,
            std::slice::from_ref(&open)
        );
        let done = assign(&department, &county, "patient", "2026-11-01", "patient").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        let withdrawn = (json!("WITHDRAWN"), json!("REMINDER"));
        assert_eq!(
            proposed(&secretary, &branch, &member, "2026-11-17").await,
            std::slice::from_ref(&withdrawn)
        );

        // Moved under it: only what happens from the day of the move on counts by it.
        let village = server.account("village-secretary", "organizationId");
        let head = server.client("village-secretary");
        let (today, version) = absent(&head, &village, "2026-11-18T03:00:00Z").await;
        let (earlier, _) = absent(&head, &village, "2026-11-16T03:00:00Z").await;
        assert_eq!(
            proposed(&head, &village, &today, "2026-11-18").await,
            std::slice::from_ref(&open)
        );
        let input = json!({"id": village, "expectedVersion": version["version"], "parentId": place["parent"]["id"], "reason": "区划调整",
            "decision": {"decidedOn": "2026-11-10", "documentNumber": "试〔2026〕12号"}, "idempotencyKey": "move"});
        let moved = department.data(MOVE, json!({"input": input})).await["moveOrganization"].clone();
        assert_eq!(moved["userErrors"], json!([]), "{moved}");
        assert_eq!(proposed(&head, &village, &today, "2026-11-18").await, [withdrawn]);
        assert_eq!(proposed(&head, &village, &earlier, "2026-11-16").await, [open]);
        drop(server);
        let said = city.rejudged("2026-11-18T07:00:00Z");
        assert!(said.contains(", 0 measures,"), "{said}");
    }
);
