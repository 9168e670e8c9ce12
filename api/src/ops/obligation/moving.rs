//! A move of an org between parents (spec 2): what is open moves along with its figures and alerts; closed periods keep
//! the place in the tree at which they closed (ADR 0034).

use std::collections::HashMap;

use domain::place;
use domain::vocabulary::AlertLevelState;

use crate::ops::outcome::Outcome;
use crate::ops::writing::Unit;
use crate::store::alert::{Alert, AlertLevel};
use crate::store::figure::Delta;

/// The period of figures that have none.
const NOW: &str = "now";

/// Takes what is open at or below an org from its old ancestors to its new ones. Called before paths are rewritten.
///
/// # Errors
/// The database is away.
pub async fn carry(unit: &mut Unit, id: &str, old_path: &str, new_path: &str) -> Outcome<()> {
    let above = |path: &str| path.strip_suffix(&format!("{id}/")).unwrap_or("/").to_owned();
    let (old_above, new_above) = (above(old_path), above(new_path));
    let mut moved: Vec<(String, String, i64)> = Vec::new();
    let stored = unit.write.figures_of(&[id.to_owned()]).await?;
    moved.extend(
        stored
            .into_iter()
            // Measures are counted where their branch stands today.
            .filter(|figure| figure.period == NOW || figure.metric.starts_with("measure:"))
            .map(|figure| (figure.metric, figure.period, figure.value)),
    );
    let open = unit.write.count_open_obligations(old_path).await?;
    moved.extend(
        open.into_iter()
            .map(|(_, rule, status, period, value)| (format!("obl:{rule}:{status}"), period, value)),
    );
    for (metric, period, value) in moved {
        for (path, value) in [(&old_above, -value), (&new_above, value)] {
            unit.ledger.figures.push(Delta {
                path: path.clone(),
                metric: metric.clone(),
                period: period.clone(),
                value,
            });
        }
    }
    unit.write.move_open_obligations(old_path, new_path).await?;
    readdress(unit, old_path, new_path).await
}

/// Open alerts go on with the new superiors: a level that changed hands is open again, levels above the new root go.
async fn readdress(unit: &mut Unit, old_path: &str, new_path: &str) -> Outcome<()> {
    let paths: HashMap<String, String> = unit
        .write
        .subtree(old_path)
        .await?
        .into_iter()
        .map(|row| (row.id, row.path))
        .collect();
    let orgs: Vec<String> = paths.keys().cloned().collect();
    let alerts = unit.write.open_alerts_of(&orgs).await?;
    let ids: Vec<String> = alerts.iter().map(|alert| alert.id.clone()).collect();
    let mut levels: HashMap<String, Vec<AlertLevel>> = HashMap::new();
    for level in unit.write.alert_levels(&ids).await? {
        levels.entry(level.alert_id.clone()).or_default().push(level);
    }
    let (mut rows, mut changed) = (Vec::new(), Vec::new());
    for alert in alerts {
        let path = paths
            .get(&alert.organization_id)
            .and_then(|path| path.strip_prefix(old_path));
        let path = format!("{new_path}{}", path.unwrap_or_default());
        let own = levels.remove(&alert.id).unwrap_or_default();
        let reached = i64::try_from(place::depth(&path))
            .unwrap_or(alert.level)
            .min(alert.level);
        changed.extend(own.into_iter().filter_map(|level| handed_over(unit, level, &path)));
        rows.push(Alert {
            level: reached,
            version: alert.version + 1,
            ..alert
        });
    }
    unit.write.put_alerts(rows, changed).await?;
    unit.write.drop_alert_levels_beyond(&ids).await?;
    Ok(())
}

fn handed_over(unit: &Unit, level: AlertLevel, path: &str) -> Option<AlertLevel> {
    let above = usize::try_from(level.level).ok()?;
    let holder = place::ids_on(path).nth_back(above)?;
    (holder != level.organization_id).then(|| AlertLevel {
        organization_id: holder.to_owned(),
        state: AlertLevelState::Open.to_string(),
        since: unit.now,
        note: None,
        ..level
    })
}
