//! Exemption from attendance by decision of the branch.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "exemption")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub member_id: String,
    pub branch_id: String,
    pub category: String,
    pub from_on: Date,
    pub until_on: Date,
    /// A draft is open; only what was accepted counts.
    pub state: String,
    pub decided_on: Option<Date>,
    pub document_number: Option<String>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
