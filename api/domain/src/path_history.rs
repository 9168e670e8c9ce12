//! Where an org stood in the tree on days gone by, from its present path and the moves between parents since.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::place::{child_path, ids_on};

/// A move of one org to another parent.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Move {
    /// The first day below the new parent.
    on: NaiveDate,
    /// Where the parent of before stands today.
    old_parent_path: String,
}

/// Every move between parents, by the org that was moved; what hangs below it moved along.
#[derive(Debug, Clone, Default)]
pub struct Moves(HashMap<String, Vec<Move>>);

impl Moves {
    /// From (id of the org, first day below the new parent, path at which the parent of before stands today).
    pub fn of(moves: impl IntoIterator<Item = (String, NaiveDate, String)>) -> Self {
        let mut by_org: HashMap<String, Vec<Move>> = HashMap::new();
        for (id, on, old_parent_path) in moves {
            by_org.entry(id).or_default().push(Move { on, old_parent_path });
        }
        for moves in by_org.values_mut() {
            moves.sort_by_key(|moved| moved.on);
        }
        Self(by_org)
    }

    fn of_org(&self, id: &str) -> &[Move] {
        self.0.get(id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The path on a day of the org that stands at `path` today.
    #[must_use]
    pub fn path_on(&self, path: &str, day: NaiveDate) -> String {
        let ids: Vec<&str> = ids_on(path).collect();
        // What hangs below the lowest org that has moved since has kept its parent.
        let moved = ids.iter().enumerate().rev().find_map(|(at, id)| {
            let since = self.of_org(id).iter().find(|moved| moved.on > day)?;
            Some((at, since))
        });
        let Some((at, since)) = moved else {
            return path.to_owned();
        };
        let base = self.path_on(&since.old_parent_path, day);
        ids[at..].iter().fold(base, |path, id| child_path(Some(&path), id))
    }

    /// All paths that the org at `path` has had, each with its first day, oldest first; the first one has none.
    #[must_use]
    pub fn paths(&self, path: &str) -> Vec<(NaiveDate, String)> {
        let (mut stood, mut until, mut at) = (Vec::new(), NaiveDate::MAX, path.to_owned());
        loop {
            let moves = ids_on(&at).flat_map(|id| self.of_org(id));
            let last = moves.map(|moved| moved.on).filter(|on| *on < until).max();
            let Some((on, before)) = last.and_then(|on| Some((on, on.pred_opt()?))) else {
                stood.push((NaiveDate::MIN, at));
                stood.reverse();
                return stood;
            };
            stood.push((on, at));
            until = on;
            at = self.path_on(path, before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn moves() -> Moves {
        let moved = |id: &str, on: &str, from: &str| (id.to_owned(), day(on), from.to_owned());
        // The branch went from a to b in March; b itself went from a below c in May; the branch went on to c in July.
        Moves::of([
            moved("branch", "2026-07-01", "/city/c/b/"),
            moved("branch", "2026-03-01", "/city/a/"),
            moved("b", "2026-05-01", "/city/a/"),
        ])
    }

    #[test]
    fn a_path_is_found_for_each_day_through_moves_of_the_org_and_of_those_above() {
        let moves = moves();
        for (on, path) in [
            ("2026-02-28", "/city/a/branch/group/"),
            ("2026-03-01", "/city/a/b/branch/group/"),
            ("2026-04-30", "/city/a/b/branch/group/"),
            ("2026-05-01", "/city/c/b/branch/group/"),
            ("2026-06-30", "/city/c/b/branch/group/"),
            ("2026-07-01", "/city/c/branch/group/"),
        ] {
            assert_eq!(moves.path_on("/city/c/branch/group/", day(on)), path, "{on}");
        }
        let paths = moves.paths("/city/c/branch/");
        let days: Vec<_> = paths
            .iter()
            .skip(1)
            .map(|(from, path)| (from.to_string(), path.as_str()))
            .collect();
        assert_eq!(paths[0], (NaiveDate::MIN, "/city/a/branch/".to_owned()));
        assert_eq!(
            days,
            [
                ("2026-03-01".to_owned(), "/city/a/b/branch/"),
                ("2026-05-01".to_owned(), "/city/c/b/branch/"),
                ("2026-07-01".to_owned(), "/city/c/branch/"),
            ]
        );
    }

    #[test]
    fn who_never_moved_has_one_path() {
        assert_eq!(moves().paths("/city/a/"), [(NaiveDate::MIN, "/city/a/".to_owned())]);
    }
}
