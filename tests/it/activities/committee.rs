//! Committee meetings: by decision only, minutes for who took part, resolutions when announced, follow-ups until done.

use chrono::Duration;
use serde_json::{Value, json};
use tests::both_databases;

use super::*;

const READ: &str = "query($id: ID!) { activity(id: $id) { id minutes { text } resolutions { id title announcedAt } } }";
const ANNOUNCE: &str = "mutation($input: AnnounceResolutionInput!) { announceResolution(input: $input) {
    resolution { id version announcedAt } userErrors { code path } cursor replayed } }";
const COMPLETE: &str = "mutation($input: CompleteFollowUpInput!) { completeFollowUp(input: $input) {
    resolution { id version followUp { doneOn overdue } } userErrors { code path } cursor replayed } }";
const FACTS: &str = "mutation($input: RecordOrganizationFactsInput!) { recordOrganizationFacts(input: $input) {
    organization { id hasCommittee } userErrors { code path } cursor } }";
const OPEN: &str = "query($o: ID!) { organization(id: $o) { followUps(first: 100) { nodes { id followUp { overdue owner { id } } } } } }";

both_databases!(
    g1_1b_only_a_branch_with_a_committee_by_decision_holds_its_meeting,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let branch = server.account("village-secretary", "organizationId");
        let secretary = server.client("village-secretary");
        let meeting = async || {
            let input = json!({"organizationId": branch, "kind": "BRANCH_COMMITTEE_MEETING", "startsAt": days(2)});
            schedule(&secretary, input).await
        };
        done(&meeting().await);
        let input = json!({"id": branch, "expectedVersion": 1, "hasCommittee": false, "reason": "党员减少",
            "decision": {"decidedOn": "2026-01-05", "documentNumber": "试〔2026〕9号"}});
        let without = act(
            &server.client("town-secretary"),
            FACTS,
            "recordOrganizationFacts",
            input,
        )
        .await;
        assert_eq!(done(&without)["organization"]["hasCommittee"], false);
        let made = meeting().await;
        assert_eq!(refusal(&made), refused("KIND_NOT_ALLOWED_HERE", "kind"));
        assert_eq!(made["userErrors"][0]["basis"]["clause"], "G1.1b");
        // A lecture is no item of its agenda.
        let branch = server.account("branch-secretary", "organizationId");
        let wrong = json!({"organizationId": branch, "kind": "BRANCH_COMMITTEE_MEETING", "startsAt": days(2),
            "agenda": [{"kind": "LECTURE_BASICS", "title": "党课"}]});
        assert_eq!(
            refusal(&schedule(&server.client("branch-secretary"), wrong).await),
            refused("KIND_NOT_ALLOWED_HERE", "agenda.0.kind")
        );
    }
);

both_databases!(
    g1_1b_minutes_are_for_who_took_part_and_resolutions_for_all_once_announced,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let (secretary, leader) = (server.client("branch-secretary"), server.client("group-leader"));
        let mut input = held(&branch, "BRANCH_COMMITTEE_MEETING", days(-8));
        input["agenda"] = json!([{"kind": "DIRECTIVE", "title": "传达"}]);
        input["minutes"] = json!("支委会记录");
        input["resolutions"] = json!([{"title": "分工", "kind": "OTHER", "ayes": 2}]);
        let made = record(&secretary, input).await;
        let activity = done(&made)["activity"].clone();
        let people = expected(&secretary, &activity["id"]).await;
        let size = i64::try_from(people.len()).expect("few");
        assert!((2..=9).contains(&size), "{size} are no committee");
        let resolution = activity["resolutions"][0].clone();
        assert!(
            (2..=size).contains(&resolution["due"].as_i64().expect("a number")),
            "{resolution}"
        );
        // The group leader is a member of the branch: sees that it was held, not what was said.
        let outside = me(&leader).await;
        assert!(
            people.iter().all(|row| row["member"]["id"] != outside),
            "the group leader must be no committee member here"
        );
        let told = leader.data(READ, json!({"id": activity["id"]})).await["activity"].clone();
        assert_eq!((&told["minutes"], &told["resolutions"]), (&Value::Null, &json!([])));
        let hidden = act(
            &leader,
            ANNOUNCE,
            "announceResolution",
            json!({"resolutionId": resolution["id"]}),
        )
        .await;
        let absent = json!({"resolutionId": format!("res_{}", "0".repeat(26))});
        assert_eq!(hidden, act(&leader, ANNOUNCE, "announceResolution", absent).await);
        let input = json!({"resolutionId": resolution["id"], "expectedVersion": resolution["version"], "idempotencyKey": key("announce")});
        let said = act(&secretary, ANNOUNCE, "announceResolution", input.clone()).await;
        assert!(done(&said)["resolution"]["announcedAt"].is_string());
        assert_eq!(
            act(&secretary, ANNOUNCE, "announceResolution", input).await["replayed"],
            true
        );
        let twice = act(
            &secretary,
            ANNOUNCE,
            "announceResolution",
            json!({"resolutionId": resolution["id"]}),
        )
        .await;
        assert_eq!(refusal(&twice), refused("ALREADY_DECIDED", "resolutionId"));
        let told = leader.data(READ, json!({"id": activity["id"]})).await["activity"].clone();
        assert_eq!(told["minutes"], Value::Null, "the text stays with who took part");
        assert_eq!(told["resolutions"][0]["id"], resolution["id"]);
    }
);

