//! What becomes of resolutions 决议: a committee's are announced, follow-ups are carried out.

use chrono::NaiveDate;
use domain::activity_kind::capabilities;
use domain::policy::{Action, Target};
use domain::problem::{Problem, ProblemCode};

use super::super::outcome::Outcome;
use super::super::writing::Unit;
use super::reading::task_scope;
use super::{Loaded, Resolution};

/// Which resolution, as the client read it.
#[derive(Debug, Clone)]
pub struct Which {
    pub resolution_id: String,
    pub expected_version: Option<i64>,
}

/// Announces a committee's resolution 公布: from then on the members of the branch read it. The id of the resolution.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`, `ALREADY_DECIDED`, `CONFLICT`, a refused right, or the database is away.
#[tracing::instrument(name = "ops.activity.announce", skip_all)]
pub async fn announce(unit: &mut Unit, input: &Which) -> Outcome<Vec<String>> {
    let (loaded, row, target) = unit.resolution(&input.resolution_id).await?;
    let of_committee = capabilities(loaded.kind).seals_minutes;
    let action = match of_committee {
        true => Action::AnnounceResolution,
        false => Action::FileMinutes,
    };
    let permit = unit.require(action, &target, "resolutionId")?;
    // What the members resolved themselves needs no announcing.
    if !of_committee {
        return Err(Problem::at(ProblemCode::KindNotAllowedHere, "resolutionId")
            .with("activityKind", loaded.kind)
            .into());
    }
    expect(&row, input.expected_version)?;
    if row.announced_at.is_some() {
        return Err(Problem::decided("resolutionId", "ANNOUNCED").into());
    }
    let announced_at = Some(unit.now);
    if !unit.write.follow_resolution(&row, announced_at, row.done_on).await? {
        return Err(Problem::at(ProblemCode::Conflict, "expectedVersion").into());
    }
    unit.tell(&permit, &loaded, &["resolutions"]).await?;
    Ok(vec![row.id])
}

/// Says that a follow-up is done 落实: by whose task it is, or by who keeps the org's records. The id of the resolution.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`, `ALREADY_DECIDED`, `DATE_IN_FUTURE`, `DATE_TOO_EARLY`, `CONFLICT`, a refused right, or the
/// database is away.
#[tracing::instrument(name = "ops.activity.complete_follow_up", skip_all)]
pub async fn complete(unit: &mut Unit, input: &Which, done_on: Option<NaiveDate>) -> Outcome<Vec<String>> {
    let (loaded, row, target) = unit.resolution(&input.resolution_id).await?;
    let Some(owner) = row.follow_up_owner_id.clone().filter(|_| row.follow_up_on.is_some()) else {
        unit.require(Action::CompleteFollowUp, &target, "resolutionId")?;
        return Err(Problem::wrong_state("resolutionId", "WITHOUT_FOLLOW_UP").into());
    };
    let own = unit.actor.member_id() == Some(owner.as_str());
    let action = if own {
        Action::CompleteOwnFollowUp
    } else {
        Action::CompleteFollowUp
    };
    let permit = unit.require(action, &target.about(owner), "resolutionId")?;
    expect(&row, input.expected_version)?;
    if row.done_on.is_some() {
        return Err(Problem::decided("resolutionId", "DONE").into());
    }
    if !row.passed {
        return Err(Problem::wrong_state("resolutionId", "NOT_PASSED").into());
    }
    let done_on = done_on.unwrap_or(unit.today);
    if done_on > unit.today {
        return Err(Problem::too_late("doneOn", unit.today).into());
    }
    if done_on < loaded.row.local_date {
        return Err(Problem::too_early("doneOn", loaded.row.local_date).into());
    }
    if !unit
        .write
        .follow_resolution(&row, row.announced_at, Some(done_on))
        .await?
    {
        return Err(Problem::at(ProblemCode::Conflict, "expectedVersion").into());
    }
    unit.tell(&permit, &loaded, &["resolutions"]).await?;
    Ok(vec![row.id])
}

fn expect(row: &Resolution, version: Option<i64>) -> Outcome<()> {
    if version.is_some_and(|version| version != row.version) {
        return Err(Problem::conflict(row.version).into());
    }
    Ok(())
}

impl Unit {
    /// A resolution that the actor sees, as one or as their task, with its activity as a target of acts on it.
    async fn resolution(&self, id: &str) -> Outcome<(Loaded, Resolution, Target)> {
        let missing = || Problem::at(ProblemCode::NotFound, "resolutionId");
        let sight = task_scope(|subject| self.rows_of(subject));
        let row = self.write.resolution(&sight, id).await?.ok_or_else(missing)?;
        let loaded = self.activity_behind(&row.activity_id).await?;
        // Held by the activity's lock: read again what may have changed while waiting for it.
        let row = self.write.resolution(&sight, id).await?.ok_or_else(missing)?;
        let target = loaded.target().shown_by(&sight.follow_ups);
        Ok((loaded, row, target))
    }
}
