//! Imports in bulk 批量导入: what one needs for them, and how many members may leave by one.

use crate::policy::{Action, Actor, Permit, Refusal, Target, permit};
use crate::problem::{Problem, ProblemCode};
use crate::vocabulary::ImportKind;

/// Rows of one import.
pub const MOST_ROWS: u64 = 1_000_000;
/// Rows of one that is written as a whole or not at all: one transaction holds them.
pub const MOST_ROWS_AT_ONCE: u64 = 20_000;

/// The act that rows of a kind are about in the first place; without the right to it no row could be taken. Orgs and posts
/// are decided on, and each row says what it lacks.
fn act_of(kind: ImportKind) -> Option<Action> {
    match kind {
        ImportKind::Member => Some(Action::EnterMember),
        ImportKind::Activity => Some(Action::ScheduleActivity),
        ImportKind::Organization | ImportKind::Appointment => None,
    }
}

/// Whether the account may run an import of this kind there. Asked at the start, and again before each piece of it.
///
/// # Errors
/// The field of the input that the missing right is about, and what is missing.
pub fn may_run(actor: &Actor, kind: ImportKind, target: &Target) -> Result<Permit, (&'static str, Refusal)> {
    let permitted = permit(actor, Action::RunImport, target).map_err(|refusal| ("within", refusal))?;
    if let Some(act) = act_of(kind) {
        permit(actor, act, target).map_err(|refusal| ("kind", refusal))?;
    }
    Ok(permitted)
}

/// Refuses a file by which more members would leave than `percent` of those who are there: it is more likely a wrong file
/// than a wrong roster.
///
/// # Errors
/// `TOO_MANY_LEAVE` with both numbers, and how many may.
pub fn may_leave(there: u64, leaving: u64, percent: u8) -> Result<(), Problem> {
    let most = there.saturating_mul(u64::from(percent)) / 100;
    if leaving <= most {
        return Ok(());
    }
    Err(Problem::at(ProblemCode::TooManyLeave, "mirrorThreshold")
        .with("leaving", leaving)
        .with("there", there)
        .with("max", most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_may_leave_as_the_share_allows_and_not_one_more() {
        for (there, leaving, percent, allowed) in [
            (100, 5, 5, true),
            (100, 6, 5, false),
            (19, 1, 5, false),
            (20, 1, 5, true),
            (0, 0, 0, true),
            (7, 7, 100, true),
            (7, 1, 0, false),
        ] {
            assert_eq!(
                may_leave(there, leaving, percent).is_ok(),
                allowed,
                "{leaving} of {there}"
            );
        }
        let told = may_leave(100, 60, 5).unwrap_err();
        assert_eq!(
            (
                told.params["leaving"].as_str(),
                told.params["there"].as_str(),
                told.params["max"].as_str()
            ),
            ("60", "100", "5")
        );
    }
}
