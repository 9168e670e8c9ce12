//! Rulebooks and their assignment to subtrees.

use sea_orm_migration::prelude::*;

use crate::table::{Table, date, instant, int, text};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::table::create_all(manager, TABLES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::table::drop_all(manager, TABLES).await
    }
}

const TABLES: &[Table] = &[
    Table {
        name: "rulebook",
        columns: &[
            text("id").key(),
            text("key"),
            int("version"),
            text("title"),
            date("issued_on"),
            date("effective_from"),
            text("text"),
            instant("loaded_at"),
        ],
        unique: &[&["key", "version"]],
        indexes: &[],
    },
    Table {
        name: "rulebook_assignment",
        columns: &[
            text("id").key(),
            text("organization_id").references("organization"),
            text("rulebook_key"),
            date("from_on"),
        ],
        unique: &[&["organization_id", "from_on"]],
        indexes: &[],
    },
];
