//! The facts that rights follow from, read in the snapshot of every request: account, membership, posts. Two statements.

use chrono::NaiveDate;
use domain::place;
use domain::policy::Headed;
use domain::policy::actor::{Actor, ActorMember, HeldPost, ServiceGrant};
use domain::policy::places::Place;
use domain::vocabulary::{AccountKind, Language, Post, ServiceScope};
use sea_orm::{ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _};

use super::connect::Database;
use super::transaction::{Snapshot, Write, statement};
use super::{StoreError, StoreResult, array};

/// Who a request comes from, as the database knows it now.
#[derive(Debug, Clone)]
pub struct Bearer {
    pub actor: Actor,
    pub username: String,
    pub language: Language,
    pub auth_epoch: i64,
    pub disabled: bool,
    pub service_scopes: Vec<ServiceScope>,
}

#[derive(FromQueryResult)]
struct AccountRow {
    position: i64,
    epoch: String,
    id: Option<String>,
    username: Option<String>,
    kind: Option<String>,
    language: Option<String>,
    auth_epoch: Option<i64>,
    disabled: bool,
    scopes: Option<serde_json::Value>,
    organization_id: Option<String>,
    member_id: Option<String>,
    branch_id: Option<String>,
    group_id: Option<String>,
    host_branch_id: Option<String>,
}

#[derive(FromQueryResult)]
struct PlaceRow {
    id: String,
    path: String,
    kind: String,
    next_from_depth: i64,
    guided_by: Option<String>,
    approver_id: Option<String>,
    parent_id: Option<String>,
    appointment_id: Option<String>,
    post: Option<String>,
    acting: Option<bool>,
    has_secretary: bool,
}

const ACCOUNT: &str = "SELECT c.position, c.epoch, a.id, a.username, a.kind, a.language, a.auth_epoch, \
     (a.disabled_at IS NOT NULL) AS disabled, a.scopes, a.organization_id, a.member_id, m.branch_id, m.group_id, \
     m.host_branch_id FROM log_counter c LEFT JOIN account a ON a.id = $1 \
     LEFT JOIN member m ON m.id = a.member_id AND m.status <> 'LEFT' WHERE c.id = 1";

fn places_sql(places: &str) -> String {
    let current = "since <= $2 AND (until IS NULL OR until > $2)";
    format!(
        "SELECT o.id, o.path, o.kind, o.next_from_depth, o.guided_by, o.approver_id, o.parent_id, p.id AS appointment_id, \
         p.post, p.acting, EXISTS (SELECT 1 FROM appointment s WHERE s.organization_id = o.id AND s.post = 'SECRETARY' \
         AND s.{current_s}) AS has_secretary FROM organization o \
         LEFT JOIN appointment p ON p.organization_id = o.id AND p.member_id = $1 AND p.since <= $2 \
         AND (p.until IS NULL OR p.until > $2) \
         WHERE o.id IN (SELECT organization_id FROM appointment WHERE member_id = $1 AND {current}) OR o.id IN {places} \
         ORDER BY o.path, p.id",
        current_s = "since <= $2 AND (s.until IS NULL OR s.until > $2)"
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
        let (position, epoch, bearer) = read_bearer(&tx, account.unwrap_or_default(), today).await?;
        Ok((Snapshot { tx, position, epoch }, bearer))
    }

    /// An account's rights now, for a stream that runs.
    ///
    /// # Errors
    /// The database fails.
    pub async fn bearer_of_stream(&self, account: &str, today: NaiveDate) -> StoreResult<Option<Bearer>> {
        let tx = self.begin_on(&self.feed).await?;
        Ok(read_bearer(&tx, account, today).await?.2)
    }
}

