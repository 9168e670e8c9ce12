//! Every operation of the schema has an authorization case: who may, and who is refused how. One line an operation in
//! [`GUARDS`]; a new operation without one fails `every_operation_has_an_authorization_case`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tests::{Client, Server, Ws, WsMessage, both_databases};
use tokio::sync::Mutex;

/// How an operation answers somebody.
enum How {
    /// The field's value says something.
    Shown,
    /// The field is null, as for what does not exist.
    Null,
    /// The list under the field's `nodes` is empty.
    Empty,
    /// The payload's first user error has this code.
    Refused(&'static str),
    /// Let past the policy, and told that the version is stale or the input is wrong: this is the payload's first user error.
    Past(&'static str),
    /// Nothing is answered; the first error has this code.
    Barred(&'static str),
}
use How::{Barred, Empty, Null, Past, Refused, Shown};

/// One operation with its cases. Documents take their variables from [`targets`], and a key of their own where they have an
/// `idempotencyKey: "guard"`. An operation has several lines where its cases are about several objects.
struct Guard {
    /// The field of the root type; of a subscription with [`LIVE`] before it.
    field: &'static str,
    document: &'static str,
    cases: &'static [(&'static str, How)],
}

const fn guard(field: &'static str, document: &'static str, cases: &'static [(&'static str, How)]) -> Guard {
    Guard { field, document, cases }
}

/// Before the field of a subscription, whose name may be that of a query too.
const LIVE: &str = "subscription ";

/// Fields that answer nobody in particular.
const OPEN: [&str; 7] = [
    "signIn",
    "signInService",
    "refresh",
    "signOut",
    "setPassword",
    "rulebook",
    "rulebooks",
];

/// Fields that answer whoever is signed in, each with what they may see.
const SHOWN_TO_ALL: [&str; 8] = [
    "subscription inbox",
    "viewer",
    "rateLimit",
    "log",
    "organization",
    "organizations",
    "nodes",
    "activityKinds",
];

