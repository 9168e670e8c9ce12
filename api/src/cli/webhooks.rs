//! How webhooks are told, as the operator says.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use chrono::TimeDelta;
use clap::Args;
use domain::webhook::Retries;

use crate::outbound::authorities::Authorities;
use crate::outbound::networks::{Network, Networks};
use crate::webhooks::Settings;

#[derive(Args, Clone)]
pub struct WebhookArgs {
    /// Network (`10.20.0.0/16`) that webhooks may reach beside the public internet, over https and over plain http. Once for each; the
    /// variable takes several, separated by commas. None of them: webhooks go to public addresses alone, over https.
    #[arg(
        long = "webhook-network",
        value_name = "NETWORK",
        env = "ORGLIFE_WEBHOOK_NETWORKS",
        value_delimiter = ','
    )]
    networks: Vec<Network>,
    /// Certificates (PEM) of authorities that receivers' certificates may come from, beside those that the system trusts: of a closed
    /// network's own authority.
    #[arg(long = "webhook-ca-file", value_name = "FILE", env = "ORGLIFE_WEBHOOK_CA_FILE")]
    ca_file: Option<PathBuf>,
    /// Messages that this node sends at once, 1 to 1000; each webhook has one at a time.
    #[arg(long = "webhooks-at-once", env = "ORGLIFE_WEBHOOKS_AT_ONCE", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1000))]
    at_once: u16,
    /// Seconds that a message is tried before its webhook is paused: to see in a test what a day brings.
    #[arg(long = "webhook-retry-seconds", default_value_t = 86_400, hide = true, value_parser = clap::value_parser!(i64).range(1..=604_800))]
    retry_seconds: i64,
    /// Milliseconds before the second attempt; they double with each further one.
    #[arg(long = "webhook-backoff-ms", default_value_t = 5_000, hide = true, value_parser = clap::value_parser!(i64).range(10..=60_000))]
    backoff_ms: i64,
    /// Milliseconds that one attempt may take.
    #[arg(long = "webhook-attempt-ms", default_value_t = 10_000, hide = true, value_parser = clap::value_parser!(u64).range(100..=60_000))]
    attempt_ms: u64,
}

impl WebhookArgs {
    pub fn settings(&self) -> anyhow::Result<Settings> {
        Ok(Settings {
            networks: Networks::from(self.networks.clone()),
            authorities: self.authorities()?,
            retries: Retries {
                first_wait: TimeDelta::milliseconds(self.backoff_ms),
                give_up_after: TimeDelta::seconds(self.retry_seconds),
            },
            attempt: Duration::from_millis(self.attempt_ms),
            at_once: usize::from(self.at_once),
        })
    }

    fn authorities(&self) -> anyhow::Result<Authorities> {
        let Some(file) = &self.ca_file else {
            return Ok(Authorities::default());
        };
        let read = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        Authorities::read(&read).with_context(|| format!("{} holds no authorities to trust", file.display()))
    }
}
