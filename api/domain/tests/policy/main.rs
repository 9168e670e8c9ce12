//! The policy: its printed table, a second telling of spec 3 by hand, acts and refusals, and what always holds.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod acts;
mod golden;
mod heads;
mod next;
mod oracle;
mod programs;
mod properties;
mod tree;
