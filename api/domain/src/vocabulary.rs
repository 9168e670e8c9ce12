//! Closed lists of the glossary. Each value has one code, the same in the database, the API, the log and exports.

/// A code that is not in the closed list it was read as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{code}` is no {list}")]
pub struct UnknownCode {
    pub list: &'static str,
    pub code: String,
}

/// What all closed lists share, so that readers can say what is allowed.
pub trait ClosedList: Copy + 'static {
    /// The list's name in English.
    const NAME: &'static str;

    /// Every value, in order.
    fn all() -> &'static [Self];

    /// The code as the database and the API write it.
    fn code(self) -> &'static str;
}

/// Declares a closed list: the enum, its codes, parsing, and the GraphQL derive behind the feature.
macro_rules! closed_list {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
        pub enum $name {
            $($(#[$vmeta])* #[serde(rename = $code)] #[cfg_attr(feature = "graphql", graphql(name = $code))] $variant,)+
        }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code as the database and the API write it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }
        }

        impl $crate::vocabulary::ClosedList for $name {
            const NAME: &'static str = stringify!($name);

            fn all() -> &'static [Self] {
                Self::ALL
            }

            fn code(self) -> &'static str {
                self.as_str()
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::vocabulary::UnknownCode;
            fn from_str(code: &str) -> Result<Self, $crate::vocabulary::UnknownCode> {
                match code {
                    $($code => Ok(Self::$variant),)+
                    _ => Err($crate::vocabulary::UnknownCode { list: stringify!($name), code: code.to_owned() }),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use closed_list;

closed_list! {
    /// Kind of organization 党组织类别. Which kinds may stand below which is data in [`crate::place::allowed_children`].
    OrganizationKind {
        /// 市委
        CityCommittee = "CITY_COMMITTEE",
        /// 县(市、区)委
        CountyCommittee = "COUNTY_COMMITTEE",
        /// 党(工)委
        WorkingCommittee = "WORKING_COMMITTEE",
        /// 镇党委
        TownCommittee = "TOWN_COMMITTEE",
        /// 街道党工委
        SubdistrictWorkingCommittee = "SUBDISTRICT_WORKING_COMMITTEE",
        /// 部门党委
        DepartmentCommittee = "DEPARTMENT_COMMITTEE",
        /// 直属单位党委
        DirectlyAffiliatedUnitCommittee = "DIRECTLY_AFFILIATED_UNIT_COMMITTEE",
        /// 基层党委
        PrimaryCommittee = "PRIMARY_COMMITTEE",
        /// 党总支
        GeneralBranch = "GENERAL_BRANCH",
        /// 党支部
        Branch = "BRANCH",
        /// 党小组
        PartyGroup = "PARTY_GROUP",
        /// 党组
        LeadingPartyMembersGroup = "LEADING_PARTY_MEMBERS_GROUP",
    }
}

closed_list! {
    /// Field of an organization's work 领域 (guideline 3.2); rulebook entries may differ by it.
    Sector {
        /// 机关
        Organ = "ORGAN",
        /// 事业单位
        Institution = "INSTITUTION",
        /// 村
        Village = "VILLAGE",
        /// 社区
        Community = "COMMUNITY",
        /// 国有企业
        StateEnterprise = "STATE_ENTERPRISE",
        /// 新经济组织
        NewEconomic = "NEW_ECONOMIC",
        /// 新社会组织
        NewSocial = "NEW_SOCIAL",
        /// 高校
        University = "UNIVERSITY",
        /// 学校
        School = "SCHOOL",
        /// 医院
        Hospital = "HOSPITAL",
        /// 其他
        Other = "OTHER",
    }
}

closed_list! {
    /// Organ of a city or county committee 工作机关.
    OrganKind {
        /// 组织部
        OrganizationDepartment = "ORGANIZATION_DEPARTMENT",
        /// 纪委
        DisciplineInspectionCommission = "DISCIPLINE_INSPECTION_COMMISSION",
    }
}

closed_list! {
    /// Unit that may host an activity without being an organization 活动单位 (guideline 3.2).
    ActivityUnitKind {
        /// 处(科)室
        Section = "SECTION",
        /// 车间班组
        Workshop = "WORKSHOP",
        /// 项目基地
        ProjectSite = "PROJECT_SITE",
        /// 党员先锋站
        PioneerStation = "PIONEER_STATION",
    }
}

closed_list! {
    /// Standing of a member 党员身份.
    Standing {
        /// 正式党员
        Full = "FULL",
        /// 预备党员
        Probationary = "PROBATIONARY",
    }
}

closed_list! {
    /// Status of a member 党员状态.
    MemberStatus {
        /// Takes part here.
        Active = "ACTIVE",
        /// 流动党员
        Floating = "FLOATING",
        /// 失联党员
        OutOfContact = "OUT_OF_CONTACT",
        /// 停止党籍
        Suspended = "SUSPENDED",
        /// 已出党、去世或转出系统
        Left = "LEFT",
    }
}

closed_list! {
    /// Stage of an applicant 发展党员阶段.
    ApplicantStage {
        /// 入党申请人
        Applicant = "APPLICANT",
        /// 入党积极分子
        Activist = "ACTIVIST",
        /// 发展对象
        Prospect = "PROSPECT",
    }
}

closed_list! {
    /// Post 职务 in an organization or in one of its organs.
    Post {
        /// 书记
        Secretary = "SECRETARY",
        /// 副书记
        DeputySecretary = "DEPUTY_SECRETARY",
        /// 组织委员
        OrganizationCommitteeMember = "ORGANIZATION_COMMITTEE_MEMBER",
        /// 宣传委员
        PublicityCommitteeMember = "PUBLICITY_COMMITTEE_MEMBER",
        /// 纪检委员
        DisciplineInspectionCommitteeMember = "DISCIPLINE_INSPECTION_COMMITTEE_MEMBER",
        /// 委员
        CommitteeMember = "COMMITTEE_MEMBER",
        /// 党小组长
        GroupLeader = "GROUP_LEADER",
        /// 支部党务干事
        PartyAffairsClerk = "PARTY_AFFAIRS_CLERK",
        /// 党建办干事
        CommitteeOfficeClerk = "COMMITTEE_OFFICE_CLERK",
        /// 组织部工作人员
        OrganizationDepartmentStaff = "ORGANIZATION_DEPARTMENT_STAFF",
        /// 纪委工作人员
        DisciplineInspectionStaff = "DISCIPLINE_INSPECTION_STAFF",
    }
}

impl Post {
    /// Posts of an org's team 班子: officers that carry rights as such.
    #[must_use]
    pub fn is_officer(self) -> bool {
        matches!(
            self,
            Self::Secretary
                | Self::DeputySecretary
                | Self::OrganizationCommitteeMember
                | Self::PublicityCommitteeMember
                | Self::DisciplineInspectionCommitteeMember
                | Self::CommitteeMember
        )
    }

    /// One holder at a time.
    #[must_use]
    pub fn is_single(self) -> bool {
        matches!(self, Self::Secretary | Self::GroupLeader)
    }
}

closed_list! {
    /// Kind of account 账号类别.
    AccountKind {
        /// Of a member, or of an applicant.
        Person = "PERSON",
        /// Of a program, with scopes.
        Service = "SERVICE",
        /// Accounts, keys and rulebooks; no content of members.
        Administrator = "ADMINISTRATOR",
    }
}

closed_list! {
    /// Scope of a service account; always cut to the subtree of one org.
    ServiceScope {
        OrgsRead = "orgs:read",
        MembersRead = "members:read",
        MembersReadSensitive = "members:read_sensitive",
        MembersWrite = "members:write",
        ActivitiesRead = "activities:read",
        ActivitiesWrite = "activities:write",
        EventsRead = "events:read",
        ExportsRun = "exports:run",
        ImportsRun = "imports:run",
        WebhooksManage = "webhooks:manage",
    }
}

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
    /// How an activity is offered, and how a member took part 参加方式.
    AttendanceMode {
        /// On the spot.
        OnSite = "ON_SITE",
        /// By video or distance learning (G1.1e).
        Online = "ONLINE",
        /// On site and online at once (offer only).
        Hybrid = "HYBRID",
        /// 补学
        MakeUpStudy = "MAKE_UP_STUDY",
    }
}

closed_list! {
    /// State of one member at one activity.
    AttendanceState {
        /// Expected, nothing recorded yet 应到.
        Expected = "EXPECTED",
        /// 实到
        Present = "PRESENT",
        /// 请假
        OnLeave = "ON_LEAVE",
        /// Leave asked, not decided: neutral for the ladder.
        LeavePending = "LEAVE_PENDING",
        /// 无故缺席
        Unexcused = "UNEXCUSED",
        /// Absent without timely notice, the secretary has not decided.
        Unexplained = "UNEXPLAINED",
        /// Absent, studied afterwards, accepted 补学.
        MadeUpByStudy = "MADE_UP_BY_STUDY",
        /// Not expected to come: ill, old … by decision of the branch.
        Exempt = "EXEMPT",
        /// The member disputes what was recorded; neutral until decided.
        Disputed = "DISPUTED",
    }
}

closed_list! {
    /// Reason category of leave 请假事由; superiors see this only.
    LeaveCategory {
        /// Ill.
        Illness = "ILLNESS",
        /// Work that cannot wait.
        Work = "WORK",
        /// Away.
        Travel = "TRAVEL",
        /// Cares for somebody.
        Care = "CARE",
        /// For another reason.
        Other = "OTHER",
    }
}

closed_list! {
    /// Why a member is exempt from attendance 免于参加, as a coarse code; nothing about health is kept.
    ExemptionCategory {
        /// Ill for some time.
        Illness = "ILLNESS",
        /// Of great age.
        OldAge = "OLD_AGE",
        /// With a disability.
        Disability = "DISABILITY",
        /// Cares for somebody.
        Care = "CARE",
        /// For another reason.
        Other = "OTHER",
    }
}

closed_list! {
    /// How a member leaves the rosters of the city 减员.
    DepartureReason {
        /// 去世
        Deceased = "DECEASED",
        /// 开除党籍
        Expelled = "EXPELLED",
        /// 除名
        Removed = "REMOVED",
        /// 退党
        Withdrew = "WITHDREW",
        /// 转出本市
        TransferredOut = "TRANSFERRED_OUT",
    }
}

closed_list! {
    /// What a masked field is revealed for.
    RevealPurpose {
        /// To reach the person.
        Contact = "CONTACT",
        /// To compare with a document.
        Verification = "VERIFICATION",
        /// A transfer of affiliation.
        Transfer = "TRANSFER",
        /// A report that the law or a superior asks for.
        Report = "REPORT",
        /// For another purpose; say which in the note.
        Other = "OTHER",
    }
}

closed_list! {
    /// State of something that people decide.
    DecisionState {
        /// Waits for a decision.
        Open = "OPEN",
        /// Granted.
        Accepted = "ACCEPTED",
        /// Refused.
        Rejected = "REJECTED",
        /// Taken back.
        Withdrawn = "WITHDRAWN",
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

closed_list! {
    /// Status of an obligation (spec 2).
    ObligationStatus {
        /// Nothing is owed, for a reason.
        NotOwed = "NOT_OWED",
        /// The period runs.
        Open = "OPEN",
        /// The period ends soon.
        DueSoon = "DUE_SOON",
        /// Held in time, minutes filed.
        Met = "MET",
        /// Held in time, minutes still to be filed.
        HeldNotFiled = "HELD_NOT_FILED",
        /// Not held in time; may still be made up.
        Overdue = "OVERDUE",
        /// The superior accepted a deviation.
        Excused = "EXCUSED",
        /// Held as a make-up; never shown as met.
        HeldLate = "HELD_LATE",
        /// Closed without being held.
        Missed = "MISSED",
    }
}

closed_list! {
    /// Kind of calendar period; two months are Jan–Feb, Mar–Apr, …
    PeriodKind {
        /// A calendar month.
        Month = "MONTH",
        /// Jan–Feb, Mar–Apr, …
        TwoMonths = "TWO_MONTHS",
        /// A calendar quarter.
        Quarter = "QUARTER",
        /// January to June, July to December.
        HalfYear = "HALF_YEAR",
        /// A calendar year.
        Year = "YEAR",
    }
}

closed_list! {
    /// How strictly something is owed: `normally` (一般、原则上) may be excused by an accepted deviation.
    Modality {
        /// Owed 必须; nothing else may be agreed.
        Must = "MUST",
        /// Owed unless the superior accepts a reason 一般、原则上.
        Normally = "NORMALLY",
        /// Advice; never overdue.
        May = "MAY",
    }
}

closed_list! {
    /// Where a rulebook number comes from.
    Origin {
        /// The guideline says so.
        Guideline = "GUIDELINE",
        /// A default that the guideline does not give.
        Deployment = "DEPLOYMENT",
    }
}

closed_list! {
    /// Form of a rulebook entry.
    RuleForm {
        /// So often in a period.
        Cadence = "CADENCE",
        /// So many for each pair.
        Coverage = "COVERAGE",
        /// A step for each in a row.
        Ladder = "LADDER",
        /// So many months in a row.
        RunOut = "RUN_OUT",
        /// Stages in order.
        Stages = "STAGES",
        /// By a day.
        Deadline = "DEADLINE",
        /// Who votes, and what carries.
        Vote = "VOTE",
        /// Brackets of an amount.
        Tariff = "TARIFF",
        /// Named numbers.
        Threshold = "THRESHOLD",
    }
}

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

closed_list! {
    /// What stands at one level of an alert.
    AlertLevelState {
        /// Nobody of this level has said anything yet.
        Open = "OPEN",
        /// Seen; the clock goes on.
        Acknowledged = "ACKNOWLEDGED",
        /// 督办
        Urged = "URGED",
        /// Met, made up, or answered and accepted.
        Closed = "CLOSED",
    }
}

closed_list! {
    /// What is amiss with an org without being an obligation.
    ShortcomingKind {
        /// A member is left out of existing groups.
        MemberWithoutGroup = "MEMBER_WITHOUT_GROUP",
        /// A branch has fewer full members than the rulebook asks.
        TooFewFullMembers = "TOO_FEW_FULL_MEMBERS",
        /// Nobody holds the secretary's post.
        SecretaryVacant = "SECRETARY_VACANT",
        /// A term has ended and the post is still held.
        TermEnded = "TERM_ENDED",
        /// A floating member is offered neither a remote mode nor a host branch (G1.1e).
        FloatingMemberWithoutOffer = "FLOATING_MEMBER_WITHOUT_OFFER",
    }
}

closed_list! {
    /// What is put to the approver.
    AdmissionKind {
        /// 接收预备党员
        Admission = "ADMISSION",
        /// 预备党员转正
        FullMembership = "FULL_MEMBERSHIP",
    }
}

closed_list! {
    /// State of an admission 发展党员 or of full membership 转正.
    AdmissionState {
        /// Written by a clerk; not yet put to the approver.
        Draft = "DRAFT",
        /// Waits for the approver.
        Proposed = "PROPOSED",
        /// The approver agreed.
        Approved = "APPROVED",
        /// The approver refused, with a reason.
        Rejected = "REJECTED",
        /// Of full membership: probation goes on 延长预备期.
        Extended = "EXTENDED",
        /// Taken back by the branch before the decision.
        Withdrawn = "WITHDRAWN",
    }
}

closed_list! {
    /// State of an affiliation transfer 组织关系转接.
    TransferState {
        /// Waits for an answer.
        Requested = "REQUESTED",
        /// The new branch took the member in.
        Accepted = "ACCEPTED",
        /// One side refused, with a reason.
        Rejected = "REJECTED",
        /// Taken back by who asked.
        Withdrawn = "WITHDRAWN",
    }
}

closed_list! {
    /// Field of a member that is sealed at rest and masked by default.
    SealedField {
        /// 身份证号
        IdentityNumber = "IDENTITY_NUMBER",
        /// The day of birth.
        BirthDate = "BIRTH_DATE",
        /// The address.
        Address = "ADDRESS",
        /// The phone number.
        Phone = "PHONE",
    }
}

closed_list! {
    /// State of a correction of sealed data 身份信息更正 that a member asked for.
    IdentityChangeState {
        /// Waits for the branch.
        Asked = "ASKED",
        /// The branch confirmed it: the value stands on the member.
        Confirmed = "CONFIRMED",
        /// The branch refused, with a reason.
        Rejected = "REJECTED",
        /// A later request for the same field took its place, or the member left.
        Withdrawn = "WITHDRAWN",
    }
}

closed_list! {
    /// What an inbox row is about.
    InboxKind {
        /// A measure for absence is proposed (G2.5a).
        MeasureToDecide = "MEASURE_TO_DECIDE",
        /// A member asks for leave.
        LeaveToDecide = "LEAVE_TO_DECIDE",
        /// A member disputes what was recorded.
        DisputeToDecide = "DISPUTE_TO_DECIDE",
        /// A transfer waits for its answer.
        TransferToDecide = "TRANSFER_TO_DECIDE",
        /// A transfer was accepted or rejected.
        TransferDecided = "TRANSFER_DECIDED",
        /// A clerk's draft waits for the branch.
        AdmissionToPropose = "ADMISSION_TO_PROPOSE",
        /// An admission waits for the approver.
        AdmissionToDecide = "ADMISSION_TO_DECIDE",
        /// The approver decided on an admission of the branch.
        AdmissionDecided = "ADMISSION_DECIDED",
        /// An org asks to hold something later.
        DeviationToDecide = "DEVIATION_TO_DECIDE",
        /// The superior decided on a deviation.
        DeviationDecided = "DEVIATION_DECIDED",
        /// Something owed is overdue.
        ObligationOverdue = "OBLIGATION_OVERDUE",
        /// One is expected at an activity.
        ActivityNotice = "ACTIVITY_NOTICE",
        /// The superior urges 督办.
        AlertUrged = "ALERT_URGED",
        /// An org answered an alert.
        AnswerToDecide = "ANSWER_TO_DECIDE",
        /// A measure for one's absence was decided.
        MeasureDecided = "MEASURE_DECIDED",
        /// A draft of an exemption waits for the branch.
        ExemptionToDecide = "EXEMPTION_TO_DECIDE",
        /// A member asked that sealed data of theirs be corrected.
        IdentityChangeToDecide = "IDENTITY_CHANGE_TO_DECIDE",
        /// The branch decided on a correction.
        IdentityChangeDecided = "IDENTITY_CHANGE_DECIDED",
        /// A password is to be set anew: issue the one-time link and hand it over.
        ResetLinkToIssue = "RESET_LINK_TO_ISSUE",
    }
}

closed_list! {
    /// Kind of entity that the log speaks of.
    EntityKind {
        /// `Organization`
        Organization = "ORGANIZATION",
        /// `Member`
        Member = "MEMBER",
        /// `Applicant`
        Applicant = "APPLICANT",
        /// `Appointment`
        Appointment = "APPOINTMENT",
        /// `Activity`
        Activity = "ACTIVITY",
        /// `Attendance`
        Attendance = "ATTENDANCE",
        /// `Leave`
        Leave = "LEAVE",
        /// `Resolution`
        Resolution = "RESOLUTION",
        /// `Exemption`
        Exemption = "EXEMPTION",
        /// `Admission`
        Admission = "ADMISSION",
        /// `Transfer`
        Transfer = "TRANSFER",
        /// `Obligation`
        Obligation = "OBLIGATION",
        /// `Deviation`
        Deviation = "DEVIATION",
        /// `Measure`
        Measure = "MEASURE",
        /// `Alert`
        Alert = "ALERT",
        /// `InboxItem`
        InboxItem = "INBOX_ITEM",
        /// `Account`
        Account = "ACCOUNT",
        /// `Rulebook`
        Rulebook = "RULEBOOK",
        /// `IdentityChange`
        IdentityChange = "IDENTITY_CHANGE",
        /// `ActivityUnit`
        ActivityUnit = "ACTIVITY_UNIT",
    }
}

closed_list! {
    /// What happened to an entity, in the log.
    ChangeOp {
        /// Made or changed.
        Upsert = "UPSERT",
        /// Gone.
        Delete = "DELETE",
        /// Visible to the reader from now on.
        EnterScope = "ENTER_SCOPE",
        /// No longer visible to the reader.
        LeaveScope = "LEAVE_SCOPE",
        /// Too much to be told one by one: read it anew.
        Resync = "RESYNC",
    }
}

closed_list! {
    /// How much a change speaks of.
    ChangeExtent {
        /// The object alone.
        Object = "OBJECT",
        /// Everything at and below the org.
        Subtree = "SUBTREE",
    }
}

closed_list! {
    /// Why a stream cannot go on from a cursor: what the reader keeps must be read anew.
    GapCause {
        /// The cursor is from before the database was restored.
        Restored = "RESTORED",
        /// The cursor is older than the log is kept.
        Expired = "EXPIRED",
        /// The cursor names a position that the log has not reached.
        FromTheFuture = "FROM_THE_FUTURE",
        /// More changes lie between than a stream replays; `changes` pages through them.
        TooFarBehind = "TOO_FAR_BEHIND",
        /// Posts changed since the cursor, and with them whom the lines of an inbox wait for.
        RightsChanged = "RIGHTS_CHANGED",
    }
}

closed_list! {
    /// Language of messages and labels.
    Language {
        ZhCn = "zh-CN",
        En = "en",
    }
}

closed_list! {
    /// Flag of an org that asks for public appraisal (G1.4c).
    OrganizationFlag {
        /// 执法监管部门
        LawEnforcement = "LAW_ENFORCEMENT",
        /// 窗口单位
        ServiceWindow = "SERVICE_WINDOW",
        /// 服务行业
        ServiceTrade = "SERVICE_TRADE",
    }
}

// The rulebook's own closed lists stand beside its format.
