//! Commands that need no database: what they are for, the schema, rulebooks.

use std::path::{Path, PathBuf};
use std::process::Output;

use tests::{Server, watchdog};

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Server::program();
    command
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program runs")
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// The commands that a help text lists.
fn listed(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = lines.map_while(|line| line.strip_prefix("  ")?.split(' ').next().map(str::to_owned));
    names.filter(|name| !name.is_empty() && name != "help").collect()
}

#[test]
fn each_command_says_what_it_is_for_and_so_does_each_option() {
    let help = |command: &[&str]| {
        let output = run(&root(), &[command, &["--help"]].concat());
        assert!(output.status.success(), "{command:?}: {}", said(&output));
        said(&output)
    };
    let mut open: Vec<Vec<String>> = listed(&help(&[])).into_iter().map(|name| vec![name]).collect();
    let mut seen = Vec::new();
    while let Some(command) = open.pop() {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let text = help(&words);
        let about = text.lines().next().unwrap_or_default();
        assert!(about.len() > 10 && !about.starts_with("Usage"), "{command:?}: {text}");
        // A bare option is a line that holds its name and its value alone, with no words on it or below.
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let Some(option) = line.trim_start().strip_prefix("--") else {
                continue;
            };
            let words = option.split_once("  ").map(|(_, words)| words.trim());
            let below = lines.get(number + 1).map_or("", |below| below.trim());
            let told = words.is_some_and(|words| !words.is_empty()) || (!below.is_empty() && !below.starts_with('-'));
            assert!(told, "{command:?}: --{option} says nothing");
        }
        open.extend(
            listed(&text)
                .into_iter()
                .map(|name| [command.clone(), vec![name]].concat()),
        );
        seen.push(command.join(" "));
    }
    for command in [
        "serve",
        "demo",
        "migrate",
        "seed",
        "schema",
        "policy",
        "rulebook check",
        "keys rotate",
        "doctor",
    ] {
        assert!(seen.iter().any(|one| one == command), "no {command} in {seen:?}");
    }
}

#[test]
fn the_schema_is_printed_as_committed_and_another_one_fails_the_check() {
    let committed = std::fs::read_to_string(root().join("schema.graphql")).expect("the committed schema");
    let printed = run(&root(), &["schema"]);
    assert!(printed.status.success());
    assert_eq!(String::from_utf8_lossy(&printed.stdout), committed);
    let folder = watchdog::new_directory("schema");
    let check = |text: &str| {
        std::fs::write(folder.join("schema.graphql"), text).expect("a file can be written");
        run(&folder, &["schema", "--check"])
    };
    assert!(check(&committed).status.success());
    let other = check(&committed.replacen("type Query {", "type Query {\n\tmore: Int", 1));
    assert!(!other.status.success(), "{}", said(&other));
}

#[test]
fn a_rulebook_is_checked_and_each_error_has_its_line_its_key_and_what_is_allowed() {
    let file = "rulebooks/jiaxing-2015.toml";
    let whole = run(&root(), &["rulebook", "check", file]);
    assert!(whole.status.success(), "{}", said(&whole));
    assert!(said(&whole).contains("no errors"), "{}", said(&whole));
    let text = std::fs::read_to_string(root().join(file)).expect("the shipped rulebook");
    let folder = watchdog::new_directory("rulebook");
    let good = "modality = \"NORMALLY\"";
    let line = 1 + text
        .lines()
        .position(|line| line == good)
        .expect("an entry that is normally owed");
    let broken = text.replacen(good, "modality = \"PERHAPS\"", 1);
    std::fs::write(folder.join("broken.toml"), broken).expect("a file can be written");
    let told = run(&folder, &["rulebook", "check", "broken.toml"]);
    assert!(!told.status.success(), "{}", said(&told));
    let words = said(&told);
    for part in [
        format!("line {line}: "),
        ".modality: ".to_owned(),
        "MUST".to_owned(),
        "NORMALLY".to_owned(),
    ] {
        assert!(words.contains(&part), "no {part} in {words}");
    }
    let nowhere = run(&folder, &["rulebook", "check", "nowhere.toml"]);
    assert!(
        !nowhere.status.success() && said(&nowhere).contains("nowhere.toml"),
        "{}",
        said(&nowhere)
    );
}
