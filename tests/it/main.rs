//! Black-box tests: the real server over HTTP and WebSocket, on SQLite and on PostgreSQL.

mod accounts;
mod activities;
mod alerts;
mod as_of;
mod coverage;
mod events;
mod example_variables;
mod examples;
mod exemptions;
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
mod sealed;
mod sessions;
mod structure;
mod tick;
