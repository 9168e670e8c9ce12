//! What an export holds: one snapshot, what others refer to first, and the changes after it lead to the present.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use tests::orgs::{create, rename};
use tests::{Client, Server, TestDatabase, both_databases};

use super::{SYNC, by_id, everything, export, over, program, rows, start};
use crate::mirror::{CHANGES, Copy, shown};

const RECORD: &str =
    "mutation($input: RecordMemberInput!) { recordMember(input: $input) { member { version } userErrors { code } } }";
const ROSTER: &str = "query($o: ID!) { members(within: {exactly: $o}, first: 20) { nodes { id version } } }";
const OBJECTS: &str = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id
    ... on Organization { version name kind sector parent { id } foundedOn externalIds { system value } }
    ... on Member { version name standing status joinedOn becameFullOn branch { id } group { id } hostBranch { id } unitTag externalIds { system value } }
    ... on Appointment { version post member { id } organization { id } since until termEndsOn acting }
    ... on Activity { version activityKind: kind title activityStatus: status startsAt endsAt place mode organizations { id } externalIds { system value } } } }";

/// Founds and renames orgs, and renames members, as fast as it can until it is told to stop.
async fn write(server: Arc<Server>, county: String, branch: String, stop: Arc<AtomicBool>) -> u64 {
    let (county_client, secretary) = (server.client("county-organization"), server.client("village-secretary"));
    let people = secretary.data(ROSTER, json!({"o": branch})).await["members"]["nodes"].clone();
    let mut versions: Vec<i64> = people
        .as_array()
        .expect("members")
        .iter()
        .map(|one| one["version"].as_i64().expect("a version"))
        .collect();
    let mut round = 0;
    while !stop.load(Ordering::Relaxed) {
        let made = create(&county_client, &county, "WORKING_COMMITTEE", &format!("during-{round}")).await;
        rename(
            &county_client,
            &made["organization"]["id"],
            1,
            &format!("during-r{round}"),
        )
        .await;
        let place = usize::try_from(round).expect("a place") % versions.len();
        let input = json!({"memberId": people[place]["id"], "expectedVersion": versions[place], "name": format!("甘第{round}"),
            "idempotencyKey": format!("during-m{round}")});
        let done = secretary.data(RECORD, json!({"input": input})).await["recordMember"].clone();
        assert_eq!(done["userErrors"], json!([]), "{done}");
        versions[place] += 1;
        round += 1;
    }
    round
}

/// Applies what happened since a cursor.
async fn follow(client: &Client, copy: &mut Copy, mut after: Value, within: &Value) {
    loop {
        let variables = json!({"after": after, "within": within, "first": 100});
        let page = client.data(CHANGES, variables).await["changes"].clone();
        for line in page["changes"].as_array().expect("lines") {
            copy.apply(line);
        }
        after = page["cursor"].clone();
        if page["hasMore"] != true {
            return;
        }
    }
}

both_databases!(
    an_export_and_the_changes_after_it_are_the_present_whoever_writes_meanwhile,
    |database: TestDatabase| async move {
        let server = Arc::new(Server::demo_on(&database).await);
        let county = server.account("county-secretary", "organizationId");
        let branch = server.account("village-secretary", "organizationId");
        let (_, client) = program(&server, &county, "copies", &SYNC).await;
        let stop = Arc::new(AtomicBool::new(false));
        let writer = tokio::spawn(write(server.clone(), county.clone(), branch, stop.clone()));
        let mut jobs = Vec::new();
        for number in 0..4 {
            jobs.push(export(&client, everything(&county, &format!("during-{number}"))).await);
        }
        stop.store(true, Ordering::Relaxed);
        let written = writer.await.expect("the writer ends");
        assert!(written > 2, "too little was written: {written}");
        let within = json!({"subtreeOf": county});
        let (right, _) = shown(&client, &within).await;
        for job in &jobs {
            let mut copy = Copy::default();
            for row in rows(&client, job).await {
                copy.keep(&row);
            }
            follow(&client, &mut copy, job["snapshotCursor"].clone(), &within).await;
            assert_eq!(copy, right, "{job}");
        }
        // What was exported is what the account reads by queries, field by field.
        let last = export(&client, everything(&county, "still")).await;
        let exported = rows(&client, &last).await;
        let keyed = by_id(&exported);
        assert_eq!(keyed.len(), exported.len(), "a row twice");
        let ids: Vec<&String> = keyed.keys().collect();
        for some in ids.chunks(50) {
            let nodes = client.data(OBJECTS, json!({"ids": some})).await["nodes"].clone();
            for (id, node) in some.iter().zip(nodes.as_array().expect("nodes")) {
                let mut node = node.clone();
                for (alias, name) in [("activityKind", "kind"), ("activityStatus", "status")] {
                    if let Some(value) = node.as_object_mut().and_then(|node| node.remove(alias)) {
                        node[name] = value;
                    }
                }
                assert_eq!(keyed[*id], node);
            }
        }
        assert_eq!(last["progress"]["done"], last["progress"]["total"]);
        assert_eq!(last["progress"]["done"].as_u64(), u64::try_from(exported.len()).ok());
    }
);

