//! One directory per test process, and a small shell process that outlives us to tidy up.
//!
//! Why a watchdog and not `Drop`: the cluster lives in a static that all tests share, statics are not dropped, and no
//! destructor runs after an abort or `kill -9`. The watchdog reads our pipe; the kernel closes it however we end. Then
//! it ends the processes we told it of, by id, and removes the directory. Plain `cargo test` (one process, many threads)
//! therefore needs one cluster per test binary and no script around it. Under nextest, where each test is a process,
//! everything stays right and each PostgreSQL test pays for a cluster of its own, unless `ORGLIFE_TEST_POSTGRES` names
//! a server to use.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock};

/// `+ PID` and `- PID` lines come in; at the end of input the listed ones get SIGQUIT (PostgreSQL's immediate stop), after
/// five seconds SIGKILL.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
pids=' '
while read -r sign pid; do
    case $sign in
        +) pids="$pids$pid " ;;
        -) pids="${pids%% $pid *} ${pids#* $pid }" ;;
    esac
done
for pid in $pids; do
    kill -QUIT "$pid" 2>/dev/null
    # One that a test had stopped hears of it only when it goes on.
    kill -CONT "$pid" 2>/dev/null
done
for pid in $pids; do
    left=50
    while kill -0 "$pid" 2>/dev/null; do
        if [ $left -eq 0 ]; then kill -KILL "$pid" 2>/dev/null; break; fi
        left=$((left - 1))
        sleep 0.1
    done
done
# Disks that a test had mounted.
while read -r _ place _; do
    case $place in "$1"/*) umount -l "$place" ;; esac
done </proc/mounts
rm -rf -- "$1"
"#;

struct Watchdog {
    directory: PathBuf,
    /// Never waited for: it ends after us. Its input is the pipe.
    shell: Mutex<Child>,
}

fn watchdog() -> &'static Watchdog {
    static WATCHDOG: OnceLock<Watchdog> = OnceLock::new();
    WATCHDOG.get_or_init(start)
}

fn start() -> Watchdog {
    let directory = tempfile::Builder::new()
        .prefix("orglife-tests-")
        .tempdir()
        .expect("a temporary directory can be made")
        .keep();
    // Searchable, not listable: the cluster below it may belong to another user.
    std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o711)).expect("its owner may set its mode");
    let shell = Command::new("sh")
        .args(["-c", SCRIPT, "watchdog"])
        .arg(&directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Out of the terminal's foreground group: Ctrl-C ends us, then it tidies up.
        .process_group(0)
        .spawn()
        .expect("`sh` can be started");
    Watchdog {
        directory,
        shell: Mutex::new(shell),
    }
}

fn tell(sign: char, pid: u32) {
    let mut shell = watchdog().shell.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let pipe = shell.stdin.as_mut().expect("its input is piped");
    pipe.write_all(format!("{sign} {pid}\n").as_bytes())
        .expect("the watchdog reads");
}

/// The directory of this test process; removed after it.
pub fn directory() -> &'static Path {
    &watchdog().directory
}

/// A new directory below [`directory`], readable by its owner alone.
pub fn new_directory(prefix: &str) -> PathBuf {
    tempfile::Builder::new()
        .prefix(&format!("{prefix}-"))
        .tempdir_in(directory())
        .expect("a directory can be made below our own")
        .keep()
}

/// From now on the process `pid` is ended when this process is.
pub fn watch(pid: u32) {
    tell('+', pid);
}

/// The process `pid` is gone (already waited for).
pub fn unwatch(pid: u32) {
    tell('-', pid);
}
