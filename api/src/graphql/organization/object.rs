use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use domain::policy::Subject;
use domain::vocabulary::{ApplicantStage, OrganizationFlag, OrganizationKind, Sector};

use super::figures::{ObligationFigures, PeriodInput, figures_of};
use super::history::{OrganizationHistoryConnection, history_of};
use super::past::OrganizationFacts;
use super::permission::{OrganizationAction, OrganizationPermission};
use super::unit::{ActivityUnitConnection, Organ, OrgansOf, units_of};
use crate::graphql::activity::dual_life::{DualLifeConnection, dual_life_of};
use crate::graphql::activity::list as activity;
use crate::graphql::activity::list::RegisterConnection;
use crate::graphql::activity::object::ActivityConnection;
use crate::graphql::activity::resolution::{ResolutionConnection, follow_ups_of};
use crate::graphql::applicant::object::ApplicantConnection;
use crate::graphql::applicant::query as applicant;
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::error::to_error;
use crate::graphql::external_id::{self, ExternalId};
use crate::graphql::loaders::{self, ChildrenOf, FiguresOf, OrganizationById, SecretaryOf};
use crate::graphql::measure::figures::{MeasureFigure, MeasureFiguresOf};
use crate::graphql::member::object::Member;
use crate::graphql::obligation::advice::{Advice, advice_for};
use crate::graphql::obligation::finding::{Responsible, last_on_agenda, responsible_for};
use crate::graphql::obligation::object::ObligationConnection;
use crate::graphql::obligation::query as obligation;
use crate::graphql::page::{PageArguments, SortDirection, binding};
use crate::graphql::people::appointment::{self, AppointmentConnection};
use crate::graphql::people::trail::{TrailConnection, trail};
use crate::graphql::rulebook::object::Rulebook;
use crate::graphql::rulebook::query as rulebook;
use crate::ops::organization::{Key, Organization as Row, Within, flags_of, place_of};
use crate::ops::people::reading::About;
use crate::{connection, reads};

pub struct Organization(pub Arc<Row>);

connection!(OrganizationConnection, OrganizationEdge, Organization);

/// What children are sorted by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum OrganizationSortField {
    /// By pinyin.
    Name,
    /// By the rate of the period asked for; those without a rate last.
    Rate,
    /// By the number of members, full and probationary.
    Headcount,
    /// By the alerts open at or below it.
    OpenAlerts,
}

/// How siblings are sorted.
#[derive(InputObject, Clone, Copy)]
pub struct OrganizationSortInput {
    /// Which field.
    pub field: OrganizationSortField,
    /// Ascending or descending.
    #[graphql(default_with = "SortDirection::Asc")]
    pub direction: SortDirection,
}

/// People of an org and everything below it, as of this answer's snapshot; from stored roll-ups.
#[derive(SimpleObject, Default)]
pub struct Headcount {
    /// Full members.
    pub full_members: i64,
    /// Probationary members.
    pub probationary_members: i64,
    /// Applicants.
    pub applicants: i64,
    /// Activists and prospects.
    pub activists: i64,
    /// Members of these orgs who live elsewhere.
    pub floating_out: i64,
    /// Members of other branches who are hosted here.
    pub floating_in: i64,
}

pub use crate::ops::organization::NOW;

