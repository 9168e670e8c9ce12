//! The harness itself: what other tests rely on without looking.
#![expect(
    clippy::disallowed_methods,
    reason = "an inner run of a test is told so by a variable"
)]

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tests::{Client, Kind, Server, TestDatabase, Ws, WsMessage, both_databases, watchdog};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};

both_databases!(a_test_database_has_every_migration, |database| async move {
    let connection = database.connect().await;
    let pending = <migration::Migrator as migration::MigratorTrait>::get_pending_migrations(&connection);
    assert!(pending.await.unwrap().is_empty());
    connection
        .execute_unprepared("SELECT version FROM seaql_migrations")
        .await
        .unwrap();
});

both_databases!(two_test_databases_share_nothing, |database| async move {
    let other = TestDatabase::create(database.kind).unwrap();
    assert_ne!(database.url, other.url);
    let (ours, theirs) = (database.connect().await, other.connect().await);
    ours.execute_unprepared("CREATE TABLE only_here (id integer)")
        .await
        .unwrap();
    ours.execute_unprepared("SELECT id FROM only_here").await.unwrap();
    assert!(theirs.execute_unprepared("SELECT id FROM only_here").await.is_err());
});

both_databases!(databases_are_made_side_by_side, |database| async move {
    let made: Vec<_> = (0..6)
        .map(|_| tokio::task::spawn_blocking(move || TestDatabase::create(database.kind)))
        .collect();
    for each in futures_util::future::join_all(made).await {
        each.unwrap().unwrap().connect().await.ping().await.unwrap();
    }
});

#[test]
#[should_panic(expected = "the body's own words")]
fn a_panic_in_a_body_fails_its_test() {
    tests::run_on(Kind::Sqlite, |_| async { panic!("the body's own words") });
}

/// Names the inner run of the next test; the value is the kind of database to make before the abort.
const INNER: &str = "HARNESS_CHECK_INNER";

#[test]
fn nothing_is_left_after_an_abort() {
    if let Ok(kind) = std::env::var(INNER) {
        die_with_everything_running(&kind);
    }
    for kind in ["sqlite", "postgres"] {
        if kind == "postgres" && TestDatabase::create(Kind::Postgres).is_err() {
            continue; // said loudly by every `postgres` test
        }
        let (directory, children) = run_that_aborts(kind);
        until(|| !directory.exists(), "its directory is removed");
        for pid in children {
            until(
                || !Path::new(&format!("/proc/{pid}")).exists(),
                "its child processes are ended",
            );
        }
    }
}

/// Runs this very test in a new process that dies, and gives the directory and the processes that it had.
fn run_that_aborts(kind: &str) -> (PathBuf, Vec<String>) {
    let mut inner = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "harness_check::nothing_is_left_after_an_abort",
            "--nocapture",
        ])
        .env(INNER, kind)
        .env_remove("ORGLIFE_TEST_POSTGRES")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines: Vec<String> = BufReader::new(inner.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
        .collect();
    assert!(!inner.wait().unwrap().success());
    let after = |mark: &str| {
        lines
            .iter()
            .find_map(|line| line.split_once(mark))
            .map(|(_, rest)| rest.to_owned())
    };
    let directory = PathBuf::from(after("DIRECTORY ").expect("the inner run names its directory"));
    let children: Vec<String> = after("CHILDREN ").unwrap().split(' ').map(str::to_owned).collect();
    assert_eq!(children.len(), if kind == "postgres" { 2 } else { 1 });
    (directory, children)
}

fn die_with_everything_running(kind: &str) -> ! {
    let directory = watchdog::directory().display().to_string();
    let mut children = Vec::new();
    if kind == "postgres" {
        TestDatabase::create(Kind::Postgres).unwrap();
        children.push(postmaster_below(watchdog::directory()));
    } else {
        TestDatabase::create(Kind::Sqlite).unwrap();
    }
    let sleeper = Command::new("sleep").arg("600").stdout(Stdio::null()).spawn().unwrap();
    watchdog::watch(sleeper.id());
    children.push(sleeper.id().to_string());
    println!("\nDIRECTORY {directory}\nCHILDREN {}", children.join(" "));
    std::process::abort();
}

fn postmaster_below(directory: &Path) -> String {
    let clusters = std::fs::read_dir(directory).unwrap().flatten();
    let files = clusters.map(|cluster| cluster.path().join("data/postmaster.pid"));
    let text = files
        .filter_map(|file| std::fs::read_to_string(file).ok())
        .next()
        .unwrap();
    text.lines().next().unwrap().to_owned()
}

