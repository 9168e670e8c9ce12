//! Deadlines: when something that began is due (G1.2i, G1.3f, G2.4b, G2.4e, G3.1a).

use chrono::NaiveDate;

use crate::rulebook::form::Deadline;

/// Why a deadline that people wish for is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeadlineInvalid {
    #[error("the deadline lies before its beginning")]
    BeforeBeginning,
    #[error("the rulebook allows until {latest}")]
    TooLate { latest: NaiveDate },
}

/// The last day that the rulebook allows for something that began on `from`.
#[must_use]
pub fn latest(deadline: &Deadline, from: NaiveDate, extended: bool) -> Option<NaiveDate> {
    let maximum = deadline.maximum?.after(from);
    Some(
        deadline
            .extension
            .filter(|_| extended)
            .map_or(maximum, |extension| extension.after(maximum)),
    )
}

/// The last day in time: as asked, else the default; `extended` once the extension was approved.
///
/// # Errors
/// A day before the beginning, or after what the rulebook allows.
pub fn due_on(
    deadline: &Deadline,
    from: NaiveDate,
    asked: Option<NaiveDate>,
    extended: bool,
) -> Result<NaiveDate, DeadlineInvalid> {
    let default = deadline.default.after(from);
    let extension = deadline.extension.filter(|_| extended);
    let due = asked.unwrap_or_else(|| extension.map_or(default, |extension| extension.after(default)));
    if due < from {
        return Err(DeadlineInvalid::BeforeBeginning);
    }
    match latest(deadline, from, extended) {
        Some(latest) if due > latest => Err(DeadlineInvalid::TooLate { latest }),
        Some(_) | None => Ok(due),
    }
}

/// Whether the last day in time has passed.
#[must_use]
pub fn has_passed(due_on: NaiveDate, today: NaiveDate) -> bool {
    today > due_on
}
