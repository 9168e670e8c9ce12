//! The log as the relay reads it: in order, from the primary, with the facts that rights need, a constant number of
//! statements for a batch at most.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use domain::audience::Audience;
use domain::place;
use domain::policy::Scope;
use domain::vocabulary::EntityKind;
use entity::{activity_organization, appointment, event, inbox_item, log_counter, member, organization, transfer};
use sea_orm::sea_query::Condition;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use tokio::sync::Notify;
use tokio_util::task::AbortOnDropHandle;

use super::connect::Database;
use super::inbox::audience_of;
use super::organization::Organization;
use super::scope::condition;
use super::transaction::{Snapshot, statement};
use super::{StoreError, StoreResult, array};

pub type EventRow = event::Model;

/// The channel on which nodes wake each other; it carries nothing.
const CHANNEL: &str = "orglife_log";

/// A place in the log: everything up to and with it has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Point {
    pub position: i64,
    pub sub: i64,
}

impl Point {
    /// Before the event at this place.
    #[must_use]
    pub fn before(self) -> Self {
        Self {
            sub: self.sub - 1,
            ..self
        }
    }

    /// Behind every event of a position.
    #[must_use]
    pub fn after(position: i64) -> Self {
        Self {
            position,
            sub: i64::MAX,
        }
    }
}

/// How far the log reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    pub epoch: String,
    pub position: i64,
    /// Events up to this position are gone.
    pub trimmed: i64,
}

/// Events in order, with what rights must know of them as it stands now.
#[derive(Debug)]
pub struct Excerpt {
    pub events: Vec<EventRow>,
    /// Rows among them that are none of an event.
    pub unreadable: usize,
    /// Everything up to here has been read, also what holds no event.
    pub end: Point,
    /// Events up to this position are gone, in the same snapshot.
    pub trimmed: i64,
    pub facts: Facts,
}

/// Facts about the objects that events speak of, by id.
#[derive(Debug, Default)]
pub struct Facts {
    pub organizations: HashMap<String, Organization>,
    pub members: HashMap<String, member::Model>,
    pub appointments: HashMap<String, appointment::Model>,
    /// Where a transfer leads.
    pub destinations: HashMap<String, String>,
    /// All orgs of a joint activity.
    pub partners: HashMap<String, Vec<String>>,
    pub audiences: HashMap<String, Audience>,
    /// Orgs above whose heads stand in where an org has nobody at its head.
    pub stand_ins: HashMap<String, Vec<String>>,
    /// Paths of the orgs that an org guides.
    pub guided: HashMap<String, Vec<String>>,
}

/// What an account's token must agree with.
#[derive(Debug, Clone, FromQueryResult)]
pub struct AccountState {
    pub id: String,
    pub auth_epoch: i64,
    pub disabled: bool,
}

/// Hears of commits: of this process at once, of others through PostgreSQL.
pub struct Wakes {
    commits: Arc<Notify>,
    others: Arc<Notify>,
    _ear: Option<AbortOnDropHandle<()>>,
}

impl Database {
    /// How far the log reaches now, all of it on disk; `None` for a database that was never set up.
    ///
    /// # Errors
    /// The database fails.
    pub async fn log_reach(&self) -> StoreResult<Option<Reach>> {
        let row = log_counter::Entity::find_by_id(1).one(&self.feed).await?;
        if let Some(row) = &row {
            self.settle(row.position).await?;
        }
        Ok(row.map(|row| Reach {
            epoch: row.epoch,
            position: row.position,
            trimmed: row.trimmed,
        }))
    }

    /// Up to `most` events behind a point, in order, in one snapshot, all of them on disk. `scope` is the feed's own; each event is cut to its
    /// reader afterwards.
    ///
    /// # Errors
    /// The database fails.
    pub async fn log_after(&self, scope: &Scope, from: Point, (most, today): (u64, NaiveDate)) -> StoreResult<Excerpt> {
        let tx = self.begin_on(&self.feed).await?;
        let excerpt = excerpt(&tx, scope, from, (most, today)).await?;
        drop(tx);
        self.settle(excerpt.end.position).await?;
        Ok(excerpt)
    }

