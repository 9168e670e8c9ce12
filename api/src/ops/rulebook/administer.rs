//! Loading rulebooks and assigning them to subtrees. A closed period keeps the book it was judged by.

use chrono::{Datelike as _, Months, NaiveDate};
use domain::place;
use domain::policy::{Action, Permit, SystemScope, Target};
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::rulebook::{LoadError, Rulebook, id_of};
use domain::vocabulary::{EntityKind, Language};

use super::{Library, territory};
use crate::app::App;
use crate::ops::measure::rejudge_absent;
use crate::ops::obligation::rejudge::{ORGS, rejudge};
use crate::ops::organization::place_of;
use crate::ops::outcome::{Failure, Outcome};
use crate::ops::structure;
use crate::ops::writing::{Unit, upsert};
use crate::store::rulebook::StoredRulebook;
use crate::store::transaction::{Ledger, Trail, Write};

/// Mistakes of a document that are told at once.
const MISTAKES: usize = 50;
/// How far ahead an assignment may lie.
const AHEAD: Months = Months::new(120);

/// Loads a document as a new rulebook, or as a new version of one. Returns its id and `key@version`.
///
/// # Errors
/// User errors, one for each mistake of the document with line and key; the database is away.
#[tracing::instrument(name = "ops.rulebook.load", skip_all)]
pub async fn load(unit: &mut Unit, text: &str) -> Outcome<Vec<String>> {
    let root = unit.write.root().await?.ok_or(ProblemCode::NotFound)?;
    let permit = unit.require(Action::LoadRulebook, &Target::at(place_of(&root)?), "text")?;
    let book = domain::rulebook::load(text).map_err(|errors| mistakes(&errors))?;
    let library = Library::load(&unit.write).await?;
    check(&library, &book, unit.today)?;
    let row = row(&unit.app, &book, text);
    let (id, version) = (id_of(&book.key), row.version);
    unit.write.keep_rulebook(&permit, row).await?;
    let at = (root.id.as_str(), root.path.as_str());
    unit.note(&permit, upsert(EntityKind::Rulebook, &id, version, at, &["text"]));
    if library.is_in_use(&book.key) {
        let ids = unit.write.all_organizations().await?;
        judge_again(unit, &ids, book.effective_from).await?;
    }
    Ok(vec![id, format!("{}@{version}", book.key)])
}

/// Loads a document from the command line, before or beside the servers. Says `key@version`.
///
/// # Errors
/// As [`load`]; a version of a book that is in use must come through the API, which judges by it at once.
pub async fn load_file(app: &App, text: &str) -> Outcome<String> {
    let book = domain::rulebook::load(text).map_err(|errors| mistakes(&errors))?;
    let now = app.clock.now();
    let write: Write = app.database.write().await?;
    let library = Library::load(&write).await?;
    check(&library, &book, app.today())?;
    let row = row(app, &book, text);
    let trail = Trail {
        action: Action::LoadRulebook.as_str().to_owned(),
        subject_kind: EntityKind::Rulebook.to_string(),
        subject_id: row.id.clone(),
        ..Trail::default()
    };
    write.keep_rulebook(&Permit::system(SystemScope::Import), row).await?;
    let mut ledger = Ledger::default();
    ledger.trail.push((app.ids.plain(), trail));
    write.finish(ledger, now).await?;
    Ok(format!("{}@{}", book.key, book.version))
}

/// Puts a subtree under a rulebook from a day on. The nearest ancestor's assignment wins; a second one for the same day
/// replaces the first. The open obligations of the subtree are judged again in the same write.
///
/// # Errors
/// User errors, `RULEBOOK_LAXER` among them; the database is away.
#[tracing::instrument(name = "ops.rulebook.assign", skip_all)]
pub async fn assign(unit: &mut Unit, organization_id: &str, key: &str, from_on: NaiveDate) -> Outcome<Vec<String>> {
    let row = structure::org(unit, organization_id, "organizationId").await?;
    let permit = unit.require(Action::AssignRulebook, &Target::at(place_of(&row)?), "organizationId")?;
    if row.dissolved_on.is_some() {
        return Err(Problem::wrong_state("organizationId", structure::DISSOLVED).into());
    }
    let library = Library::load(&unit.write).await?;
    let book = library
        .book_on(key, from_on)
        .ok_or_else(|| Problem::at(ProblemCode::NotFound, "rulebookKey"))?;
    not_into_the_past(from_on, unit.today, "fromOn")?;
    if from_on < book.effective_from {
        return Err(Problem::too_early("fromOn", book.effective_from).into());
    }
    let ahead = unit.today.checked_add_months(AHEAD).unwrap_or(unit.today);
    let ends = book.effective_to.and_then(|end| end.pred_opt());
    let last = ends.map_or(ahead, |end| end.min(ahead));
    if from_on > last {
        return Err(Problem::invalid("fromOn", Flaw::OutOfRange).with("max", last).into());
    }
    inside(unit, book, &row.path).await?;
    no_laxer(&library, book, &row.path, from_on)?;
    let id = unit.app.ids.plain();
    unit.write.assign_rulebook(&permit, id, &row.id, key, from_on).await?;
    let at = (row.id.as_str(), row.path.as_str());
    unit.note(
        &permit,
        upsert(EntityKind::Organization, &row.id, row.version, at, &["rulebook"]),
    );
    let below = unit.write.subtree(&row.path).await?;
    let ids: Vec<String> = below.into_iter().map(|row| row.id).collect();
    judge_again(unit, &ids, from_on).await?;
    Ok(vec![row.id])
}

