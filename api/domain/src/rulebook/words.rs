//! Closed lists that only rulebooks speak.

use crate::vocabulary::closed_list;

closed_list! {
    /// Act that a cadence counts and that is no [`crate::vocabulary::ActivityKind`].
    ActKind {
        /// 民主生活会 (G1.2a)
        DemocraticLifeMeeting = "DEMOCRATIC_LIFE_MEETING",
        /// 班子会议 before the organizational life meeting (G1.3d)
        TeamMeeting = "TEAM_MEETING",
        /// 组织生活会 (G1.3a)
        OrganizationalLifeMeeting = "ORGANIZATIONAL_LIFE_MEETING",
        /// 健康体检 (G1.3g)
        HealthCheck = "HEALTH_CHECK",
        /// 民主评议党员 (G1.4a)
        DemocraticAppraisal = "DEMOCRATIC_APPRAISAL",
        /// 党性体检 (G1.4a)
        PartySpiritCheck = "PARTY_SPIRIT_CHECK",
        /// 主题党日
        ThemePartyDay = "THEME_PARTY_DAY",
        /// 督促检查 (G3.3)
        Inspection = "INSPECTION",
        /// Report of an inspection to the city organization department (G3.3b).
        InspectionReport = "INSPECTION_REPORT",
    }
}

impl ActKind {
    /// Whether people come together for it: minutes are kept, and a share of those expected must come.
    #[must_use]
    pub fn is_meeting(self) -> bool {
        match self {
            Self::DemocraticLifeMeeting
            | Self::TeamMeeting
            | Self::OrganizationalLifeMeeting
            | Self::DemocraticAppraisal
            | Self::PartySpiritCheck
            | Self::ThemePartyDay => true,
            Self::HealthCheck | Self::Inspection | Self::InspectionReport => false,
        }
    }

    /// Whether only the team 班子 comes together: the share of a committee must be present.
    #[must_use]
    pub fn is_of_a_team(self) -> bool {
        matches!(self, Self::DemocraticLifeMeeting | Self::TeamMeeting)
    }
}

closed_list! {
    /// Rank of the issuer; a local rule may only be stricter than a central one.
    Precedence {
        Central = "CENTRAL",
        Provincial = "PROVINCIAL",
        Local = "LOCAL",
    }
}

closed_list! {
    /// Fact of an org that an entry may ask for.
    OrganizationFact {
        /// 设支委会
        HasCommittee = "HAS_COMMITTEE",
        /// 不设支委会
        NoCommittee = "NO_COMMITTEE",
        /// 设党小组
        HasGroups = "HAS_GROUPS",
        /// 召开民主生活会
        HoldsDemocraticLifeMeeting = "HOLDS_DEMOCRATIC_LIFE_MEETING",
        /// 不召开民主生活会，召开组织生活会
        NoDemocraticLifeMeeting = "NO_DEMOCRATIC_LIFE_MEETING",
        /// 联合党支部
        Joint = "JOINT",
        /// 临时党组织
        Temporary = "TEMPORARY",
    }
}

closed_list! {
    /// Which members a size counts.
    CountedMembers {
        All = "ALL",
        Full = "FULL",
        Voting = "VOTING",
    }
}

closed_list! {
    /// Whether an entry is about leading cadres 党员领导干部.
    Leadership {
        LeadersOnly = "LEADERS_ONLY",
        OthersOnly = "OTHERS_ONLY",
    }
}

closed_list! {
    /// Whom a cadence is owed for.
    CadenceSubject {
        /// The obligor itself.
        Itself = "ITSELF",
        /// Each org directly below it 直接下级, one obligation per org (G1.3g).
        EachChild = "EACH_CHILD",
        /// Each org below it down to, and with, the next committee: branches under general branches included (G3.3).
        EachSubordinate = "EACH_SUBORDINATE",
    }
}

closed_list! {
    /// Who chooses among the periods that an entry offers.
    Chooser {
        Deployment = "DEPLOYMENT",
        Superior = "SUPERIOR",
        Sector = "SECTOR",
        Organization = "ORGANIZATION",
    }
}

