use async_graphql::{ID, InputObject};
use chrono::{DateTime, Utc};
use domain::lifecycle::activity::AttendanceException;
use domain::obligation::roll::Exclusion;
use domain::rulebook::words::ExclusionGround;
use domain::vocabulary::{
    ActivityKind, AgendaItemKind, AttendanceMode, AttendanceState, LeaveCategory, ResolutionKind,
};

use crate::graphql::date::{Date, InRange};
use crate::ops::activity::invitation::Guests;
use crate::ops::activity::{AgendaLine, Exception, FollowUp, ResolutionLine};

/// An agenda item to be.
#[derive(InputObject, Clone)]
pub struct AgendaItemInput {
    /// Which kind it is.
    pub kind: AgendaItemKind,
    /// What it is called.
    pub title: String,
}

/// One person whose attendance is not as presumed.
#[derive(InputObject, Clone)]
pub struct AttendanceExceptionInput {
    /// The member.
    pub member_id: ID,
    /// How it stands.
    pub state: AttendanceException,
    /// How a present person took part, `ON_SITE` or `ONLINE`.
    pub mode: Option<AttendanceMode>,
    /// Of leave.
    pub category: Option<LeaveCategory>,
}

/// Who carries a resolution out, and by when.
#[derive(InputObject, Clone)]
pub struct FollowUpInput {
    /// Who carries it out.
    pub owner_id: ID,
    /// The day.
    pub on: Date,
}

/// A member left out of those due at a vote. Exempt from attendance and left out of a vote are two different facts.
#[derive(InputObject, Clone)]
pub struct VoteExclusionInput {
    /// Who was left out.
    pub member_id: ID,
    /// On what ground.
    pub ground: ExclusionGround,
}

/// A resolution as voted; who was due and present is computed.
#[derive(InputObject, Clone)]
pub struct ResolutionInput {
    /// What it is called.
    pub title: String,
    /// Which kind it is.
    pub kind: ResolutionKind,
    /// Of those due, left out on a ground that the vote's entry of the rulebook allows; they cannot have been present.
    #[graphql(default)]
    pub excluded: Vec<VoteExclusionInput>,
    /// Votes for.
    pub ayes: i32,
    /// Votes against.
    #[graphql(default)]
    pub noes: i32,
    /// Abstentions.
    #[graphql(default)]
    pub abstentions: i32,
    /// Who carries it out, and by when.
    pub follow_up: Option<FollowUpInput>,
}

