//! What is told of rows: in the reader's language, page by page, as a file, and live.

use calamine::Reader as _;
use serde_json::{Value, json};
use tests::{Server, TestDatabase, Ws, WsMessage, both_databases};

use super::{ROSTER, completed, file, input, members, new, over, start};
use crate::exports::program;

const PAGE: &str = "query($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $of: [RowOutcome!]) { importJob(id: $id) {
    report(first: $first, after: $after, last: $last, before: $before, outcomes: $of) {
      nodes { row outcome } pageInfo { hasNextPage hasPreviousPage endCursor startCursor } totalCount(mode: EXACT) { value } } } }";
const WRONG: &str = "110101199003074517";

fn rows_of(page: &Value) -> Vec<i64> {
    let nodes = page["nodes"].as_array().expect("nodes").iter();
    nodes.map(|node| node["row"].as_i64().expect("a row")).collect()
}

both_databases!(
    a_report_is_in_the_readers_language_and_tells_nothing_of_what_is_sealed,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let (_, client) = program(&server, &branch, "roster", &ROSTER).await;
        let row = |phone: &str, number: &str, name: &str| {
            format!("hr,1,,{branch},{name},PROBATIONARY,2026-03-02,,{number},{phone},,,,")
        };
        completed(
            &client,
            members([row("13900000001", "", "甘一").as_str()]),
            json!({}),
            "first",
        )
        .await;
        let changed = row("13900000002", "", "=甘一");
        let wrong = format!("hr,2,,{branch},甘二,PROBATIONARY,2026-03-02,,{WRONG},,,,,");
        let done = completed(
            &client,
            members([changed.as_str(), wrong.as_str()]),
            json!({}),
            "second",
        )
        .await;
        assert_eq!(
            done["report"]["nodes"][0]["changes"],
            json!([{"field": "name", "before": "甘一", "after": "=甘一"}, {"field": "phone", "before": null, "after": null}]),
            "{done:#}"
        );
        let error = |job: &Value| {
            job["report"]["nodes"][1]["userErrors"][0]["message"]
                .as_str()
                .expect("a text")
                .to_owned()
        };
        let english = super::job(&client.with_header("accept-language", "en"), &done["id"]).await;
        assert_ne!(error(&done), error(&english));
        let url = done["reportUrl"].as_str().expect("a path");
        for (language, words) in [
            ("zh-CN", ["行号", "更新", "未通过"]),
            ("en", ["row", "changed", "rejected"]),
        ] {
            let (status, headers, bytes) = client
                .fetch(&format!("{url}.csv"), Some(("accept-language", language)))
                .await;
            let text = String::from_utf8(bytes).expect("UTF-8");
            assert!(status == 200 && words.iter().all(|word| text.contains(word)), "{text}");
            assert!(
                text.contains(",'=甘一,") && text.starts_with('\u{feff}'),
                "no cell is a formula: {text}"
            );
            assert_eq!(headers["cache-control"], "private, no-store");
            for secret in [WRONG, &WRONG[..17], "13900000002", "13900000001"] {
                assert!(!text.contains(secret) && !done.to_string().contains(secret), "{secret}");
            }
        }
        let (status, _, bytes) = client.fetch(&format!("{url}.xlsx"), None).await;
        assert!(status == 200);
        let mut book = calamine::Xlsx::new(std::io::Cursor::new(bytes)).expect("a workbook");
        let range = book.worksheet_range_at(0).expect("a sheet").expect("cells");
        assert_eq!(
            range.height(),
            4,
            "a header, two fields of one row, one problem of the other"
        );
        assert_eq!(client.fetch(&format!("{url}.pdf"), None).await.0, 404);
    }
);

both_databases!(
    a_long_report_is_read_page_by_page_in_both_directions_by_outcome,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let (_, client) = program(&server, &branch, "roster", &ROSTER).await;
        // Every seventh row is refused.
        let row = |n: usize| match n % 7 {
            3 => format!("hr,{n},,{branch},,PROBATIONARY,2026-03-02,,,,,,,"),
            _ => new(&n.to_string(), &branch, &format!("甘{n}")),
        };
        let rows: Vec<String> = (0..1_130).map(row).collect();
        let done = completed(&client, members(rows.iter().map(String::as_str)), json!({}), "long").await;
        let wrong: Vec<i64> = (0..1_130).filter(|n| n % 7 == 3).map(|n| n + 2).collect();
        for (of, right) in [
            (json!([]), (2..1_132).collect::<Vec<i64>>()),
            (json!(["REJECTED"]), wrong),
        ] {
            let (mut forward, mut after) = (Vec::new(), Value::Null);
            loop {
                let page = json!({"id": done["id"], "first": 90, "after": after, "of": of});
                let page = client.data(PAGE, page).await["importJob"]["report"].clone();
                assert_eq!(page["totalCount"]["value"].as_u64(), u64::try_from(right.len()).ok());
                forward.extend(rows_of(&page));
                if page["pageInfo"]["hasNextPage"] != true {
                    break;
                }
                after = page["pageInfo"]["endCursor"].clone();
            }
            assert_eq!(forward, right);
            let (mut backward, mut before) = (Vec::new(), Value::Null);
            loop {
                let page = json!({"id": done["id"], "last": 90, "before": before, "of": of});
                let page = client.data(PAGE, page).await["importJob"]["report"].clone();
                backward.splice(0..0, rows_of(&page));
                if page["pageInfo"]["hasPreviousPage"] != true {
                    break;
                }
                before = page["pageInfo"]["startCursor"].clone();
            }
            assert_eq!(backward, right);
        }
    }
);

both_databases!(
    who_follows_an_import_is_told_as_it_comes_on_and_when_it_is_over,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let (_, client) = program(&server, &branch, "roster", &ROSTER).await;
        let (_, beside) = program(&server, &branch, "beside", &ROSTER).await;
        let live =
            "subscription($id: ID!) { importProgress(id: $id) { state progress { done total } counts { created } } }";
        let rows: Vec<String> = (0..1_500)
            .map(|n| new(&n.to_string(), &branch, &format!("甘{n}")))
            .collect();
        let sent = file(&client, members(rows.iter().map(String::as_str))).await;
        let begun = start(&client, input(&sent, json!({}), "live")).await;
        let id = begun["job"]["id"].clone();
        let mut ws = Ws::of_token(server.url(), client.token()).await;
        ws.subscribe("one", live, json!({"id": id})).await;
        let mut done = -1;
        loop {
            match ws.next().await {
                WsMessage::Complete { .. } => break,
                message => {
                    let WsMessage::Next { payload, .. } = message else {
                        panic!("{message:?}")
                    };
                    let job = &payload["data"]["importProgress"];
                    let now = job["progress"]["done"].as_i64().expect("a number");
                    assert!(now >= done, "{job} behind {done}");
                    done = now;
                    if job["state"] == "COMPLETED" {
                        assert_eq!(job["counts"]["created"], 1_500);
                    }
                }
            }
        }
        assert_eq!(
            (done, over(&client, &id).await["state"].clone()),
            (1_500, json!("COMPLETED"))
        );
        // Of one that is over the last word is told; another account learns nothing.
        ws.subscribe("late", live, json!({"id": id})).await;
        assert_eq!(ws.next_of("late").await["data"]["importProgress"]["state"], "COMPLETED");
        let mut other = Ws::of_token(server.url(), beside.token()).await;
        other.subscribe("theirs", live, json!({"id": id})).await;
        match other.next().await {
            WsMessage::Error { payload, .. } => assert_eq!(payload[0]["extensions"]["code"], "NOT_FOUND"),
            message => panic!("{message:?}"),
        }
    }
);
