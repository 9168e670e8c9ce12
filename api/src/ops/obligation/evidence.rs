//! How a finding is kept in a row, and read back.

use domain::obligation::{Finding, Missing, NotOwedReason, SuggestedAction};
use serde_json::{Value, json};

/// What speaks for an obligation: how many count, which, and the next step.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    pub count: i64,
    pub at_least: i64,
    /// Ids of activities.
    pub activities: Vec<String>,
    pub suggested_action: Option<SuggestedAction>,
    /// Only with `NOT_OWED`.
    pub not_owed: Option<NotOwedReason>,
}

/// The evidence of a finding, as kept.
#[must_use]
pub fn kept(finding: &Finding) -> Value {
    let kept = json!({
        "count": finding.count,
        "atLeast": finding.at_least,
        "activities": finding.evidence,
        "suggestedAction": finding.suggested_action,
    });
    match finding.not_owed {
        Some(reason) => because(kept, reason),
        None => kept,
    }
}

/// The same evidence, of what is not owed for a reason.
#[must_use]
pub fn because(mut kept: Value, reason: NotOwedReason) -> Value {
    if let Some(fields) = kept.as_object_mut() {
        fields.insert("notOwed".to_owned(), reason.code().into());
    }
    kept
}

/// What is missing, as kept.
#[must_use]
pub fn missing_kept(finding: &Finding) -> Value {
    serde_json::to_value(&finding.missing).unwrap_or_default()
}

impl Evidence {
    /// Reads kept evidence; what is not there reads as nothing.
    #[must_use]
    pub fn read(kept: &Value) -> Self {
        let number = |key: &str| kept.get(key).and_then(Value::as_i64).unwrap_or_default();
        let activities = kept.get("activities").and_then(Value::as_array);
        Self {
            count: number("count"),
            at_least: number("atLeast"),
            activities: activities
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(ToOwned::to_owned)
                .collect(),
            suggested_action: kept.get("suggestedAction").and_then(Value::as_str).and_then(action),
            not_owed: kept.get("notOwed").and_then(Value::as_str).and_then(reason),
        }
    }
}

fn action(code: &str) -> Option<SuggestedAction> {
    use SuggestedAction as A;
    [A::Hold, A::FileMinutes, A::HoldMakeUp, A::AskDeviation, A::AddNote]
        .into_iter()
        .find(|action| action.code() == code)
}

fn reason(code: &str) -> Option<NotOwedReason> {
    NotOwedReason::ALL.iter().copied().find(|reason| reason.code() == code)
}

/// Reads back what is missing.
#[must_use]
pub fn missing_read(kept: &Value) -> Vec<Missing> {
    kept.as_array().into_iter().flatten().filter_map(one_missing).collect()
}

fn one_missing(kept: &Value) -> Option<Missing> {
    let number = |key: &str| kept.get(key)?.as_u64().and_then(|number| u32::try_from(number).ok());
    let activity = || kept.get("activity")?.as_str().map(ToOwned::to_owned);
    Some(match kept.get("code")?.as_str()? {
        "ACTIVITIES" => Missing::Activities {
            count: number("count")?,
        },
        "MINUTES" => Missing::Minutes {
            activity: activity()?,
            until: kept.get("until")?.as_str()?.parse().ok()?,
        },
        "ATTENDANCE" => Missing::Attendance {
            activity: activity()?,
            present: number("present")?,
            needed: number("needed")?,
        },
        "NAMED_BEFORE_START" => Missing::NamedBeforeStart { activity: activity()? },
        "HELD_ALONE" => Missing::HeldAlone { activity: activity()? },
        "GROUP" => Missing::Group {
            organization: kept.get("organization")?.as_str()?.to_owned(),
        },
        _ => return None,
    })
}
