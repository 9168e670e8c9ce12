//! A demo city of one's own that is stopped and started again on a later day.

use std::path::PathBuf;

use crate::{Server, TestDatabase, watchdog};

/// A database with a demo city, its keys and accounts. Servers come and go; the city stays.
pub struct City {
    url: String,
    directory: PathBuf,
}

impl City {
    /// Nothing is started yet; the first [`City::at`] fills the database as of its day.
    pub fn on(database: &TestDatabase) -> Self {
        let directory = watchdog::new_directory("city");
        let made = Server::program()
            .args(["keys", "new"])
            .output()
            .expect("`keys new` runs");
        std::fs::write(directory.join("keys"), made.stdout).expect("the key file can be written");
        Self {
            url: database.url.clone(),
            directory,
        }
    }

    /// The same city, keys and accounts on another database: a copy of the first.
    pub fn moved_to(self, database: &TestDatabase) -> Self {
        Self {
            url: database.url.clone(),
            ..self
        }
    }

    /// A server that starts at an instant (RFC 3339) and runs on from there; accounts get fresh tokens.
    pub async fn at(&self, clock: &str) -> Server {
        let accounts = self.directory.join("accounts.json");
        let mut command = self.command(&["demo", "--listen", "127.0.0.1:0", "--clock", clock]);
        command.arg("--accounts-file").arg(&accounts);
        Server::launch(command).await.knowing(accounts)
    }

    /// What `orglife rejudge` says as of an instant; no server need run.
    pub fn rejudged(&self, clock: &str) -> String {
        let output = self
            .command(&["rejudge", "--clock", clock])
            .output()
            .expect("`rejudge` runs");
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        said
    }

    /// Runs another command of the program on the city's database; an embedded one has no server then.
    ///
    /// # Panics
    /// Where the program does not start.
    pub fn run(&self, arguments: &[&str]) -> std::process::Output {
        self.command(arguments).output().expect("the program runs")
    }

    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = Server::program();
        command.args(arguments).args(["--database-url", &self.url, "--data"]);
        command
            .arg(&self.directory)
            .arg("--keys-file")
            .arg(self.directory.join("keys"));
        command
    }
}
