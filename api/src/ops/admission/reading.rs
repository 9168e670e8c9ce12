//! Reads of admissions.

use domain::policy::Subject;
use domain::vocabulary::AdmissionState;

use super::super::organization::{Page, PageRequest, Within};
use super::super::outcome::Outcome;
use super::super::reading::Reading;
use super::Admission;

impl Reading {
    /// Admissions by id, those that the reader may see.
    ///
    /// # Errors
    /// The database is away.
    pub async fn admissions(&self, ids: &[String]) -> Outcome<Vec<Admission>> {
        Ok(self.snapshot.admissions(&self.rows(Subject::Admission), ids).await?)
    }

    /// The latest admission of each of these applicants, those that the reader may see.
    ///
    /// # Errors
    /// The database is away.
    pub async fn latest_admissions(&self, applicants: &[String]) -> Outcome<Vec<Admission>> {
        let scope = self.rows(Subject::Admission);
        Ok(self.snapshot.latest_admissions(&scope, applicants).await?)
    }

    /// What was proposed of the full membership of these members, as far as the reader may see it.
    ///
    /// # Errors
    /// The database is away.
    pub async fn full_memberships(&self, members: &[String]) -> Outcome<Vec<Admission>> {
        let scope = self.rows(Subject::Admission);
        Ok(self.snapshot.full_memberships(&scope, members).await?)
    }

    /// A page of admissions, the latest first.
    ///
    /// # Errors
    /// The database is away.
    pub async fn admissions_within(
        &self,
        within: &Within,
        states: Option<&[AdmissionState]>,
        page: &PageRequest,
    ) -> Outcome<Page<Admission>> {
        let scope = self.rows(Subject::Admission);
        Ok(self.snapshot.admissions_within(&scope, within, states, page).await?)
    }
}
