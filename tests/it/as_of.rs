//! Structure and roster of a day (spec 2, `asOf`): valid that day, as known now.

use serde_json::{Value, json};
use tests::{Server, both_databases, today};

const AS_OF: &str = "query($o: ID!, $on: Date!) { organization(id: $o) { id name parent { id }
    headcount { fullMembers probationaryMembers }
    asOf(date: $on) { organizationId name kind parent { organizationId name } path { organizationId }
        headcount { fullMembers probationaryMembers } since until } } }";

both_databases!(
    what_holds_today_is_what_the_objects_show,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        for user in ["county-secretary", "town-secretary", "department-secretary"] {
            let org = server.account(user, "organizationId");
            let variables = json!({"o": org, "on": today().to_string()});
            let found = server.client(user).data(AS_OF, variables).await["organization"].clone();
            assert_eq!(found["asOf"]["name"], found["name"]);
            assert_eq!(found["asOf"]["parent"]["organizationId"], found["parent"]["id"]);
            assert_eq!(found["asOf"]["headcount"], found["headcount"], "{user}: {found}");
            assert!(found["headcount"]["fullMembers"].as_i64().is_some_and(|full| full > 10));
        }
    }
);

both_databases!(
    a_moved_branch_stood_elsewhere_before_and_nowhere_before_its_founding,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let branch = server.account("moved-secretary", "organizationId");
        let client = server.client("moved-secretary");
        let on = async |day: &str| client.data(AS_OF, json!({"o": branch, "on": day})).await["organization"].clone();
        let now = on(&today().to_string()).await;
        let moved_on = now["asOf"]["since"].as_str().expect("a day").to_owned();
        let day: chrono::NaiveDate = moved_on.parse().expect("a date");
        let before = on(&day.pred_opt().expect("a day before").to_string()).await;
        assert_eq!(before["asOf"]["until"], json!(moved_on));
        assert_ne!(before["asOf"]["parent"], now["asOf"]["parent"]);
        assert_eq!(before["parent"], now["parent"], "the org itself shows the present");
        let path = before["asOf"]["path"].as_array().expect("a path").clone();
        assert_eq!(path.len(), 4, "{before}");
        assert_eq!(path[2]["organizationId"], before["asOf"]["parent"]["organizationId"]);
        assert_eq!(path[3]["organizationId"], json!(branch));
        // The day of the move belongs to the new place.
        assert_eq!(on(&moved_on).await["asOf"]["parent"], now["asOf"]["parent"]);
        assert_eq!(on("1921-01-01").await["asOf"], Value::Null);
    }
);

both_databases!(
    the_roster_of_a_day_holds_who_belonged_then,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let town = server.account("town-secretary", "organizationId");
        let query = "query($w: OrganizationScopeInput!, $on: Date) {
            members(within: $w, asOf: $on, sort: {field: JOINED_ON, direction: DESC}, first: 100) {
                nodes { id joinedOn } totalCount(mode: EXACT) { value } } }";
        let client = server.client("county-organization");
        for part in ["subtreeOf", "childrenOf", "exactly"] {
            let of =
                async |on: Value| client.data(query, json!({"w": {part: town}, "on": on})).await["members"].clone();
            let (now, on_today) = (of(Value::Null).await, of(json!(today().to_string())).await);
            assert_eq!(now["totalCount"], on_today["totalCount"], "{part}");
            assert_eq!(now["nodes"], on_today["nodes"], "{part}");
            let then = (today() - chrono::Days::new(300)).to_string();
            let early = of(json!(then)).await;
            let joined = early["nodes"].as_array().expect("nodes").clone();
            assert!(
                joined
                    .iter()
                    .all(|node| node["joinedOn"].as_str().is_some_and(|day| day <= then.as_str()))
            );
            if part == "subtreeOf" {
                assert!(!joined.is_empty(), "people were there then: {early}");
                assert_ne!(early["nodes"], now["nodes"], "some have come since");
                assert_eq!(of(json!("1921-01-01")).await["totalCount"]["value"], 0);
                let days: Vec<&str> = now["nodes"]
                    .as_array()
                    .expect("nodes")
                    .iter()
                    .filter_map(|n| n["joinedOn"].as_str())
                    .collect();
                assert!(days.windows(2).all(|pair| pair[0] >= pair[1]) && days.len() > 20);
            }
        }
    }
);

both_databases!(
    the_directory_is_searched_by_name_taken_literally,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let city = server.account("city-secretary", "organizationId");
        let client = server.client("member");
        let query = "query($o: ID!, $f: OrganizationFilterInput) { organizations(within: {subtreeOf: $o}, filter: $f, first: 100) {
            nodes { name kind sector } totalCount(mode: EXACT) { value } } }";
        let find =
            async |filter: Value| client.data(query, json!({"o": city, "f": filter})).await["organizations"].clone();
        let villages = find(json!({"nameContains": "村党", "kinds": ["BRANCH"]})).await;
        let nodes = villages["nodes"].as_array().expect("nodes").clone();
        assert!(nodes.len() > 1);
        assert!(nodes.iter().all(|node| node["name"].as_str().is_some_and(|name| name.contains("村党")) && node["kind"] == "BRANCH"));
        for wildcard in ["%%", "__", "\\%", "村%党"] {
            assert_eq!(
                find(json!({"nameContains": wildcard})).await["totalCount"]["value"],
                0,
                "{wildcard}"
            );
        }
        let all = find(json!({})).await["totalCount"]["value"].as_i64().expect("a number");
        assert!(all > 40);
        assert_eq!(find(json!({"kinds": []})).await["totalCount"]["value"], 0);
        let refused = client
            .error_code(query, json!({"o": city, "f": {"nameContains": "村"}}))
            .await;
        assert_eq!(refused, "BAD_USER_INPUT");
    }
);