    /// How accounts stand, for the streams that run for them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn account_states(&self, ids: &[String]) -> StoreResult<Vec<AccountState>> {
        let sql = format!(
            "SELECT id, auth_epoch, (disabled_at IS NOT NULL) AS disabled FROM account WHERE id IN {}",
            array::places(&self.feed, "$1")
        );
        let statement = statement(&self.feed, &sql, vec![array::bound(ids)]);
        Ok(AccountState::find_by_statement(statement).all(&self.feed).await?)
    }

    /// What wakes the relay of this node.
    pub fn wakes(&self) -> Wakes {
        let others = Arc::<Notify>::default();
        // In a task of its own: while the server takes no further connection, the looks go on.
        let ear = || AbortOnDropHandle::new(tokio::spawn(listen_on(self.clone(), others.clone())));
        Wakes {
            commits: self.commits.clone(),
            _ear: self.is_postgres().then(ear),
            others,
        }
    }

    /// Wakes the relays of the other nodes. In a transaction of its own: a notification at the commit of every write
    /// would put all writers of the cluster behind one lock.
    ///
    /// # Errors
    /// The database fails.
    pub async fn wake_others(&self) -> StoreResult<()> {
        if self.is_postgres() {
            let notify = format!("NOTIFY {CHANNEL}, '{}'", self.name);
            self.feed.execute_unprepared(&notify).await?;
        }
        Ok(())
    }
}

/// What woke the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// A commit of this process.
    Own,
    /// Another node, or the time for a look.
    Other,
}

impl Wakes {
    /// Completes at the next commit that is heard of, or after `at_most`. Polling is the net under lost notifications.
    pub async fn next(&self, at_most: Duration) -> Wake {
        tokio::select! {
            () = self.commits.notified() => Wake::Own,
            () = self.others.notified() => Wake::Other,
            () = tokio::time::sleep(at_most) => Wake::Other,
        }
    }
}

/// Time until a listener that broke, or could not be had, is tried anew.
const LISTEN_AGAIN: Duration = Duration::from_secs(1);

/// Passes on what other nodes tell, with another connection for each that breaks.
async fn listen_on(database: Database, others: Arc<Notify>) {
    loop {
        if let Some(mut listener) = listen(&database).await {
            // What was told while nobody listened.
            others.notify_one();
            while let Ok(told) = listener.recv().await {
                if told.payload() != &*database.name {
                    others.notify_one();
                }
            }
        }
        tokio::time::sleep(LISTEN_AGAIN).await;
    }
}

async fn listen(database: &Database) -> Option<sqlx::postgres::PgListener> {
    // A pooled connection would be lost to the pool: the listener opens its own.
    let options = database.feed.get_postgres_connection_pool().connect_options();
    let pool = sqlx::postgres::PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(3))
        .connect_lazy_with((*options).clone());
    let mut listener = sqlx::postgres::PgListener::connect_with(&pool).await.ok()?;
    listener.listen(CHANNEL).await.ok()?;
    Some(listener)
}

/// Events behind a point, in the snapshot of a transaction that reaches so far.
async fn excerpt<C: ConnectionTrait>(
    tx: &C,
    scope: &Scope,
    from: Point,
    (most, today): (u64, NaiveDate),
) -> StoreResult<Excerpt> {
    let counter = log_counter::Entity::find_by_id(1).one(tx).await?;
    let (reached, trimmed) = counter.map_or((0, 0), |row| (row.position, row.trimmed));
    let behind = Condition::any().add(event::Column::Position.gt(from.position)).add(
        Condition::all()
            .add(event::Column::Position.eq(from.position))
            .add(event::Column::Sub.gt(from.sub)),
    );
    let query = event::Entity::find()
        // Said twice, so that the index is read from there on and not from its begin.
        .filter(event::Column::Position.gte(from.position))
        .filter(behind)
        .order_by_asc(event::Column::Position)
        .order_by_asc(event::Column::Sub)
        .limit(most);
    let (events, places) = match query.clone().all(tx).await.map_err(StoreError::from) {
        Ok(events) => {
            let places = events.iter().map(|row| (row.position, row.sub)).collect();
            (events, places)
        }
        Err(error) if error.is_unreadable() => one_by_one(tx, query).await?,
        Err(error) => return Err(error),
    };
    let full = u64::try_from(places.len()).unwrap_or(u64::MAX) >= most;
    let end = match places.last() {
        Some(&(position, sub)) if full => Point { position, sub },
        _ => Point::after(reached).max(from),
    };
    let unreadable = places.len() - events.len();
    let facts = facts(tx, scope, &events, today).await?;
    Ok(Excerpt {
        events,
        unreadable,
        end,
        trimmed,
        facts,
    })
}

