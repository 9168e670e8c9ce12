//! The facts that rights follow from, read in the snapshot of every request: account, membership, posts. One statement.

use chrono::NaiveDate;
use domain::policy::Headed;
use domain::policy::actor::{Actor, ActorMember, HeldPost, ServiceGrant};
use domain::policy::places::Place;
use domain::vocabulary::{AccountKind, Language, Post, ServiceScope};
use entity::{member, organization};
use sea_orm::{ColumnTrait as _, EntityTrait as _, FromQueryResult, IdenStatic, Iterable, QueryFilter as _};

use super::connect::Database;
use super::member::Member;
use super::organization::{Organization, place_of};
use super::transaction::{Snapshot, Standing, Write, statement};
use super::{StoreError, StoreResult, array};

/// Who a request comes from, as the database knows it now.
#[derive(Debug, Clone)]
pub struct Bearer {
    pub actor: Actor,
    pub username: String,
    pub language: Language,
    pub auth_epoch: i64,
    pub disabled: bool,
    /// Version of the account.
    pub version: i64,
    pub service_scopes: Vec<ServiceScope>,
    /// The orgs that the account has to do with: read with the rights, so that nobody need ask again.
    pub organizations: Vec<Organization>,
    /// The row of the member behind the account.
    pub member: Option<Member>,
}

#[derive(FromQueryResult)]
struct AccountRow {
    position: i64,
    epoch: String,
    rulebooks_at: i64,
    id: Option<String>,
    username: Option<String>,
    kind: Option<String>,
    language: Option<String>,
    version: Option<i64>,
    auth_epoch: Option<i64>,
    disabled: Option<bool>,
    scopes: Option<serde_json::Value>,
    organization_id: Option<String>,
    applicant_id: Option<String>,
    registered_at: Option<String>,
}

/// An org that the account has to do with, and a post held there.
struct PlaceRow {
    org: Organization,
    post: PostRow,
}

#[derive(FromQueryResult)]
struct PostRow {
    appointment_id: Option<String>,
    post: Option<String>,
    acting: Option<bool>,
    has_secretary: bool,
}

/// The columns of an entity under a prefix, so that a row of it can be read out of a join.
fn columns<C: Iterable + IdenStatic>(table: &str, prefix: &str) -> String {
    let column = |column: C| format!("{table}.{name} AS {prefix}{name}", name = column.as_str());
    C::iter().map(column).collect::<Vec<_>>().join(", ")
}

/// Counter, account, the member with their row, and each org of branch, group, host branch, posts and service.
fn rights_sql() -> String {
    let current = |of: &str| format!("{of}.since <= $2 AND ({of}.until IS NULL OR {of}.until > $2)");
    format!(
        "WITH who AS (SELECT a.id, a.username, a.kind, a.language, a.version, a.auth_epoch, (a.disabled_at IS NOT NULL) AS disabled, \
         a.scopes, a.organization_id, a.member_id, m.branch_id, m.group_id, m.host_branch_id, r.id AS applicant_id, \
         r.branch_id AS registered_at FROM account a LEFT JOIN member m ON m.id = a.member_id AND m.status <> 'LEFT' \
         LEFT JOIN applicant r ON r.id = a.applicant_id AND r.member_id IS NULL AND r.withdrawn_on IS NULL \
         WHERE a.id = $1), \
         own AS (SELECT branch_id AS id FROM who UNION SELECT group_id FROM who UNION SELECT host_branch_id FROM who \
         UNION SELECT organization_id FROM who UNION SELECT registered_at FROM who UNION SELECT h.organization_id FROM appointment h \
         JOIN who ON who.member_id = h.member_id WHERE {held}) \
         SELECT c.position, c.epoch, c.rulebooks_at, who.id, who.username, who.kind, who.language, who.version, who.auth_epoch, who.disabled, who.scopes, \
         who.organization_id, who.applicant_id, who.registered_at, {orgs}, {members}, p.id AS appointment_id, p.post, p.acting, \
         EXISTS (SELECT 1 FROM appointment s WHERE s.organization_id = o.id AND s.post = 'SECRETARY' AND {led}) \
         AS has_secretary FROM log_counter c LEFT JOIN who ON c.id = 1 LEFT JOIN own ON own.id IS NOT NULL \
         LEFT JOIN organization o ON o.id = own.id LEFT JOIN member m ON m.id = who.member_id AND m.status <> 'LEFT' \
         LEFT JOIN appointment p ON p.organization_id = o.id AND p.member_id = who.member_id AND {own_post} \
         WHERE c.id = 1 ORDER BY o.path, p.id",
        held = current("h"),
        orgs = columns::<organization::Column>("o", "o_"),
        members = columns::<member::Column>("m", "m_"),
        led = current("s"),
        own_post = current("p"),
    )
}

