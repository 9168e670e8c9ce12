//! The words of the table: subjects (its lines), holders (its columns), rights (its letters), places.

use crate::vocabulary::{EntityKind, Post};

named_list! {
    /// What a right is about: one line of spec 3's table each.
    Subject {
        /// Orgs, kinds, sector, secretary's name.
        Directory = "DIRECTORY",
        /// Create, rename, dissolve an org.
        Structure = "STRUCTURE",
        /// Move an org between parents.
        Move = "MOVE",
        /// Units of an org that host its activities 活动单位 (G3.2); who they are stands in the directory.
        ActivityUnits = "ACTIVITY_UNITS",
        /// What an account says of itself: the language of its messages.
        OwnAccount = "OWN_ACCOUNT",
        /// Elected secretary confirmed, acting secretary designated.
        SecretaryPosts = "SECRETARY_POSTS",
        /// Other posts, clerks, portfolios; the group leader chosen by the group.
        OtherPosts = "OTHER_POSTS",
        /// Staff of a committee's organs.
        OrganStaff = "ORGAN_STAFF",
        /// Accounts of an org's people, and of the programs that serve it.
        Accounts = "ACCOUNTS",
        /// What a program may do in the subtree of an org, and its secrets.
        ServiceAccounts = "SERVICE_ACCOUNTS",
        /// Addresses that a program is told at of what changes (ADR 0094); the person concerned is the program's account.
        Webhooks = "WEBHOOKS",
        /// Name, standing, status, branch, group of members.
        Roster = "ROSTER",
        /// Applicants, admission, full membership 发展党员.
        Admission = "ADMISSION",
        /// Affiliation transfer 组织关系转接.
        Transfer = "TRANSFER",
        /// Identity number, birth date, address.
        Identity = "IDENTITY",
        Phone = "PHONE",
        /// Notice, time, place, agenda.
        Activities = "ACTIVITIES",
        /// Minutes and resolutions of general meeting, group meeting, lecture.
        Minutes = "MINUTES",
        /// Minutes and resolutions of committee meetings.
        CommitteeMinutes = "COMMITTEE_MINUTES",
        /// Who carries a resolution out, and by when.
        FollowUps = "FOLLOW_UPS",
        /// A leader's attendance and follow-ups in their own branch 双重组织生活 (G2.2a), at the org of the post.
        DualLife = "DUAL_LIFE",
        /// Attendance, and leave by its category.
        Attendance = "ATTENDANCE",
        /// What a member wrote when asking leave: superiors see the category only.
        LeaveReason = "LEAVE_REASON",
        Exemption = "EXEMPTION",
        /// Absence measures (G2.5a).
        Measures = "MEASURES",
        /// Obligations, alerts, deviations.
        Obligations = "OBLIGATIONS",
        /// One's own list of things to do.
        Inbox = "INBOX",
        /// The text of the rulebooks.
        RulebookText = "RULEBOOK_TEXT",
        /// Which rulebook holds for a subtree.
        RulebookAssignment = "RULEBOOK_ASSIGNMENT",
        /// Signing and sealing keys.
        Keys = "KEYS",
        /// Who changed or saw what; each line also needs `Read` on its own subject.
        AuditTrail = "AUDIT_TRAIL",
        /// Exports in bulk 批量导出; what they hold also needs `Read` on its own subject.
        Exports = "EXPORTS",
        /// Imports in bulk 批量导入; what they write also needs the right to write it.
        Imports = "IMPORTS",
        /// The ordered log; each event also needs `Read` on its own subject.
        Log = "LOG",
    }
}

