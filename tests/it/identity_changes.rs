//! A member asks that identity data be corrected; the branch confirms (spec 3: `W` of the member, "branch confirms").

use serde_json::{Value, json};
use tests::{Client, Server, TestDatabase, both_databases};

const ASK: &str = "mutation($input: AskIdentityChangeInput!) { askIdentityChange(input: $input) {
    identityChange { id version state field value { masked value } } userErrors { code path params } cursor replayed } }";
const CONFIRM: &str = "mutation($input: ConfirmIdentityChangeInput!) { confirmIdentityChange(input: $input) {
    identityChange { id version state value { masked } decidedBy { id } member { address { masked } } }
    userErrors { code path } replayed } }";
const REJECT: &str = "mutation($input: RejectIdentityChangeInput!) { rejectIdentityChange(input: $input) {
    identityChange { id state reason } userErrors { code path } } }";
const REVEAL: &str = "mutation($input: RevealIdentityChangeInput!) { revealIdentityChange(input: $input) {
    value userErrors { code path } replayed } }";
const MINE: &str = "{ viewer { id member { id address { value } birthDate { value } identityChanges { id state value { masked value } }
    accessLog(first: 20) { nodes { action fields purpose } } } inbox(first: 100) { nodes { kind title subject { id } } } } }";
const SEEN: &str = "query($id: ID!) { node(id: $id) { ... on IdentityChange { field state value { masked value }
    viewerCan(actions: [CONFIRM, REJECT, REVEAL]) { action allowed reasons { code } } } } }";

async fn ask(client: &Client, field: &str, value: &str, key: &str) -> Value {
    let input = json!({"field": field, "value": value, "idempotencyKey": key});
    client.data(ASK, json!({"input": input})).await["askIdentityChange"].clone()
}

async fn confirm(client: &Client, id: &Value, key: &str) -> Value {
    let input = json!({"identityChangeId": id, "idempotencyKey": key});
    client.data(CONFIRM, json!({"input": input})).await["confirmIdentityChange"].clone()
}

async fn reject(client: &Client, id: &Value, reason: &str, key: &str) -> Value {
    let input = json!({"identityChangeId": id, "reason": reason, "idempotencyKey": key});
    client.data(REJECT, json!({"input": input})).await["rejectIdentityChange"].clone()
}

async fn mine(client: &Client) -> Value {
    client.data(MINE, json!({})).await["viewer"].clone()
}

/// Whether a line about this stands in the account's inbox.
async fn waits(client: &Client, kind: &str, id: &Value) -> bool {
    let lines = mine(client).await["inbox"]["nodes"].clone();
    let lines = lines.as_array().expect("lines");
    lines
        .iter()
        .any(|line| line["kind"] == kind && line["subject"]["id"] == *id)
}

