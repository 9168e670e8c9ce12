//! Attendance and leave at activities: look-ups and lists.

use chrono::NaiveDate;
use domain::policy::Scope;
use entity::{attendance, leave_request};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::page::{Key, KeyKind, Page, PageRequest, read};
use super::scope::{Seat, condition};
use super::transaction::{Snapshot, Write};
use super::{StoreResult, array};

pub type Attendance = attendance::Model;
pub type Leave = leave_request::Model;

pub(super) const ATTENDANCE: Seat = Seat::at("attendance.organization_id").about("attendance.member_id");
pub(super) const LEAVE: Seat = Seat::at("leave_request.organization_id").about("leave_request.member_id");

/// The people of an activity, by member.
pub const BY_MEMBER: &[Key] = &[Key::text("attendance.member_id"), Key::text("attendance.id")];
/// A member's attendance, latest first.
pub const LATEST: &[Key] = &[
    Key::of("attendance.local_date", KeyKind::Date, true),
    Key::of("attendance.id", KeyKind::Text, true),
];

/// Attendance of one member at each of these activities.
async fn of_member<C: ConnectionTrait>(tx: &C, member: &str, activities: &[String]) -> StoreResult<Vec<Attendance>> {
    Ok(attendance::Entity::find()
        .filter(array::is_any(tx, "attendance.activity_id", activities))
        .filter(attendance::Column::MemberId.eq(member))
        .all(tx)
        .await?)
}

impl Snapshot {
    /// A page of the people of an activity.
    ///
    /// # Errors
    /// The database fails.
    pub async fn attendance_at(&self, scope: &Scope, id: &str, page: &PageRequest) -> StoreResult<Page<Attendance>> {
        let select = attendance::Entity::find()
            .filter(attendance::Column::ActivityId.eq(id))
            .filter(condition(scope, ATTENDANCE));
        read(&self.tx, select, BY_MEMBER, page).await
    }

    /// Absences at activities: everything but presence and exemption.
    ///
    /// # Errors
    /// The database fails.
    pub async fn absences(&self, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Attendance>> {
        Ok(attendance::Entity::find()
            .filter(array::is_any(&self.tx, "attendance.activity_id", ids))
            .filter(attendance::Column::State.is_not_in(["PRESENT", "EXPECTED", "EXEMPT"]))
            .filter(condition(scope, ATTENDANCE))
            .order_by_asc(attendance::Column::MemberId)
            .all(&self.tx)
            .await?)
    }

    /// One member's attendance at each of these activities; for that member alone.
    ///
    /// # Errors
    /// The database fails.
    pub async fn attendance_of(&self, member: &str, activities: &[String]) -> StoreResult<Vec<Attendance>> {
        of_member(&self.tx, member, activities).await
    }

    /// Attendance by id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn attendances(&self, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Attendance>> {
        Ok(attendance::Entity::find()
            .filter(array::is_any(&self.tx, "attendance.id", ids))
            .filter(condition(scope, ATTENDANCE))
            .all(&self.tx)
            .await?)
    }

    /// A page of a member's attendance between two dates, the second excluded.
    ///
    /// # Errors
    /// The database fails.
    pub async fn attendance_between(
        &self,
        scope: &Scope,
        member: &str,
        dates: (NaiveDate, NaiveDate),
        page: &PageRequest,
    ) -> StoreResult<Page<Attendance>> {
        let select = attendance::Entity::find()
            .filter(attendance::Column::MemberId.eq(member))
            .filter(attendance::Column::LocalDate.gte(dates.0))
            .filter(attendance::Column::LocalDate.lt(dates.1))
            .filter(condition(scope, ATTENDANCE));
        read(&self.tx, select, LATEST, page).await
    }

    /// Leave asked for at activities, as far as the scope shows it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn leaves_at(&self, scope: &Scope, activities: &[String]) -> StoreResult<Vec<Leave>> {
        Ok(leave_request::Entity::find()
            .filter(array::is_any(&self.tx, "leave_request.activity_id", activities))
            .filter(condition(scope, LEAVE))
            .all(&self.tx)
            .await?)
    }

    /// Leave by id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn leaves(&self, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Leave>> {
        Ok(leave_request::Entity::find()
            .filter(array::is_any(&self.tx, "leave_request.id", ids))
            .filter(condition(scope, LEAVE))
            .all(&self.tx)
            .await?)
    }
}

impl Write {
    /// Everybody at an activity.
    ///
    /// # Errors
    /// The database fails.
    pub async fn attendance_at(&self, id: &str) -> StoreResult<Vec<Attendance>> {
        Ok(attendance::Entity::find()
            .filter(attendance::Column::ActivityId.eq(id))
            .order_by_asc(attendance::Column::MemberId)
            .all(&self.tx)
            .await?)
    }

    /// One member's attendance at an activity.
    ///
    /// # Errors
    /// The database fails.
    pub async fn attendance_of(&self, member: &str, activity: &str) -> StoreResult<Option<Attendance>> {
        Ok(of_member(&self.tx, member, &[activity.to_owned()]).await?.pop())
    }

    /// Attendance by id, inside the write.
    ///
    /// # Errors
    /// The database fails.
    pub async fn attendance(&self, scope: &Scope, id: &str) -> StoreResult<Option<Attendance>> {
        Ok(attendance::Entity::find_by_id(id.to_owned())
            .filter(condition(scope, ATTENDANCE))
            .one(&self.tx)
            .await?)
    }

    /// Leave by id, inside the write.
    ///
    /// # Errors
    /// The database fails.
    pub async fn leave(&self, scope: &Scope, id: &str) -> StoreResult<Option<Leave>> {
        Ok(leave_request::Entity::find_by_id(id.to_owned())
            .filter(condition(scope, LEAVE))
            .one(&self.tx)
            .await?)
    }
}
