//! One line of the inbox, written with the change that caused it. The audience is a member, or the officers of an org.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inbox_item")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub audience_member_id: Option<String>,
    pub audience_org_id: Option<String>,
    pub audience_post: Option<String>,
    pub kind: String,
    pub subject_kind: String,
    pub subject_id: String,
    pub organization_id: Option<String>,
    pub params: Json,
    pub raised_at: DateTimeUtc,
    pub due_on: Option<Date>,
    pub closed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
