//! The one ordered log, the audit trail, idempotency, jobs.

use crate::table::{Table, create_all, drop_all, instant, int, json, migrates, text};

migrates!(manager => create_all(manager, TABLES), drop_all(manager, TABLES));

const TABLES: &[Table] = &[
    Table {
        name: "log_counter",
        columns: &[
            int("id").key(),
            text("epoch"),
            int("position"),
            int("trimmed"),
            int("rulebooks_at"),
            text("home").nullable(),
        ],
        unique: &[],
        indexes: &[],
    },
    Table {
        name: "event",
        columns: &[
            int("position").key(),
            int("sub").key(),
            text("op"),
            text("extent"),
            text("entity_kind"),
            text("entity_id"),
            int("version").nullable(),
            text("organization_id").nullable(),
            text("path").nullable(),
            text("old_path").nullable(),
            text("member_id").nullable(),
            json("fields"),
            text("cause"),
            instant("at"),
        ],
        unique: &[],
        indexes: &[&["entity_id"]],
    },
    Table {
        name: "audit",
        columns: &[
            text("id").key(),
            int("position").nullable(),
            instant("at"),
            text("account_id").nullable(),
            text("member_id").nullable(),
            text("post").nullable(),
            text("organization_id").nullable(),
            text("action"),
            text("subject_kind"),
            text("subject_id"),
            text("subject_org_id").nullable(),
            json("fields"),
            text("purpose").nullable(),
            text("request_id").nullable(),
        ],
        unique: &[],
        indexes: &[&["subject_id", "at"], &["account_id", "at"], &["position", "id"]],
    },
    Table {
        name: "audit_seal",
        columns: &[int("number").key(), text("audit_id"), int("position"), text("hash")],
        unique: &[&["audit_id"]],
        indexes: &[],
    },
    Table {
        name: "idempotency",
        columns: &[
            text("account_id").key(),
            text("key").key(),
            text("operation"),
            text("input_hash"),
            json("entity_ids"),
            int("position"),
            instant("created_at"),
        ],
        unique: &[],
        indexes: &[&["created_at"]],
    },
    Table {
        name: "job",
        columns: &[
            text("id").key(),
            text("kind"),
            text("state"),
            text("holder").nullable(),
            instant("locked_until").nullable(),
            json("progress"),
            instant("updated_at"),
        ],
        unique: &[&["kind"]],
        indexes: &[],
    },
];
