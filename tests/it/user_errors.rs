//! What a refusal tells: code, message, the path down to the list element, parameters, and the clause behind it.

mod twice;

use chrono::Duration;
use serde_json::{Value, json};
use tests::{Client, Server, both_databases, today};

use crate::activities::{RECORD, SCHEDULE, act, active, days, done, held, house, key, me, now};

const ERRORS: &str = "userErrors { code message path params basis { rulebook entry clause heading text } }";

/// A mutation that asks for nothing but what went wrong.
fn mutation(name: &str) -> String {
    let mut input = name.to_owned();
    if let Some(first) = input.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    format!("mutation($input: {input}Input!) {{ {name}(input: $input) {{ cursor {ERRORS} }} }}")
}

/// The only error of a refused write.
async fn refused(client: &Client, name: &str, mut input: Value) -> Value {
    input["idempotencyKey"] = json!(key(name));
    let payload = client.data(&mutation(name), json!({"input": input})).await[name].clone();
    assert_eq!(payload["cursor"], Value::Null, "{name} {input}: {payload:#}");
    let errors = payload["userErrors"].as_array().expect("a list");
    assert_eq!(errors.len(), 1, "{name} {input}: {payload:#}");
    errors[0].clone()
}

/// Code, path below the input, and clause; the text is there, and no placeholder of it is left unfilled.
fn told(error: &Value) -> (&str, String, Option<&str>) {
    let message = error["message"].as_str().expect("a message");
    assert!(!message.is_empty() && !message.contains(['{', '[']), "{error}");
    let basis = &error["basis"];
    if !basis.is_null() {
        for part in ["rulebook", "entry", "clause", "heading", "text"] {
            assert!(basis[part].as_str().is_some_and(|text| !text.is_empty()), "{error}");
        }
    }
    let path: Vec<&str> = error["path"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(path.first(), Some(&"input"), "{error}");
    (
        error["code"].as_str().expect("a code"),
        path.get(1..).unwrap_or_default().join("."),
        basis["clause"].as_str(),
    )
}

/// What a refused write of the branch could have touched.
async fn state(client: &Client, branch: &str) -> Value {
    let (from, to) = (today() - Duration::days(400), today() + Duration::days(400));
    let query = "query($o: ID!, $from: Date!, $to: Date!) { organization(id: $o) { version
        activities(from: $from, to: $to, last: 100) { totalCount(mode: EXACT) { value } nodes { id version } }
        obligations(first: 50) { nodes { id version } } }
        members(within: {exactly: $o}, first: 100) { nodes { id version } } }";
    client.data(query, json!({"o": branch, "from": from, "to": to})).await
}

fn unknown(prefix: &str) -> String {
    format!("{prefix}_{}", "0".repeat(26))
}

fn decision() -> Value {
    json!({"decidedOn": today() - Duration::days(1), "documentNumber": "试〔2026〕9号"})
}

both_databases!(
    g1_1a_what_is_wrong_with_a_meeting_is_told_down_to_the_element,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let client = server.client("other-county-secretary");
        let branch = server.account("other-county-secretary", "organizationId");
        let own = active(&client, &branch).await;
        let other = server.account("moved-secretary", "organizationId");
        let stranger = active(&server.client("moved-secretary"), &other).await.remove(0);
        let base = held(&branch, "BRANCH_GENERAL_MEETING", days(-6));
        let with = |field: &str, value: Value| {
            let mut input = base.clone();
            input[field] = value;
            input
        };
        let before = state(&client, &branch).await;
        for (input, expected, param) in [
            // A member of another branch among the attendance, behind one of the own.
            (
                with(
                    "exceptions",
                    json!([{"memberId": own[0], "state": "ABSENT"}, {"memberId": stranger, "state": "PRESENT"}]),
                ),
                ("NOT_EXPECTED", "exceptions.1.memberId", Some("G1.1a")),
                ("memberId", json!(stranger)),
            ),
            // A vote with more ayes than present.
            (
                with("resolutions", json!([{"title": "决议", "kind": "OTHER", "ayes": 999}])),
                ("VOTE_INVALID", "resolutions.0.ayes", Some("G1.1a")),
                ("reason", json!("MORE_VOTES_THAN_PRESENT")),
            ),
            (
                with(
                    "resolutions",
                    json!([{"title": "决议", "kind": "OTHER", "ayes": 1, "noes": -5}]),
                ),
                ("INVALID", "resolutions.0.noes", Some("G1.1a")),
                ("min", json!("0")),
            ),
            (
                with(
                    "agenda",
                    json!([{"kind": "STUDY", "title": "学习"}, {"kind": "STUDY", "title": "长".repeat(201)}]),
                ),
                ("TOO_LONG", "agenda.1.title", None),
                ("max", json!("200")),
            ),
            (
                with("organizations", json!([branch, other])),
                ("KIND_NOT_ALLOWED_HERE", "organizations", Some("G2.3b")),
                ("activityKind", json!("BRANCH_GENERAL_MEETING")),
            ),
            (
                with("startsAt", json!(now() + Duration::days(1))),
                ("DATE_IN_FUTURE", "startsAt", None),
                ("", Value::Null),
            ),
            (
                with("mode", json!("MAKE_UP_STUDY")),
                ("INVALID", "mode", None),
                ("allowed", json!("ON_SITE,ONLINE,HYBRID")),
            ),
            (
                with("unitId", json!(unknown("unt"))),
                ("NOT_FOUND", "unitId", None),
                ("", Value::Null),
            ),
        ] {
            let error = refused(&client, "recordActivity", input).await;
            assert_eq!(told(&error), (expected.0, expected.1.to_owned(), expected.2), "{error}");
            if !param.0.is_empty() {
                assert_eq!(error["params"][param.0], param.1, "{error}");
            }
        }
        assert_eq!(state(&client, &branch).await, before, "a refused write left something");
    }
);

