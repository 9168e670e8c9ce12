//! Who attends to an alert where (一级抓一级, G3.1a): one urges the highest level below one's own, and acknowledges at one's own.

use super::action::Action;
use super::actor::Actor;
use super::decide::permit;
use super::permit::Permit;
use super::places::Place;
use super::target::Target;

/// A level that an alert has come up to: 0 is the org that did not act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level<'a> {
    pub level: i64,
    pub place: &'a Place,
}

/// The level that the actor may urge, with the permit: two levels down one asks the level between.
#[must_use]
pub fn urged<'a>(actor: &Actor, levels: &[Level<'a>]) -> Option<(Level<'a>, Permit)> {
    let mut highest = levels.to_vec();
    highest.sort_by_key(|level| std::cmp::Reverse(level.level));
    highest.into_iter().find_map(|level| {
        let permit = permit(actor, Action::UrgeObligation, &Target::at(level.place.clone()));
        Some((level, permit.ok()?))
    })
}

/// Whether the actor stands at this org: an alert is acknowledged at one's own level.
#[must_use]
pub fn stands_at(actor: &Actor, organization_id: &str) -> bool {
    actor.posts.iter().any(|held| held.org.id == organization_id)
}
