//! Rights in words, for whoever is told that one is missing.

use super::words::{Right, Subject};
use crate::vocabulary::Language;

impl Subject {
    /// What the right is about.
    #[must_use]
    pub fn label(self, language: Language) -> &'static str {
        let (chinese, english) = match self {
            Self::Directory => ("党组织名录", "directory of organizations"),
            Self::Structure => ("党组织设置", "structure of organizations"),
            Self::Move => ("党组织隶属关系调整", "moves of organizations"),
            Self::ActivityUnits => ("活动单位", "activity units"),
            Self::OwnAccount => ("本人账号", "one's own account"),
            Self::SecretaryPosts => ("书记任职", "posts of secretaries"),
            Self::OtherPosts => ("其他任职", "other posts"),
            Self::OrganStaff => ("工作机关人员", "staff of organs"),
            Self::Accounts => ("账号", "accounts"),
            Self::ServiceAccounts => ("服务账号", "service accounts"),
            Self::Webhooks => ("事件推送", "webhooks"),
            Self::Roster => ("党员名册", "roster"),
            Self::Admission => ("发展党员", "admission of members"),
            Self::Transfer => ("组织关系转接", "transfers of affiliation"),
            Self::Identity => ("身份信息", "identity data"),
            Self::Phone => ("联系电话", "phone numbers"),
            Self::Activities => ("组织生活", "activities"),
            Self::Minutes => ("会议记录和决议", "minutes and resolutions"),
            Self::CommitteeMinutes => ("支委会记录和决议", "minutes and resolutions of committees"),
            Self::FollowUps => ("决议落实", "follow-ups of resolutions"),
            Self::DualLife => ("双重组织生活", "dual organizational life"),
            Self::Attendance => ("考勤和请假", "attendance and leave"),
            Self::LeaveReason => ("请假事由", "reasons of leave"),
            Self::Exemption => ("免予参加", "exemptions"),
            Self::Measures => ("缺席处理", "measures for absence"),
            Self::Obligations => ("应开展的组织生活", "obligations"),
            Self::Inbox => ("待办", "inbox"),
            Self::RulebookText => ("规则", "rulebooks"),
            Self::RulebookAssignment => ("规则适用范围", "assignment of rulebooks"),
            Self::Keys => ("密钥", "keys"),
            Self::AuditTrail => ("操作记录", "audit trail"),
            Self::Exports => ("批量导出", "exports in bulk"),
            Self::Imports => ("批量导入", "imports in bulk"),
            Self::Log => ("变更日志", "log"),
        };
        match language {
            Language::ZhCn => chinese,
            Language::En => english,
        }
    }
}

impl Right {
    /// What one may do with it.
    #[must_use]
    pub fn label(self, language: Language) -> &'static str {
        let (chinese, english) = match self {
            Self::Read => ("查看", "read"),
            Self::Masked => ("查看（隐藏内容）", "read masked"),
            Self::Figures => ("查看统计", "read figures"),
            Self::Ask => ("申请", "ask"),
            Self::Draft => ("起草", "draft"),
            Self::Record => ("记录", "record"),
            Self::Opine => ("提出意见", "give an opinion"),
            Self::Acknowledge => ("确认知悉", "acknowledge"),
            Self::DecideLeave => ("批准请假", "decide leave"),
            Self::Receive => ("接收", "receive"),
            Self::Urge => ("督办", "urge"),
            Self::Decide => ("决定", "decide"),
            Self::Reveal => ("查看隐藏内容", "reveal"),
        };
        match language {
            Language::ZhCn => chinese,
            Language::En => english,
        }
    }
}

/// A right written `SUBJECT:RIGHT` in words; `None` where it is none.
#[must_use]
pub fn right_label(code: &str, language: Language) -> Option<String> {
    let (subject, right) = code.split_once(':')?;
    let subject = Subject::ALL.iter().find(|one| one.as_str() == subject)?;
    let right = Right::ALL.iter().find(|one| one.as_str() == right)?;
    let separator = match language {
        Language::ZhCn => "——",
        Language::En => " – ",
    };
    Some([subject.label(language), right.label(language)].join(separator))
}
