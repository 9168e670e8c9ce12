//! Rows of a file as what they ask for: from cells to typed values, with a problem for each cell that does not do.
//! Nothing here repeats an identity number; of a wrong one the last two signs are told at most.

pub mod activity;
pub mod appointment;
pub mod meeting;
pub mod member;
pub mod organization;

use std::str::FromStr;

use chrono::NaiveDate;

use super::columns::{acts, column};
use super::record::Record;
use super::{By, RowAct, values};
use crate::labels::Labelled;
use crate::problem::{Flaw, Problem, ProblemCode};
use crate::vocabulary::{EntityKind, ImportKind};

/// The collective decision that a row rests on 集体决定.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub on: NaiveDate,
    pub document_number: String,
}

/// A name in another system.
pub type External = (String, String);

/// The cells of a record while it is read, with what was found wrong.
struct Cells<'a> {
    kind: ImportKind,
    record: &'a Record,
    problems: Vec<Problem>,
}

impl<'a> Cells<'a> {
    fn of(kind: ImportKind, record: &'a Record) -> Self {
        Self {
            kind,
            record,
            problems: Vec::new(),
        }
    }

    fn text(&self, key: &'static str) -> Option<String> {
        self.record
            .cells
            .get(key)
            .map(|text| values::tidy(text).to_owned())
            .filter(|text| !text.is_empty())
    }

    /// A cell that has to be read as something else than its text.
    fn read<T>(&mut self, key: &'static str, form: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text(key)?;
        let found = read(&text);
        if found.is_none() {
            self.problems.push(Problem::invalid(key, Flaw::Form).with("form", form));
        }
        found
    }

    fn day(&mut self, key: &'static str) -> Option<NaiveDate> {
        self.read(key, "YYYY-MM-DD", values::date)
    }

    fn flag(&mut self, key: &'static str) -> Option<bool> {
        self.read(key, "是/否, yes/no", values::flag)
    }

    fn value<T: Labelled + FromStr>(&mut self, key: &'static str) -> Option<T> {
        let text = self.text(key)?;
        let found = values::value::<T>(&text);
        if found.is_none() {
            self.refuse_value(key, T::all().iter().map(|value| value.code()));
        }
        found
    }

    fn refuse_value(&mut self, key: &'static str, allowed: impl IntoIterator<Item = &'static str>) {
        self.problems.push(Problem::not_offered(key, allowed));
    }

    fn act(&mut self) -> RowAct {
        let allowed = acts(self.kind);
        let Some(text) = self.text("operation") else {
            return RowAct::Upsert;
        };
        let found = values::value::<RowAct>(&text).filter(|act| allowed.contains(act));
        if found.is_none() {
            self.refuse_value("operation", allowed.iter().map(|act| act.as_str()));
        }
        found.unwrap_or(RowAct::Upsert)
    }

    /// An object by our id or by what the row's system calls it.
    fn by(&mut self, of: EntityKind, id: &'static str, external: &'static str) -> Option<By> {
        match (self.id(of, id), self.external(external)) {
            (Some(_), Some(_)) => {
                self.problems
                    .push(Problem::invalid(external, Flaw::Contradiction).with("with", id));
                None
            }
            (Some(id), None) => Some(By::Id(id)),
            (None, Some((system, value))) => Some(By::External { system, value }),
            (None, None) => None,
        }
    }

    fn id(&mut self, of: EntityKind, key: &'static str) -> Option<String> {
        let form = format!("{}_…", crate::ids::prefix(of));
        self.read(key, &form, |text| {
            (crate::ids::kind_of(text) == Some(of)).then(|| text.to_owned())
        })
    }

    fn external(&mut self, key: &'static str) -> Option<External> {
        let value = self.text(key)?;
        let Some(system) = self.text("system") else {
            self.needs("system");
            return None;
        };
        Some((system, value))
    }

    /// The object that the row is about, and a name in another system that it is to have besides its id.
    fn subject(&mut self, of: EntityKind) -> Option<(By, Option<External>)> {
        let (id, external) = (self.id(of, "id"), self.external("externalId"));
        match (id, external) {
            (Some(id), external) => Some((By::Id(id), external)),
            (None, Some((system, value))) => Some((By::External { system, value }, None)),
            (None, None) => None,
        }
    }

    /// A text of the form of our ids is one, any other is what the row's system calls it.
    fn named(&self, of: EntityKind, text: &str) -> Result<By, Problem> {
        if crate::ids::kind_of(text) == Some(of) {
            return Ok(By::Id(text.to_owned()));
        }
        let system = self
            .text("system")
            .ok_or_else(|| Problem::at(ProblemCode::Required, "system"))?;
        Ok(By::External {
            system,
            value: text.to_owned(),
        })
    }

    /// Several objects, each by our id or by what the row's system calls it.
    fn several(&mut self, of: EntityKind, key: &'static str) -> Vec<By> {
        let Some(text) = self.text(key) else { return Vec::new() };
        let mut found = Vec::new();
        for item in values::parts(&text) {
            let Ok(by) = self.named(of, item) else {
                self.needs("system");
                break;
            };
            if found.contains(&by) {
                self.problems.push(Problem::invalid(key, Flaw::Duplicate));
                break;
            }
            found.push(by);
        }
        found
    }

    fn decided(&mut self) -> Option<Decided> {
        let (on, number) = (self.day("decidedOn"), self.text("documentNumber"));
        let typed = self.record.cells.contains_key("decidedOn");
        match (on, number) {
            (Some(on), Some(document_number)) => Some(Decided { on, document_number }),
            (Some(_), None) => {
                self.needs("documentNumber");
                None
            }
            (None, Some(_)) if !typed => {
                self.needs("decidedOn");
                None
            }
            (None, _) => None,
        }
    }

    fn needs(&mut self, key: &'static str) {
        let told =
            |problem: &Problem| problem.code == ProblemCode::Required && problem.path.iter().any(|part| part == key);
        if !self.problems.iter().any(told) {
            self.problems.push(Problem::at(ProblemCode::Required, key));
        }
    }

    /// Says of a cell that it is needed where nothing was read from it and nothing else is wrong with it.
    fn require<T>(&mut self, key: &'static str, value: Option<&T>) {
        if value.is_none() && !self.record.cells.contains_key(key) {
            self.needs(key);
        }
    }

    fn done<T>(self, value: Option<T>) -> Result<T, Vec<Problem>> {
        match value {
            Some(value) if self.problems.is_empty() => Ok(value),
            _ => Err(self.told()),
        }
    }

    /// What was found wrong, each with the header as the template has it.
    fn told(mut self) -> Vec<Problem> {
        if self.problems.is_empty() {
            self.problems.push(Problem::at(ProblemCode::Required, "externalId"));
        }
        let kind = self.kind;
        let named = |problem: Problem| {
            let found = problem.path.get(1).and_then(|key| column(kind, key));
            match found {
                Some(column) => problem.with("column", column.chinese),
                None => problem,
            }
        };
        self.problems.into_iter().map(named).collect()
    }
}
