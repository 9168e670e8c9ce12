//! All figures from the facts: people now, open alerts, obligations by rule and status.

use std::collections::HashMap;

use crate::ops::measure::{counts, metric};
use crate::ops::outcome::Outcome;
use crate::store::figure::Delta;
use crate::store::transaction::Write;

/// The period of figures that have none.
const NOW: &str = "now";

/// What all figures must sum up to, org by org.
///
/// # Errors
/// The database is away.
pub async fn all(write: &Write) -> Outcome<Vec<Delta>> {
    let paths: HashMap<String, String> = write.paths().await?.into_iter().collect();
    let mut deltas = Vec::new();
    let mut add = |organization: &str, metric: String, period: &str, value: i64| {
        if let Some(path) = paths.get(organization) {
            deltas.push(Delta {
                path: path.clone(),
                metric,
                period: period.to_owned(),
                value,
            });
        }
    };
    for (organization, metric, value) in write.count_people().await? {
        add(&organization, metric, NOW, value);
    }
    for (organization, value) in write.count_open_alerts().await? {
        add(&organization, "alerts.open".to_owned(), NOW, value);
    }
    for (branch, kind, state, last) in write.count_measures().await? {
        if counts(&state) {
            let (metric, period) = metric(&kind, &state, last);
            add(&branch, metric, &period, 1);
        }
    }
    for (path, rule, status, period, value) in write.count_obligations(None).await? {
        deltas.push(Delta {
            path,
            metric: format!("obl:{rule}:{status}"),
            period,
            value,
        });
    }
    Ok(deltas)
}
