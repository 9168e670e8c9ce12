//! Grows the hierarchy: committees from the plan, branches below them, groups below every other larger branch.

use std::collections::HashMap;

use anyhow::Context as _;
use chrono::{Months, NaiveDate};
use domain::organization_facts::{may_approve, organ_name, owes_democratic_life_meeting};
use domain::place::{child_path, depth};
use domain::vocabulary::OrganizationKind as Kind;
use domain::vocabulary::{EntityKind, OrganKind, Sector};
use entity::{organ, organization, organization_fact};

use super::city::{Branch, City, Node, TINY, YOUNG};
use super::{at_scale, plan};
use crate::store::name_key::name_key;
use crate::store::structure::facts_of;

/// Branches of each larger size get this many groups.
const GROUPS: [usize; 15] = [3, 0, 0, 2, 0, 0, 3, 0, 0, 2, 0, 0, 0, 0, 0];

/// Leading groups by name, until the org comes that they guide.
pub(super) type Guides = HashMap<String, Node>;

/// A branch that was moved: it, with what is below, stood below the other committee before.
pub(super) struct Moved {
    pub(super) branch: String,
    pub(super) from: Node,
}

impl City<'_> {
    pub(super) fn grow_hierarchy(&mut self) -> anyhow::Result<()> {
        let mut above: Vec<Node> = Vec::new();
        for line in plan::CITY {
            above.truncate(line.depth);
            self.found_committee(&mut above, line.kind, line.sector, line.name);
            for name in line.branches {
                let wanted = GROUPS.iter().copied().cycle().nth(self.branches.len()).unwrap_or(0);
                self.add_branch(&above, name, wanted, Some(self.branches.len()));
            }
        }
        self.guide()
    }

    /// Grows a part of a city at scale below the orgs `above` that the part before ended with.
    pub(super) fn grow_part(&mut self, part: &[at_scale::Line], above: &mut Vec<Node>, groups: &mut Guides) {
        for line in part {
            above.truncate(line.depth + usize::from(line.goes_on));
            if !line.goes_on {
                self.found_committee(above, line.kind, line.sector, &line.name);
            }
            if line.kind == Kind::LeadingPartyMembersGroup {
                // Its posts are filled from the orgs that it guides, which come later.
                groups.extend(self.committees.pop().map(|node| (node.name.clone(), node)));
            }
            if let Some(group) = line.guided_by.as_ref().and_then(|name| groups.remove(name)) {
                if let Some(row) = self.rows.organization.last_mut() {
                    row.guided_by = Some(group.id.clone());
                }
                self.committees.push(group);
            }
            for plot in &line.branches {
                let place = (self.before.branches + self.branches.len()) % self.oddities_every;
                let oddity = Some(place).filter(|_| !plot.office);
                let groups = if oddity == Some(TINY) { 0 } else { plot.groups };
                self.add_branch(above, &plot.name, groups, oddity);
            }
        }
    }

    fn found_committee(&mut self, above: &mut Vec<Node>, kind: Kind, sector: Sector, name: &str) {
        let node = self.found(above, kind, sector, name, None);
        self.add_organs(&node);
        self.committees.push(node.clone());
        above.push(node);
    }

    fn add_branch(&mut self, above: &[Node], name: &str, wanted: usize, oddity: Option<usize>) {
        let sector = sector_of(name, above.last().map_or(Sector::Other, |parent| parent.sector));
        let node = self.found(above, Kind::Branch, sector, name, oddity);
        let mut groups = Vec::new();
        let mut above = above.to_vec();
        above.push(node.clone());
        for number in 1..=wanted {
            let name = format!("{name}{}党小组", at_scale::ordinal(number));
            groups.push(self.found(&above, Kind::PartyGroup, sector, &name, None));
        }
        let lapses = match self.dice.below(10) {
            0 => 250,
            1 | 2 => 80,
            3.. => 10,
        };
        self.branches.push(Branch {
            node,
            groups,
            people: Vec::new(),
            lapses,
            oddity,
        });
    }

    fn found(&mut self, above: &[Node], kind: Kind, sector: Sector, name: &str, oddity: Option<usize>) -> Node {
        let id = self.app.ids.next(EntityKind::Organization);
        let parent = above.last();
        let years = u32::try_from(self.dice.between(4, 25)).unwrap_or(4);
        let earliest = parent.map_or(NaiveDate::MIN, |parent| parent.founded);
        let founded = match oddity {
            Some(YOUNG) => self.today - Months::new(8),
            Some(_) | None => earliest.max(self.from - Months::new(years * 12)),
        };
        let node = Node {
            path: child_path(parent.map(|parent| parent.path.as_str()), &id),
            id,
            name: name.to_owned(),
            kind,
            sector,
            next_from: next_from(above, kind),
            approver: above
                .iter()
                .rev()
                .find(|node| node.approves)
                .map(|node| node.id.clone()),
            approves: may_approve(kind, sector, false),
            has_committee: !matches!(kind, Kind::Branch | Kind::PartyGroup | Kind::LeadingPartyMembersGroup),
            founded,
        };
        self.keep_org(&node, parent.map(|parent| parent.id.clone()));
        node
    }

    fn keep_org(&mut self, node: &Node, parent_id: Option<String>) {
        let small = matches!(node.kind, Kind::Branch | Kind::PartyGroup);
        self.rows.organization.push(organization::Model {
            id: node.id.clone(),
            name: node.name.clone(),
            name_key: name_key(&node.name),
            kind: node.kind.to_string(),
            sector: node.sector.to_string(),
            parent_id,
            path: node.path.clone(),
            depth: i64::try_from(depth(&node.path)).unwrap_or(0),
            next_from_depth: node.next_from,
            approver_id: node.approver.clone(),
            guided_by: None,
            approves: node.approves,
            has_committee: node.has_committee,
            holds_democratic_life_meeting: owes_democratic_life_meeting(node.kind),
            joint: node.name.contains("联合"),
            temporary: false,
            law_enforcement: small && node.name.contains("纪委"),
            service_window: small && node.name.contains("门诊"),
            service_trade: small && node.name.contains("运输"),
            founded_on: node.founded,
            dissolved_on: None,
            version: 1,
        });
    }

    fn add_organs(&mut self, node: &Node) {
        if !matches!(node.kind, Kind::CityCommittee | Kind::CountyCommittee) {
            return;
        }
        for kind in OrganKind::ALL {
            self.rows.organ.push(organ::Model {
                id: self.app.ids.plain(),
                organization_id: node.id.clone(),
                kind: kind.to_string(),
                name: organ_name(&node.name, *kind),
            });
        }
    }

    fn guide(&mut self) -> anyhow::Result<()> {
        let group = self
            .committee(plan::LEADING_GROUP)
            .context("no leading group")?
            .id
            .clone();
        for row in self.rows.organization.iter_mut().filter(|row| row.name == plan::GUIDED) {
            row.guided_by = Some(group.clone());
        }
        Ok(())
    }

    /// The branch of the demo city that was moved, and from where.
    pub(super) fn moved(&self) -> anyhow::Result<Moved> {
        let from = self.committee(plan::MOVED_FROM).context("no old committee")?.clone();
        let branch = self.branches.iter().find(|branch| branch.node.name == plan::MOVED);
        let branch = branch.context("no branch to move")?.node.id.clone();
        Ok(Moved { branch, from })
    }

    /// In a city at scale one branch of a part, without groups, came from another committee of the part.
    pub(super) fn moved_at_scale(&self) -> Option<Moved> {
        let takes = |node: &&Node| {
            matches!(
                node.kind,
                Kind::TownCommittee | Kind::PrimaryCommittee | Kind::GeneralBranch
            )
        };
        let from = self.committees.iter().find(takes)?;
        let plain = |branch: &&Branch| branch.groups.is_empty() && branch.oddity.is_some();
        let elsewhere = |branch: &&Branch| !domain::place::is_within(&branch.node.path, &from.path);
        let old_enough = |branch: &&Branch| from.founded < branch.node.founded && branch.oddity != Some(YOUNG);
        let mut branches = self.branches.iter().rev().filter(plain);
        let branch = branches.find(|branch| elsewhere(branch) && old_enough(branch))?;
        Some(Moved {
            branch: branch.node.id.clone(),
            from: from.clone(),
        })
    }

    /// One open fact per org; two for a branch that was moved.
    pub(super) fn write_facts(&mut self, moved: Option<&Moved>, moved_on: NaiveDate) {
        for row in &self.rows.organization {
            let mut from_on = row.founded_on;
            let moved = moved.filter(|moved| moved.branch == row.id);
            if let Some(moved) = moved {
                let mut before = fact(row, from_on, self.app.ids.plain(), self.at(from_on, 9, 0));
                before.until_on = Some(moved_on);
                before.path = child_path(Some(&moved.from.path), &row.id);
                before.parent_id = Some(moved.from.id.clone());
                self.rows.organization_fact.push(before);
                from_on = moved_on;
            }
            let mut open = fact(row, from_on, self.app.ids.plain(), self.at(from_on, 9, 0));
            if moved.is_some() {
                "行政村归属调整".clone_into(&mut open.reason);
                open.decided_on = Some(moved_on - chrono::Days::new(7));
                open.document_number = Some("云委组〔示〕17号".to_owned());
            }
            self.rows.organization_fact.push(open);
        }
    }
}

