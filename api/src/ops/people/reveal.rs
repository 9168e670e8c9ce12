//! Reveal 查看: one sealed field of one member, with a purpose, in the trail before the answer leaves.

use domain::policy::{Action, Place};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{EntityKind, RevealPurpose, SealedField};

use super::super::member::Seen;
use super::super::outcome::Outcome;
use super::super::reading::Reading;
use super::super::writing::{Unit, upsert};
use super::{member, target_of};
use crate::secrets::keyring::Keyring;
use crate::store::member::Member;

/// What is to be revealed, and what for.
#[derive(Debug, Clone)]
pub struct Reveal {
    pub member_id: String,
    pub field: SealedField,
    pub purpose: RevealPurpose,
    pub note: Option<String>,
}

/// The column's name, as values are bound to it and as the trail names it.
#[must_use]
pub fn column(field: SealedField) -> &'static str {
    match field {
        SealedField::IdentityNumber => "identity_number",
        SealedField::BirthDate => "birth_date",
        SealedField::Address => "address",
        SealedField::Phone => "phone",
    }
}

/// The field's name in the API, for events and trail.
#[must_use]
pub fn field_name(field: SealedField) -> &'static str {
    match field {
        SealedField::IdentityNumber => "identityNumber",
        SealedField::BirthDate => "birthDate",
        SealedField::Address => "address",
        SealedField::Phone => "phone",
    }
}

/// The place that a member's sealed value is bound to.
#[must_use]
pub fn seal_place(field: SealedField, member_id: &str) -> String {
    format!("member.{}:{member_id}", column(field))
}

/// The sealed value of a field.
#[must_use]
pub fn sealed(row: &Member, field: SealedField) -> Option<&String> {
    match field {
        SealedField::IdentityNumber => row.identity_sealed.as_ref(),
        SealedField::BirthDate => row.birth_sealed.as_ref(),
        SealedField::Address => row.address_sealed.as_ref(),
        SealedField::Phone => row.phone_sealed.as_ref(),
    }
}

fn action(field: SealedField) -> Action {
    match field {
        SealedField::IdentityNumber | SealedField::BirthDate | SealedField::Address => Action::RevealIdentity,
        SealedField::Phone => Action::RevealPhone,
    }
}

/// Writes the line of the trail that a reveal needs; the value is read afterwards, see [`Reading::revealed`]. The id of
/// the member, and a mark of the value that was spoken of.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `OWN_MATTER`, `TOO_LONG`, or the database is away.
#[tracing::instrument(name = "ops.people.reveal", skip_all)]
pub async fn reveal(unit: &mut Unit, input: &Reveal) -> Outcome<Vec<String>> {
    let person = member(unit, &input.member_id, "memberId").await?;
    let target = target_of(unit, &person).await?;
    let permit = unit.require(action(input.field), &target, "memberId")?;
    let purpose = noted(input.purpose, input.note.as_deref())?;
    let Place { id, path, .. } = &target.org;
    let mut seen = upsert(
        EntityKind::Member,
        &person.id,
        person.version,
        (id, path),
        &[field_name(input.field)],
    );
    seen.member_id = Some(person.id.clone());
    unit.trail(&permit, &seen, Some(purpose));
    let sealed = sealed(&person, input.field).map(String::as_str);
    Ok(vec![person.id.clone(), mark(&unit.app.keys, sealed)])
}

/// Purpose and note as the trail keeps them.
///
/// # Errors
/// `TOO_LONG`.
pub(in crate::ops) fn noted(purpose: RevealPurpose, note: Option<&str>) -> Outcome<String> {
    if note.is_some_and(|note| note.chars().count() > 200) {
        return Err(Problem::at(ProblemCode::TooLong, "note").with("max", 200).into());
    }
    Ok(match note.map(str::trim).filter(|note| !note.is_empty()) {
        Some(note) => format!("{purpose}: {note}"),
        None => purpose.to_string(),
    })
}

/// Tells one stored value from another without telling what it is.
pub(super) fn mark(keys: &Keyring, sealed: Option<&str>) -> String {
    keys.search_hash("mark", sealed.unwrap_or_default())
}

impl Reading {
    /// The value behind a reveal whose line of the trail is committed: read afresh through today's rights. A repeat gives
    /// the value that the line speaks of, or `CONFLICT` where it has changed since.
    ///
    /// # Errors
    /// `NOT_FOUND`, `FORBIDDEN`, `CONFLICT`, or the database is away.
    pub async fn revealed(&self, written: &[String], field: SealedField) -> Outcome<Option<String>> {
        let missing = || Problem::at(ProblemCode::NotFound, "memberId");
        let id = written.first().ok_or_else(missing)?;
        let seen: Seen = self
            .members(std::slice::from_ref(id))
            .await?
            .pop()
            .ok_or_else(missing)?;
        let target = seen.target().ok_or_else(missing)?;
        if let Err(refusal) = domain::policy::permit(&self.actor, action(field), &target) {
            return Err(refusal.problem("memberId").into());
        }
        let sealed_now = sealed(&seen.row, field).map_or("", String::as_str);
        let marks = self.app.keys.search_hashes("mark", sealed_now);
        if written.get(1).is_none_or(|mark| !marks.contains(mark)) {
            return Err(Problem::at(ProblemCode::Conflict, "memberId").into());
        }
        let Some(sealed) = sealed(&seen.row, field) else {
            return Ok(None);
        };
        let plain = self.app.keys.open(&seal_place(field, id), sealed)?;
        Ok(String::from_utf8(plain).ok())
    }
}
