//! Checks across a whole document: what each entry says may be right, and all of them together wrong.

use chrono::NaiveDate;

use super::section::Log;
use crate::rulebook::form::Stages;
use crate::rulebook::{Entry, Form, Rulebook};

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
        if entry.effective_from < book.effective_from {
            report(format!(
                "effective_from must not lie before the document's, {}",
                book.effective_from
            ));
        }
        for message in [needs(book, entry), votes_clash(book, at, entry)].into_iter().flatten() {
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
    one.key == other.key && at_once(one, other)
}

fn at_once(one: &Entry, other: &Entry) -> bool {
    let begins_before_end = |a: &Entry, b: &Entry| b.effective_to.is_none_or(|to| a.effective_from < to);
    begins_before_end(one, other) && begins_before_end(other, one)
}

fn overlapping(earlier: &Entry, entry: &Entry) -> String {
    if earlier.effective_from == entry.effective_from && earlier.effective_to == entry.effective_to {
        return format!("duplicate key: the entry on line {} has it already", earlier.line);
    }
    let line = earlier.line;
    format!("overlaps the version on line {line}: its effective_to must not be later than the next effective_from")
}

/// What an entry needs of others.
fn needs(book: &Rulebook, entry: &Entry) -> Option<String> {
    match &entry.form {
        Form::Cadence(_) => {
            let mut days = turns(book).filter(|day| entry.is_in_force(*day));
            let missing = days.find_map(|day| book.terms(entry, day).err());
            missing.map(|missing| missing.to_string())
        }
        Form::Stages(stages) => refined(book, stages),
        Form::Coverage(_)
        | Form::Ladder(_)
        | Form::RunOut(_)
        | Form::Deadline(_)
        | Form::Vote(_)
        | Form::Tariff(_)
        | Form::Threshold(_) => None,
    }
}

/// What refines others stands in the place of stages that are there.
fn refined(book: &Rulebook, stages: &Stages) -> Option<String> {
    let key = stages.refines.as_deref()?;
    let others = book.versions(key).find_map(|entry| match &entry.form {
        Form::Stages(others) => Some(others),
        _ => None,
    });
    let Some(others) = others else {
        return Some(format!("refines {key}, which is no entry of stages in this document"));
    };
    let known: Vec<_> = others.stages.iter().map(|stage| stage.stage).collect();
    let unknown = stages.stages.iter().find(|stage| !known.contains(&stage.stage))?;
    let codes: Vec<_> = known.iter().map(|stage| stage.as_str()).collect();
    Some(format!(
        "{} is no stage of {key}; allowed are {}",
        unknown.stage,
        codes.join(", ")
    ))
}

/// Two votes for the same resolution at the same meeting on the same day.
fn votes_clash(book: &Rulebook, at: usize, entry: &Entry) -> Option<String> {
    let Form::Vote(vote) = &entry.form else {
        return None;
    };
    let clash = book.entries.iter().take(at).find_map(|earlier| {
        let Form::Vote(other) = &earlier.form else {
            return None;
        };
        let together = earlier.key != entry.key && at_once(earlier, entry);
        let same_meeting = (vote.meetings.is_empty() && other.meetings.is_empty())
            || vote.meetings.iter().any(|kind| other.meetings.contains(kind));
        let shared = vote.resolutions.iter().find(|kind| other.resolutions.contains(kind));
        shared
            .filter(|_| together && same_meeting)
            .map(|kind| (earlier.line, kind))
    });
    clash.map(|(line, kind)| format!("the vote on line {line} already decides {kind} at these meetings"))
}

/// Every day on which something in the document begins or ends to hold.
fn turns(book: &Rulebook) -> impl Iterator<Item = NaiveDate> {
    book.entries
        .iter()
        .flat_map(|entry| std::iter::once(entry.effective_from).chain(entry.effective_to))
}
