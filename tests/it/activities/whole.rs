//! The way of a meeting from its calendar entry to the register.

use chrono::Duration;
use serde_json::{Value, json};
use tests::both_databases;

use super::*;

const RESCHEDULE: &str = "mutation($input: RescheduleActivityInput!) { rescheduleActivity(input: $input) {
    activity { id version startsAt place mode noticedAt agenda { kind } } userErrors { code path } } }";
const REGISTER: &str = "query($o: ID!, $year: Int!, $after: String) { organization(id: $o) { register(year: $year, first: 100, after: $after) {
    nodes { number activity { id startsAt } absences { member { id } state category } tally { expected present onLeave } }
    pageInfo { hasNextPage endCursor } } } }";

both_databases!(
    g1_1a_a_general_meeting_goes_from_schedule_over_notice_to_minutes,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let client = server.client("branch-secretary").with_header("accept-language", "en");
        let input = json!({"organizationId": branch, "kind": "BRANCH_GENERAL_MEETING", "startsAt": days(3), "place": "一号会议室",
            "agenda": [{"kind": "STUDY", "title": "学习"}, {"kind": "REVIEW_WORK", "title": "审查"}], "notice": true});
        let made = schedule(&client, input).await;
        let activity = done(&made)["activity"].clone();
        assert_eq!(activity["status"], "SCHEDULED");
        assert_eq!(
            (&activity["kindLabel"], &activity["statusLabel"]),
            (&json!("Branch general meeting"), &json!("Scheduled"))
        );
        assert_eq!(
            activity["agenda"][1],
            json!({"kind": "REVIEW_WORK", "kindLabel": "Review of the branch's work", "title": "审查"})
        );
        assert!(
            activity["noticedAt"].is_string() && activity["tally"]["expected"].as_i64() > Some(3),
            "{activity}"
        );
        // What lies ahead cannot be recorded.
        let early = record(&client, json!({"activityId": activity["id"], "minutes": "……"})).await;
        assert_eq!(refusal(&early), refused("DATE_IN_FUTURE", "startsAt"));
        // Another time: notice of the old one is no notice of the new one.
        let input = json!({"activityId": activity["id"], "expectedVersion": activity["version"], "startsAt": days(4), "mode": "HYBRID",
            "notice": false});
        let moved = act(&client, RESCHEDULE, "rescheduleActivity", input.clone()).await;
        assert_eq!(done(&moved)["activity"]["noticedAt"], Value::Null);
        assert_eq!(moved["activity"]["version"], 2);
        let stale = act(&client, RESCHEDULE, "rescheduleActivity", input).await;
        assert_eq!(stale["userErrors"][0]["code"], "CONFLICT");
        assert_eq!(
            stale["activity"]["version"], 2,
            "a conflict shows what stands there now"
        );
    }
);

both_databases!(
    g1_1a_a_meeting_in_the_calendar_is_recorded_once_and_the_repeat_changes_nothing,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let client = server.client("branch-secretary");
        let at = now();
        let made = schedule_now(
            &client,
            json!({"organizationId": branch, "kind": "BRANCH_GENERAL_MEETING", "startsAt": at}),
        )
        .await;
        let activity = done(&made)["activity"].clone();
        let mine = me(&client).await;
        let input = json!({"activityId": activity["id"], "expectedVersion": activity["version"], "minutes": "会议记录",
            "resolutions": [{"title": "年度计划", "kind": "MAJOR_MATTER", "ayes": 1, "followUp": {"ownerId": mine, "on": (at + Duration::days(30)).date_naive()}}],
            "idempotencyKey": key("record")});
        let first = record(&client, input.clone()).await;
        assert_eq!(done(&first)["activity"]["status"], "FILED");
        assert_eq!(first["activity"]["minutes"]["revision"], 1);
        let again = record(&client, input).await;
        assert_eq!(
            (&again["replayed"], &again["cursor"].is_string()),
            (&json!(true), &true)
        );
        assert_eq!(again["activity"], first["activity"]);
        let twice = record(&client, json!({"activityId": activity["id"], "minutes": "另一份"})).await;
        assert_eq!(refusal(&twice), refused("ALREADY_RECORDED", "activityId"));
    }
);

