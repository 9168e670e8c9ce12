//! Resolution 决议 with its vote and follow-up.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "resolution")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub activity_id: String,
    pub position: i64,
    pub title: String,
    pub kind: String,
    pub due: i64,
    pub present: i64,
    pub ayes: i64,
    pub noes: i64,
    pub abstentions: i64,
    pub passed: bool,
    /// `[{"memberId": …, "ground": …}]`: left out of those due.
    pub excluded: Json,
    pub quorum_needed: i64,
    pub ayes_needed: i64,
    /// `key@version` of the rulebook that decided.
    pub rulebook_id: String,
    pub rule_key: String,
    pub follow_up_owner_id: Option<String>,
    pub follow_up_on: Option<Date>,
    pub done_on: Option<Date>,
    pub announced_at: Option<DateTimeUtc>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
