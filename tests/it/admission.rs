//! Admission and full membership: by resolution of the branch, decided by the approver.

use serde_json::{Value, json};
use tests::{Client, Server, both_databases};

use crate::applicants::{enter, record};

const PROPOSE: &str = "mutation($input: ProposeAdmissionInput!) { proposeAdmission(input: $input) {
    admission { id version state approver { id } resolution { passed } basis { clause }
        viewerCan(actions: [DECIDE, WITHDRAW]) { action allowed } }
    userErrors { code path basis { clause } } replayed } }";
const DRAFT: &str = "mutation($input: DraftAdmissionInput!) { draftAdmission(input: $input) {
    admission { id version state } userErrors { code path } } }";
const DECIDE: &str = "mutation($input: DecideAdmissionInput!) { decideAdmission(input: $input) {
    admission { id version state member { id } decision { decidedOn documentNumber } } userErrors { code path } replayed } }";
pub const FULL: &str = "mutation($input: ProposeFullMembershipInput!) { proposeFullMembership(input: $input) {
    admission { id version state } userErrors { code path params } } }";
pub const HELD: &str = "mutation($input: RecordActivityInput!) { recordActivity(input: $input) {
    activity { resolutions { id passed } } userErrors { code path params } } }";
const COUNT: &str =
    "query($o: ID!) { organization(id: $o) { headcount { fullMembers probationaryMembers activists } } }";

pub fn decision(on: &str) -> Value {
    json!({"decidedOn": on, "documentNumber": "麦组〔2026〕7号"})
}

pub async fn prospect(client: &Client, branch: &str, key: &str) -> Value {
    let entered = enter(client, branch, "2023-01-10", key).await["applicant"].take();
    let entered = record(client, &entered, "ACTIVIST", "2023-06-01").await["applicant"].take();
    record(client, &entered, "PROSPECT", "2024-06-01").await["applicant"].take()
}

pub async fn propose(client: &Client, applicant: &Value, grounds: Value, key: &str) -> Value {
    let mut input = json!({"applicantId": applicant["id"], "idempotencyKey": key});
    for (name, value) in grounds.as_object().expect("an object") {
        input[name] = value.clone();
    }
    client.data(PROPOSE, json!({"input": input})).await["proposeAdmission"].take()
}

pub async fn decide(client: &Client, admission: &Value, more: Value, key: &str) -> Value {
    let mut input = json!({"admissionId": admission["id"], "expectedVersion": admission["version"], "approved": true,
        "idempotencyKey": key});
    for (name, value) in more.as_object().expect("an object") {
        input[name] = value.clone();
    }
    client.data(DECIDE, json!({"input": input})).await["decideAdmission"].take()
}

/// How many lines of a kind about a subject stand in somebody's inbox.
pub async fn lines(client: &Client, kind: &str, subject: &Value) -> usize {
    let query = "{ viewer { inbox(first: 100) { nodes { kind title subject { id } } } } }";
    let found = client.data(query, json!({})).await;
    let nodes = found["viewer"]["inbox"]["nodes"].as_array().expect("nodes").clone();
    nodes
        .iter()
        .filter(|line| line["kind"] == kind && line["subject"]["id"] == *subject)
        .count()
}

/// Full and probationary members and activists of an org.
async fn strength(client: &Client, org: &str) -> (i64, i64, i64) {
    let found = client.data(COUNT, json!({"o": org})).await["organization"]["headcount"].take();
    let figure = |name: &str| found[name].as_i64().expect("a figure");
    (
        figure("fullMembers"),
        figure("probationaryMembers"),
        figure("activists"),
    )
}

/// What stands against proposing a member for full membership: code and state; nothing where it may be done now.
async fn against_full(client: &Client, member: &Value) -> Option<(Value, Value)> {
    let query = "query($id: ID!) { member(by: {id: $id}) {
        viewerCan(actions: [PROPOSE_FULL_MEMBERSHIP]) { allowed reasons { code params } } } }";
    let can = client.data(query, json!({"id": member})).await["member"]["viewerCan"][0].take();
    let reason = &can["reasons"][0];
    (can["allowed"] != json!(true)).then(|| (reason["code"].clone(), reason["params"]["state"].clone()))
}

