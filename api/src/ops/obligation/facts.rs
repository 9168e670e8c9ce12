//! From rows to what the judge reads.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use chrono_tz::Tz;
use domain::activity_kind::capabilities;
use domain::obligation::{Deviation, Facts, Headcount, HeldActivity, OrganizationFacts, Subordinate};
use domain::period::local_date;
use domain::rulebook::words::ActKind;
use domain::vocabulary::{ActivityKind, MemberStatus, OrganizationKind, Standing, UnknownCode};

use crate::ops::organization::flags_of;
use crate::ops::outcome::{Failure, Outcome};
use crate::store::organization::Organization;
use crate::store::oversight::{DeviationRow, HeldRow, KinRow, MemberCount, OversightFacts};

/// Acts that are no activities and are recorded here: the rooms that record them name them.
pub(in crate::ops) const RECORDED_ACTS: &[ActKind] = &[];

/// One org with all that was read about it.
pub struct Known {
    pub row: Organization,
    pub organization: OrganizationFacts,
    pub held: Vec<HeldActivity>,
    pub deviations: Vec<Deviation>,
    pub below: Vec<Subordinate>,
}

impl Known {
    /// What the judge reads.
    pub(super) fn facts(&self) -> Facts<'_> {
        Facts {
            organization: &self.organization,
            held: &self.held,
            deviations: &self.deviations,
            below: &self.below,
            acts: RECORDED_ACTS,
        }
    }
}

/// Puts the rows together, org by org.
///
/// # Errors
/// A code in the database that the glossary does not know.
pub fn known(facts: OversightFacts, zone: Tz) -> Outcome<Vec<Known>> {
    let OversightFacts {
        organizations,
        kin,
        history,
        members,
        held,
        agenda,
        deviations,
    } = facts;
    let mut agendas: HashMap<String, Vec<String>> = HashMap::new();
    for (activity, kind) in agenda {
        agendas.entry(activity).or_default().push(kind);
    }
    let judged = |row: &HeldRow| Ok((row.organization_id.clone(), activity_of(row, &agendas, zone)?));
    let activities: Vec<(String, HeldActivity)> = held.iter().map(judged).collect::<Outcome<_>>()?;
    let mut held: HashMap<String, Vec<HeldActivity>> = HashMap::new();
    for (org, activity) in activities {
        held.entry(org).or_default().push(activity);
    }
    let mut kin = group(kin, |row: &KinRow| row.organization_id.clone());
    let mut members = group(members, |row: &MemberCount| row.organization_id.clone());
    let since = committees_since(&history);
    let mut deviations = group(deviations, |row: &DeviationRow| row.organization_id.clone());
    organizations
        .into_iter()
        .map(|row| {
            let counts = members.remove(&row.id).unwrap_or_default();
            let kin = kin.remove(&row.id).unwrap_or_default();
            let deviations = deviations.remove(&row.id).unwrap_or_default();
            Ok(Known {
                organization: organization_of(&row, kin_of(&kin)?, since.get(&row.id).copied(), &counts)?,
                held: held.get(&row.id).cloned().unwrap_or_default(),
                below: below(&kin, &held)?,
                deviations: deviations.iter().map(deviation_of).collect::<Outcome<_>>()?,
                row,
            })
        })
        .collect()
}

/// Since when each org has had its committee without a break; orgs that always had one are left out.
fn committees_since(history: &[(String, NaiveDate, serde_json::Value)]) -> HashMap<String, NaiveDate> {
    let mut without: HashSet<&str> = HashSet::new();
    let mut since = HashMap::new();
    for (org, from_on, facts) in history {
        let has = facts.get("hasCommittee").and_then(serde_json::Value::as_bool) == Some(true);
        if !has {
            without.insert(org);
            since.remove(org);
        } else if without.remove(org.as_str()) {
            since.insert(org.clone(), *from_on);
        }
    }
    since
}

fn group<T>(rows: Vec<T>, key: impl Fn(&T) -> String) -> HashMap<String, Vec<T>> {
    let mut groups: HashMap<String, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}

/// Reads a code of a closed list.
pub(super) fn code<T: std::str::FromStr<Err = UnknownCode>>(text: &str) -> Outcome<T> {
    text.parse()
        .map_err(|error: UnknownCode| Failure::Internal(error.into()))
}

/// What the judge asks about the orgs around one: the kind of the superior, and whether there are groups below.
struct Kin {
    parent_kind: Option<OrganizationKind>,
    has_groups: bool,
}

