//! `changes`: the log in pages, for who keeps a copy.

use std::sync::Arc;

use domain::place;
use domain::sync::{Reach, Reader, Sight};
use domain::vocabulary::{ChangeExtent, ChangeOp, EntityKind, GapCause};

use super::catalogue::{Entry, entries};
use super::cut::{self, Part};
use super::resume::from;
use super::unfold::{Place, Unfolding};
use crate::ops::organization::Within;
use crate::ops::outcome::{Failure, Outcome};
use crate::ops::reading::Reading;
use crate::secrets::cursor::LogCursor;
use crate::store::feed::Point;
use domain::policy::{Scope, SystemScope};

/// Events that one page looks through: a page may be short, or empty, and still have more behind it.
const LOOKED_THROUGH: usize = 4_000;
const BATCH: u64 = 500;

/// A page of the log.
pub struct Delta {
    pub changes: Vec<Line>,
    /// Everything up to here was told or is none of the reader's.
    pub end: Mark,
    pub has_more: bool,
    /// Why a copy must be made anew; then there are no changes.
    pub gap: Option<GapCause>,
}

/// A place in the log, or in the telling of one of its events.
#[derive(Debug, Clone, Default)]
pub struct Mark {
    pub point: Point,
    pub inside: Option<String>,
}

impl Mark {
    fn behind(point: Point) -> Self {
        Self { point, inside: None }
    }
}

/// One line of a page.
pub struct Line {
    pub entry: Arc<Entry>,
    pub sight: Sight,
    /// Go on from here behind this line.
    pub at: Mark,
}

/// What is asked of the log.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    pub first: usize,
    pub part: Option<&'a Part>,
    pub types: Option<&'a [EntityKind]>,
}

/// Reads on from a cursor, in the snapshot of the operation. Without a cursor it begins where the log does.
///
/// # Errors
/// Not signed in, `FORBIDDEN` without any right to the log, the database is away.
pub async fn changes(reading: &Reading, after: Option<&LogCursor>, asked: Asked<'_>) -> Outcome<Delta> {
    if reading.actor.is_anonymous() {
        return Err(Failure::Unauthenticated);
    }
    let reader = Reader::new(reading.actor.clone());
    if !reader.may_follow() {
        return Err(domain::problem::ProblemCode::Forbidden.into());
    }
    reading.settle().await?;
    let gap = gap(reading, after).await?;
    let begin = after.map(from).unwrap_or_default();
    let mut page = Page {
        reading,
        reader,
        asked,
        begun: after.and_then(|cursor| cursor.inside.as_deref()).and_then(Place::read),
        delta: Delta {
            changes: Vec::new(),
            end: Mark::behind(begin),
            has_more: false,
            gap,
        },
    };
    if gap.is_some() {
        page.delta.end = Mark::behind(Point::after(reading.position()));
        return Ok(page.delta);
    }
    page.fill().await?;
    Ok(page.delta)
}

/// Why a cursor cannot be gone on from.
async fn gap(reading: &Reading, after: Option<&LogCursor>) -> Outcome<Option<GapCause>> {
    let trimmed = reading.trimmed().await?;
    Ok(match after {
        Some(cursor) if cursor.epoch != reading.epoch() => Some(GapCause::Restored),
        Some(cursor) if cursor.position > reading.position() => Some(GapCause::FromTheFuture),
        Some(cursor) if from(cursor) < Point::after(trimmed) && trimmed > 0 => Some(GapCause::Expired),
        None if trimmed > 0 => Some(GapCause::Expired),
        Some(_) | None => None,
    })
}

/// A page that is being filled.
struct Page<'a> {
    reading: &'a Reading,
    reader: Reader,
    asked: Asked<'a>,
    /// A structural event whose telling the page before began.
    begun: Option<Place>,
    delta: Delta,
}

impl Page<'_> {
    fn is_full(&self) -> bool {
        self.delta.changes.len() == self.asked.first
    }

    async fn fill(&mut self) -> Outcome<()> {
        let (mut at, mut looked) = (self.delta.end.point, 0);
        loop {
            let feed = Scope::system(SystemScope::Feed);
            let excerpt = self.reading.log_after(&feed, at, BATCH).await?;
            let (count, end) = (excerpt.events.len() + excerpt.unreadable, excerpt.end);
            for entry in entries(excerpt, self.reading.today) {
                if self.is_full() || !self.tell(Arc::new(entry)).await? {
                    self.delta.has_more = true;
                    return Ok(());
                }
            }
            at = end;
            self.delta.end = Mark::behind(end);
            looked += count;
            if (count as u64) < BATCH {
                return Ok(());
            }
            if looked >= LOOKED_THROUGH {
                self.delta.has_more = true;
                return Ok(());
            }
        }
    }

    /// Puts what an event says onto the page; false where not all of it found room.
    async fn tell(&mut self, entry: Arc<Entry>) -> Outcome<bool> {
        let (part, begun) = (self.asked.part, self.begun.take());
        let reach = match begun {
            Some(_) => cut::begun(&self.reader, &entry, part),
            None => self
                .reader
                .follows(&entry.moment)
                .then(|| cut::reach(&self.reader, &entry, part))
                .flatten(),
        };
        if let Some(reach) = reach {
            return self.unfold(entry, reach, begun).await;
        }
        let point = entry.point();
        let sight = self
            .reader
            .follows(&entry.moment)
            .then(|| cut::sight(&self.reader, &entry, part));
        // What is about a subtree is about objects of every kind in it.
        let wanted = |sight: &Sight| {
            sight.extent == ChangeExtent::Subtree || self.asked.types.is_none_or(|types| types.contains(&sight.kind))
        };
        if let Some(sight) = sight.flatten().filter(wanted) {
            let at = Mark::behind(point);
            self.delta.changes.push(Line { entry, sight, at });
        }
        self.delta.end = Mark::behind(point);
        Ok(true)
    }

    async fn unfold(&mut self, entry: Arc<Entry>, reach: Reach, begun: Option<Place>) -> Outcome<bool> {
        let unfolding = Unfolding {
            reading: self.reading,
            reach,
            part: self.asked.part,
            types: self.asked.types,
        };
        let room = self.asked.first - self.delta.changes.len();
        let (lines, all) = unfolding.lines(begun, room).await?;
        for (sight, place) in lines {
            let at = Mark {
                point: entry.point(),
                inside: place.map(|place| place.text()),
            };
            self.delta.end = at.clone();
            let entry = entry.clone();
            self.delta.changes.push(Line { entry, sight, at });
        }
        if all {
            self.delta.end = Mark::behind(entry.point());
        }
        Ok(all)
    }
}

/// The org whose subtree a copy is made anew of: the one asked for, else the highest that the reader belongs below.
#[must_use]
pub fn whole_of(reading: &Reading, within: Option<&Within>) -> Sight {
    let (Some(Within::Exactly(id) | Within::ChildrenOf(id) | Within::SubtreeOf(id)), _) = (within, ()) else {
        let actor = &reading.actor;
        let member = actor.member.iter().map(|member| &member.branch);
        let posts = actor.posts.iter().map(|post| &post.org);
        let top = posts
            .chain(member)
            .next()
            .and_then(|org| place::ids_on(&org.path).next());
        let service = actor.service.as_ref().map(|grant| grant.org.id.as_str());
        return resync(service.or(top).unwrap_or_default());
    };
    resync(id)
}

fn resync(id: &str) -> Sight {
    Sight {
        op: ChangeOp::Resync,
        extent: ChangeExtent::Subtree,
        kind: EntityKind::Organization,
        entity_id: id.to_owned(),
    }
}