/// The events that can be read, where one of them cannot; the places of all.
async fn one_by_one<C: ConnectionTrait>(
    tx: &C,
    query: sea_orm::Select<event::Entity>,
) -> StoreResult<(Vec<EventRow>, Vec<(i64, i64)>)> {
    let places = query
        .select_only()
        .column(event::Column::Position)
        .column(event::Column::Sub)
        .into_tuple::<(i64, i64)>()
        .all(tx)
        .await?;
    let mut events = Vec::new();
    for place in &places {
        match event::Entity::find_by_id(*place)
            .one(tx)
            .await
            .map_err(StoreError::from)
        {
            Ok(row) => events.extend(row),
            Err(error) if error.is_unreadable() => {
                tracing::error!(
                    position = place.0,
                    sub = place.1,
                    "a row of the log is no event and is passed over"
                );
            }
            Err(error) => return Err(error),
        }
    }
    Ok((events, places))
}

impl Snapshot {
    /// Up to `most` events behind a point, as far as this snapshot reaches.
    ///
    /// # Errors
    /// The database fails.
    pub async fn log_after(&self, scope: &Scope, from: Point, (most, today): (u64, NaiveDate)) -> StoreResult<Excerpt> {
        excerpt(&self.tx, scope, from, (most, today)).await
    }

    /// Up to which position events are gone.
    ///
    /// # Errors
    /// The database fails.
    pub async fn log_trimmed(&self) -> StoreResult<i64> {
        let row = log_counter::Entity::find_by_id(1).one(&self.tx).await?;
        Ok(row.map_or(0, |row| row.trimmed))
    }
}

async fn facts<C: ConnectionTrait>(tx: &C, scope: &Scope, events: &[EventRow], today: NaiveDate) -> StoreResult<Facts> {
    let of = |kind: EntityKind| -> Vec<String> {
        let ids = events.iter().filter(|event| event.entity_kind == kind.as_str());
        ids.map(|event| event.entity_id.clone()).collect()
    };
    let mut facts = Facts::default();
    let mut people: BTreeSet<String> = of(EntityKind::Member).into_iter().collect();
    people.extend(events.iter().filter_map(|event| event.member_id.clone()));
    facts.members = by_id(
        tx,
        member::Entity::find(),
        "member.id",
        people,
        |row: &member::Model| row.id.clone(),
    )
    .await?;
    facts.appointments = by_id(
        tx,
        appointment::Entity::find(),
        "appointment.id",
        of(EntityKind::Appointment),
        |row: &appointment::Model| row.id.clone(),
    )
    .await?;
    let transfers: HashMap<String, transfer::Model> = by_id(
        tx,
        transfer::Entity::find(),
        "transfer.id",
        of(EntityKind::Transfer),
        |row: &transfer::Model| row.id.clone(),
    )
    .await?;
    facts.destinations = transfers.into_iter().map(|(id, row)| (id, row.to_id)).collect();
    let lines: HashMap<String, inbox_item::Model> = by_id(
        tx,
        inbox_item::Entity::find(),
        "inbox_item.id",
        of(EntityKind::InboxItem),
        |row: &inbox_item::Model| row.id.clone(),
    )
    .await?;
    facts.audiences = lines
        .into_iter()
        .filter_map(|(id, row)| audience_of(&row).map(|audience| (id, audience)))
        .collect();
    facts.stand_ins = stand_ins(tx, &facts.audiences, today).await?;
    facts.guided = guided(tx, &facts.appointments).await?;
    let activities = of(EntityKind::Activity);
    if !activities.is_empty() {
        let rows = activity_organization::Entity::find()
            .filter(among(tx, "activity_organization.activity_id", activities))
            .all(tx)
            .await?;
        for row in rows {
            let partners = facts.partners.entry(row.activity_id).or_default();
            partners.push(row.organization_id);
        }
    }
    let ids = organizations_of(events, &facts);
    let seats = organization::Entity::find().filter(condition(scope, super::organization::SEAT));
    facts.organizations = by_id(tx, seats, "organization.id", ids, |row: &Organization| row.id.clone()).await?;
    Ok(facts)
}

