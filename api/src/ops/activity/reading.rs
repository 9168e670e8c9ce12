//! Reads of activities, each batch one read under the reader's scope.

use chrono::{Datelike as _, NaiveDate};
use domain::lifecycle::activity::Tally;
use domain::policy::{Action, Place, Refusal, Scope, Subject, SystemScope, Target, can};
use domain::vocabulary::{ActivityKind, AttendanceState};

use super::super::organization::{Page, PageRequest, place_of};
use super::super::outcome::Outcome;
use super::super::reading::Reading;
use super::people::tallies;
use super::{Activity, AgendaItem, Attendance, Between, Leave, Participation, Resolution, Revision, read};
use crate::store::activity_minutes::MinutesScope;

/// A member's year in organizational life.
#[derive(Debug, Clone, Copy, Default)]
pub struct Taken {
    pub tally: Tally,
    /// Unexcused absences in a row at the end, over days with occasions that count as organizational life.
    pub consecutive_absences: i64,
}

impl Reading {
    /// Activities by id.
    ///
    /// # Errors
    /// The database is away.
    pub async fn activities(&self, ids: &[String]) -> Outcome<Vec<Activity>> {
        Ok(self.snapshot.activities(&self.rows(Subject::Activities), ids).await?)
    }

    /// A page of an org's activities.
    ///
    /// # Errors
    /// The database is away.
    pub async fn activities_between(&self, between: &Between, page: &PageRequest) -> Outcome<Page<Activity>> {
        let scope = self.rows(Subject::Activities);
        Ok(self.snapshot.activities_between(&scope, between, page).await?)
    }

    /// A page of an org's register 台账 with the number of each entry, counted from 1 over the year.
    ///
    /// # Errors
    /// The database is away.
    pub async fn register(&self, between: &Between, page: &PageRequest) -> Outcome<Page<(u64, Activity)>> {
        let scope = self.rows(Subject::Activities);
        let found = self.snapshot.activities_between(&scope, between, page).await?;
        let before = match found.rows.first() {
            Some(first) => self.snapshot.register_rank(&scope, between, first).await?,
            None => 0,
        };
        let mut number = before;
        Ok(found.map(|row| {
            number += 1;
            (number, row)
        }))
    }

    /// What the member behind the account is expected at next.
    ///
    /// # Errors
    /// The database is away.
    pub async fn upcoming(&self, page: &PageRequest) -> Outcome<Page<Activity>> {
        let member = self
            .actor
            .member
            .as_ref()
            .map_or("", |member| member.member_id.as_str());
        let scope = self.rows(Subject::Activities);
        Ok(self
            .snapshot
            .upcoming(&scope, member, self.app.clock.now(), page)
            .await?)
    }

    /// Orgs that take part, with their counts.
    ///
    /// # Errors
    /// The database is away.
    pub async fn participations(&self, ids: &[String]) -> Outcome<Vec<Participation>> {
        Ok(self.snapshot.participations(ids).await?)
    }

    /// Agendas of activities.
    ///
    /// # Errors
    /// The database is away.
    pub async fn agendas(&self, ids: &[String]) -> Outcome<Vec<AgendaItem>> {
        Ok(self.snapshot.agendas(ids).await?)
    }

    fn minutes_scope(&self) -> MinutesScope {
        MinutesScope {
            minutes: self.rows(Subject::Minutes),
            committee: self.rows(Subject::CommitteeMinutes),
        }
    }

    /// Latest minutes, as (activity id, revision).
    ///
    /// # Errors
    /// The database is away.
    pub async fn minutes(&self, ids: &[String]) -> Outcome<Vec<(String, Revision)>> {
        Ok(self.snapshot.minutes(&self.minutes_scope(), ids).await?)
    }

    /// Resolutions of activities.
    ///
    /// # Errors
    /// The database is away.
    pub async fn resolutions(&self, ids: &[String]) -> Outcome<Vec<Resolution>> {
        Ok(self.snapshot.resolutions(&self.minutes_scope(), ids).await?)
    }

    /// Resolutions by id.
    ///
    /// # Errors
    /// The database is away.
    pub async fn resolutions_by_id(&self, ids: &[String]) -> Outcome<Vec<Resolution>> {
        Ok(self.snapshot.resolutions_by_id(&self.minutes_scope(), ids).await?)
    }

    /// A page of the people of an activity.
    ///
    /// # Errors
    /// The database is away.
    pub async fn attendance_at(&self, id: &str, page: &PageRequest) -> Outcome<Page<Attendance>> {
        Ok(self
            .snapshot
            .attendance_at(&self.rows(Subject::Attendance), id, page)
            .await?)
    }

