//! The branch puts a person to the approver; a clerk drafts it.

use chrono::NaiveDate;
use domain::audience::Audience;
use domain::lifecycle::Step;
use domain::lifecycle::admission::{Command, probation_ends, rests_on, step};
use domain::policy::{Action, Permit, Subject, Target};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{
    ActivityKind, AdmissionKind, AdmissionState, ApplicantStage, EntityKind, InboxKind, MemberStatus, Standing,
};

use super::super::activity::read;
use super::super::activity::vote::rule;
use super::super::applicant::is_under_way;
use super::super::decision::CollectiveDecision;
use super::super::organization::{Organization, place_of};
use super::super::outcome::Outcome;
use super::super::rulebook::Library;
use super::super::structure::org;
use super::super::writing::Unit;
use super::{Admission, is_open, tell};
use crate::store::member::Member;

/// A person put to the approver.
#[derive(Debug, Clone)]
pub struct Proposal {
    pub kind: AdmissionKind,
    /// The applicant, or for full membership the member.
    pub person_id: String,
    /// The resolution of the branch's general meeting.
    pub resolution_id: Option<String>,
    /// Its recorded decision, where the meeting is not in the system.
    pub decision: Option<CollectiveDecision>,
    /// A draft only: what a clerk may write.
    pub draft: bool,
}

/// State of what is not there, as a refusal tells it.
const NONE: &str = "NONE";

/// Who is put forward, and where.
struct Candidate {
    branch: Organization,
    target: Target,
    /// The first day on which the branch may decide.
    earliest: Option<NaiveDate>,
    field: &'static str,
}

/// Proposes, or drafts. The id of the admission.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `COLLECTIVE_DECISION_REQUIRED`, `RESOLUTION_NOT_FITTING`, `RESOLUTION_NOT_PASSED`,
/// `WRONG_STATE`, a day that does not fit, or the database is away.
#[tracing::instrument(name = "ops.admission.propose", skip_all)]
pub async fn propose(unit: &mut Unit, input: &Proposal) -> Outcome<Vec<String>> {
    let mut candidate = candidate(unit, input).await?;
    let rests = input.resolution_id.is_some() || input.decision.is_some();
    if rests {
        candidate.target = candidate.target.decided_collectively();
    }
    let (action, command) = if input.draft {
        (Action::DraftAdmission, Command::Draft)
    } else {
        (Action::ProposeAdmission, Command::Propose)
    };
    let permit = unit.require(action, &candidate.target, candidate.field)?;
    unit.rest_on(&permit, input.decision.as_ref()).await?;
    fits(unit, input, &mut candidate).await?;
    let earlier = unit.write.admissions_of(input.kind, &input.person_id).await?;
    let open = earlier.into_iter().find(is_open);
    let state = match &open {
        Some(row) => Some(read(&row.state)?),
        None => None,
    };
    let step = unit.step(candidate.field, step(input.kind, state, command))?;
    let vote = vote(unit, input, &candidate, open.as_ref()).await?;
    let approver = candidate.target.org.approver_id.clone();
    let approver_id = approver.ok_or_else(|| Problem::wrong_state(candidate.field, "WITHOUT_APPROVER"))?;
    let row = written(
        unit,
        input,
        &candidate,
        (open.as_ref(), step.state),
        (vote, approver_id),
    );
    store(unit, &permit, (row, step), open.is_some(), &candidate.branch).await
}

async fn candidate(unit: &Unit, input: &Proposal) -> Outcome<Candidate> {
    let (field, sight) = match input.kind {
        AdmissionKind::Admission => ("applicantId", unit.rows_of(Subject::Admission)),
        AdmissionKind::FullMembership => ("memberId", unit.rows_of(Subject::Roster)),
    };
    let id = &input.person_id;
    let branch_id = match input.kind {
        AdmissionKind::Admission => unit.write.applicant(&sight, id).await?.map(|row| row.branch_id),
        AdmissionKind::FullMembership => {
            let found = unit.write.members(&sight, std::slice::from_ref(id)).await?;
            found.into_iter().next().map(|row| row.branch_id)
        }
    };
    let branch_id = branch_id.ok_or_else(|| Problem::at(ProblemCode::NotFound, field))?;
    let branch = org(unit, &branch_id, field).await?;
    Ok(Candidate {
        target: Target::at(place_of(&branch)?)
            .about(input.person_id.clone())
            .shown_by(&sight),
        branch,
        earliest: None,
        field,
    })
}

