//! Who is responsible (G3.1a, 一岗双责): the first responsible person 第一责任人 is the head of the org, the directly
//! responsible one 直接责任人 the officer whose portfolio covers it. It steers lists and alerts, never rights.

use crate::place;
use crate::vocabulary::{OrganizationKind, Post};

/// A post held today in the org or in one above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Officer {
    pub member_id: String,
    pub organization_id: String,
    pub post: Post,
    pub acting: bool,
    /// Ids of the orgs in its charge 分管.
    pub portfolio: Vec<String>,
}

/// Ids of members; `None` where nobody holds such a post up to the root.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Responsible {
    pub first: Option<String>,
    /// The org at which the first responsible person was found: a superior where the org has nobody.
    pub first_at: Option<String>,
    pub direct: Option<String>,
}

/// Who answers for the org with this path. A vacancy passes it to the acting holder, the deputy, the superior.
#[must_use]
pub fn responsible(path: &str, kind: OrganizationKind, officers: &[Officer]) -> Responsible {
    let at = |org: &str| -> Vec<&Officer> { officers.iter().filter(|one| one.organization_id == org).collect() };
    let own = place::ids_on(path).next_back();
    let head = place::ids_on(path).rev().find_map(|org| {
        let leads_group = own == Some(org) && kind == OrganizationKind::PartyGroup;
        head(&at(org), leads_group).map(|one| (one.member_id.clone(), org.to_owned()))
    });
    let direct = place::ids_on(path).rev().find_map(|covered| {
        let covers = |one: &&Officer| one.portfolio.iter().any(|org| org == covered);
        officers
            .iter()
            .filter(covers)
            .min_by_key(|one| rank(one, false))
            .map(|one| one.member_id.clone())
    });
    let (first, first_at) = head.map_or((None, None), |(member, org)| (Some(member), Some(org)));
    Responsible {
        first,
        first_at,
        direct,
    }
}

fn head<'a>(held: &[&'a Officer], leads_group: bool) -> Option<&'a Officer> {
    let heads = held.iter().filter(|one| rank(one, leads_group) < NO_HEAD);
    heads.min_by_key(|one| rank(one, leads_group)).copied()
}

const NO_HEAD: u8 = 3;

/// The elected head before the acting one before the deputy before all others.
fn rank(one: &Officer, leads_group: bool) -> u8 {
    match one.post {
        Post::Secretary if !one.acting => 0,
        Post::GroupLeader if leads_group => 0,
        Post::Secretary => 1,
        _ if one.acting => 1,
        Post::DeputySecretary => 2,
        _ => NO_HEAD,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn officer(member: &str, org: &str, post: Post) -> Officer {
        Officer {
            member_id: member.into(),
            organization_id: org.into(),
            post,
            acting: false,
            portfolio: Vec::new(),
        }
    }

    fn first(officers: &[Officer]) -> Option<String> {
        responsible("/city/town/branch/", OrganizationKind::Branch, officers).first
    }

    #[test]
    fn g3_1a_a_vacancy_passes_to_the_acting_holder_the_deputy_the_superior() {
        let mut officers = vec![
            officer("m_city", "city", Post::Secretary),
            officer("m_town", "town", Post::Secretary),
            officer("m_deputy", "branch", Post::DeputySecretary),
            Officer {
                acting: true,
                ..officer("m_acting", "branch", Post::Secretary)
            },
            officer("m_secretary", "branch", Post::Secretary),
        ];
        for expected in ["m_secretary", "m_acting", "m_deputy", "m_town", "m_city"] {
            assert_eq!(first(&officers).as_deref(), Some(expected));
            officers.retain(|one| one.member_id != expected);
        }
        assert_eq!(first(&officers), None);
    }

    #[test]
    fn g3_1a_the_nearest_portfolio_names_the_directly_responsible_person() {
        let covering = |member: &str, org: &str, covered: &str| Officer {
            portfolio: vec![covered.into()],
            ..officer(member, org, Post::DeputySecretary)
        };
        let direct =
            |officers: &[Officer]| responsible("/city/town/branch/", OrganizationKind::Branch, officers).direct;
        let (near, far) = (covering("m_near", "town", "branch"), covering("m_far", "city", "town"));
        assert_eq!(direct(&[far.clone(), near]).as_deref(), Some("m_near"));
        assert_eq!(direct(&[far]).as_deref(), Some("m_far"));
        assert_eq!(direct(&[covering("m", "city", "other")]), None);
    }
}
