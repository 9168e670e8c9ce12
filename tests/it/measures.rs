//! Absence measures (G2.5a): proposed from attendance, decided by people.
//!
//! Each test takes a member and a year of its own, long before the demo city's own meetings, so that none disturbs another.

use serde_json::{Value, json};
use tests::{Client, Server, both_databases};

const RECORD: &str = "mutation($input: RecordActivityInput!) { recordActivity(input: $input) {
    activity { id version organizations { id } } userErrors { code message path params } replayed } }";
const CORRECT: &str = "mutation($input: CorrectActivityInput!) { correctActivity(input: $input) {
    activity { id version } userErrors { code path } } }";
const MEASURES: &str =
    "query($o: ID!, $states: [MeasureState!]) { measures(within: {exactly: $o}, states: $states, first: 100) {
    nodes { id version kind kindLabel state decider member { id name } run { date startsAt kind activity { id } }
        basis { rulebook entry clause text } talk { on words by { id } } reason
        viewerCan(actions: [CONFIRM, DISMISS]) { action allowed reasons { code } } } pageInfo { hasNextPage } } }";
const CONFIRM: &str = "mutation($input: ConfirmMeasureInput!) { confirmMeasure(input: $input) {
    measure { id version kind state talk { on words } } userErrors { code path } cursor replayed } }";
const DISMISS: &str = "mutation($input: DismissMeasureInput!) { dismissMeasure(input: $input) {
    measure { id version state reason } userErrors { code path } cursor replayed } }";

/// A branch of the shared city, as its secretary sees it.
pub struct Branch {
    pub server: &'static Server,
    pub secretary: Client,
    pub id: String,
    /// Plain members of long standing.
    pub people: Vec<String>,
}

impl Branch {
    pub async fn of(database: &tests::TestDatabase, secretary: &str) -> Self {
        let server = Server::city(database).await;
        let id = server.account(secretary, "organizationId");
        let client = server.client(secretary);
        let body = client
            .data(
                "query($o: ID!) { viewer { member { id } } members(within: {exactly: $o}, first: 100) {
                    nodes { id standing status joinedOn } }
                    measures(within: {exactly: $o}, first: 100) { nodes { member { id } run { date } } } }",
                json!({"o": id}),
            )
            .await;
        let own = body["viewer"]["member"]["id"].clone();
        let nodes = body["members"]["nodes"].as_array().expect("a list").clone();
        // Tests speak of years long past; whoever stayed away in the city's own time is left to it.
        let measures = body["measures"]["nodes"].as_array().expect("a list").clone();
        let late = |node: &Value| node["run"][0]["date"].as_str().is_some_and(|day| day > "2025");
        let away: Vec<Value> = measures
            .iter()
            .filter(|node| late(node))
            .map(|node| node["member"]["id"].clone())
            .collect();
        let old = |node: &&Value| node["joinedOn"].as_str().is_some_and(|day| day < "2015-06");
        let people = nodes
            .iter()
            .filter(|node| node["status"] == "ACTIVE" && node["standing"] == "FULL" && node["id"] != own)
            .filter(|node| !away.contains(&node["id"]))
            .filter(old)
            .map(|node| node["id"].as_str().expect("an id").to_owned());
        Self {
            server,
            people: people.collect(),
            secretary: client,
            id,
        }
    }

    /// Records a general meeting of that day, one member absent in the given way, with notice two days before.
    pub async fn meeting(&self, day: &str, member: &str, state: &str) -> Value {
        self.held("BRANCH_GENERAL_MEETING", &format!("{day}T02:00:00Z"), member, state)
            .await
    }

    pub async fn held(&self, kind: &str, at: &str, member: &str, state: &str) -> Value {
        let exceptions = match state {
            "PRESENT" => json!([]),
            other => json!([{"memberId": member, "state": other}]),
        };
        let input = json!({"organizationId": self.id, "kind": kind, "startsAt": at, "noticedAt": before(at),
            "exceptions": exceptions, "minutes": "会议记录。", "idempotencyKey": format!("{kind}-{at}-{member}")});
        record(&self.secretary, input).await
    }

    pub async fn measures(&self, client: &Client, member: &str, states: &[&str]) -> Vec<Value> {
        let states = if states.is_empty() { Value::Null } else { json!(states) };
        let body = client.data(MEASURES, json!({"o": self.id, "states": states})).await;
        let nodes = body["measures"]["nodes"].as_array().expect("a list").clone();
        nodes
            .into_iter()
            .filter(|node| node["member"]["id"] == member)
            .collect()
    }

    pub async fn open(&self, member: &str) -> Vec<Value> {
        self.measures(&self.secretary, member, &["OPEN"]).await
    }

    pub async fn kinds(&self, member: &str) -> Vec<Value> {
        let open = self.open(member).await;
        open.iter().map(|node| node["kind"].clone()).collect()
    }

    pub async fn row(&self, activity: &str, member: &str) -> Value {
        let body = self
            .secretary
            .data(
                "query($id: ID!) { activity(id: $id) { expected(first: 100) { nodes { id version member { id } } } } }",
                json!({"id": activity}),
            )
            .await;
        let nodes = body["activity"]["expected"]["nodes"]
            .as_array()
            .expect("a list")
            .clone();
        let found = nodes.into_iter().find(|node| node["member"]["id"] == member);
        found.expect("the member was expected")
    }
}

