//! People: members, membership over time, applicants, admission, transfer, exemption, appointments.

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
        name: "member",
        columns: &[
            text("id").key(),
            text("name"),
            text("name_key"),
            text("standing"),
            text("status"),
            date("joined_on"),
            date("became_full_on").nullable(),
            date("left_on").nullable(),
            text("left_reason").nullable(),
            text("branch_id").references("organization"),
            text("group_id").nullable().references("organization"),
            text("host_branch_id").nullable().references("organization"),
            text("unit_tag").nullable(),
            text("identity_sealed").nullable(),
            text("identity_hash").nullable(),
            text("birth_sealed").nullable(),
            text("address_sealed").nullable(),
            text("phone_sealed").nullable(),
            text("phone_hash").nullable(),
            int("version"),
        ],
        unique: &[&["identity_hash"]],
        indexes: &[
            &["branch_id", "name_key", "id"],
            &["name_key", "id"],
            &["group_id"],
            &["host_branch_id"],
        ],
    },
    Table {
        name: "membership",
        columns: &[
            text("id").key(),
            text("member_id").references("member"),
            text("branch_id").references("organization"),
            text("group_id").nullable(),
            text("unit_tag").nullable(),
            date("from_on"),
            date("until_on").nullable(),
        ],
        unique: &[],
        indexes: &[&["member_id", "from_on"], &["branch_id", "from_on"]],
    },
    Table {
        name: "applicant",
        columns: &[
            text("id").key(),
            text("name"),
            text("name_key"),
            text("stage"),
            text("branch_id").references("organization"),
            date("since_on"),
            date("activist_on").nullable(),
            date("prospect_on").nullable(),
            date("withdrawn_on").nullable(),
            text("withdrawn_reason").nullable(),
            text("member_id").nullable(),
            int("version"),
        ],
        unique: &[],
        indexes: &[&["branch_id", "name_key", "id"]],
    },
    Table {
        name: "admission",
        columns: &[
            text("id").key(),
            text("kind"),
            text("applicant_id").nullable().references("applicant"),
            text("branch_id").references("organization"),
            text("approver_id"),
            text("resolution_id").nullable(),
            text("state"),
            instant("proposed_at"),
            instant("decided_at").nullable(),
            date("voted_on").nullable(),
            text("rulebook_id"),
            text("rule_key"),
            json("branch_decision").nullable(),
            json("decision").nullable(),
            text("reason").nullable(),
            date("extended_until").nullable(),
            json("opinions"),
            text("member_id").nullable(),
            int("version"),
        ],
        unique: &[],
        indexes: &[
            &["branch_id"],
            &["approver_id", "state"],
            &["applicant_id"],
            &["member_id"],
            &["resolution_id"],
        ],
    },
    Table {
        name: "transfer",
        columns: &[
            text("id").key(),
            text("member_id").references("member"),
            text("from_id").references("organization"),
            text("to_id").references("organization"),
            text("state"),
            instant("requested_at"),
            instant("decided_at").nullable(),
            date("effective_on").nullable(),
            text("reason").nullable(),
            text("requested_by").nullable(),
            text("requested_at_org").nullable(),
            text("answer").nullable(),
            int("version"),
        ],
        unique: &[],
        indexes: &[&["member_id"], &["to_id", "state"]],
    },
    Table {
        name: "exemption",
        columns: &[
            text("id").key(),
            text("member_id").references("member"),
            text("branch_id").references("organization"),
            text("category"),
            date("from_on"),
            date("until_on"),
            text("state"),
            date("decided_on").nullable(),
            text("document_number").nullable(),
            int("version"),
        ],
        unique: &[],
        indexes: &[&["member_id", "from_on"], &["branch_id"]],
    },
    Table {
        name: "identity_change",
        columns: &[
            text("id").key(),
            text("member_id").references("member"),
            text("branch_id").references("organization"),
            text("field"),
            text("value_sealed").nullable(),
            text("state"),
            instant("asked_at"),
            instant("decided_at").nullable(),
            text("decided_by").nullable(),
            text("answer").nullable(),
            int("version"),
        ],
        unique: &[],
        indexes: &[&["member_id", "state"]],
    },
    Table {
        name: "appointment",
        columns: &[
            text("id").key(),
            text("member_id").references("member"),
            text("organization_id").references("organization"),
            text("organ_id").nullable().references("organ"),
            text("post"),
            date("since"),
            date("until").nullable(),
            date("term_ends_on").nullable(),
            flag("acting"),
            json("portfolio"),
            json("decision").nullable(),
            int("version"),
        ],
        unique: &[],
        indexes: &[&["organization_id", "post"], &["member_id"]],
    },
];
