//! What each event is to rights: the subject it is read under, where its object stands now and stood before.

use chrono::NaiveDate;
use domain::audience::Audience;
use domain::place;
use domain::policy::{Ancestor, Place, Subject, Target};
use domain::sync::{Holding, Inside, Moment};
use domain::vocabulary::{ChangeExtent, ChangeOp, EntityKind, MemberStatus, OrganizationKind, Post};

pub use crate::store::feed::EventRow;
use crate::store::feed::{Excerpt, Facts, Point};
use crate::store::organization::{Organization, Within, place_of};

/// One event of the log, ready to be cut to any reader.
#[derive(Debug)]
pub struct Entry {
    pub row: EventRow,
    pub moment: Moment,
}

impl Entry {
    #[must_use]
    pub fn point(&self) -> Point {
        Point {
            position: self.row.position,
            sub: self.row.sub,
        }
    }

    /// Whether the event belongs to this part of the tree, now or before a move.
    #[must_use]
    pub fn is_within(&self, within: &Within) -> bool {
        self.paths().any(|path| holds(within, path))
    }

    /// Whether its object stands in this part of the tree, and stood there before it moved.
    #[must_use]
    pub fn inside(&self, within: Option<&Within>) -> Inside {
        let Some(within) = within else {
            return Inside {
                now: true,
                before: true,
            };
        };
        let now = match &self.moment.now {
            Some(target) => std::iter::once(&target.org)
                .chain(&target.other_orgs)
                .any(|org| holds(within, &org.path)),
            None => self.row.path.iter().any(|path| holds(within, path)),
        };
        let before = self.moment.before.as_ref();
        Inside {
            now,
            before: before.map_or(now, |target| holds(within, &target.org.path)),
        }
    }

    /// Where the object stands, where it stood when it was written of, and where it stood before it moved.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let now = self.moment.now.iter();
        now.flat_map(|target| std::iter::once(&target.org).chain(&target.other_orgs))
            .map(|org| org.path.as_str())
            .chain(self.row.path.as_deref())
            .chain(self.row.old_path.as_deref())
    }
}

/// Whether a path ends in this part of the tree.
#[must_use]
pub fn holds(within: &Within, path: &str) -> bool {
    let mut upwards = place::ids_on(path).rev();
    match within {
        Within::Exactly(id) => upwards.next() == Some(id),
        Within::ChildrenOf(id) => upwards.nth(1) == Some(id),
        Within::SubtreeOf(id) => upwards.any(|above| above == id),
    }
}

/// Reads a batch. An event that cannot be understood is left out for readers, loudly, and holds up nothing: what it
/// speaks of is in the tables.
#[must_use]
pub fn entries(excerpt: Excerpt, today: NaiveDate) -> Vec<Entry> {
    let Excerpt { events, facts, .. } = excerpt;
    let read = |row: EventRow| match moment(&row, &facts, today) {
        Some(moment) => Some(Entry { row, moment }),
        None => {
            tracing::error!(position = row.position, sub = row.sub, kind = %row.entity_kind, "an event that nobody can read");
            None
        }
    };
    events.into_iter().filter_map(read).collect()
}

fn moment(row: &EventRow, facts: &Facts, today: NaiveDate) -> Option<Moment> {
    let kind: EntityKind = row.entity_kind.parse().ok()?;
    let op: ChangeOp = if is_gone(row, kind, facts) {
        ChangeOp::Delete
    } else {
        row.op.parse().ok()?
    };
    let extent: ChangeExtent = row.extent.parse().ok()?;
    let appointment = facts.appointments.get(&row.entity_id);
    let post: Option<Post> = appointment.and_then(|appointment| appointment.post.parse().ok());
    Some(Moment {
        op,
        extent,
        kind,
        entity_id: row.entity_id.clone(),
        subject: match (kind, post) {
            (EntityKind::Appointment, Some(post)) => Subject::of_post(post),
            // What a committee resolved is read more narrowly than what the meeting of all did.
            (EntityKind::Resolution, _) => Subject::CommitteeMinutes,
            _ => Subject::of(kind),
        },
        now: target(row, kind, facts),
        before: before(row, kind, facts),
        audiences: audiences(row, facts),
        holding: appointment.map(|appointment| Holding {
            member_id: appointment.member_id.clone(),
            organization_id: appointment.organization_id.clone(),
            guided: facts
                .guided
                .get(&appointment.organization_id)
                .cloned()
                .unwrap_or_default(),
            running: appointment.since <= today && appointment.until.is_none_or(|until| until > today),
        }),
        fields: serde_json::from_value(row.fields.clone()).unwrap_or_default(),
    })
}

