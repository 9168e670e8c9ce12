//! Thresholds: names and what they amount to. What something asks for has its names and types; a deployment's own numbers
//! and scoring sheets have names of their own choosing.

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::section::{Section, Value};
use super::values::whole;
use crate::rulebook::form::{Form, Quantity, Threshold};
use crate::rulebook::terms::{self as known, TERMS};
use crate::rulebook::words::Denominator;
use crate::vocabulary::OrganizationKind;

/// Entries with a key that begins so have free names: a deployment's own numbers, and scoring sheets.
const FREE: [&str; 2] = ["own-", "sheet-"];
/// What a value must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Number,
    /// From 1.
    Count,
    /// What is owed each month has no make-up.
    Zero,
    Flag,
    /// Of those expected.
    Share,
    Span,
    Day,
    Codes,
}

use Shape as S;

/// What is asked for by key: names and types.
const KNOWN: [(&str, &[(&str, Shape)]); 22] = [
    (
        known::DUE_SOON,
        &[
            ("month", S::Number),
            ("two_months", S::Number),
            ("quarter", S::Number),
            ("half_year", S::Number),
            ("year", S::Number),
        ],
    ),
    (
        known::MAKE_UP,
        &[
            ("month", S::Zero),
            ("two_months", S::Number),
            ("quarter", S::Number),
            ("half_year", S::Number),
            ("year", S::Number),
        ],
    ),
    (known::FILING, &[("days", S::Number)]),
    (known::HELD, &[("members", S::Share), ("committee", S::Share)]),
    (known::YEARLY_GRACE, &[("until", S::Day)]),
    (known::NOTICE, &[("hours", S::Number)]),
    (known::ALERT, &[("days", S::Number)]),
    (known::REMOTE_PARTICIPATION, &[("offer_days", S::Count)]),
    (
        known::BRANCH_FORMATION,
        &[("full_members", S::Count), ("joint_below", S::Flag)],
    ),
    (
        "guidance-from-above",
        &[
            ("guides_from_team", S::Number),
            ("from_discipline_inspection_commission", S::Number),
            ("from_organization_department", S::Number),
        ],
    ),
    (
        "star-rating",
        &[
            ("highest", S::Count),
            ("most_stars_up_per_year", S::Count),
            ("lagging_batch_yearly", S::Flag),
            ("interview_grounds", S::Codes),
        ],
    ),
    (
        "pioneer-index",
        &[("indicator_sets_by", S::Codes), ("points_need_evidence", S::Flag)],
    ),
    ("dues-payment", PAYMENT),
    ("dues-payment-others", PAYMENT),
    ("leaders-lecture", &[("lectures_per_year", S::Count)]),
    ("seven-ones", &[("activities", S::Codes)]),
    // What refusals rest on that follow from no number.
    ("collective-decision", &[("matters", S::Codes)]),
    ("leaders-leave-in-person", &[("in_person", S::Flag)]),
    ("not-in-own-matter", &[("in_own_matter", S::Flag)]),
    ("one-level-down", &[("levels", S::Count)]),
    ("first-responsible-person", &[("holders_at_a_time", S::Count)]),
    ("spot-check", &[("sample", S::Count)]),
];

const PAYMENT: &[(&str, Shape)] = &[
    ("every_months", S::Count),
    ("quarterly_allowed", S::Flag),
    ("by_proxy", S::Flag),
    ("arrears_months", S::Count),
];

pub(super) fn threshold(of: &Section<'_>, entry: &str) -> Option<Form> {
    if !is_asked_for(entry) {
        let keys: Vec<_> = KNOWN.iter().map(|(key, _)| *key).collect();
        of.log.report(
            of.span(),
            of.path(),
            format!(
                "nothing asks for thresholds of {entry}; allowed are {}, {TERMS}; numbers of your own stand under a key \
                 that begins with own-, scoring sheets with sheet-",
                keys.join(", ")
            ),
        );
        return None;
    }
    let read: Vec<_> = of
        .all()
        .map(|(name, value)| Some((name.to_owned(), named(of, entry, name, value)?)))
        .collect();
    let values = read.into_iter().collect::<Option<BTreeMap<_, _>>>()?;
    if values.is_empty() {
        of.log.report(of.span(), of.path(), "must give at least one value");
        return None;
    }
    Some(Form::Threshold(Threshold { values }))
}

