//! Every operation of the schema has an authorization case: who may, and who is refused how. One line an operation in
//! [`GUARDS`]; a new operation without one fails `every_operation_has_an_authorization_case`.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{Client, Server, Ws, WsMessage, both_databases};

mod guards;
mod sight;
mod targets;

use guards::How::{Barred, Empty, Null, Past, Refused, Shown};
use guards::{GUARDS, Guard, How, LIVE, OPEN, SHOWN_TO_ALL};
use targets::targets;

fn as_told(answer: &Value, field: &str, how: &How) -> bool {
    if let Barred(expected) = how {
        return answer["errors"][0]["extensions"]["code"] == *expected;
    }
    // What is not in the answer is not null.
    let value = match answer["data"].get(field) {
        Some(value) if answer.get("errors").is_none() => value,
        _ => return false,
    };
    let code = |of: &Value| of["userErrors"][0]["code"].as_str().map(str::to_owned);
    let refusal = code(value).or_else(|| code(&value["results"][0]));
    match how {
        Shown => match (&value["nodes"], value) {
            (Value::Array(nodes), _) | (_, Value::Array(nodes)) => nodes.iter().any(|node| !node.is_null()),
            _ => !value.is_null() && refusal.is_none(),
        },
        Null => value.is_null(),
        Empty => value["nodes"] == json!([]) || *value == json!([]),
        Refused(expected) | Past(expected) => refusal.as_deref() == Some(*expected),
        Barred(_) => false,
    }
}

/// The answer to an operation, of a subscription the first message.
async fn answered(server: &Server, guard: &Guard, user: &str, document: &str, targets: &Value) -> Value {
    if guard.field.starts_with(LIVE) {
        let mut ws = Ws::of_token(server.url(), &server.account(user, "accessToken")).await;
        ws.subscribe("s", document, targets.clone()).await;
        return match ws.next().await {
            WsMessage::Next { payload, .. } => payload,
            WsMessage::Error { payload, .. } => json!({"errors": payload}),
            other => panic!("{}: {other:?}", guard.field),
        };
    }
    let client = if user == "nobody" {
        Client::new(server.url())
    } else {
        server.client(user)
    };
    client.graphql(document, targets.clone()).await
}

both_databases!(
    each_operation_answers_each_holder_as_the_policy_says,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let targets = targets(server).await;
        let mut wrong = Vec::new();
        for (number, guard) in GUARDS.iter().enumerate() {
            let field = guard.field.trim_start_matches(LIVE);
            for (user, how) in guard.cases {
                let key = format!("\"guard-{number}-{user}\"");
                let document = guard.document.replace("\"guard\"", &key);
                let answer = answered(server, guard, user, &document, targets).await;
                if !as_told(&answer, field, how) {
                    wrong.push(format!("{} ({number}) as {user}: {answer}", guard.field));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
);

both_databases!(
    nobody_gets_past_the_open_fields,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let targets = targets(server).await;
        let nobody = Client::new(server.url());
        for guard in GUARDS
            .iter()
            .filter(|guard| !OPEN.contains(&guard.field) && !guard.field.starts_with(LIVE))
        {
            let code = nobody.error_code(guard.document, targets.clone()).await;
            assert_eq!(code, "UNAUTHENTICATED", "{}", guard.field);
        }
    }
);

/// The fields of the root types in the committed schema, those of subscriptions with [`LIVE`] before them.
fn operations() -> BTreeSet<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.graphql");
    let schema = std::fs::read_to_string(path).expect("the committed schema");
    let roots = [
        ("type Query {", ""),
        ("type Mutation {", ""),
        ("type Subscription {", LIVE),
    ];
    let (mut found, mut root, mut text) = (BTreeSet::new(), None, false);
    for line in schema.lines() {
        if line.trim() == "\"\"\"" {
            text = !text;
        }
        if line == "}" {
            root = None;
        }
        if line.starts_with("type ") {
            root = roots
                .iter()
                .find(|(begins, _)| *begins == line)
                .map(|(_, before)| *before);
        }
        // A field stands one tab deep, its arguments two.
        let field = line
            .strip_prefix('\t')
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()));
        if let (Some(field), Some(before), false) = (field, root, text) {
            let name = field.split(['(', ':']).next().unwrap_or_default();
            found.insert(format!("{before}{name}"));
        }
    }
    found
}

#[test]
fn every_operation_has_an_authorization_case() {
    let operations = operations();
    assert!(operations.len() > 80, "the schema was not read: {operations:?}");
    let covered: BTreeSet<String> = GUARDS.iter().map(|guard| guard.field.to_owned()).collect();
    let bare: Vec<_> = operations.difference(&covered).collect();
    assert!(bare.is_empty(), "operations without a line in GUARDS: {bare:?}");
    let gone: Vec<_> = covered.difference(&operations).collect();
    assert!(gone.is_empty(), "guards of operations that are gone: {gone:?}");
}

#[test]
fn every_operation_but_the_open_ones_is_refused_to_somebody() {
    let open = |field: &str| OPEN.contains(&field) || SHOWN_TO_ALL.contains(&field);
    let refuses = |how: &How| !matches!(how, Shown | Past(_));
    let fields: BTreeSet<&str> = GUARDS
        .iter()
        .map(|guard| guard.field)
        .filter(|field| !open(field))
        .collect();
    for field in fields {
        let cases = || {
            GUARDS
                .iter()
                .filter(|guard| guard.field == field)
                .flat_map(|guard| guard.cases)
        };
        assert!(cases().any(|(_, how)| refuses(how)), "{field} is refused to nobody");
    }
}
