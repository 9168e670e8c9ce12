//! The shipped rulebook: it loads, and says what the guideline says.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::NaiveDate;
use domain::obligation::deadline;
use domain::rulebook::form::{Recurrence, Stage};
use domain::rulebook::words::{Audience, Author, CadenceSubject, DeadlineEvent, OrganizationFact, StageKind};
use domain::rulebook::{Entry, Form, JIAXING_2015, Rulebook, load};
use domain::vocabulary::{
    ActivityKind, MeasureKind, Modality, OrganizationFlag, OrganizationKind, Origin, PeriodKind, ResolutionKind,
    RuleForm, Sector,
};

fn book() -> Rulebook {
    load(JIAXING_2015)
        .unwrap_or_else(|errors| panic!("{}", errors.iter().map(|e| format!("{e}\n")).collect::<String>()))
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 24).unwrap()
}

#[track_caller]
fn cadence(key: &str, least: u32, period: PeriodKind, modality: Modality, clause: &str) {
    let book = book();
    let entry = book.entry(key).unwrap();
    let Form::Cadence(cadence) = &entry.form else {
        panic!("{key} is no cadence")
    };
    assert_eq!(
        (cadence.at_least, cadence.recurrence),
        (least, Recurrence::Period(period)),
        "{key}"
    );
    assert_eq!(
        (entry.modality, entry.clause.as_str(), entry.origin),
        (modality, clause, Origin::Guideline),
        "{key}"
    );
}

#[test]
fn g1_cadences_are_those_of_the_guideline() {
    cadence("general-meeting", 1, PeriodKind::Quarter, Modality::Must, "G1.1a");
    cadence("committee-meeting", 1, PeriodKind::Month, Modality::Must, "G1.1b");
    cadence("group-meeting", 1, PeriodKind::Month, Modality::Must, "G1.1c");
    cadence("lecture", 1, PeriodKind::TwoMonths, Modality::Normally, "G1.1d");
    cadence(
        "democratic-life-meeting",
        1,
        PeriodKind::Year,
        Modality::Normally,
        "G1.2a",
    );
    cadence(
        "organizational-life-meeting",
        1,
        PeriodKind::Year,
        Modality::Normally,
        "G1.3a",
    );
    cadence("health-check", 1, PeriodKind::Year, Modality::Must, "G1.3g");
    cadence("democratic-appraisal", 1, PeriodKind::Year, Modality::Normally, "G1.4a");
    cadence("party-spirit-check", 1, PeriodKind::Year, Modality::Normally, "G1.4a");
    cadence(
        "inspection-half-yearly",
        1,
        PeriodKind::HalfYear,
        Modality::Must,
        "G3.3a",
    );
    cadence("inspection-yearly", 1, PeriodKind::Year, Modality::Must, "G3.3b");
}

#[test]
fn all_nine_forms_occur_and_every_entry_shows_its_parameters() {
    let book = book();
    for form in RuleForm::ALL {
        assert!(book.entries.iter().any(|entry| entry.form_kind() == *form), "{form}");
    }
    for entry in &book.entries {
        assert!(entry.parameters().is_object(), "{}", entry.key);
        assert!(
            !entry.heading.is_ascii() && !entry.label.zh_cn.is_ascii() && entry.label.en.is_ascii(),
            "{}",
            entry.key
        );
    }
}

#[test]
fn g2_5a_the_ladder_has_three_steps() {
    let book = book();
    let (entry, ladder) = book.ladder(today()).unwrap();
    assert_eq!(entry.clause, "G2.5a");
    let measure = |in_a_row| ladder.step(in_a_row).map(|step| step.measure);
    assert_eq!(measure(0), None);
    assert_eq!(measure(1), Some(MeasureKind::Reminder));
    assert_eq!(measure(2), Some(MeasureKind::Admonition));
    assert_eq!(measure(3), Some(MeasureKind::CriticismAndEducation));
    assert_eq!(measure(9), Some(MeasureKind::CriticismAndEducation));
}

#[test]
fn g2_4b_correction_lasts_a_year_from_approval() {
    let book = book();
    let (entry, rule) = book.deadline(DeadlineEvent::CorrectionApproved, today()).unwrap();
    assert_eq!(entry.modality, Modality::Normally);
    let due = deadline::due_on(rule, today(), None, false).unwrap();
    assert_eq!(due, NaiveDate::from_ymd_opt(2027, 11, 24).unwrap());
}

