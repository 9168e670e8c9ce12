//! Rulebooks as they are read: texts, where they are assigned, and what tells whom a book is for.

use std::sync::{Arc, Mutex};

use chrono::NaiveDate;
use domain::place;
use entity::organization;
use sea_orm::{ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _, QuerySelect as _};

use super::transaction::{Snapshot, Write, statement};
use super::{StoreResult, array};

/// Rulebooks in the database and where they are assigned.
#[derive(Debug, Default)]
pub struct RulebookRows {
    /// (key, version, text), oldest version first
    pub texts: Vec<(String, i64, String)>,
    /// (path of the org, first day, key of the rulebook)
    pub assignments: Vec<(String, NaiveDate, String)>,
    /// Every move between parents; read only where a book is assigned below the root, else it makes no difference.
    pub moves: Vec<Moved>,
    /// (org, name) of every org on a path at which a book is or was assigned: what a book's territory may name.
    pub names: Vec<(String, String)>,
}

/// A move of an org between parents.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Moved {
    pub organization_id: String,
    /// The first day below the new parent.
    pub on_day: NaiveDate,
    /// Where the parent of before stands today.
    pub old_parent_path: String,
}

/// Where the log stood: epoch and position.
type Mark = (String, i64);

/// Rulebooks as last read, with the position of their last change: every snapshot knows its own.
#[derive(Debug, Default)]
pub struct KeptRulebooks(Mutex<Option<(Mark, Arc<RulebookRows>)>>);

impl KeptRulebooks {
    fn at(&self, mark: &Mark) -> Option<Arc<RulebookRows>> {
        let place = self.0.lock().ok()?;
        place
            .as_ref()
            .filter(|(at, _)| at == mark)
            .map(|(_, rows)| rows.clone())
    }

    fn keep(&self, mark: Mark, rows: &Arc<RulebookRows>) {
        if let Ok(mut place) = self.0.lock() {
            *place = Some((mark, rows.clone()));
        }
    }
}

#[derive(FromQueryResult)]
struct RulebookRow {
    key: String,
    version: i64,
    text: String,
    path: Option<String>,
    from_on: Option<NaiveDate>,
}

const MOVES: &str = "SELECT f.organization_id, f.from_on AS on_day, o.path AS old_parent_path FROM organization_fact f \
     JOIN organization_fact p ON p.organization_id = f.organization_id AND p.until_on = f.from_on \
     AND p.from_on < p.until_on AND p.parent_id <> f.parent_id JOIN organization o ON o.id = p.parent_id \
     ORDER BY f.organization_id, f.from_on";

async fn rulebooks<C: ConnectionTrait>(tx: &C) -> StoreResult<RulebookRows> {
    let sql = "SELECT b.key, b.version, b.text, o.path, a.from_on FROM rulebook b \
         LEFT JOIN rulebook_assignment a ON a.rulebook_key = b.key \
         LEFT JOIN organization o ON o.id = a.organization_id ORDER BY b.key, b.version, o.path, a.from_on";
    let mut found = RulebookRows::default();
    for row in RulebookRow::find_by_statement(statement(tx, sql, Vec::new()))
        .all(tx)
        .await?
    {
        if let (Some(path), Some(from)) = (row.path, row.from_on) {
            found.assignments.push((path, from, row.key.clone()));
        }
        if !found
            .texts
            .iter()
            .any(|(key, version, _)| *key == row.key && *version == row.version)
        {
            found.texts.push((row.key, row.version, row.text));
        }
    }
    // Once for each version of a book above.
    found.assignments.sort();
    found.assignments.dedup();
    if found.assignments.iter().any(|(path, ..)| place::depth(path) > 0) {
        found.moves = Moved::find_by_statement(statement(tx, MOVES, Vec::new()))
            .all(tx)
            .await?;
    }
    if !found.assignments.is_empty() {
        let assigned = found.assignments.iter().map(|(path, ..)| path);
        let paths = assigned.chain(found.moves.iter().map(|moved| &moved.old_parent_path));
        let ids: std::collections::BTreeSet<String> = paths
            .flat_map(|path| place::ids_on(path))
            .map(ToOwned::to_owned)
            .collect();
        found.names = names(tx, &ids.into_iter().collect::<Vec<_>>()).await?;
    }
    Ok(found)
}

/// (org, name) of these orgs.
async fn names<C: ConnectionTrait>(tx: &C, ids: &[String]) -> StoreResult<Vec<(String, String)>> {
    Ok(organization::Entity::find()
        .select_only()
        .column(organization::Column::Id)
        .column(organization::Column::Name)
        .filter(array::is_any(tx, "organization.id", ids))
        .into_tuple()
        .all(tx)
        .await?)
}

impl Write {
    /// Rulebooks and their assignments.
    ///
    /// # Errors
    /// The database fails.
    pub async fn rulebooks(&self) -> StoreResult<RulebookRows> {
        rulebooks(&self.tx).await
    }

    /// (org, name) of these orgs.
    ///
    /// # Errors
    /// The database fails.
    pub async fn names_of(&self, ids: &[String]) -> StoreResult<Vec<(String, String)>> {
        names(&self.tx, ids).await
    }
}

impl Snapshot {
    /// Rulebooks and their assignments, as of this snapshot. They are asked for in every other request and change a few
    /// times a year: what was read stays good until the log moves.
    ///
    /// # Errors
    /// The database fails.
    pub async fn rulebooks(&self, kept: &KeptRulebooks) -> StoreResult<Arc<RulebookRows>> {
        let mark = (self.epoch.clone(), self.rulebooks_at);
        if let Some(rows) = kept.at(&mark) {
            return Ok(rows);
        }
        let rows = Arc::new(rulebooks(&self.tx).await?);
        kept.keep(mark, &rows);
        Ok(rows)
    }
}
