//! Closed lists of what is owed and what is amiss.

use super::closed_list;

closed_list! {
    /// Status of an obligation (spec 2).
    ObligationStatus {
        NotOwed = "NOT_OWED",
        Open = "OPEN",
        DueSoon = "DUE_SOON",
        Met = "MET",
        HeldNotFiled = "HELD_NOT_FILED",
        Overdue = "OVERDUE",
        Excused = "EXCUSED",
        HeldLate = "HELD_LATE",
        Missed = "MISSED",
    }
}

closed_list! {
    /// Kind of calendar period; two months are Jan–Feb, Mar–Apr, …
    PeriodKind {
        Month = "MONTH",
        TwoMonths = "TWO_MONTHS",
        Quarter = "QUARTER",
        HalfYear = "HALF_YEAR",
        Year = "YEAR",
    }
}

closed_list! {
    /// How strictly something is owed: `normally` (一般、原则上) may be excused by an accepted deviation.
    Modality {
        Must = "MUST",
        Normally = "NORMALLY",
        May = "MAY",
    }
}

closed_list! {
    /// Where a rulebook number comes from.
    Origin {
        Guideline = "GUIDELINE",
        /// A default that the guideline does not give.
        Deployment = "DEPLOYMENT",
    }
}

closed_list! {
    /// Form of a rulebook entry.
    RuleForm {
        Cadence = "CADENCE",
        Coverage = "COVERAGE",
        Ladder = "LADDER",
        RunOut = "RUN_OUT",
        Stages = "STAGES",
        Deadline = "DEADLINE",
        Vote = "VOTE",
        Tariff = "TARIFF",
        Threshold = "THRESHOLD",
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
    /// What stands at one level of an alert.
    AlertLevelState {
        Open = "OPEN",
        Acknowledged = "ACKNOWLEDGED",
        /// 督办
        Urged = "URGED",
        Closed = "CLOSED",
    }
}
