//! Rows of appointments 任职: posts filled and ended by the use cases that people have. What is already so stays.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::intake::rows::appointment::{AppointmentRow, Which};
use domain::intake::{Asked, By, RowAct, RowOutcome, asked};
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::vocabulary::Post;
use futures_util::FutureExt as _;

use super::names::Names;
use super::{Done, FieldChange, How, Numbered, RowTold, decision};
use crate::ops::member::post_scopes;
use crate::ops::outcome::Outcome;
use crate::ops::people::appointment::{Appoint, End, PutRight, appoint, end, put_right};
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
        let standing = match &wanted {
            Ok(wanted) => standing(unit, wanted, &row.value).await?,
            Err(_) => None,
        };
        let upserts = row.value.act == RowAct::Upsert;
        // Two rows may name one appointment in two ways.
        let earlier = standing.as_ref().and_then(|standing| seen.get(&standing.id));
        if let Some(earlier) = earlier.filter(|_| upserts) {
            let problem = Problem::invalid("post", Flaw::Duplicate).with("earlier", earlier);
            told.push(RowTold::refused(row.row, vec![problem]));
            continue;
        }
        let (value, how) = (row.value.clone(), *how);
        let done = unit
            .attempt(move |unit| async move { carry_out(unit, &value, (wanted?, standing), how).await }.boxed())
            .await?;
        let done = RowTold::of(row.row, done);
        if let Some(id) = done.entity_id.as_ref().filter(|_| upserts) {
            seen.insert(id.clone(), row.row);
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

async fn carry_out(
    unit: &mut Unit,
    row: &AppointmentRow,
    (wanted, standing): (Wanted, Option<Appointment>),
    how: How,
) -> Outcome<Done> {
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
        (Asked::Change, Some(standing), _) => in_line(unit, row, standing).await,
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

/// The appointment that stands, as far as the writer sees it; of an end also the one that ended on that day.
async fn standing(unit: &Unit, wanted: &Wanted, row: &AppointmentRow) -> Outcome<Option<Appointment>> {
    let id = match wanted {
        Wanted::Id(id) => Some(id.clone()),
        Wanted::Held {
            member_id,
            organization_id,
            post,
        } => {
            let ended_on = row.until.filter(|_| row.act == RowAct::End);
            let eve = ended_on.and_then(|day| day.pred_opt());
            let after = eve.map_or(unit.today, |eve| eve.min(unit.today));
            let mut held = unit.write.holders(organization_id, after).await?;
            held.retain(|row| row.member_id == *member_id && row.post == post.as_str());
            let ended = held.iter().find(|row| ended_on.is_some() && row.until == ended_on);
            let stands = || held.iter().find(|row| row.until.is_none_or(|until| until > unit.today));
            ended.or_else(stands).map(|row| row.id.clone())
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

/// Days that were written down wrongly are put right. Whether somebody acts for a time or holds the post is no slip of the pen: the
/// one is ended, and the other filled.
async fn in_line(unit: &mut Unit, row: &AppointmentRow, standing: Appointment) -> Outcome<Done> {
    if row.acting.is_some_and(|acting| acting != standing.acting) {
        return Err(Problem::own_act("acting", Some(RowAct::End)).into());
    }
    let days = [
        ("since", row.since, Some(standing.since)),
        ("until", row.until, standing.until),
        ("termEndsOn", row.term_ends_on, standing.term_ends_on),
    ];
    let otherwise = days
        .into_iter()
        .filter(|(_, day, stands)| day.is_some() && day != stands);
    let change = |(field, day, stands): (&str, Option<NaiveDate>, Option<NaiveDate>)| FieldChange {
        field: field.to_owned(),
        before: stands.map(|day| day.to_string()),
        after: day.map(|day| day.to_string()),
    };
    let changes: Vec<FieldChange> = otherwise.map(change).collect();
    if changes.is_empty() {
        return Ok((RowOutcome::Unchanged, standing.id, changes));
    }
    let input = PutRight {
        appointment_id: standing.id.clone(),
        since: row.since,
        until: row.until,
        term_ends_on: row.term_ends_on,
        decision: row.decided.as_ref().map(decision),
    };
    put_right(unit, &input).await?;
    Ok((RowOutcome::Changed, standing.id, changes))
}