both_databases!(
    g1_1f_a_meeting_is_recorded_once_and_the_other_one_is_named,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let client = server.client("village-secretary");
        let branch = server.account("village-secretary", "organizationId");
        let input = json!({"organizationId": branch, "kind": "PARTY_LECTURE", "startsAt": days(3)});
        let made = act(&client, SCHEDULE, "scheduleActivity", input.clone()).await;
        let id = done(&made)["activity"]["id"].clone();
        let twice = refused(&client, "scheduleActivity", input).await;
        assert_eq!(
            told(&twice),
            ("ALREADY_SCHEDULED", "startsAt".to_owned(), Some("G1.1d"))
        );
        assert_eq!(twice["params"]["activityId"], id);
        let at = days(-7);
        let made = act(&client, RECORD, "recordActivity", held(&branch, "PARTY_LECTURE", at)).await;
        let version = done(&made)["activity"]["version"].clone();
        let id = made["activity"]["id"].clone();
        let twice = refused(&client, "recordActivity", held(&branch, "PARTY_LECTURE", at)).await;
        assert_eq!(told(&twice), ("ALREADY_RECORDED", "startsAt".to_owned(), Some("G1.1d")));
        assert_eq!(twice["params"]["activityId"], id);
        let again = refused(&client, "recordActivity", json!({"activityId": id})).await;
        assert_eq!(
            told(&again),
            ("ALREADY_RECORDED", "activityId".to_owned(), Some("G1.1d"))
        );
        assert_eq!(again["params"]["state"], "HELD");
        let stale = refused(
            &client,
            "correctActivity",
            json!({"activityId": id, "expectedVersion": 99, "reason": "x"}),
        )
        .await;
        assert_eq!(told(&stale), ("CONFLICT", "expectedVersion".to_owned(), None));
        assert_eq!(stale["params"]["version"], json!(version.to_string()));
        let cancelled = refused(&client, "cancelActivity", json!({"activityId": id, "reason": "取消"})).await;
        assert_eq!(
            told(&cancelled),
            ("WRONG_STATE", "activityId".to_owned(), Some("G1.1d"))
        );
        assert_eq!(cancelled["params"]["state"], "HELD");
        assert!(
            cancelled["message"]
                .as_str()
                .is_some_and(|text| text.contains("已召开")),
            "{cancelled}"
        );
    }
);

both_databases!(
    dates_before_1921_and_in_the_future_are_told_with_the_limit,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let client = server.client("village-secretary");
        let branch = server.account("village-secretary", "organizationId");
        let before = state(&client, &branch).await;
        let person = |more: Value| {
            let mut input = json!({"branchId": branch, "name": "安试", "standing": "FULL", "joinedOn": "2010-07-01",
                "becameFullOn": "2011-07-01"});
            for (name, value) in more.as_object().expect("fields") {
                input[name] = value.clone();
            }
            input
        };
        let tomorrow = today() + Duration::days(1);
        let born = crate::roster::number("20100101", 7);
        for (more, code, path, param) in [
            (
                json!({"joinedOn": "1920-12-31"}),
                "DATE_TOO_EARLY",
                "joinedOn",
                ("min", json!("1921-01-01")),
            ),
            (
                json!({"joinedOn": tomorrow}),
                "DATE_IN_FUTURE",
                "joinedOn",
                ("max", json!(today())),
            ),
            (
                json!({"becameFullOn": "2009-01-01"}),
                "DATE_TOO_EARLY",
                "becameFullOn",
                ("min", json!("2010-07-01")),
            ),
            // Born in 2010, joined in 2010.
            (
                json!({"identityNumber": born}),
                "INVALID",
                "joinedOn",
                ("reason", json!("UNDER_AGE")),
            ),
            (
                json!({"identityNumber": crate::roster::number("18900101", 7)}),
                "DATE_TOO_EARLY",
                "identityNumber",
                ("min", json!("1921-01-01")),
            ),
            (
                json!({"identityNumber": "1"}),
                "INVALID",
                "identityNumber",
                ("reason", json!("FORM")),
            ),
            (
                json!({"name": "长".repeat(200)}),
                "TOO_LONG",
                "name",
                ("max", json!("50")),
            ),
            (json!({"name": "  "}), "REQUIRED", "name", ("", Value::Null)),
        ] {
            let error = refused(&client, "enterMember", person(more)).await;
            assert_eq!(told(&error), (code, path.to_owned(), None), "{error}");
            if !param.0.is_empty() {
                assert_eq!(error["params"][param.0], param.1, "{error}");
            }
            assert!(
                !error.to_string().contains(&born),
                "a sealed value is never repeated: {error}"
            );
        }
        assert_eq!(state(&client, &branch).await, before, "a refused write left something");
    }
);