/// Two days before an instant of the middle of a month.
pub fn before(at: &str) -> String {
    let day: u32 = at[8..10].parse().expect("a day");
    format!("{}{:02}{}", &at[..8], day - 2, &at[10..])
}

pub async fn record(client: &Client, input: Value) -> Value {
    let answer = client.data(RECORD, json!({"input": input})).await["recordActivity"].clone();
    assert_eq!(answer["userErrors"], json!([]), "{answer}");
    answer["activity"].clone()
}

pub fn id(value: &Value) -> &str {
    value["id"].as_str().expect("an id")
}

pub async fn confirm(client: &Client, measure: &Value, on: &str, key: &str) -> Value {
    let input = json!({"measureId": measure["id"], "expectedVersion": measure["version"], "talkedOn": on,
        "words": "今后按时参加。", "idempotencyKey": key});
    client.data(CONFIRM, json!({"input": input})).await["confirmMeasure"].clone()
}

pub async fn dismiss(client: &Client, measure: &Value, key: &str) -> Value {
    let input = json!({"measureId": measure["id"], "expectedVersion": measure["version"], "reason": "当天执行防汛任务",
        "idempotencyKey": key});
    client.data(DISMISS, json!({"input": input})).await["dismissMeasure"].clone()
}

both_databases!(
    g2_5a_one_two_three_in_a_row_propose_reminder_admonition_criticism,
    |database: tests::TestDatabase| async move {
        let branch = Branch::of(&database, "moved-secretary").await;
        let member = branch.people[0].clone();
        let steps = [
            ("2024-05-10", "REMINDER"),
            ("2024-06-10", "ADMONITION"),
            ("2024-07-10", "CRITICISM_AND_EDUCATION"),
        ];
        for (number, (day, kind)) in steps.into_iter().enumerate() {
            branch.meeting(day, &member, "ABSENT").await;
            let open = branch.open(&member).await;
            assert_eq!(open.len(), 1, "{open:?}");
            assert_eq!(open[0]["kind"], kind);
            assert_eq!(open[0]["decider"], "SECRETARY");
            assert_eq!(open[0]["run"].as_array().map(Vec::len), Some(number + 1));
            assert_eq!(open[0]["run"][number]["date"], day);
            assert_eq!(open[0]["run"][number]["kind"], "BRANCH_GENERAL_MEETING");
            assert_eq!(open[0]["basis"]["clause"], "G2.5a");
            assert_eq!(open[0]["viewerCan"][0]["allowed"], true, "{open:?}");
        }
        // The lower ones gave way; nobody had decided them.
        assert_eq!(
            branch.measures(&branch.secretary, &member, &["SUPERSEDED"]).await.len(),
            2
        );
        let year = branch
            .secretary
            .data(
                "query($m: ID!) { member(by: {id: $m}) { participation(year: 2024) { unexcused consecutiveAbsences } } }",
                json!({"m": member}),
            )
            .await;
        assert_eq!(
            year["member"]["participation"],
            json!({"unexcused": 3, "consecutiveAbsences": 3})
        );
        // Presence ends the run; the next absence is a first one again.
        branch.meeting("2024-08-10", &member, "PRESENT").await;
        branch.meeting("2024-09-10", &member, "ABSENT").await;
        assert_eq!(
            branch.kinds(&member).await,
            [json!("REMINDER"), json!("CRITICISM_AND_EDUCATION")]
        );
    }
);