both_databases!(
    g1_1b_a_follow_up_stays_on_the_agenda_until_it_is_done,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let (secretary, leader) = (server.client("branch-secretary"), server.client("group-leader"));
        let owner = me(&leader).await;
        let at = days(-40);
        let mut input = held(&branch, "BRANCH_COMMITTEE_MEETING", at);
        input["minutes"] = json!("支委会记录");
        let size = i64::try_from(roster(&secretary, &branch).await.len()).expect("few");
        let line = |ayes: i64, on: chrono::NaiveDate| {
            json!([{"title": "走访困难党员", "kind": "OTHER", "ayes": ayes,
            "followUp": {"ownerId": owner, "on": on}}])
        };
        input["resolutions"] = line(1, (at - Duration::days(3)).date_naive());
        assert_eq!(
            refusal(&record(&secretary, input.clone()).await),
            refused("DATE_TOO_EARLY", "resolutions.0.followUp.on")
        );
        input["resolutions"] = json!([{"title": "x", "kind": "OTHER", "ayes": 1, "followUp": {"ownerId": format!("mbr_{}", "0".repeat(26)), "on": at.date_naive()}}]);
        assert_eq!(
            refusal(&record(&secretary, input.clone()).await),
            refused("NOT_FOUND", "resolutions.0.followUp.ownerId")
        );
        let mut made = Value::Null;
        // Everybody present agrees; how many those are depends on the committee.
        for ayes in (1..=size).rev() {
            input["resolutions"] = line(ayes, (at + Duration::days(10)).date_naive());
            made = record(&secretary, input.clone()).await;
            if made["userErrors"] == json!([]) {
                break;
            }
            assert_eq!(
                made["userErrors"][0]["params"]["reason"], "MORE_VOTES_THAN_PRESENT",
                "{made}"
            );
        }
        let resolution = done(&made)["activity"]["resolutions"][0].clone();
        assert_eq!(
            (&resolution["passed"], &resolution["followUp"]["overdue"]),
            (&json!(true), &json!(true))
        );
        let id = resolution["id"].clone();
        let meets = async || {
            let made = schedule(
                &secretary,
                json!({"organizationId": branch, "kind": "BRANCH_COMMITTEE_MEETING", "startsAt": days(5)}),
            )
            .await;
            let over = done(&made)["activity"]["carriedOver"]
                .as_array()
                .expect("a list")
                .clone();
            over.iter().any(|item| item["id"] == id)
        };
        let open = async |client: &Client| {
            let list = client.data(OPEN, json!({"o": branch})).await["organization"]["followUps"]["nodes"].clone();
            list.as_array().expect("a list").iter().any(|item| item["id"] == id)
        };
        assert!(meets().await, "it is on the next agenda");
        assert!(
            open(&secretary).await && open(&leader).await,
            "both see it, the owner as their task"
        );
        let stranger = server.client("village-secretary");
        assert!(!open(&stranger).await);
        let refusal_of = act(&stranger, COMPLETE, "completeFollowUp", json!({"resolutionId": id})).await;
        assert_eq!(refusal(&refusal_of), refused("NOT_FOUND", "resolutionId"));
        let complete = async |on: chrono::NaiveDate| {
            act(
                &leader,
                COMPLETE,
                "completeFollowUp",
                json!({"resolutionId": id, "doneOn": on}),
            )
            .await
        };
        assert_eq!(
            refusal(&complete((now() + Duration::days(3)).date_naive()).await),
            refused("DATE_IN_FUTURE", "doneOn")
        );
        assert_eq!(
            refusal(&complete((at - Duration::days(3)).date_naive()).await),
            refused("DATE_TOO_EARLY", "doneOn")
        );
        let finished = complete((at + Duration::days(20)).date_naive()).await;
        assert_eq!(done(&finished)["resolution"]["followUp"]["overdue"], false);
        assert_eq!(
            refusal(&complete((at + Duration::days(20)).date_naive()).await),
            refused("ALREADY_DECIDED", "resolutionId")
        );
        assert!(!meets().await && !open(&secretary).await);
    }
);
