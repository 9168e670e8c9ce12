//! From an actor to the cells of the table that are theirs, each with the region it reaches.

use super::actor::{Actor, ActorMember, HeldPost};
use super::places::Place;
use super::scope::Region;
use super::table::{RECORDED_BY_IMPORTS, TABLE, opened_by};
use super::words::{Holder, Right, Subject, Where};
use crate::vocabulary::{AccountKind, OrganizationKind, Post, ServiceScope};

/// One right that an actor holds on a subject.
#[derive(Debug)]
pub(super) struct Held<'a> {
    pub(super) holder: Holder,
    pub(super) right: Right,
    pub(super) place: Where,
    pub(super) region: Region,
    pub(super) post: Option<&'a HeldPost>,
}

/// As what an actor stands there: a column, and the post it comes from.
type Footing<'a> = (Holder, Option<&'a HeldPost>);

/// All rights an actor holds on a subject, those from posts first.
pub(super) fn rights_held(actor: &Actor, subject: Subject) -> Vec<Held<'_>> {
    let cells = || {
        TABLE
            .iter()
            .filter(|row| row.subject == subject)
            .flat_map(|row| row.cells)
    };
    let mut held = Vec::new();
    for (holder, post) in footings(actor) {
        for (right, place) in cells().filter(|cell| cell.0 == holder).flat_map(|cell| cell.1) {
            for region in regions(*place, actor, post) {
                held.push(Held {
                    holder,
                    right: *right,
                    place: *place,
                    region,
                    post,
                });
            }
        }
    }
    held.extend(service_rights(actor, subject));
    held
}

fn service_rights(actor: &Actor, subject: Subject) -> Vec<Held<'_>> {
    let Some(service) = actor.service.as_ref().filter(|_| actor.kind == AccountKind::Service) else {
        return Vec::new();
    };
    let opened = service
        .scopes
        .iter()
        .flat_map(|scope| opened_by(*scope))
        .filter(|opened| opened.0 == subject);
    // What is told to another program, and evaluated with its rights, is never this one's to change.
    let (place, region) = match subject {
        Subject::Webhooks => (Where::Myself, Region::Person(actor.account_id.clone())),
        _ => (Where::AtOrBelow, Region::AtOrBelow(service.org.path.clone())),
    };
    let own = opened.map(|(_, right)| (*right, place, region.clone()));
    let imports = service.importing && service.scopes.contains(&ServiceScope::ImportsRun);
    let recorded = RECORDED_BY_IMPORTS
        .iter()
        .filter(|recorded| imports && recorded.0 == subject);
    let recorded = recorded.map(|(_, place)| (Right::Decide, *place, recorded_at(*place, &service.org.path)));
    own.chain(recorded)
        .map(|(right, place, region)| Held {
            holder: Holder::ServiceAccount,
            right,
            place,
            region,
            post: None,
        })
        .collect()
}

/// Where an import records decisions, from the org of its account.
fn recorded_at(place: Where, path: &str) -> Region {
    let (below, at_or_below) = (|| Region::Below(path.to_owned()), || Region::AtOrBelow(path.to_owned()));
    match place {
        Where::BothParents => both(below(), at_or_below()),
        Where::AtOrBelow => at_or_below(),
        _ => below(),
    }
}

fn footings(actor: &Actor) -> Vec<Footing<'_>> {
    let mut footings = Vec::new();
    match actor.kind {
        AccountKind::Service => {}
        AccountKind::Administrator => footings.push((Holder::Administrator, None)),
        AccountKind::Person => {
            for post in &actor.posts {
                footings.extend(columns(post).iter().map(|holder| (*holder, Some(post))));
            }
            footings.extend(actor.member.iter().map(|_| (Holder::Member, None)));
            if actor.applicant_id.is_some() {
                footings.push((Holder::Activist, None));
            }
        }
    }
    footings.push((Holder::Anybody, None));
    footings
}

/// The columns a post stands in. A branch is no superior: its groups are its own.
fn columns(held: &HeldPost) -> &'static [Holder] {
    let oversees = !matches!(held.org.kind, OrganizationKind::Branch | OrganizationKind::PartyGroup);
    match held.post {
        Post::Secretary
        | Post::DeputySecretary
        | Post::OrganizationCommitteeMember
        | Post::PublicityCommitteeMember
        | Post::DisciplineInspectionCommitteeMember
        | Post::CommitteeMember => {
            if oversees {
                &[Holder::Officers, Holder::Superior, Holder::HigherUp]
            } else {
                &[Holder::Officers]
            }
        }
        Post::GroupLeader => &[Holder::GroupLeader],
        Post::PartyAffairsClerk => &[Holder::BranchClerk],
        Post::CommitteeOfficeClerk if oversees => &[Holder::Superior],
        Post::OrganizationDepartmentStaff if has_organs(&held.org) => &[Holder::OrganizationDepartment],
        Post::DisciplineInspectionStaff if has_organs(&held.org) => &[Holder::DisciplineInspection],
        Post::CommitteeOfficeClerk | Post::OrganizationDepartmentStaff | Post::DisciplineInspectionStaff => &[],
    }
}

fn has_organs(org: &Place) -> bool {
    matches!(
        org.kind,
        OrganizationKind::CityCommittee | OrganizationKind::CountyCommittee
    )
}

/// What a place of the table means for this actor; several regions are alternatives, none means nowhere.
fn regions(place: Where, actor: &Actor, post: Option<&HeldPost>) -> Vec<Region> {
    match post {
        Some(post) => of_post(place, actor, post),
        None => of_person(place, actor),
    }
}

