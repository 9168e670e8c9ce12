//! Promises that hold over the whole schema.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::{Client, Server, Ws, WsMessage, both_databases, today};

/// Types with an id of their own that `node` does not find: values of another object, replaced as a whole (ADR 0070). The
/// list may only shrink.
const NO_NODES: &[&str] = &["AgendaItem"];

const TYPES: &str = "{ __schema { types { name kind description
    interfaces { name }
    fields(includeDeprecated: true) { name description type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }
      args { name description } }
    inputFields { name description } enumValues(includeDeprecated: true) { name description } } } }";

async fn types(server: &Server) -> Vec<Value> {
    let data = server.client("member").data(TYPES, json!({})).await;
    let all = data["__schema"]["types"].as_array().expect("types").clone();
    let own = |one: &Value| one["name"].as_str().is_some_and(|name| !name.starts_with("__"));
    all.into_iter().filter(own).collect()
}

fn list<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of[name].as_array().map_or(&[], Vec::as_slice)
}

fn is_id(field: &Value) -> bool {
    field["type"]["kind"] == "NON_NULL" && field["type"]["ofType"]["name"] == "ID"
}

both_databases!(
    whatever_has_an_id_is_a_node,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let mut nodes = 0;
        for one in types(server).await {
            let name = one["name"].as_str().expect("a name");
            let has_id = list(&one, "fields")
                .iter()
                .any(|field| field["name"] == "id" && is_id(field));
            let is_node = list(&one, "interfaces")
                .iter()
                .any(|interface| interface["name"] == "Node");
            if one["kind"] == "OBJECT" && has_id {
                assert_eq!(is_node, !NO_NODES.contains(&name), "{name}");
                nodes += i32::from(is_node);
            }
        }
        assert!(nodes > 15, "only {nodes} nodes");
    }
);

both_databases!(
    whatever_the_schema_names_it_describes,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let told = |one: &Value| one["description"].as_str().is_some_and(|text| !text.trim().is_empty());
        let (mut named, mut silent) = (0, Vec::new());
        for one in types(server).await {
            let name = one["name"].as_str().expect("a name");
            // The scalars of the language itself describe themselves.
            if ["Boolean", "Float", "ID", "Int", "String"].contains(&name) {
                continue;
            }
            let mut parts = vec![(name.to_owned(), one.clone())];
            for kind in ["fields", "inputFields", "enumValues"] {
                for part in list(&one, kind) {
                    let place = format!("{name}.{}", part["name"].as_str().expect("a name"));
                    parts.push((place, part.clone()));
                }
            }
            named += parts.len();
            silent.extend(
                parts
                    .into_iter()
                    .filter(|(_, part)| !told(part))
                    .map(|(place, _)| place),
            );
        }
        assert!(named > 1500, "only {named} names");
        assert!(silent.is_empty(), "{} without description: {silent:?}", silent.len());
    }
);

/// Enums whose values are for programs: codes beside which their text stands, ways to sort and to ask. The list may only
/// shrink.
const WITHOUT_WORDS: &[&str] = &[
    "ChangeExtent",
    "ChangeOp",
    "CountMode",
    "CountRelation",
    "EntityKind",
    "ErrorPolicy",
    "ExpectedPeople",
    "GapCause",
    "IntakeMode",
    "MissingCode",
    "NotOwedReasonCode",
    "ObligationRequest",
    "Origin",
    "ProblemCode",
    "RowOutcome",
    "RuleForm",
    "SortDirection",
];

both_databases!(
    whatever_enum_people_read_has_words,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let all = "{ enumLabels { name values { value label } } }";
        let english = server.client("member").with_header("accept-language", "en");
        let labels = english.data(all, json!({})).await["enumLabels"].clone();
        let words: BTreeMap<&str, Vec<&str>> = labels
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| {
                let values = list(one, "values").iter().filter_map(|value| value["value"].as_str());
                (one["name"].as_str().expect("a name"), values.collect())
            })
            .collect();
        let mut silent = Vec::new();
        for one in types(server).await {
            let name = one["name"].as_str().expect("a name");
            // What one may do is told by `viewerCan`, in the words of the front end.
            if one["kind"] != "ENUM"
                || WITHOUT_WORDS.contains(&name)
                || name.ends_with("Action")
                || name.ends_with("SortField")
            {
                continue;
            }
            let values: BTreeMap<&str, ()> = list(&one, "enumValues")
                .iter()
                .filter_map(|value| Some((value["name"].as_str()?, ())))
                .collect();
            match words.get(name) {
                Some(known) => assert!(
                    known.iter().all(|value| values.contains_key(value)) && known.len() == values.len(),
                    "{name}"
                ),
                None => silent.push(name.to_owned()),
            }
        }
        assert!(silent.is_empty(), "without words: {silent:?}");
        let some = server
            .client("member")
            .data(
                "{ enumLabels(names: [\"Post\", \"Rank\"]) { name values { value label } } }",
                json!({}),
            )
            .await;
        assert_eq!(
            some["enumLabels"][0]["values"][0],
            json!({"value": "SECRETARY", "label": "书记"}),
            "{some}"
        );
        assert_eq!(some["enumLabels"].as_array().map(Vec::len), Some(1));
    }
);

