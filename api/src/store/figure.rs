//! Figures as (org, metric, period) → value: kept right in the finish step of each change, for every ancestor at once.

use std::collections::BTreeMap;

use domain::policy::Scope;
use entity::figure;
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbErr, EntityTrait as _, FromQueryResult, QueryFilter as _};

use super::array;
use super::scope::{Seat, condition};
use super::transaction::statement;

/// The period that figures without a period of their own stand under.
pub const NOW: &str = "now";

/// A change of one figure at the org with this path; it is added there and at every ancestor.
#[derive(Debug, Clone)]
pub struct Delta {
    pub path: String,
    pub metric: String,
    pub period: String,
    pub value: i64,
}

/// Adds the deltas to every org on their paths, one statement for all of them. Rows are written in key order, so that
/// two writers never wait for each other in a circle.
pub(super) async fn add(tx: &DatabaseTransaction, deltas: &[Delta]) -> Result<(), DbErr> {
    let mut sums: BTreeMap<(&str, &str, &str), i64> = BTreeMap::new();
    for delta in deltas {
        for id in domain::place::ids_on(&delta.path) {
            *sums.entry((id, &delta.metric, &delta.period)).or_default() += delta.value;
        }
    }
    sums.retain(|_, value| *value != 0);
    let rows: Vec<_> = sums
        .into_iter()
        .map(|((id, metric, period), value)| (id, metric, period, value))
        .collect();
    put(tx, &rows, "figure.value + excluded.value").await
}

/// Writes figures, all by one statement; `value` is what an existing row gets.
async fn put(tx: &DatabaseTransaction, rows: &[(&str, &str, &str, i64)], value: &str) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    // The condition tells SQLite that what follows is no join.
    let sql = format!(
        "INSERT INTO figure (organization_id, metric, period, value) \
         SELECT given.value ->> 0, given.value ->> 1, given.value ->> 2, CAST(given.value ->> 3 AS bigint) \
         FROM {} WHERE true ON CONFLICT (organization_id, metric, period) DO UPDATE SET value = {value}",
        array::rows(tx, "$1", "given")
    );
    let values = vec![serde_json::json!(rows).to_string().into()];
    tx.execute_raw(statement(tx, &sql, values)).await?;
    Ok(())
}

/// One stored figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    pub organization_id: String,
    pub metric: String,
    pub period: String,
    pub value: i64,
}

impl From<figure::Model> for Figure {
    fn from(row: figure::Model) -> Self {
        Self {
            organization_id: row.organization_id,
            metric: row.metric,
            period: row.period,
            value: row.value,
        }
    }
}

