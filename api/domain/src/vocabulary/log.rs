//! Closed lists of the log of changes.

use super::closed_list;

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
        /// `Webhook`
        Webhook = "WEBHOOK",
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
