//! SECURITY.md, promise 9: nothing personal in logs, however much of them is asked for.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tests::{Client, Deployment, EventStream, Server, TestDatabase, Ws, both_databases};

use crate::roster::{enter, number};

/// What stands in no line of a log: texts that this test alone sends.
const CANARIES: [&str; 10] = [
    "金丝雀名",
    "云泽市金丝雀路九号",
    "金丝雀会议记录",
    "金丝雀请假缘由",
    "金丝雀支委记录",
    "canary-password",
    "canary-user",
    "canary-header",
    "canary-literal",
    "0573-99887766",
];

/// Everything that stays in the log of a server and beside its database.
struct Logged {
    server: Server,
    deployment: Deployment,
    /// Words and numbers of the city that must not be among it.
    secret: BTreeSet<String>,
}

impl Logged {
    /// A demo that tells as much as it can.
    async fn open(database: &TestDatabase) -> Self {
        let deployment = Deployment::on(&database.url);
        let accounts = deployment.directory().join("accounts.json");
        let log = std::fs::File::create(deployment.directory().join("stderr.log")).expect("a log");
        let mut demo = deployment.command(&["demo", "--listen", "127.0.0.1:0", "--access-token-minutes", "60"]);
        demo.arg("--accounts-file")
            .arg(&accounts)
            .env("ORGLIFE_LOG", "trace")
            .stderr(Stdio::from(log));
        let server = Server::launch_demo(demo, accounts).await;
        let mut secret: BTreeSet<String> = CANARIES.iter().map(ToString::to_string).collect();
        for account in server.accounts().as_array().expect("a list") {
            for field in ["password", "accessToken", "clientSecret"] {
                let told = account[field].as_str().filter(|told| !told.is_empty());
                secret.extend(told.map(ToOwned::to_owned));
            }
        }
        let keys = std::fs::read_to_string(deployment.keys()).expect("keys");
        secret.extend(
            keys.lines()
                .filter_map(|line| line.split_once(':'))
                .map(|(_, key)| key.to_owned()),
        );
        Self {
            server,
            deployment,
            secret,
        }
    }

    fn branch(&self, user: &str) -> String {
        self.server.account(user, "organizationId")
    }

    fn hide(&mut self, value: &Value) {
        let text = value.as_str().unwrap_or_else(|| panic!("no text: {value}"));
        assert!(text.chars().count() > 1, "too short to be looked for: {text}");
        self.secret.insert(text.to_owned());
    }

    /// Everything written: standard output and error, and whatever lies in the data folder as text, but for the files that
    /// are made to hold secrets.
    fn text(&self) -> String {
        let mut text = self.server.output();
        let made_for_secrets = |path: &Path| ["keys", "accounts.json"].iter().any(|name| path.ends_with(name));
        for entry in std::fs::read_dir(self.deployment.directory()).expect("the folder") {
            let path = entry.expect("an entry").path();
            if path.is_file() && !made_for_secrets(&path) {
                text.push('\n');
                let bytes = std::fs::read(&path).expect("a file of ours");
                text.push_str(&String::from_utf8_lossy(&bytes));
            }
        }
        text
    }
}

const OWN: &str =
    "{ viewer { member { id name identityNumber { value } phone { value } birthDate { value } address { value } } } }";
const SIGN_IN: &str =
    "mutation($input: SignInInput!) { signIn(input: $input) { accessToken refreshToken userErrors { code } } }";
const REFRESH: &str =
    "mutation($input: RefreshInput!) { refresh(input: $input) { accessToken refreshToken userErrors { code } } }";

