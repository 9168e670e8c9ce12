//! Rows of orgs 党组织: the whole file is one plan, made before anything is written; then each row is carried out by the use
//! cases of the hierarchy, parents first.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::intake::rows::organization::OrganizationRow;
use domain::intake::tree::{Node, Standing, Step, Wish, plan};
use domain::intake::{Asked, By, RowAct, RowOutcome, asked};
use domain::place;
use domain::policy::{Scope, Subject, SystemScope};
use domain::problem::{Problem, ProblemCode};
use futures_util::FutureExt as _;

use super::names::Names;
use super::{Done, FieldChange, How, Numbered, RowTold, decision};
use crate::ops::dissolution::dissolve;
use crate::ops::external_id::{self, Name};
use crate::ops::organization::Organization;
use crate::ops::organization_facts::{Facts, Recording, record};
use crate::ops::outcome::Outcome;
use crate::ops::structure::{Change, Founding, found, kind_of, org, relocate, rename};
use crate::ops::writing::Unit;
use crate::store::external_id::Identified;

/// Carries out rows of orgs. What each of them came to, in the order of the rows.
///
/// # Errors
/// The database is away; what a row is refused for stands with the row.
#[tracing::instrument(name = "ops.import.organization", skip_all, fields(rows = rows.len()))]
pub async fn apply(unit: &mut Unit, rows: &[Numbered<OrganizationRow>], how: &How) -> Outcome<Vec<RowTold>> {
    // Decisions that a body took elsewhere, and the file names, are entered with the scope for imports (ADR 0099).
    let own = unit.actor.clone();
    unit.actor = own.clone().importing();
    let told = all(unit, rows, how).await;
    unit.actor = own;
    told
}

async fn all(unit: &mut Unit, rows: &[Numbered<OrganizationRow>], how: &How) -> Outcome<Vec<RowTold>> {
    let named = named_by(rows);
    let names = Names::of(unit, &named).await?;
    let known = Known::of(unit, &names, &named).await?;
    let wishes: Vec<Wish> = rows.iter().map(|row| known.wish(&names, &row.value, how)).collect();
    let resolved = |by: &By| {
        names
            .id(Identified::Organization, by)
            .filter(|id| known.seen.contains_key(id))
    };
    let plan = plan(&known.standing, resolved, &wishes);
    let mut told: BTreeMap<usize, RowTold> = BTreeMap::new();
    for (number, problems) in plan.refused {
        if let Some(row) = rows.get(number) {
            told.insert(number, RowTold::refused(row.row, problems));
        }
    }
    let mut founded: HashMap<usize, String> = HashMap::new();
    for step in &plan.steps {
        let Some(row) = rows.get(step.wish) else { continue };
        let done = carry_out(unit, row, step, &founded).await?;
        if let (Node::New(number), Some(id)) = (&step.node, &done.entity_id) {
            founded.insert(*number, id.clone());
        }
        told.insert(step.wish, done);
    }
    Ok(told.into_values().collect())
}

fn named_by(rows: &[Numbered<OrganizationRow>]) -> Vec<By> {
    let named = rows.iter();
    let named = named.flat_map(|row| std::iter::once(&row.value.organization).chain(&row.value.parent));
    named.cloned().collect()
}

fn ids_of(names: &Names, named: &[By]) -> Vec<String> {
    let ids = named.iter().filter_map(|by| names.id(Identified::Organization, by));
    ids.collect::<BTreeSet<String>>().into_iter().collect()
}

/// Every org on the way to these, themselves too.
fn above(orgs: &[Organization]) -> Vec<String> {
    let ids = orgs
        .iter()
        .flat_map(|org| place::ids_on(&org.path))
        .map(ToOwned::to_owned);
    ids.collect::<BTreeSet<String>>().into_iter().collect()
}

/// The orgs that the rows name, as far as the writer sees them, and what stands above them.
struct Known {
    seen: HashMap<String, Organization>,
    standing: Vec<Standing>,
}