fn is_free(entry: &str) -> bool {
    FREE.iter().any(|start| entry.starts_with(start))
}

fn is_asked_for(entry: &str) -> bool {
    is_free(entry) || entry == TERMS || KNOWN.iter().any(|(key, _)| *key == entry)
}

/// A value under a name that the entry may have, of the type that it must have.
fn named<'a>(of: &Section<'a>, entry: &str, name: &str, value: &'a Value<'a>) -> Option<Quantity> {
    if is_free(entry) {
        return free(of, name, value);
    }
    let shapes = shapes(entry);
    let Some((_, shape)) = shapes.iter().find(|(known, _)| *known == name) else {
        let names: Vec<_> = shapes.iter().map(|(name, _)| *name).collect();
        of.wrong(
            value,
            name,
            format!("is no value of {entry}; allowed are {}", names.join(", ")),
        );
        return None;
    };
    let read = quantity(of, name, value)?;
    if fits(*shape, &read) {
        return Some(read);
    }
    of.wrong(value, name, shape.wish());
    None
}

fn shapes(entry: &str) -> Vec<(&'static str, Shape)> {
    if entry == TERMS {
        return OrganizationKind::ALL
            .iter()
            .map(|kind| (kind.as_str(), S::Span))
            .collect();
    }
    let known = KNOWN.iter().find(|(key, _)| *key == entry);
    known.map(|(_, shapes)| shapes.to_vec()).unwrap_or_default()
}

fn fits(shape: Shape, value: &Quantity) -> bool {
    match (shape, value) {
        (S::Number, Quantity::Number(_))
        | (S::Flag, Quantity::Flag(_))
        | (S::Span, Quantity::Span(_))
        | (S::Day, Quantity::Day(_))
        | (S::Codes, Quantity::Codes(_)) => true,
        (S::Count, Quantity::Number(number)) => *number > 0,
        (S::Zero, Quantity::Number(number)) => *number == 0,
        (S::Share, Quantity::Share(share)) => share.of == Denominator::Expected,
        _ => false,
    }
}

impl Shape {
    fn wish(self) -> &'static str {
        match self {
            Self::Number => "must be a whole number from 0",
            Self::Count => "must be a whole number from 1",
            Self::Zero => "what is owed each month has no make-up, only a note; allowed is 0",
            Self::Flag => "must be true or false",
            Self::Share => "must be a share of EXPECTED, such as { at_least = \"1/2\", of = \"EXPECTED\" }",
            Self::Span => "must be a span such as P7D, P6M or P1Y",
            Self::Day => "must be a day of the year such as 03-31",
            Self::Codes => "must be an array of codes",
        }
    }
}

fn free<'a>(of: &Section<'a>, name: &str, value: &'a Value<'a>) -> Option<Quantity> {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !plain {
        of.wrong(value, name, "is no name; allowed are letters, digits and underscores");
        return None;
    }
    quantity(of, name, value)
}

fn quantity<'a>(of: &Section<'a>, name: &str, value: &'a Value<'a>) -> Option<Quantity> {
    let read = match value.get_ref() {
        DeValue::Integer(_) => whole(value.get_ref()).map(Quantity::Number),
        DeValue::Boolean(flag) => Some(Quantity::Flag(*flag)),
        DeValue::String(text) => text
            .parse()
            .map(Quantity::Span)
            .or_else(|()| text.parse().map(Quantity::Day))
            .ok(),
        DeValue::Array(items) => items
            .iter()
            .map(|item| item.get_ref().as_str().map(str::to_owned))
            .collect::<Option<Vec<_>>>()
            .map(Quantity::Codes),
        DeValue::Table(_) => {
            let share = of.table_of(value, name)?.into_share(Denominator::ALL)?;
            Some(Quantity::Share(share))
        }
        DeValue::Float(_) | DeValue::Datetime(_) => None,
    };
    if read.is_none() {
        of.wrong(
            value,
            name,
            "must be a whole number, true or false, a share, a span such as P7D, a day such as 03-31, or an array of codes",
        );
    }
    read
}
