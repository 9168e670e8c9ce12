//! Values for sealed fields: checked, sealed, never twice.

use chrono::NaiveDate;
use domain::identity;
use domain::policy::{Action, Permit, Place, Target};
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::vocabulary::{EntityKind, SealedField};

use super::super::reveal::{column, field_name, seal_place};
use crate::ops::outcome::Outcome;
use crate::ops::structure::checked_text;
use crate::ops::writing::{Unit, upsert};
use crate::store::member::Member;

/// What was typed for the sealed fields of somebody.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    pub identity_number: Option<String>,
    pub address: Option<String>,
    pub phone: Option<String>,
}

impl Typed {
    /// The fields that were typed, each with the right to enter it, and their values as they are kept.
    ///
    /// # Errors
    /// A refused right, `INVALID` or `TOO_LONG` at the field.
    pub(super) fn checked(&self, unit: &Unit, target: &Target) -> Outcome<Vec<(SealedField, String)>> {
        let fields = [
            (SealedField::IdentityNumber, &self.identity_number),
            (SealedField::Address, &self.address),
            (SealedField::Phone, &self.phone),
        ];
        let typed = fields
            .into_iter()
            .filter_map(|(field, value)| Some((field, value.as_deref()?)));
        typed
            .map(|(field, value)| {
                require_entry(unit, field, target)?;
                Ok((field, checked_value(field, value)?))
            })
            .collect()
    }
}

/// Checks a value for a sealed field and gives it as it is kept. The value never stands in an error.
///
/// # Errors
/// `INVALID` or `TOO_LONG` at the field.
pub(in crate::ops::people) fn checked_value(field: SealedField, text: &str) -> Outcome<String> {
    let name = field_name(field);
    let invalid = |form| Problem::invalid(name, Flaw::Form).with("form", form);
    Ok(match field {
        SealedField::IdentityNumber => {
            identity::identity_number(text)
                .ok_or_else(|| invalid("GB 11643, 18"))?
                .0
        }
        SealedField::Phone => identity::phone(text).ok_or_else(|| invalid("+?[0-9]{7,15}"))?,
        SealedField::Address => {
            checked_text(text, name, 200)?;
            text.trim().to_owned()
        }
        SealedField::BirthDate => {
            let day = text.parse::<NaiveDate>();
            day.map_err(|_| invalid("YYYY-MM-DD"))?.to_string()
        }
    })
}

/// Seals a checked value into a member's row; an identity number brings the birth date along.
pub(in crate::ops::people) fn put(
    unit: &Unit,
    row: &mut Member,
    field: SealedField,
    value: Option<&str>,
) -> Outcome<()> {
    let seal = |field: SealedField, plain: &str| unit.app.keys.seal(&seal_place(field, &row.id), plain.as_bytes());
    let sealed = value.map(|plain| seal(field, plain)).transpose()?;
    let hash = value.map(|plain| unit.app.keys.search_hash(column(field), plain));
    match field {
        SealedField::IdentityNumber => {
            if let Some((_, birth)) = value.and_then(identity::identity_number) {
                row.birth_sealed = Some(seal(SealedField::BirthDate, &birth.to_string())?);
            }
            row.identity_sealed = sealed;
            row.identity_hash = hash;
        }
        SealedField::BirthDate => row.birth_sealed = sealed,
        SealedField::Address => row.address_sealed = sealed,
        SealedField::Phone => {
            row.phone_sealed = sealed;
            row.phone_hash = hash;
        }
    }
    Ok(())
}

/// Refuses an identity number that some member already has, without telling where; the attempt stays in the trail.
pub(in crate::ops::people) async fn check_unknown(
    unit: &mut Unit,
    permit: &Permit,
    row: &Member,
    number: &str,
    place: &Place,
) -> Outcome<()> {
    let hashes = unit.app.keys.search_hashes(column(SealedField::IdentityNumber), number);
    if !unit.write.is_known_identity(&hashes, &row.id).await? {
        return Ok(());
    }
    let at = (place.id.as_str(), place.path.as_str());
    let event = upsert(EntityKind::Member, &row.id, row.version, at, &["identityNumber"]);
    unit.trail_refusal(permit, &event, "REFUSED: IDENTITY_NOT_ACCEPTED");
    Err(Problem::at(ProblemCode::IdentityNotAccepted, "identityNumber").into())
}

pub(super) fn require_entry(unit: &Unit, field: SealedField, target: &Target) -> Outcome<Permit> {
    let action = match field {
        SealedField::Phone => Action::EnterPhone,
        SealedField::IdentityNumber | SealedField::BirthDate | SealedField::Address => Action::EnterIdentity,
    };
    unit.require(action, target, field_name(field))
}
