//! Exports in bulk: the job with its lease, the parts that it made, and their content in sealed chunks.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::table::{Table, date, instant, int, json, text};

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[Table] = &[
    Table {
        name: "export_job",
        columns: &[
            text("id").key(),
            text("account_id").references("account"),
            int("auth_epoch"),
            text("organization_id").references("organization"),
            text("extent"),
            json("kinds"),
            text("format"),
            json("fields"),
            text("purpose").nullable(),
            text("request_id"),
            date("as_of").nullable(),
            text("state"),
            text("failure").nullable(),
            text("holder").nullable(),
            instant("locked_until").nullable(),
            int("attempts"),
            text("epoch").nullable(),
            int("position").nullable(),
            int("done"),
            int("total").nullable(),
            instant("created_at"),
            instant("started_at").nullable(),
            instant("finished_at").nullable(),
            instant("expires_at").nullable(),
            int("version"),
        ],
        unique: &[],
        indexes: &[&["account_id"], &["state", "created_at"]],
    },
    Table {
        name: "export_part",
        columns: &[
            text("job_id").key().references("export_job"),
            int("number").key(),
            text("kind"),
            int("rows"),
            int("bytes"),
            text("sha256"),
        ],
        unique: &[],
        indexes: &[],
    },
    Table {
        name: "export_chunk",
        columns: &[
            text("id").key(),
            text("job_id").references("export_job"),
            int("part"),
            int("number"),
            text("sealed"),
        ],
        unique: &[&["job_id", "part", "number"]],
        indexes: &[],
    },
];

/// What is sealed cannot be compressed: PostgreSQL need not try.
const UNCOMPRESSED: &str = "ALTER TABLE export_chunk ALTER COLUMN sealed SET STORAGE EXTERNAL";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::table::create_all(manager, TABLES).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.get_connection().execute_unprepared(UNCOMPRESSED).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::table::drop_all(manager, TABLES).await
    }
}
