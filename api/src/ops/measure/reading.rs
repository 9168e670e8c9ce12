//! Reads of absence measures.

use chrono::NaiveDate;
use domain::obligation::ladder::RunStep;
use domain::policy::{Action, Refusal, Subject, can};
use domain::vocabulary::MeasureState;

use super::Measure;
use super::decide::{target, words_place};
use super::judge::run_of;
use super::sessions::since;
use crate::ops::organization::{Page, PageRequest, Within};
use crate::ops::outcome::Outcome;
use crate::ops::reading::Reading;
use crate::ops::rulebook::Library;
pub use crate::store::measure::DecidingOrg;
use crate::store::measure::SessionRow;

/// The talk behind a confirmed measure.
#[derive(Debug, Clone)]
pub struct Talk {
    pub on: Option<NaiveDate>,
    /// Member who talked.
    pub by: Option<String>,
    /// What the member said.
    pub words: Option<String>,
}

/// The absences behind a measure, oldest first.
#[must_use]
pub fn run(row: &Measure) -> Vec<RunStep> {
    run_of(row)
}

impl Reading {
    /// A page of a member's measures, latest first, as far as the reader may see them.
    ///
    /// # Errors
    /// The database is away.
    pub async fn measures_of_member(&self, member: &str, page: &PageRequest) -> Outcome<Page<Measure>> {
        let scope = self.rows(Subject::Measures);
        Ok(self.snapshot.measures_of_member(&scope, member, page).await?)
    }

    /// A page of the measures of a part of the tree, latest first, as far as the reader may see them.
    ///
    /// # Errors
    /// The database is away.
    pub async fn measures_within(
        &self,
        within: &Within,
        states: Option<&[MeasureState]>,
        page: &PageRequest,
    ) -> Outcome<Page<Measure>> {
        let scope = self.rows(Subject::Measures);
        let states: Option<Vec<String>> = states.map(|states| states.iter().map(ToString::to_string).collect());
        Ok(self
            .snapshot
            .measures_within(&scope, within, states.as_deref(), page)
            .await?)
    }

    /// Measures by id.
    ///
    /// # Errors
    /// The database is away.
    pub async fn measures(&self, ids: &[String]) -> Outcome<Vec<Measure>> {
        Ok(self.snapshot.measures(&self.rows(Subject::Measures), ids).await?)
    }

    /// Branches with who heads them, by id.
    ///
    /// # Errors
    /// The database is away.
    pub async fn deciding_orgs(&self, ids: &[String]) -> Outcome<Vec<DecidingOrg>> {
        Ok(self.snapshot.deciding_orgs(ids, self.today).await?)
    }

    /// Whether the reader may decide a measure, with what stands against it.
    #[must_use]
    pub fn may_on_measure(
        &self,
        action: Action,
        row: &Measure,
        place: &domain::policy::Place,
        branch: Option<&DecidingOrg>,
    ) -> (bool, Vec<Refusal>) {
        let target = target(row, place.clone(), branch.map(std::slice::from_ref).unwrap_or_default());
        can(&self.actor, action, &target)
    }

    /// The talk behind a measure that the reader sees.
    #[must_use]
    pub fn talk(&self, row: &Measure) -> Option<Talk> {
        let talk = row.talk.as_ref()?;
        let text = |field: &str| talk.get(field).and_then(serde_json::Value::as_str);
        let words = text("words").and_then(|sealed| self.app.keys.open(&words_place(&row.id), sealed).ok());
        Some(Talk {
            on: text("on").and_then(|day| day.parse().ok()),
            by: text("by").map(ToOwned::to_owned),
            words: words.and_then(|words| String::from_utf8(words).ok()),
        })
    }

    /// One member's sessions of a time, and back to the start of the run before it, as far as the reader may see them.
    ///
    /// # Errors
    /// The database is away.
    pub async fn sessions_of(
        &self,
        member: &str,
        between: (NaiveDate, NaiveDate),
        library: &Library,
    ) -> Outcome<Vec<SessionRow>> {
        let scope = self.rows(Subject::Attendance);
        let since = since(library, None);
        Ok(self.snapshot.sessions_of(&scope, member, between, &since).await?)
    }
}
