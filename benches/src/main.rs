//! Programs that put load on a running node and say what came of it; the method of each stands in `docs/benchmarks.md`.

mod figures;
mod live;
mod node;
mod pages;
mod queries;
mod socket;
mod storm;
mod writers;

use clap::{Parser, Subcommand};

/// Load on a running node. Start one on purpose for it: what is written stays in its database.
#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    target: node::Target,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Many subscribers, a steady writer: latency, memory, processor time; beside it what asking each second would take.
    Live(live::Args),
    /// Writers in parallel for some time: writes a second and their latency.
    Writers(writers::Args),
    /// A page far into a list against the first.
    Pages(pages::Args),
    /// Sockets that all come back at once: latency of plain queries before and meanwhile.
    Storm(storm::Args),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let city = node::City::of(&cli.target)?;
    match cli.what {
        What::Live(args) => live::run(city, args).await,
        What::Writers(args) => writers::run(city, args).await,
        What::Pages(args) => pages::run(city, args).await,
        What::Storm(args) => storm::run(city, args).await,
    }
}

/// Says a line.
#[expect(clippy::print_stdout, reason = "a program's answer goes to its standard output")]
fn say(line: &str) {
    println!("{line}");
}