/// A book for a territory is assigned inside it: to the org that it names by id or name, or below.
async fn inside(unit: &Unit, book: &Rulebook, path: &str) -> Outcome<()> {
    let Some(territory) = territory(book) else {
        return Ok(());
    };
    let ids: Vec<String> = place::ids_on(path).map(ToOwned::to_owned).collect();
    let names = unit.write.names_of(&ids).await?;
    if names.iter().any(|(id, name)| id == territory || name == territory) {
        return Ok(());
    }
    Err(Problem::invalid("organizationId", Flaw::Elsewhere)
        .with("territory", territory)
        .into())
}

/// A local rule may be stricter than one of a higher issuer that holds there, never laxer.
fn no_laxer(library: &Library, book: &Rulebook, path: &str, on: NaiveDate) -> Outcome<()> {
    let laxer = library.holding(path, on).find_map(|higher| {
        let entry = book.laxer_than(higher, on).first()?.key.clone();
        Some((higher, entry))
    });
    match laxer {
        None => Ok(()),
        Some((higher, entry)) => Err(Problem::at(ProblemCode::RulebookLaxer, "rulebookKey")
            .with("entry", &entry)
            .with("higher", &higher.key)
            .by(&higher.key, &entry)
            .into()),
    }
}

/// Judges orgs again that have another book since a day, and the measures of those who were absent there since; in chunks,
/// however many there are.
pub(in crate::ops) async fn judge_again(unit: &mut Unit, ids: &[String], since: NaiveDate) -> Outcome<()> {
    let today = unit.today;
    for chunk in ids.chunks(ORGS) {
        rejudge(unit, chunk, today).await?;
    }
    rejudge_absent(unit, ids, since).await
}

/// Every calendar period that ended before the first of this month is closed, or still runs out its grace under the
/// book it had; none ends within this month before today. So from the first on no closed period is touched.
fn not_into_the_past(day: NaiveDate, today: NaiveDate, field: &str) -> Outcome<()> {
    let first = today.with_day(1).unwrap_or(today);
    if day >= first {
        return Ok(());
    }
    Err(Problem::at(ProblemCode::PeriodClosed, field).with("min", first).into())
}

/// A new version follows the newest one and does not reach into closed periods.
fn check(library: &Library, book: &Rulebook, today: NaiveDate) -> Outcome<()> {
    let Some(newest) = library.book(&book.key) else {
        return Ok(());
    };
    if book.version <= newest.version {
        return Err(Problem::at(ProblemCode::Conflict, "text")
            .with("version", newest.version)
            .into());
    }
    not_into_the_past(book.effective_from, today, "text")
}

fn row(app: &App, book: &Rulebook, text: &str) -> StoredRulebook {
    StoredRulebook {
        id: app.ids.next(EntityKind::Rulebook),
        key: book.key.clone(),
        version: i64::from(book.version),
        title: book.title.text(Language::ZhCn).to_owned(),
        issued_on: book.issued_on,
        effective_from: book.effective_from,
        text: text.to_owned(),
        loaded_at: app.clock.now(),
    }
}

fn mistakes(errors: &[LoadError]) -> Failure {
    let problem = |error: &LoadError| {
        Problem::at(ProblemCode::RulebookInvalid, "text")
            .with("line", error.line)
            .with("key", &error.key)
            .with("message", &error.message)
    };
    Failure::Problems(errors.iter().take(MISTAKES).map(problem).collect())
}
