//! Closed lists of attendance, leave and exemption.

use super::closed_list;

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
