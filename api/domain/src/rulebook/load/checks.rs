//! Checks across a whole document: what each entry says may be right, and all of them together wrong.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::section::Log;
use crate::activity_kind::capabilities;
use crate::rulebook::form::{Cadence, Deadline, Ladder, Recurrence, Stages, Tariff};
use crate::rulebook::{Entry, Form, Rulebook};
use crate::vocabulary::ActivityKind;

pub(super) fn check(book: &Rulebook, log: &Log<'_>) {
    if book.effective_to.is_some_and(|to| to <= book.effective_from) {
        log.report_line(1, "effective_to", "must be later than effective_from");
    }
    for (at, entry) in book.entries.iter().enumerate() {
        let report = |message: String| log.report_line(entry.line, &format!("entry[{}]", entry.key), message);
        if let Some(message) = own_dates(entry) {
            report(message.to_owned());
        }
        let earlier = book.entries.iter().take(at).find(|earlier| overlap(earlier, entry));
        if let Some(earlier) = earlier {
            report(overlapping(earlier, entry));
        }
        if let Some(message) = form(book, entry) {
            report(message);
        }
    }
}

fn own_dates(entry: &Entry) -> Option<&'static str> {
    let turned = entry.effective_to.is_some_and(|to| to <= entry.effective_from);
    turned.then_some("effective_to must be later than effective_from")
}

/// Two versions of one key that hold on the same day.
fn overlap(one: &Entry, other: &Entry) -> bool {
    let begins_before_end = |a: &Entry, b: &Entry| b.effective_to.is_none_or(|to| a.effective_from < to);
    one.key == other.key && begins_before_end(one, other) && begins_before_end(other, one)
}

fn overlapping(earlier: &Entry, entry: &Entry) -> String {
    if earlier.effective_from == entry.effective_from && earlier.effective_to == entry.effective_to {
        return format!("duplicate key: the entry on line {} has it already", earlier.line);
    }
    let line = earlier.line;
    format!("overlaps the version on line {line}: its effective_to must not be later than the next effective_from")
}

fn form(book: &Rulebook, entry: &Entry) -> Option<String> {
    match &entry.form {
        Form::Cadence(cadence) => {
            let mut days = turns(book).filter(|day| entry.is_in_force(*day));
            let missing = days.find_map(|day| book.terms(entry, day).err());
            missing
                .map(|missing| missing.to_string())
                .or_else(|| self::cadence(cadence))
        }
        Form::Ladder(ladder) => self::ladder(ladder),
        Form::Stages(stages) => self::stages(stages),
        Form::Deadline(deadline) => self::deadline(deadline),
        Form::Tariff(tariff) => self::tariff(tariff),
        Form::Coverage(_) | Form::RunOut(_) | Form::Vote(_) | Form::Threshold(_) => None,
    }
}

/// Every day on which something in the document begins or ends to hold.
fn turns(book: &Rulebook) -> impl Iterator<Item = NaiveDate> {
    book.entries
        .iter()
        .flat_map(|entry| std::iter::once(entry.effective_from).chain(entry.effective_to))
}

fn cadence(cadence: &Cadence) -> Option<String> {
    let allows = |kind: &ActivityKind, other| capabilities(*kind).may_be_combined_with.contains(&other);
    let wrong = cadence
        .combined
        .iter()
        .find(|combination| !cadence.activities.iter().any(|kind| allows(kind, combination.activity)));
    if let Some(combination) = wrong {
        return Some(format!(
            "{} cannot be combined with what this cadence counts",
            combination.activity
        ));
    }
    let Recurrence::Period(period) = cadence.recurrence else {
        return None;
    };
    let choice = cadence.choice.as_ref()?;
    (!choice.of.contains(&period)).then(|| "period must be one of those in choice.of".to_owned())
}

fn ladder(ladder: &Ladder) -> Option<String> {
    let rising = ladder
        .steps
        .is_sorted_by(|a, b| a.in_a_row < b.in_a_row && a.measure < b.measure);
    if ladder.steps.is_empty() || !rising {
        return Some("steps must rise in in_a_row and measure, and there must be one".to_owned());
    }
    let states: Vec<_> = ladder
        .unexcused
        .iter()
        .chain(&ladder.neutral)
        .chain(&ladder.breaks)
        .collect();
    let distinct: BTreeSet<_> = states.iter().collect();
    (distinct.len() != states.len()).then(|| "a state stands in one of unexcused, neutral and breaks only".to_owned())
}

fn stages(stages: &Stages) -> Option<String> {
    let mut before = BTreeSet::new();
    for stage in &stages.stages {
        if let Some(need) = stage.needs.iter().find(|need| !before.contains(*need)) {
            return Some(format!("{} needs {need}, which must stand before it", stage.stage));
        }
        if !before.insert(stage.stage) {
            return Some(format!("{} stands twice in the order", stage.stage));
        }
    }
    before
        .is_empty()
        .then(|| "order must have at least one stage".to_owned())
}

fn deadline(deadline: &Deadline) -> Option<String> {
    let longest = deadline.maximum.map(|maximum| maximum.approximate_days());
    let too_long = longest.is_some_and(|longest| longest < deadline.default.approximate_days());
    too_long.then(|| "maximum must not be shorter than default".to_owned())
}

fn tariff(tariff: &Tariff) -> Option<String> {
    let limits: Vec<_> = tariff
        .brackets
        .iter()
        .map(|bracket| bracket.up_to_fen.unwrap_or(u64::MAX))
        .collect();
    let open_end = limits.last() == Some(&u64::MAX);
    let rising = limits.is_sorted_by(|a, b| a < b);
    (!open_end || !rising).then(|| "brackets must rise, and only the last one has no up_to_fen".to_owned())
}
