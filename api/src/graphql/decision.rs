//! A collective decision that something rests on, as it is read back.

use async_graphql::{ComplexObject, Context, SimpleObject};
use chrono::NaiveDate;

use super::activity::object::{Activity, ActivityById};
use super::date::Date;
use super::loaders;

/// A collective decision as it was recorded.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct RecordedDecision {
    /// The day of the decision.
    pub decided_on: Date,
    /// Number of the document 文号 that says so.
    pub document_number: String,
    #[graphql(skip)]
    meeting_id: Option<String>,
}

#[ComplexObject]
impl RecordedDecision {
    /// The meeting that decided, where it is recorded here and the reader may see it.
    async fn meeting(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Activity>> {
        match self.meeting_id.clone() {
            Some(id) => Ok(loaders::load(ctx.data()?, ActivityById(id)).await?.map(Activity::from)),
            None => Ok(None),
        }
    }
}

impl RecordedDecision {
    pub fn new(decided_on: NaiveDate, document_number: String, meeting_id: Option<String>) -> Self {
        Self {
            decided_on: decided_on.into(),
            document_number,
            meeting_id,
        }
    }

    /// From what is kept with the object that rests on it.
    pub fn kept(json: Option<&serde_json::Value>) -> Option<Self> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Kept {
            decided_on: NaiveDate,
            document_number: String,
            meeting_id: Option<String>,
        }
        let kept: Kept = serde_json::from_value(json?.clone()).ok()?;
        Some(Self::new(kept.decided_on, kept.document_number, kept.meeting_id))
    }
}
