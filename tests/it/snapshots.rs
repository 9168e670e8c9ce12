//! A read answers from one snapshot, however it gets there, and the cursor of its log is that snapshot's.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use tests::orgs::{create, rename};
use tests::{Server, TestDatabase, both_databases};

/// The same org by four ways, which are four statements at different times, and where the log stands.
const READ: &str = "query($id: ID!, $parent: ID!) {
    before: log { cursor }
    one: organization(id: $id) { version name }
    two: organizations(within: {exactly: $id}, first: 1) { nodes { version name } }
    three: organization(id: $parent) { children(last: 100) { nodes { id version name } } }
    four: node(id: $id) { ... on Organization { version name } }
    after: log { cursor } }";
const CHANGES: &str = "query($after: LogCursor!, $id: ID!) { changes(after: $after, within: {exactly: $id},
    types: [ORGANIZATION], first: 1) { changes { version } } }";
/// Reads, each while somebody writes.
const READS: usize = 120;

both_databases!(
    a_read_is_of_one_moment_by_whatever_way_it_goes_and_its_cursor_is_of_that_moment,
    |database: TestDatabase| async move {
        let server = Arc::new(Server::demo_on(&database).await);
        server.quiet().await;
        let user = "county-organization";
        let (client, parent) = (server.client(user), server.account(user, "organizationId"));
        let id = create(&client, &parent, "WORKING_COMMITTEE", "moment").await["organization"]["id"].clone();
        let over = Arc::new(AtomicBool::new(false));
        let (writing, ended, renamed) = (server.clone(), over.clone(), id.clone());
        let writer = tokio::spawn(async move {
            let client = writing.client(user);
            let mut version = 1;
            while !ended.load(Ordering::Relaxed) {
                rename(&client, &renamed, version, &format!("moment-{version}")).await;
                version += 1;
            }
            version
        });
        let mut versions = Vec::new();
        for _ in 0..READS {
            let seen = client.data(READ, json!({"id": id, "parent": parent})).await;
            let children = seen["three"]["children"]["nodes"].as_array().expect("children");
            let mut child = children
                .iter()
                .find(|child| child["id"] == id)
                .expect("it is among them")
                .clone();
            child.as_object_mut().expect("an object").remove("id");
            for other in [&seen["two"]["nodes"][0], &child, &seen["four"]] {
                assert_eq!(seen["one"], *other, "one moment: {seen:#}");
            }
            let version = seen["one"]["version"].as_i64().expect("a version");
            versions.push((
                version,
                seen["before"]["cursor"].clone(),
                seen["after"]["cursor"].clone(),
            ));
        }
        over.store(true, Ordering::Relaxed);
        let last = writer.await.expect("the writer ends");
        let distinct: std::collections::BTreeSet<i64> = versions.iter().map(|(version, ..)| *version).collect();
        assert!(distinct.len() > 10, "too little was written meanwhile: {distinct:?}");
        // Behind the cursor the next version comes, not the one that was read and not the one after the next.
        for (version, before, after) in versions.iter().filter(|(version, ..)| *version < last).step_by(6) {
            for cursor in [before, after] {
                let next = client.data(CHANGES, json!({"after": cursor, "id": id})).await;
                assert_eq!(
                    next["changes"]["changes"],
                    json!([{"version": version + 1}]),
                    "read at {version}"
                );
            }
        }
        let none: Value = client
            .data(CHANGES, json!({"after": here(&server, user).await, "id": id}))
            .await;
        assert_eq!(none["changes"]["changes"], json!([]));
    }
);

async fn here(server: &Server, user: &str) -> Value {
    let found = server.client(user).data("{ log { cursor } }", json!({})).await;
    found["log"]["cursor"].clone()
}
