use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use domain::lifecycle::measure::{Command, DeciderPost, step};
use domain::obligation::ladder::RunStep;
use domain::policy::Action;
use domain::vocabulary::{ActivityKind, MeasureKind, MeasureState};

use crate::graphql::activity::object::{Activity, ActivityById, PlaceOf};
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::error::Basis;
use crate::graphql::loaders::{self, OrganizationById};
use crate::graphql::member::object::Member;
use crate::graphql::organization::object::Organization;

use crate::graphql::rulebook::query::library;
use crate::ops::measure::Measure as Row;
use crate::ops::measure::reading::{self, DecidingOrg, Talk as Held};
use crate::ops::rulebook::ground;
use crate::{connection, loader, permission};

/// A measure for unexcused absences: proposed quietly, decided by people (G2.5a).
pub struct Measure(pub Arc<Row>);

connection!(MeasureConnection, MeasureEdge, Measure);

loader!(
    /// Measure by id, as the reader may see it.
    MeasureById => Arc<Row>, |reading, ids| {
        let rows = reading.measures(&ids).await?;
        Ok(rows.into_iter().map(|row| (row.id.clone(), Arc::new(row))).collect())
    }
);

loader!(
    /// A branch with who heads it.
    HeadOf => DecidingOrg, |reading, ids| {
        let orgs = reading.deciding_orgs(&ids).await?;
        Ok(orgs.into_iter().map(|org| (org.id.clone(), org)).collect())
    }
);

permission! {
    /// What can be done with a measure.
    MeasureAction, MeasurePermission {
        /// Say that the measure was carried out.
        Confirm,
        /// Say why it was not.
        Dismiss,
    }
}

impl MeasureAction {
    fn act(self) -> (Action, Command) {
        match self {
            Self::Confirm => (Action::ConfirmMeasure, Command::Confirm),
            Self::Dismiss => (Action::DismissMeasure, Command::Dismiss),
        }
    }
}

/// One unexcused absence of a run. All activities of one day are one occasion; the first of them is shown.
pub struct Absence(RunStep);

impl Absence {
    async fn missed(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Activity>> {
        let Some(id) = self.0.activities.first() else {
            return Ok(None);
        };
        let found = loaders::load(ctx.data()?, ActivityById(id.clone())).await?;
        Ok(found.map(Activity::from))
    }
}

/// One unexcused absence of a run. All activities of one day are one occasion; the first of them is shown.
#[Object(name = "MeasureAbsence")]
impl Absence {
    /// The civil day.
    async fn date(&self) -> Date {
        Date(self.0.date)
    }
    /// Null where the reader may not see the activity.
    async fn starts_at(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<DateTime<Utc>>> {
        Ok(self.missed(ctx).await?.map(|activity| activity.0.starts_at))
    }
    /// Which kind it is.
    async fn kind(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<ActivityKind>> {
        Ok(self
            .missed(ctx)
            .await?
            .and_then(|activity| activity.0.kind.parse().ok()))
    }
    /// The activity; null where the reader may not see it.
    async fn activity(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Activity>> {
        self.missed(ctx).await
    }
}

/// The talk 谈话 behind a confirmed measure.
pub struct Talk(Held);

/// The talk 谈话 behind a confirmed measure.
#[Object(name = "MeasureTalk")]
impl Talk {
    /// The day.
    async fn on(&self) -> Option<Date> {
        self.0.on.map(Date)
    }
    /// Who talked with the member.
    async fn by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        match &self.0.by {
            Some(id) => Member::named(ctx, id).await,
            None => Ok(None),
        }
    }
    /// What the member said.
    async fn words(&self) -> Option<&str> {
        self.0.words.as_deref()
    }
}

/// A measure for unexcused absences: proposed quietly, decided by people (G2.5a).
#[Object]
impl Measure {
    /// Opaque and stable for ever.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }
    /// Raised with every change; bring it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
    /// Which kind it is.
    async fn kind(&self) -> Option<MeasureKind> {
        self.0.kind.parse().ok()
    }
    /// The kind in the reader's language.
    async fn kind_label(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<&'static str>> {
        let language = ctx.operation()?.language;
        Ok(self.0.kind.parse::<MeasureKind>().ok().map(|kind| kind.label(language)))
    }
    /// How it stands.
    async fn state(&self) -> Option<MeasureState> {
        self.0.state.parse().ok()
    }
    /// Whom it concerns.
    async fn member(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        Member::named(ctx, &self.0.member_id).await
    }
    /// The branch in which it arose.
    async fn branch(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let found = loaders::load(ctx.data()?, OrganizationById(self.0.branch_id.clone())).await?;
        Ok(found.map(Organization))
    }
    /// As what somebody decides it.
    async fn decider(&self) -> Option<DeciderPost> {
        self.0.decider_post.parse().ok()
    }
    /// When it was proposed.
    async fn proposed_at(&self) -> DateTime<Utc> {
        self.0.proposed_at
    }
    /// When it was decided.
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.decided_at
    }
    /// Who decided.
    async fn decided_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        match &self.0.decided_by {
            Some(id) => Member::named(ctx, id).await,
            None => Ok(None),
        }
    }
    /// The absences behind it, oldest first.
    async fn run(&self) -> Vec<Absence> {
        reading::run(&self.0).into_iter().map(Absence).collect()
    }
    /// The talk that was held.
    async fn talk(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Talk>> {
        Ok(ctx.operation()?.reading().await?.talk(&self.0).map(Talk))
    }
    /// Why it was dismissed.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
    /// The clause behind it, from the rulebook that proposed it.
    async fn basis(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Basis>> {
        let language = ctx.operation()?.language;
        let library = library(ctx).await?;
        let after = self.0.last_absence_on.succ_opt().unwrap_or(self.0.last_absence_on);
        let found = library.entry_of(&self.0.rulebook_id, &self.0.rule_key, after);
        Ok(found.map(|(book, entry)| ground(book, entry, language).into()))
    }
    /// What the reader may do with it now, with what stands against it.
    async fn viewer_can(
        &self,
        ctx: &Context<'_>,
        actions: Vec<MeasureAction>,
    ) -> async_graphql::Result<Vec<MeasurePermission>> {
        let operation = ctx.operation()?;
        let reading = operation.reading().await?;
        let Some(place) = loaders::load(ctx.data()?, PlaceOf(self.0.decider_id.clone())).await? else {
            return Ok(Vec::new());
        };
        let branch = loaders::load(ctx.data()?, HeadOf(self.0.branch_id.clone())).await?;
        let state: Option<MeasureState> = self.0.state.parse().ok();
        let may = |action: MeasureAction| {
            let (act, command) = action.act();
            let (_, refusals) = reading.may_on_measure(act, &self.0, &place, branch.as_ref());
            let against = step(state, command).err().filter(|_| state.is_some());
            let against = against.map(|refused| refused.at("measureId").or_about(act));
            MeasurePermission::of(action, &refusals, against, operation.language)
        };
        Ok(actions.into_iter().map(may).collect())
    }
}
