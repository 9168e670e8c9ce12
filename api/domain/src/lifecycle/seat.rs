//! A seat 应到 at an activity to come follows the people: who belongs, who is exempt, who holds a post on its day.

use crate::vocabulary::AttendanceState as S;

/// What becomes of a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// As it is.
    Stay,
    /// A seat that was not there.
    Take(S),
    /// Another state of the same seat.
    Become(S),
    /// No seat any more; leave that was asked for goes with it.
    GiveUp,
}

/// What becomes of a seat at an activity that has not begun. `held`: how the member stands, where they have one; `meant`:
/// how they should stand by today's facts, where they should have one.
#[must_use]
pub fn turn(held: Option<S>, meant: Option<S>) -> Turn {
    match (held, meant) {
        (None, None) => Turn::Stay,
        (None, Some(state)) => Turn::Take(state),
        // Who has checked in was there.
        (Some(S::Present), _) => Turn::Stay,
        (Some(_), None) => Turn::GiveUp,
        // Who is exempt needs no leave: what was asked for is withdrawn. Leave that was granted stays granted.
        (Some(S::Expected | S::LeavePending), Some(S::Exempt)) => Turn::Become(S::Exempt),
        (Some(S::Exempt), Some(state)) if state != S::Exempt => Turn::Become(state),
        (Some(_), Some(_)) => Turn::Stay,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_meant_gets_a_seat_and_whoever_is_not_gives_it_up() {
        assert_eq!(turn(None, Some(S::Expected)), Turn::Take(S::Expected));
        assert_eq!(turn(Some(S::Expected), None), Turn::GiveUp);
        assert_eq!(turn(Some(S::LeavePending), None), Turn::GiveUp);
        assert_eq!(turn(None, None), Turn::Stay);
    }

    #[test]
    fn an_exemption_comes_and_goes_and_leave_that_was_granted_stays() {
        assert_eq!(turn(Some(S::Expected), Some(S::Exempt)), Turn::Become(S::Exempt));
        assert_eq!(turn(Some(S::LeavePending), Some(S::Exempt)), Turn::Become(S::Exempt));
        assert_eq!(turn(Some(S::OnLeave), Some(S::Exempt)), Turn::Stay);
        assert_eq!(turn(Some(S::Exempt), Some(S::Expected)), Turn::Become(S::Expected));
        assert_eq!(turn(Some(S::LeavePending), Some(S::Expected)), Turn::Stay);
    }

    #[test]
    fn who_has_checked_in_keeps_the_seat() {
        assert_eq!(turn(Some(S::Present), None), Turn::Stay);
        assert_eq!(turn(Some(S::Present), Some(S::Exempt)), Turn::Stay);
    }
}