both_databases!(
    g3_1a_what_does_not_fit_the_tree_or_the_posts_is_told_with_its_clause,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let county = server.account("county-organization", "organizationId");
        let organizer = server.client("county-organization");
        let founding = json!({"parentId": county, "name": "新设", "kind": "COUNTY_COMMITTEE", "sector": "ORGAN",
            "foundedOn": "2026-01-05", "reason": "新设", "decision": decision()});
        let kind = refused(&organizer, "createOrganization", founding.clone()).await;
        assert_eq!(told(&kind).0, "KIND_NOT_ALLOWED_HERE");
        assert_eq!(
            (&kind["path"], &kind["params"]["parentKind"]),
            (&json!(["input", "kind"]), &json!("COUNTY_COMMITTEE"))
        );
        assert!(
            kind["params"]["allowed"]
                .as_str()
                .is_some_and(|kinds| kinds.contains("TOWN_COMMITTEE")),
            "{kind}"
        );
        let mut undecided = founding.clone();
        undecided["kind"] = json!("PRIMARY_COMMITTEE");
        undecided["decision"] = Value::Null;
        let undecided = refused(&organizer, "createOrganization", undecided).await;
        assert_eq!(
            told(&undecided),
            ("COLLECTIVE_DECISION_REQUIRED", "decision".to_owned(), Some("G1.1a"))
        );
        let mut numberless = founding.clone();
        numberless["kind"] = json!("PRIMARY_COMMITTEE");
        numberless["decision"]["documentNumber"] = json!(" ");
        let numberless = refused(&organizer, "createOrganization", numberless).await;
        assert_eq!(
            told(&numberless),
            ("REQUIRED", "decision.documentNumber".to_owned(), None)
        );

        // A parent below its child.
        let town = server.account("town-secretary", "organizationId");
        let below =
            "query($o: ID!) { organization(id: $o) { version children(first: 20) { nodes { id name kind } } } }";
        let found = organizer.data(below, json!({"o": town})).await["organization"].clone();
        let child = found["children"]["nodes"][0]["id"].clone();
        let input = json!({"id": town, "expectedVersion": found["version"], "parentId": child, "reason": "调整",
            "decision": decision()});
        let moved = refused(&organizer, "moveOrganization", input).await;
        assert_eq!(
            (told(&moved).0, told(&moved).1.as_str()),
            ("PARENT_BELOW_CHILD", "parentId")
        );
        let named = &found["children"]["nodes"][0]["name"];
        assert_eq!(&moved["params"]["parent"], named, "where it may not go");

        // A second secretary.
        let branch = server.account("village-secretary", "organizationId");
        let secretary = server.client("village-secretary");
        let people = active(&secretary, &branch).await;
        let mine = me(&secretary).await;
        let other = people.iter().find(|id| json!(id) != mine).expect("another member");
        let appointed = async |client: &Client| {
            let input =
                json!({"organizationId": branch, "memberId": other, "post": "SECRETARY", "decision": decision()});
            refused(client, "appoint", input).await
        };
        let taken = appointed(&server.client("town-secretary")).await;
        assert_eq!(told(&taken), ("POST_TAKEN", "post".to_owned(), Some("G3.1a")));
        assert!(taken["params"]["appointmentId"].is_string(), "{taken}");
        // Nobody but the level directly above confirms a secretary.
        for client in [server.client("general-branch-secretary"), organizer, secretary] {
            let error = appointed(&client).await;
            assert_eq!(told(&error), ("FORBIDDEN", "organizationId".to_owned(), Some("G3.1a")));
        }
    }
);

