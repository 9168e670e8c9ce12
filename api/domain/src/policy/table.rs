//! The table of spec 3, for everything that is served so far. Its golden print is the review of any change.

use super::words::{Holder as H, Right as R, Subject as S, Where as P};
use crate::vocabulary::ServiceScope;

/// One line: a subject, and per column the rights with their reach. An absent column: it does not exist for them.
#[derive(Debug)]
pub struct Row {
    pub subject: S,
    pub cells: &'static [Cell],
}

/// One cell of a line.
pub type Cell = (H, &'static [(R, P)]);

/// Who may do what where.
#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    Row {
        subject: S::Directory,
        cells: &[
            (H::Activist, &[(R::Read, P::RegisteredAt)]),
            (H::Member, &[(R::Read, P::City)]),
            (H::GroupLeader, &[(R::Read, P::City)]),
            (H::Officers, &[(R::Read, P::City)]),
            (H::BranchClerk, &[(R::Read, P::City)]),
            (H::Superior, &[(R::Read, P::City)]),
            (H::HigherUp, &[(R::Read, P::City)]),
            (H::OrganizationDepartment, &[(R::Read, P::City)]),
            (H::DisciplineInspection, &[(R::Read, P::City)]),
            (H::Administrator, &[(R::Read, P::City)]),
        ],
    },
    Row {
        subject: S::Structure,
        cells: &[
            (H::Officers, &[(R::Decide, P::OwnGroups)]),
            (H::Superior, &[(R::Decide, P::NextOrgs)]),
            (H::OrganizationDepartment, &[(R::Decide, P::NextOrgs)]),
        ],
    },
    Row {
        subject: S::ActivityUnits,
        cells: &[
            (H::GroupLeader, &[(R::Record, P::Own)]),
            (H::Officers, &[(R::Record, P::Own)]),
            (H::BranchClerk, &[(R::Record, P::Own)]),
        ],
    },
    Row { subject: S::Move, cells: &[(H::OrganizationDepartment, &[(R::Decide, P::BothParents)])] },
    Row {
        subject: S::SecretaryPosts,
        cells: &[
            (H::Superior, &[(R::Decide, P::NextOrgs)]),
            (H::OrganizationDepartment, &[(R::Decide, P::NextOrgs)]),
        ],
    },
    Row {
        subject: S::OtherPosts,
        cells: &[
            (H::Member, &[(R::Read, P::Myself)]),
            (H::Officers, &[(R::Decide, P::Own)]),
            (H::Superior, &[(R::Read, P::Next), (R::Decide, P::StandsInForNext)]),
            (H::OrganizationDepartment, &[(R::Read, P::Below)]),
        ],
    },
    Row {
        subject: S::OrganStaff,
        cells: &[(H::Member, &[(R::Read, P::Myself)]), (H::Officers, &[(R::Decide, P::OwnOrgans)])],
    },
    Row {
        subject: S::Accounts,
        cells: &[
            (H::Officers, &[(R::Decide, P::Own)]),
            (H::Superior, &[(R::Decide, P::StandsInForNext)]),
            (H::Administrator, &[(R::Decide, P::City)]),
        ],
    },
    Row {
        subject: S::ServiceAccounts,
        cells: &[(H::Administrator, &[(R::Decide, P::City)])],
    },
    Row {
        subject: S::Webhooks,
        cells: &[(H::Officers, &[(R::Read, P::Own)]), (H::Administrator, &[(R::Record, P::City)])],
    },
    Row {
        subject: S::OwnAccount,
        cells: &[
            (H::Activist, &[(R::Record, P::Myself)]),
            (H::Member, &[(R::Record, P::Myself)]),
            (H::Administrator, &[(R::Record, P::City)]),
        ],
    },
    Row {
        subject: S::Roster,
        cells: &[
            (H::Member, &[(R::Read, P::Myself), (R::Read, P::OwnBranch)]),
            (H::GroupLeader, &[(R::Read, P::GroupPeople)]),
            (H::Officers, &[(R::Record, P::Own), (R::Decide, P::Own)]),
            (H::BranchClerk, &[(R::Record, P::Own)]),
            (H::Superior, &[(R::Read, P::Next), (R::Decide, P::StandsInForNext)]),
            (H::HigherUp, &[(R::Figures, P::Below)]),
            (H::OrganizationDepartment, &[(R::Read, P::Below)]),
            (H::DisciplineInspection, &[(R::Figures, P::Below)]),
        ],
    },
    Row {
        subject: S::Admission,
        cells: &[
            (H::Activist, &[(R::Read, P::Myself)]),
            (H::Member, &[(R::Read, P::Myself)]),
            (H::GroupLeader, &[(R::Read, P::GroupPeople)]),
            (H::Officers, &[(R::Record, P::Own)]),
            (H::BranchClerk, &[(R::Draft, P::Own)]),
            (H::Superior, &[(R::Decide, P::Approver), (R::Opine, P::Next)]),
            (H::HigherUp, &[(R::Figures, P::Below)]),
            (H::OrganizationDepartment, &[(R::Read, P::Below)]),
        ],
    },
    Row {
        subject: S::Transfer,
        cells: &[
            (H::Member, &[(R::Ask, P::Myself)]),
            (H::Officers, &[(R::Ask, P::Own), (R::Decide, P::Own),
                            (R::Decide, P::TransferTarget), (R::Receive, P::TransferTarget)]),
            (H::BranchClerk, &[(R::Ask, P::Own), (R::Record, P::Own), (R::Record, P::TransferTarget)]),
            (H::Superior, &[(R::Ask, P::BothSidesNext), (R::Decide, P::BothSidesNext), (R::Receive, P::BothSidesNext)]),
            (H::HigherUp, &[(R::Figures, P::Below)]),
            (H::OrganizationDepartment, &[(R::Ask, P::BothSidesBelow), (R::Decide, P::BothSidesBelow), (R::Receive, P::BothSidesBelow)]),
        ],
    },
    Row {
        subject: S::Identity,
        cells: &[
            (H::Activist, &[(R::Read, P::Myself), (R::Ask, P::Myself)]),
            (H::Member, &[(R::Read, P::Myself), (R::Ask, P::Myself)]),
            (H::Officers, &[(R::Masked, P::Own), (R::Record, P::Own), (R::Reveal, P::Own), (R::Decide, P::Own)]),
            (H::BranchClerk, &[(R::Masked, P::Own), (R::Record, P::Own)]),
            (H::Superior, &[(R::Masked, P::Next), (R::Decide, P::StandsInForNext)]),
            (H::OrganizationDepartment, &[(R::Masked, P::Below), (R::Reveal, P::Below)]),
        ],
    },
    Row {
        subject: S::Phone,
        cells: &[
            (H::Activist, &[(R::Read, P::Myself)]),
            (H::Member, &[(R::Read, P::Myself), (R::Read, P::OwnBranchSecretary)]),
            (H::GroupLeader, &[(R::Read, P::GroupPeople)]),
            (H::Officers, &[(R::Read, P::Own), (R::Record, P::Own)]),
            (H::BranchClerk, &[(R::Read, P::Own), (R::Record, P::Own)]),
            (H::Superior, &[(R::Read, P::SecretariesOfNext), (R::Masked, P::Next), (R::Reveal, P::Next)]),
            (H::OrganizationDepartment, &[(R::Read, P::SecretariesOfBelow), (R::Masked, P::Below), (R::Reveal, P::Below)]),
        ],
    },
    Row {
        subject: S::Activities,
        cells: &[
            (H::Activist, &[(R::Read, P::Participant)]),
            (H::Member, &[(R::Read, P::OwnOrgs)]),
            (H::GroupLeader, &[(R::Record, P::Own)]),
            (H::Officers, &[(R::Record, P::Own)]),
            (H::BranchClerk, &[(R::Record, P::Own)]),
            (H::Superior, &[(R::Read, P::Next)]),
            (H::HigherUp, &[(R::Figures, P::Below)]),
            (H::OrganizationDepartment, &[(R::Read, P::Next), (R::Figures, P::Below)]),
            (H::DisciplineInspection, &[(R::Figures, P::Below)]),
        ],
    },
    Row {
        subject: S::Minutes,
        cells: &[
            (H::Member, &[(R::Read, P::OwnOrgs)]),
            (H::GroupLeader, &[(R::Record, P::Own)]),
            (H::Officers, &[(R::Record, P::Own)]),
            (H::BranchClerk, &[(R::Record, P::Own)]),
            (H::Superior, &[(R::Read, P::Next)]),
            (H::HigherUp, &[(R::Figures, P::Below)]),
            (H::OrganizationDepartment, &[(R::Read, P::Next), (R::Figures, P::Below)]),
            (H::DisciplineInspection, &[(R::Figures, P::Below)]),
        ],
    },
    Row {
        subject: S::CommitteeMinutes,
        cells: &[
            (H::Member, &[(R::Read, P::Participant), (R::Read, P::OwnOrgsAnnounced)]),
            (H::Officers, &[(R::Record, P::OwnParticipant)]),
            (H::BranchClerk, &[(R::Record, P::Own)]),
            (H::Superior, &[(R::Read, P::NextHeadOnly)]),
            (H::HigherUp, &[(R::Figures, P::Below)]),
        ],
    },
    Row {
        subject: S::FollowUps,
        cells: &[
            (H::Member, &[(R::Ask, P::Myself)]),
            (H::GroupLeader, &[(R::Record, P::Own)]),
            (H::Officers, &[(R::Record, P::Own)]),
            (H::BranchClerk, &[(R::Record, P::Own)]),
        ],
    },
    Row {
        subject: S::DualLife,
        cells: &[
            (H::Member, &[(R::Read, P::Myself)]),
            (H::OrganizationDepartment, &[(R::Read, P::NextOrgs)]),
        ],
    },
    Row {
        subject: S::Attendance,
        cells: &[
            (H::Activist, &[(R::Read, P::Myself), (R::Ask, P::Myself)]),
            (H::Member, &[(R::Read, P::Myself), (R::Ask, P::Myself)]),
            (H::GroupLeader, &[(R::Record, P::Own), (R::DecideLeave, P::Own)]),
            (H::Officers, &[(R::Record, P::Own), (R::Decide, P::Own)]),
            (H::BranchClerk, &[(R::Record, P::Own)]),
            (H::Superior, &[(R::Read, P::Next), (R::Decide, P::StandsInForNext)]),
            (H::HigherUp, &[(R::Figures, P::Below)]),
            (H::OrganizationDepartment, &[(R::Figures, P::Below)]),
            (H::DisciplineInspection, &[(R::Figures, P::Below)]),
        ],
    },
    Row {
        subject: S::LeaveReason,
        cells: &[
            (H::Activist, &[(R::Read, P::Myself)]),
            (H::Member, &[(R::Read, P::Myself)]),
            (H::GroupLeader, &[(R::Read, P::Own)]),
            (H::Officers, &[(R::Read, P::Own)]),
            (H::BranchClerk, &[(R::Read, P::Own)]),
        ],
    },
    Row {
        subject: S::Exemption,
        cells: &[
            (H::Member, &[(R::Read, P::Myself)]),
            (H::Officers, &[(R::Draft, P::Own), (R::Decide, P::Own)]),
            (H::BranchClerk, &[(R::Draft, P::Own)]),
            (H::Superior, &[(R::Read, P::Next), (R::Decide, P::StandsInForNext)]),
            (H::HigherUp, &[(R::Figures, P::Below)]),
            (H::OrganizationDepartment, &[(R::Figures, P::Below)]),
        ],
    },
    Row {
        subject: S::Measures,
        cells: &[
            (H::Member, &[(R::Read, P::Myself)]),
            (H::GroupLeader, &[(R::Record, P::Own), (R::Decide, P::OwnNotSecretary)]),
            (H::Officers, &[(R::Record, P::Own), (R::Decide, P::OwnNotSecretary)]),
            (H::Superior, &[(R::Read, P::Next), (R::Decide, P::SecretariesOfNext)]),
            (H::HigherUp, &[(R::Figures, P::Below)]),
            (H::OrganizationDepartment, &[(R::Figures, P::Below)]),
            (H::DisciplineInspection, &[(R::Figures, P::Below)]),
        ],
    },
    Row {
        subject: S::Obligations,
        cells: &[
            (H::Member, &[(R::Read, P::OwnOrgs)]),
            (H::GroupLeader, &[(R::Read, P::Own), (R::Acknowledge, P::Own)]),
            (H::Officers, &[(R::Ask, P::Own), (R::Acknowledge, P::Own)]),
            (H::BranchClerk, &[(R::Read, P::Own)]),
            (H::Superior, &[(R::Urge, P::Next), (R::Decide, P::Next), (R::Acknowledge, P::Next)]),
            (H::HigherUp, &[(R::Read, P::Below), (R::Acknowledge, P::Below)]),
            (H::OrganizationDepartment, &[(R::Read, P::Below), (R::Urge, P::Next)]),
            (H::DisciplineInspection, &[(R::Read, P::Below)]),
        ],
    },
    Row {
        subject: S::Inbox,
        cells: &[
            (H::Activist, &[(R::Acknowledge, P::Myself)]),
            (H::Member, &[(R::Acknowledge, P::Myself)]),
        ],
    },
    Row {
        subject: S::RulebookText,
        cells: &[(H::Anybody, &[(R::Read, P::City)]), (H::Administrator, &[(R::Decide, P::City)])],
    },
    Row { subject: S::RulebookAssignment, cells: &[(H::OrganizationDepartment, &[(R::Decide, P::AtOrBelow)])] },
    Row { subject: S::Keys, cells: &[(H::Administrator, &[(R::Decide, P::City)])] },
    Row {
        subject: S::AuditTrail,
        cells: &[
            (H::Activist, &[(R::Read, P::Myself)]),
            (H::Member, &[(R::Read, P::Myself)]),
            (H::Officers, &[(R::Read, P::Own)]),
            (H::Superior, &[(R::Read, P::Next)]),
            (H::OrganizationDepartment, &[(R::Read, P::Below)]),
            (H::DisciplineInspection, &[(R::Read, P::Below)]),
        ],
    },
    // By the scope `exports:run` alone, see `opened_by`.
    Row { subject: S::Exports, cells: &[(H::ServiceAccount, &[(R::Record, P::AtOrBelow)])] },
    // By the scope `imports:run` alone.
    Row { subject: S::Imports, cells: &[(H::ServiceAccount, &[(R::Record, P::AtOrBelow)])] },
    Row {
        subject: S::Log,
        cells: &[
            (H::Activist, &[(R::Read, P::Myself)]),
            (H::Member, &[(R::Read, P::City)]),
            (H::GroupLeader, &[(R::Read, P::City)]),
            (H::Officers, &[(R::Read, P::City)]),
            (H::BranchClerk, &[(R::Read, P::City)]),
            (H::Superior, &[(R::Read, P::City)]),
            (H::OrganizationDepartment, &[(R::Read, P::City)]),
            (H::DisciplineInspection, &[(R::Read, P::City)]),
        ],
    },
];

