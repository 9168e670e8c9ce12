//! Hands what the relay reads to those whom it may concern.
//!
//! A ring of batches serves all who follow one topic: publishing costs the same for one of them as for thousands, streams
//! about other parts of the tree are not even woken, memory is bounded by the rings, and whoever falls behind is told so
//! and holds up nobody.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::place;
use domain::vocabulary::{ChangeExtent, EntityKind};
use tokio::sync::{broadcast, watch};

use super::catalogue::Entry;
use crate::store::feed::Point;

/// Longest wait for the node to read what was committed already.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(1);

/// How far the node has read the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub epoch: Arc<str>,
    pub end: Point,
}

/// What is published.
#[derive(Debug)]
pub enum News {
    /// Events in order; what lies between them and those of the batch before is none of the topic's.
    Entries(Vec<Arc<Entry>>),
    /// The database was restored: what readers keep is of another time.
    Restored(Head),
}

/// What a stream is to be woken for: never less than what its lens may tell of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Topic {
    Everything,
    /// What endpoints of programs there are. Nothing is read for who follows this alone.
    Webhooks,
    /// Lines of inboxes, and what may decide anew whom they wait for.
    Inboxes,
    /// What happens at and below an org, and what may change its reader's rights there.
    Org(String),
}

type Ring = broadcast::Sender<Arc<News>>;

pub struct Hub {
    /// Batches that a reader of one part of the tree may be behind: only those that speak of it count.
    org_backlog: usize,
    everything: Ring,
    webhooks: Ring,
    inboxes: Ring,
    orgs: Mutex<HashMap<String, Ring>>,
    head: watch::Sender<Option<Head>>,
}

impl Hub {
    /// Readers may be so many batches behind; of one part of the tree, half as many.
    #[must_use]
    pub fn new(backlog: usize) -> Self {
        Self {
            org_backlog: (backlog / 2).max(1),
            everything: Ring::new(backlog),
            webhooks: Ring::new(backlog),
            inboxes: Ring::new(backlog),
            orgs: Mutex::default(),
            head: watch::Sender::new(None),
        }
    }

