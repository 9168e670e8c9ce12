//! The fields of an answer in the order in which they were asked for (GraphQL specification, "Serialized Map Ordering").
//! The engine runs fields side by side and writes them down as they finish, so that the order would follow the speed of
//! the database: two equal answers would differ byte for byte.

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{
    ExecutableDocument, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Value};
use std::collections::HashMap;

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// The keys of one selection in order, fragments spread out and fields of one key merged.
pub struct Order {
    keys: IndexMap<Name, Order>,
}

/// The operation of that name, or the first; `None` where the document has none of that name.
pub(super) fn chosen<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Option<&'a OperationDefinition> {
    let mut named = document.operations.iter();
    let (_, definition) = match name {
        Some(wanted) => named.find(|(name, _)| name.is_some_and(|name| name.as_str() == wanted))?,
        None => named.next()?,
    };
    Some(&definition.node)
}

impl Order {
    /// The order of an operation; `None` where the document has no operation of that name.
    #[must_use]
    pub fn of(document: &ExecutableDocument, operation: Option<&str>) -> Option<Self> {
        let definition = chosen(document, operation)?;
        let mut order = Self { keys: IndexMap::new() };
        order.add(&definition.selection_set.node, &document.fragments);
        Some(order)
    }

    fn add(&mut self, set: &SelectionSet, fragments: &Fragments) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let key = field.node.response_key().node.clone();
                    let empty = || Self { keys: IndexMap::new() };
                    let below = self.keys.entry(key).or_insert_with(empty);
                    below.add(&field.node.selection_set.node, fragments);
                }
                Selection::InlineFragment(inline) => self.add(&inline.node.selection_set.node, fragments),
                // Cycles have been refused before anything runs.
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = fragments.get(&spread.node.fragment_name.node) {
                        self.add(&fragment.node.selection_set.node, fragments);
                    }
                }
            }
        }
    }

    /// Puts a value into this order. Leaves, JSON among them, stay as they are.
    #[must_use]
    pub fn apply(&self, value: Value) -> Value {
        match value {
            Value::Object(mut map) if !self.keys.is_empty() => {
                let mut ordered = IndexMap::with_capacity(map.len());
                for (key, below) in &self.keys {
                    if let Some((key, value)) = map.swap_remove_entry(key) {
                        ordered.insert(key, below.apply(value));
                    }
                }
                ordered.extend(map);
                Value::Object(ordered)
            }
            Value::List(items) if !self.keys.is_empty() => {
                Value::List(items.into_iter().map(|item| self.apply(item)).collect())
            }
            leaf => leaf,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_follows_the_question_through_fragments_aliases_and_lists() {
        let question =
            "query A { z } query B { b ...F a: x { d c } ... on T { e b } } fragment F on T { f a: x { g } }";
        let document = async_graphql::parser::parse_query(question).unwrap();
        let answer = r#"{"e":1,"a":[{"g":1,"c":{"k":1,"j":2},"d":3},{"c":1,"d":2,"g":3}],"f":4,"b":5}"#;
        let value: Value = serde_json::from_str(answer).unwrap();
        let ordered = Order::of(&document, Some("B")).unwrap().apply(value);
        assert_eq!(
            serde_json::to_string(&ordered).unwrap(),
            r#"{"b":5,"f":4,"a":[{"g":1,"d":3,"c":{"k":1,"j":2}},{"g":3,"d":2,"c":1}],"e":1}"#
        );
        assert!(Order::of(&document, Some("C")).is_none());
    }
}
