//! Minutes as documents with append-only revisions, and resolutions. Both are seen through the scope of minutes, those of
//! a committee through its own.

use domain::activity_kind::codes;
use domain::lifecycle::document::Class;
use domain::policy::Scope;
use entity::{document, document_revision, resolution};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::page::{Key, KeyKind, Page, PageRequest, read};
use super::scope::{Seat, condition};
use super::transaction::{Snapshot, Write};
use super::{StoreResult, array};

pub type Resolution = resolution::Model;
pub type Revision = document_revision::Model;

/// Revisions, newest first.
pub const BY_REVISION: &[Key] = &[Key::of("document_revision.revision", KeyKind::Int, true)];

/// The place that the sealed text of a revision is bound to.
#[must_use]
pub fn minutes_place(revision_id: &str) -> String {
    format!("document_revision.text:{revision_id}")
}

/// Which minutes a reader may see.
pub struct MinutesScope {
    pub minutes: Scope,
    pub committee: Scope,
}

impl MinutesScope {
    /// Which resolutions: those of a committee also once they are announced.
    pub(super) fn of_resolutions(&self) -> Condition {
        self.at(
            "resolution.activity_id",
            Seat::of_activity("resolution.activity_id").announced_at("resolution.announced_at"),
        )
    }

    fn of_minutes(&self) -> Condition {
        self.at("document.subject_id", Seat::of_activity("document.subject_id"))
    }

    fn at(&self, column: &str, seat: Seat) -> Condition {
        let kinds = codes(|kind| kind.seals_minutes);
        let is_committee = format!("{column} IN (SELECT id FROM activity WHERE kind IN {kinds})");
        let of_committee = Condition::all()
            .add(Expr::cust(is_committee.clone()))
            .add(condition(&self.committee, seat));
        let others = Condition::all()
            .add(Expr::cust(format!("NOT ({is_committee})")))
            .add(condition(&self.minutes, seat));
        Condition::any().add(of_committee).add(others)
    }
}

impl Snapshot {
    /// The latest revision of the minutes of each activity, as (activity id, revision).
    ///
    /// # Errors
    /// The database fails.
    pub async fn minutes(&self, scope: &MinutesScope, activities: &[String]) -> StoreResult<Vec<(String, Revision)>> {
        let documents = document::Entity::find()
            .filter(document::Column::SubjectKind.eq("ACTIVITY"))
            .filter(document::Column::Class.eq(Class::Minutes.as_str()))
            .filter(array::is_any(&self.tx, "document.subject_id", activities))
            .filter(scope.of_minutes())
            .all(&self.tx)
            .await?;
        let ids: Vec<String> = documents.iter().map(|document| document.id.clone()).collect();
        let latest = "document_revision.revision = (SELECT MAX(r.revision) FROM document_revision r \
                      WHERE r.document_id = document_revision.document_id)";
        let revisions = document_revision::Entity::find()
            .filter(array::is_any(&self.tx, "document_revision.document_id", &ids))
            .filter(Expr::cust(latest))
            .all(&self.tx)
            .await?;
        Ok(revisions
            .into_iter()
            .filter_map(|revision| {
                let document = documents.iter().find(|document| document.id == revision.document_id)?;
                Some((document.subject_id.clone(), revision))
            })
            .collect())
    }

    /// A page of the revisions of an activity's minutes, newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn minutes_history(
        &self,
        scope: &MinutesScope,
        activity: &str,
        page: &PageRequest,
    ) -> StoreResult<Page<Revision>> {
        let select = document_revision::Entity::find()
            .inner_join(document::Entity)
            .filter(document::Column::SubjectKind.eq("ACTIVITY"))
            .filter(document::Column::Class.eq(Class::Minutes.as_str()))
            .filter(document::Column::SubjectId.eq(activity))
            .filter(scope.of_minutes());
        read(&self.tx, select, BY_REVISION, page).await
    }

    /// Resolutions of activities, in order.
    ///
    /// # Errors
    /// The database fails.
    pub async fn resolutions(&self, scope: &MinutesScope, activities: &[String]) -> StoreResult<Vec<Resolution>> {
        Ok(resolution::Entity::find()
            .filter(array::is_any(&self.tx, "resolution.activity_id", activities))
            .filter(scope.of_resolutions())
            .order_by_asc(resolution::Column::Position)
            .all(&self.tx)
            .await?)
    }
}

impl Write {
    /// The latest revision of an activity's minutes: (id of the document, number of the revision).
    ///
    /// # Errors
    /// The database fails.
    pub async fn latest_minutes(&self, activity: &str) -> StoreResult<Option<(String, i64)>> {
        let last = document_revision::Entity::find()
            .inner_join(document::Entity)
            .filter(document::Column::SubjectKind.eq("ACTIVITY"))
            .filter(document::Column::SubjectId.eq(activity))
            .filter(document::Column::Class.eq(Class::Minutes.as_str()))
            .order_by_desc(document_revision::Column::Revision)
            .one(&self.tx)
            .await?;
        Ok(last.map(|last| (last.document_id, last.revision)))
    }

    /// Files a revision; of a document that is new, the document too.
    ///
    /// # Errors
    /// The database fails.
    pub async fn file_minutes(&self, new: Option<document::Model>, revision: Revision) -> StoreResult<()> {
        if let Some(new) = new {
            document::Entity::insert(document::ActiveModel::from(new))
                .exec_without_returning(&self.tx)
                .await?;
        }
        document_revision::Entity::insert(document_revision::ActiveModel::from(revision))
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Adds resolutions.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_resolutions(&self, rows: Vec<Resolution>) -> StoreResult<()> {
        if rows.is_empty() {
            return Ok(());
        }
        resolution::Entity::insert_many(rows.into_iter().map(resolution::ActiveModel::from))
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// All resolutions of an activity, in order.
    ///
    /// # Errors
    /// The database fails.
    pub async fn resolutions_of(&self, activity: &str) -> StoreResult<Vec<Resolution>> {
        Ok(resolution::Entity::find()
            .filter(resolution::Column::ActivityId.eq(activity))
            .order_by_asc(resolution::Column::Position)
            .all(&self.tx)
            .await?)
    }

    /// Sets the outcome of a resolution afresh after a correction.
    ///
    /// # Errors
    /// The database fails.
    pub async fn recount_resolution(&self, row: &Resolution) -> StoreResult<()> {
        let changed = resolution::ActiveModel {
            id: Set(row.id.clone()),
            due: Set(row.due),
            present: Set(row.present),
            passed: Set(row.passed),
            quorum_needed: Set(row.quorum_needed),
            ayes_needed: Set(row.ayes_needed),
            version: Set(row.version + 1),
            ..Default::default()
        };
        resolution::Entity::update(changed).exec(&self.tx).await?;
        Ok(())
    }
}
