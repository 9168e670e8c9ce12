//! Activities 活动: schedule, record, correct, cancel; check-in, leave, dispute, make-up study.

mod call_off;
pub mod cancel;
pub mod check_in;
pub mod confirm;
pub mod correct;
mod draft;
pub mod dual_life;
pub mod invitation;
mod judged;
pub mod leave;
mod people;
pub mod reading;
pub mod record;
pub mod reschedule;
pub mod resolution;
pub mod schedule;
pub mod settle;
mod together;
pub(in crate::ops) mod vote;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use domain::activity_kind::capabilities;
use domain::lifecycle::Step;
use domain::lifecycle::activity::{AttendanceException, Command, step};
use domain::obligation::roll::Exclusion;
use domain::policy::{Action, Grant, Permit, Place, Scope, Subject, SystemScope, Target, scope};
use domain::problem::{Problem, ProblemCode};
use domain::rulebook::{Form, Rulebook};
use domain::vocabulary::{
    ActivityKind, ActivityStatus, AgendaItemKind, AttendanceMode, EntityKind, LeaveCategory, ResolutionKind,
};

use super::organization::place_of;
use super::outcome::Outcome;
use super::rulebook::{Library, Seat};
use super::writing::{Unit, upsert};
pub(in crate::ops) use call_off::call_off;
pub use vote::excluded;

use crate::store::activity::TakesPart;
pub use crate::store::activity::{Activity, AgendaItem, Between, Participation};
pub use crate::store::activity_minutes::{Resolution, Revision, minutes_place};
pub use crate::store::attendance::{Attendance, Leave};

/// Longest title, place or address.
const TITLE: usize = 200;
/// Longest minutes.
const MINUTES: usize = 100_000;
/// Most agenda items, resolutions, exceptions or orgs of one activity.
const ITEMS: usize = 100;

/// An agenda item as typed.
#[derive(Debug, Clone)]
pub struct AgendaLine {
    pub kind: AgendaItemKind,
    pub title: String,
}

/// What is typed of an activity that is new.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The org that holds it.
    pub organization_id: String,
    /// The unit of that org which hosts it (G3.2).
    pub unit_id: Option<String>,
    pub kind: ActivityKind,
    /// The kind's label where it is left out.
    pub title: Option<String>,
    pub starts_at: DateTime<Utc>,
    pub ends_at: Option<DateTime<Utc>>,
    pub place: Option<String>,
    pub mode: AttendanceMode,
    pub online_address: Option<String>,
    pub agenda: Vec<AgendaLine>,
    /// Further orgs of a joint activity.
    pub organizations: Vec<String>,
    pub chair_id: Option<String>,
    pub recorder_id: Option<String>,
    /// A lecturer who stands in no roster here.
    pub lecturer: Option<String>,
    /// Addresses of what is read or shown.
    pub links: Vec<String>,
    /// Applicants and activists who are invited.
    pub guests: invitation::Guests,
    /// When notice went out.
    pub noticed_at: Option<DateTime<Utc>>,
    /// Code of the period that it makes up for 补开.
    pub make_up_for: Option<String>,
    pub for_year: Option<i32>,
    /// Activities at about this time besides which this one is held.
    pub besides: Vec<String>,
}

/// One person whose attendance is not as presumed.
#[derive(Debug, Clone)]
pub struct Exception {
    pub member_id: String,
    pub state: AttendanceException,
    /// How a present person took part.
    pub mode: Option<AttendanceMode>,
    /// Of leave.
    pub category: Option<LeaveCategory>,
}

/// A resolution as typed; who is due and present is computed.
#[derive(Debug, Clone)]
pub struct ResolutionLine {
    pub title: String,
    pub kind: ResolutionKind,
    /// Of those due, left out on grounds that the rulebook allows.
    pub excluded: Vec<Exclusion>,
    pub ayes: i32,
    pub noes: i32,
    pub abstentions: i32,
    pub follow_up: Option<FollowUp>,
}

/// Who carries a resolution out, and by when.
#[derive(Debug, Clone)]
pub struct FollowUp {
    pub owner_id: String,
    pub on: chrono::NaiveDate,
}

/// An activity inside a write.
pub(super) struct Loaded {
    pub row: Activity,
    pub kind: ActivityKind,
    pub status: ActivityStatus,
    pub mode: AttendanceMode,
    pub host: Place,
    /// Places of the further orgs of a joint activity: they read, they do not write.
    pub others: Vec<Place>,
    /// The actor's own attendance, where they are expected there themselves.
    pub own: Option<Attendance>,
    pub orgs: Vec<Participation>,
    /// The rulebook in force for the host on the day.
    pub book: Arc<Rulebook>,
    /// Through which it was found.
    pub sight: Scope,
}

