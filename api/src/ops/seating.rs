//! Seats 应到 follow the people: whoever joins, leaves, changes group or status, is exempt, takes or ends a post has a seat at
//! what lies ahead, or has none, from that moment on.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::lifecycle::leave::{Command, fitting};
use domain::lifecycle::seat::step;
use domain::policy::{Scope, SystemScope};
use domain::vocabulary::{AttendanceState, ChangeExtent, ChangeOp, DecisionState, EntityKind};

use super::activity::{Attendance, read};
use super::inbox::standing::{asked_at_all, noticed_at_all};
use super::organization::Organization;
use super::outcome::Outcome;
use super::writing::{Unit, upsert};
use crate::store::attendance::Leave;
use crate::store::seating::{Meant, Whose};
use crate::store::transaction::Event;

/// Who tells the log of new seats and counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Teller {
    Seats,
    /// The event of the activity, which changed itself.
    Activity,
}

/// What is to be done so that seats held become seats meant.
#[derive(Default)]
struct Plan {
    take: Vec<Attendance>,
    /// Seats as they are to be, with the org they were at.
    change: Vec<(Attendance, String)>,
    /// Of those, whose request for leave is withdrawn.
    excused: Vec<String>,
    give_up: Vec<Attendance>,
}

/// Brings the seats of these members at what has not begun in line with the facts as they now are.
///
/// # Errors
/// The database is away.
pub(super) async fn reseat(unit: &mut Unit, members: &[String]) -> Outcome<()> {
    let after = unit.now;
    reseat_after(unit, members, after).await
}

/// Gives members who are new seats at what has not begun: they have none yet.
///
/// # Errors
/// The database is away.
pub(super) async fn seat_new(unit: &mut Unit, members: &[String]) -> Outcome<()> {
    let plan = plan_from(unit, Whose::Members(members, unit.now), Vec::new()).await?;
    carry_out(unit, plan, Teller::Seats).await
}

/// The same as [`reseat`] for whatever begins after an instant: who left some days ago has no seat at what was not recorded yet.
///
/// # Errors
/// The database is away.
pub(super) async fn reseat_after(unit: &mut Unit, members: &[String], after: DateTime<Utc>) -> Outcome<()> {
    let plan = plan(unit, Whose::Members(members, after)).await?;
    carry_out(unit, plan, Teller::Seats).await
}

/// Brings the seats of one scheduled activity in line with its day, mode and orgs. Whoever changed it tells of new seats and
/// counts with the activity itself.
///
/// # Errors
/// The database is away.
pub(super) async fn reseat_at(unit: &mut Unit, activity: &str) -> Outcome<()> {
    let plan = plan(unit, Whose::Activity(activity)).await?;
    carry_out(unit, plan, Teller::Activity).await
}

async fn plan(unit: &Unit, whose: Whose<'_>) -> Outcome<Plan> {
    let held = unit.write.seats_held(whose).await?;
    plan_from(unit, whose, held).await
}

async fn plan_from(unit: &Unit, whose: Whose<'_>, held: Vec<Attendance>) -> Outcome<Plan> {
    let meant = unit.write.seats_meant(whose).await?;
    let mut meant: BTreeMap<(String, String), Meant> = meant
        .into_iter()
        .map(|seat| ((seat.activity_id.clone(), seat.member_id.clone()), seat))
        .collect();
    let mut plan = Plan::default();
    for row in held {
        let seat = meant.remove(&(row.activity_id.clone(), row.member_id.clone()));
        plan.turn(row, seat.as_ref())?;
    }
    for seat in meant.into_values() {
        if let Some(state) = step(None, Some(seat.state)).state {
            plan.take.push(taken(unit, seat, state));
        }
    }
    Ok(plan)
}

impl Plan {
    fn turn(&mut self, row: Attendance, seat: Option<&Meant>) -> Outcome<()> {
        let state: AttendanceState = read(&row.state)?;
        let there = row.organization_id.clone();
        let mut after = row.clone();
        after.version += 1;
        let step = step(Some(state), seat.map(|seat| seat.state));
        match (step.state, seat) {
            (None, _) => self.give_up.push(row),
            (Some(state), Some(seat)) if !step.fields.is_empty() => {
                if row.state == AttendanceState::LeavePending.as_str() {
                    self.excused.push(row.id);
                }
                after.state = state.to_string();
                after.organization_id.clone_from(&seat.organization_id);
                self.change.push((after, there));
            }
            // The new branch takes part too: the seat goes over to it.
            (Some(_), Some(seat)) if seat.organization_id != there && state != AttendanceState::Present => {
                after.organization_id.clone_from(&seat.organization_id);
                self.change.push((after, there));
            }
            (Some(_), _) => {}
        }
        Ok(())
    }

    fn activities(&self) -> Vec<String> {
        let changed = self.change.iter().map(|(row, _)| row);
        let ids = self.take.iter().chain(changed).chain(&self.give_up);
        let ids: BTreeSet<String> = ids.map(|row| row.activity_id.clone()).collect();
        ids.into_iter().collect()
    }

