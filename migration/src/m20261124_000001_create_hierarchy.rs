//! The hierarchy: organizations, their effective-dated facts, organs, activity units, external ids.

use sea_orm_migration::prelude::*;

use crate::table::{Table, date, flag, instant, int, json, text};

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
        name: "organization",
        columns: &[
            text("id").key(),
            text("name"),
            text("name_key"),
            text("kind"),
            text("sector"),
            text("parent_id").nullable().references("organization"),
            text("path"),
            int("depth"),
            int("next_from_depth"),
            text("approver_id").nullable(),
            text("guided_by").nullable().references("organization"),
            flag("approves"),
            flag("has_committee"),
            flag("holds_democratic_life_meeting"),
            flag("joint"),
            flag("temporary"),
            flag("law_enforcement"),
            flag("service_window"),
            flag("service_trade"),
            date("founded_on"),
            date("dissolved_on").nullable(),
            int("version"),
        ],
        unique: &[&["path"]],
        indexes: &[&["parent_id", "name_key", "id"], &["guided_by"]],
    },
    Table {
        name: "organization_fact",
        columns: &[
            text("id").key(),
            text("organization_id").references("organization"),
            date("from_on"),
            date("until_on").nullable(),
            text("name"),
            text("kind"),
            text("sector"),
            text("parent_id").nullable(),
            text("path"),
            json("facts"),
            text("reason"),
            date("decided_on").nullable(),
            text("document_number").nullable(),
            instant("recorded_at"),
        ],
        unique: &[],
        indexes: &[&["organization_id", "from_on"], &["parent_id", "from_on"]],
    },
    Table {
        name: "organ",
        columns: &[
            text("id").key(),
            text("organization_id").references("organization"),
            text("kind"),
            text("name"),
        ],
        unique: &[&["organization_id", "kind"]],
        indexes: &[],
    },
    Table {
        name: "activity_unit",
        columns: &[
            text("id").key(),
            text("organization_id").references("organization"),
            text("kind"),
            text("name"),
            text("name_key"),
            date("opened_on"),
            date("closed_on").nullable(),
            int("version"),
        ],
        unique: &[],
        indexes: &[&["organization_id", "name_key", "id"]],
    },
    Table {
        name: "external_id",
        columns: &[
            text("system").key(),
            text("value").key(),
            text("entity_kind").key(),
            text("entity_id"),
        ],
        unique: &[],
        indexes: &[&["entity_id"]],
    },
];
