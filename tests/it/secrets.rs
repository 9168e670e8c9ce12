//! SECURITY.md, promise 13: no secret has a default.

use std::collections::BTreeSet;
use std::time::Duration;

use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};
use tests::{Client, Deployment, INIT, Server, TestDatabase, both_databases, said};

/// A deployment of its own, of the same kind.
fn another(database: &TestDatabase) -> (TestDatabase, Deployment) {
    let database = TestDatabase::create(database.kind).unwrap_or_else(|why| panic!("no database: {why}"));
    let deployment = Deployment::on(&database.url);
    (database, deployment)
}

/// What a query gives as text, row by row.
async fn column(database: &TestDatabase, sql: &str) -> Vec<String> {
    let rows = database.connect().await;
    let statement = Statement::from_string(rows.get_database_backend(), sql);
    let found = rows.query_all_raw(statement).await.expect("the rows can be read");
    let texts = found
        .iter()
        .map(|row| row.try_get_by_index(0).expect("a text"))
        .collect();
    rows.close().await.expect("closed");
    texts
}

/// Every secret of a demo: what its accounts sign in with, its keys, and what the database keeps of them.
async fn secrets_of(server: &Server, database: &TestDatabase, keys: &str) -> Vec<String> {
    let mut secrets: Vec<String> = keys
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(_, key)| key.to_owned())
        .collect();
    let accounts = server.accounts();
    for account in accounts.as_array().expect("a list") {
        let told = ["password", "accessToken", "clientSecret"].map(|field| account[field].as_str());
        let told = told.into_iter().flatten().filter(|secret| !secret.is_empty());
        let told: Vec<String> = told.map(ToOwned::to_owned).collect();
        assert!(!told.is_empty(), "an account without a secret: {account}");
        secrets.extend(told);
    }
    let jwks = Client::new(server.url()).get("/.well-known/jwks.json").await.body;
    secrets.extend(
        jwks["keys"]
            .as_array()
            .expect("keys")
            .iter()
            .filter_map(|key| key["x"].as_str().map(ToOwned::to_owned)),
    );
    secrets.extend(column(database, "SELECT password_hash FROM account WHERE password_hash <> '!'").await);
    secrets.extend(column(database, "SELECT secret_hash FROM service_secret").await);
    secrets.extend(column(database, "SELECT private_sealed FROM signing_key").await);
    // Under another key the same number has another hash: nobody compares two deployments.
    secrets.extend(
        column(
            database,
            "SELECT DISTINCT identity_hash FROM member WHERE identity_hash IS NOT NULL",
        )
        .await,
    );
    secrets.extend(
        column(
            database,
            "SELECT identity_sealed FROM member WHERE identity_sealed IS NOT NULL",
        )
        .await,
    );
    secrets
}

both_databases!(
    two_demos_of_one_seed_and_hour_share_no_secret,
    |database: TestDatabase| async move {
        let mut all: Vec<BTreeSet<String>> = Vec::new();
        for _ in 0..2 {
            let (own, deployment) = another(&database);
            let mut demo = deployment.command(&["demo", "--listen", "127.0.0.1:0", "--seed", "7"]);
            demo.args(["--clock", "2026-11-24T02:00:00Z", "--accounts-file"]);
            demo.arg(deployment.directory().join("accounts.json"));
            let server = Server::launch_demo(demo, deployment.directory().join("accounts.json")).await;
            let keys = std::fs::read_to_string(deployment.keys()).expect("keys");
            let secrets = secrets_of(&server, &own, &keys).await;
            let distinct: BTreeSet<String> = secrets.iter().cloned().collect();
            assert_eq!(distinct.len(), secrets.len(), "no two accounts or keys share a secret");
            assert!(secrets.len() > 1_500, "only {}", secrets.len());
            let short: Vec<&String> = secrets.iter().filter(|secret| secret.len() < 12).collect();
            assert!(short.is_empty(), "{short:?}");
            // The same city nevertheless: what is no secret follows from the seed.
            let names = column(&own, "SELECT name FROM member ORDER BY id LIMIT 5").await;
            assert_eq!(names.len(), 5);
            all.push(distinct);
        }
        let shared: Vec<_> = all[0].intersection(&all[1]).collect();
        assert!(shared.is_empty(), "{shared:?}");
    }
);