#[rustfmt::skip]
const GUARDS: &[Guard] = &[
    guard("viewer", "{ viewer { id account { id } } }", &[("member", Shown), ("administrator", Shown)]),
    guard("rateLimit", "{ rateLimit { limit } }", &[("member", Shown)]),
    guard("log", "{ log { cursor epoch oldest } }", &[("member", Shown)]),
    guard("rulebooks", "{ rulebooks { key } }", &[("nobody", Shown), ("member", Shown)]),
    guard("rulebook", "{ rulebook { key } }", &[("nobody", Shown), ("member", Shown)]),
    guard("organization", "query($branch: ID!) { organization(id: $branch) { name } }", &[("member", Shown), ("administrator", Shown)]),
    guard("organizations", "query($branch: ID!) { organizations(within: {exactly: $branch}, first: 1) { nodes { name } } }", &[("member", Shown)]),
    guard("member", "query($person: ID!) { member(by: {id: $person}) { name } }",
          &[("branch-secretary", Shown), ("city-secretary", Null), ("other-county-secretary", Null), ("administrator", Null)]),
    guard("members", "query($branch: ID!) { members(within: {exactly: $branch}, first: 1) { nodes { name } } }",
          &[("branch-secretary", Shown), ("county-organization", Shown), ("city-secretary", Empty), ("other-county-secretary", Empty), ("administrator", Empty)]),
    guard("node", "query($person: ID!) { node(id: $person) { id } }",
          &[("branch-secretary", Shown), ("other-county-secretary", Null), ("administrator", Null)]),
    guard("nodes", "query($person: ID!, $branch: ID!) { nodes(ids: [$branch, $person]) { id } }", &[("branch-secretary", Shown), ("member", Shown)]),
    guard("activity", "query($activity: ID!) { activity(id: $activity) { title } }",
          &[("branch-secretary", Shown), ("branch-deputy", Shown), ("other-county-secretary", Null), ("administrator", Null)]),
    guard("activities", "query($branch: ID!) { activities(within: {exactly: $branch}, statuses: [FILED], first: 1) { nodes { id } } }",
          &[("branch-secretary", Shown), ("other-county-secretary", Empty), ("administrator", Empty)]),
    guard("obligations", "query($branch: ID!) { obligations(within: {exactly: $branch}, first: 1) { nodes { id } } }",
          &[("branch-secretary", Shown), ("other-county-secretary", Empty), ("administrator", Empty)]),
    guard("measures", "query($branch: ID!) { measures(within: {exactly: $branch}, first: 1) { nodes { id } } }",
          &[("branch-secretary", Shown), ("other-county-secretary", Empty), ("city-secretary", Empty), ("administrator", Empty)]),
    guard("acknowledgeInboxItems", "mutation($activity: ID!) { acknowledgeInboxItems(input: {itemIds: [$activity], idempotencyKey: \"guard-inbox\"}) { userErrors { code } } }",
          &[("branch-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("alerts", "query($branch: ID!) { alerts(within: {subtreeOf: $branch}, first: 1) { nodes { id } } }",
          &[("other-county-secretary", Empty), ("administrator", Empty)]),
    guard("applicant", "query($applicant: ID!) { applicant(id: $applicant) { name } }",
          &[("activist", Shown), ("city-secretary", Null), ("member", Null), ("administrator", Null)]),
    guard("applicants", "query($registered: ID!) { applicants(within: {exactly: $registered}, first: 1) { nodes { name } } }",
          &[("activist", Shown), ("county-discipline", Empty), ("city-secretary", Empty), ("administrator", Empty)]),
    guard("admission", "query($nothing: ID!) { admission(id: $nothing) { state } }", &[("town-secretary", Null), ("administrator", Null)]),
    guard("admissions", "query($town: ID!) { admissions(within: {subtreeOf: $town}, first: 1) { nodes { state } } }",
          &[("other-county-secretary", Empty), ("city-secretary", Empty), ("administrator", Empty)]),
    guard("transfer", "query($nothing: ID!) { transfer(id: $nothing) { state } }", &[("town-secretary", Null), ("administrator", Null)]),
    guard("transfers", "query($root: ID!) { transfers(within: {subtreeOf: $root}, first: 1) { nodes { state } } }",
          &[("city-organization", Shown), ("city-secretary", Empty), ("administrator", Empty)]),

    guard("signIn", "mutation { signIn(input: {username: \"branch-secretary\", password: \"wrong\"}) { userErrors { code } } }",
          &[("nobody", Refused("CREDENTIALS_INVALID"))]),
    guard("signInService", "mutation { signInService(input: {clientId: \"acc_none\", clientSecret: \"wrong\"}) { userErrors { code } } }",
          &[("nobody", Refused("CREDENTIALS_INVALID"))]),
    guard("loadRulebook", "mutation { loadRulebook(input: {text: \"no rulebook\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("administrator", Refused("RULEBOOK_INVALID")), ("city-organization", Refused("FORBIDDEN")), ("branch-secretary", Refused("FORBIDDEN"))]),
    guard("assignRulebook", "mutation($branch: ID!) { assignRulebook(input: {organizationId: $branch, rulebookKey: \"none\", fromOn: \"2026-12-01\",
          idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("county-organization", Refused("NOT_FOUND")), ("branch-secretary", Refused("FORBIDDEN"))]),
    guard("refresh", "mutation { refresh(input: {refreshToken: \"none of ours\"}) { userErrors { code } } }",
          &[("nobody", Refused("REFRESH_TOKEN_INVALID"))]),
    guard("signOut", "mutation { signOut(input: {refreshToken: \"none of ours\"}) { userErrors { code } } }", &[("nobody", Shown)]),
    guard("createOrganization", "mutation($branch: ID!) { createOrganization(input: {parentId: $branch, name: \"组\", kind: PARTY_GROUP, sector: ORGAN, reason: \"试\",
          decision: {decidedOn: \"2026-01-05\", documentNumber: \"试1\"}, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-deputy", Refused("FORBIDDEN")), ("member", Refused("FORBIDDEN")), ("administrator", Refused("FORBIDDEN")), ("city-organization", Refused("FORBIDDEN"))]),
    guard("renameOrganization", "mutation($branch: ID!) { renameOrganization(input: {id: $branch, expectedVersion: 1, name: \"新\", reason: \"试\",
          decision: {decidedOn: \"2026-01-05\", documentNumber: \"试1\"}, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Refused("FORBIDDEN")), ("city-secretary", Refused("FORBIDDEN")), ("administrator", Refused("FORBIDDEN"))]),
    guard("moveOrganization", "mutation($branch: ID!, $town: ID!) { moveOrganization(input: {id: $branch, parentId: $town, expectedVersion: 1, reason: \"试\",
          decision: {decidedOn: \"2026-01-05\", documentNumber: \"试1\"}, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("town-secretary", Refused("FORBIDDEN")), ("county-secretary", Refused("FORBIDDEN")), ("administrator", Refused("FORBIDDEN"))]),
    guard("dissolveOrganization", "mutation($branch: ID!) { dissolveOrganization(input: {id: $branch, expectedVersion: 1, reason: \"试\",
          decision: {decidedOn: \"2026-01-05\", documentNumber: \"试1\"}, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Refused("FORBIDDEN")), ("city-secretary", Refused("FORBIDDEN")), ("administrator", Refused("FORBIDDEN"))]),
    guard("recordOrganizationFacts", "mutation($branch: ID!) { recordOrganizationFacts(input: {id: $branch, expectedVersion: 1, joint: true, reason: \"试\",
          decision: {decidedOn: \"2026-01-05\", documentNumber: \"试1\"}, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Refused("FORBIDDEN")), ("city-secretary", Refused("FORBIDDEN")), ("administrator", Refused("FORBIDDEN"))]),
    guard("createActivityUnit", "mutation($branch: ID!) { createActivityUnit(input: {organizationId: $branch, kind: SECTION, name: \"科\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("member", Refused("FORBIDDEN")), ("county-secretary", Refused("FORBIDDEN")), ("administrator", Refused("FORBIDDEN"))]),
    guard("renameActivityUnit", "mutation($nothing: ID!) { renameActivityUnit(input: {unitId: $nothing, expectedVersion: 1, name: \"科\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("closeActivityUnit", "mutation($nothing: ID!) { closeActivityUnit(input: {unitId: $nothing, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("assignExternalId", "mutation($person: ID!) { assignExternalId(input: {subject: {memberId: $person}, system: \"hr\", value: \"guard\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("city-secretary", Refused("NOT_FOUND")), ("county-organization", Refused("FORBIDDEN")), ("administrator", Refused("NOT_FOUND"))]),
    guard("endExternalId", "mutation($person: ID!) { endExternalId(input: {subject: {memberId: $person}, system: \"hr\", value: \"none\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Refused("NOT_FOUND")), ("county-organization", Refused("FORBIDDEN")), ("administrator", Refused("NOT_FOUND"))]),
    guard("askIdentityChange", "mutation { askIdentityChange(input: {field: PHONE, value: \"1\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("member", Refused("INVALID")), ("administrator", Refused("NOT_FOUND")), ("activist", Refused("NOT_FOUND"))]),
    guard("confirmIdentityChange", "mutation($nothing: ID!) { confirmIdentityChange(input: {identityChangeId: $nothing, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("rejectIdentityChange", "mutation($nothing: ID!) { rejectIdentityChange(input: {identityChangeId: $nothing, reason: \"试\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("revealIdentityChange", "mutation($nothing: ID!) { revealIdentityChange(input: {identityChangeId: $nothing, purpose: VERIFICATION, idempotencyKey: \"guard\"}) { value userErrors { code } } }",
          &[("branch-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("setLanguage", "mutation { setLanguage(input: {language: \"xx\", expectedVersion: 1, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("member", Refused("INVALID")), ("administrator", Refused("INVALID")), ("county-service", Refused("FORBIDDEN"))]),
    guard("scheduleActivity", "mutation($branch: ID!) { scheduleActivity(input: {organizationId: $branch, kind: PARTY_LECTURE, startsAt: \"2027-01-05T02:00:00Z\",
          idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("town-secretary", Refused("FORBIDDEN")), ("member", Refused("FORBIDDEN")), ("administrator", Refused("FORBIDDEN"))]),
    guard("recordActivity", "mutation($branch: ID!) { recordActivity(input: {organizationId: $branch, kind: PARTY_LECTURE, startsAt: \"2026-01-05T02:00:00Z\",
          idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("town-secretary", Refused("FORBIDDEN")), ("member", Refused("FORBIDDEN")), ("administrator", Refused("FORBIDDEN"))]),
    guard("openRegister", "mutation($branch: ID!) { openRegister(input: {organizationId: $branch, year: 2026}) { userErrors { code } } }",
          &[("branch-secretary", Shown), ("group-leader", Shown), ("other-county-secretary", Refused("NOT_FOUND")), ("city-secretary", Refused("NOT_FOUND")),
            ("administrator", Refused("NOT_FOUND"))]),
    guard("rescheduleActivity", "mutation($activity: ID!) { rescheduleActivity(input: {activityId: $activity, expectedVersion: 1, place: \"他处\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("other-county-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("cancelActivity", "mutation($activity: ID!) { cancelActivity(input: {activityId: $activity, reason: \"试\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("other-county-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("correctActivity", "mutation($activity: ID!) { correctActivity(input: {activityId: $activity, expectedVersion: 1, minutes: \"改\", reason: \"试\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("other-county-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("issueCheckInCode", "mutation($activity: ID!) { issueCheckInCode(input: {activityId: $activity, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("other-county-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("checkIn", "mutation($activity: ID!) { checkIn(input: {activityId: $activity, code: \"000000\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("other-county-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("askLeave", "mutation($activity: ID!) { askLeave(input: {activityId: $activity, category: WORK, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("other-county-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("confirmAttendance", "mutation($activity: ID!, $town: ID!) { confirmAttendance(input: {activityId: $activity, organizationId: $town, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("other-county-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("decideLeave", "mutation($nothing: ID!) { decideLeave(input: {leaveId: $nothing, accept: true, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("disputeAttendance", "mutation($attendance: ID!) { disputeAttendance(input: {attendanceId: $attendance, words: \"试\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("other-county-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("decideDispute", "mutation($attendance: ID!) { decideDispute(input: {attendanceId: $attendance, state: PRESENT, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("other-county-secretary", Refused("NOT_FOUND")), ("branch-clerk", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("acceptMakeUpStudy", "mutation($attendance: ID!) { acceptMakeUpStudy(input: {attendanceId: $attendance, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("other-county-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("askDeviation", "mutation($obligation: ID!) { askDeviation(input: {obligationId: $obligation, reason: \"试\", newDate: \"2027-01-05\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("other-county-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("decideDeviation", "mutation($nothing: ID!) { decideDeviation(input: {deviationId: $nothing, accepted: true, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("acknowledgeAlerts", "mutation($nothing: ID!) { acknowledgeAlerts(input: {alertIds: [$nothing], idempotencyKey: \"guard\"}) { userErrors { code } results { userErrors { code } } } }",
          &[("branch-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("urge", "mutation($nothing: ID!) { urge(input: {alertIds: [$nothing], note: \"试\", dueOn: \"2027-01-05\", idempotencyKey: \"guard\"}) { userErrors { code } results { userErrors { code } } } }",
          &[("branch-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("enterApplicant", "mutation($branch: ID!) { enterApplicant(input: {branchId: $branch, name: \"新人\", appliedOn: \"2026-01-05\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("member", Refused("FORBIDDEN")), ("town-secretary", Refused("FORBIDDEN")), ("administrator", Refused("FORBIDDEN"))]),
    guard("recordApplicant", "mutation($applicant: ID!) { recordApplicant(input: {applicantId: $applicant, expectedVersion: 1, stage: PROSPECT, on: \"2026-01-05\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("member", Refused("NOT_FOUND")), ("city-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND")), ("activist", Refused("FORBIDDEN"))]),
    guard("draftAdmission", "mutation($applicant: ID!) { draftAdmission(input: {applicantId: $applicant, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("member", Refused("NOT_FOUND")), ("city-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND")), ("activist", Refused("FORBIDDEN"))]),
    guard("proposeAdmission", "mutation($applicant: ID!) { proposeAdmission(input: {applicantId: $applicant, decision: {decidedOn: \"2026-01-05\", documentNumber: \"试1\"}, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("member", Refused("NOT_FOUND")), ("city-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND")), ("activist", Refused("FORBIDDEN"))]),
    guard("proposeFullMembership", "mutation($person: ID!) { proposeFullMembership(input: {memberId: $person, decision: {decidedOn: \"2026-01-05\", documentNumber: \"试1\"}, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-clerk", Refused("NOT_FOUND")), ("city-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("opineOnAdmission", "mutation($nothing: ID!) { opineOnAdmission(input: {admissionId: $nothing, text: \"同意\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("withdrawAdmission", "mutation($nothing: ID!) { withdrawAdmission(input: {admissionId: $nothing, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("decideAdmission", "mutation($nothing: ID!) { decideAdmission(input: {admissionId: $nothing, approved: true, decision: {decidedOn: \"2026-01-05\", documentNumber: \"试1\"}, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("requestTransfer", "mutation($person: ID!, $town: ID!) { requestTransfer(input: {memberId: $person, toId: $town, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("other-county-secretary", Refused("NOT_FOUND")), ("city-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("acceptTransfer", "mutation($nothing: ID!) { acceptTransfer(input: {transferId: $nothing, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("rejectTransfer", "mutation($nothing: ID!) { rejectTransfer(input: {transferId: $nothing, reason: \"试\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("withdrawTransfer", "mutation($nothing: ID!) { withdrawTransfer(input: {transferId: $nothing, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("activityKinds", "{ activityKinds { kind } }", &[("member", Shown), ("activist", Shown), ("administrator", Shown)]),
    guard("alertBundles", "query($town: ID!) { alertBundles(organizationId: $town) { unresolved } }",
          &[("town-secretary", Shown), ("county-organization", Shown), ("county-discipline", Shown), ("other-county-secretary", Empty), ("member", Empty), ("administrator", Empty)]),
    guard("findings", "query($county: ID!) { findings(within: {subtreeOf: $county}, first: 1) { nodes { kind } } }",
          &[("county-secretary", Shown), ("county-organization", Shown), ("other-county-secretary", Empty), ("member", Empty), ("administrator", Empty)]),
    guard("changes", "{ changes(first: 1) { cursor } }", &[("member", Shown), ("activist", Shown), ("county-service", Shown), ("administrator", Barred("FORBIDDEN"))]),
    guard("node", "query($clerkPost: ID!) { node(id: $clerkPost) { id } }",
          &[("branch-clerk", Shown), ("county-organization", Shown), ("branch-secretary", Null), ("member", Null), ("administrator", Null)]),
    guard("subscription events", "subscription { events { __typename } }", &[("member", Shown), ("county-service", Shown), ("administrator", Barred("FORBIDDEN"))]),
    guard("subscription figures", "subscription($town: ID!) { figures(organization: $town, period: {kind: YEAR}) { __typename } }",
          &[("town-secretary", Shown), ("member", Shown)]),
    guard("subscription figures", "subscription($nothing: ID!) { figures(organization: $nothing, period: {kind: YEAR}) { __typename } }",
          &[("town-secretary", Barred("NOT_FOUND")), ("administrator", Barred("NOT_FOUND"))]),
    guard("subscription activities", "subscription($branch: ID!) { activities(organization: $branch) { __typename } }",
          &[("branch-secretary", Shown), ("member", Shown)]),
    guard("subscription activities", "subscription($nothing: ID!) { activities(organization: $nothing) { __typename } }",
          &[("branch-secretary", Barred("NOT_FOUND")), ("administrator", Barred("NOT_FOUND"))]),
    guard("subscription inbox", "subscription { inbox { __typename } }", &[("member", Shown), ("activist", Shown), ("branch-secretary", Shown)]),
    guard("subscription obligations", "subscription($branch: ID!) { obligations(organization: $branch) { __typename } }",
          &[("branch-secretary", Shown), ("member", Shown)]),
    guard("subscription obligations", "subscription($nothing: ID!) { obligations(organization: $nothing) { __typename } }",
          &[("branch-secretary", Barred("NOT_FOUND")), ("administrator", Barred("NOT_FOUND"))]),
    guard("announceResolution", "mutation($resolution: ID!) { announceResolution(input: {resolutionId: $resolution, expectedVersion: 999, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Past("WRONG_STATE")), ("member", Refused("FORBIDDEN")), ("county-secretary", Refused("FORBIDDEN")), ("branch-clerk", Refused("NOT_FOUND")), ("other-county-secretary", Refused("NOT_FOUND")), ("city-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("completeFollowUp", "mutation($resolution: ID!) { completeFollowUp(input: {resolutionId: $resolution, expectedVersion: 999, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Past("WRONG_STATE")), ("member", Refused("NOT_FOUND")), ("county-secretary", Refused("NOT_FOUND")), ("branch-clerk", Refused("NOT_FOUND")), ("other-county-secretary", Refused("NOT_FOUND")), ("city-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("answerAlert", "mutation($alert: ID!) { answerAlert(input: {alertId: $alert, answer: \"试\", expectedVersion: 999, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Past("CONFLICT")), ("branch-committee", Past("CONFLICT")), ("county-organization", Refused("FORBIDDEN")), ("county-secretary", Refused("FORBIDDEN")), ("branch-clerk", Refused("NOT_FOUND")), ("other-county-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("decideAlertAnswer", "mutation($townAlert: ID!) { decideAlertAnswer(input: {alertId: $townAlert, accepted: true, expectedVersion: 999, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("town-secretary", Past("WRONG_STATE")), ("town-clerk", Refused("FORBIDDEN")), ("county-secretary", Refused("FORBIDDEN")), ("county-organization", Refused("FORBIDDEN")), ("other-county-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("decideAlertAnswer", "mutation($alert: ID!) { decideAlertAnswer(input: {alertId: $alert, accepted: true, expectedVersion: 999, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Refused("FORBIDDEN")), ("county-discipline", Refused("FORBIDDEN")), ("group-leader", Refused("NOT_FOUND"))]),
    guard("appoint", "mutation($branch: ID!, $plain: ID!) { appoint(input: {organizationId: $branch, memberId: $plain, post: PARTY_AFFAIRS_CLERK, since: \"1911-01-01\", decision: {decidedOn: \"2026-01-05\", documentNumber: \"试1\"}, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Past("DATE_TOO_EARLY")), ("branch-committee", Refused("FORBIDDEN")), ("branch-clerk", Refused("FORBIDDEN")), ("member", Refused("FORBIDDEN")), ("city-secretary", Refused("FORBIDDEN")), ("administrator", Refused("FORBIDDEN"))]),
    guard("appoint", "mutation($branch: ID!, $head: ID!) { appoint(input: {organizationId: $branch, memberId: $head, post: PARTY_AFFAIRS_CLERK, decision: {decidedOn: \"2026-01-05\", documentNumber: \"试1\"}, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Refused("OWN_MATTER"))]),
    guard("appoint", "mutation($village: ID!, $villager: ID!) { appoint(input: {organizationId: $village, memberId: $villager, post: SECRETARY, decision: {decidedOn: \"2026-01-05\", documentNumber: \"试1\"}, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("town-secretary", Past("POST_TAKEN")), ("village-secretary", Refused("FORBIDDEN")), ("town-clerk", Refused("FORBIDDEN")), ("county-secretary", Refused("FORBIDDEN")), ("county-organization", Refused("FORBIDDEN")), ("other-county-secretary", Refused("FORBIDDEN")), ("administrator", Refused("FORBIDDEN"))]),
    guard("appoint", "mutation($clerkBranch: ID!, $colleague: ID!) { appoint(input: {organizationId: $clerkBranch, memberId: $colleague, post: PARTY_AFFAIRS_CLERK, decision: {decidedOn: \"2026-01-05\", documentNumber: \"试1\"}, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-clerk", Refused("FORBIDDEN"))]),
    guard("endAppointment", "mutation($post: ID!) { endAppointment(input: {appointmentId: $post, expectedVersion: 999, decision: {decidedOn: \"2026-01-05\", documentNumber: \"试1\"}, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Past("CONFLICT")), ("branch-committee", Refused("OWN_MATTER")), ("county-organization", Refused("FORBIDDEN")), ("county-secretary", Refused("NOT_FOUND")), ("branch-clerk", Refused("NOT_FOUND")), ("member", Refused("NOT_FOUND")), ("other-county-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("endAppointment", "mutation($clerkPost: ID!) { endAppointment(input: {appointmentId: $clerkPost, expectedVersion: 999, decision: {decidedOn: \"2026-01-05\", documentNumber: \"试1\"}, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-clerk", Refused("FORBIDDEN")), ("branch-secretary", Refused("NOT_FOUND"))]),
    guard("assignPortfolio", "mutation($post: ID!) { assignPortfolio(input: {appointmentId: $post, expectedVersion: 999, portfolio: [], decision: {decidedOn: \"2026-01-05\", documentNumber: \"试1\"}, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Past("CONFLICT")), ("branch-committee", Refused("OWN_MATTER")), ("county-organization", Refused("FORBIDDEN")), ("county-secretary", Refused("NOT_FOUND")), ("branch-clerk", Refused("NOT_FOUND")), ("member", Refused("NOT_FOUND")), ("other-county-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("assignPortfolio", "mutation($clerkPost: ID!) { assignPortfolio(input: {appointmentId: $clerkPost, expectedVersion: 999, portfolio: [], decision: {decidedOn: \"2026-01-05\", documentNumber: \"试1\"}, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-clerk", Refused("FORBIDDEN")), ("branch-secretary", Refused("NOT_FOUND"))]),
    guard("assignGroup", "mutation($plain: ID!, $group: ID!) { assignGroup(input: {memberId: $plain, groupId: $group, expectedVersion: 999, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Past("CONFLICT")), ("branch-committee", Past("CONFLICT")), ("group-leader", Refused("FORBIDDEN")), ("member", Refused("FORBIDDEN")), ("county-organization", Refused("FORBIDDEN")), ("branch-clerk", Refused("NOT_FOUND")), ("other-county-secretary", Refused("NOT_FOUND")), ("city-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("recordMember", "mutation($plain: ID!) { recordMember(input: {memberId: $plain, expectedVersion: 999, unitTag: \"试\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Past("CONFLICT")), ("branch-committee", Past("CONFLICT")), ("group-leader", Refused("FORBIDDEN")), ("member", Refused("FORBIDDEN")), ("county-organization", Refused("FORBIDDEN")), ("branch-clerk", Refused("NOT_FOUND")), ("other-county-secretary", Refused("NOT_FOUND")), ("city-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("recordMember", "mutation($colleague: ID!) { recordMember(input: {memberId: $colleague, expectedVersion: 999, unitTag: \"试\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-clerk", Past("CONFLICT")), ("branch-secretary", Refused("NOT_FOUND"))]),
    guard("recordDeparture", "mutation($plain: ID!) { recordDeparture(input: {memberId: $plain, expectedVersion: 999, reason: REMOVED, leftOn: \"2026-01-05\", decision: {decidedOn: \"2026-01-05\", documentNumber: \"试1\"}, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Past("CONFLICT")), ("branch-deputy", Refused("FORBIDDEN")), ("branch-committee", Refused("FORBIDDEN")), ("group-leader", Refused("FORBIDDEN")), ("member", Refused("FORBIDDEN")), ("county-organization", Refused("FORBIDDEN")), ("branch-clerk", Refused("NOT_FOUND")), ("other-county-secretary", Refused("NOT_FOUND")), ("city-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("recordDeparture", "mutation($head: ID!) { recordDeparture(input: {memberId: $head, expectedVersion: 999, reason: REMOVED, leftOn: \"2026-01-05\", decision: {decidedOn: \"2026-01-05\", documentNumber: \"试1\"}, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-deputy", Past("CONFLICT")), ("branch-secretary", Refused("OWN_MATTER")), ("branch-committee", Refused("FORBIDDEN"))]),
    guard("recordDeparture", "mutation($colleague: ID!) { recordDeparture(input: {memberId: $colleague, expectedVersion: 999, reason: REMOVED, leftOn: \"2026-01-05\", decision: {decidedOn: \"2026-01-05\", documentNumber: \"试1\"}, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-clerk", Refused("FORBIDDEN"))]),
    guard("enterMember", "mutation($branch: ID!) { enterMember(input: {branchId: $branch, name: \"\", standing: FULL, joinedOn: \"2010-07-01\", becameFullOn: \"2011-07-01\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Past("REQUIRED")), ("branch-committee", Past("REQUIRED")), ("group-leader", Refused("FORBIDDEN")), ("member", Refused("FORBIDDEN")), ("branch-clerk", Refused("FORBIDDEN")), ("city-secretary", Refused("FORBIDDEN")), ("administrator", Refused("FORBIDDEN")), ("activist", Refused("FORBIDDEN"))]),
    guard("enterMember", "mutation($clerkBranch: ID!) { enterMember(input: {branchId: $clerkBranch, name: \"\", standing: FULL, joinedOn: \"2010-07-01\", becameFullOn: \"2011-07-01\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-clerk", Past("REQUIRED")), ("branch-secretary", Refused("FORBIDDEN")), ("activist", Refused("NOT_FOUND"))]),
    guard("setExemption", "mutation($plain: ID!) { setExemption(input: {memberId: $plain, category: CARE, from: \"2026-02-01\", until: \"2026-01-01\", decision: {decidedOn: \"2026-01-05\", documentNumber: \"试1\"}, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Past("INVALID")), ("branch-committee", Past("INVALID")), ("group-leader", Refused("FORBIDDEN")), ("member", Refused("FORBIDDEN")), ("county-organization", Refused("FORBIDDEN")), ("branch-clerk", Refused("NOT_FOUND")), ("other-county-secretary", Refused("NOT_FOUND")), ("city-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("setExemption", "mutation($head: ID!) { setExemption(input: {memberId: $head, category: CARE, from: \"2026-02-01\", until: \"2026-01-01\", decision: {decidedOn: \"2026-01-05\", documentNumber: \"试1\"}, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Refused("OWN_MATTER")), ("branch-deputy", Past("INVALID"))]),
    guard("decideExemption", "mutation($exemption: ID!) { decideExemption(input: {exemptionId: $exemption, accepted: true, expectedVersion: 999, decision: {decidedOn: \"2026-01-05\", documentNumber: \"试1\"}, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Past("CONFLICT")), ("branch-committee", Refused("FORBIDDEN")), ("member", Refused("FORBIDDEN")), ("group-leader", Refused("NOT_FOUND")), ("county-organization", Refused("NOT_FOUND")), ("other-county-secretary", Refused("NOT_FOUND")), ("city-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("decideExemption", "mutation($draft: ID!) { decideExemption(input: {exemptionId: $draft, accepted: true, expectedVersion: 999, decision: {decidedOn: \"2026-01-05\", documentNumber: \"试1\"}, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-clerk", Refused("FORBIDDEN")), ("branch-secretary", Refused("NOT_FOUND"))]),
    guard("endExemption", "mutation($exemption: ID!) { endExemption(input: {exemptionId: $exemption, expectedVersion: 999, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Past("CONFLICT")), ("branch-committee", Refused("FORBIDDEN")), ("member", Refused("FORBIDDEN")), ("group-leader", Refused("NOT_FOUND")), ("county-organization", Refused("NOT_FOUND")), ("other-county-secretary", Refused("NOT_FOUND")), ("city-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("endExemption", "mutation($draft: ID!) { endExemption(input: {exemptionId: $draft, expectedVersion: 999, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-clerk", Refused("FORBIDDEN")), ("branch-secretary", Refused("NOT_FOUND"))]),
    guard("confirmMeasure", "mutation($measure: ID!) { confirmMeasure(input: {measureId: $measure, expectedVersion: 999, talkedOn: \"2026-01-05\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Past("CONFLICT")), ("branch-committee", Refused("FORBIDDEN")), ("member", Refused("NOT_FOUND")), ("branch-clerk", Refused("NOT_FOUND")), ("county-secretary", Refused("NOT_FOUND")), ("county-organization", Refused("NOT_FOUND")), ("county-discipline", Refused("NOT_FOUND")), ("other-county-secretary", Refused("NOT_FOUND")), ("city-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("dismissMeasure", "mutation($measure: ID!) { dismissMeasure(input: {measureId: $measure, expectedVersion: 999, reason: \"试\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Past("CONFLICT")), ("branch-committee", Refused("FORBIDDEN")), ("member", Refused("NOT_FOUND")), ("branch-clerk", Refused("NOT_FOUND")), ("county-secretary", Refused("NOT_FOUND")), ("county-organization", Refused("NOT_FOUND")), ("county-discipline", Refused("NOT_FOUND")), ("other-county-secretary", Refused("NOT_FOUND")), ("city-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("confirmMeasure", "mutation($ownMeasure: ID!) { confirmMeasure(input: {measureId: $ownMeasure, expectedVersion: 999, talkedOn: \"2026-01-05\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Past("CONFLICT")), ("member", Refused("FORBIDDEN"))]),
    guard("dismissMeasure", "mutation($ownMeasure: ID!) { dismissMeasure(input: {measureId: $ownMeasure, expectedVersion: 999, reason: \"试\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Past("CONFLICT")), ("member", Refused("FORBIDDEN"))]),
    guard("revealField", "mutation($plain: ID!, $long: String) { revealField(input: {memberId: $plain, field: ADDRESS, purpose: OTHER, note: $long, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Past("TOO_LONG")), ("branch-committee", Past("TOO_LONG")), ("county-organization", Past("TOO_LONG")), ("group-leader", Refused("FORBIDDEN")), ("member", Refused("FORBIDDEN")), ("county-secretary", Refused("FORBIDDEN")), ("county-service", Refused("FORBIDDEN")), ("branch-clerk", Refused("NOT_FOUND")), ("other-county-secretary", Refused("NOT_FOUND")), ("city-secretary", Refused("NOT_FOUND")), ("administrator", Refused("NOT_FOUND"))]),
    guard("revealField", "mutation($head: ID!, $long: String) { revealField(input: {memberId: $head, field: ADDRESS, purpose: OTHER, note: $long, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Refused("OWN_MATTER")), ("branch-deputy", Past("TOO_LONG"))]),
    guard("revealField", "mutation($colleague: ID!, $long: String) { revealField(input: {memberId: $colleague, field: ADDRESS, purpose: OTHER, note: $long, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-clerk", Refused("FORBIDDEN")), ("branch-secretary", Refused("NOT_FOUND"))]),
    guard("openAccount", "mutation($plain: ID!) { openAccount(input: {memberId: $plain, username: \"Not Allowed\", idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Past("INVALID")), ("administrator", Past("INVALID")), ("branch-committee", Refused("FORBIDDEN")), ("member", Refused("FORBIDDEN")), ("county-organization", Refused("FORBIDDEN")), ("branch-clerk", Refused("NOT_FOUND")), ("city-secretary", Refused("NOT_FOUND")), ("other-county-secretary", Refused("NOT_FOUND"))]),
    guard("closeAccount", "mutation($plainAccount: ID!) { closeAccount(input: {accountId: $plainAccount, expectedVersion: 999, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Past("CONFLICT")), ("administrator", Past("CONFLICT")), ("branch-committee", Refused("FORBIDDEN")), ("group-leader", Refused("NOT_FOUND")), ("county-organization", Refused("NOT_FOUND")), ("branch-clerk", Refused("NOT_FOUND")), ("city-secretary", Refused("NOT_FOUND")), ("other-county-secretary", Refused("NOT_FOUND"))]),
    guard("closeAccount", "mutation($headAccount: ID!) { closeAccount(input: {accountId: $headAccount, expectedVersion: 999, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Refused("OWN_MATTER")), ("branch-deputy", Past("CONFLICT")), ("branch-committee", Refused("FORBIDDEN"))]),
    guard("issueResetLink", "mutation($plainAccount: ID!) { issueResetLink(input: {accountId: $plainAccount, expectedVersion: 999, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Past("CONFLICT")), ("administrator", Past("CONFLICT")), ("branch-committee", Refused("FORBIDDEN")), ("group-leader", Refused("NOT_FOUND")), ("county-organization", Refused("NOT_FOUND")), ("branch-clerk", Refused("NOT_FOUND")), ("city-secretary", Refused("NOT_FOUND")), ("other-county-secretary", Refused("NOT_FOUND"))]),
    guard("issueResetLink", "mutation($headAccount: ID!) { issueResetLink(input: {accountId: $headAccount, expectedVersion: 999, idempotencyKey: \"guard\"}) { userErrors { code } } }",
          &[("branch-secretary", Refused("OWN_MATTER")), ("branch-deputy", Past("CONFLICT")), ("branch-committee", Refused("FORBIDDEN"))]),
    guard("setPassword", "mutation { setPassword(input: {token: \"none of ours\", newPassword: \"ten characters\"}) { userErrors { code } } }",
          &[("nobody", Refused("TOKEN_INVALID")), ("administrator", Refused("TOKEN_INVALID"))]),
    guard("changePassword", "mutation { changePassword(input: {currentPassword: \"wrong\", newPassword: \"ten characters\"}) { userErrors { code } } }",
          &[("activist", Refused("CREDENTIALS_INVALID"))]),
];

/// What the documents are aimed at, found and made once in a city.
async fn targets(server: &Server) -> &'static Value {
    static TARGETS: Mutex<BTreeMap<String, &'static Value>> = Mutex::const_new(BTreeMap::new());
    let mut known = TARGETS.lock().await;
    if let Some(targets) = known.get(server.url()) {
        return targets;
    }
    let found: &'static Value = Box::leak(Box::new(all_targets(server).await));
    known.insert(server.url().to_owned(), found);
    found
}

async fn all_targets(server: &Server) -> Value {
    let mut targets = in_the_branch(server).await;
    let more = [above(server).await, of_people(server).await, made(server).await];
    let into = targets.as_object_mut().expect("an object");
    into.extend(more.into_iter().filter_map(|more| more.as_object().cloned()).flatten());
    targets
}

fn at(found: &Value, pointer: &str) -> Value {
    let value = found.pointer(pointer).cloned();
    value.unwrap_or_else(|| panic!("nothing at {pointer}: {found}"))
}

/// The first of these for which it holds.
fn first(nodes: &Value, holds: impl Fn(&Value) -> bool) -> Value {
    let found = nodes.as_array().and_then(|all| all.iter().find(|node| holds(node)));
    found.unwrap_or_else(|| panic!("nothing fits in {nodes}"))["id"].clone()
}

/// A branch, somebody of its roster, an activity that it held, an attendance there, what it owes, what is overdue in it, measures.
async fn in_the_branch(server: &Server) -> Value {
    let branch = server.account("branch-secretary", "organizationId");
    let query = "query($o: ID!) { members(within: {exactly: $o}, first: 1) { nodes { id } }
        measures(within: {exactly: $o}, first: 100) { nodes { id decider member { id } } }
        alerts(within: {subtreeOf: $o}, open: true, first: 1) { nodes { id } }
        organization(id: $o) { children(first: 1) { nodes { id } } obligations(first: 1) { nodes { id } }
            register(year: 2026, last: 1) { nodes { activity { id expected(first: 1) { nodes { id } } } } } } }";
    let found = server
        .client("branch-secretary")
        .data(query, json!({"o": branch}))
        .await;
    let plain = own(server, "member").await;
    let theirs = |node: &Value| node["member"]["id"] == plain["member"]["id"];
    json!({
        "branch": branch,
        "person": at(&found, "/members/nodes/0/id"),
        "group": at(&found, "/organization/children/nodes/0/id"),
        "activity": at(&found, "/organization/register/nodes/0/activity/id"),
        "attendance": at(&found, "/organization/register/nodes/0/activity/expected/nodes/0/id"),
        "obligation": at(&found, "/organization/obligations/nodes/0/id"),
        "alert": at(&found, "/alerts/nodes/0/id"),
        "measure": first(&found["measures"]["nodes"], |node| node["decider"] == "SECRETARY" && !theirs(node)),
        "ownMeasure": first(&found["measures"]["nodes"], theirs),
    })
}

/// Orgs, and an alert that the town's secretary is asked about.
async fn above(server: &Server) -> Value {
    let town = server.account("town-secretary", "organizationId");
    let query = "query($o: ID!) { alerts(within: {childrenOf: $o}, open: true, first: 100) {
        nodes { id answer { state } viewerCan(actions: [URGE]) { allowed } } } }";
    let found = server.client("town-secretary").data(query, json!({"o": town})).await;
    let unanswered = |node: &Value| node["viewerCan"][0]["allowed"] == true && node["answer"].is_null();
    json!({
        "town": town,
        "townAlert": first(&found["alerts"]["nodes"], unanswered),
        "county": server.account("county-secretary", "organizationId"),
        "root": server.account("city-secretary", "organizationId"),
        "village": server.account("village-secretary", "organizationId"),
        "clerkBranch": server.account("branch-clerk", "organizationId"),
        "registered": server.account("activist", "organizationId"),
        "nothing": format!("alr_{}", "0".repeat(26)),
        "long": "长".repeat(201),
    })
}

/// What an account is: member, account, applicant, posts.
async fn own(server: &Server, user: &str) -> Value {
    let query = "{ viewer { member { id } account { id } applicant { id } posts { id } } }";
    server.client(user).data(query, json!({})).await["viewer"].take()
}

/// People with an account, their accounts and posts.
async fn of_people(server: &Server) -> Value {
    let (plain, head) = (own(server, "member").await, own(server, "branch-secretary").await);
    let (officer, clerk) = (own(server, "branch-committee").await, own(server, "branch-clerk").await);
    let roster = "query($o: ID!) { members(within: {exactly: $o}, first: 100) { nodes { id } } }";
    let branch = json!({"o": server.account("branch-clerk", "organizationId")});
    let people = server.client("branch-clerk").data(roster, branch).await;
    json!({
        "plain": plain["member"]["id"],
        "plainAccount": plain["account"]["id"],
        "head": head["member"]["id"],
        "headAccount": head["account"]["id"],
        "villager": own(server, "village-secretary").await["member"]["id"],
        "post": officer["posts"][0]["id"],
        "clerkPost": clerk["posts"][0]["id"],
        "colleague": first(&people["members"]["nodes"], |node| node["id"] != clerk["member"]["id"]),
        "applicant": own(server, "activist").await["applicant"]["id"],
    })
}

/// What the city has not: a resolution of long ago, and two exemptions in years to come that wait for a decision.
async fn made(server: &Server) -> Value {
    let branch = server.account("branch-secretary", "organizationId");
    let record = "mutation($o: ID!) { recordActivity(input: {organizationId: $o, kind: BRANCH_GENERAL_MEETING,
        startsAt: \"2021-12-10T02:00:00Z\", minutes: \"记录。\", resolutions: [{title: \"试\", kind: OTHER, ayes: 1}],
        idempotencyKey: \"guard-meeting\"}) { activity { resolutions { id } } } }";
    let meeting = server
        .client("branch-secretary")
        .data(record, json!({"o": branch}))
        .await;
    let people = of_people(server).await;
    let draft = "mutation($m: ID!) { setExemption(input: {memberId: $m, category: CARE, from: \"2030-01-01\", until: \"2030-03-01\",
        idempotencyKey: \"guard-exemption\"}) { exemption { id } } }";
    let by_officer = server
        .client("branch-committee")
        .data(draft, json!({"m": people["plain"]}))
        .await;
    let by_clerk = server
        .client("branch-clerk")
        .data(draft, json!({"m": people["colleague"]}))
        .await;
    json!({
        "resolution": at(&meeting, "/recordActivity/activity/resolutions/0/id"),
        "exemption": at(&by_officer, "/setExemption/exemption/id"),
        "draft": at(&by_clerk, "/setExemption/exemption/id"),
    })
}

fn as_told(answer: &Value, field: &str, how: &How) -> bool {
    let value = &answer["data"][field];
    let code = |of: &Value| of["userErrors"][0]["code"].as_str().map(str::to_owned);
    let fails = answer.get("errors").is_some();
    match how {
        Barred(expected) => answer["errors"][0]["extensions"]["code"] == *expected,
        _ if fails => false,
        Shown => match (&value["nodes"], value) {
            (Value::Array(nodes), _) | (_, Value::Array(nodes)) => !nodes.is_empty(),
            _ => !value.is_null() && code(value).is_none(),
        },
        Null => value.is_null(),
        Empty => value["nodes"] == json!([]) || *value == json!([]),
        Refused(expected) | Past(expected) => {
            code(value).or_else(|| code(&value["results"][0])).as_deref() == Some(*expected)
        }
    }
}

/// The answer to an operation, of a subscription the first message.
async fn answered(server: &Server, guard: &Guard, user: &str, document: &str, targets: &Value) -> Value {
    if guard.field.starts_with(LIVE) {
        let mut ws = Ws::of_token(server.url(), &server.account(user, "accessToken")).await;
        ws.subscribe("s", document, targets.clone()).await;
        return match ws.next().await {
            WsMessage::Next { payload, .. } => payload,
            WsMessage::Error { payload, .. } => json!({"errors": payload}),
            other => panic!("{}: {other:?}", guard.field),
        };
    }
    let client = if user == "nobody" {
        Client::new(server.url())
    } else {
        server.client(user)
    };
    client.graphql(document, targets.clone()).await
}

both_databases!(
    each_operation_answers_each_holder_as_the_policy_says,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let targets = targets(server).await;
        let mut wrong = Vec::new();
        for (number, guard) in GUARDS.iter().enumerate() {
            let field = guard.field.trim_start_matches(LIVE);
            for (user, how) in guard.cases {
                let key = format!("\"guard-{number}-{user}\"");
                let document = guard.document.replace("\"guard\"", &key);
                let answer = answered(server, guard, user, &document, targets).await;
                if !as_told(&answer, field, how) {
                    wrong.push(format!("{} ({number}) as {user}: {answer}", guard.field));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
);

both_databases!(
    nobody_gets_past_the_open_fields,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let targets = targets(server).await;
        let nobody = Client::new(server.url());
        for guard in GUARDS
            .iter()
            .filter(|guard| !OPEN.contains(&guard.field) && !guard.field.starts_with(LIVE))
        {
            let code = nobody.error_code(guard.document, targets.clone()).await;
            assert_eq!(code, "UNAUTHENTICATED", "{}", guard.field);
        }
    }
);

/// The fields of the root types in the committed schema, those of subscriptions with [`LIVE`] before them.
fn operations() -> BTreeSet<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.graphql");
    let schema = std::fs::read_to_string(path).expect("the committed schema");
    let roots = [
        ("type Query {", ""),
        ("type Mutation {", ""),
        ("type Subscription {", LIVE),
    ];
    let (mut found, mut root, mut text) = (BTreeSet::new(), None, false);
    for line in schema.lines() {
        if line.trim() == "\"\"\"" {
            text = !text;
        }
        if line == "}" {
            root = None;
        }
        if line.starts_with("type ") {
            root = roots
                .iter()
                .find(|(begins, _)| *begins == line)
                .map(|(_, before)| *before);
        }
        // A field stands one tab deep, its arguments two.
        let field = line
            .strip_prefix('\t')
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()));
        if let (Some(field), Some(before), false) = (field, root, text) {
            let name = field.split(['(', ':']).next().unwrap_or_default();
            found.insert(format!("{before}{name}"));
        }
    }
    found
}

#[test]
fn every_operation_has_an_authorization_case() {
    let operations = operations();
    assert!(operations.len() > 80, "the schema was not read: {operations:?}");
    let covered: BTreeSet<String> = GUARDS.iter().map(|guard| guard.field.to_owned()).collect();
    let bare: Vec<_> = operations.difference(&covered).collect();
    assert!(bare.is_empty(), "operations without a line in GUARDS: {bare:?}");
    let gone: Vec<_> = covered.difference(&operations).collect();
    assert!(gone.is_empty(), "guards of operations that are gone: {gone:?}");
}

#[test]
fn every_operation_but_the_open_ones_is_refused_to_somebody() {
    let open = |field: &str| OPEN.contains(&field) || SHOWN_TO_ALL.contains(&field);
    let refuses = |how: &How| !matches!(how, Shown | Past(_));
    let fields: BTreeSet<&str> = GUARDS
        .iter()
        .map(|guard| guard.field)
        .filter(|field| !open(field))
        .collect();
    for field in fields {
        let cases = || {
            GUARDS
                .iter()
                .filter(|guard| guard.field == field)
                .flat_map(|guard| guard.cases)
        };
        assert!(cases().any(|(_, how)| refuses(how)), "{field} is refused to nobody");
    }
}
