//! The example that follows figures and resumes, as it stands in `examples/live`, against the real server.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tests::orgs::{create, rename};
use tests::{Server, TestDatabase, both_databases, watchdog};
use tokio::sync::mpsc;

use crate::clients::{folder, installed};

/// The example under way.
struct Example {
    child: std::process::Child,
    lines: mpsc::UnboundedReceiver<String>,
}

impl Example {
    fn start(server: &Server, directory: &Path) -> Self {
        let accounts = directory.join("accounts.json");
        std::fs::write(&accounts, server.accounts().to_string()).expect("a file can be written");
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples/live/figures.py");
        let mut command = Command::new(folder().join("venv/bin/python"));
        let url = format!("{}/graphql", server.url().replacen("http", "ws", 1));
        command
            .arg(script)
            .arg(&accounts)
            .args(["county-secretary", &url])
            .current_dir(directory);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the example starts");
        watchdog::watch(child.id());
        let output = child.stdout.take().expect("its output is piped");
        let (say, lines) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            let lines = std::io::BufRead::lines(std::io::BufReader::new(output));
            for line in lines.map_while(Result::ok) {
                let _ = say.send(line);
            }
        });
        Self { child, lines }
    }

    /// What it prints next.
    async fn says(&mut self) -> Value {
        let line = tokio::time::timeout(std::time::Duration::from_secs(30), self.lines.recv()).await;
        let line = line.expect("it says something in time").expect("it runs on");
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"))
    }

    fn end(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        watchdog::unwatch(self.child.id());
    }
}

both_databases!(
    the_example_shows_figures_as_they_change_and_goes_on_where_it_stopped,
    |database: TestDatabase| async move {
        if !installed() {
            return;
        }
        let server = Server::demo_on(&database).await;
        server.quiet().await;
        let directory = watchdog::new_directory("example");
        let county = server.account("county-organization", "organizationId");
        let client = server.client("county-organization");
        let mut example = Example::start(&server, &directory);
        assert_eq!(example.says().await, json!({"__typename": "Resumed", "replayed": 0}));
        let made = create(&client, &county, "WORKING_COMMITTEE", "example-1").await["organization"]["id"].clone();
        let shown = example.says().await;
        assert_eq!(shown["__typename"], "FiguresChanged", "{shown}");
        assert!(shown["organization"]["figures"].is_array(), "{shown}");
        // Both the org and its new child are told; only the last of the two carries the new place.
        example.says().await;
        let begun = std::time::Instant::now();
        while !directory.join("figures.cursor").exists() {
            assert!(begun.elapsed().as_secs() < 30, "no cursor is kept");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        example.end();
        rename(&client, &made, 1, "example-2").await;
        let mut again = Example::start(&server, &directory);
        let first = again.says().await;
        assert_eq!(first["__typename"], "Resumed", "{first}");
        assert!(first["replayed"].as_i64() >= Some(1), "{first}");
        assert_eq!(again.says().await["__typename"], "FiguresChanged");
        again.end();
    }
);
