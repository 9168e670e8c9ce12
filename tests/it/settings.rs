//! What an operator says of a node at its start, what the commands say of themselves, and how much a client may send.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{Client, Deployment, Server, TestDatabase, Ws, WsMessage, both_databases, today};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// A guess at a one-time token: cheap to answer, dear to ask.
const GUESS: &str = "mutation { setPassword(input: {token: \"none of ours\", newPassword: \"ten characters\"}) {
    userErrors { code } } }";
const RECORD: &str = "mutation($input: RecordActivityInput!) { recordActivity(input: $input) {
    activity { id } userErrors { code path } replayed } }";
const READ: &str = "query($id: ID!) { activity(id: $id) { minutes { text } } }";

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// A node of a deployment with these arguments and variables.
async fn node(deployment: &Deployment, more: &[&str], variables: &[(&str, &str)]) -> Server {
    let mut command = deployment.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.args(more).envs(variables.iter().copied());
    Server::launch(command).await
}

/// The status of a preflight, and the origin whose pages may call.
async fn preflight(server: &Server, origin: &str) -> (u16, Option<String>) {
    let asked = reqwest::Client::new()
        .request(reqwest::Method::OPTIONS, format!("{}/graphql", server.url()))
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type");
    let answer = asked.send().await.expect("the server answers");
    let allowed = answer.headers().get("access-control-allow-origin");
    let allowed = allowed.and_then(|value| value.to_str().ok()).map(str::to_owned);
    (answer.status().as_u16(), allowed)
}

both_databases!(
    pages_of_the_listed_origins_may_call_and_no_others,
    |database: TestDatabase| async move {
        let deployment = Deployment::on(&database.url);
        deployment.begin();
        let (office, phone) = ("https://office.example", "capacitor://localhost");
        let listed = format!("{office},{phone}");
        let by_arguments: &[&str] = &["--origin", office, "--origin", phone];
        let by_variable = [("ORGLIFE_ORIGINS", listed.as_str())];
        for by_hand in [true, false] {
            let server = match by_hand {
                true => node(&deployment, by_arguments, &[]).await,
                false => node(&deployment, &[], &by_variable).await,
            };
            for origin in [office, phone] {
                assert_eq!(preflight(&server, origin).await, (204, Some(origin.to_owned())));
            }
            assert_eq!(preflight(&server, "https://other.example").await, (405, None));
        }
    }
);

/// What a guess leaves in the budget of an address, which a proxy would write like this.
async fn left(server: &Server, address: &str) -> u64 {
    let client = Client::new(server.url()).with_header("x-forwarded-for", address);
    let reply = client.post(&json!({"query": GUESS})).await;
    match reply.status.as_u16() {
        429 => 0,
        _ => reply.body["extensions"]["cost"]["remaining"]
            .as_u64()
            .unwrap_or_else(|| panic!("no budget: {}", reply.text)),
    }
}

both_databases!(
    an_address_is_believed_only_from_as_many_proxies_as_there_are,
    |database: TestDatabase| async move {
        let deployment = Deployment::on(&database.url);
        deployment.begin();
        let cases: [(&[&str], bool); 2] = [(&["--proxies", "1"], true), (&[], false)];
        for (more, apart) in cases {
            let server = node(&deployment, more, &[]).await;
            let guesses = join_all((0..25).map(|_| left(&server, "203.0.113.7"))).await;
            assert!(guesses.iter().any(|left| *left < 9_000), "{guesses:?}");
            let of_another = left(&server, "203.0.113.8").await;
            assert_eq!(of_another > 9_700, apart, "{more:?}: {of_another}");
        }
    }
);

