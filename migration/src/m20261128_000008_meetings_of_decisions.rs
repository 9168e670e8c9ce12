//! The meeting behind a change of structure.

use crate::table::{Column, add_columns, drop_columns, migrates, text};

migrates!(manager => add_columns(manager, "organization_fact", ADDED), drop_columns(manager, "organization_fact", ADDED));

const ADDED: &[Column] = &[text("meeting_id").nullable()];
