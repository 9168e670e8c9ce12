//! Earlier standing of an obligation.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "obligation_revision")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub obligation_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub revision: i64,
    pub status: String,
    pub evidence: Json,
    pub rulebook_id: String,
    pub path: String,
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
