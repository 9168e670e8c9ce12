//! Reads of activities, each batch one read under the reader's scope.

use chrono::{Datelike as _, NaiveDate};
use domain::lifecycle::activity::Tally;
use domain::policy::{Action, Place, Refusal, Scope, Subject, SystemScope, Target, can};
use domain::vocabulary::AttendanceMode;

use super::super::measure::in_a_row;
use super::super::organization::{Organization, Page, PageRequest, Within, place_of};
use super::super::outcome::Outcome;
use super::super::reading::Reading;
use super::super::rulebook::Library;
use super::leave::reason_place;
use super::{
    Activity, AgendaItem, Attendance, Between, Leave, Participation, Resolution, Revision, minutes_place, read,
};
pub use crate::store::activity::ActivityFilter;
use crate::store::activity_minutes::MinutesScope;
use crate::store::follow_up::TaskScope;
pub use crate::store::invitation::Invited;

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

    /// A page of the activities of a part of the tree, by date.
    ///
    /// # Errors
    /// The database is away.
    pub async fn activities_within(
        &self,
        within: &Within,
        filter: &ActivityFilter,
        page: &PageRequest,
    ) -> Outcome<Page<Activity>> {
        let scope = self.rows(Subject::Activities);
        Ok(self.snapshot.activities_within(&scope, within, filter, page).await?)
    }

    /// A page of an org's register 台账 by day. An entry keeps the number that it got when it was recorded.
    ///
    /// # Errors
    /// The database is away.
    pub async fn register(&self, between: &Between, page: &PageRequest) -> Outcome<Page<(u64, Activity)>> {
        let scope = self.rows(Subject::Activities);
        let found = self.snapshot.activities_between(&scope, between, page).await?;
        let ids: Vec<String> = found.rows.iter().map(|row| row.id.clone()).collect();
        let numbers = self.snapshot.participations(&ids).await?;
        Ok(found.map(|row| {
            let own =
                |org: &&Participation| org.activity_id == row.id && org.organization_id == between.organization_id;
            let number = numbers
                .iter()
                .map(|(org, _)| org)
                .find(own)
                .and_then(|org| org.register_number);
            (u64::try_from(number.unwrap_or_default()).unwrap_or_default(), row)
        }))
    }

    /// What the member behind the account is expected at next, and how; what an applicant is invited to.
    ///
    /// # Errors
    /// The database is away.
    pub async fn upcoming(&self, page: &PageRequest) -> Outcome<Page<(Activity, Option<Attendance>)>> {
        let scope = self.rows(Subject::Activities);
        if let Some(applicant) = &self.actor.applicant_id {
            let now = self.app.clock.now();
            let page = self.snapshot.invited_to(&scope, applicant, now, page).await?;
            return Ok(page.map(|row| (row, None)));
        }
        let member = self
            .actor
            .member
            .as_ref()
            .map_or("", |member| member.member_id.as_str());
        Ok(self
            .snapshot
            .upcoming(&scope, member, self.app.clock.now(), page)
            .await?)
    }

    /// Orgs that take part, with their counts.
    ///
    /// # Errors
    /// The database is away.
    pub async fn participations(&self, ids: &[String]) -> Outcome<Vec<(Participation, Option<Organization>)>> {
        let directory = self.rows(Subject::Directory);
        let rows = self.snapshot.participations(ids).await?;
        rows.into_iter()
            .map(|(row, org)| {
                let shown = org.as_ref().map(place_of).transpose()?;
                let shown = shown.is_some_and(|place| directory.contains(&Target::at(place)));
                Ok((row, org.filter(|_| shown)))
            })
            .collect()
    }

    /// Agendas of activities.
    ///
    /// # Errors
    /// The database is away.
    pub async fn agendas(&self, ids: &[String]) -> Outcome<Vec<AgendaItem>> {
        Ok(self.snapshot.agendas(ids).await?)
    }

    pub(crate) fn minutes_scope(&self) -> MinutesScope {
        minutes_scope(|subject| self.rows(subject))
    }

    /// Latest minutes, as (activity id, revision).
    ///
    /// # Errors
    /// The database is away.
    pub async fn minutes(&self, ids: &[String]) -> Outcome<Vec<(String, Revision)>> {
        let rows = self.snapshot.minutes(&self.minutes_scope(), ids).await?;
        rows.into_iter().map(|(id, row)| Ok((id, self.opened(row)?))).collect()
    }

    /// Resolutions of activities.
    ///
    /// # Errors
    /// The database is away.
    pub async fn resolutions(&self, ids: &[String]) -> Outcome<Vec<Resolution>> {
        Ok(self.snapshot.resolutions(&self.minutes_scope(), ids).await?)
    }

    /// A page of the revisions of an activity's minutes, newest first.
    ///
    /// # Errors
    /// The database is away.
    pub async fn minutes_history(&self, activity: &str, page: &PageRequest) -> Outcome<Page<Revision>> {
        let scope = self.minutes_scope();
        let mut page = self.snapshot.minutes_history(&scope, activity, page).await?;
        page.rows = page
            .rows
            .into_iter()
            .map(|row| self.opened(row))
            .collect::<Outcome<_>>()?;
        Ok(page)
    }

    /// A revision with its text in clear: whoever the scope shows it to may read it.
    fn opened(&self, mut row: Revision) -> Outcome<Revision> {
        if let Some(sealed) = row.text_sealed.take() {
            let plain = self.app.keys.open(&minutes_place(&row.id), &sealed)?;
            row.text = Some(String::from_utf8(plain).map_err(|_| anyhow::anyhow!("sealed minutes are no text"))?);
        }
        Ok(row)
    }

    fn task_scope(&self) -> TaskScope {
        task_scope(|subject| self.rows(subject))
    }

    /// A page of an org's follow-ups.
    ///
    /// # Errors
    /// The database is away.
    pub async fn follow_ups(&self, org: &str, open: bool, page: &PageRequest) -> Outcome<Page<Resolution>> {
        Ok(self.snapshot.follow_ups(&self.task_scope(), org, open, page).await?)
    }

    /// What is carried over to activities, as (activity id, resolution).
    ///
    /// # Errors
    /// The database is away.
    pub async fn carried_over(&self, activities: &[String]) -> Outcome<Vec<(String, Resolution)>> {
        Ok(self.snapshot.carried_over(&self.task_scope(), activities).await?)
    }

    /// Resolutions by id.
    ///
    /// # Errors
    /// The database is away.
    pub async fn resolutions_by_id(&self, ids: &[String]) -> Outcome<Vec<Resolution>> {
        Ok(self.snapshot.resolutions_by_id(&self.task_scope(), ids).await?)
    }

    /// How many applicants and activists were invited to activities and came.
    ///
    /// # Errors
    /// The database is away.
    pub async fn invited(&self, activities: &[String]) -> Outcome<Vec<Invited>> {
        Ok(self.snapshot.invited(activities).await?)
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

    /// Leave at activities. Superiors see its category too; the reason in words by [`Reading::leave_reason`].
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

    /// What a member wrote when asking leave, as far as the reader may see it: the member, and who records or decides at the
    /// member's own org.
    ///
    /// # Errors
    /// The key that sealed it is not in the key file.
    pub fn leave_reason(&self, leave: &Leave, place: &Place) -> Outcome<Option<String>> {
        let target = Target::at(place.clone()).about(leave.member_id.clone());
        let Some(sealed) = &leave.reason_sealed else {
            return Ok(None);
        };
        if !self.rows(Subject::LeaveReason).contains(&target) {
            return Ok(None);
        }
        let plain = self.app.keys.open(&reason_place(&leave.id), sealed)?;
        Ok(Some(String::from_utf8(plain).map_err(anyhow::Error::from)?))
    }

    /// A page of a member's attendance in a year, latest first.
    ///
    /// # Errors
    /// The database is away.
    pub async fn attendance_in(&self, member: &str, year: i32, page: &PageRequest) -> Outcome<Page<Attendance>> {
        let scope = self.rows(Subject::Attendance);
        Ok(self
            .snapshot
            .attendance_between(&scope, member, year_of(year), page)
            .await?)
    }

    /// A member's counts of a year; the run of absences does not restart with it.
    ///
    /// # Errors
    /// The database is away.
    pub async fn participation(&self, member: &str, year: i32, library: &Library) -> Outcome<Taken> {
        let between = year_of(year);
        let sessions = self.sessions_of(member, between, library).await?;
        let mut tally = Tally::default();
        for row in sessions.iter().filter(|row| row.local_date.year() == year) {
            let mode = row.mode.as_deref().map(read::<AttendanceMode>).transpose()?;
            tally.count(read(&row.state)?, mode);
        }
        Ok(Taken {
            tally,
            consecutive_absences: in_a_row(&sessions, library)?,
        })
    }

    /// Where orgs stand, for decisions on what is seen anyhow.
    ///
    /// # Errors
    /// The database is away.
    pub async fn places_of(&self, ids: &[String]) -> Outcome<Vec<Place>> {
        let scope = Scope::system(SystemScope::Rights);
        let rows = self.known_or_read(&scope, ids).await?;
        Ok(rows.iter().map(place_of).collect::<Result<_, _>>()?)
    }

    /// What stands against an act on a target; nothing where it is allowed.
    #[must_use]
    pub fn against(&self, action: Action, target: &Target) -> Vec<Refusal> {
        can(&self.actor, action, target).1
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

fn minutes_scope(rows: impl Fn(Subject) -> Scope) -> MinutesScope {
    MinutesScope {
        minutes: rows(Subject::Minutes),
        committee: rows(Subject::CommitteeMinutes),
    }
}

/// Who sees resolutions, by their scopes of each subject.
pub(super) fn task_scope(rows: impl Fn(Subject) -> Scope) -> TaskScope {
    TaskScope {
        follow_ups: rows(Subject::FollowUps),
        minutes: minutes_scope(rows),
    }
}

/// The first day of a year and of the one after it.
pub(super) fn year_of(year: i32) -> (NaiveDate, NaiveDate) {
    // Within what both databases take for a date, whatever year was asked for.
    let first = |year: i32| NaiveDate::from_ymd_opt(year.clamp(1, 9999), 1, 1).unwrap_or_default();
    (first(year), first(year.saturating_add(1)))
}
