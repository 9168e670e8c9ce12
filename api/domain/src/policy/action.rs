//! What one can do, each act with the right it needs.

use super::words::{Right, Subject};

/// What an act asks of the one who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    pub subject: Subject,
    pub right: Right,
    /// What the actor must be able to see so that a refusal may be told at all.
    pub seen_through: Subject,
    /// It records a collective decision (meeting, date, document number) and is refused without it.
    pub collective: bool,
}

macro_rules! actions {
    ($($(#[$meta:meta])* $action:ident = $code:literal: $subject:ident $right:ident, seen through $through:ident $(, $collective:ident)?;)+) => {
        /// One act. Reading one object of a subject is an act too.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action {
            Read(Subject),
            $($(#[$meta])* $action,)+
        }

        impl Action {
            /// All acts but reading.
            pub const WRITES: &'static [Self] = &[$(Self::$action),+];

            /// The code, as logged.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { Self::Read(_) => "READ", $(Self::$action => $code),+ }
            }

            /// The right it needs.
            #[must_use]
            pub fn demand(self) -> Demand {
                match self {
                    Self::Read(subject) => Demand { subject, right: Right::Read, seen_through: subject, collective: false },
                    $(Self::$action => Demand {
                        subject: Subject::$subject,
                        right: Right::$right,
                        seen_through: Subject::$through,
                        collective: false $(|| stringify!($collective) == "collective")?,
                    },)+
                }
            }
        }
    };
}

actions! {
    CreateOrganization = "CREATE_ORGANIZATION": Structure Decide, seen through Directory, collective;
    RenameOrganization = "RENAME_ORGANIZATION": Structure Decide, seen through Directory, collective;
    DissolveOrganization = "DISSOLVE_ORGANIZATION": Structure Decide, seen through Directory, collective;
    /// Right of approval, committee, flags and the other facts of an org.
    RecordOrganizationFacts = "RECORD_ORGANIZATION_FACTS": Structure Decide, seen through Directory, collective;
    /// Give an org an id in another system, or end it; no decision on structure.
    IdentifyOrganization = "IDENTIFY_ORGANIZATION": Structure Decide, seen through Directory;
    /// The same of a member.
    IdentifyMember = "IDENTIFY_MEMBER": Roster Record, seen through Roster;
    /// The same of an activity.
    IdentifyActivity = "IDENTIFY_ACTIVITY": Activities Record, seen through Activities;
    /// Open, rename or close a unit of an org.
    RecordActivityUnit = "RECORD_ACTIVITY_UNIT": ActivityUnits Record, seen through Directory;
    MoveOrganization = "MOVE_ORGANIZATION": Move Decide, seen through Directory, collective;
    /// An elected secretary, confirmed by the superior.
    ConfirmSecretary = "CONFIRM_SECRETARY": SecretaryPosts Decide, seen through Directory, collective;
    DesignateActingSecretary = "DESIGNATE_ACTING_SECRETARY": SecretaryPosts Decide, seen through Directory, collective;
    EndSecretaryPost = "END_SECRETARY_POST": SecretaryPosts Decide, seen through Directory, collective;
    /// Any post but secretary and organ staff.
    AppointToPost = "APPOINT_TO_POST": OtherPosts Decide, seen through Directory, collective;
    EndPost = "END_POST": OtherPosts Decide, seen through OtherPosts, collective;
    AssignPortfolio = "ASSIGN_PORTFOLIO": OtherPosts Decide, seen through OtherPosts, collective;
    AppointOrganStaff = "APPOINT_ORGAN_STAFF": OrganStaff Decide, seen through Directory, collective;
    EndOrganStaff = "END_ORGAN_STAFF": OrganStaff Decide, seen through OrganStaff, collective;
    OpenAccount = "OPEN_ACCOUNT": Accounts Decide, seen through Directory;
    CloseAccount = "CLOSE_ACCOUNT": Accounts Decide, seen through Accounts;
    /// A one-time link for a new password.
    IssueResetLink = "ISSUE_RESET_LINK": Accounts Decide, seen through Accounts;
    OpenServiceAccount = "OPEN_SERVICE_ACCOUNT": ServiceAccounts Decide, seen through Directory;
    /// Its scopes, its end.
    ChangeServiceAccount = "CHANGE_SERVICE_ACCOUNT": ServiceAccounts Decide, seen through Accounts;
    RotateServiceSecret = "ROTATE_SERVICE_SECRET": ServiceAccounts Decide, seen through Accounts;
    CreateWebhook = "CREATE_WEBHOOK": Webhooks Record, seen through Accounts;
    /// Its address, what it is told of, its document, its place in the log, its secret, whether it is told at all.
    ChangeWebhook = "CHANGE_WEBHOOK": Webhooks Record, seen through Webhooks;
    DeleteWebhook = "DELETE_WEBHOOK": Webhooks Record, seen through Webhooks;
    TestWebhook = "TEST_WEBHOOK": Webhooks Record, seen through Webhooks;
    SetLanguage = "SET_LANGUAGE": OwnAccount Record, seen through OwnAccount;
    RotateKeys = "ROTATE_KEYS": Keys Decide, seen through Keys;
    LoadRulebook = "LOAD_RULEBOOK": RulebookText Decide, seen through RulebookText;
    AssignRulebook = "ASSIGN_RULEBOOK": RulebookAssignment Decide, seen through Directory;
    /// Enter a new member into the roster.
    EnterMember = "ENTER_MEMBER": Roster Record, seen through Directory;
    /// Change a member of the roster.
    RecordMember = "RECORD_MEMBER": Roster Record, seen through Roster;
    AssignGroup = "ASSIGN_GROUP": Roster Record, seen through Roster;
    /// That a member left: membership, posts and account end with it (ADR 0063).
    RecordDeparture = "RECORD_DEPARTURE": Roster Decide, seen through Roster, collective;
    /// That a member died: no body decides that.
    RecordDeath = "RECORD_DEATH": Roster Decide, seen through Roster;
    EnterApplicant = "ENTER_APPLICANT": Admission Draft, seen through Directory;
    RecordApplicant = "RECORD_APPLICANT": Admission Draft, seen through Admission;
    DraftAdmission = "DRAFT_ADMISSION": Admission Draft, seen through Admission;
    /// Put an admission or full membership to the approver, by resolution of the branch.
    ProposeAdmission = "PROPOSE_ADMISSION": Admission Record, seen through Admission, collective;
    WithdrawAdmission = "WITHDRAW_ADMISSION": Admission Record, seen through Admission;
    OpineOnAdmission = "OPINE_ON_ADMISSION": Admission Opine, seen through Admission;
    DecideAdmission = "DECIDE_ADMISSION": Admission Decide, seen through Admission, collective;
    RequestTransfer = "REQUEST_TRANSFER": Transfer Ask, seen through Roster;
    WithdrawTransfer = "WITHDRAW_TRANSFER": Transfer Ask, seen through Transfer;
    /// The side it leads to takes the member in.
    AcceptTransfer = "ACCEPT_TRANSFER": Transfer Receive, seen through Transfer;
    /// Either side refuses.
    RejectTransfer = "REJECT_TRANSFER": Transfer Decide, seen through Transfer;
    /// Enter identity number, birth date, address; masked from then on.
    EnterIdentity = "ENTER_IDENTITY": Identity Record, seen through Roster;
    /// Ask that one's own be corrected.
    AskIdentityChange = "ASK_IDENTITY_CHANGE": Identity Ask, seen through Identity;
    ConfirmIdentityChange = "CONFIRM_IDENTITY_CHANGE": Identity Decide, seen through Identity;
    RejectIdentityChange = "REJECT_IDENTITY_CHANGE": Identity Decide, seen through Identity;
    /// See the value that waits for one's decision.
    RevealIdentityChange = "REVEAL_IDENTITY_CHANGE": Identity Decide, seen through Identity;
    RevealIdentity = "REVEAL_IDENTITY": Identity Reveal, seen through Roster;
    EnterPhone = "ENTER_PHONE": Phone Record, seen through Roster;
    RevealPhone = "REVEAL_PHONE": Phone Reveal, seen through Roster;
    ScheduleActivity = "SCHEDULE_ACTIVITY": Activities Record, seen through Directory;
    RescheduleActivity = "RESCHEDULE_ACTIVITY": Activities Record, seen through Activities;
    CancelActivity = "CANCEL_ACTIVITY": Activities Record, seen through Activities;
    /// Record an activity as held.
    RecordActivity = "RECORD_ACTIVITY": Activities Record, seen through Activities;
    IssueCheckInCode = "ISSUE_CHECK_IN_CODE": Activities Record, seen through Activities;
    /// File or correct minutes and resolutions.
    FileMinutes = "FILE_MINUTES": Minutes Record, seen through Activities;
    FileCommitteeMinutes = "FILE_COMMITTEE_MINUTES": CommitteeMinutes Record, seen through Activities;
    /// Tell the members what a committee resolved.
    AnnounceResolution = "ANNOUNCE_RESOLUTION": CommitteeMinutes Record, seen through CommitteeMinutes;
    /// Whose task it is says that it is done.
    CompleteOwnFollowUp = "COMPLETE_OWN_FOLLOW_UP": FollowUps Ask, seen through FollowUps;
    CompleteFollowUp = "COMPLETE_FOLLOW_UP": FollowUps Record, seen through FollowUps;
    RecordAttendance = "RECORD_ATTENDANCE": Attendance Record, seen through Activities;
    CheckIn = "CHECK_IN": Attendance Ask, seen through Attendance;
    AskLeave = "ASK_LEAVE": Attendance Ask, seen through Attendance;
    DisputeAttendance = "DISPUTE_ATTENDANCE": Attendance Ask, seen through Attendance;
    DecideLeave = "DECIDE_LEAVE": Attendance DecideLeave, seen through Attendance;
    DecideDispute = "DECIDE_DISPUTE": Attendance Decide, seen through Attendance;
    /// Say of an absence without timely notice what it was, whether with the record or later.
    SettleAttendance = "SETTLE_ATTENDANCE": Attendance Decide, seen through Activities;
    AcceptMakeUpStudy = "ACCEPT_MAKE_UP_STUDY": Attendance Decide, seen through Attendance;
    DraftExemption = "DRAFT_EXEMPTION": Exemption Draft, seen through Roster;
    SetExemption = "SET_EXEMPTION": Exemption Decide, seen through Roster;
    EndExemption = "END_EXEMPTION": Exemption Decide, seen through Exemption;
    /// Who talked, the member's words.
    NoteOnMeasure = "NOTE_ON_MEASURE": Measures Record, seen through Measures;
    ConfirmMeasure = "CONFIRM_MEASURE": Measures Decide, seen through Measures;
    DismissMeasure = "DISMISS_MEASURE": Measures Decide, seen through Measures;
    /// 督办
    UrgeObligation = "URGE_OBLIGATION": Obligations Urge, seen through Obligations;
    AskDeviation = "ASK_DEVIATION": Obligations Ask, seen through Obligations;
    DecideDeviation = "DECIDE_DEVIATION": Obligations Decide, seen through Obligations;
    /// An org answers an alert instead of holding what was owed.
    AnswerAlert = "ANSWER_ALERT": Obligations Ask, seen through Obligations;
    DecideAlertAnswer = "DECIDE_ALERT_ANSWER": Obligations Decide, seen through Obligations;
    AcknowledgeAlert = "ACKNOWLEDGE_ALERT": Obligations Acknowledge, seen through Obligations;
    /// Write a part of the tree into files, or end that: for programs only.
    RunExport = "RUN_EXPORT": Exports Record, seen through Directory;
    /// Bring rows of a file in, or end that: for programs only.
    RunImport = "RUN_IMPORT": Imports Record, seen through Directory;
    /// Ask for a transfer that a file names; the branch it leads to still decides (ADR 0102).
    ImportTransfer = "IMPORT_TRANSFER": Imports Record, seen through Roster;
    /// Record that a member left, on a decision that the file names (ADR 0102).
    ImportDeparture = "IMPORT_DEPARTURE": Imports Record, seen through Roster, collective;
    /// The same of a member who died.
    ImportDeath = "IMPORT_DEATH": Imports Record, seen through Roster;
    AcknowledgeInbox = "ACKNOWLEDGE_INBOX": Inbox Acknowledge, seen through Inbox;
}
