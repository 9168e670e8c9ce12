//! Files that come in: as they are, no longer than they may be, no slower than they must, and gone when they break off.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{Client, Server, TestDatabase, both_databases, number};

use super::{ROSTER, send};
use crate::exports::program;

/// Begins a request by hand: its headers, and what of the body is there.
fn begin(client: &Client, headers: &str, body: &[u8]) -> TcpStream {
    let address = client.base().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).expect("it listens");
    let head = format!(
        "POST /imports/files HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n{headers}\r\n",
        client.token()
    );
    stream.write_all(head.as_bytes()).expect("it reads");
    stream.write_all(body).expect("it reads");
    stream
}

/// The status of the answer, and all of it.
fn answer(stream: &mut TcpStream) -> (u16, String) {
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a time");
    let (mut text, mut some) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = stream.read(&mut some) {
        text.extend_from_slice(&some[..read]);
        if String::from_utf8_lossy(&text).contains("\"code\"") {
            break;
        }
    }
    let text = String::from_utf8_lossy(&text).into_owned();
    let status = text
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    (status, text)
}

/// Waits until so many files come in.
async fn come_in(database: &TestDatabase, files: i64) {
    let begun = Instant::now();
    while number(database, "SELECT COUNT(*) FROM import_file WHERE NOT complete").await < files {
        assert!(begun.elapsed() < Duration::from_secs(5), "they do not come in");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn nothing_is_left(database: &TestDatabase) {
    let begun = Instant::now();
    loop {
        let files = number(database, "SELECT COUNT(*) FROM import_file").await;
        let chunks = number(database, "SELECT COUNT(*) FROM import_chunk").await;
        if (files, chunks) == (0, 0) {
            return;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{files} files and {chunks} chunks are left"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

both_databases!(
    a_file_comes_in_as_it_is_and_is_told_by_its_sha256,
    |database: TestDatabase| async move {
        let server = Server::demo_with(&database, &["--import-megabytes", "2"]).await;
        let branch = server.account("branch-secretary", "organizationId");
        let (_, client) = program(&server, &branch, "sender", &ROSTER).await;
        let content: Vec<u8> = (0..1_300_000u32).map(|n| (n % 251) as u8).collect();
        let sha256 = crate::exports::sha256(&content);
        let (status, told) = send(&client, content.clone()).await;
        assert_eq!(
            (status, &told["bytes"], &told["sha256"]),
            (201, &json!(1_300_000), &json!(sha256))
        );
        assert!(told["id"].as_str().is_some_and(|id| id.starts_with("ifl_")) && told["expiresAt"].is_string());
        // It lies there sealed: three chunks, and nothing of it can be read in the database.
        assert_eq!(number(&database, "SELECT COUNT(*) FROM import_chunk").await, 3);
        let post = |name: &'static str, value: String| {
            let request = reqwest::Client::new().post(format!("{}/imports/files", client.base()));
            request
                .bearer_auth(client.token())
                .header(name, value)
                .body(content.clone())
                .send()
        };
        let right = post("x-content-sha256", sha256.to_uppercase())
            .await
            .expect("an answer");
        assert_eq!(right.status(), 201);
        let wrong = post("x-content-sha256", sha256.replace(['0', '1', '2', '3'], "4"))
            .await
            .expect("an answer");
        let (status, told) = (wrong.status().as_u16(), wrong.json::<Value>().await.expect("JSON"));
        assert_eq!(
            (status, &told["errors"][0]["extensions"]["code"]),
            (400, &json!("DIGEST_MISMATCH"))
        );
        assert_eq!(
            number(&database, "SELECT COUNT(*) FROM import_file").await,
            2,
            "the wrong one has gone"
        );
        let form = post("content-type", "multipart/form-data; boundary=x".to_owned())
            .await
            .expect("an answer");
        assert_eq!(form.status(), 415);
    }
);

both_databases!(
    only_a_program_that_may_run_imports_sends_files_and_not_without_end,
    |database: TestDatabase| async move {
        let server = Server::demo_with(&database, &["--import-megabytes", "1"]).await;
        let branch = server.account("branch-secretary", "organizationId");
        let code = |told: &Value| {
            told["errors"][0]["extensions"]["code"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        let is = |status: u16, code: &str| (status, code.to_owned());
        let told = |(status, told): (u16, Value)| (status, code(&told));
        assert_eq!(
            told(send(&Client::new(server.url()), "x").await),
            is(401, "UNAUTHENTICATED")
        );
        let wrong = Client::new(server.url()).with_token("eyJhbGciOiJub25lIn0.e30.");
        assert_eq!(told(send(&wrong, "x").await), is(401, "UNAUTHENTICATED"));
        let (_, reader) = program(&server, &branch, "reader", &["orgs:read", "members:write"]).await;
        for user in [
            &reader,
            &server.client("branch-secretary"),
            &server.client("administrator"),
        ] {
            assert_eq!(told(send(user, "x").await), is(403, "IMPORT_FORBIDDEN"));
        }
        let (_, client) = program(&server, &branch, "sender", &ROSTER).await;
        // Told beforehand that it is too long: not a byte of it is waited for.
        let mut stream = begin(&client, "Content-Length: 1048577\r\n", b"");
        let (status, text) = answer(&mut stream);
        assert!(status == 413 && text.contains("BODY_TOO_LARGE"), "{text}");
        // It never says how long it is, and does not end.
        let mut stream = begin(&client, "Transfer-Encoding: chunked\r\n", b"");
        let piece = [b"10000\r\n".as_slice(), &[b'x'; 65_536], b"\r\n"].concat();
        for _ in 0..17 {
            let _ = stream.write_all(&piece);
        }
        let (status, text) = answer(&mut stream);
        assert!(status == 413 || text.is_empty(), "{text}");
        nothing_is_left(&database).await;
        // It says how long it is, brings some of it, and waits.
        let begun = Instant::now();
        let mut stream = begin(&client, "Content-Length: 500000\r\n", b"some");
        let (status, text) = answer(&mut stream);
        assert!(status == 408 && text.contains("BODY_TIMEOUT"), "{text}");
        assert!(begun.elapsed() < Duration::from_secs(20));
        nothing_is_left(&database).await;
        // The client leaves in the middle; not before it is there, or it would be one of the two that follow.
        let leaves = begin(&client, "Content-Length: 900000\r\n", &[b'x'; 600_000]);
        come_in(&database, 1).await;
        drop(leaves);
        nothing_is_left(&database).await;
        // Two come in, and no third.
        let open = [0, 1].map(|_| begin(&client, "Content-Length: 900000\r\n", b"some"));
        come_in(&database, 2).await;
        assert_eq!(told(send(&client, "x").await), is(429, "TOO_MANY_FILES"));
        drop(open);
        nothing_is_left(&database).await;
        for _ in 0..20 {
            assert_eq!(send(&client, "x").await.0, 201);
        }
        assert_eq!(
            told(send(&client, "x").await),
            is(429, "TOO_MANY_FILES"),
            "twenty are kept"
        );
    }
);

both_databases!(
    a_template_says_what_a_file_holds_in_either_language,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let member = server.client("member");
        for kind in ["member", "organization", "appointment", "activity"] {
            for (language, word) in [("zh", "操作"), ("en", "Operation")] {
                let path = format!("/imports/templates/{kind}.csv?lang={language}");
                let (status, headers, bytes) = member.fetch(&path, None).await;
                let text = String::from_utf8(bytes).expect("UTF-8");
                assert!(status == 200 && text.contains(word), "{path}: {status} {text}");
                assert!(
                    headers["content-type"]
                        .to_str()
                        .is_ok_and(|form| form.starts_with("text/csv"))
                );
            }
            let (status, _, bytes) = member.fetch(&format!("/imports/templates/{kind}.xlsx"), None).await;
            assert!(status == 200 && bytes.starts_with(b"PK"), "{kind}");
        }
        for odd in ["member.pdf", "member", "people.csv"] {
            assert_eq!(
                member.fetch(&format!("/imports/templates/{odd}"), None).await.0,
                404,
                "{odd}"
            );
        }
        let nobody = Client::new(server.url());
        assert_eq!(nobody.fetch("/imports/templates/member.csv", None).await.0, 401);
    }
);