    fn orgs(&self) -> Vec<String> {
        let changed = self
            .change
            .iter()
            .flat_map(|(row, there)| [&row.organization_id, there]);
        let ids = self.take.iter().chain(&self.give_up).map(|row| &row.organization_id);
        let ids: BTreeSet<String> = ids.chain(changed).cloned().collect();
        ids.into_iter().collect()
    }
}

fn taken(unit: &Unit, seat: Meant, state: AttendanceState) -> Attendance {
    Attendance {
        id: unit.app.ids.next(EntityKind::Attendance),
        activity_id: seat.activity_id,
        member_id: seat.member_id,
        organization_id: seat.organization_id,
        activity_kind: seat.activity_kind,
        local_date: seat.local_date,
        state: state.to_string(),
        mode: None,
        recorded_at: None,
        dispute: None,
        wrong_codes: 0,
        version: 1,
    }
}

async fn carry_out(unit: &mut Unit, plan: Plan, teller: Teller) -> Outcome<()> {
    let activities = plan.activities();
    if activities.is_empty() {
        return Ok(());
    }
    let ids = |rows: &[Attendance]| rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>();
    let mut withdrawn = Vec::new();
    if !plan.excused.is_empty() {
        let waits: Vec<DecisionState> = fitting(Command::BecomeNeedless).collect();
        withdrawn.extend(unit.write.withdraw_leave(&plan.excused, &waits, unit.now).await?);
    }
    if !plan.give_up.is_empty() {
        let gone = ids(&plan.give_up);
        let goes: Vec<DecisionState> = fitting(Command::LoseSeat).collect();
        withdrawn.extend(unit.write.withdraw_leave(&gone, &goes, unit.now).await?);
        unit.write.remove_attendance(&gone).await?;
    }
    change(unit, &plan.change).await?;
    unit.write.insert_attendance(&plan.take).await?;
    unit.write.recount(&activities).await?;
    tell(unit, &plan, &withdrawn, teller).await?;
    asked_at_all(unit, &activities).await?;
    noticed_at_all(unit, &activities).await
}

async fn change(unit: &Unit, changed: &[(Attendance, String)]) -> Outcome<()> {
    let mut alike: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for (row, _) in changed {
        let key = (row.organization_id.as_str(), row.state.as_str());
        alike.entry(key).or_default().push(row.id.clone());
    }
    for ((org, state), ids) in alike {
        unit.write.change_seats(&ids, org, state).await?;
    }
    let moved: Vec<String> = changed
        .iter()
        .filter(|(row, there)| row.organization_id != *there)
        .map(|(row, _)| row.id.clone())
        .collect();
    if !moved.is_empty() {
        unit.write.leave_follows_seats(&moved).await?;
    }
    Ok(())
}

type Paths = HashMap<String, Organization>;

/// An event for each seat and each leave, and one for the counts of each org at each activity.
async fn tell(unit: &mut Unit, plan: &Plan, withdrawn: &[Leave], teller: Teller) -> Outcome<()> {
    let system = Scope::system(SystemScope::Rights);
    let rows = unit.write.organizations(&system, &plan.orgs()).await?;
    let orgs: Paths = rows.into_iter().map(|org| (org.id.clone(), org)).collect();
    let path = |id: &str| orgs.get(id).map_or("", |org| org.path.as_str());
    let mut events = Vec::new();
    let mut counted: BTreeSet<(&str, &str)> = BTreeSet::new();
    for row in &plan.take {
        if teller == Teller::Seats {
            events.push(seat_event(row, path(&row.organization_id), &["state"]));
        }
        counted.insert((&row.activity_id, &row.organization_id));
    }
    for (row, there) in &plan.change {
        let mut event = seat_event(row, path(&row.organization_id), &["state", "organization"]);
        if row.organization_id != *there {
            event.old_path = Some(path(there).to_owned());
        }
        events.push(event);
        counted.insert((&row.activity_id, there));
        counted.insert((&row.activity_id, &row.organization_id));
    }
    for row in &plan.give_up {
        events.push(gone(row, path(&row.organization_id)));
        counted.insert((&row.activity_id, &row.organization_id));
    }
    for leave in withdrawn {
        let at = (leave.organization_id.as_str(), path(&leave.organization_id));
        events.push(about(
            upsert(EntityKind::Leave, &leave.id, leave.version, at, &["state"]),
            &leave.member_id,
        ));
    }
    let alone = teller == Teller::Seats;
    for (activity, org) in counted.into_iter().filter(|_| alone) {
        let mut event = upsert(EntityKind::Activity, activity, 0, (org, path(org)), &["tally"]);
        event.version = None;
        events.push(event);
    }
    unit.ledger.events.extend(events);
    Ok(())
}

fn about(mut event: Event, member: &str) -> Event {
    event.member_id = Some(member.to_owned());
    event
}

fn seat_event(row: &Attendance, path: &str, fields: &[&'static str]) -> Event {
    let at = (row.organization_id.as_str(), path);
    about(
        upsert(EntityKind::Attendance, &row.id, row.version, at, fields),
        &row.member_id,
    )
}

fn gone(row: &Attendance, path: &str) -> Event {
    Event {
        op: ChangeOp::Delete,
        extent: ChangeExtent::Object,
        version: None,
        ..seat_event(row, path, &[])
    }
}
