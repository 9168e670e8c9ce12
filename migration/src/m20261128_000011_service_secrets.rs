//! Secrets of service accounts: several at a time, each with its end, so that a new one can take over without a gap.

use sea_orm_migration::prelude::*;

use crate::table::{Table, instant, text};

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[Table] = &[Table {
    name: "service_secret",
    columns: &[
        text("id").key(),
        text("account_id").references("account"),
        text("secret_hash"),
        instant("created_at"),
        instant("expires_at").nullable(),
        instant("last_used_at").nullable(),
    ],
    unique: &[&["secret_hash"]],
    indexes: &[&["account_id"]],
}];

/// The secret that stood where a person's password hash is becomes the account's first; its age is not known.
const MOVED: &str = "INSERT INTO service_secret (id, account_id, secret_hash, created_at)
    SELECT id, id, password_hash, '1970-01-01T00:00:00+00:00' FROM account
    WHERE kind = 'SERVICE' AND password_hash LIKE 'sha256:%'";
const EMPTIED: &str = "UPDATE account SET password_hash = '!' WHERE kind = 'SERVICE'";
/// Of several secrets the newest stays.
const BACK: &str = "UPDATE account SET password_hash = COALESCE((SELECT secret_hash FROM service_secret
    WHERE account_id = account.id AND expires_at IS NULL ORDER BY created_at DESC LIMIT 1), '!') WHERE kind = 'SERVICE'";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::table::create_all(manager, TABLES).await?;
        let connection = manager.get_connection();
        connection.execute_unprepared(MOVED).await?;
        connection.execute_unprepared(EMPTIED).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(BACK).await?;
        crate::table::drop_all(manager, TABLES).await
    }
}
