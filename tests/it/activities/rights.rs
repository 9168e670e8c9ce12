//! Who reads and writes a branch's meetings, holder by holder.

use serde_json::{Value, json};
use tests::both_databases;

use super::*;

const READ: &str = "query($id: ID!) { activity(id: $id) { id title minutes { text } resolutions { title }
    expected(first: 100) { nodes { id } } } }";

both_databases!(
    g1_1a_each_holder_reads_and_records_what_the_table_gives,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let branch = server.account("village-secretary", "organizationId");
        let secretary = server.client("village-secretary");
        let mut input = held(&branch, "BRANCH_GENERAL_MEETING", days(-15));
        input["minutes"] = json!("党员大会记录");
        let made = record(&secretary, input.clone()).await;
        let id = done(&made)["activity"]["id"].clone();
        // The town is the level above the village.
        let parent = "query($o: ID!) { organization(id: $o) { parent { id } } }";
        let parent = secretary.data(parent, json!({"o": branch})).await;
        assert_eq!(
            parent["organization"]["parent"]["id"],
            json!(server.account("town-secretary", "organizationId"))
        );
        for user in [
            "town-secretary",
            "county-secretary",
            "city-secretary",
            "county-organization",
            "city-organization",
            "county-discipline",
            "other-county",
            "other-county-secretary",
            "branch-secretary",
            "member",
            "administrator",
        ] {
            let client = server.client(user);
            let shown = client.data(READ, json!({"id": id})).await["activity"].clone();
            let nowhere = client
                .data(READ, json!({"id": format!("act_{}", "0".repeat(26))}))
                .await["activity"]
                .clone();
            let sees = user == "town-secretary";
            if sees {
                assert_eq!(
                    shown["minutes"]["text"], "党员大会记录",
                    "one level above reads the minutes"
                );
            } else {
                assert_eq!(shown, nowhere, "{user} sees what does not exist");
            }
            // None of them records or corrects for the branch.
            let mut again = input.clone();
            again["startsAt"] = json!(days(-15));
            let refusal_of = record(&client, again).await;
            assert_eq!(refusal(&refusal_of), refused("FORBIDDEN", "organizationId"), "{user}");
            let change = json!({"activityId": id, "expectedVersion": 2, "minutes": "改", "reason": "改"});
            let (code, field) = refusal_code(&act(&client, CORRECT, "correctActivity", change).await);
            assert_eq!(
                (code.as_str(), field.as_str()),
                (if sees { "FORBIDDEN" } else { "NOT_FOUND" }, "activityId"),
                "{user}"
            );
        }
    }
);

fn refusal_code(payload: &Value) -> (String, String) {
    assert_eq!(payload["activity"], Value::Null, "{payload}");
    let error = &payload["userErrors"][0];
    let last = error["path"]
        .as_array()
        .and_then(|path| path.last())
        .and_then(Value::as_str);
    (
        error["code"].as_str().unwrap_or_default().to_owned(),
        last.unwrap_or_default().to_owned(),
    )
}

both_databases!(
    g1_1a_deputy_committee_and_clerk_record_and_a_group_leader_does_not,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        for user in ["branch-secretary", "branch-deputy", "branch-committee"] {
            let mut input = held(&branch, "BRANCH_GENERAL_MEETING", days(-16));
            input["minutes"] = json!("记录");
            done(&record(&server.client(user), input).await);
        }
        let leader = record(
            &server.client("group-leader"),
            held(&branch, "BRANCH_GENERAL_MEETING", days(-16)),
        )
        .await;
        assert_eq!(refusal(&leader), refused("FORBIDDEN", "organizationId"));
        assert_eq!(leader["userErrors"][0]["params"]["right"], "ACTIVITIES:W");
    }
);

both_databases!(
    g2_5a_a_deputys_entry_of_leave_waits_for_who_decides_leave,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let (secretary, deputy, leader) = (
            server.client("branch-secretary"),
            server.client("branch-deputy"),
            server.client("group-leader"),
        );
        let member = me(&leader).await;
        let mut input = held(&branch, "BRANCH_GENERAL_MEETING", days(-17));
        input["exceptions"] = json!([{"memberId": member, "state": "ON_LEAVE", "category": "CARE"}]);
        input["minutes"] = json!("记录");
        let made = record(&deputy, input).await;
        let people = expected(&secretary, &done(&made)["activity"]["id"]).await;
        let row = people
            .iter()
            .find(|row| row["member"]["id"] == member)
            .expect("expected");
        assert_eq!(
            (&row["state"], &row["leave"]["state"]),
            (&json!("LEAVE_PENDING"), &json!("OPEN"))
        );
    }
);

both_databases!(
    g2_5a_a_clerk_records_what_was_seen_and_settles_nothing,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let (clerk, branch) = (
            server.client("branch-clerk"),
            server.account("branch-clerk", "organizationId"),
        );
        let own = me(&clerk).await;
        let all = active(&clerk, &branch).await;
        let member = all.iter().find(|id| own != json!(id)).expect("a colleague").clone();
        // No notice had gone out: what the absence was is for the secretary to say.
        let without_notice = |state: &str| {
            json!({"organizationId": branch, "kind": "BRANCH_GENERAL_MEETING", "startsAt": days(-18), "minutes": "记录",
                "exceptions": [{"memberId": member, "state": state}]})
        };
        let said = record(&clerk, without_notice("UNEXCUSED")).await;
        assert_eq!(refusal(&said), refused("FORBIDDEN", "exceptions"));
        assert_eq!(
            (
                &said["userErrors"][0]["params"]["memberId"],
                &said["userErrors"][0]["params"]["right"]
            ),
            (&json!(member), &json!("ATTENDANCE:A"))
        );
        let made = record(&clerk, without_notice("ABSENT")).await;
        let activity = done(&made)["activity"].clone();
        for state in ["PRESENT", "UNEXCUSED"] {
            assert_eq!(
                refusal(&correct_one(&clerk, &activity, &member, state).await),
                refused("FORBIDDEN", "exceptions"),
                "{state}"
            );
        }
        // An excused absence that a clerk enters is a leave that waits.
        let excused = correct_one(&clerk, &activity, &member, "ON_LEAVE").await;
        let people = expected(&clerk, &done(&excused)["activity"]["id"]).await;
        let row = people.iter().find(|row| row["member"]["id"] == json!(member));
        assert_eq!(row.expect("expected")["state"], "LEAVE_PENDING");
    }
);

