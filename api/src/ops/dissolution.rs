//! Dissolving an org 撤销: it must be empty, its posts end with it, and nothing waits for it any more.

use domain::audience::Audience;
use domain::lifecycle::measure::{self as life, DeciderPost};
use domain::policy::{Action, Permit};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{EntityKind, InboxKind};

use super::activity::call_off;
use super::inbox::standing;
use super::organization::{Organization, place_of};
use super::outcome::Outcome;
use super::structure::{Change, expect, org, store};
use super::writing::{Unit, upsert};
use crate::ops::activity::read;
use crate::store::inbox::{InboxChange, audience_of};
use crate::store::structure::Contents;

/// Dissolves an org that is empty: no orgs below it, no members and applicants in it, nobody on the way to it. Its posts end
/// today; what it had scheduled is cancelled with the decision as the reason, at what others hold it takes part no longer.
///
/// # Errors
/// User errors; the database is away.
#[tracing::instrument(name = "ops.dissolution.dissolve", skip_all)]
pub async fn dissolve(unit: &mut Unit, id: &str, version: i64, change: Change) -> Outcome<Vec<String>> {
    let mut row = org(unit, id, "id").await?;
    let permit = unit.require(Action::DissolveOrganization, &change.target(place_of(&row)?), "id")?;
    expect(&row, version)?;
    empty(&unit.write.contents(id).await?)?;
    call_off(unit, &permit, &row, &change).await?;
    row.dissolved_on = Some(unit.today);
    let ids = store(unit, &permit, row.clone(), &change, &["dissolvedOn"]).await?;
    end_posts(unit, &permit, &row).await?;
    hand_up_measures(unit, &permit, &row).await?;
    leave_inbox(unit, id).await?;
    let today = unit.today;
    super::obligation::rejudge::rejudge(unit, &ids, today).await?;
    Ok(ids)
}

fn empty(contents: &Contents) -> Outcome<()> {
    let reasons = [
        (ProblemCode::HasChildren, "count", contents.children),
        (ProblemCode::HasChildren, "guided", contents.guided),
        (ProblemCode::HasMembers, "count", contents.members),
        (ProblemCode::HasMembers, "applicants", contents.applicants),
        (ProblemCode::TransferPending, "count", contents.transfers),
    ];
    match reasons.into_iter().find(|(_, _, count)| *count > 0) {
        Some((code, name, count)) => Err(Problem::at(code, "id").with(name, count).into()),
        None => Ok(()),
    }
}

async fn end_posts(unit: &mut Unit, permit: &Permit, org: &Organization) -> Outcome<()> {
    let held = unit.write.holders(&org.id, unit.today).await?;
    for post in &held {
        let at = (org.id.as_str(), org.path.as_str());
        let mut event = upsert(EntityKind::Appointment, &post.id, post.version + 1, at, &["until"]);
        event.member_id = Some(post.member_id.clone());
        unit.note(permit, event);
    }
    let ids: Vec<String> = held.into_iter().map(|post| post.id).collect();
    Ok(unit.write.end_appointments(permit, &ids, unit.today).await?)
}

/// What the leader of a dissolved group would have decided waits for the branch's secretary.
async fn hand_up_measures(unit: &mut Unit, permit: &Permit, org: &Organization) -> Outcome<()> {
    let Some(above) = org.parent_id.clone() else {
        return Ok(());
    };
    let mut rows = unit.write.measures_waiting_for(&org.id).await?;
    for row in &mut rows {
        let taken = life::step(Some(read(&row.state)?), life::Command::HandOver);
        let step = unit.step("id", taken)?;
        row.decider_id.clone_from(&above);
        row.decider_post = DeciderPost::Secretary.to_string();
        row.version += 1;
        let at = (org.id.as_str(), org.path.as_str());
        let mut event = upsert(EntityKind::Measure, &row.id, row.version, at, step.fields);
        event.organization_id = Some(row.branch_id.clone());
        event.path = org.path.strip_suffix(&format!("{}/", org.id)).map(ToOwned::to_owned);
        event.member_id = Some(row.member_id.clone());
        unit.note(permit, event);
    }
    unit.write.put_measures(&rows).await?;
    for row in &rows {
        let line = super::measure::to_decide(row, None, &unit.app)?;
        unit.ledger.inbox.push(InboxChange::Stand {
            subject_id: row.id.clone(),
            kind: InboxKind::MeasureToDecide,
            lines: line.into_iter().collect(),
        });
    }
    Ok(())
}

/// What waited for the org's people goes; leave and disputes of its activities wait for the org above.
async fn leave_inbox(unit: &mut Unit, id: &str) -> Outcome<()> {
    let mut asked = Vec::new();
    for line in unit.write.lines_addressed_to(id).await? {
        let kind: InboxKind = read(&line.kind)?;
        match kind {
            InboxKind::LeaveToDecide | InboxKind::DisputeToDecide => asked.push(line.subject_id),
            // Handed up above.
            InboxKind::MeasureToDecide => {}
            _ => unit.ledger.inbox.push(InboxChange::Close {
                subject_id: line.subject_id.clone(),
                kinds: vec![kind],
                audience: audience_of(&line).or_else(|| Some(Audience::Head(id.to_owned()))),
            }),
        }
    }
    standing::asked_again(unit, &asked).await
}
