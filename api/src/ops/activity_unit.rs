//! Units of an org 活动单位 (G3.2): sections, workshops, project sites, pioneer stations that host its activities.

use domain::policy::{Action, Permit, Subject, Target};
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::vocabulary::{ActivityUnitKind, EntityKind};

use super::organization::{Organization, Page, PageRequest, place_of};
use super::outcome::Outcome;
use super::people::expect;
use super::reading::Reading;
use super::structure::{DISSOLVED, checked_text, org};
use super::writing::{Unit, upsert};
pub use crate::store::activity_unit::ActivityUnit;
use crate::store::name_key::name_key;

/// Longest name.
const NAME: usize = 100;
/// Most open units of one org.
const MOST: u64 = 200;

/// A unit to be opened.
#[derive(Debug, Clone)]
pub struct Open {
    pub organization_id: String,
    pub kind: ActivityUnitKind,
    pub name: String,
}

/// A change of a unit that was read at a version.
#[derive(Debug, Clone)]
pub struct Touch {
    pub unit_id: String,
    pub expected_version: Option<i64>,
}

impl Reading {
    /// Units by id, whose org the directory shows.
    ///
    /// # Errors
    /// The database is away.
    pub async fn activity_units(&self, ids: &[String]) -> Outcome<Vec<ActivityUnit>> {
        Ok(self
            .snapshot
            .activity_units(&self.rows(Subject::Directory), ids)
            .await?)
    }

    /// A page of an org's units by name; closed ones where asked for.
    ///
    /// # Errors
    /// The database is away.
    pub async fn activity_units_of(&self, org: &str, closed: bool, page: &PageRequest) -> Outcome<Page<ActivityUnit>> {
        let scope = self.rows(Subject::Directory);
        Ok(self.snapshot.activity_units_of(&scope, (org, closed), page).await?)
    }
}

/// Opens a unit of an org. The id of the unit.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `WRONG_STATE` of a dissolved org, `NAME_TAKEN`, `TOO_MANY`, bad text, or the database is away.
#[tracing::instrument(name = "ops.activity_unit.open", skip_all)]
pub async fn open(unit: &mut Unit, input: &Open) -> Outcome<Vec<String>> {
    let host = org(unit, &input.organization_id, "organizationId").await?;
    let target = Target::at(place_of(&host)?);
    let permit = unit.require(Action::RecordActivityUnit, &target, "organizationId")?;
    if host.dissolved_on.is_some() {
        return Err(Problem::wrong_state("organizationId", DISSOLVED).into());
    }
    let name = checked_name(unit, &host.id, &input.name).await?;
    if unit.write.count_activity_units(&host.id, None).await? >= MOST {
        return Err(Problem::at(ProblemCode::TooMany, "organizationId")
            .with("max", MOST)
            .into());
    }
    let row = ActivityUnit {
        id: unit.app.ids.next(EntityKind::ActivityUnit),
        organization_id: host.id.clone(),
        kind: input.kind.to_string(),
        name_key: name_key(&name),
        name,
        opened_on: unit.today,
        closed_on: None,
        version: 1,
    };
    unit.write.insert_activity_unit(&permit, row.clone()).await?;
    tell(unit, &permit, &row, &host, &["name", "kind"]);
    Ok(vec![row.id])
}

/// Gives an open unit another name. The id of the unit.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `WRONG_STATE`, `CONFLICT`, `NAME_TAKEN`, bad text, or the database is away.
#[tracing::instrument(name = "ops.activity_unit.rename", skip_all)]
pub async fn rename(unit: &mut Unit, input: &Touch, name: &str) -> Outcome<Vec<String>> {
    let (mut row, host, permit) = found(unit, input).await?;
    if row.name != name.trim() {
        row.name = checked_name(unit, &host.id, name).await?;
        row.name_key = name_key(&row.name);
    }
    keep(unit, &permit, row, &host, &["name"]).await
}

/// Closes a unit: it hosts nothing from today on and stays with what it hosted. The id of the unit.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `WRONG_STATE`, `CONFLICT`, or the database is away.
#[tracing::instrument(name = "ops.activity_unit.close", skip_all)]
pub async fn close(unit: &mut Unit, input: &Touch) -> Outcome<Vec<String>> {
    let (mut row, host, permit) = found(unit, input).await?;
    row.closed_on = Some(unit.today);
    keep(unit, &permit, row, &host, &["closedOn"]).await
}

/// The open unit of an org that an activity is held at.
pub(super) async fn hosting(unit: &Unit, id: Option<&str>, organization: &str) -> Outcome<Option<String>> {
    let Some(id) = id else { return Ok(None) };
    let found = unit.write.activity_unit(&unit.rows_of(Subject::Directory), id).await?;
    let found = found.ok_or_else(|| Problem::at(ProblemCode::NotFound, "unitId"))?;
    if found.organization_id != organization || found.closed_on.is_some() {
        return Err(Problem::invalid("unitId", Flaw::Elsewhere).into());
    }
    Ok(Some(found.id))
}

async fn found(unit: &Unit, input: &Touch) -> Outcome<(ActivityUnit, Organization, Permit)> {
    let row = unit
        .write
        .activity_unit(&unit.rows_of(Subject::Directory), &input.unit_id)
        .await?;
    let row = row.ok_or_else(|| Problem::at(ProblemCode::NotFound, "unitId"))?;
    let host = org(unit, &row.organization_id, "unitId").await?;
    let permit = unit.require(Action::RecordActivityUnit, &Target::at(place_of(&host)?), "unitId")?;
    expect(row.version, input.expected_version)?;
    if row.closed_on.is_some() {
        return Err(Problem::wrong_state("unitId", "CLOSED").into());
    }
    Ok((row, host, permit))
}

async fn checked_name(unit: &Unit, organization: &str, name: &str) -> Outcome<String> {
    checked_text(name, "name", NAME)?;
    let name = name.trim().to_owned();
    if unit.write.count_activity_units(organization, Some(&name)).await? > 0 {
        return Err(Problem::at(ProblemCode::NameTaken, "name").into());
    }
    Ok(name)
}

async fn keep(
    unit: &mut Unit,
    permit: &Permit,
    mut row: ActivityUnit,
    host: &Organization,
    fields: &[&'static str],
) -> Outcome<Vec<String>> {
    if !unit.write.update_activity_unit(permit, &mut row).await? {
        return Err(Problem::at(ProblemCode::Conflict, "expectedVersion").into());
    }
    tell(unit, permit, &row, host, fields);
    Ok(vec![row.id])
}

fn tell(unit: &mut Unit, permit: &Permit, row: &ActivityUnit, host: &Organization, fields: &[&'static str]) {
    let at = (host.id.as_str(), host.path.as_str());
    unit.note(
        permit,
        upsert(EntityKind::ActivityUnit, &row.id, row.version, at, fields),
    );
}
