//! `viewerCan`: what the reader may do with an object now, with what stands against it. A noun declares its actions with
//! [`permission!`](crate::permission) and says what its present state has against each; the rest is here.

use async_graphql::SimpleObject;
use domain::policy::{Refusal, RefusalCode};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::Language;

/// What stands against an act.
#[derive(SimpleObject)]
pub struct PermissionReason {
    pub code: ProblemCode,
    /// In the reader's language.
    pub message: String,
}

/// The reasons from what the policy refuses and from the state of the object.
#[must_use]
pub fn reasons(refusals: &[Refusal], state: Option<ProblemCode>, language: Language) -> Vec<PermissionReason> {
    let refused = refusals.iter().map(|refusal| match refusal.code {
        RefusalCode::OwnMatter => ProblemCode::OwnMatter,
        RefusalCode::CollectiveDecisionRequired => ProblemCode::CollectiveDecisionRequired,
        RefusalCode::NotSignedIn
        | RefusalCode::NotVisible
        | RefusalCode::MissingRight
        | RefusalCode::ClerkDecides
        | RefusalCode::HeadOnly => ProblemCode::Forbidden,
    });
    refused
        .chain(state)
        .map(|code| PermissionReason {
            code,
            message: Problem::new(code).message(language),
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
                against: impl Fn($action) -> Option<domain::problem::ProblemCode>,
            ) -> Vec<Self> {
                let answer = |action: $action| {
                    let refusals = reading.against(action.act(), target);
                    Self::of(action, &refusals, against(action), operation.language)
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
            pub action: $action,
            pub allowed: bool,
            pub reasons: Vec<$crate::graphql::permission::PermissionReason>,
        }

        impl $permission {
            /// Allowed where nothing stands against it.
            #[must_use]
            pub fn of(
                action: $action,
                refusals: &[domain::policy::Refusal],
                state: Option<domain::problem::ProblemCode>,
                language: domain::vocabulary::Language,
            ) -> Self {
                let reasons = $crate::graphql::permission::reasons(refusals, state, language);
                Self { action, allowed: reasons.is_empty(), reasons }
            }
        }
    };
}
