//! The command line.

mod account;
mod check;
mod demo;
mod open;
mod policy;
mod process;
mod serve;
mod webhooks;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
pub use process::line;
use process::{begin_log, block, say, told, with_bar};

/// orglife: one API over the organizational life of a city's Party organizations.
#[derive(Parser)]
#[command(name = "orglife", version, about, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API on a database that is already filled.
    Serve(ServeArgs),
    /// Start a server with a demo city in an embedded database; accounts go to a file. Access tokens hold an hour there.
    #[command(mut_args(an_hour))]
    Demo(DemoArgs),
    /// Fill an empty database with the demo city, or with a whole city to measure on (`--city`), and end. Accounts go to a
    /// file.
    Seed(SeedArgs),
    /// Begin a city in an empty database: its committee, the secretary with an account, the shipped rulebook.
    Init(account::InitArgs),
    /// Open, close and list accounts; new passwords and secrets.
    Account {
        #[command(subcommand)]
        command: account::AccountCommand,
    },
    /// Work with the log of changes.
    Log {
        #[command(subcommand)]
        command: LogCommand,
    },
    /// Bring the database's schema up to date.
    #[command(mut_args(|arg| hide(arg, &["time_zone", "keys_file"])))]
    Migrate(StoreArgs),
    /// Print the GraphQL schema, or compare it with the committed one.
    Schema {
        /// Fail when `schema.graphql` in this folder differs.
        #[arg(long)]
        check: bool,
    },
    /// Print who may do what where, and what each word of it means.
    Policy,
    /// Work with rulebooks.
    Rulebook {
        #[command(subcommand)]
        command: RulebookCommand,
    },
    /// Make and rotate keys.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Judge all obligations anew and sum all figures afresh; says how many stood otherwise. In order: none.
    Rejudge {
        #[command(flatten)]
        store: StoreArgs,
        /// Also judge closed periods that nobody has judged yet, up to fourteen months back: after a bulk import.
        #[arg(long)]
        past: bool,
    },
    /// Compare a database with itself: schema, keys, log, hierarchy, memberships, figures, obligations. Changes nothing;
    /// exits with 1 and one line for each thing that is wrong.
    Doctor(StoreArgs),
}

#[derive(Subcommand)]
enum RulebookCommand {
    /// Check a rulebook file: every error with line, key and what is allowed.
    Check {
        /// The rulebook, as TOML.
        file: PathBuf,
    },
    /// Load a rulebook file into the database. It holds nowhere until it is assigned (mutation `assignRulebook`).
    Load {
        /// The rulebook, as TOML.
        file: PathBuf,
        #[command(flatten)]
        store: StoreArgs,
    },
}

#[derive(Subcommand)]
enum LogCommand {
    /// Say that the database was restored: every cursor given out so far is answered with `RESTORED`, and clients read
    /// anew. A server that finds the database in another place, or behind what it was, does so by itself.
    NewEpoch(StoreArgs),
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Print a new line for the key file; the last line of the file seals, all of them open.
    New,
    /// Make a new key for access tokens and retire those that were superseded more than a day ago. Running nodes take it up
    /// within seconds; tokens of the key before hold to their end.
    Rotate {
        #[command(flatten)]
        store: StoreArgs,
        /// Retire all older keys at once, for a key that got into wrong hands: every access token ends, clients refresh.
        #[arg(long)]
        retire_all: bool,
    },
    /// Seal all sealed fields anew with the last key of the key file; afterwards older keys only serve search.
    Reseal(StoreArgs),
}

