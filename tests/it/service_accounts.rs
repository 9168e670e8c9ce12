//! Service accounts: opened by an administrator for the subtree of an org, with scopes, secrets that overlap, and an end.

use serde_json::{Value, json};
use tests::{City, Client, Server, both_databases};

const CREATE: &str = "mutation($input: CreateServiceAccountInput!) { createServiceAccount(input: $input) {
    account { id version username kind scopes organization { id } secrets { createdAt expiresAt lastUsedAt }
      viewerCan(actions: [CLOSE, SET_SCOPES, ROTATE_SECRET, ISSUE_RESET_LINK]) { action allowed } }
    clientSecret userErrors { code path params } replayed } }";
const SCOPES: &str = "mutation($input: SetServiceScopesInput!) { setServiceScopes(input: $input) {
    account { scopes version } userErrors { code path } } }";
const ROTATE: &str = "mutation($input: RotateServiceSecretInput!) { rotateServiceSecret(input: $input) {
    account { secrets { createdAt expiresAt lastUsedAt } } clientSecret userErrors { code path params } replayed } }";
const CLOSE: &str = "mutation($input: CloseAccountInput!) { closeAccount(input: $input) { account { disabledAt }
    userErrors { code } } }";
const SIGN_IN: &str = "mutation($input: SignInServiceInput!) { signInService(input: $input) { accessToken
    userErrors { code } } }";
const LIST: &str = "query($w: OrganizationScopeInput!) { serviceAccounts(within: $w, first: 10) {
    nodes { id username scopes secrets { lastUsedAt } } totalCount(mode: EXACT) { value } } }";
const PEOPLE: &str = "query($o: ID!) { members(within: {exactly: $o}, first: 5) { nodes { id name } } }";

async fn act(client: &Client, document: &str, name: &str, input: Value) -> Value {
    client.data(document, json!({"input": input})).await[name].clone()
}

async fn create(client: &Client, org: &str, username: &str, scopes: Value) -> Value {
    let input = json!({"organizationId": org, "username": username, "scopes": scopes, "idempotencyKey": username});
    act(client, CREATE, "createServiceAccount", input).await
}

async fn rotate(client: &Client, account: &Value, hours: i64, key: &str) -> Value {
    let input = json!({"accountId": account, "overlapHours": hours, "idempotencyKey": key});
    act(client, ROTATE, "rotateServiceSecret", input).await
}

/// The token that a secret gets, or the code of the refusal.
async fn sign_in(server: &Server, id: &Value, secret: &Value) -> Result<Client, String> {
    let input = json!({"clientId": id, "clientSecret": secret});
    let done = act(&Client::new(server.url()), SIGN_IN, "signInService", input).await;
    match done["accessToken"].as_str() {
        Some(token) => Ok(Client::new(server.url()).with_token(token)),
        None => Err(done["userErrors"][0]["code"].as_str().expect("a code").to_owned()),
    }
}

