//! Who may see and do what 一级抓一级: one declarative [`table`], read by [`decide`]. Reads take a [`Scope`],
//! writes a [`Permit`]; both can only be made here. What each word means: `docs/authorization.md`.

/// Declares a list of names: the enum, its codes as the golden file and the log print them, all of its values.
macro_rules! named_list {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$vmeta])* $variant,)+
        }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code, as printed and logged.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

pub mod action;
pub mod actor;
pub mod attention;
mod clause;
pub mod decide;
mod footing;
pub mod labels;
pub mod permit;
pub mod places;
mod print;
pub mod scope;
pub mod table;
pub mod target;
pub mod words;

pub use action::Action;
pub use actor::{Actor, ActorMember, HeldPost, ServiceGrant};
pub use decide::{Visibility, can, permit, scope, searchable, visibility};
pub use permit::{ActedIn, Permit, Refusal, RefusalCode};
pub use places::{Ancestor, Place};
pub use print::print;
pub use scope::{Grant, Region, Scope, SystemScope};
pub use target::{Headed, Target};
pub use words::{Holder, Right, Subject, Where};
