//! Place in the hierarchy: materialised paths and which kind may stand below which.

use crate::vocabulary::OrganizationKind as K;

/// The kinds that may stand directly below `parent` (spec 2, "Kinds of org, as data").
#[must_use]
pub fn allowed_children(parent: K) -> &'static [K] {
    match parent {
        K::CityCommittee => &[
            K::CountyCommittee,
            K::DepartmentCommittee,
            K::DirectlyAffiliatedUnitCommittee,
            K::LeadingPartyMembersGroup,
            K::WorkingCommittee,
        ],
        K::CountyCommittee => &[
            K::TownCommittee,
            K::SubdistrictWorkingCommittee,
            K::WorkingCommittee,
            K::LeadingPartyMembersGroup,
            K::PrimaryCommittee,
        ],
        K::WorkingCommittee
        | K::TownCommittee
        | K::SubdistrictWorkingCommittee
        | K::DepartmentCommittee
        | K::DirectlyAffiliatedUnitCommittee => &[K::PrimaryCommittee, K::GeneralBranch, K::Branch],
        K::PrimaryCommittee => &[K::GeneralBranch, K::Branch],
        K::GeneralBranch => &[K::Branch],
        K::Branch => &[K::PartyGroup],
        K::PartyGroup | K::LeadingPartyMembersGroup => &[],
    }
}

/// The path of an org: `/` + the ids from the root down, each followed by `/`. An ancestor's path is a prefix.
#[must_use]
pub fn child_path(parent_path: Option<&str>, id: &str) -> String {
    format!("{}{id}/", parent_path.unwrap_or("/"))
}

/// The exclusive upper bound of the range of paths at or below `path`: the last `/` becomes `0`, its next byte.
#[must_use]
pub fn upper_bound(path: &str) -> String {
    let mut upper = path.strip_suffix('/').unwrap_or(path).to_owned();
    upper.push('0');
    upper
}

/// Whether `path` lies at or below `ancestor`.
#[must_use]
pub fn is_within(path: &str, ancestor: &str) -> bool {
    path.starts_with(ancestor)
}

/// The ids on a path, root first, the org itself last.
pub fn ids_on(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

/// The paths of all ancestors and of the org itself, root first.
#[must_use]
pub fn prefixes(path: &str) -> Vec<String> {
    let mut so_far = "/".to_owned();
    ids_on(path)
        .map(|id| {
            so_far.push_str(id);
            so_far.push('/');
            so_far.clone()
        })
        .collect()
}

/// Depth of an org: the root is 0.
#[must_use]
pub fn depth(path: &str) -> usize {
    ids_on(path).count().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_paths_is_the_subtree() {
        let (a, b) = (child_path(None, "org_a"), child_path(None, "org_ab"));
        let below = child_path(Some(&a), "org_c");
        let range = a.clone()..upper_bound(&a);
        assert!(range.contains(&a) && range.contains(&below));
        assert!(!range.contains(&b));
        assert_eq!(prefixes(&below), vec![a, below.clone()]);
        assert_eq!(depth(&below), 1);
    }

    #[test]
    fn nothing_stands_below_a_group_or_a_leading_group() {
        assert!(allowed_children(K::PartyGroup).is_empty());
        assert!(allowed_children(K::LeadingPartyMembersGroup).is_empty());
    }
}