/// What an import records besides 导入所记的决定, by the scope for imports and while a row is carried out only: decisions that a
/// body took elsewhere, each with its day and document number. Never at the account's own org, but for its posts.
pub const RECORDED_BY_IMPORTS: &[(S, P)] = &[
    (S::Structure, P::Below),
    (S::Move, P::BothParents),
    (S::SecretaryPosts, P::AtOrBelow),
    (S::OtherPosts, P::AtOrBelow),
];

/// What each scope of a service account opens, always at or below its org and never a decision; of webhooks only its own.
#[must_use]
pub fn opened_by(scope: ServiceScope) -> &'static [(S, R)] {
    match scope {
        ServiceScope::OrgsRead => &[(S::Directory, R::Read)],
        ServiceScope::MembersRead => &[(S::Roster, R::Read), (S::OtherPosts, R::Read)],
        ServiceScope::MembersReadSensitive => &[(S::Identity, R::Read), (S::Phone, R::Read)],
        ServiceScope::MembersWrite => &[(S::Roster, R::Record), (S::Identity, R::Record), (S::Phone, R::Record)],
        ServiceScope::ActivitiesRead => &[(S::Activities, R::Read)],
        ServiceScope::ActivitiesWrite => &[
            (S::Activities, R::Record),
            (S::Minutes, R::Record),
            (S::Attendance, R::Record),
        ],
        ServiceScope::EventsRead => &[(S::Log, R::Read)],
        ServiceScope::ExportsRun => &[(S::Exports, R::Record)],
        ServiceScope::WebhooksManage => &[(S::Webhooks, R::Record)],
        ServiceScope::ImportsRun => &[(S::Imports, R::Record)],
    }
}
