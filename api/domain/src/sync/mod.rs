//! Reading the log: what a change of it means to one reader.

mod plan;

pub use plan::{Holding, Inside, Moment, Reach, Reader, Sight};
