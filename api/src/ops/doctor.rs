//! Compares the stored data with itself and with what the pure rules say. It changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::place;
use domain::policy::{Ancestor, Place};

use super::obligation::{headcount, rejudge};
use super::outcome::Outcome;
use crate::app::App;
use crate::store::sealed::SEALED;

/// Values of each key and column that are opened.
const SAMPLE: i64 = 20;
/// Differences of one sort that are told one by one.
const TOLD: usize = 5;

/// What is wrong with the database, one precise line each; empty where nothing is.
///
/// # Errors
/// The database is away.
pub async fn complaints(app: &Arc<App>) -> Outcome<Vec<String>> {
    let mut complaints = app.database.complaints().await?;
    complaints.extend(hierarchy(app).await?);
    complaints.extend(keys(app).await?);
    complaints.extend(figures(app).await?);
    complaints.extend(super::trail::broken(app).await?);
    let changed = rejudge::differences(app).await?;
    complaints.extend(told("obligation differs from its judgement", changed));
    Ok(complaints)
}

fn told(what: &str, ids: Vec<String>) -> Vec<String> {
    let all = ids.len();
    let mut lines: Vec<String> = ids.into_iter().take(TOLD).map(|id| format!("{what}: {id}")).collect();
    if all > TOLD {
        lines.push(format!("{what}: {} more", all - TOLD));
    }
    lines
}

/// Path, depth, overseer and approver of every org, computed from the root down.
async fn hierarchy(app: &App) -> Outcome<Vec<String>> {
    let write = app.database.write().await?;
    let rows = write.subtree("/").await?;
    drop(write);
    let mut seen: BTreeMap<&str, Vec<Ancestor>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for row in &rows {
        let above = match &row.parent_id {
            None => Vec::new(),
            Some(parent) => seen.get(parent.as_str()).cloned().unwrap_or_default(),
        };
        let Ok(kind) = row.kind.parse() else {
            wrong.push(format!("{} (kind {})", row.id, row.kind));
            continue;
        };
        let right = Place::below(&above, &row.id, kind, row.guided_by.clone());
        let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let checks = [
            ("path", row.path == right.path && row.parent_id == right.parent_id),
            ("depth", row.depth == number(place::depth(&row.path))),
            ("next_from_depth", row.next_from_depth == number(right.next_from_depth)),
            ("approver_id", row.approver_id == right.approver_id),
        ];
        wrong.extend(
            checks
                .iter()
                .filter(|(_, holds)| !holds)
                .map(|(column, _)| format!("{} ({column})", row.id)),
        );
        let mut chain = above;
        chain.push(Ancestor {
            id: row.id.clone(),
            kind,
            approves: row.approves,
        });
        seen.insert(&row.id, chain);
    }
    Ok(told("organization does not stand where its parents put it", wrong))
}

/// Opens a sample of what each key sealed; values of unknown keys are counted.
async fn keys(app: &App) -> Outcome<Vec<String>> {
    let snapshot = app.database.snapshot().await?;
    let mut wrong = Vec::new();
    for at in SEALED {
        let mut known = 0;
        for key in app.keys.ids() {
            known += snapshot.count_sealed(at, Some(key)).await?;
            for value in snapshot.sealed_by(at, key, SAMPLE).await? {
                if app
                    .keys
                    .open(&format!("{}:{}", at.place, value.id), &value.sealed)
                    .is_err()
                {
                    wrong.push(format!(
                        "{}.{} of {}: key {key} does not open it",
                        at.table, at.column, value.id
                    ));
                }
            }
        }
        let foreign = snapshot.count_sealed(at, None).await? - known;
        if foreign > 0 {
            wrong.push(format!(
                "{}.{}: {foreign} values of keys that are not in the key file",
                at.table, at.column
            ));
        }
    }
    Ok(wrong)
}

/// Stored figures against a recount.
async fn figures(app: &App) -> Outcome<Vec<String>> {
    let write = app.database.write().await?;
    let mut right: BTreeMap<(String, String, String), i64> = BTreeMap::new();
    for delta in headcount::all(&write).await? {
        for id in place::ids_on(&delta.path) {
            *right
                .entry((id.to_owned(), delta.metric.clone(), delta.period.clone()))
                .or_default() += delta.value;
        }
    }
    let stored: BTreeMap<(String, String, String), i64> = write
        .computed_figures()
        .await?
        .into_iter()
        .map(|figure| ((figure.organization_id, figure.metric, figure.period), figure.value))
        .collect();
    drop(write);
    let places: BTreeSet<_> = right.keys().chain(stored.keys()).collect();
    let value = |of: &BTreeMap<(String, String, String), i64>, at| of.get(at).copied().unwrap_or_default();
    let wrong = places
        .into_iter()
        .filter(|at| value(&right, at) != value(&stored, at))
        .map(|at| {
            let (org, metric, period) = at;
            format!(
                "{metric} of {org} in {period} is {}, counted {}",
                value(&stored, at),
                value(&right, at)
            )
        });
    Ok(told("figure", wrong.collect()))
}