both_databases!(
    what_a_member_asks_waits_sealed_for_the_branch_and_stands_when_it_is_confirmed,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let (member, secretary) = (server.client("member"), server.client("branch-secretary"));
        let address = "云泽市试路七号";
        let asked = ask(&member, "ADDRESS", address, "i1").await;
        assert_eq!(asked["userErrors"], json!([]), "{asked}");
        let change = &asked["identityChange"];
        assert_eq!(change["value"], json!({"masked": false, "value": address}));
        assert_eq!(ask(&member, "ADDRESS", address, "i1").await["replayed"], true);
        assert!(waits(&secretary, "IDENTITY_CHANGE_TO_DECIDE", &change["id"]).await);
        // Who decides sees that something waits, and the value only by a look that stands in the trail.
        let seen = secretary.data(SEEN, json!({"id": change["id"]})).await["node"].clone();
        assert_eq!(seen["value"], json!({"masked": true, "value": null}), "{seen}");
        assert!((0..3).all(|at| seen["viewerCan"][at]["allowed"] == true), "{seen}");
        let input = json!({"identityChangeId": change["id"], "purpose": "VERIFICATION", "note": "核对证件", "idempotencyKey": "i2"});
        let look = secretary.data(REVEAL, json!({"input": input})).await["revealIdentityChange"].clone();
        assert_eq!((&look["value"], &look["userErrors"]), (&json!(address), &json!([])));
        let log = mine(&member).await["member"]["accessLog"]["nodes"].clone();
        assert!(log.to_string().contains("VERIFICATION: 核对证件"), "{log}");
        assert!(!log.to_string().contains(address), "the trail holds no value");
        for other in ["branch-deputy", "branch-clerk", "group-leader", "county-organization"] {
            let refused = confirm(&server.client(other), &change["id"], "i3").await;
            let code = refused["userErrors"][0]["code"].as_str().expect("a code").to_owned();
            assert!(code == "FORBIDDEN" || code == "NOT_FOUND", "{other}: {refused}");
        }
        assert_eq!(
            confirm(&server.client("village-secretary"), &change["id"], "i3").await["userErrors"][0]["code"],
            "NOT_FOUND"
        );
        // Nothing in the database shows the value.
        for (table, column) in [
            ("identity_change", "value_sealed"),
            ("event", "fields"),
            ("audit", "fields"),
            ("inbox_item", "params"),
            ("idempotency", "input_hash"),
        ] {
            let sql = format!("SELECT COUNT(*) FROM {table} WHERE CAST({column} AS text) LIKE '%试路七号%'");
            assert_eq!(database.number(&sql).await, 0, "{table}.{column}");
        }
        let done = confirm(&secretary, &change["id"], "i4").await;
        assert_eq!(
            (&done["userErrors"], &done["identityChange"]["state"]),
            (&json!([]), &json!("CONFIRMED")),
            "{done}"
        );
        assert_eq!(
            done["identityChange"]["value"],
            Value::Null,
            "the value is on the member and nowhere else"
        );
        assert!(done["identityChange"]["decidedBy"]["id"].is_string());
        let now = mine(&member).await;
        assert_eq!(now["member"]["address"]["value"], address);
        assert!(!waits(&secretary, "IDENTITY_CHANGE_TO_DECIDE", &change["id"]).await);
        assert!(waits(&member, "IDENTITY_CHANGE_DECIDED", &change["id"]).await);
        assert_eq!(
            confirm(&secretary, &change["id"], "i5").await["userErrors"][0]["code"],
            "ALREADY_DECIDED"
        );
    }
);

both_databases!(
    a_later_request_takes_the_place_of_one_that_waits_and_a_rejection_says_why,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let (member, secretary) = (server.client("member"), server.client("branch-secretary"));
        let first = ask(&member, "BIRTH_DATE", "1980-01-02", "j1").await["identityChange"].clone();
        let second = ask(&member, "BIRTH_DATE", "1980-01-03", "j2").await["identityChange"].clone();
        assert_eq!(
            confirm(&secretary, &first["id"], "j3").await["userErrors"][0]["code"],
            "ALREADY_DECIDED"
        );
        assert!(!waits(&secretary, "IDENTITY_CHANGE_TO_DECIDE", &first["id"]).await);
        assert!(waits(&secretary, "IDENTITY_CHANGE_TO_DECIDE", &second["id"]).await);
        let before = mine(&member).await["member"]["birthDate"].clone();
        assert_eq!(
            reject(&secretary, &second["id"], " ", "j4").await["userErrors"][0]["code"],
            "REQUIRED"
        );
        let said = reject(&secretary, &second["id"], "与档案不符", "j5").await;
        assert_eq!(
            (&said["identityChange"]["state"], &said["identityChange"]["reason"]),
            (&json!("REJECTED"), &json!("与档案不符")),
            "{said}"
        );
        let after = mine(&member).await;
        assert_eq!(after["member"]["birthDate"], before);
        assert!(waits(&member, "IDENTITY_CHANGE_DECIDED", &second["id"]).await);
        let states: Vec<&Value> = after["member"]["identityChanges"]
            .as_array()
            .expect("changes")
            .iter()
            .map(|one| &one["state"])
            .collect();
        assert!(
            states.contains(&&json!("WITHDRAWN")) && states.contains(&&json!("REJECTED")),
            "{states:?}"
        );
    }
);

