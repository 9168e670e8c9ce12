//! Posts 职务: appoint, end, share out what officers look after 分管.

use chrono::NaiveDate;
use domain::appointment::{home, is_another_term, is_single, may_stand, needs_full_member, organ_of};
use domain::intake::RowAct;
use domain::lifecycle::post::{Command, Tenure, step};
use domain::place;
use domain::policy::{Action, Permit, Place, Scope, SystemScope, Target};
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::vocabulary::{EntityKind, OrganizationKind, Post, Standing};
use serde_json::{Value, json};

use super::super::decision::CollectiveDecision;
use super::super::member::post_scopes;
use super::super::organization::{Organization, place_of};
use super::super::outcome::{Failure, Outcome};
use super::super::seating::reseat;
use super::super::structure::{DISSOLVED, checked_date, checked_text, org};
use super::super::writing::{Unit, upsert};
use super::{concerning, expect, member, orgs, place_in, still_here};
use crate::store::member::{Appointment, Member};

/// Most entries of a portfolio.
const PORTFOLIO: usize = 50;

/// One thing an officer looks after: an org, or a unit without an org of its own (G1.2d).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Charge {
    Organization(String),
    Unit(String),
}

/// A post to be filled.
#[derive(Debug, Clone)]
pub struct Appoint {
    pub organization_id: String,
    pub member_id: String,
    pub post: Post,
    pub since: Option<NaiveDate>,
    /// First day on which an acting holder no longer holds it.
    pub until: Option<NaiveDate>,
    pub term_ends_on: Option<NaiveDate>,
    pub acting: bool,
    pub portfolio: Vec<Charge>,
    pub decision: Option<CollectiveDecision>,
}

/// A post to be ended.
#[derive(Debug, Clone)]
pub struct End {
    pub appointment_id: String,
    pub expected_version: Option<i64>,
    /// First day on which it is no longer held; today where it is left out.
    pub until: Option<NaiveDate>,
    pub decision: Option<CollectiveDecision>,
}

/// Days of a post that were written down wrongly; what is left out stays.
#[derive(Debug, Clone)]
pub struct PutRight {
    pub appointment_id: String,
    pub since: Option<NaiveDate>,
    /// Of an acting holder.
    pub until: Option<NaiveDate>,
    pub term_ends_on: Option<NaiveDate>,
    pub decision: Option<CollectiveDecision>,
}

/// A portfolio to be shared out.
#[derive(Debug, Clone)]
pub struct Assign {
    pub appointment_id: String,
    pub expected_version: i64,
    pub portfolio: Vec<Charge>,
    pub decision: Option<CollectiveDecision>,
}

fn decided(target: Target, decision: Option<&CollectiveDecision>) -> Target {
    match decision {
        Some(_) => target.decided_collectively(),
        None => target,
    }
}

/// Fills a post. The id of the appointment.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `OWN_MATTER`, `COLLECTIVE_DECISION_REQUIRED`, `POST_TAKEN`, `NOT_A_MEMBER_HERE`,
/// `KIND_NOT_ALLOWED_HERE`, other bad input, or the database is away.
#[tracing::instrument(name = "ops.people.appoint", skip_all)]
pub async fn appoint(unit: &mut Unit, input: &Appoint) -> Outcome<Vec<String>> {
    let at = org(unit, &input.organization_id, "organizationId").await?;
    let place = place_of(&at)?;
    let target = concerning(unit, Target::at(place.clone()), &input.member_id).await?;
    let action = filling(input.post, input.acting);
    let permit = unit.require(action, &decided(target, input.decision.as_ref()), "organizationId")?;
    if at.dissolved_on.is_some() {
        return Err(Problem::wrong_state("organizationId", DISSOLVED).into());
    }
    if !may_stand(input.post, place.kind, at.has_committee) {
        return Err(Problem::at(ProblemCode::KindNotAllowedHere, "post")
            .with("post", input.post)
            .with("organizationKind", place.kind)
            .into());
    }
    let since = input.since.unwrap_or(unit.today);
    check_days(unit, input, since, at.founded_on)?;
    unit.rest_on(&permit, input.decision.as_ref()).await?;
    let candidate = candidate(unit, &place, input).await?;
    unit.write.hold_organization(&place.id).await?;
    let (until, post) = (input.until, (input.post, input.member_id.as_str()));
    check_free(unit, (&place.id, None), post, Tenure { since, until }).await?;
    let portfolio = charges(unit, &place, input.post, &input.portfolio).await?;
    let organ_id = match organ_of(input.post) {
        Some(kind) => unit.write.organ(&place.id, kind).await?,
        None => None,
    };
    let step = unit.step("post", step(None, Command::Fill(Tenure { since, until }), unit.today))?;
    let row = Appointment {
        id: unit.app.ids.next(EntityKind::Appointment),
        member_id: candidate.id,
        organization_id: place.id.clone(),
        organ_id,
        post: input.post.to_string(),
        since: step.state.since,
        until: step.state.until,
        term_ends_on: input.term_ends_on,
        acting: input.acting,
        portfolio,
        decision: input.decision.as_ref().map(CollectiveDecision::to_json),
        version: 1,
    };
    tell(unit, &permit, &row, &place, step.fields);
    let id = row.id.clone();
    unit.write.insert_appointment(&permit, row).await?;
    // A post of a committee is a seat at its meetings (G1.1b).
    reseat(unit, std::slice::from_ref(&input.member_id)).await?;
    Ok(vec![id])
}

