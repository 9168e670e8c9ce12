//! A mirrored roster: who is not in the file leaves, and never more of them than may.

use serde_json::{Value, json};
use tests::{Server, TestDatabase, both_databases};

use super::{ROSTER, completed, counts, file, import, input, is, members, names, new, refused, sound, told};
use crate::exports::program;

fn mirror(threshold: i32) -> Value {
    json!({"mode": "MIRROR", "mirrorThreshold": threshold, "departure": {"reason": "REMOVED", "leftOn": "2026-11-20",
        "decision": {"decidedOn": "2026-11-19", "documentNumber": "名册〔2026〕1号"}}})
}

both_databases!(
    who_is_not_in_the_file_leaves_unless_they_are_too_many,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let keys = server.keys_of_demo();
        let branch = server.account("branch-secretary", "organizationId");
        let (_, client) = program(&server, &branch, "roster", &ROSTER).await;
        // The whole roster by our ids, and four newcomers.
        let list = "query($o: ID!) { members(within: {exactly: $o}, first: 100) { nodes { id } } }";
        let there = client.data(list, json!({"o": branch})).await["members"]["nodes"].clone();
        let there: Vec<String> = there
            .as_array()
            .expect("members")
            .iter()
            .map(|member| member["id"].as_str().expect("an id").to_owned())
            .collect();
        let text = |newcomers: &[&str]| {
            let mut text = "id,system,externalId,branchId,name,standing,joinedOn,since\n".to_owned();
            for id in &there {
                text.push_str(&format!("{id},,,,,,,\n"));
            }
            for value in newcomers {
                text.push_str(&format!(
                    ",hr,{value},{branch},甘{value},PROBATIONARY,2026-03-02,2026-03-02\n"
                ));
            }
            text
        };
        let all = completed(&client, text(&["1", "2", "3", "4"]), mirror(0), "all").await;
        assert_eq!(counts(&all)[..2], [4, 0], "{all:#}");
        let before = names(&client, &branch).await;
        // Two of them are missing: more than none may leave.
        let refused = import(&client, text(&["1", "2"]), mirror(0), "too many").await;
        assert_eq!(
            (&refused["state"], &refused["failure"]),
            (&json!("FAILED"), &json!("TOO_MANY_LEAVE"))
        );
        let error = &refused["userErrors"][0];
        assert_eq!(error["code"], "TOO_MANY_LEAVE", "{refused:#}");
        let number = before.len().to_string();
        assert_eq!(error["params"], json!({"leaving": "2", "there": number, "max": "0"}));
        assert_eq!(names(&client, &branch).await, before, "nothing was written");
        // A dry run tells who would leave; they stay.
        let mut dry = mirror(50);
        dry["dryRun"] = json!(true);
        let dry = completed(&client, text(&["1", "2"]), dry, "dry").await;
        assert_eq!(names(&client, &branch).await, before);
        let done = completed(&client, text(&["1", "2"]), mirror(50), "two").await;
        assert_eq!(
            (counts(&dry), counts(&done)),
            ([0, 2, there.len() as i64 + 2, 0], counts(&dry))
        );
        let gone: Vec<_> = told(&done).into_iter().filter(|row| row.0 == 0).collect();
        assert_eq!(gone, [is(0, "CHANGED", ""), is(0, "CHANGED", "")], "{done:#}");
        let after = names(&client, &branch).await;
        assert_eq!(after.len(), before.len() - 2);
        assert!(
            !after.contains(&"甘3".to_owned()) && after.contains(&"甘1".to_owned()),
            "{after:?}"
        );
        // A row that cannot be read lets nobody leave.
        let broken = text(&["1", "2"]).replace(",hr,2,", ",,,");
        let broken = import(&client, broken, mirror(100), "broken").await;
        assert_eq!(broken["failure"], "FILE_REFUSED", "{broken:#}");
        assert_eq!(names(&client, &branch).await, after);
        sound(&keys, server, &database).await;
    }
);

both_databases!(
    a_mirror_says_how_many_may_leave_and_on_which_decision,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let (_, client) = program(&server, &branch, "roster", &ROSTER).await;
        let file = file(&client, members([new("1", &branch, "甘一").as_str()])).await;
        let without = |field: &str| {
            let mut more = mirror(5);
            more[field] = Value::Null;
            more
        };
        let mut undecided = mirror(5);
        undecided["departure"]["decision"] = Value::Null;
        let mut elsewhere = mirror(5);
        elsewhere["mode"] = json!("UPSERT");
        let mut activities = mirror(5);
        activities["kind"] = json!("APPOINTMENT");
        for (at, (more, code, path)) in [
            (without("mirrorThreshold"), "REQUIRED", "mirrorThreshold"),
            (without("departure"), "REQUIRED", "departure"),
            (mirror(101), "INVALID", "mirrorThreshold"),
            (undecided, "COLLECTIVE_DECISION_REQUIRED", "decision"),
            (elsewhere, "INVALID", "mirrorThreshold"),
            (activities, "INVALID", "mode"),
        ]
        .into_iter()
        .enumerate()
        {
            let told = refused(&client, input(&file, more, &format!("mirror-{at}"))).await;
            assert_eq!(told, (code.to_owned(), path.to_owned()));
        }
    }
);
