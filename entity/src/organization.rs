//! Organization 党组织 as it stands now; its past is in `organization_fact`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organization")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub name: String,
    pub name_key: String,
    pub kind: String,
    pub sector: String,
    pub parent_id: Option<String>,
    pub path: String,
    pub depth: i64,
    pub next_from_depth: i64,
    pub approver_id: Option<String>,
    pub guided_by: Option<String>,
    pub approves: bool,
    pub has_committee: bool,
    pub holds_democratic_life_meeting: bool,
    pub joint: bool,
    pub temporary: bool,
    pub law_enforcement: bool,
    pub service_window: bool,
    pub service_trade: bool,
    pub founded_on: Date,
    pub dissolved_on: Option<Date>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