#[test]
fn what_the_guideline_does_not_give_is_marked_as_the_deployment_s() {
    let book = book();
    assert_eq!(book.escalate_after_days(today()), Some(7));
    assert_eq!(book.notice_hours(today()), 24);
    assert_eq!(book.alert_within_days(today()), Some(92));
    assert_eq!(book.number("filing-days", "days", today()), Some(7));
    for key in [
        "escalation",
        "alert-days",
        "notice-hours",
        "filing-days",
        "held-share",
        "make-up-days",
        "yearly-grace",
        "vote-admission",
    ] {
        assert_eq!(book.entry(key).unwrap().origin, Origin::Deployment, "{key}");
    }
}

#[test]
fn g1_1a_every_resolution_has_exactly_one_vote_at_each_meeting() {
    let book = book();
    for kind in ResolutionKind::ALL {
        let votes = book
            .entries
            .iter()
            .filter(|e| matches!(&e.form, Form::Vote(v) if v.resolutions.contains(kind)));
        let named: Vec<_> = votes.map(|entry| entry.key.as_str()).collect();
        let general = named.iter().filter(|key| **key != "vote-committee");
        assert_eq!((named.len(), general.count()), (2, 1), "{kind}");
        for meeting in ActivityKind::ALL {
            let (entry, _) = book.vote_on(*meeting, *kind, today()).unwrap();
            let in_committee = *meeting == ActivityKind::BranchCommitteeMeeting;
            assert_eq!(entry.key == "vote-committee", in_committee, "{meeting} {kind}");
        }
    }
}

#[test]
fn nothing_holds_before_the_guideline_was_issued() {
    let book = book();
    let before = NaiveDate::from_ymd_opt(2015, 3, 8).unwrap();
    assert_eq!(book.in_force(before).count(), 0);
    assert_eq!(book.in_force(today()).count(), book.entries.len());
}

/// What the guideline calls 一般 or 原则上; everything else of it is owed without ifs.
#[test]
fn what_is_normally_owed_is_what_the_guideline_calls_so() {
    let book = book();
    let of = |modality| -> Vec<_> {
        let entries = book.entries.iter().filter(|entry| entry.modality == modality);
        entries.map(|entry| entry.key.as_str()).collect()
    };
    assert_eq!(
        of(Modality::Normally),
        [
            "lecture",
            "democratic-life-meeting",
            "organizational-life-meeting",
            "problem-list",
            "democratic-appraisal",
            "party-spirit-check",
            "correction",
        ]
    );
    assert_eq!(
        of(Modality::May),
        [
            "talks-with-floating-members-elsewhere",
            "leaders-lecture",
            "seven-ones",
            "spot-check"
        ]
    );
}

#[track_caller]
fn stages(key: &str) -> Vec<Stage> {
    match &book().entry(key).unwrap().form {
        Form::Stages(stages) => stages.stages.clone(),
        other => panic!("{key} is {:?}", other.kind()),
    }
}

fn stage(stages: &[Stage], kind: StageKind) -> &Stage {
    stages.iter().find(|stage| stage.stage == kind).unwrap()
}

#[test]
fn g1_3c_villages_and_communities_owe_a_posted_problem_list_and_no_self_examination() {
    let order = stages("organizational-life-meeting-stages");
    let villages = [Sector::Village, Sector::Community];
    assert_eq!(stage(&order, StageKind::ProblemList).required_for_sectors, villages);
    let examined = &stage(&order, StageKind::SelfExamination).required_for_sectors;
    assert_eq!(*examined, [Sector::Organ, Sector::School, Sector::Hospital]);
    let posted = stages("problem-list");
    assert_eq!(stage(&posted, StageKind::Publication).audience, Some(Audience::Public));
    assert_eq!(book().entry("problem-list").unwrap().applies_to.sectors, villages);
    let examination = stages("self-examination");
    assert!(examination[0].decision.is_none(), "nobody above approves it");
    assert_eq!(examination[0].written_by, [Author::HeadOfSection]);
}

