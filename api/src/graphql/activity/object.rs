use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};

use domain::activity_kind::capabilities;
use domain::policy::{Action, Place};
use domain::vocabulary::{ActivityKind, ActivityStatus, AgendaItemKind, AttendanceMode};

use super::attendance::{Attendance, AttendanceConnection};
use super::minutes::{Minutes, MinutesConnection, history};
use super::participation::OrganizationParticipation;
use super::permission::{ActivityAction, ActivityPermission};
use super::resolution::{CarriedOverTo, Resolution, ResolutionsOf};
use super::tally::{InvitedTally, Tally};
use crate::graphql::context::ContextExt as _;
use crate::graphql::external_id::{self, ExternalId};
use crate::graphql::loaders;
use crate::graphql::member::object::Member;
use crate::graphql::organization::object::Organization;
use crate::graphql::organization::unit::{ActivityUnit, ActivityUnitById};
use crate::graphql::page::{PageArguments, binding};
use crate::ops::activity::reading::Invited;
use crate::ops::activity::{
    Activity as Row, AgendaItem as AgendaRow, Attendance as AttendanceRow, Leave, Participation, Revision,
};
use crate::ops::organization::Organization as OrganizationRow;
use crate::{connection, loader, reads};

/// Groups rows by a key of theirs.
pub fn by<T>(rows: Vec<T>, key: impl Fn(&T) -> String) -> HashMap<String, Vec<T>> {
    let mut map: HashMap<String, Vec<T>> = HashMap::new();
    for row in rows {
        map.entry(key(&row)).or_default().push(row);
    }
    map
}

loader!(
    /// Activity by id.
    ActivityById => Arc<Row>, |reading, ids| {
        let rows = reading.activities(&ids).await?;
        Ok(rows.into_iter().map(|row| (row.id.clone(), Arc::new(row))).collect())
    }
);
loader!(
    /// Orgs that take part in an activity.
    ParticipationsOf => Vec<(Participation, Option<Arc<OrganizationRow>>)>, |reading, ids| {
        let rows = reading.participations(&ids).await?.into_iter().map(|(row, org)| (row, org.map(Arc::new)));
        Ok(by(rows.collect(), |(row, _)| row.activity_id.clone()))
    }
);
loader!(
    /// Agenda of an activity.
    AgendaOf => Vec<AgendaRow>, |reading, ids| Ok(by(reading.agendas(&ids).await?, |row| row.activity_id.clone()))
);
loader!(
    /// Latest minutes of an activity.
    MinutesOf => Revision, |reading, ids| Ok(reading.minutes(&ids).await?.into_iter().collect())
);
loader!(
    /// Who was invited to an activity.
    InvitedTo => Invited, |reading, ids| {
        Ok(reading.invited(&ids).await?.into_iter().map(|row| (row.activity_id.clone(), row)).collect())
    }
);
loader!(
    /// Attendance at an activity of the member behind the account.
    MyAttendanceAt => AttendanceRow, |reading, ids| {
        Ok(reading.my_attendance(&ids).await?.into_iter().map(|row| (row.activity_id.clone(), row)).collect())
    }
);
loader!(
    /// Leave asked for an activity.
    LeavesAt => Vec<Leave>, |reading, ids| Ok(by(reading.leaves_at(&ids).await?, |row| row.activity_id.clone()))
);
loader!(
    /// Absences at an activity.
    AbsencesAt => Vec<AttendanceRow>, |reading, ids| {
        Ok(by(reading.absences(&ids).await?, |row| row.activity_id.clone()))
    }
);
loader!(
    /// Where an org stands.
    PlaceOf => Arc<Place>, |reading, ids| {
        Ok(reading.places_of(&ids).await?.into_iter().map(|place| (place.id.clone(), Arc::new(place))).collect())
    }
);

/// A meeting or lecture 活动; with the reader's own attendance, where that was read along.
pub struct Activity(pub Arc<Row>, pub Option<AttendanceRow>);

impl From<Arc<Row>> for Activity {
    fn from(row: Arc<Row>) -> Self {
        Self(row, None)
    }
}

connection!(ActivityConnection, ActivityEdge, Activity);

/// One item of an agenda 议程.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct AgendaItem {
    /// Opaque and stable for ever.
    pub id: ID,
    /// Which kind it is.
    pub kind: Option<AgendaItemKind>,
    /// What it is called.
    pub title: String,
}

#[async_graphql::ComplexObject]
impl AgendaItem {
    /// In the reader's language.
    async fn kind_label(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<&'static str>> {
        let language = ctx.operation()?.language;
        Ok(self.kind.map(|kind| kind.label(language)))
    }
}

impl From<AgendaRow> for AgendaItem {
    fn from(row: AgendaRow) -> Self {
        Self {
            id: ID(row.id),
            kind: row.kind.parse().ok(),
            title: row.title,
        }
    }
}

