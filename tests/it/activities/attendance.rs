//! Who was there: floating members, exemptions, check-in, leave, dispute, make-up study; leaders as plain members.

use chrono::{Duration, Utc};
use serde_json::{Value, json};
use tests::both_databases;

use super::*;

const CHECK_IN: &str = "mutation($input: CheckInInput!) { checkIn(input: $input) { attendance { id state mode } userErrors { code path params } cursor replayed } }";
const ASK: &str = "mutation($input: AskLeaveInput!) { askLeave(input: $input) { leave { id version state category } userErrors { code path } cursor replayed } }";
const DECIDE: &str = "mutation($input: DecideLeaveInput!) { decideLeave(input: $input) { leave { id version state } userErrors { code path } cursor replayed } }";
const DISPUTE: &str = "mutation($input: DisputeAttendanceInput!) { disputeAttendance(input: $input) { attendance { id version state dispute } userErrors { code path } cursor } }";
const SETTLE: &str = "mutation($input: DecideDisputeInput!) { decideDispute(input: $input) { attendance { id version state } userErrors { code path params } cursor } }";
const MAKE_UP: &str = "mutation($input: AcceptMakeUpStudyInput!) { acceptMakeUpStudy(input: $input) { attendance { id version state mode } userErrors { code path } cursor } }";

async fn general(client: &Client, branch: &str, exceptions: Value, at: chrono::DateTime<Utc>) -> Value {
    let mut input = held(branch, "BRANCH_GENERAL_MEETING", at);
    input["exceptions"] = exceptions;
    input["minutes"] = json!("记录");
    record(client, input).await
}

/// The line of somebody on a roster.
fn row_of<'a>(roster: &'a [Value], member: &Value) -> &'a Value {
    let found = roster.iter().find(|one| one["id"] == *member);
    found.unwrap_or_else(|| panic!("{member} is not on the roster"))
}

fn row<'a>(people: &'a [Value], member: &Value) -> Option<&'a Value> {
    people.iter().find(|row| row["member"]["id"] == *member)
}

both_databases!(
    g1_1e_what_offers_no_remote_mode_is_not_held_against_a_floating_member_and_nobody_presumes_presence,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let (client, branch) = (
            server.client("branch-secretary"),
            server.account("branch-secretary", "organizationId"),
        );
        let id = me(&server.client("floating-member")).await;
        let all = roster(&client, &branch).await;
        assert_eq!(row_of(&all, &id)["status"], "FLOATING", "one of the branch's own");
        let mut online = held(&branch, "BRANCH_GENERAL_MEETING", days(-7));
        online["mode"] = json!("HYBRID");
        online["minutes"] = json!("记录");
        let made = record(&client, online).await;
        let people = expected(&client, &done(&made)["activity"]["id"]).await;
        assert_eq!(
            row(&people, &id).expect("a remote mode was offered")["state"],
            "UNEXPLAINED"
        );
        let came = json!([{"memberId": id, "state": "PRESENT", "mode": "ONLINE"}]);
        let made = general(&client, &branch, came, days(-7)).await;
        let people = expected(&client, &done(&made)["activity"]["id"]).await;
        assert_eq!(row(&people, &id).expect("came all the same")["mode"], "ONLINE");
        // Without a remote mode their host branch is the offer: expected, not presumed present, and not held against them.
        let made = general(&client, &branch, json!([]), days(-7)).await;
        let people = expected(&client, &done(&made)["activity"]["id"]).await;
        assert_eq!(row(&people, &id).expect("a host branch")["state"], "UNEXPLAINED");
        let presumed = people
            .iter()
            .filter(|row| row["state"] == "PRESENT" || row["state"] == "EXEMPT");
        assert_eq!(presumed.count(), active(&client, &branch).await.len(), "{people:?}");
    }
);

