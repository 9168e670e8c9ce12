//! Rulebooks: loaded by the administrator, assigned to subtrees; what is owed follows, what is closed stays.

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tests::{City, Client, Server, both_databases};

const LOAD: &str = "mutation($input: LoadRulebookInput!) { loadRulebook(input: $input) {
    rulebook { key version } userErrors { code message params path } cursor replayed } }";
const ASSIGN: &str = "mutation($input: AssignRulebookInput!) { assignRulebook(input: $input) {
    organization { id rulebook { key } } userErrors { code path params } replayed } }";
const LECTURES: &str = "query($o: ID!, $on: Date) { organization(id: $o) { rulebook(on: $on) { key }
    obligations(first: 100, on: $on) { nodes { rule { key } period { kind start } status closed revision basis { rulebook text } } } } }";

const SHIPPED: &str = include_str!("../../rulebooks/jiaxing-2015.toml");
const TODAY: &str = "2026-11-18";
const LONG_AGO: &str = "2026-07-15";
const ADVICE: &str = "每月安排一次党课。";

/// The guideline with one number changed: a lecture each month.
fn monthly() -> String {
    let (head, lecture) = SHIPPED.split_once("key = \"lecture\"").expect("a lecture entry");
    let head = head.replace("key = \"jiaxing-2015\"", "key = \"monthly\"");
    let lecture = lecture.replacen("period = \"TWO_MONTHS\"", "period = \"MONTH\"", 1);
    let lecture = lecture.replacen("两个月内安排一次党课，可邀请入党积极分子参加。", ADVICE, 1);
    format!("{head}key = \"lecture\"{lecture}")
}

async fn load(client: &Client, text: &str, key: &str) -> Value {
    let input = json!({"text": text, "idempotencyKey": key});
    client.data(LOAD, json!({"input": input})).await["loadRulebook"].clone()
}

async fn assign(client: &Client, org: &str, book: &str, from: &str, key: &str) -> Value {
    let input = json!({"organizationId": org, "rulebookKey": book, "fromOn": from, "idempotencyKey": key});
    client.data(ASSIGN, json!({"input": input})).await["assignRulebook"].clone()
}

/// (period, closed, rulebook, revision) of the lectures that an org owes, and the text of the first open one's basis.
async fn lectures(client: &Client, org: &str, on: &str) -> (Vec<(String, bool, String, i64)>, Option<String>) {
    let answer = client.data(LECTURES, json!({"o": org, "on": on})).await;
    let nodes = answer["organization"]["obligations"]["nodes"]
        .as_array()
        .expect("a list")
        .clone();
    let owed: Vec<Value> = nodes
        .into_iter()
        .filter(|node| node["rule"]["key"] == "lecture" && node["status"] != "NOT_OWED")
        .collect();
    let open = owed
        .iter()
        .rfind(|node| node["closed"] == false && node["period"]["start"] == "2026-11-01");
    let text = open
        .and_then(|node| node["basis"]["text"].as_str())
        .map(ToOwned::to_owned);
    let text_of = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = owed.iter().map(|node| {
        let closed = node["closed"].as_bool().unwrap_or_default();
        let book = text_of(&node["basis"]["rulebook"]);
        (
            format!(
                "{} {}",
                text_of(&node["period"]["kind"]),
                text_of(&node["period"]["start"])
            ),
            closed,
            book,
            node["revision"].as_i64().unwrap_or_default(),
        )
    });
    (rows.collect(), text)
}

