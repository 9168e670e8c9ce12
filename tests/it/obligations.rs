//! Who owes what, how it stands on a day, and what corrections leave behind.

use serde_json::{Value, json};
use tests::{City, Client, Server, both_databases};

const FINDINGS: &str = "query($o: ID!, $after: String) { findings(within: {subtreeOf: $o}, first: 100, after: $after) { nodes {
    kind count since text organization { id kind } addressee { id } basis { clause heading } } pageInfo { hasNextPage endCursor } } }";
const RESPONSIBLE: &str = "query($o: ID!) { organization(id: $o) { secretary { id } organizationalLifeLastOnAgenda
    responsible { first { id } firstAt { id } direct { id } } } }";
const ON: &str =
    "query($o: ID!, $on: Date) { obligations(within: {exactly: $o}, on: $on, first: 100) { nodes { id status closed
    recordedLate revision rule { key modality } period { kind start } dueOn suggestedAction evidence { count missing }
    basis { clause } revisions { number status count rulebook path at } } } }";
const RECORD: &str = "mutation($input: RecordActivityInput!) { recordActivity(input: $input) {
    activity { id version status } userErrors { code path } } }";

async fn on(client: &Client, org: &str, day: Option<&str>) -> Vec<Value> {
    let body = client.data(ON, json!({"o": org, "on": day})).await;
    body["obligations"]["nodes"].as_array().expect("nodes").clone()
}

fn find<'a>(all: &'a [Value], rule: &str, start: &str) -> &'a Value {
    let found = all
        .iter()
        .find(|one| one["rule"]["key"] == rule && one["period"]["start"] == start);
    found.unwrap_or_else(|| panic!("no {rule} from {start} in {all:?}"))
}

async fn record(server: &Server, user: &str, key: &str, kind: &str, at: &str, minutes: bool) -> Value {
    let org = server.account(user, "organizationId");
    let mut input = json!({"idempotencyKey": key, "organizationId": org, "kind": kind, "startsAt": at, "title": "补录",
        "agenda": [{"kind": "STUDY", "title": "学习"}]});
    if minutes {
        input["minutes"] = json!("会议记录。");
    }
    server.client(user).data(RECORD, json!({"input": input})).await["recordActivity"].clone()
}

both_databases!(
    g3_1a_findings_name_the_org_who_has_to_act_and_the_clause,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let county = server.account("county-secretary", "organizationId");
        let client = server.client("county-organization");
        let body = client.data(FINDINGS, json!({"o": county})).await;
        let all = body["findings"]["nodes"].as_array().expect("nodes").clone();
        let on_superior = |one: &Value| one["kind"] == "SECRETARY_VACANT" || one["kind"] == "TOO_FEW_FULL_MEMBERS";
        assert!(
            all.iter().any(on_superior) && !all.iter().all(on_superior),
            "the demo city has a vacancy and ended terms: {all:?}"
        );
        for one in &all {
            assert!(one["basis"]["clause"].is_string() && one["text"] != "", "{one}");
            let on_superior = on_superior(one);
            assert_eq!(
                one["addressee"]["id"] != one["organization"]["id"],
                on_superior,
                "{one}"
            );
        }
        // Page by page the same list.
        let query = FINDINGS.replace("first: 100", "first: 2");
        let (mut paged, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = client.data(&query, json!({"o": county, "after": after})).await["findings"].clone();
            paged.extend(page["nodes"].as_array().expect("nodes").clone());
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(paged[..all.len().min(100)], all[..]);
        // Who may not see the obligations sees no findings.
        for stranger in ["other-county", "administrator", "member"] {
            let hidden = server.client(stranger).data(FINDINGS, json!({"o": county})).await["findings"].clone();
            assert_eq!(hidden["nodes"], json!([]), "{stranger}");
        }
    }
);

both_databases!(
    g3_1a_first_and_directly_responsible_persons_follow_from_posts_and_portfolios,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let client = server.client("county-organization");
        let branch = server.account("branch-secretary", "organizationId");
        let own = client.data(RESPONSIBLE, json!({"o": branch})).await["organization"].clone();
        assert!(own["secretary"]["id"].is_string());
        assert_eq!(own["responsible"]["first"]["id"], own["secretary"]["id"]);
        assert_eq!(own["responsible"]["firstAt"]["id"], branch.as_str());
        // A vacant post passes it up.
        let vacant = "query($o: ID!) { findings(within: {subtreeOf: $o}, kinds: [SECRETARY_VACANT], first: 1) { nodes {
            organization { id secretary { id } responsible { first { id } firstAt { id } } } } } }";
        let city = server.account("city-secretary", "organizationId");
        let body = server
            .client("city-organization")
            .data(vacant, json!({"o": city}))
            .await;
        let org = body["findings"]["nodes"][0]["organization"].clone();
        assert_eq!(org["secretary"], Value::Null, "{body}");
        assert!(org["responsible"]["first"]["id"].is_string(), "{org}");
    }
);