both_databases!(
    what_others_refer_to_comes_first_and_a_repeat_is_the_same_job,
    |database: TestDatabase| async move {
        let server = Server::demo_with(&database, &["--export-part-rows", "20"]).await;
        let county = server.account("county-secretary", "organizationId");
        let (_, client) = program(&server, &county, "orders", &SYNC).await;
        let begun = start(&client, everything(&county, "once")).await;
        let again = start(&client, everything(&county, "once")).await;
        assert_eq!(
            (&again["job"]["id"], &again["replayed"]),
            (&begun["job"]["id"], &json!(true))
        );
        let mut other = everything(&county, "once");
        other["format"] = json!("CSV");
        assert_eq!(super::refused(&client, other).await.0, "IDEMPOTENCY_MISMATCH");
        let job = over(&client, &begun["job"]["id"]).await;
        assert_eq!(
            job["viewerCan"][0]["allowed"], false,
            "nothing is left to cancel: {job}"
        );
        let parts = job["parts"].as_array().expect("parts");
        assert!(parts.len() > 8, "{job}");
        assert!(parts.iter().all(|part| part["rows"].as_u64() <= Some(20)), "{job}");
        let numbers: Vec<u64> = parts.iter().filter_map(|part| part["number"].as_u64()).collect();
        let right: Vec<u64> = (1..=u64::try_from(parts.len()).expect("a number")).collect();
        assert_eq!(numbers, right);
        let mut seen = BTreeSet::new();
        let mut kinds = Vec::new();
        for row in rows(&client, &job).await {
            let mut refers = Vec::new();
            for field in ["parent", "branch", "group", "member", "organization"] {
                refers.extend(row[field]["id"].as_str().map(str::to_owned));
            }
            // The org above the county is not the account's to see.
            for id in refers {
                assert!(seen.contains(&id), "{row} comes before {id}");
            }
            seen.insert(row["id"].as_str().expect("an id").to_owned());
            if kinds.last() != Some(&row["__typename"]) {
                kinds.push(row["__typename"].clone());
            }
        }
        assert_eq!(kinds, ["Organization", "Member", "Appointment", "Activity"]);
        let (status, _, list) = client.fetch(job["manifestUrl"].as_str().expect("a path"), None).await;
        assert_eq!(status, 200);
        let list: Value = serde_json::from_slice(&list).expect("JSON");
        assert_eq!(list["parts"].as_array().map(Vec::len), Some(parts.len()));
        assert_eq!(list["parts"][0]["sha256"], parts[0]["sha256"]);
        let mut copy = Copy::default();
        follow(
            &client,
            &mut copy,
            list["snapshotCursor"].clone(),
            &json!({"subtreeOf": county}),
        )
        .await;
        assert_eq!(copy, Copy::default(), "nothing happened since");
    }
);

both_databases!(
    structure_and_roster_can_be_had_as_they_stood_on_a_day,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let town = server.account("town-secretary", "organizationId");
        let county = server.account("county-secretary", "organizationId");
        let (_, client) = program(&server, &county, "historian", &SYNC).await;
        let made = create(
            &server.client("county-organization"),
            &county,
            "WORKING_COMMITTEE",
            "new-today",
        )
        .await;
        let id = made["organization"]["id"].clone();
        rename(&server.client("county-organization"), &id, 1, "new-name").await;
        let yesterday = (tests::today() - chrono::Days::new(1)).to_string();
        let mut input = json!({"kinds": ["APPOINTMENT", "MEMBER", "ORGANIZATION"], "within": {"subtreeOf": county}, "asOf": yesterday,
            "idempotencyKey": "past"});
        let past = export(&client, input.clone()).await;
        assert_eq!(
            (&past["snapshotCursor"], &past["asOf"]),
            (&Value::Null, &json!(yesterday))
        );
        let past = rows(&client, &past).await;
        assert!(past.iter().all(|row| row["id"] != id), "it was not there yet");
        assert!(past.iter().any(|row| row["id"] == json!(town)));
        let roster = "query($w: OrganizationScopeInput!, $d: Date!) { members(within: $w, asOf: $d, first: 1) { totalCount(mode: EXACT) { value } } }";
        let told = client
            .data(roster, json!({"w": {"subtreeOf": county}, "d": yesterday}))
            .await;
        let members = past.iter().filter(|row| row["__typename"] == "Member");
        assert_eq!(
            told["members"]["totalCount"]["value"].as_u64(),
            u64::try_from(members.count()).ok()
        );
        input["asOf"] = json!(tests::today().to_string());
        input["idempotencyKey"] = json!("today");
        let today = rows(&client, &export(&client, input.clone()).await).await;
        assert!(today.iter().any(|row| row["id"] == id));
        input["idempotencyKey"] = json!("tomorrow");
        input["asOf"] = json!((tests::today() + chrono::Days::new(1)).to_string());
        assert_eq!(
            super::refused(&client, input.clone()).await,
            ("DATE_IN_FUTURE".to_owned(), "asOf".to_owned())
        );
        input["asOf"] = json!(yesterday);
        input["kinds"] = json!(["ACTIVITY"]);
        input["idempotencyKey"] = json!("activities");
        assert_eq!(
            super::refused(&client, input).await,
            ("INVALID".to_owned(), "0".to_owned())
        );
    }
);