/// What people read, search and enter of themselves and others.
async fn of_people(logged: &mut Logged) {
    let (branch, secretary) = (
        logged.branch("branch-secretary"),
        logged.server.client("branch-secretary"),
    );
    for user in ["member", "group-leader", "branch-secretary"] {
        let own = logged.server.client(user).data(OWN, json!({})).await["viewer"]["member"].take();
        logged.hide(&own["name"]);
        for field in ["identityNumber", "phone", "birthDate", "address"] {
            if own[field]["value"].is_string() {
                logged.hide(&own[field]["value"]);
            }
        }
        // Found by what is sealed, in variables and in the text of the document.
        let find = "query($o: ID!, $i: String, $p: String) { members(within: {subtreeOf: $o}, first: 5, identityNumber: $i, phone: $p) { nodes { id name } } }";
        let sought = json!({"o": branch, "i": own["identityNumber"]["value"], "p": own["phone"]["value"]});
        secretary.data(find, sought).await;
        let literal = format!(
            "{{ members(within: {{subtreeOf: \"{branch}\"}}, first: 5, identityNumber: {}) {{ nodes {{ id }} }} }}",
            own["identityNumber"]["value"]
        );
        secretary.data(&literal, json!({})).await;
    }
    let shown = crate::sealed::reveal(
        &secretary,
        &logged.server.client("member").data(OWN, json!({})).await["viewer"]["member"]["id"],
        "IDENTITY_NUMBER",
        "log-1",
    )
    .await;
    assert_eq!(shown["userErrors"], json!([]), "{shown}");
    let new = number("19800229", 777);
    logged.hide(&json!(new));
    let made = enter(&secretary, &branch, &new, "log-2").await;
    assert_eq!(made["userErrors"], json!([]), "{made}");
    // A second time it is refused, and leaves its trace elsewhere.
    let again = enter(&secretary, &branch, &new, "log-3").await;
    assert_eq!(again["userErrors"][0]["code"], "IDENTITY_NOT_ACCEPTED", "{again}");
    let rows = json!([{"member": {"external": {"system": "hr", "value": "77"}}, "branch": {"id": branch}, "name": CANARIES[0],
        "standing": "FULL", "joinedOn": "2010-07-01", "becameFullOn": "2011-07-01", "phone": CANARIES[9], "address": CANARIES[1],
        "identityNumber": number("19800229", 778)}]);
    logged.hide(&rows[0]["identityNumber"]);
    let upsert = "mutation($input: UpsertMembersInput!) { upsertMembers(input: $input) { results { outcome userErrors { code path } } userErrors { code } } }";
    let input = json!({"rows": rows, "mode": "UPSERT", "errorPolicy": "ALL_OR_NOTHING", "idempotencyKey": "log-4"});
    secretary.data(upsert, json!({"input": input})).await;
    let ask = "mutation($input: AskIdentityChangeInput!) { askIdentityChange(input: $input) { identityChange { id } userErrors { code } } }";
    let input = json!({"field": "ADDRESS", "value": CANARIES[1], "idempotencyKey": "log-5"});
    let asked = logged.server.client("member").data(ask, json!({"input": input})).await;
    assert_eq!(asked["askIdentityChange"]["userErrors"], json!([]), "{asked}");
}

/// What is written down of meetings, and why somebody stays away.
async fn of_meetings(logged: &Logged) {
    let (branch, secretary) = (
        logged.branch("branch-secretary"),
        logged.server.client("branch-secretary"),
    );
    let record = "mutation($input: RecordActivityInput!) { recordActivity(input: $input) { activity { id minutes { text } } userErrors { code path } } }";
    for (kind, minutes, key) in [
        ("BRANCH_GENERAL_MEETING", CANARIES[2], "log-6"),
        ("BRANCH_COMMITTEE_MEETING", CANARIES[4], "log-7"),
    ] {
        let input = json!({"organizationId": branch, "kind": kind, "startsAt": "2026-03-03T13:07:00Z", "minutes": minutes, "idempotencyKey": key});
        let made = secretary.data(record, json!({"input": input})).await["recordActivity"].take();
        assert_eq!(made["activity"]["minutes"]["text"], minutes, "{made}");
    }
    let schedule = "mutation($input: ScheduleActivityInput!) { scheduleActivity(input: $input) { activity { id } userErrors { code } } }";
    let at = tests::now() + chrono::Duration::days(33);
    let input = json!({"organizationId": branch, "kind": "PARTY_LECTURE", "startsAt": at, "idempotencyKey": "log-8"});
    let made = secretary.data(schedule, json!({"input": input})).await["scheduleActivity"].take();
    let ask = "mutation($input: AskLeaveInput!) { askLeave(input: $input) { leave { id } userErrors { code } } }";
    let input = json!({"activityId": made["activity"]["id"], "category": "CARE", "reason": CANARIES[3], "idempotencyKey": "log-9"});
    let asked = logged.server.client("member").data(ask, json!({"input": input})).await;
    assert_eq!(asked["askLeave"]["userErrors"], json!([]), "{asked}");
}

