//! Facts of an org (spec 2): right of approval, committee, democratic life meeting, guidance, flags, sector; recorded by
//! decision, from today on. What they change of oversight and of what is owed follows in the same transaction.

use domain::organization_facts::{ImpossibleFact, OrganizationFactSet, may_be_guided};
use domain::place;
use domain::policy::Action;
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{ChangeExtent, ChangeOp, EntityKind, OrganizationFlag, OrganizationKind, Sector};

use super::admission::follow_approver;
use super::obligation::rejudge::rejudge;
use super::organization::{Organization, place_of};
use super::outcome::Outcome;
use super::rulebook::Library;
use super::structure::{Change, expect, kind_of, org, rewrite_oversight, store};
use super::writing::{Unit, upsert};

/// Facts to be recorded; `None` leaves a fact as it is.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub sector: Option<Sector>,
    pub has_committee: Option<bool>,
    pub approves: Option<bool>,
    pub holds_democratic_life_meeting: Option<bool>,
    /// The leading group that guides it; `Some(None)` ends the guidance.
    pub guided_by: Option<Option<String>>,
    pub joint: Option<bool>,
    pub temporary: Option<bool>,
    /// All flags that it has from now on.
    pub flags: Option<Vec<OrganizationFlag>>,
}

/// What is recorded of which org.
#[derive(Debug, Clone)]
pub struct Recording {
    pub id: String,
    pub expected_version: i64,
    pub facts: Facts,
    pub change: Change,
}

/// Records facts of an org from today on. The id of the org and those of the obligations that changed with them.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `COLLECTIVE_DECISION_REQUIRED`, `WRONG_STATE`, `CONFLICT`, `REQUIRED`,
/// `KIND_NOT_ALLOWED_HERE` at the fact, bad grounds, or the database is away.
#[tracing::instrument(name = "ops.organization_facts.record", skip_all)]
pub async fn record(unit: &mut Unit, input: &Recording) -> Outcome<Vec<String>> {
    let before = org(unit, &input.id, "id").await?;
    let target = input.change.target(place_of(&before)?);
    let permit = unit.require(Action::RecordOrganizationFacts, &target, "id")?;
    expect(&before, input.expected_version)?;
    let mut row = before.clone();
    let fields = apply(&mut row, &input.facts);
    if fields.is_empty() {
        return Err(Problem::at(ProblemCode::Required, "id")
            .with("reason", "NO_CHANGE")
            .into());
    }
    if let Some(guide) = &input.facts.guided_by {
        check_guide(unit, &row, guide.as_deref()).await?;
    }
    check(unit, &row, &fields).await?;
    let (approves, guided_by) = (row.approves, row.guided_by.clone());
    let mut ids = store(unit, &permit, row, &input.change, &fields).await?;
    let (approval, guidance) = (approves != before.approves, guided_by != before.guided_by);
    if approval {
        rewrite_oversight(unit, &permit, above(&before.path, &before.id), &before.path).await?;
        follow_approver(unit, &permit, &before.path).await?;
    }
    if guidance {
        unit.write.guide_groups(&permit, &before.id, guided_by).await?;
    }
    if approval || guidance {
        resync(unit, &before, &fields);
    }
    ids.extend(rejudge(unit, &ids.clone(), unit.today).await?);
    Ok(ids)
}

/// The path of the parent.
fn above<'a>(path: &'a str, id: &str) -> &'a str {
    path.strip_suffix(&format!("{id}/")).unwrap_or("/")
}

/// Puts the facts into the row; the names of those that were given.
fn apply(row: &mut Organization, facts: &Facts) -> Vec<&'static str> {
    let mut fields = Vec::new();
    if let Some(sector) = facts.sector {
        row.sector = sector.to_string();
        fields.push("sector");
    }
    for (given, fact, name) in [
        (facts.has_committee, &mut row.has_committee, "hasCommittee"),
        (facts.approves, &mut row.approves, "approves"),
        (
            facts.holds_democratic_life_meeting,
            &mut row.holds_democratic_life_meeting,
            "holdsDemocraticLifeMeeting",
        ),
        (facts.joint, &mut row.joint, "joint"),
        (facts.temporary, &mut row.temporary, "temporary"),
    ] {
        if let Some(value) = given {
            *fact = value;
            fields.push(name);
        }
    }
    if let Some(guide) = &facts.guided_by {
        row.guided_by.clone_from(guide);
        fields.push("guidedBy");
    }
    if let Some(flags) = &facts.flags {
        row.law_enforcement = flags.contains(&OrganizationFlag::LawEnforcement);
        row.service_window = flags.contains(&OrganizationFlag::ServiceWindow);
        row.service_trade = flags.contains(&OrganizationFlag::ServiceTrade);
        fields.push("flags");
    }
    fields
}

/// Refuses what an org like this cannot have, with the entry behind it. The field at fault is the fact itself, or the
/// one that was given and does not go with it.
pub(super) async fn check(unit: &Unit, row: &Organization, fields: &[&'static str]) -> Outcome<()> {
    let Err(ImpossibleFact { fact, entry }) = set_of(row)?.check() else {
        return Ok(());
    };
    let at = [fact, "sector", "temporary"]
        .into_iter()
        .find(|name| fields.contains(name));
    let refused = Problem::at(ProblemCode::KindNotAllowedHere, at.unwrap_or(fact))
        .with("kind", &row.kind)
        .with("fact", fact);
    Err(grounded(unit, row, refused, entry).await?.into())
}

/// The same problem with the entry that is in force for the org behind it.
async fn grounded(unit: &Unit, row: &Organization, refused: Problem, entry: Option<&'static str>) -> Outcome<Problem> {
    let Some(entry) = entry else { return Ok(refused) };
    let library = Library::load(&unit.write).await?;
    let books = library.books(row);
    Ok(match books {
        Some(books) => refused.by(&books.on(unit.today).key, entry),
        None => refused,
    })
}

/// The facts of a row that stand or fall with each other.
fn set_of(row: &Organization) -> Outcome<OrganizationFactSet> {
    Ok(OrganizationFactSet {
        kind: kind_of(row)?,
        sector: row.sector.parse().map_err(|_| anyhow::anyhow!("unknown sector"))?,
        has_committee: row.has_committee,
        approves: row.approves,
        holds_democratic_life_meeting: row.holds_democratic_life_meeting,
        joint: row.joint,
        temporary: row.temporary,
    })
}

/// Only a leading group guides, and not what stands above it.
async fn check_guide(unit: &Unit, row: &Organization, guide: Option<&str>) -> Outcome<()> {
    let Some(guide) = guide else { return Ok(()) };
    let guide = org(unit, guide, "guidedBy").await?;
    let leads = kind_of(&guide)? == OrganizationKind::LeadingPartyMembersGroup && guide.dissolved_on.is_none();
    if leads && may_be_guided(kind_of(row)?) && !place::is_within(&guide.path, &row.path) {
        return Ok(());
    }
    let refused = Problem::at(ProblemCode::KindNotAllowedHere, "guidedBy");
    Err(refused.with("kind", &guide.kind).into())
}

/// Who oversees the subtree has changed: readers take it anew as far as they see it.
fn resync(unit: &mut Unit, before: &Organization, fields: &[&'static str]) {
    let at = (before.id.as_str(), before.path.as_str());
    let mut event = upsert(EntityKind::Organization, &before.id, before.version + 1, at, fields);
    event.op = ChangeOp::Resync;
    event.extent = ChangeExtent::Subtree;
    event.old_path = Some(before.path.clone());
    event.cause = "OVERSIGHT";
    unit.ledger.events.push(event);
}
