//! The rows of an export, as the account could read them by queries in the same snapshot.

use domain::export::{Column, Form, Value, columns};
use domain::policy::{Scope, Subject};
use domain::vocabulary::{ExportKind, SealedField};
use tokio::sync::mpsc::Sender;

use super::super::outcome::Outcome;
use super::super::people::reveal::seal_place;
use super::super::reading::Reading;
use crate::secrets::keyring::Keyring;
use crate::store::export_copy::Taker;
use crate::store::export_row::{Cells, ExportRow};
use crate::store::export_rows::{Span, Wanted, kind_of};
use crate::store::unfold::Shown;

/// Rows of one kind.
pub struct Batch {
    pub kind: ExportKind,
    pub rows: Vec<ExportRow>,
}

/// A member whose sealed fields leave the system, and the branch at that time.
pub struct Person {
    pub id: String,
    pub branch_id: String,
}

/// Where the rows come from: kinds in order, each as far as the account sees it.
pub struct Source<'a> {
    reading: &'a Reading,
    span: &'a Span,
    directory: Scope,
    kinds: Vec<(ExportKind, Vec<Column>, Shown)>,
}

impl<'a> Source<'a> {
    /// What is asked for in a part of the tree.
    pub fn of(reading: &'a Reading, (kinds, fields): (&[ExportKind], &[SealedField]), span: &'a Span) -> Self {
        let kinds = kinds.iter();
        Self {
            reading,
            span,
            directory: reading.rows(Subject::Directory),
            kinds: kinds
                .map(|kind| (*kind, columns(*kind, fields), reading.shown(kind_of(*kind))))
                .collect(),
        }
    }

    fn wanted(&self) -> impl Iterator<Item = Wanted<'_>> {
        self.kinds.iter().map(|(kind, columns, shown)| Wanted {
            kind: *kind,
            columns,
            shown,
            directory: &self.directory,
            span: self.span,
        })
    }

    /// How many rows there are of all kinds, as another snapshot shows them.
    ///
    /// # Errors
    /// The database is away.
    pub async fn count(&self, other: &Reading) -> Outcome<i64> {
        let mut total = 0;
        for wanted in self.wanted() {
            total += other.snapshot.count_exported(wanted).await?;
        }
        Ok(total)
    }

    /// Hands on all rows, or as many as somebody takes.
    ///
    /// # Errors
    /// The database is away.
    pub async fn read(&self, to: Sender<Batch>) -> Outcome<()> {
        for wanted in self.wanted() {
            let kind = wanted.kind;
            let taker = Taker {
                to: &to,
                batch: Box::new(move |rows| Batch { kind, rows }),
            };
            let Reading { app, snapshot, .. } = self.reading;
            if !app.database.export(snapshot, wanted, &taker).await? {
                break;
            }
        }
        Ok(())
    }
}

/// The values of a row, its sealed fields opened.
///
/// # Errors
/// A cell is not what its column says, or does not open.
pub fn values<'a>(cells: &Cells<'a>, columns: &[Column], keys: &Keyring) -> Outcome<Vec<Value<'a>>> {
    let mut values = Vec::with_capacity(columns.len());
    for (at, column) in columns.iter().enumerate() {
        values.push(match column.form {
            Form::Sealed(field) => Value::Opened(opened(cells, (at, field), keys)?),
            form => cells.value(at, form)?,
        });
    }
    Ok(values)
}

fn opened(cells: &Cells<'_>, (at, field): (usize, SealedField), keys: &Keyring) -> Outcome<Option<String>> {
    let (Some(id), Some(sealed)) = (cells.text(0)?, cells.text(at)?) else {
        return Ok(None);
    };
    let plain = keys.open(&seal_place(field, &id), &sealed)?;
    Ok(String::from_utf8(plain).ok())
}

/// Whom a row of a member is about.
///
/// # Errors
/// The row is none of a member.
pub fn person(cells: &Cells<'_>, columns: &[Column]) -> Outcome<Option<Person>> {
    let (id, branch) = (cells.text(0)?, cells.text(columns.len())?);
    Ok(id.zip(branch).map(|(id, branch)| Person {
        id: id.into_owned(),
        branch_id: branch.into_owned(),
    }))
}
