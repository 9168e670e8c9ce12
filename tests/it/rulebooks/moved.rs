//! Orgs that move between books, and what is corrected after their time.

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tests::{City, Server, both_databases};

use super::{ADVICE, LONG_AGO, TODAY, assign, lectures, load, monthly};

pub const MOVE: &str = "mutation($input: MoveOrganizationInput!) { moveOrganization(input: $input) {
    organization { id parent { id } rulebook { key } } userErrors { code path } } }";

const PLACE: &str = "query($o: ID!) { organization(id: $o) { version parent { id } } }";

/// Puts a subtree under a book from a day that has passed, as if that had been done then.
async fn assigned_long_ago(database: &tests::TestDatabase, org: &str, book: &str, from: &str) {
    let connection = database.connect().await;
    let sql = format!(
        "INSERT INTO rulebook_assignment (id, organization_id, rulebook_key, from_on) \
         VALUES ('assigned-long-ago', '{org}', '{book}', '{from}')"
    );
    connection.execute_unprepared(&sql).await.expect("the row goes in");
    connection.close().await.expect("closed");
}

both_databases!(
    a_moved_subtree_is_judged_at_once_by_the_book_of_its_new_place_and_by_the_old_one_for_the_time_before,
    |database: tests::TestDatabase| async move {
        let city = City::on(&database);
        let server = city.at("2026-11-18T02:00:00Z").await;
        let (administrator, department) = (server.client("administrator"), server.client("city-organization"));
        assert_eq!(load(&administrator, &monthly(), "load").await["userErrors"], json!([]));
        let county = server.account("other-county", "organizationId");
        assigned_long_ago(&database, &county, "monthly", "2026-01-01").await;
        let done = assign(&department, &county, "monthly", "2026-11-01", "assign").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");

        let branch = server.account("village-secretary", "organizationId");
        let there = server.account("other-county-secretary", "organizationId");
        let place = async |org: &str| department.data(PLACE, json!({"o": org})).await["organization"].clone();
        let (here, parent) = (place(&branch).await, place(&there).await["parent"]["id"].clone());
        let (before, frozen) = (
            lectures(&department, &branch, TODAY).await.0,
            lectures(&department, &branch, LONG_AGO).await,
        );
        let of = |rows: &[(String, bool, String, i64)], period: &str| {
            rows.iter()
                .find(|(of, ..)| of == period)
                .map(|(_, closed, book, _)| (*closed, book.clone()))
        };
        let shipped = |closed: bool| Some((closed, "jiaxing-2015".to_owned()));
        assert_eq!(of(&before, "TWO_MONTHS 2026-11-01"), shipped(false), "{before:?}");
        let input = json!({"id": branch, "expectedVersion": here["version"], "parentId": parent, "reason": "区划调整",
            "decision": {"decidedOn": "2026-11-10", "documentNumber": "试〔2026〕12号"}, "idempotencyKey": "move"});
        let moved = department.data(MOVE, json!({"input": input})).await["moveOrganization"].clone();
        assert_eq!(moved["userErrors"], json!([]), "{moved}");
        assert_eq!(moved["organization"]["rulebook"]["key"], "monthly");

        let (after, text) = lectures(&department, &branch, TODAY).await;
        assert_eq!(of(&after, "TWO_MONTHS 2026-11-01"), None, "{after:?}");
        assert_eq!(
            of(&after, "MONTH 2026-11-01"),
            Some((false, "monthly".to_owned())),
            "{after:?}"
        );
        assert_eq!(text.as_deref(), Some(ADVICE));
        // It stood elsewhere when these periods ended.
        assert_eq!(
            of(&after, "TWO_MONTHS 2026-09-01"),
            of(&before, "TWO_MONTHS 2026-09-01")
        );
        assert_eq!(of(&after, "MONTH 2026-10-01"), None, "{after:?}");
        assert_eq!(
            lectures(&department, &branch, LONG_AGO).await,
            frozen,
            "closed periods are frozen"
        );
        // Judged from nothing it is the same.
        drop(server);
        let said = city.rejudged("2026-11-18T03:00:00Z");
        assert!(said.starts_with("0 obligations stood otherwise"), "{said}");
    }
);

