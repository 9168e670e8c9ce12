//! A real deployment from the command line: the first city, accounts, keys, and the doctor.

use std::time::Duration;

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tests::{Client, Deployment, INIT, Kind, Server, TestDatabase, both_databases, run_on, said};

const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken userErrors { code } } }";
const SET: &str = "mutation($input: SetPasswordInput!) { setPassword(input: $input) { userErrors { code } } }";
const SERVICE: &str = "mutation($input: SignInServiceInput!) { signInService(input: $input) { accessToken expiresAt
    userErrors { code } } }";
const CREATE: &str = "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) {
    organization { id } userErrors { code } } }";

async fn sql(database: &TestDatabase, statement: &str) {
    let connection = database.connect().await;
    connection.execute_unprepared(statement).await.expect(statement);
    connection.close().await.expect("closed");
}

async fn sign_in(client: &Client, username: &str, password: &str) -> Value {
    let input = json!({"username": username, "password": password});
    client.data(SIGN_IN, json!({"input": input})).await["signIn"].clone()
}

both_databases!(
    a_real_city_begins_from_the_command_line,
    |database: TestDatabase| async move {
        let deployment = Deployment::on(&database.url);
        assert!(
            !deployment.run(INIT, "short\n").status.success(),
            "a short password is refused"
        );
        let begun = deployment.ok(INIT, "a long first passphrase\n");
        let (city, member) = (said(&begun, "organization"), said(&begun, "member"));
        assert!(
            !begun.contains("passphrase"),
            "a password that was given is not repeated"
        );
        assert!(
            !deployment.run(INIT, "a long first passphrase\n").status.success(),
            "a city begins once"
        );
        let administrator = deployment.ok(&["account", "create", "keeper", "--administrator"], "");
        let scopes = "orgs:read,members:read";
        let service = deployment.ok(
            &["account", "service", "registry", "--org", &city, "--scopes", scopes],
            "",
        );
        let taken = deployment.run(&["account", "create", "keeper", "--member", &member], "");
        assert!(!taken.status.success());
        assert_eq!(
            deployment.doctor(),
            (
                true,
                "database, keys, log, figures and obligations are in order\n".to_owned()
            )
        );

        let server = deployment.serve().await;
        let anyone = Client::new(server.url());
        let token = sign_in(&anyone, "secretary", "a long first passphrase").await["accessToken"].clone();
        let secretary = anyone.with_token(token.as_str().expect("a token"));
        let seen = secretary
            .data(
                "{ viewer { member { name } posts { post organization { id } } } }",
                json!({}),
            )
            .await;
        assert_eq!(seen["viewer"]["member"]["name"], "安禾屿");
        assert_eq!(
            seen["viewer"]["posts"],
            json!([{"post": "SECRETARY", "organization": {"id": city}}])
        );
        let county = json!({"parentId": city, "name": "中共试点县委员会", "kind": "COUNTY_COMMITTEE", "sector": "ORGAN",
            "foundedOn": "2020-01-01", "reason": "设立", "idempotencyKey": "county",
            "decision": {"decidedOn": "2020-01-01", "documentNumber": "1号"}});
        let founded = secretary.data(CREATE, json!({"input": county})).await;
        assert_eq!(founded["createOrganization"]["userErrors"], json!([]), "{founded}");
        let keeper = sign_in(&anyone, "keeper", &said(&administrator, "password")).await;
        assert!(keeper["accessToken"].is_string());

        let credentials =
            json!({"clientId": said(&service, "client id"), "clientSecret": said(&service, "client secret")});
        let opened = anyone.data(SERVICE, json!({"input": credentials})).await["signInService"].clone();
        let program = anyone.with_token(opened["accessToken"].as_str().expect("a token"));
        let scopes = program.data("{ viewer { scopes } }", json!({})).await;
        assert_eq!(scopes["viewer"]["scopes"], json!(["orgs:read", "members:read"]));
        let wrong = json!({"clientId": said(&service, "client id"), "clientSecret": "ols_wrong"});
        let refused = anyone.data(SERVICE, json!({"input": wrong})).await["signInService"].clone();
        assert_eq!(refused["userErrors"][0]["code"], "CREDENTIALS_INVALID");
        assert!(server.terminate(Duration::from_secs(25)).await.success());

        deployment.ok(&["account", "disable", "registry"], "");
        let reset = deployment.ok(&["account", "reset", "secretary"], "");
        assert!(
            !reset.contains("password:"),
            "nobody but the person learns a password: {reset}"
        );
        let link = said(&reset, "one-time token");
        let listed = deployment.ok(&["account", "list"], "");
        assert!(
            listed
                .lines()
                .any(|line| line.starts_with("registry\tSERVICE") && line.ends_with("closed")),
            "{listed}"
        );
        let server = deployment.serve().await;
        let anyone = Client::new(server.url());
        let old = sign_in(&anyone, "secretary", "a long first passphrase").await;
        assert_eq!(old["userErrors"][0]["code"], "CREDENTIALS_INVALID");
        let set = async |word: &str| {
            let input = json!({"token": link, "newPassword": word});
            anyone.data(SET, json!({"input": input})).await["setPassword"]["userErrors"].clone()
        };
        assert_eq!(set("another long passphrase").await, json!([]));
        assert_eq!(
            set("a third long passphrase").await[0]["code"],
            "TOKEN_INVALID",
            "it works once"
        );
        assert!(sign_in(&anyone, "secretary", "another long passphrase").await["accessToken"].is_string());
        let closed = anyone.data(SERVICE, json!({"input": credentials})).await["signInService"].clone();
        assert_eq!(closed["userErrors"][0]["code"], "CREDENTIALS_INVALID");
    }
);

