//! Rights are those of the account at the moment of delivery; documents are answered with them.

use super::*;
use tests::both_databases;
use tests::orgs::relocate;

const DOCUMENT: &str = "query Told($id: ID!, $cursor: LogCursor!) { node(id: $id) { __typename
    ... on Organization { name version } } changes(after: $cursor, first: 1) { changes { entityId } } }";

both_databases!(
    an_account_is_told_what_it_may_see_when_it_is_told,
    |database: TestDatabase| async move {
        let mut town = Town::with(&database, &[]).await;
        let receiver = Receiver::start().await;
        let place = town.server.account("town-secretary", "organizationId");
        (town.program_id, town.program) = open_program(&town.server, &place, "town-sync", &SCOPES).await;
        let secretary = town.server.client("town-secretary");
        let org = create(&secretary, &place, "PRIMARY_COMMITTEE", "rights-1").await["organization"]["id"].clone();
        let input = json!({"url": receiver.url(), "types": ["ORGANIZATION"], "idempotencyKey": "rights"});
        let (id, _) = registered(&town.program, input).await;
        // Beside the town: none of the account's.
        let elsewhere = town.org("rights-2").await;
        rename(&secretary, &org, 1, "rights-3").await;
        let calls = receiver.until(SOON, |calls| !calls.is_empty()).await;
        assert_eq!(changes(&calls), [(org.clone(), json!(2))]);

        // While it waits, the org moves out of the account's sight: what is told then is that it left, and nothing of before.
        receiver.forget();
        receiver.answers(Manner::Status(503));
        rename(&secretary, &org, 2, "rights-4").await;
        receiver.until(SOON, |calls| !calls.is_empty()).await;
        let far = elsewhere.as_str().expect("an id");
        relocate(&town.server.client("city-organization"), &org, (3, far), "rights-5").await;
        receiver.forget();
        receiver.answers(Manner::Status(200));
        let calls = receiver.until(SOON, |calls| calls.iter().any(Call::is_taken)).await;
        let told: Vec<Value> = calls
            .iter()
            .filter(|call| call.is_taken())
            .map(|call| call.json()["data"].clone())
            .collect();
        assert_eq!(
            (&told[0]["op"], &told[0]["extent"], &told[0]["entityId"]),
            (&json!("LEAVE_SCOPE"), &json!("SUBTREE"), &org),
            "{told:?}"
        );
        rename(&town.staff, &elsewhere, 1, "rights-6").await;

        // Without the right to the log it is paused, and told so.
        let scopes =
            "mutation($input: SetServiceScopesInput!) { setServiceScopes(input: $input) { userErrors { code } } }";
        let administrator = town.server.client("administrator");
        let narrow = |scopes: &[&str], key: &str| json!({"input": {"accountId": town.program_id, "scopes": scopes, "idempotencyKey": key}});
        administrator
            .data(scopes, narrow(&["orgs:read", "webhooks:manage"], "narrow"))
            .await;
        let paused = town.until(&id, |webhook| webhook["state"] == "PAUSED").await;
        assert_eq!(paused["pauseReason"], "RIGHT_LOST", "{paused}");
        let more = json!({"url": receiver.url(), "idempotencyKey": "more"});
        let refused = town.program.data(CREATE, json!({"input": more})).await["createWebhook"].take();
        assert_eq!(refused["userErrors"][0]["code"], "WRONG_STATE", "{refused}");
        // Given back, it goes on from where it stopped; what happened elsewhere was never its own.
        receiver.forget();
        let second = create(&secretary, &place, "PRIMARY_COMMITTEE", "rights-7").await["organization"]["id"].clone();
        administrator.data(scopes, narrow(&SCOPES, "widen")).await;
        done(
            &town.program,
            "resumeWebhook",
            json!({"webhookId": id, "idempotencyKey": "resume"}),
        )
        .await;
        let calls = receiver.until(SOON, |calls| !calls.is_empty()).await;
        assert_eq!(changes(&calls), [(second, json!(1))]);

        // Closed, it is told nothing more.
        let close = "mutation($input: CloseAccountInput!) { closeAccount(input: $input) { userErrors { code } } }";
        administrator
            .data(
                close,
                json!({"input": {"accountId": town.program_id, "idempotencyKey": "close"}}),
            )
            .await;
        let list = "{ webhooks(states: [PAUSED], first: 10) { nodes { id pauseReason } } }";
        let begun = std::time::Instant::now();
        loop {
            let found = administrator.data(list, json!({})).await["webhooks"]["nodes"][0].clone();
            if found["pauseReason"] == "ACCOUNT_CLOSED" {
                break;
            }
            assert!(begun.elapsed() < SOON, "{found}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
);

both_databases!(
    a_document_is_answered_with_the_rights_of_the_account,
    |database: TestDatabase| async move {
        let town = Town::with(&database, &[]).await;
        let receiver = Receiver::start().await;
        let org = town.org("document-1").await;
        let input = |document: &str, key: &str| {
            json!({"url": receiver.url(), "types": ["ORGANIZATION"], "within": {"subtreeOf": org}, "document": document,
                "idempotencyKey": key})
        };
        for (number, (wrong, says)) in [
            ("mutation { signOut(input: {refreshToken: \"x\"}) { userErrors { code } } }", "no query"),
            ("subscription { events { __typename } }", "no query"),
            ("query A { log { epoch } } query B { log { epoch } }", "operations"),
            ("{ nothing }", "nothing"),
            ("query($id: ID!, $secret: String) { node(id: $id) { id } }", "$secret"),
            ("query($id: String!) { node(id: $id) { id } }", "ID!"),
            ("query($version: Int!) { log { epoch } }", "Int"),
            ("{ organizations(within: {subtreeOf: \"x\"}, first: 100) { nodes { children(first: 100) { nodes { name } } } } }", "points"),
            ("{ log { epoch ", "syntax"),
            (&"{ a ".repeat(60), "brackets"),
        ]
        .iter()
        .enumerate()
        {
            let refused = town.program.data(CREATE, json!({"input": input(wrong, &format!("wrong-{number}"))})).await["createWebhook"].take();
            let error = &refused["userErrors"][0];
            assert_eq!(error["code"], "DOCUMENT_INVALID", "{wrong}: {refused}");
            assert_eq!(error["path"], json!(["input", "document"]));
            let message = error["params"]["message"].as_str().unwrap_or_default().to_lowercase();
            assert!(message.contains(&says.to_lowercase()), "{wrong}: {message}");
        }
        let (id, secret) = registered(&town.program, input(DOCUMENT, "document")).await;
        rename(&town.staff, &org, 1, "document-2").await;
        let calls = receiver.until(SOON, |calls| !calls.is_empty()).await;
        let answer = calls[0].json()["data"]["answer"].clone();
        assert_eq!(
            answer["data"]["node"],
            json!({"__typename": "Organization", "name": "改名1", "version": 2}),
            "{answer}"
        );
        assert_eq!(
            answer["data"]["changes"]["changes"],
            json!([]),
            "its cursor stands behind the change: {answer}"
        );
        assert_eq!(calls[0].header("webhook-signature"), signature(&secret, &calls[0]));
        // The right to see orgs is gone, the one to the log is not: the answer says no more than a query would.
        let scopes =
            "mutation($input: SetServiceScopesInput!) { setServiceScopes(input: $input) { userErrors { code } } }";
        let webhook = town.show(&id).await;
        let input = json!({"webhookId": id, "expectedVersion": webhook["version"], "document": null, "types": null, "idempotencyKey": "plain"});
        let plain = done(&town.program, "changeWebhook", input).await;
        assert_eq!(
            (&plain["webhook"]["document"], &plain["webhook"]["types"]),
            (&Value::Null, &Value::Null)
        );
        receiver.forget();
        rename(&town.staff, &org, 2, "document-3").await;
        let calls = receiver.until(SOON, |calls| !calls.is_empty()).await;
        assert_eq!(
            calls
                .iter()
                .rev()
                .find(|call| call.json()["data"]["entityId"] == org)
                .map(|call| call.json()["data"]["answer"].clone()),
            Some(Value::Null)
        );
        let narrow = json!({"input": {"accountId": town.program_id, "scopes": ["events:read", "webhooks:manage"], "idempotencyKey": "narrow"}});
        town.server.client("administrator").data(scopes, narrow).await;
        receiver.forget();
        rename(&town.staff, &org, 3, "document-4").await;
        // How far it has come is written down with what it tells; a change is told within a fraction of this.
        tokio::time::sleep(Duration::from_millis(1500)).await;
        // The right comes back: what was passed over is not told any more, and what follows is.
        let wide = json!({"input": {"accountId": town.program_id, "scopes": SCOPES, "idempotencyKey": "wide"}});
        town.server.client("administrator").data(scopes, wide).await;
        rename(&town.staff, &org, 4, "document-5").await;
        let calls = receiver.until(SOON, |calls| !calls.is_empty()).await;
        assert_eq!(
            changes(&calls),
            [(org.clone(), json!(5))],
            "what one may not see is not told"
        );
    }
);

both_databases!(
    each_program_manages_its_own_webhooks_and_the_administrator_all,
    |database: TestDatabase| async move {
        let town = Town::with(&database, &[]).await;
        let receiver = Receiver::start().await;
        let org = town.org("own-1").await;
        let (id, _) = town.webhook(&receiver, &org, "own").await;
        let (_, beside) = open_program(&town.server, &town.county, "beside", &SCOPES).await;
        let (_, without) = open_program(&town.server, &town.county, "without", &["orgs:read", "events:read"]).await;
        let pause = |key: &str| json!({"webhookId": id, "idempotencyKey": key});
        // Of the same org, with the same scopes: not its own, hence not there.
        assert_eq!(
            act(&beside, "pauseWebhook", pause("b")).await["userErrors"][0]["code"],
            "NOT_FOUND"
        );
        assert_eq!(
            beside.data(SHOW, json!({"id": id, "first": 1})).await["webhook"],
            Value::Null
        );
        let list = "{ webhooks(first: 10) { nodes { id } } }";
        assert_eq!(beside.data(list, json!({})).await["webhooks"]["nodes"], json!([]));
        assert_eq!(
            town.program.data(list, json!({})).await["webhooks"]["nodes"],
            json!([{"id": id}])
        );
        let input = json!({"url": receiver.url(), "idempotencyKey": "w"});
        let refused = without.data(CREATE, json!({"input": input})).await["createWebhook"].take();
        assert_eq!(refused["userErrors"][0]["code"], "FORBIDDEN", "{refused}");
        let input = json!({"url": receiver.url(), "accountId": town.program_id, "idempotencyKey": "o"});
        let refused = beside.data(CREATE, json!({"input": input})).await["createWebhook"].take();
        assert_eq!(refused["userErrors"][0]["code"], "NOT_FOUND", "{refused}");
        // Officers of the org see where their people's data go, and change nothing.
        let secretary = town.server.client("county-secretary");
        assert_eq!(
            secretary.data(SHOW, json!({"id": id, "first": 1})).await["webhook"]["url"],
            receiver.url()
        );
        assert_eq!(
            act(&secretary, "pauseWebhook", pause("s")).await["userErrors"][0]["code"],
            "FORBIDDEN"
        );
        // The administrator does, also on behalf of an account, and a stale version is told.
        let administrator = town.server.client("administrator");
        let stale = json!({"webhookId": id, "expectedVersion": 9, "idempotencyKey": "stale"});
        assert_eq!(
            act(&administrator, "pauseWebhook", stale).await["userErrors"][0]["code"],
            "CONFLICT"
        );
        let paused = done(&administrator, "pauseWebhook", pause("a")).await;
        assert_eq!(paused["webhook"]["pauseReason"], "BY_HAND", "{paused}");
        let input = json!({"url": receiver.url(), "accountId": town.program_id, "idempotencyKey": "behalf"});
        registered(&administrator, input).await;
        let nobody = json!({"url": receiver.url(), "idempotencyKey": "nobody"});
        let refused = administrator.data(CREATE, json!({"input": nobody})).await["createWebhook"].take();
        assert_eq!(refused["userErrors"][0]["code"], "REQUIRED", "{refused}");
        for number in 2..9 {
            let input = json!({"url": receiver.url(), "idempotencyKey": format!("many-{number}")});
            registered(&town.program, input).await;
        }
        // One place is left, and several want it at once.
        let last = (0..6).map(|number| {
            let input = json!({"url": receiver.url(), "idempotencyKey": format!("last-{number}")});
            town.program.data(CREATE, json!({"input": input}))
        });
        let told = futures_util::future::join_all(last.map(|told| async { told.await["createWebhook"].take() })).await;
        let refused = |one: &&Value| one["userErrors"][0]["code"] == "TOO_MANY";
        assert_eq!(told.iter().filter(refused).count(), 5, "{told:?}");
        let may = "query($id: ID!) { webhook(id: $id) { viewerCan(actions: [CHANGE, PAUSE, RESUME, DELETE]) { action allowed reasons { code } } } }";
        let may = town.program.data(may, json!({"id": id})).await["webhook"]["viewerCan"].take();
        let allowed: Vec<&Value> = may
            .as_array()
            .expect("answers")
            .iter()
            .map(|one| &one["allowed"])
            .collect();
        assert_eq!(
            allowed,
            [&json!(true), &json!(false), &json!(true), &json!(true)],
            "{may}"
        );
    }
);

both_databases!(
    so_many_trials_wait_and_so_many_secrets_hold_however_many_ask_at_once,
    |database: TestDatabase| async move {
        let slow = ["--webhook-attempt-ms", "20000"];
        let quick: Vec<&str> = QUICK.iter().copied().take(4).collect();
        let town = Town::of(Server::demo_with(&database, &[quick.as_slice(), &slow].concat()).await).await;
        let receiver = Receiver::start().await;
        receiver.answers(Manner::Stall);
        let org = town.org("many-org").await;
        let (id, _) = town.webhook(&receiver, &org, "many").await;
        let refused =
            |one: &&Value| one["userErrors"][0]["code"] == "TOO_MANY" && one["userErrors"][0]["params"]["max"] == "5";
        let fine = |one: &&Value| one["userErrors"] == json!([]);
        let at_once = async |field: &str, of: &Client, more: Value| {
            let asked = (0..12).map(|number| {
                let mut input = more.clone();
                input["webhookId"] = id.clone();
                input["idempotencyKey"] = json!(format!("{field}-{number}"));
                act(of, field, input)
            });
            let told = futures_util::future::join_all(asked).await;
            assert_eq!(
                told.iter().filter(fine).count() + told.iter().filter(refused).count(),
                12,
                "{told:?}"
            );
            told.iter().filter(fine).count()
        };
        // None of them comes to an end: their receiver does not answer.
        assert_eq!(at_once("testWebhook", &town.program, json!({})).await, 5);
        let waiting = town.show(&id).await["deliveries"]["nodes"].as_array().map(Vec::len);
        assert_eq!(waiting, Some(5));
        // One was there before.
        assert_eq!(
            at_once("rotateWebhookSecret", &town.program, json!({"overlapHours": 24})).await,
            4
        );
        let secrets = town.show(&id).await["secrets"].take();
        let lasting = |one: &&Value| one["expiresAt"].is_null();
        let secrets = secrets.as_array().expect("secrets");
        assert_eq!(
            (secrets.len(), secrets.iter().filter(lasting).count()),
            (5, 1),
            "{secrets:?}"
        );
        // Whoever lets none of them go on may rotate.
        let last = json!({"webhookId": id, "overlapHours": 0, "idempotencyKey": "leak"});
        let last = done(&town.program, "rotateWebhookSecret", last).await;
        assert_eq!(last["webhook"]["secrets"].as_array().map(Vec::len), Some(1), "{last}");
    }
);

both_databases!(
    a_name_is_looked_up_for_who_may_register_it_and_for_nobody_else,
    |database: TestDatabase| async move {
        let town = Town::with(&database, &[]).await;
        let receiver = Receiver::start().await;
        let org = town.org("names-org").await;
        let (id, _) = town.webhook(&receiver, &org, "names").await;
        let looked = || town.server.counter("orglife_webhook_addresses_looked_at_total");
        let before = looked().await;
        let (_, beside) = open_program(&town.server, &town.county, "beside", &SCOPES).await;
        let (_, without) = open_program(&town.server, &town.county, "without", &["orgs:read", "events:read"]).await;
        let url = "https://no-such-name.invalid/";
        let create = |more: Value, key: &str| {
            let mut input = json!({"url": url, "idempotencyKey": key});
            input
                .as_object_mut()
                .expect("an object")
                .extend(more.as_object().expect("an object").clone());
            input
        };
        let named = json!({"accountId": town.program_id});
        for (who, client, more, code) in [
            (
                "a secretary",
                &town.server.client("county-secretary"),
                &named,
                "FORBIDDEN",
            ),
            ("a member", &town.server.client("member"), &named, "NOT_FOUND"),
            ("another program", &beside, &named, "NOT_FOUND"),
            ("a program without the scope", &without, &json!({}), "FORBIDDEN"),
            (
                "for an account that is not there",
                &town.server.client("administrator"),
                &json!({"accountId": "acc_none"}),
                "NOT_FOUND",
            ),
            (
                "for no account",
                &town.server.client("administrator"),
                &json!({}),
                "REQUIRED",
            ),
        ] {
            let told = client.data(CREATE, json!({"input": create(more.clone(), who)})).await["createWebhook"].take();
            assert_eq!(told["userErrors"][0]["code"], code, "{who}: {told}");
        }
        let change = json!({"webhookId": id, "expectedVersion": 1, "url": url, "idempotencyKey": "change"});
        for (client, code) in [
            (&beside, "NOT_FOUND"),
            (&town.server.client("county-secretary"), "FORBIDDEN"),
        ] {
            assert_eq!(
                act(client, "changeWebhook", change.clone()).await["userErrors"][0]["code"],
                code
            );
        }
        let nobody = Client::new(town.server.url());
        let document = "mutation($input: CreateWebhookInput!) { createWebhook(input: $input) { userErrors { code } } }";
        let code = nobody
            .error_code(document, json!({"input": create(named.clone(), "nobody")}))
            .await;
        assert_eq!(code, "UNAUTHENTICATED");
        assert_eq!(
            looked().await,
            before,
            "a name was looked up for somebody who may not register it"
        );

        // Who may is told that it leads nowhere.
        for client in [&town.program, &town.server.client("administrator")] {
            let told = client
                .data(CREATE, json!({"input": create(named.clone(), "may")}))
                .await["createWebhook"]
                .take();
            assert_eq!(told["userErrors"][0]["params"]["reason"], "NO_SUCH_NAME", "{told}");
        }
        let told = act(&town.program, "changeWebhook", change).await;
        assert_eq!(told["userErrors"][0]["params"]["reason"], "NO_SUCH_NAME", "{told}");
        assert_eq!(looked().await, before + 3);
    }
);
