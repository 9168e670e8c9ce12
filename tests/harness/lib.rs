//! What every black-box test stands on: a database of its own (SQLite and PostgreSQL), the real server, and two clients
//! (GraphQL over HTTP, graphql-transport-ws).
//!
//! ```text
//! both_databases!(g1_1a_general_meeting_is_owed_each_quarter, |database| async move {
//!     let server = Server::serve(&database).await;
//!     let client = Client::new(server.url());
//!     let answer = client.data("{ __typename }", json!({})).await;
//!     assert_eq!(answer["__typename"], "Query");
//! });
//! ```
//!
//! Everything the harness starts is ended by the [`watchdog`], also when the test process is killed.
#![expect(
    clippy::disallowed_methods,
    reason = "tests read their switches from the environment; the server under test gets its settings as arguments"
)]

mod authority;
mod city;
mod client;
mod database;
mod deployment;
mod disk;
mod multipart;
pub mod orgs;
mod postgres;
mod receiver;
mod server;
mod sse;
pub mod watchdog;
mod ws;

pub use authority::{Authority, Identity};
pub use city::City;
pub use client::{Client, Reply};
pub use database::{Kind, TestDatabase, number, run_on};
pub use deployment::{Deployment, INIT, PASSPHRASE, said};
pub use disk::SmallDisk;
pub use multipart::Multipart;
pub use postgres::OwnCluster;
pub use receiver::{Call, Manner, Receiver};
pub use server::Server;
pub use sse::{EventStream, StreamEvent};
pub use ws::{Ws, WsMessage};

/// Now, by the machine's clock, which the servers under test go by as well.
#[must_use]
pub fn now() -> chrono::DateTime<chrono::Utc> {
    chrono::Utc::now()
}

/// Today where the demo city lies: eight hours ahead of UTC.
#[must_use]
pub fn today() -> chrono::NaiveDate {
    (now() + chrono::Duration::hours(8)).date_naive()
}

/// The year that it is there.
#[must_use]
pub fn this_year() -> i32 {
    chrono::Datelike::year(&today())
}

/// The year that it was there sixty days ago, in which the demo city held something: in January this year's list is empty.
#[must_use]
pub fn busy_year() -> i32 {
    chrono::Datelike::year(&(today() - chrono::Duration::days(60)))
}

/// A number that whoever runs the tests sets in the environment, to make a test longer than it is by itself.
///
/// # Panics
/// Where it is set to something else.
#[must_use]
pub fn switch(name: &str, otherwise: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name} is a number, not {text}")),
        Err(_) => otherwise,
    }
}

/// Says what a test measured, straight to the stream: the test runner swallows what the print macros say in a passing test.
pub fn note(text: &str) {
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("{text}\n").as_bytes());
}

/// Says that the running test did not run, and why; `tests/run` tells of it once more at the end, by the file that it names in
/// `ORGLIFE_NOT_RUN`.
pub fn not_run(why: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    note(&format!("NOT RUN: {test} ({why})"));
    let Some(list) = std::env::var_os("ORGLIFE_NOT_RUN") else {
        return;
    };
    let file = std::fs::OpenOptions::new().append(true).create(true).open(list);
    let _ = file.and_then(|mut file| std::io::Write::write_all(&mut file, format!("{test} ({why})\n").as_bytes()));
}

/// Makes `name::sqlite` and `name::postgres` from one test body: a closure `|database| async move { … }`, or the name of
/// an `async fn(TestDatabase)`.
///
/// Without PostgreSQL's programs `name::postgres` says loudly that it did not run; with `ORGLIFE_REQUIRE_POSTGRES=1` it
/// fails.
#[macro_export]
macro_rules! both_databases {
    ($(#[$attribute:meta])* $name:ident, $test:expr) => {
        // Outside of the module, where the body's names are; a function and a module may have one name.
        fn $name(kind: $crate::Kind) {
            $crate::run_on(kind, $test);
        }

        mod $name {
            $(#[$attribute])*
            #[test]
            fn sqlite() {
                super::$name($crate::Kind::Sqlite);
            }

            $(#[$attribute])*
            #[test]
            fn postgres() {
                super::$name($crate::Kind::Postgres);
            }
        }
    };
}
