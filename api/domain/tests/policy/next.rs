//! `NEXT` against a walk down the tree that knows nothing of depths.

use domain::vocabulary::OrganizationKind as K;

use crate::tree::{approves, guided_by, kind_of, names, parent_of, place};

/// Spec 3's words: the direct children; through a general branch or a committee without the right of approval also
/// their branches; of a leading group the orgs it guides. Groups go with their branch.
fn next_by_walking(org: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    for child in names().into_iter().filter(|name| parent_of(name) == Some(org)) {
        found.push(child);
        if kind_of(child) != K::Branch && !approves(child) {
            found.extend(branches_through(child));
        }
    }
    found.extend(names().into_iter().filter(|name| guided_by(name) == Some(org)));
    let groups: Vec<_> = names()
        .into_iter()
        .filter(|name| parent_of(name).is_some_and(|up| found.contains(&up)))
        .collect();
    found.extend(groups.into_iter().filter(|name| kind_of(name) == K::PartyGroup));
    found.sort_unstable();
    found.dedup();
    found
}

fn branches_through(org: &str) -> Vec<&'static str> {
    let children = || names().into_iter().filter(|name| parent_of(name) == Some(org));
    let mut found: Vec<_> = children().filter(|name| kind_of(name) == K::Branch).collect();
    for passed in children().filter(|name| kind_of(name) != K::Branch && !approves(name)) {
        found.extend(branches_through(passed));
    }
    found
}

#[test]
fn depths_tell_the_same_next_level_as_walking() {
    for org in names() {
        let over = place(org);
        let mut by_depth: Vec<_> = names()
            .into_iter()
            .filter(|name| place(name).is_next_of(&over.path, over.depth(), &over.id))
            .collect();
        by_depth.sort_unstable();
        assert_eq!(by_depth, next_by_walking(org), "{org}");
    }
}

#[test]
fn the_approver_is_the_nearest_ancestor_with_the_right() {
    let approver = |name| place(name).approver_id;
    assert_eq!(approver("gbranch").as_deref(), Some("town"));
    assert_eq!(approver("group").as_deref(), Some("town"));
    assert_eq!(approver("branch2").as_deref(), Some("primary2"));
    assert_eq!(approver("city"), None);
}