both_databases!(
    g1_1e_a_short_lived_code_checks_in_and_nobody_needs_it,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let (secretary, leader) = (server.client("branch-secretary"), server.client("group-leader"));
        let input = json!({"organizationId": branch, "kind": "BRANCH_GENERAL_MEETING", "startsAt": now() + Duration::minutes(5), "checkIn": true});
        let made = schedule_now(&secretary, input).await;
        let activity = done(&made)["activity"].clone();
        let code = activity["checkIn"]["code"].as_str().expect("a code").to_owned();
        assert_eq!(code.len(), 6);
        let seen = leader
            .data(
                "query($id: ID!) { activity(id: $id) { id checkIn { code } } }",
                json!({"id": activity["id"]}),
            )
            .await;
        assert_eq!(
            seen["activity"]["checkIn"],
            Value::Null,
            "the code is for the room, not for the list"
        );
        let enter = async |code: &str, mode: &str| {
            act(
                &leader,
                CHECK_IN,
                "checkIn",
                json!({"activityId": activity["id"], "code": code, "mode": mode}),
            )
            .await
        };
        let wrong = if code == "000000" { "000001" } else { "000000" };
        assert_eq!(
            refusal(&enter(wrong, "ON_SITE").await),
            refused("CHECK_IN_CODE_WRONG", "code")
        );
        assert_eq!(refusal(&enter(&code, "HYBRID").await), refused("INVALID", "mode"));
        assert_eq!(done(&enter(&code, "ON_SITE").await)["attendance"]["state"], "PRESENT");
        let outside = act(
            &server.client("village-secretary"),
            CHECK_IN,
            "checkIn",
            json!({"activityId": activity["id"], "code": code}),
        )
        .await;
        assert_eq!(refusal(&outside), refused("NOT_FOUND", "activityId"));
        let later = schedule(
            &secretary,
            json!({"organizationId": branch, "kind": "BRANCH_GENERAL_MEETING", "startsAt": days(2), "checkIn": true}),
        )
        .await;
        let early = json!({"activityId": done(&later)["activity"]["id"], "code": later["activity"]["checkIn"]["code"]});
        let early = act(&leader, CHECK_IN, "checkIn", early).await;
        assert_eq!(refusal(&early), refused("CHECK_IN_CLOSED", "code"));
        assert_eq!(early["userErrors"][0]["params"]["state"], "SCHEDULED");
    }
);

both_databases!(
    g2_2a_leave_is_asked_in_person_and_decided_by_the_branch,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let (secretary, deputy, leader) = (
            server.client("branch-secretary"),
            server.client("branch-deputy"),
            server.client("group-leader"),
        );
        let made = schedule(
            &secretary,
            json!({"organizationId": branch, "kind": "BRANCH_GENERAL_MEETING", "startsAt": days(2)}),
        )
        .await;
        let id = done(&made)["activity"]["id"].clone();
        let ask =
            async |client: &Client| act(client, ASK, "askLeave", json!({"activityId": id, "category": "TRAVEL"})).await;
        let asked = ask(&leader).await;
        let leave = done(&asked)["leave"].clone();
        assert_eq!(
            (&leave["state"], &leave["category"]),
            (&json!("OPEN"), &json!("TRAVEL"))
        );
        assert_eq!(refusal(&ask(&leader).await), refused("WRONG_STATE", "activityId"));
        let decide = async |client: &Client, leave: &Value, version: i64| {
            act(
                client,
                DECIDE,
                "decideLeave",
                json!({"leaveId": leave["id"], "expectedVersion": version, "accept": true}),
            )
            .await
        };
        // Officers are not equal; oneself decides nothing; what one may not see does not exist.
        assert_eq!(
            refusal(&decide(&deputy, &leave, 1).await),
            refused("FORBIDDEN", "leaveId")
        );
        assert_eq!(
            refusal(&decide(&server.client("village-secretary"), &leave, 1).await),
            refused("NOT_FOUND", "leaveId")
        );
        assert_eq!(decide(&secretary, &leave, 7).await["userErrors"][0]["code"], "CONFLICT");
        assert_eq!(done(&decide(&secretary, &leave, 1).await)["leave"]["state"], "ACCEPTED");
        assert_eq!(
            refusal(&decide(&secretary, &leave, 2).await),
            refused("ALREADY_DECIDED", "leaveId")
        );
        let people = expected(&secretary, &id).await;
        assert_eq!(row(&people, &me(&leader).await).expect("expected")["state"], "ON_LEAVE");
        // The secretary's own leave is the deputy's to decide.
        let own = ask(&secretary).await;
        let own = done(&own)["leave"].clone();
        assert_eq!(
            refusal(&decide(&secretary, &own, 1).await),
            refused("OWN_MATTER", "leaveId")
        );
        assert_eq!(done(&decide(&deputy, &own, 1).await)["leave"]["state"], "ACCEPTED");
    }
);

