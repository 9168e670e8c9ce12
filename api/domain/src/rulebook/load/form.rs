//! Parameters of coverage, ladder, run-out and tariff.

use std::collections::BTreeSet;

use super::section::Section;
use crate::rulebook::form::{Bracket, Coverage, Form, Ladder, LadderStep, RunOut, Tariff};
use crate::rulebook::words::{CoverageMode, OccasionOutcome, PairKind};
use crate::vocabulary::AttendanceState;

pub(super) fn coverage(of: &Section<'_>) -> Option<Form> {
    let pair = of.required("pair", Section::choice);
    let at_least_per_year = of.required("at_least_per_year", Section::count);
    let normally_up_to = of.optional("normally_up_to", Section::count);
    let mode = of.required("mode", Section::choice);
    let coverage = Coverage {
        pair: pair?,
        at_least_per_year: at_least_per_year?,
        normally_up_to: normally_up_to?,
        mode: mode?,
    };
    if coverage
        .normally_up_to
        .is_some_and(|most| most < coverage.at_least_per_year)
    {
        of.refuse("normally_up_to", "must not be less than at_least_per_year");
        return None;
    }
    let among_equals = matches!(coverage.pair, PairKind::TeamMembers | PairKind::Members);
    if coverage.mode == CoverageMode::EachAboutEach && !among_equals {
        of.refuse(
            "mode",
            "EACH_ABOUT_EACH is for people of one body; allowed with pair TEAM_MEMBERS or MEMBERS",
        );
        return None;
    }
    Some(Form::Coverage(coverage))
}

pub(super) fn ladder(of: &Section<'_>) -> Option<Form> {
    let event = of.required("event", Section::choice);
    let steps = of.required("steps", Section::sections);
    let unexcused = of.required("unexcused", Section::choices);
    let neutral = of.required("neutral", Section::choices);
    let breaks = of.required("breaks", Section::choices);
    let ladder = Ladder {
        event: event?,
        steps: steps?.iter().map(step).collect::<Option<Vec<_>>>()?,
        unexcused: unexcused?,
        neutral: neutral?,
        breaks: breaks?,
    };
    is_climbable(of, &ladder).then_some(Form::Ladder(ladder))
}

fn is_climbable(of: &Section<'_>, ladder: &Ladder) -> bool {
    let rising = ladder
        .steps
        .is_sorted_by(|a, b| a.in_a_row < b.in_a_row && a.measure < b.measure);
    if ladder.steps.is_empty() || !rising {
        of.refuse("steps", "must rise in in_a_row and measure, and there must be one");
        return false;
    }
    let mut seen = BTreeSet::new();
    let lists = [
        ("unexcused", &ladder.unexcused),
        ("neutral", &ladder.neutral),
        ("breaks", &ladder.breaks),
    ];
    for (name, states) in lists {
        if let Some(state) = states.iter().find(|state| !seen.insert(**state)) {
            of.refuse(
                name,
                format!("{state} stands in one of unexcused, neutral and breaks only"),
            );
            return false;
        }
    }
    let present = ladder.outcome(AttendanceState::Present) == Some(OccasionOutcome::Breaks);
    if !present {
        of.refuse("breaks", "must name PRESENT: who came is not absent in a row");
    }
    present
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
    let limit_months = of.required("limit_months", Section::months);
    let least_occasions = of.or("least_occasions", 0, Section::number);
    let least_different_months = of.or("least_different_months", 0, Section::number);
    let consequence = of.required("consequence", Section::choice);
    let run_out = RunOut {
        counted: counted?,
        limit_months: limit_months?,
        least_occasions: least_occasions?,
        least_different_months: least_different_months?,
        consequence: consequence?,
    };
    if run_out.least_different_months > run_out.limit_months {
        of.refuse("least_different_months", "must not be more than limit_months");
        return None;
    }
    Some(Form::RunOut(run_out))
}

pub(super) fn tariff(of: &Section<'_>) -> Option<Form> {
    let method = of.required("method", Section::choice);
    let rounding = of.required("rounding", Section::choice);
    let brackets = of.required("brackets", Section::sections);
    let tariff = Tariff {
        method: method?,
        rounding: rounding?,
        brackets: brackets?.iter().map(bracket).collect::<Option<Vec<_>>>()?,
    };
    let limits = tariff
        .brackets
        .iter()
        .map(|bracket| bracket.up_to_fen.unwrap_or(u64::MAX));
    let limits: Vec<_> = limits.collect();
    if limits.last() != Some(&u64::MAX) || !limits.is_sorted_by(|a, b| a < b) {
        of.refuse("brackets", "must rise, and only the last one has no up_to_fen");
        return None;
    }
    Some(Form::Tariff(tariff))
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