both_databases!(
    a_citys_own_rulebook_changes_what_is_owed_below_one_org_from_its_day_and_closed_periods_stay,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_at(&database, "2026-11-18T02:00:00Z").await;
        let administrator = server.client("administrator");
        let department = server.client("city-organization");
        let loaded = load(&administrator, &monthly(), "load").await;
        assert_eq!(loaded["userErrors"], json!([]), "{loaded}");
        assert_eq!(loaded["rulebook"], json!({"key": "monthly", "version": 1}));
        assert!(loaded["cursor"].is_string());
        assert_eq!(load(&administrator, &monthly(), "load").await["replayed"], true);

        let (branch, other) = (
            server.account("other-county-secretary", "organizationId"),
            server.account("village-secretary", "organizationId"),
        );
        let (mine, theirs) = (
            server.client("other-county-secretary"),
            server.client("village-secretary"),
        );
        let (before, frozen) = (
            lectures(&mine, &branch, TODAY).await.0,
            lectures(&mine, &branch, LONG_AGO).await,
        );
        let untouched = lectures(&theirs, &other, TODAY).await;
        assert!(
            before
                .iter()
                .any(|(period, closed, ..)| period == "TWO_MONTHS 2026-11-01" && !closed),
            "{before:?}"
        );
        assert!(frozen.0.iter().any(|row| row.1), "{frozen:?}");

        let county = server.account("other-county", "organizationId");
        let done = assign(&department, &county, "monthly", "2026-11-01", "assign").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        assert_eq!(done["organization"]["rulebook"]["key"], "monthly");

        let (after, text) = lectures(&mine, &branch, TODAY).await;
        assert!(
            !after.iter().any(|(period, ..)| period == "TWO_MONTHS 2026-11-01"),
            "{after:?}"
        );
        assert!(
            after
                .iter()
                .any(|(period, _, book, _)| period == "MONTH 2026-11-01" && book == "monthly"),
            "{after:?}"
        );
        assert_eq!(
            text.as_deref(),
            Some(ADVICE),
            "the basis speaks in the words of the book in force"
        );
        assert_eq!(
            lectures(&mine, &branch, LONG_AGO).await,
            frozen,
            "closed periods are frozen"
        );
        assert_eq!(
            lectures(&theirs, &other, TODAY).await,
            untouched,
            "another county is not concerned"
        );
        let past = mine.data(LECTURES, json!({"o": branch, "on": "2026-10-31"})).await;
        assert_eq!(past["organization"]["rulebook"]["key"], "jiaxing-2015");
    }
);

both_databases!(
    a_rulebook_is_loaded_and_assigned_only_by_whom_it_may_and_never_back_into_a_closed_period,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let administrator = server.client("administrator");
        let broken = SHIPPED.replacen("period = \"QUARTER\"", "period = \"QUATER\"", 1);
        let refused = load(&administrator, &broken, "broken").await;
        let first = &refused["userErrors"][0];
        assert_eq!(
            (&first["code"], &first["path"]),
            (&json!("RULEBOOK_INVALID"), &json!(["input", "text"]))
        );
        let line = SHIPPED
            .lines()
            .position(|line| line.contains("\"QUARTER\""))
            .map_or(0, |at| at + 1);
        assert_eq!(first["params"]["line"], line.to_string(), "{refused}");
        assert!(
            first["params"]["key"]
                .as_str()
                .is_some_and(|key| key.contains("general-meeting")),
            "{refused}"
        );
        assert_eq!(refused["rulebook"], Value::Null);
        let again = load(&administrator, SHIPPED, "again").await;
        assert_eq!(again["userErrors"][0]["code"], "CONFLICT", "{again}");

        let secretary = server.client("branch-secretary");
        let own = server.account("branch-secretary", "organizationId");
        assert_eq!(
            load(&secretary, SHIPPED, "no").await["userErrors"][0]["code"],
            "FORBIDDEN"
        );
        let county = server.account("county-organization", "organizationId");
        let department = server.client("county-organization");
        for (client, org, book, from, code) in [
            (&secretary, &own, "jiaxing-2015", "2099-01-01", "FORBIDDEN"),
            (
                &department,
                &server.account("other-county", "organizationId"),
                "jiaxing-2015",
                "2027-01-01",
                "FORBIDDEN",
            ),
            (&department, &county, "jiaxing-2015", "2020-01-01", "PERIOD_CLOSED"),
            (&department, &county, "no-such-book", "2027-01-01", "NOT_FOUND"),
            (&department, &county, "jiaxing-2015", "2999-01-01", "INVALID"),
        ] {
            let answer = assign(client, org, book, from, &format!("{book}{from}{code}")).await;
            assert_eq!(answer["userErrors"][0]["code"], code, "{answer}");
        }
        let anonymous = Client::new(server.url());
        let all = anonymous
            .data(
                "{ rulebooks { key version entries(first: 1) { nodes { key } } } }",
                json!({}),
            )
            .await;
        assert!(
            all["rulebooks"]
                .as_array()
                .is_some_and(|all| all.iter().any(|book| book["key"] == "jiaxing-2015"))
        );
    }
);

const MOVE: &str = "mutation($input: MoveOrganizationInput!) { moveOrganization(input: $input) {
    organization { id parent { id } rulebook { key } } userErrors { code path } } }";
