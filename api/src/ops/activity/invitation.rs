//! Activists 入党积极分子 invited to a lecture: invited from the branches that hold it, counted apart from members.

use domain::activity_kind::{Expected, capabilities};
use domain::policy::Subject;
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::ApplicantStage;

use super::super::outcome::Outcome;
use super::super::writing::Unit;
use super::{Loaded, few};
use crate::store::invitation::Invitation;

/// State of somebody who is invited.
const INVITED: &str = "INVITED";

/// Who is invited.
#[derive(Debug, Clone, Default)]
pub struct Guests {
    /// All activists and prospects of the branches that take part.
    pub activists: bool,
    /// Applicants by id, besides.
    pub applicants: Vec<String>,
}

/// Writes the invitations to an activity.
pub(super) async fn invite(unit: &Unit, loaded: &Loaded, guests: &Guests) -> Outcome<()> {
    if !guests.activists && guests.applicants.is_empty() {
        return Ok(());
    }
    few(guests.applicants.len(), "invited")?;
    if capabilities(loaded.kind).expected != Expected::MembersAndActivists {
        return Err(Problem::at(ProblemCode::KindNotAllowedHere, "invited")
            .with("activityKind", loaded.kind)
            .into());
    }
    let scope = unit.rows_of(Subject::Admission);
    let all = unit.write.applicants_of(&scope, &loaded.org_ids()).await?;
    let unknown = |id: &String| !all.iter().any(|row| row.id == *id);
    if let Some(number) = guests.applicants.iter().position(unknown) {
        return Err(Problem::at(ProblemCode::NotFound, &format!("invited.{number}")).into());
    }
    let rows = all.into_iter().filter(|row| {
        let further = row.stage != ApplicantStage::Applicant.as_str();
        guests.applicants.contains(&row.id) || (guests.activists && further)
    });
    let rows = rows.map(|row| Invitation {
        activity_id: loaded.row.id.clone(),
        applicant_id: row.id,
        organization_id: row.branch_id,
        state: INVITED.to_owned(),
    });
    Ok(unit.write.invite(rows.collect()).await?)
}

/// Records who of those invited came: all but these.
pub(super) async fn came(unit: &Unit, loaded: &Loaded, absent: &[String]) -> Outcome<()> {
    few(absent.len(), "invitedAbsent")?;
    let invited = unit.write.invitations_to(&loaded.row.id).await?;
    let unknown = |id: &String| !invited.iter().any(|row| row.applicant_id == *id);
    if let Some(number) = absent.iter().position(unknown) {
        return Err(Problem::at(ProblemCode::NotExpected, &format!("invitedAbsent.{number}")).into());
    }
    if invited.is_empty() {
        return Ok(());
    }
    Ok(unit.write.invited_came(&loaded.row.id, absent).await?)
}
