//! Rows of appointments 任职: posts filled and ended by the use cases that people have. What is already so stays.

use std::collections::HashMap;

use domain::intake::rows::appointment::{AppointmentRow, Which};
use domain::intake::{Asked, By, RowAct, RowOutcome, asked};
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::vocabulary::Post;
use futures_util::FutureExt as _;

use super::names::Names;
use super::{Done, FieldChange, How, Numbered, RowTold, decision};
use crate::ops::member::post_scopes;
use crate::ops::outcome::Outcome;
use crate::ops::people::appointment::{Appoint, End, appoint, end};
use crate::ops::writing::Unit;
use crate::store::external_id::Identified;
use crate::store::member::Appointment;

/// Carries out rows of appointments. What each of them came to, in the order of the rows.
///
/// # Errors
/// The database is away; what a row is refused for stands with the row.
#[tracing::instrument(name = "ops.import.appointment", skip_all, fields(rows = rows.len()))]
pub async fn apply(unit: &mut Unit, rows: &[Numbered<AppointmentRow>], how: &How) -> Outcome<Vec<RowTold>> {
    // Decisions that a body took elsewhere, and the file names, are entered with the scope for imports (ADR 0099).
    let own = unit.actor.clone();
    unit.actor = own.clone().importing();
    let told = all(unit, rows, how).await;
    unit.actor = own;
    told
}

async fn all(unit: &mut Unit, rows: &[Numbered<AppointmentRow>], how: &How) -> Outcome<Vec<RowTold>> {
    let names = Names::of(unit, &named_by(rows)).await?;
    let mut told = Vec::with_capacity(rows.len());
    let mut seen: HashMap<String, u64> = HashMap::new();
    for row in rows {
        let wanted = Wanted::of(&names, &row.value);
        let (value, how) = (row.value.clone(), *how);
        let done = unit
            .attempt(move |unit| async move { carry_out(unit, &value, wanted?, how).await }.boxed())
            .await?;
        let mut done = RowTold::of(row.row, done);
        // Two rows may name one appointment in two ways.
        if let Some(id) = done.entity_id.as_ref().filter(|_| row.value.act == RowAct::Upsert) {
            let earlier = *seen.entry(id.clone()).or_insert(row.row);
            if earlier != row.row && done.outcome == RowOutcome::Unchanged {
                let problem = Problem::invalid("post", Flaw::Duplicate).with("earlier", earlier);
                done = RowTold::refused(row.row, vec![problem]);
            }
        }
        told.push(done);
    }
    Ok(told)
}

fn named_by(rows: &[Numbered<AppointmentRow>]) -> Vec<By> {
    let named = rows.iter().flat_map(|row| match &row.value.which {
        Which::Id(_) => Vec::new(),
        Which::Held {
            member, organization, ..
        } => vec![member, organization],
    });
    named.cloned().collect()
}

/// What a row is about, by ids of ours.
enum Wanted {
    Id(String),
    Held {
        member_id: String,
        organization_id: String,
        post: Post,
    },
}

impl Wanted {
    fn of(names: &Names, row: &AppointmentRow) -> Outcome<Self> {
        let found = |of, by: &By, key: &str| names.id(of, by).ok_or_else(|| Problem::at(ProblemCode::NotFound, key));
        Ok(match &row.which {
            Which::Id(id) => Self::Id(id.clone()),
            Which::Held {
                member,
                organization,
                post,
            } => Self::Held {
                member_id: found(Identified::Member, member, "memberExternalId")?,
                organization_id: found(Identified::Organization, organization, "organizationExternalId")?,
                post: *post,
            },
        })
    }
}

async fn carry_out(unit: &mut Unit, row: &AppointmentRow, wanted: Wanted, how: How) -> Outcome<Done> {
    let standing = standing(unit, &wanted).await?;
    let key = match wanted {
        Wanted::Id(_) => "id",
        Wanted::Held { .. } => "post",
    };
    if row.act == RowAct::End {
        let standing = standing.ok_or_else(|| Problem::at(ProblemCode::NotFound, key))?;
        return ended(unit, row, standing).await;
    }
    match (
        asked(how.mode, standing.is_some()).map_err(|code| Problem::at(code, key))?,
        standing,
        wanted,
    ) {
        (Asked::Change, Some(standing), _) => as_it_stands(row, standing),
        (
            _,
            _,
            Wanted::Held {
                member_id,
                organization_id,
                post,
            },
        ) => {
            let input = Appoint {
                organization_id,
                member_id,
                post,
                since: row.since,
                until: row.until,
                term_ends_on: row.term_ends_on,
                acting: row.acting.unwrap_or_default(),
                portfolio: Vec::new(),
                decision: row.decided.as_ref().map(decision),
            };
            let since = input.since.unwrap_or(unit.today);
            let ids = appoint(unit, &input).await?;
            let changes = vec![
                FieldChange::to("post", input.post),
                FieldChange::to("member", &input.member_id),
                FieldChange::to("organization", &input.organization_id),
                FieldChange::to("since", since),
            ];
            Ok((RowOutcome::Created, ids.into_iter().next().unwrap_or_default(), changes))
        }
        (_, _, Wanted::Id(_)) => Err(Problem::at(ProblemCode::NotFound, "id").into()),
    }
}

/// The appointment that stands, as far as the writer sees it.
async fn standing(unit: &Unit, wanted: &Wanted) -> Outcome<Option<Appointment>> {
    let id = match wanted {
        Wanted::Id(id) => Some(id.clone()),
        Wanted::Held {
            member_id,
            organization_id,
            post,
        } => {
            let held = unit.write.holders(organization_id, unit.today).await?;
            let mine = |row: &Appointment| row.member_id == *member_id && row.post == post.as_str();
            held.into_iter().find(mine).map(|row| row.id)
        }
    };
    let Some(id) = id else { return Ok(None) };
    let sight = post_scopes(|subject| unit.rows_of(subject));
    Ok(unit.write.appointment(&sight, &id).await?)
}

async fn ended(unit: &mut Unit, row: &AppointmentRow, standing: Appointment) -> Outcome<Done> {
    let until = row.until.unwrap_or(unit.today);
    if standing.until == Some(until) {
        return Ok((RowOutcome::Unchanged, standing.id, Vec::new()));
    }
    let input = End {
        appointment_id: standing.id.clone(),
        expected_version: None,
        until: Some(until),
        decision: row.decided.as_ref().map(decision),
    };
    end(unit, &input).await?;
    let before = standing.until.map(|day| day.to_string());
    let changes = vec![FieldChange {
        field: "until".to_owned(),
        before,
        after: Some(until.to_string()),
    }];
    Ok((RowOutcome::Changed, standing.id, changes))
}

/// What a post was filled with does not change: it is ended, and filled anew.
fn as_it_stands(row: &AppointmentRow, standing: Appointment) -> Outcome<Done> {
    let differs = [
        ("since", row.since.is_some_and(|day| day != standing.since)),
        ("until", row.until.is_some() && row.until != standing.until),
        (
            "termEndsOn",
            row.term_ends_on.is_some() && row.term_ends_on != standing.term_ends_on,
        ),
        ("acting", row.acting.is_some_and(|acting| acting != standing.acting)),
    ];
    match differs.into_iter().find(|(_, differs)| *differs) {
        Some((key, _)) => Err(Problem::invalid(key, Flaw::Elsewhere).into()),
        None => Ok((RowOutcome::Unchanged, standing.id, Vec::new())),
    }
}
