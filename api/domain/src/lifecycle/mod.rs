//! The life of each noun: state and command in, new state out.

pub mod activity;
pub mod admission;
pub mod measure;
pub mod seat;
pub mod transfer;
