//! The demo city: invented, the same for the same seed, with fourteen months of organizational life up to a day. And the city
//! at scale, grown by the same rules in parts, with a year of life: to measure on.
//! What the judge computes (obligations, alerts, measures, figures, inbox) is not written here.

mod accounts;
mod admissions;
mod aftermath;
mod at_scale;
mod bulk;
mod calendar;
mod city;
mod coming;
mod dice;
mod holders;
mod meeting;
mod names;
mod people;
mod plan;
mod posts;
mod register;
mod rows;
#[cfg(test)]
pub(crate) mod tests;
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
    /// First day of the time that is told.
    pub from: NaiveDate,
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
    let mut city = City::new(app, seed, today, 13);
    city.grow_hierarchy()?;
    let sizes = city.sizes();
    city.settle_members(sizes);
    city.fill_posts();
    city.share_portfolios();
    city.let_life_happen();
    city.transfer_some();
    let moved = city.moved()?;
    city.write_facts(Some(&moved), today - Months::new(6));
    city.write_register()?;
    city.request_some_transfers();
    city.hold_meetings();
    city.call_what_comes();
    city.let_some_stay_away();
    city.hold_committee_meetings();
    city.draw_conclusions()?;
    city.write_admissions();
    city.assign(rulebook);
    let accounts = city.open_accounts().await?;
    let write = app.database.write().await?;
    ensure_counter(&write, &app.ids.plain()).await?;
    city.rows.insert(&write, progress).await.map_err(StoreError)?;
    write.finish(Ledger::default(), app.clock.now()).await?;
    let from = city.from;
    Ok(DemoCity { accounts, from })
}

/// Fills an empty, migrated database with a city at scale, part by part: what is held in memory does not grow with the
/// city. `progress` hears parts done and parts in all.
///
/// # Errors
/// As [`fill`].
pub async fn fill_at_scale(
    app: &App,
    (seed, scale): (u64, f64),
    today: NaiveDate,
    rulebook: DemoRulebook<'_>,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> anyhow::Result<DemoCity> {
    let write = app.database.write().await?;
    ensure_counter(&write, &app.ids.plain()).await?;
    write.finish(Ledger::default(), app.clock.now()).await?;
    let mut city = City::new(app, seed, today, 11);
    city.oddities_every = ODDITIES_EVERY;
    let parts = at_scale::parts(&at_scale::Extent::at(scale), &mut city.dice);
    let (mut above, mut groups) = (Vec::new(), tree::Guides::new());
    let mut wanted = holders::HOLDINGS.iter().collect();
    let mut accounts = Vec::new();
    let mut load = bulk::Load::begin(&app.database).await?;
    for (number, part) in (0u64..).zip(&parts) {
        city.grow_part(part, &mut above, &mut groups);
        city.live(part)?;
        if number == 0 {
            city.assign(rulebook);
        }
        accounts.extend(city.open_accounts_of_part(&mut wanted).await?);
        load.put(city.take_part()).await?;
        progress(number + 1, parts.len() as u64);
    }
    load.end().await?;
    let from = city.from;
    Ok(DemoCity { accounts, from })
}

/// In a city at scale every so many branches have among them one of each oddity of the demo city, which has nearly as many.
const ODDITIES_EVERY: usize = 97;

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
    /// What happens in a part of a city at scale.
    fn live(&mut self, part: &[at_scale::Line]) -> anyhow::Result<()> {
        let plots = part.iter().flat_map(|line| &line.branches);
        let sizes: Vec<i64> = plots
            .zip(&self.branches)
            .map(|(plot, branch)| {
                if branch.is_tiny() {
                    3
                } else {
                    i64::try_from(plot.size).unwrap_or(20)
                }
            })
            .collect();
        self.settle_members(sizes);
        self.fill_posts();
        self.share_portfolios();
        self.let_life_happen();
        self.transfer_at_scale();
        let moved = self.moved_at_scale();
        self.write_facts(moved.as_ref(), self.today - Months::new(6));
        self.write_register()?;
        self.request_transfers_at_scale();
        self.hold_meetings();
        self.let_some_stay_away();
        self.hold_committee_meetings();
        self.draw_conclusions()?;
        self.write_admissions();
        Ok(())
    }

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
