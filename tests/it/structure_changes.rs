//! What a change of structure rests on, reaches and leaves behind: days, decisions, posts, lines, history.

use serde_json::{Value, json};
use tests::{Client, Server, both_databases, today};

const CREATE: &str = "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) {
    organization { id version foundedOn } userErrors { code path params basis { entry } } } }";
const RENAME: &str = "mutation($input: RenameOrganizationInput!) { renameOrganization(input: $input) {
    organization { id version name } userErrors { code path params } } }";
const MOVE: &str = "mutation($input: MoveOrganizationInput!) { moveOrganization(input: $input) {
    organization { id version } userErrors { code path params } } }";
const DISSOLVE: &str = "mutation($input: DissolveOrganizationInput!) { dissolveOrganization(input: $input) {
    organization { id version dissolvedOn } userErrors { code path params } cursor } }";
const APPOINT: &str = "mutation($input: AppointInput!) { appoint(input: $input) { appointment { id version }
    userErrors { code path params } } }";
const RECORD: &str = "mutation($input: RecordActivityInput!) { recordActivity(input: $input) {
    activity { id kind status tally { expected present } } userErrors { code path params } } }";
const HISTORY: &str = "query($o: ID!, $after: String) { organization(id: $o) { id history(first: 2, after: $after) {
    nodes { changes from until reason decision { decidedOn documentNumber meeting { id } } name parent { id } hasCommittee }
    pageInfo { hasNextPage endCursor } } } }";
const LEADERS: &str =
    "query($o: ID!) { organization(id: $o) { appointments(first: 100) { nodes { id post member { id } } } } }";

fn decision(key: &str) -> Value {
    json!({"decidedOn": "2026-01-05", "documentNumber": format!("试〔2026〕{key}号")})
}

async fn act(client: &Client, document: &str, input: Value) -> Value {
    let body = client.data(document, json!({ "input": input })).await;
    let payload = body.as_object().and_then(|all| all.values().next().cloned());
    payload.unwrap_or_default()
}

fn founding(parent: &Value, kind: &str, founded_on: &str, key: &str) -> Value {
    json!({"parentId": parent, "name": format!("试设{key}"), "kind": kind, "sector": "ORGAN", "foundedOn": founded_on,
        "reason": "新设", "decision": decision(key), "idempotencyKey": key})
}

async fn found(client: &Client, parent: &Value, kind: &str, key: &str) -> Value {
    let made = act(client, CREATE, founding(parent, kind, &today().to_string(), key)).await;
    assert_eq!(made["userErrors"], json!([]), "{made}");
    made["organization"].clone()
}

fn error(payload: &Value) -> (&Value, &Value) {
    (&payload["userErrors"][0]["code"], &payload["userErrors"][0]["params"])
}

both_databases!(
    an_org_is_founded_within_the_life_of_its_parent_and_in_no_closed_period,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let branch = json!(server.account("branch-secretary", "organizationId"));
        let secretary = server.client("branch-secretary");
        let group = |on: &str, key: &str| founding(&branch, "PARTY_GROUP", on, key);
        let early = act(&secretary, CREATE, group("1930-07-01", "early")).await;
        assert_eq!(error(&early).0, "DATE_TOO_EARLY", "{early}");
        assert!(error(&early).1["min"].is_string(), "{early}");
        let closed = act(
            &secretary,
            CREATE,
            group(&(today() - chrono::Days::new(120)).to_string(), "closed"),
        )
        .await;
        assert_eq!(error(&closed).0, "PERIOD_CLOSED", "{closed}");
        assert!(closed["userErrors"][0]["basis"]["entry"].is_string(), "{closed}");
        // The day that the refusal names will do.
        let first = error(&closed).1["min"].as_str().expect("a day").to_owned();
        assert!(first <= today().to_string());
        let day_before: chrono::NaiveDate = first.parse().expect("a day");
        let last = day_before.pred_opt().expect("a day before").to_string();
        let refused = act(&secretary, CREATE, group(&last, "last")).await;
        assert_eq!(error(&refused).0, "PERIOD_CLOSED", "{refused}");
        let made = act(&secretary, CREATE, group(&first, "first")).await;
        assert_eq!(made["userErrors"], json!([]), "{made}");
        // Where nothing has closed yet, the true day of long ago will do.
        let county = json!(server.account("county-organization", "organizationId"));
        let staff = server.client("county-organization");
        let input = founding(&county, "WORKING_COMMITTEE", "2020-07-01", "long-ago");
        let old = act(&staff, CREATE, input).await;
        assert_eq!(old["userErrors"], json!([]), "{old}");
        assert_eq!(old["organization"]["foundedOn"], "2020-07-01");
        let above = found(&staff, &county, "TOWN_COMMITTEE", "new-town").await;
        let before_it = founding(
            &above["id"],
            "BRANCH",
            &(today() - chrono::Days::new(1)).to_string(),
            "older",
        );
        let older = act(&staff, CREATE, before_it).await;
        assert_eq!(error(&older).0, "DATE_TOO_EARLY", "{older}");
        assert_eq!(
            error(&older).1["min"],
            json!(today().to_string()),
            "the parent's founding: {older}"
        );
    }
);