both_databases!(
    g1_1a_probationary_members_attend_and_have_no_vote,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let client = server.client("moved-secretary");
        let branch = server.account("moved-secretary", "organizationId");
        let all = roster(&client, &branch).await;
        let full = all
            .iter()
            .filter(|member| member["standing"] == "FULL" && member["status"] != "SUSPENDED");
        let full = i64::try_from(full.count()).expect("few");
        let at = days(-20);
        let mut input = held(&branch, "BRANCH_GENERAL_MEETING", at);
        input["minutes"] = json!("记录");
        input["mode"] = json!("HYBRID");
        input["resolutions"] = json!([{"title": "表彰", "kind": "COMMENDATION", "ayes": 1}]);
        let made = record(&client, input).await;
        let resolution = done(&made)["activity"]["resolutions"][0].clone();
        assert_eq!(resolution["due"].as_i64(), Some(full), "{made}");
        assert_eq!(resolution["passed"], false, "{resolution}");
        assert_eq!(resolution["basis"], json!({"clause": "G1.1a", "entry": "vote-general"}));
        let probationary = all
            .iter()
            .filter(|member| member["standing"] == "PROBATIONARY" && member["status"] == "ACTIVE");
        let probationary: Vec<&Value> = probationary.collect();
        assert!(!probationary.is_empty() && full > 1, "{all:?}");
        let people = expected(&client, &made["activity"]["id"]).await;
        for member in probationary {
            assert!(
                people.iter().any(|row| row["member"]["id"] == member["id"]),
                "{member} is expected like everybody"
            );
        }
    }
);

both_databases!(
    g1_1a_the_majority_is_the_rulebooks_and_those_left_out_lower_it,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let client = server.client("village-secretary");
        let branch = server.account("village-secretary", "organizationId");
        let all = roster(&client, &branch).await;
        let votes = |member: &&Value| member["standing"] == "FULL" && member["status"] == "ACTIVE";
        let away: Vec<&Value> = all
            .iter()
            .filter(votes)
            .rev()
            .take(2)
            .map(|member| &member["id"])
            .collect();
        let left_out = |ids: &[&Value]| -> Value {
            ids.iter()
                .map(|id| json!({"memberId": id, "ground": "DETAINED"}))
                .collect()
        };
        let run = async |ayes: i64, excluded: Value| {
            let mut input = held(&branch, "BRANCH_GENERAL_MEETING", days(-21));
            input["minutes"] = json!("记录");
            input["exceptions"] = away
                .iter()
                .map(|id| json!({"memberId": id, "state": "ABSENT"}))
                .collect();
            input["resolutions"] = json!([{"title": "处分", "kind": "SANCTION", "ayes": ayes, "excluded": excluded}]);
            record(&client, input).await
        };
        let first = |answer: &Value| answer["activity"]["resolutions"][0].clone();
        let probe = run(0, json!([])).await;
        done(&probe);
        let due = first(&probe)["due"].as_i64().expect("a number");
        let half = due / 2;
        assert_eq!(
            first(&run(half, json!([])).await)["passed"],
            false,
            "half is not more than half"
        );
        assert_eq!(first(&run(half + 1, json!([])).await)["passed"], true);
        let lower = first(&run(half, left_out(&away)).await);
        assert_eq!(lower["passed"], true, "two fewer are due: {lower}");
        assert_eq!(
            lower["due"].as_i64(),
            Some(due),
            "they stay among those due, and are shown"
        );
        let shown: Vec<&Value> = lower["excluded"].as_array().into_iter().flatten().collect();
        assert_eq!(shown.len(), 2, "{lower}");
        assert!(
            shown
                .iter()
                .all(|one| one["ground"] == "DETAINED" && away.contains(&&one["member"]["id"]))
        );
        assert_eq!(lower["ayesNeeded"].as_i64(), Some((due - 2) / 2 + 1));
        assert_eq!(lower["quorumNeeded"].as_i64(), Some((due - 1) / 2));
    }
);

