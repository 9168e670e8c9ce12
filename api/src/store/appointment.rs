//! Posts: who holds which, over time.

use chrono::NaiveDate;
use domain::policy::{Permit, Scope};
use domain::vocabulary::{OrganKind, Post};
use entity::{appointment, organ, organization};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};

use super::member::{Appointment, posts_shown};
use super::organization::current;
use super::page::{Key, KeyKind, Page, PageRequest, read};
use super::transaction::{Snapshot, Write};
use super::{StoreResult, array};

/// How posts are listed: the secretary first, then by post.
pub const KEYS: &[Key] = &[
    Key::of(
        "CASE appointment.post WHEN 'SECRETARY' THEN 0 WHEN 'GROUP_LEADER' THEN 0 WHEN 'DEPUTY_SECRETARY' THEN 1 ELSE 2 END",
        KeyKind::Int,
        false,
    ),
    Key::text("appointment.id"),
];

/// The value of the first of [`KEYS`].
#[must_use]
pub fn rank(post: &str) -> &'static str {
    match post {
        "SECRETARY" | "GROUP_LEADER" => "0",
        "DEPUTY_SECRETARY" => "1",
        _ => "2",
    }
}

impl Snapshot {
    /// A page of the posts of an org on a day; each scope shows those to its posts.
    ///
    /// # Errors
    /// The database fails.
    pub async fn appointments_of(
        &self,
        scopes: &[(Vec<String>, Scope)],
        organization: &str,
        on: NaiveDate,
        page: &PageRequest,
    ) -> StoreResult<Page<Appointment>> {
        let select = appointment::Entity::find()
            .filter(appointment::Column::OrganizationId.eq(organization))
            .filter(current(on))
            .filter(posts_shown(&self.tx, scopes));
        read(&self.tx, select, KEYS, page).await
    }
}

impl Write {
    /// Acting posts that end with a day, with the place of their org.
    ///
    /// # Errors
    /// The database fails.
    pub async fn acting_posts_ending(&self, on: NaiveDate) -> StoreResult<Vec<(Appointment, String)>> {
        let posts = appointment::Entity::find()
            .filter(appointment::Column::Acting.eq(true))
            .filter(appointment::Column::Until.eq(on))
            .order_by_asc(appointment::Column::Id)
            .all(&self.tx)
            .await?;
        let ids: Vec<String> = posts.iter().map(|post| post.organization_id.clone()).collect();
        let orgs = organization::Entity::find()
            .filter(array::is_any(&self.tx, "organization.id", &ids))
            .all(&self.tx)
            .await?;
        let path = |id: &str| orgs.iter().find(|org| org.id == id).map(|org| org.path.clone());
        let placed = posts.into_iter().map(|post| {
            let path = path(&post.organization_id).unwrap_or_default();
            (post, path)
        });
        Ok(placed.collect())
    }

    /// Holds an org's row to the end of the write, so that two of its posts are never filled at once.
    ///
    /// # Errors
    /// The database fails.
    pub async fn hold_organization(&self, id: &str) -> StoreResult<()> {
        organization::Entity::update_many()
            .col_expr(organization::Column::Version, Expr::col(organization::Column::Version))
            .filter(organization::Column::Id.eq(id))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// A post by id; each scope shows those to its posts.
    ///
    /// # Errors
    /// The database fails.
    pub async fn appointment(&self, scopes: &[(Vec<String>, Scope)], id: &str) -> StoreResult<Option<Appointment>> {
        Ok(appointment::Entity::find_by_id(id)
            .filter(posts_shown(&self.tx, scopes))
            .one(&self.tx)
            .await?)
    }

    /// The holders of posts of an org that have not ended by a day.
    ///
    /// # Errors
    /// The database fails.
    pub async fn holders(&self, organization: &str, after: NaiveDate) -> StoreResult<Vec<Appointment>> {
        let until = appointment::Column::Until;
        Ok(appointment::Entity::find()
            .filter(appointment::Column::OrganizationId.eq(organization))
            .filter(until.is_null().or(until.gt(after)))
            .order_by_asc(appointment::Column::Id)
            .all(&self.tx)
            .await?)
    }

    /// Posts of a member that have not ended by a day.
    ///
    /// # Errors
    /// The database fails.
    pub async fn posts_held(&self, member: &str, after: NaiveDate) -> StoreResult<Vec<Appointment>> {
        self.posts_held_by(&[member.to_owned()], after).await
    }

    /// The same of several members.
    ///
    /// # Errors
    /// The database fails.
    pub async fn posts_held_by(&self, members: &[String], after: NaiveDate) -> StoreResult<Vec<Appointment>> {
        let until = appointment::Column::Until;
        Ok(appointment::Entity::find()
            .filter(array::is_any(&self.tx, "member_id", members))
            .filter(until.is_null().or(until.gt(after)))
            .order_by_asc(appointment::Column::Id)
            .all(&self.tx)
            .await?)
    }

    /// Orgs out of these that have a deputy in post.
    ///
    /// # Errors
    /// The database fails.
    pub async fn with_deputy(&self, organizations: &[String], today: NaiveDate) -> StoreResult<Vec<String>> {
        let rows = appointment::Entity::find()
            .filter(array::is_any(&self.tx, "organization_id", organizations))
            .filter(appointment::Column::Post.eq(Post::DeputySecretary.as_str()))
            .filter(current(today))
            .all(&self.tx)
            .await?;
        Ok(rows.into_iter().map(|row| row.organization_id).collect())
    }

    /// The organ of a committee.
    ///
    /// # Errors
    /// The database fails.
    pub async fn organ(&self, organization: &str, kind: OrganKind) -> StoreResult<Option<String>> {
        Ok(organ::Entity::find()
            .filter(organ::Column::OrganizationId.eq(organization))
            .filter(organ::Column::Kind.eq(kind.as_str()))
            .one(&self.tx)
            .await?
            .map(|row| row.id))
    }

    /// Ends posts with a day, those that began later with their first one; their versions are raised.
    ///
    /// # Errors
    /// The database fails.
    pub async fn end_appointments(&self, _permit: &Permit, ids: &[String], on: NaiveDate) -> StoreResult<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let since = Expr::col(appointment::Column::Since);
        let until = Expr::case(since.clone().gt(on), since).finally(Expr::value(on));
        appointment::Entity::update_many()
            .col_expr(appointment::Column::Until, until.into())
            .col_expr(
                appointment::Column::Version,
                Expr::col(appointment::Column::Version).add(1),
            )
            .filter(array::is_any(&self.tx, "id", ids))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// Writes a new post.
    ///
    /// # Errors
    /// The database fails.
    pub async fn insert_appointment(&self, _permit: &Permit, row: Appointment) -> StoreResult<()> {
        appointment::Entity::insert(row.into_active_model().reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// Writes a post as it now is, its version raised already; `false` where somebody was faster.
    ///
    /// # Errors
    /// The database fails.
    pub async fn update_appointment(&self, _permit: &Permit, row: Appointment) -> StoreResult<bool> {
        let (id, read) = (row.id.clone(), row.version - 1);
        super::version::update(&self.tx, row.into_active_model().reset_all(), &id, read).await
    }
}
