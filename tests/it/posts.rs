//! Posts are filled, ended and shared out.

use serde_json::{Value, json};
use tests::{City, Client, Server, both_databases};

const APPOINT: &str = "mutation($input: AppointInput!) { appoint(input: $input) { appointment { id version post
    member { id name } organization { id } since until acting portfolioUnits } userErrors { code path } cursor replayed } }";
const END: &str = "mutation($input: EndAppointmentInput!) { endAppointment(input: $input) {
    appointment { id version until } userErrors { code path } replayed } }";
const ASSIGN: &str = "mutation($input: AssignPortfolioInput!) { assignPortfolio(input: $input) {
    appointment { id version portfolio { id } portfolioUnits } userErrors { code path params } } }";
const MEMBERS: &str = "query($o: ID!) { members(within: {exactly: $o}, first: 100) { nodes { id standing status } } }";
const POSTS: &str = "query($o: ID!) { organization(id: $o) { appointments(first: 100) {
    nodes { id post member { id } } } } }";

fn decision() -> Value {
    json!({"decidedOn": "2026-01-05", "documentNumber": "试任〔2026〕1号"})
}

async fn appoint(client: &Client, org: &str, member: &Value, post: &str, more: Value, key: &str) -> Value {
    let mut input = json!({"organizationId": org, "memberId": member, "post": post, "decision": decision(),
        "idempotencyKey": key});
    for (name, value) in more.as_object().expect("an object") {
        input[name] = value.clone();
    }
    client.data(APPOINT, json!({"input": input})).await["appoint"].clone()
}

/// Full members of the org without any post there.
async fn plain(client: &Client, org: &str) -> Vec<Value> {
    let posts = client.data(POSTS, json!({"o": org})).await["organization"]["appointments"]["nodes"].clone();
    let held: Vec<Value> = posts
        .as_array()
        .expect("posts")
        .iter()
        .map(|post| post["member"]["id"].clone())
        .collect();
    let members = client.data(MEMBERS, json!({"o": org})).await["members"]["nodes"].clone();
    let members = members.as_array().expect("members");
    let fits =
        |member: &&Value| member["standing"] == "FULL" && member["status"] == "ACTIVE" && !held.contains(&member["id"]);
    members.iter().filter(fits).map(|member| member["id"].clone()).collect()
}

both_databases!(
    a_branch_fills_its_own_posts_and_only_its_own,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let org = server.account("other-county-secretary", "organizationId");
        let client = server.client("other-county-secretary");
        let member = plain(&client, &org).await.pop().expect("a plain member");
        let clerk = "PARTY_AFFAIRS_CLERK";
        let undecided = appoint(&client, &org, &member, clerk, json!({"decision": null}), "p0").await;
        assert_eq!(
            undecided["userErrors"][0]["code"], "COLLECTIVE_DECISION_REQUIRED",
            "{undecided}"
        );
        let outsider = appoint(
            &server.client("village-secretary"),
            &org,
            &member,
            clerk,
            json!({}),
            "p1",
        )
        .await;
        assert_eq!(outsider["userErrors"][0]["code"], "FORBIDDEN", "{outsider}");
        let made = appoint(&client, &org, &member, clerk, json!({}), "p1").await;
        assert_eq!(made["userErrors"], json!([]), "{made}");
        assert_eq!(
            (&made["appointment"]["post"], &made["appointment"]["member"]["id"]),
            (&json!(clerk), &member)
        );
        let again = appoint(&client, &org, &member, clerk, json!({}), "p1").await;
        assert_eq!(
            (&again["replayed"], &again["appointment"]["id"]),
            (&json!(true), &made["appointment"]["id"])
        );
        let twice = appoint(&client, &org, &member, clerk, json!({}), "p2").await;
        assert_eq!(twice["userErrors"][0]["code"], "POST_TAKEN", "{twice}");
        let id = &made["appointment"]["id"];
        let end = async |who: &Client, version: i64, key: &str| {
            let input =
                json!({"appointmentId": id, "expectedVersion": version, "decision": decision(), "idempotencyKey": key});
            who.data(END, json!({"input": input})).await["endAppointment"].clone()
        };
        // Other posts of a branch elsewhere do not exist for a member there.
        let hidden = end(&server.client("village-secretary"), 1, "e").await;
        assert_eq!(hidden["userErrors"][0]["code"], "NOT_FOUND", "{hidden}");
        let stale = end(&client, 9, "e1").await;
        assert_eq!(stale["userErrors"][0]["code"], "CONFLICT", "{stale}");
        assert_eq!(stale["appointment"]["version"], 1, "a conflict shows what stands there");
        let ended = end(&client, 1, "e2").await;
        assert_eq!(ended["userErrors"], json!([]), "{ended}");
        assert!(ended["appointment"]["until"].is_string());
        let late = end(&client, 2, "e3").await;
        assert_eq!(late["userErrors"][0]["code"], "WRONG_STATE", "{late}");
    }
);

