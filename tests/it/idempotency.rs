//! A repeat is answered as the first time, for every mutation of the documents.

use serde_json::{Value, json};
use tests::{Server, both_databases};

use crate::example_variables::{CLOCK, MUTATIONS, Sought};
use crate::examples::examples;

/// The same operation, asking for position and repeat besides.
fn watched(text: &str) -> String {
    text.replacen("(input: $input) {", "(input: $input) { replayed cursor", 1)
}

/// Every id in an answer, in order.
fn ids(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                match name.as_str() {
                    "id" => found.push(value.clone()),
                    _ => ids(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| ids(item, found)),
        _ => {}
    }
}

both_databases!(
    every_mutation_answers_a_repeat_as_the_first_time_and_another_use_of_its_key_not_at_all,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_at(&database, CLOCK).await;
        let (mut sought, examples, mut repeated) = (Sought::default(), examples(), 0);
        for case in MUTATIONS {
            let user = case.users[0];
            let client = crate::examples::client(&server, user);
            let variables = sought.variables(&server, user, case.name).await;
            let text = &examples[case.name];
            let key = variables["input"]["idempotencyKey"].clone();
            if key.is_null() {
                let answer = client.graphql(text, variables).await;
                sought.remember(case.name, &answer["data"]);
                continue;
            }
            let text = watched(text);
            let first = client.data(&text, variables.clone()).await;
            let again = client.data(&text, variables).await;
            let field = |answer: &Value| answer.as_object().and_then(|data| data.values().next().cloned());
            let (one, two) = (field(&first).expect("a payload"), field(&again).expect("a payload"));
            assert_eq!(
                (&one["replayed"], &two["replayed"]),
                (&json!(false), &json!(true)),
                "{}: {two:#}",
                case.name
            );
            assert!(one["cursor"].is_string(), "{}: {one:#}", case.name);
            let (mut before, mut after) = (Vec::new(), Vec::new());
            ids(&one, &mut before);
            ids(&two, &mut after);
            assert_eq!(before, after, "{}: the same ids", case.name);
            // The same place of the log, although each cursor is sealed anew.
            let delta = "query($after: LogCursor!) { changes(after: $after, first: 1) { cursor hasMore changes { entityId } } }";
            let behind = |cursor: &Value| client.graphql(delta, json!({"after": cursor}));
            let (here, there) = (behind(&one["cursor"]).await, behind(&two["cursor"]).await);
            assert_eq!(
                here["data"]["changes"]["changes"], there["data"]["changes"]["changes"],
                "{}",
                case.name
            );
            // The key is used up for whatever else it is sent with.
            let other = "mutation($input: AcknowledgeInboxItemsInput!) { acknowledgeInboxItems(input: $input) {
                cursor userErrors { code path } } }";
            let input = json!({"input": {"itemIds": [format!("inb_{}", "0".repeat(26))], "idempotencyKey": key}});
            let refused = client.data(other, input).await["acknowledgeInboxItems"].clone();
            assert_eq!(
                refused,
                json!({"cursor": null, "userErrors": [{"code": "IDEMPOTENCY_MISMATCH", "path": ["input", "idempotencyKey"]}]}),
                "{}",
                case.name
            );
            sought.remember(case.name, &first);
            repeated += 1;
        }
        assert!(repeated > 20, "only {repeated} mutations were repeated");
    }
);

both_databases!(
    a_refused_write_leaves_its_key_free,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let client = server.client("village-secretary");
        let rename = "mutation($input: SetLanguageInput!) { setLanguage(input: $input) {
            account { language version } replayed userErrors { code } } }";
        let own = client.data("{ viewer { account { version } } }", json!({})).await;
        let version = own["viewer"]["account"]["version"].clone();
        let input = |language: &str| json!({"input": {"language": language, "expectedVersion": version, "idempotencyKey": "free-key"}});
        let refused = client.data(rename, input("fr")).await["setLanguage"].clone();
        assert_eq!(refused["userErrors"], json!([{"code": "INVALID"}]), "{refused}");
        let done = client.data(rename, input("zh-CN")).await["setLanguage"].clone();
        assert_eq!(
            (&done["userErrors"], &done["replayed"]),
            (&json!([]), &json!(false)),
            "{done}"
        );
    }
);
