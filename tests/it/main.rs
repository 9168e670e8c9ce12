//! Black-box tests: the real server over HTTP and WebSocket, on SQLite and on PostgreSQL.

mod accounts;
mod activities;
mod alerts;
mod events;
mod exemptions;
mod figures;
mod harness_check;
mod home;
mod inbox;
mod measure_effects;
mod measures;
mod migrations;
mod node;
mod obligations;
mod posts;
mod readers;
mod roster;
mod sealed;
mod sessions;
mod structure;
mod tick;