/// A short-lived code for checking in 签到码.
#[derive(SimpleObject)]
pub struct CheckInCode {
    /// The code.
    pub code: String,
    /// Until when it holds.
    pub expires_at: DateTime<Utc>,
}

impl Activity {
    fn kind(&self) -> Option<ActivityKind> {
        self.0.kind.parse().ok()
    }

    async fn orgs(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<Vec<(Participation, Option<Arc<OrganizationRow>>)>> {
        Ok(loaders::load(ctx.data()?, ParticipationsOf(self.0.id.clone()))
            .await?
            .unwrap_or_default())
    }

    async fn person(&self, ctx: &Context<'_>, id: Option<&String>) -> async_graphql::Result<Option<Member>> {
        match id {
            Some(id) => Member::named(ctx, id).await,
            None => Ok(None),
        }
    }

    async fn host(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Arc<Place>>> {
        loaders::load(ctx.data()?, PlaceOf(self.0.host_id.clone())).await
    }

    async fn mine(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<AttendanceRow>> {
        if let Some(mine) = &self.1 {
            return Ok(Some(mine.clone()));
        }
        loaders::load(ctx.data()?, MyAttendanceAt(self.0.id.clone())).await
    }
}

/// A meeting or lecture 活动.
#[Object]
impl Activity {
    /// Opaque and stable for ever.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }
    /// Raised with every change; bring it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
    /// Which kind it is.
    #[graphql(name = "kind")]
    async fn kind_code(&self) -> Option<ActivityKind> {
        self.kind()
    }
    /// In the reader's language.
    async fn kind_label(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<&'static str>> {
        let language = ctx.operation()?.language;
        Ok(self.kind().map(|kind| capabilities(kind).label(language)))
    }
    /// What it is called.
    async fn title(&self) -> &str {
        &self.0.title
    }
    /// How it stands.
    async fn status(&self) -> Option<ActivityStatus> {
        self.0.status.parse().ok()
    }
    /// In the reader's language.
    async fn status_label(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<&'static str>> {
        let language = ctx.operation()?.language;
        let status = self.0.status.parse::<ActivityStatus>().ok();
        Ok(status.map(|status| status.label(language)))
    }
    /// When it begins, or began.
    async fn starts_at(&self) -> DateTime<Utc> {
        self.0.starts_at
    }
    /// When it ends, or ended.
    async fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.0.ends_at
    }
    /// Where, at most 200 characters.
    async fn place(&self) -> Option<&str> {
        self.0.place.as_deref()
    }
    /// How it is offered or attended.
    async fn mode(&self) -> Option<AttendanceMode> {
        self.0.mode.parse().ok()
    }
    /// Web address of an online meeting.
    async fn online_address(&self) -> Option<&str> {
        self.0.online_address.as_deref()
    }
    /// When notice of it went out, for the present time and place.
    async fn noticed_at(&self) -> Option<DateTime<Utc>> {
        self.0.noticed_at
    }
    /// Why it was cancelled.
    async fn cancel_reason(&self) -> Option<&str> {
        self.0.cancel_reason.as_deref()
    }
    /// Code of the period that it makes up for 补开.
    async fn make_up_for(&self) -> Option<&str> {
        self.0.make_up_for.as_deref()
    }
    /// The year that it is for, where that was declared: a yearly act may follow in the first months of the next.
    async fn for_year(&self) -> Option<i64> {
        self.0.for_year
    }
    /// The unit of the host that it is held at (G3.2).
    async fn unit(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<ActivityUnit>> {
        let Some(id) = self.0.unit_id.clone() else {
            return Ok(None);
        };
        Ok(loaders::load(ctx.data()?, ActivityUnitById(id))
            .await?
            .map(ActivityUnit))
    }
    /// Names of this activity in other systems.
    async fn external_ids(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<ExternalId>> {
        external_id::of_object(ctx, self.0.id.clone()).await
    }
    /// The orgs that take part, the host first.
    async fn organizations(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Organization>> {
        let mut orgs = self.orgs(ctx).await?;
        orgs.sort_by_key(|(row, _)| (row.organization_id != self.0.host_id, row.organization_id.clone()));
        Ok(orgs.into_iter().filter_map(|(_, org)| org.map(Organization)).collect())
    }
    /// How each org takes part, the host first: its own counts, and whether it has confirmed its people.
    async fn participations(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<OrganizationParticipation>> {
        let mut orgs = self.orgs(ctx).await?;
        orgs.sort_by_key(|(row, _)| (row.organization_id != self.0.host_id, row.organization_id.clone()));
        let part = |(row, org): (Participation, Option<Arc<OrganizationRow>>)| OrganizationParticipation {
            host: row.organization_id == self.0.host_id,
            activity: self.0.clone(),
            row,
            organization: org,
        };
        Ok(orgs.into_iter().map(part).collect())
    }
    /// Who chaired it; for a lecture the lecturer.
    async fn chair(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        self.person(ctx, self.0.chair_id.as_ref()).await
    }
    /// Who keeps the minutes.
    async fn recorder(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        self.person(ctx, self.0.recorder_id.as_ref()).await
    }
    /// What is on the agenda.
    async fn agenda(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<AgendaItem>> {
        let rows = loaders::load(ctx.data()?, AgendaOf(self.0.id.clone()))
            .await?
            .unwrap_or_default();
        Ok(rows.into_iter().map(AgendaItem::from).collect())
    }
    /// The code for checking in, for those who may issue it.
    async fn check_in(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<CheckInCode>> {
        let Some((code, expires_at)) = self.0.check_in_code.clone().zip(self.0.check_in_expires_at) else {
            return Ok(None);
        };
        let Some(host) = self.host(ctx).await? else {
            return Ok(None);
        };
        let (shown, _) = ctx
            .operation()?
            .reading()
            .await?
            .may(Action::IssueCheckInCode, &host, None);
        Ok(shown.then_some(CheckInCode { code, expires_at }))
    }
    /// Who is expected, the exempt included, as far as one may see them.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    async fn expected(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<AttendanceConnection> {
        let binding = binding("expected", &self.0.id);
        let page = PageArguments::new(first, after, last, before);
        let activity = self.0.id.clone();
        let read = reads!(activity => |reading, request| reading.attendance_at(&activity, &request));
        let values = |row: &AttendanceRow| vec![row.member_id.clone(), row.id.clone()];
        AttendanceConnection::list(ctx, &binding, page, read, values, Attendance).await
    }
    /// The latest minutes; null where there are none yet or one may not see them.
    async fn minutes(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Minutes>> {
        let found = loaders::load(ctx.data()?, MinutesOf(self.0.id.clone())).await?;
        Ok(found.map(Minutes::from))
    }
    /// All revisions of the minutes, newest first: a correction keeps what it corrects (G1.1f).
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    async fn minutes_history(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<MinutesConnection> {
        history(ctx, &self.0.id, PageArguments::new(first, after, last, before)).await
    }
    /// What was resolved.
    async fn resolutions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Resolution>> {
        let rows = loaders::load(ctx.data()?, ResolutionsOf(self.0.id.clone())).await?;
        Ok(rows.unwrap_or_default().into_iter().map(Resolution).collect())
    }
    /// Resolutions of earlier activities of this kind whose follow-up is still open: they stay on the agenda (G1.1b).
    async fn carried_over(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Resolution>> {
        let rows = loaders::load(ctx.data()?, CarriedOverTo(self.0.id.clone())).await?;
        Ok(rows.unwrap_or_default().into_iter().map(Resolution).collect())
    }
    /// The lecturer's name, where they stand in no roster here; else see `chair`.
    async fn lecturer(&self) -> Option<&str> {
        self.0.lecturer.as_deref()
    }
    /// Addresses of what is read or shown.
    async fn links(&self) -> Vec<String> {
        let links = self.0.links.as_deref().and_then(|text| serde_json::from_str(text).ok());
        links.unwrap_or_default()
    }
    /// Applicants and activists who were invited (G1.1d).
    async fn invited(&self, ctx: &Context<'_>) -> async_graphql::Result<InvitedTally> {
        let found = loaders::load(ctx.data()?, InvitedTo(self.0.id.clone())).await?;
        Ok(found.map_or_else(InvitedTally::default, |row| InvitedTally {
            invited: row.invited,
            present: row.present,
        }))
    }
    /// Counts over all orgs that take part.
    async fn tally(&self, ctx: &Context<'_>) -> async_graphql::Result<Tally> {
        Ok(Tally::sum(self.orgs(ctx).await?.iter().map(|(row, _)| row)))
    }
    /// The reader's own attendance; null for who is not expected.
    async fn my_attendance(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Attendance>> {
        Ok(self.mine(ctx).await?.map(Attendance))
    }
    /// What the reader may do with it now, with what stands against it.
    async fn viewer_can(
        &self,
        ctx: &Context<'_>,
        actions: Vec<ActivityAction>,
    ) -> async_graphql::Result<Vec<ActivityPermission>> {
        let operation = ctx.operation()?;
        let reading = operation.reading().await?;
        let mine = self.mine(ctx).await?;
        let Some(host) = self.host(ctx).await? else {
            return Ok(Vec::new());
        };
        let own = mine.as_ref().map(|mine| mine.member_id.clone());
        let may = |action: ActivityAction| {
            let personal = matches!(action, ActivityAction::CheckIn | ActivityAction::AskLeave);
            let concerns = if personal { own.as_deref() } else { None };
            let (_, refusals) = reading.may(action.act(), &host, concerns);
            let against = action.against(&self.0, mine.as_ref(), operation.app.clock.now());
            ActivityPermission::of(action, &refusals, against, operation.language)
        };
        Ok(actions.into_iter().map(may).collect())
    }
}
