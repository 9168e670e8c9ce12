//! Activity 活动: a meeting or lecture.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "activity")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub kind: String,
    pub title: String,
    pub status: String,
    pub host_id: String,
    pub unit_id: Option<String>,
    pub starts_at: DateTimeUtc,
    pub ends_at: Option<DateTimeUtc>,
    pub local_date: Date,
    pub place: Option<String>,
    pub mode: String,
    pub online_address: Option<String>,
    pub noticed_at: Option<DateTimeUtc>,
    pub chair_id: Option<String>,
    pub recorder_id: Option<String>,
    pub lecturer: Option<String>,
    pub links: Option<String>,
    pub check_in_code: Option<String>,
    pub check_in_expires_at: Option<DateTimeUtc>,
    pub for_year: Option<i64>,
    pub make_up_for: Option<String>,
    pub cancel_reason: Option<String>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(has_many = "super::attendance::Entity")]
    Attendance,
}

impl Related<super::attendance::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Attendance.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
