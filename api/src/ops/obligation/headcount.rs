//! All figures from the facts: people now, open alerts, measures, obligations by rule and status. Counted in the order of the
//! tree and summed up on the way, so that no more is held than one way down from the root.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::ops::measure::{counts, metric};
use crate::ops::outcome::Outcome;
use crate::store::figure::Figure;
use crate::store::obligation::ObligationCount;
use crate::store::transaction::Write;

/// The period of figures that have none.
const NOW: &str = "now";
/// Orgs that are counted at once.
const ORGS: u64 = 300;

/// (metric, period) → value
type Figures = BTreeMap<(String, String), i64>;
/// Figures by org.
type Counted = HashMap<String, Figures>;

/// A stored figure that is not what the facts sum up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The figure as it must be.
    pub right: Figure,
    pub stored: i64,
}

/// An org whose subtree is being counted.
struct Open {
    id: String,
    path: String,
    figures: Figures,
}

/// Counts all figures afresh and tells those that are stored otherwise, some orgs at a time.
///
/// # Errors
/// The database is away, or what `told` says.
pub async fn recount(write: &Write, mut told: impl AsyncFnMut(Vec<Wrong>) -> Outcome<()>) -> Outcome<()> {
    let mut elsewhere = elsewhere(write).await?;
    let mut way: Vec<Open> = Vec::new();
    let mut done: Counted = Counted::new();
    let mut behind = String::new();
    loop {
        let orgs = write.paths_behind(&behind, ORGS).await?;
        let Some((_, last)) = orgs.last() else { break };
        behind.clone_from(last);
        let ids: Vec<String> = orgs.iter().map(|(id, _)| id.clone()).collect();
        let mut own = own(write, &ids).await?;
        for (id, path) in orgs {
            while way.last().is_some_and(|above| !path.starts_with(&above.path)) {
                leave(&mut way, &mut elsewhere, &mut done);
            }
            let figures = own.remove(&id).unwrap_or_default();
            way.push(Open { id, path, figures });
        }
        told(compare(write, std::mem::take(&mut done)).await?).await?;
    }
    while !way.is_empty() {
        leave(&mut way, &mut elsewhere, &mut done);
    }
    told(compare(write, done).await?).await
}

/// An org is whole: its sums go to the org above as well.
fn leave(way: &mut Vec<Open>, elsewhere: &mut Counted, done: &mut Counted) {
    let Some(mut whole) = way.pop() else { return };
    if let Some(above) = way.last_mut() {
        for (at, value) in &whole.figures {
            *above.figures.entry(at.clone()).or_default() += value;
        }
    }
    // Every org of the old way has its own already.
    for (at, value) in elsewhere.remove(&whole.id).unwrap_or_default() {
        *whole.figures.entry(at).or_default() += value;
    }
    done.insert(whole.id, whole.figures);
}

/// Closed periods of orgs that have moved since count along the way where they stood: as many as have moved.
async fn elsewhere(write: &Write) -> Outcome<Counted> {
    let mut counted = Counted::new();
    for (path, at, value) in write.count_obligations_elsewhere().await?.into_iter().map(owed) {
        for id in domain::place::ids_on(&path) {
            let of = counted.entry(id.to_owned()).or_default();
            *of.entry(at.clone()).or_default() += value;
        }
    }
    Ok(counted)
}

fn owed((path, rule, status, period, value): ObligationCount) -> (String, (String, String), i64) {
    (path, (format!("obl:{rule}:{status}"), period), value)
}

/// What is counted at these orgs themselves.
async fn own(write: &Write, ids: &[String]) -> Outcome<Counted> {
    let mut counted = Counted::new();
    let mut add = |id: &str, metric: String, period: &str, value: i64| {
        let of = counted.entry(id.to_owned()).or_default();
        *of.entry((metric, period.to_owned())).or_default() += value;
    };
    for (id, metric, value) in write.count_people(ids).await? {
        add(&id, metric, NOW, value);
    }
    for (id, value) in write.count_open_alerts(ids).await? {
        add(&id, "alerts.open".to_owned(), NOW, value);
    }
    for (branch, kind, state, last) in write.count_measures(ids).await? {
        if counts(&state) {
            let (metric, period) = metric(&kind, &state, last);
            add(&branch, metric, &period, 1);
        }
    }
    for (path, (metric, period), value) in write.count_obligations_here(ids).await?.into_iter().map(owed) {
        if let Some(id) = domain::place::ids_on(&path).next_back() {
            add(id, metric, &period, value);
        }
    }
    Ok(counted)
}

/// Where stored figures differ, by org, metric and period.
async fn compare(write: &Write, right: Counted) -> Outcome<Vec<Wrong>> {
    let ids: Vec<String> = right.keys().cloned().collect();
    let mut stored = Counted::new();
    for figure in write.figures_of(&ids).await? {
        let of = stored.entry(figure.organization_id).or_default();
        of.insert((figure.metric, figure.period), figure.value);
    }
    let mut wrong = Vec::new();
    for (id, right) in right {
        let stored = stored.remove(&id).unwrap_or_default();
        let places: BTreeSet<_> = right.keys().chain(stored.keys()).collect();
        for at in places {
            let value = |of: &Figures| of.get(at).copied().unwrap_or_default();
            if value(&right) != value(&stored) {
                wrong.push(Wrong {
                    right: Figure {
                        organization_id: id.clone(),
                        metric: at.0.clone(),
                        period: at.1.clone(),
                        value: value(&right),
                    },
                    stored: value(&stored),
                });
            }
        }
    }
    wrong.sort_by(|a, b| key(a).cmp(&key(b)));
    Ok(wrong)
}

fn key(wrong: &Wrong) -> (&str, &str, &str) {
    let figure = &wrong.right;
    (&figure.organization_id, &figure.metric, &figure.period)
}
