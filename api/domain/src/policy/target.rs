//! What is acted on or looked at: where it stands, whom it concerns, and the facts a relation rests on.

use super::places::Place;
use super::scope::{Grant, Scope, ScopeOrigin};
use crate::vocabulary::OrganizationKind;

/// One object as rights see it. Facts that do not apply stay empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The org it belongs to: of a member the branch; of a measure the org that decides it (the group where every
    /// absence was at its meetings, else the branch); of attendance and leave the org of the activity, in a joint one
    /// the member's own; of an org to be founded the place it will have; of a transfer the branch it leads from.
    pub org: Place,
    /// Further orgs of a joint activity. They read, they do not write.
    pub other_orgs: Vec<Place>,
    /// Where a transfer leads, or the new parent of a move.
    pub other_side: Option<Place>,
    /// The person concerned, member or applicant.
    pub member_id: Option<String>,
    /// The party group of the person concerned.
    pub group: Option<Place>,
    /// Orgs that the person concerned heads.
    pub heads: Vec<Headed>,
    /// Members expected at, or present at, the activity. Only those that matter for the actor need be listed.
    pub participants: Vec<String>,
    /// The resolution was announced to the members.
    pub announced: bool,
    /// A collective decision (meeting, date, document number), or the branch's resolution, is recorded with the act.
    pub decided_collectively: bool,
    /// See [`Target::shown_by`].
    pub(super) shown: bool,
}

/// An org and whether it has a deputy in post who could stand in for its head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headed {
    pub org_id: String,
    pub has_deputy: bool,
}

impl Target {
    #[must_use]
    pub fn at(org: Place) -> Self {
        Self {
            org,
            other_orgs: Vec::new(),
            other_side: None,
            member_id: None,
            group: None,
            heads: Vec::new(),
            participants: Vec::new(),
            announced: false,
            decided_collectively: false,
            shown: false,
        }
    }

    /// The row was found through this scope of the actor's own, whatever right it is that shows it (an invitation, an own task,
    /// an own post). So it exists for them, and a refusal names the right that is missing. A system scope is nobody's sight.
    #[must_use]
    pub fn shown_by(mut self, scope: &Scope) -> Self {
        self.shown |= matches!(scope.origin(), ScopeOrigin::Policy(_, Grant::Rows));
        self
    }

    /// About this person.
    #[must_use]
    pub fn about(mut self, member_id: impl Into<String>) -> Self {
        self.member_id = Some(member_id.into());
        self
    }

    /// The person concerned heads this org.
    #[must_use]
    pub fn heading(mut self, org_id: impl Into<String>, has_deputy: bool) -> Self {
        self.heads.push(Headed {
            org_id: org_id.into(),
            has_deputy,
        });
        self
    }

    /// The person concerned belongs to this group.
    #[must_use]
    pub fn in_group(mut self, group: Place) -> Self {
        self.group = Some(group);
        self
    }

    /// The transfer or the move leads there.
    #[must_use]
    pub fn leading_to(mut self, other_side: Place) -> Self {
        self.other_side = Some(other_side);
        self
    }

    #[must_use]
    pub fn with_participant(mut self, member_id: impl Into<String>) -> Self {
        self.participants.push(member_id.into());
        self
    }

    #[must_use]
    pub fn decided_collectively(mut self) -> Self {
        self.decided_collectively = true;
        self
    }

    /// The headship that makes this a matter about the secretary of its own org (a group's is its branch's).
    #[must_use]
    pub fn headship(&self) -> Option<&Headed> {
        self.heads.iter().find(|headed| {
            headed.org_id == self.org.id
                || (self.org.kind == OrganizationKind::PartyGroup
                    && self.org.parent_id.as_deref() == Some(headed.org_id.as_str()))
        })
    }

    /// Whether the person concerned heads the org with this id.
    #[must_use]
    pub fn concerns_head_of(&self, org_id: &str) -> bool {
        self.heads.iter().any(|headed| headed.org_id == org_id)
    }
}
