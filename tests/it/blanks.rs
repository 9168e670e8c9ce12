//! A text that must be given says something: blanks alone are refused, in every input of the schema.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{Server, TestDatabase, both_databases, today};

use crate::activities::{days, key};

/// Required strings that are no texts: names of accounts, secrets, codes, ids, addresses, whole documents.
const NO_TEXTS: [&str; 17] = [
    "AskIdentityChangeInput.value",
    "AssignRulebookInput.rulebookKey",
    "ChangePasswordInput.currentPassword",
    "ChangePasswordInput.newPassword",
    "CheckInInput.code",
    "CreateServiceAccountInput.username",
    "CreateWebhookInput.url",
    "LoadRulebookInput.text",
    "OpenAccountInput.username",
    "RefreshInput.refreshToken",
    "SetLanguageInput.language",
    "SetPasswordInput.newPassword",
    "SetPasswordInput.token",
    "SignInInput.password",
    "SignInInput.username",
    "SignInServiceInput.clientSecret",
    "SignOutInput.refreshToken",
];
/// Texts that are tried where their objects are made.
const ELSEWHERE: [&str; 8] = [
    // external_ids.rs
    "AssignExternalIdInput.system",
    "AssignExternalIdInput.value",
    "EndExternalIdInput.system",
    "EndExternalIdInput.value",
    "ExternalIdInput.system",
    "ExternalIdInput.value",
    // identity_changes.rs, transfers.rs
    "RejectIdentityChangeInput.reason",
    "RejectTransferInput.reason",
];
/// Of files that are imported: imports/.
const OF_IMPORTS: [&str; 2] = ["ImportColumnInput.header", "ImportDecisionInput.documentNumber"];

/// The required strings of all inputs, as `Input.field`.
fn required() -> BTreeSet<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.graphql");
    let schema = std::fs::read_to_string(path).expect("the committed schema");
    let (mut found, mut input) = (BTreeSet::new(), None);
    for line in schema.lines() {
        if let Some(name) = line.strip_prefix("input ") {
            input = name.split(' ').next();
        } else if line == "}" {
            input = None;
        } else if let (Some(input), Some(field)) = (input, line.trim().strip_suffix(": String!"))
            && field != "idempotencyKey"
        {
            found.insert(format!("{input}.{field}"));
        }
    }
    found
}

fn decision(number: &str) -> Value {
    json!({"decidedOn": "2026-01-05", "documentNumber": number})
}

/// (the text, who sends, which mutation, its input with blanks for the text, where the refusal points)
type Case = (&'static str, &'static str, &'static str, Value, &'static str);

