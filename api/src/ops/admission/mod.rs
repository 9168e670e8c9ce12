//! Admission 发展党员 and full membership 转正: the branch proposes by resolution, levels between give their opinion, the
//! approver decides.

mod decide;
mod following;
mod propose;
pub mod reading;

pub use self::decide::{Verdict, decide};
pub use self::following::{end_with_membership, follow_approver};
pub use self::propose::{Proposal, against_full_membership, propose};

use domain::lifecycle::admission::Command;
use domain::lifecycle::admission::{is_open as open, step};
use domain::lifecycle::{Fields, Step};
use domain::policy::{Action, Permit, Subject, Target};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{AdmissionKind, AdmissionState, EntityKind, InboxKind};
use serde::{Deserialize, Serialize};

use super::activity::read;
use super::organization::{Organization, place_of};
use super::outcome::Outcome;
use super::structure::{checked_text, org};
use super::writing::{Unit, upsert};
pub use crate::store::admission::Admission;

/// Longest reason or opinion.
const TEXT: usize = 1000;

/// What a level between said.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Opinion {
    pub organization_id: String,
    pub member_id: Option<String>,
    pub text: String,
    pub given_at: chrono::DateTime<chrono::Utc>,
}

/// An opinion to be given.
#[derive(Debug, Clone)]
pub struct Say {
    pub admission_id: String,
    pub text: String,
}

/// An admission to be taken back.
#[derive(Debug, Clone)]
pub struct Withdrawal {
    pub admission_id: String,
    pub expected_version: Option<i64>,
}

/// An admission inside a write.
struct Loaded {
    row: Admission,
    kind: AdmissionKind,
    branch: Organization,
    target: Target,
}

/// Whether an admission is a draft or waits for the approver.
#[must_use]
pub fn is_open(row: &Admission) -> bool {
    row.state.parse().is_ok_and(open)
}

/// The person that an admission is about: the member, before that the applicant.
#[must_use]
pub fn person(row: &Admission) -> &str {
    row.member_id
        .as_deref()
        .or(row.applicant_id.as_deref())
        .unwrap_or_default()
}

/// A level between gives its opinion. The id of the admission.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `OWN_MATTER`, `REQUIRED`, `TOO_LONG`, `ALREADY_DECIDED`, `WRONG_STATE`, or the database is
/// away.
#[tracing::instrument(name = "ops.admission.opine", skip_all)]
pub async fn opine(unit: &mut Unit, input: &Say) -> Outcome<Vec<String>> {
    let mut loaded = load(unit, &input.admission_id).await?;
    let permit = unit.require(Action::OpineOnAdmission, &loaded.target, "admissionId")?;
    checked_text(&input.text, "text", TEXT)?;
    let step = loaded.take(unit, Command::Opine)?;
    let mut opinions: Vec<Opinion> = serde_json::from_value(loaded.row.opinions.clone()).unwrap_or_default();
    opinions.push(Opinion {
        organization_id: permit.post().map(|post| post.org_id.clone()).unwrap_or_default(),
        member_id: permit.member_id().map(ToOwned::to_owned),
        text: input.text.clone(),
        given_at: unit.now,
    });
    loaded.row.opinions = serde_json::json!(opinions);
    keep(unit, &permit, &mut loaded, step.fields).await
}

/// The branch takes an admission back before it is decided. The id of the admission.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `ALREADY_DECIDED`, `CONFLICT`, or the database is away.
#[tracing::instrument(name = "ops.admission.withdraw", skip_all)]
pub async fn withdraw(unit: &mut Unit, input: &Withdrawal) -> Outcome<Vec<String>> {
    let mut loaded = load(unit, &input.admission_id).await?;
    let permit = unit.require(Action::WithdrawAdmission, &loaded.target, "admissionId")?;
    loaded.expect(input.expected_version)?;
    let step = loaded.take(unit, Command::Withdraw)?;
    unit.settle(
        &loaded.row.id,
        &[InboxKind::AdmissionToDecide, InboxKind::AdmissionToPropose],
    );
    keep(unit, &permit, &mut loaded, step.fields).await
}

impl Loaded {
    /// Refuses what was changed since the client read it.
    fn expect(&self, version: Option<i64>) -> Outcome<()> {
        if version.is_some_and(|version| version != self.row.version) {
            return Err(Problem::conflict(self.row.version).into());
        }
        Ok(())
    }

    /// Takes a step: the row stands as it says.
    fn take(&mut self, unit: &Unit, command: Command) -> Outcome<Step<AdmissionState>> {
        let taken = step(self.kind, Some(read(&self.row.state)?), command);
        let step = unit.step("admissionId", taken)?;
        self.row.state = step.state.to_string();
        Ok(step)
    }
}

async fn load(unit: &Unit, id: &str) -> Outcome<Loaded> {
    let sight = unit.rows_of(Subject::Admission);
    let found = unit.write.admission(&sight, id).await?;
    let row = found.ok_or_else(|| Problem::at(ProblemCode::NotFound, "admissionId"))?;
    let branch = org(unit, &row.branch_id, "admissionId").await?;
    let target = Target::at(place_of(&branch)?).about(person(&row)).shown_by(&sight);
    Ok(Loaded {
        kind: read(&row.kind)?,
        row,
        branch,
        target,
    })
}

/// Writes an admission as it now is and tells the log.
async fn keep(unit: &mut Unit, permit: &Permit, loaded: &mut Loaded, fields: Fields) -> Outcome<Vec<String>> {
    if !unit.write.update_admission(permit, &mut loaded.row).await? {
        return Err(Problem::at(ProblemCode::Conflict, "expectedVersion").into());
    }
    tell(unit, permit, &loaded.row, &loaded.branch, fields);
    Ok(vec![loaded.row.id.clone()])
}

fn tell(unit: &mut Unit, permit: &Permit, row: &Admission, branch: &Organization, fields: Fields) {
    let at = (branch.id.as_str(), branch.path.as_str());
    let mut event = upsert(EntityKind::Admission, &row.id, row.version, at, fields);
    event.member_id = Some(person(row).to_owned());
    unit.note(permit, event);
}