closed_list! {
    /// What a share is taken of.
    Denominator {
        /// Expected at the activity 应到.
        Expected = "EXPECTED",
        /// Those entitled to vote 应到会有表决权.
        Due = "DUE",
        /// Those entitled, less those that the rule lets out.
        DueMinusExcluded = "DUE_MINUS_EXCLUDED",
        /// 实到
        Present = "PRESENT",
        /// Members of the committee 委员.
        Committee = "COMMITTEE",
    }
}

closed_list! {
    /// Pair of people that a coverage rule asks for.
    PairKind {
        SecretaryAndTeamMember = "SECRETARY_AND_TEAM_MEMBER",
        TeamMembers = "TEAM_MEMBERS",
        TeamMemberAndDepartmentHead = "TEAM_MEMBER_AND_DEPARTMENT_HEAD",
        CountySecretaryAndTownLeaders = "COUNTY_SECRETARY_AND_TOWN_LEADERS",
        TeamMemberAndMember = "TEAM_MEMBER_AND_MEMBER",
        Members = "MEMBERS",
        MemberAndPublic = "MEMBER_AND_PUBLIC",
        OrganizationAndFloatingMember = "ORGANIZATION_AND_FLOATING_MEMBER",
    }
}

closed_list! {
    /// How a coverage rule is met.
    CoverageMode {
        /// Each pair.
        EachPair = "EACH_PAIR",
        /// Each person with somebody of the other side.
        EachWithSome = "EACH_WITH_SOME",
        /// Everybody about everybody 人人说我，我说人人.
        EachAboutEach = "EACH_ABOUT_EACH",
    }
}

closed_list! {
    /// Event that a ladder counts.
    LadderEvent {
        /// 无故不参加组织生活
        UnexcusedAbsence = "UNEXCUSED_ABSENCE",
    }
}

closed_list! {
    /// What an occasion does to a run of unexcused absences.
    OccasionOutcome {
        Unexcused = "UNEXCUSED",
        /// Neither counts nor breaks.
        Neutral = "NEUTRAL",
        Breaks = "BREAKS",
    }
}

closed_list! {
    /// Who decides a step of the ladder.
    StepDecider {
        /// The group leader where every absence was at the group's meetings, else the secretary.
        GroupLeaderOrSecretary = "GROUP_LEADER_OR_SECRETARY",
        Secretary = "SECRETARY",
    }
}

closed_list! {
    /// Month counted by a run-out rule (G2.5b).
    CountedMonth {
        NoOrganizationalLife = "NO_ORGANIZATIONAL_LIFE",
        DuesUnpaid = "DUES_UNPAID",
        NoAssignedWork = "NO_ASSIGNED_WORK",
    }
}

closed_list! {
    /// What follows when a limit is reached or a deadline passes.
    Consequence {
        Alert = "ALERT",
        Escalate = "ESCALATE",
        Review = "REVIEW",
        PersuadeToWithdraw = "PERSUADE_TO_WITHDRAW",
        OrganizationalAdjustment = "ORGANIZATIONAL_ADJUSTMENT",
        NextLevel = "NEXT_LEVEL",
        Suspend = "SUSPEND",
        RemoveFromRoll = "REMOVE_FROM_ROLL",
    }
}

closed_list! {
    /// Event from which a deadline runs.
    DeadlineEvent {
        MeasuresAdopted = "MEASURES_ADOPTED",
        CorrectionApproved = "CORRECTION_APPROVED",
        AppealLodged = "APPEAL_LODGED",
        Overdue = "OVERDUE",
        OrderIssued = "ORDER_ISSUED",
        TaskSet = "TASK_SET",
        LostContact = "LOST_CONTACT",
        ActivityHeld = "ACTIVITY_HELD",
    }
}

