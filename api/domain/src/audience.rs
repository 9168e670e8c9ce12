//! Whom something is addressed to: one person, or whoever holds a place in an org at the moment of reading.

use crate::policy::actor::Actor;
use crate::vocabulary::{OrganizationKind, Post};

/// An addressee 接收人 as a value. Posts are resolved when the list is read: a new secretary finds what waits for the
/// secretary, and one who left the post no longer does.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Audience {
    /// One member.
    Member(String),
    /// The secretary of an org, in a vacancy the deputy or the acting holder; of a Party group its leader.
    Head(String),
    /// All officers of an org.
    Officers(String),
}

/// Code of [`Audience::Head`] where an audience is stored as (org, code).
pub const HEAD: &str = "HEAD";
/// Code of [`Audience::Officers`].
pub const OFFICERS: &str = "OFFICERS";

impl Audience {
    /// The member addressed by name.
    #[must_use]
    pub fn member_id(&self) -> Option<&str> {
        match self {
            Self::Member(id) => Some(id),
            Self::Head(_) | Self::Officers(_) => None,
        }
    }

    /// The org whose people are addressed, with the code of the place they hold there.
    #[must_use]
    pub fn place(&self) -> Option<(&str, &'static str)> {
        match self {
            Self::Member(_) => None,
            Self::Head(org) => Some((org, HEAD)),
            Self::Officers(org) => Some((org, OFFICERS)),
        }
    }

    /// Reads an audience back from its stored parts.
    #[must_use]
    pub fn from_parts(member: Option<&str>, org: Option<&str>, code: Option<&str>) -> Option<Self> {
        match (member, org, code) {
            (Some(member), None, None) => Some(Self::Member(member.to_owned())),
            (None, Some(org), Some(HEAD)) => Some(Self::Head(org.to_owned())),
            (None, Some(org), Some(OFFICERS)) => Some(Self::Officers(org.to_owned())),
            _ => None,
        }
    }
}

/// Every audience that an actor belongs to now, for one look-up of all that waits for them.
#[must_use]
pub fn audiences(actor: &Actor) -> Vec<Audience> {
    let mut all: Vec<Audience> = actor
        .member_id()
        .map(|id| Audience::Member(id.to_owned()))
        .into_iter()
        .collect();
    if actor.member_id().is_none() {
        return all;
    }
    for held in &actor.posts {
        let leads_group = held.post == Post::GroupLeader && held.org.kind == OrganizationKind::PartyGroup;
        if held.is_head() || leads_group {
            all.push(Audience::Head(held.org.id.clone()));
        }
        if held.post.is_officer() {
            all.push(Audience::Officers(held.org.id.clone()));
        }
    }
    all.sort();
    all.dedup();
    all
}

/// An org with who heads it, as far as deciding on somebody's matter asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chair {
    pub organization_id: String,
    pub kind: OrganizationKind,
    /// Its secretary, or the leader of a group.
    pub head: Option<String>,
    pub deputy: Option<String>,
    pub parent_id: Option<String>,
    /// It stands no more: the org above decides.
    pub dissolved: bool,
}

/// Who decides on a matter of this person at an org: its head; of a group without another leader the branch's; nobody in
/// their own matter: the deputy, else the superior's head (spec 3).
#[must_use]
pub fn decides_on(member_id: &str, org: &Chair, parent: Option<&Chair>) -> Audience {
    let own = org.head.as_deref() == Some(member_id);
    if org.kind == OrganizationKind::PartyGroup && (own || org.head.is_none()) {
        return match parent {
            Some(branch) => decides_on(member_id, branch, None),
            None => Audience::Head(org.organization_id.clone()),
        };
    }
    match (own, &org.deputy, &org.parent_id) {
        (_, _, Some(above)) if org.dissolved => Audience::Head(above.clone()),
        (true, Some(deputy), _) if deputy != member_id => Audience::Member(deputy.clone()),
        (true, _, Some(above)) => Audience::Head(above.clone()),
        _ => Audience::Head(org.organization_id.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chair(id: &str, kind: OrganizationKind, head: Option<&str>, deputy: Option<&str>) -> Chair {
        Chair {
            organization_id: id.to_owned(),
            kind,
            head: head.map(ToOwned::to_owned),
            deputy: deputy.map(ToOwned::to_owned),
            parent_id: Some("above".to_owned()),
            dissolved: false,
        }
    }

    #[test]
    fn nobody_decides_in_their_own_matter() {
        let branch = chair("branch", OrganizationKind::Branch, Some("s"), None);
        let group = chair("group", OrganizationKind::PartyGroup, Some("g"), None);
        let head = |org: &str| Audience::Head(org.to_owned());
        assert_eq!(decides_on("m", &branch, None), head("branch"));
        assert_eq!(decides_on("s", &branch, None), head("above"));
        let with_deputy = chair("branch", OrganizationKind::Branch, Some("s"), Some("d"));
        assert_eq!(decides_on("s", &with_deputy, None), Audience::Member("d".to_owned()));
        assert_eq!(decides_on("m", &group, Some(&branch)), head("group"));
        assert_eq!(decides_on("g", &group, Some(&branch)), head("branch"));
        assert_eq!(decides_on("s", &group, Some(&branch)), head("group"));
        let gone = Chair {
            dissolved: true,
            ..with_deputy
        };
        assert_eq!(decides_on("m", &gone, None), head("above"));
        let vacant = chair("group", OrganizationKind::PartyGroup, None, None);
        assert_eq!(decides_on("s", &vacant, Some(&branch)), head("above"));
    }
}
