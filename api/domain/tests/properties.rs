//! What holds for any facts: apart and together, added activities, moves.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "each test crate uses its part of the fixtures")]
mod fixtures;
#[path = "fixtures/rank.rs"]
mod rank;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{Days, NaiveDate};
use domain::obligation::ladder::{Session, by_member, in_a_row, occasions, occasions_over, proposals, proposals_over};
use domain::obligation::{Deviation, Facts, Figures, Finding, Headcount, HeldActivity, OrganizationFacts, judge_all};
use domain::period::Period;
use domain::rulebook::form::Deed;
use domain::rulebook::words::{ActKind, OccasionOutcome};
use domain::rulebook::{Books, JIAXING_2015, Rulebook, load};
use domain::vocabulary::*;
use fixtures::{branch, day, general};
use proptest::prelude::*;
use rank::rank;

static BOOK: LazyLock<Rulebook> = LazyLock::new(fixtures::book);

/// Another rulebook: general meetings each month, lectures in any three months, committee meetings under another name and only where
/// there are so many.
static OTHER: LazyLock<Rulebook> = LazyLock::new(|| {
    let text = JIAXING_2015
        .replacen("period = \"QUARTER\"", "period = \"MONTH\"", 1)
        .replacen("period = \"TWO_MONTHS\"", "every_months = 3", 1)
        .replacen(
            "facts = [\"HAS_COMMITTEE\"] }",
            "facts = [\"HAS_COMMITTEE\"], size = { count = \"FULL\", at_least = 3, at_most = 20 } }",
            1,
        );
    load(&text.replace("\"committee-meeting\"", "\"another-meeting\"")).unwrap()
});

/// Rulebooks of an org that may have moved under another one, or out of it.
fn any_books() -> impl Strategy<Value = Books<'static>> {
    let (one, other) = (LazyLock::force(&BOOK), LazyLock::force(&OTHER));
    (any::<bool>(), prop::option::of(any_day())).prop_map(move |(first, moved)| {
        let (first, second) = if first { (one, other) } else { (other, one) };
        moved.map_or_else(|| Books::from(first), |day| Books::from(first).then(day, second))
    })
}

fn any_deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        3 => prop::sample::select(ActivityKind::ALL).prop_map(Deed::Activity),
        1 => prop::sample::select(ActKind::ALL).prop_map(Deed::Act),
    ]
}

fn any_day() -> impl Strategy<Value = NaiveDate> {
    (0u64..730).prop_map(|days| day("2025-01-01") + Days::new(days))
}

fn any_period() -> impl Strategy<Value = Period> {
    (prop::sample::select(PeriodKind::ALL), any_day()).prop_map(|(kind, day)| Period::containing(kind, day))
}

prop_compose! {
    fn any_held()(
        number in 0u32..1000,
        kind in any_deed(),
        date in any_day(),
        present in 0u32..=20,
        filed in prop::option::of(0u64..60),
        make_up_for in prop::option::weighted(0.3, any_period()),
        named_before_start in any::<bool>(),
        for_year in prop::option::weighted(0.2, 2024i32..2027),
        joint in prop::bool::weighted(0.2),
        agenda in prop::collection::vec(prop::sample::select(AgendaItemKind::ALL), 0..3),
    ) -> HeldActivity {
        let filed_on = filed.map(|days| date + Days::new(days));
        HeldActivity {
            id: format!("act_{number}"), kind, date, present, filed_on, make_up_for, named_before_start, for_year, joint,
            agenda, ..general("2025-01-01")
        }
    }
}

fn any_helds() -> impl Strategy<Value = Vec<HeldActivity>> {
    prop::collection::vec(any_held(), 0..25).prop_map(|mut held| {
        held.sort_by(|one, other| one.id.cmp(&other.id));
        held.dedup_by(|one, other| one.id == other.id);
        held
    })
}

prop_compose! {
    fn any_organization()(
        kind in prop::sample::select(vec![OrganizationKind::Branch, OrganizationKind::PartyGroup]),
        stood_from in any_day(),
        old in any::<bool>(),
        has_committee in any::<bool>(),
        full_members in 1u32..30,
        unexempt_members in 0u32..3,
    ) -> OrganizationFacts {
        let stood_from = if old { day("2016-01-01") } else { stood_from };
        OrganizationFacts { kind, stood_from, lineage_from: stood_from, has_committee, full_members, unexempt_members, ..branch() }
    }
}

prop_compose! {
    fn any_deviation()(
        rule in prop::sample::select(vec!["lecture", "general-meeting"]),
        period in any_period(),
        state in prop::sample::select(DecisionState::ALL),
        new_date in prop::option::of(any_day()),
    ) -> Deviation {
        Deviation { rule: rule.to_owned(), subject: "org_a".to_owned(), period, state, new_date }
    }
}

