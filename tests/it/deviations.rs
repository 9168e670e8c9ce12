//! What is owed only normally (一般、原则上) is put off by the level above, for a reason and until a day (spec 2).

use serde_json::{Value, json};
use tests::{City, Client, both_databases};

use super::activities::{act, done, refusal, refused};
use super::admission::lines;

const ASK: &str = "mutation($input: AskDeviationInput!) { askDeviation(input: $input) {
    deviation { id version state } userErrors { code path params basis { clause } } cursor replayed } }";
const DECIDE: &str = "mutation($input: DecideDeviationInput!) { decideDeviation(input: $input) {
    deviation { id version state answer obligation { status } } userErrors { code path } cursor replayed } }";
const OWED: &str =
    "query($o: ID!) { obligations(within: {exactly: $o}, from: \"2026-10-01\", to: \"2027-12-31\", first: 100) {
    nodes { id status dueOn rule { key modality } period { start } deviations { id state reason newDate answer } } } }";

/// How something of an org's stands that began in that period.
async fn owed(client: &Client, org: &str, rule: &str, start: &str) -> Value {
    let found = client.data(OWED, json!({"o": org})).await["obligations"]["nodes"].take();
    let of_rule = |one: &&Value| one["rule"]["key"] == rule && one["period"]["start"] == start;
    let found = found.as_array().and_then(|all| all.iter().find(of_rule).cloned());
    found.unwrap_or_else(|| panic!("no {rule} from {start}"))
}

both_databases!(
    g1_1d_what_is_normally_owed_is_excused_by_the_level_above_until_a_day_and_overdue_behind_it,
    |database: tests::TestDatabase| async move {
        let city = City::on(&database);
        let server = city.at("2026-11-10T02:00:00Z").await;
        let org = server.account("village-secretary", "organizationId");
        let (branch, town) = (server.client("village-secretary"), server.client("town-secretary"));
        let lecture = async |client: &Client| owed(client, &org, "lecture", "2026-11-01").await;
        let meeting = owed(&branch, &org, "general-meeting", "2026-10-01").await;
        let before = lecture(&branch).await;
        assert_eq!(
            (&before["status"], &before["rule"]["modality"], &before["deviations"]),
            (&json!("OPEN"), &json!("NORMALLY"), &json!([]))
        );
        let ask = async |client: &Client, more: Value| {
            let mut input = json!({"obligationId": before["id"], "reason": "防汛，党员外出", "newDate": "2027-01-15"});
            let into = input.as_object_mut().expect("an object");
            into.extend(more.as_object().expect("an object").clone());
            act(client, ASK, "askDeviation", input).await
        };
        // What must be held is not put off by anybody; what one does not see does not exist.
        let strict = ask(&branch, json!({"obligationId": meeting["id"]})).await;
        assert_eq!(refusal(&strict), refused("DEVIATION_NOT_ALLOWED", "obligationId"));
        assert_eq!(strict["userErrors"][0]["basis"]["clause"], "G1.1a", "{strict}");
        assert_eq!(
            refusal(&ask(&branch, json!({"newDate": "2026-11-09"})).await),
            refused("DATE_TOO_EARLY", "newDate")
        );
        assert_eq!(
            refusal(&ask(&branch, json!({"reason": " "})).await),
            refused("REQUIRED", "reason")
        );
        assert_eq!(
            refusal(&ask(&server.client("branch-secretary"), json!({})).await),
            refused("NOT_FOUND", "obligationId")
        );
        assert_eq!(
            refusal(&ask(&town, json!({})).await),
            refused("FORBIDDEN", "obligationId")
        );
        let decide = async |client: &Client, deviation: &Value, accepted: bool| {
            let input = json!({"deviationId": deviation["id"], "expectedVersion": 1, "accepted": accepted,
                "answer": if accepted { "同意" } else { "请按期安排" }});
            act(client, DECIDE, "decideDeviation", input).await
        };

        // Asked and rejected: it stands as before, and both sides were told.
        let first = done(&ask(&branch, json!({})).await)["deviation"].clone();
        assert_eq!(first["state"], "OPEN");
        assert_eq!(
            refusal(&ask(&branch, json!({})).await),
            refused("WRONG_STATE", "obligationId")
        );
        assert_eq!(lines(&town, "DEVIATION_TO_DECIDE", &first["id"]).await, 1);
        assert_eq!(lines(&branch, "DEVIATION_TO_DECIDE", &first["id"]).await, 0);
        for user in ["village-secretary", "county-secretary"] {
            assert_eq!(
                refusal(&decide(&server.client(user), &first, true).await),
                refused("FORBIDDEN", "deviationId"),
                "{user}"
            );
        }
        let rejected = decide(&town, &first, false).await;
        assert_eq!(
            (&done(&rejected)["deviation"]["state"], &rejected["deviation"]["answer"]),
            (&json!("REJECTED"), &json!("请按期安排"))
        );
        assert_eq!(lines(&town, "DEVIATION_TO_DECIDE", &first["id"]).await, 0);
        assert_eq!(lines(&branch, "DEVIATION_DECIDED", &first["id"]).await, 1);
        assert_eq!(lecture(&branch).await["status"], "OPEN");
        assert_eq!(
            refusal(&decide(&town, &first, true).await),
            refused("ALREADY_DECIDED", "deviationId")
        );

        // Asked again and accepted: excused at once, and it need not be asked for any more.
        let second = done(&ask(&branch, json!({})).await)["deviation"].clone();
        let accepted = decide(&town, &second, true).await;
        assert_eq!(done(&accepted)["deviation"]["obligation"]["status"], "EXCUSED");
        let after = lecture(&branch).await;
        assert_eq!(
            (&before["dueOn"], &after["status"], &after["dueOn"]),
            (&json!("2026-12-31"), &json!("EXCUSED"), &json!("2027-01-15"))
        );
        let kept = after["deviations"].as_array().expect("a list");
        let kept = kept.iter().find(|one| one["id"] == second["id"]).expect("the second");
        assert_eq!(
            (&kept["state"], &kept["newDate"], &kept["answer"]),
            (&json!("ACCEPTED"), &json!("2027-01-15"), &json!("同意"))
        );
        assert_eq!(
            refusal(&ask(&branch, json!({})).await),
            refused("WRONG_STATE", "obligationId")
        );
        drop(server);
        let said = city.rejudged("2026-11-10T03:00:00Z");
        assert!(said.starts_with("0 obligations stood otherwise"), "{said}");

        // The day passes without a lecture.
        for (clock, status) in [("2027-01-15T02:00:00Z", "EXCUSED"), ("2027-01-16T02:00:00Z", "OVERDUE")] {
            let server = city.at(clock).await;
            server.quiet().await;
            let branch = server.client("village-secretary");
            assert_eq!(lecture(&branch).await["status"], status, "at {clock}");
        }
    }
);
