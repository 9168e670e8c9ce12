//! Acknowledging lines that only tell something; what waits for a decision goes with the decision.

use domain::audience::audiences;
use domain::policy::{Action, Target};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{EntityKind, InboxKind};

use crate::ops::activity::read;
use crate::ops::outcome::Outcome;
use crate::ops::writing::{Unit, upsert};
use crate::store::inbox::{InboxChange, audience_of};
use crate::store::inbox_read::Addressee;

/// Most lines in one call.
const MOST: usize = 100;

/// Whether a line only tells something. What is overdue is acknowledged at its alert.
#[must_use]
pub fn only_tells(kind: InboxKind) -> bool {
    match kind {
        InboxKind::ActivityNotice
        | InboxKind::MeasureDecided
        | InboxKind::DeviationDecided
        | InboxKind::TransferDecided
        | InboxKind::AdmissionDecided
        | InboxKind::IdentityChangeDecided
        | InboxKind::WebhookPaused => true,
        InboxKind::MeasureToDecide
        | InboxKind::LeaveToDecide
        | InboxKind::DisputeToDecide
        | InboxKind::TransferToDecide
        | InboxKind::AdmissionToPropose
        | InboxKind::AdmissionToDecide
        | InboxKind::DeviationToDecide
        | InboxKind::ExemptionToDecide
        | InboxKind::IdentityChangeToDecide
        | InboxKind::ResetLinkToIssue
        | InboxKind::ObligationOverdue
        | InboxKind::AlertUrged
        | InboxKind::AnswerToDecide => false,
    }
}

/// Takes lines addressed to the actor out of the inbox. Their ids.
///
/// # Errors
/// `REQUIRED`, `TOO_MANY`, `NOT_FOUND`, `WRONG_STATE` for what waits for a decision, or the database is away.
#[tracing::instrument(name = "ops.inbox.acknowledge", skip_all)]
pub async fn acknowledge(unit: &mut Unit, ids: &[String]) -> Outcome<Vec<String>> {
    let asked = ids;
    let mut ids = ids.to_vec();
    ids.sort();
    ids.dedup();
    if ids.is_empty() {
        return Err(Problem::at(ProblemCode::Required, "itemIds").into());
    }
    if ids.len() > MOST {
        return Err(Problem::at(ProblemCode::TooMany, "itemIds").with("max", MOST).into());
    }
    let missing = || Problem::at(ProblemCode::NotFound, "itemIds");
    let member = unit.actor.member.clone().ok_or_else(missing)?;
    let target = Target::at(member.branch.clone()).about(member.member_id.clone());
    let permit = unit.require(Action::AcknowledgeInbox, &target, "itemIds")?;
    let who = Addressee {
        audiences: audiences(&unit.actor),
        today: unit.today,
    };
    let lines = unit.write.waiting_lines(&who, &ids).await?;
    let at = |code, id: &String| {
        let number = asked.iter().position(|one| one == id).unwrap_or_default();
        Problem::at(code, &format!("itemIds.{number}"))
    };
    if let Some(unknown) = ids.iter().find(|id| !lines.iter().any(|line| line.id == **id)) {
        return Err(at(ProblemCode::NotFound, unknown).into());
    }
    for line in lines {
        let kind: InboxKind = read(&line.kind)?;
        if !only_tells(kind) {
            return Err(at(ProblemCode::WrongState, &line.id)
                .with("state", "WAITS_FOR_DECISION")
                .with("itemId", &line.id)
                .with("kind", kind)
                .into());
        }
        let branch = (member.branch.id.as_str(), member.branch.path.as_str());
        let mut event = upsert(EntityKind::InboxItem, &line.id, 1, branch, &["acknowledged"]);
        event.member_id = Some(member.member_id.clone());
        unit.note(&permit, event);
        unit.ledger.inbox.push(InboxChange::Close {
            subject_id: line.subject_id.clone(),
            kinds: vec![kind],
            audience: audience_of(&line),
        });
    }
    Ok(ids)
}
