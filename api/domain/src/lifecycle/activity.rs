//! The life of an activity 活动: scheduled, held, filed or cancelled; and what is recorded of each person there.

use chrono::{DateTime, Duration, Utc};

use super::{Fields, Refused, Step, Taken};
use crate::problem::ProblemCode;
use crate::vocabulary::{ActivityStatus, AttendanceMode, AttendanceState, MemberStatus, Standing, closed_list};

/// For so long a check-in code holds.
pub const CHECK_IN_MINUTES: i64 = 15;
/// So long before the start check-in opens.
pub const CHECK_IN_OPENS_MINUTES: i64 = 30;

closed_list! {
    /// What is typed about a person at an activity. Only exceptions are typed; everybody else was present.
    AttendanceException {
        /// Was there 到会, though leave or exemption had them elsewhere.
        Present = "PRESENT",
        /// Was not there; what it counts as depends on the notice.
        Absent = "ABSENT",
        /// Absent without excuse although notice was short: the secretary's decision.
        Unexcused = "UNEXCUSED",
        /// Had asked for leave 请假.
        OnLeave = "ON_LEAVE",
    }
}

/// What is done to an activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    Reschedule,
    /// A new code to check in with.
    IssueCode,
    Cancel,
    Record {
        with_minutes: bool,
    },
    Correct {
        with_minutes: bool,
    },
}

/// What the log names where an activity was rescheduled or said otherwise.
const SAID: Fields = &[
    "title",
    "startsAt",
    "endsAt",
    "place",
    "unit",
    "mode",
    "onlineAddress",
    "noticedAt",
    "agenda",
    "organizations",
    "chair",
    "lecturer",
    "links",
    "invited",
    "forYear",
    "expected",
];
const RECORDED: Fields = &["status", "endsAt", "expected", "tally", "minutes", "resolutions"];
const CORRECTED: Fields = &["status", "expected", "tally", "minutes", "resolutions"];

/// The step of an activity; its basis is the rule by which its kind is owed.
///
/// # Errors
/// `ALREADY_RECORDED` or `WRONG_STATE`.
pub fn step(status: ActivityStatus, command: Command) -> Taken<ActivityStatus> {
    use ActivityStatus as S;
    let held = |with_minutes| if with_minutes { S::Filed } else { S::Held };
    let refused = |code| Err(Refused::new(code, status.as_str()));
    match (command, status) {
        (Command::Reschedule, S::Scheduled) => Ok(Step::to(S::Scheduled, SAID)),
        (Command::IssueCode, S::Scheduled) => Ok(Step::to(S::Scheduled, &["checkIn"])),
        (Command::Cancel, S::Scheduled) => Ok(Step::to(S::Cancelled, &["status", "cancelReason"])),
        (Command::Record { with_minutes }, S::Scheduled) => Ok(Step::to(held(with_minutes), RECORDED)),
        (Command::Record { .. }, S::Held | S::Filed) => refused(ProblemCode::AlreadyRecorded),
        (Command::Correct { .. }, S::Filed) => Ok(Step::to(S::Filed, CORRECTED)),
        (Command::Correct { with_minutes }, S::Held) => Ok(Step::to(held(with_minutes), CORRECTED)),
        (Command::Correct { .. }, S::Scheduled)
        | (Command::Record { .. } | Command::Correct { .. }, S::Cancelled)
        | (Command::Reschedule | Command::IssueCode | Command::Cancel, S::Held | S::Filed | S::Cancelled) => {
            refused(ProblemCode::WrongState)
        }
    }
}

/// A person who belongs to those an activity is for, on its day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub member_id: String,
    /// The participating org through which they are expected.
    pub organization_id: String,
    pub standing: Standing,
    pub status: MemberStatus,
    /// A host branch was offered to this floating member.
    pub hosted: bool,
    /// A floating member of another branch, hosted here 流入党员: welcome, expected at home, without a vote here.
    pub guest: bool,
    /// Exempt from attendance that day, by decision of the branch.
    pub exempt: bool,
    /// Holds an officer's post above the branches: asks for leave in person (G2.2a).
    pub leads: bool,
}