/// Whether the person can be put forward: a prospect, or a probationary member whose probation ends.
async fn fits(unit: &Unit, input: &Proposal, candidate: &mut Candidate) -> Outcome<()> {
    let wrong = |state: &str| Problem::wrong_state(candidate.field, state);
    match input.kind {
        AdmissionKind::Admission => {
            let scope = unit.rows_of(Subject::Admission);
            let row = unit
                .write
                .applicant(&scope, &input.person_id)
                .await?
                .ok_or_else(|| wrong(NONE))?;
            if !is_under_way(&row) || row.stage != ApplicantStage::Prospect.as_str() {
                return Err(wrong(&row.stage).into());
            }
            candidate.earliest = row.prospect_on.or(Some(row.since_on));
        }
        AdmissionKind::FullMembership => {
            let row = unit.write.hold_member(&input.person_id).await?;
            let row = row.ok_or_else(|| wrong(NONE))?;
            if let Some(state) = not_on_probation(&row) {
                return Err(wrong(state).into());
            }
            let earlier = unit.write.admissions_of(input.kind, &row.id).await?;
            candidate.earliest = Some(probation_of(&row, &earlier));
        }
    }
    Ok(())
}

/// The state of a member who is not on probation.
fn not_on_probation(row: &Member) -> Option<&str> {
    if row.status == MemberStatus::Left.as_str() {
        return Some(&row.status);
    }
    (row.standing != Standing::Probationary.as_str()).then_some(row.standing.as_str())
}

/// The day on which a member's probation ends, by what was decided of it before.
fn probation_of(row: &Member, earlier: &[Admission]) -> NaiveDate {
    let extended = earlier.iter().filter_map(|one| one.extended_until).max();
    probation_ends(row.joined_on, extended)
}

/// What the present state has against proposing a member for full membership: no probation, one that still runs today, or a
/// proposal that waits already.
#[must_use]
pub fn against_full_membership(row: &Member, earlier: &[Admission], today: NaiveDate) -> Option<Problem> {
    if let Some(state) = not_on_probation(row) {
        return Some(Problem::wrong_state("memberId", state));
    }
    let open = earlier.iter().find(|one| is_open(one));
    let state = open.and_then(|one| one.state.parse().ok());
    if let Err(refused) = step(AdmissionKind::FullMembership, state, Command::Propose) {
        return Some(refused.at("memberId"));
    }
    let ends = probation_of(row, earlier);
    (today < ends).then(|| Problem::too_early("decision.decidedOn", ends))
}

/// How the branch decided.
struct Vote {
    /// A draft may still lack it.
    on: Option<NaiveDate>,
    /// `key@version` of the rulebook with the vote rule.
    rulebook_id: String,
    rule_key: String,
}

/// How the branch decided, checked: by a resolution that is its own, on this matter, passed and not used for anybody else;
/// or by a decision that is recorded here.
async fn vote(unit: &Unit, input: &Proposal, candidate: &Candidate, open: Option<&Admission>) -> Outcome<Vote> {
    let (vote, field) = match (&input.resolution_id, &input.decision) {
        (Some(id), _) => (
            resolved(unit, input.kind, id, &candidate.branch.id, open).await?,
            "resolutionId",
        ),
        (None, Some(decision)) => {
            let on = Some(decision.decided_on);
            let vote = by_rule(unit, input.kind, &candidate.branch, on).await?;
            (vote, "decision.decidedOn")
        }
        (None, None) => (by_rule(unit, input.kind, &candidate.branch, None).await?, "decision"),
    };
    let too_early = vote.on.zip(candidate.earliest).filter(|(day, earliest)| day < earliest);
    if let Some((_, earliest)) = too_early {
        return Err(Problem::too_early(field, earliest).into());
    }
    Ok(vote)
}

