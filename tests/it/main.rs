//! Black-box tests: the real server over HTTP and WebSocket, on SQLite and on PostgreSQL.

mod harness_check;
mod measures;
mod migrations;
mod node;
mod readers;
mod sessions;
mod structure;
