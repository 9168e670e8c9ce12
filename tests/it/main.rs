//! Black-box tests: the real server over HTTP and WebSocket, on SQLite and on PostgreSQL.

mod accounts;
mod activities;
mod as_of;
mod coverage;
mod events;
mod example_variables;
mod examples;
mod exemptions;
mod harness_check;
mod measures;
mod migrations;
mod node;
mod posts;
mod readers;
mod roster;
mod sealed;
mod sessions;
mod structure;
