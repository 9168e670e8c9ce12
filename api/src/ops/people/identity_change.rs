//! A correction of one's own identity data 身份信息更正: the member asks, the branch confirms or rejects (spec 3). The value
//! is sealed while it waits and gone with the decision; log, trail and inbox name the field only.

use chrono::{Months, NaiveDate};
use domain::audience::Audience;
use domain::identity;
use domain::lifecycle::Step;
use domain::lifecycle::identity_change::{Command, step};
use domain::policy::{Action, Permit, Place, Subject, Target};
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::vocabulary::{EntityKind, IdentityChangeState, InboxKind, RevealPurpose, SealedField};
use serde_json::json;

use super::super::activity::read;
use super::super::inbox::standing::who_decides;
use super::super::outcome::Outcome;
use super::super::reading::Reading;
use super::super::structure::{checked_date, checked_text};
use super::super::writing::{Unit, upsert};
use super::reveal::{field_name, mark, noted};
use super::roster::keep;
use super::roster::sealing::{check_unknown, checked_value, put};
use super::{expect, member, person, still_here, target_of};
pub use crate::store::identity_change::IdentityChange;
use crate::store::member::Member;

/// Longest answer to a rejected correction.
const ANSWER: usize = 500;
/// Youngest age at which one may join.
const AGE_YEARS: u32 = 18;
const AGE: Months = Months::new(AGE_YEARS * 12);

/// What a member asks for. The value never stands in an error.
#[derive(Clone)]
pub struct Ask {
    pub field: SealedField,
    pub value: String,
}

/// A correction that is decided.
#[derive(Debug, Clone)]
pub struct Decide {
    pub id: String,
    pub expected_version: Option<i64>,
    /// Why it is rejected; `None` confirms.
    pub rejection: Option<String>,
}

/// A correction whose value is to be seen by who decides.
#[derive(Debug, Clone)]
pub struct Look {
    pub id: String,
    pub purpose: RevealPurpose,
    pub note: Option<String>,
}

/// The place that the value of a correction is bound to.
#[must_use]
pub fn seal_place(id: &str) -> String {
    format!("identity_change.value:{id}")
}

/// Asks that one's own data be corrected; an earlier request for the same field is withdrawn. The id of the correction.
///
/// # Errors
/// `NOT_FOUND` of an account without a member, `FORBIDDEN`, `INVALID` or other bad values, or the database is away.
#[tracing::instrument(name = "ops.people.identity_change.ask", skip_all)]
pub async fn ask(unit: &mut Unit, input: &Ask) -> Outcome<Vec<String>> {
    let own = unit.actor.member_id().map(ToOwned::to_owned);
    let own = own.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let person = member(unit, &own, "field").await?;
    let target = target_of(unit, &person).await?;
    let permit = unit.require(Action::AskIdentityChange, &target, "field")?;
    if input.field == SealedField::Phone {
        let allowed = [
            SealedField::IdentityNumber,
            SealedField::BirthDate,
            SealedField::Address,
        ];
        return Err(Problem::not_offered("field", allowed).into());
    }
    let value = checked(unit, &person, input)?;
    withdraw(unit, &permit, &person.id, &target.org, Some(input.field)).await?;
    // What was asked before is withdrawn: nothing stands beside it.
    let asked = unit.step("field", step(None, Command::Ask))?;
    let id = unit.app.ids.next(EntityKind::IdentityChange);
    let row = IdentityChange {
        value_sealed: Some(unit.app.keys.seal(&seal_place(&id), value.as_bytes())?),
        id,
        member_id: person.id.clone(),
        branch_id: target.org.id.clone(),
        field: input.field.to_string(),
        state: asked.state.to_string(),
        asked_at: unit.now,
        decided_at: None,
        decided_by: None,
        answer: None,
        version: 1,
    };
    unit.write.insert_identity_change(&permit, row.clone()).await?;
    tell(unit, &permit, &row, &target.org, None);
    wait(unit, &row).await?;
    Ok(vec![row.id])
}

