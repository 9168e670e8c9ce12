//! Exemption from attendance 免于参加组织生活 by decision of the branch, with an end; a coarse category, nothing about health.

use chrono::NaiveDate;
use domain::audience::Audience;
use domain::lifecycle::Step;
use domain::lifecycle::exemption::{Command, step};
use domain::policy::{Action, Grant, Permit, Place, Subject, scope};
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::vocabulary::{DecisionState, EntityKind, ExemptionCategory, InboxKind};
use serde_json::json;

use super::super::activity::read;
use super::super::decision::CollectiveDecision;
use super::super::measure;
use super::super::obligation::rejudge::rejudge;
use super::super::outcome::{Failure, Outcome};
use super::super::seating::reseat;
use super::super::structure::checked_date;
use super::super::writing::{Unit, upsert};
use super::{expect, member, person, still_here, target_of};
use crate::store::member::Member;
use crate::store::roster::Exemption;

/// Longest exemption; what lasts is decided again.
const LONGEST: chrono::Months = chrono::Months::new(60);

/// An exemption as typed.
#[derive(Debug, Clone)]
pub struct Set {
    pub member_id: String,
    pub category: ExemptionCategory,
    pub from: NaiveDate,
    /// Last day.
    pub until: NaiveDate,
    /// The branch's decision; without it, and from who may not decide, it is a draft.
    pub decision: Option<CollectiveDecision>,
}

/// The answer to a draft.
#[derive(Debug, Clone)]
pub struct Decide {
    pub exemption_id: String,
    pub expected_version: Option<i64>,
    pub accepted: bool,
    pub decision: Option<CollectiveDecision>,
}

/// An earlier end.
#[derive(Debug, Clone)]
pub struct End {
    pub exemption_id: String,
    pub expected_version: Option<i64>,
    /// Last day on which it holds; yesterday where it is left out.
    pub until: Option<NaiveDate>,
}

/// Sets an exemption; from a clerk or an officer who does not decide it is a draft. The id of the exemption.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `OWN_MATTER`, `COLLECTIVE_DECISION_REQUIRED`, bad dates, or the database is away.
#[tracing::instrument(name = "ops.people.exemption.set", skip_all)]
pub async fn set(unit: &mut Unit, input: &Set) -> Outcome<Vec<String>> {
    let person = member(unit, &input.member_id, "memberId").await?;
    let target = target_of(unit, &person).await?;
    let (permit, decides) = match unit.require(Action::SetExemption, &target, "memberId") {
        Ok(permit) => (permit, true),
        Err(refused) if is_forbidden(&refused) => (unit.require(Action::DraftExemption, &target, "memberId")?, false),
        Err(refused) => return Err(refused),
    };
    still_here(&person, "memberId")?;
    check_days(input, &person)?;
    let meeting = unit
        .write
        .exemptions_between(&person.id, input.from, input.until)
        .await?;
    let other = meeting.first();
    let command = if decides { Command::Set } else { Command::Draft };
    let taken = step(other.map(|other| read(&other.state)).transpose()?, command);
    let step = taken.map_err(|refused| match other {
        Some(other) => refused
            .at("from")
            .with("exemptionId", &other.id)
            .with("until", other.until_on),
        None => refused.at("from"),
    })?;
    let decision = decision(unit, &permit, decides, input.decision.as_ref()).await?;
    let row = Exemption {
        id: unit.app.ids.next(EntityKind::Exemption),
        member_id: person.id.clone(),
        branch_id: person.branch_id.clone(),
        category: input.category.to_string(),
        from_on: input.from,
        until_on: input.until,
        state: step.state.to_string(),
        decided_on: decision.map(|decision| decision.decided_on),
        document_number: decision.map(|decision| decision.document_number.clone()),
        version: 1,
    };
    tell(unit, &permit, (&row, &step), &target.org);
    let id = row.id.clone();
    unit.write.insert_exemption(&permit, row.clone()).await?;
    if decides {
        apply(unit, &row, &person, input.from).await?;
    } else {
        let audience = Audience::Head(person.branch_id.clone());
        let about = (EntityKind::Exemption, id.as_str());
        let params = json!({"memberId": person.id, "category": row.category});
        unit.raise(
            InboxKind::ExemptionToDecide,
            audience,
            about,
            &person.branch_id,
            (params, None),
        );
    }
    Ok(vec![id])
}

fn is_forbidden(failure: &Failure) -> bool {
    matches!(failure, Failure::Problems(problems) if problems.iter().all(|problem| problem.code == ProblemCode::Forbidden))
}

/// The decision of whoever decides; a draft has none yet.
async fn decision<'a>(
    unit: &mut Unit,
    permit: &Permit,
    decides: bool,
    decision: Option<&'a CollectiveDecision>,
) -> Outcome<Option<&'a CollectiveDecision>> {
    if decides && decision.is_none() {
        return Err(Problem::at(ProblemCode::CollectiveDecisionRequired, "decision").into());
    }
    unit.rest_on(permit, decision).await?;
    Ok(decision.filter(|_| decides))
}

