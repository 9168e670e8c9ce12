//! What a viewer asks: the example operations with variables of their own and of the hidden branch, look-ups of every
//! hidden id, and every mutation of the schema aimed at what is hidden.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};
use tests::Client;

/// Ids in the hidden branch, the same in both worlds.
pub type Ids = BTreeMap<&'static str, String>;

/// A name for the report, the document, its variables.
pub type Operation = (String, String, Value);

/// Mutations that name nothing of an org: of one's own session, and whole texts.
const OF_ONESELF: [&str; 7] = [
    "signIn",
    "signInService",
    "refresh",
    "signOut",
    "setPassword",
    "changePassword",
    "loadRulebook",
];

pub fn corpus(own: &str, hidden: &Ids, acts: &[Operation]) -> Vec<Operation> {
    let mut corpus = examples(own, hidden);
    let ids: Vec<&String> = hidden.values().filter(|id| *id != "none").collect();
    let everything = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Member { name version } ... on Organization { name } } }";
    let all = (
        "every hidden id".to_owned(),
        everything.to_owned(),
        json!({ "ids": ids }),
    );
    corpus.push(all);
    corpus.extend(acts.iter().cloned());
    corpus
}

fn examples(own: &str, hidden: &Ids) -> Vec<Operation> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut found = Vec::new();
    for folder in std::fs::read_dir(&examples).expect("examples are there").flatten() {
        for file in std::fs::read_dir(folder.path()).into_iter().flatten().flatten() {
            let text = std::fs::read_to_string(file.path()).unwrap_or_default();
            if file.path().extension().is_none_or(|end| end != "graphql") || !text.contains("query ") {
                continue;
            }
            let name = file.file_name().to_string_lossy().into_owned();
            for org in [own, hidden["organization"].as_str()] {
                found.push((format!("{name} {org}"), text.clone(), variables(&text, org, hidden)));
            }
        }
    }
    found
}

/// Values for the variables that an example declares, by their names.
fn variables(text: &str, org: &str, hidden: &Ids) -> Value {
    let mut all = json!({
        "organization": org, "year": 2026, "on": null, "after": null, "key": null, "from": "2026-01-01", "to": "2027-01-01",
        "date": "2026-06-01", "period": {"kind": "YEAR"}, "within": {"subtreeOf": org}, "first": 50, "statuses": null, "rules": null,
        "ids": hidden.values().collect::<Vec<_>>(), "system": "personnel", "value": "1", "id": hidden["activity"],
    });
    let variables = all.as_object_mut().expect("an object");
    variables.retain(|name, _| text.contains(&format!("${name}:")));
    all
}

