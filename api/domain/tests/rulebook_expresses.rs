//! What later rules and a city's own needs ask of the format, one scenario each: written as data, judged by the evaluator.
//! No code is needed for any of them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "each test crate uses its part of the fixtures")]
mod fixtures;

use std::collections::BTreeMap;

use domain::obligation::advice::advice;
use domain::obligation::ladder::{Session, occasions, proposals};
use domain::obligation::run_out::{Month, RunOutFinding};
use domain::obligation::stages::StageState;
use domain::obligation::vote::{Count, judge as count_votes};
use domain::obligation::{
    Deviation, Facts, Finding, HeldActivity, OrganizationFacts, deadline, judge_all, run_out, sheet, stages, tariff,
};
use domain::period::Period;
use domain::rulebook::words::*;
use domain::rulebook::{Books, Entry, Form, Rulebook, load};
use domain::vocabulary::*;
use fixtures::{branch, day, held};

/// A document with these entries, with the head that most scenarios share.
fn book(entries: &str) -> Rulebook {
    document("CENTRAL", entries)
}

fn document(precedence: &str, entries: &str) -> Rulebook {
    let head = format!(
        r#"
key = "later"
version = 3
issued_on = 2018-10-28
effective_from = 2018-10-28
precedence = "{precedence}"
title = {{ zh-CN = "条例", en = "Regulations" }}
issuer = {{ zh-CN = "中央", en = "Centre" }}
"#
    );
    load(&format!("{head}{entries}")).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

/// One entry: `head` are further keys of it, `form` begins with the form's name.
fn entry(key: &str, modality: &str, head: &str, form: &str) -> String {
    format!(
        r#"
[[entry]]
key = "{key}"
clause = "art. 11"
heading = "题"
modality = "{modality}"
origin = "DEPLOYMENT"
label = {{ zh-CN = "题", en = "Label" }}
advice = {{ zh-CN = "题", en = "Advice" }}
{head}
[entry.{form}
"#
    )
}

/// A cadence with its own days, so that a document needs no defaults.
fn cadence(counted: &str, recurrence: &str) -> String {
    format!(
        "cadence]\n{counted}\nat_least = 1\n{recurrence}\ndue_soon_days = 7\nfiling_days = 7\nmake_up_days = 0\n\
         held = {{ at_least = \"1/2\", of = \"EXPECTED\" }}"
    )
}

const LECTURES: &str = "activities = [\"PARTY_LECTURE\"]";
const LIFE: &str = "act = \"ORGANIZATIONAL_LIFE_MEETING\"";

fn judged(book: &Rulebook, organization: &OrganizationFacts, held: &[HeldActivity], today: &str) -> Vec<Finding> {
    judged_with(book, organization, held, &[], today)
}

fn judged_with(
    book: &Rulebook,
    organization: &OrganizationFacts,
    held: &[HeldActivity],
    deviations: &[Deviation],
    today: &str,
) -> Vec<Finding> {
    let facts = Facts {
        organization,
        held,
        deviations,
        acts: ActKind::ALL,
        below: &[],
    };
    judge_all(
        &facts,
        &Books::from(book),
        day("2026-01-01"),
        day("2027-01-01"),
        day(today),
    )
}

fn statuses(findings: &[Finding], rule: &str) -> Vec<(String, ObligationStatus)> {
    let own = findings.iter().filter(|finding| finding.rule == rule);
    own.map(|finding| (finding.period.code(), finding.status)).collect()
}

fn status(findings: &[Finding], rule: &str, period: &str) -> ObligationStatus {
    let found = statuses(findings, rule);
    found
        .iter()
        .find(|(code, _)| code == period)
        .unwrap_or_else(|| panic!("{rule} {period}: {found:?}"))
        .1
}

macro_rules! form {
    ($entry:expr, $form:ident) => {
        match &$entry.form {
            Form::$form(form) => form,
            other => panic!("{:?}", other.kind()),
        }
    };
}

fn only(book: &Rulebook) -> &Entry {
    assert_eq!(book.entries.len(), 1);
    &book.entries[0]
}

#[test]
fn thing_01_an_old_period_keeps_the_rule_of_its_time_and_a_local_rule_is_never_laxer() {
    let yearly = entry(
        "lecture",
        "MUST",
        "effective_to = 2026-07-01",
        &cadence(LECTURES, "period = \"QUARTER\""),
    );
    let monthly = entry(
        "lecture",
        "MUST",
        "effective_from = 2026-07-01",
        &cadence(LECTURES, "period = \"MONTH\""),
    );
    let central = book(&(yearly + &monthly));
    let findings = judged(&central, &branch(), &[], "2026-09-30");
    let periods: Vec<_> = statuses(&findings, "lecture")
        .into_iter()
        .map(|(period, _)| period)
        .collect();
    assert_eq!(periods, ["2026-Q1", "2026-Q2", "2026-07", "2026-08", "2026-09"]);

    let local = |period: &str| {
        let form = cadence(LECTURES, &format!("period = \"{period}\""));
        document("LOCAL", &entry("lecture", "MUST", "", &form))
    };
    let laxer = |local: &Rulebook, on: &str| local.laxer_than(&central, day(on)).len();
    assert_eq!(
        (
            laxer(&local("QUARTER"), "2026-06-30"),
            laxer(&local("QUARTER"), "2026-07-01")
        ),
        (0, 1)
    );
    assert_eq!(laxer(&local("MONTH"), "2026-06-30"), 0, "it may be stricter");
    assert_eq!(
        central.laxer_than(&local("MONTH"), day("2026-06-30")).len(),
        0,
        "the centre may ask less"
    );
    let advised = document(
        "LOCAL",
        &entry("lecture", "MAY", "", &cadence(LECTURES, "period = \"MONTH\"")),
    );
    assert_eq!(laxer(&advised, "2026-07-01"), 1);
    let scoped = load(&format!("sectors = [\"VILLAGE\"]\nterritory = \"jiaxing\"\n{}", SCOPED)).unwrap();
    assert_eq!(
        (scoped.sectors.as_slice(), scoped.territory.as_deref()),
        ([Sector::Village].as_slice(), Some("jiaxing"))
    );
}

const SCOPED: &str = "key = \"l\"\nversion = 1\nissued_on = 2018-01-01\neffective_from = 2018-02-01\nprecedence = \"LOCAL\"\n\
    title = { zh-CN = \"题\", en = \"T\" }\nissuer = { zh-CN = \"某委\", en = \"I\" }\nentry = []\n";

#[test]
fn thing_02_must_is_overdue_normally_may_be_excused_and_may_is_advice() {
    let form = cadence(LECTURES, "period = \"QUARTER\"");
    let book = |modality: &str| book(&entry("lecture", modality, "", &form));
    let accepted = Deviation {
        rule: "lecture".to_owned(),
        subject: "org_a".to_owned(),
        period: "2026-Q1".parse().unwrap(),
        state: DecisionState::Accepted,
        new_date: None,
    };
    let first = |modality: &str| {
        let findings = judged_with(
            &book(modality),
            &branch(),
            &[],
            std::slice::from_ref(&accepted),
            "2026-04-01",
        );
        findings.first().map(|finding| finding.status)
    };
    assert_eq!(first("MUST"), Some(ObligationStatus::Overdue));
    assert_eq!(first("NORMALLY"), Some(ObligationStatus::Excused));
    assert_eq!(first("MAY"), None);
    let facts = Facts {
        organization: &branch(),
        held: &[],
        deviations: &[],
        acts: &[],
        below: &[],
    };
    let may = book("MAY");
    assert_eq!(advice(&facts, &Books::from(&may), day("2026-04-01")).len(), 1);
}

#[test]
fn thing_03_calendar_and_rolling_periods_a_choice_a_season_and_more_at_any_time() {
    let rolling = book(&entry("lecture", "MUST", "", &cadence(LECTURES, "every_months = 3")));
    let given = [
        held(ActivityKind::PartyLecture, "2026-01-20"),
        held(ActivityKind::PartyLecture, "2026-05-05"),
    ];
    let findings = judged(&rolling, &branch(), &given, "2026-07-31");
    for (month, expected) in [
        ("2026-01", ObligationStatus::Met),
        ("2026-03", ObligationStatus::Met),
        ("2026-04", ObligationStatus::Missed),
        ("2026-05", ObligationStatus::Met),
        ("2026-07", ObligationStatus::Met),
    ] {
        assert_eq!(
            status(&findings, "lecture", month),
            expected,
            "{month}: the three months that end with it"
        );
    }
    let young = OrganizationFacts {
        stood_from: day("2026-02-01"),
        lineage_from: day("2026-02-01"),
        ..branch()
    };
    let findings = judged(&rolling, &young, &[], "2026-05-31");
    assert_eq!(
        status(&findings, "lecture", "2026-03"),
        ObligationStatus::NotOwed,
        "it stood for two of three months"
    );
    assert_eq!(status(&findings, "lecture", "2026-04"), ObligationStatus::Missed);

    let choice = "choice = { of = [\"HALF_YEAR\", \"YEAR\"], chosen_by = \"SUPERIOR\" }";
    let chosen = |period: &str| {
        let more = format!("period = \"{period}\"\n{choice}\nseason = [10, 11, 12]\nalso_at_any_time = true");
        book(&entry("life", "NORMALLY", "", &cadence(LIFE, &more)))
    };
    let two = [
        held(ActKind::OrganizationalLifeMeeting, "2026-10-10"),
        held(ActKind::OrganizationalLifeMeeting, "2026-11-11"),
    ];
    let by_year = judged(&chosen("YEAR"), &branch(), &two, "2026-12-31");
    assert_eq!(
        statuses(&by_year, "life"),
        [("2026".to_owned(), ObligationStatus::Met)],
        "more is never a breach"
    );
    let by_half = judged(&chosen("HALF_YEAR"), &branch(), &two, "2026-12-31");
    assert_eq!(status(&by_half, "life", "2026-H1"), ObligationStatus::Missed);
    assert_eq!(status(&by_half, "life", "2026-H2"), ObligationStatus::Met);
    let chosen = chosen("YEAR");
    let life = form!(only(&chosen), Cadence);
    assert_eq!(life.season, [10, 11, 12]);
    assert_eq!(life.choice.as_ref().unwrap().chosen_by, Chooser::Superior);
}

#[test]
fn thing_04_one_meeting_satisfies_several_duties_by_declared_agenda_item_each_once() {
    let general = "activities = [\"BRANCH_GENERAL_MEETING\"]";
    let combined =
        |with: &str, agenda: &str| format!("period = \"QUARTER\"\ncombined = [{{ {with}, agenda = [\"{agenda}\"] }}]");
    let by_meeting = combined("activity = \"BRANCH_GENERAL_MEETING\"", "LECTURE_BASICS");
    let by_act = combined(LIFE, "DEMOCRATIC_APPRAISAL");
    let assembly = combined(LIFE, "REVIEW_WORK");
    let book = book(
        &[
            entry("general", "MUST", "", &cadence(general, &assembly)),
            entry("lecture", "NORMALLY", "", &cadence(LECTURES, &by_meeting)),
            entry("life", "NORMALLY", "", &cadence(LIFE, "period = \"QUARTER\"")),
            entry(
                "appraisal",
                "NORMALLY",
                "",
                &cadence("act = \"DEMOCRATIC_APPRAISAL\"", &by_act),
            ),
            entry(
                "twice",
                "MUST",
                "",
                &cadence(LIFE, "period = \"QUARTER\"").replace("at_least = 1", "at_least = 2"),
            ),
        ]
        .concat(),
    );
    let met = |held: HeldActivity| -> Vec<String> {
        let findings = judged(&book, &branch(), &[held], "2026-03-31");
        let met = findings
            .into_iter()
            .filter(|finding| finding.status == ObligationStatus::Met);
        met.map(|finding| finding.rule).collect()
    };
    let with = |held: HeldActivity, agenda: &[AgendaItemKind]| HeldActivity {
        agenda: agenda.to_vec(),
        ..held
    };
    let meeting = || held(ActivityKind::BranchGeneralMeeting, "2026-02-02");
    assert_eq!(met(meeting()), ["general"]);
    assert_eq!(
        met(with(meeting(), &[AgendaItemKind::LectureBasics])),
        ["general", "lecture"]
    );
    let other = held(ActKind::ThemePartyDay, "2026-02-02");
    assert!(
        met(with(other, &[AgendaItemKind::LectureBasics])).is_empty(),
        "only what the rulebook lets be combined"
    );
    let life = || held(ActKind::OrganizationalLifeMeeting, "2026-02-02");
    assert_eq!(met(life()), ["life"], "one act is one, however much it does");
    let all = [AgendaItemKind::ReviewWork, AgendaItemKind::DemocraticAppraisal];
    assert_eq!(met(with(life(), &all)), ["general", "life", "appraisal"]);
}

#[test]
fn thing_05_selectors_by_kind_superior_field_size_body_and_flag() {
    let head = "applies_to = { organization_kinds = [\"BRANCH\"], parent_kinds = [\"PRIMARY_COMMITTEE\"], \
                sectors = [\"UNIVERSITY\"], facts = [\"NO_COMMITTEE\"], flags = [\"SERVICE_TRADE\"], \
                size = { count = \"FULL\", at_least = 3, at_most = 6 } }";
    let book = book(&entry(
        "selected",
        "MUST",
        head,
        &cadence(LECTURES, "period = \"QUARTER\""),
    ));
    let fits = || OrganizationFacts {
        sector: Sector::University,
        has_committee: false,
        flags: vec![OrganizationFlag::ServiceTrade],
        full_members: 6,
        ..branch()
    };
    let owed = |organization: &OrganizationFacts| !judged(&book, organization, &[], "2026-02-01").is_empty();
    assert!(owed(&fits()));
    type Change = fn(&mut OrganizationFacts);
    let changes: [Change; 7] = [
        |org| org.kind = OrganizationKind::GeneralBranch,
        |org| org.parent_kind = Some(OrganizationKind::TownCommittee),
        |org| org.sector = Sector::Village,
        |org| org.has_committee = true,
        |org| org.flags.clear(),
        |org| org.full_members = 7,
        |org| org.full_members = 2,
    ];
    for (at, change) in changes.iter().enumerate() {
        let mut other = fits();
        change(&mut other);
        assert!(!owed(&other), "change {at}");
    }
    for (count, members) in [("ALL", 40), ("VOTING", 9)] {
        let head = format!("applies_to = {{ size = {{ count = \"{count}\", at_least = {members} }} }}");
        let counted = self::book(&entry(
            "counted",
            "MUST",
            &head,
            &cadence(LECTURES, "period = \"QUARTER\""),
        ));
        let org = |members, voting_members| OrganizationFacts {
            members,
            voting_members,
            ..branch()
        };
        assert_eq!(judged(&counted, &org(40, 9), &[], "2026-02-01").len(), 1, "{count}");
        assert_eq!(judged(&counted, &org(39, 8), &[], "2026-02-01").len(), 0, "{count}");
    }
    let leaders = "applies_to = { leadership = \"LEADERS_ONLY\", leaders_of = [\"COUNTY_COMMITTEE\"], standing = [\"FULL\"], \
                   status = [\"ACTIVE\"] }";
    let dues = "tariff]\nmethod = \"SLAB\"\nrounding = \"DOWN\"\nbrackets = [{ amount_fen = 20 }]";
    let people = self::book(&entry("leaders", "MUST", leaders, dues));
    assert_eq!(only(&people).applies_to.leaders_of, [OrganizationKind::CountyCommittee]);
}

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

#[test]
fn thing_14_every_result_cites_its_article() {
    let head = "cites = [{ document = \"PC-2017\", article = \"9\" }]";
    let book = book(&entry(
        "quoted",
        "MUST",
        head,
        &cadence(LECTURES, "period = \"QUARTER\""),
    ));
    let found = judged(&book, &branch(), &[], "2026-02-01");
    let basis = &found[0].basis;
    assert_eq!(
        (
            basis.rulebook.as_str(),
            basis.rulebook_version,
            basis.entry.as_str(),
            basis.clause.as_str()
        ),
        ("later", 3, "quoted", "art. 11")
    );
    let cited = &only(&book).cites[0];
    assert_eq!((cited.document.as_str(), cited.article.as_str()), ("PC-2017", "9"));
}