/// Who stands in for the heads that lines are addressed to, where there is none.
async fn stand_ins<C: ConnectionTrait>(
    tx: &C,
    audiences: &HashMap<String, Audience>,
    today: NaiveDate,
) -> StoreResult<HashMap<String, Vec<String>>> {
    let heads = audiences.values().filter_map(|audience| match audience {
        Audience::Head(org) => Some(org.clone()),
        Audience::Member(_) | Audience::Officers(_) => None,
    });
    let heads: BTreeSet<String> = heads.collect();
    if heads.is_empty() {
        return Ok(HashMap::new());
    }
    let heads: Vec<String> = heads.into_iter().collect();
    let mut found: HashMap<String, Vec<String>> = HashMap::new();
    for (org, above) in super::inbox_read::vacancies(tx, &heads, today).await? {
        found.insert(org, above);
    }
    Ok(found)
}

/// The orgs that the orgs of these posts guide.
async fn guided<C: ConnectionTrait>(
    tx: &C,
    posts: &HashMap<String, appointment::Model>,
) -> StoreResult<HashMap<String, Vec<String>>> {
    let mut found: HashMap<String, Vec<String>> = HashMap::new();
    if posts.is_empty() {
        return Ok(found);
    }
    let orgs = posts.values().map(|row| row.organization_id.clone());
    let rows = organization::Entity::find()
        .filter(among(tx, "organization.guided_by", orgs))
        .order_by_asc(organization::Column::Id)
        .all(tx)
        .await?;
    for row in rows {
        if let Some(guide) = row.guided_by {
            found.entry(guide).or_default().push(row.path);
        }
    }
    Ok(found)
}

/// Every org whose place decides about one of the events.
fn organizations_of(events: &[EventRow], facts: &Facts) -> BTreeSet<String> {
    let mut ids: BTreeSet<String> = BTreeSet::new();
    for event in events {
        ids.extend(event.organization_id.clone());
        // The old place of what moved is worked out from those above it.
        ids.extend(
            event
                .old_path
                .iter()
                .flat_map(|path| place::ids_on(path))
                .map(str::to_owned),
        );
        if event.entity_kind == EntityKind::Organization.as_str() {
            ids.insert(event.entity_id.clone());
        }
    }
    for row in facts.members.values() {
        ids.insert(row.branch_id.clone());
        ids.extend(row.group_id.clone());
    }
    ids.extend(facts.appointments.values().map(|row| row.organization_id.clone()));
    ids.extend(facts.destinations.values().cloned());
    ids.extend(facts.partners.values().flatten().cloned());
    ids
}

fn among<C: ConnectionTrait>(
    tx: &C,
    column: &str,
    ids: impl IntoIterator<Item = String>,
) -> sea_orm::sea_query::SimpleExpr {
    let mut ids: Vec<String> = ids.into_iter().collect();
    ids.sort();
    ids.dedup();
    array::is_any(tx, column, &ids)
}

/// Rows by their ids; the database is not asked for none.
async fn by_id<C, E, M>(
    tx: &C,
    select: sea_orm::Select<E>,
    column: &str,
    ids: impl IntoIterator<Item = String>,
    id: impl Fn(&M) -> String,
) -> StoreResult<HashMap<String, M>>
where
    C: ConnectionTrait,
    E: sea_orm::EntityTrait<Model = M>,
    M: FromQueryResult + Sized + Send + Sync,
{
    let ids: BTreeSet<String> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<M> = select.filter(among(tx, column, ids)).all(tx).await?;
    Ok(rows.into_iter().map(|row| (id(&row), row)).collect())
}
