//! Who confirmed an org's people at a joint activity, and the sealed reason of a leave.

use sea_orm_migration::prelude::*;

use crate::table::{add_columns, drop_columns, text};

#[derive(DeriveMigrationName)]
pub struct Migration;

const CONFIRMED: &[crate::table::Column] = &[text("confirmed_by").nullable()];
const REASON: &[crate::table::Column] = &[text("reason_sealed").nullable()];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, "activity_organization", CONFIRMED).await?;
        add_columns(manager, "leave_request", REASON).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_columns(manager, "leave_request", REASON).await?;
        drop_columns(manager, "activity_organization", CONFIRMED).await
    }
}
