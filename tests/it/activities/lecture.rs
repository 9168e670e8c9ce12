//! Lectures, group meetings, kinds as data.

use serde_json::{Value, json};
use tests::both_databases;

use super::*;

both_databases!(
    g1_1c_a_group_meets_with_its_own_agenda_and_its_leader_records_it,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let leader = server.client("group-leader");
        let group = server.account("group-leader", "organizationId");
        let branch = server.account("branch-secretary", "organizationId");
        let mut input = held(&group, "PARTY_GROUP_MEETING", days(-2));
        input["agenda"] =
            json!([{"kind": "EXCHANGE", "title": "交流"}, {"kind": "PUBLIC_OPINION", "title": "群众反映"}]);
        input["minutes"] = json!("小组会记录");
        let made = record(&leader, input).await;
        let activity = done(&made)["activity"].clone();
        let people = expected(&leader, &activity["id"]).await;
        let own = roster(&server.client("branch-secretary"), &branch).await;
        assert!(!people.is_empty());
        for row in &people {
            let member = own
                .iter()
                .find(|member| member["id"] == row["member"]["id"])
                .expect("a member of the branch");
            assert_eq!(member["group"]["id"], json!(group));
        }
        let mut wrong = held(&group, "PARTY_GROUP_MEETING", days(-2));
        wrong["agenda"] = json!([{"kind": "ADMISSION", "title": "发展党员"}]);
        let made = record(&leader, wrong).await;
        assert_eq!(refusal(&made), refused("KIND_NOT_ALLOWED_HERE", "agenda.0.kind"));
        assert_eq!(
            made["userErrors"][0]["params"],
            json!({"kind": "ADMISSION", "activityKind": "PARTY_GROUP_MEETING"})
        );
        // The leader's rights end at the group; a group holds no general meeting.
        let beyond = record(&leader, held(&branch, "BRANCH_GENERAL_MEETING", days(-2))).await;
        assert_eq!(refusal(&beyond), refused("FORBIDDEN", "organizationId"));
        let no_kind = record(&leader, held(&group, "BRANCH_GENERAL_MEETING", days(-2))).await;
        assert_eq!(refusal(&no_kind), refused("KIND_NOT_ALLOWED_HERE", "kind"));
    }
);

both_databases!(
    g1_1d_activists_are_invited_to_a_lecture_and_counted_apart,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let mut invited_somewhere = false;
        for user in ["branch-secretary", "village-secretary", "moved-secretary"] {
            let client = server.client(user);
            let branch = server.account(user, "organizationId");
            let mut input = held(&branch, "PARTY_LECTURE", days(-5));
            input["agenda"] = json!([{"kind": "LECTURE_BASICS", "title": "党章"}]);
            input["lecturer"] = json!("市委党校教师");
            input["links"] = json!(["https://study.example/party-constitution"]);
            input["inviteActivists"] = json!(true);
            input["minutes"] = json!("党课记录");
            let made = record(&client, input).await;
            let activity = done(&made)["activity"].clone();
            let (invited, present) = (
                activity["invited"]["invited"].as_i64(),
                activity["invited"]["present"].as_i64(),
            );
            assert_eq!(invited, present, "who is invited and not named absent came");
            let people = expected(&client, &activity["id"]).await;
            let exempt = people.iter().filter(|row| row["state"] == "EXEMPT").count();
            assert_eq!(
                activity["tally"]["expected"].as_u64(),
                Some((people.len() - exempt) as u64),
                "activists are not among the members"
            );
            invited_somewhere |= invited > Some(0);
        }
        assert!(invited_somewhere, "none of these branches has an activist");
        let client = server.client("branch-secretary");
        let branch = server.account("branch-secretary", "organizationId");
        let stranger = json!([format!("apl_{}", "0".repeat(26))]);
        for (field, value, code, path) in [
            ("invited", stranger.clone(), "NOT_FOUND", "invited.0"),
            ("invitedAbsent", stranger, "NOT_EXPECTED", "invitedAbsent.0"),
            ("links", json!(["javascript:alert(1)"]), "INVALID", "links.0"),
            ("lecturer", json!("长".repeat(201)), "TOO_LONG", "lecturer"),
        ] {
            let mut input = held(&branch, "PARTY_LECTURE", days(-5));
            input[field] = value;
            assert_eq!(refusal(&record(&client, input).await), refused(code, path));
        }
        let mut meeting = held(&branch, "BRANCH_GENERAL_MEETING", days(-5));
        meeting["inviteActivists"] = json!(true);
        assert_eq!(
            refusal(&record(&client, meeting).await),
            refused("KIND_NOT_ALLOWED_HERE", "invited")
        );
    }
);

both_databases!(
    g1_1d_kinds_and_their_labels_are_data_of_the_api,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let query =
            "{ activityKinds { kind label heldBy expected mayBeJoint mayBeCombinedWith agenda { kind label } } }";
        let client = server.client("member");
        let chinese = client
            .with_header("accept-language", "zh-CN")
            .data(query, json!({}))
            .await["activityKinds"]
            .clone();
        let english = client.with_header("accept-language", "en").data(query, json!({})).await["activityKinds"].clone();
        let lecture = |all: &Value| {
            all.as_array()
                .and_then(|all| all.iter().find(|one| one["kind"] == "PARTY_LECTURE").cloned())
                .expect("it is there")
        };
        assert_eq!(
            (&lecture(&chinese)["label"], &lecture(&english)["label"]),
            (&json!("党课"), &json!("Party lecture"))
        );
        assert_eq!(lecture(&english)["mayBeJoint"], true);
        assert_eq!(
            lecture(&english)["agenda"][1],
            json!({"kind": "LECTURE_BASICS", "label": "Basic knowledge of the Party"})
        );
        assert_eq!(english.as_array().map(Vec::len), Some(5));
    }
);

both_databases!(
    g1_1d_a_general_meeting_with_a_lecture_on_its_agenda_meets_both_once,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let client = server.client("moved-secretary");
        let branch = server.account("moved-secretary", "organizationId");
        let mut input = held(
            &branch,
            "BRANCH_GENERAL_MEETING",
            now() - chrono::Duration::milliseconds(next()),
        );
        input["agenda"] =
            json!([{"kind": "REVIEW_WORK", "title": "审查"}, {"kind": "LECTURE_SITUATION", "title": "形势"}]);
        input["minutes"] = json!("记录");
        let made = record(&client, input).await;
        let id = done(&made)["activity"]["id"].clone();
        let query = "query($o: ID!) { organization(id: $o) { obligations(first: 100) { nodes { rule { key } evidence { activities { id } } } } } }";
        let owed = client.data(query, json!({"o": branch})).await["organization"]["obligations"]["nodes"].clone();
        for rule in ["general-meeting", "lecture"] {
            let times = owed
                .as_array()
                .expect("a list")
                .iter()
                .filter(|one| one["rule"]["key"] == rule)
                .filter(|one| {
                    one["evidence"]["activities"]
                        .as_array()
                        .is_some_and(|all| all.iter().any(|own| own["id"] == id))
                })
                .count();
            assert_eq!(times, 1, "{rule}");
        }
    }
);