both_databases!(
    an_administrator_opens_a_service_account_whose_secret_is_shown_once,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let administrator = server.client("administrator");
        let org = server.account("town-secretary", "organizationId");
        let scopes = json!(["members:read", "orgs:read"]);
        for (user, code) in [
            ("town-secretary", "FORBIDDEN"),
            ("county-organization", "FORBIDDEN"),
            ("county-service", "FORBIDDEN"),
        ] {
            let refused = create(&server.client(user), &org, "roster-sync", scopes.clone()).await;
            assert_eq!(refused["userErrors"][0]["code"], code, "{user}: {refused}");
            assert_eq!(refused["clientSecret"], Value::Null);
        }
        for (scopes, path) in [
            (json!([]), json!(["input", "scopes"])),
            (json!(["orgs:read", "members:rank"]), json!(["input", "scopes", "1"])),
            (json!(["orgs:read", "orgs:read"]), json!(["input", "scopes", "1"])),
        ] {
            let refused = create(&administrator, &org, "roster-sync", scopes).await;
            assert_eq!(
                (&refused["userErrors"][0]["code"], &refused["userErrors"][0]["path"]),
                (&json!("INVALID"), &path)
            );
        }
        let made = create(&administrator, &org, "roster-sync", scopes.clone()).await;
        assert_eq!(made["userErrors"], json!([]), "{made}");
        let (id, secret) = (made["account"]["id"].clone(), made["clientSecret"].clone());
        assert!(
            secret
                .as_str()
                .is_some_and(|text| text.starts_with("ols_") && text.len() > 48),
            "{secret}"
        );
        assert_eq!(made["account"]["scopes"], json!(["orgs:read", "members:read"]));
        assert_eq!(made["account"]["organization"]["id"], json!(org));
        let can: Vec<&Value> = made["account"]["viewerCan"]
            .as_array()
            .expect("answers")
            .iter()
            .map(|may| &may["allowed"])
            .collect();
        assert_eq!(can, [&json!(true), &json!(true), &json!(true), &json!(false)]);
        let again = create(&administrator, &org, "roster-sync", scopes).await;
        assert_eq!(
            (&again["replayed"], &again["clientSecret"]),
            (&json!(true), &Value::Null),
            "shown once"
        );

        // It reads what its scopes open within its subtree, and nothing beside it.
        let program = sign_in(&server, &id, &secret).await.expect("it signs in");
        let village = server.account("village-secretary", "organizationId");
        let people = program.data(PEOPLE, json!({"o": village})).await["members"]["nodes"].clone();
        assert!(people.as_array().is_some_and(|rows| !rows.is_empty()), "{people}");
        let beside = server.account("branch-secretary", "organizationId");
        assert_eq!(
            program.data(PEOPLE, json!({"o": beside})).await["members"]["nodes"],
            json!([])
        );
        let listed = administrator.data(LIST, json!({"w": {"exactly": org}})).await["serviceAccounts"].clone();
        assert_eq!(listed["nodes"][0]["username"], "roster-sync", "{listed}");
        assert!(listed["nodes"][0]["secrets"][0]["lastUsedAt"].is_string(), "{listed}");
        // Who looks after the accounts of the org sees it; who does not sees none.
        let within = json!({"w": {"exactly": org}});
        assert_eq!(
            server.client("town-secretary").data(LIST, within.clone()).await["serviceAccounts"]["totalCount"]["value"],
            1
        );
        assert_eq!(
            server.client("member").data(LIST, within).await["serviceAccounts"]["totalCount"]["value"],
            0
        );

        // Other scopes hold from the next request on.
        let input = json!({"accountId": id, "scopes": ["orgs:read"], "idempotencyKey": "narrow"});
        let narrowed = act(&administrator, SCOPES, "setServiceScopes", input).await;
        assert_eq!(narrowed["account"]["scopes"], json!(["orgs:read"]), "{narrowed}");
        assert_eq!(
            program.data(PEOPLE, json!({"o": village})).await["members"]["nodes"],
            json!([])
        );

        // Closed: neither the token nor the secret works.
        let closed = act(
            &administrator,
            CLOSE,
            "closeAccount",
            json!({"accountId": id, "idempotencyKey": "end"}),
        )
        .await;
        assert!(closed["account"]["disabledAt"].is_string(), "{closed}");
        assert_eq!(
            sign_in(&server, &id, &secret).await.err().as_deref(),
            Some("CREDENTIALS_INVALID")
        );
        assert_eq!(
            program.error_code("{ viewer { id } }", json!({})).await,
            "ACCOUNT_DISABLED"
        );
    }
);

