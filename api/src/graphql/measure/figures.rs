//! Figures of measures of an org and all below it.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::SimpleObject;
use async_graphql::{ComplexObject, Context};
use domain::policy::Place;
use domain::vocabulary::{MeasureKind, MeasureState};

use crate::graphql::batch::{Loader, Loads, Shared};
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::to_error;
use crate::ops::measure::figures::MeasureFigure as Figure;

/// How many absence measures (G2.5a) of one kind stand in one state, in an org and all below it.
#[derive(SimpleObject, Clone, Copy)]
#[graphql(complex)]
pub struct MeasureFigure {
    /// Which kind it is.
    pub kind: MeasureKind,
    /// How it stands.
    pub state: MeasureState,
    /// Null where it is below 5, or where it would let such a figure beside it be found by subtraction.
    pub number: Option<i64>,
}

#[ComplexObject]
impl MeasureFigure {
    /// In the reader's language.
    async fn kind_label(&self, ctx: &Context<'_>) -> async_graphql::Result<&'static str> {
        Ok(self.kind.label(ctx.operation()?.language))
    }
}

impl From<Figure> for MeasureFigure {
    fn from(figure: Figure) -> Self {
        Self {
            kind: figure.kind,
            state: figure.state,
            number: figure.number,
        }
    }
}

/// The figures of an org in a year.
#[derive(Debug, Clone)]
pub struct MeasureFiguresOf {
    pub place: Arc<Place>,
    pub year: i32,
}

impl PartialEq for MeasureFiguresOf {
    fn eq(&self, other: &Self) -> bool {
        self.place.id == other.place.id && self.year == other.year
    }
}

impl Eq for MeasureFiguresOf {}

impl std::hash::Hash for MeasureFiguresOf {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.place.id.hash(state);
        self.year.hash(state);
    }
}

impl Loader<MeasureFiguresOf> for Loads {
    type Value = Vec<Figure>;

    async fn load(&self, keys: &[MeasureFiguresOf]) -> Result<HashMap<MeasureFiguresOf, Vec<Figure>>, Shared> {
        let reading = self.0.reading().await.map_err(Arc::new)?;
        // One statement for each year; a screen asks for one.
        let mut years: HashMap<i32, Vec<&MeasureFiguresOf>> = HashMap::new();
        for key in keys {
            years.entry(key.year).or_default().push(key);
        }
        let mut found = HashMap::new();
        for (year, keys) in years {
            let places: Vec<Place> = keys.iter().map(|key| (*key.place).clone()).collect();
            let figures = reading.measure_figures(&places, year).await;
            let mut figures = figures.map_err(|failure| Arc::new(to_error(&failure)))?;
            for key in keys {
                if let Some(own) = figures.remove(&key.place.id) {
                    found.insert(key.clone(), own);
                }
            }
        }
        Ok(found)
    }
}
