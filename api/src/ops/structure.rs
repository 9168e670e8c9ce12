//! The hierarchy changes: found, rename, move, dissolve; each with reason, decision and document number.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::organization_facts::{may_approve, organ_name, owes_democratic_life_meeting};
use domain::place;
use domain::policy::{Action, Ancestor, Grant, Permit, Place, Subject, Target, scope};
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::vocabulary::{ChangeExtent, EntityKind, OrganKind, OrganizationKind, Sector};

use super::decision::CollectiveDecision;
use super::organization::{Organization, place_of};
use super::organization_facts::check;
use super::outcome::Outcome;
use super::writing::{Unit, upsert};
use crate::store::name_key::name_key;
use crate::store::organ::Organ;
use crate::store::structure::Grounds;

/// The first Party organizations were founded in 1921.
const FIRST_YEAR: i32 = 1921;
const NAME_LENGTH: usize = 100;
/// State of an org that is no more, as a refusal tells it.
pub(in crate::ops) const DISSOLVED: &str = "DISSOLVED";

/// Facts of an org to be founded.
#[derive(Debug, Clone)]
pub struct Founding {
    pub parent_id: String,
    pub name: String,
    pub kind: OrganizationKind,
    pub sector: Sector,
    pub founded_on: NaiveDate,
    pub has_committee: bool,
    pub approves: bool,
    pub joint: bool,
    pub temporary: bool,
}

/// Why the structure changes.
#[derive(Debug, Clone)]
pub struct Change {
    pub reason: String,
    pub decision: Option<CollectiveDecision>,
}

impl Change {
    async fn grounds(&self, unit: &mut Unit, permit: &Permit) -> Outcome<Grounds> {
        checked_text(&self.reason, "reason", 500)?;
        unit.rest_on(permit, self.decision.as_ref()).await?;
        Ok(Grounds {
            reason: self.reason.clone(),
            decided_on: self.decision.as_ref().map(|decision| decision.decided_on),
            document_number: self.decision.as_ref().map(|decision| decision.document_number.clone()),
            meeting_id: self.decision.as_ref().and_then(|decision| decision.meeting_id.clone()),
        })
    }

    pub(super) fn target(&self, place: Place) -> Target {
        let target = Target::at(place);
        if self.decision.is_some() {
            target.decided_collectively()
        } else {
            target
        }
    }
}

/// Refuses a list that names something twice.
///
/// # Errors
/// `INVALID`, at the second place.
pub fn each_once<T: Ord>(list: &[T], field: &str) -> Outcome<()> {
    let mut seen = BTreeSet::new();
    match list.iter().position(|one| !seen.insert(one)) {
        Some(at) => Err(Problem::invalid(&format!("{field}.{at}"), Flaw::Duplicate).into()),
        None => Ok(()),
    }
}

/// Refuses an empty or overlong text.
pub fn checked_text(text: &str, field: &str, most: usize) -> Outcome<()> {
    if text.trim().is_empty() {
        return Err(Problem::at(ProblemCode::Required, field).into());
    }
    if text.chars().count() > most {
        return Err(Problem::at(ProblemCode::TooLong, field).with("max", most).into());
    }
    Ok(())
}

/// Refuses days in the future and before 1921.
pub fn checked_date(date: NaiveDate, today: NaiveDate, field: &str) -> Outcome<()> {
    if date > today {
        return Err(Problem::too_late(field, today).into());
    }
    if chrono::Datelike::year(&date) < FIRST_YEAR {
        return Err(Problem::too_early(field, format_args!("{FIRST_YEAR}-01-01")).into());
    }
    Ok(())
}

/// An org that the writer's directory shows, or `NOT_FOUND` at the field.
pub(crate) async fn org(unit: &Unit, id: &str, field: &str) -> Outcome<Organization> {
    let rows = unit
        .write
        .organizations(&scope(&unit.actor, Subject::Directory, Grant::Rows), &[id.to_owned()])
        .await?;
    rows.into_iter()
        .next()
        .ok_or_else(|| Problem::at(ProblemCode::NotFound, field).into())
}

