//! The past of structure and roster: valid on a day, as known now. Whatever the number of orgs, a statement or two.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::policy::Scope;
use entity::organization_fact;
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait as _, FromQueryResult, QueryFilter as _};

use super::organization::Within;
use super::scope::{Seat, condition};
use super::transaction::{Snapshot, statement};
use super::{StoreResult, array};

/// Facts of an org over a span of days; `until_on` is exclusive.
pub type Facts = organization_fact::Model;

#[derive(FromQueryResult)]
struct Step {
    org: String,
    fact_id: String,
}

/// Members who belonged below an org on a day.
#[derive(Debug, Clone, FromQueryResult)]
pub struct HeadcountRow {
    pub organization_id: String,
    pub full_members: i64,
    pub probationary_members: i64,
}

const VALID: &str = "f.from_on <= $2 AND (f.until_on IS NULL OR f.until_on > $2)";

impl Snapshot {
    /// For each org the facts that held on a day from the root down to the org itself, as far as the scope shows them.
    /// Orgs that were not there that day are left out.
    ///
    /// # Errors
    /// The database fails.
    pub async fn facts_on(
        &self,
        scope: &Scope,
        ids: &[String],
        on: NaiveDate,
    ) -> StoreResult<HashMap<String, Vec<Facts>>> {
        let sql = format!(
            "WITH RECURSIVE up(org, height, fact_id, parent_id) AS ( \
             SELECT f.organization_id, 0, f.id, f.parent_id FROM organization_fact f \
             WHERE f.organization_id IN {} AND {VALID} \
             UNION ALL SELECT up.org, up.height + 1, f.id, f.parent_id FROM up \
             JOIN organization_fact f ON f.organization_id = up.parent_id WHERE {VALID}) \
             SELECT org, fact_id FROM up ORDER BY org, height DESC",
            array::places(&self.tx, "$1")
        );
        let values = vec![array::bound(ids), on.into()];
        let steps = Step::find_by_statement(statement(&self.tx, &sql, values))
            .all(&self.tx)
            .await?;
        let mut wanted: Vec<String> = steps.iter().map(|step| step.fact_id.clone()).collect();
        wanted.sort();
        wanted.dedup();
        let rows = organization_fact::Entity::find()
            .filter(array::is_any(&self.tx, "organization_fact.id", &wanted))
            .filter(condition(scope, Seat::at("organization_fact.organization_id")))
            .all(&self.tx)
            .await?;
        let rows: HashMap<&str, &Facts> = rows.iter().map(|row| (row.id.as_str(), row)).collect();
        let mut paths: HashMap<String, Vec<Facts>> = HashMap::new();
        for step in &steps {
            if let Some(row) = rows.get(step.fact_id.as_str()) {
                paths.entry(step.org.clone()).or_default().push((*row).clone());
            }
        }
        paths.retain(|org, path| path.last().is_some_and(|facts| facts.organization_id == *org));
        Ok(paths)
    }

    /// How many members belonged to orgs, and to what stood below them, on a day: from dated membership. The caller
    /// brings only ids whose figures the reader may see.
    ///
    /// # Errors
    /// The database fails.
    pub async fn headcounts_on(&self, ids: &[String], on: NaiveDate) -> StoreResult<Vec<HeadcountRow>> {
        let full = "m.standing = 'FULL' AND (m.became_full_on IS NULL OR m.became_full_on <= $2)";
        let sql = format!(
            "WITH RECURSIVE below(top, id) AS ( \
             SELECT o.id, o.id FROM organization o WHERE o.id IN {} \
             UNION SELECT below.top, f.organization_id FROM below \
             JOIN organization_fact f ON f.parent_id = below.id WHERE {VALID}) \
             SELECT below.top AS organization_id, SUM(CASE WHEN {full} THEN 1 ELSE 0 END) AS full_members, \
             SUM(CASE WHEN {full} THEN 0 ELSE 1 END) AS probationary_members FROM below \
             JOIN membership f ON f.branch_id = below.id JOIN member m ON m.id = f.member_id WHERE {VALID} \
             GROUP BY below.top",
            array::places(&self.tx, "$1")
        );
        let values = vec![array::bound(ids), on.into()];
        Ok(HeadcountRow::find_by_statement(statement(&self.tx, &sql, values))
            .all(&self.tx)
            .await?)
    }

    /// The condition on a column with a member's id: belonged to this part of the tree, as it stood on that day.
    pub(super) fn belonged(&self, column: &'static str, within: &Within, on: NaiveDate) -> SimpleExpr {
        belonged(&self.tx, column, within, on)
    }
}

fn belonged<C: ConnectionTrait>(tx: &C, column: &'static str, within: &Within, on: NaiveDate) -> SimpleExpr {
    let (Within::Exactly(id) | Within::ChildrenOf(id) | Within::SubtreeOf(id)) = within;
    // The two dialects number the values of one expression differently: in order of appearance, or by their number.
    let postgres = tx.get_database_backend() == DbBackend::Postgres;
    let (root, day) = if postgres { ("$1", "$2") } else { ("?", "?") };
    let valid = |of: &str| format!("{of}.from_on <= {day} AND ({of}.until_on IS NULL OR {of}.until_on > {day})");
    let children = format!(
        "SELECT f.organization_id FROM organization_fact f WHERE f.parent_id = {root} AND {}",
        valid("f")
    );
    let (orgs, days) = match within {
        Within::Exactly(_) => (root.to_owned(), 0),
        Within::ChildrenOf(_) => (children, 2),
        Within::SubtreeOf(_) => (
            format!(
                "WITH RECURSIVE below(id) AS (SELECT o.id FROM organization o WHERE o.id = {root} \
                 UNION SELECT f.organization_id FROM below JOIN organization_fact f ON f.parent_id = below.id WHERE {}) \
                 SELECT id FROM below",
                valid("f")
            ),
            2,
        ),
    };
    let sql = format!(
        "{column} IN (SELECT s.member_id FROM membership s WHERE s.branch_id IN ({orgs}) AND {})",
        valid("s")
    );
    let mut values: Vec<sea_orm::Value> = vec![id.as_str().into()];
    let repeats = if postgres { 1 } else { days + 2 };
    values.extend(std::iter::repeat_n(sea_orm::Value::from(on), repeats));
    Expr::cust_with_values(sql, values)
}
