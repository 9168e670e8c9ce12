//! Scoring sheets of orgs (G1.3g, G1.3h): points by indicator, vetoes, and how many stars may be gained at once. Orgs are
//! scored, never members.

use std::collections::BTreeMap;

use crate::rulebook::form::{Quantity, Threshold};

/// Names of a sheet that are no indicators.
const VETO: &str = "veto";
const MOST_STARS_UP: &str = "most_stars_up";
const NEWCOMERS_EXEMPT: &str = "newcomers_exempt";

/// How an org scored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    pub points: u32,
    /// What all indicators together could give.
    pub of: u32,
    /// What excludes it from being rated well, by code.
    pub vetoed_by: Vec<String>,
}

/// Scores an org. No indicator gives more than its sheet allows; what the sheet does not name gives nothing. `None` for a
/// newcomer where the sheet exempts those.
#[must_use]
pub fn score(sheet: &Threshold, points: &BTreeMap<String, u32>, grounds: &[String], newcomer: bool) -> Option<Score> {
    let exempts = sheet.values.get(NEWCOMERS_EXEMPT) == Some(&Quantity::Flag(true));
    if newcomer && exempts {
        return None;
    }
    let indicators = || {
        sheet.values.iter().filter_map(|(name, value)| match value {
            Quantity::Number(most) if name != MOST_STARS_UP => Some((name, *most)),
            _ => None,
        })
    };
    let got = indicators().map(|(name, most)| points.get(name).copied().unwrap_or_default().min(most));
    let vetoes = match sheet.values.get(VETO) {
        Some(Quantity::Codes(codes)) => codes.as_slice(),
        _ => &[],
    };
    Some(Score {
        points: got.sum(),
        of: indicators().map(|(_, most)| most).sum(),
        vetoed_by: vetoes.iter().filter(|code| grounds.contains(code)).cloned().collect(),
    })
}

/// The stars of a year: as rated, but not more above the last year's than the sheet allows.
#[must_use]
pub fn stars(sheet: &Threshold, last: Option<u32>, rated: u32) -> u32 {
    match (last, sheet.values.get(MOST_STARS_UP)) {
        (Some(last), Some(Quantity::Number(most))) => rated.min(last.saturating_add(*most)),
        _ => rated,
    }
}
