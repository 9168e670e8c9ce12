//! What is changed before the start, and who meets together: G1.1d, G2.3b.

use serde_json::{Value, json};
use tests::{Server, both_databases};

use super::*;
use crate::admission::{ago, decision};
use crate::transfers::ROSTER as STRENGTH;

const RESCHEDULE: &str = "mutation($input: RescheduleActivityInput!) { rescheduleActivity(input: $input) {
    activity { id version startsAt noticedAt lecturer links forYear chair { id } organizations { id } invited { invited }
      participations { organization { id } host confirmedAt tally { expected } } agenda { kind } }
    userErrors { code path params basis { clause entry } } cursor } }";
const LEAVE: &str = "mutation($input: RecordDepartureInput!) { recordDeparture(input: $input) { member { id } userErrors { code path } cursor } }";
const PARTS: &str =
    "query($id: ID!) { activity(id: $id) { forYear participations { organization { id } host namedAt confirmedAt
    confirmedBy { id } tally { expected present } } } }";
const CANCEL: &str =
    "mutation($input: CancelActivityInput!) { cancelActivity(input: $input) { activity { status cancelReason }
    userErrors { code path } cursor } }";

async fn reschedule(client: &Client, activity: &Value, more: Value) -> Value {
    let mut input = json!({"activityId": activity["id"], "expectedVersion": activity["version"]});
    for (name, value) in more.as_object().expect("an object") {
        input[name] = value.clone();
    }
    act(client, RESCHEDULE, "rescheduleActivity", input).await
}

async fn parts(client: &Client, id: &Value) -> Vec<Value> {
    let shown = client.data(PARTS, json!({"id": id})).await["activity"]["participations"].take();
    shown.as_array().expect("a list").clone()
}

both_databases!(
    g1_1d_a_lecture_is_changed_before_it_begins_and_only_another_time_or_place_needs_new_notice,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let (client, guest) = (server.client("village-secretary"), server.client("moved-secretary"));
        let (here, there) = (
            server.account("village-secretary", "organizationId"),
            server.account("moved-secretary", "organizationId"),
        );
        let input = json!({"organizationId": here, "kind": "PARTY_LECTURE", "startsAt": days(40)});
        let made = schedule(&client, input).await;
        let (activity, alone) = (
            done(&made)["activity"].clone(),
            made["activity"]["tally"]["expected"].clone(),
        );
        let noticed = activity["noticedAt"].clone();
        let more = json!({"lecturer": "市委党校教师", "links": ["https://study.example/basics"], "organizations": [there],
            "agenda": [{"kind": "LECTURE_BASICS", "title": "党章"}], "chairId": me(&client).await, "inviteActivists": true});
        let changed = reschedule(&client, &activity, more).await;
        let activity = done(&changed)["activity"].clone();
        assert_eq!(activity["noticedAt"], noticed, "the same time and place stay noticed");
        assert_eq!(
            (
                &activity["lecturer"],
                &activity["links"],
                &activity["agenda"][0]["kind"]
            ),
            (
                &json!("市委党校教师"),
                &json!(["https://study.example/basics"]),
                &json!("LECTURE_BASICS")
            )
        );
        assert_eq!(activity["organizations"], json!([{"id": here}, {"id": there}]));
        let both = parts(&client, &activity["id"]).await;
        assert_eq!(
            (&both[0]["host"], &both[0]["tally"]["expected"]),
            (&json!(true), &alone)
        );
        assert!(
            both[1]["tally"]["expected"].as_i64() > Some(0),
            "the guests have seats: {both:?}"
        );
        let seats = expected(&guest, &activity["id"]).await.len();
        assert!(seats > 0);
        let bad = reschedule(&client, &activity, json!({"links": ["javascript:alert(1)"]})).await;
        assert_eq!(refusal(&bad), refused("INVALID", "links.0"));
        let alone_again = reschedule(
            &client,
            &activity,
            json!({"organizations": [], "lecturer": "", "links": []}),
        )
        .await;
        let activity = done(&alone_again)["activity"].clone();
        assert_eq!(
            (&activity["lecturer"], &activity["links"], &activity["organizations"]),
            (&Value::Null, &json!([]), &json!([{"id": here}]))
        );
        let gone = guest.data(EXPECTED, json!({"id": activity["id"]})).await;
        assert_eq!(
            gone["activity"],
            Value::Null,
            "it is none of the guest's activities any more"
        );
        let later = reschedule(&client, &activity, json!({"startsAt": days(41), "notice": false})).await;
        let activity = done(&later)["activity"].clone();
        assert_eq!(
            activity["noticedAt"],
            Value::Null,
            "notice of another time is no notice of this one"
        );
        let told = reschedule(&client, &activity, json!({"place": "礼堂"})).await;
        assert_ne!(done(&told)["activity"]["noticedAt"], Value::Null);
        let silent = act(
            &client,
            CANCEL,
            "cancelActivity",
            json!({"activityId": activity["id"], "reason": " "}),
        )
        .await;
        assert_eq!(refusal(&silent), refused("REQUIRED", "reason"));
        let cancelled = act(
            &client,
            CANCEL,
            "cancelActivity",
            json!({"activityId": activity["id"], "reason": "台风"}),
        )
        .await;
        assert_eq!(
            done(&cancelled)["activity"],
            json!({"status": "CANCELLED", "cancelReason": "台风"})
        );
    }
);

