//! Answers that go out piece by piece over plain HTTP: the `graphql-sse` protocol in both its modes, and subscriptions as
//! `multipart/mixed`.
//!
//! [`frames`] are the pieces, [`outbox`] is the way to the client's body, [`single`] a stream that answers one request
//! (event stream or multipart), and [`shared`] a reserved stream that carries many operations, kept at the [`desk`].

mod desk;
mod entrance;
mod frames;
mod outbox;
mod shared;
mod single;

pub(super) use desk::Desk;
pub(super) use entrance::caller_of;
pub(super) use frames::Frames;
pub(super) use shared::{join, reserve, stop, submit, token};
pub(super) use single::{open, refuse};