/// The act by which a post is filled.
fn filling(post: Post, acting: bool) -> Action {
    match (post, acting) {
        (Post::Secretary, true) => Action::DesignateActingSecretary,
        (Post::Secretary, false) => Action::ConfirmSecretary,
        (Post::OrganizationDepartmentStaff | Post::DisciplineInspectionStaff, _) => Action::AppointOrganStaff,
        _ => Action::AppointToPost,
    }
}

/// A field that does not go together with another one.
fn contradiction(field: &str, with: &str) -> Problem {
    Problem::invalid(field, Flaw::Contradiction).with("with", with)
}

fn check_days(unit: &Unit, input: &Appoint, since: NaiveDate, founded: NaiveDate) -> Outcome<()> {
    checked_date(since, unit.today, "since")?;
    // An acting holder has an end; everybody else holds the post until it is ended.
    match (input.acting, input.until) {
        (true, None) => return Err(Problem::at(ProblemCode::Required, "until").into()),
        (false, Some(_)) => return Err(contradiction("until", "acting").into()),
        _ => {}
    }
    if input.acting && !input.post.is_officer() && input.post != Post::GroupLeader {
        return Err(contradiction("acting", "post").into());
    }
    check_order(since, founded, (input.until, input.term_ends_on))
}

/// Not before the org was there; its ends lie behind its beginning.
fn check_order(
    since: NaiveDate,
    founded: NaiveDate,
    (until, term_ends_on): (Option<NaiveDate>, Option<NaiveDate>),
) -> Outcome<()> {
    if since < founded {
        return Err(Problem::too_early("since", founded).into());
    }
    let after_since = |date: Option<NaiveDate>| date.is_none_or(|date| date > since);
    let earliest = since.succ_opt().unwrap_or(since);
    if !after_since(until) {
        return Err(Problem::too_early("until", earliest).into());
    }
    if !after_since(term_ends_on) {
        return Err(Problem::too_early("termEndsOn", earliest).into());
    }
    Ok(())
}

/// The member who is to hold it. Whoever may fill a post names any member at or below the org; of others they learn
/// only what their own roster shows.
async fn candidate(unit: &Unit, place: &Place, input: &Appoint) -> Outcome<Member> {
    let found = unit
        .write
        .members(
            &Scope::system(SystemScope::Rights),
            std::slice::from_ref(&input.member_id),
        )
        .await?
        .pop();
    let belongs = match &found {
        Some(row) => {
            let seats: Vec<String> = std::iter::once(&row.branch_id).chain(&row.group_id).cloned().collect();
            let home = home(place.kind, &place.path);
            orgs(unit, &seats)
                .await?
                .iter()
                .any(|org| place::is_within(&org.path, home))
        }
        None => false,
    };
    if !belongs {
        member(unit, &input.member_id, "memberId").await?;
        return Err(Problem::at(ProblemCode::NotAMemberHere, "memberId")
            .with("organizationId", &place.id)
            .into());
    }
    let row = found.ok_or_else(|| Problem::at(ProblemCode::NotFound, "memberId"))?;
    still_here(&row, "memberId")?;
    if needs_full_member(input.post) && row.standing != Standing::Full.as_str() {
        return Err(Problem::invalid("memberId", Flaw::NeedsFullMember)
            .with("standing", &row.standing)
            .into());
    }
    Ok(row)
}

/// Nobody else (`but` the appointment itself) holds the post in that time.
async fn check_free(
    unit: &Unit,
    (organization, but): (&str, Option<&str>),
    (post, member): (Post, &str),
    tenure: Tenure,
) -> Outcome<()> {
    let meets = |row: &Appointment| {
        row.post == post.as_str()
            && Some(row.id.as_str()) != but
            && (is_single(post) || row.member_id == member)
            && row.until.is_none_or(|until| until > tenure.since)
            && tenure.until.is_none_or(|until| until > row.since)
    };
    let holders = unit.write.holders(organization, tenure.since).await?;
    match holders.into_iter().find(meets) {
        // Who fills posts of an org sees who holds them.
        Some(row) => Err(Problem::at(ProblemCode::PostTaken, "post")
            .with("post", post)
            .with("appointmentId", row.id)
            .into()),
        None => Ok(()),
    }
}