both_databases!(
    one_secretary_at_a_time_and_only_the_superior_confirms_one,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let org = server.account("village-secretary", "organizationId");
        let (own, town) = (server.client("village-secretary"), server.client("town-secretary"));
        let member = plain(&own, &org).await.remove(0);
        let refused = appoint(&own, &org, &member, "SECRETARY", json!({}), "s1").await;
        assert_eq!(refused["userErrors"][0]["code"], "FORBIDDEN", "{refused}");
        let taken = appoint(&town, &org, &member, "SECRETARY", json!({}), "s2").await;
        assert_eq!(taken["userErrors"][0]["code"], "POST_TAKEN", "{taken}");
        let endless = appoint(&town, &org, &member, "SECRETARY", json!({"acting": true}), "s3").await;
        assert_eq!(
            endless["userErrors"][0],
            json!({"code": "REQUIRED", "path": ["input", "until"]})
        );
        let wrong = appoint(&own, &org, &member, "GROUP_LEADER", json!({}), "s4").await;
        assert_eq!(wrong["userErrors"][0]["code"], "KIND_NOT_ALLOWED_HERE", "{wrong}");
        let stranger = json!(format!("mbr_{}", "0".repeat(26)));
        let absent = appoint(&own, &org, &stranger, "PARTY_AFFAIRS_CLERK", json!({}), "s5").await;
        assert_eq!(absent["userErrors"][0]["code"], "NOT_FOUND", "{absent}");
        let me = own.data("{ viewer { member { id } } }", json!({})).await["viewer"]["member"]["id"].clone();
        let self_made = appoint(&own, &org, &me, "PARTY_AFFAIRS_CLERK", json!({}), "s6").await;
        assert_eq!(self_made["userErrors"][0]["code"], "OWN_MATTER", "{self_made}");
        let early = appoint(
            &own,
            &org,
            &member,
            "PARTY_AFFAIRS_CLERK",
            json!({"since": "1900-01-01"}),
            "s7",
        )
        .await;
        assert_eq!(early["userErrors"][0]["code"], "DATE_TOO_EARLY", "{early}");
    }
);

both_databases!(
    g1_2d_a_portfolio_names_orgs_and_units_without_an_org,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let org = server.account("town-secretary", "organizationId");
        let client = server.client("town-secretary");
        let posts = client.data(POSTS, json!({"o": org})).await["organization"]["appointments"]["nodes"].clone();
        let deputy = posts
            .as_array()
            .expect("posts")
            .iter()
            .find(|post| post["post"] == "DEPUTY_SECRETARY");
        let id = deputy.expect("a deputy")["id"].clone();
        let assign = async |portfolio: Value, key: &str| {
            let input = json!({"appointmentId": id, "expectedVersion": 1, "portfolio": portfolio, "decision": decision(),
                "idempotencyKey": key});
            client.data(ASSIGN, json!({"input": input})).await["assignPortfolio"].clone()
        };
        let elsewhere = server.account("other-county-secretary", "organizationId");
        let refused = assign(json!([{"organizationId": elsewhere}]), "f1").await;
        assert_eq!(refused["userErrors"][0]["code"], "NOT_FOUND", "{refused}");
        let done = assign(json!([{"organizationId": org}, {"unit": "便民服务中心"}]), "f2").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        assert_eq!(
            (
                &done["appointment"]["portfolio"],
                &done["appointment"]["portfolioUnits"]
            ),
            (&json!([{"id": org}]), &json!(["便民服务中心"]))
        );
    }
);

