//! Rows of activities 活动, with attendance by exception.

use super::meeting::{AgendaLine, ResolutionLine};
use super::{Cells, External};
use crate::intake::record::Record;
use crate::intake::values::{Moment, moment};
use crate::intake::{By, RowAct};
use crate::lifecycle::activity::AttendanceException;
use crate::problem::{Flaw, Problem};
use crate::vocabulary::{ActivityKind, ActivityStatus, AttendanceMode, EntityKind, ImportKind, LeaveCategory};

/// Somebody who was not simply present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    pub member: By,
    pub state: AttendanceException,
    /// How a present person took part.
    pub mode: Option<AttendanceMode>,
    /// Of leave.
    pub category: Option<LeaveCategory>,
}

/// An activity as another system knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityRow {
    /// `UPSERT`.
    pub act: RowAct,
    /// None where only org, kind and time tell it.
    pub activity: Option<By>,
    /// Besides its id: what another system is to call it.
    pub named: Option<External>,
    /// The org that held it, then those that took part.
    pub organizations: Vec<By>,
    pub kind: Option<ActivityKind>,
    pub title: Option<String>,
    pub starts_at: Option<Moment>,
    pub ends_at: Option<Moment>,
    pub place: Option<String>,
    pub mode: Option<AttendanceMode>,
    pub online_address: Option<String>,
    pub chair: Option<By>,
    pub recorder: Option<By>,
    pub lecturer: Option<String>,
    pub exceptions: Vec<Exception>,
    pub agenda: Vec<AgendaLine>,
    pub resolutions: Vec<ResolutionLine>,
    pub minutes: Option<String>,
    /// Of a correction.
    pub reason: Option<String>,
    pub status: Option<ActivityStatus>,
}

impl ActivityRow {
    /// Reads a record.
    ///
    /// # Errors
    /// Every cell that does not do.
    pub fn of(record: &Record) -> Result<Self, Vec<Problem>> {
        let mut cells = Cells::of(ImportKind::Activity, record);
        let act = cells.act();
        let (activity, named) = match cells.subject(EntityKind::Activity) {
            Some((activity, named)) => (Some(activity), named),
            None => (None, None),
        };
        let mut organizations = cells.several(EntityKind::Organization, "organizationIds");
        let external = cells.several(EntityKind::Organization, "organizationExternalIds");
        if !organizations.is_empty() && !external.is_empty() {
            let both = Problem::invalid("organizationExternalIds", Flaw::Contradiction);
            cells.problems.push(both.with("with", "organizationIds"));
        }
        organizations.extend(external);
        let (kind, mode, status) = (cells.value("kind"), cells.value("mode"), cells.value("status"));
        let [starts_at, ends_at] = ["startsAt", "endsAt"].map(|key| cells.read(key, "YYYY-MM-DD HH:MM", moment));
        let chair = cells.by(EntityKind::Member, "chairId", "chairExternalId");
        let recorder = cells.by(EntityKind::Member, "recorderId", "recorderExternalId");
        let exceptions = exceptions(&mut cells);
        let (agenda, resolutions) = (cells.agenda(), cells.resolutions());
        let [title, place, online_address, lecturer, minutes, reason] =
            ["title", "place", "onlineAddress", "lecturer", "minutes", "reason"].map(|key| cells.text(key));
        if activity.is_none() {
            if organizations.is_empty() {
                cells.needs("organizationExternalIds");
            }
            cells.require("kind", kind.as_ref());
            cells.require("startsAt", starts_at.as_ref());
        }
        let row = Self {
            act,
            activity,
            named,
            organizations,
            kind,
            title,
            starts_at,
            ends_at,
            place,
            mode,
            online_address,
            chair,
            recorder,
            lecturer,
            exceptions,
            agenda,
            resolutions,
            minutes,
            reason,
            status,
        };
        cells.done(Some(row))
    }
}

fn exceptions(cells: &mut Cells<'_>) -> Vec<Exception> {
    use AttendanceException as Said;
    let columns = [
        ("onLeave", Said::OnLeave, None),
        ("absent", Said::Absent, None),
        ("unexcused", Said::Unexcused, None),
        ("online", Said::Present, Some(AttendanceMode::Online)),
    ];
    let mut found: Vec<Exception> = Vec::new();
    for (key, state, mode) in columns {
        let members = cells.several(EntityKind::Member, key);
        let categories = match state {
            Said::OnLeave => cells.leave_categories(members.len()),
            Said::Present | Said::Absent | Said::Unexcused => vec![None; members.len()],
        };
        for (member, category) in members.into_iter().zip(categories) {
            if found.iter().any(|known| known.member == member) {
                cells.problems.push(Problem::invalid(key, Flaw::Duplicate));
                continue;
            }
            found.push(Exception {
                member,
                state,
                mode,
                category,
            });
        }
    }
    found
}
