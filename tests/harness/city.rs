//! A demo city of one's own that is stopped and started again on a later day.

use crate::{Deployment, Server, TestDatabase};

/// A database with a demo city, its keys and accounts. Servers come and go; the city stays.
pub struct City(Deployment);

impl City {
    /// Nothing is started yet; the first [`City::at`] fills the database as of its day.
    pub fn on(database: &TestDatabase) -> Self {
        Self(Deployment::on(&database.url))
    }

    /// The same city, keys and accounts on another database: a copy of the first.
    pub fn moved_to(self, database: &TestDatabase) -> Self {
        Self(self.0.moved_to(&database.url))
    }

    /// A server that starts at an instant (RFC 3339) and runs on from there; accounts get fresh tokens.
    pub async fn at(&self, clock: &str) -> Server {
        self.0.let_go().await;
        Server::demo_of(&self.0, &["--clock", clock]).await
    }

    /// What `orglife rejudge` says as of an instant; no server need run.
    pub fn rejudged(&self, clock: &str) -> String {
        self.0.ok(&["rejudge", "--clock", clock], "").trim().to_owned()
    }

    /// Runs another command of the program on the city's database; an embedded one has no server then.
    ///
    /// # Panics
    /// Where the program does not start.
    pub fn run(&self, arguments: &[&str]) -> std::process::Output {
        self.0.run(arguments, "")
    }
}
