//! `viewerCan`: what the reader may do with an object now, with what stands against it. A noun declares its actions with
//! [`permission!`](crate::permission) and says what its present state has against each; the rest is here.

use async_graphql::{Json, SimpleObject};
use domain::policy::Refusal;
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::Language;

use super::error::{Basis, Params, UserError};

/// What stands against an act: what the mutation would answer now.
#[derive(SimpleObject)]
pub struct PermissionReason {
    /// The code that the mutation would answer.
    pub code: ProblemCode,
    /// In the reader's language.
    pub message: String,
    /// What the message is made of, as in `UserError.params`.
    pub params: Json<Params>,
    /// The clause that it rests on; null where none stands behind it.
    pub basis: Option<Basis>,
}

/// The reasons from what the policy refuses and from what the state of the object has against it.
#[must_use]
pub fn reasons(refusals: &[Refusal], state: Option<Problem>, language: Language) -> Vec<PermissionReason> {
    let refused = refusals.iter().map(Refusal::reason);
    let told = refused.chain(state).map(|problem| UserError::of(problem, language));
    told.map(|error| PermissionReason {
        code: error.code,
        message: error.message,
        params: error.params,
        basis: error.basis,
    })
    .collect()
}

/// Declares the actions of a noun and the answer to `viewerCan`. With `=> Act` behind each action, the act of the policy
/// follows from the action alone, and `each` answers a whole question.
#[macro_export]
macro_rules! permission {
    ($(#[$meta:meta])* $action:ident, $permission:ident { $($(#[$vmeta:meta])* $variant:ident => $act:ident),+ $(,)? }) => {
        $crate::permission!($(#[$meta])* $action, $permission { $($(#[$vmeta])* $variant),+ });

        impl $action {
            /// The act of the policy behind it.
            #[must_use]
            pub fn act(self) -> domain::policy::Action {
                match self { $(Self::$variant => domain::policy::Action::$act),+ }
            }
        }

        impl $permission {
            /// One answer for each action; `against` says what the present state has against it.
            pub fn each(
                operation: &$crate::graphql::context::Operation,
                reading: &$crate::ops::reading::Reading,
                actions: Vec<$action>,
                target: &domain::policy::Target,
                against: impl Fn($action) -> Option<domain::problem::Problem>,
            ) -> Vec<Self> {
                let answer = |action: $action| {
                    let refusals = reading.against(action.act(), target);
                    let state = against(action).map(|problem| problem.or_about(action.act()));
                    Self::of(action, &refusals, state, operation.language)
                };
                actions.into_iter().map(answer).collect()
            }
        }
    };
    ($(#[$meta:meta])* $action:ident, $permission:ident { $($(#[$vmeta:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(async_graphql::Enum, Clone, Copy, PartialEq, Eq)]
        pub enum $action {
            $($(#[$vmeta])* $variant,)+
        }

        /// Whether the reader may do something with it now.
        #[derive(async_graphql::SimpleObject)]
        pub struct $permission {
            /// The action asked about.
            pub action: $action,
            /// Whether nothing stands against it.
            pub allowed: bool,
            /// What stands against it; empty where it is allowed.
            pub reasons: Vec<$crate::graphql::permission::PermissionReason>,
        }

        impl $permission {
            /// Allowed where nothing stands against it.
            #[must_use]
            pub fn of(
                action: $action,
                refusals: &[domain::policy::Refusal],
                state: Option<domain::problem::Problem>,
                language: domain::vocabulary::Language,
            ) -> Self {
                let reasons = $crate::graphql::permission::reasons(refusals, state, language);
                Self { action, allowed: reasons.is_empty(), reasons }
            }
        }
    };
}
