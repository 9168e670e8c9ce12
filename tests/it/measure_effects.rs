//! What moves an absence measure (G2.5a) besides the record itself: the other orgs of a joint activity, disputes,
//! exemptions; and what is told of measures as figures.

use serde_json::{Value, json};
use tests::{Client, Server, both_databases, this_year};

use super::measures::{Branch, before, confirm, id, record};

/// The measures of a member whose run began on a day.
async fn of_run(branch: &Branch, member: &str, day: &str, states: &[&str]) -> Vec<Value> {
    let all = branch.measures(&branch.secretary, member, states).await.into_iter();
    all.filter(|node| node["run"][0]["date"] == day).collect()
}

async fn lines(client: &Client, kind: &str) -> Vec<Value> {
    let inbox = "{ viewer { inbox(first: 100) { nodes { id kind subject { __typename id } } } } }";
    let body = client.data(inbox, json!({})).await;
    let nodes = body["viewer"]["inbox"]["nodes"].as_array().expect("a list").clone();
    nodes.into_iter().filter(|line| line["kind"] == kind).collect()
}

async fn done(client: &Client, mutation: &str, field: &str, input: Value) -> Value {
    let answer = client.data(mutation, json!({"input": input})).await[field].clone();
    assert_eq!(answer["userErrors"], json!([]), "{answer}");
    answer
}

/// Whether somebody may confirm the people of each org at an activity, and what stands against it.
async fn may_confirm(client: &Client, activity: &Value) -> Vec<(Value, Value)> {
    let query = "query($id: ID!) { activity(id: $id) { participations {
        viewerCan(actions: [CONFIRM]) { action allowed reasons { code } } } } }";
    let shown = client.data(query, json!({"id": activity})).await["activity"]["participations"].take();
    let can = |part: &Value| {
        let can = &part["viewerCan"][0];
        (can["allowed"].clone(), can["reasons"].clone())
    };
    shown.as_array().expect("a list").iter().map(can).collect()
}

async fn own_member(client: &Client) -> String {
    let body = client.data("{ viewer { member { id } } }", json!({})).await;
    id(&body["viewer"]["member"]).to_owned()
}

both_databases!(
    g2_5a_at_a_joint_lecture_each_branch_answers_for_its_own_absent,
    |database: tests::TestDatabase| async move {
        let host = Branch::of(&database, "moved-secretary").await;
        let guest = Branch::of(&database, "village-secretary").await;
        let member = guest.people[1].clone();
        // Presence after it, so that nothing later joins the run.
        guest.meeting("2023-10-10", &member, "PRESENT").await;
        let at = "2023-09-10T02:00:00Z";
        let input = json!({"organizationId": host.id, "kind": "PARTY_LECTURE", "startsAt": at, "noticedAt": before(at),
            "organizations": [guest.id], "exceptions": [], "minutes": "联合党课。", "idempotencyKey": "joint-lecture"});
        let activity = record(&host.secretary, input).await;
        // The host's record says nothing of the guests.
        assert_eq!(of_run(&guest, &member, "2023-09-10", &[]).await, Vec::<Value>::new());
        // Each secretary may speak for the own branch; the host comes first.
        let own = (json!(true), json!([]));
        let foreign = (json!(false), json!([{"code": "FORBIDDEN"}]));
        assert_eq!(
            may_confirm(&host.secretary, &activity["id"]).await,
            [own.clone(), foreign.clone()]
        );
        assert_eq!(may_confirm(&guest.secretary, &activity["id"]).await, [foreign, own]);
        let confirm = "mutation($input: ConfirmAttendanceInput!) { confirmAttendance(input: $input) {
            activity { id } userErrors { code path } } }";
        let input = json!({"activityId": activity["id"], "organizationId": guest.id,
            "exceptions": [{"memberId": member, "state": "ABSENT"}], "idempotencyKey": "joint-confirm"});
        done(&guest.secretary, confirm, "confirmAttendance", input).await;
        let open = of_run(&guest, &member, "2023-09-10", &["OPEN"]).await;
        assert_eq!(
            (open.len(), &open[0]["kind"], &open[0]["decider"]),
            (1, &json!("REMINDER"), &json!("SECRETARY"))
        );
        assert_eq!(open[0]["run"][0]["activity"]["id"], activity["id"]);
        let waits = |lines: Vec<Value>| lines.iter().any(|line| line["subject"]["id"] == open[0]["id"]);
        assert!(waits(lines(&guest.secretary, "MEASURE_TO_DECIDE").await));
        assert!(!waits(lines(&host.secretary, "MEASURE_TO_DECIDE").await));
    }
);