both_databases!(
    g3_1a_a_post_that_one_sees_is_forbidden_to_change_and_a_hidden_one_is_not_there,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let org = server.account("village-secretary", "organizationId");
        let query = "query($o: ID!) { organization(id: $o) { appointments(first: 1) { nodes { id post } } } }";
        // Who is secretary stands in the directory.
        let seen = server
            .client("other-county-secretary")
            .data(query, json!({"o": org}))
            .await;
        let post = &seen["organization"]["appointments"]["nodes"][0];
        assert_eq!(post["post"], "SECRETARY", "{seen}");
        let assign = async |user: &str, id: &Value| {
            let input = json!({"appointmentId": id, "expectedVersion": 1, "portfolio": [], "decision": decision(),
                "idempotencyKey": format!("sight-{user}")});
            server.client(user).data(ASSIGN, json!({"input": input})).await["assignPortfolio"]["userErrors"][0].clone()
        };
        for user in ["other-county-secretary", "member", "town-secretary", "administrator"] {
            let told = assign(user, &post["id"]).await;
            assert_eq!(told["code"], "FORBIDDEN", "{user}: {told}");
            assert_eq!(told["params"]["right"], "OTHER_POSTS:A", "{user}: {told}");
        }
        // A post of one's own is seen too, and others share it out.
        let own = server
            .client("branch-committee")
            .data("{ viewer { posts { id } } }", json!({}))
            .await;
        let own = &own["viewer"]["posts"][0]["id"];
        assert_eq!(assign("branch-committee", own).await["code"], "OWN_MATTER");
        assert_eq!(assign("other-county-secretary", own).await["code"], "NOT_FOUND");
    }
);

const HOLD: &str = "mutation($input: ScheduleActivityInput!) { scheduleActivity(input: $input) {
    activity { id } userErrors { code params } } }";
const HEAD: &str =
    "query($o: ID!) { organization(id: $o) { secretary { id } responsible { first { id } firstAt { id } }
    appointments(first: 100) { nodes { id post acting until member { id } } } } }";

/// Who answers for an org.
async fn head(client: &Client, org: &str) -> Value {
    client.data(HEAD, json!({"o": org})).await["organization"].take()
}

/// Plans a meeting: null where one may, else the code.
async fn hold(client: &Client, org: &str, starts_at: &str) -> Value {
    let input = json!({"organizationId": org, "kind": "BRANCH_GENERAL_MEETING", "startsAt": starts_at, "idempotencyKey": starts_at});
    let made = client.data(HOLD, json!({"input": input})).await["scheduleActivity"].take();
    assert_eq!(
        made["activity"]["id"].is_string(),
        made["userErrors"] == json!([]),
        "{made}"
    );
    made["userErrors"][0]["code"].clone()
}

