//! Stub until the readers are merged.
use super::{How, Numbered, RowTold};
use crate::ops::outcome::Outcome;
use crate::ops::writing::Unit;
use domain::intake::rows::appointment::AppointmentRow;

pub async fn apply(_unit: &mut Unit, rows: &[Numbered<AppointmentRow>], _how: &How) -> Outcome<Vec<RowTold>> {
    Ok(rows.iter().map(|row| RowTold::refused(row.row, Vec::new())).collect())
}
