//! The shipped rulebook: it loads, and says what the guideline says.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::NaiveDate;
use domain::obligation::deadline;
use domain::rulebook::form::Recurrence;
use domain::rulebook::words::DeadlineEvent;
use domain::rulebook::{Form, JIAXING_2015, Rulebook, load};
use domain::vocabulary::{MeasureKind, Modality, Origin, PeriodKind, ResolutionKind, RuleForm};

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
fn g1_1a_every_resolution_has_exactly_one_vote() {
    let book = book();
    for kind in ResolutionKind::ALL {
        let votes = book
            .entries
            .iter()
            .filter(|e| matches!(&e.form, Form::Vote(v) if v.resolutions.contains(kind)));
        assert_eq!(votes.count(), 1, "{kind}");
        assert!(book.vote_on(*kind, today()).is_some());
    }
}

#[test]
fn nothing_holds_before_the_guideline_was_issued() {
    let book = book();
    let before = NaiveDate::from_ymd_opt(2015, 3, 8).unwrap();
    assert_eq!(book.in_force(before).count(), 0);
    assert_eq!(book.in_force(today()).count(), book.entries.len());
}