both_databases!(
    g2_2a_nobody_else_enters_a_leaders_leave_and_the_own_one_waits,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let mut leaders = 0;
        for user in ["branch-secretary", "village-secretary", "moved-secretary"] {
            let (client, branch) = (server.client(user), server.account(user, "organizationId"));
            let mine = me(&client).await;
            let made = general(
                &client,
                &branch,
                json!([{"memberId": mine, "state": "ON_LEAVE", "category": "WORK"}]),
                days(-9),
            )
            .await;
            let people = expected(&client, &done(&made)["activity"]["id"]).await;
            assert_eq!(
                row(&people, &mine).expect("a member")["state"],
                "LEAVE_PENDING",
                "nobody grants leave to themselves"
            );
            for member in active(&client, &branch).await {
                let exceptions = json!([{"memberId": member, "state": "ON_LEAVE", "category": "WORK"}]);
                let made = general(&client, &branch, exceptions, days(-9)).await;
                if made["userErrors"] != json!([]) {
                    assert_eq!(refusal(&made), refused("FORBIDDEN", "exceptions.0.state"));
                    assert_eq!(made["userErrors"][0]["basis"]["clause"], "G2.2a");
                    assert_eq!(made["userErrors"][0]["params"]["memberId"], json!(member));
                    leaders += 1;
                }
            }
        }
        assert!(leaders > 0, "no leader of an org above lives in these branches");
    }
);

both_databases!(
    g2_5a_an_absence_is_disputed_in_the_members_words_and_decided,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let (secretary, leader) = (server.client("branch-secretary"), server.client("group-leader"));
        let member = me(&leader).await;
        let made = general(
            &secretary,
            &branch,
            json!([{"memberId": member, "state": "ABSENT"}]),
            days(-12),
        )
        .await;
        let id = done(&made)["activity"]["id"].clone();
        let people = expected(&secretary, &id).await;
        let own = row(&people, &member).expect("expected").clone();
        assert_eq!(own["state"], "UNEXCUSED", "notice had gone out in time");
        let dispute = async |client: &Client, words: &str| {
            act(
                client,
                DISPUTE,
                "disputeAttendance",
                json!({"attendanceId": own["id"], "words": words}),
            )
            .await
        };
        assert_eq!(refusal(&dispute(&leader, "  ").await), refused("REQUIRED", "words"));
        assert_eq!(
            refusal(&dispute(&secretary, "他在场").await),
            refused("FORBIDDEN", "attendanceId")
        );
        assert_eq!(
            refusal(&dispute(&server.client("other-county"), "x").await),
            refused("NOT_FOUND", "attendanceId")
        );
        assert_eq!(
            done(&dispute(&leader, "当时线上参加").await)["attendance"]["state"],
            "DISPUTED"
        );
        let settle = async |client: &Client, state: &str| {
            act(
                client,
                SETTLE,
                "decideDispute",
                json!({"attendanceId": own["id"], "state": state}),
            )
            .await
        };
        assert_eq!(
            refusal(&settle(&leader, "PRESENT").await),
            refused("FORBIDDEN", "attendanceId")
        );
        assert_eq!(
            refusal(&settle(&secretary, "EXEMPT").await),
            refused("INVALID", "state")
        );
        assert_eq!(
            done(&settle(&secretary, "PRESENT").await)["attendance"]["state"],
            "PRESENT"
        );
        assert_eq!(
            refusal(&settle(&secretary, "PRESENT").await),
            refused("WRONG_STATE", "attendanceId")
        );
        // Without notice in time nobody is unexcused by the record alone.
        let mut late = json!({"organizationId": branch, "kind": "BRANCH_GENERAL_MEETING", "startsAt": days(-12), "minutes": "记录"});
        late["exceptions"] = json!([{"memberId": member, "state": "ABSENT"}]);
        let made = record(&secretary, late).await;
        let people = expected(&secretary, &done(&made)["activity"]["id"]).await;
        assert_eq!(row(&people, &member).expect("expected")["state"], "UNEXPLAINED");
    }
);