both_databases!(
    g1_1a_who_is_left_out_of_those_due_is_absent_and_may_vote,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let client = server.client("moved-secretary");
        let branch = server.account("moved-secretary", "organizationId");
        let all = roster(&client, &branch).await;
        let active = |standing: &str| {
            let found = all
                .iter()
                .find(|member| member["standing"] == standing && member["status"] == "ACTIVE");
            found.map(|member| member["id"].clone()).expect("there is one")
        };
        let run = async |excluded: Value, ayes: i64| {
            let mut input = held(&branch, "BRANCH_GENERAL_MEETING", days(-22));
            input["minutes"] = json!("记录");
            input["resolutions"] = json!([{"title": "处分", "kind": "SANCTION", "ayes": ayes, "excluded": excluded}]);
            record(&client, input).await
        };
        let present = json!({"memberId": active("FULL"), "ground": "DETAINED"});
        let reasons = |answer: &Value| -> Value {
            let error = &answer["userErrors"][0];
            assert_eq!(
                (&error["code"], &error["basis"]["entry"]),
                (&json!("VOTE_INVALID"), &json!("vote-general")),
                "{answer}"
            );
            error["params"].clone()
        };
        let refused = reasons(&run(json!([present]), 0).await);
        assert_eq!(
            (&refused["reason"], &refused["ground"]),
            (&json!("EXCLUDED_PRESENT"), &json!("DETAINED"))
        );
        let not_due = json!({"memberId": active("PROBATIONARY"), "ground": "DETAINED"});
        let refused = reasons(&run(json!([not_due]), 0).await);
        assert_eq!(refused["reason"], "EXCLUDED_NOT_DUE");
        let many = reasons(&run(json!([]), 1000).await);
        assert_eq!(
            (&many["reason"], &many["ayes"]),
            (&json!("MORE_VOTES_THAN_PRESENT"), &json!("1000"))
        );
        assert!(many["present"].is_string() && many["due"].is_string(), "{many}");
    }
);

both_databases!(
    g1_1f_a_correction_is_a_new_revision_and_the_old_one_stays_readable,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let client = server.client("branch-secretary");
        let branch = server.account("branch-secretary", "organizationId");
        let mut input = held(&branch, "BRANCH_GENERAL_MEETING", days(-10));
        let made = record(&client, input.clone()).await;
        assert_eq!(
            done(&made)["activity"]["status"],
            "HELD",
            "without minutes it is not filed"
        );
        let id = made["activity"]["id"].clone();
        let correct = async |version: i64, minutes: &str, reason: Option<&str>| {
            let input = json!({"activityId": id, "expectedVersion": version, "minutes": minutes, "reason": reason});
            act(&client, CORRECT, "correctActivity", input).await
        };
        assert_eq!(
            done(&correct(1 + 1, "第一稿", None).await)["activity"]["status"],
            "FILED"
        );
        assert_eq!(
            refusal(&correct(3, "第二稿", None).await),
            refused("REQUIRED", "reason")
        );
        assert_eq!(
            refusal(&correct(3, "第二稿", Some("  ")).await),
            refused("REQUIRED", "reason")
        );
        let last = correct(3, "第二稿", Some("漏记表决情况")).await;
        assert_eq!(
            done(&last)["activity"]["minutes"],
            json!({"revision": 2, "text": "第二稿", "reason": "漏记表决情况"})
        );
        let kept = &last["activity"]["minutesHistory"]["nodes"];
        assert_eq!(kept[1], json!({"revision": 1, "text": "第一稿", "reason": null}));
        let stale = correct(3, "第三稿", Some("再改")).await;
        assert_eq!(
            (&stale["userErrors"][0]["code"], &stale["activity"]["version"]),
            (&json!("CONFLICT"), &json!(4))
        );
        // The same meeting, entered a second time under another key.
        input["minutes"] = json!("又一次");
        assert_eq!(
            refusal(&record(&client, input).await),
            refused("ALREADY_RECORDED", "startsAt")
        );
    }
);

