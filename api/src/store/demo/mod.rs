//! The demo city: invented, the same for the same seed, with fourteen months of organizational life up to a day.
//! What the judge computes (obligations, alerts, measures, figures, inbox) is not written here.

mod accounts;
mod admissions;
mod aftermath;
mod calendar;
mod city;
mod coming;
mod dice;
mod meeting;
mod names;
mod people;
mod plan;
mod posts;
mod register;
mod rows;
#[cfg(test)]
mod tests;
mod tree;

use chrono::{Months, NaiveDate};
use domain::vocabulary::EntityKind;
use entity::{log_counter, rulebook, rulebook_assignment};
use sea_orm::EntityTrait as _;

use self::city::City;
use super::StoreError;
use super::transaction::{Ledger, Write};
use crate::app::App;

/// What a fill leaves for people to sign in with.
#[derive(Debug)]
pub struct DemoCity {
    pub accounts: Vec<DemoAccount>,
}

/// One account with its password, which is random per run and stored nowhere in clear. A service account has a secret instead.
#[derive(Debug)]
pub struct DemoAccount {
    pub role: String,
    /// Name of the org that the role is about.
    pub org: String,
    pub organization_id: String,
    pub username: String,
    pub password: String,
    /// Of a service account: what it signs in with, beside its id.
    pub client_secret: Option<String>,
    pub account_id: String,
}

/// The rulebook that is in force in the whole city.
#[derive(Debug, Clone, Copy)]
pub struct DemoRulebook<'a> {
    pub key: &'a str,
    pub title: &'a str,
    pub issued_on: NaiveDate,
    /// The TOML text as loaded.
    pub text: &'a str,
}

/// Fills an empty, migrated database in one transaction. `app` brings counted ids for the same rows from the same seed;
/// `progress` hears rows done and rows in all.
///
/// # Errors
/// The database is not empty or fails, or the system gives no randomness.
pub async fn fill(
    app: &App,
    seed: u64,
    today: NaiveDate,
    rulebook: DemoRulebook<'_>,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> anyhow::Result<DemoCity> {
    let mut city = City::new(app, seed, today);
    city.grow_hierarchy()?;
    city.settle_members();
    city.fill_posts();
    city.share_portfolios();
    city.let_life_happen();
    city.write_facts(today - Months::new(6))?;
    city.write_register()?;
    city.hold_meetings();
    city.call_what_comes();
    city.let_some_stay_away();
    city.draw_conclusions()?;
    city.write_admissions();
    city.assign(rulebook);
    let accounts = city.open_accounts().await?;
    let write = app.database.write().await?;
    ensure_counter(&write, &app.ids.plain()).await?;
    city.rows.insert(&write, progress).await.map_err(StoreError)?;
    write.finish(Ledger::default(), app.clock.now()).await?;
    Ok(DemoCity { accounts })
}

/// The log's counter row, with a random epoch that tells this database from any other.
async fn ensure_counter(write: &Write, spare: &str) -> anyhow::Result<()> {
    let found = log_counter::Entity::find_by_id(1)
        .one(&write.tx)
        .await
        .map_err(StoreError)?;
    if found.is_none() {
        let epoch = crate::secrets::random::<16>().map_or_else(
            |_| spare.to_owned(),
            |bytes| domain::ids::encode(u128::from_be_bytes(bytes)),
        );
        let row = log_counter::ActiveModel {
            id: sea_orm::ActiveValue::Set(1),
            epoch: sea_orm::ActiveValue::Set(epoch),
            position: sea_orm::ActiveValue::Set(0),
            trimmed: sea_orm::ActiveValue::Set(0),
            rulebooks_at: sea_orm::ActiveValue::Set(0),
            home: sea_orm::ActiveValue::Set(None),
        };
        let insert = log_counter::Entity::insert(row);
        insert.exec_without_returning(&write.tx).await.map_err(StoreError)?;
    }
    Ok(())
}

impl City<'_> {
    fn assign(&mut self, book: DemoRulebook<'_>) {
        self.rows.rulebook.push(rulebook::Model {
            id: self.app.ids.next(EntityKind::Rulebook),
            key: book.key.to_owned(),
            version: 1,
            title: book.title.to_owned(),
            issued_on: book.issued_on,
            effective_from: book.issued_on,
            text: book.text.to_owned(),
            loaded_at: self.morning(),
        });
        let root = self
            .rows
            .organization
            .first()
            .map(|row| (row.id.clone(), row.founded_on));
        if let Some((organization_id, founded)) = root {
            self.rows.rulebook_assignment.push(rulebook_assignment::Model {
                id: self.app.ids.plain(),
                organization_id,
                rulebook_key: book.key.to_owned(),
                from_on: book.issued_on.max(founded),
            });
        }
    }
}
