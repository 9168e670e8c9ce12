//! Minutes of committee meetings are sealed at rest and read in clear by those entitled (spec 3).

use sea_orm::ConnectionTrait as _;
use serde_json::json;
use tests::{Server, TestDatabase, both_databases};

const RECORD: &str = "mutation($input: RecordActivityInput!) { recordActivity(input: $input) {
    activity { id version minutes { text revision } } userErrors { code path } } }";
const CORRECT: &str = "mutation($input: CorrectActivityInput!) { correctActivity(input: $input) {
    activity { id minutes { text revision } minutesHistory(first: 5) { nodes { text revision } } } userErrors { code path } } }";
const READ: &str = "query($id: ID!) { activity(id: $id) { minutes { text } } }";

async fn count(database: &TestDatabase, condition: &str) -> i64 {
    let sql = format!(
        "SELECT COUNT(*) FROM document_revision r JOIN document d ON d.id = r.document_id \
         JOIN activity a ON a.id = d.subject_id WHERE {condition}"
    );
    database.number(&sql).await
}

both_databases!(
    g1_1b_committee_minutes_are_sealed_and_open_for_who_took_part,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let committee = "a.kind IN ('BRANCH_COMMITTEE_MEETING', 'COMMITTEE_MEETING')";
        let (sealed, plain) = (
            "d.sealed AND r.text IS NULL AND r.text_sealed LIKE 'k%:%'",
            "NOT d.sealed AND r.text <> '' AND r.text_sealed IS NULL",
        );
        assert!(count(&database, committee).await > 20);
        assert_eq!(
            count(&database, &format!("{committee} AND NOT ({sealed})")).await,
            0,
            "the demo city's are sealed too"
        );
        assert_eq!(
            count(&database, &format!("NOT ({committee}) AND NOT ({plain})")).await,
            0,
            "the minutes of all stay readable text"
        );

        let org = server.account("branch-secretary", "organizationId");
        let client = server.client("branch-secretary");
        let input = json!({"organizationId": org, "kind": "BRANCH_COMMITTEE_MEETING", "startsAt": "2026-03-03T13:07:00Z",
            "minutes": "研究了试点安排。", "idempotencyKey": "m1"});
        let made = client.data(RECORD, json!({"input": input})).await["recordActivity"].clone();
        assert_eq!(made["activity"]["minutes"]["text"], "研究了试点安排。", "{made}");
        let activity = &made["activity"];
        let input = json!({"activityId": activity["id"], "expectedVersion": activity["version"], "minutes": "研究并同意试点安排。",
            "reason": "补记结论", "idempotencyKey": "m2"});
        let second = client.data(CORRECT, json!({"input": input})).await["correctActivity"]["activity"].clone();
        assert_eq!(
            second["minutesHistory"]["nodes"],
            json!([{"text": "研究并同意试点安排。", "revision": 2}, {"text": "研究了试点安排。", "revision": 1}]),
            "{second}"
        );
        assert_eq!(count(&database, "r.text LIKE '%试点安排%'").await, 0);
        assert_eq!(count(&database, &format!("{committee} AND NOT ({sealed})")).await, 0);
        let read = async |user: &str| {
            server.client(user).data(READ, json!({"id": activity["id"]})).await["activity"]["minutes"].clone()
        };
        assert_eq!(read("branch-deputy").await["text"], "研究并同意试点安排。");
        assert_eq!(read("member").await, serde_json::Value::Null);
        // A value of another row does not open.
        let rows = database.connect().await;
        let swap = "UPDATE document_revision SET text_sealed = (SELECT MIN(o.text_sealed) FROM document_revision o) WHERE revision = 2 AND text_sealed IS NOT NULL";
        rows.execute_unprepared(swap).await.expect("swapped");
        let answer = client.graphql(READ, json!({"id": activity["id"]})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL", "{answer}");
    }
);
