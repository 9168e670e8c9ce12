//! One's own account speaks the language that its bearer sets.

use serde_json::{Value, json};
use tests::{Client, Server, both_databases};

const SET: &str = "mutation($input: SetLanguageInput!) { setLanguage(input: $input) {
    account { id version language } userErrors { code message path } cursor replayed } }";

async fn set(client: &Client, language: &str, version: &Value, key: &str) -> Value {
    let input = json!({"language": language, "expectedVersion": version, "idempotencyKey": key});
    client.data(SET, json!({"input": input})).await["setLanguage"].clone()
}

both_databases!(
    messages_come_in_the_language_that_the_account_was_set_to,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        for user in ["activist", "city-discipline", "administrator"] {
            let client = server.client(user);
            let own = client
                .data("{ viewer { account { id version language } } }", json!({}))
                .await["viewer"]["account"]
                .clone();
            assert_eq!(own["language"], "zh-CN");
            let done = set(&client, "en", &own["version"], &format!("s1-{user}")).await;
            assert_eq!(done["userErrors"], json!([]), "{user}: {done}");
            assert_eq!(
                (&done["account"]["id"], &done["account"]["language"]),
                (&own["id"], &json!("en"))
            );
            assert_eq!(
                set(&client, "en", &own["version"], &format!("s1-{user}")).await["replayed"],
                true
            );
            let stale = set(&client, "zh-CN", &own["version"], "s2").await;
            assert_eq!(
                (&stale["userErrors"][0]["code"], &stale["account"]["version"]),
                (&json!("CONFLICT"), &done["account"]["version"])
            );
            let message = stale["userErrors"][0]["message"]
                .as_str()
                .expect("a message")
                .to_owned();
            assert!(message.is_ascii(), "{message}");
            let header = client.with_header("accept-language", "zh-CN");
            let asked = set(&header, "xx", &done["account"]["version"], "s3").await;
            let error = &asked["userErrors"][0];
            assert_eq!(error["code"], "INVALID", "{asked}");
            assert!(
                !error["message"].as_str().expect("a message").is_ascii(),
                "a header goes first: {error}"
            );
            let back = set(&client, "zh-CN", &done["account"]["version"], &format!("s4-{user}")).await;
            assert_eq!(back["account"]["language"], "zh-CN");
        }
    }
);
