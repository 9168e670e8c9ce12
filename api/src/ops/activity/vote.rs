//! Votes: who is due and present is computed, the rule comes from the rulebook.

use domain::lifecycle::activity::{NOTICE_HOURS, Person};
use domain::obligation::checks::vote::{Count, VoteInvalid, judge};
use domain::problem::{Problem, ProblemCode};
use domain::rulebook::form::Vote;
use domain::rulebook::words::Denominator;
use domain::rulebook::{Form, Rulebook, Share};
use domain::vocabulary::{AttendanceState, EntityKind, ResolutionKind, Standing};

use super::super::outcome::Outcome;
use super::super::structure::checked_text;
use super::super::writing::Unit;
use super::draft::check_people;
use super::{Attendance, Loaded, Resolution, ResolutionLine, TITLE};

/// Entry that a vote rests on where the rulebook names none for its kind.
const GENERAL: &str = "vote-general";

/// The vote rule for a kind of resolution, with the key of its entry.
pub(in crate::ops) fn rule(book: &Rulebook, kind: ResolutionKind, on: chrono::NaiveDate) -> (String, Vote) {
    let named = book.in_force(on).find_map(|entry| match &entry.form {
        Form::Vote(vote) if vote.resolutions.contains(&kind) => Some((entry.key.clone(), vote.clone())),
        _ => None,
    });
    named.unwrap_or_else(|| (GENERAL.to_owned(), general(kind)))
}

/// Half of those due must be present; more than half of those due must agree.
fn general(kind: ResolutionKind) -> Vote {
    let half = |strict| Share {
        numerator: 1,
        denominator: 2,
        strict,
        of: Denominator::Due,
    };
    Vote {
        resolutions: vec![kind],
        voters_standing: vec![Standing::Full],
        voters_status: Vec::new(),
        excludable: Vec::new(),
        quorum: half(false),
        majority: half(true),
        secret: false,
    }
}

/// Hours of notice that make an absence unexcused.
pub(super) fn notice_hours(book: &Rulebook, on: chrono::NaiveDate) -> i64 {
    book.number("notice-hours", "hours", on).map_or(NOTICE_HOURS, i64::from)
}

/// Who may vote at an activity and how many of them are present.
pub(super) struct Voters {
    due: u32,
    present: u32,
}

/// Counts those who may vote: full members of the host, exempt from attendance or not (two different facts).
pub(super) fn voters(loaded: &Loaded, people: &[Person], rows: &[Attendance]) -> Voters {
    let host = people
        .iter()
        .filter(|person| person.organization_id == loaded.host.id && person.votes());
    let due: Vec<&Person> = host.collect();
    let present = rows
        .iter()
        .filter(|row| row.state == AttendanceState::Present.as_str())
        .filter(|row| due.iter().any(|person| person.member_id == row.member_id));
    Voters {
        present: u32::try_from(present.count()).unwrap_or(u32::MAX),
        due: u32::try_from(due.len()).unwrap_or(u32::MAX),
    }
}

fn count(line: &ResolutionLine, voters: &Voters) -> Count {
    Count {
        due: voters.due,
        excluded: line.excluded,
        present: voters.present,
        committee: Some(voters.due),
        ayes: line.ayes,
        noes: line.noes,
        abstentions: line.abstentions,
    }
}

/// Follow-ups go to people whom the actor knows, by a day that is not before the meeting's.
pub(super) async fn check_owners(unit: &Unit, loaded: &Loaded, lines: &[ResolutionLine]) -> Outcome<()> {
    let fields: Vec<String> = (0..lines.len())
        .map(|number| format!("resolutions.{number}.followUp.ownerId"))
        .collect();
    let follow_ups = || lines.iter().map(|line| line.follow_up.as_ref());
    let owners: Vec<_> = follow_ups()
        .zip(&fields)
        .map(|(follow, field)| (follow.map(|follow| &follow.owner_id), field.as_str()))
        .collect();
    check_people(unit, &owners).await?;
    for (number, follow) in follow_ups().enumerate() {
        if follow.is_some_and(|follow| follow.on < loaded.row.local_date) {
            let field = format!("resolutions.{number}.followUp.on");
            return Err(Problem::too_early(&field, loaded.row.local_date).into());
        }
    }
    Ok(())
}

