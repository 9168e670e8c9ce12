//! The sync clients of `examples/sync`, as they stand there, against a server under change: moves, transfers, rights that are
//! withdrawn, nodes that die, clients that are killed. In the end each copy is what its account may see.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tests::orgs::{create, relocate, rename};
use tests::{Client, Kind, Server, TestDatabase, both_databases, watchdog};

use crate::exports::{SYNC, program_with_secret};
use crate::mirror::{Copy, done, shown};

fn example(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../examples/sync")
        .join(path)
}

/// A client's program and its first arguments; `None` where it is not installed and need not be.
fn installed(language: &str) -> Option<Vec<PathBuf>> {
    let (needed, command) = match language {
        "python" => (
            example("python/venv/bin/python"),
            vec![example("python/venv/bin/python"), example("python/sync.py")],
        ),
        _ => (
            example("typescript/node_modules/better-sqlite3"),
            vec![
                "node".into(),
                "--import".into(),
                "tsx".into(),
                example("typescript/src/main.ts"),
            ],
        ),
    };
    let required = std::env::var_os("ORGLIFE_REQUIRE_CLIENTS").is_some();
    assert!(needed.exists() || !required, "install examples/sync/{language}");
    if !needed.exists() {
        tests::not_run(&format!(
            "examples/sync/{language} is not installed: tests/run does that"
        ));
    }
    needed.exists().then_some(command)
}

/// A client with its account and its copy.
struct Keeper {
    command: Vec<PathBuf>,
    id: Value,
    secret: String,
    client: Client,
    urls: Vec<String>,
    org: String,
    file: PathBuf,
    running: Option<Child>,
}

impl Keeper {
    fn start(&self, what: &str) -> Child {
        let (program, rest) = self.command.split_first().expect("a program");
        let mut command = Command::new(program);
        command.args(rest).arg(&self.file).args(["--organization", &self.org]);
        for url in &self.urls {
            command.args(["--url", url]);
        }
        command.arg(what).current_dir(example("typescript"));
        command.env("ORGLIFE_CLIENT_ID", self.id.as_str().expect("an id"));
        command.env("ORGLIFE_CLIENT_SECRET", &self.secret);
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("the client starts");
        watchdog::watch(child.id());
        child
    }

    fn run(&mut self) {
        self.running = Some(self.start("run"));
    }

    /// SIGKILL.
    fn kill(&mut self) {
        if let Some(mut child) = self.running.take() {
            child.kill().expect("our own child can be killed");
            child.wait().expect("our own child can be waited for");
            watchdog::unwatch(child.id());
        }
    }

    /// Runs a command of it to its end: its exit code.
    async fn ends(&self, what: &str) -> Option<i32> {
        let mut child = self.start(what);
        let id = child.id();
        let status = tokio::task::spawn_blocking(move || child.wait())
            .await
            .expect("it is waited for")
            .expect("it ends");
        watchdog::unwatch(id);
        status.code()
    }

    /// What stands in the copy.
    async fn copy(&self) -> Copy {
        let mut copy = Copy::default();
        for row in texts(&self.file).await {
            copy.keep(&row);
        }
        copy
    }

