//! What becomes of each row, decided before anything is written.

use std::collections::{BTreeSet, HashMap};

use domain::intake::{Asked, By, IntakeMode, RowAct, asked};
use domain::policy::{Action, Permit, Place, Subject, Target};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{EntityKind, SealedField};

use super::super::NAME;
use super::super::enter::{Draft, Enter, draft};
use super::super::sealing::put;
use super::Row;
use super::seen::Seen;
use crate::ops::external_id::checked_name;
use crate::ops::import::FieldChange;
use crate::ops::import::names::Names;
use crate::ops::organization::Organization;
use crate::ops::outcome::{Failure, Outcome};
use crate::ops::people::reveal::{column, field_name, seal_place, sealed};
use crate::ops::people::{Heads, orgs, place_in, still_here};
use crate::ops::structure::checked_text;
use crate::ops::writing::{Unit, upsert as changed};
use crate::store::external_id::{ExternalId, Identified};
use crate::store::member::Member;
use crate::store::name_key::name_key;

/// A row that can be carried out.
pub(super) enum Planned {
    Create(Box<Draft>, Option<ExternalId>),
    Change(Box<Changed>),
    Unchanged(String),
}

pub(super) struct Changed {
    pub(super) permit: Permit,
    pub(super) place: Place,
    pub(super) row: Member,
    pub(super) fields: Vec<&'static str>,
    /// The same with what stood there before; nothing of what is sealed.
    pub(super) changes: Vec<FieldChange>,
}

/// What the rows name, read by one statement a kind.
pub(super) struct Known {
    names: Names,
    /// Members that the writer sees.
    members: HashMap<String, Member>,
    /// Orgs that the writer sees.
    orgs: HashMap<String, Organization>,
    /// The branches of these members.
    branches: Vec<Organization>,
    heads: Heads,
    /// Hash of an identity number → who has it.
    identities: HashMap<String, String>,
}

impl Known {
    pub(super) async fn of(unit: &Unit, rows: &[Row]) -> Outcome<Self> {
        let named = rows
            .iter()
            .flat_map(|row| std::iter::once(&row.member).chain(&row.branch).chain(&row.group));
        let names = Names::of(unit, &named.cloned().collect::<Vec<_>>()).await?;
        let ids: Vec<String> = rows
            .iter()
            .filter_map(|row| names.id(Identified::Member, &row.member))
            .collect();
        // Of a file of new members nobody is there: what would be asked about nobody is not asked.
        let members = match ids.is_empty() {
            true => Vec::new(),
            false => unit.write.members(&unit.rows_of(Subject::Roster), &ids).await?,
        };
        let places: BTreeSet<String> = rows
            .iter()
            .flat_map(|row| row.branch.iter().chain(&row.group))
            .filter_map(|by| names.id(Identified::Organization, by))
            .collect();
        let places: Vec<String> = places.into_iter().collect();
        let seen = unit
            .write
            .organizations(&unit.rows_of(Subject::Directory), &places)
            .await?;
        let own: BTreeSet<String> = members
            .iter()
            .flat_map(|row| {
                std::iter::once(&row.branch_id)
                    .chain(&row.group_id)
                    .chain(&row.host_branch_id)
            })
            .cloned()
            .collect();
        let branches = orgs(unit, &own.into_iter().collect::<Vec<_>>()).await?;
        let ids: Vec<String> = members.iter().map(|row| row.id.clone()).collect();
        let heads = Heads::of(unit, &ids).await?;
        let hashes: Vec<String> = rows.iter().flat_map(|row| identity_hashes(unit, row)).collect();
        let identities = unit.write.known_identities(&hashes).await?;
        Ok(Self {
            members: members.into_iter().map(|row| (row.id.clone(), row)).collect(),
            orgs: seen.into_iter().map(|row| (row.id.clone(), row)).collect(),
            identities: identities.into_iter().collect(),
            names,
            branches,
            heads,
        })
    }

