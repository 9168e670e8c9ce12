//! What a write leaves behind, looked at in the tables.

use super::*;
use crate::store::demo::tests::filled;

/// One column of the newest row of a table.
async fn newest(url: &str, sql: &str) -> Vec<Option<String>> {
    use sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};
    let connection = Database::connect(url.to_owned()).await.unwrap();
    let rows = connection
        .query_all_raw(Statement::from_string(DbBackend::Sqlite, sql))
        .await
        .unwrap();
    connection.close().await.unwrap();
    let row = rows.first().unwrap();
    (0..row.column_names().len())
        .map(|place| row.try_get_by_index(place).unwrap())
        .collect()
}

/// A write about an org that names its author, as far as it may.
fn opinion(org: String) -> impl Clone + for<'u> FnMut(&'u mut Unit) -> BoxFuture<'u, Outcome<Vec<String>>> {
    move |unit| {
        let org = org.clone();
        Box::pin(async move {
            let row = crate::ops::structure::org(unit, &org, "id").await?;
            let place = crate::ops::organization::place_of(&row)?;
            let target = Target::at(place).decided_collectively();
            let permit = unit.require(Action::RecordActivity, &target, "id")?;
            let mut event = upsert(EntityKind::Organization, &org, 1, (&row.id, &row.path), &["opinion"]);
            event.member_id = permit.member_id().map(ToOwned::to_owned);
            unit.note(&permit, event);
            Ok(vec![org])
        })
    }
}

#[tokio::test]
async fn an_unattributed_write_leaves_no_trace_of_who_wrote() {
    let filled = filled(11).await;
    let url = filled.url();
    let app = Arc::new(filled.app);
    let account = filled
        .city
        .accounts
        .iter()
        .find(|one| one.username == "branch-secretary")
        .unwrap();
    let holder = TokenHolder {
        account_id: account.account_id.clone(),
        auth_epoch: 0,
        expires_at: i64::MAX,
        key: None,
    };
    let org = account.organization_id.clone();
    let request = |key| WriteRequest {
        app: &app,
        holder: Some(&holder),
        request_id: "req_of_somebody",
        operation: "raiseOpinion",
        idempotency_key: key,
        input: "what was said".to_owned(),
    };
    let work = opinion(org);
    let event = "SELECT member_id, strftime('%H:%M:%f', at) FROM event ORDER BY position DESC LIMIT 1";
    let line = "SELECT account_id, member_id, post, organization_id, request_id, purpose, subject_org_id, \
                strftime('%H:%M:%f', at) FROM audit ORDER BY position DESC LIMIT 1";
    let key = "SELECT CAST(entity_ids AS text), strftime('%H:%M:%f', created_at) FROM idempotency ORDER BY position DESC LIMIT 1";

    request("named").run(work.clone()).await.unwrap();
    assert!(newest(&url, event).await[0].is_some());
    assert!(newest(&url, line).await.iter().take(5).all(Option::is_some));

    let done = request("secret").run_unattributed(work.clone()).await.unwrap();
    assert_eq!(done.ids.len(), 1, "the writer is answered");
    let midnight = Some("00:00:00.000".to_owned());
    assert_eq!(newest(&url, event).await, [None, midnight.clone()]);
    let told = newest(&url, line).await;
    assert!(told.iter().take(6).all(Option::is_none), "{told:?}");
    assert!(told[6].is_some(), "what it is about stays");
    assert_eq!(told[7], midnight);
    assert_eq!(newest(&url, key).await, [Some("[]".to_owned()), midnight]);
    let again = request("secret").run_unattributed(work).await.unwrap();
    assert!(
        again.replayed && again.ids.is_empty(),
        "a repeat does nothing and tells nothing"
    );
}
