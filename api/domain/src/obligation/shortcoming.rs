//! What is amiss with an org without being an obligation (spec 2): a member left out of groups, a branch too small, a
//! vacant secretary's post, terms that ended. Derived from facts, never stored.

use chrono::{Days, NaiveDate};

use crate::rulebook::terms::{BRANCH_FORMATION, REMOTE_PARTICIPATION};
use crate::rulebook::{Entry, Rulebook};
use crate::vocabulary::{Language, OrganizationKind, ShortcomingKind};

/// Entry about group meetings: what a member left out of groups misses.
const GROUP_MEETING: &str = "group-meeting";
/// Entry about responsibility at each level.
const ESCALATION: &str = "escalation";

/// What must be known about one org that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composition {
    pub kind: OrganizationKind,
    /// Whether the branch is divided into groups.
    pub has_groups: bool,
    pub full_members: u32,
    /// Members of the branch who are in no group.
    pub ungrouped_members: u32,
    /// Somebody holds the secretary's post, elected or acting.
    pub has_secretary: bool,
    /// Floating members of the branch who have no host branch: the last day for which they were offered a remote mode,
    /// and how many they are.
    pub unhosted_floating: Vec<(Option<NaiveDate>, u32)>,
    /// The earliest day on which a term of a post still held ended, if one has.
    pub term_ended_on: Option<NaiveDate>,
}

/// One thing amiss.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortcoming {
    pub kind: ShortcomingKind,
    /// How many members it is about; 0 where it is about the org.
    pub count: u32,
    /// Since when; only where a day is known.
    pub since: Option<NaiveDate>,
}

/// Everything amiss with an org on a day, in the order of [`ShortcomingKind`].
#[must_use]
pub fn shortcomings(composition: &Composition, book: &Rulebook, today: NaiveDate) -> Vec<Shortcoming> {
    let branch = composition.kind == OrganizationKind::Branch;
    let least = book.number(BRANCH_FORMATION, "full_members", today).filter(|_| branch);
    let plain = |kind| Shortcoming {
        kind,
        count: 0,
        since: None,
    };
    let mut found = Vec::new();
    if branch && composition.has_groups && composition.ungrouped_members > 0 {
        let count = composition.ungrouped_members;
        found.push(Shortcoming {
            count,
            ..plain(ShortcomingKind::MemberWithoutGroup)
        });
    }
    if least.is_some_and(|least| composition.full_members < least) {
        let count = composition.full_members;
        found.push(Shortcoming {
            count,
            ..plain(ShortcomingKind::TooFewFullMembers)
        });
    }
    // A Party group has a leader and no secretary.
    if composition.kind != OrganizationKind::PartyGroup && !composition.has_secretary {
        found.push(plain(ShortcomingKind::SecretaryVacant));
    }
    if let Some(ended) = composition.term_ended_on.filter(|ended| *ended <= today) {
        found.push(Shortcoming {
            since: Some(ended),
            ..plain(ShortcomingKind::TermEnded)
        });
    }
    let count = if branch { unreached(composition, book, today) } else { 0 };
    if count > 0 {
        found.push(Shortcoming {
            count,
            ..plain(ShortcomingKind::FloatingMemberWithoutOffer)
        });
    }
    found
}

/// Floating members who are offered neither a host branch nor, for long enough, a remote mode (G1.1e).
fn unreached(composition: &Composition, book: &Rulebook, today: NaiveDate) -> u32 {
    if book.entry_on(REMOTE_PARTICIPATION, today).is_none() {
        return 0;
    }
    let days = book.number(REMOTE_PARTICIPATION, "offer_days", today).map(u64::from);
    let earliest = days.and_then(|days| today.checked_sub_days(Days::new(days)));
    let is_old = |offered: NaiveDate| earliest.is_some_and(|earliest| offered < earliest);
    let unhosted = composition.unhosted_floating.iter();
    unhosted
        .filter(|(offered, _)| offered.is_none_or(is_old))
        .map(|(_, number)| number)
        .sum()
}

impl Shortcoming {
    /// Whether the level above has to act: it adjusts small branches and sees to secretaries.
    #[must_use]
    pub fn is_on_superior(&self) -> bool {
        match self.kind {
            ShortcomingKind::TooFewFullMembers | ShortcomingKind::SecretaryVacant => true,
            ShortcomingKind::MemberWithoutGroup
            | ShortcomingKind::TermEnded
            | ShortcomingKind::FloatingMemberWithoutOffer => false,
        }
    }

    /// The entry of a rulebook that it rests on.
    #[must_use]
    pub fn entry<'a>(&self, book: &'a Rulebook) -> Option<&'a Entry> {
        book.entry(match self.kind {
            ShortcomingKind::MemberWithoutGroup => GROUP_MEETING,
            ShortcomingKind::TooFewFullMembers => BRANCH_FORMATION,
            ShortcomingKind::SecretaryVacant | ShortcomingKind::TermEnded => ESCALATION,
            ShortcomingKind::FloatingMemberWithoutOffer => REMOTE_PARTICIPATION,
        })
    }

    /// For people; names no person.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let count = self.count;
        match (self.kind, language) {
            (ShortcomingKind::MemberWithoutGroup, Language::ZhCn) => format!("{count}名党员未编入党小组"),
            (ShortcomingKind::MemberWithoutGroup, Language::En) => format!("{count} members are in no Party group"),
            (ShortcomingKind::TooFewFullMembers, Language::ZhCn) => {
                format!("正式党员{count}名，由上级调整，可与指定支部联合开展活动")
            }
            (ShortcomingKind::TooFewFullMembers, Language::En) => {
                format!("{count} full members: a matter for the superior; it may meet jointly with a named branch")
            }
            (ShortcomingKind::SecretaryVacant, Language::ZhCn) => "书记空缺".to_owned(),
            (ShortcomingKind::SecretaryVacant, Language::En) => "nobody holds the secretary's post".to_owned(),
            (ShortcomingKind::FloatingMemberWithoutOffer, Language::ZhCn) => {
                format!("{count}名流动党员既无远程参加方式，也无接收支部")
            }
            (ShortcomingKind::FloatingMemberWithoutOffer, Language::En) => {
                format!("{count} floating members are offered neither a remote mode nor a host branch")
            }
            (ShortcomingKind::TermEnded, Language::ZhCn) => "任期届满未换届".to_owned(),
            (ShortcomingKind::TermEnded, Language::En) => "a term has ended and the post is still held".to_owned(),
        }
    }
}
