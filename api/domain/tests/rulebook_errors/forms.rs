//! Mistakes in what an entry says by its form: votes, cadences, thresholds, ladders.

use domain::rulebook::load;

use crate::{DAYS, HEAD, entry, only};

fn vote(quorum_of: &str, majority_of: &str, more: &str) -> String {
    format!(
        "vote]\nresolutions = [\"ADMISSION\"]\nvoters_standing = [\"FULL\"]\n\
         quorum = {{ at_least = \"1/2\", of = \"{quorum_of}\" }}\nmajority = {{ more_than = \"1/2\", of = \"{majority_of}\" }}\n{more}"
    )
}

#[test]
fn the_denominators_of_a_vote_are_those_that_mean_something() {
    only(
        &entry("a", "", &vote("PRESENT", "DUE", "")),
        21,
        "entry[a].vote.quorum.of",
        "allowed are DUE, DUE_MINUS_EXCLUDED, COMMITTEE",
    );
    only(
        &entry("a", "", &vote("DUE", "EXPECTED", "")),
        22,
        "entry[a].vote.majority.of",
        "allowed are DUE, DUE_MINUS_EXCLUDED, PRESENT, COMMITTEE",
    );
    only(
        &entry("a", "", &vote("DUE", "DUE", "excludable = [\"DETAINED\"]")),
        23,
        "entry[a].vote.excludable",
        "DUE_MINUS_EXCLUDED",
    );
    only(
        &entry("a", "", &vote("DUE", "DUE", "voters_status = [\"LEFT\"]")),
        23,
        "entry[a].vote.voters_status",
        "votes nowhere",
    );
    let nobody = vote("DUE", "DUE", "").replace("[\"FULL\"]", "[]");
    only(
        &entry("a", "", &nobody),
        20,
        "entry[a].vote.voters_standing",
        "at least one of FULL, PROBATIONARY",
    );
}

#[test]
fn two_votes_on_the_same_resolution_at_the_same_meeting_are_refused() {
    let first = entry("a", "", &vote("DUE", "DUE", ""));
    let second = entry("b", "", &vote("DUE", "PRESENT", ""));
    only(
        &(first.clone() + &second),
        25,
        "entry[b]",
        "the vote on line 9 already decides ADMISSION",
    );
    let elsewhere = vote("DUE", "PRESENT", "meetings = [\"BRANCH_COMMITTEE_MEETING\"]");
    let book = load(&format!("{HEAD}{first}{}", entry("b", "", &elsewhere))).unwrap();
    assert_eq!(book.entries.len(), 2);
}

#[test]
fn a_cadence_must_find_its_defaults() {
    let cadence = "cadence]\nactivities = [\"PARTY_LECTURE\"]\nat_least = 1\nperiod = \"QUARTER\"";
    only(&entry("a", "", cadence), 9, "entry[a]", "due-soon-days");
}

pub const OWN_DAYS: &str = "due_soon_days = 7\nfiling_days = 7\nheld = { at_least = \"1/2\", of = \"EXPECTED\" }\nactivities = [\"PARTY_LECTURE\"]\nat_least = 1";

/// `more` begins on line 24 of the document.
#[track_caller]
fn wrong_cadence(more: &str, line: usize, key: &str, message: &str) {
    let form = format!("cadence]\n{OWN_DAYS}\n{more}");
    only(&entry("a", "", &form), line, &format!("entry[a].cadence{key}"), message);
}

