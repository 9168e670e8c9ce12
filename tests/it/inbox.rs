//! The inbox: what waits for whom appears with the change that causes it, and goes with the decision (spec 2, spec 3).

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tests::{Client, Server, both_databases};

const INBOX: &str = "{ viewer { inbox(first: 100) { nodes { id kind raisedAt dueOn title subject { __typename id }
    basis { clause } } pageInfo { hasNextPage } totalCount(mode: CAPPED) { value relation } } } }";

async fn lines(client: &Client) -> Vec<Value> {
    let body = client.data(INBOX, json!({})).await;
    body["viewer"]["inbox"]["nodes"].as_array().expect("a list").clone()
}

/// The lines of a kind about a subject.
async fn about(client: &Client, kind: &str, subject: &str) -> Vec<Value> {
    let all = lines(client).await.into_iter();
    all.filter(|line| line["kind"] == kind && line["subject"]["id"] == subject)
        .collect()
}

both_databases!(
    g2_5a_a_proposal_waits_for_the_secretary_and_the_decision_tells_the_member,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let secretary = server.client("branch-secretary");
        let branch = server.account("branch-secretary", "organizationId");
        let member = server.client("branch-deputy");
        let own = member.data("{ viewer { member { id } } }", json!({})).await["viewer"]["member"]["id"].clone();
        let input = json!({"organizationId": branch, "kind": "PARTY_LECTURE", "startsAt": "2024-02-20T02:00:00Z",
            "noticedAt": "2024-02-18T02:00:00Z", "exceptions": [{"memberId": own, "state": "ABSENT"}],
            "minutes": "记录。", "idempotencyKey": "inbox-1"});
        let record = "mutation($input: RecordActivityInput!) { recordActivity(input: $input) { userErrors { code } } }";
        let done = secretary.data(record, json!({"input": input})).await;
        assert_eq!(done["recordActivity"]["userErrors"], json!([]));
        let measures = "query($o: ID!) { measures(within: {exactly: $o}, states: [OPEN], first: 100) {
            nodes { id member { id } } } }";
        let open = secretary.data(measures, json!({"o": branch})).await["measures"]["nodes"].clone();
        let open = open
            .as_array()
            .expect("a list")
            .iter()
            .find(|node| node["member"]["id"] == own);
        let measure = open.expect("a proposal")["id"].as_str().expect("an id").to_owned();
        let waiting = about(&secretary, "MEASURE_TO_DECIDE", &measure).await;
        assert_eq!(waiting.len(), 1);
        assert_eq!(waiting[0]["subject"]["__typename"], "Measure");
        assert_eq!(waiting[0]["title"], "提醒建议待处理");
        assert_eq!(waiting[0]["basis"]["clause"], "G2.5a");
        // Quietly: nobody else has it.
        for user in [
            "branch-deputy",
            "branch-committee",
            "village-secretary",
            "city-secretary",
        ] {
            assert_eq!(
                about(&server.client(user), "MEASURE_TO_DECIDE", &measure).await,
                Vec::<Value>::new(),
                "{user}"
            );
        }
        let dismiss =
            "mutation($input: DismissMeasureInput!) { dismissMeasure(input: $input) { userErrors { code } } }";
        let input = json!({"measureId": measure, "reason": "因公出差", "idempotencyKey": "inbox-2"});
        secretary.data(dismiss, json!({"input": input})).await;
        assert_eq!(
            about(&secretary, "MEASURE_TO_DECIDE", &measure).await,
            Vec::<Value>::new()
        );
        let told = about(&member, "MEASURE_DECIDED", &measure).await;
        assert_eq!(told.len(), 1, "the member is told");
        // The member takes note; nobody else can for them.
        let acknowledge = "mutation($input: AcknowledgeInboxItemsInput!) { acknowledgeInboxItems(input: $input) {
            itemIds userErrors { code } } }";
        let input = |key: &str| json!({"itemIds": [told[0]["id"]], "idempotencyKey": key});
        let other = secretary.data(acknowledge, json!({"input": input("inbox-3")})).await;
        assert_eq!(other["acknowledgeInboxItems"]["userErrors"][0]["code"], "NOT_FOUND");
        let own = member.data(acknowledge, json!({"input": input("inbox-4")})).await;
        assert_eq!(own["acknowledgeInboxItems"]["userErrors"], json!([]));
        assert_eq!(about(&member, "MEASURE_DECIDED", &measure).await, Vec::<Value>::new());
    }
);