/// Signing in, rightly and wrongly; tokens in headers, sockets and streams; one-time secrets.
async fn of_sessions(logged: &mut Logged) {
    let anyone = Client::new(logged.server.url());
    let wrong = json!({"input": {"username": CANARIES[6], "password": CANARIES[5]}});
    assert_eq!(
        anyone.data(SIGN_IN, wrong).await["signIn"]["userErrors"][0]["code"],
        "CREDENTIALS_INVALID"
    );
    let literal = format!(
        "mutation {{ signIn(input: {{username: \"{}\", password: \"{}\"}}) {{ userErrors {{ code }} }} }}",
        CANARIES[6], CANARIES[5]
    );
    anyone.data(&literal, json!({})).await;
    let right = json!({"input": {"username": "member", "password": logged.server.account("member", "password")}});
    let session = anyone.data(SIGN_IN, right).await["signIn"].take();
    let renewed = anyone
        .data(REFRESH, json!({"input": {"refreshToken": session["refreshToken"]}}))
        .await["refresh"]
        .take();
    // Used a second time: a theft, which ends the session.
    anyone
        .data(REFRESH, json!({"input": {"refreshToken": session["refreshToken"]}}))
        .await;
    for token in ["accessToken", "refreshToken"] {
        logged.hide(&session[token]);
        logged.hide(&renewed[token]);
    }
    anyone
        .with_token(CANARIES[7])
        .graphql("{ viewer { id } }", json!({}))
        .await;
    let service = json!({"input": {"clientId": logged.server.account("county-service", "clientId"), "clientSecret": logged.server.account("county-service", "clientSecret")}});
    let opened = anyone
        .data(
            "mutation($input: SignInServiceInput!) { signInService(input: $input) { accessToken } }",
            service,
        )
        .await;
    logged.hide(&opened["signInService"]["accessToken"]);
    let token = logged.server.account("branch-secretary", "accessToken");
    let mut ws = Ws::of_token(logged.server.url(), &token).await;
    ws.subscribe("1", "subscription { events { __typename } }", json!({}))
        .await;
    ws.next().await;
    let stream = EventStream::open(
        logged.server.url(),
        &token,
        "subscription { inbox { __typename } }",
        json!({}),
    )
    .await;
    stream.expect("a stream").next().await;
    let secretary = logged.server.client("branch-secretary");
    let account = logged
        .server
        .client("member")
        .data("{ viewer { account { id } } }", json!({}))
        .await;
    let link =
        "mutation($input: IssueResetLinkInput!) { issueResetLink(input: $input) { oneTimeToken userErrors { code } } }";
    let input = json!({"accountId": account["viewer"]["account"]["id"], "idempotencyKey": "log-10"});
    let issued = secretary.data(link, json!({"input": input})).await["issueResetLink"].take();
    logged.hide(&issued["oneTimeToken"]);
    // Once with a password that is too short, and once with one that will do.
    let set = "mutation($input: SetPasswordInput!) { setPassword(input: $input) { userErrors { code } } }";
    for password in ["canary-pw", "canary-password-2"] {
        logged.secret.insert(password.to_owned());
        let input = json!({"token": issued["oneTimeToken"], "newPassword": password});
        anyone.data(set, json!({"input": input})).await;
    }
    let register =
        "mutation($o: ID!) { openRegister(input: {organizationId: $o, year: 2026}) { path userErrors { code } } }";
    let opened = secretary
        .data(register, json!({"o": logged.branch("branch-secretary")}))
        .await["openRegister"]
        .take();
    let path = opened["path"].as_str().expect("a path").to_owned();
    Client::new(logged.server.url()).get(&path).await;
    let (_, link) = path.split_once("link=").unwrap_or_else(|| panic!("no link in {path}"));
    logged
        .secret
        .insert(link.split('&').next().unwrap_or_default().to_owned());
}

