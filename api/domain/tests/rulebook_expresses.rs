//! What later rules and a city's own needs ask of the format, one scenario each: no code is needed for any of them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::NaiveDate;
use domain::rulebook::form::{Quantity, Recurrence};
use domain::rulebook::words::*;
use domain::rulebook::{Entry, Form, Rulebook, load};
use domain::vocabulary::*;

/// A document with these entries, with the head that most scenarios share.
fn book(entries: &str) -> Rulebook {
    let head = r#"
key = "later"
version = 3
issued_on = 2018-10-28
effective_from = 2018-10-28
precedence = "CENTRAL"
title = { zh-CN = "条例", en = "Regulations" }
issuer = { zh-CN = "中央", en = "Centre" }
"#;
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

const DAYS: &str =
    "due_soon_days = 7\nfiling_days = 7\nmake_up_days = 0\nheld = { at_least = \"1/2\", of = \"EXPECTED\" }";

fn only(book: &Rulebook) -> &Entry {
    assert_eq!(book.entries.len(), 1);
    &book.entries[0]
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

macro_rules! form {
    ($entry:expr, $form:ident) => {
        match &$entry.form {
            Form::$form(form) => form,
            other => panic!("{:?}", other.kind()),
        }
    };
}

#[test]
fn thing_01_document_issuer_validity_scope_and_precedence() {
    let scope = "territory = \"jiaxing\"\nsectors = [\"VILLAGE\"]\neffective_to = 2030-01-01\n";
    let text = format!(
        "{scope}key = \"l\"\nversion = 1\nissued_on = 2018-01-01\neffective_from = 2018-02-01\nprecedence = \"LOCAL\"\n\
         title = {{ zh-CN = \"题\", en = \"T\" }}\nissuer = {{ zh-CN = \"某委\", en = \"I\" }}\n{}{}",
        entry("days", "MUST", "effective_to = 2020-01-01", "threshold]\ndays = 10"),
        entry("days", "MUST", "effective_from = 2020-01-01", "threshold]\ndays = 5"),
    );
    let book = load(&text).unwrap();
    assert_eq!(
        (book.precedence, book.territory.as_deref()),
        (Precedence::Local, Some("jiaxing"))
    );
    assert_eq!(
        (book.sectors.as_slice(), book.effective_to),
        ([Sector::Village].as_slice(), Some(day("2030-01-01")))
    );
    assert_eq!(
        book.number("days", "days", day("2019-12-31")),
        Some(10),
        "an old day keeps the rule of its time"
    );
    assert_eq!(book.number("days", "days", day("2020-01-01")), Some(5));
    assert!(Precedence::Central < Precedence::Local);
}

#[test]
fn thing_02_how_strictly_something_is_owed() {
    let days = "threshold]\ndays = 1";
    let text = ["MUST", "NORMALLY", "MAY"]
        .map(|modality| entry(&modality.to_lowercase(), modality, "", days))
        .concat();
    let book = book(&text);
    let modalities: Vec<_> = book.entries.iter().map(|entry| entry.modality).collect();
    assert_eq!(modalities, [Modality::Must, Modality::Normally, Modality::May]);
}

#[test]
fn thing_03_cadences_of_calendar_and_rolling_periods_a_choice_and_a_season() {
    let theme_day = format!("cadence]\nact = \"THEME_PARTY_DAY\"\nat_least = 1\nperiod = \"MONTH\"\n{DAYS}");
    let life = format!(
        "cadence]\nact = \"ORGANIZATIONAL_LIFE_MEETING\"\nat_least = 1\nperiod = \"HALF_YEAR\"\nseason = [10, 11, 12]\n\
         also_at_any_time = true\nchoice = {{ of = [\"HALF_YEAR\", \"YEAR\"], chosen_by = \"SUPERIOR\" }}\n{DAYS}"
    );
    let rolling = format!("cadence]\nactivities = [\"PARTY_LECTURE\"]\nat_least = 1\nevery_months = 2\n{DAYS}");
    let text = entry("theme-day", "MUST", "", &theme_day) + &entry("life", "NORMALLY", "", &life);
    let book = book(&(text + &entry("rolling", "NORMALLY", "", &rolling)));
    assert_eq!(
        form!(book.entries[0], Cadence).recurrence,
        Recurrence::Period(PeriodKind::Month)
    );
    let life = form!(book.entries[1], Cadence);
    assert_eq!(
        (life.season.as_slice(), life.also_at_any_time),
        ([10, 11, 12].as_slice(), true)
    );
    assert_eq!(
        life.choice.as_ref().map(|choice| choice.chosen_by),
        Some(Chooser::Superior)
    );
    assert_eq!(form!(book.entries[2], Cadence).recurrence, Recurrence::EveryMonths(2));
}

#[test]
fn thing_04_one_meeting_satisfies_several_duties_by_declared_agenda_item() {
    let form = format!(
        "cadence]\nactivities = [\"PARTY_LECTURE\"]\nat_least = 1\nperiod = \"QUARTER\"\n{DAYS}\n\
         combined = [{{ activity = \"BRANCH_GENERAL_MEETING\", agenda = [\"LECTURE_BASICS\"] }}]"
    );
    let book = book(&entry("lecture", "NORMALLY", "", &form));
    let combined = &form!(only(&book), Cadence).combined[0];
    assert_eq!(combined.activity, ActivityKind::BranchGeneralMeeting);
    assert_eq!(combined.agenda, [AgendaItemKind::LectureBasics]);
}

#[test]
fn thing_05_selectors_by_kind_field_size_body_and_level_of_leader() {
    let head = "applies_to = { organization_kinds = [\"BRANCH\"], sectors = [\"UNIVERSITY\"], facts = [\"NO_COMMITTEE\"], \
                size = { count = \"FULL\", at_least = 3, at_most = 6 }, leaders_of = [\"COUNTY_COMMITTEE\"], \
                leadership = \"LEADERS_ONLY\", standing = [\"FULL\"], status = [\"FLOATING\"], flags = [\"SERVICE_TRADE\"] }";
    let book = book(&entry("selected", "MUST", head, "threshold]\ndays = 1"));
    let to = &only(&book).applies_to;
    assert_eq!(
        (to.organization_kinds[0], to.sectors[0]),
        (OrganizationKind::Branch, Sector::University)
    );
    assert_eq!(
        (to.facts[0], to.flags[0]),
        (OrganizationFact::NoCommittee, OrganizationFlag::ServiceTrade)
    );
    let size = to.size.unwrap();
    assert_eq!(
        (size.count, size.at_least, size.at_most),
        (CountedMembers::Full, Some(3), Some(6))
    );
    assert_eq!(
        (to.leadership, to.leaders_of[0]),
        (Some(Leadership::LeadersOnly), OrganizationKind::CountyCommittee)
    );
}

#[test]
fn thing_06_quorum_and_majority_with_every_denominator() {
    for (of, denominator) in Denominator::ALL.iter().map(|of| (of.as_str(), *of)) {
        let form = format!(
            "vote]\nresolutions = [\"ADMISSION\"]\nvoters_standing = [\"FULL\"]\nsecret = true\n\
             quorum = {{ at_least = \"2/3\", of = \"{of}\" }}\nmajority = {{ more_than = \"1/2\", of = \"{of}\" }}"
        );
        let book = book(&entry("vote", "MUST", "", &form));
        let vote = form!(only(&book), Vote);
        assert_eq!((vote.quorum.of, vote.quorum.strict), (denominator, false));
        assert_eq!((vote.majority.of, vote.majority.strict), (denominator, true));
    }
}

#[test]
fn thing_07_runs_in_a_row_with_neutral_classes_and_limits_over_time() {
    let ladder = "ladder]\nevent = \"UNEXCUSED_ABSENCE\"\nunexcused = [\"UNEXCUSED\", \"UNEXPLAINED\"]\n\
                  neutral = [\"ON_LEAVE\"]\nbreaks = [\"PRESENT\"]\n\
                  steps = [{ in_a_row = 4, measure = \"REMINDER\", decider = \"SECRETARY\" }]";
    let run_out = "run_out]\ncounted = \"DUES_UNPAID\"\nlimit_months = 3\nconsequence = \"SUSPEND\"";
    let book = book(&(entry("ladder", "MAY", "", ladder) + &entry("run-out", "MUST", "", run_out)));
    let ladder = form!(book.entries[0], Ladder);
    assert_eq!(ladder.outcome(AttendanceState::OnLeave), Some(OccasionOutcome::Neutral));
    assert_eq!(ladder.outcome(AttendanceState::Exempt), None);
    assert!(ladder.step(3).is_none() && ladder.step(4).is_some());
    let run_out = form!(book.entries[1], RunOut);
    assert_eq!((run_out.limit_months, run_out.consequence), (3, Consequence::Suspend));
}

#[test]
fn thing_08_limits_with_default_maximum_extension_and_who_approves() {
    let form = "deadline]\nfrom = \"CORRECTION_APPROVED\"\ndefault = \"P6M\"\nmaximum = \"P1Y\"\nextension = \"P6M\"\n\
                extended_by = { by = \"APPROVER\", act = \"APPROVAL\" }\nthen = \"REVIEW\"";
    let book = book(&entry("correction", "NORMALLY", "", form));
    let rule = form!(only(&book), Deadline);
    let due = |asked, extended| domain::obligation::deadline::due_on(rule, day("2026-01-31"), asked, extended);
    assert_eq!(due(None, false), Ok(day("2026-07-31")));
    assert_eq!(due(None, true), Ok(day("2027-01-31")));
    assert!(due(Some(day("2027-02-01")), false).is_err());
    assert_eq!(due(Some(day("2027-07-31")), true), Ok(day("2027-07-31")));
    assert_eq!(
        rule.extended_by.map(|decision| decision.by),
        Some(DecisionLevel::Approver)
    );
}

#[test]
fn thing_09_stages_with_the_level_that_decides_and_how() {
    let form = "stages]\norder = [\n{ stage = \"PRIOR_FILING\", decision = { by = \"APPROVER\", act = \"PRIOR_FILING\" } },\n\
                { stage = \"BRANCH_VOTE\", needs = [\"PRIOR_FILING\"] },\n\
                { stage = \"APPROVAL\", decision = { by = \"DEPARTMENT_OF_SUPERIOR\", act = \"APPROVAL\" } },\n\
                { stage = \"REPLY\", decision = { by = \"HEAD_OF_SUPERIOR\", act = \"RECORD\" } }]";
    let book = book(&entry("disposition", "MUST", "", form));
    let stages = &form!(only(&book), Stages).stages;
    assert_eq!(stages[1].needs, [StageKind::PriorFiling]);
    let deciders: Vec<_> = stages
        .iter()
        .filter_map(|stage| stage.decision)
        .map(|one| (one.by, one.act))
        .collect();
    assert_eq!(deciders[0], (DecisionLevel::Approver, DecisionAct::PriorFiling));
    assert_eq!(
        deciders[1],
        (DecisionLevel::DepartmentOfSuperior, DecisionAct::Approval)
    );
    assert_eq!(deciders[2], (DecisionLevel::HeadOfSuperior, DecisionAct::Record));
}

#[test]
fn thing_10_tariffs_by_slab_or_margin_with_dates() {
    let tariff = |method: &str| {
        format!(
            "tariff]\nmethod = \"{method}\"\nrounding = \"HALF_UP\"\n\
             brackets = [{{ up_to_fen = 300000, rate_per_10000 = 50 }}, {{ amount_fen = 20 }}]"
        )
    };
    let text = entry("dues", "MUST", "effective_to = 2022-01-01", &tariff("SLAB"))
        + &entry("dues", "MUST", "effective_from = 2022-01-01", &tariff("MARGINAL"));
    let book = book(&text);
    let on = |date| form!(book.entry_on("dues", day(date)).unwrap(), Tariff);
    assert_eq!(on("2021-12-31").method, TariffMethod::Slab);
    assert_eq!(on("2022-01-01").method, TariffMethod::Marginal);
    assert_eq!(
        (
            on("2022-01-01").brackets[0].rate_per_10000,
            on("2022-01-01").brackets[1].amount_fen
        ),
        (Some(50), Some(20))
    );
}

#[test]
fn thing_11_terms_by_kind_of_org_with_a_transition() {
    let text = entry(
        "terms",
        "MUST",
        "effective_to = 2020-01-01",
        "threshold]\nBRANCH = \"P2Y\"",
    ) + &entry(
        "terms",
        "MUST",
        "effective_from = 2020-01-01\ntransition = \"RUNNING_KEEPS_OLD\"",
        "threshold]\nBRANCH = \"P3Y\"\nPRIMARY_COMMITTEE = \"P5Y\"",
    );
    let book = book(&text);
    assert_eq!(book.entry("terms").unwrap().transition, Transition::RunningKeepsOld);
    let Some(Quantity::Span(term)) = book.quantity("terms", "PRIMARY_COMMITTEE", day("2021-01-01")) else {
        panic!()
    };
    assert_eq!(term.months, 60);
}

#[test]
fn thing_12_scoring_sheets_by_field_with_veto_step_limit_and_newcomers() {
    let form = "threshold]\norganizational_life = 40\nservice = 60\nveto = [\"SERIOUS_CASE\"]\nmost_stars_up = 1\n\
                newcomers_exempt = true";
    let head = "applies_to = { sectors = [\"VILLAGE\", \"COMMUNITY\"] }";
    let book = book(&entry("sheet-village", "MUST", head, form));
    let at = |name| book.quantity("sheet-village", name, day("2020-01-01")).unwrap().clone();
    assert_eq!(at("organizational_life"), Quantity::Number(40));
    assert_eq!(at("veto"), Quantity::Codes(vec!["SERIOUS_CASE".to_owned()]));
    assert_eq!(
        (at("most_stars_up"), at("newcomers_exempt")),
        (Quantity::Number(1), Quantity::Flag(true))
    );
}

#[test]
fn thing_13_to_whom_something_is_made_known() {
    let stages = "stages]\norder = [{ stage = \"PUBLICATION\", audience = \"PUBLIC\" }]";
    let deadline =
        "deadline]\nfrom = \"MEASURES_ADOPTED\"\ndefault = \"P15D\"\nthen = \"ALERT\"\naudience = \"SUBTREE\"";
    let book = book(&(entry("posting", "MUST", "", stages) + &entry("plan", "MUST", "", deadline)));
    assert_eq!(
        form!(book.entries[0], Stages).stages[0].audience,
        Some(Audience::Public)
    );
    assert_eq!(form!(book.entries[1], Deadline).audience, Some(Audience::Subtree));
}

#[test]
fn thing_14_every_result_can_cite_its_article() {
    let head = "cites = [{ document = \"PC-2017\", article = \"9\" }]";
    let book = book(&entry("quoted", "MUST", head, "threshold]\ndays = 1"));
    let entry = only(&book);
    let basis = book.basis(entry);
    assert_eq!(
        (basis.rulebook.as_str(), basis.rulebook_version, basis.clause.as_str()),
        ("later", 3, "art. 11")
    );
    assert_eq!(
        (entry.cites[0].document.as_str(), entry.cites[0].article.as_str()),
        ("PC-2017", "9")
    );
}
