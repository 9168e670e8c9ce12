//! Votes, runs, limits, stages, tariffs, terms, sheets, publicity.

use std::collections::BTreeMap;

use domain::obligation::ladder::{Session, occasions, proposals};
use domain::obligation::run_out::{Month, RunOutFinding};
use domain::obligation::stages::StageState;
use domain::obligation::vote::{Count, judge as count_votes};
use domain::obligation::{OrganizationFacts, deadline, run_out, sheet, stages, tariff};
use domain::period::Period;
use domain::rulebook::Rulebook;
use domain::rulebook::words::*;
use domain::vocabulary::*;

use crate::fixtures::{branch, day};
use crate::{book, entry, only};

#[test]
fn thing_06_quorum_and_majority_as_fraction_strict_or_inclusive_of_each_denominator() {
    let vote = |quorum: &str, majority: &str| {
        let form = format!(
            "vote]\nresolutions = [\"ADMISSION\"]\nvoters_standing = [\"FULL\"]\nexcludable = [\"DETAINED\"]\nsecret = true\n\
             quorum = {{ {quorum} }}\nmajority = {{ {majority} }}"
        );
        form!(only(&book(&entry("vote", "MUST", "", &form))), Vote).clone()
    };
    let count = |present, ayes| Count {
        due: 12,
        excluded: 3,
        present,
        committee: Some(5),
        ayes,
        ..Count::default()
    };
    let all = "at_least = \"2/3\", of = \"DUE_MINUS_EXCLUDED\"";
    let needed = |majority: &str| count_votes(&vote(all, majority), &count(9, 0)).unwrap().ayes_needed;
    assert_eq!(needed("more_than = \"1/2\", of = \"DUE\""), 7);
    assert_eq!(needed("at_least = \"1/2\", of = \"DUE\""), 6);
    assert_eq!(needed("more_than = \"1/2\", of = \"DUE_MINUS_EXCLUDED\""), 5);
    assert_eq!(needed("at_least = \"2/3\", of = \"PRESENT\""), 6);
    assert_eq!(needed("more_than = \"1/2\", of = \"COMMITTEE\""), 3);
    let quorate = |quorum: &str, present| {
        let rule = vote(quorum, "more_than = \"1/2\", of = \"DUE_MINUS_EXCLUDED\"");
        count_votes(&rule, &count(present, 0)).unwrap().quorate
    };
    assert!(quorate(all, 6) && !quorate(all, 5));
    let strict = "more_than = \"2/3\", of = \"DUE_MINUS_EXCLUDED\"";
    assert!(quorate(strict, 7) && !quorate(strict, 6));
    let committee = "at_least = \"1/2\", of = \"COMMITTEE\"";
    assert!(quorate(committee, 3) && !quorate(committee, 2));
}

#[test]
fn thing_07_runs_in_a_row_with_neutral_classes_and_limits_over_time() {
    let ladder = |neutral: &str, breaks: &str| {
        let form = format!(
            "ladder]\nevent = \"UNEXCUSED_ABSENCE\"\nunexcused = [\"UNEXCUSED\"]\nneutral = [{neutral}]\nbreaks = [{breaks}]\n\
             steps = [{{ in_a_row = 2, measure = \"REMINDER\", decider = \"SECRETARY\" }}]"
        );
        form!(only(&book(&entry("ladder", "MUST", "", &form))), Ladder).clone()
    };
    let session = |on: &str, state| Session {
        activity: on.to_owned(),
        date: day(on),
        kind: ActivityKind::PartyLecture,
        state,
        at_group: false,
        neutral: false,
    };
    let run = [
        session("2026-12-20", AttendanceState::Unexcused),
        session("2026-12-27", AttendanceState::OnLeave),
        session("2027-01-03", AttendanceState::Unexcused),
    ];
    let found = |ladder| proposals(&occasions(&run, &ladder), &ladder).len();
    assert_eq!(
        found(ladder("\"ON_LEAVE\"", "\"PRESENT\"")),
        1,
        "leave is neutral, the year does not restart it"
    );
    assert_eq!(found(ladder("", "\"PRESENT\", \"ON_LEAVE\"")), 0, "leave breaks");

    let form = "run_out]\ncounted = \"NO_ORGANIZATIONAL_LIFE\"\nlimit_months = 3\nleast_occasions = 2\nleast_different_months = 2\n\
                consequence = \"SUSPEND\"";
    let book = book(&entry("run-out", "MUST", "", form));
    let rule = form!(only(&book), RunOut);
    let months = |unmet: &[(bool, u32)]| -> Vec<Month> {
        let mut period: Period = "2026-11".parse().unwrap();
        let month = |(unmet, occasions): &(bool, u32)| {
            let month = Month {
                period,
                unmet: *unmet,
                occasions: *occasions,
            };
            period = period.next();
            month
        };
        unmet.iter().map(month).collect()
    };
    let judge = |unmet: &[(bool, u32)]| run_out::judge(rule, &months(unmet));
    assert_eq!(judge(&[(true, 1), (true, 1)]), RunOutFinding::Counting { in_a_row: 2 });
    assert_eq!(
        judge(&[(true, 1), (false, 1), (true, 1)]),
        RunOutFinding::Counting { in_a_row: 1 }
    );
    let reached = judge(&[(true, 1), (true, 0), (true, 1)]);
    assert!(matches!(reached, RunOutFinding::Reached { then: Consequence::Suspend, ref months } if months.len() == 3));
    let few = judge(&[(true, 2), (true, 0), (true, 0)]);
    assert!(
        matches!(few, RunOutFinding::TooFewOccasions { .. }),
        "both in one month: a finding on the branch"
    );
}