/// What an org is sorted by: members, open alerts, or how much of what was judged was met, in millionths.
fn figure(node: &Value, field: &str) -> i64 {
    let number = |value: &Value| value.as_i64().expect("a number");
    let sum = |name: &str| -> i64 {
        let all = node["figures"].as_array().expect("figures").iter();
        all.map(|one| number(&one[name])).sum()
    };
    match field {
        "HEADCOUNT" => number(&node["headcount"]["fullMembers"]) + number(&node["headcount"]["probationaryMembers"]),
        "OPEN_ALERTS" => number(&node["openAlerts"]),
        _ => sum("met") * 1_000_000 / (sum("met") + sum("heldLate") + sum("overdue") + sum("missed")),
    }
}

both_databases!(
    children_are_sorted_by_every_figure_that_is_offered,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let county = server.account("county-secretary", "organizationId");
        let query = "query($o: ID!, $s: OrganizationSortInput, $after: String, $n: Int!, $on: Date!) { organization(id: $o) {
            children(first: $n, after: $after, sort: $s, period: {kind: YEAR, on: $on}) {
                nodes { id name openAlerts headcount { fullMembers probationaryMembers }
                    figures(period: {kind: YEAR, on: $on}) { met heldLate overdue missed } } pageInfo { hasNextPage endCursor } } } }";
        let client = server.client("county-secretary");
        // In January little of the year is judged yet.
        let on = today() - chrono::Days::new(60);
        let mut by_name = Vec::new();
        for field in ["HEADCOUNT", "OPEN_ALERTS", "RATE", "NAME"] {
            for direction in ["ASC", "DESC"] {
                let sort = json!({"field": field, "direction": direction});
                let page = async |after: &Value, n: i32| {
                    client
                        .data(query, json!({"o": county, "s": sort, "after": after, "n": n, "on": on}))
                        .await["organization"]["children"]
                        .clone()
                };
                let all = page(&Value::Null, 100).await["nodes"]
                    .as_array()
                    .expect("nodes")
                    .clone();
                let (mut paged, mut after) = (Vec::new(), Value::Null);
                for _ in 0..20 {
                    let some = page(&after, 2).await;
                    paged.extend(some["nodes"].as_array().expect("nodes").clone());
                    after = some["pageInfo"]["endCursor"].clone();
                    if some["pageInfo"]["hasNextPage"] == false {
                        break;
                    }
                }
                assert_eq!(paged, all, "{field} {direction}: pages meet without gap or repeat");
                if field == "NAME" {
                    by_name.push(all);
                    continue;
                }
                let numbers: Vec<i64> = all.iter().map(|node| figure(node, field)).collect();
                let distinct: std::collections::BTreeSet<&i64> = numbers.iter().collect();
                assert!(distinct.len() > 2, "{field}: nothing to sort in {numbers:?}");
                let sorted = numbers.windows(2).all(|pair| {
                    if direction == "ASC" {
                        pair[0] <= pair[1]
                    } else {
                        pair[0] >= pair[1]
                    }
                });
                assert!(sorted, "{field} {direction}: {numbers:?}");
            }
        }
        // What the order of names is, the rosters say; here one direction is the other one turned round.
        let back: Vec<&Value> = by_name[1].iter().rev().collect();
        assert_eq!(by_name[0].iter().collect::<Vec<_>>(), back);
    }
);

both_databases!(
    permissions_say_yes_to_whom_the_policy_does_and_why_not_to_others,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let town = server.account("town-secretary", "organizationId");
        let query = "query($o: ID!) { organization(id: $o) { viewerCan(actions: [RENAME, FOUND_BELOW, MOVE, SCHEDULE_ACTIVITY]) {
            action allowed reasons { code message } } } }";
        let asked = async |user: &str| {
            let found = server.client(user).data(query, json!({"o": town})).await;
            found["organization"]["viewerCan"]
                .as_array()
                .expect("answers")
                .iter()
                .map(|answer| {
                    assert_eq!(answer["allowed"] == true, answer["reasons"] == json!([]), "{answer}");
                    answer["allowed"] == true
                })
                .collect::<Vec<bool>>()
        };
        // 一级抓一级: the level above names, the town founds below itself and holds its own meetings.
        assert_eq!(asked("county-secretary").await, [true, false, false, false]);
        assert_eq!(asked("town-secretary").await, [false, true, false, true]);
        assert_eq!(asked("county-organization").await, [true, false, true, false]);
        assert_eq!(asked("member").await, [false; 4]);
    }
);
