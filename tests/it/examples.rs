//! Every operation under examples/ runs against the demo city, unchanged, in a constant number of SQL statements.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tests::{Client, Kind, Server, both_databases};

use super::example_variables::{MUTATIONS, QUERIES, Sought};

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every example by `folder/Name`.
fn examples() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for folder in ["account", "mobile", "secretary", "dashboard", "integrator"] {
        let files = std::fs::read_dir(root().join("examples").join(folder)).expect("a folder of examples");
        for file in files {
            let path = file.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "graphql") {
                let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
                let text = std::fs::read_to_string(&path).expect("an example can be read");
                found.insert(format!("{folder}/{name}"), text);
            }
        }
    }
    found
}

/// The lines of a golden file, without comments.
fn golden(name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join("tests/golden").join(name)).expect("a golden file");
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

/// What the budget file says: statements by example.
fn budgets() -> BTreeMap<String, u64> {
    let line = |line: String| {
        let (name, number) = line.split_once(' ').expect("a name and a number");
        (name.to_owned(), number.trim().parse().expect("a number"))
    };
    golden("statements.txt").into_iter().map(line).collect()
}

fn update() -> bool {
    std::env::vars().any(|(name, value)| name == "UPDATE_GOLDEN" && value == "1")
}

/// Sends an operation and counts its statements, those of the sign-in check included.
async fn counted(server: &Server, client: &Client, text: &str, variables: &Value) -> (Value, u64) {
    let before = server.statements().await;
    let answer = client.graphql(text, variables.clone()).await;
    (answer, server.statements().await - before)
}

/// Whether somewhere in the data there is a leaf that says something.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Object(map) => map
            .iter()
            .any(|(key, value)| key != "__typename" && says_something(value)),
        Value::Array(items) => items.iter().any(says_something),
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
    }
}

fn no_user_errors(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.iter().all(|(key, value)| {
            (key != "userErrors" || value.as_array().is_some_and(Vec::is_empty)) && no_user_errors(value)
        }),
        Value::Array(items) => items.iter().all(no_user_errors),
        _ => true,
    }
}

fn check(name: &str, answer: &Value, pointer: &str) {
    assert!(answer.get("errors").is_none(), "{name}: {answer:#}");
    assert!(no_user_errors(&answer["data"]), "{name}: {answer:#}");
    let found = answer["data"].pointer(pointer);
    assert!(
        found.is_some_and(says_something),
        "{name} says nothing at {pointer}: {answer:#}"
    );
}

both_databases!(
    every_query_of_the_documents_runs_in_a_constant_number_of_statements,
    |database: tests::TestDatabase| async move {
        let kind = database.kind;
        let server = Server::demo_on(&database).await;
        server.quiet().await;
        let (examples, to_come, budgets) = (examples(), golden("operations-to-come.txt"), budgets());
        let mut sought = Sought::default();
        let mut measured = BTreeMap::new();
        for case in QUERIES
            .iter()
            .filter(|case| !to_come.iter().any(|name| name == case.name))
        {
            let text = examples
                .get(case.name)
                .unwrap_or_else(|| panic!("no example {}", case.name));
            let mut counts = Vec::new();
            for user in case.users {
                let client = if *user == "nobody" {
                    Client::new(server.url())
                } else {
                    server.client(user)
                };
                let variables = sought.variables(&server, user, case.name).await;
                for page in ["first: 5", "first: 50"] {
                    let text = text.replace("first: 50", page).replace("first: 100", page);
                    let (answer, statements) = counted(&server, &client, &text, &variables).await;
                    check(case.name, &answer, case.pointer);
                    counts.push(statements);
                }
            }
            assert!(
                counts.iter().all(|count| *count == counts[0]),
                "{}: statements follow page or place: {counts:?}",
                case.name
            );
            measured.insert(case.name.to_owned(), counts[0]);
        }
        if update() && kind == Kind::Sqlite {
            let mut text =
                "# SQL statements of each example, the two of the sign-in check included. May only shrink.\n"
                    .to_owned();
            for (name, number) in &measured {
                text.push_str(&format!("{name} {number}\n"));
            }
            std::fs::write(root().join("tests/golden/statements.txt"), text).expect("the golden file can be written");
            return;
        }
        for (name, number) in measured {
            let budget = budgets.get(&name).copied();
            assert!(
                budget.is_some_and(|budget| number <= budget),
                "{name} took {number} statements, the budget is {budget:?}"
            );
        }
    }
);

both_databases!(
    every_mutation_of_the_documents_runs,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let (examples, to_come) = (examples(), golden("operations-to-come.txt"));
        let mut sought = Sought::default();
        for case in MUTATIONS
            .iter()
            .filter(|case| !to_come.iter().any(|name| name == case.name))
        {
            let text = examples
                .get(case.name)
                .unwrap_or_else(|| panic!("no example {}", case.name));
            let user = case.users[0];
            let client = if user == "nobody" {
                Client::new(server.url())
            } else {
                server.client(user)
            };
            let variables = sought.variables(&server, user, case.name).await;
            let answer = client.graphql(text, variables).await;
            check(case.name, &answer, case.pointer);
            sought.remember(case.name, &answer["data"]);
        }
    }
);

#[test]
fn every_operation_of_the_documents_is_an_example_with_a_case() {
    let to_come = golden("operations-to-come.txt");
    let examples = examples();
    let due = golden("operations.txt");
    for name in &due {
        assert!(examples.contains_key(name), "no example {name}");
        let case = QUERIES.iter().chain(MUTATIONS).any(|case| case.name == name);
        assert!(case || to_come.contains(name), "{name} runs in no test");
    }
    assert!(
        examples.keys().all(|name| due.contains(name)),
        "examples that operations.txt does not list"
    );
    assert!(
        to_come.iter().all(|name| due.contains(name)),
        "names in operations-to-come.txt that are none"
    );
}

both_databases!(
    every_example_fits_the_schema,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let client = server.client("member");
        let to_come = golden("operations-to-come.txt");
        for (name, text) in examples() {
            // Variables are checked after the document: without them a document that fits is refused for theirs only.
            let answer = client.graphql(&text, json!({})).await;
            let code = answer["errors"][0]["extensions"]["code"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            let fits = code != "GRAPHQL_VALIDATION_FAILED" && code != "GRAPHQL_PARSE_FAILED";
            assert!(fits || to_come.contains(&name), "{name}: {answer}");
        }
    }
);