    fn org(&self, by: &By, field: &str) -> Outcome<&Organization> {
        let id = self.names.id(Identified::Organization, by);
        id.and_then(|id| self.orgs.get(&id))
            .ok_or_else(|| Problem::at(ProblemCode::NotFound, field).into())
    }

    pub(super) fn plan(&self, unit: &mut Unit, row: &Row, mode: IntakeMode, seen: &mut Seen) -> Outcome<Planned> {
        let id = self.names.id(Identified::Member, &row.member);
        let there = id.as_ref().and_then(|id| self.members.get(id));
        // A name that somebody has whom the writer does not see is refused when it would be given again.
        let hidden = id.is_some() && there.is_none();
        if matches!(row.member, By::Id(_)) && there.is_none() {
            return Err(Problem::at(ProblemCode::NotFound, "member").into());
        }
        let asked = asked(mode, there.is_some()).map_err(|code| Problem::at(code, "member"))?;
        match (asked, there) {
            (Asked::Change, Some(member)) => {
                seen.member(&member.id)?;
                self.change(unit, row, member, seen)
            }
            _ => self.creation(unit, row, hidden, seen),
        }
    }

    fn creation(&self, unit: &mut Unit, row: &Row, hidden: bool, seen: &mut Seen) -> Outcome<Planned> {
        let required = |field: &str| Problem::at(ProblemCode::Required, field);
        let branch = self.org(row.branch.as_ref().ok_or_else(|| required("branch"))?, "branch")?;
        let group = row.group.as_ref().map(|group| self.org(group, "group")).transpose()?;
        let entry = Enter {
            branch_id: branch.id.clone(),
            group_id: group.map(|group| group.id.clone()),
            name: row.name.clone().ok_or_else(|| required("name"))?,
            standing: row.standing.ok_or_else(|| required("standing"))?,
            joined_on: row.joined_on.ok_or_else(|| required("joinedOn"))?,
            became_full_on: row.became_full_on,
            since: row.since,
            unit_tag: row.unit_tag.clone(),
            sealed: row.sealed.clone(),
        };
        let draft = draft(unit, branch, group, &entry)?;
        let name = match &row.member {
            By::External { system, value } => {
                checked_name(system, value)?;
                Some(ExternalId {
                    system: system.clone(),
                    value: value.clone(),
                    entity_kind: EntityKind::Member.to_string(),
                    entity_id: draft.row.id.clone(),
                })
            }
            By::Id(_) => None,
        };
        if hidden {
            refuse(
                unit,
                &draft.permit,
                &draft.row,
                &draft.place,
                "EXTERNAL_ID_TAKEN",
                "externalIds",
            );
            return Err(Problem::at(ProblemCode::ExternalIdTaken, "member").into());
        }
        if let Some(number) = &draft.identity_number {
            self.unknown(unit, (&draft.permit, &draft.place), &draft.row, number, seen)?;
        }
        Ok(Planned::Create(Box::new(draft), name))
    }

    /// Refuses an identity number that some member, or a row before, has already.
    fn unknown(
        &self,
        unit: &mut Unit,
        (permit, place): (&Permit, &Place),
        row: &Member,
        number: &str,
        seen: &mut Seen,
    ) -> Outcome<()> {
        let hashes = unit.app.keys.search_hashes(column(SealedField::IdentityNumber), number);
        let known = hashes.iter().filter_map(|hash| self.identities.get(hash));
        let others = known.into_iter().any(|id| *id != row.id);
        if !others && seen.identity(number) {
            return Ok(());
        }
        refuse(unit, permit, row, place, "IDENTITY_NOT_ACCEPTED", "identityNumber");
        Err(Problem::at(ProblemCode::IdentityNotAccepted, "identityNumber").into())
    }

