//! Votes: who is due and present is computed, the rule comes from the rulebook.

use std::collections::HashSet;

use chrono::NaiveDate;
use domain::activity_kind::{Expected, capabilities};
use domain::lifecycle::activity::Person;
use domain::obligation::roll::{self, Elector, Exclusion, Roll};
use domain::obligation::vote::{Count, VoteInvalid, VoteOutcome, judge};
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::rulebook::form::Vote;
use domain::rulebook::words::Denominator;
use domain::rulebook::{Entry, Rulebook};
use domain::vocabulary::{ActivityKind, AttendanceState, EntityKind, ResolutionKind};

use super::super::outcome::Outcome;
use super::super::rulebook::shipped;
use super::super::structure::checked_text;
use super::super::writing::Unit;
use super::draft::check_people;
use super::{Attendance, Loaded, Resolution, ResolutionLine, TITLE};

/// By which rule of which book a resolution is voted.
#[derive(Clone, Copy)]
pub(in crate::ops) struct VoteRule<'a> {
    pub book: &'a Rulebook,
    pub entry: &'a Entry,
    pub vote: &'a Vote,
}

/// The vote that a kind of resolution needs at a meeting on a day; where the book in force says nothing of it, the
/// shipped one does.
pub(in crate::ops) fn rule(
    book: &Rulebook,
    meeting: ActivityKind,
    kind: ResolutionKind,
    on: NaiveDate,
) -> Outcome<VoteRule<'_>> {
    let found = rule_of(book, meeting, kind, on).or_else(|| rule_of(shipped()?, meeting, kind, on));
    found.ok_or_else(|| {
        Problem::at(ProblemCode::VoteInvalid, "resolutions")
            .with("reason", "NO_RULE")
            .into()
    })
}

fn rule_of(book: &Rulebook, meeting: ActivityKind, kind: ResolutionKind, on: NaiveDate) -> Option<VoteRule<'_>> {
    let (entry, vote) = book.vote_on(meeting, kind, on)?;
    Some(VoteRule { book, entry, vote })
}

/// The body that votes at an activity.
pub(super) struct Voters {
    electors: Vec<Elector>,
    /// 全体支委
    committee: u32,
}

/// The people of the host on the day, and who of them came.
pub(super) async fn voters(unit: &Unit, loaded: &Loaded, people: &[Person], rows: &[Attendance]) -> Outcome<Voters> {
    let own = |person: &&Person| person.organization_id == loaded.host.id && !person.guest;
    let came: HashSet<&str> = rows
        .iter()
        .filter(|row| row.state == AttendanceState::Present.as_str())
        .map(|row| row.member_id.as_str())
        .collect();
    let elector = |person: &Person| Elector {
        member_id: person.member_id.clone(),
        standing: person.standing,
        status: person.status,
        exempt: person.exempt,
        present: came.contains(person.member_id.as_str()),
    };
    let electors: Vec<Elector> = people.iter().filter(own).map(elector).collect();
    let committee = if capabilities(loaded.kind).expected == Expected::Committee {
        electors.len()
    } else if counts_committee(loaded) {
        let host = std::slice::from_ref(&loaded.host.id);
        let held = unit.write.people(host, Expected::Committee, loaded.row.local_date);
        held.await?.len()
    } else {
        0
    };
    Ok(Voters {
        electors,
        committee: u32::try_from(committee).unwrap_or(u32::MAX),
    })
}

/// Whether some vote at this meeting counts against the size of the committee.
fn counts_committee(loaded: &Loaded) -> bool {
    let votes = ResolutionKind::ALL
        .iter()
        .filter_map(|kind| rule(&loaded.book, loaded.kind, *kind, loaded.row.local_date).ok());
    votes
        .flat_map(|rule| [rule.vote.quorum.of, rule.vote.majority.of])
        .any(|of| of == Denominator::Committee)
}

/// What was voted on one resolution.
#[derive(Clone, Copy)]
struct Cast {
    ayes: u32,
    noes: u32,
    abstentions: u32,
}

/// How a vote went.
struct Judged {
    roll: Roll,
    outcome: VoteOutcome,
}

