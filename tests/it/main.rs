//! Black-box tests: the real server over HTTP and WebSocket, on SQLite and on PostgreSQL.

mod accounts;
mod activities;
mod events;
mod exemptions;
mod alerts;
mod figures;
mod harness_check;
mod measures;
mod migrations;
mod node;
mod posts;
mod obligations;
mod readers;
mod roster;
mod sealed;
mod sessions;
mod structure;
mod tick;
