//! Rulebooks: loaded by the administrator, assigned to subtrees; what is owed follows, what is closed stays.

mod ladders;
mod moved;

use serde_json::{Value, json};
use tests::{City, Client, Server, both_databases};

use ladders::MEETING;

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

const FOUND: &str = "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) {
    organization { id rulebook { key } } userErrors { code path params } } }";
const KEY: &str = "query($o: ID!) { organization(id: $o) { name rulebook { key } } }";

both_databases!(
    a_book_for_some_fields_of_work_or_a_territory_holds_for_those_orgs_only,
    |database: tests::TestDatabase| async move {
        let city = City::on(&database);
        let server = city.at("2026-11-18T02:00:00Z").await;
        let (administrator, department) = (server.client("administrator"), server.client("city-organization"));
        let county = server.account("other-county", "organizationId");
        let branch = server.account("other-county-secretary", "organizationId");
        let key =
            async |org: &str| department.data(KEY, json!({"o": org})).await["organization"]["rulebook"]["key"].clone();
        let sectors = "query($o: ID!) { organization(id: $o) { sector } }";
        let sector = department.data(sectors, json!({"o": branch})).await["organization"]["sector"].clone();
        let other = if sector == "ORGAN" { "VILLAGE" } else { "ORGAN" };
        let narrowed = |name: &str, head: &str| {
            monthly()
                .replacen("key = \"monthly\"", &format!("key = \"{name}\""), 1)
                .replacen("territory = \"jiaxing\"", head, 1)
        };
        // For another field of work: the branch keeps the book above, and what it owes.
        let before = lectures(&server.client("other-county-secretary"), &branch, TODAY).await;
        let text = narrowed("for-others", &format!("sectors = [\"{other}\"]"));
        assert_eq!(
            load(&administrator, &text, "load-others").await["userErrors"],
            json!([])
        );
        let done = assign(&department, &county, "for-others", "2026-11-01", "others").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        assert_eq!(key(&branch).await, "jiaxing-2015");
        assert_eq!(
            lectures(&server.client("other-county-secretary"), &branch, TODAY).await,
            before
        );
        // For its own: it owes a lecture each month at once.
        let text = narrowed("for-them", &format!("sectors = [{sector}]"));
        assert_eq!(load(&administrator, &text, "load-them").await["userErrors"], json!([]));
        let done = assign(&department, &county, "for-them", "2026-11-02", "them").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        assert_eq!(key(&branch).await, "for-them");
        let (after, _) = lectures(&server.client("other-county-secretary"), &branch, TODAY).await;
        assert!(
            after.iter().any(|(period, ..)| period == "MONTH 2026-11-01"),
            "{after:?}"
        );
        drop(server);
        let said = city.rejudged("2026-11-18T03:00:00Z");
        assert!(said.starts_with("0 obligations stood otherwise"), "{said}");

        // A territory is named by its org: the book is assigned there or below, nowhere else, and is told so.
        let server = city.at("2026-11-18T04:00:00Z").await;
        let (administrator, department) = (server.client("administrator"), server.client("city-organization"));
        let name = department.data(KEY, json!({"o": county})).await["organization"]["name"].clone();
        let text = narrowed("of-a-county", &format!("territory = {name}"));
        assert_eq!(
            load(&administrator, &text, "load-county").await["userErrors"],
            json!([])
        );
        let home = server.account("county-organization", "organizationId");
        let refused = assign(&department, &home, "of-a-county", "2026-11-01", "elsewhere").await;
        let error = &refused["userErrors"][0];
        assert_eq!(
            (
                &error["code"],
                &error["params"]["reason"],
                &error["params"]["territory"]
            ),
            (&json!("INVALID"), &json!("ELSEWHERE"), &name),
            "{refused}"
        );
        let done = assign(&department, &branch, "of-a-county", "2026-11-03", "inside").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        assert_eq!(done["organization"]["rulebook"]["key"], "of-a-county");
        // What is founded in the county follows the same book as what stood there.
        let input = json!({"parentId": county, "name": "新设单位党委", "kind": "PRIMARY_COMMITTEE", "sector": sector,
            "foundedOn": "2026-11-18", "reason": "新设", "decision": {"decidedOn": "2026-11-10", "documentNumber": "试〔2026〕31号"},
            "idempotencyKey": "new"});
        let made =
            server.client("other-county").data(FOUND, json!({"input": input})).await["createOrganization"].clone();
        assert_eq!(made["userErrors"], json!([]), "{made}");
        assert_eq!(made["organization"]["rulebook"]["key"], "for-them");
    }
);

