//! What an org owes for each org below it (G1.3g, G3.3), and what counts for a branch once every group has held it (G1.3e).
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "each test crate uses its part of the fixtures")]
mod fixtures;
#[path = "fixtures/rank.rs"]
mod rank;

use std::sync::LazyLock;

use domain::obligation::{
    Deviation, Facts, Finding, HeldActivity, Missing, NotOwedReason, OrganizationFacts, Subordinate, judge_all,
    judge_for, judge_late,
};
use domain::rulebook::words::ActKind;
use domain::rulebook::{Books, JIAXING_2015, Rulebook, load};
use domain::vocabulary::*;
use fixtures::{branch, day, held};
use proptest::prelude::*;
use rank::rank;

fn town() -> OrganizationFacts {
    OrganizationFacts {
        id: "org_town".to_owned(),
        kind: OrganizationKind::PrimaryCommittee,
        parent_kind: Some(OrganizationKind::TownCommittee),
        members: 0,
        full_members: 0,
        voting_members: 0,
        unexempt_members: 0,
        ..branch()
    }
}

fn below(id: &str, kind: OrganizationKind, is_child: bool) -> Subordinate {
    Subordinate {
        id: id.to_owned(),
        kind,
        is_child,
        stood_from: day("2016-01-01"),
        stood_until: None,
        held: Vec::new(),
    }
}

fn inspection(of: &[&str], date: &str) -> HeldActivity {
    HeldActivity {
        id: format!("ins_{date}"),
        expected: 0,
        present: 0,
        joint: of.len() > 1,
        about: of.iter().map(|id| (*id).to_owned()).collect(),
        ..held(ActKind::Inspection, date)
    }
}

struct Case<'a> {
    organization: &'a OrganizationFacts,
    held: &'a [HeldActivity],
    deviations: &'a [Deviation],
    below: &'a [Subordinate],
}

impl Case<'_> {
    fn facts(&self) -> Facts<'_> {
        Facts {
            organization: self.organization,
            held: self.held,
            deviations: self.deviations,
            below: self.below,
            acts: ActKind::ALL,
        }
    }

    fn of(&self, book: &Rulebook, rule: &str, period: &str, today: &str) -> Vec<Finding> {
        let from = period.parse::<domain::period::Period>().unwrap();
        let found = judge_all(&self.facts(), &Books::from(book), from.start, from.end, day(today));
        let of_rule = found.into_iter().filter(|one| one.rule == rule && one.period == from);
        of_rule.collect()
    }
}

static SHIPPED: LazyLock<Rulebook> = LazyLock::new(fixtures::book);
static EVERY_GROUP: LazyLock<Rulebook> = LazyLock::new(every_group);

#[test]
fn g3_3a_a_committee_owes_an_inspection_of_each_org_below_branches_under_general_branches_included() {
    use OrganizationKind as K;
    let orgs = [
        below("org_general", K::GeneralBranch, true),
        below("org_under", K::Branch, false),
        below("org_branch", K::Branch, true),
        below("org_group", K::PartyGroup, false),
    ];
    let done = [
        inspection(&["org_under"], "2026-03-02"),
        inspection(&["org_under"], "2026-04-02"),
    ];
    let (book, organization): (&Rulebook, _) = (&SHIPPED, town());
    let case = Case {
        organization: &organization,
        held: &done,
        deviations: &[],
        below: &orgs,
    };
    let found = case.of(book, "inspection-half-yearly", "2026-H1", "2026-06-30");
    let by: Vec<_> = found
        .iter()
        .map(|one| (one.subject.as_str(), one.status, one.count))
        .collect();
    assert_eq!(
        by,
        [
            ("org_general", ObligationStatus::DueSoon, 0),
            ("org_under", ObligationStatus::Met, 2),
            ("org_branch", ObligationStatus::DueSoon, 0),
        ],
        "one each, groups are no orgs to inspect, and one inspection is not another's"
    );
    let one = judge_for(
        &case.facts(),
        &Books::from(book),
        ("inspection-half-yearly", "org_under"),
        &"2026-H1".parse().unwrap(),
        day("2026-06-30"),
    );
    assert_eq!(one.as_ref(), found.get(1), "one alone is judged like all together");
}

#[test]
fn g1_3g_the_health_check_is_owed_for_direct_subordinates_only() {
    use OrganizationKind as K;
    let orgs = [
        below("org_branch", K::Branch, true),
        below("org_under", K::Branch, false),
    ];
    let (book, organization): (&Rulebook, _) = (&SHIPPED, town());
    let check = HeldActivity {
        kind: ActKind::HealthCheck.into(),
        ..inspection(&["org_branch", "org_under"], "2026-03-02")
    };
    let case = Case {
        organization: &organization,
        held: &[check],
        deviations: &[],
        below: &orgs,
    };
    let found = case.of(book, "health-check", "2026", "2026-05-01");
    let by: Vec<_> = found.iter().map(|one| (one.subject.as_str(), one.status)).collect();
    assert_eq!(
        by,
        [("org_branch", ObligationStatus::Met)],
        "one act may be about several"
    );
}