pub(super) fn expect(row: &Organization, version: i64) -> Outcome<()> {
    if row.dissolved_on.is_some() {
        return Err(Problem::wrong_state("id", DISSOLVED).into());
    }
    if row.version == version {
        return Ok(());
    }
    Err(Problem::conflict(row.version).into())
}

pub(super) fn kind_of(row: &Organization) -> Outcome<OrganizationKind> {
    row.kind
        .parse()
        .map_err(|_| anyhow::anyhow!("unknown kind of org").into())
}

fn allowed_below(parent: &Organization, kind: OrganizationKind, field: &str, action: Action) -> Outcome<()> {
    if parent.dissolved_on.is_none() && place::allowed_children(kind_of(parent)?).contains(&kind) {
        return Ok(());
    }
    let allowed: Vec<&str> = match parent.dissolved_on {
        Some(_) => Vec::new(),
        None => place::allowed_children(kind_of(parent)?)
            .iter()
            .map(|kind| kind.as_str())
            .collect(),
    };
    Err(Problem::at(ProblemCode::KindNotAllowedHere, field)
        .with("kind", kind)
        .with("parentKind", &parent.kind)
        .with("allowed", allowed.join(","))
        .or_about(action)
        .into())
}

/// Facts that founding may set.
const FOUNDING: &[&str] = &["hasCommittee", "joint", "temporary"];

/// Whether committees of this kind have organs.
fn works_through_organs(kind: OrganizationKind) -> bool {
    matches!(
        kind,
        OrganizationKind::CityCommittee | OrganizationKind::CountyCommittee
    )
}

/// The organs that a city or county committee works through.
fn organs_of(unit: &Unit, row: &Organization, kind: OrganizationKind) -> Vec<Organ> {
    if !works_through_organs(kind) {
        return Vec::new();
    }
    let organ = |kind: &OrganKind| Organ {
        id: unit.app.ids.plain(),
        organization_id: row.id.clone(),
        kind: kind.to_string(),
        name: organ_name(&row.name, *kind),
    };
    OrganKind::ALL.iter().map(organ).collect()
}

/// The day lies within the life of the parent, and in no period that is closed beside it: what closed keeps its place in the
/// tree (spec 2, ADR 0058).
async fn checked_founding(unit: &Unit, parent: &Organization, day: NaiveDate) -> Outcome<()> {
    checked_date(day, unit.today, "foundedOn")?;
    if day < parent.founded_on {
        return Err(Problem::at(ProblemCode::DateTooEarly, "foundedOn")
            .with("min", parent.founded_on)
            .into());
    }
    let closed = unit.write.last_closed_beside(&parent.id).await?;
    let Some(row) = closed.filter(|row| day < row.period_end) else {
        return Ok(());
    };
    let book = row
        .rulebook_id
        .split_once('@')
        .map_or(row.rulebook_id.as_str(), |(key, _)| key);
    Err(Problem::at(ProblemCode::PeriodClosed, "foundedOn")
        .with("min", row.period_end)
        .with("period", &row.period)
        .by(book, &row.rule_key)
        .into())
}