const PLACE: &str = "query($o: ID!) { organization(id: $o) { version parent { id } } }";

/// Puts a subtree under a book from a day that has passed, as if that had been done then.
async fn assigned_long_ago(database: &tests::TestDatabase, org: &str, book: &str, from: &str) {
    let connection = database.connect().await;
    let sql = format!(
        "INSERT INTO rulebook_assignment (id, organization_id, rulebook_key, from_on) \
         VALUES ('assigned-long-ago', '{org}', '{book}', '{from}')"
    );
    connection.execute_unprepared(&sql).await.expect("the row goes in");
    connection.close().await.expect("closed");
}

both_databases!(
    a_moved_subtree_is_judged_at_once_by_the_book_of_its_new_place_and_by_the_old_one_for_the_time_before,
    |database: tests::TestDatabase| async move {
        let city = City::on(&database);
        let server = city.at("2026-11-18T02:00:00Z").await;
        let (administrator, department) = (server.client("administrator"), server.client("city-organization"));
        assert_eq!(load(&administrator, &monthly(), "load").await["userErrors"], json!([]));
        let county = server.account("other-county", "organizationId");
        assigned_long_ago(&database, &county, "monthly", "2026-01-01").await;
        let done = assign(&department, &county, "monthly", "2026-11-01", "assign").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");

        let branch = server.account("village-secretary", "organizationId");
        let there = server.account("other-county-secretary", "organizationId");
        let place = async |org: &str| department.data(PLACE, json!({"o": org})).await["organization"].clone();
        let (here, parent) = (place(&branch).await, place(&there).await["parent"]["id"].clone());
        let (before, frozen) = (
            lectures(&department, &branch, TODAY).await.0,
            lectures(&department, &branch, LONG_AGO).await,
        );
        let of = |rows: &[(String, bool, String, i64)], period: &str| {
            rows.iter()
                .find(|(of, ..)| of == period)
                .map(|(_, closed, book, _)| (*closed, book.clone()))
        };
        let shipped = |closed: bool| Some((closed, "jiaxing-2015".to_owned()));
        assert_eq!(of(&before, "TWO_MONTHS 2026-11-01"), shipped(false), "{before:?}");
        let input = json!({"id": branch, "expectedVersion": here["version"], "parentId": parent, "reason": "区划调整",
            "decision": {"decidedOn": "2026-11-10", "documentNumber": "试〔2026〕12号"}, "idempotencyKey": "move"});
        let moved = department.data(MOVE, json!({"input": input})).await["moveOrganization"].clone();
        assert_eq!(moved["userErrors"], json!([]), "{moved}");
        assert_eq!(moved["organization"]["rulebook"]["key"], "monthly");

        let (after, text) = lectures(&department, &branch, TODAY).await;
        assert_eq!(of(&after, "TWO_MONTHS 2026-11-01"), None, "{after:?}");
        assert_eq!(
            of(&after, "MONTH 2026-11-01"),
            Some((false, "monthly".to_owned())),
            "{after:?}"
        );
        assert_eq!(text.as_deref(), Some(ADVICE));
        // It stood elsewhere when these periods ended.
        assert_eq!(
            of(&after, "TWO_MONTHS 2026-09-01"),
            of(&before, "TWO_MONTHS 2026-09-01")
        );
        assert_eq!(of(&after, "MONTH 2026-10-01"), None, "{after:?}");
        assert_eq!(
            lectures(&department, &branch, LONG_AGO).await,
            frozen,
            "closed periods are frozen"
        );
        // Judged from nothing it is the same.
        drop(server);
        let said = city.rejudged("2026-11-18T03:00:00Z");
        assert!(said.starts_with("0 obligations stood otherwise"), "{said}");
    }
);

const HELD: &str =
    "query($o: ID!, $on: Date!) { organization(id: $o) { version hasCommittee obligations(first: 100, on: $on) {
    nodes { id rule { key } status closed revision evidence { activities { id version } } basis { rulebook }
        revisions { number status } } } } }";
const EXPECTED: &str =
    "query($id: ID!) { activity(id: $id) { version expected(first: 100) { nodes { member { id } } } } }";
const CORRECT: &str = "mutation($input: CorrectActivityInput!) { correctActivity(input: $input) {
    activity { id } userErrors { code path } } }";
const RECORD: &str = "mutation($input: RecordOrganizationFactsInput!) { recordOrganizationFacts(input: $input) {
    organization { id hasCommittee } userErrors { code path } } }";

