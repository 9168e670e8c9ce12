//! The node under load and its demo accounts.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};

const CREATE: &str = "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) {
    organization { id } userErrors { code path } } }";
const RENAME: &str = "mutation($input: RenameOrganizationInput!) { renameOrganization(input: $input) {
    organization { version } userErrors { code path } } }";

/// Which node.
#[derive(Args)]
pub struct Target {
    /// `http://HOST:PORT`
    #[arg(long)]
    node: String,
    /// The accounts that `orglife demo` or `orglife seed` wrote.
    #[arg(long)]
    accounts: PathBuf,
    /// The node's process, to see what it takes.
    #[arg(long)]
    pid: u32,
}

/// A node on a demo city.
#[derive(Clone)]
pub struct City {
    pub url: String,
    pub pid: u32,
    accounts: Arc<Vec<Value>>,
}

/// One account's way to the node.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    pub token: String,
}

impl City {
    pub fn of(target: &Target) -> anyhow::Result<Self> {
        let text =
            std::fs::read_to_string(&target.accounts).with_context(|| format!("{}", target.accounts.display()))?;
        Ok(Self {
            url: target.node.clone(),
            pid: target.pid,
            accounts: Arc::new(serde_json::from_str(&text)?),
        })
    }

    pub fn field(&self, username: &str, field: &str) -> anyhow::Result<String> {
        let account = self.accounts.iter().find(|account| account["username"] == username);
        let value = account.and_then(|account| account[field].as_str());
        value
            .map(ToOwned::to_owned)
            .with_context(|| format!("no {field} of {username}"))
    }

    pub fn client(&self, username: &str) -> anyhow::Result<Client> {
        Ok(self.bearer(self.field(username, "accessToken")?))
    }

    fn bearer(&self, token: String) -> Client {
        Client {
            http: reqwest::Client::new(),
            url: format!("{}/graphql", self.url),
            token,
        }
    }

    /// Everybody who may follow the log and sees an org.
    pub async fn followers(&self, org: &str) -> Vec<Client> {
        let mut followers = Vec::new();
        for account in self.accounts.iter() {
            let Some(token) = account["accessToken"].as_str() else {
                continue;
            };
            let client = self.bearer(token.to_owned());
            let query = "query($org: ID!) { changes(first: 1) { hasMore } organization(id: $org) { id } }";
            let seen = client.data(query, json!({"org": org})).await;
            if seen.is_ok_and(|seen| seen["organization"].is_object()) {
                followers.push(client);
            }
        }
        followers
    }

    /// So many orgs of one account's own, below its county, that nobody else changes.
    pub async fn orgs(&self, count: usize, key: &str) -> anyhow::Result<Vec<String>> {
        let client = self.client("county-organization")?;
        let parent = self.field("county-organization", "organizationId")?;
        let mut orgs = Vec::with_capacity(count);
        for number in 0..count {
            let input = json!({"parentId": parent, "name": format!("量度{number}"), "kind": "WORKING_COMMITTEE", "sector": "ORGAN",
                "foundedOn": "2026-01-05", "reason": "新设", "decision": decision(), "idempotencyKey": format!("{key}-{number}")});
            let made = client.data(CREATE, json!({"input": input})).await?;
            let id = made["createOrganization"]["organization"]["id"].as_str();
            orgs.push(id.with_context(|| format!("{made}"))?.to_owned());
        }
        Ok(orgs)
    }
}

fn decision() -> Value {
    json!({"decidedOn": "2026-01-05", "documentNumber": "试〔2026〕6号"})
}

impl Client {
    /// One operation's `data`; waits where the budget says so.
    pub async fn data(&self, query: &str, variables: Value) -> anyhow::Result<Value> {
        let body = json!({"query": query, "variables": variables});
        loop {
            let request = self.http.post(&self.url).bearer_auth(&self.token).json(&body);
            let mut answer: Value = request.send().await?.json().await?;
            let Some(error) = answer["errors"].get(0) else {
                return Ok(answer["data"].take());
            };
            let wait = error["extensions"]["retryAfterMs"].as_u64();
            let wait = wait.with_context(|| format!("{error}"))?;
            tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
        }
    }

    /// Waits until the account's budget is full, so that it plays no part in what is measured.
    pub async fn rest(&self) -> anyhow::Result<()> {
        loop {
            let budget = self.data("{ rateLimit { limit remaining } }", json!({})).await?["rateLimit"].take();
            if budget["remaining"].as_i64() >= budget["limit"].as_i64().map(|limit| limit * 95 / 100) {
                return Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        }
    }

    /// One change of an org: its next version.
    pub async fn rename(&self, id: &str, version: i64) -> anyhow::Result<()> {
        let input = json!({"id": id, "expectedVersion": version, "name": format!("量度之{version}"), "reason": "更名",
            "decision": decision(), "idempotencyKey": format!("{id}-{version}")});
        let done = self.data(RENAME, json!({"input": input})).await?;
        let done = &done["renameOrganization"];
        anyhow::ensure!(done["organization"]["version"] == version + 1, "{done}");
        Ok(())
    }
}