/// A day before today, in the zone of the city.
pub fn ago(days: i64) -> String {
    let then = tests::now() + chrono::Duration::hours(8) - chrono::Duration::days(days);
    then.date_naive().to_string()
}

/// A resolution of a general meeting five days ago, at the hour that is the key.
async fn resolved(client: &Client, branch: &str, (kind, ayes): (&str, i64), hour: u8) -> Value {
    let starts_at = format!("{}T{hour:02}:00:00Z", ago(5));
    let input = json!({"organizationId": branch, "kind": "BRANCH_GENERAL_MEETING", "startsAt": starts_at,
        "noticedAt": format!("{}T02:00:00Z", ago(8)), "agenda": [{"kind": "ADMISSION", "title": "发展党员"}], "minutes": "会议记录",
        "resolutions": [{"title": "接收预备党员", "kind": kind, "ayes": ayes}], "idempotencyKey": starts_at});
    let held = client.data(HELD, json!({"input": input})).await["recordActivity"].take();
    assert_eq!(held["userErrors"], json!([]), "{held}");
    held["activity"]["resolutions"][0].clone()
}

both_databases!(
    g1_1a_the_general_meeting_decides_and_the_approver_admits,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let (client, town) = (server.client("village-secretary"), server.client("town-secretary"));
        let branch = server.account("village-secretary", "organizationId");
        let (county, above) = (
            server.client("county-secretary"),
            server.account("county-secretary", "organizationId"),
        );
        let before = (strength(&client, &branch).await, strength(&county, &above).await);
        let person = prospect(&client, &branch, "p1").await;
        let bare = propose(&client, &person, json!({}), "bare").await;
        assert_eq!(bare["userErrors"][0]["code"], "COLLECTIVE_DECISION_REQUIRED", "{bare}");
        let failed = resolved(&client, &branch, ("ADMISSION", 0), 1).await;
        assert_eq!(failed["passed"], false);
        let refused = propose(&client, &person, json!({"resolutionId": failed["id"]}), "failed").await;
        assert_eq!(refused["userErrors"][0]["code"], "RESOLUTION_NOT_PASSED", "{refused}");
        assert_eq!(refused["userErrors"][0]["basis"]["clause"], "G1.1a");
        let voters = (strength(&client, &branch).await.0 + 1) / 2 + 1;
        let other = resolved(&client, &branch, ("COMMENDATION", voters), 2).await;
        let refused = propose(&client, &person, json!({"resolutionId": other["id"]}), "other").await;
        assert_eq!(refused["userErrors"][0]["code"], "RESOLUTION_NOT_FITTING", "{refused}");
        let passed = resolved(&client, &branch, ("ADMISSION", voters), 3).await;
        assert_eq!(passed["passed"], true, "{passed}");
        let proposed = propose(&client, &person, json!({"resolutionId": passed["id"]}), "good").await;
        assert_eq!(proposed["userErrors"], json!([]), "{proposed}");
        let admission = proposed["admission"].clone();
        assert_eq!(admission["state"], "PROPOSED");
        assert_eq!(
            admission["approver"]["id"],
            json!(server.account("town-secretary", "organizationId"))
        );
        assert_eq!(admission["basis"]["clause"], "G1.1a");
        assert_eq!(
            admission["viewerCan"],
            json!([{"action": "DECIDE", "allowed": false}, {"action": "WITHDRAW", "allowed": true}])
        );
        let waiting = lines(&town, "ADMISSION_TO_DECIDE", &admission["id"]).await;
        assert_eq!(waiting, 1, "one line for the head of the approver");
        let twice = propose(&client, &person, json!({"resolutionId": passed["id"]}), "twice").await;
        assert_eq!(twice["userErrors"][0]["code"], "WRONG_STATE", "{twice}");
        for (user, code) in [
            ("village-secretary", "FORBIDDEN"),
            ("town-clerk", "FORBIDDEN"),
            ("county-secretary", "NOT_FOUND"),
            ("county-organization", "FORBIDDEN"),
            ("other-county", "NOT_FOUND"),
            ("other-county-secretary", "NOT_FOUND"),
            ("member", "NOT_FOUND"),
        ] {
            let refused = decide(
                &server.client(user),
                &admission,
                json!({"decision": decision(&ago(3))}),
                user,
            )
            .await;
            assert_eq!(refused["userErrors"][0]["code"], code, "{user}: {refused}");
            assert_eq!(refused["admission"], Value::Null);
        }
        let bare = decide(&town, &admission, json!({}), "d0").await;
        assert_eq!(bare["userErrors"][0]["code"], "COLLECTIVE_DECISION_REQUIRED", "{bare}");
        let early = decide(&town, &admission, json!({"decision": decision(&ago(6))}), "d1").await;
        assert_eq!(early["userErrors"][0]["code"], "DATE_TOO_EARLY", "{early}");
        let done = decide(&town, &admission, json!({"decision": decision(&ago(3))}), "d2").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        assert_eq!(done["admission"]["state"], "APPROVED");
        assert_eq!(lines(&town, "ADMISSION_TO_DECIDE", &admission["id"]).await, 0);
        assert_eq!(lines(&client, "ADMISSION_DECIDED", &admission["id"]).await, 1);
        let again = decide(&town, &admission, json!({"decision": decision(&ago(3))}), "d2").await;
        assert_eq!(
            (&again["replayed"], &again["admission"]["state"]),
            (&json!(true), &json!("APPROVED"))
        );
        let late = decide(&town, &admission, json!({"decision": decision(&ago(3))}), "d3").await;
        assert_eq!(late["userErrors"][0]["code"], "CONFLICT", "{late}");
        assert_eq!(
            late["admission"]["state"], "APPROVED",
            "a conflict shows what stands there now"
        );
        let query = "query($id: ID!) { member(by: {id: $id}) { standing joinedOn becameFullOn branch { id } } }";
        let member = client
            .data(query, json!({"id": done["admission"]["member"]["id"]}))
            .await["member"]
            .take();
        assert_eq!(
            member,
            json!({"standing": "PROBATIONARY", "joinedOn": ago(5), "becameFullOn": null, "branch": {"id": branch}})
        );
        let probation = against_full(&client, &done["admission"]["member"]["id"]).await;
        assert_eq!(probation, Some((json!("DATE_TOO_EARLY"), Value::Null)));
        let after = (strength(&client, &branch).await, strength(&county, &above).await);
        let grown = |(full, probationary, activists): (i64, i64, i64)| (full, probationary + 1, activists);
        assert_eq!(after, (grown(before.0), grown(before.1)));
    }
);

