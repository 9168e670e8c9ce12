//! What a change of the log is to one reader.

use domain::audience::Audience;
use domain::policy::actor::{Actor, HeldPost};
use domain::policy::{Ancestor, Place, Subject, Target};
use domain::sync::{Holding, Inside, Moment, Reader};
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
        audiences: Vec::new(),
        holding: None,
        fields: Vec::new(),
    }
}

const EVERYWHERE: Inside = Inside {
    now: true,
    before: true,
};

/// What a structural event says as a whole, or the event itself.
fn told(reader: &Reader, moment: &Moment, inside: Inside) -> Vec<ChangeOp> {
    let told = match reader.reach(moment, inside) {
        Some(reach) => reach.sights(),
        None => reader.sight(moment, inside).into_iter().collect(),
    };
    told.into_iter().map(|sight| sight.op).collect()
}

fn ops(moment: &Moment) -> [Option<ChangeOp>; 3] {
    let towns = [TOWN, OTHER].map(|town| secretary(town.0, place(&[CITY, COUNTY, town])));
    let city = secretary("city", place(&[CITY]));
    [&towns[0], &towns[1], &city].map(|reader| reader.sight(moment, EVERYWHERE).map(|sight| sight.op))
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
fn a_moved_subtree_is_left_by_whom_it_costs_something_and_entered_by_whom_it_gives_something() {
    let at = |town| Target::at(place(&[CITY, COUNTY, town, ("committee", K::PrimaryCommittee)]));
    let moved = moment(
        EntityKind::Organization,
        ChangeExtent::Subtree,
        Some(at(TOWN)),
        at(OTHER),
    );
    let [old, new] = [TOWN, OTHER].map(|town| secretary(town.0, place(&[CITY, COUNTY, town])));
    let city = secretary("city", place(&[CITY]));
    let (leave, enter) = (ChangeOp::LeaveScope, ChangeOp::EnterScope);
    // The directory still shows the org to the old superior: forget all, read anew what is left.
    assert_eq!(told(&old, &moved, EVERYWHERE), [leave, enter]);
    assert_eq!(told(&new, &moved, EVERYWHERE), [enter]);
    assert_eq!(told(&city, &moved, EVERYWHERE), [ChangeOp::Upsert]);
    // Who asks about one town only: the org leaves that part, or enters it, whatever the reader sees of the rest.
    let (out, into) = ((false, true), (true, false));
    for ((now, before), told_to_all) in [(out, leave), (into, enter)] {
        assert_eq!(told(&city, &moved, Inside { now, before }), [told_to_all]);
    }
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
    given.fields = vec!["until".to_owned()];
    let guided = place(&[CITY, COUNTY, OTHER]).path;
    let (leave, enter) = (ChangeOp::LeaveScope, ChangeOp::EnterScope);
    for (running, ops) in [(true, vec![enter, enter]), (false, vec![leave, enter, leave, enter])] {
        given.holding = Some(Holding {
            member_id: "town".to_owned(),
            organization_id: "town".to_owned(),
            guided: vec![guided.clone()],
            running,
        });
        let holder = secretary("town", town.clone());
        assert_eq!(told(&holder, &given, EVERYWHERE), ops);
        let reach = holder.reach(&given, EVERYWHERE).unwrap();
        let ids: Vec<String> = reach.sights().into_iter().map(|sight| sight.entity_id).collect();
        assert_eq!(
            (ids.first(), ids.last()),
            (Some(&"town".to_owned()), Some(&"other".to_owned()))
        );
        // Anybody else is told of the appointment, as far as they see it.
        let other = secretary("other", town.clone());
        assert_eq!(told(&other, &given, EVERYWHERE), [ChangeOp::Upsert]);
    }
    // A portfolio steers responsibility, never rights.
    given.fields = vec!["portfolio".to_owned()];
    assert_eq!(secretary("town", town).reach(&given, EVERYWHERE), None);
}

#[test]
fn a_transfer_of_oneself_is_told_as_reach() {
    let branch = |town| Target::at(place(&[CITY, COUNTY, town, ("branch", K::Branch)])).about("x");
    let moved = moment(
        EntityKind::Member,
        ChangeExtent::Object,
        Some(branch(TOWN)),
        branch(OTHER),
    );
    let own = secretary("x", place(&[CITY, ("organs", K::Branch)]));
    let reach = own.reach(&moved, EVERYWHERE).unwrap();
    let paths = [&moved.before, &moved.now].map(|at| at.as_ref().unwrap().org.path.clone());
    assert_eq!((reach.roots, reach.lost, reach.gained), (paths.to_vec(), true, true));
    assert_eq!(secretary("y", place(&[CITY])).reach(&moved, EVERYWHERE), None);
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
    line.audiences = vec![Audience::Head("town".to_owned())];
    assert_eq!(ops(&line), [Some(ChangeOp::Upsert), None, None]);
    line.audiences = vec![Audience::Member("city".to_owned())];
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
    assert!(!reader.follows(&change));
}
