//! Judging the measures of members again: in the write that may have changed their attendance, or of everybody.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;

use super::judge::{Span, judge};
use super::sessions::since;
use crate::app::App;
use crate::ops::outcome::Outcome;
use crate::ops::rulebook::Library;
use crate::ops::writing::Unit;
use crate::store::transaction::Ledger;

/// Members per transaction of a full re-judgement.
const MEMBERS: usize = 300;

/// Judges the measures of these members again from all their attendance, in the same write: for what may have changed
/// any of it, such as an exemption or a transfer. Returns the ids of the measures that changed.
///
/// # Errors
/// The database is away.
pub async fn rejudge(unit: &mut Unit, member_ids: &[String]) -> Outcome<Vec<String>> {
    of_members(unit, member_ids, None).await
}

/// As [`rejudge`], where nothing before a day has changed: looks back no further than the start of the run that the day
/// may belong to.
///
/// # Errors
/// The database is away.
pub async fn rejudge_since(unit: &mut Unit, member_ids: &[String], day: NaiveDate) -> Outcome<Vec<String>> {
    of_members(unit, member_ids, Some(day)).await
}

/// Judges again the measures of whoever was absent without excuse at one of these orgs since a day on which another ladder
/// came into force there, by assignment, a new version, or a move.
///
/// # Errors
/// The database is away.
pub(in crate::ops) async fn rejudge_absent(unit: &mut Unit, organizations: &[String], since: NaiveDate) -> Outcome<()> {
    let library = Library::load(&unit.write).await?;
    let states = counted(&library);
    let members = unit.write.members_absent_at(organizations, since, &states).await?;
    for chunk in members.chunks(MEMBERS) {
        rejudge_since(unit, chunk, since).await?;
    }
    Ok(())
}

/// The states that a ladder of any book counts.
fn counted(library: &Library) -> Vec<String> {
    let states: BTreeSet<&str> = library
        .ladders()
        .flat_map(|ladder| ladder.unexcused.iter().map(|state| state.as_str()))
        .collect();
    states.into_iter().map(ToOwned::to_owned).collect()
}

async fn of_members(unit: &mut Unit, member_ids: &[String], day: Option<NaiveDate>) -> Outcome<Vec<String>> {
    let members: BTreeSet<&String> = member_ids.iter().collect();
    if members.is_empty() {
        return Ok(Vec::new());
    }
    let members: Vec<String> = members.into_iter().cloned().collect();
    let library = Library::load(&unit.write).await?;
    let app = unit.app.clone();
    let span = Span {
        app: &app,
        library: &library,
        now: unit.now,
        today: unit.today,
        cause: "WRITE",
    };
    judge(&unit.write, &mut unit.ledger, &span, &members, &since(&library, day)).await
}

/// Judges everybody again; a second run changes nothing. Returns how many measures changed.
///
/// # Errors
/// The database is away.
pub async fn rejudge_all(app: &Arc<App>) -> Outcome<u64> {
    let write = app.database.write().await?;
    let library = Library::load(&write).await?;
    let states = counted(&library);
    let members = write.members_with_absences(&states).await?;
    drop(write);
    let since = since(&library, None);
    let mut changed = 0;
    for chunk in members.chunks(MEMBERS) {
        let write = app.database.write().await?;
        let span = Span {
            app,
            library: &library,
            now: app.clock.now(),
            today: app.today(),
            cause: "REJUDGE",
        };
        let mut ledger = Ledger::default();
        let ids = judge(&write, &mut ledger, &span, chunk, &since).await?;
        changed += u64::try_from(ids.len()).unwrap_or_default();
        // Figures are computed as a whole at the end of a full re-judgement.
        ledger.figures.clear();
        if ids.is_empty() {
            write.keep().await?;
        } else {
            write.finish(ledger, span.now).await?;
        }
    }
    Ok(changed)
}
