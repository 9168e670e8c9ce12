//! People decide on what is proposed: the talk was held, or there is a reason against it (G2.5a).

use chrono::NaiveDate;
use domain::audience::Audience;
use domain::lifecycle::measure::{self as life, Command, talk_on};
use domain::lifecycle::{Fields, Step};
use domain::policy::{Action, Permit, Place, Scope, Subject, SystemScope, Target};
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::vocabulary::{EntityKind, InboxKind, MeasureState};

use super::Measure;
use super::judge::{delta, run_of};
use crate::ops::activity::{limit, read};
use crate::ops::organization::place_of;
use crate::ops::outcome::Outcome;
use crate::ops::structure::checked_text;
use crate::ops::writing::{Unit, upsert};

/// Longest words or reason.
const TEXT: usize = 2000;

/// The talk was held.
#[derive(Debug, Clone)]
pub struct Confirm {
    pub measure_id: String,
    pub expected_version: Option<i64>,
    pub talked_on: NaiveDate,
    /// Who talked with the member; the one who confirms where it is left out.
    pub talked_by: Option<String>,
    /// What the member said; sealed.
    pub words: Option<String>,
}

/// There is a reason against it.
#[derive(Debug, Clone)]
pub struct Dismiss {
    pub measure_id: String,
    pub expected_version: Option<i64>,
    pub reason: String,
}

/// A measure inside a write.
struct Loaded {
    before: Measure,
    row: Measure,
    branch: Place,
    permit: Permit,
}

/// Confirms a measure. Its id.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `OWN_MATTER`, `CONFLICT`, `ALREADY_DECIDED`, `WRONG_STATE`, `DATE_IN_FUTURE`,
/// `DATE_TOO_EARLY`, `TOO_LONG`, or the database is away.
#[tracing::instrument(name = "ops.measure.confirm", skip_all)]
pub async fn confirm(unit: &mut Unit, input: &Confirm) -> Outcome<Vec<String>> {
    limit(input.words.as_deref(), TEXT, "words")?;
    let mut loaded = load(unit, &input.measure_id, input.expected_version, Action::ConfirmMeasure).await?;
    let step = step(unit, &mut loaded.row, Command::Confirm)?;
    let last = run_of(&loaded.row).last().map(|step| step.date);
    talk_on(input.talked_on, last, unit.today).map_err(|code| {
        let problem = Problem::at(code, "talkedOn").with("max", unit.today);
        match last {
            Some(last) => problem.with("min", last),
            None => problem,
        }
    })?;
    let own = unit.actor.member_id().map(ToOwned::to_owned);
    let by = talker(unit, &loaded.row, input.talked_by.as_deref()).await?.or(own);
    let words = input.words.as_deref().map(str::trim).filter(|words| !words.is_empty());
    let sealed = match words {
        Some(words) => Some(unit.app.keys.seal(&words_place(&loaded.row.id), words.as_bytes())?),
        None => None,
    };
    loaded.row.talk = Some(serde_json::json!({"on": input.talked_on, "by": by, "words": sealed}));
    decided(unit, loaded, step.fields).await
}

/// Dismisses a measure. Its id.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `OWN_MATTER`, `CONFLICT`, `ALREADY_DECIDED`, `WRONG_STATE`, `REQUIRED`, `TOO_LONG`, or
/// the database is away.
#[tracing::instrument(name = "ops.measure.dismiss", skip_all)]
pub async fn dismiss(unit: &mut Unit, input: &Dismiss) -> Outcome<Vec<String>> {
    let reason = input.reason.trim();
    checked_text(reason, "reason", TEXT)?;
    let mut loaded = load(unit, &input.measure_id, input.expected_version, Action::DismissMeasure).await?;
    let step = step(unit, &mut loaded.row, Command::Dismiss)?;
    loaded.row.reason = Some(reason.to_owned());
    decided(unit, loaded, step.fields).await
}

/// Where the member's words are sealed for.
pub(in crate::ops) fn words_place(id: &str) -> String {
    format!("measure.words:{id}")
}

