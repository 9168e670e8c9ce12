//! Figures of measures, from stored roll-ups; small ones are hidden.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use domain::disclosure::{Cell, is_shown};
use domain::period::Period;
use domain::place;
use domain::policy::{Place, Subject, Target};
use domain::vocabulary::{MeasureKind, MeasureState, PeriodKind};

use super::judge::counts;
use crate::ops::outcome::Outcome;
use crate::ops::reading::Reading;
use crate::store::figure::FigureRow;

/// How many measures of a kind are in a state; `None` where the figure is too small to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeasureFigure {
    pub kind: MeasureKind,
    pub state: MeasureState,
    pub number: Option<i64>,
}

/// The figures of orgs and those beside them, by org above; the top stands under no id.
struct Beside {
    orgs: BTreeMap<String, Vec<String>>,
    values: HashMap<(String, String), i64>,
}

impl Beside {
    fn of(rows: Vec<FigureRow>) -> Self {
        let mut orgs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut values = HashMap::new();
        for row in rows {
            let above = row.parent_id.unwrap_or_default();
            orgs.entry(above).or_default().insert(row.organization_id.clone());
            if let (Some(metric), Some(value)) = (row.metric, row.value) {
                values.insert((row.organization_id, metric), value);
            }
        }
        let orgs = orgs.into_iter().map(|(above, all)| (above, all.into_iter().collect()));
        Self {
            orgs: orgs.collect(),
            values,
        }
    }

    fn value(&self, id: &str, metric: &str) -> i64 {
        let key = (id.to_owned(), metric.to_owned());
        self.values.get(&key).copied().unwrap_or_default()
    }

    /// From the top down to the org with this path.
    fn line<'a>(&self, path: &'a str, metric: &str) -> Vec<(&'a str, Vec<Cell>)> {
        let mut above = "";
        let mut line = Vec::new();
        for id in place::ids_on(path) {
            let beside = self.orgs.get(above);
            let cell = |id: &String| Cell {
                organization_id: id.clone(),
                value: self.value(id, metric),
            };
            line.push((id, beside.into_iter().flatten().map(cell).collect()));
            above = id;
        }
        line
    }

    fn figures(&self, org: &Place) -> Vec<MeasureFigure> {
        let states = MeasureState::ALL.iter().filter(|state| counts(state.as_str()));
        let each = MeasureKind::ALL
            .iter()
            .flat_map(|kind| states.clone().map(move |state| (*kind, *state)));
        each.map(|(kind, state)| {
            let metric = format!("measure:{kind}:{state}");
            let value = self.value(&org.id, &metric);
            MeasureFigure {
                kind,
                state,
                number: is_shown(&self.line(&org.path, &metric)).then_some(value),
            }
        })
        .collect()
    }
}

impl Reading {
    /// Figures of measures of orgs and all below them, by the year of the last absence, as far as the reader may see
    /// figures there. One statement for all of them, their siblings and those above included.
    ///
    /// # Errors
    /// The database is away.
    pub async fn measure_figures(&self, orgs: &[Place], year: i32) -> Outcome<HashMap<String, Vec<MeasureFigure>>> {
        let scope = self.figures_of(Subject::Measures);
        let orgs: Vec<&Place> = orgs
            .iter()
            .filter(|org| scope.contains(&Target::at((*org).clone())))
            .collect();
        let Some(day) = NaiveDate::from_ymd_opt(year, 1, 1).filter(|_| !orgs.is_empty()) else {
            return Ok(HashMap::new());
        };
        let above: BTreeSet<String> = orgs
            .iter()
            .flat_map(|org| place::ids_on(&org.path))
            .map(ToOwned::to_owned)
            .collect();
        let above: Vec<String> = above.into_iter().collect();
        let period = Period::containing(PeriodKind::Year, day).code();
        let beside = Beside::of(self.snapshot.figures_beside(&above, "measure:", &period).await?);
        Ok(orgs.iter().map(|org| (org.id.clone(), beside.figures(org))).collect())
    }
}