both_databases!(
    g1_1e_a_make_up_study_is_accepted_by_the_secretary_only_and_after_the_meeting,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let (secretary, deputy, leader) = (
            server.client("branch-secretary"),
            server.client("branch-deputy"),
            server.client("group-leader"),
        );
        let member = me(&leader).await;
        let made = general(
            &secretary,
            &branch,
            json!([{"memberId": member, "state": "ABSENT"}]),
            days(-13),
        )
        .await;
        let people = expected(&secretary, &done(&made)["activity"]["id"]).await;
        let own = row(&people, &member).expect("expected").clone();
        let accept = async |client: &Client, version: i64| {
            act(
                client,
                MAKE_UP,
                "acceptMakeUpStudy",
                json!({"attendanceId": own["id"], "expectedVersion": version}),
            )
            .await
        };
        let version = own["version"].as_i64().expect("a number");
        for (client, code) in [
            (&deputy, "FORBIDDEN"),
            (&leader, "FORBIDDEN"),
            (&server.client("village-secretary"), "NOT_FOUND"),
        ] {
            assert_eq!(refusal(&accept(client, version).await), refused(code, "attendanceId"));
        }
        assert_eq!(
            accept(&secretary, version + 5).await["userErrors"][0]["code"],
            "CONFLICT"
        );
        let made = accept(&secretary, version).await;
        assert_eq!(
            (&done(&made)["attendance"]["state"], &made["attendance"]["mode"]),
            (&json!("MADE_UP_BY_STUDY"), &json!("MAKE_UP_STUDY"))
        );
    }
);

both_databases!(
    g2_2a_how_leaders_live_in_their_own_branch_is_for_who_manages_them,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let town = server.account("town-secretary", "organizationId");
        let query = "query($o: ID!, $year: Int!) { organization(id: $o) { dualLife(year: $year, first: 50) { nodes {
            member { id } post attendance { expected present unexcused onLeave } followUpsDone followUpsOpen followUpsOverdue } } } }";
        let year = tests::busy_year();
        let read = async |user: &str, org: &str| {
            let nodes = server.client(user).data(query, json!({"o": org, "year": year})).await["organization"]["dualLife"]["nodes"].clone();
            nodes.as_array().expect("a list").clone()
        };
        let all = read("county-organization", &town).await;
        assert!(all.iter().any(|one| one["post"] == "SECRETARY"), "{all:?}");
        assert!(
            all.iter().any(|one| one["attendance"]["expected"].as_i64() > Some(0)),
            "{all:?}"
        );
        for one in &all {
            let sum: i64 = ["present", "unexcused", "onLeave"]
                .map(|field| one["attendance"][field].as_i64().expect("a number"))
                .iter()
                .sum();
            assert!(
                sum <= one["attendance"]["expected"].as_i64().expect("a number"),
                "{one}"
            );
        }
        // A leader sees themselves; others, above or below, nobody; a branch's officers are no leaders.
        let own = me(&server.client("town-secretary")).await;
        let mine = read("town-secretary", &town).await;
        assert!(
            !mine.is_empty() && mine.iter().all(|one| one["member"]["id"] == own),
            "{mine:?}"
        );
        for user in [
            "village-secretary",
            "county-secretary",
            "city-organization",
            "other-county",
            "county-discipline",
        ] {
            assert_eq!(read(user, &town).await, Vec::<Value>::new(), "{user}");
        }
        let branch = server.account("village-secretary", "organizationId");
        assert_eq!(read("county-organization", &branch).await, Vec::<Value>::new());
    }
);

