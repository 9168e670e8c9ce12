//! A throw-away PostgreSQL cluster per test process, made from the installed programs, on loopback and in a private
//! socket directory.

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, Database};

use crate::database::{migrate, next_name, random_hex, wait_for};
use crate::watchdog;

/// Address of a server, without a database's name: `postgres://user:password@host:port`.
#[derive(Debug)]
struct Address(String);

impl Address {
    fn database(&self, name: &str) -> String {
        format!("{}/{name}", self.0)
    }

    /// One statement in the server's own `postgres` database. `CREATE DATABASE` takes no part in transactions.
    fn run(&self, statement: &str) -> Result<(), String> {
        wait_for(async {
            let connection = Database::connect(self.database("postgres"))
                .await
                .map_err(|e| e.to_string())?;
            let done = connection.execute_unprepared(statement).await;
            connection.close().await.map_err(|e| e.to_string())?;
            done.map(drop).map_err(|e| format!("{statement}: {e}"))
        })
    }
}

/// True, after saying so loudly, where there is no PostgreSQL and nobody insists on it.
///
/// # Panics
/// With `ORGLIFE_REQUIRE_POSTGRES=1` a missing PostgreSQL is a failure.
pub(crate) fn is_missing_and_may_be() -> bool {
    if std::env::var_os("ORGLIFE_TEST_POSTGRES").is_some() || program("initdb").is_some() {
        return false;
    }
    let required = std::env::var("ORGLIFE_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
    assert!(
        !required,
        "PostgreSQL's programs (initdb, postgres) are required and were not found"
    );
    crate::not_run("no initdb and postgres installed");
    true
}

/// A new database with the newest schema; its URL.
pub(crate) fn copy_template() -> Result<String, String> {
    static TEMPLATE: OnceLock<Result<String, String>> = OnceLock::new();
    let server = server()?;
    let template = TEMPLATE.get_or_init(|| {
        let name = next_name();
        server.run(&format!("CREATE DATABASE {name}"))?;
        wait_for(migrate(&server.database(&name)))?;
        // Nobody, not even a cleaning worker, may be inside a template while it is copied.
        server.run(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"))?;
        Ok(name)
    });
    let template = template.as_ref().map_err(String::clone)?;
    let name = next_name();
    server.run(&format!("CREATE DATABASE {name} TEMPLATE {template}"))?;
    Ok(server.database(&name))
}

/// A copy of a test's database with all its rows; its URL. Whoever is still connected to it is sent away.
pub(crate) fn copy_of(url: &str) -> Result<String, String> {
    let server = server()?;
    let (_, from) = url.rsplit_once('/').ok_or("a database has a name")?;
    let name = next_name();
    server.run(&format!("ALTER DATABASE {from} ALLOW_CONNECTIONS false"))?;
    let away = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{from}'");
    let copy = format!("CREATE DATABASE {name} TEMPLATE {from}");
    let mut made = Err(String::new());
    for _ in 0..50 {
        server.run(&away)?;
        made = server.run(&copy);
        if made.is_ok() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    made.map(|()| server.database(&name))
}

/// Drops a test's database, also under a server that still holds connections.
pub(crate) fn drop_copy(url: &str) {
    if let (Ok(server), Some((_, name))) = (server(), url.rsplit_once('/')) {
        // A failure is no test's business: the whole cluster goes with the process.
        let _ = server.run(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    }
}

/// The server that `ORGLIFE_TEST_POSTGRES` names (`postgres://USER:PASSWORD@HOST:PORT`, of a user who may create
/// databases; templates and databases that a test itself makes stay there), or our own cluster.
fn server() -> Result<&'static Address, String> {
    static SERVER: OnceLock<Result<Address, String>> = OnceLock::new();
    let server = SERVER.get_or_init(|| match std::env::var("ORGLIFE_TEST_POSTGRES") {
        Ok(url) => Ok(Address(url.trim_end_matches('/').to_owned())),
        Err(_) => start(),
    });
    server.as_ref().map_err(String::clone)
}

/// Finds one of PostgreSQL's server programs: in `PATH`, where Debian puts them (newest first), or where `pg_config` says.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        let mut versions: Vec<PathBuf> = versions.flatten().map(|version| version.path()).collect();
        versions.sort_by_key(|version| version.file_name()?.to_str()?.parse::<u32>().ok());
        places.extend(versions.into_iter().rev().map(|version| version.join("bin")));
    }
    if let Ok(said) = Command::new("pg_config").arg("--bindir").output() {
        places.push(PathBuf::from(String::from_utf8_lossy(&said.stdout).trim()));
    }
    places
        .into_iter()
        .map(|place| place.join(name))
        .find(|file| file.is_file())
}

/// PostgreSQL refuses to run as root: then another user owns and runs the cluster.
#[derive(Clone, Copy)]
struct Owner {
    uid: u32,
    gid: u32,
}

impl Owner {
    fn find() -> Result<Option<Self>, String> {
        if number("id", &["-u"]) != Some(0) {
            return Ok(None);
        }
        let known = ["postgres", "nobody"].into_iter().find_map(|name| {
            Some(Self {
                uid: number("id", &["-u", name])?,
                gid: number("id", &["-g", name])?,
            })
        });
        known
            .map(Some)
            .ok_or_else(|| "PostgreSQL cannot run as root, and there is no user `postgres` or `nobody`".into())
    }
}

fn number(program: &str, arguments: &[&str]) -> Option<u32> {
    let said = Command::new(program)
        .args(arguments)
        .stderr(Stdio::null())
        .output()
        .ok()?;
    String::from_utf8_lossy(&said.stdout).trim().parse().ok()
}

struct Cluster {
    directory: PathBuf,
    owner: Option<Owner>,
    password: String,
}

/// The cluster's superuser; the password is new each time, so that others on this machine stay out.
const USER: &str = "orglife_tests";

fn start() -> Result<Address, String> {
    let cluster = Cluster::make()?;
    // A free port may be taken between our asking and PostgreSQL's: then another one is tried.
    let mut last = String::new();
    for _ in 0..5 {
        match cluster.start_on(free_port()?) {
            Ok((_, address)) => return Ok(address),
            Err(why) => last = why,
        }
    }
    Err(last)
}

/// A cluster that one test has to itself, to stop it and start it again.
pub struct OwnCluster {
    cluster: Cluster,
    port: u16,
    child: std::sync::Mutex<Option<Child>>,
}

impl OwnCluster {
    /// A running cluster; `None` where there is no PostgreSQL and nobody insists on it.
    ///
    /// # Panics
    /// Where the cluster does not come up.
    pub fn start() -> Option<Self> {
        if program("initdb").is_none() {
            // A server that the environment names is nobody's to stop.
            if !is_missing_and_may_be() {
                crate::not_run("no initdb and postgres installed, and a server that is named is not to be stopped");
            }
            return None;
        }
        let cluster = Cluster::make().unwrap_or_else(|why| panic!("no cluster: {why}"));
        let own = Self {
            cluster,
            port: free_port().unwrap_or_else(|why| panic!("{why}")),
            child: std::sync::Mutex::new(None),
        };
        own.run();
        Some(own)
    }

    /// Address of its `postgres` database.
    pub fn url(&self) -> String {
        self.cluster.address(self.port).database("postgres")
    }

    /// A new database whose tables lie on a small disk; the write-ahead log stays where it is. Its address.
    ///
    /// # Panics
    /// Where it cannot be made.
    pub fn database_on(&self, disk: &crate::SmallDisk) -> String {
        let place = disk.path().join("tables");
        let made = (|| {
            std::fs::create_dir(&place).map_err(|e| e.to_string())?;
            if let Some(owner) = self.cluster.owner {
                chown(&place, Some(owner.uid), Some(owner.gid)).map_err(|e| e.to_string())?;
            }
            let server = self.cluster.address(self.port);
            server.run(&format!("CREATE TABLESPACE small LOCATION '{}'", place.display()))?;
            server.run("CREATE DATABASE small TABLESPACE small")?;
            Ok::<_, String>(server.database("small"))
        })();
        made.unwrap_or_else(|why| panic!("no database on the small disk: {why}"))
    }

    /// Starts it, on the port it had before.
    ///
    /// # Panics
    /// Where it does not come up.
    pub fn run(&self) {
        let started = self.cluster.start_on(self.port);
        let (child, _) = started.unwrap_or_else(|why| panic!("the cluster does not start: {why}"));
        *self.child.lock().expect("nobody panicked") = Some(child);
    }

    /// Stops it at once (`immediate`): no goodbye to its clients, recovery at the next start.
    ///
    /// # Panics
    /// Where it does not stop.
    pub fn stop(&self) {
        let mut child = self.child.lock().expect("nobody panicked");
        let Some(mut child) = child.take() else { return };
        let sent = Command::new("kill").args(["-QUIT", &child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "SIGQUIT was not delivered");
        child.wait().expect("our own child can be waited for");
        watchdog::unwatch(child.id());
    }
}

impl OwnCluster {
    /// Holds all its processes where they are: connections stand, and nothing is said on them any more.
    ///
    /// # Panics
    /// Where a signal is not delivered.
    pub fn stall(&self) {
        let postmaster = self.postmaster();
        // The postmaster first: then nobody is born who would be missed.
        signal("-STOP", &[postmaster]);
        signal("-STOP", &children_of(postmaster));
    }

    /// Lets them go on.
    ///
    /// # Panics
    /// Where a signal is not delivered.
    pub fn go_on(&self) {
        let postmaster = self.postmaster();
        signal("-CONT", &children_of(postmaster));
        signal("-CONT", &[postmaster]);
    }

    fn postmaster(&self) -> u32 {
        let child = self.child.lock().expect("nobody panicked");
        child.as_ref().expect("it runs").id()
    }
}

fn signal(name: &str, processes: &[u32]) {
    let processes = processes.iter().map(u32::to_string);
    let sent = Command::new("kill").arg(name).args(processes).status();
    assert!(sent.is_ok_and(|status| status.success()), "{name} was not delivered");
}

/// The children of a process of ours, by the kernel's own list.
fn children_of(parent: u32) -> Vec<u32> {
    let list = format!("/proc/{parent}/task/{parent}/children");
    let listed = std::fs::read_to_string(list).expect("the kernel lists children");
    listed.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

impl Drop for OwnCluster {
    fn drop(&mut self) {
        if let Ok(Some(mut child)) = self.child.lock().map(|mut child| child.take()) {
            let id = child.id().to_string();
            let _ = Command::new("kill").args(["-QUIT", &id]).status();
            // Where a test failed while it was held, it ends only when it goes on.
            let _ = Command::new("kill").args(["-CONT", &id]).status();
            let _ = child.wait();
            watchdog::unwatch(child.id());
        }
    }
}

impl Cluster {
    /// Files of a new cluster.
    fn make() -> Result<Self, String> {
        let directory = watchdog::new_directory("postgres");
        let owner = Owner::find()?;
        if let Some(owner) = owner {
            chown(&directory, Some(owner.uid), Some(owner.gid))
                .map_err(|e| format!("give the data directory away: {e}"))?;
        }
        let cluster = Self {
            directory,
            owner,
            password: random_hex()?,
        };
        cluster.initialise()?;
        Ok(cluster)
    }

    fn address(&self, port: u16) -> Address {
        Address(format!("postgres://{USER}:{}@127.0.0.1:{port}", self.password))
    }

    fn command(&self, name: &str) -> Result<Command, String> {
        let mut command = Command::new(program(name).ok_or_else(|| format!("`{name}` was not found"))?);
        // A directory its user may enter; and no PGDATA, PGPORT or PGOPTIONS of the person who runs the tests.
        command
            .current_dir(&self.directory)
            .env_clear()
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .stdin(Stdio::null());
        if let Some(owner) = self.owner {
            command.uid(owner.uid).gid(owner.gid);
        }
        Ok(command)
    }

    fn initialise(&self) -> Result<(), String> {
        let secret = self.directory.join("secret");
        std::fs::write(&secret, &self.password).map_err(|e| format!("write the password file: {e}"))?;
        std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).map_err(|e| e.to_string())?;
        if let Some(owner) = self.owner {
            chown(&secret, Some(owner.uid), Some(owner.gid)).map_err(|e| e.to_string())?;
        }
        // C.UTF-8 orders by bytes and is on every Debian; plain C is everywhere.
        let mut said = String::new();
        for locale in ["C.UTF-8", "C"] {
            let output = self
                .command("initdb")?
                .args([
                    "--username",
                    USER,
                    "--encoding",
                    "UTF8",
                    "--locale",
                    locale,
                    "--no-sync",
                ])
                // In clear text over loopback: SCRAM's thousands of hashes would cost each connection of a debug build.
                .args(["--auth", "password", "--pwfile"])
                .arg(&secret)
                .arg("--pgdata")
                .arg(self.data())
                .output()
                .map_err(|e| format!("initdb: {e}"))?;
            if output.status.success() {
                return Ok(());
            }
            said = String::from_utf8_lossy(&output.stderr).into_owned();
        }
        Err(format!("initdb: {said}"))
    }

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    fn start_on(&self, port: u16) -> Result<(Child, Address), String> {
        let log = self.directory.join("log");
        let file = std::fs::File::create(&log).map_err(|e| format!("make the log: {e}"))?;
        let mut command = self.command("postgres")?;
        command.arg("-D").arg(self.data());
        let sockets = format!("unix_socket_directories={}", self.directory.display());
        let port_setting = format!("port={port}");
        for setting in [
            "listen_addresses=127.0.0.1",
            &port_setting,
            &sockets,
            // Nothing of a test's data has to outlive the machine; a killed *server* still keeps its promises.
            "fsync=off",
            "full_page_writes=off",
            "max_connections=400",
            "shared_buffers=64MB",
        ] {
            command.arg("-c").arg(setting);
        }
        let mut child = command
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .map_err(|e| format!("postgres: {e}"))?;
        watchdog::watch(child.id());
        let address = self.until_ready(&mut child, port, &log)?;
        Ok((child, address))
    }

    fn until_ready(&self, child: &mut Child, port: u16, log: &Path) -> Result<Address, String> {
        let address = self.address(port);
        let deadline = Instant::now() + Duration::from_secs(60);
        while Instant::now() < deadline {
            if let Ok(Some(status)) = child.try_wait() {
                watchdog::unwatch(child.id());
                let said = std::fs::read_to_string(log).unwrap_or_default();
                return Err(format!("postgres ended ({status}): {said}"));
            }
            // Written by the server itself, so that another process on that port is not taken for ours.
            let pid_file = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
            if pid_file.lines().nth(7).is_some_and(|status| status.trim() == "ready") {
                return Ok(address);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err("postgres was not ready within 60 s".into())
    }
}

fn free_port() -> Result<u16, String> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(|e| format!("find a free port: {e}"))?;
    listener
        .local_addr()
        .map(|address| address.port())
        .map_err(|e| e.to_string())
}
