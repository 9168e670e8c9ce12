//! Parameters of a cadence.

use super::section::Section;
use crate::activity_kind::capabilities;
use crate::rulebook::form::{Cadence, Combination, Deed, Form, PeriodChoice, Recurrence};
use crate::rulebook::words::{ActKind, CadenceSubject, Denominator};
use crate::vocabulary::{ActivityKind, PeriodKind};

pub(super) fn cadence(of: &Section<'_>) -> Option<Form> {
    let activities = of.or("activities", Vec::new(), Section::some_choices);
    let act = of.optional("act", Section::choice);
    let recurrence = recurrence(of);
    let subject = of.or("subject", CadenceSubject::Itself, Section::choice);
    let subject_kinds = of.or("subject_kinds", Vec::new(), Section::some_choices);
    let at_least = of.required("at_least", Section::count);
    let choice = of.optional("choice", choice);
    let season = of.or("season", Vec::new(), season);
    let also_at_any_time = of.or("also_at_any_time", false, Section::flag);
    let due_soon_days = of.optional("due_soon_days", Section::number);
    let filing_days = of.optional("filing_days", Section::number);
    let make_up_days = of.optional("make_up_days", Section::number);
    let on_time_until = of.optional("on_time_until", Section::month_day);
    let held = of.optional("held", |of, key| of.share_of(key, &[Denominator::Expected]));
    let combined = of.or("combined", Vec::new(), combinations);
    let by_every_group = of.or("by_every_group", false, Section::flag);
    let cadence = Cadence {
        activities: activities?,
        act: act?,
        subject: subject?,
        subject_kinds: subject_kinds?,
        at_least: at_least?,
        recurrence: recurrence?,
        choice: choice?,
        season: season?,
        also_at_any_time: also_at_any_time?,
        due_soon_days: due_soon_days?,
        filing_days: filing_days?,
        make_up_days: make_up_days?,
        on_time_until: on_time_until?,
        held: held?,
        combined: combined?,
        by_every_group: by_every_group?,
    };
    check(of, &cadence).then_some(Form::Cadence(cadence))
}

/// What is right by itself and wrong together.
fn check(of: &Section<'_>, cadence: &Cadence) -> bool {
    let counts_one = cadence.activities.is_empty() != cadence.act.is_none();
    if !counts_one {
        of.log
            .report(of.span(), of.path(), "must count either activities or an act");
    }
    let narrows = cadence.subject_kinds.is_empty() || cadence.subject != CadenceSubject::Itself;
    if !narrows {
        of.refuse(
            "subject_kinds",
            "narrows subordinates; allowed with subject EACH_CHILD or EACH_SUBORDINATE",
        );
    }
    let of_groups = !cadence.by_every_group || cadence.subject == CadenceSubject::Itself;
    if !of_groups {
        of.refuse(
            "by_every_group",
            "is for what a branch owes itself; allowed with subject ITSELF",
        );
    }
    let chosen = chosen_among(cadence);
    if !chosen {
        of.refuse("period", "must be one of those in choice.of");
    }
    let monthly = cadence.recurrence.is_monthly();
    let made_up = !monthly || cadence.make_up_days.is_none_or(|days| days == 0);
    if !made_up {
        of.refuse(
            "make_up_days",
            "what is owed each month has no make-up, only a note; allowed is 0",
        );
    }
    let yearly = cadence.on_time_until.is_none() || cadence.recurrence == Recurrence::Period(PeriodKind::Year);
    if !yearly {
        of.refuse(
            "on_time_until",
            "is for what is owed each year; allowed with period YEAR",
        );
    }
    counts_one && narrows && of_groups && chosen && made_up && yearly && combines(of, cadence)
}

fn chosen_among(cadence: &Cadence) -> bool {
    let (Recurrence::Period(period), Some(choice)) = (cadence.recurrence, &cadence.choice) else {
        return cadence.choice.is_none();
    };
    choice.of.contains(&period)
}

fn combines(of: &Section<'_>, cadence: &Cadence) -> bool {
    let wrong = cadence.combined.iter().position(|one| !may_combine(cadence, one.deed));
    if let Some(at) = wrong {
        let message = format!("item {} cannot be combined with what this cadence counts", at + 1);
        of.refuse(
            "combined",
            format!("{message}; allowed are {}", partners(cadence).join(", ")),
        );
    }
    wrong.is_none()
}

/// Kinds of activity say what they may be held together with; an act that is a meeting goes with every other meeting.
fn may_combine(cadence: &Cadence, other: Deed) -> bool {
    cadence.deeds().any(|own| {
        own != other
            && match (own, other) {
                (Deed::Activity(own), Deed::Activity(other)) => capabilities(own).may_be_combined_with.contains(&other),
                (Deed::Act(act), Deed::Activity(_)) | (Deed::Activity(_), Deed::Act(act)) => act.is_meeting(),
                (Deed::Act(own), Deed::Act(other)) => own.is_meeting() && other.is_meeting(),
            }
    })
}

fn partners(cadence: &Cadence) -> Vec<&'static str> {
    let activities = ActivityKind::ALL
        .iter()
        .map(|kind| (Deed::Activity(*kind), kind.as_str()));
    let acts = ActKind::ALL.iter().map(|act| (Deed::Act(*act), act.as_str()));
    activities
        .chain(acts)
        .filter(|(deed, _)| may_combine(cadence, *deed))
        .map(|(_, code)| code)
        .collect()
}

fn recurrence(of: &Section<'_>) -> Option<Recurrence> {
    let period = of.optional("period", Section::choice)?;
    let every_months = of.optional("every_months", Section::months)?;
    match (period, every_months) {
        (Some(period), None) => Some(Recurrence::Period(period)),
        (None, Some(months)) => Some(Recurrence::EveryMonths(months)),
        (Some(_), Some(_)) | (None, None) => {
            of.log
                .report(of.span(), of.path(), "must have either period or every_months");
            None
        }
    }
}

fn choice(section: &Section<'_>, key: &'static str) -> Option<PeriodChoice> {
    let of = section.section(key)?;
    let periods = of.required("of", Section::some_choices);
    let chosen_by = of.required("chosen_by", Section::choice);
    of.finish();
    Some(PeriodChoice {
        of: periods?,
        chosen_by: chosen_by?,
    })
}

fn season(section: &Section<'_>, key: &'static str) -> Option<Vec<u32>> {
    let months = section.numbers(key)?;
    let rising = months.is_sorted_by(|one, other| one < other);
    if rising && months.iter().all(|month| (1..=12).contains(month)) {
        return Some(months);
    }
    section.refuse(key, "must be months from 1 to 12, each once and in order");
    None
}

fn combinations(section: &Section<'_>, key: &'static str) -> Option<Vec<Combination>> {
    section.sections(key)?.iter().map(combination).collect()
}

fn combination(of: &Section<'_>) -> Option<Combination> {
    let activity = of.optional("activity", Section::choice);
    let act = of.optional("act", Section::choice);
    let agenda = of.required("agenda", Section::some_choices);
    of.finish();
    let deed = match (activity?, act?) {
        (Some(kind), None) => Deed::Activity(kind),
        (None, Some(act)) => Deed::Act(act),
        (Some(_), Some(_)) | (None, None) => {
            of.log.report(of.span(), of.path(), "must have either activity or act");
            return None;
        }
    };
    Some(Combination { deed, agenda: agenda? })
}
