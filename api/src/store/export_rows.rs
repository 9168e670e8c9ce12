//! The rows of an export, kind by kind in keyset pages of one snapshot: what others refer to comes first, of orgs those above.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use domain::policy::Scope;
use domain::vocabulary::EntityKind;
use entity::{activity, appointment, member, organization};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _};
use sea_orm::{
    ConnectionTrait as _, EntityTrait, FromQueryResult, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
};

use super::array;
use super::export_past::branch_on;
use super::organization::{SEAT, Within};
use super::scope::condition;
use super::transaction::{Snapshot, statement};
use super::unfold::{Shown, shown_in};
use super::{StoreResult, member as members};

/// The part of the tree that an export is about.
#[derive(Debug, Clone)]
pub struct Span {
    pub within: Within,
    /// Path of the org that it is named by.
    pub path: String,
    pub today: NaiveDate,
    /// A day of the past as of which structure and roster are wanted.
    pub as_of: Option<NaiveDate>,
}

/// A page behind a row: its key, and how many rows at most.
pub type After<'a> = (&'a str, u64);

#[derive(Debug, Clone, FromQueryResult)]
pub struct OrganizationRow {
    pub id: String,
    pub version: i64,
    pub name: String,
    pub kind: String,
    pub sector: String,
    pub parent_id: Option<String>,
    pub founded_on: NaiveDate,
    /// Key of the pages: whoever stands above comes first.
    pub path: String,
}

impl OrganizationRow {
    pub(super) fn select() -> Select<organization::Entity> {
        use organization::Column as C;
        organization::Entity::find().select_only().columns([
            C::Id,
            C::Version,
            C::Name,
            C::Kind,
            C::Sector,
            C::ParentId,
            C::FoundedOn,
            C::Path,
        ])
    }
}

#[derive(Debug, Clone, FromQueryResult)]
pub struct MemberRow {
    pub id: String,
    pub version: i64,
    pub name: String,
    pub standing: String,
    pub status: String,
    pub joined_on: NaiveDate,
    pub became_full_on: Option<NaiveDate>,
    pub branch_id: String,
    pub group_id: Option<String>,
    pub host_branch_id: Option<String>,
    pub unit_tag: Option<String>,
    pub identity_sealed: Option<String>,
    pub birth_sealed: Option<String>,
    pub address_sealed: Option<String>,
    pub phone_sealed: Option<String>,
}

#[derive(Debug, Clone, FromQueryResult)]
pub struct AppointmentRow {
    pub id: String,
    pub version: i64,
    pub post: String,
    pub member_id: String,
    pub organization_id: String,
    pub since: NaiveDate,
    pub until: Option<NaiveDate>,
    pub term_ends_on: Option<NaiveDate>,
    pub acting: bool,
}

#[derive(Debug, Clone, FromQueryResult)]
pub struct ActivityRow {
    pub id: String,
    pub version: i64,
    pub kind: String,
    pub title: String,
    pub status: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: Option<DateTime<Utc>>,
    pub place: Option<String>,
    pub mode: String,
}

/// An org that takes part in an activity.
#[derive(Debug, Clone, FromQueryResult)]
pub struct PartnerRow {
    pub activity_id: String,
    pub organization_id: String,
}

/// PostgreSQL ends what takes longer than a request may; an export's statements and pauses may take longer.
const PATIENCE: &str = "SET LOCAL statement_timeout = '60s'; SET LOCAL idle_in_transaction_session_timeout = '120s'";

fn page<E: EntityTrait>(select: Select<E>, key: &'static str, (after, most): After<'_>) -> Select<E> {
    select
        .filter(Expr::cust(key).gt(after))
        .order_by_asc(Expr::cust(key))
        .limit(most)
}

impl Snapshot {
    /// Lets this snapshot live for as long as an export takes.
    ///
    /// # Errors
    /// The database fails.
    pub async fn take_time(&self) -> StoreResult<()> {
        if self.tx.get_database_backend() == sea_orm::DbBackend::Postgres {
            self.tx.execute_unprepared(PATIENCE).await?;
        }
        Ok(())
    }

    fn exported(&self, of: (EntityKind, &Shown), span: &Span) -> Condition {
        shown_in(&self.tx, of, (&span.within, &span.path), span.today)
    }

    /// Which members: those there now, or on the day asked for.
    fn exported_members(&self, shown: &Shown, span: &Span) -> Condition {
        match (span.as_of, shown) {
            (Some(day), Shown::Rows(scope)) => Condition::all()
                .add(condition(scope, members::SEAT))
                .add(self.belonged("member.id", &span.within, day)),
            _ => self.exported((EntityKind::Member, shown), span),
        }
    }

    /// Which posts: those held now, or on the day asked for.
    fn exported_posts(&self, shown: &Shown, span: &Span) -> Condition {
        let span = Span {
            today: span.as_of.unwrap_or(span.today),
            ..span.clone()
        };
        self.exported((EntityKind::Appointment, shown), &span)
    }

