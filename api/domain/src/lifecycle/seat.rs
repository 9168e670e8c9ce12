//! A seat 应到 at an activity to come follows the people: who belongs, who is exempt, who holds a post on its day.

use super::Step;
use crate::vocabulary::AttendanceState as S;

/// What becomes of a seat at an activity that has not begun. `held`: how the member stands, where they have one; `meant`:
/// how they should stand by today's facts, where they should have one. Nothing is refused: facts have changed already.
#[must_use]
pub fn step(held: Option<S>, meant: Option<S>) -> Step<Option<S>> {
    match (held, meant) {
        (None, Some(state)) => Step::to(Some(state), &["state"]),
        // Who has checked in was there.
        (Some(S::Present), _) => Step::to(held, &[]),
        // Leave that was asked for goes with the seat.
        (Some(_), None) => Step::to(None, &["state"]),
        // Who is exempt needs no leave: what was asked for is withdrawn. Leave that was granted stays granted.
        (Some(S::Expected | S::LeavePending), Some(S::Exempt)) => Step::to(meant, &["state", "organization"]),
        (Some(S::Exempt), Some(state)) if state != S::Exempt => Step::to(meant, &["state", "organization"]),
        (None, None) | (Some(_), Some(_)) => Step::to(held, &[]),
    }
}