impl Known {
    async fn of(unit: &Unit, names: &Names, named: &[By]) -> Outcome<Self> {
        let ids = ids_of(names, named);
        let seen = unit
            .write
            .organizations(&unit.rows_of(Subject::Directory), &ids)
            .await?;
        let above = above(&seen);
        let all = unit
            .write
            .organizations(&Scope::system(SystemScope::Import), &above)
            .await?;
        let standing: Outcome<Vec<Standing>> = all
            .iter()
            .map(|org| {
                Ok(Standing {
                    id: org.id.clone(),
                    parent: org.parent_id.clone(),
                    kind: kind_of(org)?,
                    dissolved: org.dissolved_on.is_some(),
                })
            })
            .collect();
        Ok(Self {
            seen: seen.into_iter().map(|org| (org.id.clone(), org)).collect(),
            standing: standing?,
        })
    }

    fn wish(&self, names: &Names, row: &OrganizationRow, how: &How) -> Wish {
        let id = names.id(Identified::Organization, &row.organization);
        let there = id.as_ref().and_then(|id| self.seen.get(id));
        let problems = match (asked(how.mode, there.is_some()), there) {
            (Err(code), _) => vec![Problem::at(code, "externalId")],
            // Who is there already has all of it.
            (Ok(Asked::Change), Some(org)) => decided_elsewhere(row, org),
            (Ok(_), _) if row.act == RowAct::Upsert => missing(row),
            (Ok(_), _) => Vec::new(),
        };
        Wish {
            act: row.act,
            organization: row.organization.clone(),
            parent: row.parent.clone().filter(|_| row.act == RowAct::Upsert),
            kind: row.kind,
            problems,
        }
    }
}

/// What an org that is not there yet needs.
fn missing(row: &OrganizationRow) -> Vec<Problem> {
    if matches!(row.organization, By::Id(_)) {
        return vec![Problem::at(ProblemCode::NotFound, "id")];
    }
    let needed = [
        ("name", row.name.is_none()),
        ("kind", row.kind.is_none()),
        ("sector", row.sector.is_none()),
        ("foundedOn", row.founded_on.is_none()),
        ("parentExternalId", row.parent.is_none()),
    ];
    let missing = needed.into_iter().filter(|(_, missing)| *missing);
    missing
        .map(|(key, _)| Problem::at(ProblemCode::Required, key))
        .collect()
}

/// What an org is and since when it is there does not change.
fn decided_elsewhere(row: &OrganizationRow, org: &Organization) -> Vec<Problem> {
    let differs = [
        ("kind", row.kind.is_some_and(|kind| kind.as_str() != org.kind)),
        ("foundedOn", row.founded_on.is_some_and(|day| day != org.founded_on)),
    ];
    let differs = differs
        .into_iter()
        .filter(|(_, differs)| *differs && row.act == RowAct::Upsert);
    differs.map(|(key, _)| Problem::own_act(key, None)).collect()
}

async fn carry_out(
    unit: &mut Unit,
    row: &Numbered<OrganizationRow>,
    step: &Step,
    founded: &HashMap<usize, String>,
) -> Outcome<RowTold> {
    let parent = match &step.parent {
        Some(Node::Known(id)) => Some(id.clone()),
        // Its row was refused when it came to it.
        Some(Node::New(number)) => match founded.get(number) {
            Some(id) => Some(id.clone()),
            None => {
                let missing = Problem::at(ProblemCode::NotFound, "parentExternalId");
                return Ok(RowTold::refused(row.row, vec![missing]));
            }
        },
        None => None,
    };
    let (value, node) = (row.value.clone(), step.node.clone());
    let done = unit
        .attempt(move |unit| {
            async move {
                match (node, value.act) {
                    (Node::New(_), _) => create(unit, &value, parent).await,
                    (Node::Known(id), RowAct::Dissolve) => end(unit, &value, &id).await,
                    (Node::Known(id), _) => change(unit, &value, &id, parent).await,
                }
            }
            .boxed()
        })
        .await?;
    Ok(RowTold::of(row.row, done))
}

fn grounds(row: &OrganizationRow) -> Change {
    Change {
        reason: row.reason.clone().unwrap_or_default(),
        decision: row.decided.as_ref().map(decision),
    }
}

async fn named(unit: &mut Unit, id: &str, system: &str, value: &str) -> Outcome<()> {
    let name = Name {
        of: Identified::Organization,
        id: id.to_owned(),
        system: system.to_owned(),
        value: value.to_owned(),
    };
    external_id::assign(unit, &name).await?;
    Ok(())
}