    /// How many rows of a kind an export will have; of orgs on a day of the past see [`Self::past_orgs`].
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_exported(&self, (kind, shown): (EntityKind, &Shown), span: &Span) -> StoreResult<u64> {
        match kind {
            EntityKind::Member => self.count::<member::Entity>(self.exported_members(shown, span)).await,
            EntityKind::Appointment => {
                self.count::<appointment::Entity>(self.exported_posts(shown, span))
                    .await
            }
            EntityKind::Activity => self.count::<activity::Entity>(self.exported((kind, shown), span)).await,
            _ => {
                self.count::<organization::Entity>(self.exported((kind, shown), span))
                    .await
            }
        }
    }

    async fn count<E: EntityTrait>(&self, which: Condition) -> StoreResult<u64> {
        let counted = super::page::count(&self.tx, E::find().filter(which), None).await?;
        Ok(counted.number)
    }

    /// Orgs by path, so that each comes behind the one above it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn export_organizations(
        &self,
        shown: &Shown,
        span: &Span,
        after: After<'_>,
    ) -> StoreResult<Vec<OrganizationRow>> {
        let select = OrganizationRow::select().filter(self.exported((EntityKind::Organization, shown), span));
        let select = page(select, "organization.path", after);
        Ok(select.into_model().all(&self.tx).await?)
    }

    /// Members by id; what is sealed is read only where it is asked for. On a day of the past they have the branch of that
    /// day, and no group.
    ///
    /// # Errors
    /// The database fails.
    pub async fn export_members(
        &self,
        shown: &Shown,
        (span, sealed): (&Span, bool),
        after: After<'_>,
    ) -> StoreResult<Vec<MemberRow>> {
        use member::Column as C;
        let mut select = member::Entity::find()
            .select_only()
            .columns([
                C::Id,
                C::Version,
                C::Name,
                C::Standing,
                C::Status,
                C::JoinedOn,
                C::BecameFullOn,
                C::UnitTag,
            ])
            .filter(self.exported_members(shown, span));
        let nothing = || Expr::cust("CAST(NULL AS text)");
        select = match span.as_of {
            None => select.columns([C::BranchId, C::GroupId, C::HostBranchId]),
            Some(day) => select
                .column_as(branch_on(&self.tx, day), "branch_id")
                .column_as(nothing(), "group_id")
                .column_as(nothing(), "host_branch_id"),
        };
        let columns = [C::IdentitySealed, C::BirthSealed, C::AddressSealed, C::PhoneSealed];
        select = if sealed {
            select.columns(columns)
        } else {
            columns.into_iter().fold(select, |select, column| {
                select.column_as(nothing(), sea_orm::IdenStatic::as_str(&column))
            })
        };
        Ok(page(select, "member.id", after).into_model().all(&self.tx).await?)
    }

    /// Posts by id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn export_appointments(
        &self,
        shown: &Shown,
        span: &Span,
        after: After<'_>,
    ) -> StoreResult<Vec<AppointmentRow>> {
        let select = appointment::Entity::find().filter(self.exported_posts(shown, span));
        Ok(page(select, "appointment.id", after).into_model().all(&self.tx).await?)
    }

    /// Activities by id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn export_activities(
        &self,
        shown: &Shown,
        span: &Span,
        after: After<'_>,
    ) -> StoreResult<Vec<ActivityRow>> {
        let select = activity::Entity::find().filter(self.exported((EntityKind::Activity, shown), span));
        Ok(page(select, "activity.id", after).into_model().all(&self.tx).await?)
    }

    /// The orgs that take part in activities, the host of each first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn export_partners(&self, activities: &[String]) -> StoreResult<Vec<PartnerRow>> {
        let sql = format!(
            "SELECT p.activity_id, p.organization_id FROM activity_organization p JOIN activity a ON a.id = p.activity_id \
             WHERE p.activity_id IN {} ORDER BY p.activity_id, CASE WHEN p.organization_id = a.host_id THEN 0 ELSE 1 END, \
             p.organization_id",
            array::places(&self.tx, "$1")
        );
        let values = vec![array::bound(activities)];
        Ok(PartnerRow::find_by_statement(statement(&self.tx, &sql, values))
            .all(&self.tx)
            .await?)
    }

    /// Those of these orgs that a scope shows.
    ///
    /// # Errors
    /// The database fails.
    pub async fn shown_orgs(&self, scope: &Scope, ids: &[String]) -> StoreResult<HashSet<String>> {
        let found: Vec<String> = organization::Entity::find()
            .select_only()
            .column(organization::Column::Id)
            .filter(array::is_any(&self.tx, "organization.id", ids))
            .filter(condition(scope, SEAT.singly()))
            .into_tuple()
            .all(&self.tx)
            .await?;
        Ok(found.into_iter().collect())
    }
}