both_databases!(
    every_list_counts_and_pages,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let mut connections = 0;
        for one in types(server).await {
            let field = |name: &str| list(&one, "fields").iter().find(|field| field["name"] == name);
            if field("edges").is_none() {
                continue;
            }
            connections += 1;
            for name in ["nodes", "pageInfo"] {
                assert!(field(name).is_some(), "{} has no {name}", one["name"]);
            }
            let count = field("totalCount").unwrap_or_else(|| panic!("{} does not count", one["name"]));
            assert!(
                list(count, "args").iter().any(|arg| arg["name"] == "mode"),
                "{}",
                one["name"]
            );
        }
        assert!(connections >= 20, "only {connections} connections");
    }
);

both_databases!(
    g1_1f_a_count_is_of_the_very_list_under_the_readers_scope,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_at(&database, "2026-11-10T02:00:00Z").await;
        let (from, to) = ("2026-01-01", "2026-12-31");
        let lists: &[(&str, &str)] = &[
            ("activities", "activities(within: $w, from: $from, to: $to, first: 3)"),
            ("members", "members(within: $w, first: 3)"),
            ("obligations", "obligations(within: $w, from: $from, to: $to, first: 3)"),
            ("obligations", "obligations(within: $w, on: \"2026-10-31\", first: 3)"),
            ("measures", "measures(within: $w, first: 3)"),
            ("organizations", "organizations(within: $w, first: 3)"),
            ("findings", "findings(within: $w, first: 3)"),
            ("applicants", "applicants(within: $w, first: 3)"),
            ("alerts", "alerts(within: $w, first: 3)"),
        ];
        let mut full = std::collections::BTreeSet::new();
        for (user, scope) in [
            ("town-secretary", "subtreeOf"),
            ("branch-secretary", "exactly"),
            ("member", "exactly"),
        ] {
            let client = server.client(user);
            let within = json!({scope: server.account(user, "organizationId")});
            for (name, call) in lists {
                let arguments = if call.contains("$from") {
                    ", $from: Date!, $to: Date!"
                } else {
                    ""
                };
                let mut total = None;
                let (mut after, mut seen) = (Value::Null, 0);
                loop {
                    let paged = call.replace("first: 3", "first: 100, after: $after");
                    let query = format!(
                        "query($w: OrganizationScopeInput!, $after: String{arguments}) {{
                            page: {paged} {{ edges {{ cursor }} pageInfo {{ hasNextPage endCursor }} }}
                            few: {call} {{ totalCount(mode: EXACT) {{ value relation }} }} }}"
                    );
                    let data = client
                        .data(&query, json!({"w": within, "after": after, "from": from, "to": to}))
                        .await;
                    seen += data["page"]["edges"].as_array().map_or(0, Vec::len);
                    total = total.or(Some(data["few"]["totalCount"].clone()));
                    if data["page"]["pageInfo"]["hasNextPage"] != true {
                        break;
                    }
                    after = data["page"]["pageInfo"]["endCursor"].clone();
                }
                assert_eq!(
                    total,
                    Some(json!({"value": seen, "relation": "EQUAL"})),
                    "{name} as {user}"
                );
                if seen > 0 {
                    full.insert(*call);
                }
            }
        }
        let short: Vec<_> = lists.iter().filter(|(_, call)| !full.contains(call)).collect();
        assert!(short.is_empty(), "nobody had any of {short:?}");
    }
);