impl super::transaction::Snapshot {
    /// The figures of orgs in periods: touched rows follow the orgs shown, not their subtrees.
    ///
    /// # Errors
    /// The database fails.
    pub async fn figures(&self, scope: &Scope, ids: &[String], periods: &[String]) -> super::StoreResult<Vec<Figure>> {
        let rows = figure::Entity::find()
            .filter(array::is_any(&self.tx, "organization_id", ids))
            .filter(array::is_any(&self.tx, "period", periods))
            .filter(condition(scope, Seat::at("figure.organization_id")))
            .all(&self.tx)
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}

/// One figure of an org with the org above it; without a figure where the org has none.
#[derive(Debug, Clone, FromQueryResult)]
pub struct FigureRow {
    pub organization_id: String,
    pub parent_id: Option<String>,
    pub metric: Option<String>,
    pub value: Option<i64>,
}

impl super::transaction::Snapshot {
    /// The figures, of metrics that begin so and in one period, of these orgs and of every child of theirs.
    ///
    /// # Errors
    /// The database fails.
    pub async fn figures_beside(
        &self,
        above: &[String],
        metrics: &str,
        period: &str,
    ) -> super::StoreResult<Vec<FigureRow>> {
        let places = array::places(&self.tx, "$1");
        let sql = format!(
            "SELECT o.id AS organization_id, o.parent_id, f.metric, f.value FROM organization o \
             LEFT JOIN figure f ON f.organization_id = o.id AND f.period = $2 AND f.metric LIKE $3 \
             WHERE o.id IN {places} OR o.parent_id IN {places}"
        );
        let values = vec![array::bound(above), period.into(), format!("{metrics}%").into()];
        Ok(FigureRow::find_by_statement(statement(&self.tx, &sql, values))
            .all(&self.tx)
            .await?)
    }
}

/// Sorts siblings by a figure (rates in millionths, those without one last), then by id, and cuts the page.
pub(super) fn page_by(
    rows: Vec<super::organization::Organization>,
    stored: &[Figure],
    (by, descending): (&super::organization::OrderBy, bool),
    page: &super::page::PageRequest,
) -> super::page::Page<(super::organization::Organization, Vec<String>)> {
    let mut keyed: Vec<((i64, String), _)> = rows
        .into_iter()
        .map(|row| ((value(&row.id, stored, by, descending), row.id.clone()), row))
        .collect();
    keyed.sort_by(|a, b| {
        if descending == page.backward {
            a.0.cmp(&b.0)
        } else {
            b.0.cmp(&a.0)
        }
    });
    if let Some([rate, id]) = page.from.as_deref() {
        let from = (rate.parse().unwrap_or_default(), id.clone());
        keyed.retain(|(key, _)| {
            if descending == page.backward {
                *key > from
            } else {
                *key < from
            }
        });
    }
    keyed.truncate(usize::try_from(page.limit).unwrap_or(usize::MAX).saturating_add(1));
    super::page::Page::cut(keyed, page).map(|((rate, id), row)| (row, vec![rate.to_string(), id]))
}

fn value(id: &str, stored: &[Figure], by: &super::organization::OrderBy, descending: bool) -> i64 {
    use super::organization::OrderBy;
    let of = |metrics: &[&str]| {
        let own = stored.iter().filter(|figure| figure.organization_id == id);
        own.filter(|figure| metrics.contains(&figure.metric.as_str()))
            .map(|figure| figure.value)
            .sum()
    };
    match by {
        OrderBy::Name => 0,
        OrderBy::Rate(_) => rate(id, stored, descending),
        OrderBy::Headcount => of(&["members.full", "members.probationary"]),
        OrderBy::OpenAlerts => of(&["alerts.open"]),
    }
}

fn rate(id: &str, stored: &[Figure], descending: bool) -> i64 {
    let of = |statuses: &[&str]| -> i64 {
        let own = stored
            .iter()
            .filter(|figure| figure.organization_id == id && figure.metric.starts_with("obl:"));
        own.filter(|f| statuses.iter().any(|status| f.metric.ends_with(status)))
            .map(|figure| figure.value)
            .sum()
    };
    let met = of(&[":MET"]);
    let judged = met + of(&[":HELD_LATE", ":OVERDUE", ":MISSED"]);
    match judged {
        0 if descending => -1,
        0 => i64::MAX,
        _ => met * 1_000_000 / judged,
    }
}

impl super::transaction::Write {
    /// All figures of some orgs.
    ///
    /// # Errors
    /// The database fails.
    pub async fn figures_of(&self, ids: &[String]) -> super::StoreResult<Vec<Figure>> {
        let rows = figure::Entity::find()
            .filter(array::is_any(&self.tx, "organization_id", ids))
            .all(&self.tx)
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Makes figures say what they must, whatever they said.
    ///
    /// # Errors
    /// The database fails.
    pub async fn set_figures(&self, figures: &[Figure]) -> super::StoreResult<()> {
        let rows: Vec<_> = figures
            .iter()
            .map(|one| {
                (
                    one.organization_id.as_str(),
                    one.metric.as_str(),
                    one.period.as_str(),
                    one.value,
                )
            })
            .collect();
        Ok(put(&self.tx, &rows, "excluded.value").await?)
    }
}
