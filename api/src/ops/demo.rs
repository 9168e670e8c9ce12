//! The demo city, for the command line.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use domain::lifecycle::measure::DeciderPost;
use domain::vocabulary::{EntityKind, MeasureKind, MeasureState};
use serde_json::json;

use super::activity::read;
use super::measure::{Measure, run_of, words_place};
use super::outcome::Outcome;
use crate::app::App;
pub use crate::store::demo::{DemoAccount, DemoCity, DemoRulebook, fill};
pub use crate::store::filling::Filling;
use crate::store::measure::DecidingOrg;

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
