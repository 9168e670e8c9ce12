//! Joining a branch and leaving it: places at what lies ahead.

use chrono::NaiveDate;
use domain::activity_kind::{Expected, capabilities};
use domain::lifecycle::activity::Person;
use domain::vocabulary::{ActivityKind, AttendanceMode, ChangeExtent, ChangeOp, DecisionState, EntityKind, InboxKind};

use super::activity::{Attendance, read};
use super::organization::Organization;
use super::outcome::Outcome;
use super::writing::{Unit, upsert};
use crate::store::affiliation::Seat;
use crate::store::figure::Delta;
use crate::store::member::Member;
use crate::store::transaction::Event;

/// The period of figures that have none.
const NOW: &str = "now";

/// Adds to a headcount figure of an org and of everything above it.
pub(super) fn count(unit: &mut Unit, org: &Organization, metric: &str, value: i64) {
    unit.ledger.figures.push(Delta {
        path: org.path.clone(),
        metric: metric.to_owned(),
        period: NOW.to_owned(),
        value,
    });
}

/// An event about something of a member that now belongs to another org than before.
pub(super) fn moved(kind: EntityKind, id: &str, version: i64, to: &Organization, from: &Organization) -> Event {
    let mut event = upsert(kind, id, version, (&to.id, &to.path), &["organization"]);
    event.old_path = Some(from.path.clone());
    event
}

/// Gives a member places at what their branch has ahead.
pub(super) async fn take_places(unit: &mut Unit, member: &Member, branch: &Organization) -> Outcome<()> {
    let coming = unit.write.ahead_of(&branch.id, &member.id, unit.today).await?;
    let last = coming.iter().map(|one| one.local_date).max().unwrap_or(unit.today);
    let exemptions = unit.write.exemptions_between(&member.id, unit.today, last).await?;
    let exempt = |on: NaiveDate| {
        exemptions
            .iter()
            .any(|one| one.state == DecisionState::Accepted.as_str() && one.from_on <= on && one.until_on >= on)
    };
    let mut rows = Vec::new();
    for activity in &coming {
        let kind: ActivityKind = read(&activity.kind)?;
        let person = Person {
            member_id: member.id.clone(),
            organization_id: branch.id.clone(),
            standing: read(&member.standing)?,
            status: read(&member.status)?,
            hosted: false,
            guest: false,
            exempt: exempt(activity.local_date),
            leads: false,
        };
        let meant = matches!(
            capabilities(kind).expected,
            Expected::Members | Expected::MembersAndActivists
        );
        let Some(state) = person
            .expected(read::<AttendanceMode>(&activity.mode)?)
            .filter(|_| meant)
        else {
            continue;
        };
        rows.push(Attendance {
            id: unit.app.ids.next(EntityKind::Attendance),
            activity_id: activity.id.clone(),
            member_id: member.id.clone(),
            organization_id: branch.id.clone(),
            activity_kind: activity.kind.clone(),
            local_date: activity.local_date,
            state: state.to_string(),
            mode: None,
            recorded_at: None,
            dispute: None,
            version: 1,
        });
    }
    unit.write.insert_attendance(&rows).await?;
    let activities: Vec<String> = rows.iter().map(|row| row.activity_id.clone()).collect();
    unit.write.recount(&activities).await?;
    for row in &rows {
        let at = (branch.id.as_str(), branch.path.as_str());
        let mut event = upsert(EntityKind::Attendance, &row.id, row.version, at, &["state"]);
        event.member_id = Some(member.id.clone());
        unit.ledger.events.push(event);
        tell_tally(unit, &row.activity_id, branch);
    }
    Ok(())
}

/// The member has no place any more at what the old branch and its groups have ahead; where the new branch takes part
/// too, the place goes over to it. Leave that was asked for is withdrawn with the place.
pub(super) async fn give_up_places(
    unit: &mut Unit,
    member: &Member,
    old: (&Organization, &[String]),
    new: &Organization,
) -> Outcome<()> {
    let seats = unit.write.seats(&member.id, old.1, &new.id, unit.today).await?;
    if seats.is_empty() {
        return Ok(());
    }
    let (kept, gone): (Vec<Seat>, Vec<Seat>) = seats.into_iter().partition(|seat| seat.joint);
    for leave in unit.write.give_up_seats(&member.id, &gone, unit.now).await? {
        unit.settle(&leave.id, &[InboxKind::LeaveToDecide]);
        let at = (old.0.id.as_str(), old.0.path.as_str());
        let mut event = upsert(EntityKind::Leave, &leave.id, leave.version + 1, at, &["state"]);
        event.member_id = Some(member.id.clone());
        unit.ledger.events.push(event);
    }
    unit.write.change_seats(&member.id, &kept, &new.id).await?;
    let activities: Vec<String> = gone.iter().chain(&kept).map(|seat| seat.activity_id.clone()).collect();
    unit.write.recount(&activities).await?;
    for seat in &gone {
        let path = path_in(old.0, &seat.organization_id);
        unit.ledger.events.push(Event {
            op: ChangeOp::Delete,
            extent: ChangeExtent::Object,
            kind: EntityKind::Attendance,
            id: seat.id.clone(),
            version: None,
            organization_id: Some(seat.organization_id.clone()),
            path: Some(path),
            old_path: None,
            member_id: Some(member.id.clone()),
            fields: Vec::new(),
            cause: "WRITE",
        });
        tell_tally(unit, &seat.activity_id, old.0);
    }
    for seat in &kept {
        let mut event = moved(EntityKind::Attendance, &seat.id, seat.version + 1, new, old.0);
        event.member_id = Some(member.id.clone());
        unit.ledger.events.push(event);
        tell_tally(unit, &seat.activity_id, old.0);
        tell_tally(unit, &seat.activity_id, new);
    }
    Ok(())
}

/// The path of a branch or of one of its groups.
pub(super) fn path_in(branch: &Organization, id: &str) -> String {
    if id == branch.id {
        return branch.path.clone();
    }
    domain::place::child_path(Some(&branch.path), id)
}

fn tell_tally(unit: &mut Unit, activity: &str, org: &Organization) {
    let mut event = upsert(EntityKind::Activity, activity, 0, (&org.id, &org.path), &["tally"]);
    event.version = None;
    unit.ledger.events.push(event);
}
