use async_graphql::{Context, Object};
use domain::problem::{Problem, ProblemCode};

use super::input::{
    AcceptMakeUpStudyInput, AskLeaveInput, CancelActivityInput, CheckInInput, ConfirmAttendanceInput,
    CorrectActivityInput, DecideDisputeInput, DecideLeaveInput, DisputeAttendanceInput, IssueCheckInCodeInput,
    RecordActivityInput, RescheduleActivityInput, ScheduleActivityInput, agenda, exceptions, guests, resolutions, text,
    texts,
};
use super::payload::{
    ActivityPayload, AttendancePayload, LeavePayload, RecordActivityPayload, attended, changed, excused, recorded,
};
use crate::graphql::page::input_text;
use crate::graphql::write::{Keyed, write};
use crate::ops::activity::record::Recorded;
use crate::ops::activity::{Draft, cancel, check_in, confirm, correct, leave, record, reschedule, schedule, settle};

/// Runs one use case under the key of its input.
macro_rules! act {
    ($ctx:expr, $operation:literal, $input:expr, |$unit:ident, $typed:ident = $value:ident| $work:expr) => {{
        let keyed = Keyed {
            operation: $operation,
            key: &$input.idempotency_key,
            input: input_text(&$input),
        };
        let typed = $value;
        write($ctx, keyed, move |$unit| {
            let $typed = typed.clone();
            Box::pin(async move { $work.await })
        })
        .await?
    }};
}

pub(super) use act;

#[derive(Default)]
pub struct ActivityMutation;

#[Object]
impl ActivityMutation {
    /// Schedules an activity; who is expected is computed.
    async fn schedule_activity(
        &self,
        ctx: &Context<'_>,
        input: ScheduleActivityInput,
    ) -> async_graphql::Result<ActivityPayload> {
        let value = schedule::Schedule {
            notice: input.notice,
            check_in: input.check_in,
            draft: scheduled(&input),
        };
        let answer = act!(ctx, "scheduleActivity", input, |unit, typed = value| {
            schedule::schedule(unit, &typed)
        });
        changed(ctx, answer, "").await
    }

    /// Changes what was said of a scheduled activity: time, place, mode, agenda, orgs that take part, lecturer, links, guests.
    async fn reschedule_activity(
        &self,
        ctx: &Context<'_>,
        input: RescheduleActivityInput,
    ) -> async_graphql::Result<ActivityPayload> {
        let value = rescheduled(&input);
        let present = input.activity_id.0.clone();
        let answer = act!(ctx, "rescheduleActivity", input, |unit, typed = value| {
            reschedule::reschedule(unit, &typed)
        });
        changed(ctx, answer, &present).await
    }

    /// Records an activity as held, scheduled or not; only exceptions are typed.
    async fn record_activity(
        &self,
        ctx: &Context<'_>,
        input: RecordActivityInput,
    ) -> async_graphql::Result<RecordActivityPayload> {
        let present = text(input.activity_id.as_ref()).unwrap_or_default();
        let value = std::sync::Arc::new(record_of(&input));
        let answer = act!(ctx, "recordActivity", input, |unit, typed = value| {
            async { record::record(unit, typed.as_ref().as_ref().map_err(|problem| problem.clone())?).await }
        });
        recorded(ctx, answer, &present).await
    }

    /// Corrects a record; earlier revisions of the minutes stay.
    async fn correct_activity(
        &self,
        ctx: &Context<'_>,
        input: CorrectActivityInput,
    ) -> async_graphql::Result<ActivityPayload> {
        let value = correct::Correct {
            activity_id: input.activity_id.0.clone(),
            expected_version: input.expected_version,
            reason: input.reason.clone(),
            minutes: input.minutes.clone(),
            exceptions: exceptions(&input.exceptions),
            resolutions: resolutions(&input.resolutions),
        };
        let present = input.activity_id.0.clone();
        let answer = act!(ctx, "correctActivity", input, |unit, typed = value| correct::correct(unit, &typed));
        changed(ctx, answer, &present).await
    }

