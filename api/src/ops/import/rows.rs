//! Records of a file as what each kind of rows makes of them, in the order of the file.

use domain::intake::RowAct;
use domain::intake::record::Record;
use domain::intake::rows::activity::ActivityRow;
use domain::intake::rows::appointment::AppointmentRow;
use domain::intake::rows::member::MemberRow;
use domain::intake::rows::organization::OrganizationRow;
use domain::problem::Problem;
use domain::vocabulary::ImportKind;

use super::super::outcome::Outcome;
use super::super::people::roster::upsert::{Entered, Seen};
use super::super::writing::Unit;
use super::source::Unread;
use super::{How, Numbered, RowTold, activity, appointment, member, organization};

/// Rows that can be carried out, and what is told of those that cannot be read.
fn typed<T>(
    rows: Vec<Result<Record, Unread>>,
    read: impl Fn(&Record) -> Result<T, Vec<Problem>>,
) -> (Vec<Numbered<T>>, Vec<RowTold>) {
    let (mut good, mut refused) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        match row {
            Ok(record) => match read(&record) {
                Ok(value) => good.push(Numbered { row: record.row, value }),
                Err(problems) => refused.push(RowTold::refused(record.row, problems)),
            },
            Err(unread) => refused.push(RowTold::refused(unread.row, unread.problems)),
        }
    }
    (good, refused)
}

/// Carries rows of a kind out. What each comes to, in the order of the file.
///
/// # Errors
/// The database is away, or somebody was faster.
pub(super) async fn apply(
    unit: &mut Unit,
    kind: ImportKind,
    rows: Vec<Result<Record, Unread>>,
    (how, seen): (&How, &mut Seen),
) -> Outcome<Vec<RowTold>> {
    let (mut told, refused) = match kind {
        ImportKind::Member => {
            let (good, refused) = typed(rows, MemberRow::of);
            (member::apply(unit, &good, how, seen).await?, refused)
        }
        ImportKind::Organization => {
            let (good, refused) = typed(rows, OrganizationRow::of);
            (organization::apply(unit, &good, how).await?, refused)
        }
        ImportKind::Appointment => {
            let (good, refused) = typed(rows, AppointmentRow::of);
            (appointment::apply(unit, &good, how).await?, refused)
        }
        ImportKind::Activity => {
            let (good, refused) = typed(rows, ActivityRow::of);
            (activity::apply(unit, &good, how).await?, refused)
        }
    };
    told.extend(refused);
    told.sort_by_key(|row| row.row);
    Ok(told)
}

/// Whether rows of members can be entered before what follows from those before them is settled.
pub(super) fn are_plain(rows: &[Result<Record, Unread>]) -> bool {
    rows.iter().flatten().all(MemberRow::is_plain)
}

/// Enters plain rows of members; what follows from them is for later. What each comes to, in the order of the file.
///
/// # Errors
/// As those of [`apply`].
pub(super) async fn enter(
    unit: &mut Unit,
    rows: Vec<Result<Record, Unread>>,
    (how, seen): (&How, &mut Seen),
) -> Outcome<(Vec<RowTold>, Entered)> {
    let (good, refused) = typed(rows, MemberRow::of);
    let (mut told, entered) = member::enter(unit, &good, how, seen).await?;
    told.extend(refused);
    told.sort_by_key(|row| row.row);
    Ok((told, entered))
}

/// Notes rows that were carried out before: who is named there is not to be named again.
pub(super) fn pass(kind: ImportKind, rows: &[Result<Record, Unread>], seen: &mut Seen) {
    if kind != ImportKind::Member {
        return;
    }
    for row in rows.iter().flatten().filter_map(|record| MemberRow::of(record).ok()) {
        if row.act != RowAct::Upsert {
            continue;
        }
        // Refused or not: the rows that follow are what is looked at.
        let _ = seen.named_first(&row.member);
        if let Some(number) = &row.identity_number {
            seen.identity(number);
        }
    }
}