#[test]
fn a_cadence_says_one_thing() {
    let months = "whole number of months from 1 to 60";
    wrong_cadence("every_months = 0\nmake_up_days = 0", 24, ".every_months", months);
    wrong_cadence("every_months = 61\nmake_up_days = 0", 24, ".every_months", months);
    wrong_cadence("make_up_days = 0", 18, "", "either period or every_months");
    wrong_cadence(
        "every_months = 2\nmake_up_days = 5",
        25,
        ".make_up_days",
        "allowed is 0",
    );
    wrong_cadence(
        "period = \"MONTH\"\nmake_up_days = 5",
        25,
        ".make_up_days",
        "only a note",
    );
    wrong_cadence(
        "period = \"QUARTER\"\nmake_up_days = 5\non_time_until = \"03-31\"",
        26,
        ".on_time_until",
        "allowed with period YEAR",
    );
    wrong_cadence(
        "period = \"DAY\"\nmake_up_days = 5",
        24,
        ".period",
        "MONTH, TWO_MONTHS, QUARTER",
    );
    wrong_cadence(
        "period = \"QUARTER\"\nmake_up_days = 5\nchoice = { of = [\"YEAR\", \"HALF_YEAR\"], chosen_by = \"SUPERIOR\" }",
        24,
        ".period",
        "one of those in choice.of",
    );
    wrong_cadence(
        "period = \"QUARTER\"\nmake_up_days = 5\nseason = [11, 10]",
        26,
        ".season",
        "each once and in order",
    );
    wrong_cadence(
        "period = \"QUARTER\"\nmake_up_days = 5\nsubject_kinds = [\"BRANCH\"]",
        26,
        ".subject_kinds",
        "EACH_CHILD or EACH_SUBORDINATE",
    );
    wrong_cadence(
        "period = \"QUARTER\"\nmake_up_days = 5\ncombined = [{ activity = \"PARTY_GROUP_MEETING\", agenda = [\"STUDY\"] }]",
        26,
        ".combined",
        "allowed are BRANCH_GENERAL_MEETING",
    );
    wrong_cadence(
        "period = \"QUARTER\"\nmake_up_days = 5\nact = \"INSPECTION\"",
        18,
        "",
        "either activities or an act",
    );
}

#[test]
fn a_kind_of_activity_or_a_stage_that_is_none_is_named_with_those_allowed() {
    let form = format!(
        "cadence]\n{}\nperiod = \"YEAR\"",
        OWN_DAYS.replace("PARTY_LECTURE", "PICNIC")
    );
    only(
        &entry("a", "", &form),
        22,
        "entry[a].cadence.activities",
        "allowed are BRANCH_GENERAL_MEETING, BRANCH_COMMITTEE_MEETING, PARTY_GROUP_MEETING, PARTY_LECTURE",
    );
    let stages = "stages]\norder = [{ stage = \"PARADE\" }]";
    only(
        &entry("a", "", stages),
        19,
        "entry[a].stages.order[1].stage",
        "allowed are STUDY, OPINIONS",
    );
    let ladder = LADDER.replace("REMINDER", "BEATING") + ONE_STEP;
    only(
        &entry("a", "", &ladder.replace("STEP", "BEATING")),
        23,
        "entry[a].ladder.steps[1].measure",
        "allowed are REMINDER, ADMONITION, CRITICISM_AND_EDUCATION",
    );
    let twice = entry("own-a", "applies_to = { sectors = [\"VILLAGE\", \"VILLAGE\"] }", DAYS);
    only(&twice, 17, "entry[own-a].applies_to.sectors", "names VILLAGE twice");
}

#[test]
fn a_threshold_that_nothing_asks_for_is_no_silent_mistake() {
    let misspelt = entry("notice-hour", "", "threshold]\nhours = 24");
    only(
        &misspelt,
        18,
        "entry[notice-hour].threshold",
        "allowed are due-soon-days",
    );
    only(&misspelt, 18, "entry[notice-hour].threshold", "own-");
    let name = entry("notice-hours", "", "threshold]\nhour = 24");
    only(&name, 19, "entry[notice-hours].threshold.hour", "allowed are hours");
    let kind = entry("notice-hours", "", "threshold]\nhours = \"P1D\"");
    only(&kind, 19, "entry[notice-hours].threshold.hours", "whole number from 0");
    let month = entry("make-up-days", "", "threshold]\nmonth = 3");
    only(&month, 19, "entry[make-up-days].threshold.month", "allowed is 0");
    let none = entry("branch-formation", "", "threshold]\nfull_members = 0");
    only(
        &none,
        19,
        "entry[branch-formation].threshold.full_members",
        "whole number from 1",
    );
    let term = entry("terms", "", "threshold]\nCLUB = \"P3Y\"");
    only(&term, 19, "entry[terms].threshold.CLUB", "PRIMARY_COMMITTEE");
}

