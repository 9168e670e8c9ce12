//! Activities: look-ups, lists, and what hangs on them, each in one statement for many activities.

use chrono::{DateTime, NaiveDate, Utc};
use domain::policy::Scope;
use entity::{activity, activity_organization, agenda_item, attendance, organization};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, LockType, Query, SelectStatement};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select,
};

use super::attendance::Attendance;
use super::organization::{Organization, Within};
use super::page::{Cap, Key, KeyKind, Page, PageRequest, apply, count, read};
use super::scope::{Seat, condition};
use super::transaction::{Snapshot, Write, statement};
use super::{StoreResult, array};

pub type Activity = activity::Model;
pub type Participation = activity_organization::Model;
pub type AgendaItem = agenda_item::Model;

pub(super) const SEAT: Seat = Seat::of_activity("activity.id");

/// By date, soonest first.
pub const BY_DATE: &[Key] = &[
    Key::of("activity.local_date", KeyKind::Date, false),
    Key::text("activity.id"),
];
/// By start, soonest first.
pub const BY_START: &[Key] = &[
    Key::of("activity.starts_at", KeyKind::Instant, false),
    Key::text("activity.id"),
];
/// Activities of an org between two dates, both included.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Between {
    pub organization_id: String,
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Held ones only: the register.
    pub held: bool,
}

/// Which activities of a part of the tree; an empty list of kinds or statuses lets none pass.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct ActivityFilter {
    pub kinds: Option<Vec<String>>,
    pub statuses: Option<Vec<String>>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

impl ActivityFilter {
    fn condition<C: ConnectionTrait>(&self, tx: &C) -> Condition {
        let mut all = Condition::all();
        if let Some(kinds) = &self.kinds {
            all = all.add(array::is_any(tx, "activity.kind", kinds));
        }
        if let Some(statuses) = &self.statuses {
            all = all.add(array::is_any(tx, "activity.status", statuses));
        }
        all.add_option(self.from.map(|from| activity::Column::LocalDate.gte(from)))
            .add_option(self.to.map(|to| activity::Column::LocalDate.lte(to)))
    }
}

/// An org that takes part in an activity, and where it stands.
#[derive(Debug, Clone, FromQueryResult)]
pub struct TakesPart {
    pub activity_id: String,
    pub organization_id: String,
    pub path: String,
}

/// The ids of the activities in which an org takes part.
pub(super) fn taken_part_by(organization: &str) -> SelectStatement {
    Query::select()
        .expr(Expr::cust("activity_id"))
        .from("activity_organization")
        .and_where(Expr::cust("organization_id").eq(organization))
        .to_owned()
}

fn of_org(between: &Between) -> Select<activity::Entity> {
    let select = activity::Entity::find()
        .filter(Expr::cust("activity.id").in_subquery(taken_part_by(&between.organization_id)))
        .filter(activity::Column::LocalDate.gte(between.from))
        .filter(activity::Column::LocalDate.lte(between.to));
    if between.held {
        select.filter(activity::Column::Status.is_in(["HELD", "FILED"]))
    } else {
        select
    }
}

