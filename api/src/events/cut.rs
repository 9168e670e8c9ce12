//! An event cut to one reader, and to the part of the tree that they ask about.

use domain::place;
use domain::sync::{Inside, Reach, Reader, Sight};

use super::catalogue::{Entry, holds};
use crate::ops::organization::Within;

/// A part of the tree, with the place of its org.
#[derive(Debug, Clone)]
pub struct Part {
    pub within: Within,
    pub path: String,
}

impl Part {
    /// The part of a subtree that lies in this part, by the path of its top; `None` where none does.
    fn cut(&self, root: &str) -> Option<String> {
        if holds(&self.within, root) {
            Some(root.to_owned())
        } else if place::is_within(&self.path, root) {
            Some(self.path.clone())
        } else {
            None
        }
    }
}

fn within(part: Option<&Part>) -> Option<&Within> {
    part.map(|part| &part.within)
}

fn cut(roots: Vec<String>, part: Option<&Part>) -> Vec<String> {
    match part {
        Some(part) => roots.iter().filter_map(|root| part.cut(root)).collect(),
        None => roots,
    }
}

/// What a structural event does to what the reader sees of the part; `None` where it is no such event for them.
#[must_use]
pub fn reach(reader: &Reader, entry: &Entry, part: Option<&Part>) -> Option<Reach> {
    let inside = entry.inside(within(part));
    let reach = reader.reach(&entry.moment, inside)?;
    if has_left(inside) {
        // What belongs to an org of the part as well stays: a joint activity.
        return Some(Reach { gained: true, ..reach });
    }
    let roots = cut(reach.roots, part);
    (!roots.is_empty()).then_some(Reach { roots, ..reach })
}

fn has_left(inside: Inside) -> bool {
    inside.before && !inside.now
}

/// Where the telling of a structural event goes on that was begun, whatever rights say by now.
#[must_use]
pub fn begun(reader: &Reader, entry: &Entry, part: Option<&Part>) -> Option<Reach> {
    let roots = reader.roots(&entry.moment)?;
    let roots = if has_left(entry.inside(within(part))) {
        roots
    } else {
        cut(roots, part)
    };
    Some(Reach {
        roots,
        lost: false,
        gained: true,
    })
}

/// How the reader is told of what happened to one object.
#[must_use]
pub fn sight(reader: &Reader, entry: &Entry, part: Option<&Part>) -> Option<Sight> {
    let inside = entry.inside(within(part));
    (inside.now || inside.before)
        .then(|| reader.sight(&entry.moment, inside))
        .flatten()
}

/// How the raw log tells a reader of an event: what it does to their reach, else what they may see of it.
#[must_use]
pub fn told(reader: &Reader, entry: &Entry, part: Option<&Part>) -> Vec<Sight> {
    if !reader.follows(&entry.moment) {
        return Vec::new();
    }
    match reach(reader, entry, part) {
        Some(reach) if has_left(entry.inside(within(part))) => Reach { gained: false, ..reach }.sights(),
        Some(reach) => reach.sights(),
        None => sight(reader, entry, part).into_iter().collect(),
    }
}
