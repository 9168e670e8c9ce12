//! What is owed, when, and by whom.

use domain::obligation::advice::advice;
use domain::obligation::{Deviation, Facts, HeldActivity, OrganizationFacts};
use domain::rulebook::words::*;
use domain::rulebook::{Books, Rulebook, load};
use domain::vocabulary::*;

use crate::fixtures::{branch, day, held};
use crate::{LECTURES, LIFE, book, cadence, document, entry, judged, judged_with, only, status, statuses};

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