    /// Confirms the people of one org at a joint activity; asked again with exceptions and a reason, corrects them.
    async fn confirm_attendance(
        &self,
        ctx: &Context<'_>,
        input: ConfirmAttendanceInput,
    ) -> async_graphql::Result<RecordActivityPayload> {
        let value = confirm::Confirm {
            activity_id: input.activity_id.0.clone(),
            organization_id: input.organization_id.0.clone(),
            expected_version: input.expected_version,
            exceptions: exceptions(&input.exceptions),
            reason: input.reason.clone(),
        };
        let present = input.activity_id.0.clone();
        let answer = act!(ctx, "confirmAttendance", input, |unit, typed = value| confirm::confirm(unit, &typed));
        recorded(ctx, answer, &present).await
    }

    /// Cancels an activity that was not held.
    async fn cancel_activity(
        &self,
        ctx: &Context<'_>,
        input: CancelActivityInput,
    ) -> async_graphql::Result<ActivityPayload> {
        let value = cancel::Cancel {
            activity_id: input.activity_id.0.clone(),
            expected_version: input.expected_version,
            reason: input.reason.clone(),
        };
        let present = input.activity_id.0.clone();
        let answer = act!(ctx, "cancelActivity", input, |unit, typed = value| cancel::cancel(unit, &typed));
        changed(ctx, answer, &present).await
    }

    /// Makes a new check-in code.
    async fn issue_check_in_code(
        &self,
        ctx: &Context<'_>,
        input: IssueCheckInCodeInput,
    ) -> async_graphql::Result<ActivityPayload> {
        let present = input.activity_id.0.clone();
        let value = (present.clone(), input.expected_version);
        let answer = act!(ctx, "issueCheckInCode", input, |unit, typed = value| {
            check_in::issue_code(unit, &typed.0, typed.1)
        });
        changed(ctx, answer, &present).await
    }

    /// Checks the member behind the account in.
    async fn check_in(&self, ctx: &Context<'_>, input: CheckInInput) -> async_graphql::Result<AttendancePayload> {
        let value = check_in::CheckIn {
            activity_id: input.activity_id.0.clone(),
            code: input.code.clone(),
            mode: input.mode,
        };
        let answer = act!(ctx, "checkIn", input, |unit, typed = value| check_in::check_in(unit, &typed));
        attended(ctx, answer, "").await
    }

    /// Asks for leave, in person.
    async fn ask_leave(&self, ctx: &Context<'_>, input: AskLeaveInput) -> async_graphql::Result<LeavePayload> {
        let value = leave::Ask {
            activity_id: input.activity_id.0.clone(),
            category: input.category,
            reason: input.reason.clone(),
        };
        let answer = act!(ctx, "askLeave", input, |unit, typed = value| leave::ask(unit, &typed));
        excused(ctx, answer, "").await
    }

    /// Grants or refuses leave.
    async fn decide_leave(&self, ctx: &Context<'_>, input: DecideLeaveInput) -> async_graphql::Result<LeavePayload> {
        let value = leave::Decide {
            leave_id: input.leave_id.0.clone(),
            expected_version: input.expected_version,
            accept: input.accept,
        };
        let present = input.leave_id.0.clone();
        let answer = act!(ctx, "decideLeave", input, |unit, typed = value| leave::decide(unit, &typed));
        excused(ctx, answer, &present).await
    }

    /// Disputes what was recorded of the member behind the account.
    async fn dispute_attendance(
        &self,
        ctx: &Context<'_>,
        input: DisputeAttendanceInput,
    ) -> async_graphql::Result<AttendancePayload> {
        let value = settle::Dispute {
            attendance_id: input.attendance_id.0.clone(),
            expected_version: input.expected_version,
            words: input.words.clone(),
        };
        let present = input.attendance_id.0.clone();
        let answer = act!(ctx, "disputeAttendance", input, |unit, typed = value| settle::dispute(unit, &typed));
        attended(ctx, answer, &present).await
    }

    /// Decides a dispute.
    async fn decide_dispute(
        &self,
        ctx: &Context<'_>,
        input: DecideDisputeInput,
    ) -> async_graphql::Result<AttendancePayload> {
        let value = settle::Settle {
            attendance_id: input.attendance_id.0.clone(),
            expected_version: input.expected_version,
            state: input.state,
        };
        let present = input.attendance_id.0.clone();
        let answer = act!(ctx, "decideDispute", input, |unit, typed = value| {
            settle::decide_dispute(unit, &typed)
        });
        attended(ctx, answer, &present).await
    }

