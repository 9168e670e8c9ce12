//! No text of a request holds control characters: PostgreSQL takes no NUL, and nothing that people type holds the others.
//! Line breaks and tabs are text.

use std::convert::Infallible;

use async_graphql::parser::types::{Directive, ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql::{Pos, Positioned, Value, Variables};

use crate::http::code::{Code, Refusal};

/// Refuses variables with control characters, with the path to the first.
pub fn check_variables(variables: &Variables) -> Result<(), Refusal> {
    for (name, value) in variables.iter() {
        if let Some(mut path) = in_value(value) {
            path.push(name.to_string());
            return Err(refusal(path, None));
        }
    }
    Ok(())
}

/// Refuses a document with control characters in its values: arguments, arguments of directives, default values.
pub fn check_document(document: &ExecutableDocument) -> Result<(), Refusal> {
    for (_, operation) in document.operations.iter() {
        for definition in &operation.node.variable_definitions {
            let default = definition.node.default_value.as_ref();
            if let Some(mut path) = default.and_then(|default| in_value(&default.node)) {
                path.push(definition.node.name.node.to_string());
                return Err(refusal(path, Some(definition.pos)));
            }
        }
        check_directives(&operation.node.directives)?;
        check_set(&operation.node.selection_set.node)?;
    }
    for fragment in document.fragments.values() {
        check_directives(&fragment.node.directives)?;
        check_set(&fragment.node.selection_set.node)?;
    }
    Ok(())
}

fn check_set(set: &SelectionSet) -> Result<(), Refusal> {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => check_field(&field.node)?,
            Selection::InlineFragment(inline) => {
                check_directives(&inline.node.directives)?;
                check_set(&inline.node.selection_set.node)?;
            }
            Selection::FragmentSpread(spread) => check_directives(&spread.node.directives)?,
        }
    }
    Ok(())
}

/// Checks the arguments of a field or of a directive; the variables among them are looked at by themselves.
macro_rules! check_arguments {
    ($arguments:expr) => {
        for (name, value) in &$arguments {
            let constant = value.node.clone().into_const_with(|_| Ok::<_, Infallible>(Value::Null));
            let Ok(constant) = constant;
            if let Some(mut path) = in_value(&constant) {
                path.push(name.node.to_string());
                return Err(refusal(path, Some(value.pos)));
            }
        }
    };
}

fn check_field(field: &Field) -> Result<(), Refusal> {
    check_arguments!(field.arguments);
    check_directives(&field.directives)?;
    check_set(&field.selection_set.node)
}

fn check_directives(directives: &[Positioned<Directive>]) -> Result<(), Refusal> {
    for directive in directives {
        check_arguments!(directive.node.arguments);
    }
    Ok(())
}

/// Path to the first text with control characters, the innermost step first.
fn in_value(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => is_refused(text).then(Vec::new),
        Value::List(items) => items.iter().enumerate().find_map(|(at, item)| step(in_value(item), at)),
        Value::Object(members) => members.iter().find_map(|(name, member)| step(in_value(member), name)),
        Value::Null | Value::Number(_) | Value::Boolean(_) | Value::Enum(_) | Value::Binary(_) => None,
    }
}

fn step(inner: Option<Vec<String>>, name: impl ToString) -> Option<Vec<String>> {
    inner.map(|mut path| {
        path.push(name.to_string());
        path
    })
}

fn is_refused(text: &str) -> bool {
    text.chars()
        .any(|character| character.is_control() && !matches!(character, '\n' | '\r' | '\t'))
}

fn refusal(mut path: Vec<String>, place: Option<Pos>) -> Refusal {
    path.reverse();
    Refusal {
        locations: place.into_iter().collect(),
        path,
        ..Refusal::new(Code::BadUserInput, "a text holds a control character")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_found_wherever_they_stand() {
        let document = |text: &str| {
            let parsed = async_graphql::parser::parse_query(text).unwrap();
            check_document(&parsed).err().map(|refusal| refusal.path)
        };
        let path = |steps: &[&str]| Some(steps.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(document(r#"{ a(b: "x\u0000") }"#), path(&["b"]));
        assert_eq!(
            document(r#"{ ...F } fragment F on Q { a { b(c: {d: ["x", "\u001b"]}) } }"#),
            path(&["c", "d", "1"])
        );
        assert_eq!(document(r#"query($v: String = "\u0007") { a }"#), path(&["v"]));
        assert_eq!(document(r#"{ a @include(if: "\u0085") }"#), path(&["if"]));
        assert_eq!(document(r#"{ a(b: "one\n\ttwo\r\n") }"#), None);

        let variables = |json| {
            check_variables(&Variables::from_json(json))
                .err()
                .map(|refusal| refusal.path)
        };
        let hidden = serde_json::json!({"input": {"agenda": [{"title": "a"}, {"title": "b\u{0}"}]}});
        assert_eq!(variables(hidden), path(&["input", "agenda", "1", "title"]));
        assert_eq!(variables(serde_json::json!({"input": {"text": "一\n二\t"}})), None);
    }
}
