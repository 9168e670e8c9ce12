//! Receivers over TLS: whose certificate is believed.

use super::*;
use tests::{Authority, Deployment, both_databases};

/// Sends a trial and waits for what came of it: state, status and failure.
async fn tried(town: &Town, id: &Value, key: &str) -> (Value, Value, Value) {
    let trial = json!({"webhookId": id, "idempotencyKey": key});
    let trial = done(&town.program, "testWebhook", trial).await;
    let line = |webhook: &Value| {
        let lines = webhook["deliveries"]["nodes"].as_array().expect("lines").iter();
        let mut its = lines.filter(|line| line["messageId"] == trial["messageId"]);
        its.find(|line| line["state"] != "PENDING").cloned()
    };
    let ended = town.until(id, |webhook| line(webhook).is_some()).await;
    let line = line(&ended).expect("it ended");
    let attempt = &line["attempts"][0];
    assert_eq!(attempt["failure"].is_null(), attempt["error"].is_null(), "{line}");
    (
        line["state"].clone(),
        attempt["status"].clone(),
        attempt["failure"].clone(),
    )
}

fn taken() -> (Value, Value, Value) {
    (json!("DELIVERED"), json!(204), Value::Null)
}

fn not_believed() -> (Value, Value, Value) {
    (json!("FAILED"), Value::Null, json!("TLS_FAILED"))
}

both_databases!(
    a_receiver_is_believed_by_an_authority_that_the_deployment_names_and_by_nothing_less,
    |database: TestDatabase| async move {
        let (own, stranger) = (Authority::new("own"), Authority::new("own"));
        let deployment = Deployment::on(&database.url);
        let file = deployment.directory().join("authority.pem");
        std::fs::write(&file, own.pem()).expect("a file");
        let named = ["--webhook-ca-file", file.to_str().expect("a path")];
        let town = Town::of(Server::demo_of(&deployment, &[QUICK, &named].concat()).await).await;
        let org = town.org("secure-org").await;

        // A message arrives, signed as any.
        let receiver = Receiver::secure(own.vouch("localhost")).await;
        let (id, secret) = town.webhook(&receiver, &org, "secure").await;
        rename(&town.staff, &org, 1, "secure-1").await;
        let calls = receiver.until(SOON, |calls| !calls.is_empty()).await;
        assert_eq!(calls[0].header("webhook-signature"), signature(&secret, &calls[0]));
        assert_eq!(tried(&town, &id, "well").await, taken());

        // Another authority of the same name, another host, a time that is over: nothing is sent, and it is told why.
        for (what, identity) in [
            ("stranger", stranger.vouch("localhost")),
            ("host", own.vouch("elsewhere.example")),
            ("over", own.vouched("localhost")),
        ] {
            let wrong = Receiver::secure(identity).await;
            let (id, _) = town.webhook(&wrong, &org, what).await;
            assert_eq!(
                tried(&town, &id, &format!("{what}-trial")).await,
                not_believed(),
                "{what}"
            );
            assert_eq!(
                wrong.calls().len(),
                0,
                "{what}: nothing is said to whom one does not believe"
            );
        }

        // Put right in time, it is told what it missed.
        let wrong = Receiver::secure(stranger.vouch("localhost")).await;
        let (id, _) = town.webhook(&wrong, &org, "mended").await;
        rename(&town.staff, &org, 2, "secure-2").await;
        let line = |webhook: &Value| webhook["deliveries"]["nodes"][0].clone();
        let failing = town.until(&id, |webhook| !webhook["failingSince"].is_null()).await;
        assert_eq!(line(&failing)["attempts"][0]["failure"], "TLS_FAILED", "{failing:#}");
        wrong.shows(own.vouch("localhost"));
        let calls = wrong.until(SOON, |calls| !calls.is_empty()).await;
        assert_eq!(changes(&calls), [(org.clone(), json!(3))]);
        let mended = town.until(&id, |webhook| webhook["failingSince"].is_null()).await;
        let attempts = line(&mended)["attempts"].as_array().expect("attempts").clone();
        assert_eq!(
            attempts.last().map(|last| last["status"].clone()),
            Some(json!(204)),
            "{mended:#}"
        );

        // Where the deployment does not name the authority, nobody whom it vouches for is believed.
        let Town {
            server,
            program,
            county,
            program_id,
            ..
        } = town;
        drop(server);
        let server = Server::demo_of(&deployment, QUICK).await;
        let town = Town {
            staff: server.client("county-organization"),
            program: program.at(server.url()),
            county,
            program_id,
            server,
        };
        let receiver = Receiver::secure(own.vouch("localhost")).await;
        let (id, _) = town.webhook(&receiver, &org, "unnamed").await;
        assert_eq!(tried(&town, &id, "unnamed-trial").await, not_believed());
        assert_eq!(receiver.calls().len(), 0);
    }
);

both_databases!(
    a_file_that_names_no_authority_is_told_at_the_start,
    |database: TestDatabase| async move {
        let deployment = Deployment::on(&database.url);
        deployment.begin();
        let wrong = deployment.directory().join("wrong.pem");
        std::fs::write(&wrong, "no certificate").expect("a file");
        let missing = deployment.directory().join("missing.pem");
        for (file, says) in [(&wrong, "no certificate in PEM form"), (&missing, "cannot read")] {
            let file = file.to_str().expect("a path");
            let told = deployment.run(&["doctor", "--webhook-ca-file", file], "");
            let errors = String::from_utf8_lossy(&told.stderr).into_owned();
            assert!(!told.status.success(), "{file}");
            assert!(errors.contains(file) && errors.contains(says), "{errors}");
        }
    }
);
