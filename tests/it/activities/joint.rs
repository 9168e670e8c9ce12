//! Joint lectures: the host records, each org confirms its own people, both have it in their register.

use serde_json::{Value, json};
use tests::both_databases;

use super::*;

const CONFIRM: &str = "mutation($input: ConfirmAttendanceInput!) { confirmAttendance(input: $input) {
    activity { id version tally { expected present onLeave } } obligations { id } userErrors { code path } cursor replayed } }";

both_databases!(
    g1_1d_a_joint_lecture_is_recorded_by_the_host_and_confirmed_by_each_org,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let (host, guest) = (server.client("village-secretary"), server.client("moved-secretary"));
        let (here, there) = (
            server.account("village-secretary", "organizationId"),
            server.account("moved-secretary", "organizationId"),
        );
        // The other org is named before the start; then the start is waited for.
        let starts_at = now() + chrono::Duration::seconds(3);
        let input = json!({"organizationId": here, "kind": "PARTY_LECTURE", "startsAt": starts_at, "organizations": [there],
            "agenda": [{"kind": "LECTURE_SITUATION", "title": "形势"}]});
        let made = schedule_now(&host, input).await;
        let activity = done(&made)["activity"].clone();
        assert_eq!(activity["organizations"], json!([{"id": here}, {"id": there}]));
        let confirm = async |client: &Client, org: &str, exceptions: Value| {
            let input = json!({"activityId": activity["id"], "organizationId": org, "exceptions": exceptions});
            act(client, CONFIRM, "confirmAttendance", input).await
        };
        assert_eq!(
            refusal(&confirm(&guest, &there, json!([])).await),
            refused("WRONG_STATE", "activityId")
        );
        // Only the host writes.
        let foreign = record(&guest, json!({"activityId": activity["id"], "minutes": "记录"})).await;
        assert_eq!(refusal(&foreign), refused("FORBIDDEN", "activityId"));
        let theirs = active(&guest, &there).await;
        let ahead = (starts_at - now()).to_std().unwrap_or_default();
        tokio::time::sleep(ahead + std::time::Duration::from_millis(5)).await;
        let wrong = json!({"activityId": activity["id"], "exceptions": [{"memberId": theirs[0], "state": "PRESENT"}]});
        assert_eq!(
            refusal(&record(&host, wrong).await),
            refused("NOT_EXPECTED", "exceptions.0.memberId"),
            "each org speaks for its own people"
        );
        let recorded = record(&host, json!({"activityId": activity["id"], "minutes": "党课记录"})).await;
        let before = done(&recorded)["activity"]["tally"]["present"]
            .as_i64()
            .expect("a number");
        let shown = confirmations(&guest, &activity["id"]).await;
        assert_eq!(
            shown,
            [(true, me(&host).await), (false, Value::Null)],
            "the guest has not confirmed yet"
        );
        assert_eq!(
            refusal(&confirm(&host, &there, json!([])).await),
            refused("FORBIDDEN", "organizationId")
        );
        let plain = theirs.last().expect("somebody").clone();
        let mine = me(&guest).await;
        let away = if mine == json!(plain) { theirs[0].clone() } else { plain };
        let confirmed = confirm(
            &guest,
            &there,
            json!([{"memberId": away, "state": "ON_LEAVE", "category": "ILLNESS"}]),
        )
        .await;
        let tally = done(&confirmed)["activity"]["tally"].clone();
        assert!(tally["present"].as_i64() > Some(before), "{tally}");
        assert!(
            tally["onLeave"].as_i64() >= Some(1),
            "the other secretary grants their own member's leave: {tally}"
        );
        assert_eq!(
            refusal(&confirm(&guest, &there, json!([])).await),
            refused("ALREADY_RECORDED", "organizationId")
        );
        let shown = confirmations(&guest, &activity["id"]).await;
        assert_eq!(shown[1], (true, me(&guest).await));
        corrected(&guest, &host, (&activity["id"], &there), &away).await;
        let query = "query($o: ID!, $year: Int!) { organization(id: $o) { register(year: $year, last: 100) { nodes { activity { id } } } } }";
        let year = chrono::Datelike::year(&(now() + chrono::Duration::hours(8)));
        for (client, org) in [(&host, &here), (&guest, &there)] {
            let nodes =
                client.data(query, json!({"o": org, "year": year})).await["organization"]["register"]["nodes"].clone();
            assert!(
                nodes
                    .as_array()
                    .expect("a list")
                    .iter()
                    .any(|entry| entry["activity"]["id"] == activity["id"])
            );
        }
        let evidence = "query($o: ID!) { organization(id: $o) { obligations(first: 100) { nodes { rule { key } evidence { activities { id } } } } } }";
        let owed = guest.data(evidence, json!({"o": there})).await["organization"]["obligations"]["nodes"].clone();
        let counts = owed.as_array().expect("a list").iter().any(|one| {
            one["rule"]["key"] == "lecture"
                && one["evidence"]["activities"]
                    .as_array()
                    .is_some_and(|all| all.iter().any(|own| own["id"] == activity["id"]))
        });
        assert!(counts, "named before its start and enough of its own people came");
    }
);