fn kin_of(rows: &[KinRow]) -> Outcome<Kin> {
    let above = rows.iter().find(|row| row.level == 0);
    let is_group = |row: &KinRow| {
        row.level == 1 && row.dissolved_on.is_none() && row.kind == OrganizationKind::PartyGroup.as_str()
    };
    Ok(Kin {
        parent_kind: above.map(|row| code(&row.kind)).transpose()?,
        has_groups: rows.iter().any(is_group),
    })
}

/// The orgs below, with what groups held.
fn below(rows: &[KinRow], held: &HashMap<String, Vec<HeldActivity>>) -> Outcome<Vec<Subordinate>> {
    let below = rows.iter().filter(|row| row.level > 0);
    below
        .map(|row| {
            let kind = code(&row.kind)?;
            let own = held.get(&row.id).filter(|_| kind == OrganizationKind::PartyGroup);
            Ok(Subordinate {
                id: row.id.clone(),
                kind,
                is_child: row.level == 1,
                stood_from: row.founded_on,
                stood_until: row.dissolved_on,
                held: own.cloned().unwrap_or_default(),
            })
        })
        .collect()
}

/// The people of one org.
pub(super) fn headcount<'a>(counts: impl IntoIterator<Item = &'a MemberCount>) -> Headcount {
    counts.into_iter().fold(Headcount::default(), |people, row| {
        let (number, full) = (whole(row.number), row.standing == Standing::Full.as_str());
        let of = |counts: bool| if counts { number } else { 0 };
        Headcount {
            members: people.members + number,
            full_members: people.full_members + of(full),
            voting_members: people.voting_members + of(full && row.status != MemberStatus::Suspended.as_str()),
            unexempt_members: people.unexempt_members + of(row.status == MemberStatus::Active.as_str() && !row.exempt),
        }
    })
}

fn organization_of(
    row: &Organization,
    kin: Kin,
    committee_since: Option<NaiveDate>,
    counts: &[MemberCount],
) -> Outcome<OrganizationFacts> {
    let people = headcount(counts);
    Ok(OrganizationFacts {
        id: row.id.clone(),
        kind: code(&row.kind)?,
        parent_kind: kin.parent_kind,
        sector: code(&row.sector)?,
        flags: flags_of(row),
        has_committee: row.has_committee,
        committee_since,
        holds_democratic_life_meeting: row.holds_democratic_life_meeting,
        joint: row.joint,
        temporary: row.temporary,
        has_groups: kin.has_groups,
        stood_from: row.founded_on,
        stood_until: row.dissolved_on,
        lineage_from: row.founded_on,
        members: people.members,
        full_members: people.full_members,
        voting_members: people.voting_members,
        unexempt_members: people.unexempt_members,
    })
}

fn whole(number: i64) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

fn activity_of(row: &HeldRow, agendas: &HashMap<String, Vec<String>>, zone: Tz) -> Outcome<HeldActivity> {
    let agenda = agendas.get(&row.id).map(Vec::as_slice).unwrap_or_default();
    let kind = code::<ActivityKind>(&row.kind)?;
    // A meeting at which a small branch is a guest stays the host's own (ADR 0064).
    let own = row.host_id == row.organization_id && !capabilities(kind).may_be_joint();
    Ok(HeldActivity {
        id: row.id.clone(),
        kind: kind.into(),
        date: row.local_date,
        expected: whole(row.expected),
        present: whole(row.present),
        filed_on: row.filed_at.map(|at| local_date(at, zone)),
        make_up_for: row.make_up_for.as_deref().and_then(|code| code.parse().ok()),
        // The host is nobody's guest: it is named by holding it.
        named_before_start: row.host_id == row.organization_id || row.named_at <= row.starts_at,
        for_year: row.for_year.and_then(|year| i32::try_from(year).ok()),
        joint: row.orgs > 1 && !own,
        agenda: agenda.iter().map(|kind| code(kind)).collect::<Outcome<_>>()?,
        // No kind of activity is held with an org below; acts that are about one come with the room that records them.
        about: Vec::new(),
    })
}

fn deviation_of(row: &DeviationRow) -> Outcome<Deviation> {
    Ok(Deviation {
        rule: row.rule_key.clone(),
        subject: row.subject_id.clone(),
        period: row
            .period
            .parse()
            .map_err(|error| Failure::Internal(anyhow::Error::new::<domain::period::UnknownPeriod>(error)))?,
        state: code(&row.state)?,
        new_date: Some(row.new_date),
    })
}
