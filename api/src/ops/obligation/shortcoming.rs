//! Findings that are no obligations, derived when they are read; who is responsible; what was on the agenda.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use domain::obligation::shortcoming::{Composition, Shortcoming, shortcomings};
use domain::place;
use domain::policy::Subject;
use domain::responsibility::{Officer, Responsible, responsible};
use domain::vocabulary::{OrganizationKind, Post, Sector, ShortcomingKind};

use super::facts::code;
use crate::ops::organization::{Organization, Page, PageRequest, Within};
use crate::ops::outcome::Outcome;
use crate::ops::reading::Reading;
use crate::ops::rulebook::Seat;
use crate::store::composition::Compositions;

/// One finding with the org it is about.
#[derive(Debug, Clone)]
pub struct OrganizationFinding {
    pub organization_id: String,
    pub path: String,
    pub sector: Option<Sector>,
    /// The org that has to act: itself or the level above.
    pub addressee_id: String,
    pub found: Shortcoming,
}

impl OrganizationFinding {
    /// What decides which rulebooks hold for the org.
    #[must_use]
    pub fn seat(&self) -> Seat<'_> {
        Seat {
            path: &self.path,
            sector: self.sector,
        }
    }

    /// What the list is sorted by.
    #[must_use]
    pub fn key(&self) -> Vec<String> {
        vec![self.path.clone(), self.found.kind.to_string()]
    }
}

impl Reading {
    /// A page of what is amiss with orgs, along the tree.
    ///
    /// # Errors
    /// The database is away.
    pub async fn shortcomings_within(
        &self,
        within: &Within,
        kinds: Option<&[ShortcomingKind]>,
        page: &PageRequest,
    ) -> Outcome<Page<OrganizationFinding>> {
        let scope = self.rows(Subject::Obligations);
        let read = self.snapshot.compositions(&scope, within, self.today).await?;
        let library = self.library().await?;
        let mut all = Vec::new();
        for (row, composition) in composed(read, self.today)? {
            let Some(books) = library.books(&row) else {
                continue;
            };
            let found = shortcomings(&composition, books.on(self.today), self.today);
            let asked = found
                .into_iter()
                .filter(|one| kinds.is_none_or(|kinds| kinds.contains(&one.kind)));
            all.extend(asked.map(|found| finding(&row, found)));
        }
        Ok(cut(all, page))
    }

    /// Who answers for the orgs with these paths.
    ///
    /// # Errors
    /// The database is away.
    pub async fn responsible(&self, paths: &[String]) -> Outcome<HashMap<String, Responsible>> {
        let mut ids: Vec<String> = paths
            .iter()
            .flat_map(|path| place::ids_on(path).map(ToOwned::to_owned))
            .collect();
        ids.sort();
        ids.dedup();
        let mut officers = Vec::new();
        for row in self.snapshot.posts_at(&ids, self.today).await? {
            officers.push(Officer {
                post: code(&row.post)?,
                acting: row.acting,
                portfolio: serde_json::from_value(row.portfolio).unwrap_or_default(),
                member_id: row.member_id,
                organization_id: row.organization_id,
            });
        }
        let kinds = self.kinds(&ids).await?;
        let answer = |path: &String| {
            let own = place::ids_on(path).next_back()?;
            let above: HashSet<&str> = place::ids_on(path).collect();
            let near: Vec<Officer> = officers
                .iter()
                .filter(|one| above.contains(one.organization_id.as_str()))
                .cloned()
                .collect();
            Some((path.clone(), responsible(path, *kinds.get(own)?, &near)))
        };
        Ok(paths.iter().filter_map(answer).collect())
    }

    async fn kinds(&self, ids: &[String]) -> Outcome<HashMap<String, OrganizationKind>> {
        let rows = self.organizations(ids).await?;
        rows.into_iter().map(|row| Ok((row.id, code(&row.kind)?))).collect()
    }

    /// When orgs last had organizational life on the agenda of a held meeting.
    ///
    /// # Errors
    /// The database is away.
    pub async fn last_on_agenda(&self, ids: &[String]) -> Outcome<Vec<(String, NaiveDate)>> {
        let scope = self.rows(Subject::Obligations);
        Ok(self.snapshot.last_on_agenda(&scope, ids).await?)
    }
}

fn composed(read: Compositions, today: NaiveDate) -> Outcome<Vec<(Organization, Composition)>> {
    let divided: HashSet<&str> = read.divided.iter().map(String::as_str).collect();
    let strengths: HashMap<&str, (i64, i64)> = read
        .strengths
        .iter()
        .map(|one| (one.branch_id.as_str(), (one.full, one.ungrouped)))
        .collect();
    let mut led: HashSet<&str> = HashSet::new();
    let mut ended: HashMap<&str, NaiveDate> = HashMap::new();
    for (org, post, term_ends_on) in &read.posts {
        if post == Post::Secretary.as_str() {
            led.insert(org);
        }
        if let Some(end) = term_ends_on.filter(|end| *end <= today) {
            let earliest = ended.entry(org).or_insert(end);
            *earliest = end.min(*earliest);
        }
    }
    let mut unhosted: HashMap<&str, Vec<(Option<NaiveDate>, u32)>> = HashMap::new();
    for row in &read.unhosted {
        let number = u32::try_from(row.number).unwrap_or_default();
        unhosted
            .entry(&row.branch_id)
            .or_default()
            .push((row.offered_on, number));
    }
    let of = |row: &Organization| -> Outcome<Composition> {
        let (full, ungrouped) = strengths.get(row.id.as_str()).copied().unwrap_or_default();
        Ok(Composition {
            kind: code(&row.kind)?,
            has_groups: divided.contains(row.id.as_str()),
            full_members: u32::try_from(full).unwrap_or_default(),
            ungrouped_members: u32::try_from(ungrouped).unwrap_or_default(),
            has_secretary: led.contains(row.id.as_str()),
            unhosted_floating: unhosted.get(row.id.as_str()).cloned().unwrap_or_default(),
            term_ended_on: ended.get(row.id.as_str()).copied(),
        })
    };
    let compositions: Vec<Composition> = read.organizations.iter().map(of).collect::<Outcome<_>>()?;
    Ok(read.organizations.into_iter().zip(compositions).collect())
}

fn finding(row: &Organization, found: Shortcoming) -> OrganizationFinding {
    let above = row.parent_id.clone().filter(|_| found.is_on_superior());
    OrganizationFinding {
        organization_id: row.id.clone(),
        path: row.path.clone(),
        sector: row.sector.parse().ok(),
        addressee_id: above.unwrap_or_else(|| row.id.clone()),
        found,
    }
}

/// The page of a list that was derived as a whole.
fn cut(mut all: Vec<OrganizationFinding>, page: &PageRequest) -> Page<OrganizationFinding> {
    all.sort_by_key(OrganizationFinding::key);
    Page::of_whole(all, page, |one, from| {
        if page.backward {
            one.key().as_slice() < from
        } else {
            one.key().as_slice() > from
        }
    })
}
