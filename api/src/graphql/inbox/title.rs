//! The title of a line, made from its kind and what it names.

use domain::period::Period;
use domain::vocabulary::{
    AdmissionState, DecisionState, IdentityChangeState, InboxKind, Language, MeasureKind, MeasureState, PauseReason,
    TransferState,
};
use serde_json::Value;

/// The title in one language.
#[must_use]
pub fn title(kind: InboxKind, params: &Value, language: Language) -> String {
    let named = Named { params, language };
    let (zh, en) = words(kind, &named);
    match language {
        Language::ZhCn => zh,
        Language::En => en,
    }
}

/// What a line names, in the reader's language.
struct Named<'a> {
    params: &'a Value,
    language: Language,
}

impl Named<'_> {
    fn text(&self, name: &str) -> &str {
        self.params.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn is(&self, name: &str, code: &str) -> bool {
        self.text(name) == code
    }

    fn activity(&self) -> String {
        format!("{} {}", self.text("title"), self.text("date"))
    }

    fn measure(&self) -> &'static str {
        let kind = self.text("kind").parse::<MeasureKind>();
        kind.map_or("", |kind| kind.label(self.language))
    }

    /// Rule and period of what is owed.
    fn owed(&self) -> String {
        let rule = crate::ops::rulebook::label(self.text("rule"), self.language);
        let rule = rule.unwrap_or_else(|| self.text("rule").to_owned());
        let period = self.text("period").parse::<Period>();
        let period = period.map_or_else(|_| String::new(), |period| period.label(self.language));
        format!("{rule} {period}").trim().to_owned()
    }
}

fn words(kind: InboxKind, named: &Named<'_>) -> (String, String) {
    let pair = |zh: String, en: String| (zh, en);
    match kind {
        InboxKind::MeasureToDecide if named.is("state", MeasureState::ForReview.as_str()) => {
            let what = named.measure();
            pair(
                format!("{what}须复核：考勤已更正"),
                format!("{what}: review, the attendance was corrected"),
            )
        }
        InboxKind::MeasureToDecide => {
            let what = named.measure();
            pair(format!("{what}建议待处理"), format!("{what}: to be decided"))
        }
        InboxKind::MeasureDecided if named.is("state", MeasureState::Dismissed.as_str()) => {
            let what = named.measure();
            pair(format!("{what}建议不予处理"), format!("{what}: dismissed"))
        }
        InboxKind::MeasureDecided => pair(
            format!("已作{}", named.measure()),
            format!("{}: given", named.measure()),
        ),
        InboxKind::LeaveToDecide => {
            let at = named.activity();
            pair(format!("请假待审批：{at}"), format!("Leave to be decided: {at}"))
        }
        InboxKind::DisputeToDecide => {
            let at = named.activity();
            pair(format!("考勤异议待处理：{at}"), format!("Disputed attendance: {at}"))
        }
        InboxKind::ActivityNotice => pair(
            format!("活动通知：{}", named.activity()),
            format!("Notice: {}", named.activity()),
        ),
        InboxKind::TransferToDecide => pair("组织关系转接待办".to_owned(), "Transfer to be decided".to_owned()),
        InboxKind::TransferDecided if named.is("state", TransferState::Accepted.as_str()) => {
            pair("组织关系转接已接收".to_owned(), "Transfer accepted".to_owned())
        }
        InboxKind::TransferDecided => pair("组织关系转接未接收".to_owned(), "Transfer rejected".to_owned()),
        InboxKind::AdmissionToPropose => pair(
            "发展党员材料待支部提交".to_owned(),
            "Draft of an admission to be proposed".to_owned(),
        ),
        InboxKind::AdmissionDecided => match named.text("state").parse() {
            Ok(AdmissionState::Approved) => pair("发展党员事项已批准".to_owned(), "Admission approved".to_owned()),
            Ok(AdmissionState::Extended) => pair("预备期已延长".to_owned(), "Probation extended".to_owned()),
            _ => pair("发展党员事项未批准".to_owned(), "Admission rejected".to_owned()),
        },
        InboxKind::AdmissionToDecide => pair("发展党员事项待审批".to_owned(), "Admission to be decided".to_owned()),
        InboxKind::ExemptionToDecide => pair(
            "免于参加组织生活待审批".to_owned(),
            "Exemption to be decided".to_owned(),
        ),
        InboxKind::IdentityChangeToDecide => pair(
            "身份信息更正待核实".to_owned(),
            "Correction of personal data to be confirmed".to_owned(),
        ),
        InboxKind::IdentityChangeDecided if named.is("state", IdentityChangeState::Confirmed.as_str()) => {
            pair("身份信息已更正".to_owned(), "Personal data corrected".to_owned())
        }
        InboxKind::IdentityChangeDecided => pair(
            "身份信息更正未通过".to_owned(),
            "Correction of personal data rejected".to_owned(),
        ),
        InboxKind::ResetLinkToIssue => {
            let who = named.text("username");
            pair(
                format!("须交付一次性登录链接：{who}"),
                format!("One-time link to hand over: {who}"),
            )
        }
        InboxKind::WebhookPaused => {
            let who = named.text("username");
            let why = named.text("reason").parse::<PauseReason>();
            let why = why.map_or("", |why| why.label(named.language));
            pair(
                format!("服务账号 {who} 的事件推送已暂停：{why}"),
                format!("Webhook of {who} paused: {why}"),
            )
        }
        InboxKind::DeviationToDecide => {
            let owed = named.owed();
            pair(format!("变通申请待答复：{owed}"), format!("Deviation asked: {owed}"))
        }
        InboxKind::DeviationDecided if named.is("state", DecisionState::Accepted.as_str()) => {
            let owed = named.owed();
            pair(format!("变通申请已同意：{owed}"), format!("Deviation accepted: {owed}"))
        }
        InboxKind::DeviationDecided => {
            let owed = named.owed();
            pair(format!("变通申请未同意：{owed}"), format!("Deviation rejected: {owed}"))
        }
        InboxKind::ObligationOverdue => match named.params.get("count").and_then(Value::as_i64) {
            Some(number) => {
                let child = named.text("child");
                pair(
                    format!("{child}：{number} 项未解决"),
                    format!("{child}: {number} unresolved"),
                )
            }
            None => pair(format!("逾期：{}", named.owed()), format!("Overdue: {}", named.owed())),
        },
        InboxKind::AnswerToDecide => {
            let owed = named.owed();
            pair(
                format!("逾期说明待答复：{owed}"),
                format!("Answer to be decided: {owed}"),
            )
        }
        InboxKind::AlertUrged => pair(format!("督办：{}", named.owed()), format!("Urged: {}", named.owed())),
    }
}