/// Where the data and the keys are.
#[derive(Args, Clone)]
pub struct StoreArgs {
    /// `sqlite://PATH` or `postgres://USER@HOST/DATABASE`; an embedded file in the data folder where it is left out.
    #[arg(long, env = "ORGLIFE_DATABASE_URL")]
    database_url: Option<String>,
    /// Folder of the embedded database and of its key file.
    #[arg(long, env = "ORGLIFE_DATA", default_value = "data")]
    data: PathBuf,
    /// File with the keys of sealed fields, one `id:base64` a line; made in the data folder for an embedded database.
    #[arg(long, env = "ORGLIFE_KEYS_FILE")]
    keys_file: Option<PathBuf>,
    /// The deployment's time zone: periods are calendar periods there.
    #[arg(long, env = "ORGLIFE_TIME_ZONE", default_value = "Asia/Shanghai")]
    time_zone: chrono_tz::Tz,
    /// Minutes that an access token holds, 1 to 60; clients renew it with their refresh token.
    #[arg(long, env = "ORGLIFE_ACCESS_TOKEN_MINUTES", default_value_t = 10, value_parser = clap::value_parser!(i64).range(1..=60))]
    access_token_minutes: i64,
    /// Days that the log of changes is kept, 7 to 3650: a client that was away for longer reads anew. The audit trail is kept for good.
    #[arg(long, env = "ORGLIFE_LOG_DAYS", default_value_t = 30, value_parser = clap::value_parser!(i64).range(7..=3650))]
    log_days: i64,
    /// Batches of changes that a stream may be behind before it is told `Lagged`, 2 to 65536; one that follows a part of the tree counts
    /// only those that speak of it, and may be half as many behind. They are held in memory once for the node, not for each stream.
    #[arg(long, env = "ORGLIFE_STREAM_BACKLOG", default_value_t = 256, value_parser = clap::value_parser!(u32).range(2..=65_536))]
    stream_backlog: u32,
    /// Hours that the files of an export are kept and can be fetched, 1 to 720.
    #[arg(long, env = "ORGLIFE_EXPORT_HOURS", default_value_t = 48, value_parser = clap::value_parser!(i64).range(1..=720))]
    export_hours: i64,
    /// Rows of one file of an export, 1 to 1 000 000; a workbook has 20 000 at most.
    #[arg(long, env = "ORGLIFE_EXPORT_PART_ROWS", default_value_t = 50_000, value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
    export_part_rows: i64,
    /// Hours that the report of an import is kept, 1 to 720.
    #[arg(long, env = "ORGLIFE_IMPORT_HOURS", default_value_t = 168, value_parser = clap::value_parser!(i64).range(1..=720))]
    import_hours: i64,
    /// Longest file that is taken for an import, in MiB, 1 to 1024; a workbook has 32 at most.
    #[arg(long, env = "ORGLIFE_IMPORT_MEGABYTES", default_value_t = 256, value_parser = clap::value_parser!(u64).range(1..=1_024))]
    import_megabytes: u64,
    #[command(flatten)]
    webhooks: Box<webhooks::WebhookArgs>,
    /// Run as if started at this instant (RFC 3339): to see on a copy what a day brings. Never for real use.
    #[arg(long, env = "ORGLIFE_CLOCK", hide = true)]
    clock: Option<chrono::DateTime<chrono::Utc>>,
}

/// How a node meets its clients.
#[derive(Args, Clone)]
pub struct EdgeArgs {
    /// Connections that the node takes at once; one in sixteen is kept for plain requests, the others may be sockets and streams. The
    /// process needs as many file handles (`ulimit -n`).
    #[arg(long, env = "ORGLIFE_CONNECTIONS", default_value_t = 16_384, value_parser = clap::value_parser!(u32).range(16..=1_000_000))]
    connections: u32,
    /// Sockets that an account may have open; of streams of one request each it may have four times as many.
    #[arg(long, env = "ORGLIFE_SOCKETS_PER_ACCOUNT", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    sockets_per_account: u32,
    /// Seconds that a message may wait for its client to take it, 1 to 300; then the socket is closed (4900) or the stream is cut.
    #[arg(long, env = "ORGLIFE_SEND_SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u16).range(1..=300))]
    send_seconds: u16,
    /// Origin whose pages may call from a browser, as browsers write it: `https://office.example`. Once for each; the variable
    /// takes several, separated by commas. Pages of the own host always may.
    #[arg(long = "origin", value_name = "ORIGIN", env = "ORGLIFE_ORIGINS", value_delimiter = ',', value_parser = origin)]
    origins: Vec<String>,
    /// Proxies in front that each append to `X-Forwarded-For`: how many of its entries are believed, from the last one on. Clients
    /// without an account share a budget by their address, so behind a proxy say so.
    #[arg(long, env = "ORGLIFE_PROXIES", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=16))]
    proxies: u8,
}

#[derive(Args)]
struct ServeArgs {
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    edge: EdgeArgs,
    /// Address to listen on; port 0 takes a free one and prints it.
    #[arg(long, env = "ORGLIFE_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

#[derive(Args)]
struct SeedArgs {
    #[command(flatten)]
    filled: FilledArgs,
    /// A whole city with a year of life instead of the small demo city: about 260 000 members, to measure on.
    #[arg(long)]
    city: bool,
    /// How large the city is: 0.01 for a trial, 10 to see how cost grows.
    #[arg(long, default_value_t = 1.0, requires = "city", value_parser = scale)]
    scale: f64,
}

/// A city and where it is written.
#[derive(Args)]
struct FilledArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// Where the demo accounts are written, as JSON; in the data folder where it is left out.
    #[arg(long)]
    accounts_file: Option<PathBuf>,
    /// The same number gives the same city.
    #[arg(long, default_value_t = 2015)]
    seed: u64,
}

#[derive(Args)]
struct DemoArgs {
    #[command(flatten)]
    city: FilledArgs,
    #[command(flatten)]
    edge: EdgeArgs,
    /// Address to listen on; port 0 takes a free one and prints it.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Fill and end: what `demo` asks of a process of its own.
    #[arg(long, hide = true)]
    only_fill: bool,
}

