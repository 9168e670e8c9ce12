//! Orgs that hold an activity together 联合: which may, and how they come and go before it begins.

use chrono::NaiveDate;
use domain::activity_kind::{capabilities, may_hold, may_meet_jointly};
use domain::lifecycle::activity::Tally;
use domain::place;
use domain::policy::{Permit, Place, Subject};
use domain::problem::{Problem, ProblemCode};
use domain::rulebook::Rulebook;
use domain::rulebook::terms::BRANCH_FORMATION;
use domain::vocabulary::{ActivityKind, EntityKind, OrganizationKind};

use super::super::organization::place_of;
use super::super::outcome::Outcome;
use super::super::structure::DISSOLVED;
use super::super::writing::{Unit, upsert};
use super::{Activity, Loaded, Participation, few};

/// The org that holds an activity, and of which kind that is.
type Held<'a> = (&'a Place, ActivityKind);

/// Places of the further orgs; each must be one that may hold the kind.
pub(super) async fn others(unit: &Unit, (host, kind): Held<'_>, named: &[String]) -> Outcome<Vec<Place>> {
    few(named.len(), "organizations")?;
    let mut ids: Vec<String> = named.iter().filter(|id| **id != host.id).cloned().collect();
    ids.sort();
    ids.dedup();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let scope = unit.rows_of(Subject::Directory);
    let rows = unit.write.organizations(&scope, &ids).await?;
    let places: Vec<Place> = rows.iter().map(place_of).collect::<Result<_, _>>()?;
    for (number, id) in named.iter().enumerate().filter(|(_, id)| **id != host.id) {
        let at = |code| Problem::at(code, &format!("organizations.{number}"));
        let place = places.iter().find(|place| place.id == *id);
        let place = place.ok_or_else(|| at(ProblemCode::NotFound))?;
        if rows.iter().any(|row| row.id == *id && row.dissolved_on.is_some()) {
            return Err(Problem::wrong_state(&format!("organizations.{number}"), DISSOLVED).into());
        }
        if !may_hold(place.kind, kind) {
            return Err(at(ProblemCode::KindNotAllowedHere)
                .with("activityKind", kind)
                .with("organizationKind", place.kind)
                .into());
        }
    }
    Ok(places)
}

/// Refuses orgs that may not hold the kind together: any may a lecture; else one is too small to meet alone (spec 2).
pub(super) async fn check_together(
    unit: &Unit,
    (host, kind): Held<'_>,
    others: &[Place],
    (book, on): (&Rulebook, NaiveDate),
) -> Outcome<()> {
    if others.is_empty() || capabilities(kind).may_be_joint() {
        return Ok(());
    }
    let branches: Vec<String> = std::iter::once(host).chain(others).map(branch_of).collect();
    let counted = unit.write.full_members(&branches).await?;
    let sizes: Vec<u32> = branches
        .iter()
        .map(|branch| {
            counted
                .iter()
                .find(|(id, _)| id == branch)
                .map_or(0, |(_, number)| *number)
        })
        .map(|number| u32::try_from(number).unwrap_or(u32::MAX))
        .collect();
    let least = book.meets_jointly_below(on);
    if may_meet_jointly(kind, &sizes, least) {
        return Ok(());
    }
    Err(Problem::at(ProblemCode::KindNotAllowedHere, "organizations")
        .with("activityKind", kind)
        .with("min", least.unwrap_or_default())
        .by(&book.key, BRANCH_FORMATION)
        .into())
}

/// The branch whose size counts: a group's is its branch's.
fn branch_of(org: &Place) -> String {
    let branch = match org.kind {
        OrganizationKind::PartyGroup => place::ids_on(&org.path).rev().nth(1),
        _ => None,
    };
    branch.unwrap_or(&org.id).to_owned()
}

/// An org that takes part in an activity from now on, with its counts.
pub(super) fn participation(unit: &Unit, activity: &Activity, org: &str, tally: &Tally) -> Participation {
    Participation {
        activity_id: activity.id.clone(),
        organization_id: org.to_owned(),
        named_at: unit.now,
        confirmed_at: None,
        confirmed_by: None,
        expected: tally.expected,
        present: tally.present,
        online: tally.online,
        made_up_by_study: tally.made_up_by_study,
        on_leave: tally.on_leave,
        unexcused: tally.unexcused,
        unexplained: tally.unexplained,
        exempt: tally.exempt,
        register_number: None,
        joins: activity.host_id != org,
    }
}

/// Which orgs take part besides the host is said anew; those that go are told. Seats are brought in line by the caller.
/// Whether anything changed.
pub(super) async fn regroup(unit: &mut Unit, loaded: &mut Loaded, named: &[String]) -> Outcome<Vec<Place>> {
    let host = loaded.host.clone();
    let wanted = others(unit, (&host, loaded.kind), named).await?;
    let book = loaded.book.clone();
    check_together(unit, (&host, loaded.kind), &wanted, (&book, loaded.row.local_date)).await?;
    let missing = |place: &&Place| !loaded.others.iter().any(|other| other.id == place.id);
    let new: Vec<Participation> = wanted
        .iter()
        .filter(missing)
        .map(|place| participation(unit, &loaded.row, &place.id, &Tally::default()))
        .collect();
    let gone: Vec<Place> = loaded
        .others
        .iter()
        .filter(|place| !wanted.iter().any(|other| other.id == place.id))
        .cloned()
        .collect();
    let ids: Vec<String> = gone.iter().map(|place| place.id.clone()).collect();
    if !ids.is_empty() {
        unit.write.leave_out_organizations(&loaded.row.id, &ids).await?;
    }
    loaded.orgs.retain(|org| !ids.contains(&org.organization_id));
    loaded.orgs.extend(new.iter().cloned());
    unit.write.name_organizations(new).await?;
    loaded.others = wanted;
    Ok(gone)
}

/// An org that takes part no longer learns that the activity is none of its own any more.
pub(super) fn tell_gone(unit: &mut Unit, permit: &Permit, loaded: &Loaded, gone: &[Place]) {
    for place in gone {
        let at = (place.id.as_str(), place.path.as_str());
        let event = upsert(
            EntityKind::Activity,
            &loaded.row.id,
            loaded.row.version,
            at,
            &["organizations"],
        );
        unit.note(permit, event);
    }
}
