//! Applicants 入党申请人: entered, led forward one stage at a time, withdrawn.

use chrono::NaiveDate;
use domain::lifecycle::Fields;
use domain::lifecycle::applicant::{Progress, step};
use domain::policy::{Action, Permit, Subject, Target};
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::vocabulary::{AdmissionKind, ApplicantStage, EntityKind, OrganizationKind};

use super::activity::read;
use super::affiliation::count;
use super::organization::{Organization, Page, PageRequest, Within, place_of};
use super::outcome::Outcome;
use super::reading::Reading;
use super::structure::{DISSOLVED, checked_date, checked_text, org};
use super::writing::{Unit, upsert};
pub use crate::store::applicant::Applicant;
use crate::store::name_key::name_key;

const NAME_LENGTH: usize = 100;
const REASON: usize = 500;

/// Somebody who applied for membership.
#[derive(Debug, Clone)]
pub struct Entry {
    pub branch_id: String,
    pub name: String,
    pub applied_on: NaiveDate,
}

/// What becomes of an applicant: exactly one of stage and withdrawal.
#[derive(Debug, Clone)]
pub struct Step {
    pub applicant_id: String,
    pub expected_version: i64,
    pub on: NaiveDate,
    pub stage: Option<ApplicantStage>,
    pub withdrawn: bool,
    pub reason: Option<String>,
}

/// The headcount figure that an applicant of this stage is counted in.
#[must_use]
pub(super) fn metric(stage: ApplicantStage) -> &'static str {
    match stage {
        ApplicantStage::Applicant => "applicants",
        ApplicantStage::Activist | ApplicantStage::Prospect => "activists",
    }
}

/// Enters an applicant at a branch. The id of the applicant.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `KIND_NOT_ALLOWED_HERE`, `WRONG_STATE`, a name or a day that does not fit, or the database is
/// away.
#[tracing::instrument(name = "ops.applicant.enter", skip_all)]
pub async fn enter(unit: &mut Unit, input: &Entry) -> Outcome<Vec<String>> {
    let branch = org(unit, &input.branch_id, "branchId").await?;
    let permit = unit.require(Action::EnterApplicant, &Target::at(place_of(&branch)?), "branchId")?;
    checked_text(&input.name, "name", NAME_LENGTH)?;
    checked_date(input.applied_on, unit.today, "appliedOn")?;
    let kind: OrganizationKind = read(&branch.kind)?;
    if kind != OrganizationKind::Branch {
        return Err(Problem::at(ProblemCode::KindNotAllowedHere, "branchId")
            .with("kind", kind)
            .with("allowed", OrganizationKind::Branch)
            .into());
    }
    if branch.dissolved_on.is_some() {
        return Err(Problem::wrong_state("branchId", DISSOLVED).into());
    }
    let name = input.name.trim();
    let row = Applicant {
        id: unit.app.ids.next(EntityKind::Applicant),
        name: name.to_owned(),
        name_key: name_key(name),
        stage: ApplicantStage::Applicant.to_string(),
        branch_id: branch.id.clone(),
        since_on: input.applied_on,
        activist_on: None,
        prospect_on: None,
        withdrawn_on: None,
        withdrawn_reason: None,
        member_id: None,
        version: 1,
    };
    unit.write.enter_applicant(&permit, row.clone()).await?;
    count(unit, &branch, metric(ApplicantStage::Applicant), 1);
    tell(unit, &permit, &row, &branch, &["name", "stage"]);
    Ok(vec![row.id])
}

