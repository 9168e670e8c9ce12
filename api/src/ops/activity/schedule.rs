//! Schedule an activity 安排活动: who is expected is computed, notice goes out.

use domain::problem::Problem;

use super::super::inbox::standing::noticed_at;
use super::super::outcome::Outcome;
use super::super::writing::Unit;
use super::Draft;
use super::check_in::issue;
use super::draft::enter;

/// A new activity, and whether notice goes out and a code is made at once.
#[derive(Debug, Clone)]
pub struct Schedule {
    pub draft: Draft,
    pub notice: bool,
    pub check_in: bool,
}

/// Schedules an activity. The id of the activity.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `KIND_NOT_ALLOWED_HERE`, `INVALID` fields, or the database is away.
#[tracing::instrument(name = "ops.activity.schedule", skip_all)]
pub async fn schedule(unit: &mut Unit, input: &Schedule) -> Outcome<Vec<String>> {
    let mut draft = input.draft.clone();
    if domain::period::local_date(draft.starts_at, unit.app.zone) < unit.today {
        return Err(Problem::too_early("startsAt", unit.today).into());
    }
    if input.notice {
        draft.noticed_at = Some(unit.now.min(draft.starts_at));
    }
    let (now, code) = (unit.now, input.check_in.then(issue).transpose()?);
    let (permit, loaded, _) = enter(unit, &draft, |row| {
        if let Some(code) = code {
            row.check_in_expires_at = Some(domain::lifecycle::activity::code_expires_at(now, row.starts_at));
            row.check_in_code = Some(code);
        }
    })
    .await?;
    unit.tell(
        &permit,
        &loaded,
        &["status", "startsAt", "place", "mode", "agenda", "expected"],
    )
    .await?;
    noticed_at(unit, &loaded.row.id).await?;
    Ok(vec![loaded.row.id])
}
