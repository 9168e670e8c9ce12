//! The life of each noun: state and command in, new state out.

pub mod activity;
pub mod measure;
