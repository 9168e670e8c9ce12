//! An export in bulk 批量导出: what is asked for, who works on it, how far it has come.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "export_job")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub account_id: String,
    /// The account's epoch when the job was begun: what ends its tokens ends its jobs.
    pub auth_epoch: i64,
    /// The org that the part of the tree is named by.
    pub organization_id: String,
    /// `EXACTLY`, `CHILDREN_OF` or `SUBTREE_OF` that org.
    pub extent: String,
    pub kinds: Json,
    pub format: String,
    /// Sealed fields that are written plainly.
    pub fields: Json,
    /// What these are wanted for.
    pub purpose: Option<String>,
    /// The request that began it, as the trail names it.
    pub request_id: String,
    pub as_of: Option<Date>,
    pub state: String,
    pub failure: Option<String>,
    pub holder: Option<String>,
    pub locked_until: Option<DateTimeUtc>,
    pub attempts: i64,
    /// Where the log stood in the snapshot.
    pub epoch: Option<String>,
    pub position: Option<i64>,
    pub done: i64,
    pub total: Option<i64>,
    pub created_at: DateTimeUtc,
    pub started_at: Option<DateTimeUtc>,
    pub finished_at: Option<DateTimeUtc>,
    pub expires_at: Option<DateTimeUtc>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
