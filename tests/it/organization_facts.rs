//! Facts of an org are recorded by decision, from today on, and what follows from them follows at once (spec 2).

use serde_json::{Value, json};
use tests::{Client, Server, both_databases, today};

const RECORD: &str = "mutation($input: RecordOrganizationFactsInput!) { recordOrganizationFacts(input: $input) {
    organization { id version hasCommittee approves holdsDemocraticLifeMeeting joint temporary flags sector guidedBy { id } }
    userErrors { code path params basis { clause } } cursor replayed } }";
const CREATE: &str = "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) {
    organization { id version approves holdsDemocraticLifeMeeting organs { kind name } guidedBy { id } }
    userErrors { code path basis { clause } } } }";
const RENAME: &str = "mutation($input: RenameOrganizationInput!) { renameOrganization(input: $input) {
    organization { id version organs { name } } userErrors { code } } }";
const OWED: &str = "query($o: ID!) { obligations(within: {exactly: $o}, first: 100) {
    nodes { status rule { key } period { start } } } organization(id: $o) { version hasCommittee } }";
const NOT_OWED: &str = "query($o: ID!) { obligations(within: {exactly: $o}, statuses: [NOT_OWED], first: 100) {
    nodes { rule { key } notOwedReason { code text } missing { code } } } }";
const PAST: &str = "query($o: ID!, $on: Date!) { organization(id: $o) { asOf(date: $on) {
    hasCommittee flags sector holdsDemocraticLifeMeeting guidedByOrganizationId since } } }";

fn with(mut input: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().expect("an object") {
        input[name] = value.clone();
    }
    json!({ "input": input })
}

async fn record(client: &Client, org: &Value, version: i64, facts: Value, key: &str) -> Value {
    let input = json!({"id": org, "expectedVersion": version, "reason": "按决定", "idempotencyKey": key,
        "decision": {"decidedOn": "2026-01-05", "documentNumber": "试组〔2026〕8号"}});
    client.data(RECORD, with(input, &facts)).await["recordOrganizationFacts"].clone()
}

async fn create(client: &Client, parent: &Value, kind: &str, more: Value, key: &str) -> Value {
    let input = json!({"parentId": parent, "name": format!("新设{key}"), "kind": kind, "sector": "ORGAN", "reason": "新设",
        "foundedOn": "2026-01-05", "decision": {"decidedOn": "2026-01-05", "documentNumber": "试组〔2026〕7号"},
        "idempotencyKey": key});
    client.data(CREATE, with(input, &more)).await["createOrganization"].clone()
}

/// How this month's committee meeting stands.
async fn committee_meeting(client: &Client, org: &str) -> Value {
    let found = client.data(OWED, json!({"o": org})).await;
    let month = today().format("%Y-%m-01").to_string();
    let nodes = found["obligations"]["nodes"].as_array().expect("nodes").clone();
    let own = nodes
        .into_iter()
        .find(|one| one["rule"]["key"] == "committee-meeting" && one["period"]["start"] == month.as_str());
    // What is not owed stands in no list.
    own.map_or_else(|| json!("NOT_OWED"), |own| own["status"].clone())
}

