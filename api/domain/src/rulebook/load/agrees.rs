//! What an entry says in one place must agree with what it says in another.

use super::section::Section;
use crate::organization_facts::{may_have_committee, may_hold_democratic_life_meeting};
use crate::rulebook::form::Form;
use crate::rulebook::words::{Consequence, Leadership, OrganizationFact};
use crate::rulebook::{AppliesTo, Entry};
use crate::vocabulary::{Modality, OrganizationKind, Origin, RuleForm};

/// Two facts that no org has at once.
const OPPOSITES: [(OrganizationFact, OrganizationFact); 2] = [
    (OrganizationFact::HasCommittee, OrganizationFact::NoCommittee),
    (
        OrganizationFact::HoldsDemocraticLifeMeeting,
        OrganizationFact::NoDemocraticLifeMeeting,
    ),
];

/// Selectors that no org, or nobody, fits.
pub(super) fn selectors(of: &Section<'_>, to: &AppliesTo) -> bool {
    let has = |fact| to.facts.contains(&fact);
    if let Some((one, other)) = OPPOSITES.iter().find(|(one, other)| has(*one) && has(*other)) {
        of.refuse("facts", format!("{one} and {other} exclude each other; no org fits"));
        return false;
    }
    let impossible = to
        .facts
        .iter()
        .find(|fact| !to.organization_kinds.is_empty() && !some_may(**fact, to));
    if let Some(fact) = impossible {
        of.refuse(
            "facts",
            format!("no org of the kinds in organization_kinds can have {fact}"),
        );
        return false;
    }
    if to.leadership == Some(Leadership::OthersOnly) && !to.leaders_of.is_empty() {
        of.refuse(
            "leaders_of",
            "names leaders, and leadership = OTHERS_ONLY leaves them out; allowed with LEADERS_ONLY",
        );
        return false;
    }
    true
}

fn some_may(fact: OrganizationFact, to: &AppliesTo) -> bool {
    let small = |kind: &OrganizationKind| {
        matches!(
            kind,
            OrganizationKind::Branch | OrganizationKind::GeneralBranch | OrganizationKind::PrimaryCommittee
        )
    };
    to.organization_kinds.iter().any(|kind| match fact {
        OrganizationFact::HasCommittee => may_have_committee(*kind),
        OrganizationFact::HoldsDemocraticLifeMeeting => may_hold_democratic_life_meeting(*kind),
        OrganizationFact::HasGroups => *kind == OrganizationKind::Branch,
        OrganizationFact::Joint | OrganizationFact::Temporary => small(kind),
        OrganizationFact::NoCommittee | OrganizationFact::NoDemocraticLifeMeeting => true,
    })
}

/// Modality, origin and selectors against the form.
pub(super) fn check(section: &Section<'_>, entry: &Entry) -> bool {
    let checks = [advises_quietly, owns_its_defaults, selects_what_it_is_about];
    // Every one, so that all mistakes come at once.
    checks.iter().filter(|check| !check(section, entry)).count() == 0
}

/// `MAY` is advice: nothing follows when it is not taken.
fn advises_quietly(section: &Section<'_>, entry: &Entry) -> bool {
    let follows = match &entry.form {
        Form::Deadline(deadline) => Some(deadline.then),
        Form::RunOut(run_out) => Some(run_out.consequence),
        Form::Cadence(_)
        | Form::Coverage(_)
        | Form::Ladder(_)
        | Form::Stages(_)
        | Form::Vote(_)
        | Form::Tariff(_)
        | Form::Threshold(_) => None,
    };
    let loud = follows.filter(|then| entry.modality == Modality::May && *then != Consequence::Review);
    if let Some(then) = loud {
        section.refuse(
            "modality",
            format!("MAY is advice, and nothing follows from it; {then} is allowed with MUST and NORMALLY"),
        );
    }
    loud.is_none()
}

/// `of_deployment` names parameters that the form gives, of a rule of the guideline.
fn owns_its_defaults(section: &Section<'_>, entry: &Entry) -> bool {
    if entry.of_deployment.is_empty() {
        return true;
    }
    if entry.origin == Origin::Deployment {
        section.refuse(
            "of_deployment",
            "is for rules of the guideline; with origin DEPLOYMENT all numbers are",
        );
        return false;
    }
    let given = section.table_named(form_name(entry.form_kind()));
    let unknown = entry.of_deployment.iter().find(|name| !given.contains(&name.as_str()));
    if let Some(name) = unknown {
        section.refuse(
            "of_deployment",
            format!("{name} is not given here; allowed are {}", given.join(", ")),
        );
    }
    unknown.is_none()
}

/// Selectors of people narrow rules about people only.
fn selects_what_it_is_about(section: &Section<'_>, entry: &Entry) -> bool {
    let to = &entry.applies_to;
    let selects_people =
        !to.standing.is_empty() || !to.status.is_empty() || to.leadership.is_some() || !to.leaders_of.is_empty();
    let about_people = match entry.form_kind() {
        RuleForm::Coverage | RuleForm::Ladder | RuleForm::RunOut | RuleForm::Tariff | RuleForm::Threshold => true,
        // A vote names its voters itself.
        RuleForm::Cadence | RuleForm::Stages | RuleForm::Deadline | RuleForm::Vote => false,
    };
    let fits = about_people || !selects_people;
    if !fits {
        section.refuse(
            "applies_to",
            "standing, status, leadership and leaders_of do not narrow this form; allowed with coverage, ladder, run_out, \
             tariff and threshold",
        );
    }
    fits
}

fn form_name(form: RuleForm) -> &'static str {
    match form {
        RuleForm::Cadence => "cadence",
        RuleForm::Coverage => "coverage",
        RuleForm::Ladder => "ladder",
        RuleForm::RunOut => "run_out",
        RuleForm::Stages => "stages",
        RuleForm::Deadline => "deadline",
        RuleForm::Vote => "vote",
        RuleForm::Tariff => "tariff",
        RuleForm::Threshold => "threshold",
    }
}