#[test]
fn what_did_not_stand_is_not_inspected_and_a_deviation_is_for_one_subject() {
    use OrganizationKind as K;
    let (head, tail) = JIAXING_2015.split_once("key = \"inspection-half-yearly\"").unwrap();
    let normally = tail.replacen("modality = \"MUST\"", "modality = \"NORMALLY\"", 1);
    let book = load(&format!("{head}key = \"inspection-half-yearly\"{normally}")).unwrap();
    let orgs = [
        Subordinate {
            stood_from: day("2026-05-02"),
            ..below("org_young", K::Branch, true)
        },
        Subordinate {
            stood_until: Some(day("2026-06-01")),
            ..below("org_gone", K::Branch, true)
        },
        below("org_one", K::Branch, true),
        below("org_two", K::Branch, true),
    ];
    let excused = Deviation {
        rule: "inspection-half-yearly".to_owned(),
        subject: "org_one".to_owned(),
        period: "2026-H1".parse().unwrap(),
        state: DecisionState::Accepted,
        new_date: None,
    };
    let organization = town();
    let case = Case {
        organization: &organization,
        held: &[],
        deviations: &[excused],
        below: &orgs,
    };
    let found = case.of(&book, "inspection-half-yearly", "2026-H1", "2026-07-05");
    let by: Vec<_> = found.iter().map(|one| (one.status, one.not_owed)).collect();
    let did_not_stand = (ObligationStatus::NotOwed, Some(NotOwedReason::DidNotStand));
    assert_eq!(
        by,
        [
            did_not_stand,
            did_not_stand,
            (ObligationStatus::Excused, None),
            (ObligationStatus::Overdue, None),
        ]
    );
}

#[test]
fn a_closed_period_is_judged_again_for_one_that_is_no_longer_below() {
    let (book, organization): (&Rulebook, _) = (&SHIPPED, town());
    let late = HeldActivity {
        filed_on: Some(day("2026-11-01")),
        ..inspection(&["org_moved"], "2026-05-02")
    };
    let case = Case {
        organization: &organization,
        held: &[late],
        deviations: &[],
        below: &[],
    };
    let rule = "inspection-half-yearly";
    let of = |subject| {
        let period = "2026-H1".parse().unwrap();
        let finding = judge_late(&case.facts(), book, (rule, subject), &period, &[], day("2026-11-20"));
        finding.unwrap().status
    };
    assert_eq!(of("org_moved"), ObligationStatus::Met);
    assert_eq!(of("org_other"), ObligationStatus::Missed);
}

/// The guideline with one more rule: each quarter every group has met.
fn every_group() -> Rulebook {
    let entry = r#"
[[entry]]
key = "groups-meet"
clause = "G1.3e"
heading = "各党小组"
modality = "MUST"
origin = "DEPLOYMENT"
applies_to = { organization_kinds = ["BRANCH"], facts = ["HAS_GROUPS"] }
label = { zh-CN = "各党小组会", en = "Every group meets" }
advice = { zh-CN = "每季度各党小组召开。", en = "Every group meets each quarter." }
[entry.cadence]
activities = ["PARTY_GROUP_MEETING"]
at_least = 1
period = "QUARTER"
by_every_group = true
"#;
    load(&format!("{JIAXING_2015}{entry}")).unwrap()
}

fn meeting(id: &str, date: &str) -> HeldActivity {
    HeldActivity {
        id: id.to_owned(),
        ..held(ActivityKind::PartyGroupMeeting, date)
    }
}

fn groups(of: &[&[HeldActivity]]) -> Vec<Subordinate> {
    let group = |(number, held): (usize, &&[HeldActivity])| Subordinate {
        held: held.to_vec(),
        ..below(&format!("org_g{number}"), OrganizationKind::PartyGroup, true)
    };
    of.iter().enumerate().map(group).collect()
}

fn of_groups(below: &[Subordinate], today: &str) -> Finding {
    let organization = OrganizationFacts {
        has_groups: true,
        ..branch()
    };
    let case = Case {
        organization: &organization,
        held: &[],
        deviations: &[],
        below,
    };
    case.of(&EVERY_GROUP, "groups-meet", "2026-Q1", today).remove(0)
}