both_databases!(
    g2_5a_a_disputed_absence_counts_for_nothing_until_it_is_decided,
    |database: tests::TestDatabase| async move {
        let branch = Branch::of(&database, "branch-secretary").await;
        let deputy = branch.server.client("branch-deputy");
        let member = own_member(&deputy).await;
        // Presence after it, so that nothing later joins the run.
        branch.meeting("2023-02-12", &member, "PRESENT").await;
        branch.meeting("2023-01-12", &member, "ABSENT").await;
        assert_eq!(of_run(&branch, &member, "2023-01-12", &["OPEN"]).await.len(), 1);
        let year =
            "{ viewer { member { attendance(year: 2023, first: 100) { nodes { id state activity { startsAt } } } } } }";
        let rows = deputy.data(year, json!({})).await["viewer"]["member"]["attendance"]["nodes"].clone();
        let rows = rows.as_array().expect("a list").clone();
        let absence = rows
            .iter()
            .find(|row| row["state"] == "UNEXCUSED")
            .expect("the absence");
        let dispute =
            "mutation($input: DisputeAttendanceInput!) { disputeAttendance(input: $input) { userErrors { code } } }";
        let input =
            json!({"attendanceId": absence["id"], "words": "当天在外地出差。", "idempotencyKey": "effect-dispute"});
        done(&deputy, dispute, "disputeAttendance", input).await;
        assert_eq!(
            of_run(&branch, &member, "2023-01-12", &["OPEN"]).await,
            Vec::<Value>::new()
        );
        assert_eq!(of_run(&branch, &member, "2023-01-12", &["WITHDRAWN"]).await.len(), 1);
        let about = |lines: Vec<Value>| lines.iter().any(|line| line["subject"]["id"] == absence["id"]);
        assert!(about(lines(&branch.secretary, "DISPUTE_TO_DECIDE").await));
        let settle = "mutation($input: DecideDisputeInput!) { decideDispute(input: $input) { userErrors { code } } }";
        let input = json!({"attendanceId": absence["id"], "state": "UNEXCUSED", "idempotencyKey": "effect-settle"});
        done(&branch.secretary, settle, "decideDispute", input).await;
        assert_eq!(of_run(&branch, &member, "2023-01-12", &["OPEN"]).await.len(), 1);
        assert!(!about(lines(&branch.secretary, "DISPUTE_TO_DECIDE").await));
    }
);

both_databases!(
    g2_5a_an_exemption_takes_the_measure_back_and_a_draft_of_one_does_not,
    |database: tests::TestDatabase| async move {
        let branch = Branch::of(&database, "branch-secretary").await;
        let officer = branch.server.client("branch-committee");
        let mut held = vec![
            own_member(&officer).await,
            own_member(&branch.server.client("branch-deputy")).await,
        ];
        held.push(own_member(&branch.server.client("group-leader")).await);
        let member = branch
            .people
            .iter()
            .rfind(|one| !held.contains(one))
            .expect("a plain member")
            .clone();
        branch.meeting("2021-09-12", &member, "PRESENT").await;
        branch.meeting("2021-08-12", &member, "ABSENT").await;
        let set = "mutation($input: SetExemptionInput!) { setExemption(input: $input) {
            exemption { id version state } userErrors { code path } } }";
        let input = json!({"memberId": member, "category": "ILLNESS", "from": "2021-08-01", "until": "2021-08-31",
            "idempotencyKey": "effect-draft"});
        let draft = done(&officer, set, "setExemption", input).await["exemption"].clone();
        assert_eq!(draft["state"], "OPEN");
        assert_eq!(
            of_run(&branch, &member, "2021-08-12", &["OPEN"]).await.len(),
            1,
            "a draft changes nothing"
        );
        assert!(
            lines(&branch.secretary, "EXEMPTION_TO_DECIDE")
                .await
                .iter()
                .any(|line| line["subject"]["id"] == draft["id"])
        );
        let decide = "mutation($input: DecideExemptionInput!) { decideExemption(input: $input) {
            exemption { state } userErrors { code path } } }";
        let input = json!({"exemptionId": draft["id"], "accepted": true, "idempotencyKey": "effect-accept",
            "decision": {"decidedOn": "2026-01-05", "documentNumber": "试免〔2026〕2号"}});
        done(&branch.secretary, decide, "decideExemption", input).await;
        assert_eq!(
            of_run(&branch, &member, "2021-08-12", &["OPEN"]).await,
            Vec::<Value>::new()
        );
        assert_eq!(of_run(&branch, &member, "2021-08-12", &["WITHDRAWN"]).await.len(), 1);
    }
);