/// Rows of the resolutions that were typed.
pub(super) fn resolved(
    unit: &Unit,
    loaded: &Loaded,
    lines: &[ResolutionLine],
    voters: &Voters,
    from: i64,
) -> Outcome<Vec<Resolution>> {
    let mut rows = Vec::new();
    for (line, position) in lines.iter().zip(from..) {
        let at = format!("resolutions.{}", position - from);
        checked_text(&line.title, &format!("{at}.title"), TITLE)?;
        let (rule_key, vote) = rule(&loaded.book, line.kind, loaded.row.local_date);
        let outcome = judge(&vote, &count(line, voters)).map_err(|reason| {
            invalid(&format!("{at}.{}", amiss(reason)), reason, voters).by(&loaded.book.key, &rule_key)
        })?;
        rows.push(Resolution {
            id: unit.app.ids.next(EntityKind::Resolution),
            activity_id: loaded.row.id.clone(),
            position,
            title: line.title.trim().to_owned(),
            kind: line.kind.to_string(),
            due: i64::from(voters.due),
            excluded: i64::from(line.excluded),
            present: i64::from(voters.present),
            ayes: i64::from(line.ayes),
            noes: i64::from(line.noes),
            abstentions: i64::from(line.abstentions),
            passed: outcome.passed,
            rulebook_id: format!("{}@{}", loaded.book.key, loaded.book.version),
            rule_key,
            follow_up_owner_id: line.follow_up.as_ref().map(|follow| follow.owner_id.clone()),
            follow_up_on: line.follow_up.as_ref().map(|follow| follow.on),
            done_on: None,
            announced_at: None,
            version: 1,
        });
    }
    Ok(rows)
}

/// The number of a resolution that is too big.
fn amiss(reason: VoteInvalid) -> &'static str {
    match reason {
        VoteInvalid::ExclusionNotAllowed | VoteInvalid::MoreExcludedThanDue => "excluded",
        VoteInvalid::NobodyDue
        | VoteInvalid::MorePresentThanDue
        | VoteInvalid::MoreVotesThanPresent
        | VoteInvalid::CommitteeMissing => "ayes",
    }
}

/// What does not add up, with those who are due and present.
fn invalid(field: &str, reason: VoteInvalid, voters: &Voters) -> Problem {
    Problem::at(ProblemCode::VoteInvalid, field)
        .with("reason", reason.code())
        .with("due", voters.due)
        .with("present", voters.present)
}

/// Counts the resolutions of an activity afresh after a correction of attendance; how many there are.
pub(super) async fn recount(unit: &Unit, loaded: &Loaded, voters: &Voters) -> Outcome<i64> {
    let rows = unit.write.resolutions_of(&loaded.row.id).await?;
    let number = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    for mut row in rows {
        let unchanged = row.due == i64::from(voters.due) && row.present == i64::from(voters.present);
        if unchanged {
            continue;
        }
        let votes = |count: i64| u32::try_from(count).unwrap_or_default();
        let line = ResolutionLine {
            title: row.title.clone(),
            kind: super::read(&row.kind)?,
            excluded: votes(row.excluded),
            ayes: votes(row.ayes),
            noes: votes(row.noes),
            abstentions: votes(row.abstentions),
            follow_up: None,
        };
        let (rule_key, vote) = rule(&loaded.book, line.kind, loaded.row.local_date);
        let outcome = judge(&vote, &count(&line, voters)).map_err(|reason| {
            invalid("exceptions", reason, voters)
                .with("resolutionId", &row.id)
                .by(&loaded.book.key, &rule_key)
        })?;
        row.due = i64::from(voters.due);
        row.present = i64::from(voters.present);
        row.passed = outcome.passed;
        unit.write.recount_resolution(&row).await?;
    }
    Ok(number)
}
