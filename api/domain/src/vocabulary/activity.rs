//! Closed lists of activities: what is held, what is on its agenda, what is resolved.

use super::closed_list;

closed_list! {
    /// Kind of activity 活动类别; capabilities stand in [`crate::activity_kind`].
    ActivityKind {
        /// 支部党员大会
        BranchGeneralMeeting = "BRANCH_GENERAL_MEETING",
        /// 支部委员会
        BranchCommitteeMeeting = "BRANCH_COMMITTEE_MEETING",
        /// 党小组会
        PartyGroupMeeting = "PARTY_GROUP_MEETING",
        /// 党课
        PartyLecture = "PARTY_LECTURE",
        /// 党委会：the meeting of a committee, a working committee, a general branch or a leading group
        CommitteeMeeting = "COMMITTEE_MEETING",
    }
}

closed_list! {
    /// State of an activity.
    ActivityStatus {
        /// To come.
        Scheduled = "SCHEDULED",
        /// Held, minutes still to be filed.
        Held = "HELD",
        /// Held and minutes filed.
        Filed = "FILED",
        /// Called off before it was held.
        Cancelled = "CANCELLED",
    }
}

closed_list! {
    /// Kind of agenda item 议程.
    AgendaItemKind {
        /// 学习
        Study = "STUDY",
        /// 审查支部工作
        ReviewWork = "REVIEW_WORK",
        /// 发展党员
        Admission = "ADMISSION",
        /// 表彰
        Commendation = "COMMENDATION",
        /// 处分
        Sanction = "SANCTION",
        /// 其他重大事项
        MajorMatter = "MAJOR_MATTER",
        /// 上级指示
        Directive = "DIRECTIVE",
        /// 落实决议
        CarryOutResolution = "CARRY_OUT_RESOLUTION",
        /// 任务
        Task = "TASK",
        /// 党员教育
        Education = "EDUCATION",
        /// 日常事务
        DailyAffairs = "DAILY_AFFAIRS",
        /// 思想交流
        Exchange = "EXCHANGE",
        /// 群众思想状况
        PublicOpinion = "PUBLIC_OPINION",
        /// 党性党风党纪
        LectureSpiritConductDiscipline = "LECTURE_SPIRIT_CONDUCT_DISCIPLINE",
        /// 党的基本知识
        LectureBasics = "LECTURE_BASICS",
        /// 形势任务
        LectureSituation = "LECTURE_SITUATION",
        /// 组织生活会 (G1.3a)
        OrganizationalLifeMeeting = "ORGANIZATIONAL_LIFE_MEETING",
        /// 民主评议党员 (G1.4a)
        DemocraticAppraisal = "DEMOCRATIC_APPRAISAL",
        /// 党性体检 (G1.4a)
        PartySpiritCheck = "PARTY_SPIRIT_CHECK",
        /// 严格党的组织生活 (guideline 3.1: on the agenda of every committee)
        OrganizationalLife = "ORGANIZATIONAL_LIFE",
        /// Anything else.
        Other = "OTHER",
    }
}

closed_list! {
    /// What a resolution 决议 is about; the rulebook's vote entry is chosen by it.
    ResolutionKind {
        /// To take in a prospect 发展党员.
        Admission = "ADMISSION",
        /// To make a full member 转正.
        FullMembership = "FULL_MEMBERSHIP",
        /// To commend 表彰.
        Commendation = "COMMENDATION",
        /// To sanction 处分.
        Sanction = "SANCTION",
        /// Another major matter.
        MajorMatter = "MAJOR_MATTER",
        /// To exempt from attendance.
        Exemption = "EXEMPTION",
        /// Anything else.
        Other = "OTHER",
    }
}
