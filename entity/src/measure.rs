//! Measure for absence: reminder, admonition, criticism and education.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "measure")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub member_id: String,
    pub branch_id: String,
    pub decider_id: String,
    pub decider_post: String,
    pub kind: String,
    pub state: String,
    pub run: Json,
    /// `key@version` of the rulebook that proposed it.
    pub rulebook_id: String,
    pub rule_key: String,
    pub last_absence_on: Date,
    pub proposed_at: DateTimeUtc,
    pub decided_at: Option<DateTimeUtc>,
    pub decided_by: Option<String>,
    pub talk: Option<Json>,
    pub reason: Option<String>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
