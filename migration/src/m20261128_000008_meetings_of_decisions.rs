//! The meeting behind a change of structure.

use sea_orm_migration::prelude::*;

use crate::table::{add_columns, drop_columns, text};

#[derive(DeriveMigrationName)]
pub struct Migration;

const ADDED: &[crate::table::Column] = &[text("meeting_id").nullable()];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, "organization_fact", ADDED).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_columns(manager, "organization_fact", ADDED).await
    }
}
