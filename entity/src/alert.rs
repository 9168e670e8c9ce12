//! Alert on an overdue obligation; levels are in `alert_level`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "alert")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub organization_id: String,
    pub obligation_id: String,
    pub rule_key: String,
    pub raised_at: DateTimeUtc,
    pub raised_on: Date,
    pub due_on: Date,
    pub level: i64,
    /// What the org answered instead of holding it.
    pub answer: Option<String>,
    /// `OPEN` until the superior accepts or rejects the answer.
    pub answer_state: Option<String>,
    pub answered_at: Option<DateTimeUtc>,
    pub answered_by: Option<String>,
    /// What the superior said to it.
    pub reply: Option<String>,
    pub replied_at: Option<DateTimeUtc>,
    pub replied_by: Option<String>,
    pub closed_at: Option<DateTimeUtc>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