/// Checks a value as it will be kept. A birth date lies neither in the future nor before 1921, and is of age on joining.
fn checked(unit: &Unit, person: &Member, input: &Ask) -> Outcome<String> {
    let at_value = |mut failure: super::super::outcome::Failure| {
        if let super::super::outcome::Failure::Problems(problems) = &mut failure {
            for problem in problems {
                problem.path = vec!["input".to_owned(), "value".to_owned()];
            }
        }
        failure
    };
    let value = checked_value(input.field, &input.value).map_err(at_value)?;
    let birth: Option<NaiveDate> = match input.field {
        SealedField::IdentityNumber => identity::identity_number(&value).map(|(_, birth)| birth),
        SealedField::BirthDate => value.parse().ok(),
        SealedField::Address | SealedField::Phone => None,
    };
    let Some(birth) = birth else { return Ok(value) };
    checked_date(birth, unit.today, "value")?;
    if birth.checked_add_months(AGE).is_some_and(|day| person.joined_on < day) {
        return Err(Problem::invalid("value", Flaw::UnderAge).with("min", AGE_YEARS).into());
    }
    Ok(value)
}

/// Withdraws what waits of a member, all of it or of one field: a later request takes its place, or the member left.
pub(in crate::ops) async fn withdraw(
    unit: &mut Unit,
    permit: &Permit,
    member_id: &str,
    place: &Place,
    field: Option<SealedField>,
) -> Outcome<()> {
    let mut rows = unit.write.open_identity_changes(member_id).await?;
    rows.retain(|row| field.is_none_or(|field| row.field == field.as_str()));
    for row in rows {
        let step = unit.step("field", step(Some(read(&row.state)?), Command::Withdraw))?;
        close(unit, permit, row, (&step, place)).await?;
    }
    Ok(())
}

/// What waits goes with a member to another branch, whose head decides then.
pub(in crate::ops) async fn hand_over(
    unit: &mut Unit,
    permit: &Permit,
    member_id: &str,
    to: &Place,
    from_path: &str,
) -> Outcome<()> {
    for mut row in unit.write.open_identity_changes(member_id).await? {
        row.branch_id.clone_from(&to.id);
        if !unit.write.update_identity_change(permit, &mut row).await? {
            return Err(Problem::new(ProblemCode::Conflict).into());
        }
        unit.settle(&row.id, &[InboxKind::IdentityChangeToDecide]);
        tell(unit, permit, &row, to, Some(from_path));
        wait(unit, &row).await?;
    }
    Ok(())
}

/// Puts the line into the inbox of who decides: the head of the branch; of the head's own data the deputy, else the
/// superior's head.
async fn wait(unit: &mut Unit, row: &IdentityChange) -> Outcome<()> {
    let head = || Audience::Head(row.branch_id.clone());
    let decider = who_decides(&unit.write, &row.branch_id, &row.member_id, unit.today).await?;
    let params = json!({"memberId": row.member_id, "field": row.field});
    unit.raise(
        InboxKind::IdentityChangeToDecide,
        decider.unwrap_or_else(head),
        (EntityKind::IdentityChange, &row.id),
        &row.branch_id,
        (params, None),
    );
    Ok(())
}

/// A correction that the writer sees, with whom it concerns.
async fn found(unit: &Unit, id: &str) -> Outcome<(IdentityChange, Member, Target)> {
    let missing = || Problem::at(ProblemCode::NotFound, "identityChangeId");
    let sight = unit.rows_of(Subject::Identity);
    let row = unit.write.identity_change(&sight, id).await?.ok_or_else(missing)?;
    let person = person(unit, &row.member_id, "identityChangeId").await?;
    let target = target_of(unit, &person).await?.shown_by(&sight);
    Ok((row, person, target))
}