/// JSON in ASCII alone, as many clients write it: six bytes for each Chinese character.
fn escaped(value: &Value) -> String {
    let mut units = [0_u16; 2];
    let mut text = String::new();
    for letter in value.to_string().chars() {
        if letter.is_ascii() {
            text.push(letter);
        } else {
            for unit in letter.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    text
}

async fn post(server: &Server, token: Option<&str>, body: String) -> (u16, Value) {
    let request = reqwest::Client::new()
        .post(format!("{}/graphql", server.url()))
        .header("content-type", "application/json")
        .header("accept", "application/graphql-response+json")
        .body(body);
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    let answer = request.send().await.expect("the server answers");
    let status = answer.status().as_u16();
    (status, answer.json().await.expect("JSON"))
}

/// The status of a request that says how long its body will be, and sends none of it.
async fn announced(server: &Server, token: Option<&str>, bytes: usize) -> String {
    let address = server.url().trim_start_matches("http://");
    let bearer = token.map_or(String::new(), |token| format!("Authorization: Bearer {token}\r\n"));
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Accept: application/graphql-response+json\r\n{bearer}Content-Length: {bytes}\r\n\r\n"
    );
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    stream.write_all(head.as_bytes()).await.expect("the server reads");
    let mut line = String::new();
    let mut answer = BufReader::new(stream);
    answer.read_line(&mut line).await.expect("the server answers");
    line.split(' ').nth(1).unwrap_or_default().to_owned()
}

/// A small query in a body of so many bytes.
fn padded(bytes: usize) -> String {
    let query = json!({"query": "{ __typename }"}).to_string();
    let rest = bytes - query.len();
    query + &" ".repeat(rest)
}

both_databases!(
    the_longest_minutes_are_filed_however_they_are_written,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let client = server.client("branch-secretary");
        let token = server.account("branch-secretary", "accessToken");
        let branch = server.account("branch-secretary", "organizationId");
        let starts_at = format!("{}T03:41:00Z", today() - chrono::TimeDelta::days(2));
        let input = |characters: usize| {
            json!({"organizationId": branch, "kind": "BRANCH_COMMITTEE_MEETING", "startsAt": starts_at,
                "minutes": "记".repeat(characters), "idempotencyKey": "long"})
        };
        let body = |characters: usize| json!({"query": RECORD, "variables": {"input": input(characters)}});

        let (status, refused) = post(&server, Some(&token), escaped(&body(100_001))).await;
        assert_eq!(
            (status, &refused["data"]["recordActivity"]["userErrors"]),
            (200, &json!([{"code": "TOO_LONG", "path": ["input", "minutes"]}]))
        );
        let longest = escaped(&body(100_000));
        assert!(longest.len() > 600_000);
        let (status, made) = post(&server, Some(&token), longest).await;
        let made = &made["data"]["recordActivity"];
        assert_eq!((status, &made["userErrors"]), (200, &json!([])), "{made}");
        let id = &made["activity"]["id"];
        let read = client.data(READ, json!({"id": id})).await;
        let text = read["activity"]["minutes"]["text"].as_str().expect("minutes");
        assert!(text.chars().count() == 100_000 && text.chars().all(|letter| letter == '记'));

        // A socket takes the same, and knows what it was asked before.
        let mut ws = Ws::of_token(server.url(), &token).await;
        let again = json!({"type": "subscribe", "id": "m", "payload": body(100_000)});
        ws.send_text(escaped(&again)).await;
        let payload = ws.next_of("m").await;
        let again = &payload["data"]["recordActivity"];
        assert_eq!(
            (&again["activity"]["id"], &again["replayed"]),
            (id, &json!(true)),
            "{payload}"
        );
    }
);

async fn closed(ws: &mut Ws) -> u16 {
    loop {
        if let WsMessage::Closed { code, .. } = ws.next().await {
            return code;
        }
    }
}

