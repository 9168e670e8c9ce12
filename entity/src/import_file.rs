//! A file that a program sent to be imported 导入文件.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_file")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub account_id: String,
    /// All of it is here. What broke off goes by itself.
    pub complete: bool,
    /// What came of it so far.
    pub bytes: i64,
    /// Of the whole file, in hexadecimal; empty until it is complete.
    pub sha256: String,
    pub created_at: DateTimeUtc,
    /// When something of it came last.
    pub heard_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