/// Corrects one person's attendance at an activity as last read.
async fn correct_one(client: &Client, activity: &Value, member: &str, state: &str) -> Value {
    let input = json!({"activityId": activity["id"], "expectedVersion": activity["version"], "reason": "核实",
        "exceptions": [{"memberId": member, "state": state}]});
    act(client, CORRECT, "correctActivity", input).await
}

both_databases!(
    g2_5a_an_open_absence_is_settled_by_the_secretary_and_the_secretarys_own_by_the_deputy,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let (secretary, deputy) = (server.client("branch-secretary"), server.client("branch-deputy"));
        let (member, head) = (me(&server.client("group-leader")).await, me(&secretary).await);
        let (member, head) = (member.as_str().expect("an id"), head.as_str().expect("an id"));
        let input = json!({"organizationId": branch, "kind": "BRANCH_GENERAL_MEETING", "startsAt": days(-19), "minutes": "记录",
            "exceptions": [{"memberId": member, "state": "ABSENT"}, {"memberId": head, "state": "ABSENT"}]});
        let made = record(&deputy, input).await;
        let activity = done(&made)["activity"].clone();
        assert_eq!(
            refusal(&correct_one(&deputy, &activity, member, "PRESENT").await),
            refused("FORBIDDEN", "exceptions")
        );
        assert_eq!(
            refusal(&correct_one(&secretary, &activity, head, "PRESENT").await),
            refused("OWN_MATTER", "exceptions")
        );
        let settled = correct_one(&secretary, &activity, member, "PRESENT").await;
        let activity = done(&settled)["activity"].clone();
        let settled = correct_one(&deputy, &activity, head, "UNEXCUSED").await;
        let activity = done(&settled)["activity"].clone();
        // What stands recorded of oneself is put right by somebody else, too.
        assert_eq!(
            refusal(&correct_one(&secretary, &activity, head, "PRESENT").await),
            refused("OWN_MATTER", "exceptions")
        );
    }
);

both_databases!(
    g1_1d_whoever_is_invited_sees_the_lecture_and_is_told_which_right_is_missing,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let branch = server.account("activist", "organizationId");
        let accounts = server.accounts();
        let of_branch = |one: &&Value| {
            one["organizationId"] == json!(branch)
                && one["role"].as_str().is_some_and(|role| role.contains("secretary"))
        };
        let keeper = accounts.as_array().and_then(|all| all.iter().find(of_branch));
        let keeper = keeper.and_then(|one| one["username"].as_str());
        let keeper = server.client(keeper.expect("the activist's branch has a secretary with an account"));
        let guest = server.client("activist");
        let who = guest.data("{ viewer { applicant { id } } }", json!({})).await;
        let guest_id = who["viewer"]["applicant"]["id"].clone();
        let lecture = schedule(
            &keeper,
            json!({"organizationId": branch, "kind": "PARTY_LECTURE", "startsAt": days(21), "invited": [guest_id]}),
        )
        .await;
        let id = done(&lecture)["activity"]["id"].clone();
        assert_eq!(guest.data(READ, json!({"id": id})).await["activity"]["id"], id);
        let acts: [(&str, Value, &str); 6] = [
            ("cancelActivity", json!({"reason": "试"}), "ACTIVITIES:W"),
            (
                "rescheduleActivity",
                json!({"expectedVersion": 1, "place": "他处"}),
                "ACTIVITIES:W",
            ),
            ("issueCheckInCode", json!({}), "ACTIVITIES:W"),
            (
                "correctActivity",
                json!({"expectedVersion": 1, "minutes": "改", "reason": "试"}),
                "ATTENDANCE:W",
            ),
            ("checkIn", json!({"code": "000000"}), "ATTENDANCE:ASK"),
            ("askLeave", json!({"category": "WORK"}), "ATTENDANCE:ASK"),
        ];
        for (field, more, right) in acts {
            let name = field[..1].to_uppercase() + &field[1..];
            let document = format!(
                "mutation($input: {name}Input!) {{ {field}(input: $input) {{ userErrors {{ code path params }} cursor }} }}"
            );
            let mut input = json!({"activityId": id});
            let into = input.as_object_mut().expect("an object");
            into.extend(more.as_object().expect("an object").clone());
            let told = act(&guest, &document, field, input.clone()).await;
            assert_eq!(refusal(&told), refused("FORBIDDEN", "activityId"), "{field}");
            assert_eq!(told["userErrors"][0]["params"]["right"], right, "{field}");
            // Who is not invited does not see it.
            let hidden = act(&server.client("applicant"), &document, field, input).await;
            assert_eq!(refusal(&hidden), refused("NOT_FOUND", "activityId"), "{field}");
        }
    }
);
