//! Who acts: facts of the database, read on every request; never claims of a token.

use chrono::NaiveDate;

use super::places::Place;
use crate::vocabulary::{AccountKind, Post, ServiceScope};

/// An account with everything its rights follow from. The loader fills in only what holds now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Empty for [`Actor::anonymous`].
    pub account_id: String,
    /// The day on which these facts hold, in the deployment's zone.
    pub on: NaiveDate,
    pub kind: AccountKind,
    pub member: Option<ActorMember>,
    /// Running posts, in the order in which an act is ascribed to them.
    pub posts: Vec<HeldPost>,
    pub service: Option<ServiceGrant>,
    /// The account's applicant, as long as they are no member.
    pub applicant_id: Option<String>,
    /// Branches at which the applicant is registered.
    pub activist_at: Vec<Place>,
}

/// The membership behind an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorMember {
    pub member_id: String,
    pub branch: Place,
    pub group: Option<Place>,
    /// Host branch of a floating member 流动党员.
    pub host_branch: Option<Place>,
}

/// One running post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPost {
    pub appointment_id: String,
    pub post: Post,
    /// The org of the post; of organ staff the committee the organ belongs to.
    pub org: Place,
    pub acting: bool,
    /// Deputy or acting holder while the post of secretary is vacant.
    pub substitutes_head: bool,
}

impl HeldPost {
    /// Whether `A` belongs to this post: the secretary, or who stands in during a vacancy.
    #[must_use]
    pub fn is_head(&self) -> bool {
        self.post == Post::Secretary || (self.post.is_officer() && self.substitutes_head)
    }

    #[must_use]
    pub fn is_clerk(&self) -> bool {
        matches!(self.post, Post::PartyAffairsClerk | Post::CommitteeOfficeClerk)
    }
}

/// What a service account may do: scopes × the subtree of one org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceGrant {
    pub org: Place,
    pub scopes: Vec<ServiceScope>,
    /// A row of an import is being carried out: then the scope for imports opens the decisions that such a row records.
    pub importing: bool,
}

impl Actor {
    /// Nobody signed in.
    #[must_use]
    pub fn anonymous() -> Self {
        Self {
            account_id: String::new(),
            on: NaiveDate::MIN,
            kind: AccountKind::Person,
            member: None,
            posts: Vec::new(),
            service: None,
            applicant_id: None,
            activist_at: Vec::new(),
        }
    }

    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        self.account_id.is_empty()
    }

    /// The member behind the account; service accounts and administrators have no personal rights.
    #[must_use]
    pub fn member_id(&self) -> Option<&str> {
        self.as_member().map(|member| member.member_id.as_str())
    }

    pub(super) fn as_member(&self) -> Option<&ActorMember> {
        self.member.as_ref().filter(|_| self.kind == AccountKind::Person)
    }

    /// The same actor while a row of an import is carried out. Of people nothing changes: they act in their posts.
    #[must_use]
    pub fn importing(mut self) -> Self {
        if let Some(service) = &mut self.service {
            service.importing = true;
        }
        self
    }

    /// Whether the account's own person, member or applicant, is the one with this id.
    #[must_use]
    pub fn is_person(&self, person_id: &str) -> bool {
        self.kind == AccountKind::Person
            && (self.member.as_ref().is_some_and(|member| member.member_id == person_id)
                || self.applicant_id.as_deref() == Some(person_id))
    }
}
