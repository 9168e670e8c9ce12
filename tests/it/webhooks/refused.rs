//! Addresses that nothing is sent to.

use super::*;
use tests::both_databases;

both_databases!(
    addresses_that_lead_inwards_are_refused,
    |database: TestDatabase| async move {
        // A network that nobody has, so that loopback is none that is allowed.
        let town = Town::with(&database, &["--webhook-network", "198.51.100.0/24"]).await;
        let port = Receiver::start().await.url();
        let port = port.trim_start_matches("http://127.0.0.1").trim_end_matches("/hook");
        let cases = [
            (format!("http://127.0.0.1{port}/"), "NOT_PUBLIC"),
            (format!("https://127.0.0.1{port}/"), "NOT_PUBLIC"),
            ("https://10.0.0.8/".to_owned(), "NOT_PUBLIC"),
            ("https://172.16.3.4/".to_owned(), "NOT_PUBLIC"),
            ("https://192.168.0.1/".to_owned(), "NOT_PUBLIC"),
            ("https://100.64.0.1/".to_owned(), "NOT_PUBLIC"),
            ("https://169.254.169.254/latest/meta-data/".to_owned(), "NOT_PUBLIC"),
            ("https://[::1]/".to_owned(), "NOT_PUBLIC"),
            ("https://[::ffff:127.0.0.1]/".to_owned(), "NOT_PUBLIC"),
            ("https://[fe80::1]/".to_owned(), "NOT_PUBLIC"),
            ("https://[fd00::1]/".to_owned(), "NOT_PUBLIC"),
            ("https://224.0.0.1/".to_owned(), "NOT_PUBLIC"),
            ("https://203.0.113.9/".to_owned(), "NOT_PUBLIC"),
            ("https://localhost/".to_owned(), "NOT_PUBLIC"),
            ("https://2130706433/".to_owned(), "NOT_PUBLIC"),
            ("https://0x7f000001/".to_owned(), "NOT_PUBLIC"),
            ("https://0177.0.0.1/".to_owned(), "NOT_PUBLIC"),
            ("https://127.1/".to_owned(), "NOT_PUBLIC"),
            ("https://0.0.0.0/".to_owned(), "NOT_PUBLIC"),
            ("http://1.1.1.1/".to_owned(), "NOT_HTTPS"),
            ("ftp://1.1.1.1/".to_owned(), "NOT_HTTPS"),
            ("https://user:secret@1.1.1.1/".to_owned(), "CREDENTIALS_IN_ADDRESS"),
            ("https://1.1.1.1:22/".to_owned(), "PORT"),
            ("https://1.1.1.1:25/".to_owned(), "PORT"),
            ("1.1.1.1".to_owned(), "NOT_A_URL"),
            ("https://no-such-name.invalid/".to_owned(), "NO_SUCH_NAME"),
        ];
        for (number, (url, reason)) in cases.iter().enumerate() {
            let input = json!({"url": url, "idempotencyKey": format!("inwards-{number}")});
            let refused = town.program.data(CREATE, json!({"input": input})).await["createWebhook"].take();
            let error = &refused["userErrors"][0];
            assert_eq!(
                (&error["code"], &error["params"]["reason"], &error["path"]),
                (&json!("ADDRESS_REFUSED"), &json!(reason), &json!(["input", "url"])),
                "{url}: {refused}"
            );
        }
        let long = format!("https://1.1.1.1/{}", "x".repeat(2000));
        let input = json!({"url": long, "idempotencyKey": "long"});
        let refused = town.program.data(CREATE, json!({"input": input})).await["createWebhook"].take();
        assert_eq!(refused["userErrors"][0]["code"], "TOO_LONG", "{refused}");
        // What the deployment names may be reached, also over plain http.
        let input = json!({"url": "http://198.51.100.7:8080/", "idempotencyKey": "named"});
        let (id, _) = registered(&town.program, input).await;
        done(
            &town.program,
            "deleteWebhook",
            json!({"webhookId": id, "idempotencyKey": "named-away"}),
        )
        .await;
    }
);

both_databases!(
    an_address_is_looked_at_again_when_it_is_connected_to,
    |database: TestDatabase| async move {
        let receiver = Receiver::start().await;
        let deployment = tests::Deployment::on(&database.url);
        let port = receiver
            .url()
            .trim_start_matches("http://127.0.0.1:")
            .trim_end_matches("/hook")
            .to_owned();
        let (id, org, program) = {
            let server = Server::demo_of(&deployment, QUICK).await;
            let county = server.account("county-organization", "organizationId");
            let (_, program) = open_program(&server, &county, "roster-sync", &SCOPES).await;
            let staff = server.client("county-organization");
            let org = create(&staff, &county, "WORKING_COMMITTEE", "again-1").await["organization"]["id"].clone();
            // Both kinds of address: a number, and a name that leads there.
            let input = |host: &str| json!({"url": format!("http://{host}:{port}/hook"), "within": {"subtreeOf": org}, "types": ["ORGANIZATION"], "idempotencyKey": host});
            let (_, _) = registered(&program, input("127.0.0.1")).await;
            let (id, _) = registered(&program, input("localhost")).await;
            (id, org, program)
        };
        // The same city where loopback is no longer allowed.
        let more = [QUICK, &["--webhook-network", "198.51.100.0/24"]].concat();
        let server = Server::demo_of(&deployment, &more).await;
        rename(&server.client("county-organization"), &org, 1, "again-2").await;
        let program = program.at(server.url());
        let begun = std::time::Instant::now();
        loop {
            let list =
                "{ webhooks(first: 5) { nodes { deliveries(first: 1) { nodes { attempts { failure status } } } } } }";
            let found = program.data(list, json!({})).await["webhooks"]["nodes"].take();
            let failures: Vec<&Value> = found
                .as_array()
                .expect("webhooks")
                .iter()
                .map(|one| &one["deliveries"]["nodes"][0]["attempts"][0]["failure"])
                .collect();
            if failures.iter().all(|failure| **failure == "ADDRESS_REFUSED") && failures.len() == 2 {
                break;
            }
            assert!(begun.elapsed() < SOON, "{found} {id}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(receiver.calls().len(), 0, "nobody was connected to");
    }
);