/// A dissolved org, and a member who left, stand in no list any more: who keeps a copy forgets them.
fn is_gone(row: &EventRow, kind: EntityKind, facts: &Facts) -> bool {
    match kind {
        EntityKind::Organization => {
            let org = facts.organizations.get(&row.entity_id);
            org.is_some_and(|org| org.dissolved_on.is_some())
        }
        EntityKind::Member => {
            let member = facts.members.get(&row.entity_id);
            member.is_some_and(|member| member.status == MemberStatus::Left.as_str())
        }
        _ => false,
    }
}

fn audiences(row: &EventRow, facts: &Facts) -> Vec<Audience> {
    let Some(audience) = facts.audiences.get(&row.entity_id) else {
        return Vec::new();
    };
    let above = match audience {
        Audience::Head(org) => facts.stand_ins.get(org).map(Vec::as_slice).unwrap_or_default(),
        Audience::Member(_) | Audience::Officers(_) => &[],
    };
    let above = above.iter().map(|org| Audience::Head(org.clone()));
    std::iter::once(audience.clone()).chain(above).collect()
}

fn target(row: &EventRow, kind: EntityKind, facts: &Facts) -> Option<Target> {
    let place = |id: &str| facts.organizations.get(id).and_then(|row| place_of(row).ok());
    let member = match kind {
        EntityKind::Member => facts.members.get(&row.entity_id),
        _ => row.member_id.as_ref().and_then(|id| facts.members.get(id)),
    };
    let home = match kind {
        EntityKind::Organization => place(&row.entity_id),
        // A person's record goes where the person is.
        EntityKind::Member => member.and_then(|member| place(&member.branch_id)),
        EntityKind::Appointment => {
            let appointment = facts.appointments.get(&row.entity_id);
            appointment.and_then(|appointment| place(&appointment.organization_id))
        }
        _ => None,
    };
    let home = home.or_else(|| row.organization_id.as_deref().and_then(place));
    // Rulebooks belong to no org: they are read by everybody or by nobody.
    let home = home.or_else(|| (kind == EntityKind::Rulebook).then(|| top(facts)).flatten())?;
    let mut target = Target::at(home);
    match kind {
        EntityKind::Member => target = target.about(row.entity_id.clone()),
        _ => target.member_id.clone_from(&row.member_id),
    }
    target.group = member.and_then(|member| member.group_id.as_deref()).and_then(place);
    target.other_side = facts
        .destinations
        .get(&row.entity_id)
        .map(String::as_str)
        .and_then(place);
    let partners = facts.partners.get(&row.entity_id).into_iter().flatten();
    target.other_orgs = partners
        .filter(|id| **id != target.org.id)
        .filter_map(|id| place(id))
        .collect();
    Some(target)
}

fn top(facts: &Facts) -> Option<Place> {
    facts.organizations.values().next().and_then(|row| place_of(row).ok())
}

/// Where an object stood that moved: the old place of an org, or the branch that a member left.
fn before(row: &EventRow, kind: EntityKind, facts: &Facts) -> Option<Target> {
    let path = row.old_path.as_deref()?;
    let ids: Vec<&str> = place::ids_on(path).collect();
    let (last, above) = ids.split_last()?;
    let ancestors: Vec<Ancestor> = above
        .iter()
        .filter_map(|id| facts.organizations.get(*id).and_then(ancestor))
        .collect();
    let org = facts.organizations.get(*last)?;
    let kind_of_org: OrganizationKind = org.kind.parse().ok()?;
    let mut place = Place::below(&ancestors, last, kind_of_org, org.guided_by.clone());
    place.path = path.to_owned();
    if kind != EntityKind::Member {
        return Some(Target::at(place));
    }
    if kind_of_org != OrganizationKind::PartyGroup {
        return Some(Target::at(place).about(row.entity_id.clone()));
    }
    // Who left a group stays in its branch.
    let branch = facts.organizations.get(ids.iter().rev().nth(1).copied()?)?;
    let target = Target::at(place_of(branch).ok()?).about(row.entity_id.clone());
    Some(target.in_group(place))
}

fn ancestor(row: &Organization) -> Option<Ancestor> {
    Some(Ancestor {
        id: row.id.clone(),
        kind: row.kind.parse().ok()?,
        approves: row.approves,
    })
}
