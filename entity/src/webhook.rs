//! A webhook 事件推送: an address that a service account is told at of what changes, and how far it has been told.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The service account with whose rights it is told.
    pub account_id: String,
    /// The org of that account.
    pub organization_id: String,
    pub url: String,
    /// Kinds of entity that it is told of; all where it is null.
    pub types: Option<Json>,
    pub within_kind: Option<String>,
    pub within_id: Option<String>,
    /// A GraphQL document that is answered for each change.
    pub document: Option<String>,
    pub state: String,
    pub pause_reason: Option<String>,
    pub paused_at: Option<DateTimeUtc>,
    /// Blinds the ids of messages, which would tell positions of the log otherwise.
    pub salt: String,
    pub created_at: DateTimeUtc,
    /// Raised by what people change; not by what is told.
    pub version: i64,
    pub epoch: String,
    /// Everything up to here was told, or is none of its account's.
    pub position: i64,
    pub sub: i64,
    /// Messages of the event behind that place that were told already.
    pub part: i64,
    pub failing_since: Option<DateTimeUtc>,
    pub attempts: i64,
    pub next_attempt_at: Option<DateTimeUtc>,
    pub last_success_at: Option<DateTimeUtc>,
    /// The node that tells it.
    pub holder: Option<String>,
    /// Milliseconds since 1970 by the clock of the database.
    pub leased_until: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