both_databases!(
    g2_2a_who_was_there_all_the_same_needs_no_leave,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let (secretary, leader) = (server.client("branch-secretary"), server.client("group-leader"));
        let member = me(&leader).await;
        let waits = async |leave: &Value| crate::admission::lines(&secretary, "LEAVE_TO_DECIDE", &leave["id"]).await;
        let asked = async |starts_at: chrono::DateTime<Utc>| {
            let input = json!({"organizationId": branch, "kind": "BRANCH_GENERAL_MEETING", "startsAt": starts_at, "checkIn": true});
            let activity = done(&schedule_now(&secretary, input).await)["activity"].clone();
            let input = json!({"activityId": activity["id"], "category": "TRAVEL"});
            let leave = done(&act(&leader, ASK, "askLeave", input).await)["leave"].clone();
            assert_eq!(waits(&leave).await, 1);
            (activity, leave)
        };
        let closed = async |activity: &Value, leave: &Value| {
            let people = expected(&secretary, &activity["id"]).await;
            let own = row(&people, &member).expect("expected").clone();
            assert_eq!(own["leave"]["state"], "WITHDRAWN", "{own}");
            assert_eq!(waits(leave).await, 0, "nothing is left to decide");
            own["state"].clone()
        };
        let (activity, leave) = asked(now() + Duration::minutes(6)).await;
        let input = json!({"activityId": activity["id"], "code": activity["checkIn"]["code"], "mode": "ON_SITE"});
        done(&act(&leader, CHECK_IN, "checkIn", input).await);
        assert_eq!(closed(&activity, &leave).await, "PRESENT");
        // Recorded as present, and a make-up study accepted.
        for by_study in [false, true] {
            let starts_at = now() + Duration::seconds(2) + Duration::milliseconds(next());
            let (activity, leave) = asked(starts_at).await;
            let ahead = (starts_at - now()).to_std().unwrap_or_default();
            tokio::time::sleep(ahead + std::time::Duration::from_millis(5)).await;
            let mut input = json!({"activityId": activity["id"], "minutes": "记录"});
            if !by_study {
                input["exceptions"] = json!([{"memberId": member, "state": "PRESENT"}]);
            }
            done(&record(&secretary, input).await);
            if by_study {
                let people = expected(&secretary, &activity["id"]).await;
                let own = row(&people, &member).expect("expected").clone();
                assert_eq!((&own["state"], waits(&leave).await), (&json!("LEAVE_PENDING"), 1));
                let input = json!({"attendanceId": own["id"], "expectedVersion": own["version"]});
                done(&act(&secretary, MAKE_UP, "acceptMakeUpStudy", input).await);
            }
            let state = if by_study { "MADE_UP_BY_STUDY" } else { "PRESENT" };
            assert_eq!(closed(&activity, &leave).await, state);
        }
    }
);

both_databases!(
    g2_2a_the_reason_of_a_leave_is_for_the_own_org_and_superiors_see_its_category,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let (own, branch) = (
            server.client("village-secretary"),
            server.account("village-secretary", "organizationId"),
        );
        let input = json!({"organizationId": branch, "kind": "BRANCH_GENERAL_MEETING", "startsAt": days(3)});
        let activity = done(&schedule(&own, input).await)["activity"]["id"].clone();
        let words = "送女儿去外地就医";
        let input = json!({"activityId": activity, "category": "CARE", "reason": words});
        let leave = done(&act(&own, ASK, "askLeave", input).await)["leave"]["id"].clone();
        let read = async |user: &str| {
            let query = "query($id: ID!) { node(id: $id) { ... on Leave { category reason } } }";
            server.client(user).data(query, json!({"id": leave})).await["node"].take()
        };
        assert_eq!(
            read("village-secretary").await,
            json!({"category": "CARE", "reason": words})
        );
        assert_eq!(
            read("town-secretary").await,
            json!({"category": "CARE", "reason": null}),
            "a superior"
        );
        for user in ["county-secretary", "branch-secretary", "county-organization"] {
            assert_eq!(read(user).await, Value::Null, "{user}");
        }
        let input = json!({"activityId": activity, "category": "CARE", "reason": "长".repeat(501)});
        assert_eq!(
            refusal(&act(&own, ASK, "askLeave", input).await),
            refused("TOO_LONG", "reason")
        );
    }
);
