//! Variables that an operation cannot do without (GraphQL specification, "Coercing Variable Values").

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{ErrorExtensions as _, Request, ServerError, Variables};

use super::order::chosen;

/// What is said where the chosen operation lacks a variable that must not be null; `None` where it may run. Which one it
/// is stands in the error's place, not in its text.
#[must_use]
pub fn lacking(request: &mut Request) -> Option<ServerError> {
    let name = request.operation_name.clone();
    let variables = std::mem::take(&mut request.variables);
    let lacking = request
        .parsed_query()
        .ok()
        .and_then(|document| first_lacking(document, name.as_deref(), &variables));
    request.variables = variables;
    lacking
}

fn first_lacking(document: &ExecutableDocument, name: Option<&str>, variables: &Variables) -> Option<ServerError> {
    let definitions = &chosen(document, name)?.variable_definitions;
    let lacks = definitions.iter().find(|definition| {
        let definition = &definition.node;
        let given = variables
            .get(&definition.name.node)
            .or(definition.default_value.as_ref().map(|value| &value.node));
        !definition.var_type.node.nullable && given.is_none_or(|value| *value == async_graphql::Value::Null)
    })?;
    let error = async_graphql::Error::new("a variable that must not be null is missing")
        .extend_with(|_, extensions| extensions.set("code", "BAD_USER_INPUT"));
    Some(error.into_server_error(lacks.pos))
}

/// Lets the document be judged while nothing of it can run: no operation has this name.
pub fn withhold(request: &mut Request) {
    request.operation_name = Some(String::new());
}

/// Whether a withheld document fits the schema: nothing but its operation is missing.
#[must_use]
pub fn fits(errors: &[ServerError]) -> bool {
    errors
        .iter()
        .all(|error| error.message.starts_with("Unknown operation named"))
}
