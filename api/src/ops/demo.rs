//! The demo city, for the command line.

pub use crate::store::demo::{DemoAccount, DemoCity, DemoRulebook, fill};
