//! Imports in bulk: the files that were sent, in sealed chunks; the job with its lease; what became of its rows; and who leaves
//! by it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::table::{Table, flag, instant, int, json, text};

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[Table] = &[
    Table {
        name: "import_file",
        columns: &[
            text("id").key(),
            text("account_id").references("account"),
            flag("complete"),
            int("bytes"),
            text("sha256"),
            instant("created_at"),
            instant("heard_at"),
            instant("expires_at"),
        ],
        unique: &[],
        indexes: &[&["account_id"], &["expires_at"]],
    },
    Table {
        name: "import_chunk",
        columns: &[
            text("id").key(),
            text("file_id").references("import_file"),
            int("number"),
            text("sealed"),
        ],
        unique: &[&["file_id", "number"]],
        indexes: &[],
    },
    Table {
        name: "import_job",
        columns: &[
            text("id").key(),
            text("account_id").references("account"),
            int("auth_epoch"),
            // The file may be gone before the job is.
            text("file_id"),
            text("organization_id").references("organization"),
            text("kind"),
            text("format"),
            text("sheet").nullable(),
            text("mode"),
            text("error_policy"),
            flag("dry_run"),
            json("mapping"),
            int("mirror_threshold").nullable(),
            json("departure").nullable(),
            text("request_id"),
            text("state"),
            text("phase"),
            text("failure").nullable(),
            json("problems"),
            text("holder").nullable(),
            instant("locked_until").nullable(),
            int("attempts"),
            int("done"),
            int("total").nullable(),
            int("created"),
            int("changed"),
            int("unchanged"),
            int("rejected"),
            int("reports"),
            instant("created_at"),
            instant("started_at").nullable(),
            instant("finished_at").nullable(),
            instant("expires_at").nullable(),
            int("version"),
        ],
        unique: &[],
        indexes: &[&["account_id"], &["state", "created_at"], &["file_id"]],
    },
    Table {
        name: "import_report",
        columns: &[
            text("job_id").key().references("import_job"),
            int("number").key(),
            int("created"),
            int("changed"),
            int("unchanged"),
            int("rejected"),
            text("content"),
        ],
        unique: &[],
        indexes: &[],
    },
    Table {
        name: "import_leaver",
        columns: &[
            text("job_id").key().references("import_job"),
            text("member_id").key().references("member"),
        ],
        unique: &[],
        indexes: &[&["member_id"]],
    },
];

/// What is sealed cannot be compressed: PostgreSQL need not try.
const UNCOMPRESSED: &str = "ALTER TABLE import_chunk ALTER COLUMN sealed SET STORAGE EXTERNAL";

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
