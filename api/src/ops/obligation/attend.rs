//! Acknowledging alerts and urging 督办 (G3.1a): per alert an outcome of its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;
use domain::lifecycle::alert::{Command, step};
use domain::policy::attention::{Level, stands_at, urged};
use domain::policy::{Action, Permit, Place, Scope, Subject, SystemScope, Target, scope};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{AlertLevelState, EntityKind};
use futures_util::FutureExt as _;

use crate::ops::activity::limit;
use crate::ops::inbox::standing::alerted;
use crate::ops::obligation::answer::state_of;
use crate::ops::organization::place_of;
use crate::ops::outcome::{Failure, Outcome};
use crate::ops::structure::checked_text;
use crate::ops::writing::{Unit, WriteRequest, Written, upsert};
use crate::store::alert::{Alert, AlertLevel};

/// Most alerts in one call.
const MOST: usize = 100;
/// Longest note.
const NOTE_LENGTH: usize = 1000;

/// What is done to alerts.
#[derive(Debug, Clone)]
pub enum Attention {
    /// Silences one level, not the clock.
    Acknowledge { note: Option<String> },
    /// Asks the next level down to act, by a day.
    Urge { note: String, due_on: NaiveDate },
}

/// Problems by alert id; alerts without any were changed.
pub type Problems = BTreeMap<String, Vec<Problem>>;

/// Attends to alerts. Those that are refused do not hold up the others; `None` where nothing was changed.
///
/// # Errors
/// `REQUIRED` (an urge without words too), `TOO_MANY`, `TOO_LONG`, `DATE_TOO_EARLY`, or the database is away.
pub async fn attend(
    request: &WriteRequest<'_>,
    ids: &[String],
    attention: &Attention,
) -> Outcome<(Option<Written>, Problems)> {
    let asked = ids;
    let mut ids = ids.to_vec();
    ids.sort();
    ids.dedup();
    check(&ids, attention, request.app.today())?;
    let refused = Arc::new(Mutex::new(Problems::new()));
    let outcome = request
        .run(|unit| {
            let (ids, attention, refused) = (ids.clone(), attention.clone(), refused.clone());
            async move {
                let (done, problems) = attend_each(unit, &ids, &attention).await?;
                *refused.lock().unwrap_or_else(PoisonError::into_inner) = problems;
                // Nothing changed: nothing is kept, and the key stays free.
                if done.is_empty() {
                    return Err(Failure::Problems(Vec::new()));
                }
                Ok(done)
            }
            .boxed()
        })
        .await;
    let mut problems = std::mem::take(&mut *refused.lock().unwrap_or_else(PoisonError::into_inner));
    for (id, found) in &mut problems {
        let number = asked.iter().position(|one| one == id).unwrap_or_default();
        for problem in found {
            problem.path = vec!["input".to_owned(), "alertIds".to_owned(), number.to_string()];
        }
    }
    match outcome {
        Ok(written) => Ok((Some(written), problems)),
        Err(Failure::Problems(none)) if none.is_empty() => Ok((None, problems)),
        Err(failure) => Err(failure),
    }
}

fn check(ids: &[String], attention: &Attention, today: NaiveDate) -> Outcome<()> {
    if ids.is_empty() {
        return Err(Problem::at(ProblemCode::Required, "alertIds").into());
    }
    if ids.len() > MOST {
        return Err(Problem::at(ProblemCode::TooMany, "alertIds").with("max", MOST).into());
    }
    match attention {
        Attention::Acknowledge { note } => limit(note.as_deref(), NOTE_LENGTH, "note"),
        Attention::Urge { note, due_on } => {
            checked_text(note, "note", NOTE_LENGTH)?;
            if *due_on < today {
                return Err(Problem::too_early("dueOn", today).into());
            }
            Ok(())
        }
    }
}

async fn attend_each(unit: &mut Unit, ids: &[String], attention: &Attention) -> Outcome<(Vec<String>, Problems)> {
    let visible = scope(&unit.actor, Subject::Obligations, domain::policy::Grant::Rows);
    let (alerts, levels) = unit.write.alerts(&visible, ids).await?;
    let mut orgs: Vec<String> = levels.iter().map(|level| level.organization_id.clone()).collect();
    orgs.extend(alerts.iter().map(|alert| alert.organization_id.clone()));
    let places = places(unit, orgs).await?;
    let sight = (&visible, places.as_slice());
    let (mut done, mut problems) = (Vec::new(), Problems::new());
    let (mut rows, mut changed) = (Vec::new(), Vec::new());
    for id in ids {
        let alert = alerts.iter().find(|alert| &alert.id == id);
        let own: Vec<&AlertLevel> = levels.iter().filter(|level| &level.alert_id == id).collect();
        match attend_one(unit, alert, &own, sight, attention) {
            Ok((alert, touched)) => {
                done.push(id.clone());
                changed.push(alert);
                rows.extend(touched);
            }
            Err(Failure::Problems(found)) => {
                let grounded = found.into_iter().map(|problem| problem.or_grounded(unit.ground()));
                problems.insert(id.clone(), grounded.collect());
            }
            Err(failure) => return Err(failure),
        }
    }
    unit.write.put_alerts(changed, rows).await?;
    let app = unit.app.clone();
    alerted(&unit.write, &mut unit.ledger, &app, &done).await?;
    Ok((done, problems))
}

