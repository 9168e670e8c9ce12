//! One event of the log. Ids and field names only, never values of sensitive fields.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub sub: i64,
    pub op: String,
    pub extent: String,
    pub entity_kind: String,
    pub entity_id: String,
    pub version: Option<i64>,
    pub organization_id: Option<String>,
    pub path: Option<String>,
    pub old_path: Option<String>,
    pub member_id: Option<String>,
    pub fields: Json,
    pub cause: String,
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