/// Confirms a correction: the value stands on the member from now on. Or rejects it with a reason. The id of the
/// correction.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `OWN_MATTER`, `ALREADY_DECIDED`, `WRONG_STATE`, `CONFLICT`, `IDENTITY_NOT_ACCEPTED`,
/// `REQUIRED`, `TOO_LONG`, or the database is away.
#[tracing::instrument(name = "ops.people.identity_change.decide", skip_all)]
pub async fn decide(unit: &mut Unit, input: &Decide) -> Outcome<Vec<String>> {
    let (mut row, person, target) = found(unit, &input.id).await?;
    let action = match input.rejection {
        Some(_) => Action::RejectIdentityChange,
        None => Action::ConfirmIdentityChange,
    };
    let permit = unit.require(action, &target, "identityChangeId")?;
    expect(row.version, input.expected_version)?;
    let command = match input.rejection {
        Some(_) => Command::Reject,
        None => Command::Confirm,
    };
    let step = unit.step("identityChangeId", step(Some(read(&row.state)?), command))?;
    still_here(&person, "identityChangeId")?;
    match &input.rejection {
        Some(answer) => {
            checked_text(answer, "reason", ANSWER)?;
            row.answer = Some(answer.trim().to_owned());
        }
        None => correct(unit, &permit, &row, person, &target).await?,
    }
    row.decided_by = permit.member_id().map(ToOwned::to_owned);
    let (id, member_id, branch_id) = (row.id.clone(), row.member_id.clone(), row.branch_id.clone());
    let params = json!({"field": row.field, "state": step.state});
    close(unit, &permit, row, (&step, &target.org)).await?;
    unit.raise(
        InboxKind::IdentityChangeDecided,
        Audience::Member(member_id),
        (EntityKind::IdentityChange, &id),
        &branch_id,
        (params, None),
    );
    Ok(vec![id])
}

/// Puts the value on the member. A number that somebody else has is refused here, not when it is asked for: nobody
/// learns by asking which numbers are known.
async fn correct(
    unit: &mut Unit,
    permit: &Permit,
    row: &IdentityChange,
    before: Member,
    target: &Target,
) -> Outcome<()> {
    let field = field_of(row)?;
    let sealed = row
        .value_sealed
        .as_deref()
        .ok_or_else(|| anyhow::anyhow!("a correction without a value"))?;
    let plain = unit.app.keys.open(&seal_place(&row.id), sealed)?;
    let value = String::from_utf8(plain).map_err(|_| anyhow::anyhow!("a sealed value is no text"))?;
    if field == SealedField::IdentityNumber {
        let refused = check_unknown(unit, permit, &before, &value, &target.org).await;
        if refused.is_err() {
            return Err(Problem::at(ProblemCode::IdentityNotAccepted, "identityChangeId").into());
        }
    }
    let mut person = before.clone();
    put(unit, &mut person, field, Some(&value))?;
    keep(unit, permit, &before, person, &[field_name(field)]).await?;
    Ok(())
}

fn field_of(row: &IdentityChange) -> Outcome<SealedField> {
    row.field
        .parse()
        .map_err(|_| anyhow::anyhow!("unknown sealed field").into())
}

/// Writes the outcome, takes the value away and the line out of the inbox.
async fn close(
    unit: &mut Unit,
    permit: &Permit,
    mut row: IdentityChange,
    (step, place): (&Step<IdentityChangeState>, &Place),
) -> Outcome<()> {
    row.state = step.state.to_string();
    row.decided_at = Some(unit.now);
    row.value_sealed = None;
    if !unit.write.update_identity_change(permit, &mut row).await? {
        return Err(Problem::at(ProblemCode::Conflict, "expectedVersion").into());
    }
    unit.settle(&row.id, &[InboxKind::IdentityChangeToDecide]);
    tell(unit, permit, &row, place, None);
    Ok(())
}

fn tell(unit: &mut Unit, permit: &Permit, row: &IdentityChange, place: &Place, old_path: Option<&str>) {
    let at = (place.id.as_str(), place.path.as_str());
    let mut event = upsert(EntityKind::IdentityChange, &row.id, row.version, at, &["state"]);
    event.member_id = Some(row.member_id.clone());
    event.old_path = old_path.map(ToOwned::to_owned);
    unit.note(permit, event);
}

