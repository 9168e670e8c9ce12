//! `orglife init` and `orglife account …`: how a real deployment begins. Credentials are shown once.

use std::io::Read as _;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64URL;
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use domain::vocabulary::ServiceScope;

use super::{StoreArgs, say, told};
use crate::app::{App, Ids};
use crate::ops::deployment::{self, AccountChange, Bearer, Beginning};
use crate::ops::obligation;
use crate::secrets::random;

/// Where a person's password comes from.
#[derive(Args)]
pub struct PasswordArgs {
    /// Read the password from standard input (one line, 12 characters or more); left out, one is made and printed once.
    #[arg(long)]
    password_stdin: bool,
}

impl PasswordArgs {
    fn password(&self) -> anyhow::Result<String> {
        if !self.password_stdin {
            return Ok(B64URL.encode(random::<15>()?));
        }
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        Ok(text.trim_end_matches(['\r', '\n']).to_owned())
    }

    fn tell(&self, username: &str, password: &str) -> anyhow::Result<()> {
        if self.password_stdin {
            say(&format!("username: {username}"))
        } else {
            say(&format!("username: {username}\npassword: {password}"))
        }
    }
}

#[derive(Args)]
pub struct InitArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// Name of the city committee, for example "中共…市委员会".
    #[arg(long)]
    city: String,
    /// Name of the committee's secretary, the first member and the first account.
    #[arg(long)]
    secretary: String,
    /// User name of that account.
    #[arg(long)]
    username: String,
    /// Name of the working committee of the city's organs.
    #[arg(long, default_value = "市直属机关工作委员会")]
    working_committee: String,
    /// Name of the branch that the secretary belongs to.
    #[arg(long, default_value = "市委机关党支部")]
    branch: String,
    /// Day the committee was founded; today where it is left out.
    #[arg(long, value_name = "YYYY-MM-DD")]
    founded_on: Option<NaiveDate>,
    /// Day the secretary joined the Party; today where it is left out.
    #[arg(long, value_name = "YYYY-MM-DD")]
    joined_on: Option<NaiveDate>,
    #[command(flatten)]
    password: PasswordArgs,
}

