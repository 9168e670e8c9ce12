//! Every operation under examples/ runs against the demo city, unchanged, in a constant number of SQL statements.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tests::{Client, Kind, Server, both_databases};

use super::example_variables::{Case, MUTATIONS, QUERIES, Sought};

/// Statements by which a page of 50 may exceed one of 5: kinds of things that the few happen not to have. One statement a
/// row would be 45 more.
const SLACK: u64 = 8;

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

/// Sends an operation three times and counts the statements of the thriftiest, those of the sign-in check included: fields
/// that ask at the same moment share a batch, and chance may part them.
async fn counted(server: &Server, client: &Client, text: &str, variables: &Value) -> (Value, u64) {
    let (mut answer, mut least) = (Value::Null, u64::MAX);
    for _ in 0..3 {
        let before = server.statements().await;
        answer = client.graphql(text, variables.clone()).await;
        least = least.min(server.statements().await - before);
    }
    (answer, least)
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

/// What is wrong with an answer.
fn fault(answer: &Value, pointer: &str) -> Option<String> {
    let found = answer["data"].pointer(pointer);
    let says = pointer.is_empty() || found.is_some_and(says_something);
    if answer.get("errors").is_none() && no_user_errors(&answer["data"]) && says {
        return None;
    }
    Some(format!("nothing at {pointer}, or errors: {:.1500}", answer.to_string()))
}

fn client(server: &Server, user: &str) -> Client {
    if user == "nobody" {
        Client::new(server.url())
    } else {
        server.client(user)
    }
}

/// The cases of operations that are served, each with its text.
fn served(cases: &'static [Case]) -> Vec<(&'static Case, String)> {
    let (mut examples, to_come) = (examples(), golden("operations-to-come.txt"));
    let served = cases
        .iter()
        .filter(|case| !to_come.iter().any(|name| name == case.name));
    served
        .map(|case| {
            let text = examples.remove(case.name);
            (case, text.unwrap_or_else(|| panic!("no example {}", case.name)))
        })
        .collect()
}

fn keep_budgets(measured: &BTreeMap<&str, u64>) {
    let mut text =
        "# Most SQL statements of each example, the two of the sign-in check included, whatever the page. May only shrink.\n".to_owned();
    for (name, number) in measured {
        text.push_str(&format!("{name} {number}\n"));
    }
    std::fs::write(root().join("tests/golden/statements.txt"), text).expect("the golden file can be written");
}

both_databases!(
    every_query_of_the_documents_runs_in_a_constant_number_of_statements,
    |database: tests::TestDatabase| async move {
        let kind = database.kind;
        let server = Server::demo_on(&database).await;
        server.quiet().await;
        let (mut sought, mut measured, mut wrong) = (Sought::default(), BTreeMap::new(), Vec::new());
        for (case, text) in served(QUERIES) {
            let mut counts = Vec::new();
            for user in case.users {
                let variables = sought.variables(&server, user, case.name).await;
                for page in ["first: 5", "first: 50"] {
                    let text = text.replace("first: 50", page).replace("first: 100", page);
                    let (answer, statements) = counted(&server, &client(&server, user), &text, &variables).await;
                    wrong.extend(fault(&answer, case.pointer).map(|fault| format!("{} as {user}: {fault}", case.name)));
                    counts.push(statements);
                }
            }
            let (least, most) = (counts.iter().min(), counts.iter().max());
            if most.zip(least).is_some_and(|(most, least)| most - least > SLACK) {
                wrong.push(format!("{}: statements follow page or place: {counts:?}", case.name));
            }
            measured.insert(case.name, counts.into_iter().max().unwrap_or_default());
        }
        if update() && kind == Kind::Sqlite {
            keep_budgets(&measured);
        }
        let budgets = budgets();
        for (name, number) in measured {
            if budgets.get(name).is_none_or(|budget| number > *budget) {
                wrong.push(format!(
                    "{name} took {number} statements, the budget is {:?}",
                    budgets.get(name)
                ));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
);

both_databases!(
    every_mutation_of_the_documents_runs,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let mut sought = Sought::default();
        for (case, text) in served(MUTATIONS) {
            let user = case.users[0];
            let variables = sought.variables(&server, user, case.name).await;
            let answer = client(&server, user).graphql(&text, variables).await;
            let fault = fault(&answer, case.pointer);
            assert!(fault.is_none(), "{} as {user}: {fault:?}", case.name);
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