fn until(done: impl Fn() -> bool, what: &str) {
    let deadline = Instant::now() + Duration::from_secs(15);
    while !done() {
        assert!(Instant::now() < deadline, "not within 15 s: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test]
async fn a_launched_server_is_found_by_the_line_it_prints_and_ends_with_its_handle() {
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "echo starting; echo 'listening on http://127.0.0.1:4321/graphql, have fun'; exec sleep 600",
    ]);
    let server = Server::launch(command).await;
    assert_eq!(server.url(), "http://127.0.0.1:4321");
    let process = PathBuf::from(format!("/proc/{}", server.pid().unwrap()));
    assert!(process.exists());
    drop(server);
    assert!(!process.exists());
}

#[tokio::test]
async fn a_terminated_server_gives_its_exit_status() {
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "trap 'exit 7' TERM; echo http://127.0.0.1:1; while :; do sleep 0.05; done",
    ]);
    let status = Server::launch(command).await.terminate(Duration::from_secs(10)).await;
    assert_eq!(status.code(), Some(7));
}

#[test]
fn a_server_inside_is_stopped_once_when_dropped() {
    let stopped = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&stopped);
    let address = SocketAddr::from(([127, 0, 0, 1], 80));
    let server = Server::inside(address, move || assert!(!seen.swap(true, Ordering::SeqCst)));
    assert_eq!(server.url(), "http://127.0.0.1:80");
    drop(server);
    assert!(stopped.load(Ordering::SeqCst));
}

#[tokio::test]
async fn the_client_sends_an_operation_with_its_token() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = String::new();
        while !request.ends_with('}') {
            let mut part = [0_u8; 1024];
            let read = stream.read(&mut part).await.unwrap();
            request.push_str(std::str::from_utf8(&part[..read]).unwrap());
        }
        let body = r#"{"data":{"place":"jx"}}"#;
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        request
    });
    let data = Client::new(base)
        .with_token("t0ken")
        .data("query($x: Int) { place }", json!({ "x": 1 }))
        .await;
    assert_eq!(data, json!({ "place": "jx" }));
    let request = server.await.unwrap();
    assert!(request.starts_with("POST /graphql HTTP/1.1\r\n"));
    assert!(request.to_lowercase().contains("authorization: bearer t0ken\r\n"));
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    let sent: Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        sent,
        json!({ "query": "query($x: Int) { place }", "variables": { "x": 1 } })
    );
}

#[tokio::test]
async fn the_ws_client_speaks_the_protocol() {
    let base = ws_server(&[
        r#"{"type":"connection_ack","payload":{"a":1}}"#,
        r#"{"type":"ping"}"#,
        r#"{"type":"next","id":"1","payload":{"data":{"n":1}}}"#,
        r#"{"type":"complete","id":"1"}"#,
    ])
    .await;
    let mut ws = Ws::connect(&base, json!({ "token": "t" })).await.unwrap();
    ws.subscribe("1", "subscription { n }", json!({})).await;
    assert_eq!(ws.next_of("1").await, json!({ "data": { "n": 1 } }));
    assert_eq!(ws.next().await, WsMessage::Complete { id: "1".into() });
    let told = WsMessage::Closed {
        code: 4400,
        reason: "init+subscribe+pong".into(),
    };
    assert_eq!(ws.next().await, told);
}

/// Says its lines after the first message, then waits for two more and closes with what it has heard.
async fn ws_server(lines: &'static [&'static str]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        #[expect(clippy::result_large_err, reason = "the library's own signature")]
        let choose = |request: &Request, mut answer: Response| {
            assert_eq!(request.uri().path(), "/graphql");
            let chosen = request.headers()["sec-websocket-protocol"].clone();
            answer.headers_mut().insert("sec-websocket-protocol", chosen);
            Ok(answer)
        };
        let mut socket = tokio_tungstenite::accept_hdr_async(stream, choose).await.unwrap();
        let mut heard = Vec::new();
        for turn in 0..3 {
            let text = socket.next().await.unwrap().unwrap().into_text().unwrap();
            let message: Value = serde_json::from_str(&text).unwrap();
            heard.push(message["type"].as_str().unwrap().replace("connection_", ""));
            if turn == 0 {
                for line in lines {
                    socket.send(Message::text(*line)).await.unwrap();
                }
            }
        }
        let frame = tokio_tungstenite::tungstenite::protocol::CloseFrame {
            code: 4400.into(),
            reason: heard.join("+").into(),
        };
        socket.close(Some(frame)).await.unwrap();
    });
    base
}
