//! What people read instead of codes, in both languages.

use crate::vocabulary::{ActivityStatus, AgendaItemKind, AttendanceState, Language};

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