both_databases!(
    g1_1b_a_branch_owes_committee_meetings_as_long_as_it_has_a_committee_by_decision,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let org = server.account("village-secretary", "organizationId");
        let client = server.client("town-secretary");
        let before = committee_meeting(&client, &org).await;
        assert_ne!(before, "NOT_OWED");
        let without = record(
            &client,
            &json!(org),
            1,
            json!({"hasCommittee": false, "flags": ["SERVICE_WINDOW"]}),
            "c1",
        )
        .await;
        assert_eq!(without["userErrors"], json!([]), "{without}");
        assert_eq!(
            (
                &without["organization"]["hasCommittee"],
                &without["organization"]["flags"]
            ),
            (&json!(false), &json!(["SERVICE_WINDOW"]))
        );
        assert_eq!(committee_meeting(&client, &org).await, "NOT_OWED");
        // Who asks for what is not owed is told why.
        let told = client.data(NOT_OWED, json!({"o": org})).await["obligations"]["nodes"].clone();
        let told = told.as_array().expect("nodes").iter();
        let told = told.filter(|one| one["rule"]["key"] == "committee-meeting");
        let told: Vec<&Value> = told.collect();
        assert!(
            !told.is_empty() && told.iter().all(|one| one["missing"] == json!([])),
            "{told:?}"
        );
        // On the first of a month nothing had begun yet.
        let reasons = [json!("LAPSED"), json!("NO_COMMITTEE")];
        for one in told {
            assert!(reasons.contains(&one["notOwedReason"]["code"]), "{one}");
            assert!(one["notOwedReason"]["text"].is_string(), "{one}");
        }
        let again = record(
            &client,
            &json!(org),
            1,
            json!({"hasCommittee": false, "flags": ["SERVICE_WINDOW"]}),
            "c1",
        )
        .await;
        assert_eq!(
            (&again["replayed"], &again["organization"]["version"]),
            (&json!(true), &json!(2))
        );
        let stale = record(&client, &json!(org), 1, json!({"hasCommittee": true}), "c2").await;
        assert_eq!(
            (&stale["userErrors"][0]["code"], &stale["organization"]["version"]),
            (&json!("CONFLICT"), &json!(2))
        );
        // What held until yesterday stays so.
        let on = async |day: chrono::NaiveDate| {
            let variables = json!({"o": org, "on": day});
            client.data(PAST, variables).await["organization"]["asOf"].clone()
        };
        let (yesterday, now) = (on(today().pred_opt().expect("a day")).await, on(today()).await);
        assert_eq!(
            (&yesterday["hasCommittee"], &now["hasCommittee"]),
            (&json!(true), &json!(false))
        );
        assert_eq!(
            (&yesterday["flags"], &now["flags"]),
            (&json!([]), &json!(["SERVICE_WINDOW"]))
        );
        assert_eq!(now["since"], json!(today()));
        // Taken back on the same day it never held: nobody escapes a month by recording twice.
        let back = record(&client, &json!(org), 2, json!({"hasCommittee": true}), "c3").await;
        assert_eq!(back["organization"]["hasCommittee"], true, "{back}");
        assert_eq!(committee_meeting(&client, &org).await, before);
        let figures =
            "query($o: ID!) { organization(id: $o) { figures(period: {kind: MONTH}) { rule { key } owed } } }";
        let town = json!({"o": server.account("town-secretary", "organizationId")});
        let sums = client.data(figures, town).await;
        assert!(
            sums["organization"]["figures"]
                .to_string()
                .contains("committee-meeting"),
            "{sums}"
        );
    }
);

both_databases!(
    the_right_of_approval_decides_who_oversees_the_branches_below,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let county = json!(server.account("county-organization", "organizationId"));
        let client = server.client("county-organization");
        let committee =
            create(&client, &county, "PRIMARY_COMMITTEE", json!({}), "f-committee").await["organization"].clone();
        let branch = create(&client, &committee["id"], "BRANCH", json!({}), "f-branch").await["organization"].clone();
        assert!(
            branch["id"].is_string(),
            "without the right of approval the county oversees the branches too"
        );
        let rename = async |version: i64, key: &str| {
            let input = json!({"id": branch["id"], "expectedVersion": version, "name": key, "reason": "更名",
                "decision": {"decidedOn": "2026-01-05", "documentNumber": "试9"}, "idempotencyKey": key});
            client.data(RENAME, json!({"input": input})).await["renameOrganization"]["userErrors"].clone()
        };
        let given = record(&client, &committee["id"], 1, json!({"approves": true}), "f1").await;
        assert_eq!(
            (&given["userErrors"], &given["organization"]["approves"]),
            (&json!([]), &json!(true)),
            "{given}"
        );
        assert_eq!(rename(1, "f-r1").await[0]["code"], "FORBIDDEN");
        let taken = record(&client, &committee["id"], 2, json!({"approves": false}), "f2").await;
        assert_eq!(taken["userErrors"], json!([]), "{taken}");
        assert_eq!(rename(1, "f-r2").await, json!([]));
    }
);

