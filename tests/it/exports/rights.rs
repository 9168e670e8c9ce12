//! Who may have an export, and its parts: at the start, while it is written, and at each download.

use serde_json::{Value, json};
use tests::{Client, Server, TestDatabase, both_databases};

use super::{SYNC, everything, export, job, over, program, refused, rows, start};

const SCOPES: &str = "mutation($input: SetServiceScopesInput!) { setServiceScopes(input: $input) { account { scopes } userErrors { code } } }";
const CANCEL: &str = "mutation($input: CancelExportInput!) { cancelExport(input: $input) { job { state } userErrors { code path params } replayed } }";
const LIST: &str = "{ exportJobs(first: 10) { nodes { id state } totalCount(mode: EXACT) { value } } }";
const MINE: &str = "{ viewer { member { id accessLog(first: 20) { nodes { action fields purpose } } } } }";

async fn set_scopes(server: &Server, account: &Value, scopes: &[&str], key: &str) {
    let input = json!({"accountId": account, "scopes": scopes, "idempotencyKey": key});
    let done = server
        .client("administrator")
        .data(SCOPES, json!({"input": input}))
        .await["setServiceScopes"]
        .clone();
    assert_eq!(done["userErrors"], json!([]), "{done}");
}

async fn status(client: &Client, url: &Value) -> u16 {
    client.fetch(url.as_str().expect("a path"), None).await.0.as_u16()
}

fn is(code: &str, at: &str) -> (String, String) {
    (code.to_owned(), at.to_owned())
}

both_databases!(
    an_export_is_its_accounts_own_and_only_as_long_as_its_rights_hold,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let county = server.account("county-secretary", "organizationId");
        let (account, client) = program(&server, &county, "owner", &SYNC).await;
        let (_, beside) = program(&server, &county, "beside", &SYNC).await;
        let ready = export(&client, everything(&county, "own")).await;
        let (id, url) = (&ready["id"], &ready["parts"][0]["url"]);
        // Nobody else sees it, not those who look after the account either; and a token is needed.
        for other in [
            &beside,
            &server.client("county-secretary"),
            &server.client("administrator"),
        ] {
            assert_eq!(job(other, id).await, Value::Null);
            assert_eq!(status(other, url).await, 404);
            let input = json!({"jobId": id, "idempotencyKey": "not mine"});
            let told = other.data(CANCEL, json!({"input": input})).await["cancelExport"].clone();
            assert_eq!(told["userErrors"][0]["code"], "NOT_FOUND", "{told}");
        }
        let nobody = Client::new(server.url());
        assert_eq!(status(&nobody, url).await, 401);
        assert_eq!(
            nobody
                .error_code("{ exportJobs(first: 1) { nodes { id } } }", json!({}))
                .await,
            "UNAUTHENTICATED"
        );
        for wrong in ["/exports/exp_none/1", "/exports/exp_none/manifest"] {
            assert_eq!(status(&client, &json!(wrong)).await, 404);
        }
        assert_eq!(
            status(&client, &json!(format!("/exports/{}/99", id.as_str().expect("an id")))).await,
            404
        );
        assert_eq!(
            status(&client, &json!(format!("/exports/{}/x", id.as_str().expect("an id")))).await,
            404
        );
        assert_eq!(
            client.data(LIST, json!({})).await["exportJobs"]["totalCount"]["value"],
            1
        );
        assert_eq!(beside.data(LIST, json!({})).await["exportJobs"]["nodes"], json!([]));

        // Each right that it rests on: without it the parts are gone, with it they are back.
        for (number, lost) in ["members:read", "activities:read", "exports:run"].iter().enumerate() {
            let rest: Vec<&str> = SYNC.iter().copied().filter(|scope| scope != lost).collect();
            set_scopes(&server, &account, &rest, &format!("less-{number}")).await;
            assert_eq!(status(&client, url).await, 404, "without {lost}");
            set_scopes(&server, &account, &SYNC, &format!("again-{number}")).await;
            assert_eq!(status(&client, url).await, 200, "with {lost}");
        }
        let without: Vec<&str> = SYNC.iter().copied().filter(|scope| *scope != "exports:run").collect();
        set_scopes(&server, &account, &without, "no-exports").await;
        assert_eq!(job(&client, id).await, Value::Null);
        assert_eq!(
            refused(&client, everything(&county, "no-right")).await,
            is("FORBIDDEN", "within")
        );
    }
);

