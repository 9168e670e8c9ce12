//! Lines about transfers and admissions that wait for somebody.

use domain::audience::Audience;
use domain::vocabulary::{AdmissionState, EntityKind, InboxKind};

use super::standing::line;
use crate::app::App;
use crate::ops::admission::{Admission, person};
use crate::ops::outcome::Outcome;
use crate::ops::transfer::Transfer;
use crate::store::inbox::InboxChange;
use crate::store::transaction::Write;

/// The head of the branch that a transfer leads to decides.
pub(super) async fn transfers(write: &Write, app: &App) -> Outcome<Vec<InboxChange>> {
    let rows = write.open_transfers().await?;
    let stand = |row: &Transfer| {
        let about = (InboxKind::TransferToDecide, EntityKind::Transfer, row.id.as_str());
        let params = serde_json::json!({"memberId": row.member_id, "fromId": row.from_id});
        let what = (params, None, row.requested_at);
        InboxChange::Stand {
            subject_id: row.id.clone(),
            kind: InboxKind::TransferToDecide,
            lines: vec![line(app, Audience::Head(row.to_id.clone()), about, &row.to_id, what)],
        }
    };
    Ok(rows.iter().map(stand).collect())
}

/// Drafts wait for the branch, proposals for the approver.
pub(super) async fn admissions(write: &Write, app: &App) -> Outcome<Vec<InboxChange>> {
    let rows = write.open_admissions().await?;
    let stand = |row: &Admission| {
        let (kind, head) = if row.state == AdmissionState::Draft.as_str() {
            (InboxKind::AdmissionToPropose, row.branch_id.clone())
        } else {
            (InboxKind::AdmissionToDecide, row.approver_id.clone())
        };
        let about = (kind, EntityKind::Admission, row.id.as_str());
        let params = serde_json::json!({"kind": row.kind, "personId": person(row)});
        let what = (params, None, row.proposed_at);
        InboxChange::Stand {
            subject_id: row.id.clone(),
            kind,
            lines: vec![line(app, Audience::Head(head), about, &row.branch_id, what)],
        }
    };
    Ok(rows.iter().map(stand).collect())
}
