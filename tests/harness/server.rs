//! The real server: the `orglife` program as a child process, or one that the test itself started in this process.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use crate::{Deployment, TestDatabase, watchdog};

/// A running server. Dropping it ends it.
pub struct Server {
    /// `http://127.0.0.1:PORT`
    url: String,
    runs: Runs,
    /// `demo`'s accounts, written by the server.
    accounts_file: Option<PathBuf>,
    /// Lines of its standard output.
    output: Arc<Mutex<Vec<String>>>,
}

enum Runs {
    Child(Child),
    /// Taken when it is called. It may panic: that fails the test, for instance where work was left undone.
    Inside(Option<Box<dyn FnOnce() + Send + Sync>>),
}

impl Server {
    /// `orglife serve` on a test's database.
    pub async fn serve(database: &TestDatabase) -> Self {
        let mut command = Self::program();
        command.args(["serve", "--listen", "127.0.0.1:0", "--database-url", &database.url]);
        Self::launch(command).await
    }

    /// `orglife demo` in a directory of its own: a small city and an account per role.
    pub async fn demo() -> Self {
        let directory = watchdog::new_directory("demo");
        let accounts_file = directory.join("accounts.json");
        let mut command = Self::program();
        command
            .args(["demo", "--listen", "127.0.0.1:0", "--data"])
            .arg(directory.join("data"));
        command.arg("--accounts-file").arg(&accounts_file);
        let mut server = Self::launch(command).await;
        server.accounts_file = Some(accounts_file);
        server
    }

    /// `orglife demo` on a test's database, so that both kinds show the same city.
    pub async fn demo_on(database: &TestDatabase) -> Self {
        Self::demo_with(database, &[]).await
    }

    /// The same, as if it were started at an instant: two of them then hold the same rows.
    pub async fn demo_at(database: &TestDatabase, clock: &str) -> Self {
        Self::demo_with(database, &["--clock", clock]).await
    }

    /// `orglife demo` on a test's database, with more arguments.
    pub async fn demo_with(database: &TestDatabase, more: &[&str]) -> Self {
        let tokens = ["--access-token-minutes", "60"];
        Self::demo_of(&Deployment::on(&database.url), &[&tokens, more].concat()).await
    }

    /// `orglife demo` of a deployment, with more arguments.
    pub async fn demo_of(deployment: &Deployment, more: &[&str]) -> Self {
        let accounts = deployment.directory().join("accounts.json");
        let mut command = deployment.command(&["demo", "--listen", "127.0.0.1:0"]);
        command.args(more).arg("--accounts-file").arg(&accounts);
        let mut server = Self::launch(command).await;
        server.accounts_file = Some(accounts);
        server
    }

    /// Another node on the database of this one, with the same keys.
    ///
    /// # Panics
    /// Where this one was not started by [`Server::demo_on`].
    pub async fn beside(&self, database: &TestDatabase) -> Self {
        self.node(database, "127.0.0.1:0", &[]).await
    }

    /// The same node once more, at the same address, after it was killed.
    ///
    /// # Panics
    /// Where it was not started by [`Server::demo_on`].
    pub async fn again(&self, database: &TestDatabase) -> Self {
        self.node(database, self.url.trim_start_matches("http://"), &[]).await
    }

    /// A node on the database of this one, at an address of the caller's choice and with more arguments.
    ///
    /// # Panics
    /// Where this one was not started by [`Server::demo_on`].
    pub async fn node(&self, database: &TestDatabase, listen: &str, more: &[&str]) -> Self {
        Self::serve_with(database, &self.keys_of_demo(), listen, more).await
    }

    /// This node, signing in as the accounts of another one's city.
    #[must_use]
    pub fn with_accounts_of(mut self, other: &Self) -> Self {
        self.accounts_file.clone_from(&other.accounts_file);
        self
    }

    /// The key file of this one's city.
    ///
    /// # Panics
    /// Where it was not started by [`Server::demo_on`].
    pub fn keys_of_demo(&self) -> PathBuf {
        let accounts = self.accounts_file.as_ref().expect("a demo has its files");
        accounts.with_file_name("keys")
    }