both_databases!(
    doctor_is_quiet_on_the_demo_city_and_names_what_was_bent,
    |database: TestDatabase| async move {
        let deployment = Deployment::on(&database.url);
        let accounts = deployment.directory().join("accounts.json");
        let mut demo = deployment.command(&["demo", "--listen", "127.0.0.1:0"]);
        demo.arg("--accounts-file").arg(&accounts);
        let server = Server::launch(demo).await;
        assert!(server.terminate(Duration::from_secs(25)).await.success());
        assert_eq!(
            deployment.doctor(),
            (
                true,
                "database, keys, log, figures and obligations are in order\n".to_owned()
            )
        );

        // Every value goes over to a new key, and opens still.
        let mut keys = std::fs::read(deployment.keys()).expect("keys");
        keys.extend(Deployment::new_keys());
        std::fs::write(deployment.keys(), keys).expect("written");
        let sealed = deployment.ok(&["keys", "reseal"], "");
        assert!(!sealed.starts_with("0 "), "{sealed}");
        assert!(
            deployment.ok(&["keys", "reseal"], "").starts_with("0 "),
            "a second run finds nothing"
        );
        assert!(deployment.doctor().0);

        for (bend, complaint) in [
            (
                "UPDATE figure SET value = value + 1 WHERE metric = 'members.full'",
                "figure: members.full",
            ),
            (
                "UPDATE organization SET approver_id = NULL WHERE kind = 'BRANCH'",
                "(approver_id)",
            ),
            (
                "UPDATE organization SET next_from_depth = 9 WHERE kind = 'BRANCH'",
                "(next_from_depth)",
            ),
            (
                "UPDATE obligation SET status = 'MISSED' WHERE closed = FALSE AND status = 'MET'",
                "obligation differs",
            ),
            (
                "UPDATE membership SET until_on = from_on WHERE until_on IS NULL",
                "open membership",
            ),
            (
                "UPDATE member SET phone_sealed = identity_sealed",
                "member.phone_sealed",
            ),
            (
                "UPDATE document_revision SET text_sealed = (SELECT phone_sealed FROM member WHERE phone_sealed IS NOT NULL LIMIT 1) \
                 WHERE text_sealed IS NOT NULL",
                "document_revision.text_sealed",
            ),
            (
                "INSERT INTO inbox_item (id, kind, subject_kind, subject_id, params, raised_at) \
                 VALUES ('inb_bent', 'ALERT', 'ALERT', 'alr_gone', '{}', '2026-01-01T00:00:00Z')",
                "inbox lines about a ALERT",
            ),
            ("UPDATE log_counter SET position = 0", "beyond the log's counter"),
        ] {
            sql(&database, bend).await;
            let (content, said) = deployment.doctor();
            assert!(!content && said.contains(complaint), "{bend}: {said}");
        }
    }
);

both_databases!(
    a_seeded_city_is_served_and_is_never_mixed_with_another,
    |database: TestDatabase| async move {
        let deployment = Deployment::on(&database.url);
        let file = deployment.directory().join("accounts.json");
        let file = file.to_str().expect("a path in UTF-8");
        let said = deployment.ok(&["seed", "--accounts-file", file], "");
        assert!(said.contains("demo accounts"), "{said}");
        let again = deployment.run(&["seed", "--accounts-file", file], "");
        assert!(!again.status.success());
        assert!(
            String::from_utf8_lossy(&again.stderr).contains("not empty"),
            "{again:?}"
        );
        let accounts: Value =
            serde_json::from_str(&std::fs::read_to_string(file).expect("accounts are there")).expect("JSON");
        let secretary = accounts
            .as_array()
            .and_then(|all| all.iter().find(|account| account["username"] == "branch-secretary"))
            .expect("a branch secretary");
        let server = deployment.serve().await;
        let password = secretary["password"].as_str().expect("a password");
        let signed_in = sign_in(&Client::new(server.url()), "branch-secretary", password).await;
        let token = signed_in["accessToken"].as_str().expect("a token");
        let own = Client::new(server.url())
            .with_token(token)
            .data("{ viewer { posts { organization { id } } } }", json!({}))
            .await;
        assert_eq!(
            own["viewer"]["posts"][0]["organization"]["id"],
            secretary["organizationId"]
        );
    }
);

#[test]
fn an_embedded_database_has_one_process_at_a_time() {
    run_on(Kind::Sqlite, |database: TestDatabase| async move {
        let deployment = Deployment::on(&database.url);
        deployment.begin();
        let server = deployment.serve().await;
        for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["rejudge"]] {
            let second = deployment.run(command, "");
            let told = String::from_utf8_lossy(&second.stderr).into_owned();
            assert!(!second.status.success(), "{command:?} runs beside the server");
            assert!(told.contains("in use by another process"), "{command:?}: {told}");
        }
        assert_eq!(Client::new(server.url()).get("/readyz").await.status, 200);
        assert!(server.terminate(Duration::from_secs(25)).await.success());
        deployment.ok(&["rejudge"], "");
    });
}