/// Founds an org below another.
///
/// # Errors
/// User errors; the database is away.
#[tracing::instrument(name = "ops.structure.found", skip_all)]
pub async fn found(unit: &mut Unit, input: Founding, change: Change) -> Outcome<Vec<String>> {
    let parent = org(unit, &input.parent_id, "parentId").await?;
    if parent.dissolved_on.is_none() {
        // What never stands below such an org is nobody's right: whoever sees the parent is told that, not of a missing one.
        allowed_below(&parent, input.kind, "kind", Action::CreateOrganization)?;
    }
    let id = unit.app.ids.next(EntityKind::Organization);
    let ancestors = unit.write.ancestors(&parent.path).await?;
    let place = Place::below(&ancestors, &id, input.kind, None);
    // Whoever sees the parent is told what they lack, though they would not see what is founded below it.
    let target = change.target(place.clone()).shown_by(&unit.rows_of(Subject::Directory));
    let permit = unit.require(Action::CreateOrganization, &target, "parentId")?;
    checked_text(&input.name, "name", NAME_LENGTH)?;
    // Below one that is no more stands nothing.
    allowed_below(&parent, input.kind, "kind", Action::CreateOrganization)?;
    checked_founding(unit, &parent, input.founded_on).await?;
    let grounds = change.grounds(unit, &permit).await?;
    let row = Organization {
        id: id.clone(),
        name_key: name_key(&input.name),
        name: input.name,
        kind: input.kind.to_string(),
        sector: input.sector.to_string(),
        parent_id: Some(parent.id.clone()),
        depth: i64::try_from(place.depth()).unwrap_or_default(),
        next_from_depth: i64::try_from(place.next_from_depth).unwrap_or_default(),
        approver_id: place.approver_id.clone(),
        path: place.path.clone(),
        // A Party group goes with its branch.
        guided_by: parent
            .guided_by
            .clone()
            .filter(|_| input.kind == OrganizationKind::PartyGroup),
        approves: input.approves && may_approve(input.kind, input.sector, input.temporary),
        has_committee: input.has_committee,
        holds_democratic_life_meeting: owes_democratic_life_meeting(input.kind),
        joint: input.joint,
        temporary: input.temporary,
        law_enforcement: false,
        service_window: false,
        service_trade: false,
        founded_on: input.founded_on,
        dissolved_on: None,
        version: 1,
    };
    check(unit, &row, FOUNDING).await?;
    let organs = organs_of(unit, &row, input.kind);
    unit.write
        .found(&permit, row, &grounds, (unit.now, unit.app.ids.plain()))
        .await?;
    unit.write.put_organs(&permit, organs).await?;
    unit.note(
        &permit,
        upsert(
            EntityKind::Organization,
            &id,
            1,
            (&id, &place.path),
            &["name", "kind", "parent"],
        ),
    );
    // Those above may owe something for it from its first day on.
    let today = unit.today;
    super::obligation::rejudge::rejudge(unit, std::slice::from_ref(&id), today).await?;
    Ok(vec![id])
}

/// Renames an org from today on.
///
/// # Errors
/// User errors; the database is away.
#[tracing::instrument(name = "ops.structure.rename", skip_all)]
pub async fn rename(unit: &mut Unit, id: &str, version: i64, name: String, change: Change) -> Outcome<Vec<String>> {
    let mut row = org(unit, id, "id").await?;
    let permit = unit.require(Action::RenameOrganization, &change.target(place_of(&row)?), "id")?;
    expect(&row, version)?;
    checked_text(&name, "name", NAME_LENGTH)?;
    if works_through_organs(kind_of(&row)?) {
        for kind in OrganKind::ALL {
            let (before, after) = (organ_name(&row.name, *kind), organ_name(&name, *kind));
            unit.write.rename_organ(&permit, id, (&before, &after)).await?;
        }
    }
    row.name_key = name_key(&name);
    row.name = name;
    store(unit, &permit, row, &change, &["name"]).await
}

