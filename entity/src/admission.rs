//! Admission 发展党员 and full membership 转正: proposed by the branch, decided by the approver.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "admission")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub kind: String,
    /// Of an admission.
    pub applicant_id: Option<String>,
    pub branch_id: String,
    pub approver_id: String,
    pub resolution_id: Option<String>,
    pub state: String,
    pub proposed_at: DateTimeUtc,
    pub decided_at: Option<DateTimeUtc>,
    /// The day of the branch's resolution or decision.
    pub voted_on: Option<Date>,
    /// `key@version` of the rulebook whose vote rule it rests on.
    pub rulebook_id: String,
    pub rule_key: String,
    /// The branch's recorded decision, where no resolution stands in the system.
    pub branch_decision: Option<Json>,
    /// The approver's.
    pub decision: Option<Json>,
    pub reason: Option<String>,
    /// Until when probation was extended.
    pub extended_until: Option<Date>,
    pub opinions: Json,
    /// Of full membership, and of an admission once it is approved.
    pub member_id: Option<String>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
