//! Parameters of stages, deadline and vote.

use std::collections::BTreeSet;

use super::section::Section;
use crate::rulebook::form::{Deadline, Decision, Form, Stage, Stages, Vote};
use crate::rulebook::words::Denominator;
use crate::vocabulary::MemberStatus;

pub(super) fn stages(of: &Section<'_>) -> Option<Form> {
    let refines = of.optional("refines", Section::text);
    let order = of.required("order", Section::sections)?;
    let read: Vec<_> = order.iter().map(stage).collect();
    let stages = Stages {
        stages: read.into_iter().collect::<Option<Vec<_>>>()?,
        refines: refines?,
    };
    is_ordered(of, &stages).then_some(Form::Stages(stages))
}

/// Each stage once, and what it needs before it.
fn is_ordered(of: &Section<'_>, stages: &Stages) -> bool {
    let mut before = BTreeSet::new();
    for stage in &stages.stages {
        if let Some(need) = stage.needs.iter().find(|need| !before.contains(*need)) {
            of.refuse(
                "order",
                format!("{} needs {need}, which must stand before it", stage.stage),
            );
            return false;
        }
        if !before.insert(stage.stage) {
            of.refuse("order", format!("{} stands twice in the order", stage.stage));
            return false;
        }
    }
    if before.is_empty() {
        of.refuse("order", "must have at least one stage");
    }
    !before.is_empty()
}

fn stage(of: &Section<'_>) -> Option<Stage> {
    let stage = of.required("stage", Section::choice);
    let required_for_sectors = of.or("required_for_sectors", Vec::new(), Section::choices);
    let required_for_flags = of.or("required_for_flags", Vec::new(), Section::choices);
    let required_for_facts = of.or("required_for_facts", Vec::new(), Section::choices);
    let needs = of.or("needs", Vec::new(), Section::choices);
    let written_by = of.or("written_by", Vec::new(), Section::some_choices);
    let decision = of.optional("decision", decision);
    let audience = of.optional("audience", Section::choice);
    of.finish();
    Some(Stage {
        stage: stage?,
        required_for_sectors: required_for_sectors?,
        required_for_flags: required_for_flags?,
        required_for_facts: required_for_facts?,
        needs: needs?,
        written_by: written_by?,
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
    let deadline = Deadline {
        from: from?,
        default: default?,
        maximum: maximum?,
        extension: extension?,
        extended_by: extended_by?,
        then: then?,
        audience: audience?,
    };
    let longest = deadline.maximum.map(|maximum| maximum.approximate_days());
    if longest.is_some_and(|longest| longest < deadline.default.approximate_days()) {
        of.refuse("maximum", "must not be shorter than default");
        return None;
    }
    if deadline.extension.is_some() != deadline.extended_by.is_some() {
        of.refuse(
            "extension",
            "must come with extended_by, who approves it, and extended_by with it",
        );
        return None;
    }
    Some(Form::Deadline(deadline))
}

const QUORUM: [Denominator; 3] = [Denominator::Due, Denominator::DueMinusExcluded, Denominator::Committee];
const MAJORITY: [Denominator; 4] = [
    Denominator::Due,
    Denominator::DueMinusExcluded,
    Denominator::Present,
    Denominator::Committee,
];

pub(super) fn vote(of: &Section<'_>) -> Option<Form> {
    let resolutions = of.required("resolutions", Section::choices);
    let meetings = of.or("meetings", Vec::new(), Section::some_choices);
    let voters_standing = of.required("voters_standing", Section::some_choices);
    let voters_status = of.or(
        "voters_status",
        vec![MemberStatus::Active, MemberStatus::Floating, MemberStatus::OutOfContact],
        Section::some_choices,
    );
    let voters_exempt = of.or("voters_exempt", true, Section::flag);
    let excludable = of.or("excludable", Vec::new(), Section::choices);
    let quorum = of.required("quorum", |of, key| of.share_of(key, &QUORUM));
    let majority = of.required("majority", |of, key| of.share_of(key, &MAJORITY));
    let secret = of.or("secret", false, Section::flag);
    let vote = Vote {
        resolutions: resolutions?,
        meetings: meetings?,
        voters_standing: voters_standing?,
        voters_status: voters_status?,
        voters_exempt: voters_exempt?,
        excludable: excludable?,
        quorum: quorum?,
        majority: majority?,
        secret: secret?,
    };
    if let Some(never) = vote.voters_status.iter().find(|status| **status == MemberStatus::Left) {
        of.refuse(
            "voters_status",
            format!("{never} is no member any more and votes nowhere"),
        );
        return None;
    }
    let counts_less = [vote.quorum.of, vote.majority.of].contains(&Denominator::DueMinusExcluded);
    if !vote.excludable.is_empty() && !counts_less {
        of.refuse(
            "excludable",
            "has no effect unless quorum or majority is of DUE_MINUS_EXCLUDED",
        );
        return None;
    }
    Some(Form::Vote(vote))
}
