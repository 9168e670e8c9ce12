//! Which orgs take part in what another one hosts: few of all, and found by their index. What an org hosts the index of hosts finds.

use sea_orm_migration::prelude::*;

use crate::table::{Column, Table, add_columns, drop_columns, flag};

#[derive(DeriveMigrationName)]
pub struct Migration;

const JOINS: &[Column] = &[flag("joins").or("false")];
const SAID: &str = "UPDATE activity_organization SET joins = true \
     WHERE organization_id <> (SELECT a.host_id FROM activity a WHERE a.id = activity_organization.activity_id)";
/// The table as its indexes were before, and as they are.
const BEFORE: Table = table(&[&["organization_id"]]);
const SINCE: Table = table(&[&["organization_id", "joins"]]);

const fn table(indexes: &'static [&'static [&'static str]]) -> Table {
    Table {
        name: "activity_organization",
        columns: &[],
        unique: &[],
        indexes,
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, SINCE.name, JOINS).await?;
        manager.get_connection().execute_unprepared(SAID).await?;
        BEFORE.drop_indexes(manager).await?;
        SINCE.create_indexes(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        SINCE.drop_indexes(manager).await?;
        BEFORE.create_indexes(manager).await?;
        drop_columns(manager, SINCE.name, JOINS).await
    }
}
