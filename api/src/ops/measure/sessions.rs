//! From rows of attendance to what the ladder reads.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::activity_kind::capabilities;
use domain::obligation::ladder::{self, Occasion, Proposal, Session};
use domain::rulebook::form::Ladder;
use domain::vocabulary::{ActivityKind, AttendanceState, OrganizationKind};

use crate::ops::activity::read;
use crate::ops::outcome::Outcome;
use crate::ops::rulebook::{Library, Seat};
use crate::store::measure::{SessionRow, Since};

/// Sessions from the start of the run that a change on a day touches. Only what ends a run in every rulebook bounds the
/// look back, so that a run is seen whole whatever book is in force.
pub(super) fn since(library: &Library, day: Option<NaiveDate>) -> Since {
    let mut breaks: Option<BTreeSet<AttendanceState>> = None;
    for ladder in library.ladders() {
        let own: BTreeSet<AttendanceState> = ladder.breaks.iter().copied().collect();
        breaks = Some(match breaks {
            Some(common) => common.intersection(&own).copied().collect(),
            None => own,
        });
    }
    let kinds = ActivityKind::ALL
        .iter()
        .filter(|kind| capabilities(**kind).counts_as_organizational_life);
    Since {
        day,
        breaks: breaks.unwrap_or_default().iter().map(ToString::to_string).collect(),
        kinds: kinds.map(ToString::to_string).collect(),
    }
}

/// One member's sessions with the ladders of their days.
pub(super) struct Judged<'a> {
    library: &'a Library,
    /// Where the member took part in organizational life on a day: its branch's rulebook judges the day.
    seats: BTreeMap<NaiveDate, Seat<'a>>,
    sessions: Vec<Session>,
}

impl<'a> Judged<'a> {
    pub(super) fn of(rows: &'a [SessionRow], library: &'a Library) -> Outcome<Self> {
        let seat = |row: &'a SessionRow| Seat {
            path: &row.path,
            sector: row.sector.parse().ok(),
        };
        let seats = rows.iter().map(|row| (row.local_date, seat(row))).collect();
        Ok(Self {
            library,
            seats,
            sessions: rows.iter().map(session).collect::<Outcome<_>>()?,
        })
    }

    pub(super) fn seat_on(&self, day: NaiveDate) -> Option<Seat<'a>> {
        self.seats.get(&day).copied()
    }

    fn ladder_on(&self, day: NaiveDate) -> Option<&'a Ladder> {
        self.library.ladder(self.seat_on(day)?, day).map(|(.., ladder)| ladder)
    }

    fn occasions(&self) -> Vec<Occasion> {
        ladder::occasions_over(&self.sessions, |day| self.ladder_on(day))
    }

    pub(super) fn proposals(&self) -> Vec<Proposal> {
        ladder::proposals_over(&self.occasions(), |day| self.ladder_on(day))
    }
}

fn session(row: &SessionRow) -> Outcome<Session> {
    let kind: OrganizationKind = read(&row.org_kind)?;
    Ok(Session {
        activity: row.activity_id.clone(),
        date: row.local_date,
        kind: read(&row.activity_kind)?,
        state: read(&row.state)?,
        at_group: kind == OrganizationKind::PartyGroup,
        neutral: row.neutral,
    })
}

/// Unexcused absences in a row at the end of one member's sessions.
///
/// # Errors
/// A code in the database that the glossary does not know.
pub fn in_a_row(rows: &[SessionRow], library: &Library) -> Outcome<i64> {
    let occasions = Judged::of(rows, library)?.occasions();
    Ok(i64::try_from(ladder::in_a_row(&occasions)).unwrap_or(i64::MAX))
}
