//! Party member 党员. Sealed columns hold `key id:nonce:ciphertext`, bound to row and column.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub name: String,
    pub name_key: String,
    pub standing: String,
    pub status: String,
    pub joined_on: Date,
    pub became_full_on: Option<Date>,
    pub left_on: Option<Date>,
    pub left_reason: Option<String>,
    pub branch_id: String,
    pub group_id: Option<String>,
    pub host_branch_id: Option<String>,
    pub unit_tag: Option<String>,
    pub identity_sealed: Option<String>,
    pub identity_hash: Option<String>,
    pub birth_sealed: Option<String>,
    pub address_sealed: Option<String>,
    pub phone_sealed: Option<String>,
    pub phone_hash: Option<String>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