async fn load(unit: &Unit, id: &str, version: Option<i64>, action: Action) -> Outcome<Loaded> {
    let missing = || Problem::at(ProblemCode::NotFound, "measureId");
    let visible = unit.rows_of(Subject::Measures);
    let found = unit.write.measure(&visible, id).await?.ok_or_else(missing)?;
    // Nobody judges the member's attendance again while this is decided.
    unit.write.lock_members(std::slice::from_ref(&found.member_id)).await?;
    let row = unit.write.measure(&visible, id).await?.ok_or_else(missing)?;
    let ids = [row.branch_id.clone(), row.decider_id.clone()];
    let orgs = unit
        .write
        .organizations(&Scope::system(SystemScope::Rights), &ids)
        .await?;
    let place = |id: &str| -> Outcome<Place> {
        let org = orgs.iter().find(|org| org.id == id).ok_or_else(missing)?;
        Ok(place_of(org)?)
    };
    let branch = place(&row.branch_id)?;
    let heads = unit
        .write
        .deciding_orgs(std::slice::from_ref(&row.branch_id), unit.today)
        .await?;
    let target = target(&row, place(&row.decider_id)?, &heads).shown_by(&visible);
    let permit = unit.require(action, &target, "measureId")?;
    if version.is_some_and(|version| version != row.version) {
        return Err(Problem::conflict(row.version).into());
    }
    Ok(Loaded {
        before: row.clone(),
        row,
        branch,
        permit,
    })
}

/// A measure as rights see it: at the org that decides, about its member, who may head the branch.
pub(super) fn target(row: &Measure, decider: Place, orgs: &[crate::store::measure::DecidingOrg]) -> Target {
    let target = Target::at(decider).about(row.member_id.clone());
    let headed = orgs
        .iter()
        .find(|org| org.id == row.branch_id && org.head_id.as_ref() == Some(&row.member_id));
    match headed {
        Some(branch) => target.heading(branch.id.clone(), branch.deputy_id.is_some()),
        None => target,
    }
}

fn step(unit: &Unit, row: &mut Measure, command: Command) -> Outcome<Step<MeasureState>> {
    let step = unit.step("measureId", life::step(Some(read(&row.state)?), command))?;
    row.state = step.state.to_string();
    Ok(step)
}

/// Who talked: somebody of the roster that the actor sees, and not the one concerned.
async fn talker(unit: &Unit, row: &Measure, id: Option<&str>) -> Outcome<Option<String>> {
    let Some(id) = id else { return Ok(None) };
    let visible = unit.rows_of(Subject::Roster);
    let found = unit.write.members(&visible, &[id.to_owned()]).await?;
    if found.is_empty() && unit.actor.member_id() != Some(id) {
        return Err(Problem::at(ProblemCode::NotFound, "talkedById").into());
    }
    if id == row.member_id {
        return Err(Problem::invalid("talkedById", Flaw::Oneself).into());
    }
    Ok(Some(id.to_owned()))
}

async fn decided(unit: &mut Unit, loaded: Loaded, fields: Fields) -> Outcome<Vec<String>> {
    let Loaded {
        before,
        mut row,
        branch,
        permit,
    } = loaded;
    row.version += 1;
    row.decided_at = Some(unit.now);
    row.decided_by = unit.actor.member_id().map(ToOwned::to_owned);
    unit.write.put_measures(std::slice::from_ref(&row)).await?;
    unit.ledger.figures.extend(delta(&before, &branch.path, -1));
    unit.ledger.figures.extend(delta(&row, &branch.path, 1));
    let mut event = upsert(
        EntityKind::Measure,
        &row.id,
        row.version,
        (&branch.id, &branch.path),
        fields,
    );
    event.member_id = Some(row.member_id.clone());
    unit.note(&permit, event);
    unit.settle(&row.id, &[InboxKind::MeasureToDecide]);
    let params = serde_json::json!({"kind": row.kind, "state": row.state});
    unit.raise(
        InboxKind::MeasureDecided,
        Audience::Member(row.member_id.clone()),
        (EntityKind::Measure, &row.id),
        &branch.id,
        (params, None),
    );
    Ok(vec![row.id])
}