    /// `orglife serve` with a key file, at an address and with more arguments.
    pub async fn serve_with(database: &TestDatabase, keys: &std::path::Path, listen: &str, more: &[&str]) -> Self {
        let mut command = Self::program();
        command.args(["serve", "--listen", listen, "--database-url", &database.url]);
        command.arg("--keys-file").arg(keys).args(more);
        Self::launch(command).await
    }

    /// The demo city that the tests of one kind share: filled once, and ended with the process. A test that writes makes
    /// its own objects in it.
    pub async fn city(database: &TestDatabase) -> &'static Self {
        static CITIES: [tokio::sync::OnceCell<Server>; 2] = [const { tokio::sync::OnceCell::const_new() }; 2];
        let kind = database.kind;
        CITIES[usize::from(kind == crate::Kind::Postgres)]
            .get_or_init(|| async move {
                let own = TestDatabase::create(kind).unwrap_or_else(|why| panic!("no {kind:?} database: {why}"));
                Self::demo_on(&own).await
            })
            .await
    }

    /// A client signed in as one of `demo`'s accounts.
    ///
    /// # Panics
    /// Where there is no such account.
    pub fn client(&self, username: &str) -> crate::Client {
        crate::Client::new(self.url()).with_token(&self.account(username, "accessToken"))
    }

    /// A field of one of `demo`'s accounts: `organizationId`, `password`, ….
    ///
    /// # Panics
    /// Where there is no such account or field.
    pub fn account(&self, username: &str, field: &str) -> String {
        let accounts = self.accounts();
        let account = accounts
            .as_array()
            .and_then(|all| all.iter().find(|account| account["username"] == username));
        let value = account.and_then(|account| account[field].as_str());
        value.unwrap_or_else(|| panic!("no {field} of {username}")).to_owned()
    }

    /// The compiled program, without arguments and without any `ORGLIFE_…` variable of whoever runs the tests.
    ///
    /// # Panics
    /// Where it has not been built: `cargo build` comes before `cargo test`, and `tests/run` does both.
    pub fn program() -> Command {
        let test = std::env::current_exe().expect("a program knows its own path");
        // target/PROFILE/deps/it-HASH → target/PROFILE/orglife
        let program = test
            .ancestors()
            .nth(2)
            .map(|profile| profile.join("orglife"))
            .unwrap_or_default();
        assert!(
            program.is_file(),
            "build the server first (cargo build): there is no {}",
            program.display()
        );
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("ORGLIFE_") {
                command.env_remove(name);
            }
        }
        command
    }

    /// Starts any command that prints a line with its `http://HOST:PORT` on standard output, and waits for that line
    /// (60 s at most). Standard error goes to the test's.
    pub async fn launch(mut command: Command) -> Self {
        let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = spawned.unwrap_or_else(|e| panic!("{command:?} cannot be started: {e}"));
        watchdog::watch(child.id());
        let output = child.stdout.take().expect("its output is piped");
        let mut server = Self {
            url: String::new(),
            runs: Runs::Child(child),
            accounts_file: None,
            output: Arc::default(),
        };
        let written = server.output.clone();
        let (said, hears) = mpsc::channel();
        // Reads on for the server's whole life, so that it never blocks on a full pipe.
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Some(url) = url_in(&line) {
                    let _ = said.send(url);
                }
                written.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        let heard = tokio::task::spawn_blocking(move || hears.recv_timeout(Duration::from_secs(60))).await;
        server.url = heard
            .expect("the wait is not cancelled")
            .unwrap_or_else(|_| panic!("{command:?} named no address"));
        server
    }

    /// Starts a `demo` whose accounts go to this file.
    pub async fn launch_demo(command: Command, accounts: PathBuf) -> Self {
        let mut server = Self::launch(command).await;
        server.accounts_file = Some(accounts);
        server
    }

    /// A server that runs in this process. `stop` is called once, when it is dropped, unless the test has failed
    /// already; a panic in it fails the test.
    pub fn inside(address: std::net::SocketAddr, stop: impl FnOnce() + Send + Sync + 'static) -> Self {
        let runs = Runs::Inside(Some(Box::new(stop)));
        Self {
            url: format!("http://{address}"),
            runs,
            accounts_file: None,
            output: Arc::default(),
        }
    }

    /// What a child has written to its standard output until now.
    pub fn output(&self) -> String {
        self.output.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> &str {
        &self.url
    }

    /// SQL statements that the server has sent since its start; a difference tells what an operation took, where nobody
    /// else asks.
    ///
    /// # Panics
    /// Where `/metrics` does not say.
    pub async fn statements(&self) -> u64 {
        self.counter("orglife_sql_statements_total").await
    }

    /// A number that `/metrics` says.
    ///
    /// # Panics
    /// Where it does not say it.
    pub async fn counter(&self, name: &str) -> u64 {
        let metrics = crate::Client::new(self.url()).get("/metrics").await.text;
        let number = metrics
            .lines()
            .find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        number.unwrap_or_else(|| panic!("no {name} in {metrics}"))
    }

    /// Waits until the server has done the tick of its day, 60 s at most: from then on the city stands still. What a node does
    /// of its own accord is never counted.
    ///
    /// # Panics
    /// Where it never gets there.
    pub async fn quiet(&self) {
        for _ in 0..300 {
            if self.counter("orglife_ticks_total").await > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("the server never did its tick");
    }

    /// The accounts that `demo` made, as it wrote them.
    pub fn accounts(&self) -> serde_json::Value {
        let file = self.accounts_file.as_ref().expect("only `demo` makes accounts");
        let text = std::fs::read_to_string(file).expect("`demo` has written its accounts before it listens");
        serde_json::from_str(&text).expect("accounts are JSON")
    }

    /// SIGKILL: no drain, no last word.
    ///
    /// # Panics
    /// Where it is not a child process.
    pub fn kill(&mut self) {
        let Runs::Child(child) = &mut self.runs else {
            panic!("only a child process takes signals")
        };
        child.kill().expect("our own child can be killed");
        child.wait().expect("our own child can be waited for");
    }

    /// The process id of a child; what tests of crashes and drains send signals to.
    pub fn pid(&self) -> Option<u32> {
        match &self.runs {
            Runs::Child(child) => Some(child.id()),
            Runs::Inside(_) => None,
        }
    }

    /// SIGTERM, then up to `patience` for a clean end; its exit status.
    ///
    /// # Panics
    /// Where it is not a child process, or does not end in time.
    pub async fn terminate(mut self, patience: Duration) -> ExitStatus {
        let Runs::Child(child) = &mut self.runs else {
            panic!("only a child process takes signals")
        };
        // The standard library can only kill; `kill` is POSIX.
        let sent = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "SIGTERM was not delivered");
        let deadline = Instant::now() + patience;
        loop {
            if let Some(status) = child.try_wait().expect("our own child can be asked") {
                return status;
            }
            assert!(Instant::now() < deadline, "the server did not end within {patience:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        match &mut self.runs {
            // By its own id; `kill` on a child already waited for does nothing.
            Runs::Child(child) => {
                let _ = child.kill();
                let _ = child.wait();
                watchdog::unwatch(child.id());
            }
            Runs::Inside(stop) => {
                let stop = stop.take();
                // A second panic would abort the whole test run and hide the first.
                if let (Some(stop), false) = (stop, std::thread::panicking()) {
                    stop();
                }
            }
        }
    }
}

fn url_in(line: &str) -> Option<String> {
    let start = line.find("http://")?;
    let rest = &line[start..];
    let end = rest
        .find(|c: char| c == '"' || c == ',' || c.is_whitespace())
        .unwrap_or(rest.len());
    // Without a path: whatever is behind the port is dropped.
    let (scheme, tail) = rest[..end].split_once("//")?;
    let host = tail.split('/').next().filter(|host| host.contains(':'))?;
    Some(format!("{scheme}//{host}"))
}