#[test]
fn thing_08_limits_with_default_maximum_extension_and_who_approves() {
    let form = "deadline]\nfrom = \"CORRECTION_APPROVED\"\ndefault = \"P6M\"\nmaximum = \"P1Y\"\nextension = \"P6M\"\n\
                extended_by = { by = \"APPROVER\", act = \"APPROVAL\" }\nthen = \"REVIEW\"";
    let book = book(&entry("correction", "NORMALLY", "", form));
    let (_, rule) = book
        .deadline(DeadlineEvent::CorrectionApproved, day("2026-01-31"))
        .unwrap();
    let due = |asked, extended| deadline::due_on(rule, day("2026-01-31"), asked, extended);
    assert_eq!(due(None, false), Ok(day("2026-07-31")));
    assert_eq!(due(None, true), Ok(day("2027-01-31")));
    assert!(due(Some(day("2027-02-01")), false).is_err());
    assert_eq!(due(Some(day("2027-07-31")), true), Ok(day("2027-07-31")));
    assert_eq!(rule.extended_by.unwrap().by, DecisionLevel::Approver);
}

#[test]
fn thing_09_stages_with_the_level_that_decides_and_what_blocks_what() {
    let form = "stages]\norder = [\n{ stage = \"PRIOR_FILING\", decision = { by = \"APPROVER\", act = \"PRIOR_FILING\" } },\n\
                { stage = \"PUBLIC_APPRAISAL\", required_for_sectors = [\"VILLAGE\"], required_for_flags = [\"SERVICE_TRADE\"] },\n\
                { stage = \"BRANCH_VOTE\", needs = [\"PRIOR_FILING\", \"PUBLIC_APPRAISAL\"] },\n\
                { stage = \"APPROVAL\", needs = [\"BRANCH_VOTE\"], decision = { by = \"SUPERIOR\", act = \"APPROVAL\" } }]";
    let finer = "stages]\nrefines = \"disposition\"\n\
                 order = [{ stage = \"APPROVAL\", decision = { by = \"HEAD_OF_SUPERIOR\", act = \"APPROVAL\" } }]";
    let joint = "applies_to = { facts = [\"JOINT\"] }";
    let book = book(&(entry("disposition", "MUST", "", form) + &entry("finer", "MUST", joint, finer)));
    let on = day("2026-05-05");
    let village = branch();
    let order = stages::order(&book, "disposition", &village, on).unwrap();
    let state = |done: &[StageKind], stage: StageKind| {
        let states = stages::judge(&order, &village, done);
        states.into_iter().find(|(kind, _)| *kind == stage).unwrap().1
    };
    let missing = [StageKind::PriorFiling, StageKind::PublicAppraisal];
    assert_eq!(
        state(&[], StageKind::BranchVote),
        StageState::Blocked { by: missing.to_vec() }
    );
    assert_eq!(state(&missing, StageKind::BranchVote), StageState::Open);
    assert_eq!(state(&missing, StageKind::PriorFiling), StageState::Done);
    let school = OrganizationFacts {
        sector: Sector::School,
        ..branch()
    };
    let states = stages::judge(&order, &school, &[StageKind::PriorFiling]);
    assert_eq!(states[1].1, StageState::NotRequired);
    assert_eq!(states[2].1, StageState::Open, "what is not required is not waited for");
    let approved_by = |organization: &OrganizationFacts| {
        let order = stages::order(&book, "disposition", organization, on).unwrap();
        order[3].decision.unwrap().by
    };
    assert_eq!(approved_by(&village), DecisionLevel::Superior);
    let joint = OrganizationFacts {
        joint: true,
        ..branch()
    };
    assert_eq!(approved_by(&joint), DecisionLevel::HeadOfSuperior);
}