impl Subject {
    /// The subject under which an appointment to this post is read: who is secretary stands in the directory.
    #[must_use]
    pub fn of_post(post: Post) -> Self {
        match post {
            Post::Secretary => Self::Directory,
            Post::OrganizationDepartmentStaff | Post::DisciplineInspectionStaff => Self::OrganStaff,
            Post::DeputySecretary
            | Post::OrganizationCommitteeMember
            | Post::PublicityCommitteeMember
            | Post::DisciplineInspectionCommitteeMember
            | Post::CommitteeMember
            | Post::GroupLeader
            | Post::PartyAffairsClerk
            | Post::CommitteeOfficeClerk => Self::OtherPosts,
        }
    }

    /// The subject under which an entity of the log is read; appointments more finely by [`Subject::of_post`].
    /// Activities' minutes and a member's sealed fields have subjects of their own, which the fields ask for.
    #[must_use]
    pub fn of(kind: EntityKind) -> Self {
        match kind {
            EntityKind::Organization | EntityKind::ActivityUnit => Self::Directory,
            EntityKind::Member => Self::Roster,
            EntityKind::Applicant | EntityKind::Admission => Self::Admission,
            EntityKind::Appointment => Self::OtherPosts,
            EntityKind::Activity => Self::Activities,
            EntityKind::Attendance | EntityKind::Leave => Self::Attendance,
            EntityKind::Resolution => Self::Minutes,
            EntityKind::Exemption => Self::Exemption,
            EntityKind::Transfer => Self::Transfer,
            EntityKind::Obligation | EntityKind::Deviation | EntityKind::Alert => Self::Obligations,
            EntityKind::Measure => Self::Measures,
            EntityKind::InboxItem => Self::Inbox,
            EntityKind::Account => Self::Accounts,
            EntityKind::Webhook => Self::Webhooks,
            EntityKind::Rulebook => Self::RulebookText,
            EntityKind::IdentityChange => Self::Identity,
        }
    }
}

named_list! {
    /// A column of the table: as what somebody holds a right.
    Holder {
        /// Not signed in, or anybody at all.
        Anybody = "ANYBODY",
        /// Applicants and activists, registered at a branch.
        Activist = "ACTIVIST",
        Member = "MEMBER",
        GroupLeader = "GROUP_LEADER",
        /// Secretary, deputy, committee members, at their own org.
        Officers = "OFFICERS",
        BranchClerk = "BRANCH_CLERK",
        /// Officers of the superior and, without deciding, its office clerks.
        Superior = "SUPERIOR",
        /// Officers of any org above.
        HigherUp = "HIGHER_UP",
        OrganizationDepartment = "ORGANIZATION_DEPARTMENT",
        DisciplineInspection = "DISCIPLINE_INSPECTION",
        /// By its scopes, within one subtree.
        ServiceAccount = "SERVICE_ACCOUNT",
        Administrator = "ADMINISTRATOR",
    }
}

named_list! {
    /// A letter of the table. All but `Figures` let the holder see the rows.
    Right {
        /// R
        Read = "R",
        /// The row is seen, the value is not.
        Masked = "MASKED",
        /// Σ: stored roll-ups only.
        Figures = "FIGURES",
        /// Ask for something that others decide: leave, dispute, transfer, deviation; check in.
        Ask = "ASK",
        /// Write what counts only after a decision.
        Draft = "DRAFT",
        /// W; implies `Draft`.
        Record = "W",
        /// Give an opinion on what others decide.
        Opine = "OPINE",
        /// Silence an alert for oneself.
        Acknowledge = "ACKNOWLEDGE",
        /// Decide a leave, and nothing else of attendance.
        DecideLeave = "A_LEAVE",
        /// Accept a transfer on the side it leads to; like `Decide`, of officers only the head.
        Receive = "A_RECEIVE",
        /// Urge 督办; like `Decide`, of officers only the head.
        Urge = "A_URGE",
        /// A: decide, approve, oversee; of officers only the head; implies `DecideLeave`.
        Decide = "A",
        /// See one masked value, with a purpose, in the trail.
        Reveal = "REVEAL",
    }
}

