//! The approver decides: the applicant becomes a probationary member, the probationary member a full one.

use chrono::NaiveDate;
use domain::audience::Audience;
use domain::lifecycle::admission::{Command, extension, may_extend, probation_ends};
use domain::policy::{Action, Permit, Subject};
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::vocabulary::{
    AdmissionKind, AdmissionState, ApplicantStage, EntityKind, InboxKind, MemberStatus, Standing,
};

use super::super::activity::read;
use super::super::affiliation::count;
use super::super::applicant::{self, metric};
use super::super::decision::CollectiveDecision;
use super::super::obligation::rejudge::rejudge;
use super::super::outcome::Outcome;
use super::super::people::roster;
use super::super::seating::reseat;
use super::super::structure::checked_text;
use super::super::writing::Unit;
use super::{Loaded, TEXT, keep, load};
use crate::store::member::Member;

/// What the approver decided.
#[derive(Debug, Clone)]
pub struct Verdict {
    pub admission_id: String,
    pub expected_version: Option<i64>,
    pub approved: bool,
    /// Instead of full membership: probation goes on until then.
    pub extend_until: Option<NaiveDate>,
    pub decision: Option<CollectiveDecision>,
    /// Needed for anything but approval.
    pub reason: Option<String>,
}

impl Verdict {
    fn command(&self) -> Command {
        match (self.approved, self.extend_until) {
            (_, Some(_)) => Command::Extend,
            (true, None) => Command::Approve,
            (false, None) => Command::Reject,
        }
    }
}

/// Decides. The id of the admission.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `OWN_MATTER`, `COLLECTIVE_DECISION_REQUIRED`, `REQUIRED`, `INVALID`, `ALREADY_DECIDED`,
/// `WRONG_STATE`, `CONFLICT`, a day that does not fit, or the database is away.
#[tracing::instrument(name = "ops.admission.decide", skip_all)]
pub async fn decide(unit: &mut Unit, input: &Verdict) -> Outcome<Vec<String>> {
    let mut loaded = load(unit, &input.admission_id).await?;
    if input.decision.is_some() {
        loaded.target = loaded.target.decided_collectively();
    }
    let permit = unit.require(Action::DecideAdmission, &loaded.target, "admissionId")?;
    loaded.expect(input.expected_version)?;
    let step = loaded.take(unit, input.command())?;
    unit.rest_on(&permit, input.decision.as_ref()).await?;
    checked(input, &loaded)?;
    loaded.row.decided_at = Some(unit.now);
    loaded.row.decision = input.decision.as_ref().map(CollectiveDecision::to_json);
    loaded.row.reason.clone_from(&input.reason);
    if let Some(approver) = loaded.target.org.approver_id.clone() {
        loaded.row.approver_id = approver;
    }
    match (loaded.kind, step.state) {
        (AdmissionKind::Admission, AdmissionState::Approved) => admit(unit, &permit, &mut loaded).await?,
        (AdmissionKind::FullMembership, AdmissionState::Approved) => complete(unit, &permit, &loaded).await?,
        (_, AdmissionState::Extended) => extend(unit, &mut loaded, input.extend_until).await?,
        (
            _,
            AdmissionState::Draft | AdmissionState::Proposed | AdmissionState::Rejected | AdmissionState::Withdrawn,
        ) => {}
    }
    tell_branch(unit, &loaded);
    keep(unit, &permit, &mut loaded, step.fields).await
}

fn checked(input: &Verdict, loaded: &Loaded) -> Outcome<()> {
    if let Some(decision) = &input.decision
        && let Some(day) = loaded.row.voted_on.filter(|day| decision.decided_on < *day)
    {
        return Err(Problem::too_early("decision.decidedOn", day).into());
    }
    let reason = input.reason.as_deref();
    if !input.approved || input.extend_until.is_some() || reason.is_some() {
        checked_text(reason.unwrap_or_default(), "reason", TEXT)?;
    }
    if input.approved && input.extend_until.is_some() {
        return Err(Problem::invalid("extendUntil", Flaw::Contradiction)
            .with("with", "approved")
            .into());
    }
    Ok(())
}