impl Database {
    /// Opens a snapshot together with the bearer's rights in it; `None` where no such account exists.
    ///
    /// # Errors
    /// The database fails.
    pub async fn snapshot_of(
        &self,
        account: Option<&str>,
        today: NaiveDate,
    ) -> StoreResult<(Snapshot, Option<Bearer>)> {
        let tx = self.begin_read().await?;
        let (log, bearer) = read_bearer(&tx, account.unwrap_or_default(), today).await?;
        Ok((Snapshot::of(tx, log), bearer))
    }

    /// The same for work that a node does for an account behind its back: it takes no connection from those who wait.
    ///
    /// # Errors
    /// The database fails.
    pub async fn snapshot_for(&self, account: &str, today: NaiveDate) -> StoreResult<(Snapshot, Option<Bearer>)> {
        let tx = self.begin_on(&self.feed).await?;
        let (log, bearer) = read_bearer(&tx, account, today).await?;
        Ok((Snapshot::of(tx, log), bearer))
    }

    /// An account's rights now, for a stream that runs.
    ///
    /// # Errors
    /// The database fails.
    pub async fn bearer_of_stream(&self, account: &str, today: NaiveDate) -> StoreResult<Option<Bearer>> {
        let tx = self.begin_on(&self.feed).await?;
        Ok(read_bearer(&tx, account, today).await?.1)
    }
}

impl Write {
    /// The bearer's rights inside the write: a post that ended cannot still act.
    ///
    /// # Errors
    /// The database fails.
    pub async fn bearer(&self, account: &str, today: NaiveDate) -> StoreResult<Option<Bearer>> {
        Ok(read_bearer(&self.tx, account, today).await?.1)
    }
}

#[derive(FromQueryResult)]
struct HeadshipRow {
    org_id: String,
    has_deputy: bool,
}

impl Write {
    /// Those of these members whom the directory names as secretaries on a day.
    ///
    /// # Errors
    /// The database fails.
    pub async fn heads_among(&self, members: &[String], on: NaiveDate) -> StoreResult<Vec<String>> {
        let rows = entity::appointment::Entity::find()
            .filter(array::is_any(&self.tx, "appointment.member_id", members))
            .filter(entity::appointment::Column::Post.eq(Post::Secretary.as_str()))
            .filter(super::organization::current(on))
            .all(&self.tx)
            .await?;
        Ok(rows.into_iter().map(|row| row.member_id).collect())
    }

    /// The orgs that a member heads on a day, and whether each has a deputy who could stand in.
    ///
    /// # Errors
    /// The database fails.
    pub async fn headships(&self, member: &str, on: NaiveDate) -> StoreResult<Vec<Headed>> {
        let sql = "SELECT s.organization_id AS org_id, EXISTS (SELECT 1 FROM appointment d \
             WHERE d.organization_id = s.organization_id AND d.post = 'DEPUTY_SECRETARY' AND d.since <= $2 \
             AND (d.until IS NULL OR d.until > $2)) AS has_deputy FROM appointment s \
             WHERE s.member_id = $1 AND s.post = 'SECRETARY' AND s.since <= $2 AND (s.until IS NULL OR s.until > $2)";
        let values = vec![member.into(), on.into()];
        let rows = HeadshipRow::find_by_statement(statement(&self.tx, sql, values))
            .all(&self.tx)
            .await?;
        let headed = |row: HeadshipRow| Headed {
            org_id: row.org_id,
            has_deputy: row.has_deputy,
        };
        Ok(rows.into_iter().map(headed).collect())
    }
}

