//! The counter row: taken as part of the last step before commit, so that log order is commit order without gaps.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "log_counter")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub epoch: String,
    pub position: i64,
    /// Events up to this position are gone: they were older than the log is kept.
    pub trimmed: i64,
    /// Position of the last change of the rulebooks, of their assignment or of the tree that it follows.
    pub rulebooks_at: i64,
    /// The place that the database was last opened in (PostgreSQL): another one says that this is a copy.
    pub home: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