/// A probationary member since the day on which the branch took them in; of the branch's strength from today on.
async fn admit(unit: &mut Unit, permit: &Permit, loaded: &mut Loaded) -> Outcome<()> {
    let wrong = || Problem::wrong_state("admissionId", "PERSON_NOT_THERE");
    let scope = unit.rows_of(Subject::Admission);
    let id = loaded.row.applicant_id.clone().ok_or_else(wrong)?;
    let mut applicant = unit.write.applicant(&scope, &id).await?.ok_or_else(wrong)?;
    if !applicant::is_under_way(&applicant) || applicant.branch_id != loaded.branch.id {
        return Err(wrong().into());
    }
    let member = Member {
        id: unit.app.ids.next(EntityKind::Member),
        name: applicant.name.clone(),
        name_key: applicant.name_key.clone(),
        standing: Standing::Probationary.to_string(),
        status: MemberStatus::Active.to_string(),
        joined_on: loaded.row.voted_on.unwrap_or(unit.today),
        became_full_on: None,
        left_on: None,
        left_reason: None,
        branch_id: loaded.branch.id.clone(),
        group_id: None,
        host_branch_id: None,
        unit_tag: None,
        identity_sealed: None,
        identity_hash: None,
        birth_sealed: None,
        address_sealed: None,
        phone_sealed: None,
        phone_hash: None,
        version: 1,
    };
    let since = roster::membership(unit, &member, unit.today);
    unit.write.insert_member(permit, member.clone(), since).await?;
    roster::deltas(unit, &member, &loaded.branch.path, None, 1);
    let fields = ["name", "standing", "joinedOn", "branch"];
    roster::tell(unit, permit, &member, &loaded.target.org, &fields);
    reseat(unit, std::slice::from_ref(&member.id)).await?;
    unit.write.take_back_invitations(&applicant.id, unit.now).await?;
    let stage: ApplicantStage = read(&applicant.stage)?;
    count(unit, &loaded.branch, metric(stage), -1);
    applicant.member_id = Some(member.id.clone());
    if !unit.write.update_applicant(permit, &mut applicant).await? {
        return Err(ProblemCode::Conflict.into());
    }
    applicant::tell(unit, permit, &applicant, &loaded.branch, &["member"]);
    unit.write
        .make_account_a_members(permit, &applicant.id, &member.id)
        .await?;
    loaded.row.member_id = Some(member.id);
    rejudge(unit, std::slice::from_ref(&loaded.branch.id), unit.today).await?;
    Ok(())
}

async fn probationary(unit: &Unit, loaded: &Loaded) -> Outcome<Member> {
    let wrong = || Problem::wrong_state("admissionId", "PERSON_NOT_THERE");
    let id = loaded.row.member_id.clone().ok_or_else(wrong)?;
    let member = unit.write.hold_member(&id).await?.ok_or_else(wrong)?;
    let stands = member.standing == Standing::Probationary.as_str()
        && member.status != MemberStatus::Left.as_str()
        && member.branch_id == loaded.branch.id;
    if stands { Ok(member) } else { Err(wrong().into()) }
}

async fn extended(unit: &Unit, member: &str) -> Outcome<Option<NaiveDate>> {
    let earlier = unit.write.admissions_of(AdmissionKind::FullMembership, member).await?;
    Ok(earlier.iter().filter_map(|one| one.extended_until).max())
}

/// A full member from the day on which probation ended.
async fn complete(unit: &mut Unit, permit: &Permit, loaded: &Loaded) -> Outcome<()> {
    let member = probationary(unit, loaded).await?;
    let extended = extended(unit, &member.id).await?;
    let full = Member {
        standing: Standing::Full.to_string(),
        became_full_on: Some(probation_ends(member.joined_on, extended)),
        ..member.clone()
    };
    roster::keep(unit, permit, &member, full, &["standing", "becameFullOn"]).await?;
    rejudge(unit, std::slice::from_ref(&loaded.branch.id), unit.today).await?;
    Ok(())
}

async fn extend(unit: &Unit, loaded: &mut Loaded, until: Option<NaiveDate>) -> Outcome<()> {
    let member = probationary(unit, loaded).await?;
    let earlier = extended(unit, &member.id).await?;
    let until = until.ok_or_else(|| Problem::at(ProblemCode::Required, "extendUntil"))?;
    may_extend(member.joined_on, earlier, until).map_err(|code| match code {
        ProblemCode::Invalid => {
            let (first, last) = extension(member.joined_on);
            Problem::invalid("extendUntil", Flaw::OutOfRange)
                .with("min", first)
                .with("max", last)
        }
        _ => Problem::at(code, "extendUntil").with("state", AdmissionState::Extended),
    })?;
    loaded.row.extended_until = Some(until);
    Ok(())
}

fn tell_branch(unit: &mut Unit, loaded: &Loaded) {
    unit.settle(&loaded.row.id, &[InboxKind::AdmissionToDecide]);
    let params = serde_json::json!({
        "kind": loaded.row.kind, "personId": super::person(&loaded.row), "state": loaded.row.state
    });
    let audience = Audience::Head(loaded.branch.id.clone());
    let subject = (EntityKind::Admission, loaded.row.id.as_str());
    unit.raise(
        InboxKind::AdmissionDecided,
        audience,
        subject,
        &loaded.branch.id,
        (params, None),
    );
}
