//! Whose an import is, what it may touch, and what it needs from beginning to end.

use serde_json::{Value, json};
use tests::{Server, TestDatabase, both_databases};

use super::{ROSTER, completed, file, input, is, job, members, new, over, refused, start, told};
use crate::exports::program;

const CANCEL: &str =
    "mutation($input: CancelImportInput!) { cancelImport(input: $input) { job { state } userErrors { code } } }";
const LIST: &str = "{ importJobs(first: 10) { nodes { id state } totalCount(mode: EXACT) { value } } }";

fn code(code: &str, at: &str) -> (String, String) {
    (code.to_owned(), at.to_owned())
}

both_databases!(
    an_import_is_its_accounts_own_and_a_repeat_is_the_same_one,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let (_, client) = program(&server, &branch, "owner", &ROSTER).await;
        let (_, beside) = program(&server, &branch, "beside", &ROSTER).await;
        let sent = file(&client, members([new("1", &branch, "甘一").as_str()])).await;
        let begun = start(&client, input(&sent, json!({}), "once")).await;
        let again = start(&client, input(&sent, json!({}), "once")).await;
        assert_eq!(
            (&again["job"]["id"], &again["replayed"]),
            (&begun["job"]["id"], &json!(true))
        );
        let id = &begun["job"]["id"];
        let done = over(&client, id).await;
        assert_eq!(done["state"], "COMPLETED", "{done:#}");
        let url = format!("{}.csv", done["reportUrl"].as_str().expect("a path"));
        for other in [
            &beside,
            &server.client("branch-secretary"),
            &server.client("administrator"),
        ] {
            assert_eq!(job(other, id).await, Value::Null);
            assert_eq!(other.fetch(&url, None).await.0, 404);
            let told = other
                .data(CANCEL, json!({"input": {"jobId": id, "idempotencyKey": "not mine"}}))
                .await;
            assert_eq!(told["cancelImport"]["userErrors"][0]["code"], "NOT_FOUND");
        }
        assert_eq!(beside.data(LIST, json!({})).await["importJobs"]["nodes"], json!([]));
        assert_eq!(
            client.data(LIST, json!({})).await["importJobs"]["totalCount"]["value"],
            1
        );
        // Nor is the file anybody else's, and one that is over cannot be ended.
        assert_eq!(
            refused(&beside, input(&sent, json!({}), "theirs")).await,
            code("NOT_FOUND", "fileId")
        );
        let told = client
            .data(CANCEL, json!({"input": {"jobId": id, "idempotencyKey": "late"}}))
            .await;
        assert_eq!(told["cancelImport"]["userErrors"][0]["code"], "WRONG_STATE");
        let node = client
            .data("query($id: ID!) { node(id: $id) { __typename id } }", json!({"id": id}))
            .await;
        assert_eq!(node["node"], json!({"__typename": "ImportJob", "id": id}));
    }
);

both_databases!(
    an_import_touches_what_its_account_may_and_its_place_holds_and_nothing_else,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let county = server.account("county-secretary", "organizationId");
        let branch = server.account("branch-secretary", "organizationId");
        let town = server.account("town-secretary", "organizationId");
        let (_, client) = program(&server, &county, "wide", &ROSTER).await;
        let list = "query($o: ID!) { organizations(within: {subtreeOf: $o}, filter: {kinds: [BRANCH]}, first: 50) { nodes { id } } }";
        let below = |data: Value| -> Vec<String> {
            let nodes = data["organizations"]["nodes"].as_array().expect("nodes").clone();
            nodes
                .iter()
                .map(|node| node["id"].as_str().expect("an id").to_owned())
                .collect()
        };
        let in_county = below(client.data(list, json!({"o": county})).await);
        let in_town = below(client.data(list, json!({"o": town})).await);
        let outside = in_county
            .iter()
            .find(|id| !in_town.contains(id))
            .expect("a branch outside");
        let text = members([
            new("1", &in_town[0], "甘一").as_str(),
            new("2", outside, "甘二").as_str(),
        ]);
        let narrow = json!({"within": {"subtreeOf": town}});
        let done = completed(&client, text, narrow, "narrow").await;
        assert_eq!(
            told(&done),
            [is(2, "CREATED", ""), is(3, "REJECTED", "NOT_FOUND")],
            "{done:#}"
        );

        let sent = file(&client, members([new("3", &branch, "甘三").as_str()])).await;
        let elsewhere = server.account("other-county-secretary", "organizationId");
        for (at, (more, told)) in [
            (json!({"within": {"exactly": town}}), code("INVALID", "within")),
            (json!({"within": {"subtreeOf": elsewhere}}), code("NOT_FOUND", "within")),
            (json!({"kind": "ACTIVITY"}), code("FORBIDDEN", "kind")),
            (json!({"fileId": "ifl_none"}), code("NOT_FOUND", "fileId")),
            (json!({"sheet": "名册"}), code("INVALID", "sheet")),
            (
                json!({"mapping": [{"header": "a", "column": "name"}, {"header": "a", "column": "phone"}]}),
                code("INVALID", "header"),
            ),
        ]
        .into_iter()
        .enumerate()
        {
            assert_eq!(refused(&client, input(&sent, more, &format!("odd-{at}"))).await, told);
        }
        for user in ["county-secretary", "branch-secretary", "member", "administrator"] {
            let more = json!({"within": {"subtreeOf": branch}});
            let told = refused(&server.client(user), input(&sent, more, user)).await;
            assert_eq!(told, code("FORBIDDEN", "within"), "{user}");
        }
        let (_, reader) = program(
            &server,
            &branch,
            "reader",
            &["orgs:read", "members:read", "imports:run"],
        )
        .await;
        let sent = file(&reader, "x").await;
        assert_eq!(
            refused(&reader, input(&sent, json!({}), "reads")).await,
            code("FORBIDDEN", "kind")
        );
    }
);