/// Checks a portfolio and writes it as it is stored: ids of orgs as text, units by name as objects.
async fn charges(unit: &Unit, place: &Place, post: Post, charges: &[Charge]) -> Outcome<Value> {
    if charges.len() > PORTFOLIO {
        return Err(Problem::at(ProblemCode::TooMany, "portfolio")
            .with("max", PORTFOLIO)
            .into());
    }
    if !charges.is_empty() && !post.is_officer() {
        return Err(contradiction("portfolio", "post").into());
    }
    let ids: Vec<String> = charges
        .iter()
        .filter_map(|charge| match charge {
            Charge::Organization(id) => Some(id.clone()),
            Charge::Unit(_) => None,
        })
        .collect();
    let found = orgs(unit, &ids).await?;
    let fits =
        |org: &Organization| place::is_within(&org.path, &place.path) || org.guided_by.as_deref() == Some(&place.id);
    let mut stored = Vec::new();
    for (number, charge) in charges.iter().enumerate() {
        stored.push(match charge {
            // One answer for an org that is not there and for one that is elsewhere.
            Charge::Organization(id) if found.iter().any(|org| org.id == *id && fits(org)) => json!(id),
            Charge::Organization(_) => {
                let field = format!("portfolio.{number}.organizationId");
                return Err(Problem::at(ProblemCode::NotFound, &field).into());
            }
            Charge::Unit(name) => {
                checked_text(name, &format!("portfolio.{number}.unit"), 100)?;
                json!({"unit": name})
            }
        });
    }
    stored.dedup();
    Ok(Value::Array(stored))
}

