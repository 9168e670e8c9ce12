//! What a change of the log is to one reader.

use domain::audience::Audience;
use domain::policy::actor::{Actor, HeldPost};
use domain::policy::{Ancestor, Place, Subject, Target};
use domain::sync::{Holding, Moment, Reader};
use domain::vocabulary::{AccountKind, ChangeExtent, ChangeOp, EntityKind, OrganizationKind as K, Post};

fn above(ids: &[(&str, K)]) -> Vec<Ancestor> {
    ids.iter()
        .map(|(id, kind)| Ancestor {
            id: (*id).to_owned(),
            kind: *kind,
            approves: true,
        })
        .collect()
}

const CITY: (&str, K) = ("city", K::CityCommittee);
const COUNTY: (&str, K) = ("county", K::CountyCommittee);
const TOWN: (&str, K) = ("town", K::TownCommittee);
const OTHER: (&str, K) = ("other", K::TownCommittee);

fn place(path: &[(&str, K)]) -> Place {
    let [ancestors @ .., last] = path else {
        panic!("a place has an org")
    };
    Place::below(&above(ancestors), last.0, last.1, None)
}

fn secretary(member: &str, org: Place) -> Reader {
    Reader::new(Actor {
        account_id: format!("acc_{member}"),
        on: chrono::NaiveDate::MIN,
        kind: AccountKind::Person,
        member: Some(domain::policy::actor::ActorMember {
            member_id: member.to_owned(),
            branch: place(&[CITY, ("organs", K::Branch)]),
            group: None,
            host_branch: None,
        }),
        posts: vec![HeldPost {
            appointment_id: "apt".to_owned(),
            post: Post::Secretary,
            org,
            acting: false,
            substitutes_head: false,
        }],
        service: None,
        applicant_id: None,
        activist_at: Vec::new(),
    })
}

fn moment(kind: EntityKind, extent: ChangeExtent, before: Option<Target>, now: Target) -> Moment {
    Moment {
        op: ChangeOp::Upsert,
        extent,
        kind,
        entity_id: "x".to_owned(),
        subject: Subject::of(kind),
        now: Some(now),
        before,
        audience: None,
        holding: None,
    }
}

fn ops(moment: &Moment) -> [Option<ChangeOp>; 3] {
    let towns = [TOWN, OTHER].map(|town| secretary(town.0, place(&[CITY, COUNTY, town])));
    let city = secretary("city", place(&[CITY]));
    [&towns[0], &towns[1], &city].map(|reader| reader.sight(moment).map(|sight| sight.op))
}

#[test]
fn g3_1a_a_member_who_moves_leaves_one_roster_and_enters_another() {
    let branch = |town| Target::at(place(&[CITY, COUNTY, town, ("branch", K::Branch)])).about("x");
    let moved = moment(
        EntityKind::Member,
        ChangeExtent::Object,
        Some(branch(TOWN)),
        branch(OTHER),
    );
    assert_eq!(
        ops(&moved),
        [Some(ChangeOp::LeaveScope), Some(ChangeOp::EnterScope), None]
    );
    let stayed = moment(EntityKind::Member, ChangeExtent::Object, None, branch(OTHER));
    assert_eq!(ops(&stayed), [None, Some(ChangeOp::Upsert), None]);
}

#[test]
fn a_moved_subtree_is_read_anew_by_whom_it_gains_or_loses_something() {
    let at = |town| Target::at(place(&[CITY, COUNTY, town, ("committee", K::PrimaryCommittee)]));
    let moved = moment(
        EntityKind::Organization,
        ChangeExtent::Subtree,
        Some(at(TOWN)),
        at(OTHER),
    );
    // The directory shows the org to everybody before and after; the rest changes for both towns.
    assert_eq!(
        ops(&moved),
        [Some(ChangeOp::Resync), Some(ChangeOp::Resync), Some(ChangeOp::Upsert)]
    );
}

#[test]
fn a_post_given_or_taken_is_told_to_its_holder_as_reach() {
    let town = place(&[CITY, COUNTY, TOWN]);
    let mut given = moment(
        EntityKind::Appointment,
        ChangeExtent::Object,
        None,
        Target::at(town.clone()),
    );
    for (running, op) in [(true, ChangeOp::EnterScope), (false, ChangeOp::LeaveScope)] {
        given.holding = Some(Holding {
            member_id: "town".to_owned(),
            organization_id: "town".to_owned(),
            running,
        });
        let told = secretary("town", town.clone()).told(&given).unwrap();
        assert_eq!(
            (told.op, told.extent, told.entity_id.as_str()),
            (op, ChangeExtent::Subtree, "town")
        );
        // Anybody else is told of the appointment, as far as they see it.
        assert_eq!(
            secretary("other", town.clone()).told(&given).map(|sight| sight.op),
            Some(ChangeOp::Upsert)
        );
    }
}

#[test]
fn a_line_of_an_inbox_is_told_to_whom_it_is_addressed_only() {
    let mut line = moment(
        EntityKind::InboxItem,
        ChangeExtent::Object,
        None,
        Target::at(place(&[CITY, COUNTY, TOWN])),
    );
    assert_eq!(ops(&line), [None, None, None]);
    line.audience = Some(Audience::Head("town".to_owned()));
    assert_eq!(ops(&line), [Some(ChangeOp::Upsert), None, None]);
    line.audience = Some(Audience::Member("city".to_owned()));
    assert_eq!(ops(&line), [None, None, Some(ChangeOp::Upsert)]);
}

#[test]
fn nobody_is_told_of_what_they_may_not_follow() {
    let reader = Reader::new(Actor::anonymous());
    let change = moment(
        EntityKind::Rulebook,
        ChangeExtent::Object,
        None,
        Target::at(place(&[CITY])),
    );
    assert!(!reader.may_follow());
    assert_eq!(reader.told(&change), None);
}
