//! Accounts, tokens, keys.

use crate::table::{Table, create_all, drop_all, instant, int, json, migrates, text};

migrates!(manager => create_all(manager, TABLES), drop_all(manager, TABLES));

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
        name: "page_link",
        columns: &[
            text("token_hash").key(),
            text("account_id").references("account"),
            int("auth_epoch"),
            text("organization_id"),
            int("year"),
            instant("expires_at"),
            instant("used_at").nullable(),
        ],
        unique: &[],
        indexes: &[&["expires_at"]],
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
