//! An alert closes when met, made up, or *answered and accepted* (spec 2, "Escalation"): the org says why and what follows,
//! the superior decides. The obligation keeps its status (ADR 0035).

use domain::audience::Audience;
use domain::lifecycle::Fields;
use domain::lifecycle::alert::{Command, State, step};
use domain::policy::{Action, Grant, Permit, Place, Scope, Subject, SystemScope, Target, scope};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{AlertLevelState, EntityKind, InboxKind};
use futures_util::FutureExt as _;

use super::escalate::open_alerts;
use crate::ops::activity::read;
use crate::ops::organization::place_of;
use crate::ops::outcome::Outcome;
use crate::ops::structure::checked_text;
use crate::ops::writing::{Unit, WriteRequest, Written, upsert};
use crate::store::alert::{Alert, AlertLevel};

/// Longest answer or reply.
const TEXT_LENGTH: usize = 2000;

/// What the org says.
#[derive(Debug, Clone)]
pub struct Saying {
    pub alert_id: String,
    pub text: String,
    pub expected_version: Option<i64>,
}

/// What the superior makes of it.
#[derive(Debug, Clone)]
pub struct Verdict {
    pub alert_id: String,
    pub accepted: bool,
    pub text: Option<String>,
    pub expected_version: Option<i64>,
}

/// Answers an open alert of one's own org. The write names the alert.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `WRONG_STATE`, `CONFLICT`, `REQUIRED`, `TOO_LONG`, or the database is away.
pub async fn answer(request: &WriteRequest<'_>, saying: &Saying) -> Outcome<Written> {
    checked_text(&saying.text, "answer", TEXT_LENGTH)?;
    request
        .run(|unit| {
            let saying = saying.clone();
            async move { Ok(vec![answer_in(unit, &saying).await?]) }.boxed()
        })
        .await
}

async fn answer_in(unit: &mut Unit, saying: &Saying) -> Outcome<String> {
    let (alert, _, target) = load(unit, &saying.alert_id).await?;
    let permit = unit.require(Action::AnswerAlert, &target, "alertId")?;
    let owner = target.org;
    expect(&alert, saying.expected_version)?;
    let step = unit.step("alertId", step(Some(state_of(&alert)?), Command::Answer))?;
    let alert = Alert {
        answer: Some(saying.text.clone()),
        answer_state: answer_of(step.state),
        answered_at: Some(unit.now),
        answered_by: Some(unit.actor.account_id.clone()),
        reply: None,
        replied_at: None,
        replied_by: None,
        version: alert.version + 1,
        ..alert
    };
    if let Some(superior) = &owner.parent_id {
        let params = serde_json::json!({"rule": alert.rule_key});
        let subject = (EntityKind::Alert, alert.id.as_str());
        let head = Audience::Head(superior.clone());
        unit.raise(InboxKind::AnswerToDecide, head, subject, &owner.id, (params, None));
    }
    tell(unit, &permit, (&alert, step.fields), &owner);
    let id = alert.id.clone();
    unit.write.put_alerts(vec![alert], Vec::new()).await?;
    Ok(id)
}

/// Accepts an answer, which closes the alert, or rejects it. The write names the alert.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `OWN_MATTER`, `ALREADY_DECIDED`, `WRONG_STATE`, `CONFLICT`, `TOO_LONG`, or the database is away.
pub async fn decide(request: &WriteRequest<'_>, verdict: &Verdict) -> Outcome<Written> {
    if let Some(text) = &verdict.text {
        checked_text(text, "reply", TEXT_LENGTH)?;
    }
    request
        .run(|unit| {
            let verdict = verdict.clone();
            async move { Ok(vec![decide_in(unit, &verdict).await?]) }.boxed()
        })
        .await
}

async fn decide_in(unit: &mut Unit, verdict: &Verdict) -> Outcome<String> {
    let (alert, levels, target) = load(unit, &verdict.alert_id).await?;
    let permit = unit.require(Action::DecideAlertAnswer, &target, "alertId")?;
    let owner = target.org;
    let command = if verdict.accepted {
        Command::AcceptAnswer
    } else {
        Command::RejectAnswer
    };
    let before = state_of(&alert)?;
    let step = unit.step("alertId", step(Some(before), command))?;
    expect(&alert, verdict.expected_version)?;
    // Held in the meantime: it is closed already, and only the answer is decided.
    let closes = !before.closed && step.state.is_some_and(|state| state.closed);
    let alert = Alert {
        answer_state: answer_of(step.state),
        reply: verdict.text.clone(),
        replied_at: Some(unit.now),
        replied_by: Some(unit.actor.account_id.clone()),
        closed_at: if closes { Some(unit.now) } else { alert.closed_at },
        version: alert.version + 1,
        ..alert
    };
    unit.settle(&alert.id, &[InboxKind::AnswerToDecide]);
    let mut closed = Vec::new();
    if closes {
        unit.settle(&alert.id, &[InboxKind::ObligationOverdue, InboxKind::AlertUrged]);
        unit.ledger.figures.push(open_alerts(&owner.path, -1));
        closed.extend(levels.into_iter().map(|level| AlertLevel {
            state: AlertLevelState::Closed.to_string(),
            since: unit.now,
            ..level
        }));
    }
    tell(unit, &permit, (&alert, step.fields), &owner);
    let id = alert.id.clone();
    unit.write.put_alerts(vec![alert], closed).await?;
    Ok(id)
}

/// An alert that the writer sees, its levels, and its org as the target of acts on it.
async fn load(unit: &Unit, id: &str) -> Outcome<(Alert, Vec<AlertLevel>, Target)> {
    let missing = || Problem::at(ProblemCode::NotFound, "alertId");
    let visible = scope(&unit.actor, Subject::Obligations, Grant::Rows);
    let (alerts, levels) = unit.write.alerts(&visible, &[id.to_owned()]).await?;
    let alert = alerts.into_iter().next().ok_or_else(missing)?;
    let orgs = [alert.organization_id.clone()];
    let rows = unit
        .write
        .organizations(&Scope::system(SystemScope::Rights), &orgs)
        .await?;
    let owner = place_of(rows.first().ok_or_else(missing)?)?;
    Ok((alert, levels, Target::at(owner).shown_by(&visible)))
}

fn expect(alert: &Alert, version: Option<i64>) -> Outcome<()> {
    if version.is_none_or(|version| version == alert.version) {
        return Ok(());
    }
    Err(Problem::conflict(alert.version).into())
}

/// How an alert stands.
///
/// # Errors
/// A code in the database that the glossary does not know.
pub fn state_of(alert: &Alert) -> Outcome<State> {
    Ok(State {
        closed: alert.closed_at.is_some(),
        answer: alert.answer_state.as_deref().map(read).transpose()?,
    })
}

fn answer_of(state: Option<State>) -> Option<String> {
    Some(state?.answer?.to_string())
}

fn tell(unit: &mut Unit, permit: &Permit, (alert, fields): (&Alert, Fields), owner: &Place) {
    let event = upsert(
        EntityKind::Alert,
        &alert.id,
        alert.version,
        (&owner.id, &owner.path),
        fields,
    );
    unit.note(permit, event);
}