    fn change(&self, unit: &mut Unit, row: &Row, before: &Member, seen: &mut Seen) -> Outcome<Planned> {
        let place = place_in(&self.branches, &before.branch_id)?;
        let mut target = Target::at(place.clone());
        if let Some(group) = &before.group_id {
            target = target.in_group(place_in(&self.branches, group)?);
        }
        let target = self.heads.concerning(target, &before.id);
        let permit = unit.require(Action::RecordMember, &target, "member")?;
        still_here(before, "member")?;
        self.decided_elsewhere(row, before)?;
        let (mut after, mut fields, mut changes) = (before.clone(), Vec::new(), Vec::new());
        if let Some(name) = &row.name {
            checked_text(name, "name", NAME)?;
            let name = name.trim();
            if name != before.name {
                changes.push(FieldChange {
                    field: "name".to_owned(),
                    before: Some(before.name.clone()),
                    after: Some(name.to_owned()),
                });
                after.name = name.to_owned();
                after.name_key = name_key(name);
                fields.push("name");
            }
        }
        for (field, value) in row.sealed.checked(unit, &target)? {
            if is_so(unit, before, field, &value) {
                continue;
            }
            if field == SealedField::IdentityNumber {
                self.unknown(unit, (&permit, &place), before, &value, seen)?;
            }
            put(unit, &mut after, field, Some(&value))?;
            fields.push(field_name(field));
            changes.push(FieldChange {
                field: field_name(field).to_owned(),
                before: None,
                after: None,
            });
        }
        if fields.is_empty() {
            return Ok(Planned::Unchanged(before.id.clone()));
        }
        after.version += 1;
        Ok(Planned::Change(Box::new(Changed {
            permit,
            place,
            row: after,
            fields,
            changes,
        })))
    }

    /// Transfers, groups, units, admissions are acts of their own: a row that says otherwise than what stands is refused.
    fn decided_elsewhere(&self, row: &Row, before: &Member) -> Outcome<()> {
        let elsewhere = |field: &str| Failure::from(Problem::own_act(field, None));
        if let Some(branch) = &row.branch
            && self.org(branch, "branch")?.id != before.branch_id
        {
            return Err(Problem::own_act("branch", Some(RowAct::Transfer)).into());
        }
        if let Some(group) = &row.group
            && Some(&self.org(group, "group")?.id) != before.group_id.as_ref()
        {
            return Err(elsewhere("group"));
        }
        let differs = [
            (
                "standing",
                row.standing
                    .is_some_and(|standing| standing.as_str() != before.standing),
            ),
            ("joinedOn", row.joined_on.is_some_and(|day| day != before.joined_on)),
            (
                "becameFullOn",
                row.became_full_on.is_some_and(|day| Some(day) != before.became_full_on),
            ),
            ("unitTag", row.unit_tag.is_some() && row.unit_tag != before.unit_tag),
        ];
        match differs.into_iter().find(|(_, differs)| *differs) {
            Some((field, _)) => Err(elsewhere(field)),
            None => Ok(()),
        }
    }
}

fn identity_hashes(unit: &Unit, row: &Row) -> Vec<String> {
    let number = row
        .sealed
        .identity_number
        .as_deref()
        .and_then(domain::identity::identity_number);
    let column = column(SealedField::IdentityNumber);
    number.map_or_else(Vec::new, |(number, _)| unit.app.keys.search_hashes(column, &number))
}

/// Whether a sealed field has this value already.
fn is_so(unit: &Unit, row: &Member, field: SealedField, value: &str) -> bool {
    let place = seal_place(field, &row.id);
    let plain = sealed(row, field).and_then(|sealed| unit.app.keys.open(&place, sealed).ok());
    plain.is_some_and(|plain| plain == value.as_bytes())
}

/// Whoever tries numbers or names until one is taken leaves a trace.
fn refuse(unit: &mut Unit, permit: &Permit, row: &Member, place: &Place, code: &str, field: &'static str) {
    let at = (place.id.as_str(), place.path.as_str());
    let event = changed(EntityKind::Member, &row.id, row.version, at, &[field]);
    unit.trail_refusal(permit, &event, &format!("REFUSED: {code}"));
}