impl Loaded {
    pub(super) fn org_ids(&self) -> Vec<String> {
        self.orgs.iter().map(|org| org.organization_id.clone()).collect()
    }

    pub(super) fn target(&self) -> Target {
        let mut target = Target::at(self.host.clone());
        target.other_orgs.clone_from(&self.others);
        target
            .participants
            .extend(self.own.iter().map(|own| own.member_id.clone()));
        target.shown_by(&self.sight)
    }

    /// Refuses what was changed since the client read it.
    pub(super) fn expect(&self, version: Option<i64>) -> Outcome<()> {
        match version {
            Some(version) if version != self.row.version => Err(Problem::conflict(self.row.version).into()),
            _ => Ok(()),
        }
    }

    /// The step that a command is. The rule by which the kind is owed stands behind it.
    pub(super) fn step(&self, command: Command) -> Outcome<Step<ActivityStatus>> {
        let named = |problem: Problem| problem.with("activityId", &self.row.id);
        step(self.status, command).map_err(|refused| named(refused.at("activityId")).into())
    }

    /// Takes a step: the row stands as it says.
    pub(super) fn take(&mut self, step: &Step<ActivityStatus>) {
        self.status = step.state;
        self.row.status = step.state.to_string();
        if step.state != ActivityStatus::Scheduled {
            self.row.check_in_code = None;
            self.row.check_in_expires_at = None;
        }
    }
}

/// Reads a code of ours back from a row.
pub(in crate::ops) fn read<T: std::str::FromStr<Err = domain::vocabulary::UnknownCode>>(text: &str) -> Outcome<T> {
    text.parse().map_err(|error| anyhow::Error::from(error).into())
}

/// Key of the entry by which activities of a kind are owed.
pub(super) fn owing(book: &Rulebook, kind: ActivityKind, on: NaiveDate) -> Option<&str> {
    let mut entries = book.in_force(on);
    let owing =
        entries.find(|entry| matches!(&entry.form, Form::Cadence(cadence) if cadence.activities.contains(&kind)));
    owing.map(|entry| entry.key.as_str())
}

/// The same in the rulebook that ships, for what is only told.
#[must_use]
pub fn shipped_rule(kind: ActivityKind, on: NaiveDate) -> Option<&'static str> {
    super::rulebook::shipped().and_then(|book| owing(book, kind, on))
}

/// Refuses a text that is longer than allowed; where it is empty nothing is said.
pub(in crate::ops) fn limit(text: Option<&str>, max: usize, field: &str) -> Outcome<()> {
    if text.is_some_and(|text| text.chars().count() > max) {
        return Err(Problem::at(ProblemCode::TooLong, field).with("max", max).into());
    }
    Ok(())
}

pub(super) fn few(number: usize, field: &str) -> Outcome<()> {
    if number > ITEMS {
        return Err(Problem::at(ProblemCode::TooMany, field).with("max", ITEMS).into());
    }
    Ok(())
}

impl Unit {
    pub(in crate::ops) fn rows_of(&self, subject: Subject) -> Scope {
        scope(&self.actor, subject, Grant::Rows)
    }

    /// The place of an org that the actor sees.
    pub(super) async fn place_at(&self, id: &str, field: &str) -> Outcome<Place> {
        let scope = self.rows_of(Subject::Directory);
        let found = self.write.organizations(&scope, &[id.to_owned()]).await?;
        let row = found.first().ok_or_else(|| Problem::at(ProblemCode::NotFound, field))?;
        Ok(place_of(row)?)
    }

    /// The present facts of an org whose place is known already.
    pub(super) async fn facts_of(&self, id: &str) -> Outcome<crate::store::organization::Organization> {
        let scope = Scope::system(SystemScope::Rights);
        let found = self.write.organizations(&scope, &[id.to_owned()]).await?.pop();
        found.ok_or_else(|| Problem::new(ProblemCode::NotFound).into())
    }

    /// An activity that the actor sees.
    pub(super) async fn activity(&self, id: &str) -> Outcome<Loaded> {
        let scope = self.rows_of(Subject::Activities);
        let loaded = self.load_activity(id, &scope, "activityId").await?;
        self.stands_on_kind(&loaded.book, loaded.kind, loaded.row.local_date);
        Ok(loaded)
    }

    /// An activity is about the rule by which activities of its kind are owed.
    pub(super) fn stands_on_kind(&self, book: &Rulebook, kind: ActivityKind, on: NaiveDate) {
        if let Some(entry) = owing(book, kind, on) {
            self.stands_on(&book.key, entry);
        }
    }