/// All ids of a list, page by page from one of its ends.
async fn paged(client: &Client, list: &str, variables: &Value, from_the_end: bool) -> Vec<Value> {
    let (page, cursor) = if from_the_end {
        ("last: 7, before: $cursor", "startCursor")
    } else {
        ("first: 7, after: $cursor", "endCursor")
    };
    let more = if from_the_end { "hasPreviousPage" } else { "hasNextPage" };
    let query = format!(
        "query($w: OrganizationScopeInput!, $from: Date!, $to: Date!, $cursor: String) {{
            list: {} {{ nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }}
            dated: activities(within: $w, from: $from, to: $to, first: 1) {{ nodes {{ id }} }} }}",
        list.replace("PAGE", page)
    );
    let (mut pages, mut at) = (Vec::new(), Value::Null);
    loop {
        let mut variables = variables.clone();
        variables["cursor"] = at;
        let found = client.data(&query, variables).await["list"].take();
        let ids: Vec<Value> = list_of_ids(&found);
        pages.push(ids);
        if found["pageInfo"][more] == false {
            break;
        }
        at = found["pageInfo"][cursor].clone();
    }
    if from_the_end {
        pages.reverse();
    }
    pages.concat()
}

fn list_of_ids(found: &Value) -> Vec<Value> {
    list(found, "nodes").iter().map(|node| node["id"].clone()).collect()
}

both_databases!(
    every_list_is_the_same_from_its_end_as_from_its_beginning,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let client = server.client("town-secretary");
        let variables = json!({"w": {"subtreeOf": server.account("town-secretary", "organizationId")},
            "from": today() - chrono::Days::new(200), "to": today() - chrono::Days::new(20)});
        for list in [
            "members(within: $w, PAGE)",
            "members(within: $w, sort: {field: JOINED_ON, direction: DESC}, PAGE)",
            "activities(within: $w, from: $from, to: $to, PAGE)",
            "obligations(within: $w, from: $from, to: $to, PAGE)",
            "organizations(within: $w, PAGE)",
            "measures(within: $w, PAGE)",
        ] {
            let forward = paged(&client, list, &variables, false).await;
            assert!(forward.len() > 14, "{list}: {} rows", forward.len());
            let distinct: std::collections::BTreeSet<String> = forward.iter().map(Value::to_string).collect();
            assert_eq!(distinct.len(), forward.len(), "{list} repeats itself");
            assert_eq!(paged(&client, list, &variables, true).await, forward, "{list}");
        }
    }
);

both_databases!(
    a_page_cursor_belongs_to_its_list_sort_and_filter,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let client = server.client("town-secretary");
        let within = json!({"subtreeOf": server.account("town-secretary", "organizationId")});
        let query = "query($w: OrganizationScopeInput!, $after: String, $sort: MemberSortInput) {
            members(within: $w, first: 1, after: $after, sort: $sort) { pageInfo { endCursor } } }";
        let first = client.data(query, json!({"w": within})).await;
        let cursor = first["members"]["pageInfo"]["endCursor"].clone();
        let sort = json!({"field": "JOINED_ON"});
        for (variables, code) in [
            (json!({"w": within, "after": cursor, "sort": sort}), "CURSOR_MISMATCH"),
            (
                json!({"w": {"exactly": within["subtreeOf"]}, "after": cursor}),
                "CURSOR_MISMATCH",
            ),
            (json!({"w": within, "after": "abc"}), "CURSOR_INVALID"),
        ] {
            assert_eq!(client.error_code(query, variables).await, code);
        }
        client.data(query, json!({"w": within, "after": cursor})).await;
        let sizes = "query($w: OrganizationScopeInput!, $n: Int) { members(within: $w, first: $n) { nodes { id } } }";
        for size in [json!(0), json!(101), Value::Null] {
            assert_eq!(
                client.error_code(sizes, json!({"w": within, "n": size})).await,
                "PAGE_SIZE"
            );
        }
    }
);

both_databases!(
    what_an_operation_costs_is_told_on_every_transport,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let client = server.client("member");
        let query = "{ rateLimit { limit cost remaining resetAt } viewer { id } }";
        let reply = client.post(&json!({"query": query})).await;
        let cost = &reply.body["extensions"]["cost"];
        for name in ["requested", "actual", "limit", "remaining", "resetAt"] {
            assert!(!cost[name].is_null(), "{name}: {}", reply.text);
        }
        assert_eq!(reply.body["data"]["rateLimit"]["limit"], cost["limit"]);
        for header in ["ratelimit", "ratelimit-policy"] {
            assert!(reply.headers.contains_key(header), "{header}: {:?}", reply.headers);
        }
        let mut socket = Ws::of_token(server.url(), &server.account("member", "accessToken")).await;
        socket.subscribe("cost", query, json!({})).await;
        let WsMessage::Next { payload, .. } = socket.next().await else {
            panic!("no answer")
        };
        assert!(payload["extensions"]["cost"]["remaining"].is_number(), "{payload}");
        assert_eq!(payload["data"]["rateLimit"]["limit"], cost["limit"], "{payload}");
    }
);