fn of_person(place: Where, actor: &Actor) -> Vec<Region> {
    let member = actor.as_member();
    let person = || member.map(|member| &member.member_id).or(actor.applicant_id.as_ref());
    match place {
        Where::City => vec![Region::Everything],
        Where::Myself => person().map(|id| Region::Person(id.clone())).into_iter().collect(),
        Where::Participant => person().map(|id| Region::Participant(id.clone())).into_iter().collect(),
        Where::OwnBranch => member
            .map(|member| Region::Org(member.branch.id.clone()))
            .into_iter()
            .collect(),
        Where::OwnOrgs => {
            let expected = member.map(|member| Region::Participant(member.member_id.clone()));
            own_orgs(member).into_iter().chain(expected).collect()
        }
        Where::OwnOrgsAnnounced => own_orgs(member)
            .into_iter()
            .map(|org| Region::All(vec![Region::Announced, org]))
            .collect(),
        Where::OwnBranchSecretary => member
            .map(|member| {
                Region::All(vec![
                    Region::AboutSecretary(actor.on),
                    Region::Org(member.branch.id.clone()),
                ])
            })
            .into_iter()
            .collect(),
        Where::RegisteredAt => actor
            .activist_at
            .iter()
            .map(|branch| Region::Org(branch.id.clone()))
            .collect(),
        Where::Own
        | Where::GroupPeople
        | Where::OwnNotSecretary
        | Where::OwnParticipant
        | Where::OwnGroups
        | Where::OwnOrgans
        | Where::Next
        | Where::NextOrgs
        | Where::NextHeadOnly
        | Where::SecretariesOfNext
        | Where::StandsInForNext
        | Where::Below
        | Where::AtOrBelow
        | Where::SecretariesOfBelow
        | Where::Approver
        | Where::TransferTarget
        | Where::BothSidesNext
        | Where::BothSidesBelow
        | Where::BothParents => Vec::new(),
    }
}

fn own_orgs(member: Option<&ActorMember>) -> Vec<Region> {
    let Some(member) = member else { return Vec::new() };
    let orgs = std::iter::once(&member.branch)
        .chain(&member.group)
        .chain(&member.host_branch);
    orgs.map(|org| Region::Org(org.id.clone())).collect()
}

fn of_post(place: Where, actor: &Actor, held: &HeldPost) -> Vec<Region> {
    let org = &held.org;
    let next = || Region::NextOf {
        path: org.path.clone(),
        depth: org.depth(),
        org_id: org.id.clone(),
    };
    let below = || Region::Below(org.path.clone());
    match place {
        Where::Own | Where::OwnNotSecretary => vec![own(org)],
        Where::GroupPeople => vec![Region::Group(org.id.clone())],
        Where::OwnParticipant => actor
            .member_id()
            .map(|id| Region::All(vec![own(org), Region::Participant(id.to_owned())]))
            .into_iter()
            .collect(),
        Where::OwnGroups if org.kind == OrganizationKind::Branch => vec![below()],
        Where::OwnOrgans if has_organs(org) => vec![Region::Org(org.id.clone())],
        Where::NextHeadOnly if held.is_head() => vec![next()],
        Where::OwnGroups | Where::OwnOrgans | Where::NextHeadOnly => Vec::new(),
        Where::Next => vec![next()],
        Where::NextOrgs => vec![Region::All(vec![Region::NoGroup, next()])],
        Where::SecretariesOfNext | Where::StandsInForNext => {
            vec![Region::All(vec![Region::AboutSecretary(actor.on), next()])]
        }
        Where::Below => vec![below()],
        Where::AtOrBelow => vec![Region::AtOrBelow(org.path.clone())],
        Where::SecretariesOfBelow => vec![Region::All(vec![Region::AboutSecretary(actor.on), below()])],
        Where::Approver => vec![Region::ApprovedBy(org.id.clone())],
        Where::TransferTarget => vec![Region::OtherSide(Box::new(own(org)))],
        Where::BothSidesNext => vec![both(next(), next())],
        Where::BothSidesBelow => vec![both(below(), below())],
        Where::BothParents => vec![both(below(), Region::AtOrBelow(org.path.clone()))],
        Where::City
        | Where::Myself
        | Where::OwnBranch
        | Where::OwnOrgs
        | Where::OwnOrgsAnnounced
        | Where::OwnBranchSecretary
        | Where::RegisteredAt
        | Where::Participant => of_person(place, actor),
    }
}

/// `OWN`: the org; of a branch its groups too.
fn own(org: &Place) -> Region {
    match org.kind {
        OrganizationKind::Branch => Region::AtOrBelow(org.path.clone()),
        OrganizationKind::CityCommittee
        | OrganizationKind::CountyCommittee
        | OrganizationKind::WorkingCommittee
        | OrganizationKind::TownCommittee
        | OrganizationKind::SubdistrictWorkingCommittee
        | OrganizationKind::DepartmentCommittee
        | OrganizationKind::DirectlyAffiliatedUnitCommittee
        | OrganizationKind::PrimaryCommittee
        | OrganizationKind::GeneralBranch
        | OrganizationKind::PartyGroup
        | OrganizationKind::LeadingPartyMembersGroup => Region::Org(org.id.clone()),
    }
}

fn both(this: Region, other: Region) -> Region {
    Region::All(vec![this, Region::OtherSide(Box::new(other))])
}
