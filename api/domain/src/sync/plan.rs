use crate::audience::{Audience, audiences};
use crate::policy::actor::Actor;
use crate::policy::{Grant, Scope, Subject, Target, scope};
use crate::vocabulary::{ChangeExtent, ChangeOp, EntityKind};

/// Somebody who reads the log, with all that decides what they see, worked out once.
#[derive(Debug, Clone)]
pub struct Reader {
    pub actor: Actor,
    scopes: Vec<Scope>,
    audiences: Vec<Audience>,
    /// Of which orgs the reader may see the figures.
    sums: Scope,
}

/// An event of the log with what rights need to know about it, as the facts stand now.
#[derive(Debug, Clone)]
pub struct Moment {
    pub op: ChangeOp,
    pub extent: ChangeExtent,
    pub kind: EntityKind,
    pub entity_id: String,
    /// The subject that the entity is read under.
    pub subject: Subject,
    /// Where the entity stands now.
    pub now: Option<Target>,
    /// Where it stood before it moved.
    pub before: Option<Target>,
    /// Whom a line of an inbox is addressed to.
    pub audience: Option<Audience>,
    /// The post that an appointment gives or takes.
    pub holding: Option<Holding>,
}

/// A post as far as it gives rights to its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    pub member_id: String,
    pub organization_id: String,
    /// Held on the day of reading.
    pub running: bool,
}

/// How a reader is told of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    pub op: ChangeOp,
    pub extent: ChangeExtent,
    pub kind: EntityKind,
    pub entity_id: String,
}

impl Reader {
    #[must_use]
    pub fn new(actor: Actor) -> Self {
        Self {
            scopes: Subject::ALL
                .iter()
                .map(|subject| scope(&actor, *subject, Grant::Rows))
                .collect(),
            audiences: audiences(&actor),
            sums: scope(&actor, Subject::Obligations, Grant::Figures),
            actor,
        }
    }

    /// Whether this reader may follow the log at all.
    #[must_use]
    pub fn may_follow(&self) -> bool {
        self.scope(Subject::Log).is_some_and(|scope| !scope.is_empty())
    }

    /// Whether the reader may see figures that the event is counted in.
    #[must_use]
    pub fn sees_sum(&self, moment: &Moment) -> bool {
        let mut places = moment.now.iter().chain(&moment.before);
        places.any(|place| self.sums.contains(place))
    }

    /// How the raw log tells a reader of a change: what they themselves may reach, else what they may see of it, as far as
    /// they may follow the log there.
    #[must_use]
    pub fn told(&self, moment: &Moment) -> Option<Sight> {
        let place = moment.now.as_ref().or(moment.before.as_ref())?;
        if !self.sees(Subject::Log, place) {
            return None;
        }
        self.own_reach(moment).or_else(|| self.sight(moment))
    }

    /// How the reader is told of a change; `None` where it is none of theirs.
    #[must_use]
    pub fn sight(&self, moment: &Moment) -> Option<Sight> {
        let (op, extent) = match moment.kind {
            EntityKind::InboxItem => (self.is_addressed(moment)?, ChangeExtent::Object),
            _ => self.in_scope(moment)?,
        };
        Some(Sight {
            op,
            extent,
            kind: moment.kind,
            entity_id: moment.entity_id.clone(),
        })
    }

    /// How the reader is told when an event changes what they themselves may see: a post that was given or taken. Told
    /// instead of the appointment itself, whose row is among what is to be read anew.
    #[must_use]
    pub fn own_reach(&self, moment: &Moment) -> Option<Sight> {
        let holding = moment.holding.as_ref()?;
        self.actor.is_person(&holding.member_id).then(|| Sight {
            op: if holding.running {
                ChangeOp::EnterScope
            } else {
                ChangeOp::LeaveScope
            },
            extent: ChangeExtent::Subtree,
            kind: EntityKind::Organization,
            entity_id: holding.organization_id.clone(),
        })
    }

    /// Whether the line of an inbox waits for this reader.
    fn is_addressed(&self, moment: &Moment) -> Option<ChangeOp> {
        let audience = moment.audience.as_ref()?;
        self.audiences.contains(audience).then_some(moment.op)
    }

    fn in_scope(&self, moment: &Moment) -> Option<(ChangeOp, ChangeExtent)> {
        if moment.extent == ChangeExtent::Subtree {
            return self.of_subtree(moment).map(|op| (op, ChangeExtent::Subtree));
        }
        let sees = |target: &Option<Target>| target.as_ref().is_some_and(|target| self.sees(moment.subject, target));
        let (before, now) = (sees(&moment.before), sees(&moment.now));
        let op = match (moment.before.is_some(), before, now) {
            (false, _, true) | (true, true, true) => moment.op,
            (true, false, true) => ChangeOp::EnterScope,
            (true, true, false) => ChangeOp::LeaveScope,
            (_, _, false) => return None,
        };
        Some((op, ChangeExtent::Object))
    }

    /// A subtree moved: everything that hangs on its orgs is gained, lost, partly both, or stays.
    fn of_subtree(&self, moment: &Moment) -> Option<ChangeOp> {
        let seen = |target: &Option<Target>| -> Vec<Subject> {
            let Some(target) = target else { return Vec::new() };
            let all = Subject::ALL.iter().copied();
            all.filter(|subject| *subject != Subject::Log && self.sees(*subject, target))
                .collect()
        };
        let (before, now) = (seen(&moment.before), seen(&moment.now));
        match (before.is_empty(), now.is_empty()) {
            (true, true) => None,
            (true, false) => Some(ChangeOp::EnterScope),
            (false, true) => Some(ChangeOp::LeaveScope),
            (false, false) if before == now => Some(moment.op),
            (false, false) => Some(ChangeOp::Resync),
        }
    }

    fn sees(&self, subject: Subject, target: &Target) -> bool {
        self.scope(subject).is_some_and(|scope| scope.contains(target))
    }

    fn scope(&self, subject: Subject) -> Option<&Scope> {
        let at = Subject::ALL.iter().position(|other| *other == subject)?;
        self.scopes.get(at)
    }
}