#[test]
fn thing_10_tariffs_by_slab_or_margin_with_dates() {
    let tariff = |method: &str| {
        format!(
            "tariff]\nmethod = \"{method}\"\nrounding = \"HALF_UP\"\n\
             brackets = [{{ up_to_fen = 300000, rate_per_10000 = 50 }}, {{ rate_per_10000 = 100 }}]"
        )
    };
    let text = entry("dues", "MUST", "effective_to = 2022-01-01", &tariff("SLAB"))
        + &entry("dues", "MUST", "effective_from = 2022-01-01", &tariff("MARGINAL"));
    let book = book(&text);
    let due = |on: &str, base| tariff::due_fen(form!(book.entry_on("dues", day(on)).unwrap(), Tariff), base);
    assert_eq!(
        (due("2021-12-31", 300_000), due("2021-12-31", 300_100)),
        (1500, 3001),
        "the rate applies to the whole"
    );
    assert_eq!(
        (due("2022-01-01", 300_000), due("2022-01-01", 300_100)),
        (1500, 1501),
        "and now to the part above"
    );
    let fixed = "tariff]\nmethod = \"SLAB\"\nrounding = \"DOWN\"\nbrackets = [{ amount_fen = 20 }]";
    let fixed = self::book(&entry("dues-farmers", "MUST", "", fixed));
    assert_eq!(tariff::due_fen(form!(only(&fixed), Tariff), 0), 20);
}

#[test]
fn thing_11_terms_by_kind_of_org_with_a_transition() {
    let terms = |transition: &str| {
        let old = entry(
            "terms",
            "MUST",
            "effective_to = 2020-01-01",
            "threshold]\nBRANCH = \"P2Y\"",
        );
        let head = format!("effective_from = 2020-01-01\ntransition = \"{transition}\"");
        let new = entry(
            "terms",
            "MUST",
            &head,
            "threshold]\nBRANCH = \"P3Y\"\nPRIMARY_COMMITTEE = \"P5Y\"",
        );
        book(&(old + &new))
    };
    let ends = |book: &Rulebook, kind, began: &str| book.term_ends_on(kind, day(began), day("2021-01-01"));
    let keeps = terms("RUNNING_KEEPS_OLD");
    assert_eq!(
        ends(&keeps, OrganizationKind::Branch, "2019-06-01"),
        Some(day("2021-05-31"))
    );
    assert_eq!(
        ends(&keeps, OrganizationKind::Branch, "2020-06-01"),
        Some(day("2023-05-31"))
    );
    assert_eq!(
        ends(&keeps, OrganizationKind::PrimaryCommittee, "2020-06-01"),
        Some(day("2025-05-31"))
    );
    assert_eq!(ends(&keeps, OrganizationKind::PartyGroup, "2020-06-01"), None);
    assert_eq!(
        ends(&terms("AT_ONCE"), OrganizationKind::Branch, "2019-06-01"),
        Some(day("2022-05-31"))
    );
}

#[test]
fn thing_12_scoring_sheets_by_field_with_veto_step_limit_and_newcomers() {
    let form = "threshold]\norganizational_life = 40\nservice = 60\nveto = [\"SERIOUS_CASE\"]\nmost_stars_up = 1\n\
                newcomers_exempt = true";
    let head = "applies_to = { sectors = [\"VILLAGE\", \"COMMUNITY\"] }";
    let book = book(&entry("sheet-village", "MUST", head, form));
    let village = form!(only(&book), Threshold);
    let points = BTreeMap::from([("organizational_life".to_owned(), 35), ("service".to_owned(), 90)]);
    let score = |grounds: &[String], newcomer| sheet::score(village, &points, grounds, newcomer);
    let good = score(&[], false).unwrap();
    assert_eq!((good.points, good.of, good.vetoed_by.len()), (95, 100, 0));
    assert_eq!(
        score(&["SERIOUS_CASE".to_owned()], false).unwrap().vetoed_by,
        ["SERIOUS_CASE"]
    );
    assert_eq!(score(&[], true), None, "newcomers are not scored");
    assert_eq!(
        (
            sheet::stars(village, Some(2), 5),
            sheet::stars(village, Some(4), 2),
            sheet::stars(village, None, 5)
        ),
        (3, 2, 5)
    );
}

#[test]
fn thing_13_to_whom_something_is_made_known() {
    let stages = "stages]\norder = [{ stage = \"PROBLEM_LIST\", written_by = [\"HEAD\"] }, \
                  { stage = \"PUBLICATION\", needs = [\"PROBLEM_LIST\"], audience = \"PUBLIC\" }]";
    let deadline =
        "deadline]\nfrom = \"MEASURES_ADOPTED\"\ndefault = \"P15D\"\nthen = \"ALERT\"\naudience = \"SUBTREE\"";
    let book = book(&(entry("posting", "MUST", "", stages) + &entry("plan", "MUST", "", deadline)));
    let order = stages::order(&book, "posting", &branch(), day("2026-05-05")).unwrap();
    let states = stages::judge(&order, &branch(), &[StageKind::ProblemList]);
    assert_eq!(states[1], (StageKind::Publication, StageState::Open));
    assert_eq!(
        (order[1].audience, order[0].written_by.as_slice()),
        (Some(Audience::Public), [Author::Head].as_slice())
    );
    let (_, plan) = book
        .deadline(DeadlineEvent::MeasuresAdopted, day("2026-05-05"))
        .unwrap();
    assert_eq!(
        deadline::due_on(plan, day("2026-05-05"), None, false),
        Ok(day("2026-05-20"))
    );
    assert_eq!(plan.audience, Some(Audience::Subtree));
}
