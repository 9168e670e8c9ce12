//! Closed lists of the log of changes.

use super::closed_list;

closed_list! {
    /// Kind of entity that the log speaks of.
    EntityKind {
        Organization = "ORGANIZATION",
        Member = "MEMBER",
        Applicant = "APPLICANT",
        Appointment = "APPOINTMENT",
        Activity = "ACTIVITY",
        Attendance = "ATTENDANCE",
        Leave = "LEAVE",
        Resolution = "RESOLUTION",
        Exemption = "EXEMPTION",
        Admission = "ADMISSION",
        Transfer = "TRANSFER",
        Obligation = "OBLIGATION",
        Deviation = "DEVIATION",
        Measure = "MEASURE",
        Alert = "ALERT",
        InboxItem = "INBOX_ITEM",
        Account = "ACCOUNT",
        Rulebook = "RULEBOOK",
        IdentityChange = "IDENTITY_CHANGE",
        ActivityUnit = "ACTIVITY_UNIT",
    }
}

closed_list! {
    /// What happened to an entity, in the log.
    ChangeOp {
        Upsert = "UPSERT",
        Delete = "DELETE",
        EnterScope = "ENTER_SCOPE",
        LeaveScope = "LEAVE_SCOPE",
        Resync = "RESYNC",
    }
}

closed_list! {
    /// How much a change speaks of.
    ChangeExtent {
        Object = "OBJECT",
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
