//! What one sees and may not change is `FORBIDDEN` and names the missing right, by whatever right it is seen; what one does not
//! see answers as what does not exist (spec 3, rule 1). Both are held against every operation that names an object.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{Client, Server, both_databases};

use super::guards::{GUARDS, Guard, LIVE};
use super::targets::targets;

/// Who looks at the same objects by different rights.
const ACTORS: [&str; 15] = [
    "member",
    "group-leader",
    "branch-secretary",
    "branch-committee",
    "branch-clerk",
    "village-secretary",
    "town-secretary",
    "town-clerk",
    "county-secretary",
    "county-organization",
    "county-service",
    "activist",
    "administrator",
    "other-county-secretary",
    "city-organization",
];

/// Mutations whose id names no object that `node` finds for the reader: the register of an org is read or is not there, and
/// what is acknowledged are lines of one's own inbox.
const ELSEWHERE: [&str; 2] = ["openRegister", "acknowledgeInboxItems"];

/// Parts of an input that are looked up and are no ids of objects: a file that came in is its account's alone.
const NO_IDS: [&str; 3] = ["rulebookKey", "value", "fileId"];

/// The variables of a document that hold the id of an object.
fn ids_in(document: &str) -> Vec<&str> {
    let declared = document.split_once('(').map_or("", |(_, rest)| rest);
    let declared = declared.split_once(')').map_or("", |(declared, _)| declared);
    let ids = declared.split(',').filter_map(|one| one.trim().strip_suffix(": ID!"));
    ids.filter_map(|name| name.strip_prefix('$')).collect()
}

/// Of the targets those that a client finds by their ids.
async fn sight(client: &Client, targets: &Value) -> BTreeSet<String> {
    let ids: Vec<&Value> = targets.as_object().expect("an object").values().collect();
    let found = client
        .data("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({"ids": ids}))
        .await;
    let nodes = found["nodes"].as_array().expect("a list").iter();
    nodes
        .filter_map(|node| node["id"].as_str().map(str::to_owned))
        .collect()
}

/// The answer to a document. What the budget refuses says nothing about sight.
async fn answer(client: &Client, document: &str, variables: Value) -> Value {
    let reply = client.post(&json!({"query": document, "variables": variables})).await;
    assert_ne!(reply.status, 429, "{document} was not answered: {}", reply.text);
    reply.body
}

/// The document as somebody's own, with everything that a refusal says.
fn asked_by(guard: &Guard, number: usize, user: &str) -> String {
    let key = format!("\"sight-{number}-{user}\"");
    let told = "userErrors { code path params }";
    guard
        .document
        .replace("\"guard\"", &key)
        .replace("userErrors { code }", told)
}

/// The first refusal of an answer, of the payload or of its first row.
fn refusal<'a>(answer: &'a Value, field: &str) -> &'a Value {
    let payload = &answer["data"][field];
    match &payload["userErrors"][0] {
        Value::Null => &payload["results"][0]["userErrors"][0],
        refused => refused,
    }
}

/// The field that a refusal is about, without the place in a list.
fn field_of(refused: &Value) -> &str {
    let path = refused["path"].as_array().map_or(&[][..], Vec::as_slice);
    let mut names = path.iter().rev().filter_map(Value::as_str);
    names.find(|name| name.parse::<usize>().is_err()).unwrap_or_default()
}