/// Schedules an activity. Who is expected is computed.
#[derive(InputObject)]
pub struct ScheduleActivityInput {
    /// The org that holds it.
    pub organization_id: ID,
    /// The unit of that org which hosts it (G3.2).
    pub unit_id: Option<ID>,
    /// Which kind it is.
    pub kind: ActivityKind,
    /// The kind's name where it is left out.
    pub title: Option<String>,
    /// When it begins, or began.
    #[graphql(validator(custom = "InRange"))]
    pub starts_at: DateTime<Utc>,
    /// When it ends, or ended.
    #[graphql(validator(custom = "InRange"))]
    pub ends_at: Option<DateTime<Utc>>,
    /// Where, at most 200 characters.
    pub place: Option<String>,
    /// How it is offered or attended.
    #[graphql(default_with = "AttendanceMode::OnSite")]
    pub mode: AttendanceMode,
    /// Web address of an online meeting.
    pub online_address: Option<String>,
    /// What is on the agenda.
    #[graphql(default)]
    pub agenda: Vec<AgendaItemInput>,
    /// Further orgs of a joint activity.
    #[graphql(default)]
    pub organizations: Vec<ID>,
    /// Who chairs; for a lecture the lecturer.
    pub chair_id: Option<ID>,
    /// Who keeps the minutes.
    pub recorder_id: Option<ID>,
    /// The lecturer's name, where they stand in no roster here; else name them as `chairId`.
    pub lecturer: Option<String>,
    /// Web addresses of what is read or shown, at most 20.
    #[graphql(default)]
    pub links: Vec<String>,
    /// Invite all activists 入党积极分子 of the branches that hold it; a lecture only.
    #[graphql(default)]
    pub invite_activists: bool,
    /// Applicants of these branches to be invited besides.
    #[graphql(default)]
    pub invited: Vec<ID>,
    /// Send notice to those expected at once.
    #[graphql(default = true)]
    pub notice: bool,
    /// Make a code for checking in.
    #[graphql(default)]
    pub check_in: bool,
    /// Code of the period that it makes up for, for example `2026-Q3`.
    pub make_up_for: Option<String>,
    /// The year that a yearly act is for: its own, or the one before as long as the rulebook takes it for that one.
    #[graphql(validator(minimum = 1921, maximum = 2100))]
    pub for_year: Option<i32>,
    /// Activities of the org at about this time (`params.activityId` of `ALREADY_SCHEDULED` and `ALREADY_RECORDED`): this is another
    /// one, held besides them.
    #[graphql(default)]
    pub besides: Vec<ID>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// Changes a scheduled activity; what is left out stays, an empty text takes away what stood there. Notice of another time,
/// place or mode has to be given anew; what else changes leaves the notice as it went out.
#[derive(InputObject)]
pub struct RescheduleActivityInput {
    /// The activity.
    pub activity_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: i64,
    /// What it is called.
    pub title: Option<String>,
    /// When it begins, or began.
    #[graphql(validator(custom = "InRange"))]
    pub starts_at: Option<DateTime<Utc>>,
    /// When it ends, or ended.
    #[graphql(validator(custom = "InRange"))]
    pub ends_at: Option<DateTime<Utc>>,
    /// Where, at most 200 characters.
    pub place: Option<String>,
    /// How it is offered or attended.
    pub mode: Option<AttendanceMode>,
    /// Web address of an online meeting.
    pub online_address: Option<String>,
    /// Replaces the agenda.
    pub agenda: Option<Vec<AgendaItemInput>>,
    /// Replaces the orgs that take part besides the host. An org that is named counts the activity as its own only if that was
    /// before the start.
    pub organizations: Option<Vec<ID>>,
    /// The unit of the host that hosts it (G3.2).
    pub unit_id: Option<ID>,
    /// Who chairs; for a lecture the lecturer.
    pub chair_id: Option<ID>,
    /// Who writes the minutes.
    pub recorder_id: Option<ID>,
    /// Name of a lecturer who is no member here.
    pub lecturer: Option<String>,
    /// Replaces the web addresses of what is read or shown, at most 20.
    pub links: Option<Vec<String>>,
    /// With `invited`: who is invited is said anew.
    pub invite_activists: Option<bool>,
    /// With `inviteActivists`: who is invited is said anew.
    pub invited: Option<Vec<ID>>,
    /// Code of the period that it makes up for, for example `2026-Q3`.
    pub make_up_for: Option<String>,
    /// The year that a yearly act is for.
    #[graphql(validator(minimum = 1921, maximum = 2100))]
    pub for_year: Option<i32>,
    /// Activities of the org at about this time (`params.activityId` of `ALREADY_SCHEDULED` and `ALREADY_RECORDED`): this is another
    /// one, held besides them.
    #[graphql(default)]
    pub besides: Vec<ID>,
    /// Send notice of the change at once.
    #[graphql(default = true)]
    pub notice: bool,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// Records an activity as held: `activityId` of a scheduled one, or the fields of one that was not in the calendar.
/// Only exceptions are typed; other active members who were expected were present.
#[derive(InputObject)]
pub struct RecordActivityInput {
    /// The activity.
    pub activity_id: Option<ID>,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// The org that held it; required without `activityId`, as are `kind` and `startsAt`.
    pub organization_id: Option<ID>,
    /// Of a new activity: the unit of that org which hosted it (G3.2).
    pub unit_id: Option<ID>,
    /// Which kind it is.
    pub kind: Option<ActivityKind>,
    /// What it is called.
    pub title: Option<String>,
    /// When it begins, or began.
    #[graphql(validator(custom = "InRange"))]
    pub starts_at: Option<DateTime<Utc>>,
    /// When it ends, or ended.
    #[graphql(validator(custom = "InRange"))]
    pub ends_at: Option<DateTime<Utc>>,
    /// Where, at most 200 characters.
    pub place: Option<String>,
    /// How it is offered or attended.
    #[graphql(default_with = "AttendanceMode::OnSite")]
    pub mode: AttendanceMode,
    /// Web address of an online meeting.
    pub online_address: Option<String>,
    /// What is on the agenda.
    #[graphql(default)]
    pub agenda: Vec<AgendaItemInput>,
    /// Further orgs of a joint activity.
    #[graphql(default)]
    pub organizations: Vec<ID>,
    /// Who chairs.
    pub chair_id: Option<ID>,
    /// Who keeps the minutes.
    pub recorder_id: Option<ID>,
    /// The lecturer's name, where they stand in no roster here; else name them as `chairId`.
    pub lecturer: Option<String>,
    /// Web addresses of what is read or shown, at most 20.
    #[graphql(default)]
    pub links: Vec<String>,
    /// Invite all activists 入党积极分子 of the branches that hold it; a lecture only.
    #[graphql(default)]
    pub invite_activists: bool,
    /// Applicants of these branches to be invited besides.
    #[graphql(default)]
    pub invited: Vec<ID>,
    /// Those invited who did not come; the others did.
    #[graphql(default)]
    pub invited_absent: Vec<ID>,
    /// When notice went out, of an activity that was not in the calendar.
    #[graphql(validator(custom = "InRange"))]
    pub noticed_at: Option<DateTime<Utc>>,
    /// Code of the period that it makes up for, for example `2026-Q3`.
    pub make_up_for: Option<String>,
    /// The year that a yearly act is for.
    #[graphql(validator(minimum = 1921, maximum = 2100))]
    pub for_year: Option<i32>,
    /// Activities of the org at about this time (`params.activityId` of `ALREADY_SCHEDULED` and `ALREADY_RECORDED`): this is another
    /// one, held besides them.
    #[graphql(default)]
    pub besides: Vec<ID>,
    /// Those who were not simply present.
    #[graphql(default)]
    pub exceptions: Vec<AttendanceExceptionInput>,
    /// Without minutes the activity is held, but not yet filed.
    pub minutes: Option<String>,
    /// What was resolved.
    #[graphql(default)]
    pub resolutions: Vec<ResolutionInput>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// Corrects a record: a further revision of the minutes, attendance as it was.
#[derive(InputObject)]
pub struct CorrectActivityInput {
    /// The activity.
    pub activity_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: i64,
    /// Required unless it only files the first minutes of what was held.
    pub reason: Option<String>,
    /// The minutes, at most 100 000 characters.
    pub minutes: Option<String>,
    /// Those who were not simply present.
    #[graphql(default)]
    pub exceptions: Vec<AttendanceExceptionInput>,
    /// Resolutions that were forgotten.
    #[graphql(default)]
    pub resolutions: Vec<ResolutionInput>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// Confirms the people of one org at a joint activity that the host has recorded; once confirmed, corrects them.
#[derive(InputObject)]
pub struct ConfirmAttendanceInput {
    /// The activity.
    pub activity_id: ID,
    /// The org that it is about.
    pub organization_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// Those who were not simply present.
    #[graphql(default)]
    pub exceptions: Vec<AttendanceExceptionInput>,
    /// Of a correction: why; required then.
    pub reason: Option<String>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// Calls off an activity that was not held.
#[derive(InputObject)]
pub struct CancelActivityInput {
    /// The activity.
    pub activity_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// Why.
    pub reason: String,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// Makes a new check-in code; the one before no longer works.
#[derive(InputObject)]
pub struct IssueCheckInCodeInput {
    /// The activity.
    pub activity_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// The code that is shown at the meeting.
#[derive(InputObject)]
pub struct CheckInInput {
    /// The activity.
    pub activity_id: ID,
    /// The code.
    pub code: String,
    /// How it is offered or attended.
    #[graphql(default_with = "AttendanceMode::OnSite")]
    pub mode: AttendanceMode,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// Asks for leave in person.
#[derive(InputObject)]
pub struct AskLeaveInput {
    /// The activity.
    pub activity_id: ID,
    /// A coarse category.
    pub category: LeaveCategory,
    /// At most 500 characters, sealed at rest; nobody above the member's own org reads it.
    #[graphql(secret)]
    pub reason: Option<String>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// Grants or refuses leave.
#[derive(InputObject)]
pub struct DecideLeaveInput {
    /// The leave.
    pub leave_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// Whether it is granted.
    pub accept: bool,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// What a member disputes of their own attendance.
#[derive(InputObject)]
pub struct DisputeAttendanceInput {
    /// The attendance.
    pub attendance_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// The member's own words.
    pub words: String,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// What was found about a disputed attendance.
#[derive(InputObject)]
pub struct DecideDisputeInput {
    /// The attendance.
    pub attendance_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// `PRESENT`, `ON_LEAVE`, `UNEXCUSED` or `UNEXPLAINED`.
    pub state: AttendanceState,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// Accepts that a member studied afterwards.
#[derive(InputObject)]
pub struct AcceptMakeUpStudyInput {
    /// The attendance.
    pub attendance_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

pub(super) fn text(id: Option<&ID>) -> Option<String> {
    id.map(|id| id.0.clone())
}

pub(super) fn texts(ids: &[ID]) -> Vec<String> {
    ids.iter().map(|id| id.0.clone()).collect()
}

pub(super) fn guests(activists: bool, applicants: &[ID]) -> Guests {
    Guests {
        activists,
        applicants: texts(applicants),
    }
}

pub(super) fn agenda(items: &[AgendaItemInput]) -> Vec<AgendaLine> {
    items
        .iter()
        .map(|item| AgendaLine {
            kind: item.kind,
            title: item.title.clone(),
        })
        .collect()
}

pub(super) fn exceptions(inputs: &[AttendanceExceptionInput]) -> Vec<Exception> {
    inputs
        .iter()
        .map(|input| Exception {
            member_id: input.member_id.0.clone(),
            state: input.state,
            mode: input.mode,
            category: input.category,
        })
        .collect()
}

fn exclusion(input: &VoteExclusionInput) -> Exclusion {
    Exclusion {
        member_id: input.member_id.0.clone(),
        ground: input.ground,
    }
}

pub(super) fn resolutions(inputs: &[ResolutionInput]) -> Vec<ResolutionLine> {
    inputs
        .iter()
        .map(|input| ResolutionLine {
            title: input.title.clone(),
            kind: input.kind,
            excluded: input.excluded.iter().map(exclusion).collect(),
            ayes: input.ayes,
            noes: input.noes,
            abstentions: input.abstentions,
            follow_up: input.follow_up.as_ref().map(|follow| FollowUp {
                owner_id: follow.owner_id.0.clone(),
                on: follow.on.into(),
            }),
        })
        .collect()
}