both_databases!(
    g1_2a_only_what_is_owed_yearly_is_for_the_past_year,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let client = server.client("village-secretary");
        let branch = server.account("village-secretary", "organizationId");
        let starts_at = days(42);
        let year = chrono::Datelike::year(&(starts_at + chrono::Duration::hours(8)));
        let input = |year: i32| json!({"organizationId": branch, "kind": "PARTY_LECTURE", "startsAt": starts_at, "forYear": year});
        for wrong in [year - 1, year + 1] {
            let made = schedule(&client, input(wrong)).await;
            assert_eq!(
                refusal(&made),
                refused("INVALID", "forYear"),
                "a lecture is for no other year"
            );
            assert_eq!(made["userErrors"][0]["basis"]["entry"], "yearly-grace");
        }
        let made = schedule(&client, input(year)).await;
        let shown = client.data(PARTS, json!({"id": done(&made)["activity"]["id"]})).await;
        assert_eq!(shown["activity"]["forYear"], json!(year));
    }
);

/// All full members leave but two, the secretary among them.
async fn shrink(client: &Client, branch: &str, stays: &Value) {
    let query = "query($o: ID!) { members(within: {exactly: $o}, first: 100) { nodes { id version standing } } }";
    let nodes = client.data(query, json!({"o": branch})).await["members"]["nodes"].take();
    let others: Vec<&Value> = nodes
        .as_array()
        .expect("a roster")
        .iter()
        .filter(|one| one["standing"] == "FULL" && one["id"] != *stays)
        .collect();
    for one in &others[1..] {
        let input = json!({"memberId": one["id"], "expectedVersion": one["version"], "reason": "TRANSFERRED_OUT", "leftOn": ago(0),
            "decision": decision(&ago(0))});
        done(&act(client, LEAVE, "recordDeparture", input).await);
    }
}

both_databases!(
    g2_3b_a_branch_too_small_to_meet_alone_meets_jointly_with_a_named_one,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let (host, guest) = (server.client("village-secretary"), server.client("moved-secretary"));
        let (here, there) = (
            server.account("village-secretary", "organizationId"),
            server.account("moved-secretary", "organizationId"),
        );
        let input = |day: i64| json!({"organizationId": here, "kind": "BRANCH_GENERAL_MEETING", "startsAt": days(day), "organizations": [there]});
        let large = schedule(&host, input(20)).await;
        assert_eq!(refusal(&large), refused("KIND_NOT_ALLOWED_HERE", "organizations"));
        assert_eq!(large["userErrors"][0]["basis"]["entry"], "branch-formation");
        shrink(&guest, &there, &me(&guest).await).await;
        let figures = guest.data(STRENGTH, json!({"o": there})).await;
        assert_eq!(figures["organization"]["headcount"]["fullMembers"], 2);
        let made = schedule(&host, input(21)).await;
        done(&made);
        let both = parts(&guest, &made["activity"]["id"]).await;
        assert_eq!(
            (both.len(), &both[0]["host"], &both[1]["host"]),
            (2, &json!(true), &json!(false))
        );
        assert_eq!(both[1]["organization"]["id"], json!(there));
        assert!(both[1]["tally"]["expected"].as_i64() > Some(0));
    }
);
