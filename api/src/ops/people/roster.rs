//! The roster 名册: enter a member, record changes, assign to a group, record that somebody left.

use chrono::{Months, NaiveDate};
use domain::identity;
use domain::policy::{Action, Permit, Place, Target};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{
    AttendanceState, DepartureReason, EntityKind, MemberStatus, OrganizationKind, Post, SealedField, Standing,
};

use super::super::obligation::rejudge::rejudge;
use super::super::organization::{Organization, place_of};
use super::super::outcome::Outcome;
use super::super::structure::{CollectiveDecision, checked_date, checked_text, org};
use super::super::writing::{Unit, upsert};
use super::identity_change;
use super::reveal::{column, field_name, seal_place};
use super::{checked_decision, expect, member, orgs, place_in, still_here, target_of};
use crate::store::figure::Delta;
use crate::store::member::Member;
use crate::store::name_key::name_key;
use crate::store::roster::Membership;

/// Longest name.
const NAME: usize = 50;
/// How far ahead activities are looked for.
const AHEAD: Months = Months::new(120);
/// Youngest age at which one may join.
const AGE: Months = Months::new(18 * 12);

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
    pub identity_number: Option<String>,
    pub address: Option<String>,
    pub phone: Option<String>,
}

/// What changes of a member; `None` leaves it, `Some(None)` clears it.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub member_id: String,
    pub expected_version: i64,
    pub name: Option<String>,
    pub status: Option<MemberStatus>,
    /// Host branch of a floating member.
    pub host_branch_id: Option<Option<String>>,
    pub unit_tag: Option<Option<String>>,
    pub identity_number: Option<String>,
    pub address: Option<Option<String>>,
    pub phone: Option<Option<String>>,
}

/// Which group a member belongs to from today on.
#[derive(Debug, Clone)]
pub struct Assign {
    pub member_id: String,
    pub expected_version: i64,
    pub group_id: Option<String>,
}

/// That somebody left, and how.
#[derive(Debug, Clone)]
pub struct Leave {
    pub member_id: String,
    pub expected_version: i64,
    pub reason: DepartureReason,
    pub left_on: NaiveDate,
    /// Of everything but death.
    pub decision: Option<CollectiveDecision>,
}

pub(in crate::ops) fn deltas(unit: &mut Unit, row: &Member, path: &str, host_path: Option<&str>, sign: i64) {
    if row.status == MemberStatus::Left.as_str() {
        return;
    }
    let standing = if row.standing == Standing::Full.as_str() {
        "members.full"
    } else {
        "members.probationary"
    };
    let floating = row.status == MemberStatus::Floating.as_str();
    let metrics = [
        Some((path, standing)),
        floating.then_some((path, "floating.out")),
        host_path.map(|host| (host, "floating.in")),
    ];
    for (path, metric) in metrics.into_iter().flatten() {
        unit.ledger.figures.push(Delta {
            path: path.to_owned(),
            metric: metric.to_owned(),
            period: "now".to_owned(),
            value: sign,
        });
    }
}

/// Paths of a member's branch and host branch.
async fn paths(unit: &Unit, row: &Member) -> Outcome<(Place, Option<Place>)> {
    let ids: Vec<String> = std::iter::once(&row.branch_id)
        .chain(&row.host_branch_id)
        .cloned()
        .collect();
    let found = orgs(unit, &ids).await?;
    let host = row.host_branch_id.as_ref().map(|id| place_in(&found, id)).transpose()?;
    Ok((place_in(&found, &row.branch_id)?, host))
}

