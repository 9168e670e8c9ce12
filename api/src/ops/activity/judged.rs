//! Attendance as it is recorded: exceptions typed, everybody else presumed present where that may be presumed.

use std::collections::{BTreeMap, HashMap};

use domain::lifecycle::activity::{AttendanceException, Person, recorded, timely};
use domain::policy::{Action, Place, Target};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{AttendanceMode, AttendanceState, DecisionState, EntityKind, LeaveCategory, MemberStatus};

use super::super::outcome::Outcome;
use super::super::writing::Unit;
use super::people::row;
use super::{Attendance, Exception, Leave, Loaded, few, read};
use crate::store::activity_write::Change;

/// Judges the people of one org afresh; `rows` ends as they then stand. Untyped people are presumed present only while
/// nothing was recorded of them.
pub(super) async fn judge(
    unit: &mut Unit,
    loaded: &Loaded,
    org: &str,
    (people, rows): (&[Person], &mut Vec<Attendance>),
    exceptions: &[Exception],
) -> Outcome<()> {
    few(exceptions.len(), "exceptions")?;
    let typed = typed(unit, loaded, org, (people, rows.as_slice()), exceptions).await?;
    add_missing(unit, loaded, org, people, rows, &typed).await?;
    let timely = timely(
        loaded.row.noticed_at,
        loaded.row.starts_at,
        loaded.book.notice_hours(loaded.row.local_date).into(),
    );
    let mut changes: BTreeMap<(AttendanceState, Option<AttendanceMode>), Vec<String>> = BTreeMap::new();
    let mut leaves = Vec::new();
    let place = if org == loaded.host.id {
        loaded.host.clone()
    } else {
        unit.any_place(org).await?
    };
    for row in rows.iter_mut().filter(|row| row.organization_id == org) {
        let exception = typed.get(row.member_id.as_str()).copied();
        let before: AttendanceState = read(&row.state)?;
        let status = people.iter().find(|person| person.member_id == row.member_id);
        let status = status.map_or(MemberStatus::Active, |person| person.status);
        let mut state = recorded(before, status, exception.map(|typed| typed.state), timely);
        if let Some(typed) = exception.filter(|typed| typed.state == AttendanceException::OnLeave)
            && before != AttendanceState::OnLeave
        {
            let clerk = !unit.may_grant_leave(&place, &row.member_id);
            leaves.push(leave(unit, loaded, row, typed.category, clerk));
            // A clerk records; what a clerk enters as excused waits for who decides leave.
            state = if clerk { AttendanceState::LeavePending } else { state };
        }
        let mode = mode_of(loaded, state, exception, row)?;
        if state != before || mode.map(AttendanceMode::as_str) != row.mode.as_deref() {
            row.state = state.to_string();
            row.mode = mode.map(|mode| mode.to_string());
            row.version += 1;
            changes.entry((state, mode)).or_default().push(row.id.clone());
        }
    }
    for ((state, mode), ids) in changes {
        let at = unit.now;
        unit.write
            .change_attendance(&Change {
                ids,
                state,
                mode,
                at,
                dispute: None,
            })
            .await?;
    }
    enter_leaves(unit, loaded, leaves).await
}

/// G2.2a: a leader asks the branch for leave in person; nobody else enters it.
pub(super) fn leaders_ask_in_person(field: &str) -> Problem {
    Problem::at(ProblemCode::Forbidden, field).with("clause", "G2.2a")
}

type Typed<'a> = HashMap<&'a str, &'a Exception>;

/// The exceptions by member; each must be somebody of this org, once.
async fn typed<'a>(
    unit: &Unit,
    loaded: &Loaded,
    org: &str,
    (people, rows): (&[Person], &[Attendance]),
    exceptions: &'a [Exception],
) -> Outcome<Typed<'a>> {
    let mut typed: Typed<'a> = HashMap::new();
    let leaves = unit.write.leaves_at(&loaded.row.id).await?;
    for exception in exceptions {
        let id = exception.member_id.as_str();
        let person = people
            .iter()
            .find(|person| person.member_id == id && person.organization_id == org);
        let known = person.is_some() || rows.iter().any(|row| row.member_id == id && row.organization_id == org);
        if !known || typed.insert(id, exception).is_some() {
            let code = if known {
                ProblemCode::Invalid
            } else {
                ProblemCode::NotExpected
            };
            return Err(Problem::at(code, "exceptions").with("memberId", id).into());
        }
        if matches!(
            exception.mode,
            Some(AttendanceMode::Hybrid | AttendanceMode::MakeUpStudy)
        ) {
            return Err(Problem::at(ProblemCode::Invalid, "exceptions")
                .with("memberId", id)
                .into());
        }
        // G2.2a: a leader asks the branch in person; nobody else enters a leader's leave.
        let own = unit.actor.member.as_ref().is_some_and(|member| member.member_id == id);
        let asked = leaves.iter().any(|leave| leave.member_id == id);
        let on_leave = exception.state == AttendanceException::OnLeave;
        let refused = leaves
            .iter()
            .any(|leave| leave.member_id == id && leave.state == DecisionState::Rejected.as_str());
        if on_leave && refused {
            return Err(Problem::at(ProblemCode::AlreadyDecided, "exceptions")
                .with("memberId", id)
                .into());
        }
        if on_leave && person.is_some_and(|person| person.leads) && !own && !asked {
            return Err(leaders_ask_in_person("exceptions").with("memberId", id).into());
        }
    }
    Ok(typed)
}