fn fact(
    row: &organization::Model,
    from_on: NaiveDate,
    id: String,
    at: chrono::DateTime<chrono::Utc>,
) -> organization_fact::Model {
    organization_fact::Model {
        id,
        organization_id: row.id.clone(),
        from_on,
        until_on: None,
        name: row.name.clone(),
        kind: row.kind.clone(),
        sector: row.sector.clone(),
        parent_id: row.parent_id.clone(),
        path: row.path.clone(),
        facts: facts_of(row),
        reason: "成立".to_owned(),
        decided_on: None,
        document_number: None,
        meeting_id: None,
        recorded_at: at,
    }
}

/// The depth from which an ancestor looks at the org as one of its next level.
fn next_from(above: &[Node], kind: Kind) -> i64 {
    let Some(parent) = above.last() else { return 0 };
    if kind == Kind::PartyGroup {
        return parent.next_from;
    }
    let passes = |node: &&Node| kind == Kind::Branch && !node.approves;
    let skipped = above.iter().rev().take_while(passes).count();
    i64::try_from(above.len().saturating_sub(skipped + 1)).unwrap_or(0)
}

fn sector_of(name: &str, parent: Sector) -> Sector {
    match name {
        name if name.contains("村") => Sector::Village,
        name if name.contains("社区") => Sector::Community,
        name if name.contains("社工") => Sector::NewSocial,
        name if name.contains("站") || name.contains("中心党") => Sector::Institution,
        _ => parent,
    }
}