    /// Waits until an object is in the copy, or is not.
    async fn becomes(&self, id: &Value, there: bool) {
        let begun = Instant::now();
        while texts(&self.file).await.iter().any(|row| row["id"] == *id) != there {
            let late = begun.elapsed() > Duration::from_secs(25);
            assert!(!late, "{:?}: {id} there: {}", self.command, !there);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The objects of a copy; none as long as there is no file.
async fn texts(file: &Path) -> Vec<Value> {
    let Ok(copy) = sea_orm::Database::connect(format!("sqlite://{}?mode=ro", file.display())).await else {
        return Vec::new();
    };
    let statement = sea_orm::Statement::from_string(copy.get_database_backend(), "SELECT body FROM object");
    let rows = copy.query_all_raw(statement).await.unwrap_or_default();
    let _ = copy.close().await;
    let text = |row: &sea_orm::QueryResult| row.try_get_by_index::<String>(0).expect("a text");
    rows.iter()
        .map(|row| serde_json::from_str(&text(row)).expect("JSON"))
        .collect()
}

/// A member is transferred out of the part of the tree.
async fn transfer_out(server: &Server, key: &str) -> Value {
    let secretary = server.client("village-secretary");
    let branch = server.account("village-secretary", "organizationId");
    let elsewhere = server.account("other-county-secretary", "organizationId");
    let member = crate::transfers::plain(&secretary, &branch, 0).await;
    let input = json!({"memberId": member, "fromId": branch, "toId": elsewhere, "idempotencyKey": format!("{key}-1")});
    let what = "transfer { id version }";
    let asked = done(&secretary, "requestTransfer", "RequestTransfer", what, input).await;
    let input =
        json!({"transferId": asked["id"], "expectedVersion": asked["version"], "idempotencyKey": format!("{key}-2")});
    done(
        &server.client("other-county-secretary"),
        "acceptTransfer",
        "AcceptTransfer",
        what,
        input,
    )
    .await;
    json!(member)
}

async fn withdraw(server: &Server, keeper: &Keeper, scopes: &[&str], key: &str) {
    let input = json!({"accountId": keeper.id, "scopes": scopes, "idempotencyKey": key});
    done(
        &server.client("administrator"),
        "setServiceScopes",
        "SetServiceScopes",
        "account { id }",
        input,
    )
    .await;
}

both_databases!(
    the_sync_clients_keep_what_their_accounts_may_see_whatever_happens,
    |database: TestDatabase| async move {
        let commands: Vec<_> = ["python", "typescript"].into_iter().filter_map(installed).collect();
        let mut server = Server::demo_with(&database, &["--export-part-rows", "25"]).await;
        let county = server.account("county-secretary", "organizationId");
        let city = server.account("city-secretary", "organizationId");
        let beside = match database.kind {
            Kind::Postgres => Some(server.beside(&database).await),
            Kind::Sqlite => None,
        };
        let urls: Vec<String> = [Some(&server), beside.as_ref()]
            .into_iter()
            .flatten()
            .map(|node| node.url().to_owned())
            .collect();
        let directory = watchdog::new_directory("sync");
        let mut keepers = Vec::new();
        for (number, command) in commands.into_iter().enumerate() {
            let (id, secret, client) = program_with_secret(&server, &county, &format!("keeper-{number}"), &SYNC).await;
            keepers.push(Keeper {
                command,
                id,
                secret,
                client,
                urls: urls.clone(),
                org: county.clone(),
                file: directory.join(format!("copy-{number}.db")),
                running: None,
            });
        }
        let local = server.client("county-organization");
        let founded = create(&local, &county, "WORKING_COMMITTEE", "sync-0").await["organization"]["id"].clone();
        // Killed in the middle of the first export, or right behind it; then live.
        for keeper in &mut keepers {
            keeper.run();
        }
        tokio::time::sleep(Duration::from_millis(700)).await;
        for keeper in &mut keepers {
            keeper.kill();
            keeper.run();
            keeper.becomes(&founded, true).await;
        }
        let live = create(&local, &county, "WORKING_COMMITTEE", "sync-1").await["organization"]["id"].clone();
        for keeper in &keepers {
            keeper.becomes(&live, true).await;
        }
        // The node dies: the clients go on at the other one, or when it is back.
        server.kill();
        let server = match beside {
            Some(beside) => beside.with_accounts_of(&server),
            None => server.again(&database).await.with_accounts_of(&server),
        };
        let local = server.client("county-organization");
        rename(&local, &live, 1, "sync-2").await;
        relocate(&server.client("city-organization"), &founded, (1, &city), "sync-3").await;
        let gone = transfer_out(&server, "sync-4").await;
        for keeper in &keepers {
            keeper.becomes(&founded, false).await;
            keeper.becomes(&gone, false).await;
        }
        // While nobody keeps a copy, things go on; a right is withdrawn, and so goes what it showed.
        for keeper in &mut keepers {
            keeper.kill();
        }
        relocate(&server.client("city-organization"), &founded, (2, &county), "sync-5").await;
        rename(&local, &live, 2, "sync-6").await;
        let narrower = ["orgs:read", "members:read", "events:read", "exports:run"];
        for keeper in &mut keepers {
            keeper.client = keeper.client.at(server.url());
            withdraw(&server, keeper, &narrower, &format!("narrow-{}", keeper.file.display())).await;
            keeper.run();
            keeper.becomes(&founded, true).await;
        }
        for keeper in &mut keepers {
            let (right, _) = shown(&keeper.client, &json!({"subtreeOf": county})).await;
            let begun = Instant::now();
            while keeper.copy().await != right {
                assert!(
                    begun.elapsed() < Duration::from_secs(25),
                    "{:?} is not what the account may see",
                    keeper.command
                );
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            let held = texts(&keeper.file).await;
            assert!(
                held.iter().all(|row| row["__typename"] != "Activity"),
                "a right was withdrawn"
            );
            keeper.kill();
            assert_eq!(keeper.ends("verify").await, Some(0));
            // A copy that is not right is found out.
            spoil(&keeper.file).await;
            assert_eq!(keeper.ends("verify").await, Some(1));
        }
    }
);

/// Changes a name in a copy behind the client's back.
async fn spoil(file: &Path) {
    let copy = sea_orm::Database::connect(format!("sqlite://{}", file.display()))
        .await
        .expect("a file");
    let sql = "UPDATE object SET body = json_set(body, '$.name', '改坏') WHERE id = (SELECT MIN(id) FROM object WHERE kind = 'Member')";
    copy.execute_unprepared(sql).await.expect("it can be changed");
    copy.close().await.expect("closed");
}
