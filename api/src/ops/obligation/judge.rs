//! Judging some orgs anew within one write: the difference between findings and rows, and what follows from it.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone as _, Utc};
use domain::obligation::{Facts, Finding, NotOwedReason, judge_all, judge_late};
use domain::vocabulary::{EntityKind, ObligationStatus, Sector};

use super::evidence::{Evidence, because, kept, missing_kept};
use super::facts::{Known, known};
use crate::app::App;
use crate::ops::outcome::Outcome;
use crate::ops::rulebook::{Library, Seat};
use crate::ops::writing::upsert;
use crate::store::figure::Delta;
use crate::store::obligation::{Obligation, ObligationRevision};
use crate::store::oversight::Extent;
use crate::store::transaction::{Event, Ledger, Write};

/// What is judged, and as of when.
pub(super) struct Span<'a> {
    pub app: &'a App,
    pub now: DateTime<Utc>,
    /// The day that counts as the present.
    pub today: NaiveDate,
    /// Periods that touch this half-open range.
    pub from: NaiveDate,
    pub until: NaiveDate,
    /// Closed periods without a row get one: only where the past is built.
    pub builds_past: bool,
    pub cause: &'static str,
}

impl Span<'_> {
    /// When something happened that the passing of a day brings: now, or, where the past is built, as that day began.
    pub fn instant(&self, day: NaiveDate) -> DateTime<Utc> {
        let began = self
            .app
            .zone
            .from_local_datetime(&day.and_time(NaiveTime::MIN))
            .earliest();
        began
            .filter(|_| self.builds_past)
            .map_or(self.now, |at| at.with_timezone(&Utc).min(self.now))
    }
}

/// An obligation after judging.
pub(super) struct Judged {
    pub row: Obligation,
    /// Where its org stands now.
    pub path: String,
    pub sector: Sector,
    /// The org is dissolved: nobody can act on it any more.
    pub gone: bool,
}

impl Judged {
    pub(super) fn seat(&self) -> Seat<'_> {
        Seat {
            path: &self.path,
            sector: Some(self.sector),
        }
    }
}

/// What a judgement changes.
#[derive(Default)]
struct Changes {
    rows: Vec<Obligation>,
    revisions: Vec<ObligationRevision>,
}

/// Judges orgs anew; returns the ids of the obligations that changed.
pub(super) async fn judge(
    write: &Write,
    ledger: &mut Ledger,
    library: &Library,
    span: &Span<'_>,
    ids: &[String],
) -> Outcome<Vec<String>> {
    let extent = Extent::since_year_of(span.from, span.today, library.looks_below());
    let facts = write.oversight(ids, extent).await?;
    let known = known(facts, span.app.zone)?;
    let mut existing: HashMap<String, Vec<Obligation>> = HashMap::new();
    for row in write.obligations_since(ids, span.from).await? {
        existing.entry(row.organization_id.clone()).or_default().push(row);
    }
    let mut changes = Changes::default();
    let mut standing: Vec<Judged> = Vec::new();
    for one in &known {
        let rows = existing.remove(&one.row.id).unwrap_or_default();
        standing.extend(judge_one(one, rows, library, span, ledger, &mut changes));
    }
    let changed = changes.rows.iter().map(|row| row.id.clone()).collect();
    write.put_obligations(changes.rows, changes.revisions).await?;
    super::escalate::escalate(write, ledger, library, span, &standing).await?;
    Ok(changed)
}

/// The obligations of one org after judging.
fn judge_one(
    one: &Known,
    rows: Vec<Obligation>,
    library: &Library,
    span: &Span<'_>,
    ledger: &mut Ledger,
    changes: &mut Changes,
) -> Vec<Judged> {
    let Some(books) = library.books(&one.row) else {
        return Vec::new();
    };
    let facts = one.facts();
    let findings = judge_all(&facts, &books, span.from, span.until, span.today);
    let (closed, mut open) = split(rows);
    let frozen: HashSet<Key> = closed.iter().map(key).collect();
    let mut after = Vec::new();
    for before in closed {
        let row = match late(&facts, &before, library, span.today) {
            Some(finding) => settle(one, Some(before), &finding, span, ledger, changes),
            None => Some(before),
        };
        after.extend(row);
    }
    for finding in &findings {
        let key = (finding.rule.clone(), finding.subject.clone(), finding.period.code());
        if !frozen.contains(&key) {
            after.extend(settle(one, open.remove(&key), finding, span, ledger, changes));
        }
    }
    // What the org no longer owes at all: another kind, no committee any more, another book.
    for before in open.into_values() {
        let lapses = before.period_start < span.until && before.status != ObligationStatus::NotOwed.as_str();
        after.push(match lapses {
            true => lapse(one, before, span, ledger, changes),
            false => before,
        });
    }
    let judged = |row| Judged {
        row,
        path: one.row.path.clone(),
        sector: one.organization.sector,
        gone: one.row.dissolved_on.is_some(),
    };
    after.into_iter().map(judged).collect()
}

/// Rule, for whom, period.
type Key = (String, String, String);

fn key(row: &Obligation) -> Key {
    (row.rule_key.clone(), row.subject_id.clone(), row.period.clone())
}