both_databases!(
    g1_1f_filing_after_the_close_is_a_revision_and_as_of_shows_the_day,
    |database: tests::TestDatabase| async move {
        let city = City::on(&database);
        drop(city.at("2026-03-01T04:00:00Z").await);
        // Nobody recorded anything since: the committee's March is missed and closes on 8 April.
        let server = city.at("2026-04-08T04:00:00Z").await;
        let user = "branch-secretary";
        let org = server.account(user, "organizationId");
        let client = server.client(user);
        let mut closed = false;
        for _ in 0..600 {
            let march = on(&client, &org, Some("2026-03-28")).await;
            closed = find(&march, "committee-meeting", "2026-03-01")["closed"] == true;
            if closed {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        assert!(closed, "the tick has not closed the committee's March");
        // What is open is judged with the day as today.
        let at = async |day: &str| on(&client, &org, Some(day)).await;
        for (day, status) in [
            ("2026-03-05", "OPEN"),
            ("2026-04-29", "DUE_SOON"),
            ("2026-05-01", "OVERDUE"),
        ] {
            assert_eq!(
                find(&at(day).await, "lecture", "2026-03-01")["status"],
                status,
                "on {day}"
            );
        }
        // What is closed is frozen.
        let before = find(&at("2026-03-28").await, "committee-meeting", "2026-03-01").clone();
        assert_eq!(
            (&before["status"], &before["closed"]),
            (&json!("MISSED"), &json!(true)),
            "{before}"
        );
        let first = before["revisions"].as_array().expect("revisions").clone();
        assert_eq!((first.len(), &first[0]["status"]), (1, &json!("MISSED")), "{before}");
        let done = record(
            &server,
            user,
            "late",
            "BRANCH_COMMITTEE_MEETING",
            "2026-03-20T02:00:00Z",
            true,
        )
        .await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        let now = find(&at("2026-03-28").await, "committee-meeting", "2026-03-01").clone();
        assert_eq!(
            (&now["status"], &now["recordedLate"], &now["id"]),
            (&json!("MET"), &json!(true), &before["id"])
        );
        let revisions = now["revisions"].as_array().expect("revisions").clone();
        assert_eq!(
            (revisions.len(), &revisions[0], &revisions[1]["status"]),
            (2, &first[0], &json!("MET")),
            "{now}"
        );
        assert_eq!(revisions[1]["rulebook"], first[0]["rulebook"]);
        drop(server);
        assert_eq!(
            city.rejudged("2026-04-08T05:00:00Z"),
            "0 obligations stood otherwise, 0 measures, 0 figures were wrong"
        );
    }
);

both_databases!(
    g1_1a_b_d_a_branch_owes_what_the_guideline_says_with_clause_and_next_step,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let org = server.account("branch-secretary", "organizationId");
        let all = on(&server.client("branch-secretary"), &org, None).await;
        for (rule, clause, kind, modality) in [
            ("general-meeting", "G1.1a", "QUARTER", "MUST"),
            ("committee-meeting", "G1.1b", "MONTH", "MUST"),
            ("lecture", "G1.1d", "TWO_MONTHS", "NORMALLY"),
        ] {
            let one = all
                .iter()
                .find(|one| one["rule"]["key"] == rule)
                .unwrap_or_else(|| panic!("{rule} is owed"));
            assert_eq!(
                (
                    &one["basis"]["clause"],
                    &one["period"]["kind"],
                    &one["rule"]["modality"]
                ),
                (&json!(clause), &json!(kind), &json!(modality))
            );
            let waits = one["status"] == "OPEN" || one["status"] == "DUE_SOON";
            assert_eq!(one["suggestedAction"] == "HOLD", waits, "{one}");
        }
        assert!(
            all.iter().all(|one| one["rule"]["key"] != "group-meeting"),
            "a branch owes no group meeting itself"
        );
        let group = server.account("group-leader", "organizationId");
        let own = on(&server.client("group-leader"), &group, None).await;
        let meeting = own
            .iter()
            .find(|one| one["rule"]["key"] == "group-meeting")
            .expect("a group owes its meeting");
        assert_eq!(
            (&meeting["basis"]["clause"], &meeting["period"]["kind"]),
            (&json!("G1.1c"), &json!("MONTH"))
        );
    }
);
