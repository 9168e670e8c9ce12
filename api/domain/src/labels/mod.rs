//! What people read instead of codes, in both languages.

mod words;

use crate::activity_kind::capabilities;
use crate::vocabulary::{
    ActivityKind, ActivityStatus, AgendaItemKind, AttendanceState, ClosedList, Language, MeasureKind,
};

/// A closed list whose values have words.
pub trait Labelled: ClosedList {
    /// The value in words.
    fn words(self, language: Language) -> &'static str;
}

/// Gives closed lists their words: `List { Value "中文" "English", }`. A value that is left out does not compile.
macro_rules! labels {
    ($($list:ident { $($variant:ident $chinese:literal $english:literal,)+ })+) => {
        $(
            impl $list {
                /// The value in words.
                #[must_use]
                pub fn label(self, language: Language) -> &'static str {
                    match self { $(Self::$variant => pick(language, $chinese, $english),)+ }
                }
            }

            impl super::Labelled for $list {
                fn words(self, language: Language) -> &'static str {
                    self.label(language)
                }
            }
        )+

        /// Every list of this file.
        pub(super) const LISTS: &[(&str, super::Values)] = &[$((stringify!($list), super::values::<$list>),)+];
    };
}
use labels;

/// Lists whose words stand with them.
macro_rules! labelled {
    ($($list:ident: |$value:ident, $language:ident| $words:expr;)+) => {
        $(impl Labelled for $list {
            fn words(self, $language: Language) -> &'static str {
                let $value = self;
                $words
            }
        })+

        const OTHERS: &[(&str, Values)] = &[$((stringify!($list), values::<$list>),)+];
    };
}

labelled! {
    ActivityKind: |kind, language| capabilities(kind).label(language);
    ActivityStatus: |status, language| status.label(language);
    AgendaItemKind: |kind, language| kind.label(language);
    AttendanceState: |state, language| state.label(language);
    MeasureKind: |kind, language| kind.label(language);
}

/// Code and words of each value of a list.
type Values = fn(Language) -> Vec<(&'static str, &'static str)>;

fn values<T: Labelled>(language: Language) -> Vec<(&'static str, &'static str)> {
    T::all()
        .iter()
        .map(|value| (value.code(), value.words(language)))
        .collect()
}

/// Every list that readers meet, by name, with the words of its values.
pub fn sheet(language: Language) -> impl Iterator<Item = (&'static str, Vec<(&'static str, &'static str)>)> {
    let mut lists: Vec<_> = words::LISTS.iter().chain(OTHERS).collect();
    lists.sort_by_key(|(name, _)| *name);
    lists.into_iter().map(move |(name, values)| (*name, values(language)))
}

/// How a state or a reason of a refusal reads, whatever it is the state of.
#[must_use]
pub fn state_label(code: &str, language: Language) -> Option<&'static str> {
    let said = STATES.iter().find(|(known, ..)| *known == code);
    if let Some((_, chinese, english)) = said {
        return Some(pick(language, chinese, english));
    }
    sheet(language)
        .flat_map(|(_, values)| values)
        .find(|(known, _)| *known == code)
        .map(|(_, words)| words)
}

/// States and reasons that are in no list, or read otherwise by themselves.
const STATES: &[(&str, &str, &str)] = &[
    ("ASKED_BY_ANOTHER", "由他人提出", "somebody else asked for it"),
    ("BELOW_YOUR_LEVEL", "尚未上报到本级", "it has not come up to your level"),
    ("CLOSED", "已结束", "closed"),
    ("COMMITTEE_MISSING", "没有委员", "there is no committee"),
    (
        "CREDENTIALS_IN_ADDRESS",
        "地址中不得含用户名或密码",
        "a user name or password in the address",
    ),
    ("DEVIATION_ASKED", "已申请变通", "a deviation has been asked for"),
    ("DISSOLVED", "已撤销", "dissolved"),
    ("ENDED", "已结束", "ended"),
    (
        "EXCLUDED_NOT_DUE",
        "不计入的人本不应到",
        "somebody left out was not due",
    ),
    ("EXCLUDED_PRESENT", "不计入的人到了会", "somebody left out was there"),
    ("EXCLUDED_TWICE", "同一人重复列为不计入", "somebody is left out twice"),
    (
        "EXCLUSION_NOT_ALLOWED",
        "该理由不能不计入",
        "nobody may be left out on this ground",
    ),
    ("HAS_ACCOUNT", "已有账号", "has an account"),
    ("IN_PERSON", "须本人办理", "only in person"),
    ("MORE_EXCLUDED_THAN_DUE", "不计入的人多于应到", "more left out than due"),
    ("MORE_PRESENT_THAN_DUE", "到会多于应到", "more present than due"),
    (
        "MORE_VOTES_THAN_PRESENT",
        "票数多于到会",
        "more votes than people present",
    ),
    ("NOBODY_DUE", "无人应到", "nobody was due"),
    ("NOT_A_URL", "不是完整的网址", "not a whole address"),
    ("NOT_HTTPS", "须使用 https", "only https"),
    ("NOT_PASSED", "未获通过", "not passed"),
    ("NOT_PAUSED", "未暂停", "not paused"),
    (
        "NOT_PUBLIC",
        "该地址不在允许的网络内",
        "its address lies in no network that is allowed",
    ),
    ("NO_CHANGE", "没有变化", "nothing changes"),
    ("NO_RULE", "没有相应规则", "there is no rule for it"),
    ("NO_SUCH_NAME", "域名无法解析", "the name does not resolve"),
    ("OPEN", "待办", "open"),
    ("PERSON_NOT_THERE", "此人不在名册", "the person is not there"),
    ("PORT", "端口不允许", "this port is not allowed"),
    ("UNANSWERED", "尚未答复", "not answered"),
    ("WAITS_FOR_DECISION", "待决定", "waits for a decision"),
    ("WITHOUT_APPROVER", "没有审批机关", "there is no approver"),
    ("WITHOUT_FOLLOW_UP", "没有落实事项", "without a follow-up"),
];

