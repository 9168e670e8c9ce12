//! Follow-ups of resolutions 决议落实: who carries what out by when, and what is carried over to the next meeting.

use chrono::{DateTime, NaiveDate, Utc};
use domain::policy::Scope;
use entity::resolution;
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _,
};

use super::activity_minutes::{MinutesScope, Resolution};
use super::page::{Key, KeyKind, Page, PageRequest, read};
use super::scope::{Seat, condition};
use super::transaction::{Snapshot, Write, statement};
use super::{StoreResult, array};

const SEAT: Seat = Seat::of_activity("resolution.activity_id").about("resolution.follow_up_owner_id");

/// By the day they are due, soonest first; the list holds only resolutions that have one.
pub const BY_DUE: &[Key] = &[
    Key::of("resolution.follow_up_on", KeyKind::Date, false),
    Key::text("resolution.id"),
];

/// Who may see resolutions: as resolutions, or as somebody's task.
pub struct TaskScope {
    pub minutes: MinutesScope,
    pub follow_ups: Scope,
}

impl TaskScope {
    fn condition(&self) -> Condition {
        Condition::any()
            .add(self.minutes.of_resolutions())
            .add(condition(&self.follow_ups, SEAT))
    }
}

#[derive(FromQueryResult)]
struct Carried {
    activity_id: String,
    resolution_id: String,
}

impl Snapshot {
    /// A page of an org's follow-ups; `open`: those not done only.
    ///
    /// # Errors
    /// The database fails.
    pub async fn follow_ups(
        &self,
        scope: &TaskScope,
        org: &str,
        open: bool,
        page: &PageRequest,
    ) -> StoreResult<Page<Resolution>> {
        let held = Query::select()
            .expr(Expr::cust("id"))
            .from("activity")
            .and_where(Expr::cust("host_id").eq(org))
            .to_owned();
        let mut select = resolution::Entity::find()
            .filter(Expr::cust("resolution.activity_id").in_subquery(held))
            .filter(resolution::Column::Passed.eq(true))
            .filter(resolution::Column::FollowUpOn.is_not_null())
            .filter(scope.condition());
        if open {
            select = select.filter(resolution::Column::DoneOn.is_null());
        }
        read(&self.tx, select, BY_DUE, page).await
    }

    /// For each activity the resolutions of earlier ones of its host and kind whose follow-up was still open on its day,
    /// as (activity id, resolution), soonest due first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn carried_over(
        &self,
        scope: &TaskScope,
        activities: &[String],
    ) -> StoreResult<Vec<(String, Resolution)>> {
        let sql = format!(
            "SELECT a.id AS activity_id, r.id AS resolution_id FROM activity a \
             JOIN activity e ON e.host_id = a.host_id AND e.kind = a.kind AND e.starts_at < a.starts_at \
             JOIN resolution r ON r.activity_id = e.id WHERE a.id IN {} AND r.passed AND r.follow_up_on IS NOT NULL \
             AND (r.done_on IS NULL OR r.done_on >= a.local_date)",
            array::places(&self.tx, "$1")
        );
        let pairs = Carried::find_by_statement(statement(&self.tx, &sql, vec![array::bound(activities)]))
            .all(&self.tx)
            .await?;
        let ids: Vec<String> = pairs.iter().map(|pair| pair.resolution_id.clone()).collect();
        let rows = resolution::Entity::find()
            .filter(array::is_any(&self.tx, "resolution.id", &ids))
            .filter(scope.condition())
            .order_by_asc(resolution::Column::FollowUpOn)
            .order_by_asc(resolution::Column::Id)
            .all(&self.tx)
            .await?;
        let mut carried = Vec::new();
        for row in rows {
            for pair in pairs.iter().filter(|pair| pair.resolution_id == row.id) {
                carried.push((pair.activity_id.clone(), row.clone()));
            }
        }
        Ok(carried)
    }

    /// Resolutions by id, as resolutions or as tasks.
    ///
    /// # Errors
    /// The database fails.
    pub async fn resolutions_by_id(&self, scope: &TaskScope, ids: &[String]) -> StoreResult<Vec<Resolution>> {
        Ok(resolution::Entity::find()
            .filter(array::is_any(&self.tx, "resolution.id", ids))
            .filter(scope.condition())
            .all(&self.tx)
            .await?)
    }
}

impl Write {
    /// A resolution that the scope shows, inside the write.
    ///
    /// # Errors
    /// The database fails.
    pub async fn resolution(&self, scope: &TaskScope, id: &str) -> StoreResult<Option<Resolution>> {
        Ok(resolution::Entity::find_by_id(id.to_owned())
            .filter(scope.condition())
            .one(&self.tx)
            .await?)
    }

    /// Writes when a resolution was announced and carried out; `false` where somebody was faster.
    ///
    /// # Errors
    /// The database fails.
    pub async fn follow_resolution(
        &self,
        row: &Resolution,
        announced_at: Option<DateTime<Utc>>,
        done_on: Option<NaiveDate>,
    ) -> StoreResult<bool> {
        let changed = resolution::ActiveModel {
            announced_at: Set(announced_at),
            done_on: Set(done_on),
            version: Set(row.version + 1),
            ..Default::default()
        };
        let done = resolution::Entity::update_many()
            .set(changed)
            .filter(resolution::Column::Id.eq(row.id.as_str()))
            .filter(resolution::Column::Version.eq(row.version))
            .exec(&self.tx)
            .await?;
        Ok(done.rows_affected == 1)
    }
}
