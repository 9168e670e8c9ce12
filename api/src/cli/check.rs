//! Commands that look, compare and repair.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use indicatif::ProgressBar;

use super::{StoreArgs, say};
use crate::app::Ids;
use crate::ops::signing::Retire;
use crate::store::connect::Database;

const SCHEMA_FILE: &str = "schema.graphql";

/// `orglife schema [--check]`.
pub fn schema(check: bool) -> anyhow::Result<()> {
    let sdl = crate::graphql::schema::sdl();
    if !check {
        return say(&sdl);
    }
    let committed = std::fs::read_to_string(SCHEMA_FILE).context("cannot read schema.graphql in this folder")?;
    anyhow::ensure!(
        committed.trim_end() == sdl.trim_end(),
        "schema.graphql differs from the code; write it anew with `orglife schema > schema.graphql` and review the difference"
    );
    say("schema.graphql agrees with the code")
}

/// `orglife rulebook check FILE`.
pub fn rulebook(file: &Path) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    match domain::rulebook::load(&text) {
        Ok(book) => say(&format!(
            "{}: {} entries, no errors",
            file.display(),
            book.entries.len()
        )),
        Err(errors) => {
            for error in &errors {
                say(&format!("{}: {error}", file.display()))?;
            }
            anyhow::bail!("{} errors", errors.len())
        }
    }
}

/// `orglife rulebook load FILE`.
pub async fn load_rulebook(store: StoreArgs, file: std::path::PathBuf) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let app = store.open(Ids::Random).await?;
    let loaded = crate::ops::rulebook::administer::load_file(&app, &text);
    say(&format!("loaded {}", loaded.await.map_err(super::told)?))
}

/// `orglife migrate`.
pub async fn migrate(store: StoreArgs) -> anyhow::Result<()> {
    let database = Database::open(&store.database_url()).await?;
    let alone = database.alone().await?;
    alone.migrate().await?;
    alone.end().await;
    say("the schema is up to date")
}

/// `orglife log new-epoch`.
pub async fn new_epoch(store: StoreArgs) -> anyhow::Result<()> {
    let app = store.open(Ids::Random).await?;
    let epoch = crate::ops::log::begin_epoch(&app).await.map_err(super::told)?;
    say(&format!(
        "the log is in epoch {epoch}; cursors of before are told RESTORED"
    ))
}

/// `orglife keys rotate [--retire-all]`.
pub async fn rotate(store: StoreArgs, retire_all: bool) -> anyhow::Result<()> {
    store.must_be_there()?;
    let app = store.open(Ids::Random).await?;
    let retire = if retire_all { Retire::All } else { Retire::Superseded };
    let retired = crate::ops::signing::rotate(&app.database, &app.keys, &app.clock, Some(retire)).await?;
    say(&format!(
        "one new key, {retired} retired; running nodes take it up within seconds"
    ))
}

/// `orglife keys reseal`.
pub async fn reseal(store: StoreArgs) -> anyhow::Result<()> {
    store.must_be_there()?;
    let app = store.open(Ids::Random).await?;
    let bar = indicatif::ProgressBar::no_length();
    let sealed = crate::ops::keys::reseal(&app, &|done| bar.set_position(done)).await;
    bar.finish_and_clear();
    say(&format!(
        "{} values sealed anew with key {}",
        sealed.map_err(super::told)?,
        app.keys.active_id()
    ))
}

/// `orglife doctor`.
pub async fn doctor(store: StoreArgs) -> anyhow::Result<()> {
    store.must_be_there()?;
    let database = Database::open(&store.database_url()).await?;
    let pending = database.pending_migrations().await?;
    database.close().await;
    drop(database);
    anyhow::ensure!(
        pending == 0,
        "{pending} migrations have not run: `orglife migrate` runs them"
    );
    let app = std::sync::Arc::new(store.open(Ids::Random).await?);
    let complaints = crate::ops::doctor::complaints(&app).await.map_err(super::told)?;
    for complaint in &complaints {
        say(complaint)?;
    }
    anyhow::ensure!(complaints.is_empty(), "{} complaints", complaints.len());
    say("database, keys, log, figures and obligations are in order")
}

/// `orglife rejudge`.
pub async fn rejudge(store: StoreArgs, past: bool) -> anyhow::Result<()> {
    store.must_be_there()?;
    let app = Arc::new(store.open(Ids::Random).await?);
    // A hidden bar where standard error is no terminal.
    let bar = ProgressBar::new(0);
    let progress = |done: u64, all: u64| {
        bar.set_length(all);
        bar.set_position(done);
    };
    let judged = crate::ops::obligation::rejudge::rejudge_all(&app, past, &progress)
        .await
        .map_err(super::told)?;
    bar.finish_and_clear();
    say(&format!(
        "{} obligations stood otherwise, {} measures, {} figures were wrong",
        judged.obligations, judged.measures, judged.figures
    ))
}
