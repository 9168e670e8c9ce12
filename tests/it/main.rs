//! Black-box tests: the real server over HTTP and WebSocket, on SQLite and on PostgreSQL.

mod accounts;
mod activities;
mod alerts;
mod deployment;
mod events;
mod exemptions;
mod faults;
mod figures;
mod harness_check;
mod live;
mod measures;
mod migrations;
mod node;
mod obligations;
mod order;
mod posts;
mod readers;
mod roster;
mod rulebooks;
mod sealed;
mod sessions;
mod structure;
mod tick;