/// Rows of closed periods, and the others by rule and period.
fn split(rows: Vec<Obligation>) -> (Vec<Obligation>, HashMap<Key, Obligation>) {
    let (closed, open): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.closed);
    (closed, open.into_iter().map(|row| (key(&row), row)).collect())
}

/// A closed period is judged by the version of the book that it closed under, whatever holds here now; what was not owed
/// then is not owed. `None`: it stays as it is.
fn late(facts: &Facts<'_>, row: &Obligation, library: &Library, today: NaiveDate) -> Option<Finding> {
    if row.status == ObligationStatus::NotOwed.as_str() {
        return None;
    }
    let (book, version) = row.rulebook_id.split_once('@')?;
    let book = library.version(book, version.parse().ok()?)?;
    let counted = Evidence::read(&row.evidence).activities;
    let which = (row.rule_key.as_str(), row.subject_id.as_str());
    judge_late(facts, book, which, &row.period.parse().ok()?, &counted, today)
}

/// Compares a finding with its row; `None` where there is none and none is needed.
fn settle(
    one: &Known,
    before: Option<Obligation>,
    finding: &Finding,
    span: &Span<'_>,
    ledger: &mut Ledger,
    changes: &mut Changes,
) -> Option<Obligation> {
    let Some(before) = before else {
        let owed = finding.status != ObligationStatus::NotOwed;
        if !owed || (finding.closed && !span.builds_past) {
            return None;
        }
        let row = fresh(one, finding, span);
        record(one, None, &row, span, ledger, changes);
        return Some(row);
    };
    // A closed period is frozen: only what was held and filed for it may still change it.
    if before.closed && !finding.closed {
        return Some(before);
    }
    let mut row = Obligation {
        version: before.version,
        revision: before.revision,
        id: before.id.clone(),
        ..fresh(one, finding, span)
    };
    if before.closed {
        row.rulebook_id.clone_from(&before.rulebook_id);
        row.path.clone_from(&before.path);
        row.due_on = before.due_on;
    }
    if row == before {
        return Some(before);
    }
    row.version += 1;
    row.revision += i64::from(before.closed);
    record(one, Some(&before), &row, span, ledger, changes);
    Some(row)
}

fn lapse(one: &Known, before: Obligation, span: &Span<'_>, ledger: &mut Ledger, changes: &mut Changes) -> Obligation {
    let row = Obligation {
        status: ObligationStatus::NotOwed.to_string(),
        missing: serde_json::json!([]),
        evidence: because(before.evidence.clone(), NotOwedReason::Lapsed),
        version: before.version + 1,
        ..before.clone()
    };
    record(one, Some(&before), &row, span, ledger, changes);
    row
}

fn fresh(one: &Known, finding: &Finding, span: &Span<'_>) -> Obligation {
    Obligation {
        id: span.app.ids.next(EntityKind::Obligation),
        organization_id: one.row.id.clone(),
        path: one.row.path.clone(),
        rule_key: finding.rule.clone(),
        subject_kind: EntityKind::Organization.to_string(),
        subject_id: finding.subject.clone(),
        period: finding.period.code(),
        period_kind: finding.period.kind.to_string(),
        period_start: finding.period.start,
        period_end: finding.period.end,
        status: finding.status.to_string(),
        due_on: finding.due_on,
        evidence: kept(finding),
        missing: missing_kept(finding),
        rulebook_id: format!("{}@{}", finding.basis.rulebook, finding.basis.rulebook_version),
        recorded_late: finding.recorded_late,
        closed: finding.closed,
        revision: 1,
        version: 1,
    }
}

/// Figures, event and revision of one change.
fn record(
    one: &Known,
    before: Option<&Obligation>,
    row: &Obligation,
    span: &Span<'_>,
    ledger: &mut Ledger,
    changes: &mut Changes,
) {
    if before.is_none_or(|before| before.status != row.status) {
        ledger.figures.extend(before.and_then(|row| delta(row, -1)));
        ledger.figures.extend(delta(row, 1));
    }
    if row.closed {
        changes.revisions.push(ObligationRevision {
            obligation_id: row.id.clone(),
            revision: row.revision,
            status: row.status.clone(),
            evidence: row.evidence.clone(),
            rulebook_id: row.rulebook_id.clone(),
            path: row.path.clone(),
            at: span.now,
        });
    }
    ledger.events.push(event(
        EntityKind::Obligation,
        &row.id,
        row.version,
        (&one.row.id, &one.row.path),
        &["status", "dueOn", "evidence"],
        span.cause,
    ));
    changes.rows.push(row.clone());
}

/// The figure that an obligation stands in, added or taken away; a closed period counts where the org stood at its close.
fn delta(row: &Obligation, value: i64) -> Option<Delta> {
    (row.status != ObligationStatus::NotOwed.as_str()).then(|| Delta {
        path: row.path.clone(),
        metric: format!("obl:{}:{}", row.rule_key, row.status),
        period: row.period.clone(),
        value,
    })
}

/// One `UPSERT` for the log, with its cause.
pub(super) fn event(
    kind: EntityKind,
    id: &str,
    version: i64,
    org: (&str, &str),
    fields: &[&'static str],
    cause: &'static str,
) -> Event {
    Event {
        cause,
        ..upsert(kind, id, version, org, fields)
    }
}