both_databases!(
    a_dissolved_org_has_no_posts_any_more_and_nothing_waits_for_it,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let (staff, city) = (server.client("county-organization"), server.client("city-organization"));
        let county = json!(server.account("county-organization", "organizationId"));
        let town = found(&staff, &county, "TOWN_COMMITTEE", "gone-town").await;
        let vacant = "query($o: ID!) { findings(within: {exactly: $o}, first: 10) { nodes { kind } } }";
        let vacant = staff.data(vacant, json!({"o": town["id"]})).await;
        assert_eq!(vacant["findings"]["nodes"], json!([{"kind": "SECRETARY_VACANT"}]));
        // A branch of the county moves there, so that its people may hold posts there; then it moves on.
        let home = json!(server.account("branch-secretary", "organizationId"));
        let place = "query($o: ID!) { organization(id: $o) { version parent { id } }
            members(within: {exactly: $o}, first: 30) { nodes { id standing status } } }";
        let found_there = city.data(place, json!({"o": home})).await;
        let before = found_there["organization"].clone();
        let go = async |to: &Value, version: &Value, key: &str| {
            let input = json!({"id": home, "expectedVersion": version, "parentId": to, "reason": "调整", "decision": decision(key),
                "idempotencyKey": key});
            let moved = act(&city, MOVE, input).await;
            assert_eq!(moved["userErrors"], json!([]), "{moved}");
            moved["organization"]["version"].clone()
        };
        let version = go(&town["id"], &before["version"], "there").await;
        let people = found_there["members"]["nodes"].as_array().expect("members").clone();
        let fits = |one: &&Value| one["standing"] == "FULL" && one["status"] == "ACTIVE";
        let person = people.iter().rev().find(fits).expect("a full member")["id"].clone();
        let input = json!({"organizationId": town["id"], "memberId": person, "post": "SECRETARY", "decision": decision("s"),
            "idempotencyKey": "gone-secretary"});
        let head = act(&staff, APPOINT, input).await;
        assert_eq!(head["userErrors"], json!([]), "{head}");
        let dissolve = |version: i64, key: &str| json!({"id": town["id"], "expectedVersion": version, "reason": "撤销", "decision": decision(key), "idempotencyKey": key});
        let full = act(&staff, DISSOLVE, dissolve(1, "full")).await;
        assert_eq!(error(&full).0, "HAS_CHILDREN", "{full}");
        go(&before["parent"]["id"], &version, "back").await;
        let gone = act(&staff, DISSOLVE, dissolve(1, "gone")).await;
        assert_eq!(gone["userErrors"], json!([]), "{gone}");
        let held = staff.data(LEADERS, json!({"o": town["id"]})).await;
        assert_eq!(held["organization"]["appointments"]["nodes"], json!([]), "{held}");
        let post = "query($id: ID!) { node(id: $id) { ... on Appointment { until version } } }";
        let ended = staff.data(post, json!({"id": head["appointment"]["id"]})).await["node"].clone();
        assert_eq!(ended["until"], json!(today().to_string()), "{ended}");
        // A post that is gone is no vacancy, and nothing is owed any more.
        let waits = "query($o: ID!) { findings(within: {exactly: $o}, first: 10) { nodes { kind } }
            obligations(within: {exactly: $o}, first: 10) { nodes { status } } }";
        let waits = staff.data(waits, json!({"o": town["id"]})).await;
        assert_eq!(
            (&waits["findings"]["nodes"], &waits["obligations"]["nodes"]),
            (&json!([]), &json!([]))
        );
    }
);

