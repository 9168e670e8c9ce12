//! The columns of each kind of rows 导入模板: what they are called, what they hold. Headers are read, templates are written
//! and the documentation is made from this one table.

mod headers;
mod table;

pub use headers::{Headings, header_key, heading, headings};

use super::RowAct;
use crate::vocabulary::{ImportKind, Language};

/// Code and words of each value of a closed list.
pub type Values = fn(Language) -> Vec<(&'static str, &'static str)>;

/// What a cell holds.
#[derive(Debug, Clone, Copy)]
pub enum Holds {
    Text,
    /// A civil date.
    Day,
    /// A day and a time, of the deployment's zone where none is given.
    Moment,
    /// Yes or no 是/否.
    Flag,
    /// A value of a closed list, by its code or its words.
    Code(Values),
    /// Such a value for all that another column names, or one for each.
    Codes(Values),
    /// What the row asks for.
    Act,
    /// Items of an agenda, a line each.
    Agenda(Values),
    /// Resolutions, a line each.
    Resolutions(Values),
    /// An id of ours, or what another system calls it.
    Name,
    /// Several of these, parted by blanks, commas or semicolons.
    Names,
    /// 公民身份号码
    Identity,
    Phone,
    /// What our exports hold and an import passes over.
    Passed,
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// As the API calls the field.
    pub key: &'static str,
    pub chinese: &'static str,
    pub english: &'static str,
    /// What else it may be called.
    pub also: &'static [&'static str],
    pub holds: Holds,
    /// Of what is not there yet it has to be filled in (of two columns for one thing either).
    pub needed: bool,
    /// What stands in the template's row; empty where it leaves the cell empty.
    pub example: &'static str,
}

impl Column {
    /// The header in a language.
    #[must_use]
    pub fn header(&self, language: Language) -> &'static str {
        match language {
            Language::ZhCn => self.chinese,
            Language::En => self.english,
        }
    }

    /// Whether the templates have it.
    #[must_use]
    pub fn is_offered(&self) -> bool {
        !matches!(self.holds, Holds::Passed)
    }

    /// The example in a language: values of closed lists in words.
    #[must_use]
    pub fn example(&self, language: Language) -> &'static str {
        let worded = |values: Vec<(&'static str, &'static str)>| {
            let found = values.into_iter().find(|(code, _)| *code == self.example);
            found.map_or(self.example, |(_, words)| words)
        };
        match self.holds {
            Holds::Code(values) => worded(values(language)),
            Holds::Act => worded(crate::labels::values::<RowAct>(language)),
            Holds::Flag if language == Language::ZhCn && self.example == "no" => "否",
            _ => self.example,
        }
    }
}

/// The columns of a kind, as a template has them; those that are passed over last.
#[must_use]
pub fn columns(kind: ImportKind) -> &'static [Column] {
    match kind {
        ImportKind::Organization => table::ORGANIZATION,
        ImportKind::Member => table::MEMBER,
        ImportKind::Appointment => table::APPOINTMENT,
        ImportKind::Activity => table::ACTIVITY,
    }
}

/// A column by its key.
#[must_use]
pub fn column(kind: ImportKind, key: &str) -> Option<&'static Column> {
    columns(kind).iter().find(|column| column.key == key)
}

/// What rows of a kind may ask for.
#[must_use]
pub fn acts(kind: ImportKind) -> &'static [RowAct] {
    match kind {
        ImportKind::Organization => &[RowAct::Upsert, RowAct::Dissolve],
        ImportKind::Member => &[RowAct::Upsert, RowAct::Transfer, RowAct::Leave],
        ImportKind::Appointment => &[RowAct::Upsert, RowAct::End],
        ImportKind::Activity => &[RowAct::Upsert],
    }
}

/// Columns without which no row of a kind can be told: of each group one has to be there.
#[must_use]
pub fn needed(kind: ImportKind) -> &'static [&'static [&'static str]] {
    match kind {
        ImportKind::Organization | ImportKind::Member => &[&["externalId", "id"]],
        ImportKind::Appointment => &[
            &["memberExternalId", "memberId", "id"],
            &["organizationExternalId", "organizationId", "id"],
            &["post", "id"],
        ],
        ImportKind::Activity => &[&["organizationExternalIds", "organizationIds", "externalId", "id"]],
    }
}

/// The columns by which one row is told from another.
#[must_use]
pub fn identity(kind: ImportKind) -> &'static [&'static [&'static str]] {
    match kind {
        ImportKind::Organization | ImportKind::Member => &[&["id"], &["system", "externalId"]],
        ImportKind::Appointment => &[
            &["id"],
            &[
                "system",
                "memberId",
                "memberExternalId",
                "organizationId",
                "organizationExternalId",
                "post",
            ],
        ],
        ImportKind::Activity => &[
            &["id"],
            &["system", "externalId"],
            &[
                "system",
                "organizationIds",
                "organizationExternalIds",
                "kind",
                "startsAt",
            ],
        ],
    }
}
