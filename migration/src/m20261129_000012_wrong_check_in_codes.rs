//! How many wrong codes somebody typed to check in, since the code that holds was made.

use sea_orm_migration::prelude::*;

use crate::table::{add_columns, drop_columns, int};

#[derive(DeriveMigrationName)]
pub struct Migration;

const COUNTED: &[crate::table::Column] = &[int("wrong_codes").or("0")];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, "attendance", COUNTED).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_columns(manager, "attendance", COUNTED).await
    }
}
