//! One entry of a rulebook: what it says, for whom, since when, and by which clause.

use chrono::NaiveDate;
use serde::Serialize;

use crate::rulebook::form::Form;
use crate::rulebook::quantity::Text;
use crate::rulebook::words::{CountedMembers, Leadership, OrganizationFact, Transition};
use crate::vocabulary::{
    MemberStatus, Modality, OrganizationFlag, OrganizationKind, Origin, RuleForm, Sector, Standing,
};

/// One version of one rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Stable name, lower case with hyphens: `general-meeting`.
    pub key: String,
    /// Number of the clause, `G1.1a`.
    pub clause: String,
    /// Chinese heading of the clause.
    pub heading: String,
    pub modality: Modality,
    pub origin: Origin,
    /// Parameters of the form whose values are the deployment's although the rule is the guideline's.
    pub of_deployment: Vec<String>,
    pub applies_to: AppliesTo,
    pub form: Form,
    pub effective_from: NaiveDate,
    /// First day on which this version no longer holds.
    pub effective_to: Option<NaiveDate>,
    /// What runs while this version comes into force.
    pub transition: Transition,
    /// Other documents behind it.
    pub cites: Vec<Citation>,
    pub label: Text,
    pub advice: Text,
    /// Line of the document on which the entry begins.
    pub line: usize,
}

impl Entry {
    #[must_use]
    pub fn is_in_force(&self, date: NaiveDate) -> bool {
        self.effective_from <= date && self.effective_to.is_none_or(|to| date < to)
    }

    #[must_use]
    pub fn form_kind(&self) -> RuleForm {
        self.form.kind()
    }

    /// The parameters of the form, for display.
    #[must_use]
    pub fn parameters(&self) -> serde_json::Value {
        serde_json::to_value(&self.form).unwrap_or_default()
    }
}

/// Whom an entry is for. An empty list asks nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct AppliesTo {
    pub organization_kinds: Vec<OrganizationKind>,
    /// Orgs whose direct superior is of one of these kinds.
    pub parent_kinds: Vec<OrganizationKind>,
    pub sectors: Vec<Sector>,
    /// All of these must hold.
    pub facts: Vec<OrganizationFact>,
    /// One of these must be set.
    pub flags: Vec<OrganizationFlag>,
    pub size: Option<Size>,
    pub standing: Vec<Standing>,
    pub status: Vec<MemberStatus>,
    pub leadership: Option<Leadership>,
    /// Leaders of orgs of these kinds.
    pub leaders_of: Vec<OrganizationKind>,
}

/// How many members an org must have, and which of them count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Size {
    pub count: CountedMembers,
    /// Inclusive.
    pub at_least: Option<u32>,
    /// Inclusive.
    pub at_most: Option<u32>,
}

/// A place in another document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Citation {
    pub document: String,
    pub article: String,
}

/// Why a result is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Basis {
    pub rulebook: String,
    pub rulebook_version: u32,
    pub entry: String,
    pub clause: String,
    pub heading: String,
}