const HELD: &str =
    "query($o: ID!, $on: Date!) { organization(id: $o) { version hasCommittee obligations(first: 100, on: $on) {
    nodes { id rule { key } status closed revision evidence { activities { id version } } basis { rulebook }
        revisions { number status } } } } }";

const EXPECTED: &str =
    "query($id: ID!) { activity(id: $id) { version expected(first: 100) { nodes { member { id } } } } }";

const CORRECT: &str = "mutation($input: CorrectActivityInput!) { correctActivity(input: $input) {
    activity { id } userErrors { code path } } }";

const RECORD: &str = "mutation($input: RecordOrganizationFactsInput!) { recordOrganizationFacts(input: $input) {
    organization { id hasCommittee } userErrors { code path } } }";

both_databases!(
    a_late_correction_of_a_closed_period_is_judged_by_the_book_and_the_duty_of_then,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_at(&database, "2026-11-18T02:00:00Z").await;
        let (secretary, superior) = (server.client("village-secretary"), server.client("town-secretary"));
        let branch = server.account("village-secretary", "organizationId");
        let row = async |on: &str| {
            let org = secretary.data(HELD, json!({"o": branch, "on": on})).await["organization"].clone();
            let nodes = org["obligations"]["nodes"].as_array().expect("a list").clone();
            let found = nodes
                .into_iter()
                .find(|node| node["rule"]["key"] == "committee-meeting");
            (org["version"].clone(), found.unwrap_or_default())
        };
        // A closed month in which the committee met.
        let mut met = None;
        for on in ["2026-08-15", "2026-07-15", "2026-06-15", "2026-05-15"] {
            let (version, found) = row(on).await;
            if found["status"] == "MET" && found["closed"] == true {
                met = Some((on, version, found));
                break;
            }
        }
        let (on, version, before) = met.expect("a closed month in which the committee met");
        // The branch has no committee any more: today it would not owe the meeting.
        let input = json!({"id": branch, "expectedVersion": version, "hasCommittee": false, "reason": "党员减少",
            "decision": {"decidedOn": "2026-11-10", "documentNumber": "试〔2026〕13号"}, "idempotencyKey": "without"});
        let done = superior.data(RECORD, json!({"input": input})).await["recordOrganizationFacts"].clone();
        assert_eq!(done["userErrors"], json!([]), "{done}");
        assert_eq!(row(on).await.1, before, "the closed month stays");
        // It turns out that nobody but one had come.
        let meeting = before["evidence"]["activities"][0]["id"].clone();
        let activity = secretary.data(EXPECTED, json!({"id": meeting})).await["activity"].clone();
        let people = activity["expected"]["nodes"].as_array().expect("people").clone();
        // The secretary's own row would be another's to put right.
        let me = secretary.data("{ viewer { member { id } } }", json!({})).await["viewer"]["member"]["id"].clone();
        let absent: Vec<Value> = people
            .iter()
            .filter(|one| one["member"]["id"] != me)
            .map(|one| json!({"memberId": one["member"]["id"], "state": "ABSENT"}))
            .collect();
        let input = json!({"activityId": meeting, "expectedVersion": activity["version"], "exceptions": absent,
            "reason": "核对签到后更正", "idempotencyKey": "correct"});
        let corrected = secretary.data(CORRECT, json!({"input": input})).await["correctActivity"].clone();
        assert_eq!(corrected["userErrors"], json!([]), "{corrected}");
        let after = row(on).await.1;
        assert_eq!(
            (&after["status"], &after["closed"], &after["revision"], &after["basis"]),
            (&json!("MISSED"), &json!(true), &json!(2), &before["basis"]),
            "{after}"
        );
        assert_eq!(after["revisions"].as_array().map(Vec::len), Some(2), "{after}");
    }
);
