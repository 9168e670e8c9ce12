//! Alerts (G3.1a, 一级抓一级): raised with the first overdue day, one level higher at a time, closed when met, made up or
//! answered and accepted.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use domain::lifecycle::alert::{Command, Owed, step};
use domain::obligation::escalation::{climbs, level, reaches};
use domain::place;
use domain::vocabulary::{AlertLevelState, EntityKind, ObligationStatus};

use super::answer::state_of;
use super::judge::{Judged, Span, event};
use crate::ops::activity::read;
use crate::ops::inbox::standing::alerted;
use crate::ops::outcome::Outcome;
use crate::ops::rulebook::{Library, Seat};
use crate::store::alert::{Alert, AlertLevel};
use crate::store::figure::Delta;
use crate::store::obligation::Obligation;
use crate::store::transaction::{Ledger, Write};

#[derive(Default)]
struct Changes {
    alerts: Vec<Alert>,
    levels: Vec<AlertLevel>,
}

/// Raises, moves up and closes the alerts of these obligations.
pub(super) async fn escalate(
    write: &Write,
    ledger: &mut Ledger,
    library: &Library,
    span: &Span<'_>,
    standing: &[Judged],
) -> Outcome<()> {
    let ids: Vec<String> = standing.iter().map(|one| one.row.id.clone()).collect();
    let mut alerts: HashMap<String, Alert> = write
        .alerts_of(&ids)
        .await?
        .into_iter()
        .map(|alert| (alert.obligation_id.clone(), alert))
        .collect();
    let mut changes = Changes::default();
    let mut closing: Vec<Alert> = Vec::new();
    for judged in standing {
        let (row, at) = (&judged.row, judged.seat());
        let alert = alerts.remove(&row.id);
        let before = alert.as_ref().map(state_of).transpose()?;
        let owed = Owed {
            status: read(&row.status)?,
            gone: judged.gone,
            raises: is_raised(row, at, library, span.today),
        };
        let Ok(step) = step(before, Command::Judge(owed)) else {
            continue;
        };
        if step.fields.is_empty() {
            continue;
        }
        let was_open = before.is_some_and(|state| !state.closed);
        let is_open = step.state.is_some_and(|state| !state.closed);
        match alert {
            None => raise(row, at, library, span, ledger, &mut changes),
            Some(alert) if !is_open => closing.push(close(alert, at.path, span, ledger)),
            Some(alert) if was_open => advance(alert, at, library, span, ledger, &mut changes),
            Some(alert) => reopen(alert, at.path, span, ledger, &mut changes),
        }
    }
    let ids: Vec<String> = closing.iter().map(|alert| alert.id.clone()).collect();
    if !ids.is_empty() {
        let levels = write.alert_levels(&ids).await?;
        changes.levels.extend(levels.into_iter().map(|level| AlertLevel {
            state: AlertLevelState::Closed.to_string(),
            since: span.now,
            ..level
        }));
    }
    changes.alerts.extend(closing);
    let changed: Vec<String> = changes.alerts.iter().map(|alert| alert.id.clone()).collect();
    write.put_alerts(changes.alerts, changes.levels).await?;
    // Where the past is built, all lines are set up at its end.
    if !span.builds_past {
        alerted(write, ledger, span.app, &changed).await?;
    }
    Ok(())
}

/// A new alert is about what can still be acted on: what was missed longer ago than the rulebook says raises none.
fn is_raised(row: &Obligation, at: Seat<'_>, library: &Library, today: NaiveDate) -> bool {
    let days = library
        .books(at)
        .and_then(|books| books.on(today).alert_within_days(today));
    row.status != ObligationStatus::Missed.as_str()
        || days.is_none_or(|days| {
            let last = row.due_on.checked_add_days(Days::new(u64::from(days)));
            last.is_some_and(|last| today <= last)
        })
}