pub(in crate::ops) fn tell(unit: &mut Unit, permit: &Permit, row: &Member, place: &Place, fields: &[&'static str]) {
    let at = (place.id.as_str(), place.path.as_str());
    let mut event = upsert(EntityKind::Member, &row.id, row.version, at, fields);
    event.member_id = Some(row.id.clone());
    unit.note(permit, event);
}

/// Checks a value for a sealed field and gives it as it is kept. The value never stands in an error.
///
/// # Errors
/// `INVALID` or `TOO_LONG` at the field.
pub(super) fn checked_value(field: SealedField, text: &str) -> Outcome<String> {
    let name = field_name(field);
    let invalid = || Problem::at(ProblemCode::Invalid, name);
    Ok(match field {
        SealedField::IdentityNumber => identity::identity_number(text).ok_or_else(invalid)?.0,
        SealedField::Phone => identity::phone(text).ok_or_else(invalid)?,
        SealedField::Address => {
            checked_text(text, name, 200)?;
            text.trim().to_owned()
        }
        SealedField::BirthDate => text.parse::<NaiveDate>().map_err(|_| invalid())?.to_string(),
    })
}

/// Seals a checked value into a member's row; an identity number brings the birth date along.
pub(super) fn put(unit: &Unit, row: &mut Member, field: SealedField, value: Option<&str>) -> Outcome<()> {
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
pub(super) async fn check_unknown(
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

/// A running group of this branch.
async fn group_of(unit: &Unit, id: &str, branch: &str) -> Outcome<Organization> {
    let group = org(unit, id, "groupId").await?;
    let fits = group.kind == OrganizationKind::PartyGroup.as_str()
        && group.parent_id.as_deref() == Some(branch)
        && group.dissolved_on.is_none();
    if !fits {
        return Err(Problem::at(ProblemCode::KindNotAllowedHere, "groupId").into());
    }
    Ok(group)
}

fn checked_unit(branch: &Organization, tag: Option<&str>) -> Outcome<Option<String>> {
    let Some(tag) = tag else { return Ok(None) };
    checked_text(tag, "unitTag", 100)?;
    if !branch.joint {
        return Err(Problem::at(ProblemCode::Invalid, "unitTag").into());
    }
    Ok(Some(tag.trim().to_owned()))
}

fn checked_joining(unit: &Unit, input: &Enter) -> Outcome<()> {
    checked_date(input.joined_on, unit.today, "joinedOn")?;
    match (input.standing, input.became_full_on) {
        (Standing::Full, None) => return Err(Problem::at(ProblemCode::Required, "becameFullOn").into()),
        (Standing::Full, Some(day)) => {
            checked_date(day, unit.today, "becameFullOn")?;
            if day < input.joined_on {
                return Err(Problem::at(ProblemCode::DateTooEarly, "becameFullOn")
                    .with("min", input.joined_on)
                    .into());
            }
        }
        (Standing::Probationary, Some(_)) => return Err(Problem::at(ProblemCode::Invalid, "becameFullOn").into()),
        (Standing::Probationary, None) => {}
    }
    let birth = input.identity_number.as_deref().and_then(identity::identity_number);
    let of_age = birth.and_then(|(_, birth)| birth.checked_add_months(AGE));
    if of_age.is_some_and(|day| input.joined_on < day) {
        return Err(Problem::at(ProblemCode::Invalid, "joinedOn").into());
    }
    Ok(())
}

/// Enters a member into the roster of a branch. The id of the member.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `KIND_NOT_ALLOWED_HERE`, `IDENTITY_NOT_ACCEPTED`, other bad input, or the database is away.
#[tracing::instrument(name = "ops.people.roster.enter", skip_all)]
pub async fn enter(unit: &mut Unit, input: &Enter) -> Outcome<Vec<String>> {
    let branch = org(unit, &input.branch_id, "branchId").await?;
    let place = place_of(&branch)?;
    let target = Target::at(place.clone());
    let permit = unit.require(Action::EnterMember, &target, "branchId")?;
    if place.kind != OrganizationKind::Branch || branch.dissolved_on.is_some() {
        return Err(Problem::at(ProblemCode::KindNotAllowedHere, "branchId").into());
    }
    checked_text(&input.name, "name", NAME)?;
    checked_joining(unit, input)?;
    let since = input.since.unwrap_or(unit.today);
    checked_date(since, unit.today, "since")?;
    let earliest = input.joined_on.max(branch.founded_on);
    if since < earliest {
        return Err(Problem::at(ProblemCode::DateTooEarly, "since")
            .with("min", earliest)
            .into());
    }
    if let Some(group) = &input.group_id {
        group_of(unit, group, &branch.id).await?;
    }
    let unit_tag = checked_unit(&branch, input.unit_tag.as_deref())?;
    let mut row = blank(unit, input, unit_tag);
    let typed = [
        (SealedField::IdentityNumber, &input.identity_number),
        (SealedField::Address, &input.address),
        (SealedField::Phone, &input.phone),
    ];
    for (field, value) in typed
        .into_iter()
        .filter_map(|(field, value)| Some((field, value.as_deref()?)))
    {
        require_entry(unit, field, &target)?;
        let value = checked_value(field, value)?;
        if field == SealedField::IdentityNumber {
            check_unknown(unit, &permit, &row, &value, &place).await?;
        }
        put(unit, &mut row, field, Some(&value))?;
    }
    let membership = membership(unit, &row, since);
    deltas(unit, &row, &place.path, None, 1);
    tell(
        unit,
        &permit,
        &row,
        &place,
        &["name", "standing", "status", "branch", "group"],
    );
    unit.write.insert_member(&permit, row.clone(), membership).await?;
    rejudge(unit, &[place.id], unit.today).await?;
    Ok(vec![row.id])
}

fn require_entry(unit: &Unit, field: SealedField, target: &Target) -> Outcome<Permit> {
    let action = match field {
        SealedField::Phone => Action::EnterPhone,
        SealedField::IdentityNumber | SealedField::BirthDate | SealedField::Address => Action::EnterIdentity,
    };
    unit.require(action, target, field_name(field))
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

pub(in crate::ops) fn membership(unit: &Unit, row: &Member, from_on: NaiveDate) -> Membership {
    Membership {
        id: unit.app.ids.plain(),
        member_id: row.id.clone(),
        branch_id: row.branch_id.clone(),
        group_id: row.group_id.clone(),
        unit_tag: row.unit_tag.clone(),
        from_on,
        until_on: None,
    }
}

/// Writes a changed member with their figures, before and after.
pub(in crate::ops) async fn keep(
    unit: &mut Unit,
    permit: &Permit,
    before: &Member,
    mut row: Member,
    fields: &[&'static str],
) -> Outcome<Member> {
    let (old, old_host) = paths(unit, before).await?;
    let (new, new_host) = paths(unit, &row).await?;
    deltas(
        unit,
        before,
        &old.path,
        old_host.as_ref().map(|place| place.path.as_str()),
        -1,
    );
    deltas(
        unit,
        &row,
        &new.path,
        new_host.as_ref().map(|place| place.path.as_str()),
        1,
    );
    if !unit.write.update_member(permit, &mut row).await? {
        return Err(Problem::at(ProblemCode::Conflict, "expectedVersion").into());
    }
    tell(unit, permit, &row, &new, fields);
    Ok(row)
}

/// Records changes of a member. The id of the member.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `WRONG_STATE`, `CONFLICT`, `IDENTITY_NOT_ACCEPTED`, other bad input, or the database is away.
#[tracing::instrument(name = "ops.people.roster.record", skip_all)]
pub async fn record(unit: &mut Unit, input: &Change) -> Outcome<Vec<String>> {
    let before = member(unit, &input.member_id, "memberId").await?;
    let target = target_of(unit, &before).await?;
    let permit = unit.require(Action::RecordMember, &target, "memberId")?;
    expect(before.version, Some(input.expected_version))?;
    still_here(&before, "memberId")?;
    let (mut row, mut fields) = (before.clone(), Vec::new());
    if let Some(name) = &input.name {
        checked_text(name, "name", NAME)?;
        row.name = name.trim().to_owned();
        row.name_key = name_key(&row.name);
        fields.push("name");
    }
    restate(unit, input, &mut row, &mut fields).await?;
    let typed = [
        (SealedField::IdentityNumber, input.identity_number.clone().map(Some)),
        (SealedField::Address, input.address.clone()),
        (SealedField::Phone, input.phone.clone()),
    ];
    for (field, value) in typed.into_iter().filter_map(|(field, value)| Some((field, value?))) {
        require_entry(unit, field, &target)?;
        let value = value.map(|value| checked_value(field, &value)).transpose()?;
        if let (SealedField::IdentityNumber, Some(number)) = (field, &value) {
            check_unknown(unit, &permit, &row, number, &target.org).await?;
        }
        put(unit, &mut row, field, value.as_deref())?;
        fields.push(field_name(field));
    }
    if let Some(tag) = &input.unit_tag {
        let branch = orgs(unit, std::slice::from_ref(&row.branch_id)).await?;
        let branch = branch.first().ok_or_else(|| anyhow::anyhow!("a branch is missing"))?;
        row.unit_tag = checked_unit(branch, tag.as_deref())?;
        fields.push("unitTag");
    }
    if fields.is_empty() {
        return Err(Problem::new(ProblemCode::Required).into());
    }
    if row.unit_tag != before.unit_tag {
        turn(unit, &permit, &row, unit.today).await?;
    }
    let row = keep(unit, &permit, &before, row, &fields).await?;
    rejudge(unit, std::slice::from_ref(&row.branch_id), unit.today).await?;
    Ok(vec![row.id])
}

/// Floating, out of contact, active again; the host branch goes with floating.
async fn restate(unit: &Unit, input: &Change, row: &mut Member, fields: &mut Vec<&'static str>) -> Outcome<()> {
    if let Some(status) = input.status {
        let may = |status| {
            matches!(
                status,
                MemberStatus::Active | MemberStatus::Floating | MemberStatus::OutOfContact
            )
        };
        let present = row.status.parse().map_err(|_| anyhow::anyhow!("unknown status"))?;
        if !may(status) {
            return Err(Problem::at(ProblemCode::Invalid, "status").into());
        }
        if !may(present) {
            return Err(Problem::at(ProblemCode::WrongState, "status").into());
        }
        row.status = status.to_string();
        fields.push("status");
    }
    let floating = row.status == MemberStatus::Floating.as_str();
    match &input.host_branch_id {
        Some(Some(host)) => {
            let branch = org(unit, host, "hostBranchId").await?;
            let fits = branch.kind == OrganizationKind::Branch.as_str()
                && branch.dissolved_on.is_none()
                && branch.id != row.branch_id;
            if !fits || !floating {
                return Err(Problem::at(ProblemCode::Invalid, "hostBranchId").into());
            }
            row.host_branch_id = Some(branch.id);
            fields.push("hostBranch");
        }
        Some(None) => {
            row.host_branch_id = None;
            fields.push("hostBranch");
        }
        None => {}
    }
    if !floating {
        row.host_branch_id = None;
    }
    Ok(())
}

/// Closes the running membership and opens the next, as the member's row now says.
pub(in crate::ops) async fn turn(unit: &Unit, permit: &Permit, row: &Member, on: NaiveDate) -> Outcome<()> {
    if let Some(running) = unit.write.membership_of(&row.id).await? {
        let next = membership(unit, row, on);
        unit.write.turn_membership(permit, running, on, Some(next)).await?;
    }
    Ok(())
}

/// Puts a member into a group of their branch from today on, or out of any. The id of the member.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `KIND_NOT_ALLOWED_HERE`, `HOLDS_POST`, `WRONG_STATE`, `CONFLICT`, or the database is away.
#[tracing::instrument(name = "ops.people.roster.assign_group", skip_all)]
pub async fn assign_group(unit: &mut Unit, input: &Assign) -> Outcome<Vec<String>> {
    let before = member(unit, &input.member_id, "memberId").await?;
    let target = target_of(unit, &before).await?;
    let permit = unit.require(Action::AssignGroup, &target, "memberId")?;
    expect(before.version, Some(input.expected_version))?;
    still_here(&before, "memberId")?;
    if let Some(group) = &input.group_id {
        group_of(unit, group, &before.branch_id).await?;
    }
    if input.group_id == before.group_id {
        return Ok(vec![before.id]);
    }
    let leads = unit.write.posts_held(&before.id, unit.today).await?;
    if leads.iter().any(|row| row.post == Post::GroupLeader.as_str()) {
        return Err(Problem::at(ProblemCode::HoldsPost, "memberId").into());
    }
    let mut row = before.clone();
    row.group_id.clone_from(&input.group_id);
    turn(unit, &permit, &row, unit.today).await?;
    let groups: Vec<String> = before.group_id.iter().chain(&row.group_id).cloned().collect();
    let row = keep(unit, &permit, &before, row, &["group"]).await?;
    rejudge(unit, &groups, unit.today).await?;
    Ok(vec![row.id])
}

/// Records that a member left: memberships, posts and what they were expected at end with the day. The id of the member.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `COLLECTIVE_DECISION_REQUIRED`, `WRONG_STATE`, `CONFLICT`, bad dates, or the database is away.
#[tracing::instrument(name = "ops.people.roster.leave", skip_all)]
pub async fn leave(unit: &mut Unit, input: &Leave) -> Outcome<Vec<String>> {
    let before = member(unit, &input.member_id, "memberId").await?;
    let target = target_of(unit, &before).await?;
    let permit = unit.require(Action::RecordMember, &target, "memberId")?;
    expect(before.version, Some(input.expected_version))?;
    still_here(&before, "memberId")?;
    match &input.decision {
        Some(decision) => checked_decision(unit, decision)?,
        None if input.reason == DepartureReason::Deceased => {}
        None => return Err(Problem::at(ProblemCode::CollectiveDecisionRequired, "decision").into()),
    }
    checked_date(input.left_on, unit.today, "leftOn")?;
    let running = unit.write.membership_of(&before.id).await?;
    let earliest = running.as_ref().map_or(before.joined_on, |running| running.from_on);
    if input.left_on < earliest {
        return Err(Problem::at(ProblemCode::DateTooEarly, "leftOn")
            .with("min", earliest)
            .into());
    }
    let mut row = before.clone();
    row.status = MemberStatus::Left.to_string();
    row.left_on = Some(input.left_on);
    row.left_reason = Some(input.reason.to_string());
    if let Some(running) = running {
        unit.write
            .turn_membership(&permit, running, input.left_on, None)
            .await?;
    }
    end_posts(unit, &permit, &row, input.left_on, None).await?;
    let coming = unit
        .write
        .coming(
            &row.id,
            unit.today,
            unit.today.checked_add_months(AHEAD).unwrap_or(unit.today),
        )
        .await?;
    let coming: Vec<_> = coming
        .into_iter()
        .filter(|row| row.state != AttendanceState::Present.as_str())
        .collect();
    if !coming.is_empty() {
        unit.write.remove_coming(&coming).await?;
    }
    unit.write.close_accounts_of(&row.id, unit.now).await?;
    identity_change::withdraw(unit, &permit, &row.id, &target.org, None).await?;
    let row = keep(unit, &permit, &before, row, &["status", "leftOn"]).await?;
    let mut seats = vec![row.branch_id.clone()];
    seats.extend(row.group_id.clone());
    rejudge(unit, &seats, input.left_on).await?;
    Ok(vec![row.id])
}

/// Ends the posts of a member with the day: all of them, or those in some orgs.
pub(in crate::ops) async fn end_posts(
    unit: &mut Unit,
    permit: &Permit,
    row: &Member,
    on: NaiveDate,
    within: Option<&[String]>,
) -> Outcome<()> {
    let mut held = unit.write.posts_held(&row.id, on).await?;
    held.retain(|post| within.is_none_or(|orgs| orgs.contains(&post.organization_id)));
    let ids: Vec<String> = held.iter().map(|post| post.organization_id.clone()).collect();
    let found = orgs(unit, &ids).await?;
    for mut post in held {
        let place = place_in(&found, &post.organization_id)?;
        post.until = Some(on.max(post.since));
        post.version += 1;
        let at = (place.id.as_str(), place.path.as_str());
        let mut event = upsert(EntityKind::Appointment, &post.id, post.version, at, &["until"]);
        event.member_id = Some(row.id.clone());
        unit.ledger.events.push(event);
        unit.write.update_appointment(permit, post).await?;
    }
    Ok(())
}