#[test]
fn g1_3d_the_team_meets_before_the_assembly() {
    let order = stages("organizational-life-meeting-stages");
    let team = stage(&order, StageKind::TeamMeeting);
    assert_eq!(team.required_for_facts, [OrganizationFact::HasCommittee]);
    assert!(
        stage(&order, StageKind::Assembly)
            .needs
            .contains(&StageKind::TeamMeeting)
    );
    let book = book();
    let meeting = book.entry("team-meeting").unwrap();
    assert_eq!(
        meeting.applies_to.organization_kinds,
        [OrganizationKind::PrimaryCommittee, OrganizationKind::GeneralBranch]
    );
    assert_eq!(meeting.applies_to.facts, [OrganizationFact::NoDemocraticLifeMeeting]);
    let branches = &book.entry("branch-team-criticism").unwrap().applies_to;
    assert_eq!(branches.facts, [OrganizationFact::HasCommittee]);
}

#[test]
fn g1_4c_the_verdict_waits_for_the_public_where_it_is_asked() {
    let order = stages("appraisal-stages");
    assert!(
        stage(&order, StageKind::Verdict)
            .needs
            .contains(&StageKind::PublicAppraisal)
    );
    let public = stage(&order, StageKind::PublicAppraisal);
    assert_eq!(public.required_for_sectors, [Sector::Village, Sector::Community]);
    assert_eq!(public.required_for_flags, OrganizationFlag::ALL);
}

fn owed_per_org(key: &str) -> (CadenceSubject, Vec<OrganizationKind>, Entry) {
    let book = book();
    let entry = book.entry(key).unwrap();
    let Form::Cadence(cadence) = &entry.form else { panic!() };
    (cadence.subject, cadence.subject_kinds.clone(), entry.clone())
}

#[test]
fn g1_3g_the_direct_superior_checks_each_grass_roots_org_a_county_too() {
    let (subject, kinds, entry) = owed_per_org("health-check");
    assert_eq!(subject, CadenceSubject::EachChild);
    assert_eq!(
        kinds,
        [
            OrganizationKind::PrimaryCommittee,
            OrganizationKind::GeneralBranch,
            OrganizationKind::Branch
        ]
    );
    for superior in OrganizationKind::ALL {
        let below = domain::place::allowed_children(*superior);
        let has_grass_roots = below.iter().any(|kind| kinds.contains(kind));
        let owes = entry.applies_to.organization_kinds.contains(superior);
        assert_eq!(owes, has_grass_roots, "{superior}");
    }
}

#[test]
fn g3_3a_and_b_who_inspects_how_often_and_whom() {
    let (subject, kinds, half_yearly) = owed_per_org("inspection-half-yearly");
    assert_eq!(subject, CadenceSubject::EachSubordinate);
    assert!(
        kinds.contains(&OrganizationKind::Branch),
        "those under general branches too"
    );
    let town_level = &half_yearly.applies_to.organization_kinds;
    let (_, _, yearly) = owed_per_org("inspection-yearly");
    let county_level = &yearly.applies_to.organization_kinds;
    assert!(!town_level.is_empty() && town_level.iter().all(|kind| !county_level.contains(kind)));
    assert!(county_level.contains(&OrganizationKind::LeadingPartyMembersGroup));
    for key in ["inspection-yearly", "inspection-report"] {
        let to = book().entry(key).unwrap().applies_to.parent_kinds.clone();
        assert_eq!(
            to,
            [OrganizationKind::CityCommittee],
            "{key}: counties and what is directly below the city"
        );
    }
}

#[test]
fn the_deployment_s_numbers_within_rules_of_the_guideline_are_named() {
    let book = book();
    let of = |key: &str| -> Vec<String> { book.entry(key).unwrap().of_deployment.clone() };
    assert_eq!(of("organizational-life-meeting"), ["period"]);
    assert_eq!(of("remote-participation"), ["offer_days"]);
    assert_eq!(of("talks-with-floating-members"), ["at_least_per_year"]);
    assert_eq!(of("absence-ladder"), ["neutral", "breaks"]);
    assert_eq!(
        of("run-out-participation"),
        ["least_occasions", "least_different_months"]
    );
    assert!(of("general-meeting").is_empty() && of("health-check").is_empty());
}

#[test]
fn g1_1h_more_than_half_of_a_team_and_half_of_the_members_must_come() {
    let book = book();
    let strict = |key: &str| {
        let terms = book.terms(book.entry(key).unwrap(), today()).unwrap().unwrap();
        terms.held.strict
    };
    for key in ["committee-meeting", "team-meeting", "democratic-life-meeting"] {
        assert!(strict(key), "{key}");
    }
    for key in [
        "general-meeting",
        "group-meeting",
        "lecture",
        "organizational-life-meeting",
    ] {
        assert!(!strict(key), "{key}");
    }
}
