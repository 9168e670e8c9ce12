//! Writers in parallel: each changes an org of its own again and again, the shortest transaction there is.

use std::time::{Duration, Instant};

use crate::figures::{Durations, Taken};
use crate::node::City;
use crate::say;

#[derive(clap::Args)]
pub struct Args {
    /// Writers at the same time.
    #[arg(long)]
    writers: usize,
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// Different for each run on the same database.
    #[arg(long)]
    run: String,
}

/// Prints `writes-per-second p50-ms p99-ms cores`, for scripts that compare runs.
pub async fn run(city: City, args: Args) -> anyhow::Result<()> {
    let client = city.client("county-organization")?;
    let orgs = city.orgs(args.writers, &format!("writers-{}", args.run)).await?;
    client.rest().await?;
    let time = Duration::from_secs(args.seconds);
    let (before, begun) = (Taken::by(city.pid), Instant::now());
    let mut writers = Vec::new();
    for id in orgs {
        let client = client.clone();
        writers.push(tokio::spawn(async move {
            let mut took = Durations::default();
            for version in 1.. {
                let one = Instant::now();
                if begun.elapsed() > time {
                    break;
                }
                client.rename(&id, version).await?;
                took.push(one.elapsed());
            }
            anyhow::Ok(took)
        }));
    }
    let mut all = Durations::default();
    for writer in writers {
        all.extend(writer.await??);
    }
    let passed = begun.elapsed();
    let cores = Taken::by(city.pid).cores_since(before, passed);
    let rate = f64::from(u32::try_from(all.len())?) / passed.as_secs_f64();
    let ms = |duration: Duration| duration.as_secs_f64() * 1000.0;
    say(&format!(
        "{rate:.1} {:.2} {:.2} {cores:.2}",
        ms(all.hundredth(50)),
        ms(all.hundredth(99))
    ));
    Ok(())
}
