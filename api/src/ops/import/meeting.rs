//! What a row says of a meeting's agenda 议程 and resolutions 决议: by the rules that people have, a vote counted as theirs are.

use domain::intake::By;
use domain::intake::rows::activity::ActivityRow;
use domain::obligation::roll::Exclusion;
use domain::problem::{Problem, ProblemCode};

use super::FieldChange;
use super::names::Names;
use crate::ops::activity::{AgendaItem, AgendaLine, FollowUp, Resolution, ResolutionLine, excluded};
use crate::ops::outcome::Outcome;
use crate::ops::writing::Unit;
use crate::store::external_id::Identified;

/// Whom the resolutions of a row name.
pub(super) fn people(row: &ActivityRow) -> impl Iterator<Item = &By> {
    row.resolutions.iter().flat_map(|line| {
        let owner = line.follow_up.iter().map(|(owner, _)| owner);
        owner.chain(line.excluded.iter().map(|(member, _)| member))
    })
}

pub(super) fn agenda(row: &ActivityRow) -> Vec<AgendaLine> {
    let line = |line: &domain::intake::rows::meeting::AgendaLine| AgendaLine {
        kind: line.kind,
        title: line.title.clone(),
    };
    row.agenda.iter().map(line).collect()
}

/// The resolutions of a row, with people by ids of ours.
pub(super) fn resolutions(names: &Names, row: &ActivityRow) -> Outcome<Vec<ResolutionLine>> {
    let mut lines = Vec::with_capacity(row.resolutions.len());
    for (number, line) in row.resolutions.iter().enumerate() {
        let member = |by: &By, part: &str| {
            let missing = || Problem::at(ProblemCode::NotFound, &format!("resolutions.{number}.{part}"));
            names.id(Identified::Member, by).ok_or_else(missing)
        };
        let follow_up = match &line.follow_up {
            Some((owner, on)) => Some(FollowUp {
                owner_id: member(owner, "followUp.ownerId")?,
                on: *on,
            }),
            None => None,
        };
        let excluded = line.excluded.iter().map(|(by, ground)| {
            Ok(Exclusion {
                member_id: member(by, "excluded")?,
                ground: *ground,
            })
        });
        lines.push(ResolutionLine {
            title: line.title.clone(),
            kind: line.kind,
            excluded: excluded.collect::<Result<_, Problem>>()?,
            ayes: line.ayes,
            noes: line.noes,
            abstentions: line.abstentions,
            follow_up,
        });
    }
    Ok(lines)
}

/// Whether an agenda stands as the row has it.
pub(super) fn is_agenda(row: &ActivityRow, stands: &[AgendaItem]) -> bool {
    let same = |(line, item): (&domain::intake::rows::meeting::AgendaLine, &AgendaItem)| {
        line.kind.as_str() == item.kind && line.title == item.title
    };
    row.agenda.len() == stands.len() && row.agenda.iter().zip(stands).all(same)
}

/// Those of a row's resolutions that were forgotten. What was voted does not change by a list.
pub(super) fn forgotten(lines: Vec<ResolutionLine>, stand: &[Resolution]) -> Outcome<Vec<ResolutionLine>> {
    let mut new = Vec::new();
    for line in lines {
        let known = |row: &&Resolution| row.title == line.title && row.kind == line.kind.as_str();
        match stand.iter().find(known) {
            Some(row) if is_so(row, &line) => {}
            Some(_) => return Err(Problem::own_act("resolutions", None).into()),
            None => new.push(line),
        }
    }
    Ok(new)
}

fn is_so(row: &Resolution, line: &ResolutionLine) -> bool {
    let votes = [line.ayes, line.noes, line.abstentions].map(i64::from);
    let follow_up = line.follow_up.as_ref().is_none_or(|follow| {
        row.follow_up_owner_id.as_ref() == Some(&follow.owner_id) && row.follow_up_on == Some(follow.on)
    });
    let left_out = excluded(&row.excluded);
    votes == [row.ayes, row.noes, row.abstentions]
        && follow_up
        && line.excluded.iter().all(|one| left_out.contains(one))
}

/// How the votes went that were not there before, as the report tells it.
pub(super) async fn told(unit: &Unit, activity: &str, before: usize) -> Outcome<Vec<FieldChange>> {
    let rows = unit.write.resolutions_of(activity).await?;
    let told = rows.iter().skip(before).map(|row| {
        let outcome = if row.passed { "PASSED" } else { "NOT_PASSED" };
        let votes = format!("{}:{}:{}", row.ayes, row.noes, row.abstentions);
        FieldChange::to(
            &format!("resolutions.{}", row.position - 1),
            format_args!("{} {outcome} {votes}", row.title),
        )
    });
    Ok(told.collect())
}
