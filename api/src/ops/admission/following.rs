//! What becomes of admissions that wait where the tree or the membership changes under them.

use domain::audience::Audience;
use domain::lifecycle::admission::{Command, is_open};
use domain::policy::Permit;
use domain::vocabulary::{AdmissionKind, AdmissionState, EntityKind, InboxKind};

use super::{Loaded, keep, person};
use crate::ops::activity::read;
use crate::ops::organization::{Organization, place_of};
use crate::ops::outcome::Outcome;
use crate::ops::writing::Unit;
use crate::store::admission::Admission;

/// After orgs got another approver: what waits for the old one waits for the new one.
///
/// # Errors
/// The database is away.
pub async fn follow_approver(unit: &mut Unit, permit: &Permit, path: &str) -> Outcome<()> {
    for (row, branch) in unit.write.admissions_below(path).await? {
        let Some(approver) = branch.approver_id.clone().filter(|id| *id != row.approver_id) else {
            continue;
        };
        let mut loaded = loaded(row, branch)?;
        loaded.row.approver_id = approver;
        keep(unit, permit, &mut loaded, &["approver"]).await?;
        if loaded.row.state == AdmissionState::Proposed.as_str() {
            readdress(unit, &loaded);
        }
    }
    Ok(())
}

/// A member left the branch that proposed their full membership: the new branch, whose members now know them, proposes
/// anew.
///
/// # Errors
/// The database is away.
pub async fn end_with_membership(
    unit: &mut Unit,
    permit: &Permit,
    member_id: &str,
    from: &Organization,
) -> Outcome<()> {
    let rows = unit
        .write
        .admissions_of(AdmissionKind::FullMembership, member_id)
        .await?;
    for row in rows {
        if row.branch_id != from.id || !is_open(read(&row.state)?) {
            continue;
        }
        let mut loaded = loaded(row, from.clone())?;
        let step = loaded.take(unit, Command::Withdraw)?;
        let waits = [InboxKind::AdmissionToDecide, InboxKind::AdmissionToPropose];
        unit.settle(&loaded.row.id, &waits);
        keep(unit, permit, &mut loaded, step.fields).await?;
    }
    Ok(())
}

fn loaded(row: Admission, branch: Organization) -> Outcome<Loaded> {
    let target = domain::policy::Target::at(place_of(&branch)?).about(person(&row));
    Ok(Loaded {
        kind: read(&row.kind)?,
        row,
        branch,
        target,
    })
}

fn readdress(unit: &mut Unit, loaded: &Loaded) {
    let row = &loaded.row;
    unit.settle(&row.id, &[InboxKind::AdmissionToDecide]);
    unit.raise(
        InboxKind::AdmissionToDecide,
        Audience::Head(row.approver_id.clone()),
        (EntityKind::Admission, &row.id),
        &loaded.branch.id,
        (serde_json::json!({"kind": row.kind, "personId": person(row)}), None),
    );
}
