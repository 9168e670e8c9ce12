//! A member enters the roster of a branch.

use chrono::{Months, NaiveDate};
use domain::identity;
use domain::policy::{Action, Permit, Place, Target};
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::vocabulary::{EntityKind, MemberStatus, OrganizationKind, SealedField, Standing};

use super::sealing::{Typed, check_unknown, put};
use super::{NAME, checked_unit, deltas, fits_as_group, membership, tell};
use crate::ops::obligation::rejudge::{Came, rejudge_grown};
use crate::ops::organization::{Organization, place_of};
use crate::ops::outcome::Outcome;
use crate::ops::seating::seat_new;
use crate::ops::structure::{DISSOLVED, checked_date, checked_text, org};
use crate::ops::writing::Unit;
use crate::store::member::Member;
use crate::store::name_key::name_key;
use crate::store::roster::Membership;

/// Youngest age at which one may join.
const AGE_YEARS: u32 = 18;
const AGE: Months = Months::new(AGE_YEARS * 12);

/// Somebody who is entered into the roster, for instance because they joined before the system.
#[derive(Debug, Clone)]
pub struct Enter {
    pub branch_id: String,
    pub group_id: Option<String>,
    pub name: String,
    pub standing: Standing,
    pub joined_on: NaiveDate,
    pub became_full_on: Option<NaiveDate>,
    /// Since when they belong to this branch; today where it is left out.
    pub since: Option<NaiveDate>,
    pub unit_tag: Option<String>,
    pub sealed: Typed,
}

/// An entry that was checked, all but whether somebody has the identity number already.
pub(super) struct Draft {
    pub(super) permit: Permit,
    pub(super) place: Place,
    pub(super) row: Member,
    pub(super) membership: Membership,
    /// As checked, where one was typed.
    pub(super) identity_number: Option<String>,
}

/// What the event of an entry names.
pub(super) const ENTERED: &[&str] = &["name", "standing", "status", "branch", "group"];

/// Checks an entry against its branch and group and makes the rows of it.
pub(super) fn draft(unit: &Unit, branch: &Organization, group: Option<&Organization>, input: &Enter) -> Outcome<Draft> {
    let place = place_of(branch)?;
    let target = Target::at(place.clone());
    let permit = unit.require(Action::EnterMember, &target, "branchId")?;
    if branch.dissolved_on.is_some() {
        return Err(Problem::wrong_state("branchId", DISSOLVED).into());
    }
    if place.kind != OrganizationKind::Branch {
        return Err(Problem::at(ProblemCode::KindNotAllowedHere, "branchId")
            .with("kind", place.kind)
            .with("allowed", OrganizationKind::Branch)
            .into());
    }
    checked_text(&input.name, "name", NAME)?;
    checked_joining(unit, input)?;
    let since = input.since.unwrap_or(unit.today);
    checked_date(since, unit.today, "since")?;
    let earliest = input.joined_on.max(branch.founded_on);
    if since < earliest {
        return Err(Problem::too_early("since", earliest).into());
    }
    if let Some(group) = group {
        fits_as_group(group, &branch.id)?;
    }
    let unit_tag = checked_unit(branch, input.unit_tag.as_deref())?;
    let mut row = blank(unit, input, unit_tag);
    let mut identity_number = None;
    for (field, value) in input.sealed.checked(unit, &target)? {
        put(unit, &mut row, field, Some(&value))?;
        if field == SealedField::IdentityNumber {
            identity_number = Some(value);
        }
    }
    let membership = membership(unit, &row, since);
    Ok(Draft {
        permit,
        place,
        row,
        membership,
        identity_number,
    })
}

/// Enters a member into the roster of a branch. The id of the member.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `KIND_NOT_ALLOWED_HERE`, `IDENTITY_NOT_ACCEPTED`, other bad input, or the database is away.
#[tracing::instrument(name = "ops.people.roster.enter", skip_all)]
pub async fn enter(unit: &mut Unit, input: &Enter) -> Outcome<Vec<String>> {
    let branch = org(unit, &input.branch_id, "branchId").await?;
    let group = match &input.group_id {
        Some(id) => Some(org(unit, id, "groupId").await?),
        None => None,
    };
    let Draft {
        permit,
        place,
        row,
        membership,
        identity_number,
    } = draft(unit, &branch, group.as_ref(), input)?;
    if let Some(number) = identity_number {
        check_unknown(unit, &permit, &row, &number, &place).await?;
    }
    deltas(unit, &row, &place.path, None, 1);
    tell(unit, &permit, &row, &place, ENTERED);
    unit.write.insert_member(&permit, row.clone(), membership).await?;
    seat_new(unit, std::slice::from_ref(&row.id)).await?;
    rejudge_grown(unit, &Came::of(std::slice::from_ref(&row))).await?;
    Ok(vec![row.id])
}

fn checked_joining(unit: &Unit, input: &Enter) -> Outcome<()> {
    checked_date(input.joined_on, unit.today, "joinedOn")?;
    match (input.standing, input.became_full_on) {
        (Standing::Full, None) => return Err(Problem::at(ProblemCode::Required, "becameFullOn").into()),
        (Standing::Full, Some(day)) => {
            checked_date(day, unit.today, "becameFullOn")?;
            if day < input.joined_on {
                return Err(Problem::too_early("becameFullOn", input.joined_on).into());
            }
        }
        (Standing::Probationary, Some(_)) => {
            return Err(Problem::invalid("becameFullOn", Flaw::Contradiction)
                .with("with", "standing")
                .into());
        }
        (Standing::Probationary, None) => {}
    }
    let birth = input
        .sealed
        .identity_number
        .as_deref()
        .and_then(identity::identity_number);
    if let Some((_, birth)) = birth {
        checked_date(birth, unit.today, "identityNumber")?;
    }
    let of_age = birth.and_then(|(_, birth)| birth.checked_add_months(AGE));
    if of_age.is_some_and(|day| input.joined_on < day) {
        return Err(Problem::invalid("joinedOn", Flaw::UnderAge)
            .with("min", AGE_YEARS)
            .into());
    }
    Ok(())
}

fn blank(unit: &Unit, input: &Enter, unit_tag: Option<String>) -> Member {
    let name = input.name.trim().to_owned();
    Member {
        id: unit.app.ids.next(EntityKind::Member),
        name_key: name_key(&name),
        name,
        standing: input.standing.to_string(),
        status: MemberStatus::Active.to_string(),
        joined_on: input.joined_on,
        became_full_on: input.became_full_on,
        left_on: None,
        left_reason: None,
        branch_id: input.branch_id.clone(),
        group_id: input.group_id.clone(),
        host_branch_id: None,
        unit_tag,
        identity_sealed: None,
        identity_hash: None,
        birth_sealed: None,
        address_sealed: None,
        phone_sealed: None,
        phone_hash: None,
        version: 1,
    }
}