impl Person {
    /// How the person stands before the activity; `None`: not expected at all.
    #[must_use]
    pub fn expected(&self, mode: AttendanceMode) -> Option<AttendanceState> {
        if self.guest {
            return None;
        }
        let remote = matches!(mode, AttendanceMode::Online | AttendanceMode::Hybrid);
        let offered = match self.status {
            MemberStatus::Active | MemberStatus::OutOfContact => true,
            // G1.1e: what offers neither a remote mode nor a host is never held against a floating member.
            MemberStatus::Floating => remote || self.hosted,
            MemberStatus::Suspended | MemberStatus::Left => false,
        };
        match (offered, self.exempt) {
            (false, _) => None,
            (true, true) => Some(AttendanceState::Exempt),
            (true, false) => Some(AttendanceState::Expected),
        }
    }
}

/// Whether notice went out early enough for an absence to be unexcused.
#[must_use]
pub fn timely(noticed_at: Option<DateTime<Utc>>, starts_at: DateTime<Utc>, hours: i64) -> bool {
    noticed_at.is_some_and(|noticed| noticed + Duration::hours(hours) <= starts_at)
}

/// What is recorded for a person. `said` is the typed exception, `None` where nothing was typed.
#[must_use]
pub fn recorded(
    before: AttendanceState,
    status: MemberStatus,
    said: Option<AttendanceException>,
    timely: bool,
) -> AttendanceState {
    use AttendanceState as S;
    let absent = if timely { S::Unexcused } else { S::Unexplained };
    match (said, before) {
        (Some(AttendanceException::Present), _) => S::Present,
        (Some(AttendanceException::OnLeave), _) => S::OnLeave,
        // Leave that was asked or granted, an exemption, an accepted make-up study outlast a typed absence.
        (
            Some(AttendanceException::Absent | AttendanceException::Unexcused),
            S::OnLeave | S::LeavePending | S::Exempt | S::MadeUpByStudy,
        ) => before,
        (Some(AttendanceException::Absent), _) => absent,
        (Some(AttendanceException::Unexcused), _) => S::Unexcused,
        (None, S::Expected) if status == MemberStatus::Active => S::Present,
        // Floating members and those out of contact are never presumed present.
        (None, S::Expected) => S::Unexplained,
        (None, _) => before,
    }
}

/// Whether saying this of somebody is a decision, and no record of what was seen: of an absence that is still open, or of
/// one that notice was too short for. Leave that is entered has its own way.
#[must_use]
pub fn settles(before: AttendanceState, after: AttendanceState, timely: bool) -> bool {
    use AttendanceState as S;
    match (before, after) {
        (S::Disputed, after) => after != S::Disputed,
        (S::Unexplained, S::Unexplained | S::OnLeave | S::LeavePending) => false,
        (S::Unexplained, _) => true,
        (before, S::Unexcused) => before != S::Unexcused && !timely,
        _ => false,
    }
}

/// Counts of one org at one activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Tally {
    /// Without the exempt.
    pub expected: i64,
    /// In any mode.
    pub present: i64,
    /// Of those present.
    pub online: i64,
    pub made_up_by_study: i64,
    pub on_leave: i64,
    pub unexcused: i64,
    pub unexplained: i64,
    pub exempt: i64,
}

impl Tally {
    /// Counts one person.
    pub fn count(&mut self, state: AttendanceState, mode: Option<AttendanceMode>) {
        use AttendanceState as S;
        if state == S::Exempt {
            self.exempt += 1;
            return;
        }
        self.expected += 1;
        match state {
            S::Present => {
                self.present += 1;
                self.online += i64::from(mode == Some(AttendanceMode::Online));
            }
            S::OnLeave => self.on_leave += 1,
            S::Unexcused => self.unexcused += 1,
            S::Unexplained => self.unexplained += 1,
            S::MadeUpByStudy => self.made_up_by_study += 1,
            S::Expected | S::LeavePending | S::Disputed | S::Exempt => {}
        }
    }
}