async fn by_ids<C: ConnectionTrait>(tx: &C, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Activity>> {
    Ok(activity::Entity::find()
        .filter(array::is_any(tx, "activity.id", ids))
        .filter(condition(scope, SEAT.singly()))
        .all(tx)
        .await?)
}

impl Snapshot {
    /// The activities with these ids that the scope shows, in no order.
    ///
    /// # Errors
    /// The database fails.
    pub async fn activities(&self, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Activity>> {
        by_ids(&self.tx, scope, ids).await
    }

    /// A page of an org's activities.
    ///
    /// # Errors
    /// The database fails.
    pub async fn activities_between(
        &self,
        scope: &Scope,
        between: &Between,
        page: &PageRequest,
    ) -> StoreResult<Page<Activity>> {
        let select = of_org(between).filter(condition(scope, SEAT));
        read(&self.tx, select, BY_DATE, page).await
    }

    /// A page of the activities in which orgs of a part of the tree take part.
    ///
    /// # Errors
    /// The database fails.
    pub async fn activities_within(
        &self,
        scope: &Scope,
        within: &Within,
        filter: &ActivityFilter,
        page: &PageRequest,
    ) -> StoreResult<Page<Activity>> {
        let named = Query::select()
            .expr(Expr::cust("activity_id"))
            .from("activity_organization")
            .cond_where(within.condition("activity_organization.organization_id"))
            .to_owned();
        let select = activity::Entity::find()
            .filter(Expr::cust("activity.id").in_subquery(named))
            .filter(filter.condition(&self.tx))
            .filter(condition(scope, SEAT));
        read(&self.tx, select, BY_DATE, page).await
    }

    /// What a member is expected at and what has not ended by now, with how they are expected.
    ///
    /// # Errors
    /// The database fails.
    pub async fn upcoming(
        &self,
        scope: &Scope,
        member: &str,
        now: DateTime<Utc>,
        page: &PageRequest,
    ) -> StoreResult<Page<(Activity, Option<Attendance>)>> {
        let running = Condition::any()
            .add(activity::Column::StartsAt.gte(now))
            .add(activity::Column::EndsAt.gte(now));
        let select = activity::Entity::find()
            .filter(activity::Column::Status.eq("SCHEDULED"))
            .filter(running)
            .filter(condition(scope, SEAT));
        let mine = attendance::Column::MemberId.eq(member);
        if let Some(Cap(cap)) = page.count {
            let select = select.inner_join(attendance::Entity).filter(mine);
            return Ok(Page::of_count(count(&self.tx, select, cap).await?));
        }
        let select = apply(select, BY_START, page)
            .find_also_related(attendance::Entity)
            .filter(mine);
        Ok(Page::cut(select.all(&self.tx).await?, page))
    }

    /// What an applicant is invited to and what has not ended by now.
    ///
    /// # Errors
    /// The database fails.
    pub async fn invited_to(
        &self,
        scope: &Scope,
        applicant: &str,
        now: DateTime<Utc>,
        page: &PageRequest,
    ) -> StoreResult<Page<Activity>> {
        let running = Condition::any()
            .add(activity::Column::StartsAt.gte(now))
            .add(activity::Column::EndsAt.gte(now));
        let select = activity::Entity::find()
            .filter(super::scope::taking_part(Expr::cust("activity.id"), applicant))
            .filter(activity::Column::Status.eq("SCHEDULED"))
            .filter(running)
            .filter(condition(scope, SEAT));
        read(&self.tx, select, BY_START, page).await
    }

    /// The orgs that take part, with their counts.
    ///
    /// # Errors
    /// The database fails.
    pub async fn participations(&self, ids: &[String]) -> StoreResult<Vec<(Participation, Option<Organization>)>> {
        Ok(activity_organization::Entity::find()
            .find_also_related(organization::Entity)
            .filter(array::is_any(&self.tx, "activity_organization.activity_id", ids))
            .order_by_asc(activity_organization::Column::OrganizationId)
            .all(&self.tx)
            .await?)
    }

    /// Agendas, in order.
    ///
    /// # Errors
    /// The database fails.
    pub async fn agendas(&self, ids: &[String]) -> StoreResult<Vec<AgendaItem>> {
        Ok(agenda_item::Entity::find()
            .filter(array::is_any(&self.tx, "activity_id", ids))
            .order_by_asc(agenda_item::Column::Position)
            .all(&self.tx)
            .await?)
    }
}

impl Write {
    /// The agenda of an activity, in order.
    ///
    /// # Errors
    /// The database fails.
    pub async fn agenda_of(&self, id: &str) -> StoreResult<Vec<AgendaItem>> {
        Ok(agenda_item::Entity::find()
            .filter(agenda_item::Column::ActivityId.eq(id))
            .order_by_asc(agenda_item::Column::Position)
            .all(&self.tx)
            .await?)
    }

    /// The activities with these ids, held until the end of the write.
    ///
    /// # Errors
    /// The database fails.
    pub async fn activities(&self, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Activity>> {
        Ok(activity::Entity::find()
            .filter(array::is_any(&self.tx, "activity.id", ids))
            .filter(condition(scope, SEAT.singly()))
            .lock(LockType::NoKeyUpdate)
            .all(&self.tx)
            .await?)
    }

    /// The scheduled activities that an org holds or takes part in, by time; nobody else changes them while this write runs.
    ///
    /// # Errors
    /// The database fails.
    pub async fn scheduled_with(&self, organization: &str) -> StoreResult<Vec<Activity>> {
        Ok(activity::Entity::find()
            .filter(Expr::cust("activity.id").in_subquery(taken_part_by(organization)))
            .filter(activity::Column::Status.eq("SCHEDULED"))
            .order_by_asc(activity::Column::StartsAt)
            .order_by_asc(activity::Column::Id)
            .lock(LockType::NoKeyUpdate)
            .all(&self.tx)
            .await?)
    }

    /// The orgs that take part in activities, with where they stand.
    ///
    /// # Errors
    /// The database fails.
    pub async fn places_of(&self, activities: &[String]) -> StoreResult<Vec<TakesPart>> {
        let sql = format!(
            "SELECT x.activity_id, x.organization_id, o.path FROM activity_organization x \
             JOIN organization o ON o.id = x.organization_id WHERE x.activity_id IN {}",
            array::places(&self.tx, "$1")
        );
        Ok(
            TakesPart::find_by_statement(statement(&self.tx, &sql, vec![array::bound(activities)]))
                .all(&self.tx)
                .await?,
        )
    }

    /// The orgs that take part in an activity.
    ///
    /// # Errors
    /// The database fails.
    pub async fn participations(&self, id: &str) -> StoreResult<Vec<Participation>> {
        Ok(activity_organization::Entity::find()
            .filter(activity_organization::Column::ActivityId.eq(id))
            .order_by_asc(activity_organization::Column::OrganizationId)
            .all(&self.tx)
            .await?)
    }
}
