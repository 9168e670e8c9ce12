//! What stood in a part of the tree on a day of the past, for exports: dated facts of orgs, dated membership.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::policy::Scope;
use entity::organization_fact;
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait as _, FromQueryResult, QueryFilter as _};

use super::StoreResult;
use super::array;
use super::export_rows::OrganizationRow;
use super::organization::{SEAT, Within};
use super::scope::condition;
use super::transaction::{Snapshot, statement};

#[derive(FromQueryResult)]
struct Standing {
    id: String,
}

/// The branch that a member belonged to on a day.
pub(super) fn branch_on<C: ConnectionTrait>(tx: &C, day: NaiveDate) -> SimpleExpr {
    // The two dialects number the values of one expression differently: in order of appearance, or by their number.
    let (place, times) = match tx.get_database_backend() {
        DbBackend::Postgres => ("$1", 1),
        _ => ("?", 2),
    };
    let sql = format!(
        "(SELECT s.branch_id FROM membership s WHERE s.member_id = member.id AND s.from_on <= {place} \
         AND (s.until_on IS NULL OR s.until_on > {place}) ORDER BY s.from_on DESC LIMIT 1)"
    );
    Expr::cust_with_values(sql, std::iter::repeat_n(sea_orm::Value::from(day), times))
}

impl Snapshot {
    /// Ids of the orgs of a part of the tree as it stood on a day, each behind the one above it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn past_orgs(&self, within: &Within, on: NaiveDate) -> StoreResult<Vec<String>> {
        let (first, deepest): (i64, i64) = match within {
            Within::Exactly(_) => (0, 0),
            Within::ChildrenOf(_) => (1, 1),
            Within::SubtreeOf(_) => (0, i64::from(i32::MAX)),
        };
        let sql = "WITH RECURSIVE below(id, depth, place) AS ( \
             SELECT f.organization_id, 0, '/' || f.organization_id FROM organization_fact f \
             WHERE f.organization_id = $1 AND f.from_on <= $2 AND (f.until_on IS NULL OR f.until_on > $2) \
             UNION ALL SELECT f.organization_id, below.depth + 1, below.place || '/' || f.organization_id FROM below \
             JOIN organization_fact f ON f.parent_id = below.id \
             WHERE f.from_on <= $2 AND (f.until_on IS NULL OR f.until_on > $2) AND below.depth < $4) \
             SELECT id FROM below WHERE depth >= $3 ORDER BY place";
        let values = vec![within.id().into(), on.into(), first.into(), deepest.into()];
        let rows = Standing::find_by_statement(statement(&self.tx, sql, values))
            .all(&self.tx)
            .await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    /// These orgs as they stood on a day, in this order, those that a scope shows.
    ///
    /// # Errors
    /// The database fails.
    pub async fn export_past_organizations(
        &self,
        scope: &Scope,
        ids: &[String],
        on: NaiveDate,
    ) -> StoreResult<Vec<OrganizationRow>> {
        let shown: Vec<OrganizationRow> = OrganizationRow::select()
            .filter(array::is_any(&self.tx, "organization.id", ids))
            .filter(condition(scope, SEAT.singly()))
            .into_model()
            .all(&self.tx)
            .await?;
        let mut shown: HashMap<String, OrganizationRow> = shown.into_iter().map(|row| (row.id.clone(), row)).collect();
        let valid = Expr::cust("organization_fact.from_on").lte(on).and(
            Expr::cust("organization_fact.until_on")
                .is_null()
                .or(Expr::cust("organization_fact.until_on").gt(on)),
        );
        let facts = organization_fact::Entity::find()
            .filter(array::is_any(&self.tx, "organization_fact.organization_id", ids))
            .filter(valid)
            .all(&self.tx)
            .await?;
        for fact in facts {
            if let Some(row) = shown.get_mut(&fact.organization_id) {
                row.name = fact.name;
                row.kind = fact.kind;
                row.sector = fact.sector;
                row.parent_id = fact.parent_id;
            }
        }
        Ok(ids.iter().filter_map(|id| shown.remove(id)).collect())
    }
}
