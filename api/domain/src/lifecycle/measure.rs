//! The life of an absence measure: proposed, then confirmed or dismissed by people (G2.5a). What a change of attendance
//! calls for (supersede, withdraw, flag, restore) is found by [`crate::obligation::ladder::reconcile`].

use chrono::NaiveDate;

use super::{Refused, Step, Taken};
use crate::obligation::ladder::Decider;
use crate::problem::ProblemCode;
use crate::vocabulary::{MeasureState, closed_list};

closed_list! {
    /// Who decides a measure 处置人.
    DeciderPost {
        /// The leader of the group at whose meetings every absence was.
        GroupLeader = "GROUP_LEADER",
        /// The secretary of the branch.
        Secretary = "SECRETARY",
        /// The head of the superior, for the secretary of the branch.
        Superior = "SUPERIOR",
    }
}

/// What is done to a measure: by people, and by a judgement of the attendance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// The attendance proposes it.
    Open,
    /// The talk was held.
    Confirm,
    /// There is a reason against it.
    Dismiss,
    /// A higher one takes its place.
    Supersede,
    /// The attendance no longer supports it.
    Withdraw,
    /// The attendance no longer supports what was confirmed.
    FlagForReview,
    /// What was flagged holds again.
    Restore,
    /// Somebody else is to decide it: the leader's group is no more, or the member has moved.
    HandOver,
}

/// Entry on unexcused absences.
const LADDER: &str = "absence-ladder";

/// The step of a measure; `None` is what is not there yet. One that was flagged for review no longer rests on the
/// attendance: people can only lift it.
///
/// # Errors
/// `ALREADY_DECIDED` or `WRONG_STATE`.
pub fn step(state: Option<MeasureState>, command: Command) -> Taken<MeasureState> {
    use Command as C;
    use MeasureState as S;
    let to = |state, fields| Ok(Step::to(state, fields).by(LADDER));
    let refused = |code, state| Err(Refused::new(code, state).by(LADDER));
    match (command, state) {
        (C::Open, None) => to(S::Open, &["kind", "state", "run"]),
        (C::Confirm, Some(S::Open)) => to(S::Confirmed, &["state", "decidedAt", "talk"]),
        (C::Dismiss, Some(S::Open | S::ForReview)) => to(S::Dismissed, &["state", "decidedAt", "reason"]),
        (C::Supersede, Some(S::Open)) => to(S::Superseded, &["state"]),
        (C::Withdraw, Some(S::Open)) => to(S::Withdrawn, &["state"]),
        (C::FlagForReview, Some(S::Confirmed)) => to(S::ForReview, &["state"]),
        (C::Restore, Some(S::ForReview)) => to(S::Confirmed, &["state"]),
        (C::HandOver, Some(state @ (S::Open | S::ForReview))) => to(state, &["decider"]),
        (C::Confirm | C::Dismiss, Some(state @ (S::Confirmed | S::Dismissed))) => {
            refused(ProblemCode::AlreadyDecided, state.as_str())
        }
        (_, Some(state)) => refused(ProblemCode::WrongState, state.as_str()),
        (_, None) => refused(ProblemCode::WrongState, "NONE"),
    }
}

/// Whether a talk can have been held on a day: not before the last absence, not in the future.
///
/// # Errors
/// `DATE_IN_FUTURE` or `DATE_TOO_EARLY`.
pub fn talk_on(day: NaiveDate, last_absence: Option<NaiveDate>, today: NaiveDate) -> Result<(), ProblemCode> {
    if day > today {
        return Err(ProblemCode::DateInFuture);
    }
    match last_absence {
        Some(last) if day < last => Err(ProblemCode::DateTooEarly),
        Some(_) | None => Ok(()),
    }
}

/// What is known of the one concerned when a measure is proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Heads the branch.
    pub heads_branch: bool,
    /// The group that the absences were at has a leader, and it is somebody else.
    pub group_is_led_by_another: bool,
}

/// Who decides: nobody decides in their own matter, and a group without a leader leaves it to the branch.
#[must_use]
pub fn decider(proposed: Decider, standing: Standing) -> DeciderPost {
    match proposed {
        _ if standing.heads_branch => DeciderPost::Superior,
        Decider::GroupLeader if standing.group_is_led_by_another => DeciderPost::GroupLeader,
        Decider::GroupLeader | Decider::Secretary => DeciderPost::Secretary,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OTHER: Standing = Standing {
        heads_branch: false,
        group_is_led_by_another: true,
    };

    #[test]
    fn g2_5a_nobody_decides_in_their_own_matter() {
        assert_eq!(decider(Decider::GroupLeader, OTHER), DeciderPost::GroupLeader);
        assert_eq!(decider(Decider::Secretary, OTHER), DeciderPost::Secretary);
        let own_group = Standing {
            group_is_led_by_another: false,
            ..OTHER
        };
        assert_eq!(decider(Decider::GroupLeader, own_group), DeciderPost::Secretary);
        let head = Standing {
            heads_branch: true,
            ..OTHER
        };
        assert_eq!(decider(Decider::GroupLeader, head), DeciderPost::Superior);
        assert_eq!(decider(Decider::Secretary, head), DeciderPost::Superior);
    }

    #[test]
    fn a_talk_lies_between_the_absence_and_today() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 3, d).unwrap_or_default();
        assert_eq!(talk_on(day(5), Some(day(5)), day(9)), Ok(()));
        assert_eq!(talk_on(day(4), Some(day(5)), day(9)), Err(ProblemCode::DateTooEarly));
        assert_eq!(talk_on(day(10), Some(day(5)), day(9)), Err(ProblemCode::DateInFuture));
    }
}