both_databases!(
    g3_1a_what_one_sees_and_may_not_change_is_forbidden_by_whatever_right_one_sees_it,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let targets = targets(&server).await;
        let (mut wrong, mut forbidden) = (Vec::new(), BTreeSet::new());
        let mutations = || {
            GUARDS
                .iter()
                .enumerate()
                .filter(|(_, guard)| guard.document.starts_with("mutation("))
        };
        for user in ACTORS {
            let client = server.client(user);
            let mut seen = sight(&client, targets).await;
            for (number, guard) in mutations().filter(|(_, guard)| !ELSEWHERE.contains(&guard.field)) {
                let names = ids_in(guard.document);
                let sees = |seen: &BTreeSet<String>| {
                    let id = |name: &str| targets[name].as_str().unwrap_or_default();
                    !names.is_empty() && names.iter().all(|name| seen.contains(id(name)))
                };
                if !sees(&seen) {
                    continue;
                }
                let answer = answer(&client, &asked_by(guard, number, user), targets.clone()).await;
                let refused = refusal(&answer, guard.field);
                if refused["code"] == "FORBIDDEN" {
                    let right = refused["params"]["right"].as_str().unwrap_or_default();
                    assert!(
                        right.contains(':'),
                        "{} as {user} names no right: {answer}",
                        guard.field
                    );
                    forbidden.insert(guard.field);
                }
                if refused["code"] == "NOT_FOUND" && !NO_IDS.contains(&field_of(refused)) {
                    // Unless an act of before has taken it out of sight.
                    seen = sight(&client, targets).await;
                    if sees(&seen) {
                        wrong.push(format!("{} ({number}) as {user}: {answer}", guard.field));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(forbidden.len() > 50, "too few were refused at all: {forbidden:?}");
    }
);

/// Who sees little, each something else.
const OUTSIDERS: [&str; 5] = [
    "other-county-secretary",
    "village-secretary",
    "city-secretary",
    "activist",
    "administrator",
];

/// The same kind of id, of nothing.
fn of_nothing(id: &str) -> String {
    let (kind, rest) = id.split_once('_').unwrap_or_else(|| panic!("no id: {id}"));
    format!("{kind}_{}", "0".repeat(rest.len()))
}

/// What an answer says, without the id that was asked for and what is of each request alone.
fn said(answer: &Value, id: &str) -> String {
    let mut answer = answer.clone();
    if let Some(whole) = answer.as_object_mut() {
        whole.remove("extensions");
    }
    for error in answer["errors"].as_array_mut().into_iter().flatten() {
        if let Some(extensions) = error["extensions"].as_object_mut() {
            extensions.remove("requestId");
        }
    }
    answer.to_string().replace(id, "ID")
}

/// Who may do what with an object that they do not see: an administrator opens the account of a member whose id they were given,
/// and learns no more of them than that they are there.
const UNSEEN: [(&str, &str); 1] = [("openAccount", "administrator")];

/// Documents that find an object by its id and nothing else.
const BY_ID: [&str; 2] = [
    "query($id: ID!) { node(id: $id) { __typename id } }",
    "query($id: ID!) { nodes(ids: [$id]) { __typename id } }",
];

both_databases!(
    g3_1a_whatever_can_be_named_and_is_hidden_answers_byte_for_byte_as_what_does_not_exist,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let targets = targets(&server).await;
        let all: BTreeSet<&str> = targets
            .as_object()
            .expect("an object")
            .values()
            .filter_map(Value::as_str)
            .collect();
        let kind = |id: &str| id.split('_').next().unwrap_or_default().to_owned();
        let (mut wrong, mut read, mut written) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        for user in OUTSIDERS {
            let client = server.client(user);
            let seen = sight(&client, targets).await;
            let hidden = |id: &str| id.contains('_') && !seen.contains(id);
            for id in all.iter().filter(|id| hidden(id)) {
                for document in BY_ID {
                    let there = answer(&client, document, json!({"id": id})).await;
                    let nowhere = of_nothing(id);
                    let nothing = answer(&client, document, json!({"id": nowhere})).await;
                    if said(&there, id) != said(&nothing, &nowhere) {
                        wrong.push(format!("{document} as {user}: {there} and {nothing}"));
                    }
                    read.insert(kind(id));
                }
            }
            for (number, guard) in GUARDS
                .iter()
                .enumerate()
                .filter(|(_, guard)| !guard.field.starts_with(LIVE))
            {
                for name in ids_in(guard.document) {
                    let id = targets[name].as_str().unwrap_or_default();
                    if !hidden(id) || UNSEEN.contains(&(guard.field, user)) {
                        continue;
                    }
                    let nowhere = of_nothing(id);
                    let mut elsewhere = targets.clone();
                    elsewhere[name] = json!(nowhere);
                    let there = answer(&client, &asked_by(guard, number, user), targets.clone()).await;
                    let nothing = answer(&client, &asked_by(guard, number + GUARDS.len(), user), elsewhere).await;
                    if said(&there, id) != said(&nothing, &nowhere) {
                        wrong.push(format!("{} ({number}) as {user}: {there} and {nothing}", guard.field));
                    }
                    let into = if guard.document.starts_with("mutation") {
                        &mut written
                    } else {
                        &mut read
                    };
                    into.insert(kind(id));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        // Orgs, units and rulebooks are hidden from nobody who is signed in.
        let nouns: BTreeSet<String> = all.iter().filter(|id| id.contains('_')).map(|id| kind(id)).collect();
        let open = ["org", "unt", "rbk"].map(str::to_owned);
        let missing = |done: &BTreeSet<String>| -> Vec<String> {
            nouns
                .iter()
                .filter(|noun| !done.contains(*noun) && !open.contains(noun))
                .cloned()
                .collect()
        };
        assert_eq!(
            (missing(&read), missing(&written)),
            (Vec::new(), Vec::new()),
            "nouns that were hidden from nobody"
        );
        assert!(nouns.len() > 14, "{nouns:?}");
    }
);
