//! The life of a document 文书: a text is filed, and filed again as a further revision with the reason for it. Nothing of it is
//! ever changed or taken away.

use super::{Fields, Refused, Step, Taken};
use crate::problem::ProblemCode;
use crate::vocabulary::closed_list;

closed_list! {
    /// What a document is of its subject.
    Class {
        /// Of an activity 会议记录.
        Minutes = "MINUTES",
    }
}

impl Class {
    /// Key of the entry by which such a document is owed.
    fn entry(self) -> &'static str {
        match self {
            // G1.1f
            Self::Minutes => "filing-days",
        }
    }

    /// The field of the subject that holds it, as the log tells it.
    fn fields(self) -> Fields {
        match self {
            Self::Minutes => &["minutes"],
        }
    }
}

/// Number of a document's latest revision, from 1.
pub type Latest = i64;

/// What is done to a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// A text is filed; a further revision says why.
    File { reasoned: bool },
}

/// How a document stands of which a text is filed, as a refusal tells it.
const FILED: &str = "FILED";

/// The step of a document; `None`: there is none yet.
///
/// # Errors
/// `REQUIRED` of a further revision without a reason.
pub fn step(class: Class, latest: Option<Latest>, command: Command) -> Taken<Latest> {
    let to = |revision| Ok(Step::to(revision, class.fields()).by(class.entry()));
    match (command, latest) {
        (Command::File { .. }, None) => to(1),
        (Command::File { reasoned: true }, Some(latest)) => to(latest + 1),
        (Command::File { reasoned: false }, Some(_)) => {
            Err(Refused::new(ProblemCode::Required, FILED).by(class.entry()))
        }
    }
}
