//! The two answers to "may I": a permit that a write carries, or a refusal that names the missing right.

use super::action::Action;
use super::scope::SystemScope;
use super::words::{Holder, Right, Subject, Where};
use crate::problem::{Problem, ProblemCode};
use crate::vocabulary::Post;

/// The post in which an act is done; absent for acts in one's own right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActedIn {
    pub appointment_id: String,
    pub post: Post,
    pub org_id: String,
}

/// Proof that an act was decided. Only [`super::decide::permit`] and [`Permit::system`] make one; log and trail read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    pub(super) action: Option<Action>,
    pub(super) system: Option<SystemScope>,
    pub(super) account_id: Option<String>,
    pub(super) member_id: Option<String>,
    pub(super) post: Option<ActedIn>,
    pub(super) org_id: Option<String>,
}

impl Permit {
    /// For what no account does: sign-in, the passing of a day, import, the demo's generator.
    #[must_use]
    pub fn system(name: SystemScope) -> Self {
        Self {
            action: None,
            system: Some(name),
            account_id: None,
            member_id: None,
            post: None,
            org_id: None,
        }
    }

    /// `None` for a system permit.
    #[must_use]
    pub fn action(&self) -> Option<Action> {
        self.action
    }

    #[must_use]
    pub fn system_scope(&self) -> Option<SystemScope> {
        self.system
    }

    #[must_use]
    pub fn account_id(&self) -> Option<&str> {
        self.account_id.as_deref()
    }

    /// The member who acts.
    #[must_use]
    pub fn member_id(&self) -> Option<&str> {
        self.member_id.as_deref()
    }

    #[must_use]
    pub fn post(&self) -> Option<&ActedIn> {
        self.post.as_ref()
    }

    /// The org of what is acted on.
    #[must_use]
    pub fn org_id(&self) -> Option<&str> {
        self.org_id.as_deref()
    }
}

named_list! {
    /// Why an act is refused.
    RefusalCode {
        NotSignedIn = "NOT_SIGNED_IN",
        /// For this actor it does not exist: told as `NOT_FOUND`, without a reason.
        NotVisible = "NOT_VISIBLE",
        MissingRight = "MISSING_RIGHT",
        /// A clerk records and drafts; somebody else decides.
        ClerkDecides = "CLERK_DECIDES",
        /// It belongs to the secretary, or to who stands in.
        HeadOnly = "HEAD_ONLY",
        /// Nobody decides, approves, reviews or reveals in their own matter.
        OwnMatter = "OWN_MATTER",
        /// Meeting, date and document number of the decision are missing.
        CollectiveDecisionRequired = "COLLECTIVE_DECISION_REQUIRED",
    }
}

/// A refusal, and the right that would have been needed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {right} on {subject}")]
pub struct Refusal {
    pub code: RefusalCode,
    pub subject: Subject,
    pub right: Right,
    /// Where the right would reach from, over all holders of the table.
    pub places: Vec<Where>,
    /// As what one would have it.
    pub holders: Vec<Holder>,
}

impl Refusal {
    /// Whether the answer must be that nothing was found.
    #[must_use]
    pub fn hides_the_object(&self) -> bool {
        self.code == RefusalCode::NotVisible
    }

    /// The same where nothing is aimed at a field yet: what one may not see counts as a missing right.
    #[must_use]
    pub fn reason(&self) -> Problem {
        let code = match self.code {
            RefusalCode::NotVisible => RefusalCode::MissingRight,
            other => other,
        };
        let told = Self { code, ..self.clone() };
        Problem {
            path: Vec::new(),
            ..told.problem("")
        }
    }

    /// What is told: the missing right (`right`), why it is missing (`reason`), and who has it (`holders`); of what one may
    /// not see, that it does not exist.
    #[must_use]
    pub fn problem(&self, field: &str) -> Problem {
        let code = match self.code {
            RefusalCode::NotVisible => return Problem::at(ProblemCode::NotFound, field),
            RefusalCode::OwnMatter => ProblemCode::OwnMatter,
            RefusalCode::CollectiveDecisionRequired => ProblemCode::CollectiveDecisionRequired,
            RefusalCode::NotSignedIn
            | RefusalCode::MissingRight
            | RefusalCode::ClerkDecides
            | RefusalCode::HeadOnly => ProblemCode::Forbidden,
        };
        // What is missing there is the decision, not anything of the object.
        let field = match self.code {
            RefusalCode::CollectiveDecisionRequired => "decision",
            _ => field,
        };
        let holders: Vec<&str> = self.holders.iter().map(|holder| holder.as_str()).collect();
        Problem::at(code, field)
            .with(
                "right",
                format_args!("{}:{}", self.subject.as_str(), self.right.as_str()),
            )
            .with("reason", self.code)
            .with("holders", holders.join(","))
    }
}
