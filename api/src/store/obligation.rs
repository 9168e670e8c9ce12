//! Obligations: rows, revisions, pages.

use chrono::NaiveDate;
use domain::policy::Scope;
use domain::vocabulary::ObligationStatus;
use entity::{obligation, obligation_revision, organization};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _,
};

use super::organization::Within;
use super::page::{Key, Page, PageRequest, read};
use super::scope::{Seat, condition};
use super::transaction::{Snapshot, Write, statement};
use super::{StoreResult, array, bulk};

pub type Obligation = obligation::Model;
pub type ObligationRevision = obligation_revision::Model;

pub(super) const SEAT: Seat = Seat::at("obligation.organization_id");
const STANDS_HERE: &str = "EXISTS (SELECT 1 FROM organization o WHERE o.id = obligation.organization_id \
     AND o.path = obligation.path)";

/// (path, rule, status, period, number)
pub type ObligationCount = (String, String, String, String, i64);

/// Which obligations a list is about.
#[derive(Debug, Clone, Default)]
pub struct ObligationFilter {
    /// Periods that contain this day, and earlier ones that are not closed.
    pub on: NaiveDate,
    /// Instead: whatever is due from the one day to the other, both included, closed or not.
    pub due: Option<(Option<NaiveDate>, Option<NaiveDate>)>,
    pub statuses: Option<Vec<ObligationStatus>>,
    /// As they stand; else whatever another day may show, `NOT_OWED` included.
    pub stored: bool,
    /// Keys of rulebook entries.
    pub rules: Option<Vec<String>>,
}

impl ObligationFilter {
    fn days(&self) -> Condition {
        use obligation::Column as C;
        match self.due {
            Some((from, to)) => Condition::all()
                .add_option(from.map(|day| C::DueOn.gte(day)))
                .add_option(to.map(|day| C::DueOn.lte(day))),
            None => Condition::all()
                .add(C::PeriodStart.lte(self.on))
                .add(C::PeriodEnd.gt(self.on).or(C::Closed.eq(false))),
        }
    }
}

impl Snapshot {
    /// A page of obligations.
    ///
    /// # Errors
    /// The database fails.
    pub async fn obligations_within(
        &self,
        scope: &Scope,
        within: &Within,
        filter: &ObligationFilter,
        keys: &[Key],
        page: &PageRequest,
    ) -> StoreResult<Page<Obligation>> {
        let mut select = obligation::Entity::find()
            .filter(condition(scope, SEAT))
            .filter(within.condition("obligation.organization_id"))
            .filter(filter.days());
        if let Some(statuses) = &filter.statuses {
            let codes: Vec<String> = statuses.iter().map(ToString::to_string).collect();
            select = select.filter(array::is_any(&self.tx, "obligation.status", &codes));
        } else if filter.stored {
            select = select.filter(obligation::Column::Status.ne("NOT_OWED"));
        }
        if let Some(rules) = &filter.rules {
            select = select.filter(array::is_any(&self.tx, "obligation.rule_key", rules));
        }
        read(&self.tx, select, keys, page).await
    }

    /// The obligations with these ids that the scope shows, in no order.
    ///
    /// # Errors
    /// The database fails.
    pub async fn obligations(&self, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Obligation>> {
        Ok(obligation::Entity::find()
            .filter(array::is_any(&self.tx, "obligation.id", ids))
            .filter(condition(scope, SEAT.singly()))
            .all(&self.tx)
            .await?)
    }
}

impl Snapshot {
    /// The revisions of obligations, oldest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn obligation_revisions(&self, ids: &[String]) -> StoreResult<Vec<ObligationRevision>> {
        Ok(obligation_revision::Entity::find()
            .filter(array::is_any(&self.tx, "obligation_id", ids))
            .order_by_asc(obligation_revision::Column::Revision)
            .all(&self.tx)
            .await?)
    }
}

impl Write {
    /// The obligations of orgs for periods that end after a day.
    ///
    /// # Errors
    /// The database fails.
    pub async fn obligations_since(&self, organizations: &[String], day: NaiveDate) -> StoreResult<Vec<Obligation>> {
        Ok(obligation::Entity::find()
            .filter(array::is_any(&self.tx, "organization_id", organizations))
            .filter(obligation::Column::PeriodEnd.gt(day))
            .all(&self.tx)
            .await?)
    }