both_databases!(
    a_probationary_member_becomes_a_full_one_after_a_year,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let (client, town) = (server.client("village-secretary"), server.client("town-secretary"));
        let branch = server.account("village-secretary", "organizationId");
        let person = prospect(&client, &branch, "f1").await;
        let early = propose(&client, &person, json!({"decision": decision("2024-05-31")}), "f2").await;
        assert_eq!(early["userErrors"][0]["code"], "DATE_TOO_EARLY", "{early}");
        let future = propose(&client, &person, json!({"decision": decision("2099-05-31")}), "f3").await;
        assert_eq!(future["userErrors"][0]["code"], "DATE_IN_FUTURE", "{future}");
        let proposed = propose(&client, &person, json!({"decision": decision("2024-10-01")}), "f4").await;
        let unexplained = json!({"approved": false, "decision": decision("2024-10-09")});
        let unexplained = decide(&town, &proposed["admission"], unexplained, "f5").await;
        assert_eq!(unexplained["userErrors"][0]["code"], "REQUIRED", "{unexplained}");
        let admitted = decide(
            &town,
            &proposed["admission"],
            json!({"decision": decision("2024-10-09")}),
            "f6",
        )
        .await;
        let member = admitted["admission"]["member"]["id"].clone();
        assert!(member.is_string(), "{admitted}");
        let full = async |on: &str, key: &str| {
            let input = json!({"memberId": member, "decision": decision(on), "idempotencyKey": key});
            client.data(FULL, json!({"input": input})).await["proposeFullMembership"].take()
        };
        assert_eq!(against_full(&client, &member).await, None);
        let early = full("2025-09-30", "f7").await;
        assert_eq!(early["userErrors"][0]["code"], "DATE_TOO_EARLY", "{early}");
        assert_eq!(early["userErrors"][0]["params"]["min"], "2025-10-01");
        let first = full("2025-10-08", "f8").await;
        let waits = Some((json!("WRONG_STATE"), json!("PROPOSED")));
        assert_eq!(against_full(&client, &member).await, waits);
        let short = json!({"approved": false, "reason": "需继续考察", "extendUntil": "2025-12-01",
            "decision": decision("2025-10-20")});
        let short = decide(&town, &first["admission"], short, "f9").await;
        assert_eq!(short["userErrors"][0]["code"], "INVALID", "{short}");
        let longer = json!({"approved": false, "reason": "需继续考察", "extendUntil": "2026-04-01",
            "decision": decision("2025-10-20")});
        let longer = decide(&town, &first["admission"], longer, "f10").await;
        assert_eq!(longer["admission"]["state"], "EXTENDED", "{longer}");
        let early = full("2026-03-31", "f11").await;
        assert_eq!(early["userErrors"][0]["params"]["min"], "2026-04-01", "{early}");
        let second = full("2026-04-07", "f12").await;
        let done = decide(
            &town,
            &second["admission"],
            json!({"decision": decision("2026-04-20")}),
            "f13",
        )
        .await;
        assert_eq!(done["admission"]["state"], "APPROVED", "{done}");
        let query = "query($id: ID!) { member(by: {id: $id}) { standing joinedOn becameFullOn } }";
        let seen = client.data(query, json!({"id": member})).await["member"].take();
        assert_eq!(
            seen,
            json!({"standing": "FULL", "joinedOn": "2024-10-01", "becameFullOn": "2026-04-01"})
        );
        let no_more = Some((json!("WRONG_STATE"), json!("FULL")));
        assert_eq!(against_full(&client, &member).await, no_more);
        let again = full("2026-04-07", "f14").await;
        assert_eq!(again["userErrors"][0]["code"], "WRONG_STATE", "{again}");
    }
);

