//! Parameters of stages, deadline, vote and threshold.

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::section::{Section, Value};
use super::values::whole;
use crate::rulebook::form::{Deadline, Decision, Form, Quantity, Stage, Stages, Threshold, Vote};
use crate::vocabulary::MemberStatus;

pub(super) fn stages(of: &Section<'_>) -> Option<Form> {
    let stages = of.required("order", Section::sections)?;
    let read: Vec<_> = stages.iter().map(stage).collect();
    Some(Form::Stages(Stages {
        stages: read.into_iter().collect::<Option<Vec<_>>>()?,
    }))
}

fn stage(of: &Section<'_>) -> Option<Stage> {
    let stage = of.required("stage", Section::choice);
    let required_for_sectors = of.or("required_for_sectors", Vec::new(), Section::choices);
    let required_for_flags = of.or("required_for_flags", Vec::new(), Section::choices);
    let required_for_facts = of.or("required_for_facts", Vec::new(), Section::choices);
    let needs = of.or("needs", Vec::new(), Section::choices);
    let decision = of.optional("decision", decision);
    let audience = of.optional("audience", Section::choice);
    of.finish();
    Some(Stage {
        stage: stage?,
        required_for_sectors: required_for_sectors?,
        required_for_flags: required_for_flags?,
        required_for_facts: required_for_facts?,
        needs: needs?,
        decision: decision?,
        audience: audience?,
    })
}

fn decision(section: &Section<'_>, key: &'static str) -> Option<Decision> {
    let of = section.section(key)?;
    let by = of.required("by", Section::choice);
    let act = of.required("act", Section::choice);
    of.finish();
    Some(Decision { by: by?, act: act? })
}

pub(super) fn deadline(of: &Section<'_>) -> Option<Form> {
    let from = of.required("from", Section::choice);
    let default = of.required("default", Section::span_of_time);
    let maximum = of.optional("maximum", Section::span_of_time);
    let extension = of.optional("extension", Section::span_of_time);
    let extended_by = of.optional("extended_by", decision);
    let then = of.required("then", Section::choice);
    let audience = of.optional("audience", Section::choice);
    Some(Form::Deadline(Deadline {
        from: from?,
        default: default?,
        maximum: maximum?,
        extension: extension?,
        extended_by: extended_by?,
        then: then?,
        audience: audience?,
    }))
}

pub(super) fn vote(of: &Section<'_>) -> Option<Form> {
    let resolutions = of.required("resolutions", Section::choices);
    let voters_standing = of.required("voters_standing", Section::choices);
    let voters_status = of.or(
        "voters_status",
        vec![MemberStatus::Active, MemberStatus::Floating],
        Section::choices,
    );
    let excludable = of.or("excludable", Vec::new(), Section::choices);
    let quorum = of.required("quorum", Section::share);
    let majority = of.required("majority", Section::share);
    let secret = of.or("secret", false, Section::flag);
    Some(Form::Vote(Vote {
        resolutions: resolutions?,
        voters_standing: voters_standing?,
        voters_status: voters_status?,
        excludable: excludable?,
        quorum: quorum?,
        majority: majority?,
        secret: secret?,
    }))
}

/// Every key is a name of the document's own choosing.
pub(super) fn threshold(of: &Section<'_>) -> Option<Form> {
    let read: Vec<_> = of
        .all()
        .map(|(name, value)| Some((name.to_owned(), quantity(of, name, value)?)))
        .collect();
    let values = read.into_iter().collect::<Option<BTreeMap<_, _>>>()?;
    if values.is_empty() {
        of.log.report(of.span(), of.path(), "must give at least one value");
        return None;
    }
    Some(Form::Threshold(Threshold { values }))
}

fn quantity<'a>(of: &Section<'a>, name: &str, value: &'a Value<'a>) -> Option<Quantity> {
    let named = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
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
        DeValue::Table(_) => return of.table_of(value, name)?.into_share().map(Quantity::Share),
        DeValue::Float(_) | DeValue::Datetime(_) => None,
    };
    if !named {
        of.wrong(value, name, "is no name; allowed are letters, digits and underscores");
        return None;
    }
    if read.is_none() {
        of.wrong(
            value,
            name,
            "must be a whole number, true or false, a share, a span such as P7D, a day such as 03-31, or an array of codes",
        );
    }
    read
}
