//! What those who follow may see now: kept once for each account, renewed by the events that change it, and looked at
//! every two seconds beside.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::place;
use domain::sync::Reader;
use domain::vocabulary::{ChangeExtent, EntityKind};
use tokio::sync::watch;

use super::Live;
use super::catalogue::Entry;
use crate::ops::outcome::{Failure, Outcome};
use crate::ops::reading::TokenHolder;
use crate::store::rights::Bearer;

/// Time between two looks at the accounts; a token that no longer holds ends its streams within twice this time.
const LOOK: Duration = Duration::from_secs(2);

/// How an account stands.
#[derive(Debug, Clone)]
pub enum Standing {
    /// Not read yet.
    Unknown,
    Holds(Arc<Reader>),
    /// The account is disabled or gone; trying again does not help.
    Disabled,
    /// The token was given out before the account's rights were reset; a new one helps.
    Outdated,
}

/// An account with the epoch of its token.
type Key = (String, i64);

struct Watched {
    standing: watch::Sender<Standing>,
    /// Raised with every wish to renew, so that a slow read never overwrites a newer one.
    wish: u64,
}

#[derive(Default)]
pub struct RightsBook {
    watched: Mutex<HashMap<Key, Watched>>,
}

impl RightsBook {
    /// Follows how a token's account stands, from now on.
    ///
    /// # Errors
    /// The database is away.
    pub async fn enter(&self, live: &Live, holder: &TokenHolder) -> Outcome<watch::Receiver<Standing>> {
        let key = (holder.account_id.clone(), holder.auth_epoch);
        let mut receiver = self.with(|watched| {
            let entry = watched.entry(key.clone()).or_insert_with(|| Watched {
                standing: watch::Sender::new(Standing::Unknown),
                wish: 0,
            });
            entry.standing.subscribe()
        });
        if !matches!(*receiver.borrow(), Standing::Holds(_)) {
            let _turn = live.entrances.acquire().await;
            self.renew(live, &key).await?;
        }
        // Somebody else may have wished to know at the same time: then theirs is the answer.
        let known = receiver.wait_for(|standing| !matches!(standing, Standing::Unknown));
        let known = tokio::time::timeout(LOOK, known).await.is_ok();
        if !known {
            return Err(Failure::Unavailable(anyhow::anyhow!(
                "rights could not be read in time"
            )));
        }
        Ok(receiver)
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<Key, Watched>) -> T) -> T {
        work(&mut self.watched.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads an account's rights afresh.
    async fn renew(&self, live: &Live, key: &Key) -> Outcome<()> {
        let wish = self.with(|watched| {
            let entry = watched.get_mut(key)?;
            entry.wish += 1;
            Some(entry.wish)
        });
        let Some(wish) = wish else { return Ok(()) };
        let bearer = live.database.bearer_of_stream(&key.0, live.today()).await?;
        let standing = standing(bearer, key.1);
        self.with(|watched| {
            if let Some(entry) = watched.get_mut(key).filter(|entry| entry.wish == wish) {
                entry.standing.send_replace(standing);
            }
        });
        Ok(())
    }

    /// Renews, and tries on: a reader whose rights are not known is told nothing rather than too much.
    async fn renew_surely(&self, live: &Live, keys: Vec<Key>) {
        for key in keys {
            while let Err(failure) = self.renew(live, &key).await {
                tracing::warn!(?failure, "rights cannot be read; the log waits");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    }

    /// Renews everybody.
    pub(super) async fn renew_all(&self, live: &Live) {
        let keys = self.with(|watched| watched.keys().cloned().collect());
        self.renew_surely(live, keys).await;
    }

    /// Whether nobody's rights are looked after. Who comes later reads them as they are then.
    pub(super) fn is_idle(&self) -> bool {
        self.with(|watched| watched.is_empty())
    }

    /// Renews those whose rights these events may have changed.
    pub(super) async fn renew_after(&self, live: &Live, entries: &[Arc<Entry>]) {
        let telling: Vec<&Arc<Entry>> = entries.iter().filter(|entry| tells_of_rights(entry)).collect();
        if telling.is_empty() {
            return;
        }
        let touched = |standing: &Standing| match standing {
            Standing::Holds(reader) => telling.iter().any(|entry| touches(reader, entry)),
            Standing::Unknown => true,
            Standing::Disabled | Standing::Outdated => false,
        };
        let keys = self.with(|watched| {
            let watched = watched.iter();
            let touched = watched.filter(|(_, entry)| touched(&entry.standing.borrow()));
            touched.map(|(key, _)| key.clone()).collect()
        });
        self.renew_surely(live, keys).await;
    }
}

fn standing(bearer: Option<Bearer>, auth_epoch: i64) -> Standing {
    match bearer {
        Some(bearer) if bearer.disabled => Standing::Disabled,
        Some(bearer) if bearer.auth_epoch != auth_epoch => Standing::Outdated,
        Some(bearer) => Standing::Holds(Arc::new(Reader::new(bearer.actor))),
        None => Standing::Disabled,
    }
}

fn tells_of_rights(entry: &Entry) -> bool {
    match entry.moment.kind {
        EntityKind::Appointment | EntityKind::Member | EntityKind::Account => true,
        EntityKind::Organization => entry.moment.extent == ChangeExtent::Subtree,
        _ => false,
    }
}

fn touches(reader: &Reader, entry: &Entry) -> bool {
    let (actor, moment) = (&reader.actor, &entry.moment);
    match moment.kind {
        EntityKind::Account => moment.entity_id == actor.account_id,
        EntityKind::Member => actor.is_person(&moment.entity_id),
        // Another post at an org of one's own decides who stands in for its head.
        EntityKind::Appointment => moment.holding.as_ref().is_none_or(|holding| {
            actor.is_person(&holding.member_id) || actor.posts.iter().any(|post| post.org.id == holding.organization_id)
        }),
        _ => {
            let old = entry.row.old_path.as_deref().unwrap_or_default();
            let service = actor.service.iter().map(|grant| &grant.org);
            let member = actor.member.iter().flat_map(|member| {
                [Some(&member.branch), member.group.as_ref(), member.host_branch.as_ref()]
                    .into_iter()
                    .flatten()
            });
            let posts = actor.posts.iter().map(|post| &post.org);
            posts
                .chain(member)
                .chain(service)
                .any(|org| place::is_within(&org.path, old))
        }
    }
}

/// Looks at the accounts of all streams, and at the day: posts begin and end without an event.
pub(super) async fn watch(live: &Live) {
    let mut day = live.today();
    let mut looks = tokio::time::interval(LOOK);
    loop {
        looks.tick().await;
        live.rights
            .with(|watched| watched.retain(|_, entry| entry.standing.receiver_count() > 0));
        if let Err(error) = look(live).await {
            tracing::warn!(%error, "accounts cannot be looked at");
        }
        let today = live.today();
        if std::mem::replace(&mut day, today) != today {
            live.rights.renew_all(live).await;
        }
    }
}

async fn look(live: &Live) -> crate::store::StoreResult<()> {
    let keys: Vec<Key> = live.rights.with(|watched| watched.keys().cloned().collect());
    if keys.is_empty() {
        return Ok(());
    }
    let mut ids: Vec<String> = keys.iter().map(|(id, _)| id.clone()).collect();
    ids.sort();
    ids.dedup();
    let states = live.database.account_states(&ids).await?;
    let states: HashMap<&str, _> = states.iter().map(|state| (state.id.as_str(), state)).collect();
    live.rights.with(|watched| {
        for (id, epoch) in &keys {
            let ended = match states.get(id.as_str()) {
                Some(state) if state.disabled => Standing::Disabled,
                Some(state) if state.auth_epoch != *epoch => Standing::Outdated,
                Some(_) => continue,
                None => Standing::Disabled,
            };
            if let Some(entry) = watched.get_mut(&(id.clone(), *epoch)) {
                entry.wish += 1;
                entry.standing.send_replace(ended);
            }
        }
    });
    Ok(())
}