both_databases!(
    g1_1f_the_register_is_derived_and_a_late_entry_moves_no_number,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        // No other test records in this branch, so its numbers stand still.
        let client = server.client("branch-clerk");
        let branch = server.account("branch-clerk", "organizationId");
        let late = days(-3);
        let year = chrono::Datelike::year(&(late + Duration::hours(8)));
        let read = async || {
            let page =
                client.data(REGISTER, json!({"o": branch, "year": year})).await["organization"]["register"].clone();
            assert_eq!(page["pageInfo"]["hasNextPage"], false);
            page["nodes"].as_array().expect("entries").clone()
        };
        let before = read().await;
        let mut numbers: Vec<i64> = before.iter().filter_map(|entry| entry["number"].as_i64()).collect();
        numbers.sort_unstable();
        assert_eq!(
            numbers,
            (1..=i64::try_from(before.len()).expect("few")).collect::<Vec<_>>()
        );
        let away = active(&client, &branch).await.pop().expect("somebody");
        let mut input = held(&branch, "BRANCH_GENERAL_MEETING", late);
        input["exceptions"] = json!([{"memberId": away, "state": "ON_LEAVE", "category": "ILLNESS"}]);
        input["minutes"] = json!("记录");
        let made = record(&client, input).await;
        let id = done(&made)["activity"]["id"].clone();
        let after = read().await;
        assert_eq!(after.len(), before.len() + 1);
        let own = after
            .iter()
            .find(|entry| entry["activity"]["id"] == id)
            .expect("it is in the register");
        assert_eq!(own["number"].as_u64(), Some(after.len() as u64));
        assert!(
            own["absences"]
                .as_array()
                .expect("absences")
                .contains(&json!({"member": {"id": away}, "state": "LEAVE_PENDING", "category": "ILLNESS"})),
            "a clerk records, the secretary decides: {own}"
        );
        for entry in before {
            let same = after
                .iter()
                .find(|other| other["activity"]["id"] == entry["activity"]["id"]);
            assert_eq!(same.map(|same| &same["number"]), Some(&entry["number"]));
        }
    }
);

both_databases!(
    g1_1h_a_usual_meeting_takes_at_most_ten_typed_fields_and_nothing_is_judged_from_words_or_pictures,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let client = server.client("branch-secretary");
        let branch = server.account("branch-secretary", "organizationId");
        let away = active(&client, &branch).await.pop().expect("somebody");
        let typed = json!({"organizationId": branch, "kind": "BRANCH_GENERAL_MEETING", "startsAt": days(-6),
            "minutes": "学习文件，审查支部工作。",
            "exceptions": [{"memberId": away, "state": "ON_LEAVE", "category": "WORK"}]});
        fn fields(value: &Value) -> usize {
            match value {
                Value::Object(map) => map.values().map(fields).sum(),
                Value::Array(list) => list.iter().map(fields).sum(),
                _ => 1,
            }
        }
        assert!(fields(&typed) <= 10, "{} fields", fields(&typed));
        let made = record(&client, typed).await;
        assert_eq!(done(&made)["activity"]["tally"]["onLeave"], 1);
        let schema =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.graphql")).expect("the contract");
        for word in [
            "photo",
            "image",
            "picture",
            "position",
            "latitude",
            "longitude",
            "score",
            "ranking",
            "wordcount",
            "onlineminutes",
            "onlinetime",
            "faith",
            "religion",
        ] {
            let hit = schema.lines().find(|line| {
                let line = line.trim().to_lowercase();
                !line.starts_with('"')
                    && !line.starts_with('#')
                    && line
                        .split(['(', ':'])
                        .next()
                        .is_some_and(|name| name == word || name.ends_with(word))
            });
            assert_eq!(hit, None, "{word} stands in the contract");
        }
    }
);

both_databases!(
    g1_1a_twenty_records_of_one_meeting_have_one_effect,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let client = server.client("branch-secretary");
        let branch = server.account("branch-secretary", "organizationId");
        for scheduled in [true, false] {
            let at = days(-1);
            let input = if scheduled {
                let made = schedule_now(
                    &client,
                    json!({"organizationId": branch, "kind": "BRANCH_GENERAL_MEETING", "startsAt": now()}),
                )
                .await;
                json!({"activityId": done(&made)["activity"]["id"], "minutes": "记录"})
            } else {
                json!({"organizationId": branch, "kind": "BRANCH_GENERAL_MEETING", "startsAt": at, "minutes": "记录"})
            };
            let all = futures_util::future::join_all((0..20).map(|_| record(&client, input.clone()))).await;
            let (won, lost): (Vec<_>, Vec<_>) = all.iter().partition(|payload| payload["userErrors"] == json!([]));
            assert_eq!((won.len(), lost.len()), (1, 19), "{all:#?}");
            for payload in lost {
                assert_eq!(payload["userErrors"][0]["code"], "ALREADY_RECORDED", "{payload}");
            }
            assert_eq!(won[0]["activity"]["version"], 2);
        }
    }
);
