//! Audit trail 审计: who, in which post, for which org, did or read what.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub position: Option<i64>,
    pub at: DateTimeUtc,
    pub account_id: Option<String>,
    pub member_id: Option<String>,
    pub post: Option<String>,
    pub organization_id: Option<String>,
    pub action: String,
    pub subject_kind: String,
    pub subject_id: String,
    pub subject_org_id: Option<String>,
    pub fields: Json,
    pub purpose: Option<String>,
    pub request_id: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