both_databases!(
    what_one_may_do_with_a_rulebook_is_told_before_it_is_tried,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let query = "query($o: ID) { rulebook { viewerCan(actions: [LOAD_VERSION, ASSIGN], organizationId: $o) {
            action allowed reasons { code } } } }";
        let ask = async |user: &str, org: Value| {
            server.client(user).data(query, json!({"o": org})).await["rulebook"]["viewerCan"].clone()
        };
        let allowed = |answer: &Value| {
            let answers = answer.as_array().expect("a list").iter();
            answers.map(|one| one["allowed"] == true).collect::<Vec<_>>()
        };
        assert_eq!(allowed(&ask("administrator", Value::Null).await), [true, false]);
        assert_eq!(allowed(&ask("city-organization", Value::Null).await), [false, true]);
        let refused = ask("member", Value::Null).await;
        assert_eq!(allowed(&refused), [false, false]);
        assert!(
            refused.as_array().is_some_and(|all| all
                .iter()
                .all(|one| !one["reasons"].as_array().is_none_or(Vec::is_empty))),
            "{refused}"
        );
        // A county's department assigns in its county and not beside it.
        let (own, beside) = (
            server.account("county-organization", "organizationId"),
            server.account("other-county", "organizationId"),
        );
        assert_eq!(allowed(&ask("county-organization", json!(own)).await), [false, true]);
        assert!(
            allowed(&ask("county-organization", json!(beside)).await)
                .iter()
                .all(|allowed| !allowed)
        );
    }
);

both_databases!(
    what_a_book_only_recommends_is_advice_to_the_org_and_no_duty,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_at(&database, "2026-11-18T02:00:00Z").await;
        let (administrator, department) = (server.client("administrator"), server.client("city-organization"));
        let branch = server.account("other-county-secretary", "organizationId");
        let secretary = server.client("other-county-secretary");
        assert!(!lectures(&secretary, &branch, TODAY).await.0.is_empty());
        let (head, lecture) = SHIPPED.split_once("key = \"lecture\"").expect("a lecture entry");
        let lecture = lecture.replacen("modality = \"NORMALLY\"", "modality = \"MAY\"", 1);
        let head = head.replacen("key = \"jiaxing-2015\"", "key = \"advising\"", 1);
        let text = format!("{head}key = \"lecture\"{lecture}");
        assert_eq!(
            load(&administrator, &text, "load-advising").await["userErrors"],
            json!([])
        );
        let done = assign(&department, &branch, "advising", "2026-11-01", "advising").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        let (owed, _) = lectures(&secretary, &branch, TODAY).await;
        assert!(
            !owed
                .iter()
                .any(|(period, closed, ..)| period == "TWO_MONTHS 2026-11-01" && !closed),
            "advice is no duty: {owed:?}"
        );
        let query = "query($o: ID!) { organization(id: $o) { advice { rule text followed { count atLeast enough period { start } }
            basis { rulebook clause } } } }";
        let told = async |client: &Client| {
            let all = client.data(query, json!({"o": branch})).await["organization"]["advice"].clone();
            let all = all.as_array().expect("a list").clone();
            all.into_iter().find(|one| one["rule"] == "lecture")
        };
        let before = told(&secretary).await.expect("advice on the lecture");
        assert_eq!(
            (&before["basis"], &before["followed"]["atLeast"]),
            (&json!({"rulebook": "advising", "clause": "G1.1d"}), &json!(1))
        );
        assert_eq!(told(&department).await, None, "above nobody hears of it");
        let count = before["followed"]["count"].as_i64().expect("a count");
        let input = json!({"organizationId": branch, "kind": "PARTY_LECTURE", "startsAt": "2026-11-16T02:00:00Z", "exceptions": [],
            "minutes": "党课记录。", "idempotencyKey": "followed"});
        let made = secretary.data(MEETING, json!({"input": input})).await["recordActivity"].clone();
        assert_eq!(made["userErrors"], json!([]), "{made}");
        let after = told(&secretary).await.expect("advice on the lecture");
        assert_eq!(
            (&after["followed"]["count"], &after["followed"]["enough"]),
            (&json!(count + 1), &json!(true)),
            "{after}"
        );
    }
);