const INTROSPECTION: &str = "{ __schema { mutationType { fields { name
        args { type { name ofType { name } } } type { name ofType { name } } } }
    types { name kind fields { name } enumValues { name }
        inputFields { name type { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }";

/// Every mutation of the schema with an input whose ids are those of hidden things.
pub async fn acts(client: &Client, hidden: &Ids) -> Vec<Operation> {
    let schema = client.data(INTROSPECTION, json!({})).await["__schema"].take();
    let types = types(&schema);
    let mutations = schema["mutationType"]["fields"].as_array().expect("mutations");
    let aimed = mutations
        .iter()
        .filter(|field| !OF_ONESELF.contains(&text(&field["name"])));
    aimed.map(|field| act(field, &types, hidden)).collect()
}

/// The types of the schema by name.
type Types<'s> = BTreeMap<&'s str, &'s Value>;

fn types(schema: &Value) -> Types<'_> {
    let all = schema["types"].as_array().expect("types");
    all.iter().map(|one| (text(&one["name"]), one)).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The name of a type that may be non-null.
fn named(of: &Value) -> &str {
    of["name"].as_str().unwrap_or_else(|| text(&of["ofType"]["name"]))
}

fn act(field: &Value, types: &Types<'_>, hidden: &Ids) -> Operation {
    let name = text(&field["name"]);
    let input = named(&field["args"][0]["type"]);
    let payload = types[named(&field["type"])]["fields"].as_array().expect("fields");
    let has = |wanted: &str| payload.iter().any(|field| field["name"] == wanted);
    let results = if has("results") {
        "results { userErrors { code message path params } }"
    } else {
        ""
    };
    let cursor = if has("cursor") { "cursor" } else { "" };
    let document = format!(
        "mutation($i: {input}!) {{ {name}(input: $i) {{ userErrors {{ code message path params basis {{ clause }} }} {results} {cursor} }} }}"
    );
    let given = object(input, name, types, hidden);
    (name.to_owned(), document, json!({ "i": given }))
}

/// An input with what it must have, and every id that it may have. Of a choice the first.
fn object(input: &str, mutation: &str, types: &Types<'_>, hidden: &Ids) -> Value {
    let fields = types[input]["inputFields"].as_array().expect("fields");
    let required = |field: &&Value| field["type"]["kind"] == "NON_NULL";
    let names_something =
        |field: &&Value| field["type"]["name"] == "ID" || field["type"]["ofType"]["ofType"]["name"] == "ID";
    let choice = !fields.iter().any(|field| required(&field));
    let wanted = fields
        .iter()
        .filter(|field| required(field) || names_something(field))
        .take(if choice { 1 } else { usize::MAX });
    let value = |field: &Value| {
        let name = text(&field["name"]);
        (name.to_owned(), of_type(&field["type"], name, mutation, types, hidden))
    };
    Value::Object(wanted.map(value).collect::<Map<_, _>>())
}

fn of_type(of: &Value, name: &str, mutation: &str, types: &Types<'_>, hidden: &Ids) -> Value {
    let inner = &of["ofType"];
    match (text(&of["kind"]), text(&of["name"])) {
        ("NON_NULL", _) => of_type(inner, name, mutation, types, hidden),
        ("LIST", _) => json!([of_type(inner, name, mutation, types, hidden)]),
        ("INPUT_OBJECT", input) => object(input, mutation, types, hidden),
        ("ENUM", kind) => types[kind]["enumValues"][0]["name"].clone(),
        (_, "ID") => json!(aimed_at(name, mutation, hidden)),
        (_, "Int") => json!(1),
        (_, "Boolean") => json!(true),
        (_, "Date") => json!("2026-11-20"),
        (_, "DateTime") => json!("2026-12-01T02:00:00Z"),
        _ if name == "idempotencyKey" => json!(format!("twin-{mutation}")),
        _ => json!("试"),
    }
}

/// The hidden thing that a field of this name is about.
///
/// # Panics
/// Where nothing is known of such a field: an id that is never aimed at something hidden proves nothing.
fn aimed_at<'i>(field: &str, mutation: &str, hidden: &'i Ids) -> &'i str {
    let noun = match field {
        "id" if mutation.ends_with("Organization") || mutation.ends_with("OrganizationFacts") => "organization",
        // Of an upsert's rows the first choice is the member's id.
        "id" if mutation == "upsertMembers" => "member",
        "organizationId" | "parentId" | "branchId" | "groupId" | "toId" | "fromId" | "hostBranchId"
        | "organizations" | "guidedBy" | "portfolio" | "exactly" => "organization",
        "invited" | "invitedAbsent" => "applicant",
        "memberId" | "chairId" | "recorderId" | "ownerId" | "talkedById" => "member",
        "meetingId" | "besides" => "activity",
        "itemIds" => "inbox",
        "alertIds" | "alertId" => "alert",
        "identityChangeId" => "identityChange",
        // No program is the branch's own, so it has no webhook, no job and no file: an id of another kind is aimed at them.
        "webhookId" | "fileId" => "account",
        other => other
            .strip_suffix("Ids")
            .or_else(|| other.strip_suffix("Id"))
            .unwrap_or(other),
    };
    hidden
        .get(noun)
        .unwrap_or_else(|| panic!("{mutation}: what is {field} of the hidden branch?"))
}