both_databases!(
    nobody_confirms_their_own_the_deputy_or_the_superior_does,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        // With a deputy.
        let secretary = server.client("branch-secretary");
        let own = ask(&secretary, "ADDRESS", "试路一号", "k1").await["identityChange"].clone();
        let refused = confirm(&secretary, &own["id"], "k2").await;
        assert_eq!(refused["userErrors"][0]["code"], "OWN_MATTER", "{refused}");
        let deputy = server.client("branch-deputy");
        assert!(waits(&deputy, "IDENTITY_CHANGE_TO_DECIDE", &own["id"]).await);
        assert_eq!(confirm(&deputy, &own["id"], "k3").await["userErrors"], json!([]));
        // Where the deputy has gone, the level above does.
        let village = server.client("village-secretary");
        let posts =
            "query($o: ID!) { organization(id: $o) { appointments(first: 100) { nodes { id version post } } } }";
        let org = server.account("village-secretary", "organizationId");
        let held = village.data(posts, json!({"o": org})).await["organization"]["appointments"]["nodes"].clone();
        let deputy = held
            .as_array()
            .and_then(|all| all.iter().find(|one| one["post"] == "DEPUTY_SECRETARY"));
        let deputy = deputy.expect("the village has a deputy");
        let end =
            "mutation($input: EndAppointmentInput!) { endAppointment(input: $input) { userErrors { code path } } }";
        let input = json!({"appointmentId": deputy["id"], "expectedVersion": deputy["version"], "idempotencyKey": "k0",
            "decision": {"decidedOn": "2026-01-05", "documentNumber": "试〔2026〕10号"}});
        let ended = village.data(end, json!({"input": input})).await["endAppointment"].clone();
        assert_eq!(ended["userErrors"], json!([]), "{ended}");
        let own = ask(&village, "ADDRESS", "试路二号", "k4").await["identityChange"].clone();
        let refused = confirm(&village, &own["id"], "k6").await;
        assert_eq!(refused["userErrors"][0]["code"], "OWN_MATTER", "{refused}");
        let town = server.client("town-secretary");
        assert!(waits(&town, "IDENTITY_CHANGE_TO_DECIDE", &own["id"]).await);
        assert_eq!(confirm(&town, &own["id"], "k5").await["userErrors"], json!([]));
    }
);

both_databases!(
    a_value_is_checked_when_it_is_asked_for_and_is_never_in_an_error,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let member = server.client("member");
        for (field, value, code) in [
            ("IDENTITY_NUMBER", "000000198002290019", "INVALID"),
            ("BIRTH_DATE", "2099-01-01", "DATE_IN_FUTURE"),
            ("BIRTH_DATE", "1920-12-31", "DATE_TOO_EARLY"),
            ("BIRTH_DATE", "2020-01-01", "INVALID"),
            ("BIRTH_DATE", "someday", "INVALID"),
            ("ADDRESS", "  ", "REQUIRED"),
        ] {
            let refused = ask(&member, field, value, "l1").await;
            let error = &refused["userErrors"][0];
            assert_eq!(
                (&error["code"], &error["path"]),
                (&json!(code), &json!(["input", "value"])),
                "{field} {value}"
            );
            assert!(
                value.trim().is_empty() || !refused.to_string().contains(value),
                "{refused}"
            );
        }
        assert_eq!(
            ask(&member, "PHONE", "057300000000", "l2").await["userErrors"][0]["path"],
            json!(["input", "field"])
        );
        assert_eq!(
            ask(&server.client("administrator"), "ADDRESS", "试路", "l3").await["userErrors"][0]["code"],
            "NOT_FOUND"
        );
        // A number that somebody else has is refused at the confirmation: asking tells nothing about others.
        let number = crate::roster::number("19300228", 401);
        let village = server.account("village-secretary", "organizationId");
        let known = crate::roster::enter(&server.client("village-secretary"), &village, &number, "l7").await;
        assert_eq!(known["userErrors"], json!([]), "{known}");
        let asked = ask(&member, "IDENTITY_NUMBER", &number, "l4").await["identityChange"].clone();
        assert!(asked["id"].is_string(), "{asked}");
        let secretary = server.client("branch-secretary");
        let refused = confirm(&secretary, &asked["id"], "l5").await;
        assert_eq!(refused["userErrors"][0]["code"], "IDENTITY_NOT_ACCEPTED", "{refused}");
        assert_eq!(
            reject(&secretary, &asked["id"], "号码有误", "l6").await["userErrors"],
            json!([])
        );
    }
);
