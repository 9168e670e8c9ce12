//! Alerts and their levels; deviations.

use chrono::NaiveDate;
use domain::policy::Scope;
use entity::{alert, alert_level, deviation, organization};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, FromQueryResult, IntoActiveModel as _, JoinType,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::organization::Within;
use super::page::{Key, Page, PageRequest, read};
use super::scope::{Seat, condition};
use super::transaction::{Snapshot, Write};
use super::{StoreResult, array, bulk};

pub type Alert = alert::Model;
pub type AlertLevel = alert_level::Model;
pub type Deviation = deviation::Model;

/// Open alerts of one org that have come up to another.
#[derive(Debug, Clone, FromQueryResult)]
pub struct ComeUp {
    /// Path of the org that did not act.
    pub path: String,
    pub number: i64,
    pub unacknowledged: i64,
    pub oldest_due_on: NaiveDate,
}

pub(super) const SEAT: Seat = Seat::at("alert.organization_id");
pub(super) const DEVIATION: Seat = Seat::at("deviation.organization_id");

impl Snapshot {
    /// A page of alerts; `open`: only open ones, or only closed ones.
    ///
    /// # Errors
    /// The database fails.
    pub async fn alerts_within(
        &self,
        scope: &Scope,
        within: &Within,
        open: Option<bool>,
        keys: &[Key],
        page: &PageRequest,
    ) -> StoreResult<Page<Alert>> {
        let mut select = alert::Entity::find()
            .filter(condition(scope, SEAT))
            .filter(within.condition("alert.organization_id"));
        if let Some(open) = open {
            select = select.filter(if open {
                alert::Column::ClosedAt.is_null()
            } else {
                alert::Column::ClosedAt.is_not_null()
            });
        }
        read(&self.tx, select, keys, page).await
    }

    /// The alerts with these ids that the scope shows, in no order.
    ///
    /// # Errors
    /// The database fails.
    pub async fn alerts(&self, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Alert>> {
        Ok(alert::Entity::find()
            .filter(array::is_any(&self.tx, "alert.id", ids))
            .filter(condition(scope, SEAT.singly()))
            .all(&self.tx)
            .await?)
    }

    /// The levels of alerts, lowest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn alert_levels(&self, ids: &[String]) -> StoreResult<Vec<AlertLevel>> {
        Ok(alert_level::Entity::find()
            .filter(array::is_any(&self.tx, "alert_id", ids))
            .order_by_asc(alert_level::Column::Level)
            .all(&self.tx)
            .await?)
    }

    /// Open alerts that have come up to an org, per org that did not act.
    ///
    /// # Errors
    /// The database fails.
    pub async fn alerts_come_up_to(&self, scope: &Scope, organization: &str) -> StoreResult<Vec<ComeUp>> {
        let level = alert::Entity::belongs_to(alert_level::Entity)
            .from(alert::Column::Id)
            .to(alert_level::Column::AlertId)
            .into();
        let owner = alert::Entity::belongs_to(organization::Entity)
            .from(alert::Column::OrganizationId)
            .to(organization::Column::Id)
            .into();
        Ok(alert::Entity::find()
            .select_only()
            .column_as(organization::Column::Path, "path")
            .expr_as(Expr::cust("COUNT(*)"), "number")
            .expr_as(
                Expr::cust("COUNT(CASE WHEN alert_level.state = 'ACKNOWLEDGED' THEN NULL ELSE 1 END)"),
                "unacknowledged",
            )
            .expr_as(Expr::cust("MIN(alert.due_on)"), "oldest_due_on")
            .join(JoinType::InnerJoin, level)
            .join(JoinType::InnerJoin, owner)
            .filter(condition(scope, SEAT))
            .filter(alert::Column::ClosedAt.is_null())
            .filter(alert_level::Column::OrganizationId.eq(organization))
            .filter(alert_level::Column::Level.gte(1))
            .group_by(organization::Column::Path)
            .into_model()
            .all(&self.tx)
            .await?)
    }

    /// The deviations from these obligations that the scope shows, the first one asked first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn deviations_from(&self, scope: &Scope, obligations: &[String]) -> StoreResult<Vec<Deviation>> {
        Ok(deviation::Entity::find()
            .filter(array::is_any(&self.tx, "deviation.obligation_id", obligations))
            .filter(condition(scope, DEVIATION))
            .order_by_asc(deviation::Column::AskedAt)
            .order_by_asc(deviation::Column::Id)
            .all(&self.tx)
            .await?)
    }

    /// The deviations with these ids that the scope shows, in no order.
    ///
    /// # Errors
    /// The database fails.
    pub async fn deviations(&self, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Deviation>> {
        Ok(deviation::Entity::find()
            .filter(array::is_any(&self.tx, "deviation.id", ids))
            .filter(condition(scope, DEVIATION))
            .all(&self.tx)
            .await?)
    }
}

