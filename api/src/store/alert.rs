//! Alerts and their levels; deviations.

use domain::policy::Scope;
use entity::{alert, alert_level, deviation};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use super::organization::Within;
use super::page::{Key, Page, PageRequest, apply};
use super::scope::{Seat, condition};
use super::transaction::{ROWS_PER_INSERT, Snapshot, Write};
use super::{StoreResult, array};

pub type Alert = alert::Model;
pub type AlertLevel = alert_level::Model;
pub type Deviation = deviation::Model;

const SEAT: Seat = Seat::at("alert.organization_id");
const DEVIATION: Seat = Seat::at("deviation.organization_id");

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
        Ok(Page::cut(apply(select, keys, page).all(&self.tx).await?, page))
    }

    /// The alerts with these ids that the scope shows, in no order.
    ///
    /// # Errors
    /// The database fails.
    pub async fn alerts(&self, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Alert>> {
        Ok(alert::Entity::find()
            .filter(array::is_any(&self.tx, "alert.id", ids))
            .filter(condition(scope, SEAT))
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
            .filter(condition(scope, SEAT))
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
    pub async fn count_open_alerts(&self) -> StoreResult<Vec<(String, i64)>> {
        Ok(alert::Entity::find()
            .select_only()
            .column(alert::Column::OrganizationId)
            .expr(Expr::col(alert::Column::Id).count())
            .filter(alert::Column::ClosedAt.is_null())
            .group_by(alert::Column::OrganizationId)
            .into_tuple()
            .all(&self.tx)
            .await?)
    }

    /// Writes new and changed alerts and levels.
    ///
    /// # Errors
    /// The database fails.
    pub async fn put_alerts(&self, alerts: Vec<Alert>, levels: Vec<AlertLevel>) -> StoreResult<()> {
        use alert_level::Column as L;
        let changed = [alert::Column::Level, alert::Column::ClosedAt, alert::Column::Version];
        for chunk in alerts.chunks(ROWS_PER_INSERT) {
            let rows = chunk.iter().map(|row| row.clone().into_active_model().reset_all());
            alert::Entity::insert_many(rows)
                .on_conflict(OnConflict::column(alert::Column::Id).update_columns(changed).to_owned())
                .exec_without_returning(&self.tx)
                .await?;
        }
        for chunk in levels.chunks(ROWS_PER_INSERT) {
            let rows = chunk.iter().map(|row| row.clone().into_active_model().reset_all());
            let conflict = OnConflict::columns([L::AlertId, L::Level])
                .update_columns([L::State, L::Since, L::Note, L::DueOn])
                .to_owned();
            alert_level::Entity::insert_many(rows)
                .on_conflict(conflict)
                .exec_without_returning(&self.tx)
                .await?;
        }
        Ok(())
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