both_databases!(
    g1_2a_what_an_org_of_its_kind_cannot_have_is_refused_with_the_clause,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let county = json!(server.account("county-organization", "organizationId"));
        let client = server.client("county-organization");
        let village = create(
            &client,
            &county,
            "PRIMARY_COMMITTEE",
            json!({"sector": "VILLAGE", "approves": true}),
            "g-village",
        )
        .await["organization"]
            .clone();
        assert_eq!(
            village["approves"], false,
            "a village committee never has the right of approval"
        );
        for (facts, path, clause) in [
            (json!({"approves": true}), "approves", Value::Null),
            (json!({"guidedBy": county}), "guidedBy", Value::Null),
        ] {
            let refused = record(&client, &village["id"], 1, facts, "g1").await["userErrors"][0].clone();
            assert_eq!(
                (&refused["code"], &refused["path"], &refused["basis"]),
                (&json!("KIND_NOT_ALLOWED_HERE"), &json!(["input", path]), &clause),
                "{refused}"
            );
        }
        // Temporary and approving do not go together, whichever comes second.
        let organ = create(
            &client,
            &county,
            "PRIMARY_COMMITTEE",
            json!({"approves": true}),
            "g-organ",
        )
        .await["organization"]
            .clone();
        let refused = record(&client, &organ["id"], 1, json!({"temporary": true}), "g2").await["userErrors"][0].clone();
        assert_eq!(refused["path"], json!(["input", "temporary"]), "{refused}");
        let sector =
            record(&client, &organ["id"], 1, json!({"sector": "COMMUNITY"}), "g3").await["userErrors"][0].clone();
        assert_eq!(sector["path"], json!(["input", "sector"]), "{sector}");
        // The superior may set the life meeting on a primary committee, never take it from a town's.
        let set = record(
            &client,
            &organ["id"],
            1,
            json!({"holdsDemocraticLifeMeeting": true}),
            "g4",
        )
        .await;
        assert_eq!(set["organization"]["holdsDemocraticLifeMeeting"], true, "{set}");
        let town = create(&client, &county, "TOWN_COMMITTEE", json!({}), "g-town").await["organization"].clone();
        assert_eq!(town["holdsDemocraticLifeMeeting"], true);
        let never = record(
            &client,
            &town["id"],
            1,
            json!({"holdsDemocraticLifeMeeting": false}),
            "g5",
        )
        .await["userErrors"][0]
            .clone();
        assert_eq!(
            (&never["code"], &never["basis"]["clause"]),
            (&json!("KIND_NOT_ALLOWED_HERE"), &json!("G1.2a")),
            "{never}"
        );
        let nothing = record(&client, &town["id"], 1, json!({}), "g6").await;
        assert_eq!(nothing["userErrors"][0]["code"], "REQUIRED", "{nothing}");
    }
);

