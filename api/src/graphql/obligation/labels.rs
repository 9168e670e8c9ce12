//! What people call a status.

use domain::vocabulary::{Language, ObligationStatus as S};

/// The status in the reader's language.
pub(super) fn status_label(status: S, language: Language) -> &'static str {
    match language {
        Language::ZhCn => match status {
            S::NotOwed => "无须召开",
            S::Open => "待召开",
            S::DueSoon => "即将到期",
            S::Met => "已完成",
            S::HeldNotFiled => "已召开，待归档",
            S::Overdue => "逾期",
            S::Excused => "已同意变通",
            S::HeldLate => "补开",
            S::Missed => "未完成",
        },
        Language::En => match status {
            S::NotOwed => "not owed",
            S::Open => "open",
            S::DueSoon => "due soon",
            S::Met => "met",
            S::HeldNotFiled => "held, minutes to be filed",
            S::Overdue => "overdue",
            S::Excused => "excused",
            S::HeldLate => "held late",
            S::Missed => "missed",
        },
    }
}