async fn create(unit: &mut Unit, row: &OrganizationRow, parent: Option<String>) -> Outcome<Done> {
    let required = |key: &str| Problem::at(ProblemCode::Required, key);
    let founding = Founding {
        parent_id: parent.ok_or_else(|| required("parentExternalId"))?,
        name: row.name.clone().ok_or_else(|| required("name"))?,
        kind: row.kind.ok_or_else(|| required("kind"))?,
        sector: row.sector.ok_or_else(|| required("sector"))?,
        founded_on: row.founded_on.ok_or_else(|| required("foundedOn"))?,
        has_committee: row.has_committee.unwrap_or_default(),
        approves: row.approves.unwrap_or_default(),
        joint: row.joint.unwrap_or_default(),
        temporary: row.temporary.unwrap_or_default(),
    };
    let changes = vec![
        FieldChange::to("name", &founding.name),
        FieldChange::to("kind", founding.kind),
        FieldChange::to("sector", founding.sector),
        FieldChange::to("parent", &founding.parent_id),
        FieldChange::to("foundedOn", founding.founded_on),
    ];
    let ids = found(unit, founding, grounds(row)).await?;
    let id = ids.into_iter().next().unwrap_or_default();
    if let By::External { system, value } = &row.organization {
        named(unit, &id, system, value).await?;
    }
    Ok((RowOutcome::Created, id, changes))
}

async fn end(unit: &mut Unit, row: &OrganizationRow, id: &str) -> Outcome<Done> {
    let before = org(unit, id, "id").await?;
    if before.dissolved_on.is_some() {
        return Ok((RowOutcome::Unchanged, before.id, Vec::new()));
    }
    dissolve(unit, id, before.version, grounds(row)).await?;
    let changes = vec![FieldChange::to("dissolvedOn", unit.today)];
    Ok((RowOutcome::Changed, before.id, changes))
}

async fn change(unit: &mut Unit, row: &OrganizationRow, id: &str, parent: Option<String>) -> Outcome<Done> {
    let before = org(unit, id, "id").await?;
    let mut changes = Vec::new();
    if let Some(name) = row.name.as_ref().filter(|name| **name != before.name) {
        rename(unit, id, before.version, name.clone(), grounds(row)).await?;
        changes.push(FieldChange::between("name", &before.name, name));
    }
    if let Some(parent) = parent.filter(|parent| Some(parent) != before.parent_id.as_ref()) {
        let version = org(unit, id, "id").await?.version;
        relocate(unit, id, version, &parent, grounds(row)).await?;
        changes.push(FieldChange {
            field: "parent".to_owned(),
            before: before.parent_id.clone(),
            after: Some(parent),
        });
    }
    let facts = facts(row, &before, &mut changes);
    if let Some(facts) = facts {
        let expected_version = org(unit, id, "id").await?.version;
        let recording = Recording {
            id: id.to_owned(),
            expected_version,
            facts,
            change: grounds(row),
        };
        record(unit, &recording).await?;
    }
    if let Some((system, value)) = &row.named {
        let known = unit.write.external_id(system, value, Identified::Organization).await?;
        if known.is_none_or(|known| known.entity_id != id) {
            named(unit, id, system, value).await?;
            changes.push(FieldChange::to("externalIds", format_args!("{system}: {value}")));
        }
    }
    let outcome = if changes.is_empty() {
        RowOutcome::Unchanged
    } else {
        RowOutcome::Changed
    };
    Ok((outcome, before.id, changes))
}

/// The facts that are otherwise than they stand.
fn facts(row: &OrganizationRow, before: &Organization, changes: &mut Vec<FieldChange>) -> Option<Facts> {
    let told = changes.len();
    let sector = row.sector.filter(|sector| sector.as_str() != before.sector);
    if let Some(sector) = sector {
        changes.push(FieldChange::between("sector", &before.sector, sector));
    }
    let mut flag = |field, stands: bool, wanted: Option<bool>| {
        let wanted = wanted.filter(|wanted| *wanted != stands)?;
        changes.push(FieldChange::between(field, stands, wanted));
        Some(wanted)
    };
    let facts = Facts {
        sector,
        has_committee: flag("hasCommittee", before.has_committee, row.has_committee),
        approves: flag("approves", before.approves, row.approves),
        joint: flag("joint", before.joint, row.joint),
        temporary: flag("temporary", before.temporary, row.temporary),
        ..Facts::default()
    };
    (changes.len() > told).then_some(facts)
}
