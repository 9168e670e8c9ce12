//! Accounts: sign in, stay signed in, ask what I may do.

pub mod mutation;
pub mod object;
pub mod query;
