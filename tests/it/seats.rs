//! Who is expected at what lies ahead follows every change of the people (spec 2): G1.1a–c, G1.1e.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use tests::{Client, Server, TestDatabase, both_databases};

use crate::activities::{act, done, expected, key, me, now, refusal, refused, roster, schedule};
use crate::admission::{ago, decision, lines};
use crate::roster::{enter, number};
use crate::transfers::{accept, ask, plain};

const RECORD: &str = "mutation($input: RecordMemberInput!) { recordMember(input: $input) { member { id version status }
    userErrors { code path } cursor } }";
const GROUP: &str =
    "mutation($input: AssignGroupInput!) { assignGroup(input: $input) { member { id version group { id } }
    userErrors { code path } cursor } }";
const LEAVE: &str = "mutation($input: RecordDepartureInput!) { recordDeparture(input: $input) { member { id status }
    userErrors { code path } cursor } }";
const EXEMPT: &str =
    "mutation($input: SetExemptionInput!) { setExemption(input: $input) { exemption { id version state }
    userErrors { code path } cursor } }";
const UNEXEMPT: &str = "mutation($input: EndExemptionInput!) { endExemption(input: $input) { exemption { id version }
    userErrors { code path } cursor } }";
const APPOINT: &str = "mutation($input: AppointInput!) { appoint(input: $input) { appointment { id version }
    userErrors { code path } cursor } }";
const END: &str = "mutation($input: EndAppointmentInput!) { endAppointment(input: $input) { appointment { id }
    userErrors { code path } cursor } }";
const ASK: &str = "mutation($input: AskLeaveInput!) { askLeave(input: $input) { leave { id version state } userErrors { code path } cursor } }";
const CHANGES: &str =
    "query($after: LogCursor!) { changes(after: $after, types: [ATTENDANCE, ACTIVITY, LEAVE], first: 100) {
    changes { op entityKind entityId } } }";

fn ahead(days: i64) -> DateTime<Utc> {
    now() + Duration::days(days)
}

async fn meeting(client: &Client, org: &str, kind: &str, day: i64) -> Value {
    let input = json!({"organizationId": org, "kind": kind, "startsAt": ahead(day), "mode": "ON_SITE"});
    done(&schedule(client, input).await)["activity"]["id"].clone()
}

/// How the member stands at an activity; null where they have no seat.
async fn seat(client: &Client, activity: &Value, member: &Value) -> Value {
    let people = expected(client, activity).await;
    let own = people.iter().find(|row| row["member"]["id"] == *member);
    own.map_or(Value::Null, |row| row["state"].clone())
}

async fn tally(client: &Client, activity: &Value) -> Value {
    let query = "query($id: ID!) { activity(id: $id) { tally { expected exempt } } }";
    client.data(query, json!({"id": activity})).await["activity"]["tally"].take()
}

async fn cursor(client: &Client) -> Value {
    client.data("{ log { cursor } }", json!({})).await["log"]["cursor"].take()
}

/// What the log then says, as (kind, op).
async fn told(client: &Client, after: &Value) -> Vec<(String, String)> {
    let found = client.data(CHANGES, json!({"after": after})).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let changes = found["changes"]["changes"].as_array().expect("changes").clone();
    changes
        .iter()
        .map(|one| (text(&one["entityKind"]), text(&one["op"])))
        .collect()
}

fn pair(kind: &str, op: &str) -> (String, String) {
    (kind.to_owned(), op.to_owned())
}

async fn restate(client: &Client, member: &Value, status: &str) -> Value {
    let input = json!({"memberId": member["id"], "expectedVersion": member["version"], "status": status});
    done(&act(client, RECORD, "recordMember", input).await)["member"].clone()
}