const SCHEDULE: &str = "mutation($input: ScheduleActivityInput!) { scheduleActivity(input: $input) {
    activity { id } userErrors { code path params } } }";
const PLANNED: &str = "query($id: ID!) { activity(id: $id) { status cancelReason organizations { id } } }";

both_databases!(
    what_a_dissolved_org_had_scheduled_is_cancelled_by_the_decision_and_it_leaves_what_others_hold,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let (staff, secretary) = (server.client("county-organization"), server.client("village-secretary"));
        let village = json!(server.account("village-secretary", "organizationId"));
        let county = json!(server.account("county-organization", "organizationId"));
        let parent = "query($o: ID!) { organization(id: $o) { parent { id } } }";
        let town = found(&staff, &county, "TOWN_COMMITTEE", "off-town").await;
        let branch = found(&staff, &town["id"], "BRANCH", "off-branch").await;
        assert!(staff.data(parent, json!({"o": branch["id"]})).await["organization"]["parent"]["id"] == town["id"]);
        // One person there, who schedules, and is invited to the village's lecture.
        let ahead = |days: i64| (tests::now() + chrono::Duration::days(days)).to_rfc3339();
        let schedule = async |client: &Client, input: Value| {
            let made = act(client, SCHEDULE, input).await;
            assert_eq!(made["userErrors"], json!([]), "{made}");
            made["activity"]["id"].clone()
        };
        let lecture = json!({"organizationId": village, "kind": "PARTY_LECTURE", "startsAt": ahead(5), "organizations": [branch["id"]],
            "agenda": [{"kind": "LECTURE_SITUATION", "title": "形势"}], "idempotencyKey": "off-lecture"});
        let lecture = schedule(&secretary, lecture).await;
        let group_input = founding(&village, "PARTY_GROUP", &today().to_string(), "off-group");
        let group = act(&secretary, CREATE, group_input).await;
        assert_eq!(group["userErrors"], json!([]), "{group}");
        let group = group["organization"]["id"].clone();
        let meeting = json!({"organizationId": group, "kind": "PARTY_GROUP_MEETING", "startsAt": ahead(6),
            "agenda": [{"kind": "STUDY", "title": "学习"}], "idempotencyKey": "off-meeting"});
        let meeting = schedule(&secretary, meeting).await;
        let planned = async |id: &Value| secretary.data(PLANNED, json!({"id": id})).await["activity"].clone();
        assert_eq!(planned(&meeting).await["status"], "SCHEDULED");
        assert_eq!(
            planned(&lecture).await["organizations"],
            json!([{"id": village}, {"id": branch["id"]}])
        );

        let dissolve = |id: &Value, key: &str| {
            json!({"id": id, "expectedVersion": 1, "reason": "人员调整", "decision": decision(key),
            "idempotencyKey": key})
        };
        let gone = act(&secretary, DISSOLVE, dissolve(&group, "off-1")).await;
        assert_eq!(gone["userErrors"], json!([]), "{gone}");
        let off = planned(&meeting).await;
        assert_eq!(off["status"], "CANCELLED", "{off}");
        let reason = off["cancelReason"].as_str().expect("a reason");
        assert!(
            reason.contains("试〔2026〕off-1号") && !reason.contains("人员调整"),
            "{off}"
        );
        let gone = act(&staff, DISSOLVE, dissolve(&branch["id"], "off-2")).await;
        assert_eq!(gone["userErrors"], json!([]), "{gone}");
        let stays = planned(&lecture).await;
        assert_eq!(
            (&stays["status"], &stays["organizations"]),
            (&json!("SCHEDULED"), &json!([{"id": village}])),
            "{stays}"
        );
    }
);

