//! One message of a webhook with the attempts to deliver it. Never the message itself, never what was answered.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_delivery")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub webhook_id: String,
    /// The `webhook-id` of its attempts.
    pub message_id: String,
    pub kind: String,
    pub op: Option<String>,
    pub extent: Option<String>,
    pub entity_kind: Option<String>,
    pub entity_id: Option<String>,
    pub state: String,
    pub tries: i64,
    /// The latest attempts: when, how long, what came of it.
    pub attempts: Json,
    pub created_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
    /// Of a trial: from when on some node is to send it.
    pub due_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
