//! What the judge says about one obligation.

use chrono::NaiveDate;
use serde::Serialize;

use crate::period::Period;
use crate::rulebook::{Basis, Text};
use crate::vocabulary::{Language, ObligationStatus};

/// The state of one obligation on one day. The obligor is the org whose facts were judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Key of the rulebook entry.
    pub rule: String,
    /// For whom it is owed: the obligor itself, or an org below it.
    pub subject: String,
    pub period: Period,
    pub status: ObligationStatus,
    /// Only with `NOT_OWED`.
    pub not_owed: Option<NotOwedReason>,
    /// Last day on which holding it is in time.
    pub due_on: NaiveDate,
    /// First day from which the period is closed and frozen, as the rulebook has it.
    pub closes_on: NaiveDate,
    /// Ids of the activities that count, by date and id.
    pub evidence: Vec<String>,
    /// How many count; needed are `at_least`.
    pub count: u32,
    pub at_least: u32,
    pub missing: Vec<Missing>,
    /// Held in time, minutes filed after the close.
    pub recorded_late: bool,
    /// Later facts make revisions only.
    pub closed: bool,
    /// The next day on which time alone may change this finding; until then only a write can. `None`: never.
    pub judge_again_on: Option<NaiveDate>,
    pub basis: Basis,
    pub suggested_action: Option<SuggestedAction>,
    /// What the rulebook advises.
    pub advice: Text,
}

/// Why nothing is owed although the rule is for such orgs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NotOwedReason {
    /// The rule, or its body, did not stand for the whole period (or half of it).
    RuleNotInForce,
    /// The org did not stand for the whole period (or half of it).
    DidNotStand,
    /// The committee was set up within the period.
    NoCommittee,
    /// Nobody is left who is not exempt or away.
    NobodyExpected,
    /// It was owed when it began; facts or rules have changed since, and it no longer is.
    Lapsed,
}

impl NotOwedReason {
    pub const ALL: &'static [Self] = &[
        Self::RuleNotInForce,
        Self::DidNotStand,
        Self::NoCommittee,
        Self::NobodyExpected,
        Self::Lapsed,
    ];

    /// The code, as kept with an obligation.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::RuleNotInForce => "RULE_NOT_IN_FORCE",
            Self::DidNotStand => "DID_NOT_STAND",
            Self::NoCommittee => "NO_COMMITTEE",
            Self::NobodyExpected => "NOBODY_EXPECTED",
            Self::Lapsed => "LAPSED",
        }
    }

    #[must_use]
    pub fn text(self, language: Language) -> &'static str {
        let (chinese, english) = match self {
            Self::RuleNotInForce => ("该规则未在整个周期内施行", "the rule was not in force for long enough"),
            Self::DidNotStand => (
                "该党组织未在整个周期内存续",
                "the organization did not stand for long enough",
            ),
            Self::NoCommittee => ("支委会在周期内才设立", "the committee was set up within the period"),
            Self::NobodyExpected => ("无应到党员", "nobody is left who would be expected"),
            Self::Lapsed => (
                "情况变化，不再要求",
                "facts or rules have changed: it is no longer owed",
            ),
        };
        match language {
            Language::ZhCn => chinese,
            Language::En => english,
        }
    }
}

/// What would have to be there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Missing {
    /// So many more must be held.
    Activities { count: u32 },
    /// Held, minutes not filed 未记录在册 (G1.1f); `until` is the last day on which it still counts as held.
    Minutes { activity: String, until: NaiveDate },
    /// Held, too few present.
    Attendance {
        activity: String,
        present: u32,
        needed: u32,
    },
    /// Joint, and this org was not named before it began.
    NamedBeforeStart { activity: String },
    /// Joint, of a kind that each org must hold alone.
    HeldAlone { activity: String },
    /// Other groups of the branch have held it, this one has not (G1.3e).
    Group { organization: String },
}

impl Missing {
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Activities { .. } => "ACTIVITIES",
            Self::Minutes { .. } => "MINUTES",
            Self::Attendance { .. } => "ATTENDANCE",
            Self::NamedBeforeStart { .. } => "NAMED_BEFORE_START",
            Self::HeldAlone { .. } => "HELD_ALONE",
            Self::Group { .. } => "GROUP",
        }
    }

    /// For people; names no person.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::ZhCn => match self {
                Self::Activities { count } => format!("还须召开{count}次"),
                Self::Minutes { until, .. } => format!("会议记录尚未归档（期限{until}）"),
                Self::Attendance { present, needed, .. } => format!("实到{present}人，至少须{needed}人"),
                Self::NamedBeforeStart { .. } => "联合活动开始前未列明本支部".to_owned(),
                Self::HeldAlone { .. } => "此类会议不得联合召开".to_owned(),
                Self::Group { .. } => "有党小组尚未召开".to_owned(),
            },
            Language::En => match self {
                Self::Activities { count } => format!("{count} more to be held"),
                Self::Minutes { until, .. } => format!("minutes not filed (by {until})"),
                Self::Attendance { present, needed, .. } => format!("{present} present, at least {needed} needed"),
                Self::NamedBeforeStart { .. } => "not named before the joint activity began".to_owned(),
                Self::HeldAlone { .. } => "this kind may not be held jointly".to_owned(),
                Self::Group { .. } => "a group has not held it yet".to_owned(),
            },
        }
    }
}

/// The next sensible step for the obligor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SuggestedAction {
    Hold,
    FileMinutes,
    HoldMakeUp,
    /// Only where it is `normally` owed.
    AskDeviation,
    /// Only a note is left: the period is closed.
    AddNote,
}

impl SuggestedAction {
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Hold => "HOLD",
            Self::FileMinutes => "FILE_MINUTES",
            Self::HoldMakeUp => "HOLD_MAKE_UP",
            Self::AskDeviation => "ASK_DEVIATION",
            Self::AddNote => "ADD_NOTE",
        }
    }

    #[must_use]
    pub fn text(self, language: Language) -> &'static str {
        match language {
            Language::ZhCn => match self {
                Self::Hold => "安排召开",
                Self::FileMinutes => "提交会议记录",
                Self::HoldMakeUp => "安排补开",
                Self::AskDeviation => "补开，或向上级说明理由",
                Self::AddNote => "补充说明",
            },
            Language::En => match self {
                Self::Hold => "schedule and hold it",
                Self::FileMinutes => "file the minutes",
                Self::HoldMakeUp => "hold a make-up",
                Self::AskDeviation => "hold a make-up, or ask the superior to accept a reason",
                Self::AddNote => "add a note",
            },
        }
    }
}
