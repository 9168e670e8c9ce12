//! Attendance as it is recorded: exceptions typed, everybody else presumed present where that may be presumed.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use domain::lifecycle::activity::{AttendanceException, Person, recorded, settles, timely};
use domain::policy::{Action, Headed, Place, Target, can};
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::vocabulary::{AttendanceMode, AttendanceState, DecisionState, EntityKind, LeaveCategory, MemberStatus};

use super::super::outcome::{Failure, Outcome};
use super::super::writing::Unit;
use super::leave::{moot, stands};
use super::people::row;
use super::{Attendance, Exception, Leave, Loaded, few, read};
use crate::store::activity_write::Change;

/// What a judgement of one org's people rests on, besides what was typed.
struct Ground {
    place: Place,
    /// Orgs that those typed head.
    heads: Vec<(String, Headed)>,
    /// Notice went out in time.
    timely: bool,
    /// It was recorded before, and is put right now.
    corrects: bool,
}

impl Ground {
    async fn load(unit: &Unit, loaded: &Loaded, org: &str, exceptions: &[Exception], corrects: bool) -> Outcome<Self> {
        let place = if org == loaded.host.id {
            loaded.host.clone()
        } else {
            unit.any_place(org).await?
        };
        let members: Vec<String> = exceptions.iter().map(|typed| typed.member_id.clone()).collect();
        let heads = if members.is_empty() {
            Vec::new()
        } else {
            unit.write.headships_among(&members, unit.today).await?
        };
        let hours = loaded.book.notice_hours(loaded.row.local_date).into();
        Ok(Self {
            place,
            heads,
            timely: timely(noticed_to(loaded, org), loaded.row.starts_at, hours),
            corrects,
        })
    }

    fn target(&self, member: &str) -> Target {
        let mut target = Target::at(self.place.clone()).about(member);
        let own = self.heads.iter().filter(|(holder, _)| holder == member);
        target.heads.extend(own.map(|(_, headed)| headed.clone()));
        target
    }
}

/// When notice reached an org: not before it was named, where it was named before the start.
fn noticed_to(loaded: &Loaded, org: &str) -> Option<DateTime<Utc>> {
    let named = loaded.orgs.iter().find(|own| own.organization_id == org);
    let named = named.map(|own| own.named_at).filter(|at| *at <= loaded.row.starts_at);
    loaded
        .row
        .noticed_at
        .map(|noticed| named.map_or(noticed, |named| noticed.max(named)))
}

/// What becomes of the rows of one org.
#[derive(Default)]
struct Judged {
    changes: BTreeMap<(AttendanceState, Option<AttendanceMode>), Vec<String>>,
    leaves: Vec<Leave>,
    /// Rows whose request for leave came to nothing: the member was there.
    moot: Vec<String>,
}

