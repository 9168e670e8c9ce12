use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};
use chrono::{DateTime, Utc};
use domain::obligation::SuggestedAction;
use domain::period::Period;
use domain::policy::Target;
use domain::vocabulary::{Modality, ObligationStatus};

use super::evidence::{Evidence, MissingItem, NotOwed};
use super::mutation::Deviation;
use super::permission::{ObligationPermission, ObligationRequest as Ask};
use crate::graphql::activity::object::{PlaceOf, by};
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::error::Basis;
use crate::graphql::loaders::{self, OrganizationById};
use crate::graphql::organization::figures::{PeriodObject, Rule};
use crate::graphql::organization::object::Organization;
use crate::graphql::rulebook::query::library;
use crate::ops::obligation::evidence::{self, Evidence as Kept};
use crate::ops::obligation::reading::{
    Deviation as DeviationRow, Obligation as Row, ObligationRevision as RevisionRow,
};
use crate::ops::rulebook::ground;
use crate::{connection, loader};

/// The next sensible step for the obligor.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "SuggestedAction")]
pub enum ObligationAction {
    /// Hold it.
    Hold,
    /// File the minutes.
    FileMinutes,
    /// Hold a make-up.
    HoldMakeUp,
    /// Hold a make-up, or ask the superior to accept a reason.
    AskDeviation,
    /// Only a note is left.
    AddNote,
}

pub struct Obligation(pub Arc<Row>);

connection!(ObligationConnection, ObligationEdge, Obligation);

loader!(
    /// Obligation by id, as the reader may see it.
    ObligationById => Arc<Row>, |reading, ids| {
        let rows = reading.obligations(&ids).await?;
        Ok(rows.into_iter().map(|row| (row.id.clone(), Arc::new(row))).collect())
    }
);

loader!(
    /// What was asked instead of an obligation, in the order asked.
    DeviationsFrom => Vec<Arc<DeviationRow>>, |reading, ids| {
        let rows = reading.deviations_from(&ids).await?.into_iter().map(Arc::new).collect();
        Ok(by(rows, |row: &Arc<DeviationRow>| row.obligation_id.clone()))
    }
);

loader!(
    /// The revisions of a closed obligation.
    RevisionsOf => Vec<RevisionRow>, |reading, ids| {
        let mut map: std::collections::HashMap<String, Vec<RevisionRow>> = std::collections::HashMap::new();
        for row in reading.obligation_revisions(&ids).await? {
            map.entry(row.obligation_id.clone()).or_default().push(row);
        }
        Ok(map)
    }
);

/// How a closed obligation stood at one time.
pub struct Revision(RevisionRow);

/// How a closed obligation stood: with the rulebook and the place in the tree that the close froze.
#[Object(name = "ObligationRevision")]
impl Revision {
    /// From 1.
    async fn number(&self) -> i64 {
        self.0.revision
    }
    /// How it stands.
    async fn status(&self) -> Option<ObligationStatus> {
        self.0.status.parse().ok()
    }
    /// How many activities counted.
    async fn count(&self) -> i64 {
        Kept::read(&self.0.evidence).count
    }
    /// Key and version of the rulebook, as `key@version`.
    async fn rulebook(&self) -> &str {
        &self.0.rulebook_id
    }
    /// From the root down to the org, as it stood at the close.
    async fn path(&self) -> Vec<ID> {
        domain::place::ids_on(&self.0.path)
            .map(|id| ID(id.to_owned()))
            .collect()
    }
    /// When it happened.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }
}

/// The period of a row.
pub(super) fn period_of(row: &Row) -> Option<Period> {
    row.period.parse().ok()
}

/// The rule of a row, as the rulebook of its period has it.
pub(super) async fn rule_of(ctx: &Context<'_>, row: &Row) -> async_graphql::Result<Option<Rule>> {
    let language = ctx.operation()?.language;
    let library = library(ctx).await?;
    Ok(library
        .entry_of(&row.rulebook_id, &row.rule_key, row.period_end)
        .map(|(_, entry)| Rule {
            key: entry.key.clone(),
            label: entry.label.text(language).to_owned(),
            modality: entry.modality,
        }))
}

/// The clause behind a row.
pub(super) async fn basis_of(ctx: &Context<'_>, row: &Row) -> async_graphql::Result<Option<Basis>> {
    let language = ctx.operation()?.language;
    let library = library(ctx).await?;
    let found = library.entry_of(&row.rulebook_id, &row.rule_key, row.period_end);
    Ok(found.map(|(book, entry)| ground(book, entry, language).into()))
}

impl Obligation {
    fn status_code(&self) -> Option<ObligationStatus> {
        self.0.status.parse().ok()
    }
}

