//! Which operation is asked as whom, and where its answer says something.

/// One example with those who run it and a place of the answer that must say something.
pub struct Case {
    pub name: &'static str,
    /// Who runs it; at places of the same make their answers take the same number of statements.
    pub users: &'static [&'static str],
    pub pointer: &'static str,
}

const fn case(name: &'static str, users: &'static [&'static str], pointer: &'static str) -> Case {
    Case { name, users, pointer }
}

pub const QUERIES: &[Case] = &[
    case(
        "account/WhoAmI",
        &["town-secretary", "city-secretary"],
        "/viewer/posts/0/organization/name",
    ),
    case("account/MayI", &["branch-secretary"], "/node/viewerCan/0/action"),
    case("account/Rulebook", &["member"], "/rulebook/entries/nodes/0/clause"),
    case(
        "mobile/Home",
        &["member", "group-leader", "branch-secretary", "village-secretary"],
        "/viewer/upcoming/nodes/0/title",
    ),
    case("mobile/MyMeasures", &["member"], "/viewer/member/measures/nodes/0/kind"),
    case(
        "mobile/WhoSawMe",
        &["member", "branch-committee"],
        "/viewer/member/accessLog/nodes/0/at",
    ),
    case(
        "mobile/MyAttendance",
        &["branch-deputy", "branch-secretary"],
        "/viewer/member/attendance/nodes/0/state",
    ),
    case(
        "secretary/Obligations",
        &["branch-secretary", "village-secretary"],
        "/organization/obligations/nodes/0/status",
    ),
    case(
        "secretary/Activities",
        &["branch-secretary", "village-secretary"],
        "/organization/activities/nodes/0/tally",
    ),
    case(
        "secretary/Activity",
        &["branch-secretary", "village-secretary"],
        "/activity/expected/nodes/0/state",
    ),
    case(
        "secretary/Measures",
        &["village-secretary", "moved-secretary"],
        "/measures/nodes/0/kind",
    ),
    case("secretary/Measures", &["branch-secretary"], "/measures/nodes/0/kind"),
    case(
        "secretary/Register",
        &["branch-secretary", "village-secretary"],
        "/organization/register/nodes/0/number",
    ),
    case(
        "secretary/Roster",
        &["branch-secretary", "other-county-secretary"],
        "/members/nodes/0/name",
    ),
    case(
        "secretary/Roster",
        &["village-secretary", "moved-secretary"],
        "/members/nodes/0/name",
    ),
    case(
        "secretary/Roster",
        &["county-organization", "city-organization"],
        "/members/nodes/0/name",
    ),
    case(
        "dashboard/Tree",
        &["county-secretary", "other-county"],
        "/organization/children/nodes/0/figures/0/owed",
    ),
    case(
        "dashboard/Tree",
        &["town-secretary"],
        "/organization/children/nodes/0/figures/0/owed",
    ),
    case(
        "dashboard/Tree",
        &["city-secretary"],
        "/organization/children/nodes/0/figures/0/owed",
    ),
    case(
        "dashboard/ObligationBoard",
        &["town-secretary", "county-organization"],
        "/obligations/nodes/0/status",
    ),
    case("dashboard/Alerts", &["town-secretary"], "/alerts/nodes/0/id"),
    case(
        "dashboard/LastYear",
        &["town-secretary", "city-secretary"],
        "/organization/asOf/headcount/fullMembers",
    ),
    case("integrator/Here", &["county-service"], "/log/oldest"),
    case("integrator/ByExternalId", &["county-service"], "/member/name"),
    case("integrator/ExportJob", &["county-service"], "/exportJob/parts/0/sha256"),
    case(
        "integrator/ImportJob",
        &["county-service"],
        "/importJob/report/nodes/0/outcome",
    ),
    case("integrator/Several", &["town-secretary"], "/nodes/0/id"),
    case("integrator/Webhooks", &["administrator"], "/log/cursor"),
];

/// In the order in which they run.
pub const MUTATIONS: &[Case] = &[
    case("account/SignIn", &["nobody"], "/signIn/viewer/account/username"),
    case("account/Refresh", &["nobody"], "/refresh/refreshToken"),
    case("account/SignOut", &["nobody"], ""),
    case(
        "secretary/Schedule",
        &["branch-secretary"],
        "/scheduleActivity/activity/checkIn/code",
    ),
    case(
        "secretary/Reschedule",
        &["branch-secretary"],
        "/rescheduleActivity/activity/version",
    ),
    case("mobile/AskLeave", &["branch-committee"], "/askLeave/leave/category"),
    case(
        "secretary/DecideLeave",
        &["branch-secretary"],
        "/decideLeave/leave/state",
    ),
    case("mobile/CheckIn", &["branch-deputy"], "/checkIn/attendance/state"),
    case(
        "secretary/Cancel",
        &["branch-secretary"],
        "/cancelActivity/activity/status",
    ),
    case(
        "secretary/Record",
        &["branch-secretary"],
        "/recordActivity/activity/minutes/text",
    ),
    case(
        "secretary/Correct",
        &["branch-secretary"],
        "/correctActivity/activity/minutes/revision",
    ),
    case(
        "mobile/Dispute",
        &["branch-deputy"],
        "/disputeAttendance/attendance/state",
    ),
    case(
        "secretary/AcceptMakeUpStudy",
        &["branch-secretary"],
        "/acceptMakeUpStudy/attendance/state",
    ),
    case(
        "secretary/ConfirmMeasure",
        &["village-secretary"],
        "/confirmMeasure/measure/state",
    ),
    case(
        "secretary/DismissMeasure",
        &["moved-secretary"],
        "/dismissMeasure/measure/state",
    ),
    case(
        "secretary/SetExemption",
        &["branch-secretary"],
        "/setExemption/exemption/until",
    ),
    case("secretary/Reveal", &["branch-secretary"], "/revealField/value"),
    case(
        "secretary/AssignGroup",
        &["branch-secretary"],
        "/assignGroup/member/group/name",
    ),
    case(
        "secretary/AskDeviation",
        &["village-secretary"],
        "/askDeviation/deviation/state",
    ),
    case(
        "dashboard/DecideDeviation",
        &["town-secretary"],
        "/decideDeviation/deviation/state",
    ),
    case(
        "dashboard/Acknowledge",
        &["town-secretary"],
        "/acknowledgeAlerts/results/0/alert/states/0/state",
    ),
    case(
        "dashboard/Urge",
        &["town-secretary"],
        "/urge/results/0/alert/states/0/state",
    ),
    case(
        "secretary/ProposeAdmission",
        &["village-secretary"],
        "/proposeAdmission/admission/state",
    ),
    case(
        "dashboard/DecideAdmission",
        &["town-secretary"],
        "/decideAdmission/admission/member/id",
    ),
    case(
        "secretary/RequestTransfer",
        &["village-secretary"],
        "/requestTransfer/transfer/to/id",
    ),
    case(
        "secretary/AcceptTransfer",
        &["other-county-secretary"],
        "/acceptTransfer/transfer/state",
    ),
    case(
        "secretary/RejectTransfer",
        &["other-county-secretary"],
        "/rejectTransfer/transfer/state",
    ),
    case(
        "dashboard/Appoint",
        &["town-secretary"],
        "/appoint/appointment/member/name",
    ),
    case(
        "dashboard/EndAppointment",
        &["town-secretary"],
        "/endAppointment/appointment/until",
    ),
    case(
        "dashboard/CreateOrganization",
        &["county-organization"],
        "/createOrganization/organization/path/0/id",
    ),
    case(
        "dashboard/RenameOrganization",
        &["county-organization"],
        "/renameOrganization/organization/name",
    ),
    case(
        "dashboard/RecordOrganizationFacts",
        &["county-organization"],
        "/recordOrganizationFacts/organization/approves",
    ),
    case(
        "integrator/AssignExternalId",
        &["county-organization"],
        "/assignExternalId/subject/externalIds/0/value",
    ),
    case(
        "integrator/Upsert",
        &["branch-secretary"],
        "/upsertMembers/results/0/member/id",
    ),
    case(
        "integrator/EndExternalId",
        &["county-organization"],
        "/endExternalId/subject/id",
    ),
    case("integrator/StartExport", &["county-service"], "/startExport/job/id"),
    case("integrator/StartImport", &["county-service"], "/startImport/job/id"),
    case(
        "dashboard/MoveOrganization",
        &["city-organization"],
        "/moveOrganization/organization/parent/id",
    ),
    case(
        "dashboard/DissolveOrganization",
        &["county-organization"],
        "/dissolveOrganization/organization/dissolvedOn",
    ),
    case(
        "secretary/CreateActivityUnit",
        &["branch-secretary"],
        "/createActivityUnit/unit/name",
    ),
    case(
        "secretary/RenameActivityUnit",
        &["branch-secretary"],
        "/renameActivityUnit/unit/name",
    ),
    case(
        "secretary/CloseActivityUnit",
        &["branch-secretary"],
        "/closeActivityUnit/unit/closedOn",
    ),
    case(
        "mobile/AskIdentityChange",
        &["member"],
        "/askIdentityChange/identityChange/state",
    ),
    case(
        "secretary/RevealIdentityChange",
        &["branch-secretary"],
        "/revealIdentityChange/value",
    ),
    case(
        "secretary/ConfirmIdentityChange",
        &["branch-secretary"],
        "/confirmIdentityChange/identityChange/decidedAt",
    ),
    case(
        "secretary/RejectIdentityChange",
        &["branch-secretary"],
        "/rejectIdentityChange/identityChange/reason",
    ),
    case("account/SetLanguage", &["member"], "/setLanguage/account/language"),
    case("integrator/CreateWebhook", &["administrator"], "/createWebhook/secret"),
    case(
        "integrator/PauseWebhook",
        &["administrator"],
        "/pauseWebhook/webhook/pauseReason",
    ),
    case(
        "integrator/ChangeWebhook",
        &["administrator"],
        "/changeWebhook/webhook/types/0",
    ),
    case(
        "integrator/RotateWebhookSecret",
        &["administrator"],
        "/rotateWebhookSecret/secret",
    ),
    case(
        "integrator/ReplayWebhook",
        &["administrator"],
        "/replayWebhook/webhook/cursor",
    ),
    case(
        "integrator/ResumeWebhook",
        &["administrator"],
        "/resumeWebhook/webhook/state",
    ),
    case("integrator/TestWebhook", &["administrator"], "/testWebhook/messageId"),
    case(
        "integrator/DeleteWebhook",
        &["administrator"],
        "/deleteWebhook/webhookId",
    ),
];