fn tell(unit: &mut Unit, permit: &Permit, row: &Appointment, place: &Place, fields: &[&'static str]) {
    let at = (place.id.as_str(), place.path.as_str());
    let mut event = upsert(EntityKind::Appointment, &row.id, row.version, at, fields);
    event.member_id = Some(row.member_id.clone());
    unit.note(permit, event);
}

/// A post that the writer sees and the act is permitted on.
async fn held(
    unit: &Unit,
    id: &str,
    action: impl Fn(Post, bool) -> Action,
    decision: Option<&CollectiveDecision>,
) -> Outcome<(Appointment, Place, Permit)> {
    let missing = || Problem::at(ProblemCode::NotFound, "appointmentId");
    let sight = post_scopes(|subject| unit.rows_of(subject));
    let row = unit.write.appointment(&sight, id).await?.ok_or_else(missing)?;
    let post: Post = row.post.parse().map_err(|_| anyhow::anyhow!("unknown post"))?;
    let found = orgs(unit, std::slice::from_ref(&row.organization_id)).await?;
    let place = place_in(&found, &row.organization_id)?;
    let target = concerning(unit, Target::at(place.clone()), &row.member_id).await?;
    let target = sight.iter().fold(target, |target, (_, scope)| target.shown_by(scope));
    let permit = unit.require(action(post, row.acting), &decided(target, decision), "appointmentId")?;
    Ok((row, place, permit))
}

/// Writes a post as it now is, unless somebody was faster: who ends it and who puts its days right at once.
async fn keep(unit: &Unit, permit: &Permit, row: Appointment) -> Outcome<()> {
    if !unit.write.update_appointment(permit, row).await? {
        return Err(Problem::at(ProblemCode::Conflict, "expectedVersion").into());
    }
    Ok(())
}

/// For how long a post is held.
#[must_use]
pub fn tenure_of(row: &Appointment) -> Tenure {
    Tenure {
        since: row.since,
        until: row.until,
    }
}

/// Ends a post. The id of the appointment.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `OWN_MATTER`, `COLLECTIVE_DECISION_REQUIRED`, `WRONG_STATE`, `CONFLICT`, bad dates, or the
/// database is away.
#[tracing::instrument(name = "ops.people.end_appointment", skip_all)]
pub async fn end(unit: &mut Unit, input: &End) -> Outcome<Vec<String>> {
    let action = |post, _| match post {
        Post::Secretary => Action::EndSecretaryPost,
        Post::OrganizationDepartmentStaff | Post::DisciplineInspectionStaff => Action::EndOrganStaff,
        _ => Action::EndPost,
    };
    let (mut row, place, permit) = held(unit, &input.appointment_id, action, input.decision.as_ref()).await?;
    expect(row.version, input.expected_version)?;
    let end = input.until.unwrap_or(unit.today);
    let step = step(Some(tenure_of(&row)), Command::End(end), unit.today);
    let step = step.map_err(|refused| match refused.code {
        ProblemCode::DateInFuture => Problem::too_late("until", unit.today),
        ProblemCode::DateTooEarly => Problem::too_early("until", row.since),
        _ => refused.at("appointmentId"),
    })?;
    unit.rest_on(&permit, input.decision.as_ref()).await?;
    checked_date(end, unit.today, "until")?;
    row.until = step.state.until;
    row.version += 1;
    tell(unit, &permit, &row, &place, step.fields);
    let (id, holder) = (row.id.clone(), row.member_id.clone());
    keep(unit, &permit, row).await?;
    reseat(unit, &[holder]).await?;
    Ok(vec![id])
}

/// Puts days of a post right, on the decision by which it is filled: what that decision did not say is no slip of the pen, and takes
/// an act of its own. The id of the appointment.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `OWN_MATTER`, `COLLECTIVE_DECISION_REQUIRED`, `WRONG_STATE`, `POST_TAKEN`, `INVALID` with `OWN_ACT`, bad
/// dates, or the database is away.
#[tracing::instrument(name = "ops.people.put_appointment_right", skip_all)]
pub async fn put_right(unit: &mut Unit, input: &PutRight) -> Outcome<Vec<String>> {
    let (mut row, place, permit) = held(unit, &input.appointment_id, filling, input.decision.as_ref()).await?;
    let post: Post = row.post.parse().map_err(|_| anyhow::anyhow!("unknown post"))?;
    let ends = |field| Failure::from(Problem::own_act(field, Some(RowAct::End)));
    let since = input.since.unwrap_or(row.since);
    let until = input.until.or(row.until);
    let right = Tenure { since, until };
    let taken = step(Some(tenure_of(&row)), Command::PutRight(right), unit.today);
    let step = taken.map_err(|refused| match refused.code {
        ProblemCode::DateInFuture => Failure::from(Problem::too_late("since", unit.today)),
        ProblemCode::DateTooEarly => ends("until"),
        _ => Failure::from(refused.at("appointmentId")),
    })?;
    // Only an acting holder has an end before it has come.
    if until != row.until && !row.acting {
        return Err(ends("until"));
    }
    let decided_on = input.decision.as_ref().map(|decision| decision.decided_on);
    if is_another_term((row.since, row.term_ends_on), since, decided_on) {
        return Err(ends("since"));
    }
    let founded = orgs(unit, std::slice::from_ref(&place.id)).await?;
    let founded = founded.first().map_or(since, |org| org.founded_on);
    let term_ends_on = input.term_ends_on.or(row.term_ends_on);
    check_order(since, founded, (until, term_ends_on))?;
    checked_date(since, unit.today, "since")?;
    unit.rest_on(&permit, input.decision.as_ref()).await?;
    unit.write.hold_organization(&place.id).await?;
    check_free(unit, (&place.id, Some(&row.id)), (post, &row.member_id), right).await?;
    let mut fields = step.fields.to_vec();
    if term_ends_on != row.term_ends_on {
        fields.push("termEndsOn");
    }
    row.since = step.state.since;
    row.until = step.state.until;
    row.term_ends_on = term_ends_on;
    row.version += 1;
    tell(unit, &permit, &row, &place, &fields);
    let (id, holder) = (row.id.clone(), row.member_id.clone());
    keep(unit, &permit, row).await?;
    reseat(unit, &[holder]).await?;
    Ok(vec![id])
}

/// Says what the holder of a post looks after; it steers responsibility, never rights. The id of the appointment.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `COLLECTIVE_DECISION_REQUIRED`, `WRONG_STATE`, `CONFLICT`, `INVALID`, `TOO_MANY`, or the
/// database is away.
#[tracing::instrument(name = "ops.people.assign_portfolio", skip_all)]
pub async fn assign(unit: &mut Unit, input: &Assign) -> Outcome<Vec<String>> {
    let action = |_, _| Action::AssignPortfolio;
    let (mut row, place, permit) = held(unit, &input.appointment_id, action, input.decision.as_ref()).await?;
    expect(row.version, Some(input.expected_version))?;
    let taken = step(Some(tenure_of(&row)), Command::AssignPortfolio, unit.today);
    let step = unit.step("appointmentId", taken)?;
    if place.kind == OrganizationKind::PartyGroup {
        return Err(Problem::at(ProblemCode::KindNotAllowedHere, "appointmentId")
            .with("organizationKind", place.kind)
            .into());
    }
    unit.rest_on(&permit, input.decision.as_ref()).await?;
    let post: Post = row.post.parse().map_err(|_| anyhow::anyhow!("unknown post"))?;
    row.portfolio = charges(unit, &place, post, &input.portfolio).await?;
    row.version += 1;
    tell(unit, &permit, &row, &place, step.fields);
    let id = row.id.clone();
    keep(unit, &permit, row).await?;
    Ok(vec![id])
}
