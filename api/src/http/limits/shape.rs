//! The measure of an operation with its fragments expanded, each fragment once.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Name, Value, Variables};

use super::Limits;
use crate::http::code::{Code, Refusal};

/// Size of a selection set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// Selections, fragments expanded.
    pub selections: usize,
    /// Levels of selections.
    pub depth: usize,
    /// Fields that may be answered: what stands under a list counts once for each row asked for.
    pub cost: u64,
}

/// Page sizes above this are refused by the schema, so they are not multiplied further.
const PAGE: u64 = 100;

/// Measures operations of one document with one set of variables.
pub struct Measure<'a> {
    document: &'a ExecutableDocument,
    /// `None` where a fragment is measured that no operation spreads.
    operation: Option<&'a OperationDefinition>,
    variables: Option<&'a Variables>,
    limits: &'a Limits,
    /// `None` while a fragment is being measured.
    fragments: HashMap<&'a str, Option<Size>>,
}

impl<'a> Measure<'a> {
    pub fn new(
        document: &'a ExecutableDocument,
        operation: &'a OperationDefinition,
        variables: &'a Variables,
        limits: &'a Limits,
    ) -> Self {
        Self {
            document,
            operation: Some(operation),
            variables: Some(variables),
            limits,
            fragments: HashMap::new(),
        }
    }

    /// The operation's size, or why it is refused.
    pub fn operation(&mut self) -> Result<Size, Refusal> {
        match self.operation {
            Some(operation) => self.set(&operation.selection_set.node),
            None => Ok(Size::default()),
        }
    }

    /// Measures every fragment of a document: the engine validates also those that nothing spreads.
    pub fn all_fragments(document: &'a ExecutableDocument, limits: &'a Limits) -> Result<(), Refusal> {
        let mut measure = Self {
            document,
            operation: None,
            variables: None,
            limits,
            fragments: HashMap::new(),
        };
        document
            .fragments
            .keys()
            .try_for_each(|name| measure.fragment(name).map(|_| ()))
    }

    fn set(&mut self, set: &'a SelectionSet) -> Result<Size, Refusal> {
        let mut size = Size::default();
        for selection in &set.items {
            let inner = self.selection(&selection.node)?;
            size.selections = size.selections.saturating_add(inner.selections);
            size.depth = size.depth.max(inner.depth);
            size.cost = size.cost.saturating_add(inner.cost);
        }
        if size.selections > self.limits.selections {
            return Err(Refusal::above(
                Code::TooManySelections,
                "selections with fragments expanded",
                self.limits.selections,
            ));
        }
        if size.depth > self.limits.nesting {
            return Err(Refusal::above(
                Code::NestingTooDeep,
                "selections in each other",
                self.limits.nesting,
            ));
        }
        Ok(size)
    }

    fn selection(&mut self, selection: &'a Selection) -> Result<Size, Refusal> {
        let inner = match selection {
            Selection::Field(field) => return self.field(&field.node),
            Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node)?,
            Selection::InlineFragment(inline) => self.set(&inline.node.selection_set.node)?,
        };
        Ok(Size {
            selections: inner.selections.saturating_add(1),
            depth: inner.depth.saturating_add(1),
            ..inner
        })
    }

    fn field(&mut self, field: &'a Field) -> Result<Size, Refusal> {
        let inner = self.set(&field.selection_set.node)?;
        let own = u64::from(field.name.node != "__typename");
        Ok(Size {
            selections: inner.selections.saturating_add(1),
            depth: inner.depth.saturating_add(1),
            cost: inner.cost.saturating_mul(self.rows(field)).saturating_add(own),
        })
    }

    /// Each fragment is measured once. A fragment that is not there counts nothing; validation says so.
    fn fragment(&mut self, name: &'a Name) -> Result<Size, Refusal> {
        match self.fragments.get(name.as_str()) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => return Err(Refusal::new(Code::FragmentCycle, "a fragment spreads itself")),
            None => {}
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            return Ok(Size::default());
        };
        self.fragments.insert(name, None);
        let size = self.set(&fragment.node.selection_set.node)?;
        self.fragments.insert(name, Some(size));
        Ok(size)
    }

    /// Rows that the field may answer, by `first`, `last` or the length of `ids`.
    fn rows(&self, field: &Field) -> u64 {
        let page = ["first", "last"]
            .into_iter()
            .filter_map(|name| self.argument(field, name))
            .find_map(|value| match value {
                Value::Number(number) => number.as_u64(),
                _ => None,
            });
        let ids = || match self.argument(field, "ids") {
            Some(Value::List(ids)) => u64::try_from(ids.len()).ok(),
            _ => None,
        };
        page.or_else(ids).unwrap_or(1).clamp(1, PAGE)
    }

    fn argument(&self, field: &Field, name: &str) -> Option<Value> {
        field
            .get_argument(name)?
            .node
            .clone()
            .into_const_with(|variable| self.variable(&variable).ok_or(()))
            .ok()
    }

    fn variable(&self, name: &Name) -> Option<Value> {
        self.variables
            .and_then(|variables| variables.get(name).cloned())
            .or_else(|| {
                let definition = self
                    .operation?
                    .variable_definitions
                    .iter()
                    .find(|definition| definition.node.name.node == *name)?;
                definition.node.default_value().cloned()
            })
    }
}