const LADDER: &str =
    "ladder]\nevent = \"UNEXCUSED_ABSENCE\"\nunexcused = [\"UNEXCUSED\"]\nneutral = []\nbreaks = [\"PRESENT\"]\n";

const ONE_STEP: &str = "steps = [{ in_a_row = 2, measure = \"STEP\", decider = \"SECRETARY\" }]";

#[test]
fn what_contradicts_itself_is_refused() {
    let one = ONE_STEP.replace("STEP", "REMINDER");
    let both = LADDER.replace("neutral = []", "neutral = [\"UNEXCUSED\"]") + &one;
    only(
        &entry("a", "", &both),
        21,
        "entry[a].ladder.neutral",
        "one of unexcused, neutral and breaks only",
    );
    let level = LADDER.to_owned()
        + &one.replace(
            "}]",
            "}, { in_a_row = 2, measure = \"ADMONITION\", decider = \"SECRETARY\" }]",
        );
    only(&entry("a", "", &level), 23, "entry[a].ladder.steps", "must rise");
    let absent = LADDER.replace("[\"PRESENT\"]", "[]") + &one;
    only(
        &entry("a", "", &absent),
        22,
        "entry[a].ladder.breaks",
        "must name PRESENT",
    );
    let stages = "stages]\norder = [{ stage = \"VERDICT\", needs = [\"STUDY\"] }, { stage = \"STUDY\" }]";
    only(
        &entry("a", "", stages),
        19,
        "entry[a].stages.order",
        "must stand before it",
    );
    let refines = "stages]\nrefines = \"others\"\norder = [{ stage = \"STUDY\" }]";
    only(
        &entry("a", "", refines),
        9,
        "entry[a]",
        "no entry of stages in this document",
    );
    let deadline = "deadline]\nfrom = \"TASK_SET\"\ndefault = \"P2Y\"\nthen = \"ALERT\"\n";
    let shorter = format!("{deadline}maximum = \"P1Y\"");
    only(
        &entry("a", "", &shorter),
        22,
        "entry[a].deadline.maximum",
        "must not be shorter",
    );
    let unapproved = format!("{deadline}extension = \"P1Y\"");
    only(
        &entry("a", "", &unapproved),
        22,
        "entry[a].deadline.extension",
        "who approves it",
    );
    let tariff = "tariff]\nmethod = \"SLAB\"\nrounding = \"DOWN\"\nbrackets = [{ up_to_fen = 5, amount_fen = 1 }]";
    only(
        &entry("a", "", tariff),
        21,
        "entry[a].tariff.brackets",
        "only the last one has no up_to_fen",
    );
    let talks = "coverage]\npair = \"MEMBERS\"\nmode = \"EACH_PAIR\"\nat_least_per_year = 2\nnormally_up_to = 1";
    only(
        &entry("a", "", talks),
        22,
        "entry[a].coverage.normally_up_to",
        "not be less",
    );
    let about = talks
        .replace("normally_up_to = 1", "")
        .replace("MEMBERS", "MEMBER_AND_PUBLIC");
    only(
        &entry("a", "", &about.replace("EACH_PAIR", "EACH_ABOUT_EACH")),
        20,
        "entry[a].coverage.mode",
        "TEAM_MEMBERS or MEMBERS",
    );
    let run_out =
        "run_out]\ncounted = \"DUES_UNPAID\"\nlimit_months = 2\nleast_different_months = 3\nconsequence = \"REVIEW\"";
    only(
        &entry("a", "", run_out),
        21,
        "entry[a].run_out.least_different_months",
        "more than limit_months",
    );
}
