//! Deviations: who owes something only `normally` (一般、原则上) gives a reason and a new date; the superior decides.

use chrono::NaiveDate;
use domain::audience::Audience;
use domain::lifecycle::Step;
use domain::lifecycle::deviation::{Command, Owed, step};
use domain::policy::{Action, Grant, Permit, Place, Scope, Subject, SystemScope, Target, scope};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{DecisionState, EntityKind, InboxKind, Modality};
use futures_util::FutureExt as _;

use super::rejudge::rejudge;
use crate::ops::activity::read;
use crate::ops::organization::place_of;
use crate::ops::outcome::Outcome;
use crate::ops::rulebook::Library;
use crate::ops::structure::checked_text;
use crate::ops::writing::{Unit, WriteRequest, Written, upsert};
use crate::store::alert::Deviation;
use crate::store::obligation::Obligation;

/// Longest reason or answer.
const TEXT_LENGTH: usize = 2000;

/// A request to do otherwise.
#[derive(Debug, Clone)]
pub struct Ask {
    pub obligation_id: String,
    pub reason: String,
    pub new_date: NaiveDate,
}

/// The superior's answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub deviation_id: String,
    pub accepted: bool,
    pub text: Option<String>,
    pub expected_version: Option<i64>,
}

/// Asks to hold something later than owed. The write names the deviation.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `DEVIATION_NOT_ALLOWED`, `PERIOD_CLOSED`, `WRONG_STATE`, `DATE_TOO_EARLY`, `REQUIRED`,
/// `TOO_LONG`, or the database is away.
pub async fn ask(request: &WriteRequest<'_>, ask: &Ask) -> Outcome<Written> {
    checked(&ask.reason, "reason")?;
    request
        .run(|unit| {
            let ask = ask.clone();
            async move { Ok(vec![ask_in(unit, &ask).await?]) }.boxed()
        })
        .await
}

fn checked(text: &str, field: &str) -> Outcome<()> {
    checked_text(text, field, TEXT_LENGTH)
}

async fn ask_in(unit: &mut Unit, ask: &Ask) -> Outcome<String> {
    let visible = scope(&unit.actor, Subject::Obligations, Grant::Rows);
    let found = unit.write.obligation(&visible, &ask.obligation_id).await?;
    let owed = found.ok_or_else(|| Problem::at(ProblemCode::NotFound, "obligationId"))?;
    let place = place(unit, &owed.organization_id, "obligationId").await?;
    let target = Target::at(place.clone()).shown_by(&visible);
    let permit = unit.require(Action::AskDeviation, &target, "obligationId")?;
    unit.stands_on(book_of(&owed), &owed.rule_key);
    let step = asked(unit, &owed).await?;
    if ask.new_date < unit.today {
        return Err(Problem::too_early("newDate", unit.today).into());
    }
    let row = Deviation {
        id: unit.app.ids.next(EntityKind::Deviation),
        obligation_id: owed.id.clone(),
        organization_id: owed.organization_id.clone(),
        reason: ask.reason.clone(),
        new_date: ask.new_date,
        state: step.state.to_string(),
        asked_at: unit.now,
        asked_by: unit.actor.account_id.clone(),
        decided_at: None,
        decided_by: None,
        answer: None,
        version: 1,
    };
    let id = row.id.clone();
    tell(unit, &permit, (&row, &step), &place);
    unit.write.put_deviation(row).await?;
    if let Some(above) = place.parent_id.clone() {
        let params = serde_json::json!({"rule": owed.rule_key, "period": owed.period, "rulebook": owed.rulebook_id});
        let (audience, subject) = (Audience::Head(above), (EntityKind::Deviation, id.as_str()));
        unit.raise(
            InboxKind::DeviationToDecide,
            audience,
            subject,
            &place.id,
            (params, None),
        );
    }
    Ok(id)
}

/// Key of the rulebook that an obligation is judged by.
fn book_of(owed: &Obligation) -> &str {
    owed.rulebook_id.split('@').next().unwrap_or_default()
}

