//! The demo city, for the command line.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use domain::lifecycle::measure::DeciderPost;
use domain::vocabulary::{
    AlertLevelState, DecisionState, EntityKind, MeasureKind, MeasureState, ObligationStatus, OrganizationKind,
};
use serde_json::json;

use super::activity::read;
use super::inbox::standing::alerted;
use super::measure::{Measure, run_of, words_place};
use super::obligation::rejudge::build_past_of;
use super::outcome::Outcome;
use crate::app::App;
use crate::store::alert::Deviation;
pub use crate::store::demo::{DemoAccount, DemoCity, DemoRulebook, fill, fill_at_scale};
pub use crate::store::filling::Filling;
use crate::store::measure::DecidingOrg;
use crate::store::transaction::Ledger;

/// What is older than this was decided, most of it.
const OPEN_FOR: Days = Days::new(60);

/// Lets people decide on most of what was proposed more than two months ago, and gives longer runs the lower steps that
/// came before. All of it is as if it had been done in its time: judging again changes nothing.
///
/// # Errors
/// The database is away.
pub async fn decide_measures(app: &App) -> Outcome<()> {
    let write = app.database.write().await?;
    let mut rows = write.measures_to_decide().await?;
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    let branches: Vec<String> = rows.iter().map(|row| row.decider_id.clone()).collect();
    let orgs = write.deciding_orgs(&branches, app.today()).await?;
    let orgs: HashMap<&str, &DecidingOrg> = orgs.iter().map(|org| (org.id.as_str(), org)).collect();
    let mut changed = Vec::new();
    for (number, row) in rows.into_iter().enumerate() {
        let superior = read::<DeciderPost>(&row.decider_post)? == DeciderPost::Superior;
        let head = orgs.get(row.decider_id.as_str()).and_then(|org| org.head_id.clone());
        let Some(head) = head.filter(|head| !superior && *head != row.member_id) else {
            continue;
        };
        changed.extend(earlier(app, &row, &head)?);
        let is_old = app.today() > row.last_absence_on + OPEN_FOR;
        match number % 5 {
            0..3 if is_old => changed.push(confirmed(app, row, &head)?),
            3 if is_old => changed.push(dismissed(row, &head)),
            _ => {}
        }
    }
    write.put_measures(&changed).await?;
    Ok(write.keep().await?)
}

/// Branches that ask for deviations.
const ASK: usize = 30;

/// A few branches have asked to hold a lecture later than owed: some were allowed to, one was refused, one waits. What is
/// judged afterwards sees it.
///
/// # Errors
/// The database is away.
pub async fn ask_deviations(app: &App, accounts: &[DemoAccount], since: NaiveDate) -> Outcome<()> {
    let write = app.database.write().await?;
    let mut branches = write.organizations_of_kind(OrganizationKind::Branch).await?;
    branches.truncate(ASK);
    write.keep().await?;
    build_past_of(app, &branches, since).await?;
    let write = app.database.write().await?;
    let mut rows = write.obligations_since(&branches, app.today()).await?;
    let waits = [
        ObligationStatus::Open,
        ObligationStatus::DueSoon,
        ObligationStatus::Overdue,
    ];
    rows.retain(|row| row.rule_key == "lecture" && !row.closed && waits.iter().any(|one| row.status == one.as_str()));
    rows.sort_by(|a, b| (a.due_on, &a.path).cmp(&(b.due_on, &b.path)));
    let account = |name: &str| {
        let found = accounts.iter().find(|one| one.username == name);
        found.map(|one| one.account_id.clone()).unwrap_or_default()
    };
    let states = [
        DecisionState::Accepted,
        DecisionState::Accepted,
        DecisionState::Accepted,
        DecisionState::Rejected,
        DecisionState::Open,
    ];
    for (row, state) in rows.into_iter().zip(states) {
        let decided = state != DecisionState::Open;
        let asked_on = row.period_start.max(app.today() - Days::new(20));
        write
            .put_deviation(Deviation {
                id: app.ids.next(EntityKind::Deviation),
                obligation_id: row.id,
                organization_id: row.organization_id,
                reason: "多数党员外出参加防汛，拟顺延".to_owned(),
                new_date: row.due_on.max(app.today()) + Days::new(30),
                state: state.to_string(),
                asked_at: at(asked_on, 0),
                asked_by: account("branch-secretary"),
                decided_at: decided.then(|| at(asked_on, 1).min(app.clock.now())),
                decided_by: decided.then(|| account("county-secretary")),
                answer: (state == DecisionState::Rejected).then(|| "请按期安排，可采用线上方式".to_owned()),
                version: 1,
            })
            .await?;
    }
    Ok(write.keep().await?)
}