both_databases!(
    what_is_too_long_depends_on_who_sends_it,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let token = server.account("member", "accessToken");
        assert_eq!(post(server, Some(&token), padded(MIB)).await.0, 200);
        assert_eq!(announced(server, Some(&token), MIB + 1).await, "413");
        assert_eq!(post(server, None, padded(64 * KIB)).await.0, 200);
        assert_eq!(announced(server, None, 64 * KIB + 1).await, "413");
        assert_eq!(announced(server, Some("forged"), 64 * KIB + 1).await, "401");

        let ping = |bytes: usize| json!({"type": "ping", "payload": {"x": "x".repeat(bytes)}}).to_string();
        let mut ws = Ws::of_token(server.url(), &token).await;
        ws.send_text(ping(MIB - KIB)).await;
        ws.send_text(ping(MIB)).await;
        assert_eq!(closed(&mut ws).await, 4400);
        let mut nobody = Ws::open(server.url()).await;
        nobody.send_text(ping(64 * KIB)).await;
        assert_eq!(closed(&mut nobody).await, 4400);
    }
);

/// What a command says of itself.
fn help(command: &[&str]) -> String {
    let output = Server::program().args(command).arg("--help").output();
    String::from_utf8(output.expect("the program runs").stdout).expect("text")
}

#[test]
fn commands_show_what_means_something_to_them() {
    let quiet: [&[&str]; 13] = [
        &["init"],
        &["seed"],
        &["rejudge"],
        &["doctor"],
        &["migrate"],
        &["account", "create"],
        &["account", "service"],
        &["account", "reset"],
        &["account", "list"],
        &["keys", "rotate"],
        &["keys", "reseal"],
        &["rulebook", "load"],
        &["log", "new-epoch"],
    ];
    for command in quiet {
        let said = help(command);
        assert!(said.contains("Usage: orglife"), "{command:?}: {said}");
        assert!(
            [
                "--log-days",
                "--access-token-minutes",
                "--stream-backlog",
                "--export-hours",
                "--import-",
                "--webhook"
            ]
            .iter()
            .all(|option| !said.contains(option)),
            "{command:?}: {said}"
        );
    }
    for (command, minutes) in [("serve", "[default: 10]"), ("demo", "[default: 60]")] {
        let said = help(&[command]);
        for option in [
            "--log-days",
            "--access-token-minutes",
            minutes,
            "--origin <ORIGIN>",
            "--proxies",
            "--stream-backlog",
            "--send-seconds",
            "--webhook-network <NETWORK>",
            "--webhooks-at-once",
        ] {
            assert!(said.contains(option), "{command}: no {option} in {said}");
        }
    }
    assert!(help(&["init"]).contains("--founded-on <YYYY-MM-DD>"));
    assert!(help(&["account", "create"]).contains("User name of the new account"));
}

#[test]
fn an_origin_that_no_browser_sends_is_refused_at_the_start() {
    for wrong in [
        "office.example",
        "https://office.example/",
        "https://office.example:443",
        "*",
    ] {
        let output = Server::program().args(["serve", "--origin", wrong]).output();
        let output = output.expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{wrong}: {said}");
        assert!(said.contains("small letters"), "{wrong}: {said}");
    }
}

#[test]
fn the_policy_explains_its_words() {
    let policy = Server::program().arg("policy").output().expect("the program runs");
    let said = String::from_utf8(policy.stdout).expect("text");
    let explained = said.lines().find(|line| line.starts_with("STANDS_IN_FOR_NEXT "));
    assert!(explained.is_some_and(|line| line.contains("no deputy")), "{said}");
}

both_databases!(a_log_in_a_file_has_no_colours, |database: TestDatabase| async move {
    let deployment = Deployment::on(&database.url);
    deployment.begin();
    let file = deployment.directory().join("log");
    let mut command = deployment.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.stderr(std::fs::File::create(&file).expect("a file"));
    let server = Server::launch(command).await;
    server.quiet().await;
    assert!(server.terminate(Duration::from_secs(25)).await.success());
    let log = std::fs::read_to_string(&file).expect("text");
    assert!(log.contains("tick done") && !log.contains('\u{1b}'), "{log}");
});
