//! Where an org stands, with what oversight by level needs to know about it.

use crate::organization_facts::is_committee;
use crate::place;
use crate::vocabulary::OrganizationKind as K;

/// An org with its place, as rights see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub id: String,
    /// `/org_a/org_b/`: the ids from the root down.
    pub path: String,
    pub kind: K,
    /// Depth of the highest ancestor that oversees this org directly; see [`next_from_depth`].
    pub next_from_depth: usize,
    /// The leading group that guides it; a party group carries its branch's.
    pub guided_by: Option<String>,
    /// The nearest ancestor with the right of approval.
    pub approver_id: Option<String>,
    pub parent_id: Option<String>,
}

/// What oversight needs to know of an ancestor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ancestor {
    pub id: String,
    pub kind: K,
    /// Right of approval 审批权限 as recorded.
    pub approves: bool,
}

impl Ancestor {
    /// The right of approval as it counts: never a general branch, a branch, a group or a leading group.
    #[must_use]
    pub fn has_right_of_approval(&self) -> bool {
        self.approves && is_committee(self.kind)
    }
}

/// Depth of the highest ancestor that oversees an org of this kind directly. `ancestors`: root first, parent last.
///
/// That is the parent; of a branch, as long as the overseer so far is a general branch or a committee without the
/// right of approval, the one above it as well; a party group carries its branch's value. The root: 0.
#[must_use]
pub fn next_from_depth(kind: K, ancestors: &[Ancestor]) -> usize {
    let Some((parent, above)) = ancestors.split_last() else {
        return 0;
    };
    match kind {
        K::PartyGroup if parent.kind == K::Branch => next_from_depth(K::Branch, above),
        K::Branch if !above.is_empty() && !parent.has_right_of_approval() => next_from_depth(K::Branch, above),
        K::PartyGroup
        | K::Branch
        | K::CityCommittee
        | K::CountyCommittee
        | K::WorkingCommittee
        | K::TownCommittee
        | K::SubdistrictWorkingCommittee
        | K::DepartmentCommittee
        | K::DirectlyAffiliatedUnitCommittee
        | K::PrimaryCommittee
        | K::GeneralBranch
        | K::LeadingPartyMembersGroup => above.len(),
    }
}

/// The nearest ancestor with the right of approval. `ancestors`: root first, parent last.
#[must_use]
pub fn approver(ancestors: &[Ancestor]) -> Option<&str> {
    ancestors
        .iter()
        .rev()
        .find(|ancestor| ancestor.has_right_of_approval())
        .map(|ancestor| ancestor.id.as_str())
}

impl Place {
    /// The place of an org below these ancestors (root first, parent last); also of one still to be founded.
    #[must_use]
    pub fn below(ancestors: &[Ancestor], id: &str, kind: K, guided_by: Option<String>) -> Self {
        let parent_path = ancestors
            .iter()
            .fold("/".to_owned(), |path, above| place::child_path(Some(&path), &above.id));
        Self {
            id: id.to_owned(),
            path: place::child_path(Some(&parent_path), id),
            kind,
            next_from_depth: next_from_depth(kind, ancestors),
            guided_by,
            approver_id: approver(ancestors).map(str::to_owned),
            parent_id: ancestors.last().map(|parent| parent.id.clone()),
        }
    }

    /// Depth in the tree; the root is 0.
    #[must_use]
    pub fn depth(&self) -> usize {
        place::depth(&self.path)
    }

    #[must_use]
    pub fn is_at_or_below(&self, path: &str) -> bool {
        place::is_within(&self.path, path)
    }

    #[must_use]
    pub fn is_below(&self, path: &str) -> bool {
        self.is_at_or_below(path) && self.path != path
    }

    /// Whether `self` is in `NEXT` of the org with this path, depth and id.
    #[must_use]
    pub fn is_next_of(&self, path: &str, depth: usize, org_id: &str) -> bool {
        (self.is_below(path) && depth >= self.next_from_depth) || self.guided_by.as_deref() == Some(org_id)
    }
}