fn raise(
    row: &Obligation,
    at: Seat<'_>,
    library: &Library,
    span: &Span<'_>,
    ledger: &mut Ledger,
    changes: &mut Changes,
) {
    let path = at.path;
    let overdue_on = row.due_on.succ_opt().unwrap_or(row.due_on);
    // What turns out late has its days at each level from the day on which it is known.
    let raised_on = if span.builds_past {
        overdue_on
    } else {
        overdue_on.max(span.today)
    };
    let alert = Alert {
        id: span.app.ids.next(EntityKind::Alert),
        organization_id: row.organization_id.clone(),
        obligation_id: row.id.clone(),
        rule_key: row.rule_key.clone(),
        raised_at: span.instant(raised_on),
        raised_on,
        due_on: row.due_on,
        level: 0,
        answer: None,
        answer_state: None,
        answered_at: None,
        answered_by: None,
        reply: None,
        replied_at: None,
        replied_by: None,
        closed_at: None,
        version: 0,
    };
    changes.levels.extend(at_level(&alert, 0, path, span));
    ledger.figures.push(open_alerts(path, 1));
    advance(alert, at, library, span, ledger, changes);
}

/// A correction took away what had closed it: the same alert stands again, at the level it had reached.
fn reopen(alert: Alert, path: &str, span: &Span<'_>, ledger: &mut Ledger, changes: &mut Changes) {
    let alert = Alert {
        closed_at: None,
        version: alert.version + 1,
        ..alert
    };
    for step in 0..=alert.level {
        changes.levels.extend(at_level(&alert, step, path, span));
    }
    ledger.figures.push(open_alerts(path, 1));
    tell(&alert, path, span, ledger);
    changes.alerts.push(alert);
}

fn advance(
    mut alert: Alert,
    at: Seat<'_>,
    library: &Library,
    span: &Span<'_>,
    ledger: &mut Ledger,
    changes: &mut Changes,
) {
    let path = at.path;
    let Some(days) = library
        .books(at)
        .and_then(|books| books.on(span.today).escalate_after_days(span.today))
    else {
        // The rulebook lets nothing go up: the alert stays with the org.
        if alert.version == 0 {
            alert.version = 1;
            tell(&alert, path, span, ledger);
            changes.alerts.push(alert);
        }
        return;
    };
    let levels = place::ids_on(path).count();
    let reached = if span.builds_past {
        level(alert.raised_on, span.today, days, levels)
    } else {
        let present = usize::try_from(alert.level).ok().filter(|_| alert.version > 0);
        climbs(present, alert.raised_on, span.today, days, levels)
    };
    let reached = i64::try_from(reached).unwrap_or(alert.level);
    if alert.version > 0 && reached <= alert.level {
        return;
    }
    for step in alert.level + 1..=reached {
        let reached_on = |step: i64| reaches(alert.raised_on, days, u32::try_from(step).ok()?);
        changes
            .levels
            .extend(at_level(&alert, step, path, span).map(|one| AlertLevel {
                since: reached_on(step).map_or(span.now, |day| span.instant(day)),
                due_on: reached_on(step + 1),
                ..one
            }));
    }
    alert.level = alert.level.max(reached);
    alert.version += 1;
    tell(&alert, path, span, ledger);
    changes.alerts.push(alert);
}

/// The level's own row: the org so many levels above the obligor.
fn at_level(alert: &Alert, step: i64, path: &str, span: &Span<'_>) -> Option<AlertLevel> {
    let above = usize::try_from(step).ok()?;
    let organization = place::ids_on(path).nth_back(above)?;
    Some(AlertLevel {
        alert_id: alert.id.clone(),
        level: step,
        organization_id: organization.to_owned(),
        state: AlertLevelState::Open.to_string(),
        since: span.instant(alert.raised_on),
        note: None,
        due_on: None,
    })
}

pub(super) fn open_alerts(path: &str, value: i64) -> Delta {
    Delta {
        path: path.to_owned(),
        metric: "alerts.open".to_owned(),
        period: "now".to_owned(),
        value,
    }
}

fn close(alert: Alert, path: &str, span: &Span<'_>, ledger: &mut Ledger) -> Alert {
    let alert = Alert {
        closed_at: Some(span.now),
        version: alert.version + 1,
        ..alert
    };
    ledger.figures.push(open_alerts(path, -1));
    tell(&alert, path, span, ledger);
    alert
}

fn tell(alert: &Alert, path: &str, span: &Span<'_>, ledger: &mut Ledger) {
    let org = (alert.organization_id.as_str(), path);
    let fields = &["level", "states", "closedAt"];
    ledger.events.push(event(
        EntityKind::Alert,
        &alert.id,
        alert.version,
        org,
        fields,
        span.cause,
    ));
}
