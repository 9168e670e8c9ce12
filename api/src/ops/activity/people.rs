//! Who is expected: rows made from the people of the orgs on the day.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::activity_kind::capabilities;
use domain::lifecycle::activity::{Person, Tally};
use domain::vocabulary::{ActivityKind, AttendanceMode, AttendanceState, EntityKind};

use super::super::measure::rejudge_since;
use super::super::outcome::Outcome;
use super::super::writing::Unit;
use super::{Attendance, Loaded, read};

/// The people of these orgs that an activity of this kind is for.
pub(super) async fn people_of(unit: &Unit, kind: ActivityKind, orgs: &[String], on: NaiveDate) -> Outcome<Vec<Person>> {
    Ok(unit.write.people(orgs, capabilities(kind).expected, on).await?)
}

/// A row for a person, in a state.
pub(super) fn row(unit: &Unit, loaded: &Loaded, person: &Person, state: AttendanceState) -> Attendance {
    Attendance {
        id: unit.app.ids.next(EntityKind::Attendance),
        activity_id: loaded.row.id.clone(),
        member_id: person.member_id.clone(),
        organization_id: person.organization_id.clone(),
        activity_kind: loaded.row.kind.clone(),
        local_date: loaded.row.local_date,
        state: state.to_string(),
        mode: None,
        recorded_at: None,
        dispute: None,
        wrong_codes: 0,
        version: 1,
    }
}

/// Rows for everybody who is expected or exempt.
pub(super) fn expected(unit: &Unit, loaded: &Loaded, people: &[Person], mode: AttendanceMode) -> Vec<Attendance> {
    people
        .iter()
        .filter_map(|person| Some(row(unit, loaded, person, person.expected(mode)?)))
        .collect()
}

/// Counts per org.
pub(super) fn tallies(rows: &[Attendance]) -> Outcome<BTreeMap<String, Tally>> {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for row in rows {
        let mode = row.mode.as_deref().map(read::<AttendanceMode>).transpose()?;
        let tally = tallies.entry(row.organization_id.clone()).or_default();
        tally.count(read(&row.state)?, mode);
    }
    Ok(tallies)
}

/// Writes the counts of every org that takes part; `confirms` have confirmed theirs now.
pub(super) async fn count(unit: &Unit, loaded: &Loaded, rows: &[Attendance], confirms: &[&str]) -> Outcome<()> {
    let tallies = tallies(rows)?;
    for org in &loaded.orgs {
        let tally = tallies.get(&org.organization_id).copied().unwrap_or_default();
        let confirms = confirms.contains(&org.organization_id.as_str());
        let by = || unit.actor.member_id().map(ToOwned::to_owned);
        unit.write
            .set_tally(
                &loaded.row.id,
                &org.organization_id,
                &tally,
                confirms.then(|| (unit.now, by())),
            )
            .await?;
    }
    Ok(())
}

/// Judges the measures of these people again: their attendance on the activity's day may have changed (G2.5a).
pub(super) async fn measured(unit: &mut Unit, loaded: &Loaded, rows: &[Attendance]) -> Outcome<()> {
    if !capabilities(loaded.kind).counts_as_organizational_life {
        return Ok(());
    }
    let members: Vec<String> = rows.iter().map(|row| row.member_id.clone()).collect();
    rejudge_since(unit, &members, loaded.row.local_date).await?;
    Ok(())
}