    /// Accepts that a member studied afterwards.
    async fn accept_make_up_study(
        &self,
        ctx: &Context<'_>,
        input: AcceptMakeUpStudyInput,
    ) -> async_graphql::Result<AttendancePayload> {
        let present = input.attendance_id.0.clone();
        let value = (present.clone(), input.expected_version);
        let answer = act!(ctx, "acceptMakeUpStudy", input, |unit, typed = value| {
            settle::accept_make_up_study(unit, &typed.0, typed.1)
        });
        attended(ctx, answer, &present).await
    }
}

fn scheduled(input: &ScheduleActivityInput) -> Draft {
    Draft {
        organization_id: input.organization_id.0.clone(),
        unit_id: text(input.unit_id.as_ref()),
        kind: input.kind,
        title: input.title.clone(),
        starts_at: input.starts_at,
        ends_at: input.ends_at,
        place: input.place.clone(),
        mode: input.mode,
        online_address: input.online_address.clone(),
        agenda: agenda(&input.agenda),
        organizations: texts(&input.organizations),
        chair_id: text(input.chair_id.as_ref()),
        recorder_id: text(input.recorder_id.as_ref()),
        lecturer: input.lecturer.clone(),
        links: input.links.clone(),
        guests: guests(input.invite_activists, &input.invited),
        noticed_at: None,
        make_up_for: input.make_up_for.clone(),
        for_year: input.for_year,
        besides: texts(&input.besides),
    }
}

fn rescheduled(input: &RescheduleActivityInput) -> reschedule::Reschedule {
    let anew = input.invite_activists.is_some() || input.invited.is_some();
    reschedule::Reschedule {
        activity_id: input.activity_id.0.clone(),
        expected_version: input.expected_version,
        title: input.title.clone(),
        starts_at: input.starts_at,
        ends_at: input.ends_at,
        place: input.place.clone(),
        mode: input.mode,
        online_address: input.online_address.clone(),
        agenda: input.agenda.as_deref().map(agenda),
        organizations: input.organizations.as_deref().map(texts),
        unit_id: text(input.unit_id.as_ref()),
        chair_id: text(input.chair_id.as_ref()),
        recorder_id: text(input.recorder_id.as_ref()),
        lecturer: input.lecturer.clone(),
        links: input.links.clone(),
        guests: anew.then(|| {
            let invited = input.invited.as_deref().unwrap_or_default();
            guests(input.invite_activists.unwrap_or_default(), invited)
        }),
        make_up_for: input.make_up_for.clone(),
        for_year: input.for_year,
        besides: texts(&input.besides),
        notice: input.notice,
    }
}

fn record_of(input: &RecordActivityInput) -> Result<record::Record, Problem> {
    Ok(record::Record {
        activity: match &input.activity_id {
            Some(id) => Recorded::Scheduled {
                id: id.0.clone(),
                expected_version: input.expected_version,
            },
            None => Recorded::New(Box::new(unscheduled(input)?)),
        },
        ends_at: input.ends_at,
        chair_id: text(input.chair_id.as_ref()),
        recorder_id: text(input.recorder_id.as_ref()),
        exceptions: exceptions(&input.exceptions),
        invited_absent: texts(&input.invited_absent),
        minutes: input.minutes.clone(),
        resolutions: resolutions(&input.resolutions),
    })
}

fn unscheduled(input: &RecordActivityInput) -> Result<Draft, Problem> {
    let required = |field| move || Problem::at(ProblemCode::Required, field);
    Ok(Draft {
        organization_id: text(input.organization_id.as_ref()).ok_or_else(required("organizationId"))?,
        unit_id: text(input.unit_id.as_ref()),
        kind: input.kind.ok_or_else(required("kind"))?,
        title: input.title.clone(),
        starts_at: input.starts_at.ok_or_else(required("startsAt"))?,
        ends_at: input.ends_at,
        place: input.place.clone(),
        mode: input.mode,
        online_address: input.online_address.clone(),
        agenda: agenda(&input.agenda),
        organizations: texts(&input.organizations),
        chair_id: text(input.chair_id.as_ref()),
        recorder_id: text(input.recorder_id.as_ref()),
        lecturer: input.lecturer.clone(),
        links: input.links.clone(),
        guests: guests(input.invite_activists, &input.invited),
        noticed_at: input.noticed_at,
        make_up_for: input.make_up_for.clone(),
        for_year: input.for_year,
        besides: texts(&input.besides),
    })
}