both_databases!(
    g1_2k_a_denied_field_never_blanks_its_parent,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let branch = server.account("village-secretary", "organizationId");
        // A member of another branch, an inspector, an administrator: what they may not see of an org is null or empty.
        let query = "query($o: ID!) { organization(id: $o) { id name secretary { id name phone { masked value } birthDate { masked }
            account { id } exemptions { id } identityChanges { id } measures(first: 5) { nodes { id } } accessLog(first: 5) { nodes { at } } }
            applicants(first: 5) { nodes { id } totalCount { value } } obligations(first: 5) { nodes { id } totalCount { value } }
            auditTrail(first: 5) { nodes { at } totalCount { value } } measureFigures(year: 2026) { number }
            appointments(first: 5) { nodes { id member { id name } } } organizationalLifeLastOnAgenda } }";
        // Who may see them does: there is something to be denied.
        let own = server
            .client("village-secretary")
            .data(query, json!({"o": branch}))
            .await["organization"]
            .take();
        assert!(own["secretary"]["phone"]["value"].is_string(), "{own}");
        for list in ["applicants", "obligations"] {
            assert_ne!(own[list]["nodes"], json!([]), "{list}: {own}");
        }
        for user in ["member", "county-discipline", "administrator"] {
            let org = server.client(user).data(query, json!({"o": branch})).await["organization"].take();
            let secretary = &org["secretary"];
            assert_eq!(
                (&org["name"], &secretary["name"]),
                (&own["name"], &own["secretary"]["name"]),
                "{user}"
            );
            for field in ["phone", "birthDate"] {
                assert_eq!(secretary[field], Value::Null, "{user}: {org}");
            }
            for list in ["exemptions", "identityChanges"] {
                assert_eq!(secretary[list], json!([]), "{user}: {org}");
            }
            let hidden = json!({"nodes": [], "totalCount": {"value": 0}});
            assert_eq!(org["applicants"], hidden, "{user}");
            // Inspectors read the trail of what is below them; whether anything is in it is for other tests of this city.
            if user != "county-discipline" {
                assert_eq!(org["auditTrail"], hidden, "{user}");
            }
            // Of these two each sees what is theirs: how things stand below, and who has an account.
            assert_eq!(
                org["obligations"] == hidden,
                user != "county-discipline",
                "{user}: {org}"
            );
            assert_eq!(secretary["account"].is_null(), user != "administrator", "{user}: {org}");
        }
    }
);

both_databases!(
    g1_1a_what_is_owed_says_what_is_missing_and_what_was_asked_instead,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let client = server.client("city-organization");
        let city = server.account("city-organization", "organizationId");
        // What is excused is due on its new day, two months ahead.
        let (from, to) = (today() - chrono::Days::new(400), today() + chrono::Days::new(120));
        let query =
            "query($w: OrganizationScopeInput!, $from: Date, $to: Date, $s: [ObligationStatus!], $after: String) {
            obligations(within: $w, from: $from, to: $to, statuses: $s, first: 100, after: $after) {
              nodes { status basis { clause } notOwedReason { code text }
                missing { code text count present needed until activity { id } }
                evidence { count missing activities { id kind startsAt } }
                deviations { id state reason newDate answer viewerCan(actions: [DECIDE]) { allowed } } } } }";
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for status in ["MISSED", "OVERDUE", "OPEN", "MET", "EXCUSED"] {
            let variables = json!({"w": {"subtreeOf": city}, "from": from, "to": to, "s": [status]});
            let found = client.data(query, variables).await["obligations"]["nodes"].clone();
            for row in found.as_array().expect("rows") {
                assert_eq!(row["status"], status, "{row}");
                assert!(row["basis"]["clause"].is_string(), "{row}");
                let missing = list(row, "missing");
                assert_eq!(missing.len(), list(&row["evidence"], "missing").len(), "{row}");
                match status {
                    "MET" => assert_eq!((missing.len(), &row["notOwedReason"]), (0, &Value::Null), "{row}"),
                    "MISSED" | "OVERDUE" => assert!(!missing.is_empty(), "{row}"),
                    "EXCUSED" => assert!(
                        list(row, "deviations").iter().any(|one| one["state"] == "ACCEPTED"),
                        "{row}"
                    ),
                    _ => {}
                }
                *kinds.entry(status.to_owned()).or_default() += 1;
            }
        }
        let told = ["EXCUSED", "MET", "MISSED", "OPEN"];
        assert!(told.iter().all(|status| kinds.contains_key(*status)), "{kinds:?}");
    }
);
