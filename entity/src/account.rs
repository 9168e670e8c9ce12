//! Account 账号. Rights never stand here: they follow from facts, read on every request.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub username: String,
    pub kind: String,
    pub password_hash: String,
    pub member_id: Option<String>,
    /// The applicant behind the account, until they are a member.
    pub applicant_id: Option<String>,
    pub language: String,
    pub organization_id: Option<String>,
    pub scopes: Json,
    pub disabled_at: Option<DateTimeUtc>,
    pub auth_epoch: i64,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