async fn places(unit: &Unit, mut orgs: Vec<String>) -> Outcome<Vec<Place>> {
    orgs.sort();
    orgs.dedup();
    let rows = unit
        .write
        .organizations(&Scope::system(SystemScope::Rights), &orgs)
        .await?;
    Ok(rows.iter().map(place_of).collect::<Result<_, _>>()?)
}

fn attend_one(
    unit: &mut Unit,
    alert: Option<&Alert>,
    levels: &[&AlertLevel],
    (visible, places): (&Scope, &[Place]),
    attention: &Attention,
) -> Outcome<(Alert, Vec<AlertLevel>)> {
    let missing = || Problem::at(ProblemCode::NotFound, "alertIds");
    let alert = alert.ok_or_else(missing)?;
    let owner = places
        .iter()
        .find(|place| place.id == alert.organization_id)
        .ok_or_else(missing)?;
    let target = Target::at(owner.clone()).shown_by(visible);
    unit.step("alertIds", step(Some(state_of(alert)?), Command::Attend))?;
    let (permit, touched) = match attention {
        Attention::Acknowledge { note } => acknowledge(unit, &target, levels, note.as_ref())?,
        Attention::Urge { note, due_on } => {
            let (permit, level) = addressee(unit, &target, levels, places)?;
            let urged = AlertLevel {
                state: AlertLevelState::Urged.to_string(),
                since: unit.now,
                note: Some(note.trim().to_owned()),
                due_on: Some(*due_on),
                ..level.clone()
            };
            (permit, vec![urged])
        }
    };
    let alert = Alert {
        version: alert.version + 1,
        ..alert.clone()
    };
    let event = upsert(
        EntityKind::Alert,
        &alert.id,
        alert.version,
        (&owner.id, &owner.path),
        &["states"],
    );
    unit.note(&permit, event);
    Ok((alert, touched))
}

/// The levels at which the actor stands, acknowledged.
fn acknowledge(
    unit: &Unit,
    target: &Target,
    levels: &[&AlertLevel],
    note: Option<&String>,
) -> Outcome<(Permit, Vec<AlertLevel>)> {
    let permit = unit.require(Action::AcknowledgeAlert, target, "alertIds")?;
    let own = levels
        .iter()
        .filter(|level| stands_at(&unit.actor, &level.organization_id));
    // Blanks say nothing: what was said before stays.
    let said = note.map(|note| note.trim()).filter(|note| !note.is_empty());
    let touched: Vec<AlertLevel> = own
        .map(|level| AlertLevel {
            state: AlertLevelState::Acknowledged.to_string(),
            since: unit.now,
            note: said.map(ToOwned::to_owned).or_else(|| level.note.clone()),
            ..(*level).clone()
        })
        .collect();
    if touched.is_empty() {
        return Err(Problem::wrong_state("alertIds", "BELOW_YOUR_LEVEL").into());
    }
    Ok((permit, touched))
}

/// The level that the actor may urge: the highest one next below; two levels down one asks the level between.
fn addressee<'a>(
    unit: &Unit,
    target: &Target,
    levels: &[&'a AlertLevel],
    places: &[Place],
) -> Outcome<(Permit, &'a AlertLevel)> {
    let place = |level: &&&AlertLevel| places.iter().find(|place| place.id == level.organization_id);
    let known: Vec<Level<'_>> = levels
        .iter()
        .filter_map(|level| {
            Some(Level {
                level: level.level,
                place: place(&level)?,
            })
        })
        .collect();
    if let Some((urged, permit)) = urged(&unit.actor, &known) {
        let level = levels.iter().find(|level| level.organization_id == urged.place.id);
        return Ok((
            permit,
            level.copied().ok_or_else(|| anyhow::anyhow!("a level is missing"))?,
        ));
    }
    // Says why, for the org itself.
    unit.require(Action::UrgeObligation, target, "alertIds")?;
    Err(Problem::wrong_state("alertIds", "BELOW_YOUR_LEVEL").into())
}