/// Some alerts have been attended to: acknowledged by the org itself, or urged by the level above.
///
/// # Errors
/// The database is away.
pub async fn attend_to_alerts(app: &App) -> Outcome<()> {
    let write = app.database.write().await?;
    let mut ids: Vec<String> = write
        .levels_standing(None)
        .await?
        .into_iter()
        .map(|level| level.alert_id)
        .collect();
    ids.sort();
    ids.dedup();
    let mut changed = Vec::new();
    for mut level in write.alert_levels(&ids).await? {
        let number = ids.binary_search(&level.alert_id).unwrap_or_default();
        let (state, note) = match (number % 6, level.level) {
            (1, 0) => (AlertLevelState::Acknowledged, "已收悉，正在安排"),
            (2, 0) => (AlertLevelState::Urged, "请于一周内落实并报结果"),
            (2 | 3, 1) => (AlertLevelState::Acknowledged, "已了解，已与支部沟通"),
            _ => continue,
        };
        level.state = state.to_string();
        level.note = Some(note.to_owned());
        level.due_on = match state {
            AlertLevelState::Urged => Some(app.today() + Days::new(7)),
            _ => level.due_on,
        };
        changed.push(level);
    }
    ids.retain(|id| changed.iter().any(|level| level.alert_id == *id));
    let mut ledger = Ledger::default();
    write.put_alerts(Vec::new(), changed).await?;
    alerted(&write, &mut ledger, app, &ids).await?;
    write.finish(ledger, app.clock.now()).await?;
    Ok(())
}

fn at(day: NaiveDate, after: u64) -> DateTime<Utc> {
    (day + Days::new(after)).and_time(NaiveTime::MIN).and_utc()
}

/// The steps before: the first absence was talked about, the second had not been when the third came.
fn earlier(app: &App, row: &Measure, head: &str) -> Outcome<Vec<Measure>> {
    let run = run_of(row);
    let steps = [MeasureKind::Reminder, MeasureKind::Admonition];
    let mut rows = Vec::new();
    for (number, (kind, step)) in steps
        .into_iter()
        .zip(&run)
        .enumerate()
        .take(run.len().saturating_sub(1))
    {
        let before = Measure {
            id: app.ids.next(EntityKind::Measure),
            kind: kind.to_string(),
            run: json!(run.get(..=number)),
            last_absence_on: step.date,
            proposed_at: at(step.date, 1),
            ..row.clone()
        };
        rows.push(if kind == MeasureKind::Reminder {
            confirmed(app, before, head)?
        } else {
            Measure {
                state: MeasureState::Superseded.to_string(),
                version: 2,
                ..before
            }
        });
    }
    Ok(rows)
}

fn confirmed(app: &App, row: Measure, head: &str) -> Outcome<Measure> {
    let on = row.last_absence_on + Days::new(3);
    let words = app
        .keys
        .seal(&words_place(&row.id), "以后按时参加，有事提前请假。".as_bytes())?;
    Ok(Measure {
        talk: Some(json!({"on": on, "by": head, "words": words})),
        ..decided(row, MeasureState::Confirmed, head)
    })
}

fn dismissed(row: Measure, head: &str) -> Measure {
    Measure {
        reason: Some("临时参加抢险值班，事后已说明".to_owned()),
        ..decided(row, MeasureState::Dismissed, head)
    }
}

fn decided(row: Measure, state: MeasureState, head: &str) -> Measure {
    Measure {
        state: state.to_string(),
        proposed_at: at(row.last_absence_on, 1),
        decided_at: Some(at(row.last_absence_on, 4)),
        decided_by: Some(head.to_owned()),
        version: row.version + 1,
        ..row
    }
}
