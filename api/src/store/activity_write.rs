//! Writes of activities and attendance: rows in bulk, changes guarded by the version read.

use chrono::{DateTime, Utc};
use domain::lifecycle::activity::Tally;
use domain::lifecycle::document::Class;
use domain::vocabulary::{ActivityStatus, AttendanceMode, AttendanceState};
use entity::{
    activity, activity_invitation, activity_organization, agenda_item, attendance, document, document_revision,
    leave_request,
};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, UpdateMany,
};

use super::activity::{Activity, AgendaItem, Participation};
use super::attendance::{Attendance, Leave};
use super::transaction::Write;
use super::{StoreResult, array, bulk};

/// A change of attendance that several people share.
pub struct Change {
    pub ids: Vec<String>,
    pub state: AttendanceState,
    pub mode: Option<AttendanceMode>,
    pub at: DateTime<Utc>,
    /// The member's words; `None` leaves them as they are.
    pub dispute: Option<String>,
}

/// Minutes to be filed.
pub struct Minutes {
    pub document_id: String,
    /// Number of the revision, from 1.
    pub revision: i64,
    pub activity_id: String,
    pub host_id: String,
    pub author_id: Option<String>,
    pub revision_id: String,
    pub text: Text,
    pub reason: Option<String>,
    pub at: DateTime<Utc>,
}

/// The text of a revision as it is kept.
pub enum Text {
    Plain(String),
    /// Sealed for [`Minutes::revision_id`].
    Sealed(String),
}

impl Minutes {
    /// The rows behind it.
    #[must_use]
    pub fn rows(self) -> (document::Model, document_revision::Model) {
        let document = document::Model {
            id: self.document_id.clone(),
            owner_id: self.host_id,
            subject_kind: "ACTIVITY".to_owned(),
            subject_id: self.activity_id,
            class: Class::Minutes.to_string(),
            sealed: matches!(self.text, Text::Sealed(_)),
            created_at: self.at,
        };
        let (text, text_sealed) = match self.text {
            Text::Plain(text) => (Some(text), None),
            Text::Sealed(sealed) => (None, Some(sealed)),
        };
        let revision = document_revision::Model {
            document_id: self.document_id,
            revision: self.revision,
            id: self.revision_id,
            text,
            text_sealed,
            author_id: self.author_id,
            reason: self.reason,
            filed_at: self.at,
        };
        (document, revision)
    }
}

