//! What a reader may see, as regions that the store turns into SQL and that [`Scope::contains`] mirrors.

use chrono::NaiveDate;

use super::target::Target;
use super::words::Subject;
use crate::place;

named_list! {
    /// The two grants of each subject.
    Grant {
        /// Rows: connections, filters, `totalCount`, single look-ups.
        Rows = "ROWS",
        /// Stored roll-ups of an org.
        Figures = "FIGURES",
    }
}

named_list! {
    /// The few scopes that are nobody's: each call site is listed.
    SystemScope {
        /// Find the account that signs in, keep its session.
        SignIn = "SIGN_IN",
        /// Load an actor and the facts a decision rests on.
        Rights = "RIGHTS",
        /// What the passing of a day changes.
        Tick = "TICK",
        /// Read the log before each event is cut to its reader.
        Feed = "FEED",
        Import = "IMPORT",
        /// The demo's generator.
        Demo = "DEMO",
    }
}

/// A set of rows, by place or by relation. `row.org` is the org a row belongs to, joint activities have several.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Region {
    Everything,
    /// `row.org.id =`
    Org(String),
    /// `row.org.id =`, or the group of the person concerned is this group.
    Group(String),
    /// `row.org.path` at or below.
    AtOrBelow(String),
    /// `row.org.path` strictly below.
    Below(String),
    /// Below `path` with `next_from_depth <= depth`, or `guided_by = org_id`.
    NextOf {
        path: String,
        depth: usize,
        org_id: String,
    },
    /// `row.org.approver_id =`
    ApprovedBy(String),
    /// `row.org` is no party group.
    NoGroup,
    /// The person concerned is this member or applicant.
    Person(String),
    /// This member is expected at, or took part in, the activity.
    Participant(String),
    /// The resolution is announced.
    Announced,
    /// The person concerned is, on this day, the secretary of `row.org` (of its branch, for a group).
    AboutSecretary(NaiveDate),
    /// The place of the other side (target branch of a transfer, new parent of a move) lies in this region.
    OtherSide(Box<Region>),
    /// All of these.
    All(Vec<Region>),
}

impl Region {
    /// The pure mirror of the SQL.
    #[must_use]
    pub fn contains(&self, target: &Target) -> bool {
        let orgs = || std::iter::once(&target.org).chain(&target.other_orgs);
        match self {
            Self::Everything => true,
            Self::Org(id) => orgs().any(|org| org.id == *id),
            Self::Group(id) => orgs().chain(&target.group).any(|org| org.id == *id),
            Self::AtOrBelow(path) => orgs().any(|org| org.is_at_or_below(path)),
            Self::Below(path) => orgs().any(|org| org.is_below(path)),
            Self::NextOf { path, depth, org_id } => orgs().any(|org| org.is_next_of(path, *depth, org_id)),
            Self::ApprovedBy(id) => orgs().any(|org| org.approver_id.as_deref() == Some(id)),
            Self::NoGroup => orgs().any(|org| org.kind != crate::vocabulary::OrganizationKind::PartyGroup),
            Self::Person(id) => target.member_id.as_deref() == Some(id),
            Self::Participant(id) => target.participants.iter().any(|participant| participant == id),
            Self::Announced => target.announced,
            Self::AboutSecretary(_) => target.headship().is_some(),
            Self::OtherSide(region) => target
                .other_side
                .as_ref()
                .is_some_and(|side| region.contains(&Target::at(side.clone()))),
            Self::All(regions) => regions.iter().all(|region| region.contains(target)),
        }
    }

    /// Whether every row of every org at or below a path is in it, whatever else the row is.
    fn covers(&self, path: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::AtOrBelow(top) => place::is_within(path, top),
            Self::All(regions) => regions.iter().all(|region| region.covers(path)),
            _ => false,
        }
    }

    /// Whether it is a set of orgs, so that figures of an org can be asked for it.
    pub(super) fn is_of_orgs(&self) -> bool {
        match self {
            Self::Everything
            | Self::Org(_)
            | Self::Group(_)
            | Self::AtOrBelow(_)
            | Self::Below(_)
            | Self::NextOf { .. }
            | Self::ApprovedBy(_)
            | Self::NoGroup => true,
            Self::Person(_) | Self::Participant(_) | Self::Announced | Self::AboutSecretary(_) | Self::OtherSide(_) => {
                false
            }
            Self::All(regions) => regions.iter().all(Self::is_of_orgs),
        }
    }

    /// Who sees everything below an org sees the sum that stands at its top.
    pub(super) fn with_sum_at_top(self) -> Self {
        match self {
            Self::Below(path) => Self::AtOrBelow(path),
            other => other,
        }
    }
}

/// For whom and what a scope was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeOrigin {
    Policy(Subject, Grant),
    System(SystemScope),
}

/// What a reader may see of one subject. Only [`super::decide::scope`] and [`Scope::system`] make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    origin: ScopeOrigin,
    regions: Vec<Region>,
}

impl Scope {
    /// Sorted, without repetition; `Everything` swallows the rest.
    pub(super) fn of(subject: Subject, grant: Grant, mut regions: Vec<Region>) -> Self {
        if regions.contains(&Region::Everything) {
            regions = vec![Region::Everything];
        }
        regions.sort();
        regions.dedup();
        Self {
            origin: ScopeOrigin::Policy(subject, grant),
            regions,
        }
    }

    /// One of the few scopes that are nobody's. It sees everything.
    #[must_use]
    pub fn system(name: SystemScope) -> Self {
        Self {
            origin: ScopeOrigin::System(name),
            regions: vec![Region::Everything],
        }
    }

    #[must_use]
    pub fn origin(&self) -> ScopeOrigin {
        self.origin
    }

    /// A row is visible if it lies in any of these; none: nothing is visible.
    #[must_use]
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.regions.is_empty()
    }

    #[must_use]
    pub fn contains(&self, target: &Target) -> bool {
        self.regions.iter().any(|region| region.contains(target))
    }

    /// Whether one of its regions has everything at and below a path: then no row there need be looked at by itself.
    #[must_use]
    pub fn covers(&self, path: &str) -> bool {
        self.regions.iter().any(|region| region.covers(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_asks_for_more_than_a_place_covers_no_path() {
        let at_or_below = || Region::AtOrBelow("/a/b/".to_owned());
        let covers = |region: Region, path| region.covers(path);
        assert!(covers(at_or_below(), "/a/b/"));
        assert!(covers(at_or_below(), "/a/b/c/"));
        assert!(!covers(at_or_below(), "/a/"));
        assert!(!covers(Region::Below("/a/b/".to_owned()), "/a/b/"));
        assert!(covers(Region::All(vec![at_or_below(), Region::Everything]), "/a/b/"));
        assert!(!covers(Region::All(vec![at_or_below(), Region::NoGroup]), "/a/b/"));
        let elsewhere = Region::OtherSide(Box::new(Region::Everything));
        assert!(!covers(Region::All(vec![at_or_below(), elsewhere]), "/a/b/"));
    }
}