/// Leads an applicant to the next stage, or records that they withdrew. The id of the applicant.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `CONFLICT`, `WRONG_STATE`, a day that does not fit, or the database is away.
#[tracing::instrument(name = "ops.applicant.record", skip_all)]
pub async fn record(unit: &mut Unit, input: &Step) -> Outcome<Vec<String>> {
    let scope = unit.rows_of(Subject::Admission);
    let found = unit.write.applicant(&scope, &input.applicant_id).await?;
    let mut row = found.ok_or_else(|| Problem::at(ProblemCode::NotFound, "applicantId"))?;
    let branch = org(unit, &row.branch_id, "applicantId").await?;
    let target = Target::at(place_of(&branch)?).about(row.id.clone()).shown_by(&scope);
    let permit = unit.require(Action::RecordApplicant, &target, "applicantId")?;
    if input.expected_version != row.version {
        return Err(Problem::conflict(row.version).into());
    }
    checked_date(input.on, unit.today, "on")?;
    if !is_under_way(&row) {
        let state = row.withdrawn_on.map_or("ADMITTED", |_| "WITHDRAWN");
        return Err(Problem::wrong_state("applicantId", state).into());
    }
    let before: ApplicantStage = read(&row.stage)?;
    let fields: Fields = match (input.stage, input.withdrawn) {
        (None, false) => return Err(Problem::at(ProblemCode::Required, "stage").into()),
        (Some(_), true) => {
            return Err(Problem::invalid("withdrawn", Flaw::Contradiction)
                .with("with", "stage")
                .into());
        }
        (Some(stage), false) => {
            let fields = go_forward(&mut row, before, stage, input.on)?;
            count(unit, &branch, metric(stage), 1);
            fields
        }
        (None, true) => {
            withdraw(unit, &mut row, input.reason.as_deref(), input.on).await?;
            unit.write.take_back_invitations(&row.id, unit.now).await?;
            &["withdrawnOn"]
        }
    };
    count(unit, &branch, metric(before), -1);
    if !unit.write.update_applicant(&permit, &mut row).await? {
        return Err(Problem::at(ProblemCode::Conflict, "expectedVersion").into());
    }
    tell(unit, &permit, &row, &branch, fields);
    Ok(vec![row.id])
}

/// Neither admitted nor withdrawn.
#[must_use]
pub fn is_under_way(row: &Applicant) -> bool {
    row.member_id.is_none() && row.withdrawn_on.is_none()
}

fn reached_on(row: &Applicant) -> NaiveDate {
    row.prospect_on.or(row.activist_on).unwrap_or(row.since_on)
}

fn go_forward(row: &mut Applicant, from: ApplicantStage, to: ApplicantStage, on: NaiveDate) -> Outcome<Fields> {
    let progress = Progress {
        stage: from,
        reached_on: reached_on(row),
    };
    let step = step(progress, to, on).map_err(|refused| match refused.code {
        ProblemCode::DateTooEarly => Problem::too_early("on", progress.reached_on),
        _ => refused.at("stage"),
    })?;
    row.stage = step.state.stage.to_string();
    match to {
        ApplicantStage::Activist => row.activist_on = Some(on),
        ApplicantStage::Applicant | ApplicantStage::Prospect => row.prospect_on = Some(on),
    }
    Ok(step.fields)
}

async fn withdraw(unit: &Unit, row: &mut Applicant, reason: Option<&str>, on: NaiveDate) -> Outcome<()> {
    if let Some(reason) = reason {
        checked_text(reason, "reason", REASON)?;
    }
    if on < row.since_on {
        return Err(Problem::too_early("on", row.since_on).into());
    }
    let earlier = unit.write.admissions_of(AdmissionKind::Admission, &row.id).await?;
    // What was put to the approver is taken back first.
    if let Some(open) = earlier.iter().find(|row| super::admission::is_open(row)) {
        return Err(Problem::wrong_state("applicantId", &open.state)
            .with("admissionId", &open.id)
            .into());
    }
    row.withdrawn_on = Some(on);
    row.withdrawn_reason = reason.map(ToOwned::to_owned);
    Ok(())
}

pub(super) fn tell(unit: &mut Unit, permit: &Permit, row: &Applicant, branch: &Organization, fields: &[&'static str]) {
    let at = (branch.id.as_str(), branch.path.as_str());
    let mut event = upsert(EntityKind::Applicant, &row.id, row.version, at, fields);
    event.member_id = Some(row.id.clone());
    unit.note(permit, event);
}

impl Reading {
    /// Applicants by id, those that the reader may see.
    ///
    /// # Errors
    /// The database is away.
    pub async fn applicants(&self, ids: &[String]) -> Outcome<Vec<Applicant>> {
        Ok(self.snapshot.applicants(&self.rows(Subject::Admission), ids).await?)
    }

    /// A page of applicants who are on their way, by name.
    ///
    /// # Errors
    /// The database is away.
    pub async fn applicants_within(
        &self,
        within: &Within,
        stages: Option<&[ApplicantStage]>,
        page: &PageRequest,
    ) -> Outcome<Page<Applicant>> {
        let scope = self.rows(Subject::Admission);
        Ok(self.snapshot.applicants_within(&scope, within, stages, page).await?)
    }
}
