//! The audit trail, as those read it whom its lines concern or who answer for the org.

use domain::policy::{Scope, Subject};
use domain::vocabulary::EntityKind;
use entity::audit;
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::StoreResult;
use super::page::{Key, KeyKind, Page, PageRequest, read};
use super::scope::{Seat, condition};
use super::transaction::Snapshot;

pub type AuditLine = audit::Model;

/// Newest first.
pub const KEYS: &[Key] = &[
    Key::of("audit.at", KeyKind::Instant, true),
    Key::of("audit.id", KeyKind::Text, true),
];

const SEAT: Seat = Seat::at("audit.subject_org_id").about("audit.subject_id");

/// Whose lines are asked for.
#[derive(Debug, Clone)]
pub enum About {
    /// Everything that was done to or seen of a member.
    Member(String),
    /// Everything that belongs to an org.
    Organization(String),
}

impl Snapshot {
    /// A page of the trail. A line needs the trail's scope and that of its own subject.
    ///
    /// # Errors
    /// The database fails.
    pub async fn trail(
        &self,
        trail: &Scope,
        subjects: &[(Subject, Scope)],
        about: &About,
        page: &PageRequest,
    ) -> StoreResult<Page<AuditLine>> {
        let which = match about {
            About::Member(id) => Condition::all()
                .add(audit::Column::SubjectKind.eq(EntityKind::Member.as_str()))
                .add(audit::Column::SubjectId.eq(id)),
            About::Organization(id) => Condition::all().add(audit::Column::SubjectOrgId.eq(id)),
        };
        let readable = subjects.iter().fold(Condition::any(), |any, (subject, scope)| {
            let kinds = EntityKind::ALL
                .iter()
                .filter(|kind| Subject::of(**kind) == *subject)
                .map(|kind| kind.as_str());
            any.add(
                Condition::all()
                    .add(audit::Column::SubjectKind.is_in(kinds))
                    .add(condition(scope, SEAT)),
            )
        });
        let select = audit::Entity::find()
            .filter(which)
            .filter(condition(trail, SEAT))
            .filter(readable);
        read(&self.tx, select, KEYS, page).await
    }
}
