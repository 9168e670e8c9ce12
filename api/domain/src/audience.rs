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