/// The vote rule that is in force for the branch on the day.
async fn by_rule(unit: &Unit, kind: AdmissionKind, branch: &Organization, on: Option<NaiveDate>) -> Outcome<Vote> {
    let day = on.unwrap_or(unit.today);
    let book = Library::load(&unit.write).await?.book_of(branch, day)?;
    let rule = rule(&book, ActivityKind::BranchGeneralMeeting, rests_on(kind), day)?;
    Ok(Vote {
        on,
        rulebook_id: format!("{}@{}", rule.book.key, rule.book.version),
        rule_key: rule.entry.key.clone(),
    })
}

async fn resolved(unit: &Unit, kind: AdmissionKind, id: &str, branch: &str, open: Option<&Admission>) -> Outcome<Vote> {
    let found = unit.write.voted(id).await?;
    let own = |orgs: &[String]| orgs.iter().any(|org| org == branch);
    // Of another branch it answers as what does not exist.
    let voted = found
        .filter(|voted| own(&voted.organizations))
        .ok_or_else(|| Problem::at(ProblemCode::NotFound, "resolutionId"))?;
    let book = voted.resolution.rulebook_id.split('@').next().unwrap_or_default();
    let by = |code| Problem::at(code, "resolutionId").by(book, &voted.resolution.rule_key);
    let used = unit.write.admissions_by(id).await?;
    let used = used.iter().any(|one| Some(&one.id) != open.map(|open| &open.id));
    if voted.resolution.kind != rests_on(kind).as_str() || used {
        return Err(by(ProblemCode::ResolutionNotFitting)
            .with("kind", &voted.resolution.kind)
            .with("needed", rests_on(kind))
            .with("used", used)
            .into());
    }
    if !voted.resolution.passed {
        return Err(by(ProblemCode::ResolutionNotPassed).into());
    }
    Ok(Vote {
        on: Some(voted.on),
        rulebook_id: voted.resolution.rulebook_id.clone(),
        rule_key: voted.resolution.rule_key.clone(),
    })
}

fn written(
    unit: &Unit,
    input: &Proposal,
    candidate: &Candidate,
    (open, state): (Option<&Admission>, AdmissionState),
    (vote, approver_id): (Vote, String),
) -> Admission {
    let person = input.person_id.clone();
    let (applicant_id, member_id) = match input.kind {
        AdmissionKind::Admission => (Some(person), None),
        AdmissionKind::FullMembership => (None, Some(person)),
    };
    Admission {
        id: open.map_or_else(|| unit.app.ids.next(EntityKind::Admission), |row| row.id.clone()),
        kind: input.kind.to_string(),
        applicant_id,
        branch_id: candidate.branch.id.clone(),
        approver_id,
        resolution_id: input.resolution_id.clone(),
        state: state.to_string(),
        proposed_at: unit.now,
        decided_at: None,
        voted_on: vote.on,
        rulebook_id: vote.rulebook_id,
        rule_key: vote.rule_key,
        branch_decision: input.decision.as_ref().map(CollectiveDecision::to_json),
        decision: None,
        reason: None,
        extended_until: None,
        opinions: serde_json::json!([]),
        member_id,
        version: open.map_or(1, |row| row.version),
    }
}

async fn store(
    unit: &mut Unit,
    permit: &Permit,
    (mut row, step): (Admission, Step<AdmissionState>),
    known: bool,
    branch: &Organization,
) -> Outcome<Vec<String>> {
    if known {
        if !unit.write.update_admission(permit, &mut row).await? {
            return Err(ProblemCode::Conflict.into());
        }
    } else {
        unit.write.insert_admission(permit, row.clone()).await?;
    }
    tell(unit, permit, &row, branch, step.fields);
    unit.settle(&row.id, &[InboxKind::AdmissionToPropose]);
    let (kind, audience) = if row.state == AdmissionState::Draft.as_str() {
        (InboxKind::AdmissionToPropose, Audience::Head(branch.id.clone()))
    } else {
        (InboxKind::AdmissionToDecide, Audience::Head(row.approver_id.clone()))
    };
    let params = serde_json::json!({"kind": row.kind, "personId": super::person(&row)});
    let subject = (EntityKind::Admission, row.id.as_str());
    unit.raise(kind, audience, subject, &branch.id, (params, None));
    Ok(vec![row.id])
}
