//! Forms about decisions: stages, deadline, vote, threshold.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::rulebook::quantity::{MonthDay, Share, Span};
use crate::rulebook::words::{
    Audience, Consequence, DeadlineEvent, DecisionAct, DecisionLevel, ExclusionGround, OrganizationFact, StageKind,
};
use crate::vocabulary::{MemberStatus, OrganizationFlag, ResolutionKind, Sector, Standing};

/// Who decides, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Decision {
    pub by: DecisionLevel,
    pub act: DecisionAct,
}

/// Ordered stages of one act (G1.2, G1.3, G1.4c, G2.4).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stages {
    /// In order; a missing required one blocks what follows.
    pub stages: Vec<Stage>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stage {
    pub stage: StageKind,
    /// Required only for these; all three empty: always.
    pub required_for_sectors: Vec<Sector>,
    pub required_for_flags: Vec<OrganizationFlag>,
    pub required_for_facts: Vec<OrganizationFact>,
    /// Stages that must be complete before it, beyond the order.
    pub needs: Vec<StageKind>,
    pub decision: Option<Decision>,
    pub audience: Option<Audience>,
}

/// A limit in time (G1.2i, G1.3f, G2.4b, G2.4e, G3.1a).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Deadline {
    pub from: DeadlineEvent,
    /// Where people set none of their own.
    pub default: Span,
    /// Never shorter than `default`.
    pub maximum: Option<Span>,
    pub extension: Option<Span>,
    pub extended_by: Option<Decision>,
    pub then: Consequence,
    pub audience: Option<Audience>,
}

/// Who may vote, and what carries (G1.1a, G2.3d, G2.4a).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Vote {
    pub resolutions: Vec<ResolutionKind>,
    pub voters_standing: Vec<Standing>,
    pub voters_status: Vec<MemberStatus>,
    /// Who may be left out of those due; empty: nobody.
    pub excludable: Vec<ExclusionGround>,
    pub quorum: Share,
    pub majority: Share,
    pub secret: bool,
}

/// Names and what they amount to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Threshold {
    pub values: BTreeMap<String, Quantity>,
}

/// One value of a threshold.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Quantity {
    Number(u32),
    Flag(bool),
    Share(Share),
    Span(Span),
    Day(MonthDay),
    Codes(Vec<String>),
}
