//! `orglife demo`: a city to look at, made from a seed number.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::open::write_secret;
use super::{DemoArgs, FilledArgs, SeedArgs, StoreArgs, say, serve, told, with_bar};
use crate::app::{App, Ids};
use crate::ops::demo::{DemoAccount, Filling};
use crate::ops::{demo, measure, obligation, session};

/// Fills an empty database with the demo city, writes the accounts, serves. A filling that was cut short begins anew.
pub async fn demo(args: DemoArgs) -> anyhow::Result<()> {
    if args.only_fill {
        end_with_whoever_asked();
        return fill(&args.city, None).await.map(|_| ());
    }
    let listener = serve::bind(args.listen).await?;
    let file = args.city.accounts_file();
    if found(&args.city.store).await? != Found::Whole {
        fill_beside().await?;
    }
    let app = Arc::new(args.city.store.open(Ids::Random).await?);
    renew_tokens(&app, &file).await?;
    say(&format!("demo accounts: {}", file.display()))?;
    serve::listen_with(app, args.edge, listener).await
}

/// Fills an empty database with the demo city, or with a city at scale, and writes the accounts.
pub async fn seed(args: SeedArgs) -> anyhow::Result<()> {
    anyhow::ensure!(
        found(&args.filled.store).await? != Found::Whole,
        "the database is not empty: there is a demo city in it already"
    );
    let accounts = fill(&args.filled, args.city.then_some(args.scale)).await?;
    say(&format!(
        "{accounts} demo accounts: {}",
        args.filled.accounts_file().display()
    ))
}

impl FilledArgs {
    fn accounts_file(&self) -> PathBuf {
        let given = self.accounts_file.clone();
        given.unwrap_or_else(|| self.store.data.join("accounts.json"))
    }
}

/// What a database holds of a demo city.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    Half,
    Whole,
}

async fn found(store: &StoreArgs) -> anyhow::Result<Found> {
    // Whoever fills it makes it, too: the node that serves then holds nothing of that.
    if store.must_be_there().is_err() {
        return Ok(Found::Nothing);
    }
    let app = store.open(Ids::Random).await?;
    let found = found_in(&app).await;
    app.database.close().await;
    found
}

async fn found_in(app: &App) -> anyhow::Result<Found> {
    let filling = app.database.filling().await?;
    match filling {
        Some(Filling::Done) => Ok(Found::Whole),
        Some(Filling::Begun) => Ok(Found::Half),
        None => {
            anyhow::ensure!(
                app.database.is_empty().await?,
                "the database is not empty: the demo city is never mixed with anything else (`orglife serve` serves what is \
                 there)"
            );
            Ok(Found::Nothing)
        }
    }
}

/// Fills in a process of its own: the memory that a filling takes ends with it, and the node that serves is as small as any.
async fn fill_beside() -> anyhow::Result<()> {
    let program = std::env::current_exe().context("the program cannot be found")?;
    let mut child = Command::new(program)
        .args(std::env::args_os().skip(1))
        .arg("--only-fill")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .context("the filling cannot be started")?;
    // Held open for as long as this process lives: its end is the end of the other.
    let leash = child.stdin.take();
    let ended = tokio::task::spawn_blocking(move || child.wait()).await??;
    drop(leash);
    anyhow::ensure!(ended.success(), "the demo city could not be filled in");
    Ok(())
}

/// Ends this process when the one that started it does, however that ends.
fn end_with_whoever_asked() {
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(1);
    });
}

/// Fills the database and writes the accounts; only then is it marked as whole. Returns how many accounts there are.
async fn fill(args: &FilledArgs, scale: Option<f64>) -> anyhow::Result<usize> {
    let app = Arc::new(args.store.open_for_upkeep(Ids::counted(args.seed)).await?);
    let alone = app.database.alone().await?;
    match found_in(&app).await? {
        // Somebody else was faster.
        Found::Whole => return Ok(0),
        Found::Half => alone.empty().await?,
        Found::Nothing => {}
    }
    mark(&app, Filling::Begun).await?;
    let accounts = fill_city(&app, args.seed, scale).await?;
    let accounts: Vec<Value> = accounts.iter().map(told_account).collect();
    write_accounts(&args.accounts_file(), &accounts)?;
    mark(&app, Filling::Done).await?;
    alone.end().await;
    app.database.close().await;
    Ok(accounts.len())
}

async fn mark(app: &App, filling: Filling) -> anyhow::Result<()> {
    let write = app.database.write().await?;
    write.mark_filling(filling, app.clock.now()).await?;
    Ok(write.keep().await?)
}

async fn fill_city(app: &Arc<App>, seed: u64, scale: Option<f64>) -> anyhow::Result<Vec<DemoAccount>> {
    let shipped = crate::ops::rulebook::shipped().context("the shipped rulebook does not load")?;
    let book = demo::DemoRulebook {
        key: &shipped.key,
        title: shipped.title.text(domain::vocabulary::Language::ZhCn),
        issued_on: shipped.issued_on,
        text: domain::rulebook::JIAXING_2015,
    };
    let city = with_bar(async |progress| match scale {
        None => demo::fill(app, seed, app.today(), book, progress).await,
        Some(scale) => demo::fill_at_scale(app, (seed, scale), app.today(), book, progress).await,
    })
    .await?;
    // Measures are judged and decided first: the inbox and the figures then say how they stand.
    measure::rejudge::rejudge_all(app).await.map_err(told)?;
    demo::decide_measures(app).await.map_err(told)?;
    let since = scale.map_or_else(|| obligation::rejudge::past(app), |_| city.from);
    if scale.is_none() {
        demo::ask_deviations(app, &city.accounts, since).await.map_err(told)?;
    }
    with_bar(async |progress| obligation::rejudge::rejudge_all(app, Some(since), progress).await)
        .await
        .map_err(told)?;
    if scale.is_none() {
        demo::attend_to_alerts(app).await.map_err(told)?;
    }
    Ok(city.accounts)
}

fn told_account(account: &DemoAccount) -> Value {
    let mut told = json!({"role": account.role, "org": account.org, "organizationId": account.organization_id,
        "username": account.username, "password": account.password, "accessToken": null});
    if let (Some(secret), Some(fields)) = (&account.client_secret, told.as_object_mut()) {
        fields.insert("clientId".to_owned(), account.account_id.clone().into());
        fields.insert("clientSecret".to_owned(), secret.clone().into());
    }
    told
}

fn write_accounts(file: &Path, accounts: &[Value]) -> anyhow::Result<()> {
    write_secret(file, &format!("{:#}\n", Value::from(accounts.to_vec())))
}

/// Gives each account of the file a fresh access token.
async fn renew_tokens(app: &Arc<App>, file: &Path) -> anyhow::Result<()> {
    let mut accounts: Vec<Value> = read_accounts(file).with_context(|| {
        format!(
            "cannot read the demo accounts in {}, and their passwords are kept nowhere else. Name the file with \
             --accounts-file; or begin anew in an empty folder or database; or stay with this city: `orglife account reset \
             USERNAME` gives a link for a new password, `orglife serve` serves it. The cause",
            file.display()
        )
    })?;
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

fn read_accounts(file: &Path) -> anyhow::Result<Vec<Value>> {
    Ok(serde_json::from_str(&std::fs::read_to_string(file)?)?)
}