    /// Joins: everything of the topic behind the head that is returned will be received.
    pub async fn join(&self, topic: &Topic) -> (Head, broadcast::Receiver<Arc<News>>) {
        let mut heads = self.head.subscribe();
        loop {
            // The guard keeps the publisher out between the look at the head and the seat in the ring.
            if let Some(head) = &*heads.borrow_and_update() {
                return (head.clone(), self.seat(topic));
            }
            if heads.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    fn seat(&self, topic: &Topic) -> broadcast::Receiver<Arc<News>> {
        match topic {
            Topic::Everything => self.everything.subscribe(),
            Topic::Webhooks => self.webhooks.subscribe(),
            Topic::Inboxes => self.inboxes.subscribe(),
            Topic::Org(id) => {
                let ring = |orgs: &mut HashMap<String, Ring>| {
                    let ring = orgs.entry(id.clone()).or_insert_with(|| Ring::new(self.org_backlog));
                    ring.subscribe()
                };
                self.with_orgs(ring)
            }
        }
    }

    fn with_orgs<T>(&self, work: impl FnOnce(&mut HashMap<String, Ring>) -> T) -> T {
        work(&mut self.orgs.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits a moment until the node has read so far, or is on another log.
    pub async fn come_to(&self, point: Point) {
        let mut heads = self.head.subscribe();
        let before = self.head().map(|head| head.epoch);
        let there = heads.wait_for(|head| {
            head.as_ref()
                .is_some_and(|head| head.end >= point || Some(&head.epoch) != before.as_ref())
        });
        // Who is not there in time goes on from where it is: the rest comes live.
        let _ = tokio::time::timeout(PATIENCE, there).await;
    }

    /// How far the node has read; `None` before its first look.
    #[must_use]
    pub fn head(&self) -> Option<Head> {
        self.head.borrow().clone()
    }

    pub(super) fn begin(&self, head: Head) {
        self.head.send_replace(Some(head));
    }

    /// Goes on to a place without a word where nobody follows anything; whether it did. Who joins later begins behind it.
    pub(super) fn pass(&self, end: Point) -> bool {
        self.head.send_if_modified(|head| {
            let rings = [&self.everything, &self.inboxes];
            let is_followed = rings.iter().any(|ring| ring.receiver_count() > 0)
                || self.with_orgs(|orgs| orgs.values().any(|ring| ring.receiver_count() > 0));
            match head {
                Some(head) if !is_followed => {
                    head.end = end;
                    true
                }
                _ => false,
            }
        })
    }

    pub(super) fn publish(&self, entries: Vec<Arc<Entry>>, end: Point) {
        self.head.send_modify(|head| {
            self.with_orgs(|orgs| publish_by_org(orgs, &entries));
            let inboxes: Vec<_> = entries.iter().filter(|entry| is_for_inboxes(entry)).cloned().collect();
            send(&self.inboxes, inboxes);
            let speaks = |entry: &&Arc<Entry>| entry.moment.kind == EntityKind::Webhook;
            send(&self.webhooks, entries.iter().filter(speaks).cloned().collect());
            send(&self.everything, entries);
            if let Some(head) = head {
                head.end = end;
            }
        });
    }

    pub(super) fn restart(&self, new: Head) {
        self.head.send_modify(|head| {
            *head = Some(new.clone());
            let news = Arc::new(News::Restored(new));
            let orgs: Vec<Ring> = self.with_orgs(|orgs| orgs.values().cloned().collect());
            for ring in orgs.iter().chain([&self.everything, &self.webhooks, &self.inboxes]) {
                let _ = ring.send(news.clone());
            }
        });
    }
}

/// Nobody there is no failure.
fn send(ring: &Ring, entries: Vec<Arc<Entry>>) {
    if !entries.is_empty() {
        let _ = ring.send(Arc::new(News::Entries(entries)));
    }
}

/// To each org that somebody follows what happened on a path through it. Rings that nobody follows any more go.
fn publish_by_org(orgs: &mut HashMap<String, Ring>, entries: &[Arc<Entry>]) {
    orgs.retain(|_, ring| ring.receiver_count() > 0);
    if orgs.is_empty() {
        return;
    }
    let mut told: HashMap<&str, Vec<Arc<Entry>>> = HashMap::new();
    for entry in entries {
        let mut tell = |id| {
            let told = told.entry(id).or_default();
            if told.last().is_none_or(|last: &Arc<Entry>| !Arc::ptr_eq(last, entry)) {
                told.push(entry.clone());
            }
        };
        if reaches_below(entry) {
            orgs.keys().for_each(|id| tell(id));
        } else {
            let ids = entry.paths().flat_map(place::ids_on);
            ids.filter(|id| orgs.contains_key(*id)).for_each(&mut tell);
        }
    }
    for (id, entries) in told {
        if let Some(ring) = orgs.get(id) {
            send(ring, entries);
        }
    }
}

/// Whether an event may change what somebody sees of orgs below it: a move, a post, the place of a member.
fn reaches_below(entry: &Entry) -> bool {
    let moment = &entry.moment;
    moment.extent == ChangeExtent::Subtree || matches!(moment.kind, EntityKind::Appointment | EntityKind::Member)
}

fn is_for_inboxes(entry: &Entry) -> bool {
    match entry.moment.kind {
        EntityKind::InboxItem | EntityKind::Appointment => true,
        EntityKind::Organization => entry.moment.extent == ChangeExtent::Subtree,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use domain::policy::Subject;
    use domain::sync::Moment;
    use domain::vocabulary::ChangeOp;
    use serde_json::json;
    use tokio::sync::broadcast::error::TryRecvError;

    use super::*;
    use crate::store::feed::EventRow;

    fn entry(position: i64, kind: EntityKind, extent: ChangeExtent, path: &str) -> Arc<Entry> {
        Arc::new(Entry {
            row: EventRow {
                position,
                sub: 0,
                op: ChangeOp::Upsert.to_string(),
                extent: extent.to_string(),
                entity_kind: kind.to_string(),
                entity_id: format!("{position}"),
                version: None,
                organization_id: None,
                path: Some(path.to_owned()),
                old_path: None,
                member_id: None,
                fields: json!([]),
                cause: "WRITE".to_owned(),
                at: chrono::DateTime::UNIX_EPOCH,
            },
            moment: Moment {
                op: ChangeOp::Upsert,
                extent,
                kind,
                entity_id: format!("{position}"),
                subject: Subject::of(kind),
                now: None,
                before: None,
                audiences: Vec::new(),
                holding: None,
                fields: Vec::new(),
            },
        })
    }

    type Seat = broadcast::Receiver<Arc<News>>;

    /// Positions of what a seat hears now.
    fn heard(seat: &mut Seat) -> Vec<i64> {
        let mut positions = Vec::new();
        loop {
            match seat.try_recv().as_deref() {
                Ok(News::Entries(entries)) => positions.extend(entries.iter().map(|entry| entry.row.position)),
                Ok(News::Restored(_)) => positions.push(0),
                Err(TryRecvError::Empty) => return positions,
                Err(other) => panic!("{other}"),
            }
        }
    }

    fn head(position: i64) -> Head {
        Head {
            epoch: Arc::from("e"),
            end: Point::after(position),
        }
    }

    #[tokio::test]
    async fn only_what_may_concern_a_topic_is_published_under_it() {
        let hub = Hub::new(8);
        hub.begin(head(0));
        let org = |id: &str| Topic::Org(id.to_owned());
        let mut all = hub.join(&Topic::Everything).await.1;
        let mut inboxes = hub.join(&Topic::Inboxes).await.1;
        let (mut city, mut town, mut other) = (
            hub.join(&org("city")).await.1,
            hub.join(&org("town")).await.1,
            hub.join(&org("other")).await.1,
        );
        let object = ChangeExtent::Object;
        hub.publish(
            vec![
                entry(1, EntityKind::Activity, object, "/city/town/branch/"),
                entry(2, EntityKind::InboxItem, object, "/city/other/"),
                // A post at the city, a move, a member's place: they may change what is seen anywhere below.
                entry(3, EntityKind::Appointment, object, "/city/"),
                entry(4, EntityKind::Organization, ChangeExtent::Subtree, "/city/far/"),
                entry(5, EntityKind::Activity, object, "/city/other/"),
            ],
            Point::after(5),
        );
        assert_eq!(heard(&mut all), [1, 2, 3, 4, 5]);
        assert_eq!(heard(&mut inboxes), [2, 3, 4]);
        assert_eq!(heard(&mut city), [1, 2, 3, 4, 5]);
        assert_eq!(heard(&mut town), [1, 3, 4]);
        assert_eq!(heard(&mut other), [2, 3, 4, 5]);
        assert_eq!(hub.head(), Some(head(5)));
        hub.restart(head(2));
        for seat in [&mut all, &mut inboxes, &mut city, &mut town, &mut other] {
            assert_eq!(heard(seat), [0]);
        }
        drop(town);
        hub.publish(vec![entry(6, EntityKind::Activity, object, "/city/")], Point::after(6));
        assert_eq!(
            hub.with_orgs(|orgs| orgs.len()),
            2,
            "a ring that nobody follows is gone"
        );
    }

    #[tokio::test]
    async fn where_nobody_follows_what_happened_is_passed_and_who_comes_begins_behind_it() {
        let hub = Hub::new(8);
        assert!(!hub.pass(Point::after(1)), "nothing was read yet");
        hub.begin(head(0));
        let mut webhooks = hub.join(&Topic::Webhooks).await.1;
        assert!(hub.pass(Point::after(3)));
        for topic in [Topic::Everything, Topic::Inboxes, Topic::Org("town".to_owned())] {
            let (joined, _seat) = hub.join(&topic).await;
            assert_eq!(joined, head(3));
            assert!(!hub.pass(Point::after(4)), "{topic:?}");
        }
        assert!(hub.pass(Point::after(4)));
        let object = ChangeExtent::Object;
        let events = [EntityKind::Activity, EntityKind::Webhook].map(|kind| entry(5, kind, object, "/city/"));
        hub.publish(events.into(), Point::after(5));
        assert_eq!(heard(&mut webhooks), [5]);
    }
}
