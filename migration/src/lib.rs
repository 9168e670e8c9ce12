//! Migrations of both databases: additive, up and down. They name tables as text and never import the entities, because
//! history must not change when an entity does.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::{MigrationTrait, async_trait};

mod m20261124_000001_create_hierarchy;
mod m20261124_000002_create_people;
mod m20261124_000003_create_accounts;
mod m20261124_000004_create_rules;
mod m20261124_000005_create_activities;
mod m20261124_000006_create_oversight;
mod m20261124_000007_create_log;
mod m20261128_000008_meetings_of_decisions;
mod m20261128_000009_keep_who_was_left_out;
mod m20261128_000010_confirmations_and_reasons;
mod m20261128_000011_service_secrets;
mod m20261129_000012_wrong_check_in_codes;
mod m20261129_000013_exports;
mod m20261129_000014_webhooks;
mod m20261129_000015_imports;
mod m20261129_000016_orgs_that_join;
mod table;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261124_000001_create_hierarchy::Migration),
            Box::new(m20261124_000002_create_people::Migration),
            Box::new(m20261124_000003_create_accounts::Migration),
            Box::new(m20261124_000004_create_rules::Migration),
            Box::new(m20261124_000005_create_activities::Migration),
            Box::new(m20261124_000006_create_oversight::Migration),
            Box::new(m20261124_000007_create_log::Migration),
            Box::new(m20261128_000008_meetings_of_decisions::Migration),
            Box::new(m20261128_000009_keep_who_was_left_out::Migration),
            Box::new(m20261128_000010_confirmations_and_reasons::Migration),
            Box::new(m20261128_000011_service_secrets::Migration),
            Box::new(m20261129_000012_wrong_check_in_codes::Migration),
            Box::new(m20261129_000013_exports::Migration),
            Box::new(m20261129_000014_webhooks::Migration),
            Box::new(m20261129_000015_imports::Migration),
            Box::new(m20261129_000016_orgs_that_join::Migration),
        ]
    }
}