both_databases!(
    an_orgs_history_tells_each_change_with_its_grounds_to_whom_they_are_for,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let staff = server.client("county-organization");
        let county = json!(server.account("county-organization", "organizationId"));
        let above = found(&staff, &county, "WORKING_COMMITTEE", "h-above").await;
        let made = found(&staff, &county, "PRIMARY_COMMITTEE", "h-made").await;
        let input = json!({"id": made["id"], "expectedVersion": 1, "name": "更名之后", "reason": "更名", "decision": decision("h-r"),
            "idempotencyKey": "h-r"});
        let renamed = act(&staff, RENAME, input).await;
        assert_eq!(renamed["userErrors"], json!([]), "{renamed}");
        let input = json!({"id": made["id"], "expectedVersion": 2, "parentId": above["id"], "reason": "隶属调整", "decision": decision("h-m"),
            "idempotencyKey": "h-m"});
        let moved = act(&server.client("city-organization"), MOVE, input).await;
        assert_eq!(moved["userErrors"], json!([]), "{moved}");
        let read = async |client: &Client| {
            let (mut all, mut after) = (Vec::new(), Value::Null);
            loop {
                let page =
                    client.data(HISTORY, json!({"o": made["id"], "after": after})).await["organization"]["history"]
                        .clone();
                all.extend(page["nodes"].as_array().expect("nodes").clone());
                if page["pageInfo"]["hasNextPage"] == false {
                    return all;
                }
                after = page["pageInfo"]["endCursor"].clone();
            }
        };
        let told = read(&staff).await;
        let changes: Vec<&Value> = told.iter().map(|one| &one["changes"]).collect();
        assert_eq!(
            changes,
            [&json!(["MOVED"]), &json!(["RENAMED"]), &json!(["FOUNDED"])],
            "{told:?}"
        );
        assert_eq!(
            (&told[0]["reason"], &told[0]["parent"]["id"]),
            (&json!("隶属调整"), &above["id"])
        );
        assert_eq!(told[0]["decision"]["documentNumber"], "试〔2026〕h-m号");
        assert_eq!(
            (&told[0]["until"], &told[1]["until"]),
            (&Value::Null, &told[1]["from"]),
            "the rename held for no day"
        );
        assert_eq!(
            (&told[2]["name"], &told[2]["parent"]["id"]),
            (&json!("试设h-made"), &county)
        );
        // Who may not read the org's trail learns what, and not why.
        let plain = read(&server.client("member")).await;
        assert_eq!(plain.len(), 3);
        for (one, known) in plain.iter().zip(&told) {
            assert_eq!((&one["changes"], &one["name"]), (&known["changes"], &known["name"]));
            assert_eq!(
                (&one["reason"], &one["decision"]),
                (&Value::Null, &Value::Null),
                "{one}"
            );
        }
    }
);

both_databases!(
    a_decision_names_a_meeting_of_the_deciding_org_held_that_day,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let secretary = server.client("branch-secretary");
        let branch = json!(server.account("branch-secretary", "organizationId"));
        let held = async |client: &Client, org: &Value, kind: &str, at: &str, key: &str| {
            let input = json!({"organizationId": org, "kind": kind, "startsAt": at, "minutes": "会议记录。", "exceptions": [],
                "idempotencyKey": key});
            let made = act(client, RECORD, input).await;
            assert_eq!(made["userErrors"], json!([]), "{made}");
            made["activity"]["id"].clone()
        };
        let own = held(
            &secretary,
            &branch,
            "BRANCH_COMMITTEE_MEETING",
            "2026-02-03T02:00:00Z",
            "d-own",
        )
        .await;
        let lecture = held(
            &secretary,
            &branch,
            "PARTY_LECTURE",
            "2026-02-04T02:00:00Z",
            "d-lecture",
        )
        .await;
        let village = json!(server.account("village-secretary", "organizationId"));
        let other = held(
            &server.client("village-secretary"),
            &village,
            "BRANCH_GENERAL_MEETING",
            "2026-02-03T03:00:00Z",
            "d-other",
        )
        .await;
        let group = |on: &str, meeting: &Value, key: &str| {
            let mut input = founding(&branch, "PARTY_GROUP", &today().to_string(), key);
            input["decision"] = json!({"decidedOn": on, "documentNumber": "支委纪要3号", "meetingId": meeting});
            input
        };
        for (on, meeting, code, field) in [
            ("2026-02-03", &other, "NOT_FOUND", "meetingId"),
            (
                "2026-02-03",
                &json!("act_00000000000000000000000000"),
                "NOT_FOUND",
                "meetingId",
            ),
            ("2026-02-04", &lecture, "KIND_NOT_ALLOWED_HERE", "meetingId"),
            ("2026-02-04", &own, "INVALID", "decidedOn"),
        ] {
            let refused = act(&secretary, CREATE, group(on, meeting, &format!("d-{code}-{on}"))).await;
            assert_eq!(error(&refused).0, code, "{refused}");
            assert_eq!(
                refused["userErrors"][0]["path"],
                json!(["input", "decision", field]),
                "{refused}"
            );
        }
        let made = act(&secretary, CREATE, group("2026-02-03", &own, "d-made")).await;
        assert_eq!(made["userErrors"], json!([]), "{made}");
        let told = secretary.data(HISTORY, json!({"o": made["organization"]["id"]})).await;
        assert_eq!(
            told["organization"]["history"]["nodes"][0]["decision"]["meeting"]["id"], own,
            "{told}"
        );
        let trail = "query($o: ID!) { organization(id: $o) { auditTrail(first: 10) { nodes { action purpose } } } }";
        let lines = secretary.data(trail, json!({"o": made["organization"]["id"]})).await;
        let purpose = &lines["organization"]["auditTrail"]["nodes"][0]["purpose"];
        assert_eq!(
            purpose,
            &json!(format!("2026-02-03 支委纪要3号 {}", own.as_str().expect("an id"))),
            "{lines}"
        );
    }
);

