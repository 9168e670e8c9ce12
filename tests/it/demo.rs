//! `orglife demo`: a whole city or none, its accounts, and what the command line says where something is missing.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};
use tests::{Client, Server, TestDatabase, both_databases, watchdog};

const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken userErrors { code } } }";
const SERVICE: &str = "mutation($input: SignInServiceInput!) { signInService(input: $input) { accessToken
    userErrors { code } } }";

/// A database for `demo`, with the files that go with it.
struct Demo {
    database: TestDatabase,
    folder: PathBuf,
}

impl Demo {
    fn on(database: &TestDatabase) -> Self {
        let folder = watchdog::new_directory("demo");
        let made = Server::program()
            .args(["keys", "new"])
            .output()
            .expect("`keys new` runs");
        std::fs::write(folder.join("keys"), made.stdout).expect("the key file can be written");
        Self {
            database: database.clone(),
            folder,
        }
    }

    fn command(&self, command: &str, more: &[&str]) -> Command {
        let mut program = Server::program();
        program.args([command, "--database-url", &self.database.url, "--keys-file"]);
        program.arg(self.folder.join("keys")).args(more);
        program
    }

    fn demo(&self, listen: &str) -> Command {
        let mut command = self.command("demo", &["--listen", listen, "--accounts-file"]);
        command.arg(self.accounts_file());
        command
    }

    fn accounts_file(&self) -> PathBuf {
        self.folder.join("accounts.json")
    }

    fn account(&self, username: &str) -> Value {
        let text = std::fs::read_to_string(self.accounts_file()).expect("the accounts are there");
        let accounts: Vec<Value> = serde_json::from_str(&text).expect("accounts are JSON");
        let mut accounts = accounts.into_iter();
        accounts
            .find(|account| account["username"] == username)
            .expect("an account")
    }

    async fn count(&self, sql: &str) -> i64 {
        let rows = self.database.connect().await;
        let statement = Statement::from_string(rows.get_database_backend(), sql);
        let row = rows.query_one_raw(statement).await.expect(sql).expect("a number");
        rows.close().await.expect("closed");
        row.try_get_by_index(0).expect("a number")
    }
}

/// Standard error of a command that must fail.
fn refusal(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().expect("the program runs");
    let stderr = String::from_utf8_lossy(&stderr).into_owned();
    assert!(!status.success(), "{}{stderr}", String::from_utf8_lossy(&stdout));
    assert!(stdout.is_empty(), "{}", String::from_utf8_lossy(&stdout));
    stderr
}

both_databases!(
    killed_while_it_fills_it_begins_anew_and_is_whole,
    |database: TestDatabase| async move {
        let demo = Demo::on(&database);
        let mut first = demo.demo("127.0.0.1:0");
        let mut first = first.stdout(Stdio::piped()).spawn().expect("the program starts");
        watchdog::watch(first.id());
        // The city's rows are there, what is judged of them is not yet.
        let begun = Instant::now();
        while demo.count("SELECT COUNT(*) FROM organization").await == 0 {
            assert!(begun.elapsed() < Duration::from_secs(60), "nothing is filled in");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        first.kill().expect("our own child can be killed");
        first.wait().expect("and waited for");
        watchdog::unwatch(first.id());
        assert_eq!(
            demo.count("SELECT COUNT(*) FROM job WHERE id = 'DEMO_CITY' AND state = 'DONE'")
                .await,
            0
        );
        assert!(!demo.accounts_file().exists(), "no accounts of half a city");

        let server = Server::launch(demo.demo("127.0.0.1:0")).await;
        assert_eq!(
            demo.count("SELECT COUNT(*) FROM organization WHERE kind = 'BRANCH'")
                .await,
            90
        );
        assert!(demo.count("SELECT COUNT(*) FROM obligation").await > 1000);
        let secretary = demo.account("branch-secretary");
        let input = json!({"username": "branch-secretary", "password": secretary["password"]});
        let answer = Client::new(server.url()).data(SIGN_IN, json!({"input": input})).await;
        assert!(answer["signIn"]["accessToken"].is_string(), "{answer}");
        assert!(server.terminate(Duration::from_secs(25)).await.success());
        let doctor = demo.command("doctor", &[]).output().expect("the program runs");
        assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stdout));

        // A whole city is served as it is; without its accounts' file nothing is said of one.
        let events = demo.count("SELECT COUNT(*) FROM event").await;
        std::fs::rename(demo.accounts_file(), demo.folder.join("elsewhere")).expect("moved");
        let said = refusal(&mut demo.demo("127.0.0.1:0"));
        assert!(
            said.contains("accounts.json") && said.contains("account reset"),
            "{said}"
        );
        assert!(!demo.accounts_file().exists());
        assert_eq!(demo.count("SELECT COUNT(*) FROM event").await, events);
    }
);