/// What an org owes in one period by one rule, and how it stands.
#[Object]
impl Obligation {
    /// Opaque and stable for ever.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }
    /// Raised with every change; bring it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
    /// The org that owes it.
    async fn organization(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let found = loaders::load(ctx.data()?, OrganizationById(self.0.organization_id.clone())).await?;
        Ok(found.map(Organization))
    }
    /// For whom it is owed: the org itself, or one below it for which it owes something (G1.3g, G3.3). Null where the reader may
    /// not see that one.
    async fn subject(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let found = loaders::load(ctx.data()?, OrganizationById(self.0.subject_id.clone())).await?;
        Ok(found.map(Organization))
    }
    /// The rule behind it.
    async fn rule(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Rule>> {
        rule_of(ctx, &self.0).await
    }
    /// The period that it is about.
    async fn period(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<PeriodObject>> {
        let language = ctx.operation()?.language;
        Ok(period_of(&self.0).map(|period| PeriodObject::of(&period, language)))
    }
    /// How it stands.
    async fn status(&self) -> Option<ObligationStatus> {
        self.status_code()
    }
    /// The status in the reader's language.
    async fn status_label(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<&'static str>> {
        let language = ctx.operation()?.language;
        Ok(self.status_code().map(|status| status.label(language)))
    }
    /// Last day on which holding it is in time.
    async fn due_on(&self) -> Date {
        Date(self.0.due_on)
    }
    /// The next sensible step.
    async fn suggested_action(&self) -> Option<ObligationAction> {
        Kept::read(&self.0.evidence)
            .suggested_action
            .map(ObligationAction::from)
    }
    /// The suggested action in the reader's language.
    async fn suggested_action_label(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<&'static str>> {
        let language = ctx.operation()?.language;
        Ok(Kept::read(&self.0.evidence)
            .suggested_action
            .map(|action| action.text(language)))
    }
    /// What speaks for it.
    async fn evidence(&self) -> Evidence {
        Evidence(self.0.clone())
    }
    /// Why nothing is owed; null where something is.
    async fn not_owed_reason(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<NotOwed>> {
        if self.status_code() != Some(ObligationStatus::NotOwed) {
            return Ok(None);
        }
        let language = ctx.operation()?.language;
        let reason = Kept::read(&self.0.evidence).not_owed;
        Ok(reason.map(|reason| NotOwed {
            code: reason.into(),
            text: reason.text(language),
        }))
    }
    /// What is missing for it to be met; empty where nothing is.
    async fn missing(&self) -> Vec<MissingItem> {
        let missing = evidence::missing_read(&self.0.missing);
        missing.into_iter().map(MissingItem).collect()
    }
    /// What was asked for instead (一般、原则上), the first one first: each with reason, new date and what the superior said.
    async fn deviations(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Deviation>> {
        let found = loaders::load(ctx.data()?, DeviationsFrom(self.0.id.clone())).await?;
        Ok(found.unwrap_or_default().into_iter().map(Deviation).collect())
    }
    /// The clause behind it.
    async fn basis(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Basis>> {
        basis_of(ctx, &self.0).await
    }
    /// What the reader may do about it now, with what stands against it.
    async fn viewer_can(
        &self,
        ctx: &Context<'_>,
        actions: Vec<Ask>,
    ) -> async_graphql::Result<Vec<ObligationPermission>> {
        let operation = ctx.operation()?;
        let reading = operation.reading().await?;
        let Some(place) = loaders::load(ctx.data()?, PlaceOf(self.0.organization_id.clone())).await? else {
            return Ok(Vec::new());
        };
        let target = Target::at((*place).clone());
        let normally = rule_of(ctx, &self.0)
            .await?
            .is_some_and(|rule| rule.modality == Modality::Normally);
        let against = |action: Ask| action.against(&self.0, normally);
        Ok(ObligationPermission::each(
            operation, &reading, actions, &target, against,
        ))
    }
    /// Held in time, minutes filed after the close.
    async fn recorded_late(&self) -> bool {
        self.0.recorded_late
    }
    /// The period is closed: later facts make revisions only.
    async fn closed(&self) -> bool {
        self.0.closed
    }
    /// How often the closed period was revised, from 1.
    async fn revision(&self) -> i64 {
        self.0.revision
    }
    /// How it stood at the close and after each correction since, oldest first; empty while the period is open.
    async fn revisions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Revision>> {
        let found = loaders::load(ctx.data()?, RevisionsOf(self.0.id.clone())).await?;
        Ok(found.unwrap_or_default().into_iter().map(Revision).collect())
    }
}