both_databases!(
    g3_1a_a_committee_holds_its_own_meeting_and_party_building_was_last_on_its_agenda_that_day,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let secretary = server.client("town-secretary");
        let town = json!(server.account("town-secretary", "organizationId"));
        let last = "query($o: ID!) { organization(id: $o) { organizationalLifeLastOnAgenda } }";
        let asked = async |client: &Client| {
            client.data(last, json!({"o": town})).await["organization"]["organizationalLifeLastOnAgenda"].clone()
        };
        let at = today().pred_opt().expect("yesterday");
        let input = json!({"organizationId": town, "kind": "COMMITTEE_MEETING", "startsAt": format!("{at}T02:00:00Z"),
            "agenda": [{"kind": "ORGANIZATIONAL_LIFE", "title": "研究基层组织生活"}], "exceptions": [],
            "minutes": "镇党委会议记录。", "resolutions": [{"title": "下半年检查安排", "kind": "OTHER", "ayes": 2}],
            "idempotencyKey": "c-held"});
        let held = act(&secretary, RECORD, input.clone()).await;
        assert_eq!(held["userErrors"], json!([]), "{held}");
        let leaders =
            secretary.data(LEADERS, json!({"o": town})).await["organization"]["appointments"]["nodes"].clone();
        let team = leaders
            .as_array()
            .expect("posts")
            .iter()
            .filter(|post| post["post"] != "COMMITTEE_OFFICE_CLERK")
            .count();
        assert_eq!(
            held["activity"]["tally"]["expected"],
            json!(team),
            "its team is expected: {leaders}"
        );
        assert_eq!(asked(&secretary).await, json!(at.to_string()));
        assert_eq!(
            asked(&server.client("county-secretary")).await,
            json!(at.to_string()),
            "the level above sees it"
        );
        // Minutes are for who took part.
        let minutes = "query($id: ID!) { activity(id: $id) { id minutes { text } resolutions { id } } }";
        let id = json!({"id": held["activity"]["id"]});
        assert_eq!(
            secretary.data(minutes, id.clone()).await["activity"]["minutes"]["text"],
            "镇党委会议记录。"
        );
        let seen = server.client("town-clerk").data(minutes, id).await["activity"]["minutes"].take();
        assert!(!seen.is_object(), "{seen}");
        // A branch holds its own kind, and a committee not the branch's.
        let branch = json!(server.account("branch-secretary", "organizationId"));
        for (client, org, kind) in [
            (&server.client("branch-secretary"), &branch, "COMMITTEE_MEETING"),
            (&secretary, &town, "BRANCH_COMMITTEE_MEETING"),
        ] {
            let mut wrong = input.clone();
            wrong["organizationId"] = org.clone();
            wrong["kind"] = json!(kind);
            wrong["idempotencyKey"] = json!(format!("c-{kind}"));
            let refused = act(client, RECORD, wrong).await;
            assert_eq!(error(&refused).0, "KIND_NOT_ALLOWED_HERE", "{refused}");
        }
    }
);
