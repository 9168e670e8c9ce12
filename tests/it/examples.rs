//! Every operation under examples/ runs against the demo city, unchanged, in a constant number of SQL statements.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tests::{Client, Kind, Server, both_databases};

use super::example_variables::{CLOCK, Case, MUTATIONS, QUERIES, Sought};

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every example by `folder/Name`.
pub fn examples() -> BTreeMap<String, String> {
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

/// The line of a case in the budget file: the example and the first who runs it.
fn key(case: &Case) -> String {
    format!("{} {}", case.name, case.users[0])
}

/// Behind the line of a write: PostgreSQL locks rows where SQLite has one writer.
fn on(kind: Kind) -> String {
    format!(" on {kind:?}")
}

/// What the budget file says: statements by example and who runs it.
fn budgets() -> BTreeMap<String, u64> {
    let line = |line: String| {
        let (name, number) = line.rsplit_once(' ').expect("a name and a number");
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

/// What is wrong with an answer.
fn fault(answer: &Value, pointer: &str) -> Option<String> {
    let found = answer["data"].pointer(pointer);
    let says = pointer.is_empty() || found.is_some_and(says_something);
    if answer.get("errors").is_none() && no_user_errors(&answer["data"]) && says {
        return None;
    }
    Some(format!("nothing at {pointer}, or errors: {:.1500}", answer.to_string()))
}

pub fn client(server: &Server, user: &str) -> Client {
    if user == "nobody" {
        Client::new(server.url())
    } else {
        server.client(user)
    }
}

/// The cases, each with its text.
fn with_texts(cases: &'static [Case]) -> Vec<(&'static Case, String)> {
    let examples = examples();
    let texts = cases.iter().map(|case| {
        let text = examples.get(case.name).cloned();
        (case, text.unwrap_or_else(|| panic!("no example {}", case.name)))
    });
    texts.collect()
}

/// Prints what was measured, and with `UPDATE_GOLDEN=1` writes it down; else nothing may take more or less than is written.
fn keep_or_compare(part: &[Case], measured: &BTreeMap<String, u64>, kind: Kind) -> Vec<String> {
    let lines = |all: &BTreeMap<String, u64>| {
        let lines = all.iter().map(|(name, number)| format!("{name} {number}\n"));
        lines.collect::<String>()
    };
    let mut budgets = budgets();
    let wrong = measured
        .iter()
        .filter(|(name, number)| budgets.get(*name) != Some(number));
    let wrong =
        wrong.map(|(name, number)| format!("{name} took {number} statements; written is {:?}", budgets.get(name)));
    let wrong: Vec<String> = wrong.collect();
    shown(kind, measured);
    if !update() {
        return wrong;
    }
    let known: Vec<&str> = part.iter().map(|case| case.name).collect();
    let others = |line: &str| {
        [Kind::Sqlite, Kind::Postgres]
            .iter()
            .any(|other| *other != kind && line.ends_with(&on(*other)))
    };
    budgets.retain(|line, _| !known.contains(&line.split(' ').next().unwrap_or_default()) || others(line));
    budgets.extend(measured.iter().map(|(name, number)| (name.clone(), *number)));
    let head =
        "# SQL statements of each example by who runs it, the one of the sign-in check included, whatever the page.\n";
    let text = format!("{head}{}", lines(&budgets));
    std::fs::write(root().join("tests/golden/statements.txt"), text).expect("the golden file can be written");
    Vec::new()
}

#[expect(
    clippy::print_stdout,
    reason = "what was measured is for whoever runs the test with --nocapture"
)]
fn shown(kind: Kind, measured: &BTreeMap<String, u64>) {
    println!("{kind:?}: {measured:#?}");
}

/// What may be kept between operations (the rulebooks of the city) is read before anything is counted.
async fn warm(server: &Server) {
    server.quiet().await;
    let branch = json!({"o": server.account("branch-secretary", "organizationId")});
    let query = "query($o: ID!) { organization(id: $o) { rulebook { key }
        obligations(first: 5) { nodes { rule { key } basis { clause } } } } }";
    server.client("branch-secretary").data(query, branch).await;
}

/// Points that one operation may cost (docs/errors.md).
const MOST_POINTS: u64 = 13_500;

/// What an operation of the documents costs stays at a third of what one may: front ends grow.
fn too_dear(name: &str, answer: &Value) -> Option<String> {
    let points = answer["extensions"]["cost"]["requested"].as_u64().unwrap_or(u64::MAX);
    (points.saturating_mul(3) > MOST_POINTS).then(|| format!("{name} costs {points} of {MOST_POINTS} points"))
}

both_databases!(
    every_query_of_the_documents_runs_in_a_constant_number_of_statements,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_at(&database, CLOCK).await;
        warm(&server).await;
        let (mut sought, mut measured, mut wrong) = (Sought::default(), BTreeMap::new(), Vec::new());
        for (case, text) in with_texts(QUERIES) {
            let mut counts = Vec::new();
            for user in case.users {
                let variables = sought.variables(&server, user, case.name).await;
                for page in ["first: 5", "first: 50"] {
                    let text = text.replace("first: 50", page).replace("first: 100", page);
                    let (answer, statements) = counted(&server, &client(&server, user), &text, &variables).await;
                    wrong.extend(fault(&answer, case.pointer).map(|fault| format!("{} as {user}: {fault}", case.name)));
                    wrong.extend(too_dear(case.name, &answer));
                    counts.push(statements);
                }
            }
            // Where the page is all of the list, its length is known without counting: one statement less.
            let spared = u64::from(text.contains("totalCount"));
            let most = counts.iter().copied().max().unwrap_or_default();
            if counts.iter().any(|count| *count != most && *count + spared != most) {
                wrong.push(format!("{}: statements follow page or place: {counts:?}", case.name));
            }
            measured.insert(key(case), most);
        }
        wrong.extend(keep_or_compare(QUERIES, &measured, database.kind));
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
);

both_databases!(
    every_mutation_of_the_documents_runs_in_a_known_number_of_statements,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_at(&database, CLOCK).await;
        warm(&server).await;
        let (mut sought, mut measured) = (Sought::default(), BTreeMap::new());
        for (case, text) in with_texts(MUTATIONS) {
            let user = case.users[0];
            let variables = sought.variables(&server, user, case.name).await;
            let (answer, statements) = counted(&server, &client(&server, user), &text, &variables).await;
            let fault = fault(&answer, case.pointer);
            assert!(fault.is_none(), "{} as {user}: {fault:?}", case.name);
            sought.remember(case.name, &answer["data"]);
            measured.insert(key(case) + &on(database.kind), statements);
        }
        let wrong = keep_or_compare(MUTATIONS, &measured, database.kind);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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
            let code = &answer["errors"][0]["extensions"]["code"];
            let fits = answer["data"].is_object() || code == "BAD_USER_INPUT";
            assert!(fits || to_come.contains(&name), "{name}: {answer}");
        }
    }
);
