//! Exports in bulk 批量导出: what one needs to be let see for them, which columns their rows have, and how a row is written.

mod cell;
mod line;
mod shape;

pub use cell::{csv_cell, guarded};
pub use line::{BYTE_ORDER_MARK, JsonLines, csv_header, csv_line, text};
pub use shape::{Column, Form, Value, columns};

use crate::policy::{Actor, Grant, Subject, Target, Visibility, scope, visibility};
use crate::vocabulary::{ExportKind, SealedField};

/// What an export holds.
#[derive(Debug, Clone, Copy)]
pub struct Contents<'a> {
    pub kinds: &'a [ExportKind],
    /// Sealed fields that are written plainly.
    pub fields: &'a [SealedField],
}

/// Whether the account may have an export of the part of the tree that the target names: the right to exports itself.
#[must_use]
pub fn may_have(actor: &Actor, target: &Target) -> bool {
    scope(actor, Subject::Exports, Grant::Rows).contains(target)
}

/// What the account lacks for these contents there: where in the input, and what it may not read. Asked at the start, when
/// the files are written, and at each download.
#[must_use]
pub fn lacking(actor: &Actor, target: &Target, contents: Contents<'_>) -> Vec<(String, Subject)> {
    let reads = |subject: Subject| scope(actor, subject, Grant::Rows).contains(target);
    let kinds = contents.kinds.iter().enumerate();
    let kinds = kinds.filter(|(_, kind)| !subjects(**kind).iter().any(|subject| reads(*subject)));
    let kinds = kinds.filter_map(|(at, kind)| Some((format!("kinds.{at}"), *subjects(*kind).first()?)));
    let fields = contents.fields.iter().enumerate();
    let fields = fields.map(|(at, field)| (format!("fields.{at}"), subject_of(*field)));
    // Only a plain `R` shows what is sealed; who records it sees it masked.
    let fields = fields.filter(|(_, subject)| visibility(actor, *subject, target) != Visibility::Plain);
    kinds.chain(fields).collect()
}

/// The subjects under which rows of a kind are read: one of them is enough.
fn subjects(kind: ExportKind) -> &'static [Subject] {
    match kind {
        ExportKind::Organization => &[Subject::Directory],
        ExportKind::Member => &[Subject::Roster],
        // Who is secretary stands in the directory.
        ExportKind::Appointment => &[Subject::OtherPosts, Subject::Directory, Subject::OrganStaff],
        ExportKind::Activity => &[Subject::Activities],
    }
}

fn subject_of(field: SealedField) -> Subject {
    match field {
        SealedField::IdentityNumber | SealedField::BirthDate | SealedField::Address => Subject::Identity,
        SealedField::Phone => Subject::Phone,
    }
}