/// Whether a code that holds until `expires_at` opens anything now.
#[must_use]
pub fn check_in_open(
    status: ActivityStatus,
    starts_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> bool {
    let opens_at = starts_at - Duration::minutes(CHECK_IN_OPENS_MINUTES);
    status == ActivityStatus::Scheduled && opens_at <= now && now <= expires_at
}

/// Until when a code holds that is issued now: a quarter of an hour, but never before the activity has begun.
#[must_use]
pub fn code_expires_at(now: DateTime<Utc>, starts_at: DateTime<Utc>) -> DateTime<Utc> {
    now.max(starts_at) + Duration::minutes(CHECK_IN_MINUTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use AttendanceException as Said;
    use AttendanceState as S;

    fn person(status: MemberStatus, hosted: bool, exempt: bool) -> Person {
        Person {
            member_id: "mbr".to_owned(),
            organization_id: "org".to_owned(),
            standing: Standing::Full,
            status,
            hosted,
            guest: false,
            exempt,
            leads: false,
        }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap_or_default()
    }

    #[test]
    fn g1_1e_a_floating_member_is_expected_only_where_something_was_offered() {
        let away = person(MemberStatus::Floating, false, false);
        assert_eq!(away.expected(AttendanceMode::OnSite), None);
        assert_eq!(away.expected(AttendanceMode::Hybrid), Some(S::Expected));
        assert_eq!(
            person(MemberStatus::Floating, true, false).expected(AttendanceMode::OnSite),
            Some(S::Expected)
        );
        assert_eq!(
            person(MemberStatus::Active, false, true).expected(AttendanceMode::OnSite),
            Some(S::Exempt)
        );
    }

    #[test]
    fn g1_1e_a_hosted_guest_is_welcome_and_not_expected() {
        let mut guest = person(MemberStatus::Floating, true, false);
        guest.guest = true;
        assert_eq!(guest.expected(AttendanceMode::Hybrid), None);
    }

    #[test]
    fn only_active_members_are_presumed_present() {
        assert_eq!(recorded(S::Expected, MemberStatus::Active, None, true), S::Present);
        assert_eq!(
            recorded(S::Expected, MemberStatus::Floating, None, true),
            S::Unexplained
        );
        assert_eq!(recorded(S::Exempt, MemberStatus::Active, None, true), S::Exempt);
        assert_eq!(
            recorded(S::LeavePending, MemberStatus::Active, None, true),
            S::LeavePending
        );
    }

    #[test]
    fn g2_5a_an_absence_is_unexcused_only_after_timely_notice() {
        let start = at("2026-11-10T01:00:00Z");
        let early = timely(Some(at("2026-11-09T01:00:00Z")), start, 24);
        let late = timely(Some(at("2026-11-09T01:00:01Z")), start, 24);
        assert!(early && !late && !timely(None, start, 24));
        let absent = |timely| recorded(S::Expected, MemberStatus::Active, Some(Said::Absent), timely);
        assert_eq!((absent(early), absent(late)), (S::Unexcused, S::Unexplained));
        assert_eq!(
            recorded(S::OnLeave, MemberStatus::Active, Some(Said::Absent), true),
            S::OnLeave
        );
    }

    #[test]
    fn g2_5a_what_is_open_is_settled_by_a_decision_and_the_rest_is_a_record() {
        assert!(settles(S::Unexplained, S::Present, true) && settles(S::Unexplained, S::Unexcused, true));
        assert!(settles(S::Disputed, S::OnLeave, true) && settles(S::Disputed, S::Unexplained, true));
        assert!(
            settles(S::Expected, S::Unexcused, false),
            "notice was short: the secretary's decision"
        );
        assert!(!settles(S::Expected, S::Unexcused, true) && !settles(S::Expected, S::Unexplained, false));
        assert!(!settles(S::Unexplained, S::LeavePending, true) && !settles(S::Unexcused, S::Present, true));
    }

    #[test]
    fn the_exempt_are_counted_apart() {
        let mut tally = Tally::default();
        tally.count(S::Present, Some(AttendanceMode::Online));
        tally.count(S::Unexcused, None);
        tally.count(S::Exempt, None);
        assert_eq!(
            (tally.expected, tally.present, tally.online, tally.exempt),
            (2, 1, 1, 1)
        );
    }
}