    /// An activity that something else which the actor sees hangs on.
    pub(super) async fn activity_behind(&self, id: &str) -> Outcome<Loaded> {
        self.load_activity(id, &Scope::system(SystemScope::Rights), "activityId")
            .await
    }

    /// The rulebook in force for an org on a day.
    pub(super) async fn book_of(&self, place: &Place, on: NaiveDate) -> Outcome<Arc<Rulebook>> {
        let library = Library::load(&self.write).await?;
        let sector = if library.asks_sector() {
            self.facts_of(&place.id).await?.sector.parse().ok()
        } else {
            None
        };
        let path = place.path.as_str();
        Ok(library.book_of(Seat { path, sector }, on)?)
    }

    /// An activity that a scope shows, or `NOT_FOUND` at the field.
    pub(super) async fn load_activity(&self, id: &str, scope: &Scope, field: &str) -> Outcome<Loaded> {
        let found = self.write.activities(scope, &[id.to_owned()]).await?.pop();
        let row = found.ok_or_else(|| Problem::at(ProblemCode::NotFound, field))?;
        let system = Scope::system(SystemScope::Rights);
        let orgs = self.write.participations(&row.id).await?;
        let ids: Vec<String> = orgs.iter().map(|org| org.organization_id.clone()).collect();
        let rows = self.write.organizations(&system, &ids).await?;
        let places: Vec<Place> = rows.iter().map(place_of).collect::<Result<_, _>>()?;
        let (host, others): (Vec<_>, Vec<_>) = places.into_iter().partition(|place| place.id == row.host_id);
        let host = host.into_iter().next();
        let host = host.ok_or_else(|| Problem::at(ProblemCode::NotFound, field))?;
        let own = self.actor.member_id().unwrap_or_default();
        let own = self.write.attendance_of(own, &row.id).await?;
        let book = self.book_of(&host, row.local_date).await?;
        Ok(Loaded {
            book,
            kind: read(&row.kind)?,
            status: read(&row.status)?,
            mode: read(&row.mode)?,
            host,
            others,
            own,
            orgs,
            row,
            sight: scope.clone(),
        })
    }

    /// Writes the activity as it now is and tells the log.
    pub(super) async fn keep(&mut self, permit: &Permit, loaded: &mut Loaded, fields: &[&'static str]) -> Outcome<()> {
        if !self.write.update_activity(&mut loaded.row).await? {
            return Err(Problem::at(ProblemCode::Conflict, "expectedVersion").into());
        }
        self.tell(permit, loaded, fields).await
    }

    /// One event for each org that takes part.
    pub(super) async fn tell(&mut self, permit: &Permit, loaded: &Loaded, fields: &[&'static str]) -> Outcome<()> {
        let system = Scope::system(SystemScope::Rights);
        let orgs = self.write.organizations(&system, &loaded.org_ids()).await?;
        let orgs: Vec<TakesPart> = orgs
            .into_iter()
            .map(|org| TakesPart {
                activity_id: loaded.row.id.clone(),
                organization_id: org.id,
                path: org.path,
            })
            .collect();
        self.tell_each(permit, &loaded.row, loaded.row.version, &orgs, fields);
        Ok(())
    }

    /// The same of one of several activities whose orgs are known; the host is told first.
    fn tell_each(
        &mut self,
        permit: &Permit,
        row: &Activity,
        version: i64,
        orgs: &[TakesPart],
        fields: &[&'static str],
    ) {
        let mut orgs: Vec<&TakesPart> = orgs.iter().filter(|org| org.activity_id == row.id).collect();
        orgs.sort_by_key(|org| (org.organization_id != row.host_id, &org.organization_id));
        for (number, org) in orgs.into_iter().enumerate() {
            let at = (org.organization_id.as_str(), org.path.as_str());
            let event = upsert(EntityKind::Activity, &row.id, version, at, fields);
            if number == 0 {
                self.note(permit, event);
            } else {
                self.ledger.events.push(event);
            }
        }
    }

    /// Decides on minutes: those of a committee have their own right, and only who took part files them.
    pub(super) fn require_minutes(&self, loaded: &Loaded, people: &[Attendance]) -> Outcome<Permit> {
        if !capabilities(loaded.kind).seals_minutes {
            return self.require(Action::FileMinutes, &loaded.target(), "minutes");
        }
        let own = self.actor.member.as_ref().map(|member| member.member_id.as_str());
        let present = people.iter().find(|person| Some(person.member_id.as_str()) == own);
        let target = match present {
            Some(person) => loaded.target().with_participant(person.member_id.clone()),
            None => loaded.target(),
        };
        self.require(Action::FileCommitteeMinutes, &target, "minutes")
    }
}
