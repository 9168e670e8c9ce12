//! The program on a terminal.

use std::process::{Command, Stdio};

use tests::{Server, watchdog};

/// A command on a terminal of its own; what it writes there. `None` where there is no `script` to make one.
fn on_a_terminal(command: &Command) -> Option<String> {
    let mut line = vec!["stty cols 100 rows 30;".to_owned()];
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    line.extend(words.map(|word| format!("'{}'", word.to_string_lossy())));
    let mut script = Command::new("script");
    script
        .args(["-qec", &line.join(" "), "/dev/null"])
        .env("TERM", "xterm")
        .stdin(Stdio::null());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    let output = script.output().ok()?;
    let written = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{written}");
    Some(written)
}

#[test]
fn long_work_shows_a_bar_on_a_terminal_and_none_in_a_file() {
    let folder = watchdog::new_directory("bar");
    let seed = |name: &str| {
        let mut command = Server::program();
        command.args(["seed", "--data"]).arg(folder.join(name));
        command
    };
    let bar = ['\u{2588}', '\u{2591}'];
    let output = seed("file").output().expect("the program runs");
    let written = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(
        output.status.success() && !written.contains(bar) && !written.contains('\u{1b}'),
        "{written}"
    );
    match on_a_terminal(&seed("terminal")) {
        Some(written) => assert!(written.contains(bar), "no bar in {written:?}"),
        None => tests::not_run("there is no `script` to make a terminal"),
    }
}
