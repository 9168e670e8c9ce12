//! How long things are kept, and what is told where the log does not reach back far enough.

use std::time::Instant;

use super::*;
use tests::{Deployment, both_databases};

/// The cause of the gap that a receiver was told of.
async fn gap(receiver: &Receiver) -> Value {
    let calls = receiver.until(SOON, |calls| !calls.is_empty()).await;
    let body = calls[0].json();
    assert_eq!(body["type"], "gap", "{body}");
    assert!(body["data"]["cursor"].is_string(), "{body}");
    body["data"]["cause"].clone()
}

both_databases!(
    what_the_log_no_longer_holds_is_told_as_a_gap_and_deliveries_are_kept_as_long,
    |database: TestDatabase| async move {
        let city = Deployment::on(&database.url);
        let at = async |clock| Server::demo_of(&city, &[QUICK, &["--clock", clock]].concat()).await;
        let server = at("2026-01-05T02:00:00Z").await;
        let county = server.account("county-organization", "organizationId");
        let (_, program) = open_program(&server, &county, "roster-sync", &SCOPES).await;
        let receiver = Receiver::start().await;
        let founded = json!({"parentId": county, "name": "推送之下", "kind": "WORKING_COMMITTEE", "sector": "ORGAN",
            "foundedOn": "2025-01-05", "reason": "新设", "decision": {"decidedOn": "2025-01-05", "documentNumber": "试〔2025〕52号"},
            "idempotencyKey": "kept-1"});
        let create = "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) { organization { id } userErrors { code } } }";
        let made = server
            .client("county-organization")
            .data(create, json!({"input": founded}))
            .await;
        let org = made["createOrganization"]["organization"]["id"].clone();
        let input = json!({"url": receiver.url(), "types": ["ORGANIZATION"], "within": {"subtreeOf": org}, "idempotencyKey": "kept"});
        let (id, _) = registered(&program, input).await;
        rename(&server.client("county-organization"), &org, 1, "kept-2").await;
        receiver.until(SOON, |calls| calls.len() == 1).await;
        let count = async |server: &Server| {
            let shown = server
                .client("administrator")
                .data(SHOW, json!({"id": id, "first": 1}))
                .await;
            shown["webhook"]["deliveries"]["totalCount"]["value"].clone()
        };
        let begun = Instant::now();
        while count(&server).await != 1 {
            assert!(begun.elapsed() < SOON, "the delivery is not written down");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        done(
            &server.client("administrator"),
            "pauseWebhook",
            json!({"webhookId": id, "idempotencyKey": "pause"}),
        )
        .await;
        drop(server);

        // Eight weeks later: what it was told is forgotten, and so is the log from where it stands.
        let server = at("2026-03-01T02:00:00Z").await;
        let begun = Instant::now();
        while count(&server).await != 0 {
            assert!(begun.elapsed() < 4 * SOON, "the delivery is kept for ever");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        receiver.forget();
        done(
            &server.client("administrator"),
            "resumeWebhook",
            json!({"webhookId": id, "idempotencyKey": "resume"}),
        )
        .await;
        assert_eq!(gap(&receiver).await, "EXPIRED");
        rename(&server.client("county-organization"), &org, 2, "kept-3").await;
        let calls = receiver.until(SOON, |calls| calls.len() == 2).await;
        assert_eq!(changes(&calls[1..]), [(org.clone(), json!(3))]);
        drop(server);

        // A restored database is told as well, and it goes on from there.
        let (_, said) = city.doctor();
        assert!(!said.contains("webhook"), "{said}");
        city.ok(&["log", "new-epoch"], "");
        receiver.forget();
        let server = at("2026-03-01T03:00:00Z").await;
        assert_eq!(gap(&receiver).await, "RESTORED");
        rename(&server.client("county-organization"), &org, 3, "kept-4").await;
        let calls = receiver.until(SOON, |calls| calls.len() == 2).await;
        assert_eq!(changes(&calls[1..]), [(org, json!(4))]);
    }
);
