//! The decisions: what a reader's scope is, and whether an act is permitted.

use super::action::{Action, Demand};
use super::actor::Actor;
use super::footing::{Held, rights_held};
use super::permit::{ActedIn, Permit, Refusal, RefusalCode};
use super::scope::{Grant, Scope};
use super::table::TABLE;
use super::target::Target;
use super::words::{Holder, Right, Subject, Where};
use crate::vocabulary::Post;

/// What an actor may read of a subject: the union over their posts, membership and scopes.
#[must_use]
pub fn scope(actor: &Actor, subject: Subject, grant: Grant) -> Scope {
    let held = rights_held(actor, subject);
    let regions = held.into_iter();
    let regions = match grant {
        Grant::Rows => regions
            .filter(|held| held.right != Right::Figures)
            .map(|held| held.region)
            .collect(),
        // Whoever reads the rows of an org reads their sum.
        Grant::Figures => regions
            .map(|held| held.region)
            .filter(super::Region::is_of_orgs)
            .map(super::Region::with_sum_at_top)
            .collect(),
    };
    Scope::of(subject, grant, regions)
}

/// Where an actor may look somebody up by a sealed field: only rows whose value they see or may reveal, so that no
/// search tells more than a reveal.
#[must_use]
pub fn searchable(actor: &Actor, subject: Subject) -> Scope {
    let held = rights_held(actor, subject).into_iter().filter(|held| match held.right {
        Right::Read => true,
        Right::Reveal => !held.post.is_some_and(super::HeldPost::is_clerk),
        Right::Masked
        | Right::Figures
        | Right::Ask
        | Right::Draft
        | Right::Record
        | Right::Opine
        | Right::Acknowledge
        | Right::DecideLeave
        | Right::Receive
        | Right::Urge
        | Right::Decide => false,
    });
    Scope::of(subject, Grant::Rows, held.map(|held| held.region).collect())
}

/// Whether the actor may do this to the target, decided against the facts as loaded in the same transaction.
///
/// # Errors
/// The refusal that is nearest to a permit; [`Refusal::hides_the_object`] tells `NOT_FOUND` from `FORBIDDEN`.
pub fn permit(actor: &Actor, action: Action, target: &Target) -> Result<Permit, Refusal> {
    let demand = action.demand();
    let refuse = |code| Err(refusal(code, demand));
    let held = rights_held(actor, demand.subject);
    let mut nearest = RefusalCode::MissingRight;
    for held in held
        .iter()
        .filter(|held| held.right.confers(demand.right) && reaches(held, demand.right, target))
    {
        match obstacle(actor, held, demand.right, target) {
            Some(code) => nearest = nearest.max(code),
            None if demand.collective && !target.decided_collectively => {
                return refuse(RefusalCode::CollectiveDecisionRequired);
            }
            None => return Ok(issue(actor, action, held, target)),
        }
    }
    if actor.is_anonymous() {
        return refuse(RefusalCode::NotSignedIn);
    }
    if nearest == RefusalCode::MissingRight {
        nearest = without_reach(actor, &held, demand, target);
    }
    refuse(nearest)
}

/// For `viewerCan`: whether the act is open to the actor, and why not. A decision still to be entered is no obstacle.
#[must_use]
pub fn can(actor: &Actor, action: Action, target: &Target) -> (bool, Vec<Refusal>) {
    match permit(actor, action, &target.clone().decided_collectively()) {
        Ok(_) => (true, Vec::new()),
        Err(refusal) => (false, vec![refusal]),
    }
}

/// How a field that is masked by default stands to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    Hidden,
    Masked,
    Plain,
}

/// How a target's fields of a subject ([`Subject::Identity`], [`Subject::Phone`]) stand to the actor. Only a plain
/// `R` of the table shows the value; whoever writes, decides or may reveal still gets it masked.
#[must_use]
pub fn visibility(actor: &Actor, subject: Subject, target: &Target) -> Visibility {
    let held = rights_held(actor, subject);
    let mut seen = held
        .iter()
        .filter(|held| held.right != Right::Figures && held.region.contains(target))
        .peekable();
    if seen.peek().is_none() {
        Visibility::Hidden
    } else if seen.any(|held| held.right == Right::Read) {
        Visibility::Plain
    } else {
        Visibility::Masked
    }
}

