//! Every operation of the schema has an authorization case: who may, and who is refused how. One line an operation in
//! [`GUARDS`]; a new operation without one fails `every_operation_has_an_authorization_case`.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{Client, Server, both_databases};

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
}
use How::{Empty, Null, Refused, Shown};

/// One operation with its cases. Documents take their variables from [`targets`].
struct Guard {
    field: &'static str,
    document: &'static str,
    cases: &'static [(&'static str, How)],
}

const fn guard(field: &'static str, document: &'static str, cases: &'static [(&'static str, How)]) -> Guard {
    Guard { field, document, cases }
}

/// Fields that answer nobody in particular.
const OPEN: [&str; 6] = ["signIn", "signInService", "refresh", "signOut", "rulebook", "rulebooks"];

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
];

/// What the documents are aimed at: an applicant, a branch, somebody of its roster, an activity that it held, an attendance there, what it owes.
async fn targets(server: &Server) -> Value {
    let client = server.client("branch-secretary");
    let branch = server.account("branch-secretary", "organizationId");
    let query = "query($o: ID!) { viewer { member { id } }
        members(within: {exactly: $o}, first: 1) { nodes { id } }
        organization(id: $o) { obligations(first: 1) { nodes { id } }
            register(year: 2026, last: 1) { nodes { activity { id expected(first: 1) { nodes { id } } } } } } }";
    let found = client.data(query, json!({"o": branch})).await;
    let at = |pointer: &str| {
        found
            .pointer(pointer)
            .cloned()
            .unwrap_or_else(|| panic!("nothing at {pointer}: {found}"))
    };
    let activist = server.client("activist");
    let applicant = activist.data("{ viewer { applicant { id } } }", json!({})).await;
    json!({
        "branch": branch,
        "town": server.account("town-secretary", "organizationId"),
        "person": at("/members/nodes/0/id"),
        "activity": at("/organization/register/nodes/0/activity/id"),
        "attendance": at("/organization/register/nodes/0/activity/expected/nodes/0/id"),
        "obligation": at("/organization/obligations/nodes/0/id"),
        "root": server.account("city-secretary", "organizationId"),
        "registered": server.account("activist", "organizationId"),
        "applicant": applicant["viewer"]["applicant"]["id"],
        "nothing": format!("alr_{}", "0".repeat(26)),
    })
}

fn as_told(value: &Value, how: &How) -> bool {
    let code = |of: &Value| of["userErrors"][0]["code"].as_str().map(str::to_owned);
    match how {
        Shown => match &value["nodes"] {
            Value::Array(nodes) => !nodes.is_empty(),
            _ => !value.is_null() && code(value).is_none(),
        },
        Null => value.is_null(),
        Empty => value["nodes"] == json!([]),
        Refused(expected) => code(value).or_else(|| code(&value["results"][0])).as_deref() == Some(*expected),
    }
}

both_databases!(
    each_operation_answers_each_holder_as_the_policy_says,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let targets = targets(server).await;
        let mut wrong = Vec::new();
        for guard in GUARDS {
            for (user, how) in guard.cases {
                let client = if *user == "nobody" {
                    Client::new(server.url())
                } else {
                    server.client(user)
                };
                let answer = client.graphql(guard.document, targets.clone()).await;
                if answer.get("errors").is_some() || !as_told(&answer["data"][guard.field], how) {
                    wrong.push(format!("{} as {user}: {answer}", guard.field));
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
        for guard in GUARDS.iter().filter(|guard| !OPEN.contains(&guard.field)) {
            let code = nobody.error_code(guard.document, targets.clone()).await;
            assert_eq!(code, "UNAUTHENTICATED", "{}", guard.field);
        }
    }
);

/// The fields of the root types in the committed schema.
fn operations() -> BTreeSet<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.graphql");
    let schema = std::fs::read_to_string(path).expect("the committed schema");
    let (mut found, mut root, mut text) = (BTreeSet::new(), false, false);
    for line in schema.lines() {
        if line.trim() == "\"\"\"" {
            text = !text;
        }
        if line == "}" {
            root = false;
        }
        if line.starts_with("type ") {
            root = ["type Query {", "type Mutation {", "type Subscription {"].contains(&line);
        }
        // A field stands one tab deep, its arguments two.
        let field = line
            .strip_prefix('\t')
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()));
        if let Some(field) = field.filter(|_| root && !text) {
            let name = field.split(['(', ':']).next().unwrap_or_default();
            found.insert(name.to_owned());
        }
    }
    found
}

#[test]
fn every_operation_has_an_authorization_case() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/uncovered-operations.txt");
    let golden = std::fs::read_to_string(path).expect("the golden list");
    let excused: BTreeSet<String> = golden
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect();
    let operations = operations();
    assert!(operations.len() > 30, "the schema was not read: {operations:?}");
    let covered: BTreeSet<String> = GUARDS.iter().map(|guard| guard.field.to_owned()).collect();
    let uncovered: BTreeSet<&String> = operations.difference(&covered).collect();
    let new: Vec<_> = uncovered.iter().filter(|name| !excused.contains(**name)).collect();
    assert!(new.is_empty(), "operations without a line in GUARDS: {new:?}");
    let done: Vec<_> = excused.iter().filter(|name| !uncovered.contains(name)).collect();
    assert!(done.is_empty(), "take these out of uncovered-operations.txt: {done:?}");
    let gone: Vec<_> = covered.difference(&operations).collect();
    assert!(gone.is_empty(), "guards of operations that are gone: {gone:?}");
}
