//! Rulebooks and their assignment to subtrees.

use crate::table::{Table, create_all, date, drop_all, instant, int, migrates, text};

migrates!(manager => create_all(manager, TABLES), drop_all(manager, TABLES));

const TABLES: &[Table] = &[
    Table {
        name: "rulebook",
        columns: &[
            text("id").key(),
            text("key"),
            int("version"),
            text("title"),
            date("issued_on"),
            date("effective_from"),
            text("text"),
            instant("loaded_at"),
        ],
        unique: &[&["key", "version"]],
        indexes: &[],
    },
    Table {
        name: "rulebook_assignment",
        columns: &[
            text("id").key(),
            text("organization_id").references("organization"),
            text("rulebook_key"),
            date("from_on"),
        ],
        unique: &[&["organization_id", "from_on"]],
        indexes: &[],
    },
];