both_databases!(
    what_no_scope_opens_is_in_no_export,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let (county, town) = (
            server.account("county-secretary", "organizationId"),
            server.account("town-secretary", "organizationId"),
        );
        let beside = server.account("other-county-secretary", "organizationId");
        let (_, narrow) = program(&server, &town, "narrow", &["orgs:read", "exports:run"]).await;
        for (input, told) in [
            (everything(&county, "above"), is("NOT_FOUND", "within")),
            (everything(&beside, "beside"), is("NOT_FOUND", "within")),
            (everything(&town, "kinds"), is("FORBIDDEN", "1")),
            (
                json!({"kinds": [], "within": {"subtreeOf": town}, "idempotencyKey": "none"}),
                is("REQUIRED", "kinds"),
            ),
            (
                json!({"kinds": ["MEMBER", "MEMBER"], "within": {"subtreeOf": town}, "idempotencyKey": "twice"}),
                is("INVALID", "1"),
            ),
        ] {
            assert_eq!(refused(&narrow, input).await, told);
        }
        // People export nothing, whatever they may see.
        for user in ["county-secretary", "county-organization", "member", "administrator"] {
            assert_eq!(
                refused(&server.client(user), everything(&town, user)).await,
                is("FORBIDDEN", "within"),
                "{user}"
            );
        }
        // With the orgs alone: posts are those of the secretaries.
        let input =
            json!({"kinds": ["ORGANIZATION", "APPOINTMENT"], "within": {"subtreeOf": town}, "idempotencyKey": "orgs"});
        let held = rows(&narrow, &export(&narrow, input).await).await;
        let posts: Vec<&Value> = held.iter().filter_map(|row| row.get("post")).collect();
        assert!(
            !posts.is_empty() && posts.iter().all(|post| **post == "SECRETARY"),
            "{posts:?}"
        );
        // With the roster alone: no org is named, and the own one can be asked for all the same.
        let (_, people) = program(&server, &town, "people", &["members:read", "exports:run"]).await;
        let input = json!({"kinds": ["MEMBER"], "within": {"subtreeOf": town}, "idempotencyKey": "people"});
        let held = rows(&people, &export(&people, input).await).await;
        assert!(
            !held.is_empty() && held.iter().all(|row| row["branch"].is_null()),
            "{held:?}"
        );

        // So many at once, and no more; one that waits or runs can be cancelled, one that is over cannot.
        let mut kept = Vec::new();
        let mut refusals = 0;
        for number in 0..30 {
            let input = json!({"kinds": ["ORGANIZATION"], "within": {"exactly": town}, "idempotencyKey": format!("many-{number}")});
            let begun = start(&narrow, input).await;
            if begun["userErrors"] == json!([]) {
                kept.push(over(&narrow, &begun["job"]["id"]).await);
            } else {
                assert_eq!(
                    (
                        &begun["userErrors"][0]["code"],
                        &begun["userErrors"][0]["params"]["max"]
                    ),
                    (&json!("TOO_MANY"), &json!("20"))
                );
                refusals += 1;
            }
        }
        assert_eq!((kept.len(), refusals), (19, 11));
        let input = json!({"jobId": kept[0]["id"], "idempotencyKey": "late"});
        let told = narrow.data(CANCEL, json!({"input": input})).await["cancelExport"].clone();
        assert_eq!(
            (
                &told["userErrors"][0]["code"],
                &told["userErrors"][0]["params"]["state"]
            ),
            (&json!("WRONG_STATE"), &json!("COMPLETED"))
        );
    }
);

