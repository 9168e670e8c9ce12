//! A resolution keeps who was left out of those due, on which ground, and what would have been needed.

use sea_orm_migration::prelude::*;

use crate::table::{add_columns, drop_columns, int, json};

#[derive(DeriveMigrationName)]
pub struct Migration;

const ADDED: &[crate::table::Column] = &[
    json("excluded").or("'[]'"),
    int("quorum_needed").or("0"),
    int("ayes_needed").or("0"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, "resolution", ADDED).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_columns(manager, "resolution", ADDED).await
    }
}
