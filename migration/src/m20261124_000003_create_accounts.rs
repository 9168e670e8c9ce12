//! Accounts, tokens, keys.

use sea_orm_migration::prelude::*;

use crate::table::{Table, instant, int, json, text};

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
        name: "account",
        columns: &[
            text("id").key(),
            text("username"),
            text("kind"),
            text("password_hash"),
            text("member_id").nullable().references("member"),
            text("applicant_id").nullable().references("applicant"),
            text("language"),
            text("organization_id").nullable().references("organization"),
            json("scopes"),
            instant("disabled_at").nullable(),
            int("auth_epoch"),
            int("version"),
        ],
        unique: &[&["username"]],
        indexes: &[&["member_id"], &["applicant_id"]],
    },
    Table {
        name: "refresh_token",
        columns: &[
            text("id").key(),
            text("family"),
            text("account_id").references("account"),
            text("token_hash"),
            instant("created_at"),
            instant("expires_at"),
            instant("consumed_at").nullable(),
            text("successor_id").nullable(),
            instant("revoked_at").nullable(),
        ],
        unique: &[&["token_hash"]],
        indexes: &[&["family"], &["account_id"]],
    },
    Table {
        name: "one_time_token",
        columns: &[
            text("id").key(),
            text("account_id").references("account"),
            text("token_hash"),
            instant("created_at"),
            instant("expires_at"),
            instant("used_at").nullable(),
        ],
        unique: &[&["token_hash"]],
        indexes: &[&["account_id"]],
    },
    Table {
        name: "signing_key",
        columns: &[
            text("kid").key(),
            text("private_sealed"),
            json("public_jwk"),
            instant("created_at"),
            instant("retired_at").nullable(),
        ],
        unique: &[],
        indexes: &[],
    },
];
