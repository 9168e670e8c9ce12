//! A database with the key file that goes with it, and the program's commands on both.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::{Server, watchdog};

/// The password of the secretary that [`Deployment::begin`] makes.
pub const PASSPHRASE: &str = "a long first passphrase";

/// The arguments of `init` for a city with nothing in it but its committee; the password comes on standard input.
pub const INIT: &[&str] = &[
    "init",
    "--city",
    "中共试点市委员会",
    "--secretary",
    "安禾屿",
    "--username",
    "secretary",
    "--founded-on",
    "2020-01-01",
    "--joined-on",
    "1999-07-01",
    "--password-stdin",
];

/// What the program is started with. Servers come and go; the database and its keys stay.
pub struct Deployment {
    url: String,
    directory: PathBuf,
}

impl Deployment {
    /// Fresh keys for a database, which nothing is written into yet.
    pub fn on(url: &str) -> Self {
        let deployment = Self {
            url: url.to_owned(),
            directory: watchdog::new_directory("deployment"),
        };
        std::fs::write(deployment.keys(), Self::new_keys()).expect("the key file can be written");
        deployment
    }

    /// The same keys and folder on another database.
    #[must_use]
    pub fn moved_to(self, url: &str) -> Self {
        Self {
            url: url.to_owned(),
            ..self
        }
    }

    /// A line of a key file, as `keys new` makes it.
    pub fn new_keys() -> Vec<u8> {
        let made = Server::program().args(["keys", "new"]).output();
        made.expect("`keys new` runs").stdout
    }

    /// Lets go of what a node that was killed has of a day's work on PostgreSQL: its lease runs by the clock of the database, and a day
    /// that a test jumps is no time there. An embedded database does so by itself at each start.
    pub async fn let_go(&self) {
        if !self.url.starts_with("postgres") {
            return;
        }
        let connection = sea_orm::Database::connect(&self.url).await.expect("the database");
        // Before the first start there is no such table.
        let free = "UPDATE job SET state = 'IDLE', holder = NULL, locked_until = NULL WHERE state = 'RUNNING'";
        let _ = sea_orm::ConnectionTrait::execute_unprepared(&connection, free).await;
        connection.close().await.expect("closed");
    }

    /// The folder of the key file; a test may put more into it.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    pub fn keys(&self) -> PathBuf {
        self.directory.join("keys")
    }

    /// The program with these arguments, on this database with these keys.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Server::program();
        command.args(arguments).args(["--database-url", &self.url, "--data"]);
        command.arg(&self.directory).arg("--keys-file").arg(self.keys());
        command
    }

    /// Runs a command to its end, with this on its standard input.
    pub fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        // A command that reads nothing may be gone already.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        child.wait_with_output().expect("the program ends")
    }

    /// Standard output of a command that must succeed.
    pub fn ok(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, input);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {errors}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// Begins a city with nothing in it but its committee; what `init` says.
    pub fn begin(&self) -> String {
        self.ok(INIT, &format!("{PASSPHRASE}\n"))
    }

    /// `orglife serve`.
    pub async fn serve(&self) -> Server {
        Server::launch(self.command(&["serve", "--listen", "127.0.0.1:0"])).await
    }

    /// What the doctor says, and whether it is content.
    pub fn doctor(&self) -> (bool, String) {
        let output = self.run(&["doctor"], "");
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    }
}

/// The word behind `name: ` in a command's output.
pub fn said(output: &str, name: &str) -> String {
    let line = output.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
    line.unwrap_or_else(|| panic!("no {name} in {output}")).to_owned()
}
