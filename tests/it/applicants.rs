//! Applicants: entered, led forward, seen by whom it concerns.

use serde_json::{Value, json};
use tests::{Client, Server, both_databases};

pub const ENTER: &str = "mutation($input: EnterApplicantInput!) { enterApplicant(input: $input) {
    applicant { id version stage branch { id } } userErrors { code path } replayed } }";
pub const RECORD: &str = "mutation($input: RecordApplicantInput!) { recordApplicant(input: $input) {
    applicant { id version stage activistOn prospectOn withdrawnOn } userErrors { code path params } } }";
const COUNT: &str = "query($o: ID!) { organization(id: $o) { headcount { applicants activists }
    applicants(first: 100) { nodes { id stage } } } }";

pub async fn enter(client: &Client, branch: &str, applied_on: &str, key: &str) -> Value {
    let input = json!({"branchId": branch, "name": "新申请人", "appliedOn": applied_on, "idempotencyKey": key});
    client.data(ENTER, json!({"input": input})).await["enterApplicant"].take()
}

pub async fn record(client: &Client, applicant: &Value, stage: &str, on: &str) -> Value {
    let input = json!({"applicantId": applicant["id"], "expectedVersion": applicant["version"], "stage": stage, "on": on,
        "idempotencyKey": format!("{stage}-{on}-{}", applicant["id"])});
    client.data(RECORD, json!({"input": input})).await["recordApplicant"].take()
}

async fn counted(client: &Client, org: &str) -> (i64, i64, usize, usize) {
    let found = client.data(COUNT, json!({"o": org})).await["organization"].take();
    let figure = |name: &str| found["headcount"][name].as_i64().expect("a figure");
    let nodes = found["applicants"]["nodes"].as_array().expect("nodes");
    let early = nodes.iter().filter(|node| node["stage"] == "APPLICANT").count();
    (figure("applicants"), figure("activists"), early, nodes.len() - early)
}

both_databases!(
    an_applicant_goes_forward_step_by_step_and_the_figures_follow,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let client = server.client("moved-secretary");
        let branch = server.account("moved-secretary", "organizationId");
        let (applicants, activists, ..) = counted(&client, &branch).await;
        let entered = enter(&client, &branch, "2024-01-10", "apply-1").await;
        assert_eq!(entered["userErrors"], json!([]), "{entered}");
        let again = enter(&client, &branch, "2024-01-10", "apply-1").await;
        assert_eq!(
            (&again["applicant"]["id"], &again["replayed"]),
            (&entered["applicant"]["id"], &json!(true))
        );
        let skipped = record(&client, &entered["applicant"], "PROSPECT", "2024-05-01").await;
        assert_eq!(skipped["userErrors"][0]["code"], "WRONG_STATE", "{skipped}");
        let early = record(&client, &entered["applicant"], "ACTIVIST", "2024-01-09").await;
        assert_eq!(early["userErrors"][0]["code"], "DATE_TOO_EARLY", "{early}");
        let future = record(&client, &entered["applicant"], "ACTIVIST", "2099-01-01").await;
        assert_eq!(future["userErrors"][0]["code"], "DATE_IN_FUTURE", "{future}");
        let stepped = record(&client, &entered["applicant"], "ACTIVIST", "2024-05-01").await;
        assert_eq!(stepped["applicant"]["activistOn"], "2024-05-01", "{stepped}");
        let stale = record(&client, &entered["applicant"], "PROSPECT", "2024-09-01").await;
        assert_eq!(stale["userErrors"][0]["code"], "CONFLICT", "{stale}");
        assert_eq!(
            stale["applicant"]["version"], 2,
            "a conflict shows what stands there now"
        );
        let now = counted(&client, &branch).await;
        assert_eq!((now.0, now.1), (applicants, activists + 1));
        assert_eq!((now.0, now.1), (now.2 as i64, now.3 as i64), "figures equal a count");
        let input = json!({"applicantId": entered["applicant"]["id"], "expectedVersion": 2, "withdrawn": true, "on": "2024-10-01",
            "reason": "本人申请", "idempotencyKey": "withdraw-1"});
        let gone = client.data(RECORD, json!({"input": input})).await["recordApplicant"].take();
        assert_eq!(gone["applicant"]["withdrawnOn"], "2024-10-01", "{gone}");
        let now = counted(&client, &branch).await;
        assert_eq!((now.0, now.1, now.3 as i64), (applicants, activists, activists));
    }
);

