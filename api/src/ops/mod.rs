//! One public function per use case: load → require → decide (domain) → store → log, in one transaction.

pub mod activity;
pub mod activity_unit;
pub mod admission;
mod affiliation;
pub mod applicant;
pub mod demo;
pub mod deployment;
pub mod doctor;
pub mod external_id;
pub mod inbox;
pub mod keys;
pub mod measure;
pub mod member;
pub mod obligation;
pub mod organization;
pub mod organization_facts;
pub mod outcome;
pub mod people;
pub mod reading;
pub mod register;
pub mod rulebook;
pub mod session;
pub mod signing;
pub mod structure;
pub mod transfer;
pub mod writing;
