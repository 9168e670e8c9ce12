//! Applicant, activist or prospect 入党申请人、积极分子、发展对象.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "applicant")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub name: String,
    pub name_key: String,
    pub stage: String,
    pub branch_id: String,
    /// When the person applied.
    pub since_on: Date,
    pub activist_on: Option<Date>,
    pub prospect_on: Option<Date>,
    pub withdrawn_on: Option<Date>,
    pub withdrawn_reason: Option<String>,
    pub member_id: Option<String>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
