//! Where a value stands that does not fit its type: the engine says so in a text, at the field or at the argument, and often
//! without a path. The answer says the path to the value, like a refusal of ours.

use std::convert::Infallible;

use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql::{Pos, ServerError, Value, Variables};

/// How the engine begins where a literal or variable is not of its type, the path to it behind that.
pub const INVALID_ARGUMENT: &str = "Invalid value for argument \"";
/// How it begins where a scalar could not be read, its name behind that.
pub const FAILED_TO_PARSE: &str = "Failed to parse \"";

/// What was asked.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    pub document: &'a ExecutableDocument,
    pub variables: &'a Variables,
}

/// Where a value that does not fit stands.
#[derive(Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Argument or variable first, then down to the value, positions in lists from 0.
    pub path: Vec<String>,
    /// Of the argument's value in the document, where it is found there.
    pub location: Option<Pos>,
}

/// Where the value stands that an error of the engine is about; `None` where it says nothing of a value.
pub fn misfit(error: &ServerError, asked: Asked<'_>) -> Option<Misfit> {
    if let Some(rest) = error.message.strip_prefix(INVALID_ARGUMENT) {
        let (path, _) = rest.split_once('"')?;
        return Some(Misfit {
            path: path.split('.').map(ToOwned::to_owned).collect(),
            location: None,
        });
    }
    let at = *error.locations.first()?;
    let fragments = asked.document.fragments.values().map(|one| &one.node.selection_set);
    let operations = asked.document.operations.iter().map(|(_, one)| &one.node.selection_set);
    let field = operations.chain(fragments).find_map(|set| field_at(&set.node, at))?;
    let scalar = error
        .message
        .strip_prefix(FAILED_TO_PARSE)
        .and_then(|rest| rest.split('"').next());
    // At the argument where the field ran; at the field where its price was reckoned before.
    let argument = match field.arguments.iter().position(|(_, value)| value.pos == at) {
        Some(argument) => argument,
        None if scalar == Some(INT) => (0..field.arguments.len()).find(|argument| {
            constant(field, *argument, asked.variables).is_some_and(|value| oversized(&value).is_some())
        })?,
        None => return None,
    };
    in_argument(field, argument, scalar, asked.variables)
}

const INT: &str = "Int";

/// The field that begins there, or has an argument whose value does.
fn field_at(set: &SelectionSet, at: Pos) -> Option<&Field> {
    set.items.iter().find_map(|selection| match &selection.node {
        Selection::Field(field) => {
            let begins = field.pos == at || field.node.arguments.iter().any(|(_, value)| value.pos == at);
            if begins {
                return Some(&field.node);
            }
            field_at(&field.node.selection_set.node, at)
        }
        Selection::InlineFragment(inline) => field_at(&inline.node.selection_set.node, at),
        Selection::FragmentSpread(_) => None,
    })
}

fn in_argument(field: &Field, argument: usize, scalar: Option<&str>, variables: &Variables) -> Option<Misfit> {
    let (name, value) = field.arguments.get(argument)?;
    let written = value.node.to_string();
    let mut path = match scalar {
        Some(INT) => oversized(&constant(field, argument, variables)?).unwrap_or_default(),
        _ => Vec::new(),
    };
    path.push(written.strip_prefix('$').unwrap_or(name.node.as_str()).to_owned());
    path.reverse();
    Some(Misfit {
        path,
        location: Some(value.pos),
    })
}

/// The value of an argument with its variables filled in; what is missing is null.
fn constant(field: &Field, argument: usize, variables: &Variables) -> Option<Value> {
    let (_, value) = field.arguments.get(argument)?;
    let filled = |name| Ok::<_, Infallible>(variables.get(&name).cloned().unwrap_or_default());
    let Ok(constant) = value.node.clone().into_const_with(filled);
    Some(constant)
}

/// The way to the first number that no `Int` holds, the innermost step first.
fn oversized(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Number(number) => {
            let fits = number.as_i64().is_some_and(|number| i32::try_from(number).is_ok());
            (!fits).then(Vec::new)
        }
        Value::List(items) => items
            .iter()
            .enumerate()
            .find_map(|(at, item)| step(oversized(item), at)),
        Value::Object(members) => members.iter().find_map(|(name, member)| step(oversized(member), name)),
        Value::Null | Value::String(_) | Value::Boolean(_) | Value::Enum(_) | Value::Binary(_) => None,
    }
}

fn step(inner: Option<Vec<String>>, name: impl ToString) -> Option<Vec<String>> {
    inner.map(|mut path| {
        path.push(name.to_string());
        path
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(query: &str, message: &str, (line, column): (usize, usize)) -> Option<(Vec<String>, Option<Pos>)> {
        let document = async_graphql::parser::parse_query(query).unwrap();
        let variables = Variables::from_json(serde_json::json!({"n": 99_999_999_999_i64, "day": "9999999-01-01"}));
        let error = ServerError::new(message, Some(Pos { line, column }));
        let asked = Asked {
            document: &document,
            variables: &variables,
        };
        misfit(&error, asked).map(|misfit| (misfit.path, misfit.location))
    }

    fn at(path: &[&str], location: Option<usize>) -> Option<(Vec<String>, Option<Pos>)> {
        let location = location.map(|column| Pos { line: 1, column });
        Some((path.iter().map(ToString::to_string).collect(), location))
    }

    #[test]
    fn the_value_that_does_not_fit_is_found_from_what_the_engine_says() {
        const INT: &str = "Failed to parse \"Int\": Only integers from 0 to 1 are accepted.";
        const DATE: &str = "Failed to parse \"Date\": dates are from 1900 to 2999";
        // At the argument, when the field runs.
        assert_eq!(found("{ a(y: 99999999999) { b } }", INT, (1, 8)), at(&["y"], Some(8)));
        assert_eq!(
            found("{ a(i: {l: [1, 99999999999]}) }", INT, (1, 8)),
            at(&["i", "l", "1"], Some(8))
        );
        assert_eq!(
            found("query($day: Date) { a(on: $day) }", DATE, (1, 27)),
            at(&["day"], Some(27))
        );
        assert_eq!(
            found("{ ...F } fragment F on Q { a(on: \"x\") }", DATE, (1, 34)),
            at(&["on"], Some(34))
        );
        // At the field, before anything runs: the argument is told from the others by its size.
        assert_eq!(
            found("query($n: Int) { a(m: 1, first: $n) { b } }", INT, (1, 18)),
            at(&["n"], Some(33))
        );
        // The engine says the path itself.
        let told = "Invalid value for argument \"input.rows.0.count\", expected type \"Int\"";
        assert_eq!(found("{ a }", told, (1, 3)), at(&["input", "rows", "0", "count"], None));
        // What speaks of no value, or of none that is there.
        assert_eq!(found("{ a }", "Unknown field", (1, 3)), None);
        assert_eq!(found("{ a(b: 1) }", DATE, (7, 7)), None);
    }
}
