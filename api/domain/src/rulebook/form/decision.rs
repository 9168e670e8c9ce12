//! Forms about decisions: stages, deadline, vote, threshold.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::rulebook::quantity::{MonthDay, Share, Span};
use crate::rulebook::words::{
    Audience, Author, Consequence, DeadlineEvent, DecisionAct, DecisionLevel, ExclusionGround, OrganizationFact,
    StageKind,
};
use crate::vocabulary::{ActivityKind, MemberStatus, OrganizationFlag, ResolutionKind, Sector, Standing};

/// Who decides, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Decision {
    pub by: DecisionLevel,
    pub act: DecisionAct,
}

/// Ordered stages of one act (G1.2, G1.3, G1.4c, G2.4).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stages {
    /// In order; a missing required one blocks what needs it.
    pub stages: Vec<Stage>,
    /// Key of another entry of stages: for the orgs of this entry its stages stand in the place of the same ones there.
    pub refines: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stage {
    pub stage: StageKind,
    /// Required only for orgs that one of these names; all three empty: always. What is not required of an org is not
    /// needed by later stages either.
    pub required_for_sectors: Vec<Sector>,
    pub required_for_flags: Vec<OrganizationFlag>,
    pub required_for_facts: Vec<OrganizationFact>,
    /// Stages that must be complete before it.
    pub needs: Vec<StageKind>,
    /// Who writes the documents of the stage.
    pub written_by: Vec<Author>,
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
    /// The meetings at which it is voted so; empty: at every one that no other entry names.
    pub meetings: Vec<ActivityKind>,
    pub voters_standing: Vec<Standing>,
    pub voters_status: Vec<MemberStatus>,
    /// Whether those exempt from attendance are due at the vote: the two are different facts.
    pub voters_exempt: bool,
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