both_databases!(
    a_city_that_is_somebodys_own_is_not_touched,
    |database: TestDatabase| async move {
        let demo = Demo::on(&database);
        let founded = [
            "--city",
            "中共试点市委员会",
            "--secretary",
            "安禾屿",
            "--username",
            "secretary",
        ];
        let made = demo.command("init", &founded).output().expect("the program runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        for mut command in [demo.demo("127.0.0.1:0"), demo.command("seed", &[])] {
            assert!(refusal(&mut command).contains("not empty"));
        }
        assert_eq!(demo.count("SELECT COUNT(*) FROM organization").await, 3);
        assert!(!demo.accounts_file().exists());
    }
);

both_databases!(
    a_taken_address_is_said_before_anything_is_filled,
    |database: TestDatabase| async move {
        let demo = Demo::on(&database);
        let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = taken.local_addr().expect("an address").to_string();
        let said = refusal(&mut demo.demo(&address));
        assert!(said.contains(&format!("cannot listen on {address}")), "{said}");
        assert_eq!(demo.count("SELECT COUNT(*) FROM organization").await, 0);
    }
);

both_databases!(
    the_service_account_has_a_secret_that_works,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let credentials = json!({"clientId": server.account("county-service", "clientId"),
            "clientSecret": server.account("county-service", "clientSecret")});
        assert_eq!(server.account("county-service", "password"), "");
        let anyone = Client::new(server.url());
        let opened = anyone.data(SERVICE, json!({"input": credentials})).await["signInService"].clone();
        let program = anyone.with_token(opened["accessToken"].as_str().expect("a token"));
        let scopes = program.data("{ viewer { scopes } }", json!({})).await["viewer"]["scopes"].clone();
        assert!(
            scopes
                .as_array()
                .is_some_and(|scopes| scopes.contains(&json!("orgs:read"))),
            "{scopes}"
        );
    }
);

#[test]
fn where_there_is_no_database_nothing_is_made() {
    let folder = watchdog::new_directory("missing").join("data");
    for command in ["serve", "doctor", "rejudge"] {
        let said = refusal(Server::program().args([command, "--data"]).arg(&folder));
        assert!(
            said.contains("orglife init") && said.contains("orglife demo"),
            "{command}: {said}"
        );
        assert!(!folder.exists(), "{command}");
    }
}

#[tokio::test]
async fn what_the_embedded_database_makes_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = watchdog::new_directory("rights").join("data");
    let mut command = Server::program();
    command.args(["demo", "--listen", "127.0.0.1:0", "--data"]).arg(&folder);
    let server = Server::launch(command).await;
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().expect("a name").to_string_lossy().into_owned());
    }
    for name in ["orglife.db", "orglife.db-wal", "keys", "accounts.json"] {
        assert!(names.contains(&name.to_owned()), "{names:?}");
    }
    drop(server);
}

#[test]
fn the_command_line_says_things_once_and_what_one_needs() {
    let said = |arguments: &[&str]| {
        let output = Server::program().args(arguments).output().expect("the program runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(said(&["rulebook", "check", "--help"]).contains("The rulebook, as TOML"));
    assert!(said(&["serve", "--help"]).contains("1 to 60"));
    for command in ["migrate", "doctor"] {
        assert!(
            !said(&[command, "--help"]).contains("--access-token-minutes"),
            "{command}"
        );
    }
    assert!(!said(&["migrate", "--help"]).contains("--time-zone"));

    let nowhere = "postgres://nobody@127.0.0.1:1/none";
    let output = Server::program().args(["migrate", "--database-url", nowhere]).output();
    let said = String::from_utf8_lossy(&output.expect("the program runs").stderr).into_owned();
    assert_eq!(said.matches("pool timed out").count(), 1, "{said}");

    // A reader that has seen enough.
    let mut policy = Server::program();
    policy.arg("policy").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = policy.spawn().expect("the program runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}