impl Organization {
    /// The rows from the root down to this one, those that the reader may see.
    pub(super) async fn path_rows(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Arc<Row>>> {
        let keys: Vec<_> = domain::place::ids_on(&self.0.path)
            .map(|id| OrganizationById(id.to_owned()))
            .collect();
        let all = ctx.data::<Arc<loaders::Loaders>>()?.load_many(keys.clone()).await;
        let all = all.map_err(|error| (*error).clone())?;
        Ok(keys.iter().filter_map(|key| all.get(key).cloned()).collect())
    }

    async fn now_figure(&self, ctx: &Context<'_>, subject: Subject, metric: &str) -> async_graphql::Result<i64> {
        let periods = Arc::new(vec![NOW.to_owned()]);
        let key = FiguresOf {
            organization_id: self.0.id.clone(),
            subject,
            periods,
        };
        let stored = loaders::load(ctx.data()?, key).await?.unwrap_or_default();
        Ok(stored
            .iter()
            .filter(|figure| figure.metric == metric)
            .map(|figure| figure.value)
            .sum())
    }
}

/// An organization 党组织: any node of the hierarchy, from the city committee to the Party group.
#[Object]
impl Organization {
    /// Opaque and stable for ever.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }
    /// Raised with every change; bring it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// Which kind it is.
    async fn kind(&self) -> Option<OrganizationKind> {
        self.0.kind.parse().ok()
    }
    /// Field of its work.
    async fn sector(&self) -> Option<Sector> {
        self.0.sector.parse().ok()
    }
    /// Whether the branch has a committee, by decision.
    async fn has_committee(&self) -> bool {
        self.0.has_committee
    }
    /// The right of approval 审批权.
    async fn approves(&self) -> bool {
        self.0.approves
    }
    /// Whether its team holds the democratic life meeting (G1.2a).
    async fn holds_democratic_life_meeting(&self) -> bool {
        self.0.holds_democratic_life_meeting
    }
    /// The leading group 党组 that guides it.
    async fn guided_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let Some(id) = self.0.guided_by.clone() else {
            return Ok(None);
        };
        Ok(loaders::load(ctx.data()?, OrganizationById(id))
            .await?
            .map(Organization))
    }
    /// Joint 联合党支部: its members come from several units.
    async fn joint(&self) -> bool {
        self.0.joint
    }
    /// Temporary 临时党组织.
    async fn temporary(&self) -> bool {
        self.0.temporary
    }
    /// What asks for public appraisal (G1.4c).
    async fn flags(&self) -> Vec<OrganizationFlag> {
        flags_of(&self.0)
    }
    /// Organs of a city or county committee; none of others.
    async fn organs(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Organ>> {
        Ok(loaders::load(ctx.data()?, OrgansOf(self.0.id.clone()))
            .await?
            .unwrap_or_default())
    }
    /// Units that host its activities (G3.2), by name; with `closed` those that are closed too.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    async fn activity_units(
        &self,
        ctx: &Context<'_>,
        #[graphql(default)] closed: bool,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<ActivityUnitConnection> {
        units_of(ctx, &self.0.id, closed, PageArguments::new(first, after, last, before)).await
    }
    /// The day of founding.
    async fn founded_on(&self) -> Date {
        self.0.founded_on.into()
    }
    /// The first day on which it was no more.
    async fn dissolved_on(&self) -> Option<Date> {
        self.0.dissolved_on.map(Date)
    }
    /// The org directly above.
    async fn parent(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let Some(id) = self.0.parent_id.clone() else {
            return Ok(None);
        };
        Ok(loaders::load(ctx.data()?, OrganizationById(id))
            .await?
            .map(Organization))
    }
    /// From the root down to this org itself.
    async fn path(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Organization>> {
        Ok(self.path_rows(ctx).await?.into_iter().map(Organization).collect())
    }
    /// What held on a day, as known now; null before its founding and after its dissolution.
    async fn as_of(&self, ctx: &Context<'_>, date: Date) -> async_graphql::Result<Option<OrganizationFacts>> {
        OrganizationFacts::find(ctx, &self.0.id, date.0).await
    }
    /// How it came to be what it is, newest first: founded, renamed, moved, its facts recorded, dissolved.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    async fn history(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<OrganizationHistoryConnection> {
        history_of(ctx, &self.0, PageArguments::new(first, after, last, before)).await
    }
    /// What the reader may do with it now, with what stands against it.
    async fn viewer_can(
        &self,
        ctx: &Context<'_>,
        actions: Vec<OrganizationAction>,
    ) -> async_graphql::Result<Vec<OrganizationPermission>> {
        self.permissions(ctx, actions).await
    }
    /// Its secretary 书记: name for everybody who sees the org.
    async fn secretary(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        let found = loaders::load(ctx.data()?, SecretaryOf(self.0.id.clone())).await?;
        let Some(person) = found.and_then(|(_, person)| person) else {
            return Ok(None);
        };
        let place = place_of(&self.0).map_err(|failure| to_error(&failure.into()))?;
        Ok(Some(Member(person.as_head_of(Arc::new(place)))))
    }
    /// Whether the secretary is an acting one.
    async fn acting(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(loaders::load(ctx.data()?, SecretaryOf(self.0.id.clone()))
            .await?
            .is_some_and(|(found, _)| found.acting))
    }
    /// When the secretary's term ends.
    async fn term_ends_on(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Date>> {
        let found = loaders::load(ctx.data()?, SecretaryOf(self.0.id.clone())).await?;
        Ok(found.and_then(|(found, _)| found.term_ends_on).map(Date))
    }
    /// Who answers for it: first and directly responsible person.
    async fn responsible(&self, ctx: &Context<'_>) -> async_graphql::Result<Responsible> {
        responsible_for(ctx, &self.0.path).await
    }
    /// What the rulebook recommends (`MAY`) to this org: never owed, never overdue, in no figure. For those who belong to it;
    /// empty for everybody else.
    #[graphql(complexity = "10 * child_complexity + 1")]
    async fn advice(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Advice>> {
        advice_for(ctx, &self.0.id).await
    }
    /// When organizational life was last on the agenda of one of its held meetings (G3.1a); null for never, and for readers
    /// without a right to its obligations.
    async fn organizational_life_last_on_agenda(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Date>> {
        last_on_agenda(ctx, &self.0.id).await
    }
    /// How many orgs stand directly below.
    async fn child_count(&self, ctx: &Context<'_>) -> async_graphql::Result<i64> {
        Ok(loaders::load(ctx.data()?, ChildrenOf(self.0.id.clone()))
            .await?
            .unwrap_or_default())
    }
    /// Names of this org in other systems.
    async fn external_ids(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<ExternalId>> {
        external_id::of_object(ctx, self.0.id.clone()).await
    }
    /// Figures by rule, for the org and everything below it. Empty where the reader has no right to figures.
    async fn figures(&self, ctx: &Context<'_>, period: PeriodInput) -> async_graphql::Result<Vec<ObligationFigures>> {
        figures_of(ctx, &self.0, period).await
    }
    /// How many people, for the org and everything below it.
    async fn headcount(&self, ctx: &Context<'_>) -> async_graphql::Result<Headcount> {
        let of = async |metric: &str| self.now_figure(ctx, Subject::Roster, metric).await;
        Ok(Headcount {
            full_members: of("members.full").await?,
            probationary_members: of("members.probationary").await?,
            applicants: of("applicants").await?,
            activists: of("activists").await?,
            floating_out: of("floating.out").await?,
            floating_in: of("floating.in").await?,
        })
    }
    /// Alerts that are open at or below this org.
    async fn open_alerts(&self, ctx: &Context<'_>) -> async_graphql::Result<i64> {
        self.now_figure(ctx, Subject::Obligations, "alerts.open").await
    }
    /// Absence measures (G2.5a) here and below by kind and state, by the year of the last absence; from stored roll-ups.
    /// Empty for who may not see figures of measures here.
    async fn measure_figures(
        &self,
        ctx: &Context<'_>,
        #[graphql(validator(minimum = 1921, maximum = 2100))] year: i32,
    ) -> async_graphql::Result<Vec<MeasureFigure>> {
        let place = Arc::new(place_of(&self.0).map_err(|failure| to_error(&failure.into()))?);
        let found = loaders::load(ctx.data()?, MeasureFiguresOf { place, year }).await?;
        Ok(found.unwrap_or_default().into_iter().map(MeasureFigure::from).collect())
    }
    /// What is owed, and how it stands, earliest due first: of the periods that run `on` a day (today), and of earlier ones
    /// that are not closed. With `from` or `to` instead everything due in those days, closed periods too.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    #[expect(
        clippy::too_many_arguments,
        reason = "the arguments of a Relay connection with its filters"
    )]
    async fn obligations(
        &self,
        ctx: &Context<'_>,
        on: Option<Date>,
        #[graphql(desc = "Due on this day or later; closed periods too.")] from: Option<Date>,
        #[graphql(desc = "Due on this day or earlier; closed periods too.")] to: Option<Date>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<ObligationConnection> {
        obligation::of_organization(
            ctx,
            &self.0.id,
            (on, from, to),
            PageArguments::new(first, after, last, before),
        )
        .await
    }
    /// Activities on days from `from` to `to`, both included.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    #[expect(
        clippy::too_many_arguments,
        reason = "the arguments of a Relay connection with its days"
    )]
    async fn activities(
        &self,
        ctx: &Context<'_>,
        from: Date,
        to: Date,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<ActivityConnection> {
        let page = PageArguments::new(first, after, last, before);
        activity::of_organization(ctx, &self.0.id, (from.0, to.0), page).await
    }
    /// The register 记录 of a year: derived from what was recorded, never typed (G1.1f).
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    async fn register(
        &self,
        ctx: &Context<'_>,
        #[graphql(validator(minimum = 1921, maximum = 2100))] year: i32,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<RegisterConnection> {
        activity::register(ctx, &self.0.id, year, PageArguments::new(first, after, last, before)).await
    }
    /// Posts of this org on a day (today where it is left out), the secretary first, as far as the reader may see them.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    async fn appointments(
        &self,
        ctx: &Context<'_>,
        on: Option<Date>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<AppointmentConnection> {
        let page = PageArguments::new(first, after, last, before);
        appointment::of_organization(ctx, &self.0.id, on.map(Into::into), page).await
    }
    /// Who changed or saw what of this org, newest first; each line as far as the reader may see its subject.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    async fn audit_trail(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<TrailConnection> {
        let page = PageArguments::new(first, after, last, before);
        trail(ctx, About::Organization(self.0.id.clone()), page).await
    }
    /// Follow-ups of the resolutions of this org's meetings, soonest due first; with `open` those not done only.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    async fn follow_ups(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = true)] open: bool,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<ResolutionConnection> {
        follow_ups_of(ctx, &self.0.id, open, PageArguments::new(first, after, last, before)).await
    }
    /// How this org's leaders live, in a year, as ordinary members of their own branches (G2.2a); of an org above the
    /// branches, for the organization department that manages them, and for each leader about themselves.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    async fn dual_life(
        &self,
        ctx: &Context<'_>,
        #[graphql(validator(minimum = 1921, maximum = 2100))] year: i32,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<DualLifeConnection> {
        dual_life_of(ctx, &self.0.id, year, PageArguments::new(first, after, last, before)).await
    }
    /// Who is on the way to membership here, by name.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    async fn applicants(
        &self,
        ctx: &Context<'_>,
        stages: Option<Vec<ApplicantStage>>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<ApplicantConnection> {
        let page = PageArguments::new(first, after, last, before);
        applicant::list(ctx, Within::Exactly(self.0.id.clone()), stages, page).await
    }
    /// The rulebook in force for this org on a day.
    async fn rulebook(&self, ctx: &Context<'_>, on: Option<Date>) -> async_graphql::Result<Option<Rulebook>> {
        rulebook::of_organization(ctx, &self.0, on.map(Into::into)).await
    }
    /// The orgs that it guides 党组指导的组织, by name; of anything but a leading group none. They are its next level.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    async fn guides(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<OrganizationConnection> {
        let id = self.0.id.clone();
        let binding = binding("guides", &id);
        let page = PageArguments::new(first, after, last, before);
        let read = reads!(id => |reading, request| reading.guided_by(&id, &request));
        let values = |row: &Row| vec![row.name_key.clone(), row.id.clone()];
        let node = |row| Organization(Arc::new(row));
        OrganizationConnection::list(ctx, &binding, page, read, values, node).await
    }
    /// The orgs directly below.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    #[expect(
        clippy::too_many_arguments,
        reason = "the arguments of a Relay connection with its sort"
    )]
    async fn children(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
        #[graphql(desc = "The period that `RATE` sorts by.")] period: Option<PeriodInput>,
        sort: Option<OrganizationSortInput>,
    ) -> async_graphql::Result<OrganizationConnection> {
        let within = Within::ChildrenOf(self.0.id.clone());
        let order = super::query::order(sort, period, ctx.operation()?);
        let binding = binding("organizations", &(&within, &order.name));
        let page = PageArguments::new(first, after, last, before);
        let read = reads!(within, order => |reading, request| reading.children_by(&within, &order, &request));
        let values = |(_, values): &(Row, Vec<String>)| values.clone();
        let node = |(row, _)| Organization(Arc::new(row));
        OrganizationConnection::list(ctx, &binding, page, read, values, node).await
    }
}

/// Keys of the list by name.
pub const BY_NAME: &[Key] = &[Key::text("organization.name_key"), Key::text("organization.id")];