impl Write {
    /// The alerts on these obligations.
    ///
    /// # Errors
    /// The database fails.
    pub async fn alerts_of(&self, obligations: &[String]) -> StoreResult<Vec<Alert>> {
        Ok(alert::Entity::find()
            .filter(array::is_any(&self.tx, "obligation_id", obligations))
            .all(&self.tx)
            .await?)
    }

    /// Alerts by id with their levels, inside the write.
    ///
    /// # Errors
    /// The database fails.
    pub async fn alerts(&self, scope: &Scope, ids: &[String]) -> StoreResult<(Vec<Alert>, Vec<AlertLevel>)> {
        let alerts = alert::Entity::find()
            .filter(array::is_any(&self.tx, "alert.id", ids))
            .filter(condition(scope, SEAT.singly()))
            .all(&self.tx)
            .await?;
        Ok((alerts, self.alert_levels(ids).await?))
    }

    /// The levels of alerts, lowest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn alert_levels(&self, ids: &[String]) -> StoreResult<Vec<AlertLevel>> {
        Ok(alert_level::Entity::find()
            .filter(array::is_any(&self.tx, "alert_id", ids))
            .order_by_asc(alert_level::Column::Level)
            .all(&self.tx)
            .await?)
    }

    /// Open alerts per org.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_open_alerts(&self, organizations: &[String]) -> StoreResult<Vec<(String, i64)>> {
        Ok(alert::Entity::find()
            .select_only()
            .column(alert::Column::OrganizationId)
            .expr(Expr::col(alert::Column::Id).count())
            .filter(array::is_any(&self.tx, "organization_id", organizations))
            .filter(alert::Column::ClosedAt.is_null())
            .group_by(alert::Column::OrganizationId)
            .into_tuple()
            .all(&self.tx)
            .await?)
    }

    /// Open alerts of orgs.
    ///
    /// # Errors
    /// The database fails.
    pub async fn open_alerts_of(&self, organizations: &[String]) -> StoreResult<Vec<Alert>> {
        Ok(alert::Entity::find()
            .filter(array::is_any(&self.tx, "organization_id", organizations))
            .filter(alert::Column::ClosedAt.is_null())
            .all(&self.tx)
            .await?)
    }

    /// Removes the rows of levels above the one that an alert has reached.
    ///
    /// # Errors
    /// The database fails.
    pub async fn drop_alert_levels_beyond(&self, alerts: &[String]) -> StoreResult<()> {
        alert_level::Entity::delete_many()
            .filter(array::is_any(&self.tx, "alert_id", alerts))
            .filter(Expr::cust(
                "level > (SELECT a.level FROM alert a WHERE a.id = alert_level.alert_id)",
            ))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// Writes new and changed alerts and levels.
    ///
    /// # Errors
    /// The database fails.
    pub async fn put_alerts(&self, alerts: Vec<Alert>, levels: Vec<AlertLevel>) -> StoreResult<()> {
        use alert::Column as A;
        use alert_level::Column as L;
        let changed = [
            A::Level,
            A::Answer,
            A::AnswerState,
            A::AnsweredAt,
            A::AnsweredBy,
            A::Reply,
            A::RepliedAt,
            A::RepliedBy,
            A::ClosedAt,
            A::Version,
        ];
        bulk::put(&self.tx, bulk::whole(alerts), Some((&[A::Id], &changed))).await?;
        let key = [L::AlertId, L::Level];
        let changed = [L::OrganizationId, L::State, L::Since, L::Note, L::DueOn];
        Ok(bulk::put(&self.tx, bulk::whole(levels), Some((&key, &changed))).await?)
    }

    /// One deviation, inside the write.
    ///
    /// # Errors
    /// The database fails.
    pub async fn deviation(&self, scope: &Scope, id: &str) -> StoreResult<Option<Deviation>> {
        Ok(deviation::Entity::find_by_id(id.to_owned())
            .filter(condition(scope, DEVIATION))
            .one(&self.tx)
            .await?)
    }

    /// Whether a deviation for this obligation waits for an answer.
    ///
    /// # Errors
    /// The database fails.
    pub async fn has_open_deviation(&self, obligation: &str) -> StoreResult<bool> {
        Ok(deviation::Entity::find()
            .filter(deviation::Column::ObligationId.eq(obligation))
            .filter(deviation::Column::State.eq("OPEN"))
            .one(&self.tx)
            .await?
            .is_some())
    }

    /// Writes a new or changed deviation.
    ///
    /// # Errors
    /// The database fails.
    pub async fn put_deviation(&self, row: Deviation) -> StoreResult<()> {
        use deviation::Column as C;
        let conflict = OnConflict::column(C::Id)
            .update_columns([C::State, C::DecidedAt, C::DecidedBy, C::Answer, C::NewDate, C::Version])
            .to_owned();
        deviation::Entity::insert(row.into_active_model().reset_all())
            .on_conflict(conflict)
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }
}
