//! A small city for the policy's tests, and the people in it.

use domain::policy::{Actor, ActorMember, Ancestor, HeldPost, Place, ServiceGrant};
use domain::vocabulary::OrganizationKind as K;
use domain::vocabulary::{AccountKind, Post, ServiceScope};

/// (name, parent, kind, right of approval, guided by). `village` has no right of approval.
const ORGS: &[(&str, &str, K, bool, &str)] = &[
    ("city", "", K::CityCommittee, true, ""),
    ("county", "city", K::CountyCommittee, true, ""),
    ("town", "county", K::TownCommittee, true, ""),
    ("branch", "town", K::Branch, false, ""),
    ("group", "branch", K::PartyGroup, false, ""),
    ("village", "town", K::PrimaryCommittee, false, ""),
    ("vbranch", "village", K::Branch, false, ""),
    ("general", "village", K::GeneralBranch, false, ""),
    ("gbranch", "general", K::Branch, false, ""),
    ("lead", "city", K::LeadingPartyMembersGroup, false, ""),
    ("dept", "city", K::DepartmentCommittee, true, ""),
    ("dbranch", "dept", K::Branch, false, "lead"),
    ("county2", "city", K::CountyCommittee, true, ""),
    ("primary2", "county2", K::PrimaryCommittee, true, ""),
    ("branch2", "primary2", K::Branch, false, ""),
];

pub fn names() -> Vec<&'static str> {
    ORGS.iter().map(|org| org.0).collect()
}

pub fn parent_of(name: &str) -> Option<&'static str> {
    ORGS.iter()
        .find(|org| org.0 == name)
        .map(|org| org.1)
        .filter(|parent| !parent.is_empty())
}

pub fn kind_of(name: &str) -> K {
    ORGS.iter().find(|org| org.0 == name).unwrap().2
}

pub fn approves(name: &str) -> bool {
    ORGS.iter().find(|org| org.0 == name).unwrap().3
}

pub fn guided_by(name: &str) -> Option<&'static str> {
    ORGS.iter()
        .find(|org| org.0 == name)
        .map(|org| org.4)
        .filter(|guide| !guide.is_empty())
}

fn ancestors(name: &str) -> Vec<Ancestor> {
    let Some(parent) = parent_of(name) else {
        return Vec::new();
    };
    let mut above = ancestors(parent);
    above.push(Ancestor {
        id: parent.to_owned(),
        kind: kind_of(parent),
        approves: approves(parent),
    });
    above
}

pub fn place(name: &str) -> Place {
    Place::below(
        &ancestors(name),
        name,
        kind_of(name),
        guided_by(name).map(str::to_owned),
    )
}

/// Somebody signed in, without any right yet.
pub fn person(member_id: &str) -> Actor {
    Actor {
        account_id: format!("acc_{member_id}"),
        ..Actor::anonymous()
    }
}

pub fn member(member_id: &str, branch: &str, group: Option<&str>) -> Actor {
    let membership = ActorMember {
        member_id: member_id.into(),
        branch: place(branch),
        group: group.map(place),
        host_branch: None,
    };
    Actor {
        member: Some(membership),
        ..person(member_id)
    }
}

pub fn held(post: Post, org: &str) -> HeldPost {
    HeldPost {
        appointment_id: format!("apt_{org}_{post}"),
        post,
        org: place(org),
        acting: false,
        substitutes_head: false,
    }
}

/// Somebody who holds a post and nothing else, so that a column shows alone.
pub fn holder(post: Post, org: &str) -> Actor {
    Actor {
        posts: vec![held(post, org)],
        ..person(&format!("{post}_{org}"))
    }
}

/// Whoever holds the post as a member of a branch.
pub fn officer(member_id: &str, branch: &str, post: Post, org: &str) -> Actor {
    Actor {
        posts: vec![held(post, org)],
        ..member(member_id, branch, None)
    }
}

pub fn service(org: &str, scopes: &[ServiceScope]) -> Actor {
    let grant = ServiceGrant {
        importing: false,
        org: place(org),
        scopes: scopes.to_vec(),
    };
    Actor {
        kind: AccountKind::Service,
        service: Some(grant),
        ..person("service")
    }
}

pub fn administrator() -> Actor {
    Actor {
        kind: AccountKind::Administrator,
        ..member("mbr_admin", "branch", None)
    }
}
