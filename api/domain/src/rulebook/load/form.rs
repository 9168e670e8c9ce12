//! Parameters of cadence, coverage, ladder, run-out and tariff.

use super::section::Section;
use crate::rulebook::form::{
    Bracket, Cadence, Combination, Coverage, Form, Ladder, LadderStep, PeriodChoice, Recurrence, RunOut, Tariff,
};
use crate::rulebook::words::CadenceSubject;

pub(super) fn cadence(of: &Section<'_>) -> Option<Form> {
    let activities = of.or("activities", Vec::new(), Section::choices);
    let act = of.optional("act", Section::choice);
    let recurrence = recurrence(of);
    let subject = of.or("subject", CadenceSubject::Itself, Section::choice);
    let at_least = of.required("at_least", Section::count);
    let choice = of.optional("choice", choice);
    let season = of.or("season", Vec::new(), season);
    let also_at_any_time = of.or("also_at_any_time", false, Section::flag);
    let due_soon_days = of.optional("due_soon_days", Section::number);
    let filing_days = of.optional("filing_days", Section::number);
    let make_up_days = of.optional("make_up_days", Section::number);
    let on_time_until = of.optional("on_time_until", Section::month_day);
    let held = of.optional("held", Section::share);
    let combined = of.or("combined", Vec::new(), combinations);
    let cadence = Cadence {
        activities: activities?,
        act: act?,
        subject: subject?,
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
    };
    if cadence.activities.is_empty() == cadence.act.is_none() {
        of.log
            .report(of.span(), of.path(), "must count either activities or an act");
        return None;
    }
    Some(Form::Cadence(cadence))
}

fn recurrence(of: &Section<'_>) -> Option<Recurrence> {
    let period = of.optional("period", Section::choice)?;
    let every_months = of.optional("every_months", Section::count)?;
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
    let periods = of.required("of", Section::choices);
    let chosen_by = of.required("chosen_by", Section::choice);
    of.finish();
    Some(PeriodChoice {
        of: periods?,
        chosen_by: chosen_by?,
    })
}

fn season(section: &Section<'_>, key: &'static str) -> Option<Vec<u32>> {
    let months = section.numbers(key)?;
    if months.iter().all(|month| (1..=12).contains(month)) {
        return Some(months);
    }
    section.wrong(section.value(key)?, key, "must be months from 1 to 12");
    None
}

fn combinations(section: &Section<'_>, key: &'static str) -> Option<Vec<Combination>> {
    section.sections(key)?.iter().map(combination).collect()
}

fn combination(of: &Section<'_>) -> Option<Combination> {
    let activity = of.required("activity", Section::choice);
    let agenda = of.required("agenda", Section::choices);
    of.finish();
    Some(Combination {
        activity: activity?,
        agenda: agenda?,
    })
}

pub(super) fn coverage(of: &Section<'_>) -> Option<Form> {
    let pair = of.required("pair", Section::choice);
    let at_least_per_year = of.required("at_least_per_year", Section::count);
    let normally_up_to = of.optional("normally_up_to", Section::count);
    let mode = of.required("mode", Section::choice);
    Some(Form::Coverage(Coverage {
        pair: pair?,
        at_least_per_year: at_least_per_year?,
        normally_up_to: normally_up_to?,
        mode: mode?,
    }))
}

pub(super) fn ladder(of: &Section<'_>) -> Option<Form> {
    let event = of.required("event", Section::choice);
    let steps = of.required("steps", Section::sections);
    let unexcused = of.required("unexcused", Section::choices);
    let neutral = of.required("neutral", Section::choices);
    let breaks = of.required("breaks", Section::choices);
    Some(Form::Ladder(Ladder {
        event: event?,
        steps: steps?.iter().map(step).collect::<Option<Vec<_>>>()?,
        unexcused: unexcused?,
        neutral: neutral?,
        breaks: breaks?,
    }))
}

fn step(of: &Section<'_>) -> Option<LadderStep> {
    let in_a_row = of.required("in_a_row", Section::count);
    let measure = of.required("measure", Section::choice);
    let decider = of.required("decider", Section::choice);
    of.finish();
    Some(LadderStep {
        in_a_row: in_a_row?,
        measure: measure?,
        decider: decider?,
    })
}

pub(super) fn run_out(of: &Section<'_>) -> Option<Form> {
    let counted = of.required("counted", Section::choice);
    let limit_months = of.required("limit_months", Section::count);
    let least_occasions = of.or("least_occasions", 0, Section::number);
    let least_different_months = of.or("least_different_months", 0, Section::number);
    let consequence = of.required("consequence", Section::choice);
    Some(Form::RunOut(RunOut {
        counted: counted?,
        limit_months: limit_months?,
        least_occasions: least_occasions?,
        least_different_months: least_different_months?,
        consequence: consequence?,
    }))
}

pub(super) fn tariff(of: &Section<'_>) -> Option<Form> {
    let method = of.required("method", Section::choice);
    let rounding = of.required("rounding", Section::choice);
    let brackets = of.required("brackets", Section::sections);
    Some(Form::Tariff(Tariff {
        method: method?,
        rounding: rounding?,
        brackets: brackets?.iter().map(bracket).collect::<Option<Vec<_>>>()?,
    }))
}

fn bracket(of: &Section<'_>) -> Option<Bracket> {
    let up_to_fen = of.optional("up_to_fen", Section::number);
    let rate_per_10000 = of.optional("rate_per_10000", Section::number);
    let amount_fen = of.optional("amount_fen", Section::number);
    of.finish();
    let (rate_per_10000, amount_fen) = (rate_per_10000?, amount_fen?);
    if rate_per_10000.is_some() == amount_fen.is_some() {
        of.log
            .report(of.span(), of.path(), "must have either rate_per_10000 or amount_fen");
        return None;
    }
    Some(Bracket {
        up_to_fen: up_to_fen?.map(u64::from),
        rate_per_10000,
        amount_fen: amount_fen.map(u64::from),
    })
}
