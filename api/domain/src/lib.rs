//! What the house knows, without I/O: words, places, periods, the rulebook and how it is judged, the policy
//! and who may do what, the life of each noun. No async, no database, no GraphQL; time is always an argument.

pub mod activity_kind;
pub mod appointment;
pub mod audience;
pub mod disclosure;
pub mod entered_twice;
pub mod export;
pub mod identity;
pub mod ids;
pub mod import;
pub mod intake;
pub mod labels;
pub mod lifecycle;
pub mod obligation;
pub mod organization_facts;
pub mod organization_history;
pub mod path_history;
pub mod period;
pub mod place;
pub mod policy;
pub mod problem;
pub mod responsibility;
pub mod rulebook;
pub mod sync;
pub mod vocabulary;
pub mod webhook;
