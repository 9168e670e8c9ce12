//! A code for checking in is not to be guessed.

use chrono::Duration;
use serde_json::{Value, json};
use tests::both_databases;

use super::*;

const CHECK_IN: &str = "mutation($input: CheckInInput!) { checkIn(input: $input) { attendance { id state version }
    userErrors { code path params } cursor } }";
const ISSUE: &str = "mutation($input: IssueCheckInCodeInput!) { issueCheckInCode(input: $input) {
    activity { id version checkIn { code } } userErrors { code path } cursor } }";
const SEEN: &str = "query($id: ID!) { activity(id: $id) { version myAttendance { version state }
    viewerCan(actions: [CHECK_IN]) { allowed reasons { code } } } }";

/// Some other code.
fn wrong(code: &str) -> String {
    let number: u32 = code.parse().expect("six digits");
    format!("{:06}", (number + 1) % 1_000_000)
}

async fn check_in(client: &Client, activity: &Value, code: &str) -> Value {
    let input = json!({"activityId": activity["id"], "code": code, "mode": "ON_SITE"});
    act(client, CHECK_IN, "checkIn", input).await
}

both_databases!(
    g1_1e_five_wrong_codes_block_one_person_until_a_new_code_is_made,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let (secretary, guesser, other) = (
            server.client("branch-secretary"),
            server.client("group-leader"),
            server.client("branch-deputy"),
        );
        let input = json!({"organizationId": branch, "kind": "PARTY_LECTURE", "startsAt": now() + Duration::minutes(5), "checkIn": true});
        let made = schedule_now(&secretary, input).await;
        let activity = done(&made)["activity"].clone();
        let code = activity["checkIn"]["code"].as_str().expect("a code").to_owned();
        let before = guesser.data(SEEN, json!({"id": activity["id"]})).await["activity"].take();
        assert_eq!(before["viewerCan"][0]["allowed"], true, "{before}");
        // Side by side, so that no guess slips past the count of another; twelve keys, twelve guesses.
        let other_code = wrong(&code);
        let guesses = (0..12).map(|_| check_in(&guesser, &activity, &other_code));
        let answers = futures_util::future::join_all(guesses).await;
        let of = |wanted: &str| {
            answers
                .iter()
                .filter(|answer| refusal(answer) == refused(wanted, "code"))
                .count()
        };
        assert_eq!(
            (of("CHECK_IN_CODE_WRONG"), of("CHECK_IN_BLOCKED")),
            (5, 7),
            "{answers:#?}"
        );
        let mut left: Vec<&str> = answers
            .iter()
            .filter_map(|answer| answer["userErrors"][0]["params"]["left"].as_str())
            .collect();
        left.sort_unstable();
        assert_eq!(left, ["0", "1", "2", "3", "4"], "each says how many are left");
        // The right one comes too late for whoever guessed, and opens for everybody else.
        assert_eq!(
            refusal(&check_in(&guesser, &activity, &code).await),
            refused("CHECK_IN_BLOCKED", "code")
        );
        assert_eq!(
            done(&check_in(&other, &activity, &code).await)["attendance"]["state"],
            "PRESENT"
        );
        let after = guesser.data(SEEN, json!({"id": activity["id"]})).await["activity"].take();
        assert_eq!(
            after["viewerCan"][0]["reasons"][0]["code"], "CHECK_IN_BLOCKED",
            "{after}"
        );
        assert_eq!(
            (&after["version"], &after["myAttendance"]),
            (&before["version"], &before["myAttendance"]),
            "a guess moves no version"
        );
        let input = json!({"activityId": activity["id"], "expectedVersion": activity["version"]});
        let anew = act(&secretary, ISSUE, "issueCheckInCode", input).await;
        let code = done(&anew)["activity"]["checkIn"]["code"]
            .as_str()
            .expect("a code")
            .to_owned();
        assert_eq!(
            refusal(&check_in(&guesser, &activity, &wrong(&code)).await),
            refused("CHECK_IN_CODE_WRONG", "code")
        );
        assert_eq!(
            done(&check_in(&guesser, &activity, &code).await)["attendance"]["state"],
            "PRESENT"
        );
    }
);

both_databases!(
    a_code_costs_what_a_guess_costs,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let nothing = json!({"id": format!("act_{}", "0".repeat(26))});
        let input =
            json!({"activityId": nothing["id"], "code": "000000", "mode": "ON_SITE", "idempotencyKey": key("cost")});
        let answer = server.client("member").graphql(CHECK_IN, json!({"input": input})).await;
        let actual = answer["extensions"]["cost"]["actual"].as_u64().expect("a number");
        assert!(actual >= 200, "{answer}");
    }
);
