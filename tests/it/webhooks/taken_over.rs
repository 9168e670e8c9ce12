//! Nodes that die: another one goes on, nothing is lost, and what is told twice has the same id.

use std::collections::BTreeMap;

use super::*;
use tests::{Kind, both_databases, run_on};

both_databases!(
    another_node_goes_on_where_one_was_killed,
    |database: TestDatabase| async move {
        let mut town = Town::with(&database, &[]).await;
        let receiver = Receiver::start().await;
        let org = town.org("over-org").await;
        town.webhook(&receiver, &org, "over").await;
        let more = [QUICK, &["--webhook-network", "127.0.0.0/8"]].concat();
        let mut second = match database.kind {
            Kind::Postgres => Some(town.server.node(&database, "127.0.0.1:0", &more).await),
            Kind::Sqlite => None,
        };
        // Before the kill, in the middle of it, and after it.
        for version in 1..=20 {
            rename(&town.staff, &org, version, &format!("over-a-{version}")).await;
        }
        receiver.until(SOON, |calls| calls.len() >= 5).await;
        town.server.kill();
        if second.is_none() {
            second = Some(town.server.node(&database, "127.0.0.1:0", &more).await);
        }
        let second = second.expect("a second node");
        let staff = town.staff.at(second.url());
        for version in 21..=40 {
            rename(&staff, &org, version, &format!("over-b-{version}")).await;
        }
        let calls = receiver
            .until(SOON, |calls| changes(calls).contains(&(org.clone(), json!(41))))
            .await;
        let mut first_told = Vec::new();
        let mut ids: BTreeMap<i64, String> = BTreeMap::new();
        for call in &calls {
            let version = call.json()["data"]["version"].as_i64().expect("a version");
            let id = call.header("webhook-id").to_owned();
            match ids.get(&version) {
                Some(known) => assert_eq!(*known, id, "told twice under two ids"),
                None => {
                    first_told.push(version);
                    ids.insert(version, id);
                }
            }
        }
        assert_eq!(first_told, (2..=41).collect::<Vec<i64>>(), "all, in order");
    }
);

#[test]
fn two_nodes_tell_an_endpoint_once() {
    run_on(Kind::Postgres, |database: TestDatabase| async move {
        let town = Town::with(&database, &[]).await;
        let receiver = Receiver::start().await;
        let org = town.org("twice-org").await;
        let (id, _) = town.webhook(&receiver, &org, "twice").await;
        let more = [QUICK, &["--webhook-network", "127.0.0.0/8"]].concat();
        let second = town.server.node(&database, "127.0.0.1:0", &more).await;
        let staff = town.staff.at(second.url());
        for version in 1..=10 {
            let by = if version % 2 == 0 { &staff } else { &town.staff };
            rename(by, &org, version, &format!("twice-{version}")).await;
        }
        // What people change at either node is seen by the one that tells.
        let program = town.program.at(second.url());
        receiver.until(SOON, |calls| calls.len() == 10).await;
        done(
            &program,
            "pauseWebhook",
            json!({"webhookId": id, "idempotencyKey": "pause"}),
        )
        .await;
        tokio::time::sleep(Duration::from_millis(1500)).await;
        rename(&staff, &org, 11, "twice-11").await;
        tokio::time::sleep(Duration::from_millis(1000)).await;
        assert_eq!(receiver.calls().len(), 10, "paused");
        done(
            &program,
            "resumeWebhook",
            json!({"webhookId": id, "idempotencyKey": "resume"}),
        )
        .await;
        let calls = receiver.until(SOON, |calls| calls.len() >= 11).await;
        let versions: Vec<i64> = changes(&calls)
            .iter()
            .filter_map(|(_, version)| version.as_i64())
            .collect();
        assert_eq!(versions, (2..=12).collect::<Vec<i64>>());
    });
}

#[test]
fn a_trial_is_sent_once_whatever_the_clock_of_another_node_says() {
    run_on(Kind::Postgres, |database: TestDatabase| async move {
        // An attempt that lasts until the other node has looked several times.
        let patient = [QUICK, &["--webhook-network", "127.0.0.0/8"]].concat();
        let patient: Vec<&str> = patient
            .iter()
            .map(|one| if *one == "700" { "5000" } else { *one })
            .collect();
        let town = Town::of(Server::demo_with(&database, &patient).await).await;
        let receiver = Receiver::start().await;
        let org = town.org("clock-org").await;
        let (id, _) = town.webhook(&receiver, &org, "clock").await;
        receiver.answers(Manner::Stall);
        done(
            &town.program,
            "testWebhook",
            json!({"webhookId": id, "idempotencyKey": "clock-trial"}),
        )
        .await;
        receiver.until(SOON, |calls| !calls.is_empty()).await;
        let ahead = (tests::now() + chrono::Duration::seconds(60)).to_rfc3339();
        let ahead = [patient.as_slice(), &["--clock", ahead.as_str()]].concat();
        let other = town.server.node(&database, "127.0.0.1:0", &ahead).await;
        let webhook = town
            .until(&id, |webhook| webhook["deliveries"]["nodes"][0]["state"] != "PENDING")
            .await;
        let line = &webhook["deliveries"]["nodes"][0];
        assert_eq!(
            (&line["state"], &line["attemptCount"], &line["attempts"][0]["failure"]),
            (&json!("FAILED"), &json!(1), &json!("TIMED_OUT")),
            "{webhook:#}"
        );
        assert_eq!(receiver.calls().len(), 1, "two nodes sent it");

        // And one that is asked for at a node whose clock runs ahead is not put off until then.
        receiver.answers(Manner::Status(204));
        let there = town.program.at(other.url());
        done(
            &there,
            "testWebhook",
            json!({"webhookId": id, "idempotencyKey": "there"}),
        )
        .await;
        receiver.until(SOON, |calls| calls.len() == 2).await;
    });
}