both_databases!(
    g1_1a_seats_follow_entry_status_exemption_and_departure,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let client = server.client("village-secretary");
        let branch = server.account("village-secretary", "organizationId");
        let meeting = meeting(&client, &branch, "BRANCH_GENERAL_MEETING", 31).await;
        let before = tally(&client, &meeting).await["expected"].as_i64().expect("a number");
        let since = cursor(&client).await;
        let entered = enter(&client, &branch, &number("19800229", 411), &key("enter")).await;
        let member = done(&entered)["member"].clone();
        assert_eq!(seat(&client, &meeting, &member["id"]).await, "EXPECTED");
        assert_eq!(tally(&client, &meeting).await["expected"], json!(before + 1));
        let heard = told(&client, &since).await;
        assert!(heard.contains(&pair("ATTENDANCE", "UPSERT")), "{heard:?}");
        assert!(heard.contains(&pair("ACTIVITY", "UPSERT")), "{heard:?}");
        // On site only, and no host branch: nothing is offered to who floats (G1.1e).
        let floating = restate(&client, &member, "FLOATING").await;
        assert_eq!(seat(&client, &meeting, &member["id"]).await, Value::Null);
        let back = restate(&client, &floating, "ACTIVE").await;
        assert_eq!(seat(&client, &meeting, &member["id"]).await, "EXPECTED");
        let until = (now() + Duration::days(200)).date_naive();
        let input = json!({"memberId": member["id"], "category": "CARE", "from": ago(1), "until": until, "decision": decision(&ago(1))});
        let exempt = done(&act(&client, EXEMPT, "setExemption", input).await)["exemption"].clone();
        assert_eq!(seat(&client, &meeting, &member["id"]).await, "EXEMPT");
        assert_eq!(tally(&client, &meeting).await["expected"], json!(before));
        let input = json!({"exemptionId": exempt["id"], "expectedVersion": exempt["version"]});
        done(&act(&client, UNEXEMPT, "endExemption", input).await);
        assert_eq!(seat(&client, &meeting, &member["id"]).await, "EXPECTED");
        let since = cursor(&client).await;
        let input = json!({"memberId": member["id"], "expectedVersion": back["version"], "reason": "WITHDREW", "leftOn": ago(0),
            "decision": decision(&ago(0))});
        done(&act(&client, LEAVE, "recordDeparture", input).await);
        assert_eq!(seat(&client, &meeting, &member["id"]).await, Value::Null);
        assert_eq!(tally(&client, &meeting).await, json!({"expected": before, "exempt": 0}));
        assert!(told(&client, &since).await.contains(&pair("ATTENDANCE", "DELETE")));
    }
);

both_databases!(g1_1c_seats_follow_the_group, |database: TestDatabase| async move {
    let server = Server::demo_on(&database).await;
    let client = server.client("branch-secretary");
    let branch = server.account("branch-secretary", "organizationId");
    let group = server.account("group-leader", "organizationId");
    let leader = server.client("group-leader");
    let meeting = meeting(&leader, &group, "PARTY_GROUP_MEETING", 32).await;
    let entered = enter(&client, &branch, &number("19800229", 412), &key("enter")).await;
    let member = done(&entered)["member"].clone();
    assert_eq!(seat(&client, &meeting, &member["id"]).await, Value::Null);
    let assign = async |member: &Value, group: Value| {
        let input = json!({"memberId": member["id"], "expectedVersion": member["version"], "groupId": group});
        done(&act(&client, GROUP, "assignGroup", input).await)["member"].clone()
    };
    let inside = assign(&member, json!(group)).await;
    assert_eq!(seat(&client, &meeting, &member["id"]).await, "EXPECTED");
    assign(&inside, Value::Null).await;
    assert_eq!(seat(&client, &meeting, &member["id"]).await, Value::Null);
});

