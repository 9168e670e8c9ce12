//! The values of the schema's enums in words, for front ends that show them.

use async_graphql::{Context, Object, SimpleObject};
use domain::labels::sheet;

use super::context::ContextExt as _;

/// A value of an enum, in words.
#[derive(SimpleObject)]
pub struct EnumValueLabel {
    /// As it stands in answers and inputs.
    pub value: &'static str,
    /// In the reader's language.
    pub label: &'static str,
}

/// An enum of the schema with its values in words.
#[derive(SimpleObject)]
pub struct EnumLabels {
    /// The enum's name in the schema.
    pub name: &'static str,
    /// In the order of the schema's documentation.
    pub values: Vec<EnumValueLabel>,
}

#[derive(Default)]
pub struct WordsQuery;

#[Object]
impl WordsQuery {
    /// The values of the schema's enums in the reader's language: of these enums, of all where none is named. A name that is
    /// none is left out.
    async fn enum_labels(
        &self,
        ctx: &Context<'_>,
        names: Option<Vec<String>>,
    ) -> async_graphql::Result<Vec<EnumLabels>> {
        let language = ctx.operation()?.language;
        let asked = |name: &str| names.as_ref().is_none_or(|names| names.iter().any(|one| one == name));
        let lists = sheet(language).filter(|(name, _)| asked(name));
        Ok(lists
            .map(|(name, values)| EnumLabels {
                name,
                values: values
                    .into_iter()
                    .map(|(value, label)| EnumValueLabel { value, label })
                    .collect(),
            })
            .collect())
    }
}