both_databases!(
    g2_2a_a_missing_right_is_named_with_who_has_it,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let (secretary, clerk) = (server.client("branch-secretary"), server.client("branch-clerk"));
        let member = server.client("group-leader");
        let input = json!({"organizationId": branch, "kind": "BRANCH_GENERAL_MEETING", "startsAt": days(4)});
        let made = act(&secretary, SCHEDULE, "scheduleActivity", input).await;
        let activity = done(&made)["activity"]["id"].clone();
        let ask = "mutation($input: AskLeaveInput!) { askLeave(input: $input) { leave { id } userErrors { code } } }";
        let input = json!({"activityId": activity, "category": "CARE"});
        act(&member, ask, "askLeave", input.clone()).await;
        // Asked twice.
        let twice = refused(&member, "askLeave", input).await;
        assert_eq!(
            (told(&twice).1.as_str(), told(&twice).2),
            ("activityId", Some("G2.5a")),
            "{twice}"
        );
        assert!(twice["params"]["state"].is_string(), "{twice}");
        // A clerk deciding: not even their own.
        let office = server.account("branch-clerk", "organizationId");
        let input = json!({"organizationId": office, "kind": "BRANCH_GENERAL_MEETING", "startsAt": days(4)});
        let called = act(&clerk, SCHEDULE, "scheduleActivity", input).await;
        let input = json!({"activityId": done(&called)["activity"]["id"], "category": "WORK"});
        let leave = act(&clerk, ask, "askLeave", input).await["leave"]["id"].clone();
        let decided = refused(&clerk, "decideLeave", json!({"leaveId": leave, "accept": true})).await;
        assert_eq!(told(&decided), ("FORBIDDEN", "leaveId".to_owned(), Some("G3.1a")));
        assert_eq!(decided["params"]["right"], "ATTENDANCE:A_LEAVE");
        assert_eq!(decided["params"]["reason"], "CLERK_DECIDES");
        assert!(
            decided["params"]["holders"]
                .as_str()
                .is_some_and(|holders| holders.contains("OFFICERS")),
            "{decided}"
        );
        let english = clerk.with_header("accept-language", "en");
        let decided = refused(&english, "decideLeave", json!({"leaveId": leave, "accept": true})).await;
        assert!(
            decided["message"]
                .as_str()
                .is_some_and(|text| text.contains("decide leave")),
            "{decided}"
        );
        // One's own case.
        let input = json!({"activityId": activity, "category": "WORK"});
        let own = act(&secretary, ask, "askLeave", input).await["leave"]["id"].clone();
        let decided = refused(&secretary, "decideLeave", json!({"leaveId": own, "accept": true})).await;
        assert_eq!(
            told(&decided),
            ("OWN_MATTER", "leaveId".to_owned(), Some("G2.4e")),
            "{decided}"
        );
        // What may be done is told the same way before it is tried.
        let may = "query($id: ID!) { node(id: $id) { ... on Activity { viewerCan(actions: [CORRECT]) { allowed
            reasons { code message params basis { clause } } } } } }";
        let reasons = secretary.data(may, json!({"id": activity})).await["node"]["viewerCan"][0].clone();
        assert_eq!(reasons["allowed"], false, "{reasons}");
        assert_eq!(reasons["reasons"][0]["params"]["state"], "SCHEDULED", "{reasons}");
        assert_eq!(reasons["reasons"][0]["basis"]["clause"], "G1.1a", "{reasons}");
    }
);

both_databases!(
    what_does_not_exist_is_told_at_its_element,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let client = server.client("village-secretary");
        let none = unknown("inb");
        let lines = refused(&client, "acknowledgeInboxItems", json!({"itemIds": [none]})).await;
        assert_eq!(told(&lines), ("NOT_FOUND", "itemIds.0".to_owned(), None));
        let nothing = refused(&client, "acknowledgeInboxItems", json!({"itemIds": []})).await;
        assert_eq!(told(&nothing), ("REQUIRED", "itemIds".to_owned(), None));
        let many: Vec<String> = (0..101).map(|number| format!("inb_{number:026}")).collect();
        let many = refused(&client, "acknowledgeInboxItems", json!({"itemIds": many})).await;
        assert_eq!(told(&many), ("TOO_MANY", "itemIds".to_owned(), None));
        assert_eq!(many["params"]["max"], "100");
        let ack = "mutation($input: AcknowledgeAlertsInput!) { acknowledgeAlerts(input: $input) {
            results { userErrors { code path } } userErrors { code } } }";
        let input = json!({"input": {"alertIds": [unknown("alr")], "idempotencyKey": key("ack")}});
        let answer = client.data(ack, input).await["acknowledgeAlerts"].clone();
        assert_eq!(
            answer["results"][0]["userErrors"],
            json!([{"code": "NOT_FOUND", "path": ["input", "alertIds", "0"]}])
        );
    }
);