/// What is refused before it runs, and what fails when it runs: a table is away, so that the server has to tell a fault of ours.
async fn of_faults(logged: &Logged, database: &TestDatabase) {
    let (branch, secretary) = (
        logged.branch("branch-secretary"),
        logged.server.client("branch-secretary"),
    );
    let word = CANARIES[8];
    for document in [
        format!("{{ viewer {{ {} }} }}", word.replace('-', "_")),
        format!("{{ viewer(x: \"{word}\") {{ id }} }}"),
        format!("{{ node(id: \"{word}\" "),
        format!("{{ members(within: {{exactly: \"{word}\"}}, first: \"{word}\") {{ nodes {{ id }} }} }}"),
        format!("{{ organization(id: \"{word}\\u0007\") {{ id }} }}"),
    ] {
        let answer = secretary.graphql(&document, json!({})).await;
        assert!(answer["errors"][0]["extensions"]["code"].is_string(), "{answer}");
    }
    for (variables, code) in [
        (json!({"o": branch, "d": word}), "BAD_USER_INPUT"),
        (json!({"o": branch, "d": {"x": word}}), "BAD_USER_INPUT"),
    ] {
        let asked = "query($o: ID!, $d: Date!) { organization(id: $o) { activities(from: $d, to: $d, first: 1) { nodes { id } } } }";
        let answer = secretary.graphql(asked, variables).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{answer}");
    }
    let rows = database.connect().await;
    let rename = |from: &str, to: &str| format!("ALTER TABLE {from} RENAME TO {to}");
    rows.execute_unprepared(&rename("membership", "membership_away"))
        .await
        .expect("renamed");
    let failed = enter_canary(&secretary, &branch).await;
    rows.execute_unprepared(&rename("membership_away", "membership"))
        .await
        .expect("renamed back");
    rows.close().await.expect("closed");
    assert!(failed["errors"].is_array(), "{failed}");
}

async fn enter_canary(client: &Client, branch: &str) -> Value {
    let document =
        "mutation($input: EnterMemberInput!) { enterMember(input: $input) { member { id } userErrors { code } } }";
    let input = json!({"branchId": branch, "name": CANARIES[0], "standing": "FULL", "joinedOn": "2010-07-01", "becameFullOn": "2011-07-01",
        "phone": CANARIES[9], "address": CANARIES[1], "identityNumber": number("19800229", 779), "idempotencyKey": "log-11"});
    client.graphql(document, json!({"input": input})).await
}

both_databases!(
    nothing_personal_and_no_secret_stands_in_the_most_talkative_log,
    |database: TestDatabase| async move {
        let mut logged = Logged::open(&database).await;
        of_people(&mut logged).await;
        of_meetings(&logged).await;
        of_sessions(&mut logged).await;
        of_faults(&logged, &database).await;
        logged.secret.insert(number("19800229", 779));
        // What it has to say is written down by then.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let text = logged.text();
        for level in ["ERROR", "INFO"] {
            assert!(text.contains(level), "the log says nothing at {level}: {text}");
        }
        let spoken: Vec<&String> = logged.secret.iter().filter(|word| text.contains(*word)).collect();
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| spoken.iter().any(|word| line.contains(*word)))
            .collect();
        assert!(spoken.is_empty(), "{spoken:?} in {lines:#?}");
        assert!(logged.secret.len() > 60, "{}", logged.secret.len());
    }
);
