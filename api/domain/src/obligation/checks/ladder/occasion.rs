//! A member's occasions: what one day of organizational life did to the run.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::activity_kind::capabilities;
use crate::rulebook::form::Ladder;
use crate::rulebook::words::OccasionOutcome;
use crate::vocabulary::{ActivityKind, AttendanceState};

/// One member at one activity, as it stands in the attendance.
///
/// Leave out activities at which the member was not expected, and those that offered a floating member neither a
/// remote mode nor a host; absences between transfer request and acceptance are `neutral`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub activity: String,
    pub date: NaiveDate,
    pub kind: ActivityKind,
    pub state: AttendanceState,
    /// Held by the member's group and not by the branch.
    pub at_group: bool,
    /// An absence here neither counts nor breaks, whatever the state says.
    pub neutral: bool,
}

/// All activities of one day as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occasion {
    pub date: NaiveDate,
    /// Those that gave the outcome, by id.
    pub activities: Vec<String>,
    pub outcome: OccasionOutcome,
    /// Every one of them was at the group's meetings.
    pub at_group: bool,
}

/// The occasions of one member by time. Kinds that do not count as organizational life are left out. On one day taking
/// part or accepted leave wins over absence: the day is not held against the member.
#[must_use]
pub fn occasions(sessions: &[Session], ladder: &Ladder) -> Vec<Occasion> {
    occasions_over(sessions, |_| Some(ladder))
}

/// As [`occasions`], each day by the ladder in force on it; where there is none, nothing counts.
#[must_use]
pub fn occasions_over<'a>(sessions: &[Session], ladder_on: impl Fn(NaiveDate) -> Option<&'a Ladder>) -> Vec<Occasion> {
    let mut days: BTreeMap<NaiveDate, Vec<(&Session, OccasionOutcome)>> = BTreeMap::new();
    for session in sessions {
        let counts = capabilities(session.kind).counts_as_organizational_life;
        if let Some(outcome) = outcome(session, ladder_on(session.date)).filter(|_| counts) {
            days.entry(session.date).or_default().push((session, outcome));
        }
    }
    days.into_iter()
        .filter_map(|(date, day)| occasion(date, &day))
        .collect()
}

fn outcome(session: &Session, ladder: Option<&Ladder>) -> Option<OccasionOutcome> {
    match ladder?.outcome(session.state)? {
        OccasionOutcome::Unexcused if session.neutral => Some(OccasionOutcome::Neutral),
        outcome @ (OccasionOutcome::Unexcused | OccasionOutcome::Neutral | OccasionOutcome::Breaks) => Some(outcome),
    }
}

fn occasion(date: NaiveDate, day: &[(&Session, OccasionOutcome)]) -> Option<Occasion> {
    let strongest = [
        OccasionOutcome::Breaks,
        OccasionOutcome::Unexcused,
        OccasionOutcome::Neutral,
    ];
    let outcome = strongest
        .into_iter()
        .find(|outcome| day.iter().any(|(_, one)| one == outcome))?;
    let decisive = day
        .iter()
        .filter(|(_, one)| *one == outcome)
        .map(|(session, _)| *session);
    let mut activities: Vec<_> = decisive.clone().map(|session| session.activity.clone()).collect();
    activities.sort();
    Some(Occasion {
        date,
        activities,
        outcome,
        at_group: decisive.clone().all(|session| session.at_group),
    })
}