/// Whether each org has confirmed its people, and who did; the host first.
async fn confirmations(client: &Client, activity: &Value) -> Vec<(bool, Value)> {
    let query = "query($id: ID!) { activity(id: $id) { participations { confirmedAt confirmedBy { id } } } }";
    let shown = client.data(query, json!({"id": activity})).await["activity"]["participations"].take();
    let confirmed = |part: &Value| (part["confirmedAt"] != Value::Null, part["confirmedBy"]["id"].clone());
    shown.as_array().expect("a list").iter().map(confirmed).collect()
}

/// The org's own secretary puts right what was confirmed of its people, with a reason; the host does not.
async fn corrected(guest: &Client, host: &Client, (activity, org): (&Value, &str), member: &str) {
    let input = |reason: Value| {
        json!({"activityId": activity, "organizationId": org, "reason": reason,
            "exceptions": [{"memberId": member, "state": "PRESENT", "mode": "ONLINE"}]})
    };
    let silent = act(guest, CONFIRM, "confirmAttendance", input(Value::Null)).await;
    assert_eq!(refusal(&silent), refused("REQUIRED", "reason"));
    let foreign = act(host, CONFIRM, "confirmAttendance", input(json!("更正"))).await;
    assert_eq!(refusal(&foreign), refused("FORBIDDEN", "organizationId"));
    let right = act(guest, CONFIRM, "confirmAttendance", input(json!("当时线上参加"))).await;
    done(&right);
    let people = expected(guest, activity).await;
    let own = people
        .iter()
        .find(|row| row["member"]["id"] == json!(member))
        .expect("expected");
    assert_eq!((&own["state"], &own["mode"]), (&json!("PRESENT"), &json!("ONLINE")));
}

both_databases!(
    g1_1d_an_org_named_after_the_start_has_no_lecture_from_it,
    |database: tests::TestDatabase| async move {
        let server = house(&database).await;
        let (host, guest) = (server.client("village-secretary"), server.client("moved-secretary"));
        let (here, there) = (
            server.account("village-secretary", "organizationId"),
            server.account("moved-secretary", "organizationId"),
        );
        let mut input = held(&here, "PARTY_LECTURE", days(-1));
        input["organizations"] = json!([there]);
        input["minutes"] = json!("党课记录");
        let made = record(&host, input).await;
        let id = done(&made)["activity"]["id"].clone();
        let confirmed = act(
            &guest,
            CONFIRM,
            "confirmAttendance",
            json!({"activityId": id, "organizationId": there}),
        )
        .await;
        done(&confirmed);
        let evidence = "query($o: ID!) { organization(id: $o) { obligations(first: 100) { nodes { evidence { activities { id } } } } } }";
        let counts = async |client: &tests::Client, org: &str| {
            let owed = client.data(evidence, json!({"o": org})).await["organization"]["obligations"]["nodes"].clone();
            owed.as_array().expect("a list").iter().any(|one| {
                let held = one["evidence"]["activities"].as_array();
                held.is_some_and(|all| all.iter().any(|own| own["id"] == id))
            })
        };
        assert!(!counts(&guest, &there).await);
        assert!(
            counts(&host, &here).await,
            "the host held it, whenever it wrote it down"
        );
    }
);
