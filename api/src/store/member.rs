//! Members: look-ups and the roster.

use chrono::NaiveDate;
use domain::policy::Scope;
use entity::{appointment, member};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::organization::{Within, current};
use super::page::{Key, Page, PageRequest, read};
use super::scope::{Seat, condition};
use super::transaction::{Snapshot, Write};
use super::{StoreResult, array};

pub type Member = member::Model;
pub type Appointment = appointment::Model;

pub(super) const SEAT: Seat = Seat::at("member.branch_id")
    .about("member.id")
    .in_group("member.group_id");

pub(super) const APPOINTMENT: Seat = Seat::at("appointment.organization_id").about("appointment.member_id");

async fn by_ids<C: ConnectionTrait>(tx: &C, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Member>> {
    let select = member::Entity::find()
        .filter(array::is_any(tx, "member.id", ids))
        .filter(condition(scope, SEAT.singly()));
    Ok(select.all(tx).await?)
}

/// A look-up by the keyed hashes of a sealed field, where its own scope allows one.
pub struct Seek {
    pub column: &'static str,
    pub hashes: Vec<String>,
    pub scope: Scope,
}

fn sought<C: ConnectionTrait>(tx: &C, seeks: &[Seek]) -> Condition {
    seeks.iter().fold(Condition::all(), |all, seek| {
        all.add(array::is_any(tx, seek.column, &seek.hashes))
            .add(condition(&seek.scope, SEAT))
    })
}

/// Each scope shows those to its posts.
pub(super) fn posts_shown<C: ConnectionTrait>(tx: &C, scopes: &[(Vec<String>, Scope)]) -> Condition {
    scopes.iter().fold(Condition::any(), |any, (posts, scope)| {
        any.add(
            Condition::all()
                .add(array::is_any(tx, "appointment.post", posts))
                .add(condition(scope, APPOINTMENT)),
        )
    })
}

impl Snapshot {
    /// The members with these ids that the scope shows, in no order.
    ///
    /// # Errors
    /// The database fails.
    pub async fn members(&self, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Member>> {
        by_ids(&self.tx, scope, ids).await
    }

    /// A page of the roster.
    ///
    /// # Errors
    /// The database fails.
    pub async fn roster(
        &self,
        scope: &Scope,
        (within, as_of, seeks): (&Within, Option<NaiveDate>, &[Seek]),
        keys: &[Key],
        page: &PageRequest,
    ) -> StoreResult<Page<Member>> {
        let select = member::Entity::find()
            .filter(condition(scope, SEAT))
            .filter(sought(&self.tx, seeks))
            .filter(self.part((within, as_of)));
        read(&self.tx, select, keys, page).await
    }

    /// Who is on the roster of a part of the tree now, or was on a day.
    fn part(&self, (within, as_of): (&Within, Option<NaiveDate>)) -> Condition {
        match as_of {
            Some(day) => Condition::all().add(self.belonged("member.id", within, day)),
            None => within
                .condition("member.branch_id")
                .add(member::Column::Status.ne("LEFT")),
        }
    }

    /// The appointments with these ids; each scope shows those to its posts.
    ///
    /// # Errors
    /// The database fails.
    pub async fn appointments(&self, scopes: &[(Vec<String>, Scope)], ids: &[String]) -> StoreResult<Vec<Appointment>> {
        Ok(appointment::Entity::find()
            .filter(array::is_any(&self.tx, "appointment.id", ids))
            .filter(posts_shown(&self.tx, scopes))
            .all(&self.tx)
            .await?)
    }

    /// Posts that members hold on a day.
    ///
    /// # Errors
    /// The database fails.
    pub async fn posts_of(&self, ids: &[String], today: NaiveDate) -> StoreResult<Vec<Appointment>> {
        Ok(appointment::Entity::find()
            .filter(array::is_any(&self.tx, "member_id", ids))
            .filter(current(today))
            .order_by_asc(appointment::Column::Id)
            .all(&self.tx)
            .await?)
    }
}

impl Write {
    /// The members with these ids, inside the write.
    ///
    /// # Errors
    /// The database fails.
    pub async fn members(&self, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Member>> {
        by_ids(&self.tx, scope, ids).await
    }
}