impl Right {
    /// Whether holding `self` is enough for what `wanted` needs.
    #[must_use]
    pub fn confers(self, wanted: Self) -> bool {
        self == wanted
            || match wanted {
                Self::Read => self != Self::Figures,
                Self::Draft => self == Self::Record,
                Self::DecideLeave => self == Self::Decide,
                Self::Masked
                | Self::Figures
                | Self::Ask
                | Self::Record
                | Self::Opine
                | Self::Acknowledge
                | Self::Receive
                | Self::Urge
                | Self::Decide
                | Self::Reveal => false,
            }
    }

    /// One of the forms of `A`, which of an org's officers only the head has.
    #[must_use]
    pub fn is_decision(self) -> bool {
        matches!(self, Self::Decide | Self::DecideLeave | Self::Receive | Self::Urge)
    }

    /// Nobody decides, approves, reviews or reveals in their own matter.
    #[must_use]
    pub fn is_barred_in_own_matter(self) -> bool {
        self.is_decision() || matches!(self, Self::Reveal | Self::Opine)
    }

    /// What a clerk never does, wherever the column would let them.
    #[must_use]
    pub fn is_beyond_clerks(self) -> bool {
        self.is_barred_in_own_matter() || self == Self::Acknowledge
    }
}

named_list! {
    /// Where a right reaches, relative to the org `O` of the post, or by a relation to one object.
    Where {
        /// Everything in the city.
        City = "CITY",
        /// The person concerned is oneself.
        Myself = "SELF",
        /// A member's branch.
        OwnBranch = "OWN_BRANCH",
        /// A member's branch, group, host branch, and what they are expected at.
        OwnOrgs = "OWN_ORGS",
        /// Own orgs, once the resolution is announced.
        OwnOrgsAnnounced = "OWN_ORGS_ANNOUNCED",
        /// The secretary of the own branch.
        OwnBranchSecretary = "OWN_BRANCH_SECRETARY",
        /// The branch an activist is registered at.
        RegisteredAt = "REGISTERED_AT",
        /// `O`; of a branch its groups too.
        Own = "OWN",
        /// The people of `O`, a party group, whatever org the row belongs to.
        GroupPeople = "GROUP_PEOPLE",
        /// As `OWN`, but not about the secretary of that org.
        OwnNotSecretary = "OWN_NOT_SECRETARY",
        /// As `OWN`, and one takes part.
        OwnParticipant = "OWN_PARTICIPANT",
        /// The groups of `O`, a branch.
        OwnGroups = "OWN_GROUPS",
        /// The organs of `O`, a city or county committee.
        OwnOrgans = "OWN_ORGANS",
        /// The next level down.
        Next = "NEXT",
        /// The next level down, without the groups of its branches.
        NextOrgs = "NEXT_ORGS",
        /// The next level down, for the head of `O` only.
        NextHeadOnly = "NEXT_HEAD_ONLY",
        /// Secretaries of the next level down.
        SecretariesOfNext = "SECRETARIES_OF_NEXT",
        /// Stands in on the next level down: its head is concerned and it has no deputy.
        StandsInForNext = "STANDS_IN_FOR_NEXT",
        /// All descendants.
        Below = "BELOW",
        /// `O` and all descendants.
        AtOrBelow = "AT_OR_BELOW",
        /// Secretaries of all descendants.
        SecretariesOfBelow = "SECRETARIES_OF_BELOW",
        /// `O` is the nearest ancestor with the right of approval.
        Approver = "APPROVER",
        /// `O` is where a transfer leads.
        TransferTarget = "TRANSFER_TARGET",
        /// Both branches of a transfer on the next level down.
        BothSidesNext = "BOTH_SIDES_NEXT",
        /// Both branches of a transfer among the descendants.
        BothSidesBelow = "BOTH_SIDES_BELOW",
        /// A moved org below `O`, its new parent at or below `O`.
        BothParents = "BOTH_PARENTS",
        /// One is expected at, or took part in, the activity.
        Participant = "PARTICIPANT",
    }
}