both_databases!(
    g2_5a_leave_and_make_up_study_break_the_run,
    |database: tests::TestDatabase| async move {
        let branch = Branch::of(&database, "moved-secretary").await;
        let member = branch.people[1].clone();
        branch.meeting("2017-05-11", &member, "ABSENT").await;
        branch.meeting("2017-06-11", &member, "ON_LEAVE").await;
        let third = branch.meeting("2017-07-11", &member, "ABSENT").await;
        assert_eq!(branch.kinds(&member).await, [json!("REMINDER"), json!("REMINDER")]);
        branch.meeting("2017-08-11", &member, "ABSENT").await;
        assert_eq!(branch.kinds(&member).await, [json!("ADMONITION"), json!("REMINDER")]);
        let row = branch.row(id(&third), &member).await;
        let made_up = branch
            .secretary
            .data(
                "mutation($input: AcceptMakeUpStudyInput!) { acceptMakeUpStudy(input: $input) {
                    attendance { state } userErrors { code } } }",
                json!({"input": {"attendanceId": row["id"], "expectedVersion": row["version"], "idempotencyKey": "make-up-1"}}),
            )
            .await;
        assert_eq!(made_up["acceptMakeUpStudy"]["attendance"]["state"], "MADE_UP_BY_STUDY");
        // The admonition no longer holds; the last absence stands alone.
        assert_eq!(branch.kinds(&member).await, [json!("REMINDER"), json!("REMINDER")]);
        assert_eq!(
            branch.measures(&branch.secretary, &member, &["WITHDRAWN"]).await.len(),
            1
        );
    }
);

both_databases!(
    g2_5a_a_correction_withdraws_what_is_open_and_flags_what_was_confirmed,
    |database: tests::TestDatabase| async move {
        let branch = Branch::of(&database, "moved-secretary").await;
        let member = branch.people[2].clone();
        let first = branch.meeting("2018-05-12", &member, "ABSENT").await;
        let open = branch.open(&member).await;
        let confirmed = confirm(&branch.secretary, &open[0], "2018-05-20", "flag-1").await;
        assert_eq!(confirmed["measure"]["state"], "CONFIRMED", "{confirmed}");
        branch.meeting("2018-06-12", &member, "ABSENT").await;
        assert_eq!(branch.kinds(&member).await, [json!("ADMONITION")]);
        let correct = async |version: &Value, state: &str, key: &str| {
            let input = json!({"activityId": first["id"], "expectedVersion": version, "reason": "漏记",
                "exceptions": [{"memberId": member, "state": state}], "idempotencyKey": key});
            let answer = branch.secretary.data(CORRECT, json!({"input": input})).await["correctActivity"].clone();
            assert_eq!(answer["userErrors"], json!([]), "{answer}");
            answer["activity"]["version"].clone()
        };
        let version = correct(&first["version"], "PRESENT", "correct-1").await;
        assert_eq!(branch.kinds(&member).await, [json!("REMINDER")]);
        let flagged = branch.measures(&branch.secretary, &member, &["FOR_REVIEW"]).await;
        assert_eq!(flagged.len(), 1, "the confirmed reminder is flagged");
        // Corrected back, what had been confirmed holds again.
        correct(&version, "ABSENT", "correct-2").await;
        assert_eq!(
            branch.measures(&branch.secretary, &member, &["CONFIRMED"]).await.len(),
            1
        );
        assert_eq!(branch.kinds(&member).await, [json!("ADMONITION")]);
    }
);

both_databases!(
    g2_5a_two_on_one_day_are_one_occasion_and_a_late_notice_is_none,
    |database: tests::TestDatabase| async move {
        let branch = Branch::of(&database, "moved-secretary").await;
        let member = branch.people[3].clone();
        branch
            .held("BRANCH_GENERAL_MEETING", "2019-05-13T02:00:00Z", &member, "ABSENT")
            .await;
        branch
            .held("PARTY_LECTURE", "2019-05-13T06:00:00Z", &member, "ABSENT")
            .await;
        assert_eq!(branch.kinds(&member).await, [json!("REMINDER")]);
        // Without timely notice an absence waits for the secretary.
        let input = json!({"organizationId": branch.id, "kind": "PARTY_LECTURE", "startsAt": "2019-06-13T02:00:00Z",
            "noticedAt": "2019-06-13T00:00:00Z", "exceptions": [{"memberId": member, "state": "ABSENT"}],
            "idempotencyKey": "late-notice"});
        record(&branch.secretary, input).await;
        assert_eq!(branch.kinds(&member).await, [json!("REMINDER")]);
    }
);