fn pick(language: Language, chinese: &'static str, english: &'static str) -> &'static str {
    match language {
        Language::ZhCn => chinese,
        Language::En => english,
    }
}

impl AgendaItemKind {
    #[must_use]
    pub fn label(self, language: Language) -> &'static str {
        let (chinese, english) = match self {
            Self::Study => ("学习", "Study"),
            Self::ReviewWork => ("审查支部工作", "Review of the branch's work"),
            Self::Admission => ("发展党员", "Admission of members"),
            Self::Commendation => ("表彰", "Commendation"),
            Self::Sanction => ("处分", "Sanction"),
            Self::MajorMatter => ("重大事项", "Major matter"),
            Self::Directive => ("上级指示", "Directive from above"),
            Self::CarryOutResolution => ("落实决议", "Carrying out resolutions"),
            Self::Task => ("任务", "Task"),
            Self::Education => ("党员教育", "Education of members"),
            Self::DailyAffairs => ("日常事务", "Daily affairs"),
            Self::Exchange => ("思想交流", "Exchange of views"),
            Self::PublicOpinion => ("群众思想状况", "State of opinion among the public"),
            Self::LectureSpiritConductDiscipline => ("党性党风党纪", "Party spirit, conduct and discipline"),
            Self::LectureBasics => ("党的基本知识", "Basic knowledge of the Party"),
            Self::LectureSituation => ("形势任务", "Situation and tasks"),
            Self::OrganizationalLifeMeeting => ("组织生活会", "Organizational life meeting"),
            Self::DemocraticAppraisal => ("民主评议党员", "Democratic appraisal"),
            Self::PartySpiritCheck => ("党性体检", "Party-spirit check"),
            Self::OrganizationalLife => ("党的组织生活", "Organizational life"),
            Self::Other => ("其他", "Other"),
        };
        pick(language, chinese, english)
    }
}

impl ActivityStatus {
    #[must_use]
    pub fn label(self, language: Language) -> &'static str {
        let (chinese, english) = match self {
            Self::Scheduled => ("已安排", "Scheduled"),
            Self::Held => ("已召开，待归档", "Held, minutes to be filed"),
            Self::Filed => ("已归档", "Held and filed"),
            Self::Cancelled => ("已取消", "Cancelled"),
        };
        pick(language, chinese, english)
    }
}

impl AttendanceState {
    #[must_use]
    pub fn label(self, language: Language) -> &'static str {
        let (chinese, english) = match self {
            Self::Expected => ("应到", "Expected"),
            Self::Present => ("实到", "Present"),
            Self::OnLeave => ("请假", "On leave"),
            Self::LeavePending => ("请假待批", "Leave to be decided"),
            Self::Unexcused => ("无故缺席", "Absent without excuse"),
            Self::Unexplained => ("缺席待核实", "Absence to be clarified"),
            Self::MadeUpByStudy => ("已补学", "Made up by study"),
            Self::Exempt => ("免予参加", "Exempt"),
            Self::Disputed => ("有异议", "Disputed"),
        };
        pick(language, chinese, english)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_list_stands_once_and_no_two_values_read_alike() {
        let mut names = std::collections::BTreeSet::new();
        for language in [Language::ZhCn, Language::En] {
            for (name, values) in sheet(language) {
                assert!(language == Language::En || names.insert(name), "{name} twice");
                let words: std::collections::BTreeSet<_> = values.iter().map(|(_, words)| *words).collect();
                assert_eq!(words.len(), values.len(), "{name}");
                assert!(words.iter().all(|words| !words.is_empty()), "{name}");
            }
        }
        assert!(names.len() >= 35, "{}", names.len());
    }

    #[test]
    fn a_state_reads_in_both_languages() {
        assert_eq!(state_label("SCHEDULED", Language::ZhCn), Some("已安排"));
        assert_eq!(
            state_label("MORE_VOTES_THAN_PRESENT", Language::En),
            Some("more votes than people present")
        );
        assert_eq!(state_label("anything", Language::En), None);
    }
}