both_databases!(
    sealed_fields_leave_with_their_scope_and_a_purpose_and_each_member_can_read_it,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let town = server.account("town-secretary", "organizationId");
        let phones = |key: &str| {
            json!({"kinds": ["MEMBER"], "within": {"subtreeOf": branch}, "fields": ["PHONE", "IDENTITY_NUMBER"], "purpose": "REPORT",
                "note": "年度统计", "idempotencyKey": key})
        };
        let scopes = ["orgs:read", "members:read", "exports:run"];
        let above = server.account("city-secretary", "organizationId");
        let (account, client) = program(&server, &above, "reporter", &scopes).await;
        assert_eq!(refused(&client, phones("no scope")).await, is("FORBIDDEN", "0"));
        let more = ["orgs:read", "members:read", "members:read_sensitive", "exports:run"];
        set_scopes(&server, &account, &more, "more").await;
        let wrong = [
            ("purpose", Value::Null, is("REQUIRED", "purpose")),
            ("fields", json!([]), is("INVALID", "purpose")),
            ("fields", json!(["PHONE", "PHONE"]), is("INVALID", "1")),
            ("kinds", json!(["ORGANIZATION"]), is("INVALID", "fields")),
            ("note", json!("长".repeat(201)), is("TOO_LONG", "note")),
        ];
        for (number, (field, value, told)) in wrong.into_iter().enumerate() {
            let mut input = phones(&format!("wrong {number}"));
            input[field] = value;
            assert_eq!(refused(&client, input).await, told);
        }
        let before = server.client("member").data(MINE, json!({})).await["viewer"]["member"].clone();
        let ready = export(&client, phones("allowed")).await;
        let held = rows(&client, &ready).await;
        let own = held
            .iter()
            .find(|row| row["id"] == before["id"])
            .expect("the member's row");
        let query = "{ viewer { member { phone { value } identityNumber { value } } } }";
        let plain = server.client("member").data(query, json!({})).await["viewer"]["member"].clone();
        assert_eq!(
            (&own["phone"]["value"], &own["phone"]["masked"]),
            (&plain["phone"]["value"], &json!(false))
        );
        assert_eq!(own["identityNumber"]["value"], plain["identityNumber"]["value"]);
        assert!(
            plain["phone"]["value"].is_string() && own.get("address").is_none(),
            "{own}"
        );
        // The member reads who took it and what for.
        let log = server.client("member").data(MINE, json!({})).await["viewer"]["member"]["accessLog"]["nodes"].clone();
        let line = log
            .as_array()
            .expect("lines")
            .iter()
            .find(|line| line["action"] == "RUN_EXPORT");
        let line = line.unwrap_or_else(|| panic!("no line in {log}"));
        assert_eq!(line["purpose"], "REPORT: 年度统计");
        assert_eq!(line["fields"], json!(["identityNumber", "phone"]));
        // Nothing of it lies open in the database.
        let phone = plain["phone"]["value"].as_str().expect("a phone");
        let found = format!("SELECT COUNT(*) FROM export_chunk WHERE sealed LIKE '%{phone}%'");
        assert_eq!(database.number(&found).await, 0);
        // Without the scope the parts that hold it are gone, while others stay.
        let plain = json!({"kinds": ["MEMBER"], "within": {"subtreeOf": branch}, "idempotencyKey": "plain"});
        let plain = export(&client, plain).await;
        set_scopes(&server, &account, &scopes, "less").await;
        assert_eq!(status(&client, &ready["parts"][0]["url"]).await, 404);
        assert_eq!(status(&client, &plain["parts"][0]["url"]).await, 200);
        // An account without the scope of anything sealed gets none of it by naming the part another way.
        assert_eq!(
            refused(
                &client,
                json!({"kinds": ["MEMBER"], "within": {"exactly": town}, "fields": ["ADDRESS"], "purpose": "OTHER",
            "idempotencyKey": "elsewhere"})
            )
            .await,
            is("FORBIDDEN", "0")
        );
    }
);