/// A deviation from this obligation, or what stands against it.
async fn asked(unit: &Unit, owed: &Obligation) -> Outcome<Step<DecisionState>> {
    let library = Library::load(&unit.write).await?;
    let found = library.entry_of(&owed.rulebook_id, &owed.rule_key, owed.period_end);
    let command = Command::Ask(Owed {
        modality: found.map(|(_, entry)| entry.modality),
        closed: owed.closed,
        status: read(&owed.status)?,
    });
    let waits = unit.write.has_open_deviation(&owed.id).await?;
    step(waits.then_some(DecisionState::Open), command).map_err(|refused| {
        let problem = Problem::at(refused.code, "obligationId").by(book_of(owed), &owed.rule_key);
        let problem = match refused.code {
            ProblemCode::DeviationNotAllowed => problem.with("modality", Modality::Must),
            ProblemCode::PeriodClosed => problem.with("period", &owed.period),
            _ => problem.with("state", refused.state),
        };
        problem.into()
    })
}

/// Accepts or rejects a deviation, and judges the obligation anew. The write names the deviation.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `OWN_MATTER`, `ALREADY_DECIDED`, `CONFLICT`, `TOO_LONG`, or the database is away.
pub async fn decide(request: &WriteRequest<'_>, answer: &Answer) -> Outcome<Written> {
    if let Some(text) = &answer.text {
        checked(text, "answer")?;
    }
    request
        .run(|unit| {
            let answer = answer.clone();
            async move { Ok(vec![decide_in(unit, &answer).await?]) }.boxed()
        })
        .await
}

async fn decide_in(unit: &mut Unit, answer: &Answer) -> Outcome<String> {
    let visible = scope(&unit.actor, Subject::Obligations, Grant::Rows);
    let found = unit.write.deviation(&visible, &answer.deviation_id).await?;
    let asked = found.ok_or_else(|| Problem::at(ProblemCode::NotFound, "deviationId"))?;
    let place = place(unit, &asked.organization_id, "deviationId").await?;
    let target = Target::at(place.clone()).shown_by(&visible);
    let permit = unit.require(Action::DecideDeviation, &target, "deviationId")?;
    let owed = unit.write.obligation(&visible, &asked.obligation_id).await?;
    if let Some(owed) = &owed {
        unit.stands_on(book_of(owed), &owed.rule_key);
    }
    let command = if answer.accepted {
        Command::Accept
    } else {
        Command::Reject
    };
    let step = unit.step("deviationId", step(Some(read(&asked.state)?), command))?;
    if answer.expected_version.is_some_and(|version| version != asked.version) {
        return Err(Problem::conflict(asked.version).into());
    }
    let row = Deviation {
        state: step.state.to_string(),
        decided_at: Some(unit.now),
        decided_by: Some(unit.actor.account_id.clone()),
        answer: answer.text.clone(),
        version: asked.version + 1,
        ..asked
    };
    let (id, organization) = (row.id.clone(), row.organization_id.clone());
    tell(unit, &permit, (&row, &step), &place);
    unit.settle(&id, &[InboxKind::DeviationToDecide]);
    if let Some(owed) = &owed {
        let params = serde_json::json!({"rule": owed.rule_key, "period": owed.period, "rulebook": owed.rulebook_id,
            "state": row.state});
        let (audience, subject) = (Audience::Head(place.id.clone()), (EntityKind::Deviation, id.as_str()));
        unit.raise(
            InboxKind::DeviationDecided,
            audience,
            subject,
            &place.id,
            (params, None),
        );
    }
    unit.write.put_deviation(row).await?;
    if let Some(owed) = owed {
        rejudge(unit, &[organization], owed.period_start).await?;
    }
    Ok(id)
}

async fn place(unit: &Unit, organization: &str, field: &str) -> Outcome<Place> {
    let rows = unit
        .write
        .organizations(&Scope::system(SystemScope::Rights), &[organization.to_owned()])
        .await?;
    let row = rows.first().ok_or_else(|| Problem::at(ProblemCode::NotFound, field))?;
    Ok(place_of(row)?)
}

fn tell(unit: &mut Unit, permit: &Permit, (row, step): (&Deviation, &Step<DecisionState>), place: &Place) {
    let event = upsert(
        EntityKind::Deviation,
        &row.id,
        row.version,
        (&place.id, &place.path),
        step.fields,
    );
    unit.note(permit, event);
}
