//! One member at one activity 考勤.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attendance")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub activity_id: String,
    pub member_id: String,
    pub organization_id: String,
    pub activity_kind: String,
    pub local_date: Date,
    pub state: String,
    pub mode: Option<String>,
    pub recorded_at: Option<DateTimeUtc>,
    pub dispute: Option<String>,
    /// Wrong codes typed to check in since the code that holds was made; the version does not move with them.
    pub wrong_codes: i64,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::activity::Entity",
        from = "Column::ActivityId",
        to = "super::activity::Column::Id"
    )]
    Activity,
}

impl Related<super::activity::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Activity.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
