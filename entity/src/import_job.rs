//! An import in bulk 批量导入: what is asked for, who works on it, how far it has come, what came of it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_job")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub account_id: String,
    /// The account's epoch when the job was begun: what ends its tokens ends its jobs.
    pub auth_epoch: i64,
    pub file_id: String,
    /// The org that it may touch, with everything below.
    pub organization_id: String,
    pub kind: String,
    pub format: String,
    /// Of a workbook.
    pub sheet: Option<String>,
    pub mode: String,
    pub error_policy: String,
    pub dry_run: bool,
    /// Header in the file → key of the column.
    pub mapping: Json,
    /// Percent of the members there who may leave.
    pub mirror_threshold: Option<i64>,
    /// How those leave who are not in the file.
    pub departure: Option<Json>,
    /// The request that began it, as the trail names it.
    pub request_id: String,
    pub state: String,
    pub phase: String,
    pub failure: Option<String>,
    /// What is wrong with the file as a whole, or with what would come of it.
    pub problems: Json,
    pub holder: Option<String>,
    pub locked_until: Option<DateTimeUtc>,
    /// Tries since something was last written down.
    pub attempts: i64,
    /// Rows of the phase that are done, and where another node goes on.
    pub done: i64,
    pub total: Option<i64>,
    pub created: i64,
    pub changed: i64,
    pub unchanged: i64,
    pub rejected: i64,
    /// Pieces of the report.
    pub reports: i64,
    pub created_at: DateTimeUtc,
    pub started_at: Option<DateTimeUtc>,
    pub finished_at: Option<DateTimeUtc>,
    pub expires_at: Option<DateTimeUtc>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