impl Write {
    /// Adds an activity with the orgs that take part and its agenda.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_activity(
        &self,
        row: Activity,
        orgs: Vec<Participation>,
        agenda: Vec<AgendaItem>,
    ) -> StoreResult<()> {
        activity::Entity::insert(activity::ActiveModel::from(row))
            .exec_without_returning(&self.tx)
            .await?;
        activity_organization::Entity::insert_many(orgs.into_iter().map(activity_organization::ActiveModel::from))
            .exec_without_returning(&self.tx)
            .await?;
        if !agenda.is_empty() {
            agenda_item::Entity::insert_many(agenda.into_iter().map(agenda_item::ActiveModel::from))
                .exec_without_returning(&self.tx)
                .await?;
        }
        Ok(())
    }

    /// Further orgs take part in an activity.
    ///
    /// # Errors
    /// The database fails.
    pub async fn name_organizations(&self, orgs: Vec<Participation>) -> StoreResult<()> {
        if orgs.is_empty() {
            return Ok(());
        }
        activity_organization::Entity::insert_many(orgs.into_iter().map(activity_organization::ActiveModel::from))
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Counts a wrong code of somebody who wants to check in; the version stays.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_wrong_code(&self, attendance: &str) -> StoreResult<()> {
        let more = Expr::col(attendance::Column::WrongCodes).add(1);
        attendance::Entity::update_many()
            .col_expr(attendance::Column::WrongCodes, more)
            .filter(attendance::Column::Id.eq(attendance))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// A new code was made: wrong ones of before do not count any more.
    ///
    /// # Errors
    /// The database fails.
    pub async fn forget_wrong_codes(&self, activity: &str) -> StoreResult<()> {
        attendance::Entity::update_many()
            .col_expr(attendance::Column::WrongCodes, Expr::value(0))
            .filter(attendance::Column::ActivityId.eq(activity))
            .filter(attendance::Column::WrongCodes.gt(0))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// Cancels activities for one reason, raising their versions.
    ///
    /// # Errors
    /// The database fails.
    pub async fn cancel_activities(&self, ids: &[String], reason: &str) -> StoreResult<()> {
        let off = activity::ActiveModel {
            status: Set(ActivityStatus::Cancelled.to_string()),
            cancel_reason: Set(Some(reason.to_owned())),
            check_in_code: Set(None),
            check_in_expires_at: Set(None),
            ..Default::default()
        };
        self.raise_activities(activity::Entity::update_many().set(off), ids)
            .await
    }

    /// An org takes part in these activities no longer, nor do those whom it invited; their versions are raised.
    ///
    /// # Errors
    /// The database fails.
    pub async fn leave_activities(&self, ids: &[String], organization: &str) -> StoreResult<()> {
        activity_organization::Entity::delete_many()
            .filter(array::is_any(&self.tx, "activity_id", ids))
            .filter(activity_organization::Column::OrganizationId.eq(organization))
            .exec(&self.tx)
            .await?;
        activity_invitation::Entity::delete_many()
            .filter(array::is_any(&self.tx, "activity_id", ids))
            .filter(activity_invitation::Column::OrganizationId.eq(organization))
            .exec(&self.tx)
            .await?;
        self.raise_activities(activity::Entity::update_many(), ids).await
    }

    async fn raise_activities(&self, update: UpdateMany<activity::Entity>, ids: &[String]) -> StoreResult<()> {
        update
            .col_expr(activity::Column::Version, Expr::col(activity::Column::Version).add(1))
            .filter(array::is_any(&self.tx, "id", ids))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// These orgs take part in an activity no longer, nor do those whom they invited.
    ///
    /// # Errors
    /// The database fails.
    pub async fn leave_out_organizations(&self, activity: &str, orgs: &[String]) -> StoreResult<()> {
        activity_organization::Entity::delete_many()
            .filter(activity_organization::Column::ActivityId.eq(activity))
            .filter(array::is_any(&self.tx, "organization_id", orgs))
            .exec(&self.tx)
            .await?;
        activity_invitation::Entity::delete_many()
            .filter(activity_invitation::Column::ActivityId.eq(activity))
            .filter(array::is_any(&self.tx, "organization_id", orgs))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// Replaces the agenda.
    ///
    /// # Errors
    /// The database fails.
    pub async fn replace_agenda(&self, activity: &str, agenda: Vec<AgendaItem>) -> StoreResult<()> {
        agenda_item::Entity::delete_many()
            .filter(agenda_item::Column::ActivityId.eq(activity))
            .exec(&self.tx)
            .await?;
        if !agenda.is_empty() {
            agenda_item::Entity::insert_many(agenda.into_iter().map(agenda_item::ActiveModel::from))
                .exec_without_returning(&self.tx)
                .await?;
        }
        Ok(())
    }

    /// Writes an activity as it now is, raising its version; `false` where somebody was faster.
    ///
    /// # Errors
    /// The database fails.
    pub async fn update_activity(&self, row: &mut Activity) -> StoreResult<bool> {
        let read = row.version;
        row.version += 1;
        super::version::update(&self.tx, row.clone().into_active_model().reset_all(), &row.id, read).await
    }

    /// Adds people to an activity.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_attendance(&self, rows: &[Attendance]) -> StoreResult<()> {
        Ok(bulk::insert_models(&self.tx, rows.to_vec()).await?)
    }

    /// Removes those who are no longer expected at an activity that has not begun.
    ///
    /// # Errors
    /// The database fails.
    pub async fn remove_attendance(&self, ids: &[String]) -> StoreResult<()> {
        attendance::Entity::delete_many()
            .filter(array::is_any(&self.tx, "id", ids))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// Changes attendance, one statement for all who share the change.
    ///
    /// # Errors
    /// The database fails.
    pub async fn change_attendance(&self, change: &Change) -> StoreResult<()> {
        let mut update = attendance::Entity::update_many()
            .col_expr(attendance::Column::State, Expr::value(change.state.as_str()))
            .col_expr(
                attendance::Column::Mode,
                Expr::value(change.mode.map(|mode| mode.as_str().to_owned())),
            )
            .col_expr(attendance::Column::RecordedAt, Expr::value(Some(change.at)))
            .col_expr(
                attendance::Column::Version,
                Expr::col(attendance::Column::Version).add(1),
            );
        if let Some(words) = &change.dispute {
            update = update.col_expr(attendance::Column::Dispute, Expr::value(words.as_str()));
        }
        update
            .filter(array::is_any(&self.tx, "id", &change.ids))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// Moves the attendance of a rescheduled activity to its new date.
    ///
    /// # Errors
    /// The database fails.
    pub async fn redate_attendance(&self, activity: &str, date: chrono::NaiveDate) -> StoreResult<()> {
        attendance::Entity::update_many()
            .col_expr(attendance::Column::LocalDate, Expr::value(date))
            .filter(attendance::Column::ActivityId.eq(activity))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// Writes the counts of an org at an activity; `confirmed`: when and by whom they were confirmed, where that is now.
    ///
    /// # Errors
    /// The database fails.
    pub async fn set_tally(
        &self,
        activity: &str,
        org: &str,
        tally: &Tally,
        confirmed: Option<(DateTime<Utc>, Option<String>)>,
    ) -> StoreResult<()> {
        let mut row = activity_organization::ActiveModel {
            activity_id: Set(activity.to_owned()),
            organization_id: Set(org.to_owned()),
            expected: Set(tally.expected),
            present: Set(tally.present),
            online: Set(tally.online),
            made_up_by_study: Set(tally.made_up_by_study),
            on_leave: Set(tally.on_leave),
            unexcused: Set(tally.unexcused),
            unexplained: Set(tally.unexplained),
            exempt: Set(tally.exempt),
            ..Default::default()
        };
        if let Some((at, by)) = confirmed {
            row.confirmed_at = Set(Some(at));
            row.confirmed_by = Set(by);
        }
        activity_organization::Entity::update(row).exec(&self.tx).await?;
        Ok(())
    }

    /// Adds requests for leave.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_leaves(&self, rows: Vec<Leave>) -> StoreResult<()> {
        if rows.is_empty() {
            return Ok(());
        }
        leave_request::Entity::insert_many(rows.into_iter().map(leave_request::ActiveModel::from))
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Leave of each person at an activity.
    ///
    /// # Errors
    /// The database fails.
    pub async fn leaves_at(&self, activity: &str) -> StoreResult<Vec<Leave>> {
        Ok(leave_request::Entity::find()
            .filter(leave_request::Column::ActivityId.eq(activity))
            .all(&self.tx)
            .await?)
    }

    /// Writes a request for leave as it now is; `false` where somebody was faster.
    ///
    /// # Errors
    /// The database fails.
    pub async fn update_leave(&self, row: &mut Leave) -> StoreResult<bool> {
        let read = row.version;
        row.version += 1;
        super::version::update(&self.tx, row.clone().into_active_model().reset_all(), &row.id, read).await
    }
}
