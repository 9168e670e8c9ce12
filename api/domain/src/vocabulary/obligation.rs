//! Closed lists of what is owed and what is amiss.

use super::closed_list;

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
