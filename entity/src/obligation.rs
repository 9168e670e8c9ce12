//! Obligation: (rule, obligor, subject, period) and how it stands.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "obligation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub organization_id: String,
    /// The org's path; from the close on the one it had then.
    pub path: String,
    pub rule_key: String,
    pub subject_kind: String,
    pub subject_id: String,
    pub period: String,
    pub period_kind: String,
    pub period_start: Date,
    pub period_end: Date,
    pub status: String,
    pub due_on: Date,
    pub evidence: Json,
    pub missing: Json,
    pub rulebook_id: String,
    pub recorded_late: bool,
    pub closed: bool,
    pub revision: i64,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