both_databases!(
    g1_1b_a_post_of_the_committee_is_a_seat_at_its_meetings,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let client = server.client("branch-secretary");
        let branch = server.account("branch-secretary", "organizationId");
        let meeting = meeting(&client, &branch, "BRANCH_COMMITTEE_MEETING", 33).await;
        let entered = enter(&client, &branch, &number("19800229", 413), &key("enter")).await;
        let member = done(&entered)["member"]["id"].clone();
        let input = json!({"organizationId": branch, "memberId": member, "post": "COMMITTEE_MEMBER", "decision": decision(&ago(1))});
        let post = done(&act(&client, APPOINT, "appoint", input).await)["appointment"].clone();
        assert_eq!(seat(&client, &meeting, &member).await, "EXPECTED");
        let input =
            json!({"appointmentId": post["id"], "expectedVersion": post["version"], "decision": decision(&ago(0))});
        done(&act(&client, END, "endAppointment", input).await);
        assert_eq!(seat(&client, &meeting, &member).await, Value::Null);
    }
);

both_databases!(
    g1_1a_leave_goes_with_the_seat_and_is_asked_anew_at_the_new_branch,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let (from, to) = (
            server.client("branch-secretary"),
            server.client("other-county-secretary"),
        );
        let (old, new) = (
            server.account("branch-secretary", "organizationId"),
            server.account("other-county-secretary", "organizationId"),
        );
        let (member, person) = (server.client("member"), me(&server.client("member")).await);
        let there = roster(&from, &old).await;
        assert!(
            there.iter().any(|one| one["id"] == person),
            "the demo's member is in this branch"
        );
        let before = meeting(&from, &old, "BRANCH_GENERAL_MEETING", 34).await;
        let after = meeting(&to, &new, "BRANCH_GENERAL_MEETING", 35).await;
        let input = json!({"activityId": before, "category": "TRAVEL"});
        let leave = done(&act(&member, ASK, "askLeave", input).await)["leave"].clone();
        assert_eq!(lines(&from, "LEAVE_TO_DECIDE", &leave["id"]).await, 1);
        let asked = ask(&from, json!({"memberId": person, "toId": new, "idempotencyKey": "t"})).await;
        done(&accept(&to, &asked["transfer"], "a").await);
        assert_eq!(lines(&from, "LEAVE_TO_DECIDE", &leave["id"]).await, 0);
        assert_eq!(seat(&from, &before, &person).await, Value::Null);
        assert_eq!(seat(&to, &after, &person).await, "EXPECTED");
        // What was asked at the old branch says nothing at the new one, whose secretary is asked.
        let input = json!({"activityId": after, "category": "TRAVEL"});
        let leave = done(&act(&member, ASK, "askLeave", input).await)["leave"].clone();
        assert_eq!(lines(&to, "LEAVE_TO_DECIDE", &leave["id"]).await, 1);
        assert_eq!(lines(&from, "LEAVE_TO_DECIDE", &leave["id"]).await, 0);
        assert_eq!(seat(&to, &after, &person).await, "LEAVE_PENDING");
    }
);

both_databases!(
    g2_5a_who_is_not_expected_is_not_recorded_as_absent,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let client = server.client("village-secretary");
        let branch = server.account("village-secretary", "organizationId");
        let person = plain(&client, &branch, 1).await;
        let query = "query($id: ID!) { member(by: {id: $id}) { id version } }";
        let member = client.data(query, json!({"id": person})).await["member"].take();
        restate(&client, &member, "FLOATING").await;
        let record = async |state: &str| {
            let input = json!({"organizationId": branch, "kind": "BRANCH_GENERAL_MEETING", "startsAt": now() - Duration::days(3),
                "minutes": "记录", "exceptions": [{"memberId": person, "state": state}]});
            crate::activities::record(&client, input).await
        };
        for state in ["ABSENT", "UNEXCUSED", "ON_LEAVE"] {
            let refused_as = record(state).await;
            assert_eq!(
                refusal(&refused_as),
                refused("NOT_EXPECTED", "exceptions.0.memberId"),
                "{state}"
            );
            assert_eq!(refused_as["userErrors"][0]["params"]["memberId"], person);
        }
        // Who came all the same is recorded.
        let came = record("PRESENT").await;
        assert_eq!(seat(&client, &done(&came)["activity"]["id"], &person).await, "PRESENT");
    }
);