/// Rows for those who were typed although they were not expected, such as a floating member who came.
async fn add_missing(
    unit: &Unit,
    loaded: &Loaded,
    org: &str,
    people: &[Person],
    rows: &mut Vec<Attendance>,
    typed: &Typed<'_>,
) -> Outcome<()> {
    let mut added = Vec::new();
    for person in people.iter().filter(|person| person.organization_id == org) {
        let came = typed
            .get(person.member_id.as_str())
            .is_some_and(|typed| typed.state == AttendanceException::Present);
        if came && !rows.iter().any(|row| row.member_id == person.member_id) {
            added.push(row(unit, loaded, person, AttendanceState::Expected));
        }
    }
    unit.write.insert_attendance(&added).await?;
    rows.extend(added);
    Ok(())
}

fn mode_of(
    loaded: &Loaded,
    state: AttendanceState,
    exception: Option<&Exception>,
    row: &Attendance,
) -> Outcome<Option<AttendanceMode>> {
    let before = row.mode.as_deref().map(read::<AttendanceMode>).transpose()?;
    Ok(match state {
        AttendanceState::Present => exception
            .and_then(|typed| typed.mode)
            .or(before)
            .or(Some(match loaded.mode {
                AttendanceMode::Online => AttendanceMode::Online,
                AttendanceMode::OnSite | AttendanceMode::Hybrid | AttendanceMode::MakeUpStudy => AttendanceMode::OnSite,
            })),
        AttendanceState::MadeUpByStudy => Some(AttendanceMode::MakeUpStudy),
        AttendanceState::Expected
        | AttendanceState::OnLeave
        | AttendanceState::LeavePending
        | AttendanceState::Unexcused
        | AttendanceState::Unexplained
        | AttendanceState::Exempt
        | AttendanceState::Disputed => None,
    })
}

fn leave(unit: &Unit, loaded: &Loaded, row: &Attendance, category: Option<LeaveCategory>, clerk: bool) -> Leave {
    let own = unit.actor.member.as_ref().map(|member| member.member_id.clone());
    let state = if clerk {
        DecisionState::Open
    } else {
        DecisionState::Accepted
    };
    Leave {
        id: unit.app.ids.next(EntityKind::Leave),
        activity_id: loaded.row.id.clone(),
        member_id: row.member_id.clone(),
        organization_id: row.organization_id.clone(),
        state: state.to_string(),
        category: category.unwrap_or(LeaveCategory::Other).to_string(),
        asked_at: unit.now,
        asked_by: own.clone().unwrap_or_else(|| unit.actor.account_id.clone()),
        decided_at: (!clerk).then_some(unit.now),
        decided_by: if clerk { None } else { own },
        version: 1,
    }
}

/// Leave typed with the record: new requests are added, those that were asked are decided.
async fn enter_leaves(unit: &Unit, loaded: &Loaded, leaves: Vec<Leave>) -> Outcome<()> {
    let mut new = Vec::new();
    let asked = unit.write.leaves_at(&loaded.row.id).await?;
    for leave in leaves {
        match asked.iter().find(|asked| asked.member_id == leave.member_id) {
            Some(asked) => {
                let mut asked = asked.clone();
                asked.state = leave.state;
                asked.decided_at = leave.decided_at;
                asked.decided_by = leave.decided_by;
                unit.write.update_leave(&mut asked).await?;
            }
            None => new.push(leave),
        }
    }
    Ok(unit.write.insert_leaves(new).await?)
}

impl Unit {
    /// Whether the actor may grant this person leave, or only record that it was asked: a clerk, and anybody about
    /// themselves, only records.
    fn may_grant_leave(&self, place: &Place, member: &str) -> bool {
        let target = Target::at(place.clone()).about(member);
        domain::policy::can(&self.actor, Action::DecideLeave, &target).0
    }
}
