//! Grows the hierarchy: committees from the plan, branches below them, groups below every other larger branch.

use anyhow::Context as _;
use chrono::{Months, NaiveDate};
use domain::organization_facts::{may_approve, organ_name, owes_democratic_life_meeting};
use domain::place::{child_path, depth};
use domain::vocabulary::OrganizationKind as Kind;
use domain::vocabulary::{EntityKind, OrganKind, Sector};
use entity::{organ, organization, organization_fact};

use super::city::{Branch, City, Node};
use super::plan;
use crate::store::name_key::name_key;
use crate::store::structure::facts_of;

/// Branches of each larger size get this many groups.
const GROUPS: [usize; 15] = [3, 0, 0, 2, 0, 0, 3, 0, 0, 2, 0, 0, 0, 0, 0];

impl City<'_> {
    pub(super) fn grow_hierarchy(&mut self) -> anyhow::Result<()> {
        let mut above: Vec<Node> = Vec::new();
        for line in plan::CITY {
            above.truncate(line.depth);
            let node = self.found(&above, line.kind, line.sector, line.name);
            self.add_organs(&node);
            self.committees.push(node.clone());
            above.push(node);
            for name in line.branches {
                self.add_branch(&above, name);
            }
        }
        self.guide()
    }

    fn add_branch(&mut self, above: &[Node], name: &str) {
        let sector = sector_of(name, above.last().map_or(Sector::Other, |parent| parent.sector));
        let node = self.found(above, Kind::Branch, sector, name);
        let wanted = GROUPS.iter().copied().cycle().nth(self.branches.len()).unwrap_or(0);
        let mut groups = Vec::new();
        let mut above = above.to_vec();
        above.push(node.clone());
        for number in ["第一", "第二", "第三"].iter().take(wanted) {
            groups.push(self.found(&above, Kind::PartyGroup, sector, &format!("{name}{number}党小组")));
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
        });
    }

    fn found(&mut self, above: &[Node], kind: Kind, sector: Sector, name: &str) -> Node {
        let id = self.app.ids.next(EntityKind::Organization);
        let parent = above.last();
        let years = u32::try_from(self.dice.between(4, 25)).unwrap_or(4);
        let earliest = parent.map_or(NaiveDate::MIN, |parent| parent.founded);
        let founded = match name {
            plan::YOUNG => self.today - Months::new(8),
            _ => earliest.max(self.from - Months::new(years * 12)),
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

    /// One open fact per org; two for the branch that was moved.
    pub(super) fn write_facts(&mut self, moved_on: NaiveDate) -> anyhow::Result<()> {
        let old = self.committee(plan::MOVED_FROM).context("no old committee")?.clone();
        for row in &self.rows.organization {
            let mut from_on = row.founded_on;
            let within_moved = row.name.starts_with(plan::MOVED);
            if within_moved {
                let mut before = fact(row, from_on, self.app.ids.plain(), self.at(from_on, 9, 0));
                before.until_on = Some(moved_on);
                before.path = child_path(Some(&old.path), &row.id);
                before.parent_id = Some(old.id.clone());
                self.rows.organization_fact.push(before);
                from_on = moved_on;
            }
            let mut open = fact(row, from_on, self.app.ids.plain(), self.at(from_on, 9, 0));
            if within_moved {
                "行政村归属调整".clone_into(&mut open.reason);
                open.decided_on = Some(moved_on - chrono::Days::new(7));
                open.document_number = Some("云委组〔示〕17号".to_owned());
            }
            self.rows.organization_fact.push(open);
        }
        Ok(())
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