both_databases!(
    g2_5a_only_who_decides_there_decides_and_once,
    |database: tests::TestDatabase| async move {
        let branch = Branch::of(&database, "branch-secretary").await;
        let server = branch.server;
        let committee = server
            .client("branch-committee")
            .data("{ viewer { member { id } } }", json!({}))
            .await;
        let member = id(&committee["viewer"]["member"]).to_owned();
        branch.meeting("2020-05-14", &member, "ABSENT").await;
        let open = branch.open(&member).await;
        assert_eq!(open.len(), 1);
        // Another branch, a clerk, a level two steps up: it does not exist for them.
        for user in [
            "village-secretary",
            "branch-clerk",
            "city-secretary",
            "administrator",
            "member",
        ] {
            let refused = confirm(&server.client(user), &open[0], "2020-05-20", "decide-1").await;
            assert_eq!(refused["userErrors"][0]["code"], "NOT_FOUND", "{user}: {refused}");
            assert_eq!(refused["measure"], Value::Null, "{user}: {refused}");
        }
        assert_eq!(
            branch.measures(&server.client("city-secretary"), &member, &[]).await,
            Vec::<Value>::new()
        );
        // One's own matter, and an officer who is not the head.
        let own = confirm(&server.client("branch-committee"), &open[0], "2020-05-20", "decide-2").await;
        assert_eq!(own["userErrors"][0]["code"], "OWN_MATTER", "{own}");
        let deputy = confirm(&server.client("branch-deputy"), &open[0], "2020-05-20", "decide-3").await;
        assert_eq!(deputy["userErrors"][0]["code"], "FORBIDDEN", "{deputy}");
        // A talk before the absence, or to come, was none; an old version conflicts.
        for (day, code) in [("2020-05-13", "DATE_TOO_EARLY"), ("2999-01-01", "DATE_IN_FUTURE")] {
            let refused = confirm(&branch.secretary, &open[0], day, "decide-4").await;
            assert_eq!(refused["userErrors"][0]["code"], code, "{refused}");
        }
        let mut stale = open[0].clone();
        stale["version"] = json!(7);
        let conflict = confirm(&branch.secretary, &stale, "2020-05-20", "decide-5").await;
        assert_eq!(conflict["userErrors"][0]["code"], "CONFLICT", "{conflict}");
        assert_eq!(conflict["measure"]["version"], open[0]["version"]);
        let done = confirm(&branch.secretary, &open[0], "2020-05-20", "decide-6").await;
        assert_eq!(done["measure"]["state"], "CONFIRMED", "{done}");
        assert_eq!(
            done["measure"]["talk"],
            json!({"on": "2020-05-20", "words": "今后按时参加。"})
        );
        let again = confirm(&branch.secretary, &open[0], "2020-05-20", "decide-6").await;
        assert_eq!((&again["replayed"], &again["cursor"]), (&json!(true), &again["cursor"]));
        let mut decided = open[0].clone();
        decided["version"] = done["measure"]["version"].clone();
        let late = dismiss(&branch.secretary, &decided, "decide-7").await;
        assert_eq!(late["userErrors"][0]["code"], "ALREADY_DECIDED", "{late}");
        // The member reads it, with the words.
        let mine = server
            .client("branch-committee")
            .data(
                "{ viewer { member { measures(first: 20) { nodes { id kind state decidedAt basis { clause }
                    run { startsAt kind activity { id } } talk { words } } } } } }",
                json!({}),
            )
            .await;
        let nodes = mine["viewer"]["member"]["measures"]["nodes"]
            .as_array()
            .expect("a list")
            .clone();
        let own = nodes
            .iter()
            .find(|node| node["id"] == open[0]["id"])
            .expect("own measure");
        assert_eq!(
            (&own["state"], &own["talk"]["words"]),
            (&json!("CONFIRMED"), &json!("今后按时参加。"))
        );
    }
);