impl Write {
    /// The bearer's rights inside the write: a post that ended cannot still act.
    ///
    /// # Errors
    /// The database fails.
    pub async fn bearer(&self, account: &str, today: NaiveDate) -> StoreResult<Option<Bearer>> {
        Ok(read_bearer(&self.tx, account, today).await?.2)
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
) -> StoreResult<(i64, String, Option<Bearer>)> {
    let row = AccountRow::find_by_statement(statement(tx, ACCOUNT, vec![account.into()]))
        .one(tx)
        .await?;
    let Some(row) = row else {
        return Ok((0, String::new(), None));
    };
    let (position, epoch) = (row.position, row.epoch.clone());
    if row.id.is_none() {
        return Ok((position, epoch, None));
    }
    let own: Vec<String> = [&row.branch_id, &row.group_id, &row.host_branch_id, &row.organization_id]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    let sql = places_sql(&array::places(tx, "$3"));
    let values = vec![
        row.member_id.clone().unwrap_or_default().into(),
        today.into(),
        array::bound(&own),
    ];
    let places = PlaceRow::find_by_statement(statement(tx, &sql, values)).all(tx).await?;
    Ok((position, epoch, Some(bearer(row, &places)?)))
}

fn bearer(row: AccountRow, places: &[PlaceRow]) -> StoreResult<Bearer> {
    let find = |id: &Option<String>| -> StoreResult<Option<Place>> {
        let Some(id) = id else { return Ok(None) };
        places.iter().find(|place| &place.id == id).map(place_of).transpose()
    };
    let kind: AccountKind = code(&row.kind.unwrap_or_default())?;
    let member = match (&row.member_id, find(&row.branch_id)?) {
        (Some(member_id), Some(branch)) => Some(ActorMember {
            member_id: member_id.clone(),
            branch,
            group: find(&row.group_id)?,
            host_branch: find(&row.host_branch_id)?,
        }),
        _ => None,
    };
    let service_scopes: Vec<ServiceScope> = row
        .scopes
        .and_then(|scopes| serde_json::from_value(scopes).ok())
        .unwrap_or_default();
    let service = match (kind, find(&row.organization_id)?) {
        (AccountKind::Service, Some(org)) => Some(ServiceGrant {
            org,
            scopes: service_scopes.clone(),
        }),
        _ => None,
    };
    Ok(Bearer {
        actor: Actor {
            account_id: row.id.unwrap_or_default(),
            kind,
            member,
            posts: posts(places)?,
            service,
            applicant_id: None,
            activist_at: Vec::new(),
        },
        username: row.username.unwrap_or_default(),
        language: row
            .language
            .and_then(|code| code.parse().ok())
            .unwrap_or(Language::ZhCn),
        auth_epoch: row.auth_epoch.unwrap_or_default(),
        disabled: row.disabled,
        service_scopes,
    })
}

fn posts(places: &[PlaceRow]) -> StoreResult<Vec<HeldPost>> {
    let mut posts = Vec::new();
    for row in places {
        let (Some(appointment_id), Some(post)) = (&row.appointment_id, &row.post) else {
            continue;
        };
        let post: Post = code(post)?;
        let acting = row.acting.unwrap_or(false);
        let substitutes_head = !row.has_secretary && (post == Post::DeputySecretary || (acting && post.is_officer()));
        let (appointment_id, org) = (appointment_id.clone(), place_of(row)?);
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

fn place_of(row: &PlaceRow) -> StoreResult<Place> {
    Ok(Place {
        id: row.id.clone(),
        path: row.path.clone(),
        kind: code(&row.kind)?,
        next_from_depth: usize::try_from(row.next_from_depth).unwrap_or_else(|_| place::depth(&row.path)),
        guided_by: row.guided_by.clone(),
        approver_id: row.approver_id.clone(),
        parent_id: row.parent_id.clone(),
    })
}

/// Reads a code of a closed list; a foreign one in the database is our fault.
pub(super) fn code<T: std::str::FromStr<Err = domain::vocabulary::UnknownCode>>(text: &str) -> StoreResult<T> {
    text.parse()
        .map_err(|error: domain::vocabulary::UnknownCode| StoreError(sea_orm::DbErr::Type(error.to_string())))
}