both_databases!(
    a_repeated_confirmation_is_one_and_another_under_its_key_is_refused,
    |database: tests::TestDatabase| async move {
        let branch = Branch::of(&database, "village-secretary").await;
        let member = branch.people[0].clone();
        branch.meeting("2023-07-12", &member, "PRESENT").await;
        branch.meeting("2023-06-12", &member, "ABSENT").await;
        let open = of_run(&branch, &member, "2023-06-12", &["OPEN"]).await;
        let first = confirm(&branch.secretary, &open[0], "2023-06-20", "replay-1").await;
        assert_eq!(
            (&first["userErrors"], &first["replayed"]),
            (&json!([]), &json!(false)),
            "{first}"
        );
        let again = confirm(&branch.secretary, &open[0], "2023-06-20", "replay-1").await;
        assert_eq!(again["replayed"], true, "{again}");
        assert_eq!(again["measure"], first["measure"]);
        assert!(again["cursor"].is_string(), "the position of the change, sealed anew");
        let other = confirm(&branch.secretary, &open[0], "2023-06-21", "replay-1").await;
        assert_eq!(other["userErrors"][0]["code"], "IDEMPOTENCY_MISMATCH", "{other}");
        let after = of_run(&branch, &member, "2023-06-12", &["CONFIRMED"]).await;
        assert_eq!(
            (&after[0]["version"], &after[0]["talk"]["on"]),
            (&first["measure"]["version"], &json!("2023-06-20"))
        );
    }
);

const FIGURES: &str = "query($o: ID!, $year: Int!) { organization(id: $o) {
    measureFigures(year: $year) { kind kindLabel state number }
    children(first: 100) { nodes { id measureFigures(year: $year) { kind state number } } } } }";

both_databases!(
    figures_of_measures_below_five_are_hidden_also_from_subtraction,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let city = server.account("city-secretary", "organizationId");
        let ask = async |user: &str, year: i32| {
            let body = server
                .client(user)
                .data(FIGURES, json!({"o": city, "year": year}))
                .await;
            body["organization"].clone()
        };
        let list = |value: &Value| value.as_array().expect("a list").clone();
        let mut shown = 0;
        for year in [this_year() - 1, this_year()] {
            let org = ask("city-secretary", year).await;
            let own = list(&org["measureFigures"]);
            assert_eq!(own.len(), 12, "three kinds in four states");
            for (place, figure) in own.iter().enumerate() {
                let children: Vec<Value> = list(&org["children"]["nodes"])
                    .iter()
                    .map(|child| child["measureFigures"][place]["number"].clone())
                    .collect();
                let known: Vec<i64> = children.iter().filter_map(Value::as_i64).collect();
                assert!(known.iter().all(|number| *number >= 5), "{children:?}");
                match figure["number"].as_i64() {
                    None => assert_eq!(known, Vec::<i64>::new(), "below a hidden figure nothing is shown"),
                    Some(number) => {
                        shown += 1;
                        assert!(number >= 5 && known.iter().sum::<i64>() <= number);
                        assert_ne!(
                            children.len() - known.len(),
                            1,
                            "one alone is found by subtraction: {figure}"
                        );
                    }
                }
            }
        }
        assert!(shown > 0, "a city has something to show");
        // No figures for those who hold none.
        for user in ["member", "village-secretary", "administrator"] {
            assert_eq!(ask(user, this_year()).await["measureFigures"], json!([]), "{user}");
        }
    }
);
