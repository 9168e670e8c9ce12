//! What became of some rows of an import, one after another.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_report")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub job_id: String,
    /// From 0 on, in the order of the rows.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// Rows of each outcome in it.
    pub created: i64,
    pub changed: i64,
    pub unchanged: i64,
    pub rejected: i64,
    /// The rows, as JSON.
    pub content: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