    /// Absences at activities.
    ///
    /// # Errors
    /// The database is away.
    pub async fn absences(&self, ids: &[String]) -> Outcome<Vec<Attendance>> {
        Ok(self.snapshot.absences(&self.rows(Subject::Attendance), ids).await?)
    }

    /// Attendance at activities of the member behind the account.
    ///
    /// # Errors
    /// The database is away.
    pub async fn my_attendance(&self, activities: &[String]) -> Outcome<Vec<Attendance>> {
        let Some(member) = &self.actor.member else {
            return Ok(Vec::new());
        };
        Ok(self.snapshot.attendance_of(&member.member_id, activities).await?)
    }

    /// Attendance by id.
    ///
    /// # Errors
    /// The database is away.
    pub async fn attendances(&self, ids: &[String]) -> Outcome<Vec<Attendance>> {
        Ok(self.snapshot.attendances(&self.rows(Subject::Attendance), ids).await?)
    }

    /// Leave at activities. Superiors see its category too; a reason in words is not kept at all.
    ///
    /// # Errors
    /// The database is away.
    pub async fn leaves_at(&self, activities: &[String]) -> Outcome<Vec<Leave>> {
        Ok(self
            .snapshot
            .leaves_at(&self.rows(Subject::Attendance), activities)
            .await?)
    }

    /// Leave by id.
    ///
    /// # Errors
    /// The database is away.
    pub async fn leaves(&self, ids: &[String]) -> Outcome<Vec<Leave>> {
        Ok(self.snapshot.leaves(&self.rows(Subject::Attendance), ids).await?)
    }

    /// A page of a member's attendance in a year, latest first.
    ///
    /// # Errors
    /// The database is away.
    pub async fn attendance_in(&self, member: &str, year: i32, page: &PageRequest) -> Outcome<Page<Attendance>> {
        let scope = self.rows(Subject::Attendance);
        Ok(self
            .snapshot
            .attendance_between(&scope, member, (first_day(year), first_day(year + 1)), page)
            .await?)
    }

    /// A member's counts of a year; the run of absences does not restart with it.
    ///
    /// # Errors
    /// The database is away.
    pub async fn participation(&self, member: &str, year: i32) -> Outcome<Taken> {
        let scope = self.rows(Subject::Attendance);
        let rows = self
            .snapshot
            .attendance_since(&scope, member, first_day(year - 1))
            .await?;
        let of_year: Vec<Attendance> = rows
            .iter()
            .filter(|row| row.local_date.year() == year && row.state != AttendanceState::Expected.as_str())
            .cloned()
            .map(|row| Attendance {
                organization_id: String::new(),
                ..row
            })
            .collect();
        let tally = tallies(&of_year)?.into_values().next().unwrap_or_default();
        let until = rows.iter().filter(|row| row.local_date < first_day(year + 1));
        Ok(Taken {
            tally,
            consecutive_absences: run(&until.cloned().collect::<Vec<_>>())?,
        })
    }

    /// Where orgs stand, for decisions on what is seen anyhow.
    ///
    /// # Errors
    /// The database is away.
    pub async fn places_of(&self, ids: &[String]) -> Outcome<Vec<Place>> {
        let scope = Scope::system(SystemScope::Rights);
        let rows = self.snapshot.organizations(&scope, ids).await?;
        Ok(rows.iter().map(place_of).collect::<Result<_, _>>()?)
    }

    /// Whether an act on an activity, or on a person's attendance there, is allowed, with what stands against it.
    #[must_use]
    pub fn may(&self, action: Action, place: &Place, member: Option<&str>) -> (bool, Vec<Refusal>) {
        let target = Target::at(place.clone());
        let target = match member {
            Some(member) => target.about(member),
            None => target,
        };
        can(&self.actor, action, &target)
    }
}

fn first_day(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(NaiveDate::MIN)
}

/// The unexcused absences in a row at the end; presence, make-up study and leave break the run, what is open is neutral.
fn run(rows: &[Attendance]) -> Outcome<i64> {
    use AttendanceState as S;
    let mut days: Vec<(NaiveDate, bool)> = Vec::new();
    for row in rows {
        let kind: ActivityKind = read(&row.activity_kind)?;
        let state: S = read(&row.state)?;
        let breaks = matches!(state, S::Present | S::MadeUpByStudy | S::OnLeave);
        if !domain::activity_kind::capabilities(kind).counts_as_organizational_life
            || (!breaks && state != S::Unexcused)
        {
            continue;
        }
        match days.last_mut().filter(|(day, _)| *day == row.local_date) {
            Some((_, broken)) => *broken |= breaks,
            None => days.push((row.local_date, breaks)),
        }
    }
    let absences = days.iter().rev().take_while(|(_, broken)| !broken).count();
    Ok(i64::try_from(absences).unwrap_or(i64::MAX))
}