fn check_days(input: &Set, person: &Member) -> Outcome<()> {
    if input.from < person.joined_on {
        return Err(Problem::too_early("from", person.joined_on).into());
    }
    let latest = input.from.checked_add_months(LONGEST).unwrap_or(input.from);
    if input.until < input.from || input.until > latest {
        return Err(Problem::invalid("until", Flaw::OutOfRange)
            .with("min", input.from)
            .with("max", latest)
            .into());
    }
    Ok(())
}

fn tell(unit: &mut Unit, permit: &Permit, (row, step): (&Exemption, &Step<DecisionState>), place: &Place) {
    let at = (place.id.as_str(), place.path.as_str());
    let mut event = upsert(EntityKind::Exemption, &row.id, row.version, at, step.fields);
    event.member_id = Some(row.member_id.clone());
    unit.note(permit, event);
}

/// Carries what an exemption says over to activities to come, and judges anew since it began.
async fn apply(unit: &mut Unit, row: &Exemption, person: &Member, from: NaiveDate) -> Outcome<()> {
    reseat(unit, std::slice::from_ref(&row.member_id)).await?;
    let mut orgs = vec![person.branch_id.clone()];
    orgs.extend(person.group_id.clone());
    rejudge(unit, &orgs, from.min(unit.today)).await?;
    // An absence while exempt is none (G2.5a).
    measure::rejudge(unit, std::slice::from_ref(&row.member_id)).await?;
    Ok(())
}

/// An exemption that the writer sees, with whom it concerns and the permit of an act on it.
async fn found(unit: &Unit, id: &str, action: Action) -> Outcome<(Exemption, Member, Permit, Place)> {
    let missing = || Problem::at(ProblemCode::NotFound, "exemptionId");
    let visible = scope(&unit.actor, Subject::Exemption, Grant::Rows);
    let row = unit.write.exemption(&visible, id).await?.ok_or_else(missing)?;
    let person = person(unit, &row.member_id, "exemptionId").await?;
    let target = target_of(unit, &person).await?.shown_by(&visible);
    let permit = unit.require(action, &target, "exemptionId")?;
    Ok((row, person, permit, target.org))
}

/// Decides a draft. The id of the exemption.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `OWN_MATTER`, `ALREADY_DECIDED`, `CONFLICT`, `COLLECTIVE_DECISION_REQUIRED`, or the database
/// is away.
#[tracing::instrument(name = "ops.people.exemption.decide", skip_all)]
pub async fn decide(unit: &mut Unit, input: &Decide) -> Outcome<Vec<String>> {
    let (mut row, person, permit, place) = found(unit, &input.exemption_id, Action::SetExemption).await?;
    expect(row.version, input.expected_version)?;
    let command = if input.accepted {
        Command::Accept
    } else {
        Command::Reject
    };
    let step = unit.step("exemptionId", step(Some(read(&row.state)?), command))?;
    row.state = step.state.to_string();
    if input.accepted {
        let decided = decision(unit, &permit, true, input.decision.as_ref()).await?;
        row.decided_on = decided.map(|decision| decision.decided_on);
        row.document_number = decided.map(|decision| decision.document_number.clone());
    } else {
        row.decided_on = Some(unit.today);
    }
    row.version += 1;
    tell(unit, &permit, (&row, &step), &place);
    unit.settle(&row.id, &[InboxKind::ExemptionToDecide]);
    unit.write.update_exemption(&permit, row.clone()).await?;
    if input.accepted {
        apply(unit, &row, &person, row.from_on).await?;
    }
    Ok(vec![row.id])
}

/// Ends an exemption before its day. The id of the exemption.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `OWN_MATTER`, `WRONG_STATE`, `CONFLICT`, bad dates, or the database is away.
#[tracing::instrument(name = "ops.people.exemption.end", skip_all)]
pub async fn end(unit: &mut Unit, input: &End) -> Outcome<Vec<String>> {
    let (mut row, person, permit, place) = found(unit, &input.exemption_id, Action::EndExemption).await?;
    expect(row.version, input.expected_version)?;
    let over = row.until_on < unit.today;
    let step = step(Some(read(&row.state)?), Command::End { over })
        .map_err(|refused| refused.at("exemptionId").with("until", row.until_on))?;
    let until = input.until.or_else(|| unit.today.pred_opt()).unwrap_or(unit.today);
    checked_date(until, row.until_on, "until")?;
    let earliest = row.from_on.pred_opt().unwrap_or(row.from_on);
    if until < earliest {
        return Err(Problem::too_early("until", earliest).into());
    }
    row.until_on = until;
    row.version += 1;
    tell(unit, &permit, (&row, &step), &place);
    unit.write.update_exemption(&permit, row.clone()).await?;
    apply(unit, &row, &person, until).await?;
    Ok(vec![row.id])
}
