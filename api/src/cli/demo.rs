//! `orglife demo`: a city to look at, made from a seed number.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::open::write_secret;
use super::{DemoArgs, FilledArgs, SeedArgs, StoreArgs, say, serve, told, with_bar};
use crate::app::{App, Ids};
use crate::ops::{demo, measure, obligation, session};

/// Fills an empty database with the demo city, writes the accounts, serves.
pub async fn demo(args: DemoArgs) -> anyhow::Result<()> {
    let file = args.city.accounts_file();
    if is_empty(&args.city.store).await? {
        let accounts = fill(&args.city, None).await?;
        write_accounts(&file, &accounts)?;
    }
    let app = Arc::new(args.city.store.open(Ids::Random).await?);
    renew_tokens(&app, &file).await?;
    say(&format!("demo accounts: {}", file.display()))?;
    serve::listen_with(app, args.listen).await
}

/// Fills an empty database with the demo city, or with a city at scale, and writes the accounts.
pub async fn seed(args: SeedArgs) -> anyhow::Result<()> {
    anyhow::ensure!(
        is_empty(&args.filled.store).await?,
        "the database is not empty: the demo city is never mixed with anything else"
    );
    let file = args.filled.accounts_file();
    let accounts = fill(&args.filled, args.city.then_some(args.scale)).await?;
    write_accounts(&file, &accounts)?;
    say(&format!("{} demo accounts: {}", accounts.len(), file.display()))
}

impl FilledArgs {
    fn accounts_file(&self) -> PathBuf {
        let given = self.accounts_file.clone();
        given.unwrap_or_else(|| self.store.data.join("accounts.json"))
    }
}

async fn is_empty(store: &StoreArgs) -> anyhow::Result<bool> {
    let app = store.open(Ids::Random).await?;
    let empty = app.database.is_empty().await?;
    app.database.close().await;
    Ok(empty)
}

async fn fill(args: &FilledArgs, scale: Option<f64>) -> anyhow::Result<Vec<Value>> {
    let app = Arc::new(args.store.open_for_upkeep(Ids::counted(args.seed)).await?);
    let shipped = crate::ops::rulebook::shipped().context("the shipped rulebook does not load")?;
    let book = demo::DemoRulebook {
        key: &shipped.key,
        title: shipped.title.text(domain::vocabulary::Language::ZhCn),
        issued_on: shipped.issued_on,
        text: domain::rulebook::JIAXING_2015,
    };
    let city = with_bar(async |progress| match scale {
        None => demo::fill(&app, args.seed, app.today(), book, progress).await,
        Some(scale) => demo::fill_at_scale(&app, (args.seed, scale), app.today(), book, progress).await,
    })
    .await?;
    // Measures are judged and decided first: the inbox and the figures then say how they stand.
    measure::rejudge::rejudge_all(&app).await.map_err(told)?;
    demo::decide_measures(&app).await.map_err(told)?;
    let since = scale.map_or_else(|| obligation::rejudge::past(&app), |_| city.from);
    with_bar(async |progress| obligation::rejudge::rejudge_all(&app, Some(since), progress).await)
        .await
        .map_err(told)?;
    let accounts = city.accounts.iter().map(|account| {
        json!({"role": account.role, "org": account.org, "organizationId": account.organization_id,
            "username": account.username, "password": account.password, "accessToken": null})
    });
    let accounts = accounts.collect();
    app.database.close().await;
    Ok(accounts)
}

fn write_accounts(file: &Path, accounts: &[Value]) -> anyhow::Result<()> {
    write_secret(file, &format!("{:#}\n", Value::from(accounts.to_vec())))
}

/// Gives each account of the file a fresh access token.
async fn renew_tokens(app: &Arc<App>, file: &Path) -> anyhow::Result<()> {
    let Ok(text) = std::fs::read_to_string(file) else {
        return Ok(());
    };
    let mut accounts: Vec<Value> = serde_json::from_str(&text).context("the accounts file is not JSON")?;
    for account in &mut accounts {
        let Some(username) = account.get("username").and_then(Value::as_str) else {
            continue;
        };
        let found = app
            .database
            .snapshot()
            .await?
            .find_account_by_username(username)
            .await?;
        if let Some(found) = found {
            let session = session::open(app, &found, "session.demo").await.map_err(told)?;
            if let Some(fields) = account.as_object_mut() {
                fields.insert("accessToken".to_owned(), session.access_token.into());
            }
        }
    }
    write_accounts(file, &accounts)
}
