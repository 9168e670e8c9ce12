//! The guard in front of every executor entry.

use std::collections::HashSet;
use std::sync::Arc;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::parser::{Error as ParseError, parse_query};
use async_graphql::{Name, Variables};

use super::shape::Measure;
use super::{ANONYMOUS_FIELDS, DocumentCache, GUESSED_FIELDS, Limits, SESSION_FIELDS, lexer, text};
use crate::http::code::{Code, Refusal};
use crate::http::executor::OperationKind;

/// A document that passed the limits which do not depend on the chosen operation.
#[derive(Debug, Clone)]
pub struct Inspected {
    pub document: Arc<ExecutableDocument>,
    /// Tokens of its text, where it did not run before without a request error.
    pub unknown: Option<usize>,
}

/// What the chosen operation will do, before it does it.
#[derive(Debug, Clone)]
pub struct Plan {
    pub kind: OperationKind,
    /// Points that the operation may cost at most.
    pub cost: u64,
    /// Those of them that do not come back, whatever it answers.
    pub charge: u64,
    /// Anybody may run it.
    pub anonymous: bool,
}

/// Checks the text, parses it (or finds it), and checks the whole document.
pub fn inspect(written: &str, limits: &Limits, cache: &DocumentCache) -> Result<Inspected, Refusal> {
    if let Some(document) = cache.find(written) {
        return Ok(Inspected {
            document,
            unknown: None,
        });
    }
    let tokens = lexer::measure(written, limits)?;
    let document = parse_query(written).map_err(|error| syntax(&error))?;
    check_document(&document, limits)?;
    text::check_document(&document)?;
    Ok(Inspected {
        document: Arc::new(document),
        unknown: Some(tokens),
    })
}

/// Chooses the operation and checks it with its variables.
pub fn plan(
    document: &ExecutableDocument,
    name: Option<&str>,
    variables: &Variables,
    limits: &Limits,
) -> Result<Plan, Refusal> {
    let operation = choose(&document.operations, name)?;
    let size = Measure::new(document, operation, variables, limits).operation()?;
    if size.cost > limits.cost {
        let message = format!(
            "the operation may cost {} points: at most {}; ask for smaller pages",
            size.cost, limits.cost
        );
        return Err(Refusal::new(Code::QueryTooExpensive, message));
    }
    let mut roots = Vec::new();
    collect_roots(document, &operation.selection_set.node, &mut HashSet::new(), &mut roots);
    if roots.len() > limits.root_fields {
        return Err(Refusal::above(
            Code::TooManyRootFields,
            "root fields of an operation",
            limits.root_fields,
        ));
    }
    if roots.iter().filter(|field| SESSION_FIELDS.contains(field)).count() > limits.session_fields {
        return Err(Refusal::above(
            Code::TooManySessionFields,
            "signIn and refresh in one request",
            limits.session_fields,
        ));
    }
    let kind = match operation.ty {
        OperationType::Query => OperationKind::Query,
        OperationType::Mutation => OperationKind::Mutation,
        OperationType::Subscription => OperationKind::Subscription,
    };
    if kind == OperationKind::Subscription && roots.len() != 1 {
        let message = "a subscription has one root field; open another operation on the same socket";
        return Err(Refusal::new(Code::ValidationFailed, message));
    }
    let anonymous = kind != OperationKind::Subscription && roots.iter().all(|field| ANONYMOUS_FIELDS.contains(field));
    let guesses = roots.iter().filter(|field| GUESSED_FIELDS.contains(field));
    let charge: u64 = guesses.map(|_| limits.guess_cost).sum();
    Ok(Plan {
        kind,
        cost: size.cost.max(1).saturating_add(charge),
        charge,
        anonymous,
    })
}

/// What is true of the document whichever operation runs. Every operation is measured, also those that will not run:
/// the engine validates them all.
fn check_document(document: &ExecutableDocument, limits: &Limits) -> Result<(), Refusal> {
    if document.operations.iter().count() > limits.operations {
        return Err(Refusal::above(
            Code::TooManyOperations,
            "operations of a document",
            limits.operations,
        ));
    }
    if document.fragments.len() > limits.fragments {
        return Err(Refusal::above(
            Code::TooManyFragments,
            "fragments of a document",
            limits.fragments,
        ));
    }
    let sets = document
        .fragments
        .values()
        .map(|fragment| &fragment.node.selection_set.node);
    let operations = document.operations.iter().map(|(_, operation)| &operation.node);
    let aliases: usize = sets
        .chain(operations.clone().map(|operation| &operation.selection_set.node))
        .map(aliases)
        .sum();
    if aliases > limits.aliases {
        return Err(Refusal::above(
            Code::TooManyAliases,
            "aliases of a document",
            limits.aliases,
        ));
    }
    let mut selections = 0_usize;
    for operation in operations {
        selections += Measure::new(document, operation, &Variables::default(), limits)
            .operation()?
            .selections;
    }
    if selections > limits.selections {
        return Err(Refusal::above(
            Code::TooManySelections,
            "selections of a document, fragments expanded",
            limits.selections,
        ));
    }
    Measure::all_fragments(document, limits)
}

