//! What no operation takes: control characters, days and years out of range, addresses that are none. Refused the same on
//! both databases, on HTTP and on sockets, and never a fault of ours.

use serde_json::{Value, json};
use tests::{Client, Server, TestDatabase, Ws, WsMessage, both_databases, today};

const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken userErrors { code } } }";
const SCHEDULE: &str = "mutation($input: ScheduleActivityInput!) { scheduleActivity(input: $input) {
    activity { id version onlineAddress } userErrors { code path } } }";
const RESCHEDULE: &str = "mutation($input: RescheduleActivityInput!) { rescheduleActivity(input: $input) {
    activity { id version onlineAddress } userErrors { code path } } }";
const RECORD: &str = "mutation($input: RecordActivityInput!) { recordActivity(input: $input) {
    activity { id } userErrors { code path } } }";

/// The first error of an answer: its code and the path into the input.
fn refused(answer: &Value) -> (Value, Value) {
    let extensions = &answer["errors"][0]["extensions"];
    (extensions["code"].clone(), extensions["path"].clone())
}

both_databases!(
    control_characters_are_refused_wherever_they_stand,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let anyone = Client::new(server.url());
        let secretary = server.client("branch-secretary");
        let branch = server.account("branch-secretary", "organizationId");
        let bad = |path: &[&str]| (json!("BAD_USER_INPUT"), json!(path));

        let input = json!({"input": {"username": "a\u{0}b", "password": "x"}});
        assert_eq!(
            refused(&anyone.graphql(SIGN_IN, input).await),
            bad(&["input", "username"])
        );
        let by_id = "query($id: ID!) { organization(id: $id) { name } }";
        assert_eq!(
            refused(&secretary.graphql(by_id, json!({"id": "org_\u{0}"})).await),
            bad(&["id"])
        );
        let literal = r#"{ organization(id: "org_\u0000") { name } }"#;
        let answer = secretary.graphql(literal, json!({})).await;
        assert_eq!(refused(&answer), bad(&["id"]));
        assert_eq!(answer["errors"][0]["locations"][0]["line"], 1, "{answer}");
        let rules = "query($w: OrganizationScopeInput!, $r: [String!]) {
            obligations(within: $w, rules: $r, first: 1) { nodes { id } } }";
        let variables = json!({"w": {"exactly": branch}, "r": ["general-meeting", "\u{1b}"]});
        assert_eq!(refused(&secretary.graphql(rules, variables).await), bad(&["r", "1"]));

        // On a socket as well, and the socket goes on.
        let token = server.account("branch-secretary", "accessToken");
        let mut socket = Ws::connect(server.url(), json!({"authorization": format!("Bearer {token}")}))
            .await
            .expect("a socket");
        socket.subscribe("1", by_id, json!({"id": "org_\u{7f}"})).await;
        match socket.next().await {
            WsMessage::Error { payload, .. } => {
                assert_eq!(payload[0]["extensions"]["code"], "BAD_USER_INPUT", "{payload}");
            }
            other => panic!("{other:?}"),
        }
        socket.subscribe("2", by_id, json!({"id": branch})).await;
        assert!(matches!(socket.next().await, WsMessage::Next { .. }));

        // Line breaks and tabs are text: this one is refused for another reason, or not at all.
        let input = json!({"input": {"username": "nobody\n\tat all", "password": "x"}});
        let answer = anyone.data(SIGN_IN, input).await;
        assert_eq!(answer["signIn"]["userErrors"][0]["code"], "CREDENTIALS_INVALID");
    }
);