#[derive(Subcommand)]
pub enum AccountCommand {
    /// Open an account for an administrator, or for a member who is in the roster.
    Create {
        /// User name of the new account.
        username: String,
        /// An administrator: accounts, keys, rulebooks; sees nothing of members.
        #[arg(long, conflicts_with = "member", required_unless_present = "member")]
        administrator: bool,
        /// Id of the member (`mbr_…`).
        #[arg(long)]
        member: Option<String>,
        #[command(flatten)]
        password: PasswordArgs,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Open a service account for another program; prints its client id and its secret once.
    Service {
        /// User name: 3 to 40 lower-case letters, digits, `.`, `-`, `_`.
        username: String,
        /// Id of the org (`org_…`) whose subtree it may reach.
        #[arg(long)]
        org: String,
        /// What it may do there, separated by commas: `orgs:read`, `members:read`, `activities:read`, `events:read`, …
        #[arg(long, value_delimiter = ',', required = true, value_parser = scope)]
        scopes: Vec<ServiceScope>,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// New credentials for an account: a one-time link with which the person sets a password of their own, or a service
    /// account's new secret. Ends all its sessions.
    Reset {
        /// User name of the account.
        username: String,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Close an account; its tokens stop at once.
    Disable {
        /// User name of the account.
        username: String,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Open a closed account again.
    Enable {
        /// User name of the account.
        username: String,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// List all accounts: user name, kind, member or org, whether closed.
    List(StoreArgs),
}

fn scope(text: &str) -> Result<ServiceScope, String> {
    text.parse().map_err(|_| {
        let known: Vec<_> = ServiceScope::ALL.iter().map(|scope| scope.as_str()).collect();
        format!("known scopes: {}", known.join(", "))
    })
}

/// `orglife init`.
pub async fn init(args: InitArgs) -> anyhow::Result<()> {
    let app = std::sync::Arc::new(args.store.open(Ids::Random).await?);
    let today = app.today();
    anyhow::ensure!(
        app.database.is_empty().await?,
        "there is a city in this database already"
    );
    let beginning = Beginning {
        city: args.city,
        working_committee: args.working_committee,
        branch: args.branch,
        secretary: args.secretary,
        username: args.username.clone(),
        founded_on: args.founded_on.unwrap_or(today),
        joined_on: args.joined_on.unwrap_or(today),
    };
    let password = args.password.password()?;
    let (city, member) = deployment::begin(&app, &beginning, &password).await.map_err(told)?;
    obligation::rejudge::rejudge_all(&app, None, &|_, _| ())
        .await
        .map_err(told)?;
    say(&format!("organization: {city}\nmember: {member}"))?;
    args.password.tell(&args.username, &password)
}

/// `orglife account …`.
pub async fn account(command: AccountCommand) -> anyhow::Result<()> {
    match command {
        AccountCommand::Create {
            username,
            administrator: _,
            member,
            password,
            store,
        } => {
            let app = store.open(Ids::Random).await?;
            let bearer = member.map_or(Bearer::Administrator, Bearer::Member);
            let text = password.password()?;
            let id = deployment::open_account(&app, &username, &text, &bearer)
                .await
                .map_err(told)?;
            say(&format!("account: {id}"))?;
            password.tell(&username, &text)
        }
        AccountCommand::Service {
            username,
            org,
            scopes,
            store,
        } => {
            let app = store.open(Ids::Random).await?;
            let bearer = Bearer::Service {
                organization_id: org,
                scopes,
            };
            let (id, secret) = deployment::open_service(&app, &username, &bearer).await.map_err(told)?;
            say(&format!("client id: {id}\nclient secret: {secret}"))
        }
        AccountCommand::Reset { username, store } => reset(&store.open(Ids::Random).await?, &username).await,
        AccountCommand::Disable { username, store } => {
            let app = store.open(Ids::Random).await?;
            deployment::change_account(&app, &username, &AccountChange::Disable)
                .await
                .map_err(told)?;
            say(&format!("{username} is closed"))
        }
        AccountCommand::Enable { username, store } => {
            let app = store.open(Ids::Random).await?;
            deployment::change_account(&app, &username, &AccountChange::Enable)
                .await
                .map_err(told)?;
            say(&format!("{username} is open"))
        }
        AccountCommand::List(store) => list(&store.open(Ids::Random).await?).await,
    }
}

async fn reset(app: &App, username: &str) -> anyhow::Result<()> {
    let snapshot = app.database.snapshot().await?;
    let found = snapshot.find_account_by_username(username).await?;
    let found = found.with_context(|| format!("there is no account {username}"))?;
    drop(snapshot);
    if found.kind == domain::vocabulary::AccountKind::Service.as_str() {
        let change = AccountChange::Secret;
        let fresh = deployment::change_account(app, username, &change).await.map_err(told)?;
        let secret = fresh.secret.context("no secret was made")?;
        return say(&format!("client id: {}\nclient secret: {secret}", found.id));
    }
    let change = AccountChange::Link;
    let fresh = deployment::change_account(app, username, &change).await.map_err(told)?;
    let link = fresh.link.context("no link was made")?;
    say(&format!(
        "username: {username}\none-time token: {}\nvalid until: {}\nHand it over in person: whoever brings it to the mutation \
         `setPassword` sets the password of this account, once.",
        link.token,
        link.expires_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    ))
}

async fn list(app: &App) -> anyhow::Result<()> {
    for row in app.database.snapshot().await?.all_accounts().await? {
        let whose = row.member_id.or(row.organization_id).unwrap_or_else(|| "-".to_owned());
        let state = if row.disabled_at.is_some() { "closed" } else { "open" };
        say(&format!("{}\t{}\t{}\t{whose}\t{state}", row.username, row.kind, row.id))?;
    }
    Ok(())
}
