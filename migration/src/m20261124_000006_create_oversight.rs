//! Obligations, deviations, measures, alerts, the inbox, figures.

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
        name: "obligation",
        columns: &[
            text("id").key(),
            text("organization_id").references("organization"),
            text("path"),
            text("rule_key"),
            text("subject_kind"),
            text("subject_id"),
            text("period"),
            text("period_kind"),
            date("period_start"),
            date("period_end"),
            text("status"),
            date("due_on"),
            json("evidence"),
            json("missing"),
            text("rulebook_id"),
            flag("recorded_late"),
            flag("closed"),
            int("revision"),
            int("version"),
        ],
        unique: &[&["organization_id", "rule_key", "subject_id", "period"]],
        indexes: &[&["status", "due_on"], &["period_start", "organization_id"], &["path"]],
    },
    Table {
        name: "obligation_revision",
        columns: &[
            text("obligation_id").key().references("obligation"),
            int("revision").key(),
            text("status"),
            json("evidence"),
            text("rulebook_id"),
            text("path"),
            instant("at"),
        ],
        unique: &[],
        indexes: &[],
    },
    Table {
        name: "deviation",
        columns: &[
            text("id").key(),
            text("obligation_id").references("obligation"),
            text("organization_id").references("organization"),
            text("reason"),
            date("new_date"),
            text("state"),
            instant("asked_at"),
            text("asked_by"),
            instant("decided_at").nullable(),
            text("decided_by").nullable(),
            text("answer").nullable(),
            int("version"),
        ],
        unique: &[],
        indexes: &[&["obligation_id"], &["organization_id", "state"]],
    },
    Table {
        name: "measure",
        columns: &[
            text("id").key(),
            text("member_id").references("member"),
            text("branch_id").references("organization"),
            text("decider_id").references("organization"),
            text("decider_post"),
            text("kind"),
            text("state"),
            json("run"),
            text("rulebook_id"),
            text("rule_key"),
            date("last_absence_on"),
            instant("proposed_at"),
            instant("decided_at").nullable(),
            text("decided_by").nullable(),
            json("talk").nullable(),
            text("reason").nullable(),
            int("version"),
        ],
        unique: &[],
        indexes: &[&["member_id"], &["decider_id", "state"], &["branch_id", "state"]],
    },
    Table {
        name: "alert",
        columns: &[
            text("id").key(),
            text("organization_id").references("organization"),
            text("obligation_id").references("obligation"),
            text("rule_key"),
            instant("raised_at"),
            date("raised_on"),
            date("due_on"),
            int("level"),
            text("answer").nullable(),
            text("answer_state").nullable(),
            instant("answered_at").nullable(),
            text("answered_by").nullable(),
            text("reply").nullable(),
            instant("replied_at").nullable(),
            text("replied_by").nullable(),
            instant("closed_at").nullable(),
            int("version"),
        ],
        unique: &[&["obligation_id"]],
        indexes: &[&["organization_id", "closed_at"]],
    },
    Table {
        name: "alert_level",
        columns: &[
            text("alert_id").key().references("alert"),
            int("level").key(),
            text("organization_id"),
            text("state"),
            instant("since"),
            text("note").nullable(),
            date("due_on").nullable(),
        ],
        unique: &[],
        indexes: &[&["organization_id", "state"]],
    },
    Table {
        name: "inbox_item",
        columns: &[
            text("id").key(),
            text("audience_member_id").nullable(),
            text("audience_org_id").nullable(),
            text("audience_post").nullable(),
            text("kind"),
            text("subject_kind"),
            text("subject_id"),
            text("organization_id").nullable(),
            json("params"),
            instant("raised_at"),
            date("due_on").nullable(),
            instant("closed_at").nullable(),
        ],
        unique: &[],
        indexes: &[
            &["audience_member_id", "closed_at"],
            &["audience_org_id", "closed_at"],
            &["subject_id"],
        ],
    },
    Table {
        name: "figure",
        columns: &[
            text("organization_id").key().references("organization"),
            text("metric").key(),
            text("period").key(),
            int("value"),
        ],
        unique: &[],
        indexes: &[&["metric", "period"]],
    },
];