/// Judges a vote by its rule. `field` gives the place in the input that a refusal names, by the part that is amiss.
fn voted(
    rule: VoteRule<'_>,
    voters: &Voters,
    excluded: &[Exclusion],
    cast: Cast,
    field: &dyn Fn(&str) -> String,
) -> Outcome<Judged> {
    let refused = |reason: &str, field: &str| {
        Problem::at(ProblemCode::VoteInvalid, field)
            .with("reason", reason)
            .by(&rule.book.key, &rule.entry.key)
    };
    let roll = roll::roll(rule.vote, &voters.electors, excluded).map_err(|invalid| {
        let one = excluded.get(invalid.at());
        let allowed: Vec<_> = rule.vote.excludable.iter().map(|ground| ground.as_str()).collect();
        refused(invalid.code(), &field(&format!("excluded.{}", invalid.at())))
            .with("memberId", one.map_or("", |one| one.member_id.as_str()))
            .with("ground", one.map_or("", |one| one.ground.as_str()))
            .with("allowed", allowed.join(", "))
    })?;
    let count = Count {
        due: roll.due,
        excluded: roll.excluded,
        present: roll.present,
        committee: Some(voters.committee).filter(|committee| *committee > 0),
        ayes: cast.ayes,
        noes: cast.noes,
        abstentions: cast.abstentions,
    };
    let outcome = judge(rule.vote, &count).map_err(|invalid| {
        let problem = refused(invalid.code(), &field(amiss(invalid)));
        let numbers = count.named().into_iter();
        numbers.fold(problem, |problem, (name, number)| problem.with(name, number))
    })?;
    Ok(Judged { roll, outcome })
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
        let rule = rule(&loaded.book, loaded.kind, line.kind, loaded.row.local_date)?;
        let votes = |number: i32, part: &str| {
            let below = || {
                Problem::invalid(&format!("{at}.{part}"), Flaw::OutOfRange)
                    .with("min", 0)
                    .by(&rule.book.key, &rule.entry.key)
            };
            u32::try_from(number).map_err(|_| below())
        };
        let cast = Cast {
            ayes: votes(line.ayes, "ayes")?,
            noes: votes(line.noes, "noes")?,
            abstentions: votes(line.abstentions, "abstentions")?,
        };
        let judged = voted(rule, voters, &line.excluded, cast, &|part| format!("{at}.{part}"))?;
        rows.push(Resolution {
            id: unit.app.ids.next(EntityKind::Resolution),
            activity_id: loaded.row.id.clone(),
            position,
            title: line.title.trim().to_owned(),
            kind: line.kind.to_string(),
            due: i64::from(judged.roll.due),
            present: i64::from(judged.roll.present),
            ayes: i64::from(line.ayes),
            noes: i64::from(line.noes),
            abstentions: i64::from(line.abstentions),
            passed: judged.outcome.passed,
            excluded: kept(&line.excluded),
            quorum_needed: i64::from(judged.outcome.quorum_needed),
            ayes_needed: i64::from(judged.outcome.ayes_needed),
            rulebook_id: format!("{}@{}", rule.book.key, rule.book.version),
            rule_key: rule.entry.key.clone(),
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

/// Counts the resolutions of an activity afresh after a correction of attendance; how many there are.
pub(super) async fn recount(unit: &Unit, loaded: &Loaded, voters: &Voters) -> Outcome<i64> {
    let rows = unit.write.resolutions_of(&loaded.row.id).await?;
    let number = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    for mut row in rows {
        let rule = rule(
            &loaded.book,
            loaded.kind,
            super::read(&row.kind)?,
            loaded.row.local_date,
        )?;
        let votes = |count: i64| u32::try_from(count).unwrap_or_default();
        let cast = Cast {
            ayes: votes(row.ayes),
            noes: votes(row.noes),
            abstentions: votes(row.abstentions),
        };
        let judged = voted(rule, voters, &excluded(&row.excluded), cast, &|_| {
            "exceptions".to_owned()
        })?;
        let (due, present) = (i64::from(judged.roll.due), i64::from(judged.roll.present));
        if row.due == due && row.present == present {
            continue;
        }
        row.due = due;
        row.present = present;
        row.passed = judged.outcome.passed;
        row.quorum_needed = i64::from(judged.outcome.quorum_needed);
        row.ayes_needed = i64::from(judged.outcome.ayes_needed);
        unit.write.recount_resolution(&row).await?;
    }
    Ok(number)
}

/// Those left out, as a row keeps them.
fn kept(excluded: &[Exclusion]) -> serde_json::Value {
    let one = |one: &Exclusion| serde_json::json!({ "memberId": one.member_id, "ground": one.ground });
    excluded.iter().map(one).collect()
}

/// Those left out, read back from a row.
#[must_use]
pub fn excluded(kept: &serde_json::Value) -> Vec<Exclusion> {
    let one = |one: &serde_json::Value| {
        Some(Exclusion {
            member_id: one.get("memberId")?.as_str()?.to_owned(),
            ground: one.get("ground")?.as_str()?.parse().ok()?,
        })
    };
    kept.as_array().into_iter().flatten().filter_map(one).collect()
}
