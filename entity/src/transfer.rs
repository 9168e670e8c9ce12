//! Affiliation transfer 组织关系转接; the old branch stays responsible until acceptance.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "transfer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub member_id: String,
    pub from_id: String,
    pub to_id: String,
    pub state: String,
    pub requested_at: DateTimeUtc,
    pub decided_at: Option<DateTimeUtc>,
    pub effective_on: Option<Date>,
    /// Why it was asked for.
    pub reason: Option<String>,
    /// Account that asked.
    pub requested_by: Option<String>,
    /// Org for which it was asked; empty where the member asked.
    pub requested_at_org: Option<String>,
    /// Why it was rejected or withdrawn.
    pub answer: Option<String>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
