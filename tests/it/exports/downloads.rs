//! Parts as HTTP has them (RFC 9110): whole and in ranges, under conditions, and what is said where there is nothing to give.

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tests::{Client, Server, TestDatabase, both_databases};

use super::{SYNC, content, everything, export, program};

/// Headers of an answer by their names; empty where one is not there.
fn say<const N: usize>(headers: &HeaderMap, names: [&str; N]) -> [String; N] {
    names.map(|name| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    })
}

/// An answer to a `GET` with these headers more.
async fn get(client: &Client, path: &str, more: &[(&'static str, &str)]) -> (u16, HeaderMap, Vec<u8>) {
    let client = more
        .iter()
        .fold(client.clone(), |client, &(name, value)| client.with_header(name, value));
    let (status, headers, bytes) = client.fetch(path, None).await;
    (status.as_u16(), headers, bytes)
}

both_databases!(
    parts_are_fetched_whole_and_in_ranges_under_conditions,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let county = server.account("county-secretary", "organizationId");
        let (_, client) = program(&server, &county, "fetcher", &SYNC).await;
        let ready = export(&client, everything(&county, "fetched")).await;
        let whole = content(&client, &ready["parts"][0]).await;
        let path = ready["parts"][0]["url"].as_str().expect("a path");
        let (all, length) = (whole.len(), whole.len().to_string());
        let (status, told, _) = get(&client, path, &[]).await;
        let names = [
            "content-type",
            "content-length",
            "accept-ranges",
            "cache-control",
            "x-content-type-options",
            "last-modified",
        ];
        let like = [
            "application/x-ndjson",
            &length,
            "bytes",
            "private, no-store",
            "nosniff",
            "",
        ];
        assert_eq!((status, say(&told, names)), (200, like.map(ToOwned::to_owned)));
        let [tag, name, date] = say(&told, ["etag", "content-disposition", "date"]);
        assert_eq!(name, "attachment; filename=\"0001-organization.jsonl\"");
        assert!(tag.starts_with('"') && !date.is_empty(), "{told:?}");
        let (_, told, _) = get(&client, path, &[("accept-encoding", "gzip")]).await;
        assert!(
            !told.contains_key("content-encoding"),
            "the bytes are those of the SHA-256"
        );

        // What a file is like is asked without it; ranges are for GET alone.
        for more in [None, Some("bytes=5-24")] {
            let asks = more.map_or(client.clone(), |range| client.with_header("range", range));
            let (status, told, body) = asks.ask(Method::HEAD, path).await;
            assert_eq!((status.as_u16(), body.len()), (200, 0));
            assert_eq!(say(&told, names), like.map(ToOwned::to_owned));
            assert_eq!(say(&told, ["etag"]), std::slice::from_ref(&tag));
        }

        // Ranges: in the middle, to the end, from the end; the rest of what was fetched before, where it is the same file.
        for (range, from, until) in [("bytes=5-24", 5, 25), ("bytes=7-", 7, all), ("bytes=-9", all - 9, all)] {
            for more in [
                &[("range", range)][..],
                &[("range", range), ("if-range", tag.as_str()), ("if-match", tag.as_str())],
            ] {
                let (status, told, some) = get(&client, path, more).await;
                assert_eq!((status, some.as_slice()), (206, &whole[from..until]), "{range}");
                let place = format!("bytes {from}-{}/{all}", until - 1);
                let said = say(&told, ["content-range", "content-length", "etag", "cache-control"]);
                assert_eq!(
                    said,
                    [
                        place,
                        (until - from).to_string(),
                        tag.clone(),
                        "private, no-store".to_owned()
                    ]
                );
            }
        }
        for more in [
            &[("range", "bytes=7-"), ("if-range", "\"another\"")][..],
            &[("range", "bytes=7-"), ("if-range", "Sun, 01 Nov 2026 08:00:00 GMT")],
            &[("range", "bytes=1-2,5-6")],
            &[("range", "bytes=9-5")],
            &[("range", "lines=1-2")],
        ] {
            let (status, told, bytes) = get(&client, path, more).await;
            assert_eq!((status, bytes.len()), (200, all), "{more:?}");
            assert!(!told.contains_key("content-range"), "{more:?}");
        }
        let long = format!("bytes={all}-");
        for range in [long.as_str(), "bytes=-0", "bytes=99999999999999999999999-"] {
            let (status, told, bytes) = get(&client, path, &[("range", range)]).await;
            assert_eq!((status, bytes.len()), (416, 0), "{range}");
            let said = say(
                &told,
                ["content-range", "accept-ranges", "cache-control", "content-disposition"],
            );
            assert_eq!(
                said,
                [format!("bytes */{all}").as_str(), "bytes", "private, no-store", ""].map(ToOwned::to_owned)
            );
        }

        // What the client has is not sent again, nor is what it does not ask about.
        let listed = format!("\"x\", W/{tag}");
        for known in [tag.as_str(), listed.as_str(), "*"] {
            let (status, told, bytes) = get(&client, path, &[("if-none-match", known), ("range", "bytes=5-24")]).await;
            assert_eq!((status, bytes.len()), (304, 0), "{known}");
            let said = say(
                &told,
                [
                    "etag",
                    "cache-control",
                    "content-type",
                    "content-disposition",
                    "content-range",
                ],
            );
            assert_eq!(
                said,
                [tag.as_str(), "private, no-store", "", "", ""].map(ToOwned::to_owned)
            );
        }
        assert_eq!(get(&client, path, &[("if-none-match", "\"another\"")]).await.0, 200);
        for other in ["\"another\"", &format!("W/{tag}")] {
            let more = [("if-match", other), ("if-none-match", tag.as_str())];
            assert_eq!(
                get(&client, path, &more).await.0,
                412,
                "{other}: judged before the other condition"
            );
        }
    }
);

both_databases!(
    what_is_said_where_no_part_is_given_stays_with_who_asked,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let county = server.account("county-secretary", "organizationId");
        let (_, client) = program(&server, &county, "fetcher", &SYNC).await;
        let mut input = everything(&county, "listed");
        input["kinds"] = json!(["ORGANIZATION"]);
        let ready = export(&client, input).await;
        let part = ready["parts"][0]["url"].as_str().expect("a path");
        let manifest = ready["manifestUrl"].as_str().expect("a path");
        let (status, told, bytes) = get(&client, manifest, &[]).await;
        let said = say(
            &told,
            [
                "content-type",
                "content-length",
                "cache-control",
                "x-content-type-options",
            ],
        );
        let length = bytes.len().to_string();
        let like = ["application/json", &length, "private, no-store", "nosniff"];
        assert_eq!((status, said), (200, like.map(ToOwned::to_owned)));
        let list: Value = serde_json::from_slice(&bytes).expect("JSON");
        assert_eq!(list["parts"][0]["url"], part);
        for path in [part, manifest] {
            let (status, told, _) = get(&Client::new(server.url()), path, &[]).await;
            let said = say(&told, ["www-authenticate", "cache-control"]);
            assert_eq!((status, said), (401, ["Bearer", "no-store"].map(ToOwned::to_owned)));
            let (status, told, _) = get(&client, &path.replace("exp_", "exp_x"), &[]).await;
            assert_eq!((status, say(&told, ["cache-control"])), (404, ["no-store".to_owned()]));
            let (status, told, _) = client.ask(Method::PUT, path).await;
            let [allowed] = say(&told, ["allow"]);
            assert_eq!(status, 405);
            assert!(allowed.contains("GET") && allowed.contains("HEAD"), "{allowed}");
        }
    }
);