fn choose<'a>(operations: &'a DocumentOperations, name: Option<&str>) -> Result<&'a OperationDefinition, Refusal> {
    let missing = |message: &str| Refusal::new(Code::OperationNotFound, message);
    match (operations, name) {
        (DocumentOperations::Single(operation), None) => Ok(&operation.node),
        (DocumentOperations::Single(_), Some(_)) => Err(missing("the document's only operation has no name")),
        (DocumentOperations::Multiple(named), Some(name)) => named
            .get(name)
            .map(|operation| &operation.node)
            .ok_or_else(|| missing("operationName names no operation of the document")),
        (DocumentOperations::Multiple(named), None) => match named.len() {
            1 => named
                .values()
                .next()
                .map(|operation| &operation.node)
                .ok_or_else(|| missing("no operation")),
            _ => Err(missing(
                "the document has several operations and no operationName chooses one",
            )),
        },
    }
}

/// Names of the root fields, fragments expanded, in the order written.
fn collect_roots<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
    seen: &mut HashSet<&'a Name>,
    roots: &mut Vec<&'a str>,
) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => roots.push(field.node.name.node.as_str()),
            Selection::InlineFragment(inline) => collect_roots(document, &inline.node.selection_set.node, seen, roots),
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                if let (true, Some(fragment)) = (seen.insert(name), document.fragments.get(name)) {
                    collect_roots(document, &fragment.node.selection_set.node, seen, roots);
                }
            }
        }
    }
}

/// Aliases as written, fragments not expanded.
fn aliases(set: &SelectionSet) -> usize {
    set.items
        .iter()
        .map(|selection| match &selection.node {
            Selection::Field(field) => {
                usize::from(field.node.alias.is_some()) + aliases(&field.node.selection_set.node)
            }
            Selection::InlineFragment(inline) => aliases(&inline.node.selection_set.node),
            Selection::FragmentSpread(_) => 0,
        })
        .sum()
}

/// How the parser speaks of a number that is one and that nothing holds.
const NO_NUMBER: &str = "invalid number";

