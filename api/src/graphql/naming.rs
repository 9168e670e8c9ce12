//! Names of other systems in the place of ids: `external:member:hr:E-4711` stands, wherever an `ID` is taken, for the member whom
//! the system `hr` calls `E-4711`. They are looked up once, before the operation runs, so no field needs to know of them.

use std::collections::HashMap;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::registry::{MetaType, MetaTypeName, Registry};
use async_graphql::{Pos, Positioned, Request, Response, Value as ConstValue};
use async_graphql_value::Value;
use percent_encoding::percent_decode_str;

use super::error::to_error;
use super::page::refused;
use crate::ops::external_id::{Called, Identified};
use crate::ops::reading::Reading;

/// What a name begins with; no id does.
const SCHEME: &str = "external:";
/// A text in a document that begins so.
const WRITTEN: &str = "\"external:";
/// Most names in one request.
const MOST: usize = 500;

/// What names were found to stand for.
#[derive(Default)]
pub struct Naming {
    /// The id, and the text that was sent for it.
    sent: HashMap<String, String>,
    /// Whether the document itself may have held some.
    pub in_document: bool,
}

impl Naming {
    /// The text of an input as it was sent: a repeat is the same one also when a name has been given to somebody else meanwhile, or
    /// the reader no longer sees who has it.
    #[must_use]
    pub fn as_sent(&self, mut input: String) -> String {
        for (id, text) in &self.sent {
            input = input.replace(&quoted(id), &quoted(text));
        }
        input
    }
}

fn quoted(text: &str) -> String {
    ConstValue::String(text.to_owned()).to_string()
}

/// Whether a request may hold names: whoever sends none does not wait for a look at the schema.
#[must_use]
pub fn may_hold_names(request: &Request) -> bool {
    request.query.contains(WRITTEN) || request.variables.iter().any(|(_, value)| holds_name(value))
}

fn holds_name(value: &ConstValue) -> bool {
    match value {
        ConstValue::String(text) => text.starts_with(SCHEME),
        ConstValue::List(items) => items.iter().any(holds_name),
        ConstValue::Object(fields) => fields.values().any(holds_name),
        _ => false,
    }
}

/// Puts ids in the place of names, of those whom the reader sees: any other name is left as it is, an id that there is not.
///
/// # Errors
/// The answer to more names than a request may hold, or where the database is away.
pub async fn put_ids(request: &mut Request, registry: &Registry, reading: &Reading) -> Result<Naming, Box<Response>> {
    let in_document = request.query.contains(WRITTEN);
    let mut names: HashMap<String, Called> = HashMap::new();
    each_id(request, registry, &mut |text| {
        if let Some(name) = parsed(text) {
            names.insert(text.clone(), name);
        }
        None
    });
    if names.len() > MOST {
        let told = refused("A request holds at most 500 names of other systems.", "BAD_USER_INPUT");
        return Err(failed(told));
    }
    let ids = reading.called(&names).await;
    let ids = ids.map_err(|failure| failed(to_error(&failure)))?;
    each_id(request, registry, &mut |text| ids.get(text.as_str()).cloned());
    // Of two names of one object always the same one is told: a repeat is known by it.
    let mut sent: Vec<(String, String)> = ids.into_iter().map(|(text, id)| (id, text)).collect();
    sent.sort_unstable();
    Ok(Naming {
        sent: sent.into_iter().collect(),
        in_document,
    })
}

/// The answer to a request whose names could not be looked up.
#[must_use]
pub fn failed(error: async_graphql::Error) -> Box<Response> {
    Box::new(Response::from_errors(vec![error.into_server_error(Pos::default())]))
}

/// `external:<kind>:<system>:<value>`, system and value percent-encoded (RFC 3986) where they hold `:` or `%`.
fn parsed(text: &str) -> Option<Called> {
    let mut parts = text.strip_prefix(SCHEME)?.splitn(3, ':');
    let of = match parts.next()? {
        "organization" => Identified::Organization,
        "member" => Identified::Member,
        "activity" => Identified::Activity,
        _ => return None,
    };
    let mut decoded = || Some(percent_decode_str(parts.next()?).decode_utf8().ok()?.into_owned());
    Some(Called {
        of,
        system: decoded()?,
        value: decoded()?,
    })
}

/// What is to stand in the place of an id, if anything.
type Visit<'a> = &'a mut dyn FnMut(&String) -> Option<String>;