both_databases!(
    leave_waits_for_who_decides_it_and_notice_reaches_those_expected,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let secretary = server.client("branch-secretary");
        let branch = server.account("branch-secretary", "organizationId");
        let member = server.client("branch-committee");
        let at = crate::activities::days(40);
        let schedule = "mutation($input: ScheduleActivityInput!) { scheduleActivity(input: $input) {
            activity { id version } userErrors { code } } }";
        let input = json!({"organizationId": branch, "kind": "PARTY_LECTURE", "startsAt": at,
            "agenda": [{"kind": "LECTURE_SITUATION", "title": "当前形势"}], "idempotencyKey": "inbox-lecture"});
        let made = secretary.data(schedule, json!({"input": input})).await["scheduleActivity"].clone();
        assert_eq!(made["userErrors"], json!([]), "{made}");
        let made = made["activity"].clone();
        let activity = made["id"].as_str().expect("an id").to_owned();
        let notice = about(&member, "ACTIVITY_NOTICE", &activity).await;
        assert_eq!(notice.len(), 1);
        let day = (at + chrono::Duration::hours(8)).date_naive().to_string();
        assert_eq!(notice[0]["dueOn"], day);
        let ask =
            "mutation($input: AskLeaveInput!) { askLeave(input: $input) { leave { id version } userErrors { code } } }";
        let input = json!({"activityId": activity, "category": "WORK", "idempotencyKey": "inbox-leave"});
        let leave = member.data(ask, json!({"input": input})).await["askLeave"]["leave"].clone();
        let id = leave["id"].as_str().expect("an id");
        let waiting = about(&secretary, "LEAVE_TO_DECIDE", id).await;
        assert_eq!(waiting.len(), 1);
        // What waits for a decision is not acknowledged away.
        let acknowledge = "mutation($input: AcknowledgeInboxItemsInput!) { acknowledgeInboxItems(input: $input) {
            userErrors { code } } }";
        let input = json!({"itemIds": [waiting[0]["id"]], "idempotencyKey": "inbox-ack"});
        let refused = secretary.data(acknowledge, json!({"input": input})).await;
        assert_eq!(refused["acknowledgeInboxItems"]["userErrors"][0]["code"], "WRONG_STATE");
        let decide = "mutation($input: DecideLeaveInput!) { decideLeave(input: $input) { userErrors { code } } }";
        let input = json!({"leaveId": id, "accept": true, "idempotencyKey": "inbox-decide"});
        let decided = secretary.data(decide, json!({"input": input})).await;
        assert_eq!(decided["decideLeave"]["userErrors"], json!([]));
        assert_eq!(about(&secretary, "LEAVE_TO_DECIDE", id).await, Vec::<Value>::new());
        let cancel = "mutation($input: CancelActivityInput!) { cancelActivity(input: $input) { userErrors { code } } }";
        let input = json!({"activityId": activity, "reason": "改为下月", "idempotencyKey": "inbox-cancel"});
        secretary.data(cancel, json!({"input": input})).await;
        assert_eq!(about(&member, "ACTIVITY_NOTICE", &activity).await, Vec::<Value>::new());
    }
);

both_databases!(
    g3_1a_the_level_above_has_one_line_for_each_child_that_did_not_act,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let county = server.client("county-secretary");
        let overdue: Vec<Value> = lines(&county)
            .await
            .into_iter()
            .filter(|line| line["kind"] == "OBLIGATION_OVERDUE" && line["subject"]["__typename"] == "Organization")
            .collect();
        assert!(
            !overdue.is_empty(),
            "a county of the demo city has children that did not act"
        );
        let mut children: Vec<&str> = overdue
            .iter()
            .filter_map(|line| line["subject"]["id"].as_str())
            .collect();
        let lines = children.len();
        children.sort_unstable();
        children.dedup();
        assert_eq!(children.len(), lines, "bundled: one line a child");
        assert!(
            overdue[0]["title"]
                .as_str()
                .is_some_and(|title| title.contains("项未解决"))
        );
    }
);

both_databases!(
    g3_1a_a_vacancy_passes_what_waits_to_the_deputy_and_then_to_the_superior,
    |database: tests::TestDatabase| async move {
        // A day on which measures wait for secretaries.
        let server = Server::demo_at(&database, "2026-11-29T02:00:00Z").await;
        let waits = async |user: &str, measure: &str| {
            let line = about(&server.client(user), "MEASURE_TO_DECIDE", measure).await;
            line.len()
        };
        let proposed = async |user: &str, org: &str| {
            let open = "query($o: ID!) { measures(within: {exactly: $o}, states: [OPEN], first: 100) { nodes { id decider } } }";
            let body = server.client(user).data(open, json!({"o": org})).await;
            let open = body["measures"]["nodes"].as_array().expect("a list").clone();
            let own = open
                .iter()
                .find(|node| node["decider"] == "SECRETARY")
                .expect("a proposal");
            own["id"].as_str().expect("an id").to_owned()
        };
        let rows = database.connect().await;
        let end = async |org: &str, posts: &str| {
            let sql = format!(
                "UPDATE appointment SET until = '2026-01-01' WHERE organization_id = '{org}' AND post IN ({posts}) AND until IS NULL"
            );
            rows.execute_unprepared(&sql).await.expect("the post ends");
        };
        // Where there is a deputy, the deputy stands in.
        let org = server.account("branch-secretary", "organizationId");
        let measure = proposed("branch-secretary", &org).await;
        assert_eq!(
            (
                waits("branch-secretary", &measure).await,
                waits("branch-deputy", &measure).await
            ),
            (1, 0)
        );
        end(&org, "'SECRETARY'").await;
        assert_eq!(
            (
                waits("branch-secretary", &measure).await,
                waits("branch-deputy", &measure).await
            ),
            (0, 1)
        );
        // Where there is nobody, the level above has it, and no further one.
        let org = server.account("village-secretary", "organizationId");
        let measure = proposed("village-secretary", &org).await;
        assert_eq!(
            (
                waits("village-secretary", &measure).await,
                waits("town-secretary", &measure).await
            ),
            (1, 0)
        );
        end(&org, "'SECRETARY', 'DEPUTY_SECRETARY'").await;
        assert_eq!(
            (
                waits("village-secretary", &measure).await,
                waits("town-secretary", &measure).await
            ),
            (0, 1)
        );
        assert_eq!(waits("county-secretary", &measure).await, 0);
    }
);
