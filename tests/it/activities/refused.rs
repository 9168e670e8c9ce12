//! Bad input: a code, a path, and nothing half written.

use chrono::Duration;
use serde_json::{Value, json};
use tests::both_databases;

use super::*;

/// Everything of the branch that a refused write could have touched.
async fn state(client: &Client, branch: &str) -> Value {
    let (from, to) = (
        (now() - Duration::days(400)).date_naive(),
        (now() + Duration::days(400)).date_naive(),
    );
    let query = "query($o: ID!, $from: Date!, $to: Date!) { organization(id: $o) { version activities(from: $from, to: $to, last: 100) {
        nodes { id version status startsAt tally { expected present onLeave unexcused unexplained } } }
        obligations(first: 50) { nodes { id status } } } }";
    client.data(query, json!({"o": branch, "from": from, "to": to})).await
}

both_databases!(
    g1_1a_bad_input_is_refused_at_the_edge_and_leaves_nothing,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        // No other test writes in this branch.
        let client = server.client("other-county-secretary");
        let branch = server.account("other-county-secretary", "organizationId");
        let own = active(&client, &branch).await;
        let other = server.account("village-secretary", "organizationId");
        let stranger = active(&server.client("village-secretary"), &other).await.remove(0);
        let nobody = format!("mbr_{}", "0".repeat(26));
        let at = days(-4);
        let base = held(&branch, "BRANCH_GENERAL_MEETING", at);
        let with = |field: &str, value: Value| {
            let mut input = base.clone();
            input[field] = value;
            input
        };
        let one = |ayes: i64| json!([{"title": "决议", "kind": "OTHER", "ayes": ayes}]);
        let before = state(&client, &branch).await;
        for (input, code, field) in [
            (
                with("startsAt", json!(now() + Duration::hours(2))),
                "DATE_IN_FUTURE",
                "startsAt",
            ),
            (
                json!({"organizationId": branch, "kind": "BRANCH_GENERAL_MEETING", "startsAt": "1900-01-01T00:00:00Z"}),
                "DATE_TOO_EARLY",
                "startsAt",
            ),
            (
                with("endsAt", json!(at - Duration::hours(1))),
                "DATE_TOO_EARLY",
                "endsAt",
            ),
            (
                with("noticedAt", json!(at + Duration::hours(1))),
                "INVALID",
                "noticedAt",
            ),
            (with("title", json!("长".repeat(201))), "TOO_LONG", "title"),
            (with("mode", json!("MAKE_UP_STUDY")), "INVALID", "mode"),
            (with("makeUpFor", json!("2026-Q9")), "INVALID", "makeUpFor"),
            (with("forYear", json!(1999)), "INVALID", "forYear"),
            (with("chairId", json!(nobody)), "NOT_FOUND", "chairId"),
            (with("recorderId", json!(nobody)), "NOT_FOUND", "recorderId"),
            (
                with("organizations", json!([other])),
                "KIND_NOT_ALLOWED_HERE",
                "organizations",
            ),
            (
                with("agenda", json!([{"kind": "STUDY", "title": "  "}])),
                "REQUIRED",
                "agenda.0.title",
            ),
            (
                with("exceptions", json!([{"memberId": stranger, "state": "PRESENT"}])),
                "NOT_EXPECTED",
                "exceptions.0.memberId",
            ),
            (
                with("exceptions", json!([{"memberId": nobody, "state": "ABSENT"}])),
                "NOT_EXPECTED",
                "exceptions.0.memberId",
            ),
            (
                with(
                    "exceptions",
                    json!([{"memberId": own[0], "state": "ABSENT"}, {"memberId": own[0], "state": "PRESENT"}]),
                ),
                "INVALID",
                "exceptions.1.memberId",
            ),
            (
                with(
                    "exceptions",
                    json!([{"memberId": own[0], "state": "PRESENT", "mode": "HYBRID"}]),
                ),
                "INVALID",
                "exceptions.0.mode",
            ),
            (with("resolutions", one(999)), "VOTE_INVALID", "resolutions.0.ayes"),
            (
                with("resolutions", json!([{"title": " ", "kind": "OTHER", "ayes": 1}])),
                "REQUIRED",
                "resolutions.0.title",
            ),
            (
                with("organizationId", json!(format!("org_{}", "0".repeat(26)))),
                "NOT_FOUND",
                "organizationId",
            ),
            (
                with(
                    "organizationId",
                    json!(server.account("town-secretary", "organizationId")),
                ),
                "FORBIDDEN",
                "organizationId",
            ),
            (
                json!({"activityId": format!("act_{}", "0".repeat(26))}),
                "NOT_FOUND",
                "activityId",
            ),
            (
                json!({"kind": "BRANCH_GENERAL_MEETING", "startsAt": at}),
                "REQUIRED",
                "organizationId",
            ),
        ] {
            let made = record(&client, input).await;
            assert_eq!(made["activity"], Value::Null, "{made}");
            assert_eq!(refusal(&made), refused(code, field), "{made}");
            if code == "VOTE_INVALID" {
                assert_eq!(made["userErrors"][0]["params"]["reason"], "MORE_VOTES_THAN_PRESENT");
                assert_eq!(
                    made["userErrors"][0]["basis"],
                    json!({"clause": "G1.1a", "entry": "vote-general"})
                );
            }
        }
        for (field, value, code) in [
            ("startsAt", json!(now() - Duration::days(2)), "DATE_TOO_EARLY"),
            ("startsAt", json!(now() + Duration::days(1000)), "DATE_IN_FUTURE"),
        ] {
            let mut input = json!({"organizationId": branch, "kind": "BRANCH_GENERAL_MEETING"});
            input[field] = value;
            assert_eq!(refusal(&schedule(&client, input).await), refused(code, field));
        }
        assert_eq!(state(&client, &branch).await, before, "a refused write left something");
        let input = json!({"organizationId": branch, "kind": "BRANCH_GENERAL_MEETING", "startsAt": days(2)});
        done(&schedule(&client, input.clone()).await);
        assert_eq!(
            refusal(&schedule(&client, input).await),
            refused("ALREADY_SCHEDULED", "startsAt")
        );
    }
);
