//! What holds for every actor and every target.

use domain::policy::{
    Action, Actor, Grant, HeldPost, Place, Refusal, RefusalCode, Region, Scope, Subject, SystemScope, Target,
};
use domain::policy::{permit, scope};
use domain::vocabulary::{Post, ServiceScope};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::tree::{administrator, held, member, names, place, service};

fn somewhere() -> impl Strategy<Value = Place> {
    select(names()).prop_map(place)
}

fn posts() -> impl Strategy<Value = Vec<HeldPost>> {
    let post = (select(Post::ALL.to_vec()), select(names()), any::<bool>());
    let post = post.prop_map(|(post, org, substitutes_head)| HeldPost {
        substitutes_head,
        ..held(post, org)
    });
    prop::collection::vec(post, 0..3)
}

fn actors() -> impl Strategy<Value = Actor> {
    let someone =
        (select(vec!["branch", "vbranch", "dbranch", "branch2"]), posts()).prop_map(|(branch, posts)| Actor {
            posts,
            ..member("mbr_a", branch, None)
        });
    let accounts = (
        select(names()),
        subsequence(ServiceScope::ALL.to_vec(), 0..=ServiceScope::ALL.len()),
    )
        .prop_map(|(org, scopes)| service(org, &scopes));
    prop_oneof![8 => someone, 2 => accounts, 1 => Just(administrator()), 1 => Just(Actor::anonymous())]
}

fn targets() -> impl Strategy<Value = Target> {
    let people = prop::option::of(select(vec!["mbr_a", "mbr_b"]));
    let heads = prop::option::of((select(names()), any::<bool>()));
    let places = (
        somewhere(),
        prop::collection::vec(somewhere(), 0..2),
        prop::option::of(somewhere()),
    );
    (places, people, heads, any::<[bool; 3]>()).prop_map(|((org, other_orgs, other_side), person, heads, facts)| {
        let [announced, expected, decided_collectively] = facts;
        let mut target = Target::at(org);
        target.other_orgs = other_orgs;
        target.other_side = other_side;
        target.announced = announced;
        target.decided_collectively = decided_collectively;
        target.member_id = person.map(str::to_owned);
        target.participants = if expected { vec!["mbr_a".to_owned()] } else { Vec::new() };
        match heads {
            Some((org, has_deputy)) => target.heading(org, has_deputy),
            None => target,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn lists_and_single_look_ups_agree(actor in actors(), target in targets()) {
        for subject in Subject::ALL {
            let listed = scope(&actor, *subject, Grant::Rows).contains(&target);
            prop_assert_eq!(permit(&actor, Action::Read(*subject), &target).is_ok(), listed, "{}", subject);
        }
    }

    #[test]
    fn a_scope_that_covers_a_path_has_whatever_stands_there(actor in actors(), target in targets(), top in somewhere()) {
        for subject in Subject::ALL {
            let seen = scope(&actor, *subject, Grant::Rows);
            if seen.covers(&top.path) && target.org.is_at_or_below(&top.path) {
                prop_assert!(seen.contains(&target), "{}", subject);
            }
        }
    }

    #[test]
    fn whoever_acts_may_read_what_they_act_on(actor in actors(), target in targets()) {
        for action in Action::WRITES {
            if permit(&actor, *action, &target).is_ok() {
                let rows = scope(&actor, action.demand().subject, Grant::Rows);
                prop_assert!(rows.contains(&target), "{}", action.as_str());
            }
        }
    }

    #[test]
    fn a_refusal_tells_only_what_may_be_seen(actor in actors(), target in targets()) {
        for action in Action::WRITES {
            let demand = action.demand();
            if let Err(refusal) = permit(&actor, *action, &target) {
                let seen = [demand.subject, demand.seen_through]
                    .iter()
                    .any(|subject| scope(&actor, *subject, Grant::Rows).contains(&target));
                let told = |refusal: &Refusal| !refusal.hides_the_object() && refusal.code != RefusalCode::NotSignedIn;
                prop_assert_eq!(told(&refusal), seen && !actor.is_anonymous(), "{}", action.as_str());
                // What was found through a scope of the actor's own is there for them, by whatever right; a system scope shows nothing.
                let shown = target.clone().shown_by(&scope(&actor, Subject::Activities, Grant::Rows));
                let refusal = permit(&actor, *action, &shown).expect_err("sight gives no right");
                prop_assert_eq!(told(&refusal), !actor.is_anonymous(), "{}", action.as_str());
                let unseen = target.clone().shown_by(&Scope::system(SystemScope::Rights));
                prop_assert_eq!(unseen, target.clone());
            }
        }
    }

    #[test]
    fn nobody_is_permitted_a_decision_about_themselves(actor in actors(), target in targets()) {
        let own = target.clone().about("mbr_a").decided_collectively();
        prop_assume!(actor.member_id() == Some("mbr_a"));
        for action in Action::WRITES.iter().filter(|action| action.demand().right.is_barred_in_own_matter()) {
            prop_assert!(permit(&actor, *action, &own).is_err(), "{}", action.as_str());
        }
    }

    #[test]
    fn a_collective_act_is_never_permitted_without_its_decision(actor in actors(), target in targets()) {
        let mut undecided = target;
        undecided.decided_collectively = false;
        for action in Action::WRITES.iter().filter(|action| action.demand().collective) {
            prop_assert!(permit(&actor, *action, &undecided).is_err(), "{}", action.as_str());
        }
    }

    #[test]
    fn another_post_never_takes_a_read_away(actor in actors(), more in posts(), target in targets()) {
        let mut with_more = actor.clone();
        with_more.posts.extend(more);
        for subject in Subject::ALL {
            let before = scope(&actor, *subject, Grant::Rows).contains(&target);
            prop_assert!(!before || scope(&with_more, *subject, Grant::Rows).contains(&target), "{}", subject);
        }
    }
}

#[test]
fn a_system_scope_sees_everything_and_says_whose_it_is() {
    for name in SystemScope::ALL {
        assert_eq!(Scope::system(*name).regions(), [Region::Everything]);
        assert_eq!(domain::policy::Permit::system(*name).system_scope(), Some(*name));
    }
}