both_databases!(
    facts_are_recorded_with_a_decision_by_who_decides_on_structure,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        for user in [
            "branch-secretary",
            "member",
            "city-secretary",
            "administrator",
            "other-county",
        ] {
            let refused = record(&server.client(user), &json!(branch), 1, json!({"joint": true}), "h1").await;
            assert_eq!(refused["userErrors"][0]["code"], "FORBIDDEN", "{user}: {refused}");
        }
        let client = server.client("county-organization");
        let county = json!(server.account("county-organization", "organizationId"));
        let org = create(&client, &county, "PRIMARY_COMMITTEE", json!({}), "h-org").await["organization"].clone();
        for (more, code) in [
            (json!({"decision": null}), "COLLECTIVE_DECISION_REQUIRED"),
            (json!({"reason": " "}), "REQUIRED"),
            (
                json!({"decision": {"decidedOn": "2099-01-01", "documentNumber": "试1"}}),
                "DATE_IN_FUTURE",
            ),
            (
                json!({"decision": {"decidedOn": "1920-01-01", "documentNumber": "试1"}}),
                "DATE_TOO_EARLY",
            ),
        ] {
            let mut facts = json!({"joint": true});
            for (name, value) in more.as_object().expect("an object") {
                facts[name] = value.clone();
            }
            let refused = record(&client, &org["id"], 1, facts, "h2").await;
            assert_eq!(refused["userErrors"][0]["code"], code, "{refused}");
        }
    }
);

both_databases!(
    a_county_founded_here_has_its_organs_and_a_guided_branch_takes_its_groups_along,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let city = json!(server.account("city-organization", "organizationId"));
        let client = server.client("city-organization");
        let county = create(
            &client,
            &city,
            "COUNTY_COMMITTEE",
            json!({"name": "中共试县委员会"}),
            "o-county",
        )
        .await["organization"]
            .clone();
        let names = |org: &Value| -> Vec<String> {
            let organs = org["organs"].as_array().expect("organs").iter();
            organs
                .map(|organ| organ["name"].as_str().expect("a name").to_owned())
                .collect()
        };
        assert_eq!(names(&county), ["中共试县组织部", "中共试县纪律检查委员会"]);
        let input = json!({"id": county["id"], "expectedVersion": 1, "name": "中共新县委员会", "reason": "更名",
            "decision": {"decidedOn": "2026-01-05", "documentNumber": "试9"}, "idempotencyKey": "o-rename"});
        let renamed = client.data(RENAME, json!({"input": input})).await["renameOrganization"]["organization"].clone();
        assert_eq!(names(&renamed), ["中共新县组织部", "中共新县纪律检查委员会"]);

        let guide = json!(server.account("leading-group-secretary", "organizationId"));
        let work = create(&client, &city, "WORKING_COMMITTEE", json!({}), "o-work").await["organization"].clone();
        let branch = create(&client, &work["id"], "BRANCH", json!({}), "o-branch").await["organization"].clone();
        let guided = record(&client, &branch["id"], 1, json!({"guidedBy": guide}), "o1").await;
        assert_eq!(
            (&guided["userErrors"], &guided["organization"]["guidedBy"]["id"]),
            (&json!([]), &guide),
            "{guided}"
        );
        // The leading group oversees what it guides, and no longer when the guidance ends.
        let can = "query($o: ID!) { organization(id: $o) { viewerCan(actions: [RECORD_FACTS]) { allowed } } }";
        let leader = server.client("leading-group-secretary");
        let allowed = async || {
            leader.data(can, json!({"o": branch["id"]})).await["organization"]["viewerCan"][0]["allowed"].clone()
        };
        assert_eq!(allowed().await, true);
        let query = "query($o: ID!) { organization(id: $o) { guides(first: 50) { nodes { id guidedBy { id } } } } }";
        let guided = async || {
            let found = leader.data(query, json!({"o": guide})).await["organization"]["guides"]["nodes"].take();
            let nodes = found.as_array().expect("a list").clone();
            assert!(nodes.iter().all(|one| one["guidedBy"]["id"] == guide), "{nodes:?}");
            nodes.iter().any(|one| one["id"] == branch["id"])
        };
        assert!(guided().await, "the leading group finds what it guides");
        let ended = record(&client, &branch["id"], 2, json!({"guidedBy": null}), "o2").await;
        assert_eq!(ended["organization"]["guidedBy"], Value::Null, "{ended}");
        assert_eq!(allowed().await, false);
        assert!(!guided().await);
    }
);