fn cases(server: &Server, org: &Value, unit: &Value, admission: &Value) -> Vec<Case> {
    let own = |user: &str| server.account(user, "organizationId");
    let (branch, county) = (own("village-secretary"), own("county-organization"));
    let unknown = |prefix: &str| format!("{prefix}_{}", "0".repeat(26));
    let (head, above) = ("village-secretary", "county-organization");
    let blank = " \u{3000}\n\t ";
    let founding = |name: &str, reason: &str, number: &str| {
        json!({"parentId": county, "name": name, "kind": "WORKING_COMMITTEE", "sector": "ORGAN", "reason": reason,
            "decision": decision(number)})
    };
    let change = |more: Value| {
        let mut input =
            json!({"id": org["id"], "expectedVersion": org["version"], "reason": "调整", "decision": decision("试1")});
        let into = input.as_object_mut().expect("an object");
        into.extend(more.as_object().expect("an object").clone());
        input
    };
    let meeting = |more: (&str, Value)| {
        let mut input = json!({"organizationId": branch, "kind": "BRANCH_GENERAL_MEETING", "startsAt": days(-9)});
        input[more.0] = more.1;
        input
    };
    vec![
        (
            "UrgeInput.note",
            "town-secretary",
            "urge",
            json!({"alertIds": [unknown("alr")], "note": blank, "dueOn": today()}),
            "note",
        ),
        (
            "AnswerAlertInput.answer",
            head,
            "answerAlert",
            json!({"alertId": unknown("alr"), "answer": blank}),
            "answer",
        ),
        (
            "AskDeviationInput.reason",
            head,
            "askDeviation",
            json!({"obligationId": unknown("obl"), "reason": blank, "newDate": today()}),
            "reason",
        ),
        (
            "CancelActivityInput.reason",
            head,
            "cancelActivity",
            json!({"activityId": unknown("act"), "reason": blank}),
            "reason",
        ),
        (
            "DismissMeasureInput.reason",
            head,
            "dismissMeasure",
            json!({"measureId": unknown("msr"), "reason": blank}),
            "reason",
        ),
        (
            "DisputeAttendanceInput.words",
            head,
            "disputeAttendance",
            json!({"attendanceId": unknown("att"), "words": blank}),
            "words",
        ),
        (
            "OpineOnAdmissionInput.text",
            "town-secretary",
            "opineOnAdmission",
            json!({"admissionId": admission, "text": blank}),
            "text",
        ),
        (
            "EnterApplicantInput.name",
            head,
            "enterApplicant",
            json!({"branchId": branch, "name": blank, "appliedOn": "2026-01-05"}),
            "name",
        ),
        (
            "EnterMemberInput.name",
            head,
            "enterMember",
            json!({"branchId": branch, "name": blank, "standing": "PROBATIONARY", "joinedOn": "2026-03-02"}),
            "name",
        ),
        (
            "CreateActivityUnitInput.name",
            head,
            "createActivityUnit",
            json!({"organizationId": branch, "kind": "SECTION", "name": blank}),
            "name",
        ),
        (
            "RenameActivityUnitInput.name",
            head,
            "renameActivityUnit",
            json!({"unitId": unit["id"], "expectedVersion": unit["version"], "name": blank}),
            "name",
        ),
        (
            "AgendaItemInput.title",
            head,
            "recordActivity",
            meeting(("agenda", json!([{"kind": "STUDY", "title": blank}]))),
            "agenda.0.title",
        ),
        (
            "ResolutionInput.title",
            head,
            "recordActivity",
            meeting(("resolutions", json!([{"title": blank, "kind": "OTHER", "ayes": 1}]))),
            "resolutions.0.title",
        ),
        (
            "CreateOrganizationInput.name",
            above,
            "createOrganization",
            founding(blank, "新设", "试1"),
            "name",
        ),
        (
            "CreateOrganizationInput.reason",
            above,
            "createOrganization",
            founding("新设工委", blank, "试1"),
            "reason",
        ),
        (
            "CollectiveDecisionInput.documentNumber",
            above,
            "createOrganization",
            founding("新设工委", "新设", blank),
            "decision.documentNumber",
        ),
        (
            "RenameOrganizationInput.name",
            above,
            "renameOrganization",
            change(json!({"name": blank})),
            "name",
        ),
        (
            "RenameOrganizationInput.reason",
            above,
            "renameOrganization",
            change(json!({"name": "更名", "reason": blank})),
            "reason",
        ),
        (
            "MoveOrganizationInput.reason",
            "city-organization",
            "moveOrganization",
            change(json!({"parentId": own("other-county"), "reason": blank})),
            "reason",
        ),
        (
            "RecordOrganizationFactsInput.reason",
            above,
            "recordOrganizationFacts",
            change(json!({"approves": true, "reason": blank})),
            "reason",
        ),
        (
            "DissolveOrganizationInput.reason",
            above,
            "dissolveOrganization",
            change(json!({"reason": blank})),
            "reason",
        ),
    ]
}

/// An admission of the village, about which its town may give an opinion.
async fn an_admission(server: &Server) -> Value {
    let query = "query($o: ID!) { admissions(within: {exactly: $o}, first: 1) { nodes { id } } }";
    let village = json!({"o": server.account("village-secretary", "organizationId")});
    let found = server.client("town-secretary").data(query, village).await;
    found["admissions"]["nodes"][0]["id"].clone()
}

both_databases!(
    blanks_are_no_text_wherever_one_is_required,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let county = server.account("county-organization", "organizationId");
        let (above, head) = (server.client("county-organization"), server.client("village-secretary"));
        let org =
            tests::orgs::create(&above, &county, "WORKING_COMMITTEE", &key("blanks")).await["organization"].clone();
        let open =
            "mutation($input: CreateActivityUnitInput!) { createActivityUnit(input: $input) { unit { id version } } }";
        let input = json!({"organizationId": server.account("village-secretary", "organizationId"), "kind": "SECTION",
            "name": "空白科", "idempotencyKey": key("blanks")});
        let unit = head.data(open, json!({"input": input})).await["createActivityUnit"]["unit"].clone();
        let cases = cases(server, &org, &unit, &an_admission(server).await);
        let mut wrong = Vec::new();
        for (text, user, name, mut input, field) in cases.clone() {
            input["idempotencyKey"] = json!(key(name));
            let (first, rest) = name.split_at(1);
            let document = format!(
                "mutation($input: {}{rest}Input!) {{ {name}(input: $input) {{ cursor userErrors {{ code path }} }} }}",
                first.to_uppercase()
            );
            let told = server.client(user).data(&document, json!({"input": input})).await[name].clone();
            let path: Vec<&str> = std::iter::once("input").chain(field.split('.')).collect();
            if told != json!({"cursor": null, "userErrors": [{"code": "REQUIRED", "path": path}]}) {
                wrong.push(format!("{text} as {user}: {told}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let tried = cases.iter().map(|(text, ..)| *text);
        let known: BTreeSet<&str> = tried.chain(NO_TEXTS).chain(ELSEWHERE).chain(OF_IMPORTS).collect();
        let required = required();
        let untried: Vec<_> = required.iter().filter(|text| !known.contains(text.as_str())).collect();
        assert!(
            required.len() > 30 && untried.is_empty(),
            "required texts without a case: {untried:?}"
        );
    }
);