both_databases!(
    years_and_days_out_of_range_are_refused,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let (member, branch) = (
            server.client("member"),
            server.account("branch-secretary", "organizationId"),
        );
        let with_year = [
            "query($y: Int!) { viewer { member { attendance(year: $y, first: 1) { nodes { state } } } } }",
            "query($y: Int!) { viewer { member { participation(year: $y) { present } } } }",
            "query($y: Int!, $o: ID!) { organization(id: $o) { dualLife(year: $y, first: 1) { nodes { followUpsOverdue } } } }",
            "query($y: Int!, $o: ID!) { organization(id: $o) { register(year: $y, first: 1) { nodes { number } } } }",
            "query($y: Int!, $o: ID!) { organization(id: $o) { measureFigures(year: $y) { number } } }",
        ];
        for document in with_year {
            for year in [i64::from(i32::MAX), i64::from(i32::MIN), 1920, 2101] {
                let answer = member.graphql(document, json!({"y": year, "o": branch})).await;
                assert_eq!(refused(&answer).0, "BAD_USER_INPUT", "{document} {year}: {answer}");
            }
        }
        for year in [1921, 2100] {
            let answer = member.data(with_year[0], json!({"y": year})).await;
            assert_eq!(answer["viewer"]["member"]["attendance"]["nodes"], json!([]));
        }
        let between = "query($o: ID!, $from: Date!) { organization(id: $o) {
            activities(from: $from, to: \"2100-01-01\", first: 1) { nodes { id } } } }";
        for day in ["-9999-01-01", "0001-01-01", "1899-12-31", "3000-01-01", "+10000-01-01"] {
            let answer = member.graphql(between, json!({"o": branch, "from": day})).await;
            assert_eq!(refused(&answer).0, "BAD_USER_INPUT", "{day}: {answer}");
        }
        member.data(between, json!({"o": branch, "from": "1900-01-01"})).await;
        let secretary = server.client("branch-secretary");
        for at in ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"] {
            let input =
                json!({"organizationId": branch, "kind": "PARTY_LECTURE", "startsAt": at, "idempotencyKey": at});
            let answer = secretary.graphql(SCHEDULE, json!({"input": input})).await;
            assert_eq!(refused(&answer).0, "BAD_USER_INPUT", "{at}: {answer}");
        }
        let input = json!({"organizationId": branch, "kind": "PARTY_LECTURE", "startsAt": "2026-01-05T02:00:00Z",
            "forYear": i32::MIN, "idempotencyKey": "for-year"});
        let answer = secretary.graphql(SCHEDULE, json!({"input": input})).await;
        assert_eq!(refused(&answer).0, "BAD_USER_INPUT", "{answer}");
    }
);

both_databases!(
    the_address_of_an_online_meeting_is_a_web_address,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let secretary = server.client("village-secretary");
        let branch = server.account("village-secretary", "organizationId");
        let starts_at = |days: i64| format!("{}T11:17:00Z", today() + chrono::TimeDelta::days(days));
        let wrong = json!([{"code": "INVALID", "path": ["input", "onlineAddress"]}]);
        let script = "javascript:alert(1)";

        let input = |address: &str, key: &str| {
            json!({"organizationId": branch, "kind": "PARTY_LECTURE", "startsAt": starts_at(40), "mode": "ONLINE",
                "onlineAddress": address, "idempotencyKey": key})
        };
        let answer = secretary
            .data(SCHEDULE, json!({"input": input(script, "online-script")}))
            .await;
        assert_eq!(answer["scheduleActivity"]["userErrors"], wrong);
        let good = "https://meeting.example/room";
        let answer = secretary
            .data(SCHEDULE, json!({"input": input(good, "online-web")}))
            .await["scheduleActivity"]
            .clone();
        assert_eq!(answer["activity"]["onlineAddress"], good, "{answer}");

        let move_to = json!({"activityId": answer["activity"]["id"], "expectedVersion": answer["activity"]["version"],
            "onlineAddress": "data:text/html,x", "idempotencyKey": "online-move"});
        let moved = secretary.data(RESCHEDULE, json!({"input": move_to})).await;
        assert_eq!(moved["rescheduleActivity"]["userErrors"], wrong);

        let held = json!({"organizationId": branch, "kind": "PARTY_LECTURE", "startsAt": starts_at(-3), "mode": "ONLINE",
            "onlineAddress": script, "idempotencyKey": "online-held"});
        let recorded = secretary.data(RECORD, json!({"input": held})).await;
        assert_eq!(recorded["recordActivity"]["userErrors"], wrong);
    }
);

both_databases!(
    what_was_missed_in_closed_periods_is_listed_by_its_due_days,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let client = server.client("county-organization");
        let county = server.account("county-organization", "organizationId");
        let list = "query($w: OrganizationScopeInput!, $from: Date, $to: Date, $s: [ObligationStatus!]) {
            obligations(within: $w, from: $from, to: $to, statuses: $s, first: 100) { nodes { id status dueOn } } }";
        let within = json!({"subtreeOf": county});
        let from = (today() - chrono::TimeDelta::days(300)).to_string();
        let to = (today() - chrono::TimeDelta::days(100)).to_string();
        let variables = json!({"w": within, "from": from, "to": to, "s": ["MISSED"]});
        let found = client.data(list, variables).await["obligations"]["nodes"].clone();
        let days: Vec<&str> = found
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|row| row["dueOn"].as_str())
            .collect();
        assert!(days.len() > 10, "{found}");
        assert!(days.is_sorted(), "earliest first: {days:?}");
        assert!(
            days.iter().all(|day| (from.as_str()..=to.as_str()).contains(day)),
            "{days:?}"
        );
        assert!(
            found
                .as_array()
                .is_some_and(|rows| rows.iter().all(|row| row["status"] == "MISSED"))
        );
        // One side is enough, and one org lists its own the same way.
        let branch = server.account("branch-secretary", "organizationId");
        let own = "query($o: ID!, $to: Date) { organization(id: $o) { obligations(to: $to, last: 100) { nodes { dueOn } } } }";
        let found =
            client.data(own, json!({"o": branch, "to": to})).await["organization"]["obligations"]["nodes"].clone();
        let found = found.as_array().expect("a list").clone();
        assert!(!found.is_empty() && found.iter().all(|row| row["dueOn"].as_str() <= Some(to.as_str())));
        let both = "query($w: OrganizationScopeInput!, $d: Date!) { obligations(within: $w, on: $d, from: $d, first: 1) { nodes { id } } }";
        let answer = client.graphql(both, json!({"w": {"exactly": county}, "d": to})).await;
        assert_eq!(refused(&answer).0, "BAD_USER_INPUT");
    }
);

