//! Effective-dated facts of an organization, one row per change; `until_on` is exclusive.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organization_fact")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub organization_id: String,
    pub from_on: Date,
    pub until_on: Option<Date>,
    pub name: String,
    pub kind: String,
    pub sector: String,
    pub parent_id: Option<String>,
    pub path: String,
    pub facts: Json,
    pub reason: String,
    pub decided_on: Option<Date>,
    pub document_number: Option<String>,
    /// The meeting that decided.
    pub meeting_id: Option<String>,
    pub recorded_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