pub(super) async fn store(
    unit: &mut Unit,
    permit: &Permit,
    mut row: Organization,
    change: &Change,
    fields: &[&'static str],
) -> Outcome<Vec<String>> {
    let grounds = change.grounds(unit, permit).await?;
    row.version += 1;
    let (id, path, version) = (row.id.clone(), row.path.clone(), row.version);
    let fact = (unit.now, unit.app.ids.plain());
    unit.write
        .change_organization(permit, row, unit.today, &grounds, fact)
        .await?;
    unit.note(
        permit,
        upsert(EntityKind::Organization, &id, version, (&id, &path), fields),
    );
    Ok(vec![id])
}

/// Moves an org with everything below it to another parent: paths, oversight and open figures in one transaction. Closed
/// periods keep their place in the tree.
///
/// # Errors
/// User errors; the database is away.
#[tracing::instrument(name = "ops.structure.move", skip_all)]
pub async fn relocate(
    unit: &mut Unit,
    id: &str,
    version: i64,
    parent_id: &str,
    change: Change,
) -> Outcome<Vec<String>> {
    let mut row = org(unit, id, "id").await?;
    let parent = org(unit, parent_id, "parentId").await?;
    let target = change.target(place_of(&row)?).leading_to(place_of(&parent)?);
    let permit = unit.require(Action::MoveOrganization, &target, "id")?;
    expect(&row, version)?;
    if place::is_within(&parent.path, &row.path) {
        return Err(Problem::at(ProblemCode::ParentBelowChild, "parentId")
            .with("parent", &parent.name)
            .into());
    }
    allowed_below(&parent, kind_of(&row)?, "parentId", Action::MoveOrganization)?;
    let (old_path, old_parent) = (row.path.clone(), row.parent_id.clone());
    let new_path = place::child_path(Some(&parent.path), id);
    super::obligation::moving::carry(unit, id, &old_path, &new_path).await?;
    unit.write.rewrite_paths(&permit, &old_path, &new_path).await?;
    let root = rewrite_oversight(unit, &permit, &parent.path, &new_path).await?;
    super::admission::follow_approver(unit, &permit, &new_path).await?;
    row.parent_id = Some(parent.id);
    row.depth = i64::try_from(root.depth()).unwrap_or_default();
    row.next_from_depth = i64::try_from(root.next_from_depth).unwrap_or_default();
    row.approver_id = root.approver_id;
    row.path.clone_from(&new_path);
    let ids = store(unit, &permit, row, &change, &["parent", "path"]).await?;
    if let Some(event) = unit.ledger.events.last_mut() {
        event.extent = ChangeExtent::Subtree;
        event.old_path = Some(old_path);
        event.cause = "MOVE";
    }
    judge_moved(unit, &new_path, old_parent).await?;
    Ok(ids)
}

/// What is open below a new place is judged by the rulebook of that place at once, absences of today too; so is what those
/// above the old place owed for it.
async fn judge_moved(unit: &mut Unit, path: &str, old_parent: Option<String>) -> Outcome<()> {
    let below = unit.write.subtree(path).await?;
    let ids: Vec<String> = below.into_iter().map(|row| row.id).chain(old_parent).collect();
    let today = unit.today;
    super::rulebook::administer::judge_again(unit, &ids, today).await
}

/// Computes afresh who oversees and approves each org of a moved subtree; returns the place of its root.
pub(super) async fn rewrite_oversight(unit: &Unit, permit: &Permit, parent_path: &str, path: &str) -> Outcome<Place> {
    let mut ancestors = unit.write.ancestors(parent_path).await?;
    let base = ancestors.len();
    let mut groups: std::collections::BTreeMap<(usize, Option<String>), (Place, Vec<String>)> = Default::default();
    let mut root = None;
    for row in unit.write.subtree(path).await? {
        let kind = kind_of(&row)?;
        ancestors.truncate(base + place::depth(&row.path) - place::depth(path));
        let at = Place::below(&ancestors, &row.id, kind, row.guided_by.clone());
        ancestors.push(Ancestor {
            id: row.id.clone(),
            kind,
            approves: row.approves,
        });
        root.get_or_insert_with(|| at.clone());
        let key = (at.next_from_depth, at.approver_id.clone());
        groups.entry(key).or_insert_with(|| (at, Vec::new())).1.push(row.id);
    }
    for (at, ids) in groups.values() {
        unit.write.rewrite_oversight(permit, at, ids).await?;
    }
    root.ok_or_else(|| anyhow::anyhow!("a moved org lost its place").into())
}
