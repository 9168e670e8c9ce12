use std::collections::BTreeMap;
use std::sync::Arc;

use async_graphql::{Context, InputObject, SimpleObject};
use domain::period::Period;
use domain::policy::Subject;
use domain::vocabulary::{Language, ObligationStatus, PeriodKind};

use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::loaders::{self, FiguresOf};
use crate::graphql::rulebook::query::library;
use crate::ops::organization::Figure;

/// The calendar period of a kind that holds a day.
#[derive(InputObject, Clone, Copy)]
pub struct PeriodInput {
    /// Which kind it is.
    pub kind: PeriodKind,
    /// Any day of the period; today where it is left out.
    pub on: Option<Date>,
}

/// A calendar period; `end` is exclusive.
#[derive(SimpleObject, Clone)]
#[graphql(name = "Period")]
pub struct PeriodObject {
    /// Which kind it is.
    pub kind: PeriodKind,
    /// First day.
    pub start: Date,
    /// First day that is no longer part of it.
    pub end: Date,
    /// In the reader's language, for example `2026年第4季度`.
    pub label: String,
}

impl PeriodObject {
    #[must_use]
    pub fn of(period: &Period, language: Language) -> Self {
        Self {
            kind: period.kind,
            start: period.start.into(),
            end: period.end.into(),
            label: period.label(language),
        }
    }
}

/// A rule of the rulebook, as figures and obligations name it.
#[derive(SimpleObject, Clone)]
pub struct Rule {
    /// Stable key.
    pub key: String,
    /// In the reader's language.
    pub label: String,
    /// How strictly it is owed.
    pub modality: domain::vocabulary::Modality,
}

/// Figures of one rule for an org and everything below it, from stored roll-ups.
#[derive(SimpleObject)]
pub struct ObligationFigures {
    /// The rule behind it.
    pub rule: Option<Rule>,
    /// The period that it is about.
    pub period: PeriodObject,
    /// How many are owed.
    pub owed: i64,
    /// Open.
    pub open: i64,
    /// Met.
    pub met: i64,
    /// Due soon.
    pub due_soon: i64,
    /// Overdue.
    pub overdue: i64,
    /// Excused by an accepted deviation.
    pub excused: i64,
    /// Held as a make-up.
    pub held_late: i64,
    /// Missed and closed.
    pub missed: i64,
    /// met ÷ (met + heldLate + overdue + missed); null when nothing was owed.
    pub rate: Option<f64>,
}

/// The codes of every period that lies within one.
#[must_use]
pub fn codes_within(period: &Period) -> Vec<String> {
    let mut codes = Vec::new();
    for kind in PeriodKind::ALL {
        let mut each = Period::containing(*kind, period.start);
        while each.start < period.end && each.start < each.end {
            if each.start >= period.start && each.end <= period.end {
                codes.push(each.code());
            }
            each = each.next();
        }
    }
    codes
}

/// Figures of an org by rule, summed over the periods within the one asked for.
pub async fn figures_of(
    ctx: &Context<'_>,
    organization: &crate::ops::organization::Organization,
    input: PeriodInput,
) -> async_graphql::Result<Vec<ObligationFigures>> {
    let operation = ctx.operation()?;
    let period = Period::containing(
        input.kind,
        input
            .on
            .map(chrono::NaiveDate::from)
            .unwrap_or_else(|| operation.app.today()),
    );
    let periods = Arc::new(codes_within(&period));
    let organization_id = organization.id.clone();
    let key = FiguresOf {
        organization_id,
        subject: Subject::Obligations,
        periods,
    };
    let stored = loaders::load(ctx.data()?, key).await?.unwrap_or_default();
    let (library, language) = (library(ctx).await?, operation.language);
    let last_day = period.last_day();
    let named = |key: &str| {
        library.named(organization, key, last_day).map(|(_, entry)| Rule {
            key: key.to_owned(),
            label: entry.label.text(language).to_owned(),
            modality: entry.modality,
        })
    };
    Ok(by_rule(&stored)
        .into_iter()
        .map(|(rule, sums)| assemble(named(&rule), &sums, &period, language))
        .collect())
}

type Sums = BTreeMap<ObligationStatus, i64>;

fn by_rule(stored: &[Figure]) -> BTreeMap<String, Sums> {
    let mut rules: BTreeMap<String, Sums> = BTreeMap::new();
    for figure in stored {
        let Some((rule, status)) = figure
            .metric
            .strip_prefix("obl:")
            .and_then(|rest| rest.rsplit_once(':'))
        else {
            continue;
        };
        let Ok(status) = status.parse::<ObligationStatus>() else {
            continue;
        };
        *rules.entry(rule.to_owned()).or_default().entry(status).or_default() += figure.value;
    }
    rules
}

fn assemble(rule: Option<Rule>, sums: &Sums, period: &Period, language: Language) -> ObligationFigures {
    let of = |status: ObligationStatus| sums.get(&status).copied().unwrap_or_default();
    let met = of(ObligationStatus::Met);
    let held_late = of(ObligationStatus::HeldLate);
    let overdue = of(ObligationStatus::Overdue);
    let missed = of(ObligationStatus::Missed);
    let judged = met + held_late + overdue + missed;
    let owed = sums
        .iter()
        .filter(|(status, _)| **status != ObligationStatus::NotOwed)
        .map(|(_, value)| value)
        .sum();
    ObligationFigures {
        rule,
        period: PeriodObject::of(period, language),
        owed,
        open: of(ObligationStatus::Open) + of(ObligationStatus::HeldNotFiled),
        met,
        due_soon: of(ObligationStatus::DueSoon),
        overdue,
        excused: of(ObligationStatus::Excused),
        held_late,
        missed,
        rate: (judged > 0).then(|| ratio(met, judged)),
    }
}

fn ratio(part: i64, whole: i64) -> f64 {
    // Counts of meetings of one city: far below 2^32.
    f64::from(u32::try_from(part).unwrap_or(u32::MAX)) / f64::from(u32::try_from(whole).unwrap_or(u32::MAX))
}