/// Writes the line of the trail that looking at the asked value needs; the value is read afterwards. The id of the
/// correction, and a mark of the value that was spoken of.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `OWN_MATTER`, `ALREADY_DECIDED`, `TOO_LONG`, or the database is away.
#[tracing::instrument(name = "ops.people.identity_change.look", skip_all)]
pub async fn look(unit: &mut Unit, input: &Look) -> Outcome<Vec<String>> {
    let (row, person, target) = found(unit, &input.id).await?;
    let permit = unit.require(Action::RevealIdentityChange, &target, "identityChangeId")?;
    let sealed = row.value_sealed.as_deref();
    let sealed = sealed.ok_or_else(|| Problem::decided("identityChangeId", &row.state))?;
    let purpose = noted(input.purpose, input.note.as_deref())?;
    let at = (target.org.id.as_str(), target.org.path.as_str());
    // Whom it concerns finds it among who saw their data.
    let field = field_name(field_of(&row)?);
    let mut seen = upsert(EntityKind::Member, &person.id, person.version, at, &[field]);
    seen.member_id = Some(person.id.clone());
    unit.trail(&permit, &seen, Some(purpose));
    Ok(vec![row.id.clone(), mark(&unit.app.keys, Some(sealed))])
}

impl Reading {
    /// Corrections of members, newest first, as far as the reader may see them.
    ///
    /// # Errors
    /// The database is away.
    pub async fn identity_changes_of(&self, members: &[String]) -> Outcome<Vec<IdentityChange>> {
        let scope = self.rows(Subject::Identity);
        Ok(self.snapshot.identity_changes_of(&scope, members).await?)
    }

    /// Corrections by id, those that the reader may see.
    ///
    /// # Errors
    /// The database is away.
    pub async fn identity_changes(&self, ids: &[String]) -> Outcome<Vec<IdentityChange>> {
        Ok(self
            .snapshot
            .identity_changes(&self.rows(Subject::Identity), ids)
            .await?)
    }

    /// The value behind a look whose line of the trail is committed; `CONFLICT` where it was decided since.
    ///
    /// # Errors
    /// `NOT_FOUND`, `FORBIDDEN`, `CONFLICT`, or the database is away.
    pub async fn asked_value(&self, written: &[String]) -> Outcome<Option<String>> {
        let missing = || Problem::at(ProblemCode::NotFound, "identityChangeId");
        let id = written.first().ok_or_else(missing)?;
        let row = self
            .identity_changes(std::slice::from_ref(id))
            .await?
            .pop()
            .ok_or_else(missing)?;
        let seen = self.members(std::slice::from_ref(&row.member_id)).await?.pop();
        let target = self.about(&seen.ok_or_else(missing)?).await?.ok_or_else(missing)?;
        if domain::policy::permit(&self.actor, Action::RevealIdentityChange, &target).is_err() {
            return Err(Problem::at(ProblemCode::Forbidden, "identityChangeId").into());
        }
        let current = row.value_sealed.as_deref();
        let same = written.get(1).is_some_and(|written| {
            let marks = self.app.keys.search_hashes("mark", current.unwrap_or_default());
            marks.contains(written)
        });
        match current {
            Some(sealed) if same => {
                let plain = self.app.keys.open(&seal_place(&row.id), sealed)?;
                Ok(String::from_utf8(plain).ok())
            }
            _ => Err(Problem::at(ProblemCode::Conflict, "identityChangeId").into()),
        }
    }

    /// A member as a target of acts, with the orgs that they head.
    async fn about(&self, seen: &super::super::member::Seen) -> Outcome<Option<Target>> {
        let Some(mut target) = seen.target() else {
            return Ok(None);
        };
        let heads = self.headships(std::slice::from_ref(&seen.row.id)).await?;
        target.heads.extend(heads.into_iter().map(|(_, headed)| headed));
        Ok(Some(target))
    }
}