both_databases!(
    a_clerk_drafts_and_the_branch_proposes,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let (secretary, clerk) = (server.client("branch-secretary"), server.client("group-leader"));
        let branch = server.account("branch-secretary", "organizationId");
        let appoint = "mutation($input: AppointInput!) { appoint(input: $input) { userErrors { code } } }";
        let input = json!({"organizationId": branch, "memberId": crate::activities::me(&clerk).await,
            "post": "PARTY_AFFAIRS_CLERK", "decision": decision(&ago(3)), "idempotencyKey": "c0"});
        let appointed = secretary.data(appoint, json!({"input": input})).await;
        assert_eq!(appointed["appoint"]["userErrors"], json!([]));
        let person = prospect(&clerk, &branch, "c1").await;
        let input = json!({"applicantId": person["id"], "idempotencyKey": "c2"});
        let drafted = clerk.data(DRAFT, json!({"input": input})).await["draftAdmission"].take();
        assert_eq!(drafted["admission"]["state"], "DRAFT", "{drafted}");
        let grounds = || json!({"decision": decision("2026-10-01")});
        let refused = propose(&clerk, &person, grounds(), "c3").await;
        assert_eq!(refused["userErrors"][0]["code"], "FORBIDDEN", "{refused}");
        let hidden = propose(&server.client("village-secretary"), &person, grounds(), "c4").await;
        assert_eq!(hidden["userErrors"][0]["code"], "NOT_FOUND", "{hidden}");
        let proposed = propose(&secretary, &person, grounds(), "c5").await;
        assert_eq!(proposed["userErrors"], json!([]), "{proposed}");
        assert_eq!(
            (&proposed["admission"]["id"], &proposed["admission"]["state"]),
            (&drafted["admission"]["id"], &json!("PROPOSED")),
            "the draft itself is proposed"
        );
    }
);