    /// The obligation with the last closed period among those of an org and of what stands directly below it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn last_closed_beside(&self, parent: &str) -> StoreResult<Option<Obligation>> {
        let below = organization::Entity::find()
            .select_only()
            .column(organization::Column::Id)
            .filter(organization::Column::ParentId.eq(parent));
        let of_these = Condition::any()
            .add(obligation::Column::OrganizationId.eq(parent))
            .add(obligation::Column::OrganizationId.in_subquery(below.into_query()));
        Ok(obligation::Entity::find()
            .filter(of_these)
            .filter(obligation::Column::Closed.eq(true))
            .filter(obligation::Column::Status.ne(ObligationStatus::NotOwed.as_str()))
            .order_by_desc(obligation::Column::PeriodEnd)
            .order_by_asc(obligation::Column::RuleKey)
            .one(&self.tx)
            .await?)
    }

    /// One obligation, inside the write.
    ///
    /// # Errors
    /// The database fails.
    pub async fn obligation(&self, scope: &Scope, id: &str) -> StoreResult<Option<Obligation>> {
        Ok(obligation::Entity::find_by_id(id.to_owned())
            .filter(condition(scope, SEAT))
            .one(&self.tx)
            .await?)
    }

    /// These orgs, and those that may owe something for them: what stands above them up to the next committee, and who guides
    /// them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn with_obligors(&self, ids: &[String]) -> StoreResult<Vec<String>> {
        let sql = format!(
            "WITH RECURSIVE up (id, parent_id, guided_by, kind, asked) AS ( \
             SELECT id, parent_id, guided_by, kind, 1 FROM organization WHERE id IN {} \
             UNION ALL SELECT p.id, p.parent_id, p.guided_by, p.kind, 0 FROM up \
             JOIN organization p ON p.id IN (up.parent_id, up.guided_by) \
             WHERE up.asked = 1 OR up.kind IN ('GENERAL_BRANCH', 'BRANCH') ) SELECT DISTINCT id FROM up ORDER BY id",
            array::places(&self.tx, "$1")
        );
        let rows = self
            .tx
            .query_all_raw(statement(&self.tx, &sql, vec![array::bound(ids)]))
            .await?;
        Ok(rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?)
    }

    /// Orgs with an obligation that time may still change.
    ///
    /// # Errors
    /// The database fails.
    pub async fn organizations_that_owe(&self) -> StoreResult<Vec<String>> {
        Ok(obligation::Entity::find()
            .select_only()
            .column(obligation::Column::OrganizationId)
            .distinct()
            .filter(obligation::Column::Closed.eq(false))
            .into_tuple()
            .all(&self.tx)
            .await?)
    }

    /// How many obligations of periods that are not closed count where, at or below a path.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_open_obligations(&self, path: &str) -> StoreResult<Vec<ObligationCount>> {
        let open = obligation::Entity::find()
            .filter(obligation::Column::Closed.eq(false))
            .filter(obligation::Column::Path.gte(path))
            .filter(obligation::Column::Path.lt(domain::place::upper_bound(path)));
        self.count_obligations(open).await
    }

    /// How many obligations of these orgs count where the orgs stand now.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_obligations_here(&self, ids: &[String]) -> StoreResult<Vec<ObligationCount>> {
        let here = obligation::Entity::find()
            .filter(array::is_any(&self.tx, "obligation.organization_id", ids))
            .filter(Expr::cust(STANDS_HERE));
        self.count_obligations(here).await
    }

    /// How many obligations count at a place where their org stood once: of periods closed before it moved.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_obligations_elsewhere(&self) -> StoreResult<Vec<ObligationCount>> {
        let elsewhere = obligation::Entity::find().filter(Expr::cust(STANDS_HERE).not());
        self.count_obligations(elsewhere).await
    }

    async fn count_obligations(
        &self,
        select: sea_orm::Select<obligation::Entity>,
    ) -> StoreResult<Vec<ObligationCount>> {
        Ok(select
            .select_only()
            .column(obligation::Column::Path)
            .column(obligation::Column::RuleKey)
            .column(obligation::Column::Status)
            .column(obligation::Column::Period)
            .expr(Expr::col(obligation::Column::Id).count())
            .filter(obligation::Column::Status.ne("NOT_OWED"))
            .group_by(obligation::Column::Path)
            .group_by(obligation::Column::RuleKey)
            .group_by(obligation::Column::Status)
            .group_by(obligation::Column::Period)
            .into_tuple()
            .all(&self.tx)
            .await?)
    }

    /// Gives the obligations of open periods below a path its new path; closed ones keep theirs.
    ///
    /// # Errors
    /// The database fails.
    pub async fn move_open_obligations(&self, old: &str, new: &str) -> StoreResult<()> {
        let sql = "UPDATE obligation SET path = $1 || substr(path, CAST($2 AS integer)) \
                   WHERE path >= $3 AND path < $4 AND closed = $5";
        let start = i64::try_from(old.chars().count() + 1).unwrap_or(1);
        let upper = domain::place::upper_bound(old);
        let values = vec![new.into(), start.into(), old.into(), upper.into(), false.into()];
        self.tx.execute_raw(statement(&self.tx, sql, values)).await?;
        Ok(())
    }

    /// Writes new and changed obligations, and the revisions of closed ones.
    ///
    /// # Errors
    /// The database fails.
    pub async fn put_obligations(&self, rows: Vec<Obligation>, revisions: Vec<ObligationRevision>) -> StoreResult<()> {
        use obligation::Column as C;
        let changed = [
            C::Path,
            C::Status,
            C::DueOn,
            C::Evidence,
            C::Missing,
            C::RulebookId,
            C::RecordedLate,
            C::Closed,
            C::Revision,
            C::Version,
        ];
        bulk::put(&self.tx, bulk::whole(rows), Some((&[C::Id], &changed))).await?;
        Ok(bulk::insert_models(&self.tx, revisions).await?)
    }
}
