//! A structural event row by row: `LEAVE_SCOPE` for each subtree of which something was lost, then `ENTER_SCOPE` for every
//! row that is visible there now, page by page; above a size one `RESYNC`.
//!
//! Where a page ends in the middle, its cursor says how far the telling has come. Rows that appear or go between two pages
//! have events of their own further on.

use domain::sync::{Reach, Sight};
use domain::vocabulary::{ChangeOp, EntityKind};

use super::cut::Part;
use crate::ops::outcome::Outcome;
use crate::ops::reading::Reading;
use crate::ops::unfolding::{Area, KINDS};

/// Rows that are told one by one; a subtree with more of them is read anew.
const MOST: usize = 2_000;

/// How far the telling of one event has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    root: usize,
    /// The kind and the id of the row told last; none right behind the `LEAVE_SCOPE`.
    row: Option<(EntityKind, String)>,
}

impl Place {
    /// As a cursor carries it.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.row {
            Some((kind, id)) => format!("{}:{kind}:{id}", self.root),
            None => format!("{}", self.root),
        }
    }

    /// Reads what a cursor carries; a cursor is sealed, so it is ours.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ':');
        let root = parts.next()?.parse().ok()?;
        let row = match (parts.next(), parts.next()) {
            (Some(kind), Some(id)) => Some((kind.parse().ok()?, id.to_owned())),
            _ => None,
        };
        Some(Self { root, row })
    }
}

/// Lines of one structural event, each with where the telling stands behind it; `None` behind the last.
pub type Lines = Vec<(Sight, Option<Place>)>;

/// What is asked for.
pub struct Unfolding<'a> {
    pub reading: &'a Reading,
    pub reach: Reach,
    pub part: Option<&'a Part>,
    pub types: Option<&'a [EntityKind]>,
}

impl Unfolding<'_> {
    /// Up to `most` lines from a place on, and whether that was all.
    ///
    /// # Errors
    /// The database is away.
    pub async fn lines(&self, begin: Option<Place>, most: usize) -> Outcome<(Lines, bool)> {
        let mut lines: Lines = Vec::new();
        let first = begin.as_ref().map_or(0, |place| place.root);
        let mut begin = begin;
        for (root, path) in self.reach.roots.iter().enumerate().skip(first) {
            let from = begin.take();
            if from.is_none() {
                if lines.len() == most {
                    return Ok((lines, false));
                }
                if self.is_large(path).await? {
                    lines.push((Sight::of_subtree(ChangeOp::Resync, path), self.behind(root)));
                    continue;
                }
                if self.reach.lost {
                    let place = Place { root, row: None };
                    lines.push((Sight::of_subtree(ChangeOp::LeaveScope, path), Some(place)));
                }
            }
            if self.reach.gained && !self.rows(&mut lines, (root, path), from, most).await? {
                return Ok((lines, false));
            }
        }
        if let Some((_, place)) = lines.last_mut() {
            *place = None;
        }
        Ok((lines, true))
    }

    /// Behind a root of which nothing more is told: the next one begins anew.
    fn behind(&self, root: usize) -> Option<Place> {
        let last = KINDS.last().map(|kind| (*kind, "~".to_owned()));
        Some(Place { root, row: last })
    }

    fn area<'b>(&'b self, path: &'b str) -> Area<'b> {
        Area {
            root: path,
            part: self.part.map(|part| (&part.within, part.path.as_str())),
        }
    }

    fn kinds(&self) -> impl Iterator<Item = EntityKind> {
        let asked = |kind: &EntityKind| self.types.is_none_or(|types| types.contains(kind));
        KINDS.iter().copied().filter(asked)
    }

    /// The rows of one root, as many as there is room for; false where more are left.
    async fn rows(
        &self,
        lines: &mut Lines,
        (root, path): (usize, &str),
        from: Option<Place>,
        most: usize,
    ) -> Outcome<bool> {
        let (told, mut after) = match from.and_then(|place| place.row) {
            Some((kind, id)) => (KINDS.iter().position(|one| *one == kind).unwrap_or_default(), id),
            None => (0, String::new()),
        };
        for (at, kind) in KINDS.iter().enumerate().skip(told) {
            let behind = if at == told {
                std::mem::take(&mut after)
            } else {
                String::new()
            };
            if !self.kinds().any(|asked| asked == *kind) {
                continue;
            }
            let room = most - lines.len();
            let ids = self
                .reading
                .visible_ids(*kind, &self.area(path), (&behind, room + 1))
                .await?;
            let more = ids.len() > room;
            lines.extend(ids.into_iter().take(room).map(|id| {
                let sight = Sight::of_object(ChangeOp::EnterScope, *kind, &id);
                let row = Some((*kind, id));
                (sight, Some(Place { root, row }))
            }));
            if more {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn is_large(&self, path: &str) -> Outcome<bool> {
        if !self.reach.gained {
            return Ok(false);
        }
        let mut rows = 0;
        for kind in self.kinds() {
            let room = MOST - rows + 1;
            rows += self
                .reading
                .visible_ids(kind, &self.area(path), ("", room))
                .await?
                .len();
            if rows > MOST {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
