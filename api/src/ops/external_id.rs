//! Names of orgs, members and activities in other systems: assigned, ended, looked up.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use domain::policy::{Action, Permit, Subject};
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::vocabulary::EntityKind;

use super::organization::place_of;
use super::outcome::Outcome;
use super::people;
use super::reading::Reading;
use super::structure::{checked_text, org};
use super::writing::{Unit, upsert};
use crate::store::external_id::ExternalId;
pub use crate::store::external_id::Identified;

/// Longest name of a system.
const SYSTEM: usize = 50;
/// Longest id in it.
const VALUE: usize = 100;
/// Most names of one object.
const MOST: u64 = 20;
const FIELDS: &[&str] = &["externalIds"];

/// A name in another system, of which object.
#[derive(Debug, Clone)]
pub struct Name {
    pub of: Identified,
    pub id: String,
    pub system: String,
    pub value: String,
}

/// An object by its name in another system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    pub of: Identified,
    pub system: String,
    pub value: String,
}

impl Reading {
    /// The ids of what is called so, of that alone which the reader sees: by key, whatever it is.
    ///
    /// # Errors
    /// The database is away.
    pub async fn called<K: Clone + Eq + Hash>(&self, names: &HashMap<K, Called>) -> Outcome<HashMap<K, String>> {
        let asked = names.values().map(|name| (name.system.clone(), name.value.clone()));
        let rows = self.snapshot.external_ids_named(&asked.collect::<Vec<_>>()).await?;
        let ids = |of: Identified| -> Vec<String> {
            let of_kind = rows.iter().filter(|row| row.entity_kind == of.kind().as_str());
            of_kind.map(|row| row.entity_id.clone()).collect()
        };
        let mut seen: HashSet<String> = HashSet::new();
        let orgs = self.organizations(&ids(Identified::Organization)).await?;
        seen.extend(orgs.into_iter().map(|org| org.id));
        // A program knows the org that it serves, whether or not it reads the directory.
        seen.extend(self.actor.service.as_ref().map(|service| service.org.id.clone()));
        let members = self.members(&ids(Identified::Member)).await?;
        seen.extend(members.iter().map(|member| member.row.id.clone()));
        let activities = self.activities(&ids(Identified::Activity)).await?;
        seen.extend(activities.into_iter().map(|activity| activity.id));
        let id_of = |name: &Called| {
            let is_it = |row: &&ExternalId| {
                (row.system.as_str(), row.value.as_str(), row.entity_kind.as_str())
                    == (name.system.as_str(), name.value.as_str(), name.of.kind().as_str())
            };
            rows.iter().find(is_it).map(|row| row.entity_id.clone())
        };
        let found = names.iter().filter_map(|(key, name)| Some((key.clone(), id_of(name)?)));
        Ok(found.filter(|(_, id)| seen.contains(id)).collect())
    }

    /// The id behind an external id, whether or not the reader may see what it is of: read it under its own scope.
    ///
    /// # Errors
    /// The database is away.
    pub async fn find_by_external(&self, system: &str, value: &str, of: Identified) -> Outcome<Option<String>> {
        Ok(self.snapshot.find_by_external(system, value, of).await?)
    }

    /// External ids of entities, as (entity id, system, value).
    ///
    /// # Errors
    /// The database is away.
    pub async fn external_ids(&self, ids: &[String]) -> Outcome<Vec<(String, String, String)>> {
        let rows = self.snapshot.external_ids(ids).await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.entity_id, row.system, row.value))
            .collect())
    }
}

/// Gives an object a name in another system. One that has it already stays as it is. The id of the object.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `EXTERNAL_ID_TAKEN` without telling by what, `TOO_MANY`, bad text, or the database is away.
#[tracing::instrument(name = "ops.external_id.assign", skip_all)]
pub async fn assign(unit: &mut Unit, input: &Name) -> Outcome<Vec<String>> {
    let named = Named::find(unit, input).await?;
    checked(&input.system, "system", SYSTEM)?;
    checked(&input.value, "value", VALUE)?;
    match unit.write.external_id(&input.system, &input.value, input.of).await? {
        Some(row) if row.entity_id == input.id => return Ok(vec![input.id.clone()]),
        Some(_) => {
            named.trail_refusal(unit);
            return Err(Problem::at(ProblemCode::ExternalIdTaken, "value").into());
        }
        None => {}
    }
    if unit.write.count_external_ids(&input.id).await? >= MOST {
        return Err(Problem::at(ProblemCode::TooMany, "value").with("max", MOST).into());
    }
    let row = ExternalId {
        system: input.system.clone(),
        value: input.value.clone(),
        entity_kind: input.of.kind().to_string(),
        entity_id: input.id.clone(),
    };
    unit.write.insert_external_id(named.permit(), row).await?;
    named.keep(unit).await
}

