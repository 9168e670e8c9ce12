//! The READMEs: every command of theirs is run as it stands, against a demo begun as they say; what they print is what comes.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tests::{Kind, Server, TestDatabase, watchdog};

/// Where the READMEs say that the demo listens.
const ADDRESS: &str = "http://127.0.0.1:8080";
/// Until a stream has said what it has to say.
const PATIENCE: Duration = Duration::from_secs(60);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A fenced block: its language and its text.
type Block = (String, String);

/// The fenced blocks of a text, with the part that each stands in: one begins at a line that begins in bold.
fn blocks(text: &str) -> Vec<(usize, Block)> {
    let (mut found, mut open, mut part) = (Vec::new(), None::<Block>, 0);
    for line in text.lines() {
        match (line.strip_prefix("```"), open.as_mut()) {
            (Some(_), Some(_)) => found.extend(open.take().map(|block| (part, block))),
            (Some(language), None) => open = Some((language.to_owned(), String::new())),
            (None, Some((_, body))) => *body += &format!("{line}\n"),
            (None, None) if line.starts_with("**") => part += 1,
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block that does not end");
    found
}

/// Keys whose values are said as well: the same whatever the day.
const FIXED: [&str; 6] = ["__typename", "op", "status", "replayed", "hasMore", "version"];

/// Every way to a key in JSON, also where it is cut in the middle; below the keys of [`FIXED`] the value too.
fn ways(json: &str) -> BTreeSet<String> {
    let (mut found, mut open) = (BTreeSet::new(), Vec::<Option<String>>::new());
    let mut rest = json;
    while let Some(sign) = rest.chars().next() {
        rest = &rest[sign.len_utf8()..];
        match sign {
            '{' => open.push(Some(String::new())),
            '[' => open.push(None),
            '}' | ']' => drop(open.pop()),
            '"' => {
                let Some(end) = rest.find('"') else { break };
                let text = &rest[..end];
                rest = &rest[end + 1..];
                let Some(after) = rest.strip_prefix(':') else { continue };
                if let Some(key) = open.last_mut() {
                    *key = Some(text.to_owned());
                }
                let way: Vec<&str> = open.iter().flatten().map(String::as_str).collect();
                let value = after.split([',', '}', ']', '…']).next().unwrap_or_default();
                let said = if FIXED.contains(&text) { value } else { "" };
                found.insert(format!("{} {said}", way.join(".")));
            }
            _ => {}
        }
    }
    found
}

/// The JSON values in what was printed, one after the other; the last one may still be under way.
fn answers(printed: &str) -> Vec<Value> {
    let (mut found, mut rest) = (Vec::new(), printed);
    while let Some(at) = rest.find('{') {
        rest = &rest[at..];
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let Some(Ok(value)) = values.next() else { break };
        rest = &rest[values.byte_offset()..];
        found.push(value);
    }
    found
}

/// A block of commands in a shell of its own.
struct Shell {
    child: Child,
    printed: Arc<Mutex<String>>,
}

impl Shell {
    fn run(directory: &Path, script: &str) -> Self {
        let mut command = Command::new("bash");
        command.args(["-euo", "pipefail", "-c", script]).current_dir(directory);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).process_group(0);
        let mut child = command.spawn().expect("a shell");
        watchdog::watch(child.id());
        let mut output = child.stdout.take().expect("its output is piped");
        let printed = Arc::new(Mutex::new(String::new()));
        let written = printed.clone();
        std::thread::spawn(move || {
            let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
            while let Ok(size) = output.read(&mut piece) {
                if size == 0 {
                    break;
                }
                bytes.extend_from_slice(&piece[..size]);
                *written.lock().unwrap_or_else(PoisonError::into_inner) = String::from_utf8_lossy(&bytes).into_owned();
            }
        });
        Self { child, printed }
    }

    fn answers(&self) -> Vec<Value> {
        answers(&self.printed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits for its end, or for its first answer where it follows something.
    fn settle(&mut self, script: &str) {
        let begun = Instant::now();
        loop {
            match self.child.try_wait().expect("our own child") {
                Some(status) => return assert!(status.success(), "{script}"),
                None if script.contains("\nfollow ") && !self.answers().is_empty() => return,
                None => assert!(begun.elapsed() < PATIENCE, "it does not end: {script}"),
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // Its group holds the client that follows.
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill")
            .args(["-KILL", "--", &group])
            .stderr(Stdio::null())
            .status();
        let _ = self.child.wait();
        watchdog::unwatch(self.child.id());
    }
}

/// The demo as the README has it begun, in an empty folder; only the port is another one.
async fn demo(directory: &Path, command: &str) -> Server {
    let arguments = command
        .trim()
        .strip_prefix("cargo run --bin orglife -- ")
        .expect("the first command");
    let mut program = Server::program();
    program.args(arguments.split(' ')).args(["--listen", "127.0.0.1:0"]);
    Server::launch({
        program.current_dir(directory);
        program
    })
    .await
}

/// The number before a word.
fn number_of(text: &str, word: &str) -> i64 {
    let before = text.split(word).next().unwrap_or_default().trim_end();
    let digits = |sign: &char| sign.is_ascii_digit() || *sign == ' ';
    let number: String = before
        .chars()
        .rev()
        .take_while(digits)
        .filter(|sign| *sign != ' ')
        .collect();
    number
        .chars()
        .rev()
        .collect::<String>()
        .parse()
        .unwrap_or_else(|_| panic!("no number before {word}"))
}

/// Runs the commands of a README part by part; what it prints must come, each answer without an error.
fn run_parts(directory: &Path, url: &str, blocks: &[(usize, Block)]) {
    let functions = blocks
        .iter()
        .find(|(_, (_, body))| body.contains("ask() {"))
        .expect("functions")
        .1
        .1
        .clone();
    let parts = blocks.iter().map(|(part, _)| *part).max().unwrap_or_default();
    assert_eq!(parts, 3, "mobile, dashboard, integrator");
    for part in 1..=parts {
        let here = || blocks.iter().filter(|(at, _)| *at == part).map(|(_, block)| block);
        let mut shells = Vec::new();
        for (_, commands) in here().filter(|(language, _)| language == "sh") {
            let script = format!("{functions}\n{commands}").replace(ADDRESS, url);
            let mut shell = Shell::run(directory, &script);
            shell.settle(&script);
            shells.push(shell);
        }
        assert!(!shells.is_empty(), "part {part} runs nothing");
        let printed = here()
            .filter(|(language, _)| language != "sh")
            .flat_map(|(_, body)| body.lines());
        let awaited: Vec<&str> = printed.filter(|line| line.contains('{')).collect();
        assert!(awaited.len() >= 3, "part {part} shows too little");
        let begun = Instant::now();
        loop {
            let came: Vec<Value> = shells.iter().flat_map(Shell::answers).collect();
            for answer in &came {
                let text = answer.to_string();
                let fine = answer.get("errors").is_none()
                    && (!text.contains("userErrors") || text.contains("\"userErrors\":[]"));
                assert!(fine, "part {part}: {text}");
            }
            let shown: Vec<BTreeSet<String>> = came.iter().map(|answer| ways(&answer.to_string())).collect();
            let missing = awaited
                .iter()
                .find(|line| !shown.iter().any(|found| ways(line).is_subset(found)));
            let Some(line) = missing else { break };
            assert!(
                begun.elapsed() < PATIENCE,
                "part {part}: no answer like {line}\namong {came:#?}"
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

fn runs_as_it_says(file: &'static str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let text = std::fs::read_to_string(root().join(file)).expect("a README");
    let blocks = blocks(&text);
    let commands: Vec<&str> = blocks
        .iter()
        .filter(|(_, (language, _))| language == "sh")
        .map(|(_, block)| block.1.trim())
        .collect();
    assert_eq!(
        commands[..2],
        ["cargo run --bin orglife -- demo", "tests/run"],
        "the two commands"
    );
    let directory = watchdog::new_directory("readme");
    let server = runtime.block_on(demo(&directory, commands[0]));
    assert!(
        directory.join("data/accounts.json").is_file(),
        "the accounts are where {file} says"
    );
    run_parts(&directory, server.url(), &blocks);
    drop(server);
    let database = TestDatabase {
        url: format!("sqlite://{}", directory.join("data/orglife.db").display()),
        kind: Kind::Sqlite,
    };
    let count = |table: &str| runtime.block_on(tests::number(&database, &format!("SELECT COUNT(*) FROM {table}")));
    let (orgs, members) = if file.contains("zh-CN") {
        ("个党组织", "名党员")
    } else {
        ("orgs", "members,")
    };
    assert_eq!(
        (number_of(&text, orgs), number_of(&text, members)),
        (count("organization"), count("member"))
    );
}

fn programs() -> bool {
    let missing = ["bash", "curl", "python3"].into_iter().find(|program| {
        let tried = Command::new(program)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        !tried.is_ok_and(|status| status.success())
    });
    if let Some(program) = missing {
        assert!(
            std::env::var_os("ORGLIFE_REQUIRE_ALL").is_none(),
            "{program} is missing"
        );
        tests::not_run(&format!("there is no {program}"));
    }
    missing.is_none()
}

#[test]
fn every_command_of_the_readme_runs_against_the_demo_and_is_answered_as_it_shows() {
    if programs() {
        runs_as_it_says("README.md");
    }
}

#[test]
fn every_command_of_the_chinese_readme_runs_against_the_demo_and_is_answered_as_it_shows() {
    if programs() {
        runs_as_it_says("README.zh-CN.md");
    }
}

/// The files of a folder with an ending, deeper ones too.
fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
}

#[test]
fn every_link_of_the_documents_leads_to_a_file() {
    let mut documents = Vec::new();
    files(&root().join("docs"), "md", &mut documents);
    for name in [
        "README.md",
        "README.zh-CN.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "examples/sync/README.md",
    ] {
        documents.push(root().join(name));
    }
    let mut followed = 0;
    for document in documents {
        let text = std::fs::read_to_string(&document).expect("text");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let leads = document.parent().is_some_and(|folder| folder.join(target).exists());
            assert!(leads, "{}: {link} leads nowhere", document.display());
            followed += 1;
        }
    }
    assert!(followed > 50, "only {followed} links");
}

/// Commands in the documents' blocks that begin with the program's name.
#[test]
fn every_command_that_the_documents_show_is_one_of_the_program() {
    let mut shown = 0;
    let mut documents = Vec::new();
    files(&root().join("docs"), "md", &mut documents);
    for document in documents {
        let text = std::fs::read_to_string(&document).expect("text");
        let commands = blocks(&text);
        let lines = commands.iter().flat_map(|(_, (_, body))| body.lines());
        for line in lines.filter_map(|line| line.trim().strip_prefix("orglife ")) {
            let words: Vec<&str> = line
                .split([' ', '#', '>', '|'])
                .take_while(|word| !word.is_empty())
                .collect();
            let (names, rest): (Vec<&str>, Vec<&str>) = (
                words.iter().copied().take_while(|word| is_name(word)).collect(),
                words.iter().copied().filter(|word| word.starts_with("--")).collect(),
            );
            let help = help_of(&names);
            for option in rest {
                let option = option.split('=').next().unwrap_or(option);
                assert!(
                    help.contains(option),
                    "{}: `orglife {line}`: no {option}",
                    document.display()
                );
            }
            shown += 1;
        }
    }
    assert!(shown > 4, "only {shown} commands");
}

/// A word of a command that is none of its values.
fn is_name(word: &str) -> bool {
    word.chars().all(|sign| sign.is_ascii_lowercase() || sign == '-') && !word.starts_with('-')
}

/// The help of a command; of its last words those that are values are left out.
fn help_of(names: &[&str]) -> String {
    for length in (1..=names.len()).rev() {
        let output = Server::program()
            .args(&names[..length])
            .arg("--help")
            .output()
            .expect("the program runs");
        let help = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() && help.contains(&format!("orglife {}", names[..length].join(" "))) {
            return help;
        }
    }
    panic!("orglife {} is no command", names.join(" "));
}
