//! The life of a post 任职: filled, its portfolio shared out, ended from a day on.

use chrono::NaiveDate;

use super::{Refused, Step, Taken};
use crate::problem::ProblemCode;

/// For how long a post is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tenure {
    pub since: NaiveDate,
    /// First day on which it is no longer held.
    pub until: Option<NaiveDate>,
}

/// What is done to a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    Fill(Tenure),
    /// From a day on, today or earlier.
    End(NaiveDate),
    /// Its days were written down wrongly: from when, and for an acting holder until when.
    PutRight(Tenure),
    AssignPortfolio,
}

/// How a post stands that is no longer held, as a refusal tells it.
pub const ENDED: &str = "ENDED";

/// The step of a post; `None`: nobody held it.
///
/// # Errors
/// `WRONG_STATE` of what has ended, `DATE_IN_FUTURE` and `DATE_TOO_EARLY` of an end outside the time that it was held, and of days
/// that would end it: that is an act of its own.
pub fn step(held: Option<Tenure>, command: Command, today: NaiveDate) -> Taken<Tenure> {
    let refused = |code, state| Err(Refused::new(code, state));
    match (command, held) {
        (Command::Fill(tenure), None) => Ok(Step::to(tenure, &["post", "since", "until", "member"])),
        (Command::Fill(_), Some(_)) => refused(ProblemCode::PostTaken, "HELD"),
        (Command::End(_) | Command::PutRight(_) | Command::AssignPortfolio, None) => {
            refused(ProblemCode::WrongState, "NONE")
        }
        (Command::End(_) | Command::PutRight(_) | Command::AssignPortfolio, Some(tenure))
            if has_ended(&tenure, today) =>
        {
            refused(ProblemCode::WrongState, ENDED)
        }
        (Command::End(day), Some(_)) if day > today => refused(ProblemCode::DateInFuture, "HELD"),
        (Command::End(day), Some(tenure)) if day < tenure.since => refused(ProblemCode::DateTooEarly, "HELD"),
        (Command::End(day), Some(tenure)) => {
            let until = Some(day);
            Ok(Step::to(Tenure { until, ..tenure }, &["until"]))
        }
        (Command::PutRight(right), Some(_)) if right.since > today => refused(ProblemCode::DateInFuture, "HELD"),
        (Command::PutRight(right), Some(_)) if has_ended(&right, today) => refused(ProblemCode::DateTooEarly, "HELD"),
        (Command::PutRight(right), Some(held)) => Ok(Step::to(right, put_right(&held, &right))),
        (Command::AssignPortfolio, Some(tenure)) => Ok(Step::to(tenure, &["portfolio"])),
    }
}

/// What is otherwise of the days.
fn put_right(held: &Tenure, right: &Tenure) -> &'static [&'static str] {
    match (held.since != right.since, held.until != right.until) {
        (true, true) => &["since", "until"],
        (true, false) => &["since"],
        (false, true) => &["until"],
        (false, false) => &[],
    }
}

fn has_ended(tenure: &Tenure, today: NaiveDate) -> bool {
    tenure.until.is_some_and(|until| until <= today)
}