/// Ends the name of an object in another system: from then on it may be given to another one. The id of the object.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, or the database is away.
#[tracing::instrument(name = "ops.external_id.end", skip_all)]
pub async fn end(unit: &mut Unit, input: &Name) -> Outcome<Vec<String>> {
    let named = Named::find(unit, input).await?;
    let row = unit.write.external_id(&input.system, &input.value, input.of).await?;
    let row = row.filter(|row| row.entity_id == input.id);
    let row = row.ok_or_else(|| Problem::at(ProblemCode::NotFound, "value"))?;
    unit.write.delete_external_id(named.permit(), row).await?;
    named.keep(unit).await
}

/// A name in another system that can be given.
///
/// # Errors
/// Bad text.
pub(super) fn checked_name(system: &str, value: &str) -> Outcome<()> {
    checked(system, "system", SYSTEM)?;
    checked(value, "value", VALUE)
}

/// Codes of other systems are compared byte for byte: what could look alike is refused.
fn checked(text: &str, field: &str, most: usize) -> Outcome<()> {
    checked_text(text, field, most)?;
    if text.trim() != text || text.chars().any(char::is_control) {
        return Err(Problem::invalid(field, Flaw::Form)
            .with("form", "no blanks at the ends")
            .into());
    }
    Ok(())
}

/// An object inside the write, with the permit to name it.
enum Named {
    Organization(super::organization::Organization, Permit),
    Member(Box<crate::store::member::Member>, domain::policy::Place, Permit),
    Activity(Box<super::activity::Loaded>, Permit),
}

impl Named {
    async fn find(unit: &Unit, input: &Name) -> Outcome<Self> {
        Ok(match input.of {
            Identified::Organization => {
                let row = org(unit, &input.id, "subject").await?;
                let target = domain::policy::Target::at(place_of(&row)?);
                let permit = unit.require(Action::IdentifyOrganization, &target, "subject")?;
                Self::Organization(row, permit)
            }
            Identified::Member => {
                let row = people::member(unit, &input.id, "subject").await?;
                let target = people::target_of(unit, &row).await?;
                let permit = unit.require(Action::IdentifyMember, &target, "subject")?;
                Self::Member(Box::new(row), target.org, permit)
            }
            Identified::Activity => {
                let scope = unit.rows_of(Subject::Activities);
                let loaded = unit.load_activity(&input.id, &scope, "subject").await?;
                let permit = unit.require(Action::IdentifyActivity, &loaded.target(), "subject")?;
                Self::Activity(Box::new(loaded), permit)
            }
        })
    }

    fn permit(&self) -> &Permit {
        match self {
            Self::Organization(_, permit) | Self::Member(_, _, permit) | Self::Activity(_, permit) => permit,
        }
    }

    /// Whoever tries ids until one is taken leaves a trace.
    fn trail_refusal(&self, unit: &mut Unit) {
        let event = match self {
            Self::Organization(row, _) => upsert(
                EntityKind::Organization,
                &row.id,
                row.version,
                (&row.id, &row.path),
                FIELDS,
            ),
            Self::Member(row, place, _) => upsert(
                EntityKind::Member,
                &row.id,
                row.version,
                (&place.id, &place.path),
                FIELDS,
            ),
            Self::Activity(loaded, _) => {
                let at = (loaded.host.id.as_str(), loaded.host.path.as_str());
                upsert(EntityKind::Activity, &loaded.row.id, loaded.row.version, at, FIELDS)
            }
        };
        unit.trail_refusal(self.permit(), &event, "REFUSED: EXTERNAL_ID_TAKEN");
    }

    /// Raises the object's version and tells the log.
    async fn keep(self, unit: &mut Unit) -> Outcome<Vec<String>> {
        Ok(vec![match self {
            Self::Organization(row, permit) => {
                unit.write.raise_organization(&permit, &row.id).await?;
                let at = (row.id.as_str(), row.path.as_str());
                let event = upsert(EntityKind::Organization, &row.id, row.version + 1, at, FIELDS);
                unit.note(&permit, event);
                row.id
            }
            Self::Member(mut row, place, permit) => {
                if !unit.write.update_member(&permit, &mut row).await? {
                    return Err(Problem::at(ProblemCode::Conflict, "subject").into());
                }
                people::roster::tell(unit, &permit, &row, &place, FIELDS);
                row.id
            }
            Self::Activity(mut loaded, permit) => {
                unit.keep(&permit, &mut loaded, FIELDS).await?;
                loaded.row.id
            }
        }])
    }
}