/// Whether a right reaches the target. Reading reaches every org of a joint activity, acting only the one it
/// belongs to; and where somebody stands in, only while nobody nearer can.
fn reaches(held: &Held<'_>, wanted: Right, target: &Target) -> bool {
    if wanted == Right::Read {
        return held.region.contains(target);
    }
    let lead = Target {
        other_orgs: Vec::new(),
        ..target.clone()
    };
    held.region.contains(&lead)
        && match held.place {
            Where::OwnNotSecretary => target.headship().is_none(),
            Where::StandsInForNext => target.headship().is_some_and(|headed| !headed.has_deputy),
            Where::City
            | Where::Myself
            | Where::OwnBranch
            | Where::OwnOrgs
            | Where::OwnOrgsAnnounced
            | Where::OwnBranchSecretary
            | Where::RegisteredAt
            | Where::Own
            | Where::GroupPeople
            | Where::OwnParticipant
            | Where::OwnGroups
            | Where::OwnOrgans
            | Where::Next
            | Where::NextOrgs
            | Where::NextHeadOnly
            | Where::SecretariesOfNext
            | Where::Below
            | Where::AtOrBelow
            | Where::SecretariesOfBelow
            | Where::Approver
            | Where::TransferTarget
            | Where::BothSidesNext
            | Where::BothSidesBelow
            | Where::BothParents
            | Where::Participant => true,
        }
}

/// What stands between a right that reaches and the act.
fn obstacle(actor: &Actor, held: &Held<'_>, wanted: Right, target: &Target) -> Option<RefusalCode> {
    if is_own_matter(actor, target) && wanted.is_barred_in_own_matter() {
        return Some(RefusalCode::OwnMatter);
    }
    let post = held.post?;
    if post.is_clerk() && wanted.is_beyond_clerks() {
        return Some(RefusalCode::ClerkDecides);
    }
    let by_head = matches!(held.holder, Holder::Officers | Holder::Superior) && wanted.is_decision();
    let deputising = post.post == Post::DeputySecretary && target.concerns_head_of(&post.org.id);
    (by_head && !post.is_head() && !deputising).then_some(RefusalCode::HeadOnly)
}

fn is_own_matter(actor: &Actor, target: &Target) -> bool {
    target
        .member_id
        .as_deref()
        .is_some_and(|person| actor.is_person(person))
}

/// Why nothing reaches: not visible; an own matter of whoever else would decide; visible to a clerk; or no right.
fn without_reach(actor: &Actor, held: &[Held<'_>], demand: Demand, target: &Target) -> RefusalCode {
    let sees = |subject| scope(actor, subject, Grant::Rows).contains(target);
    let visible = target.shown || [demand.subject, demand.seen_through].into_iter().any(sees);
    let in_post = || {
        let reaching = held
            .iter()
            .filter(|held| held.right != Right::Figures && held.region.contains(target));
        reaching.filter_map(|held| held.post)
    };
    if !visible {
        RefusalCode::NotVisible
    } else if demand.right.is_beyond_clerks() && in_post().any(super::HeldPost::is_clerk) {
        RefusalCode::ClerkDecides
    } else if demand.right.is_decision() && is_own_matter(actor, target) && in_post().next().is_some() {
        RefusalCode::OwnMatter
    } else {
        RefusalCode::MissingRight
    }
}

fn refusal(code: RefusalCode, demand: Demand) -> Refusal {
    let row = TABLE.iter().find(|row| row.subject == demand.subject);
    let cells = row.map_or(&[][..], |row| row.cells);
    let confers = |(right, _): &&(Right, Where)| right.confers(demand.right);
    let mut places: Vec<Where> = cells
        .iter()
        .flat_map(|cell| cell.1.iter().filter(confers))
        .map(|(_, place)| *place)
        .collect();
    places.sort();
    places.dedup();
    let holders = cells.iter().filter(|cell| cell.1.iter().any(|right| confers(&right)));
    Refusal {
        code,
        subject: demand.subject,
        right: demand.right,
        places,
        holders: holders.map(|cell| cell.0).collect(),
    }
}

fn issue(actor: &Actor, action: Action, held: &Held<'_>, target: &Target) -> Permit {
    Permit {
        action: Some(action),
        system: None,
        account_id: (!actor.is_anonymous()).then(|| actor.account_id.clone()),
        member_id: actor.member_id().map(str::to_owned),
        post: held.post.map(|post| ActedIn {
            appointment_id: post.appointment_id.clone(),
            post: post.post,
            org_id: post.org.id.clone(),
        }),
        org_id: Some(target.org.id.clone()),
    }
}
