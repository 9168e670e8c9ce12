//! Activities, attendance, leave, minutes as documents with revisions, resolutions.

use sea_orm_migration::prelude::*;

use crate::table::{Table, date, flag, instant, int, text};

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
        name: "activity",
        columns: &[
            text("id").key(),
            text("kind"),
            text("title"),
            text("status"),
            text("host_id").references("organization"),
            text("unit_id").nullable(),
            instant("starts_at"),
            instant("ends_at").nullable(),
            date("local_date"),
            text("place").nullable(),
            text("mode"),
            text("online_address").nullable(),
            instant("noticed_at").nullable(),
            text("chair_id").nullable(),
            text("recorder_id").nullable(),
            text("lecturer").nullable(),
            text("links").nullable(),
            text("check_in_code").nullable(),
            instant("check_in_expires_at").nullable(),
            int("for_year").nullable(),
            text("make_up_for").nullable(),
            text("cancel_reason").nullable(),
            int("version"),
        ],
        unique: &[],
        indexes: &[&["host_id", "local_date"], &["local_date"]],
    },
    Table {
        name: "activity_organization",
        columns: &[
            text("activity_id").key().references("activity"),
            text("organization_id").key().references("organization"),
            instant("named_at"),
            instant("confirmed_at").nullable(),
            int("expected"),
            int("present"),
            int("online"),
            int("made_up_by_study"),
            int("on_leave"),
            int("unexcused"),
            int("unexplained"),
            int("exempt"),
            int("register_number").nullable(),
        ],
        unique: &[],
        indexes: &[&["organization_id"]],
    },
    Table {
        name: "activity_invitation",
        columns: &[
            text("activity_id").key().references("activity"),
            text("applicant_id").key().references("applicant"),
            text("organization_id").references("organization"),
            text("state"),
        ],
        unique: &[],
        indexes: &[&["applicant_id"]],
    },
    Table {
        name: "agenda_item",
        columns: &[
            text("id").key(),
            text("activity_id").references("activity"),
            int("position"),
            text("kind"),
            text("title"),
        ],
        unique: &[],
        indexes: &[&["activity_id", "position"]],
    },
    Table {
        name: "attendance",
        columns: &[
            text("id").key(),
            text("activity_id").references("activity"),
            text("member_id").references("member"),
            text("organization_id").references("organization"),
            text("activity_kind"),
            date("local_date"),
            text("state"),
            text("mode").nullable(),
            instant("recorded_at").nullable(),
            text("dispute").nullable(),
            int("version"),
        ],
        unique: &[&["activity_id", "member_id"]],
        indexes: &[&["member_id", "local_date"], &["organization_id", "local_date"]],
    },
    Table {
        name: "leave_request",
        columns: &[
            text("id").key(),
            text("activity_id").references("activity"),
            text("member_id").references("member"),
            text("organization_id").references("organization"),
            text("state"),
            text("category"),
            instant("asked_at"),
            text("asked_by"),
            instant("decided_at").nullable(),
            text("decided_by").nullable(),
            int("version"),
        ],
        unique: &[&["activity_id", "member_id"]],
        indexes: &[],
    },
    Table {
        name: "resolution",
        columns: &[
            text("id").key(),
            text("activity_id").references("activity"),
            int("position"),
            text("title"),
            text("kind"),
            int("due"),
            int("present"),
            int("ayes"),
            int("noes"),
            int("abstentions"),
            flag("passed"),
            text("rulebook_id"),
            text("rule_key"),
            text("follow_up_owner_id").nullable(),
            date("follow_up_on").nullable(),
            date("done_on").nullable(),
            instant("announced_at").nullable(),
            int("version"),
        ],
        unique: &[],
        indexes: &[&["activity_id", "position"], &["follow_up_owner_id"]],
    },
    Table {
        name: "document",
        columns: &[
            text("id").key(),
            text("owner_id"),
            text("subject_kind"),
            text("subject_id"),
            text("class"),
            flag("sealed"),
            instant("created_at"),
        ],
        unique: &[&["subject_kind", "subject_id", "class"]],
        indexes: &[],
    },
    Table {
        name: "document_revision",
        columns: &[
            text("document_id").key().references("document"),
            int("revision").key(),
            text("id"),
            text("text").nullable(),
            text("text_sealed").nullable(),
            text("author_id").nullable(),
            text("reason").nullable(),
            instant("filed_at"),
        ],
        unique: &[&["id"]],
        indexes: &[],
    },
];
