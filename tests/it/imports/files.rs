//! Bad files end to end: a precise report, and nothing half done.

use serde_json::{Value, json};
use tests::{Client, Server, TestDatabase, both_databases};

use super::{ROSTER, file, input, is, members, names, new, over, start, told};
use crate::exports::program;

/// Reason of each refusal of a job as a whole.
fn reasons(job: &Value) -> Vec<String> {
    let errors = job["userErrors"].as_array().expect("errors").iter();
    errors
        .map(|error| error["params"]["reason"].as_str().unwrap_or_default().to_owned())
        .collect()
}

async fn run(client: &Client, content: Vec<u8>, format: &str, key: &str) -> Value {
    let sent = file(client, content).await;
    let begun = start(client, input(&sent, json!({"format": format}), key)).await;
    assert_eq!(begun["userErrors"], json!([]), "{begun}");
    over(client, &begun["job"]["id"]).await
}

both_databases!(
    a_file_that_cannot_be_read_is_told_as_what_it_is_and_nothing_of_it_is_written,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let (_, reader) = program(&server, &branch, "roster", &ROSTER).await;
        let before = names(&reader, &branch).await;
        let good = members([new("1", &branch, "甘一").as_str()]);
        let wide: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let old = [&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1][..], &[0; 600]].concat();
        let cases = [
            ("CSV", b"\n\n".to_vec(), "EMPTY"),
            ("CSV", members([]).into_bytes(), "HEADER_ONLY"),
            ("CSV", wide, "ENCODING"),
            ("CSV", b"PK\x03\x04nothing of this is text".to_vec(), "BINARY"),
            ("CSV", good.replacen("name", "星座", 1).into_bytes(), "UNKNOWN_COLUMN"),
            (
                "CSV",
                good.replacen("name", "externalId", 1).into_bytes(),
                "COLUMN_TWICE",
            ),
            ("CSV", "姓名\n甘一\n".as_bytes().to_vec(), "COLUMN_MISSING"),
            ("XLSX", good.clone().into_bytes(), "NOT_A_WORKBOOK"),
            ("XLSX", old, "OLD_WORKBOOK"),
            ("XLSX", b"PK\x03\x04and then no more".to_vec(), "CUT"),
        ];
        for (number, (format, content, reason)) in cases.into_iter().enumerate() {
            // An account keeps a few files only.
            let (_, client) = program(&server, &branch, &format!("roster-{number}"), &ROSTER).await;
            let job = run(&client, content, format, "bad").await;
            assert_eq!(
                (&job["state"], &job["failure"]),
                (&json!("FAILED"), &json!("FILE_REFUSED")),
                "{job:#}"
            );
            assert_eq!(reasons(&job), [reason], "{job:#}");
        }
        assert_eq!(names(&reader, &branch).await, before);
    }
);

both_databases!(
    gbk_and_utf_16_are_read_and_a_wrong_identity_number_is_never_told,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let (_, client) = program(&server, &branch, "roster", &ROSTER).await;
        let number = "000000198002290017";
        let row = format!("hr,9,,{branch},甘九,PROBATIONARY,2026-03-02,,{number},,,,,");
        let text = members([new("1", &branch, "甘一").as_str(), &row]);
        let wide: Vec<u8> = std::iter::once(0xfeff)
            .chain(text.encode_utf16())
            .flat_map(u16::to_be_bytes)
            .collect();
        let job = run(&client, wide, "CSV", "wide").await;
        assert_eq!(
            told(&job),
            [is(2, "CREATED", ""), is(3, "REJECTED", "IDENTITY_NUMBER_WRONG")],
            "{job:#}"
        );
        assert!(!job.to_string().contains(&number[10..]), "{job:#}");
        let message = job["report"]["nodes"][1]["userErrors"][0]["message"]
            .as_str()
            .expect("a message");
        assert!(message.contains("尾号 17"), "{message}");
        // 甘二 as GBK has it.
        let head = members([]).into_bytes();
        let row = [
            b"hr,2,,".as_slice(),
            branch.as_bytes(),
            b",\xb8\xca\xb6\xfe,PROBATIONARY,2026-03-02,,,,,,,\n",
        ]
        .concat();
        let job = run(&client, [head, row].concat(), "CSV", "gbk").await;
        assert_eq!(told(&job), [is(2, "CREATED", "")], "{job:#}");
        assert!(names(&client, &branch).await.contains(&"甘二".to_owned()));
    }
);

both_databases!(
    a_file_that_ends_in_the_middle_is_told_at_its_row,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let (_, client) = program(&server, &branch, "roster", &ROSTER).await;
        let text = members([new("1", &branch, "甘一").as_str(), new("2", &branch, "甘二").as_str()]);
        let job = run(&client, text.as_bytes()[..text.len() - 20].to_vec(), "CSV", "cut").await;
        let told = format!("{job}");
        assert!(told.contains("CUT"), "{job:#}");
        assert!(!names(&client, &branch).await.contains(&"甘二".to_owned()));
    }
);

both_databases!(
    of_a_file_without_a_header_no_number_is_told,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let branch = server.account("branch-secretary", "organizationId");
        let (_, client) = program(&server, &branch, "roster", &ROSTER).await;
        let row = "hr,甘一,000000198002290010,13900000000\n";
        let line = "{\"system\": \"hr\", \"externalId\": \"1\", \"000000198002290010\": \"甘一\"}\n";
        for (format, content) in [("CSV", row.repeat(2)), ("JSONL", line.to_owned())] {
            let job = run(&client, content.into_bytes(), format, format).await;
            let told = job.to_string();
            assert!(told.contains("UNKNOWN_COLUMN"), "{job:#}");
            assert!(!told.contains("19800229") && !told.contains("139000"), "{job:#}");
        }
    }
);
