//! What every transport that stays open has in common, whatever its frames look like: WebSocket, event streams, multipart.
//!
//! [`places`] counts who has how much open, [`vigil`] says when a connection must end though nothing failed on it, and
//! [`operation`] runs one operation into a [`Channel`]. [`hangup`] ends a connection whose client does not read.

mod hangup;
mod operation;
mod places;
mod vigil;

pub(super) use hangup::Hangup;
pub(super) use operation::{Channel, Operation, Operations, Ticket, too_many};
pub(super) use places::{AccountPlace, NodePlace, Places};
pub(super) use vigil::{Ending, Vigil};
