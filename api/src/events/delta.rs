//! `changes`: the log in pages, for who keeps a copy.

use domain::place;
use domain::sync::{Reader, Sight};
use domain::vocabulary::{ChangeExtent, ChangeOp, EntityKind, GapCause};

use super::catalogue::{Entry, entries};
use crate::ops::organization::Within;
use crate::ops::outcome::{Failure, Outcome};
use crate::ops::reading::Reading;
use crate::secrets::cursor::LogCursor;
use crate::store::feed::{EventRow, Point};
use domain::policy::{Scope, SystemScope};

/// Events that one page looks through: a page may be short, or empty, and still have more behind it.
const LOOKED_THROUGH: usize = 4_000;
const BATCH: u64 = 500;

/// A page of the log.
pub struct Delta {
    pub changes: Vec<(EventRow, Sight)>,
    /// Everything up to here was told or is none of the reader's.
    pub end: Point,
    pub has_more: bool,
    /// Why a copy must be made anew; then there are no changes.
    pub gap: Option<GapCause>,
}

/// Reads on from a cursor, in the snapshot of the operation. Without a cursor it begins where the log does.
///
/// # Errors
/// Not signed in, `FORBIDDEN` without any right to the log, the database is away.
pub async fn changes(
    reading: &Reading,
    after: Option<&LogCursor>,
    first: usize,
    within: Option<&Within>,
    types: Option<&[EntityKind]>,
) -> Outcome<Delta> {
    if reading.actor.is_anonymous() {
        return Err(Failure::Unauthenticated);
    }
    let reader = Reader::new(reading.actor.clone());
    if !reader.may_follow() {
        return Err(domain::problem::ProblemCode::Forbidden.into());
    }
    let (position, trimmed) = (reading.position(), reading.trimmed().await?);
    let gap = match after {
        Some(cursor) if cursor.epoch != reading.epoch() => Some(GapCause::Restored),
        Some(cursor) if cursor.position > position => Some(GapCause::FromTheFuture),
        Some(cursor) if cursor.position < trimmed => Some(GapCause::Expired),
        None if trimmed > 0 => Some(GapCause::Expired),
        Some(_) | None => None,
    };
    let mut delta = Delta {
        changes: Vec::new(),
        end: after.map_or(Point::default(), |cursor| Point {
            position: cursor.position,
            sub: cursor.sub,
        }),
        has_more: false,
        gap,
    };
    if gap.is_some() {
        delta.end = Point::after(position);
        return Ok(delta);
    }
    let wanted = |entry: &Entry| {
        let inside = within.is_none_or(|within| entry.is_within(within));
        let sight = inside.then(|| reader.told(&entry.moment)).flatten()?;
        // What is about a subtree is about objects of every kind in it.
        let kind = sight.extent == ChangeExtent::Subtree || types.is_none_or(|types| types.contains(&sight.kind));
        kind.then_some(sight)
    };
    let mut looked = 0;
    loop {
        let excerpt = reading
            .log_after(&Scope::system(SystemScope::Feed), delta.end, BATCH)
            .await?;
        let (count, end) = (excerpt.events.len(), excerpt.end);
        for entry in entries(excerpt, reading.today) {
            if delta.changes.len() == first {
                delta.has_more = true;
                return Ok(delta);
            }
            delta.end = entry.point();
            if let Some(sight) = wanted(&entry) {
                delta.changes.push((entry.row, sight));
            }
        }
        delta.end = end;
        looked += count;
        if (count as u64) < BATCH {
            return Ok(delta);
        }
        if looked >= LOOKED_THROUGH {
            delta.has_more = true;
            return Ok(delta);
        }
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