both_databases!(
    an_applicant_is_entered_at_a_branch_by_the_branch,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let branch = server.account("moved-secretary", "organizationId");
        let town = server.account("town-secretary", "organizationId");
        let at_town = enter(&server.client("town-secretary"), &town, "2024-01-10", "k").await;
        assert_eq!(at_town["userErrors"][0]["code"], "KIND_NOT_ALLOWED_HERE", "{at_town}");
        let ancient = enter(&server.client("moved-secretary"), &branch, "1920-12-31", "k").await;
        assert_eq!(ancient["userErrors"][0]["code"], "DATE_TOO_EARLY", "{ancient}");
        for user in ["member", "other-county-secretary", "county-discipline", "administrator"] {
            let refused = enter(&server.client(user), &branch, "2024-01-10", "k").await;
            assert_eq!(refused["userErrors"][0]["code"], "FORBIDDEN", "{user}: {refused}");
            assert_eq!(refused["applicant"], Value::Null);
        }
    }
);

both_databases!(
    an_activist_sees_the_lectures_invited_to_and_their_own_data,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let client = server.client("activist");
        let branch = server.account("activist", "organizationId");
        let accounts = server.accounts();
        let of_branch = |one: &&Value| {
            one["organizationId"] == json!(branch)
                && one["role"].as_str().is_some_and(|role| role.contains("secretary"))
        };
        let secretary = accounts.as_array().and_then(|all| all.iter().find(of_branch));
        let secretary = secretary.and_then(|one| one["username"].as_str());
        let secretary = server.client(secretary.expect("the activist's branch has a secretary with an account"));
        let mut lectures = Vec::new();
        for (key, days, invite) in [("l1", 61, true), ("l2", 62, false)] {
            let starts_at = tests::now() + chrono::Duration::days(days);
            let input = json!({"organizationId": branch, "kind": "PARTY_LECTURE", "startsAt": starts_at,
                "inviteActivists": invite, "agenda": [{"kind": "LECTURE_BASICS", "title": "党章"}], "idempotencyKey": format!("activist-{key}")});
            let schedule = "mutation($input: ScheduleActivityInput!) { scheduleActivity(input: $input) { activity { id } userErrors { code path } } }";
            let made = secretary.data(schedule, json!({"input": input})).await["scheduleActivity"].take();
            assert_eq!(made["userErrors"], json!([]), "{made}");
            lectures.push(made["activity"]["id"].clone());
        }
        let query = "query($o: ID!) { viewer { member { id } applicant { id name stage branch { id } } upcoming(first: 20) { nodes { id kind } } }
            organization(id: $o) { name activities(from: \"2020-01-01\", to: \"2099-01-01\", last: 20) { nodes { id kind } } }
            members(within: {subtreeOf: $o}, first: 5) { nodes { id } }
            applicants(within: {subtreeOf: $o}, first: 5) { nodes { id } } }";
        let seen = client.data(query, json!({"o": branch})).await;
        assert!(seen["viewer"]["applicant"]["name"].is_string(), "{seen}");
        assert_eq!(seen["viewer"]["applicant"]["branch"]["id"], json!(branch));
        assert_eq!(seen["viewer"]["member"], Value::Null);
        let shown = |list: &Value, id: &Value| {
            list["nodes"]
                .as_array()
                .expect("nodes")
                .iter()
                .any(|one| one["id"] == *id)
        };
        for list in [&seen["viewer"]["upcoming"], &seen["organization"]["activities"]] {
            assert!(shown(list, &lectures[0]), "invited and not shown: {list}");
            assert!(!shown(list, &lectures[1]), "shown and not invited: {list}");
            for activity in list["nodes"].as_array().expect("nodes") {
                assert_eq!(activity["kind"], "PARTY_LECTURE", "{activity}");
            }
        }
        assert_eq!(seen["members"]["nodes"], json!([]));
        assert_eq!(
            seen["applicants"]["nodes"],
            json!([{"id": seen["viewer"]["applicant"]["id"]}])
        );
        let elsewhere = server.account("county-secretary", "organizationId");
        let hidden = client
            .data(
                "query($o: ID!) { organization(id: $o) { name } }",
                json!({"o": elsewhere}),
            )
            .await;
        assert_eq!(hidden["organization"], Value::Null);
    }
);
