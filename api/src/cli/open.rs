//! Opens what the settings name: database, keys, signing key.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::Context as _;

use super::StoreArgs;
use crate::app::{App, Clock, Exports, Ids, Imports};
use crate::events::Live;
use crate::secrets::keyring::Keyring;
use crate::secrets::password::Passwords;
use crate::store::connect::{Database, private_folder};
use crate::webhooks::Webhooks;

impl StoreArgs {
    pub fn database_url(&self) -> String {
        self.database_url
            .clone()
            .unwrap_or_else(|| format!("sqlite://{}", self.data.join("orglife.db").display()))
    }

    fn is_embedded(&self) -> bool {
        self.database_url().starts_with("sqlite://")
    }

    /// Refuses where there is no embedded database yet: whoever looks, repairs or serves makes none.
    pub fn must_be_there(&self) -> anyhow::Result<()> {
        let url = self.database_url();
        let missing = url.strip_prefix("sqlite://").filter(|path| !Path::new(path).exists());
        match missing {
            Some(path) => anyhow::bail!(
                "there is no database {path}: `orglife init` begins a city there, `orglife demo` fills it with a demo city"
            ),
            None => Ok(()),
        }
    }

    fn keys_file(&self) -> PathBuf {
        self.keys_file.clone().unwrap_or_else(|| self.data.join("keys"))
    }

    /// The key file; for an embedded database a missing one is made, readable by its owner only.
    pub fn keys(&self) -> anyhow::Result<Keyring> {
        let file = self.keys_file();
        if !file.exists() {
            anyhow::ensure!(
                self.is_embedded(),
                "no key file: make one with `orglife keys new > FILE`, keep it beside no backup of the database, and name it \
                 with --keys-file"
            );
            write_secret(&file, &Keyring::new_line()?)?;
        }
        let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        Ok(Keyring::parse(&text)?)
    }

    /// Opens and migrates the database and loads the keys.
    pub async fn open(&self, ids: Ids) -> anyhow::Result<App> {
        self.prepare()?;
        self.build(Database::open(&self.database_url()).await?, ids).await
    }

    /// The same for a command that looks at everything and may take its time.
    pub async fn open_for_upkeep(&self, ids: Ids) -> anyhow::Result<App> {
        self.prepare()?;
        self.build(Database::open_for_upkeep(&self.database_url()).await?, ids)
            .await
    }

    fn prepare(&self) -> anyhow::Result<()> {
        if self.is_embedded() {
            private_folder(&self.data)?;
        }
        Ok(())
    }

    async fn build(&self, database: Database, ids: Ids) -> anyhow::Result<App> {
        let (keys, webhooks) = (self.keys()?, self.webhooks.settings()?);
        let clock = self.clock.map_or_else(Clock::default, Clock::starting);
        let alone = database.alone().await?;
        alone.migrate().await?;
        if database.recognise(&ids.plain()).await? {
            tracing::warn!("the database was restored or copied: cursors of before are told so");
        }
        let signing = crate::ops::signing::load(&database, &keys, &clock).await?;
        database.remember_reach().await?;
        alone.end().await;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let backlog = usize::try_from(self.stream_backlog)?;
        let live = Arc::new(Live::new(database.clone(), clock.clone(), self.time_zone, backlog));
        Ok(App {
            live,
            database,
            clock,
            ids,
            keys,
            passwords: Passwords::new(cores)?,
            signing,
            ticks: AtomicU64::default(),
            zone: self.time_zone,
            access_token_minutes: self.access_token_minutes,
            webhooks: Webhooks::new(webhooks),
            log_days: self.log_days,
            exports: Exports::new(self.export_hours, self.export_part_rows),
            imports: Imports::new(self.import_hours, self.import_megabytes),
        })
    }
}

/// Writes a file that only its owner may read, whole or not at all: a reader finds the old text or the new one.
pub fn write_secret(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        private_folder(folder)?;
    }
    let mut next = path.as_os_str().to_owned();
    next.push(".new");
    let write = || {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = options.open(&next)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&next, path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}
