//! One meeting that is entered twice.

use chrono::Duration;
use serde_json::json;
use tests::both_databases;

use super::{refused, told};
use crate::activities::{RECORD, SCHEDULE, act, days, done, held, house};

both_databases!(
    g1_1f_a_meeting_entered_again_some_minutes_apart_is_the_same_unless_it_is_said_to_be_another,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let (client, joined) = (server.client("village-secretary"), server.client("moved-secretary"));
        let (branch, there) = (
            server.account("village-secretary", "organizationId"),
            server.account("moved-secretary", "organizationId"),
        );
        let at = days(-26);
        let mut first = held(&branch, "PARTY_LECTURE", at);
        first["endsAt"] = json!(at + Duration::hours(2));
        first["organizations"] = json!([there]);
        let made = act(&client, RECORD, "recordActivity", first).await;
        let id = done(&made)["activity"]["id"].clone();
        // From memory: some minutes off; inside of it; begun before it and over after it.
        let typed = |minutes: i64| held(&branch, "PARTY_LECTURE", at + Duration::minutes(minutes));
        let mut around = typed(-90);
        around["endsAt"] = json!(at + Duration::minutes(1));
        for input in [typed(5), typed(-30), typed(100), around] {
            let twice = refused(&client, "recordActivity", input).await;
            assert_eq!(told(&twice), ("ALREADY_RECORDED", "startsAt".to_owned(), Some("G1.1d")));
            assert_eq!(twice["params"]["activityId"], id);
        }
        // So it is for an org that took part in it.
        let twice = refused(
            &joined,
            "recordActivity",
            held(&there, "PARTY_LECTURE", at + Duration::minutes(5)),
        )
        .await;
        assert_eq!(twice["params"]["activityId"], id);
        // Another kind, and what follows it, are others by themselves.
        done(
            &act(
                &client,
                RECORD,
                "recordActivity",
                held(&branch, "BRANCH_GENERAL_MEETING", at + Duration::minutes(5)),
            )
            .await,
        );
        done(&act(&client, RECORD, "recordActivity", typed(121)).await);
        // What is said to be another one is.
        let mut another = typed(5);
        another["besides"] = json!([id]);
        done(&act(&client, RECORD, "recordActivity", another.clone()).await);
        // Nobody said so of the one just recorded.
        assert_eq!(
            refused(&client, "recordActivity", another).await["code"],
            "ALREADY_RECORDED"
        );
        // Moving one beside another asks the same.
        let coming = days(26);
        let input = json!({"organizationId": branch, "kind": "PARTY_LECTURE", "startsAt": coming});
        let one = act(&client, SCHEDULE, "scheduleActivity", input.clone()).await["activity"].take();
        let mut later = input;
        later["startsAt"] = json!(coming + Duration::hours(3));
        let two = act(&client, SCHEDULE, "scheduleActivity", later).await["activity"].take();
        let mut moved = json!({"activityId": two["id"], "expectedVersion": two["version"],
            "startsAt": coming + Duration::minutes(20)});
        let twice = refused(&client, "rescheduleActivity", moved.clone()).await;
        assert_eq!(
            told(&twice),
            ("ALREADY_SCHEDULED", "startsAt".to_owned(), Some("G1.1d"))
        );
        assert_eq!(twice["params"]["activityId"], one["id"]);
        moved["besides"] = json!([one["id"]]);
        let document = "mutation($input: RescheduleActivityInput!) { rescheduleActivity(input: $input) { activity { id } userErrors { code } } }";
        done(&act(&client, document, "rescheduleActivity", moved).await);
    }
);
