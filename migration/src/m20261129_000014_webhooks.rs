//! Webhooks: addresses that programs are told at, their secrets, and what was told when.

use crate::table::{Table, create_all, drop_all, instant, int, json, migrates, text};

migrates!(manager => create_all(manager, TABLES), drop_all(manager, TABLES));

const TABLES: &[Table] = &[
    Table {
        name: "webhook",
        columns: &[
            text("id").key(),
            text("account_id").references("account"),
            text("organization_id").references("organization"),
            text("url"),
            json("types").nullable(),
            text("within_kind").nullable(),
            text("within_id").nullable(),
            text("document").nullable(),
            text("state"),
            text("pause_reason").nullable(),
            instant("paused_at").nullable(),
            text("salt"),
            instant("created_at"),
            int("version"),
            text("epoch"),
            int("position"),
            int("sub"),
            int("part"),
            instant("failing_since").nullable(),
            int("attempts"),
            instant("next_attempt_at").nullable(),
            instant("last_success_at").nullable(),
            text("holder").nullable(),
            int("leased_until"),
        ],
        unique: &[],
        indexes: &[&["account_id"], &["organization_id"], &["state", "leased_until"]],
    },
    Table {
        name: "webhook_secret",
        columns: &[
            text("id").key(),
            text("webhook_id").references("webhook"),
            text("secret_sealed"),
            instant("created_at"),
            instant("expires_at").nullable(),
        ],
        unique: &[],
        indexes: &[&["webhook_id"]],
    },
    Table {
        name: "webhook_delivery",
        columns: &[
            text("id").key(),
            text("webhook_id").references("webhook"),
            text("message_id"),
            text("kind"),
            text("op").nullable(),
            text("extent").nullable(),
            text("entity_kind").nullable(),
            text("entity_id").nullable(),
            text("state"),
            int("tries"),
            json("attempts"),
            instant("created_at"),
            instant("finished_at").nullable(),
            instant("due_at").nullable(),
        ],
        unique: &[],
        indexes: &[&["webhook_id", "created_at"], &["state", "kind"], &["created_at"]],
    },
];