both_databases!(
    numbers_and_days_that_overflow_are_told_with_the_way_to_them,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let (client, branch) = (
            server.client("branch-secretary"),
            server.account("branch-secretary", "organizationId"),
        );
        let long = "9".repeat(400);
        let list = |first: &str| {
            format!("{{ organization(id: \"{branch}\") {{ children(first: {first}) {{ nodes {{ id }} }} }} }}")
        };
        let register = |year: &str| {
            format!(
                "{{ organization(id: \"{branch}\") {{ register(year: {year}, first: 1) {{ nodes {{ number }} }} }} }}"
            )
        };
        let between = |from: &str| {
            format!(
                "{{ organization(id: \"{branch}\") {{ activities(from: \"{from}\", to: \"2026-01-01\", first: 1) {{ nodes {{ id }} }} }} }}"
            )
        };
        let version = |version: &str| {
            format!(
                "mutation {{ cancelActivity(input: {{activityId: \"act_x\", expectedVersion: {version}, reason: \"x\", idempotencyKey: \"overflow\"}}) {{ userErrors {{ code }} }} }}"
            )
        };
        let held = |at: &str| {
            format!(
                "mutation {{ recordActivity(input: {{organizationId: \"{branch}\", kind: PARTY_LECTURE, startsAt: \"{at}\", idempotencyKey: \"overflow\"}}) {{ userErrors {{ code }} }} }}"
            )
        };
        let for_year = "mutation { recordActivity(input: {kind: PARTY_LECTURE, forYear: 99999999999, idempotencyKey: \"overflow\"}) { userErrors { code } } }";
        for (document, path) in [
            // More than an Int holds, than 64 bits hold, and than any number holds.
            (list("99999999999"), json!(["first"])),
            (list("99999999999999999999"), json!(["first"])),
            (list(&long), Value::Null),
            (list("1e400"), Value::Null),
            (register("99999999999"), json!(["year"])),
            (version("99999999999999999999"), json!(["input", "expectedVersion"])),
            (for_year.to_owned(), json!(["input", "forYear"])),
            // Days and instants beyond any calendar.
            (between("9999999999-01-01"), json!(["from"])),
            (between("2026-13-45"), json!(["from"])),
            (held("999999-12-31T23:59:59Z"), json!(["input"])),
            (held("2026-12-31T23:59:59+99:99"), json!(["input"])),
        ] {
            let answer = client.graphql(&document, json!({})).await;
            assert_eq!(
                refused(&answer),
                (json!("BAD_USER_INPUT"), path),
                "{document}: {answer}"
            );
            let place = &answer["errors"][0]["locations"][0];
            assert!(
                place["line"].as_u64() == Some(1) && place["column"].as_u64() > Some(1),
                "{document}: {answer}"
            );
        }
        // The same in variables, which are told by their own names.
        let listed = "query($o: ID!, $n: Int) { organization(id: $o) { children(first: $n) { nodes { id } } } }";
        for number in [json!(99_999_999_999_i64), json!(u64::MAX), json!(1e300)] {
            let answer = client.graphql(listed, json!({"o": branch, "n": number})).await;
            let (code, path) = refused(&answer);
            assert_eq!(code, "BAD_USER_INPUT", "{answer}");
            assert!(path == json!(["n"]) || path == json!(["first"]), "{answer}");
        }
        // On a socket and as a stream of events nothing is told otherwise.
        let token = server.account("branch-secretary", "accessToken");
        let mut socket = Ws::of_token(server.url(), &token).await;
        let figures = format!(
            "subscription {{ figures(organization: \"{branch}\", period: {{kind: YEAR, on: \"99999999-01-01\"}}) {{ __typename }} }}"
        );
        for (id, document) in [("1", list("99999999999")), ("2", list(&long)), ("3", figures)] {
            socket.subscribe(id, &document, json!({})).await;
            let WsMessage::Error { payload, .. } = socket.next().await else {
                panic!("not refused: {document}")
            };
            assert_eq!(
                payload[0]["extensions"]["code"], "BAD_USER_INPUT",
                "{document}: {payload}"
            );
            assert!(payload[0]["locations"][0]["line"].is_u64(), "{document}: {payload}");
        }
    }
);