closed_list! {
    /// Stage of an ordered act.
    StageKind {
        Study = "STUDY",
        Opinions = "OPINIONS",
        Talks = "TALKS",
        /// 对照检查材料 (G1.2f, G1.3c)
        SelfExamination = "SELF_EXAMINATION",
        /// 问题清单和整改举措, item by item (G1.3c)
        ProblemList = "PROBLEM_LIST",
        Discussion = "DISCUSSION",
        Consultation = "CONSULTATION",
        HeadReview = "HEAD_REVIEW",
        SuperiorApproval = "SUPERIOR_APPROVAL",
        TeamMeeting = "TEAM_MEETING",
        Meeting = "MEETING",
        Assembly = "ASSEMBLY",
        SelfAnalysis = "SELF_ANALYSIS",
        AppraisalMeeting = "APPRAISAL_MEETING",
        PublicAppraisal = "PUBLIC_APPRAISAL",
        Verdict = "VERDICT",
        RectificationPlan = "RECTIFICATION_PLAN",
        Publication = "PUBLICATION",
        Grounds = "GROUNDS",
        /// Subjective or objective, individual or organizational, one-off or consistent (G2.4d).
        Assessment = "ASSESSMENT",
        Statement = "STATEMENT",
        PriorFiling = "PRIOR_FILING",
        BranchVote = "BRANCH_VOTE",
        Approval = "APPROVAL",
        Correction = "CORRECTION",
        Reconsideration = "RECONSIDERATION",
        Reexamination = "REEXAMINATION",
        Reply = "REPLY",
    }
}

closed_list! {
    /// Who writes what a stage asks for 撰写人.
    Author {
        /// The team as a body, under its head (G1.2f).
        Team = "TEAM",
        /// Each leader their own.
        EachLeader = "EACH_LEADER",
        /// The secretary of the org.
        Head = "HEAD",
        /// The head of a section of a city or county organ, of a town organ or station, a school, a hospital (G1.3c).
        HeadOfSection = "HEAD_OF_SECTION",
    }
}

closed_list! {
    /// Who decides, relative to the org that the case is about.
    DecisionLevel {
        Itself = "ITSELF",
        /// Its head in person.
        Head = "HEAD",
        /// One level up.
        Superior = "SUPERIOR",
        /// The head of the level above in person.
        HeadOfSuperior = "HEAD_OF_SUPERIOR",
        /// The organization department of the level above.
        DepartmentOfSuperior = "DEPARTMENT_OF_SUPERIOR",
        /// The nearest ancestor with the right of approval.
        Approver = "APPROVER",
        /// One level above that ancestor.
        AboveApprover = "ABOVE_APPROVER",
    }
}

closed_list! {
    /// How a level takes part in a decision.
    DecisionAct {
        Approval = "APPROVAL",
        /// 事前备案
        PriorFiling = "PRIOR_FILING",
        /// 备案
        Record = "RECORD",
        Review = "REVIEW",
    }
}

closed_list! {
    /// To whom something is made known 一定范围.
    Audience {
        Team = "TEAM",
        Organization = "ORGANIZATION",
        Subtree = "SUBTREE",
        Public = "PUBLIC",
    }
}

closed_list! {
    /// Ground on which somebody may be left out of those due at a vote.
    ExclusionGround {
        /// Cannot express a will, by illness of the mind or otherwise.
        CannotExpressWill = "CANNOT_EXPRESS_WILL",
        /// Abroad 出国 for half a year or longer.
        AbroadLong = "ABROAD_LONG",
        /// In custody.
        Detained = "DETAINED",
        /// In bed for long, and unable to come.
        BedriddenLong = "BEDRIDDEN_LONG",
        /// Should have transferred to another branch and has not.
        ShouldHaveTransferred = "SHOULD_HAVE_TRANSFERRED",
    }
}

closed_list! {
    /// How a tariff's rates apply.
    TariffMethod {
        /// The rate of the bracket applies to the whole amount.
        Slab = "SLAB",
        /// Each rate applies to the part within its bracket.
        Marginal = "MARGINAL",
    }
}

closed_list! {
    /// Rounding of an amount to whole fen.
    Rounding {
        Down = "DOWN",
        Up = "UP",
        HalfUp = "HALF_UP",
    }
}

closed_list! {
    /// What happens to something that runs while a new version of its rule comes into force.
    Transition {
        AtOnce = "AT_ONCE",
        /// What runs keeps the rule under which it began.
        RunningKeepsOld = "RUNNING_KEEPS_OLD",
    }
}
