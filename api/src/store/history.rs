//! The records of an org's dated facts, one page at a time.

use std::collections::HashMap;

use domain::policy::Scope;
use entity::organization_fact;
use sea_orm::{ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _};

use super::page::{Key, KeyKind, Page, PageRequest, read};
use super::past::Facts;
use super::scope::{Seat, condition};
use super::transaction::{Snapshot, statement};
use super::{StoreResult, array};

/// Newest first.
pub const KEYS: &[Key] = &[
    Key::of("organization_fact.recorded_at", KeyKind::Instant, true),
    Key::of("organization_fact.id", KeyKind::Text, true),
];

/// Where a record stands among those of its org.
#[derive(FromQueryResult)]
struct Neighbours {
    id: String,
    earlier_id: Option<String>,
    is_last: bool,
}

/// A record of an org's facts with the one before it.
#[derive(Debug, Clone)]
pub struct RecordOfFacts {
    pub facts: Facts,
    pub before: Option<Facts>,
    /// Nothing was recorded after it.
    pub is_last: bool,
}

impl Snapshot {
    /// A page of the records of an org, newest first; as far as the scope shows the org. A constant number of statements.
    ///
    /// # Errors
    /// The database fails.
    pub async fn history_of(
        &self,
        scope: &Scope,
        organization: &str,
        page: &PageRequest,
    ) -> StoreResult<Page<RecordOfFacts>> {
        let select = organization_fact::Entity::find()
            .filter(organization_fact::Column::OrganizationId.eq(organization))
            .filter(condition(scope, Seat::at("organization_fact.organization_id")));
        let rows = read(&self.tx, select, KEYS, page).await?;
        let ids: Vec<String> = rows.rows.iter().map(|row| row.id.clone()).collect();
        let mut beside = self.neighbours(&ids).await?;
        Ok(rows.map(|facts| {
            let (before, is_last) = beside.remove(&facts.id).unwrap_or_default();
            RecordOfFacts { facts, before, is_last }
        }))
    }

    /// The record before each of these, and whether it is the last one.
    async fn neighbours(&self, ids: &[String]) -> StoreResult<HashMap<String, (Option<Facts>, bool)>> {
        let sql = format!(
            "SELECT f.id, (SELECT p.id FROM organization_fact p WHERE p.organization_id = f.organization_id AND \
             (p.recorded_at < f.recorded_at OR (p.recorded_at = f.recorded_at AND p.id < f.id)) \
             ORDER BY p.recorded_at DESC, p.id DESC LIMIT 1) AS earlier_id, \
             NOT EXISTS (SELECT 1 FROM organization_fact n WHERE n.organization_id = f.organization_id AND \
             (n.recorded_at > f.recorded_at OR (n.recorded_at = f.recorded_at AND n.id > f.id))) AS is_last \
             FROM organization_fact f WHERE f.id IN {}",
            array::places(&self.tx, "$1")
        );
        let pairs = Neighbours::find_by_statement(statement(&self.tx, &sql, vec![array::bound(ids)]))
            .all(&self.tx)
            .await?;
        let wanted: Vec<String> = pairs.iter().filter_map(|pair| pair.earlier_id.clone()).collect();
        let rows = organization_fact::Entity::find()
            .filter(array::is_any(&self.tx, "organization_fact.id", &wanted))
            .all(&self.tx)
            .await?;
        let rows: HashMap<String, Facts> = rows.into_iter().map(|row| (row.id.clone(), row)).collect();
        let beside = |pair: Neighbours| {
            let before = pair.earlier_id.and_then(|id| rows.get(&id).cloned());
            (pair.id, (before, pair.is_last))
        };
        Ok(pairs.into_iter().map(beside).collect())
    }
}