/// A parser's complaint without the text that it complains about.
fn syntax(error: &ParseError) -> Refusal {
    let message = match error {
        ParseError::Syntax { message, .. } if message.starts_with(NO_NUMBER) => {
            return Refusal {
                locations: error.positions().collect(),
                ..Refusal::new(Code::BadUserInput, "a number is out of range")
            };
        }
        ParseError::Syntax { message, .. } => {
            let expected = message
                .lines()
                .rev()
                .find_map(|line| line.trim().strip_prefix("= "))
                .unwrap_or("unexpected text");
            format!("syntax error: {expected}")
        }
        other => other.to_string(),
    };
    Refusal {
        locations: error.positions().collect(),
        ..Refusal::new(Code::ParseFailed, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Option<Code> {
        let limits = Limits::default();
        let inspected = match inspect(text, &limits, &DocumentCache::default()) {
            Ok(inspected) => inspected,
            Err(refusal) => return Some(refusal.code),
        };
        plan(&inspected.document, None, &Variables::default(), &limits)
            .err()
            .map(|refusal| refusal.code)
    }

    fn planned(text: &str, variables: serde_json::Value) -> Plan {
        let limits = Limits::default();
        let inspected = inspect(text, &limits, &DocumentCache::default()).unwrap();
        plan(&inspected.document, None, &Variables::from_json(variables), &limits).unwrap()
    }

    /// `levels` fragments, each spreading the next one twice.
    fn doubling(levels: usize) -> String {
        let fragments: String = (0..levels)
            .map(|n| format!("fragment F{n} on Q {{ ...F{} ...F{} }} ", n + 1, n + 1))
            .collect();
        format!("{{ ...F0 }} {fragments} fragment F{levels} on Q {{ a }}")
    }

    #[test]
    fn expansion_is_measured_without_walking_it() {
        assert_eq!(code(&doubling(8)), None);
        assert_eq!(code(&doubling(35)), Some(Code::TooManySelections));
        assert_eq!(code(&doubling(60)), Some(Code::TooManyFragments));
    }

    #[test]
    fn cycles_are_refused_also_where_nothing_spreads_them() {
        assert_eq!(
            code("{ ...A } fragment A on Q { a { ...B } } fragment B on Q { ...A }"),
            Some(Code::FragmentCycle)
        );
        assert_eq!(code("{ a } fragment A on Q { ...A }"), Some(Code::FragmentCycle));
    }

    #[test]
    fn aliases_root_fields_and_sessions_are_counted() {
        let alias = |count: usize| (0..count).map(|n| format!("a{n}: b ")).collect::<String>();
        assert_eq!(code(&format!("{{ x {{ {} }} }}", alias(30))), None);
        assert_eq!(
            code(&format!("{{ x {{ {} }} }}", alias(31))),
            Some(Code::TooManyAliases)
        );
        assert_eq!(
            code(&format!("{{ {} }}", "a ".repeat(11))),
            Some(Code::TooManyRootFields)
        );
        assert_eq!(
            code("mutation { signIn ...A } fragment A on M { refresh }"),
            Some(Code::TooManySessionFields)
        );
    }

    #[test]
    fn anonymous_operations_hold_open_fields_only() {
        assert!(planned("{ rulebook { key } __typename }", serde_json::json!({})).anonymous);
        assert!(!planned("{ rulebook { key } viewer { id } }", serde_json::json!({})).anonymous);
        assert!(
            !planned(
                "{ ...A } fragment A on Q { rulebook: viewer { id } }",
                serde_json::json!({})
            )
            .anonymous
        );
        assert!(!planned("subscription { __typename }", serde_json::json!({})).anonymous);
    }

    #[test]
    fn cost_multiplies_by_the_page_size_wherever_it_stands() {
        let none = serde_json::json!({});
        assert_eq!(planned("{ a(first: 10) { b c } }", none.clone()).cost, 21);
        assert_eq!(
            planned("query($n: Int = 5) { a(first: $n) { b } }", none.clone()).cost,
            6
        );
        assert_eq!(
            planned("query($n: Int) { a(last: $n) { b } }", serde_json::json!({"n": 7})).cost,
            8
        );
        assert_eq!(planned("{ nodes(ids: [1, 2, 3]) { id } }", none.clone()).cost, 4);
        assert_eq!(planned("{ __typename }", none).cost, 1);
    }

    #[test]
    fn a_guess_has_a_price_that_does_not_come_back() {
        let none = serde_json::json!({});
        let sign_in = planned("mutation { signIn { a } }", none.clone());
        assert_eq!((sign_in.cost, sign_in.charge), (202, 200));
        let renamed = planned("mutation { ...A } fragment A on M { a: setPassword }", none.clone());
        assert_eq!((renamed.cost, renamed.charge), (201, 200));
        assert_eq!(planned("mutation { refresh { signIn } }", none).charge, 0);
    }

    #[test]
    fn lists_in_lists_are_too_dear() {
        assert_eq!(code("{ a(first: 100) { b(first: 100) { c } } }"), None);
        assert_eq!(
            code("{ a(first: 100) { b(first: 100) { c d } } }"),
            Some(Code::QueryTooExpensive)
        );
    }

    #[test]
    fn a_syntax_error_does_not_echo_the_text() {
        let refusal = inspect("{ secretText(", &Limits::default(), &DocumentCache::default()).unwrap_err();
        assert_eq!(refusal.code, Code::ParseFailed);
        assert!(
            !refusal.message.contains("secretText") && !refusal.message.contains('\n'),
            "{}",
            refusal.message
        );
        assert_eq!(refusal.locations.len(), 1);
    }

    #[test]
    fn operation_names_choose() {
        let limits = Limits::default();
        let inspected = inspect("query A { a } mutation B { b }", &limits, &DocumentCache::default()).unwrap();
        let kind = |name| plan(&inspected.document, name, &Variables::default(), &limits).map(|plan| plan.kind);
        assert_eq!(kind(Some("B")), Ok(OperationKind::Mutation));
        assert_eq!(kind(Some("C")).unwrap_err().code, Code::OperationNotFound);
        assert_eq!(kind(None).unwrap_err().code, Code::OperationNotFound);
    }
}