both_databases!(
    a_late_correction_of_a_closed_period_is_judged_by_the_book_and_the_duty_of_then,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_at(&database, "2026-11-18T02:00:00Z").await;
        let (secretary, superior) = (server.client("village-secretary"), server.client("town-secretary"));
        let branch = server.account("village-secretary", "organizationId");
        let row = async |on: &str| {
            let org = secretary.data(HELD, json!({"o": branch, "on": on})).await["organization"].clone();
            let nodes = org["obligations"]["nodes"].as_array().expect("a list").clone();
            let found = nodes
                .into_iter()
                .find(|node| node["rule"]["key"] == "committee-meeting");
            (org["version"].clone(), found.unwrap_or_default())
        };
        // A closed month in which the committee met.
        let mut met = None;
        for on in ["2026-08-15", "2026-07-15", "2026-06-15", "2026-05-15"] {
            let (version, found) = row(on).await;
            if found["status"] == "MET" && found["closed"] == true {
                met = Some((on, version, found));
                break;
            }
        }
        let (on, version, before) = met.expect("a closed month in which the committee met");
        // The branch has no committee any more: today it would not owe the meeting.
        let input = json!({"id": branch, "expectedVersion": version, "hasCommittee": false, "reason": "党员减少",
            "decision": {"decidedOn": "2026-11-10", "documentNumber": "试〔2026〕13号"}, "idempotencyKey": "without"});
        let done = superior.data(RECORD, json!({"input": input})).await["recordOrganizationFacts"].clone();
        assert_eq!(done["userErrors"], json!([]), "{done}");
        assert_eq!(row(on).await.1, before, "the closed month stays");
        // It turns out that nobody but one had come.
        let meeting = before["evidence"]["activities"][0]["id"].clone();
        let activity = secretary.data(EXPECTED, json!({"id": meeting})).await["activity"].clone();
        let people = activity["expected"]["nodes"].as_array().expect("people").clone();
        // The secretary's own row would be another's to put right.
        let me = secretary.data("{ viewer { member { id } } }", json!({})).await["viewer"]["member"]["id"].clone();
        let absent: Vec<Value> = people
            .iter()
            .filter(|one| one["member"]["id"] != me)
            .map(|one| json!({"memberId": one["member"]["id"], "state": "ABSENT"}))
            .collect();
        let input = json!({"activityId": meeting, "expectedVersion": activity["version"], "exceptions": absent,
            "reason": "核对签到后更正", "idempotencyKey": "correct"});
        let corrected = secretary.data(CORRECT, json!({"input": input})).await["correctActivity"].clone();
        assert_eq!(corrected["userErrors"], json!([]), "{corrected}");
        let after = row(on).await.1;
        assert_eq!(
            (&after["status"], &after["closed"], &after["revision"], &after["basis"]),
            (&json!("MISSED"), &json!(true), &json!(2), &before["basis"]),
            "{after}"
        );
        assert_eq!(after["revisions"].as_array().map(Vec::len), Some(2), "{after}");
    }
);

both_databases!(
    a_local_rulebook_may_be_stricter_than_one_of_a_higher_issuer_and_never_laxer,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let administrator = server.client("administrator");
        let (department, city) = (
            server.client("city-organization"),
            server.account("city-organization", "organizationId"),
        );
        let central = monthly().replacen("precedence = \"LOCAL\"", "precedence = \"CENTRAL\"", 1);
        let stricter = monthly().replacen("key = \"monthly\"", "key = \"stricter\"", 1);
        let laxer = SHIPPED.replacen("key = \"jiaxing-2015\"", "key = \"laxer\"", 1);
        for (text, key) in [
            (&central, "load-central"),
            (&stricter, "load-stricter"),
            (&laxer, "load-laxer"),
        ] {
            assert_eq!(load(&administrator, text, key).await["userErrors"], json!([]), "{key}");
        }
        let from = "2030-01-01";
        let done = assign(&department, &city, "monthly", from, "central").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        let refused = assign(&department, &city, "laxer", from, "laxer").await;
        let error = &refused["userErrors"][0];
        assert_eq!(
            (&error["code"], &error["params"]["entry"], &error["params"]["higher"]),
            (&json!("RULEBOOK_LAXER"), &json!("lecture"), &json!("monthly")),
            "{refused}"
        );
        let done = assign(&department, &city, "stricter", from, "stricter").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
    }
);