#[test]
fn g1_3e_it_counts_for_the_branch_once_every_group_has_held_it() {
    let none = of_groups(&groups(&[&[], &[]]), "2026-02-20");
    assert_eq!((none.status, none.count), (ObligationStatus::Open, 0));
    assert!(
        !none.missing.iter().any(|one| matches!(one, Missing::Group { .. })),
        "nobody has begun"
    );

    let first = [meeting("act_a", "2026-01-10"), meeting("act_b", "2026-02-10")];
    let half = of_groups(&groups(&[&first, &[]]), "2026-02-20");
    assert_eq!((half.status, half.count), (ObligationStatus::Open, 0));
    let lacks = Missing::Group {
        organization: "org_g1".to_owned(),
    };
    assert!(half.missing.contains(&lacks), "{:?}", half.missing);

    let second = [meeting("act_c", "2026-02-15")];
    let both = of_groups(&groups(&[&first, &second]), "2026-02-20");
    assert_eq!((both.status, both.count), (ObligationStatus::Met, 1));
    assert_eq!(both.evidence, ["act_a", "act_c"]);

    let unfiled = HeldActivity {
        filed_on: None,
        ..second[0].clone()
    };
    let waiting = of_groups(&groups(&[&first, std::slice::from_ref(&unfiled)]), "2026-02-20");
    assert_eq!(waiting.status, ObligationStatus::HeldNotFiled);
    assert_eq!(
        waiting.missing,
        [Missing::Minutes {
            activity: "act_c".to_owned(),
            until: day("2026-02-22")
        }],
        "only the minutes that are not there"
    );
    let lapsed = of_groups(&groups(&[&first, &[unfiled]]), "2026-02-23");
    assert_eq!(lapsed.status, ObligationStatus::Open, "the filing days are over");

    let few = HeldActivity {
        present: 3,
        ..second[0].clone()
    };
    let thin = of_groups(&groups(&[&first, &[few]]), "2026-02-20");
    assert_eq!(
        (thin.status, thin.count),
        (ObligationStatus::Open, 0),
        "each group by its own people"
    );
}

#[test]
fn g1_3e_a_group_that_did_not_stand_for_the_period_is_not_waited_for() {
    let first = [meeting("act_a", "2026-01-10")];
    let mut both = groups(&[&first, &[]]);
    both[1].stood_from = day("2026-01-20");
    assert_eq!(of_groups(&both, "2026-02-20").status, ObligationStatus::Met);
    both[1].stood_from = day("2026-01-01");
    assert_eq!(of_groups(&both, "2026-02-20").status, ObligationStatus::Open);
    both[0].stood_until = Some(day("2026-02-01"));
    both[1].stood_until = Some(day("2026-02-01"));
    let none = of_groups(&both, "2026-02-20");
    assert_eq!(
        (none.status, none.count),
        (ObligationStatus::Open, 0),
        "no group, no round"
    );
}

prop_compose! {
    fn any_meeting()(number in 0u32..1000, late in 0u64..130, filed in prop::option::of(0u64..20), present in 0u32..=20)
        -> HeldActivity {
        let date = day("2026-01-01") + chrono::Days::new(late);
        let filed_on = filed.map(|days| date + chrono::Days::new(days));
        HeldActivity { id: format!("act_{number}"), date, filed_on, present, ..meeting("act", "2026-01-10") }
    }
}

proptest! {
    #[test]
    fn g1_3e_one_more_meeting_of_any_group_never_makes_it_worse(
        own in prop::collection::vec((0usize..3, any_meeting()), 0..12),
        added in any_meeting(),
        at in 0usize..3,
        late in 0u64..200,
    ) {
        let mut below = groups(&[&[], &[], &[]]);
        for (group, one) in own {
            let held = &mut below[group].held;
            if !held.iter().any(|other| other.id == one.id) {
                held.push(one);
            }
        }
        let today = (day("2026-01-01") + chrono::Days::new(late)).to_string();
        let before = of_groups(&below, &today);
        below[at].held.push(HeldActivity { id: "act_new".to_owned(), ..added });
        let after = of_groups(&below, &today);
        prop_assert!(rank(after.status) >= rank(before.status), "{:?} then {:?}", before, after);
        prop_assert!(after.count >= before.count);
        prop_assert_eq!(&after, &of_groups(&below, &today), "the same facts, the same answer");
    }

    #[test]
    fn g3_3a_orgs_below_are_judged_apart_as_together(
        inspected in prop::collection::vec((0usize..4, 0u64..200), 0..10),
        late in 0u64..300,
    ) {
        let orgs: Vec<Subordinate> = (0..4).map(|n| below(&format!("org_{n}"), OrganizationKind::Branch, n % 2 == 0)).collect();
        let done: Vec<HeldActivity> = inspected.iter().enumerate().map(|(n, (of, on))| {
            let date = (day("2026-01-01") + chrono::Days::new(*on)).to_string();
            HeldActivity { id: format!("ins_{n}"), ..inspection(&[&format!("org_{of}")], &date) }
        }).collect();
        let (book, organization): (&Rulebook, _) = (&SHIPPED, town());
        let today = (day("2026-01-01") + chrono::Days::new(late)).to_string();
        let judged = |orgs: &[Subordinate]| {
            Case { organization: &organization, held: &done, deviations: &[], below: orgs }
                .of(book, "inspection-half-yearly", "2026-H1", &today)
        };
        let apart: Vec<Finding> = orgs.iter().flat_map(|one| judged(std::slice::from_ref(one))).collect();
        prop_assert_eq!(judged(&orgs), apart);
    }
}
