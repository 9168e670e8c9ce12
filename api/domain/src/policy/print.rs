//! The table as plain text: what `orglife policy` prints and the golden file holds.

use super::action::Action;
use super::table::{RECORDED_BY_IMPORTS, TABLE, opened_by};
use super::words::{Right, Subject, Where};
use crate::vocabulary::ServiceScope;

/// Subjects × holders × rights with their reach, the scopes of service accounts, and what each act needs.
#[must_use]
pub fn print() -> String {
    let mut lines = vec!["WHO MAY DO WHAT WHERE".to_owned(), String::new()];
    for row in TABLE {
        for (holder, rights) in row.cells {
            let reach: Vec<String> = rights.iter().map(|(right, place)| format!("{right} {place}")).collect();
            lines.push(format!("{:<20} {:<24} {}", row.subject, holder, reach.join(" · ")));
        }
        lines.push(String::new());
    }
    lines.push("SERVICE ACCOUNTS, EACH AT OR BELOW ITS ORG".to_owned());
    lines.push(String::new());
    for scope in ServiceScope::ALL {
        let opened: Vec<String> = opened_by(*scope)
            .iter()
            .map(|(subject, right)| format!("{right} {subject}"))
            .collect();
        lines.push(format!(
            "{:<24} {}",
            scope.as_str(),
            if opened.is_empty() {
                "-".to_owned()
            } else {
                opened.join(" · ")
            }
        ));
    }
    let recorded = RECORDED_BY_IMPORTS
        .iter()
        .map(|(subject, place)| format!("A {subject} {place}"));
    let recorded: Vec<String> = recorded.collect();
    lines.push(format!("{:<24} {}", "imports:run, in a row", recorded.join(" · ")));
    lines.push(String::new());
    lines.push("ACTS: RIGHT, SUBJECT, SEEN THROUGH, WITH A RECORDED COLLECTIVE DECISION".to_owned());
    lines.push(String::new());
    lines.extend(Action::WRITES.iter().map(|action| act(*action)));
    let mut text: String = lines.iter().map(|line| format!("{}\n", line.trim_end())).collect();
    text.push('\n');
    text.push_str(&legend());
    text
}

fn act(action: Action) -> String {
    let demand = action.demand();
    let collective = if demand.collective { "COLLECTIVE" } else { "" };
    format!(
        "{:<28} {:<12} {:<20} {:<20} {collective}",
        action.as_str(),
        demand.right,
        demand.subject,
        demand.seen_through
    )
}

fn legend() -> String {
    let rights: Vec<&str> = Right::ALL.iter().map(|right| right.as_str()).collect();
    let places: Vec<&str> = Where::ALL.iter().map(|place| place.as_str()).collect();
    format!(
        "{} SUBJECTS\nRIGHTS {}\nPLACES {}\n",
        Subject::ALL.len(),
        rights.join(" "),
        places.join(" ")
    )
}