both_databases!(
    two_real_cities_begin_with_secrets_of_their_own_and_none_is_built_in,
    |database: TestDatabase| async move {
        let mut passwords = Vec::new();
        let begins: Vec<&str> = INIT
            .iter()
            .filter(|argument| **argument != "--password-stdin")
            .copied()
            .collect();
        for _ in 0..2 {
            let (_own, deployment) = another(&database);
            // Without a password on standard input one is made; an empty one is refused.
            assert!(!deployment.run(INIT, "\n").status.success());
            let begun = deployment.ok(&begins, "");
            passwords.push(said(&begun, "password"));
            let city = said(&begun, "organization");
            passwords.push(said(
                &deployment.ok(&["account", "create", "keeper", "--administrator"], ""),
                "password",
            ));
            let service = [
                "account",
                "service",
                "registry",
                "--org",
                &city,
                "--scopes",
                "orgs:read",
            ];
            let program = deployment.ok(&service, "");
            passwords.push(said(&program, "client secret"));
            passwords.push(said(
                &deployment.ok(&["account", "reset", "secretary"], ""),
                "one-time token",
            ));
            let server = deployment.serve().await;
            let sign_in = "mutation($input: SignInServiceInput!) { signInService(input: $input) { accessToken } }";
            let input =
                json!({"clientId": said(&program, "client id"), "clientSecret": said(&program, "client secret")});
            let opened = Client::new(server.url()).data(sign_in, json!({"input": input})).await;
            assert!(opened["signInService"]["accessToken"].is_string(), "{opened}");
            // No name that comes with the program, and no password that anybody tries first.
            let sign_in =
                "mutation($input: SignInInput!) { signIn(input: $input) { accessToken userErrors { code } } }";
            let mut tried = 0;
            for username in [
                "admin",
                "root",
                "administrator",
                "keeper",
                "secretary",
                "demo",
                "orglife",
            ] {
                for password in ["", "admin", "password", "orglife", "demo", "123456", username] {
                    let input = json!({"input": {"username": username, "password": password}});
                    let answer = Client::new(server.url()).graphql(sign_in, input).await;
                    assert_eq!(
                        answer["data"]["signIn"]["accessToken"],
                        Value::Null,
                        "{username} {password}"
                    );
                    if answer["errors"][0]["extensions"]["code"] == "RATE_LIMITED" {
                        break;
                    }
                    let said = &answer["data"]["signIn"]["userErrors"][0]["code"];
                    assert!(said == "CREDENTIALS_INVALID" || said == "REQUIRED", "{answer}");
                    tried += u32::from(said == "CREDENTIALS_INVALID");
                }
            }
            assert!(tried >= 7, "only {tried} passwords were tried");
            assert!(server.terminate(Duration::from_secs(25)).await.success());
        }
        let distinct: BTreeSet<&String> = passwords.iter().collect();
        assert_eq!(distinct.len(), passwords.len(), "{passwords:?}");
        assert!(passwords.iter().all(|secret| secret.len() >= 12), "{passwords:?}");
    }
);

both_databases!(
    nothing_starts_without_keys_of_its_own,
    |database: TestDatabase| async move {
        let (_own, deployment) = another(&database);
        deployment.begin();
        let mine = std::fs::read(deployment.keys()).expect("keys");
        let listen = ["serve", "--listen", "127.0.0.1:0"];
        // Empty, no key at all, a key of zeros that is too short, and the keys of somebody else.
        let strange = Deployment::new_keys();
        for keys in [&b""[..], b"\n\n", b"key:", b"k1:AAAA", &strange] {
            std::fs::write(deployment.keys(), keys).expect("written");
            let refused = deployment.run(&listen, "");
            assert!(
                !refused.status.success(),
                "it started with {:?}",
                String::from_utf8_lossy(keys)
            );
            let said = String::from_utf8_lossy(&refused.stderr).into_owned();
            let strange = String::from_utf8_lossy(&strange).into_owned();
            let secret = strange
                .trim()
                .split_once(':')
                .map(|(_, key)| key.to_owned())
                .expect("a key");
            assert!(!said.contains(&secret), "{said}");
        }
        std::fs::remove_file(deployment.keys()).expect("removed");
        let refused = deployment.run(&listen, "");
        // An embedded database makes keys where there are none, and they do not open what was sealed with others.
        assert!(!refused.status.success(), "it started without keys");
        std::fs::write(deployment.keys(), mine).expect("written");
        let server = deployment.serve().await;
        assert!(server.terminate(Duration::from_secs(25)).await.success());
    }
);
