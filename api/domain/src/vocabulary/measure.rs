//! Closed lists of measures for absence.

use super::{Language, closed_list};

closed_list! {
    /// Measure for absence (guideline 2.5).
    MeasureKind {
        /// 提醒
        Reminder = "REMINDER",
        /// 告诫
        Admonition = "ADMONITION",
        /// 批评教育
        CriticismAndEducation = "CRITICISM_AND_EDUCATION",
    }
}

impl MeasureKind {
    /// The kind in words.
    #[must_use]
    pub fn label(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Reminder, Language::ZhCn) => "提醒",
            (Self::Reminder, Language::En) => "Reminder",
            (Self::Admonition, Language::ZhCn) => "告诫",
            (Self::Admonition, Language::En) => "Admonition",
            (Self::CriticismAndEducation, Language::ZhCn) => "批评教育",
            (Self::CriticismAndEducation, Language::En) => "Criticism and education",
        }
    }
}

closed_list! {
    /// State of an absence measure: proposed quietly, decided by people.
    MeasureState {
        /// Proposed; waits for who decides.
        Open = "OPEN",
        /// The talk was held.
        Confirmed = "CONFIRMED",
        /// There is a reason against it.
        Dismissed = "DISMISSED",
        /// The attendance was corrected, the proposal no longer holds.
        Withdrawn = "WITHDRAWN",
        /// A higher step took its place before it was confirmed.
        Superseded = "SUPERSEDED",
        /// Confirmed, then the attendance was corrected.
        ForReview = "FOR_REVIEW",
    }
}