both_databases!(
    g2_5a_a_dismissal_needs_a_reason_and_stands_for_its_run,
    |database: tests::TestDatabase| async move {
        let branch = Branch::of(&database, "moved-secretary").await;
        let member = branch.people[4].clone();
        branch.meeting("2021-05-15", &member, "ABSENT").await;
        let open = branch.open(&member).await;
        let input = json!({"measureId": open[0]["id"], "reason": "  ", "idempotencyKey": "dismiss-1"});
        let refused = branch.secretary.data(DISMISS, json!({"input": input})).await["dismissMeasure"].clone();
        assert_eq!(refused["userErrors"][0]["code"], "REQUIRED", "{refused}");
        let done = dismiss(&branch.secretary, &open[0], "dismiss-2").await;
        assert_eq!(done["measure"]["state"], "DISMISSED", "{done}");
        assert_eq!(branch.kinds(&member).await, Vec::<Value>::new());
        // The next absence is still the second in a row.
        branch.meeting("2021-06-15", &member, "ABSENT").await;
        assert_eq!(branch.kinds(&member).await, [json!("ADMONITION")]);
    }
);

both_databases!(
    g2_5a_absences_at_the_group_alone_are_the_group_leader_s,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let group = server.account("group-leader", "organizationId");
        let leader = server.client("group-leader");
        let body = leader
            .data(
                "query($o: ID!) { viewer { member { id } } organization(id: $o) { parent { id } } }",
                json!({"o": group}),
            )
            .await;
        let own = body["viewer"]["member"]["id"].clone();
        let branch = Branch::of(&database, "branch-secretary").await;
        assert_eq!(body["organization"]["parent"]["id"], branch.id.as_str());
        let record_at = async |day: &str, member: &str| {
            let at = format!("{day}T02:00:00Z");
            let input = json!({"organizationId": group, "kind": "PARTY_GROUP_MEETING", "startsAt": at,
                "noticedAt": before(&at), "exceptions": [{"memberId": member, "state": "ABSENT"}],
                "idempotencyKey": format!("group-{day}")});
            record(&leader, input).await
        };
        let roster = branch
            .secretary
            .data(
                "query($o: ID!) { members(within: {exactly: $o}, first: 100) { nodes { id status joinedOn group { id } } } }",
                json!({"o": branch.id}),
            )
            .await;
        let people = roster["members"]["nodes"].as_array().expect("a list").clone();
        let old =
            |node: &&Value| node["joinedOn"].as_str().is_some_and(|day| day < "2015-06") && node["status"] == "ACTIVE";
        let member = people
            .iter()
            .filter(old)
            .filter(|node| branch.people.iter().any(|one| node["id"] == one.as_str()))
            .find(|node| node["group"]["id"] == group.as_str() && node["id"] != own)
            .map(|node| id(node).to_owned())
            .expect("somebody in the group");
        record_at("2022-05-16", &member).await;
        let seen = branch.measures(&leader, &member, &["OPEN"]).await;
        assert_eq!(seen.len(), 1, "the group's leader sees it");
        assert_eq!(seen[0]["decider"], "GROUP_LEADER");
        // Another absence, at the branch: now the secretary decides.
        branch.meeting("2022-06-16", &member, "ABSENT").await;
        let open = branch.open(&member).await;
        assert_eq!(
            (&open[0]["kind"], &open[0]["decider"]),
            (&json!("ADMONITION"), &json!("SECRETARY"))
        );
        assert_eq!(branch.measures(&leader, &member, &["OPEN"]).await, Vec::<Value>::new());
        // The leader's own absence at the group is the secretary's matter.
        record_at("2022-07-16", own.as_str().expect("an id")).await;
        let own_matter = branch.open(own.as_str().expect("an id")).await;
        assert_eq!(own_matter[0]["decider"], "SECRETARY");
    }
);

both_databases!(
    g2_5a_the_secretary_s_own_absence_is_the_superior_s,
    |database: tests::TestDatabase| async move {
        let branch = Branch::of(&database, "village-secretary").await;
        let me = branch.secretary.data("{ viewer { member { id } } }", json!({})).await;
        let member = id(&me["viewer"]["member"]).to_owned();
        branch.meeting("2023-05-17", &member, "ABSENT").await;
        let own = branch.open(&member).await;
        assert_eq!((own.len(), &own[0]["decider"]), (1, &json!("SUPERIOR")));
        assert_eq!(own[0]["viewerCan"][0]["allowed"], false);
        let refused = confirm(&branch.secretary, &own[0], "2023-05-20", "own-1").await;
        assert_eq!(refused["userErrors"][0]["code"], "OWN_MATTER", "{refused}");
        let superior = branch.server.client("town-secretary");
        let done = confirm(&superior, &own[0], "2023-05-20", "own-2").await;
        assert_eq!(done["measure"]["state"], "CONFIRMED", "{done}");
    }
);