both_databases!(
    g3_1a_an_acting_secretary_holds_the_post_until_the_day_and_a_confirmed_one_from_then_on,
    |database: tests::TestDatabase| async move {
        let city = City::on(&database);
        let server = city.at("2026-11-10T02:00:00Z").await;
        let org = server.account("village-secretary", "organizationId");
        let town_org = server.account("town-secretary", "organizationId");
        let (own, town) = (server.client("village-secretary"), server.client("town-secretary"));
        let me = own.data("{ viewer { member { id } } }", json!({})).await["viewer"]["member"]["id"].clone();
        let before = head(&town, &org).await;
        assert_eq!(
            (&before["secretary"]["id"], &before["responsible"]["first"]["id"]),
            (&me, &me)
        );
        let posts = before["appointments"]["nodes"].as_array().expect("posts");
        let post = posts
            .iter()
            .find(|post| post["post"] == "SECRETARY")
            .expect("a secretary");
        assert_eq!(hold(&own, &org, "2026-12-01T13:01:00Z").await, Value::Null);

        // Ended from above: a plain member from the next request on.
        let input = json!({"appointmentId": post["id"], "decision": decision(), "idempotencyKey": "a1"});
        let ended = town.data(END, json!({"input": input})).await["endAppointment"].take();
        assert_eq!(ended["userErrors"], json!([]), "{ended}");
        assert_eq!(hold(&own, &org, "2026-12-02T13:02:00Z").await, "FORBIDDEN");
        assert_ne!(head(&town, &org).await["responsible"]["first"]["id"], me);

        // Designated until a day, by the level above and by nobody else.
        let until = json!({"acting": true, "until": "2026-11-20"});
        for user in ["county-organization", "general-branch-secretary"] {
            let refused = appoint(&server.client(user), &org, &me, "SECRETARY", until.clone(), "a2").await;
            assert_eq!(refused["userErrors"][0]["code"], "FORBIDDEN", "{user}: {refused}");
        }
        let made = appoint(&town, &org, &me, "SECRETARY", until, "a3").await;
        assert_eq!(made["userErrors"], json!([]), "{made}");
        assert_eq!(
            (&made["appointment"]["acting"], &made["appointment"]["until"]),
            (&json!(true), &json!("2026-11-20"))
        );
        assert_eq!(hold(&own, &org, "2026-12-03T13:03:00Z").await, Value::Null);
        let acting = head(&town, &org).await["responsible"].take();
        assert_eq!((&acting["first"]["id"], &acting["firstAt"]["id"]), (&me, &json!(org)));
        drop(server);

        let server = city.at("2026-11-19T15:00:00Z").await;
        let own = server.client("village-secretary");
        assert_eq!(
            hold(&own, &org, "2026-12-04T13:04:00Z").await,
            Value::Null,
            "the last day"
        );
        drop(server);
        let server = city.at("2026-11-19T16:01:00Z").await;
        let (own, town) = (server.client("village-secretary"), server.client("town-secretary"));
        assert_eq!(
            hold(&own, &org, "2026-12-05T13:05:00Z").await,
            "FORBIDDEN",
            "it is the twentieth there"
        );
        assert_ne!(
            head(&town, &org).await["responsible"]["firstAt"]["id"],
            town_org,
            "there is a deputy"
        );

        // Confirmed: no end, and everything is theirs to decide again.
        let made = appoint(&town, &org, &me, "SECRETARY", json!({}), "a4").await;
        assert_eq!(made["userErrors"], json!([]), "{made}");
        assert_eq!(
            (&made["appointment"]["acting"], &made["appointment"]["until"]),
            (&json!(false), &Value::Null)
        );
        assert_eq!(hold(&own, &org, "2026-12-06T13:06:00Z").await, Value::Null);
        assert_eq!(head(&town, &org).await["secretary"]["id"], me);
    }
);

both_databases!(
    rights_follow_the_posts_of_this_moment_and_not_the_token,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let org = server.account("branch-secretary", "organizationId");
        // One token all the while.
        let (head, officer) = (server.client("branch-secretary"), server.client("branch-committee"));
        let query = "{ viewer { member { id } posts { id version post organization { id } } } }";
        let viewer = officer.data(query, json!({})).await["viewer"].clone();
        let schedule = async |ahead: i64| {
            let document =
                "mutation($input: ScheduleActivityInput!) { scheduleActivity(input: $input) { userErrors { code } } }";
            let input = json!({"organizationId": org, "kind": "PARTY_LECTURE", "startsAt": crate::activities::days(ahead),
                "idempotencyKey": format!("right-{ahead}")});
            officer.data(document, json!({"input": input})).await["scheduleActivity"]["userErrors"].clone()
        };
        assert_eq!(schedule(31).await, json!([]));
        let posts = viewer["posts"].as_array().expect("posts").clone();
        let mut held = Vec::new();
        for post in posts.iter().filter(|post| post["organization"]["id"] == org.as_str()) {
            let input = json!({"appointmentId": post["id"], "expectedVersion": post["version"], "decision": decision(),
                "idempotencyKey": format!("end-{}", held.len())});
            let ended = head.data(END, json!({"input": input})).await["endAppointment"].clone();
            assert_eq!(ended["userErrors"], json!([]), "{ended}");
            held.push(post["post"].as_str().expect("a post").to_owned());
        }
        assert_eq!(schedule(32).await, json!([{"code": "FORBIDDEN"}]), "the post has ended");
        let again = appoint(&head, &org, &viewer["member"]["id"], &held[0], json!({}), "again").await;
        assert_eq!(again["userErrors"], json!([]), "{again}");
        assert_eq!(schedule(33).await, json!([]), "and is held again");
    }
);