both_databases!(
    a_new_secret_takes_over_without_a_gap,
    |database: tests::TestDatabase| async move {
        let city = City::on(&database);
        let server = city.at("2026-11-10T02:00:00Z").await;
        let administrator = server.client("administrator");
        let id = json!(server.account("county-service", "clientId"));
        let old = json!(server.account("county-service", "clientSecret"));
        let before = sign_in(&server, &id, &old).await.expect("the old secret works");
        for hours in [-1, 169] {
            let refused = rotate(&administrator, &id, hours, "odd").await;
            assert_eq!(refused["userErrors"][0]["params"]["max"], "168", "{refused}");
        }
        let refused = rotate(&server.client("county-secretary"), &id, 24, "own").await;
        assert_eq!(refused["userErrors"][0]["code"], "FORBIDDEN", "{refused}");
        let hidden = rotate(&server.client("member"), &id, 24, "far").await;
        assert_eq!(hidden["userErrors"][0]["code"], "NOT_FOUND", "{hidden}");
        let turned = rotate(&administrator, &id, 24, "turn").await;
        assert_eq!(turned["userErrors"], json!([]), "{turned}");
        let new = turned["clientSecret"].clone();
        let ends: Vec<bool> = turned["account"]["secrets"]
            .as_array()
            .expect("two")
            .iter()
            .map(|one| one["expiresAt"].is_string())
            .collect();
        assert_eq!(
            ends.iter().filter(|ends| **ends).count(),
            1,
            "the old one ends: {turned}"
        );
        assert_eq!(ends.len(), 2, "{turned}");
        // For the overlap both work, and what was signed in goes on.
        for secret in [&old, &new] {
            sign_in(&server, &id, secret).await.expect("it works");
        }
        before.data("{ viewer { id } }", json!({})).await;
        drop(server);
        let server = city.at("2026-11-11T02:30:00Z").await;
        assert_eq!(
            sign_in(&server, &id, &old).await.err().as_deref(),
            Some("CREDENTIALS_INVALID")
        );
        let program = sign_in(&server, &id, &new).await.expect("the new secret works");
        // Without an overlap the tokens end as well.
        let last = rotate(&server.client("administrator"), &id, 0, "leak").await;
        assert_eq!(last["account"]["secrets"].as_array().map(Vec::len), Some(1), "{last}");
        assert_eq!(
            sign_in(&server, &id, &new).await.err().as_deref(),
            Some("CREDENTIALS_INVALID")
        );
        assert_eq!(
            program.error_code("{ viewer { id } }", json!({})).await,
            "UNAUTHENTICATED"
        );
        sign_in(&server, &id, &last["clientSecret"])
            .await
            .expect("the last one works");
    }
);

both_databases!(
    so_many_secrets_work_at_a_time_however_many_are_asked_for_at_once,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let administrator = server.client("administrator");
        let org = server.account("town-secretary", "organizationId");
        let made = create(&administrator, &org, "roster-sync", json!(["orgs:read"])).await;
        let id = &made["account"]["id"];
        let keys: Vec<String> = (0..12).map(|number| format!("at once {number}")).collect();
        let asked = keys.iter().map(|key| rotate(&administrator, id, 24, key));
        let told = futures_util::future::join_all(asked).await;
        let (fine, refused): (Vec<&Value>, Vec<&Value>) = told.iter().partition(|one| one["userErrors"] == json!([]));
        for one in &refused {
            let error = &one["userErrors"][0];
            assert_eq!(
                (&error["code"], &error["params"]["max"]),
                (&json!("TOO_MANY"), &json!("5")),
                "{one}"
            );
        }
        // One was there before.
        assert_eq!(fine.len(), 4, "{told:?}");
        let fresh = rotate(&administrator, id, 0, "leak").await;
        let secrets = fresh["account"]["secrets"].as_array().expect("secrets").clone();
        assert_eq!(secrets.len(), 1, "who lets none of them go on may rotate: {fresh}");
        for one in fine {
            let old = sign_in(&server, id, &one["clientSecret"]).await;
            assert_eq!(old.err().as_deref(), Some("CREDENTIALS_INVALID"));
        }
        sign_in(&server, id, &fresh["clientSecret"])
            .await
            .expect("the last one works");
        // What was done with the account, and what was done as it, stands in the trail: opened, rotated five times; signed in.
        let name = id.as_str().expect("an id");
        let of_it = format!("SELECT COUNT(*) FROM audit WHERE subject_id = '{name}' AND account_id <> '{name}'");
        assert_eq!(database.number(&of_it).await, 6);
        let as_it =
            format!("SELECT COUNT(*) FROM audit WHERE account_id = '{name}' AND action = 'session.sign_in_service'");
        assert_eq!(database.number(&as_it).await, 1);
    }
);
