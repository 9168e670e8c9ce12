//! The limits follow from the operations of the contract: each of them keeps within a third of every limit, since front ends
//! grow. What operations cost is compared where they run (`tests/it/examples.rs`).

use async_graphql::Variables;

use super::{DocumentCache, Limits, inspect, plan};

/// The operations under examples/, each with its place.
fn operations() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples");
    let mut found = Vec::new();
    for part in ["account", "mobile", "secretary", "dashboard", "integrator", "live"] {
        for file in std::fs::read_dir(format!("{folder}/{part}")).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "graphql") {
                found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

#[test]
fn every_operation_of_the_contract_keeps_within_a_third_of_the_limits() {
    let whole = Limits::default();
    let third = Limits {
        document_bytes: whole.document_bytes / 3,
        tokens: whole.tokens / 3,
        nesting: whole.nesting / 3,
        directives: whole.directives / 3,
        operations: whole.operations / 3,
        fragments: whole.fragments / 3,
        selections: whole.selections / 3,
        aliases: whole.aliases / 3,
        root_fields: whole.root_fields / 3,
        ..whole
    };
    let operations = operations();
    assert!(operations.len() > 60, "only {} operations", operations.len());
    for (name, text) in operations {
        let inspected = inspect(&text, &third, &DocumentCache::default());
        let inspected = inspected.unwrap_or_else(|refusal| panic!("{name}: {}", refusal.message));
        let planned = plan(&inspected.document, None, &Variables::default(), &third);
        planned.unwrap_or_else(|refusal| panic!("{name}: {}", refusal.message));
    }
}
