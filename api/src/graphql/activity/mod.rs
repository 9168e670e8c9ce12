//! Activities: meetings and lectures, who was there, minutes, resolutions, the yearly register.

pub mod attendance;
pub mod dual_life;
pub mod input;
pub mod kind;
pub mod list;
pub mod minutes;
pub mod mutation;
pub mod object;
mod participation;
pub mod payload;
pub mod permission;
pub mod query;
pub mod register;
pub mod resolution;
pub mod subscription;
pub mod tally;

pub use list::{attendance_of, of_organization, participation_of, register, upcoming};