async fn read_bearer<C: sea_orm::ConnectionTrait>(
    tx: &C,
    account: &str,
    today: NaiveDate,
) -> StoreResult<(Standing, Option<Bearer>)> {
    let rows = tx
        .query_all_raw(statement(tx, &rights_sql(), vec![account.into(), today.into()]))
        .await?;
    let Some(first) = rows.first() else {
        return Ok((Standing::default(), None));
    };
    let row = AccountRow::from_query_result(first, "")?;
    let log = Standing {
        position: row.position,
        epoch: row.epoch.clone(),
        rulebooks_at: row.rulebooks_at,
    };
    if row.id.is_none() {
        return Ok((log, None));
    }
    let own = Member::from_query_result_optional(first, "m_")?;
    let mut places = Vec::new();
    for row in &rows {
        if let Some(org) = Organization::from_query_result_optional(row, "o_")? {
            let post = PostRow::from_query_result(row, "")?;
            places.push(PlaceRow { org, post });
        }
    }
    Ok((log, Some(bearer(row, own, &places, today)?)))
}

fn bearer(row: AccountRow, own: Option<Member>, places: &[PlaceRow], on: NaiveDate) -> StoreResult<Bearer> {
    let find = |id: Option<&String>| -> StoreResult<Option<Place>> {
        let found = places.iter().find(|place| Some(&place.org.id) == id);
        found.map(|place| place_of(&place.org)).transpose()
    };
    let kind: AccountKind = code(&row.kind.unwrap_or_default())?;
    let member = match (&own, find(own.as_ref().map(|own| &own.branch_id))?) {
        (Some(own), Some(branch)) => Some(ActorMember {
            member_id: own.id.clone(),
            branch,
            group: find(own.group_id.as_ref())?,
            host_branch: find(own.host_branch_id.as_ref())?,
        }),
        _ => None,
    };
    let service_scopes: Vec<ServiceScope> = row
        .scopes
        .and_then(|scopes| serde_json::from_value(scopes).ok())
        .unwrap_or_default();
    let service = match (kind, find(row.organization_id.as_ref())?) {
        (AccountKind::Service, Some(org)) => Some(ServiceGrant {
            org,
            scopes: service_scopes.clone(),
            importing: false,
        }),
        _ => None,
    };
    let mut organizations: Vec<Organization> = places.iter().map(|place| place.org.clone()).collect();
    organizations.dedup_by(|one, other| one.id == other.id);
    Ok(Bearer {
        actor: Actor {
            account_id: row.id.unwrap_or_default(),
            on,
            kind,
            member,
            posts: posts(places)?,
            service,
            activist_at: find(row.registered_at.as_ref())?.into_iter().collect(),
            applicant_id: row.applicant_id,
        },
        username: row.username.unwrap_or_default(),
        language: row
            .language
            .and_then(|code| code.parse().ok())
            .unwrap_or(Language::ZhCn),
        auth_epoch: row.auth_epoch.unwrap_or_default(),
        version: row.version.unwrap_or_default(),
        disabled: row.disabled.unwrap_or_default(),
        service_scopes,
        organizations,
        member: own,
    })
}

fn posts(places: &[PlaceRow]) -> StoreResult<Vec<HeldPost>> {
    let mut posts = Vec::new();
    for PlaceRow { org, post: row } in places {
        let (Some(appointment_id), Some(post)) = (&row.appointment_id, &row.post) else {
            continue;
        };
        let post: Post = code(post)?;
        let acting = row.acting.unwrap_or(false);
        let substitutes_head = !row.has_secretary && (post == Post::DeputySecretary || (acting && post.is_officer()));
        let (appointment_id, org) = (appointment_id.clone(), place_of(org)?);
        posts.push(HeldPost {
            appointment_id,
            post,
            org,
            acting,
            substitutes_head,
        });
    }
    Ok(posts)
}

/// Reads a code of a closed list; a foreign one in the database is our fault.
pub(super) fn code<T: std::str::FromStr<Err = domain::vocabulary::UnknownCode>>(text: &str) -> StoreResult<T> {
    text.parse()
        .map_err(|error: domain::vocabulary::UnknownCode| StoreError(sea_orm::DbErr::Type(error.to_string())))
}
