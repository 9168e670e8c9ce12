//! Reads about people: posts, exemptions, who saw or changed what.

use chrono::NaiveDate;
use domain::policy::{Scope, Subject, SystemScope};
use domain::vocabulary::EntityKind;

use super::super::organization::{Page, PageRequest};
use super::super::outcome::Outcome;
use super::super::reading::Reading;
pub use crate::store::account::Account;
pub use crate::store::appointment::rank;
pub use crate::store::audit::{About, AuditLine};
use crate::store::member::Appointment;
pub use crate::store::roster::Exemption;

/// A program as a line of the trail names it.
#[derive(Debug, Clone)]
pub struct Program {
    pub account_id: String,
    pub name: String,
    pub organization_id: Option<String>,
}

impl Reading {
    /// A page of the posts of an org on a day, those that this reader may see.
    ///
    /// # Errors
    /// The database is away.
    pub async fn appointments_of(&self, org: &str, on: NaiveDate, page: &PageRequest) -> Outcome<Page<Appointment>> {
        Ok(self
            .snapshot
            .appointments_of(&self.post_scopes(), org, on, page)
            .await?)
    }

    /// Exemptions of members.
    ///
    /// # Errors
    /// The database is away.
    pub async fn exemptions_of(&self, members: &[String]) -> Outcome<Vec<Exemption>> {
        Ok(self
            .snapshot
            .exemptions_of(&self.rows(Subject::Exemption), members)
            .await?)
    }

    /// Exemptions by id.
    ///
    /// # Errors
    /// The database is away.
    pub async fn exemptions(&self, ids: &[String]) -> Outcome<Vec<Exemption>> {
        Ok(self.snapshot.exemptions(&self.rows(Subject::Exemption), ids).await?)
    }

    /// Accounts of people by id, for who looks after the accounts of their org.
    ///
    /// # Errors
    /// The database is away.
    pub async fn accounts_of_people(&self, ids: &[String]) -> Outcome<Vec<Account>> {
        Ok(self
            .snapshot
            .accounts_within(&self.rows(Subject::Accounts), ids)
            .await?)
    }

    /// Accounts of members, for who looks after them.
    ///
    /// # Errors
    /// The database is away.
    pub async fn accounts_of(&self, members: &[String]) -> Outcome<Vec<Account>> {
        Ok(self
            .snapshot
            .accounts_of(&self.rows(Subject::Accounts), members)
            .await?)
    }

    /// A page of the trail, newest first; each line also needs `R` on its own subject.
    ///
    /// # Errors
    /// The database is away.
    pub async fn trail(&self, about: &About, page: &PageRequest) -> Outcome<Page<AuditLine>> {
        let mut subjects: Vec<Subject> = EntityKind::ALL.iter().map(|kind| Subject::of(*kind)).collect();
        subjects.sort();
        subjects.dedup();
        let scopes: Vec<_> = subjects
            .into_iter()
            .map(|subject| (subject, self.rows(subject)))
            .collect();
        Ok(self
            .snapshot
            .trail(&self.rows(Subject::AuditTrail), &scopes, about, page)
            .await?)
    }

    /// Programs by the ids of their accounts, closed ones too; accounts of people are none.
    ///
    /// # Errors
    /// The database is away.
    pub async fn programs(&self, accounts: &[String]) -> Outcome<Vec<Program>> {
        // Who sees a line may know who acted: a person's name is told there likewise. The account itself is not.
        let scope = Scope::system(SystemScope::Rights);
        let rows = self.snapshot.service_accounts(&scope, accounts).await?;
        let program = |row: Account| Program {
            account_id: row.id,
            name: row.username,
            organization_id: row.organization_id,
        };
        Ok(rows.into_iter().map(program).collect())
    }
}
