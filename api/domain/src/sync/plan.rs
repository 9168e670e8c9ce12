use crate::audience::{Audience, audiences};
use crate::place;
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
    /// Whom a line of an inbox waits for: its addressee, in a vacancy those above who stand in.
    pub audiences: Vec<Audience>,
    /// The post that an appointment gives or takes.
    pub holding: Option<Holding>,
    /// Names of the fields that changed.
    pub fields: Vec<String>,
}

/// A post as far as it gives rights to its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    pub member_id: String,
    pub organization_id: String,
    /// Paths of the orgs elsewhere that the org of the post guides.
    pub guided: Vec<String>,
    /// Held on the day of reading.
    pub running: bool,
}

/// Whether an event lies in the part of the tree that a reader asks about: where its object stands now, and where it
/// stood before it moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inside {
    pub now: bool,
    pub before: bool,
}

/// What a structural event does to what a reader sees: of everything at and below these orgs they lose something, gain
/// something, or both. Orgs are given by their paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    pub roots: Vec<String>,
    pub lost: bool,
    pub gained: bool,
}

impl Reach {
    /// Told as a whole: forget what lies below a root, read anew what is visible there.
    #[must_use]
    pub fn sights(&self) -> Vec<Sight> {
        let ops = [(self.lost, ChangeOp::LeaveScope), (self.gained, ChangeOp::EnterScope)];
        let roots = self.roots.iter();
        roots
            .flat_map(|root| {
                let told = ops.iter().filter(|(told, _)| *told);
                told.map(|(_, op)| Sight::of_subtree(*op, root))
            })
            .collect()
    }
}

/// How a reader is told of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    pub op: ChangeOp,
    pub extent: ChangeExtent,
    pub kind: EntityKind,
    pub entity_id: String,
}

impl Sight {
    /// About everything at and below the org with this path.
    #[must_use]
    pub fn of_subtree(op: ChangeOp, root: &str) -> Self {
        Self {
            op,
            extent: ChangeExtent::Subtree,
            kind: EntityKind::Organization,
            entity_id: place::ids_on(root).next_back().unwrap_or_default().to_owned(),
        }
    }

    /// About one object.
    #[must_use]
    pub fn of_object(op: ChangeOp, kind: EntityKind, id: &str) -> Self {
        Self {
            op,
            extent: ChangeExtent::Object,
            kind,
            entity_id: id.to_owned(),
        }
    }
}

/// Fields of a member that decide what the member may see.
const PLACES_OF_A_MEMBER: [&str; 4] = ["branch", "group", "hostBranch", "status"];
/// Fields of an appointment that decide whether it is held.
const TERMS_OF_A_POST: [&str; 3] = ["post", "since", "until"];

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

    /// Whether the raw log speaks of the event to this reader at all: where it is about, or, of what went away, where that
    /// was; else who keeps a copy would keep what left.
    #[must_use]
    pub fn follows(&self, moment: &Moment) -> bool {
        let mut places = moment.now.iter().chain(&moment.before);
        places.any(|place| self.sees(Subject::Log, place))
    }

    /// What a structural event does to what this reader sees; `None` where it is about its object alone.
    #[must_use]
    pub fn reach(&self, moment: &Moment, inside: Inside) -> Option<Reach> {
        let roots = self.roots(moment)?;
        if moment.extent != ChangeExtent::Subtree {
            let ended = moment.holding.as_ref().is_none_or(|holding| !holding.running);
            return Some(Reach {
                roots,
                lost: ended,
                gained: true,
            });
        }
        let seen = |target: &Option<Target>, inside: bool| -> Vec<Subject> {
            let target = target.as_ref().filter(|_| inside);
            let all = Subject::ALL.iter().copied();
            all.filter(|subject| *subject != Subject::Log)
                .filter(|subject| target.is_some_and(|target| self.sees(*subject, target)))
                .collect()
        };
        let (before, now) = (seen(&moment.before, inside.before), seen(&moment.now, inside.now));
        let lost = before.iter().any(|subject| !now.contains(subject));
        let gained = now.iter().any(|subject| !before.contains(subject));
        (lost || gained).then_some(Reach {
            roots,
            lost,
            // Whoever is told to forget all of it is told what they still see.
            gained: !now.is_empty(),
        })
    }

    /// The orgs at and below which a structural event changes what this reader sees, whatever the change is; by path.
    #[must_use]
    pub fn roots(&self, moment: &Moment) -> Option<Vec<String>> {
        let touches = |names: &[&str]| moment.fields.iter().any(|field| names.contains(&field.as_str()));
        let now = || moment.now.iter().map(|target| target.org.path.clone());
        if moment.extent == ChangeExtent::Subtree {
            return Some(now().collect());
        }
        if let Some(holding) = &moment.holding {
            let own = self.actor.is_person(&holding.member_id) && touches(&TERMS_OF_A_POST);
            return own.then(|| now().chain(holding.guided.iter().cloned()).collect());
        }
        let own = moment.kind == EntityKind::Member
            && self.actor.is_person(&moment.entity_id)
            && (moment.before.is_some() || touches(&PLACES_OF_A_MEMBER));
        if !own {
            return None;
        }
        let before = moment.before.iter().map(|target| target.org.path.clone());
        let mut roots: Vec<String> = before.chain(now()).collect();
        roots.dedup();
        Some(roots)
    }

    /// How the reader is told of what happened to one object; `None` where it is none of theirs.
    #[must_use]
    pub fn sight(&self, moment: &Moment, inside: Inside) -> Option<Sight> {
        let op = match moment.kind {
            EntityKind::InboxItem => self.is_addressed(moment)?,
            _ => self.in_scope(moment, inside)?,
        };
        Some(Sight {
            op,
            extent: moment.extent,
            kind: moment.kind,
            entity_id: moment.entity_id.clone(),
        })
    }

    /// Whether the line of an inbox waits for this reader.
    fn is_addressed(&self, moment: &Moment) -> Option<ChangeOp> {
        let mine = moment
            .audiences
            .iter()
            .any(|audience| self.audiences.contains(audience));
        mine.then_some(moment.op)
    }

    /// Whom the lines that wait for this reader are addressed to.
    #[must_use]
    pub fn audiences(&self) -> &[Audience] {
        &self.audiences
    }

    fn in_scope(&self, moment: &Moment, inside: Inside) -> Option<ChangeOp> {
        let sees = |target: &Option<Target>| target.as_ref().is_some_and(|target| self.sees(moment.subject, target));
        let (before, now) = (inside.before && sees(&moment.before), inside.now && sees(&moment.now));
        match (moment.before.is_some(), before, now) {
            (false, _, true) | (true, true, true) => Some(moment.op),
            (true, false, true) if moment.op == ChangeOp::Delete => Some(moment.op),
            (true, false, true) => Some(ChangeOp::EnterScope),
            (true, true, false) => Some(ChangeOp::LeaveScope),
            (_, _, false) => None,
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