/// Runs the program.
///
/// # Errors
/// What the command says; the caller prints it and exits with 1.
pub fn run() -> anyhow::Result<()> {
    let mut given = shown(Cli::command()).get_matches();
    let cli = Cli::from_arg_matches_mut(&mut given).unwrap_or_else(|error| error.exit());
    begin_log();
    match cli.command {
        Command::Schema { check } => check::schema(check),
        Command::Policy => say(&policy::text()),
        Command::Rulebook {
            command: RulebookCommand::Check { file },
        } => check::rulebook(&file),
        Command::Rulebook {
            command: RulebookCommand::Load { file, store },
        } => block(check::load_rulebook(store, file)),
        Command::Init(args) => block(account::init(args)),
        Command::Account { command } => block(account::account(command)),
        Command::Keys {
            command: KeysCommand::New,
        } => say(&crate::secrets::keyring::Keyring::new_line()?),
        Command::Keys {
            command: KeysCommand::Rotate { store, retire_all },
        } => block(check::rotate(store, retire_all)),
        Command::Keys {
            command: KeysCommand::Reseal(store),
        } => block(check::reseal(store)),
        Command::Log {
            command: LogCommand::NewEpoch(store),
        } => block(check::new_epoch(store)),
        Command::Migrate(store) => block(check::migrate(store)),
        Command::Doctor(store) => block(check::doctor(store)),
        Command::Rejudge { store, past } => block(check::rejudge(store, past)),
        Command::Serve(args) => block(serve::serve(args)),
        Command::Demo(args) => block(demo::demo(args)),
        Command::Seed(args) => block(demo::seed(args)),
    }
}

/// How large a city may be made: from a dozen branches to those of a province.
fn scale(text: &str) -> Result<f64, String> {
    let scale: f64 = text.parse().map_err(|_| "a number".to_owned())?;
    if (0.001..=100.0).contains(&scale) {
        Ok(scale)
    } else {
        Err("from 0.001 to 100".to_owned())
    }
}

/// Settings that mean something only to what serves.
const ONLY_SERVED: [&str; 10] = [
    "access_token_minutes",
    "log_days",
    "stream_backlog",
    "export_hours",
    "export_part_rows",
    "import_hours",
    "import_megabytes",
    "networks",
    "ca_file",
    "at_once",
];

/// Only what serves gives out tokens, trims the log, writes exports and takes imports: every other command leaves these settings out of its help.
fn shown(command: clap::Command) -> clap::Command {
    match command.get_name() {
        "serve" | "demo" => command,
        _ => command.mut_args(|arg| hide(arg, &ONLY_SERVED)).mut_subcommands(shown),
    }
}

/// Who looks around in a demo city reads in between; tokens of ten minutes would have ended.
fn an_hour(arg: clap::Arg) -> clap::Arg {
    match arg.get_id().as_str() {
        "access_token_minutes" => arg.default_value("60"),
        // A receiver to try it with runs beside it.
        "networks" => arg.default_values(["127.0.0.0/8", "::1"]),
        _ => arg,
    }
}

/// An origin as browsers write it, since it is compared letter by letter.
fn origin(text: &str) -> Result<String, String> {
    let plain = |part: &str, more: &[u8]| {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || more.contains(&byte);
        !part.is_empty() && part.bytes().all(fits)
    };
    let well_formed = text.split_once("://").is_some_and(|(scheme, host)| {
        let own_port = match scheme {
            "http" => ":80",
            "https" => ":443",
            _ => "/",
        };
        plain(scheme, b"+-.") && plain(host, b"-._:[]") && !host.ends_with(own_port)
    });
    match well_formed {
        true => Ok(text.to_owned()),
        false => Err(
            "scheme://host in small letters, without a path, without the port that the scheme has anyway".to_owned(),
        ),
    }
}

/// Hides the arguments of these names: they are the same for all commands that open a database, and mean nothing to some.
fn hide(arg: clap::Arg, names: &[&str]) -> clap::Arg {
    let hidden = names.contains(&arg.get_id().as_str());
    if hidden { arg.hide(true) } else { arg }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_put_together_right() {
        use clap::CommandFactory as _;
        super::shown(super::Cli::command()).debug_assert();
    }

    #[test]
    fn an_origin_is_what_browsers_send() {
        for right in [
            "https://office.example",
            "http://localhost:5173",
            "https://[2001:db8::1]:8443",
            "capacitor://localhost",
        ] {
            assert_eq!(super::origin(right).as_deref(), Ok(right));
        }
        for wrong in [
            "office.example",
            "https://office.example/",
            "https://Office.example",
            "https://office.example:443",
            "http://office.example:80",
            "https://",
            "*",
            "null",
            "",
        ] {
            assert!(super::origin(wrong).is_err(), "{wrong}");
        }
    }
}