/// Goes through every value of the type `ID` that an operation holds: in its variables, their defaults, and its document.
fn each_id(request: &mut Request, registry: &Registry, visit: Visit<'_>) {
    let name = request.operation_name.clone();
    let Ok(document) = request.parsed_query() else { return };
    let mut document = document.clone();
    let walk = Walk { registry };
    if let Some(operation) = operation(&mut document, name.as_deref()) {
        for Positioned { node: definition, .. } in &mut operation.variable_definitions {
            let ty = definition.var_type.node.to_string();
            let given = request.variables.get_mut(&definition.name.node);
            let default = definition.default_value.as_mut().map(|value| &mut value.node);
            for value in given.into_iter().chain(default) {
                walk.constant(&ty, value, visit);
            }
        }
        let root = match operation.ty {
            OperationType::Query => Some(&registry.query_type),
            OperationType::Mutation => registry.mutation_type.as_ref(),
            OperationType::Subscription => registry.subscription_type.as_ref(),
        };
        if let Some(root) = root {
            walk.selection(root, &mut operation.selection_set.node, visit);
        }
    }
    for Positioned { node: fragment, .. } in document.fragments.values_mut() {
        let on = fragment.type_condition.node.on.node.clone();
        walk.selection(&on, &mut fragment.selection_set.node, visit);
    }
    request.set_parsed_query(document);
}

fn operation<'a>(document: &'a mut ExecutableDocument, name: Option<&str>) -> Option<&'a mut OperationDefinition> {
    let operation = match &mut document.operations {
        DocumentOperations::Single(operation) => operation,
        DocumentOperations::Multiple(operations) => match name {
            Some(name) => operations.get_mut(name)?,
            None => operations.values_mut().next()?,
        },
    };
    Some(&mut operation.node)
}

/// A way through values by their types.
struct Walk<'a> {
    registry: &'a Registry,
}

impl Walk<'_> {
    fn constant(&self, ty: &str, value: &mut ConstValue, visit: Visit<'_>) {
        let mut walked = std::mem::take(value).into_value();
        self.value(ty, &mut walked, visit);
        *value = walked.into_const().unwrap_or_default();
    }

    fn value(&self, ty: &str, value: &mut Value, visit: Visit<'_>) {
        match (MetaTypeName::create(ty), value) {
            (MetaTypeName::NonNull(of), value) => self.value(of, value, visit),
            (MetaTypeName::List(of), Value::List(items)) => {
                for item in items {
                    self.value(of, item, visit);
                }
            }
            // One value stands for a list of one (GraphQL specification, "Input Coercion").
            (MetaTypeName::List(of), value) => self.value(of, value, visit),
            (MetaTypeName::Named("ID"), Value::String(text)) => {
                if let Some(id) = visit(text) {
                    *text = id;
                }
            }
            (MetaTypeName::Named(name), Value::Object(given)) => {
                let Some(MetaType::InputObject { input_fields, .. }) = self.registry.types.get(name) else {
                    return;
                };
                for (name, value) in given {
                    if let Some(field) = input_fields.get(name.as_str()) {
                        self.value(&field.ty, value, visit);
                    }
                }
            }
            (MetaTypeName::Named(_), _) => {}
        }
    }

    fn selection(&self, ty: &str, set: &mut SelectionSet, visit: Visit<'_>) {
        for selection in &mut set.items {
            match &mut selection.node {
                Selection::Field(field) => self.field(ty, &mut field.node, visit),
                Selection::InlineFragment(inline) => {
                    let on = inline
                        .node
                        .type_condition
                        .as_ref()
                        .map(|on| on.node.on.node.to_string());
                    self.selection(on.as_deref().unwrap_or(ty), &mut inline.node.selection_set.node, visit);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    fn field(&self, ty: &str, field: &mut Field, visit: Visit<'_>) {
        let fields = self.registry.types.get(ty).and_then(MetaType::fields);
        let Some(known) = fields.and_then(|fields| fields.get(field.name.node.as_str())) else {
            return;
        };
        for (name, value) in &mut field.arguments {
            if let Some(argument) = known.args.get(name.node.as_str()) {
                self.value(&argument.ty, &mut value.node, visit);
            }
        }
        self.selection(
            MetaTypeName::concrete_typename(&known.ty),
            &mut field.selection_set.node,
            visit,
        );
    }
}