/// Judges the people of one org afresh; `rows` ends as they then stand. Untyped people are presumed present only while
/// nothing was recorded of them.
pub(super) async fn judge(
    unit: &mut Unit,
    loaded: &Loaded,
    org: &str,
    (people, rows): (&[Person], &mut Vec<Attendance>),
    exceptions: &[Exception],
    corrects: bool,
) -> Outcome<()> {
    few(exceptions.len(), "exceptions")?;
    let typed = typed(unit, loaded, org, (people, rows.as_slice()), exceptions).await?;
    add_missing(unit, loaded, org, people, rows, &typed).await?;
    let ground = Ground::load(unit, loaded, org, exceptions, corrects).await?;
    let mut judged = Judged::default();
    for row in rows.iter_mut().filter(|row| row.organization_id == org) {
        let exception = typed.get(row.member_id.as_str()).copied();
        let status = people.iter().find(|person| person.member_id == row.member_id);
        let status = status.map_or(MemberStatus::Active, |person| person.status);
        judge_one(unit, loaded, (&ground, &mut judged), row, (status, exception))?;
    }
    for ((state, mode), ids) in judged.changes {
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
    moot(unit, loaded, &judged.moot).await?;
    enter_leaves(unit, loaded, judged.leaves).await
}

fn judge_one(
    unit: &Unit,
    loaded: &Loaded,
    (ground, judged): (&Ground, &mut Judged),
    row: &mut Attendance,
    (status, exception): (MemberStatus, Option<&Exception>),
) -> Outcome<()> {
    let before: AttendanceState = read(&row.state)?;
    let mut state = recorded(before, status, exception.map(|typed| typed.state), ground.timely);
    if let Some(typed) = exception.filter(|typed| typed.state == AttendanceException::OnLeave)
        && before != AttendanceState::OnLeave
    {
        let clerk = !can(&unit.actor, Action::DecideLeave, &ground.target(&row.member_id)).0;
        judged.leaves.push(leave(unit, loaded, row, typed.category, clerk));
        // A clerk records; what a clerk enters as excused waits for who decides leave.
        state = if clerk { AttendanceState::LeavePending } else { state };
    }
    if exception.is_some() {
        may_say(unit, ground, &row.member_id, (before, state))?;
    }
    if before == AttendanceState::LeavePending && state == AttendanceState::Present {
        judged.moot.push(row.id.clone());
    }
    let mode = mode_of(loaded, state, exception, row)?;
    if state != before || mode.map(AttendanceMode::as_str) != row.mode.as_deref() {
        row.state = state.to_string();
        row.mode = mode.map(|mode| mode.to_string());
        row.version += 1;
        judged.changes.entry((state, mode)).or_default().push(row.id.clone());
    }
    Ok(())
}

/// A clerk decides nothing, and nobody in their own matter: what settles an open absence is for who decides on attendance,
/// and one's own record is put right by somebody else.
fn may_say(
    unit: &Unit,
    ground: &Ground,
    member: &str,
    (before, after): (AttendanceState, AttendanceState),
) -> Outcome<()> {
    let own = unit.actor.member_id() == Some(member);
    let rights_own = ground.corrects && own && before != after;
    if !settles(before, after, ground.timely) && !rights_own {
        return Ok(());
    }
    match unit.require(Action::SettleAttendance, &ground.target(member), "exceptions") {
        Ok(_) => Ok(()),
        Err(Failure::Problems(problems)) => {
            let named = problems.into_iter().map(|problem| problem.with("memberId", member));
            Err(Failure::Problems(named.collect()))
        }
        Err(other) => Err(other),
    }
}

/// G2.2a: a leader asks the branch for leave in person; nobody else enters it.
pub(super) fn leaders_ask_in_person(field: &str, member: &str) -> Problem {
    Problem::at(ProblemCode::Forbidden, field)
        .with("right", "ATTENDANCE:ASK")
        .with("reason", "IN_PERSON")
        .with("memberId", member)
        .on("leaders-leave-in-person")
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
    for (number, exception) in exceptions.iter().enumerate() {
        let id = exception.member_id.as_str();
        let field = |name: &str| format!("exceptions.{number}.{name}");
        let person = people
            .iter()
            .find(|person| person.member_id == id && person.organization_id == org);
        let seated = rows.iter().any(|row| row.member_id == id && row.organization_id == org);
        // Who was not expected may have come; they cannot have been absent.
        let known = seated || (person.is_some() && exception.state == AttendanceException::Present);
        if !known {
            return Err(Problem::at(ProblemCode::NotExpected, &field("memberId"))
                .with("memberId", id)
                .into());
        }
        if typed.insert(id, exception).is_some() {
            return Err(Problem::invalid(&field("memberId"), Flaw::Duplicate)
                .with("memberId", id)
                .into());
        }
        check_part(exception, &field("mode"))?;
        if exception.state == AttendanceException::OnLeave {
            let leave = leaves.iter().find(|leave| leave.member_id == id);
            check_leave(unit, exception, person, leave, &field("state"))?;
        }
    }
    Ok(typed)
}

/// A person takes part on site or online; a make-up study is accepted afterwards.
fn check_part(exception: &Exception, field: &str) -> Outcome<()> {
    use AttendanceMode as M;
    match exception.mode {
        Some(M::Hybrid | M::MakeUpStudy) => Err(Problem::not_offered(field, [M::OnSite, M::Online])
            .with("memberId", &exception.member_id)
            .into()),
        Some(M::OnSite | M::Online) | None => Ok(()),
    }
}

/// Leave that was refused is not typed all the same; and a leader asks the branch in person, nobody else enters a leader's
/// leave (G2.2a).
fn check_leave(
    unit: &Unit,
    exception: &Exception,
    person: Option<&Person>,
    leave: Option<&Leave>,
    field: &str,
) -> Outcome<()> {
    let id = exception.member_id.as_str();
    if let Some(refused) = leave.filter(|leave| leave.state == DecisionState::Rejected.as_str()) {
        return Err(Problem::decided(field, &refused.state)
            .with("memberId", id)
            .on("absence-ladder")
            .into());
    }
    let own = unit.actor.member_id() == Some(id);
    if person.is_some_and(|person| person.leads) && !own && !leave.is_some_and(stands) {
        return Err(leaders_ask_in_person(field, id).into());
    }
    Ok(())
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
        reason_sealed: None,
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
