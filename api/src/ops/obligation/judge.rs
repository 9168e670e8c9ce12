//! Judging some orgs anew within one write: the difference between findings and rows, and what follows from it.

use std::collections::HashMap;

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use domain::obligation::{Facts, Finding, NotOwedReason, judge_all};
use domain::vocabulary::{ChangeExtent, ChangeOp, EntityKind, ObligationStatus};

use super::evidence::{because, kept, missing_kept};
use super::facts::{Known, known};
use crate::app::App;
use crate::ops::outcome::Outcome;
use crate::ops::rulebook::Library;
use crate::store::figure::Delta;
use crate::store::obligation::{Obligation, ObligationRevision};
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
    let since = NaiveDate::from_ymd_opt(span.from.year(), 1, 1).unwrap_or(span.from);
    let facts = write.oversight(ids, since, span.today).await?;
    let known = known(facts, span.app.zone)?;
    let mut existing: HashMap<String, Vec<Obligation>> = HashMap::new();
    for row in write.obligations_since(ids, span.from).await? {
        existing.entry(row.organization_id.clone()).or_default().push(row);
    }
    let mut changes = Changes::default();
    let mut standing: Vec<(Obligation, String)> = Vec::new();
    for one in &known {
        let rows = existing.remove(&one.row.id).unwrap_or_default();
        standing.extend(judge_one(one, rows, library, span, ledger, &mut changes));
    }
    let changed = changes.rows.iter().map(|row| row.id.clone()).collect();
    write.put_obligations(changes.rows, changes.revisions).await?;
    super::escalate::escalate(write, ledger, library, span, &standing).await?;
    Ok(changed)
}

/// The obligations of one org after judging, with the org's path.
fn judge_one(
    one: &Known,
    rows: Vec<Obligation>,
    library: &Library,
    span: &Span<'_>,
    ledger: &mut Ledger,
    changes: &mut Changes,
) -> Vec<(Obligation, String)> {
    let Some(books) = library.books(&one.row.path) else {
        return Vec::new();
    };
    let facts = Facts {
        organization: &one.organization,
        held: &one.held,
        deviations: &one.deviations,
    };
    let findings = judge_all(&facts, &books, span.from, span.until, span.today);
    let mut rows: HashMap<(String, String), Obligation> = rows
        .into_iter()
        .map(|row| ((row.rule_key.clone(), row.period.clone()), row))
        .collect();
    let mut after = Vec::new();
    for finding in &findings {
        let before = rows.remove(&(finding.rule.clone(), finding.period.code()));
        if let Some(row) = settle(one, before, finding, span, ledger, changes) {
            after.push((row, one.row.path.clone()));
        }
    }
    // What the org no longer owes at all: another kind, no committee any more. Closed periods stay.
    for before in rows.into_values() {
        let open = !before.closed && before.period_start < span.until;
        let row = if open && before.status != ObligationStatus::NotOwed.as_str() {
            lapse(one, before, span, ledger, changes)
        } else {
            before
        };
        after.push((row, one.row.path.clone()));
    }
    after
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
    if before.closed && (finding.status == ObligationStatus::NotOwed || !finding.closed) {
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
        subject_id: one.row.id.clone(),
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
        op: ChangeOp::Upsert,
        extent: ChangeExtent::Object,
        kind,
        id: id.to_owned(),
        version: Some(version),
        organization_id: Some(org.0.to_owned()),
        path: Some(org.1.to_owned()),
        old_path: None,
        member_id: None,
        fields: fields.to_vec(),
        cause,
    }
}