fn all(
    organization: &OrganizationFacts,
    held: &[HeldActivity],
    deviations: &[Deviation],
    books: &Books<'_>,
    today: NaiveDate,
) -> Vec<Finding> {
    let facts = Facts {
        organization,
        held,
        deviations,
        acts: ActKind::ALL,
        below: &[],
    };
    judge_all(&facts, books, day("2025-01-01"), day("2027-01-01"), today)
}

fn figures(findings: &[Finding]) -> Figures {
    findings.iter().map(|finding| Figures::of(finding.status)).sum()
}

proptest! {
    #[test]
    fn an_added_held_activity_never_makes_a_cadence_worse(
        organization in any_organization(), held in any_helds(), added in any_held(),
        deviations in prop::collection::vec(any_deviation(), 0..4), books in any_books(), today in any_day(),
    ) {
        let before = all(&organization, &held, &deviations, &books, today);
        let mut more = held.clone();
        more.push(HeldActivity { id: "act_new".to_owned(), ..added });
        let after = all(&organization, &more, &deviations, &books, today);
        prop_assert_eq!(before.len(), after.len());
        for (before, after) in before.iter().zip(&after) {
            prop_assert_eq!((&before.rule, before.period), (&after.rule, after.period));
            prop_assert!(rank(before.status) <= rank(after.status), "{:?} became {:?}", before, after);
        }
    }

    #[test]
    fn orgs_apart_and_together_agree(
        orgs in prop::collection::vec((any_organization(), any_helds()), 1..5), books in any_books(), today in any_day(),
    ) {
        let apart: Vec<_> = orgs.iter().map(|(org, held)| all(org, held, &[], &books, today)).collect();
        let together: Vec<_> = orgs.iter().rev().map(|(org, held)| {
            let turned: Vec<_> = held.iter().rev().cloned().collect();
            all(org, &turned, &[], &books, today)
        }).collect();
        for (one, other) in apart.iter().zip(together.iter().rev()) {
            prop_assert_eq!(serde_json::to_string(one).unwrap(), serde_json::to_string(other).unwrap());
        }
        let sum: Figures = apart.iter().map(|findings| figures(findings)).sum();
        prop_assert_eq!(sum, figures(&together.concat()));
    }

    #[test]
    fn judging_again_gives_the_same_byte_for_byte_in_whatever_order_facts_come(
        organization in any_organization(), held in any_helds(),
        deviations in prop::collection::vec(any_deviation(), 0..4), books in any_books(), today in any_day(), turn in 0usize..25,
    ) {
        let first = serde_json::to_string(&all(&organization, &held, &deviations, &books, today)).unwrap();
        let again = serde_json::to_string(&all(&organization, &held, &deviations, &books, today)).unwrap();
        let mut turned = held.clone();
        turned.rotate_left(turn % held.len().max(1));
        // The same activity read twice, as through two orgs that hold it together, is one.
        turned.extend(held.first().cloned());
        let mut asked = deviations.clone();
        asked.reverse();
        let shuffled = serde_json::to_string(&all(&organization, &turned, &asked, &books, today)).unwrap();
        prop_assert_eq!(&first, &again);
        prop_assert_eq!(&first, &shuffled);
    }

    #[test]
    fn people_whose_number_matters_to_no_rule_change_no_obligation(
        organization in any_organization(), held in any_helds(), books in any_books(), today in any_day(),
        members in 0u32..120, full_members in 0u32..120, unexempt_members in 0u32..3,
    ) {
        let other = OrganizationFacts {
            members, full_members, voting_members: full_members, unexempt_members, ..organization.clone()
        };
        let (before, after) = (Headcount::of(&organization), Headcount::of(&other));
        let known: [&Rulebook; 2] = [&BOOK, &OTHER];
        if !after.matters(before, known) {
            prop_assert_eq!(
                all(&organization, &held, &[], &books, today), all(&other, &held, &[], &books, today)
            );
        }
    }

    #[test]
    fn windows_apart_and_together_agree(
        organization in any_organization(), held in any_helds(), books in any_books(), today in any_day(), month in 1u32..=4,
    ) {
        let facts = Facts { organization: &organization, held: &held, deviations: &[], acts: ActKind::ALL, below: &[] };
        let border = NaiveDate::from_ymd_opt(2026, month * 3 - 2, 1).unwrap();
        let whole = all(&organization, &held, &[], &books, today);
        let mut parts = judge_all(&facts, &books, day("2025-01-01"), border, today);
        for finding in judge_all(&facts, &books, border, day("2027-01-01"), today) {
            if !parts.contains(&finding) {
                parts.push(finding);
            }
        }
        prop_assert_eq!(whole.len(), parts.len());
        prop_assert!(whole.iter().all(|finding| parts.contains(finding)));
    }

    #[test]
    fn a_move_changes_no_closed_period(
        organization in any_organization(), held in any_helds(), moved in any_day(), back in any::<bool>(), later in 0u64..400,
    ) {
        let today = moved + Days::new(later);
        let (from, to): (&Rulebook, &Rulebook) = if back { (&OTHER, &BOOK) } else { (&BOOK, &OTHER) };
        let stayed = Books::from(from);
        let under_another = Books::from(from).then(moved, to);
        let closed_by_then = |findings: Vec<Finding>| -> Vec<Finding> {
            findings.into_iter().filter(|finding| finding.closed && finding.period.end <= moved).collect()
        };
        let before = closed_by_then(all(&organization, &held, &[], &stayed, today));
        let after = closed_by_then(all(&organization, &held, &[], &under_another, today));
        prop_assert_eq!(before, after);
    }

    #[test]
    fn nothing_turns_before_the_day_on_which_it_is_judged_again(
        organization in any_organization(), held in any_helds(),
        deviations in prop::collection::vec(any_deviation(), 0..4), books in any_books(), today in any_day(), wait in 1u64..120,
    ) {
        let known: Vec<_> = held.into_iter().filter(|one| one.date.max(one.filed_on.unwrap_or(one.date)) <= today).collect();
        let then = today + Days::new(wait);
        let later = all(&organization, &known, &deviations, &books, then);
        for before in all(&organization, &known, &deviations, &books, today) {
            if before.judge_again_on.is_none_or(|day| then < day) {
                let after = later.iter().find(|after| (&after.rule, after.period) == (&before.rule, before.period));
                prop_assert_eq!(Some(&before), after);
            }
        }
    }

    #[test]
    fn members_apart_and_together_agree(mixed in prop::collection::vec((0usize..3, any_session()), 0..40)) {
        let ladder = BOOK.ladder(day("2026-01-01")).unwrap().1;
        let mut rows: Vec<_> = mixed.iter().map(|(who, one)| (format!("mbr_{who}"), one.clone())).collect();
        rows.reverse();
        let proposed = |rows: &[(String, Session)]| {
            let own: Vec<_> = rows.iter().map(|(_, one)| one.clone()).collect();
            proposals_over(&occasions_over(&own, |_| Some(ladder)), |_| Some(ladder))
        };
        let together: BTreeMap<_, _> = by_member(&rows, |row| &row.0)
            .into_iter()
            .map(|(member, own)| (member, proposed(&own)))
            .collect();
        for member in 0..3 {
            let name = format!("mbr_{member}");
            // In the order of entry and in the order of time alike.
            let own: Vec<_> = mixed.iter().filter(|(who, _)| *who == member).map(|(_, one)| (name.clone(), one.clone())).collect();
            prop_assert_eq!(&proposed(&own), &together.get(&name).cloned().unwrap_or_default());
        }
    }

    #[test]
    fn a_run_seen_from_its_start_is_proposed_like_the_whole_past(sessions in prop::collection::vec(any_session(), 0..25)) {
        // What production reads after a change: nothing before the start of the run that the day may belong to.
        let ladder = BOOK.ladder(day("2026-01-01")).unwrap().1;
        let whole = occasions(&sessions, ladder);
        let last_break = whole.iter().rposition(|one| one.outcome == OccasionOutcome::Breaks);
        let since = last_break.and_then(|at| whole.get(at)).map(|one| one.date);
        let near: Vec<_> = sessions.iter().filter(|one| since.is_none_or(|since| one.date > since)).cloned().collect();
        let tail = occasions(&near, ladder);
        prop_assert_eq!(in_a_row(&tail), in_a_row(&whole));
        let (near, all) = (proposals(&tail, ladder), proposals(&whole, ladder));
        prop_assert_eq!(&near[..], &all[all.len() - near.len()..]);
    }

    #[test]
    fn reconciling_twice_changes_nothing_the_second_time(sessions in prop::collection::vec(any_session(), 0..25)) {
        use domain::obligation::ladder::{Measure, MeasureChange, reconcile};
        let ladder = BOOK.ladder(day("2026-01-01")).unwrap().1;
        let found = proposals(&occasions(&sessions, ladder), ladder);
        let opened: Vec<_> = reconcile(&[], &found, NaiveDate::MIN).into_iter().enumerate().filter_map(|(at, change)| {
            let MeasureChange::Open(proposal) = change else { return None };
            Some(Measure { id: format!("msr_{at}"), kind: proposal.kind, state: MeasureState::Open, run: proposal.run })
        }).collect();
        prop_assert_eq!(opened.len(), found.len());
        prop_assert_eq!(reconcile(&opened, &found, NaiveDate::MIN), vec![]);
    }
}

prop_compose! {
    fn any_session()(
        number in 0u32..1_000_000,
        date in (0u64..60).prop_map(|days| day("2026-01-01") + Days::new(days)),
        kind in prop::sample::select(ActivityKind::ALL),
        state in prop::sample::select(AttendanceState::ALL),
        at_group in any::<bool>(),
        neutral in prop::bool::weighted(0.1),
    ) -> Session {
        Session { activity: format!("act_{number}"), date, kind, state, at_group, neutral }
    }
}
