//! `orglife demo`: a whole city or none, its accounts, and what the command line says where something is missing.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{Client, Server, TestDatabase, both_databases, watchdog};

const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken userErrors { code } } }";
const SERVICE: &str = "mutation($input: SignInServiceInput!) { signInService(input: $input) { accessToken
    userErrors { code } } }";

/// A database for `demo`, with the files that go with it.
struct Demo {
    database: TestDatabase,
    folder: PathBuf,
}

impl Demo {
    fn on(database: &TestDatabase) -> Self {
        let folder = watchdog::new_directory("demo");
        let made = Server::program()
            .args(["keys", "new"])
            .output()
            .expect("`keys new` runs");
        std::fs::write(folder.join("keys"), made.stdout).expect("the key file can be written");
        Self {
            database: database.clone(),
            folder,
        }
    }

    fn command(&self, command: &str, more: &[&str]) -> Command {
        let mut program = Server::program();
        program.args([command, "--database-url", &self.database.url, "--keys-file"]);
        program.arg(self.folder.join("keys")).args(more);
        program
    }

    fn demo(&self, listen: &str) -> Command {
        let mut command = self.command("demo", &["--listen", listen, "--accounts-file"]);
        command.arg(self.accounts_file());
        command
    }

    fn accounts_file(&self) -> PathBuf {
        self.folder.join("accounts.json")
    }

    fn account(&self, username: &str) -> Value {
        let text = std::fs::read_to_string(self.accounts_file()).expect("the accounts are there");
        let accounts: Vec<Value> = serde_json::from_str(&text).expect("accounts are JSON");
        let mut accounts = accounts.into_iter();
        accounts
            .find(|account| account["username"] == username)
            .expect("an account")
    }
}

/// Standard error of a command that must fail.
fn refusal(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().expect("the program runs");
    let stderr = String::from_utf8_lossy(&stderr).into_owned();
    assert!(!status.success(), "{}{stderr}", String::from_utf8_lossy(&stdout));
    assert!(stdout.is_empty(), "{}", String::from_utf8_lossy(&stdout));
    stderr
}

both_databases!(
    killed_while_it_fills_it_begins_anew_and_is_whole,
    |database: TestDatabase| async move {
        let demo = Demo::on(&database);
        let mut first = demo.demo("127.0.0.1:0");
        let mut first = first.stdout(Stdio::piped()).spawn().expect("the program starts");
        watchdog::watch(first.id());
        // The city's rows are there, what is judged of them is not yet.
        let begun = Instant::now();
        while demo.database.number("SELECT COUNT(*) FROM organization").await == 0 {
            assert!(begun.elapsed() < Duration::from_secs(60), "nothing is filled in");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        first.kill().expect("our own child can be killed");
        first.wait().expect("and waited for");
        watchdog::unwatch(first.id());
        assert_eq!(
            demo.database
                .number("SELECT COUNT(*) FROM job WHERE id = 'DEMO_CITY' AND state = 'DONE'")
                .await,
            0
        );
        assert!(!demo.accounts_file().exists(), "no accounts of half a city");

        let server = Server::launch(demo.demo("127.0.0.1:0")).await;
        assert_eq!(
            demo.database
                .number("SELECT COUNT(*) FROM organization WHERE kind = 'BRANCH'")
                .await,
            90
        );
        assert!(demo.database.number("SELECT COUNT(*) FROM obligation").await > 1000);
        let secretary = demo.account("branch-secretary");
        let input = json!({"username": "branch-secretary", "password": secretary["password"]});
        let answer = Client::new(server.url()).data(SIGN_IN, json!({"input": input})).await;
        assert!(answer["signIn"]["accessToken"].is_string(), "{answer}");
        assert!(server.terminate(Duration::from_secs(25)).await.success());
        let doctor = demo.command("doctor", &[]).output().expect("the program runs");
        assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stdout));

        // A whole city is served as it is; without its accounts' file nothing is said of one.
        let events = demo.database.number("SELECT COUNT(*) FROM event").await;
        std::fs::rename(demo.accounts_file(), demo.folder.join("elsewhere")).expect("moved");
        let said = refusal(&mut demo.demo("127.0.0.1:0"));
        assert!(
            said.contains("accounts.json") && said.contains("account reset"),
            "{said}"
        );
        assert!(!demo.accounts_file().exists());
        assert_eq!(demo.database.number("SELECT COUNT(*) FROM event").await, events);
    }
);

both_databases!(
    a_city_that_is_somebodys_own_is_not_touched,
    |database: TestDatabase| async move {
        let demo = Demo::on(&database);
        let founded = [
            "--city",
            "中共试点市委员会",
            "--secretary",
            "安禾屿",
            "--username",
            "secretary",
        ];
        let made = demo.command("init", &founded).output().expect("the program runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        for mut command in [demo.demo("127.0.0.1:0"), demo.command("seed", &[])] {
            assert!(refusal(&mut command).contains("not empty"));
        }
        assert_eq!(demo.database.number("SELECT COUNT(*) FROM organization").await, 3);
        assert!(!demo.accounts_file().exists());
    }
);

both_databases!(
    a_taken_address_is_said_before_anything_is_filled,
    |database: TestDatabase| async move {
        let demo = Demo::on(&database);
        let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = taken.local_addr().expect("an address").to_string();
        let said = refusal(&mut demo.demo(&address));
        assert!(said.contains(&format!("cannot listen on {address}")), "{said}");
        assert_eq!(demo.database.number("SELECT COUNT(*) FROM organization").await, 0);
    }
);

both_databases!(
    the_service_account_has_a_secret_that_works,
    |database: TestDatabase| async move {
        let server = Server::city(&database).await;
        let credentials = json!({"clientId": server.account("county-service", "clientId"),
            "clientSecret": server.account("county-service", "clientSecret")});
        assert_eq!(server.account("county-service", "password"), "");
        let anyone = Client::new(server.url());
        let opened = anyone.data(SERVICE, json!({"input": credentials})).await["signInService"].clone();
        let program = anyone.with_token(opened["accessToken"].as_str().expect("a token"));
        let scopes = program.data("{ viewer { scopes } }", json!({})).await["viewer"]["scopes"].clone();
        assert!(
            scopes
                .as_array()
                .is_some_and(|scopes| scopes.contains(&json!("orgs:read"))),
            "{scopes}"
        );
    }
);

#[test]
fn where_there_is_no_database_nothing_is_made() {
    let folder = watchdog::new_directory("missing").join("data");
    for command in ["serve", "doctor", "rejudge"] {
        let said = refusal(Server::program().args([command, "--data"]).arg(&folder));
        assert!(
            said.contains("orglife init") && said.contains("orglife demo"),
            "{command}: {said}"
        );
        assert!(!folder.exists(), "{command}");
    }
}

#[tokio::test]
async fn what_the_embedded_database_makes_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = watchdog::new_directory("rights").join("data");
    let mut command = Server::program();
    command.args(["demo", "--listen", "127.0.0.1:0", "--data"]).arg(&folder);
    let server = Server::launch(command).await;
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().expect("a name").to_string_lossy().into_owned());
    }
    for name in ["orglife.db", "orglife.db-wal", "keys", "accounts.json"] {
        assert!(names.contains(&name.to_owned()), "{names:?}");
    }
    drop(server);
}

#[test]
fn the_command_line_says_things_once_and_what_one_needs() {
    let said = |arguments: &[&str]| {
        let output = Server::program().args(arguments).output().expect("the program runs");
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(said(&["rulebook", "check", "--help"]).contains("The rulebook, as TOML"));
    assert!(said(&["serve", "--help"]).contains("1 to 60"));
    for command in ["migrate", "doctor"] {
        assert!(
            !said(&[command, "--help"]).contains("--access-token-minutes"),
            "{command}"
        );
    }
    assert!(!said(&["migrate", "--help"]).contains("--time-zone"));

    let nowhere = "postgres://nobody@127.0.0.1:1/none";
    let output = Server::program().args(["migrate", "--database-url", nowhere]).output();
    let said = String::from_utf8_lossy(&output.expect("the program runs").stderr).into_owned();
    assert_eq!(said.matches("pool timed out").count(), 1, "{said}");

    // A reader that has seen enough.
    let mut policy = Server::program();
    policy.arg("policy").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = policy.spawn().expect("the program runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

/// What the city shows: what, how to count it, and how many there are at least.
const PROMISED: &[(&str, &str, i64)] = &[
    ("members", "SELECT COUNT(*) FROM member", 1500),
    (
        "groups",
        "SELECT COUNT(*) FROM organization WHERE kind = 'PARTY_GROUP'",
        55,
    ),
    (
        "counties",
        "SELECT COUNT(*) FROM organization WHERE kind = 'COUNTY_COMMITTEE'",
        2,
    ),
    (
        "organs of the city and the counties",
        "SELECT COUNT(*) FROM organ o JOIN organization c ON c.id = o.organization_id
         WHERE c.kind IN ('CITY_COMMITTEE', 'COUNTY_COMMITTEE')",
        6,
    ),
    (
        "departments of the city",
        "SELECT COUNT(*) FROM organization d JOIN organization c ON c.id = d.parent_id WHERE c.kind = 'CITY_COMMITTEE'
         AND d.kind IN ('DEPARTMENT_COMMITTEE', 'LEADING_PARTY_MEMBERS_GROUP')",
        3,
    ),
    (
        "organ committees that a leading group guides",
        "SELECT COUNT(*) FROM organization o JOIN organization g ON g.id = o.guided_by
         WHERE g.kind = 'LEADING_PARTY_MEMBERS_GROUP'",
        1,
    ),
    (
        "units directly affiliated",
        "SELECT COUNT(*) FROM organization WHERE kind = 'DIRECTLY_AFFILIATED_UNIT_COMMITTEE'",
        1,
    ),
    (
        "towns",
        "SELECT COUNT(*) FROM organization WHERE kind = 'TOWN_COMMITTEE'",
        2,
    ),
    (
        "subdistricts",
        "SELECT COUNT(*) FROM organization WHERE kind = 'SUBDISTRICT_WORKING_COMMITTEE'",
        2,
    ),
    (
        "general branches",
        "SELECT COUNT(*) FROM organization WHERE kind = 'GENERAL_BRANCH'",
        2,
    ),
    (
        "fields: villages, enterprises, schools, hospitals",
        "SELECT COUNT(DISTINCT sector) FROM organization
         WHERE sector IN ('VILLAGE', 'NEW_ECONOMIC', 'STATE_ENTERPRISE', 'SCHOOL', 'HOSPITAL')",
        5,
    ),
    (
        "months in which something was held",
        "SELECT COUNT(DISTINCT substr(CAST(local_date AS TEXT), 1, 7)) FROM activity WHERE status IN ('HELD', 'FILED')",
        14,
    ),
    (
        "months of closed periods",
        "SELECT COUNT(DISTINCT period) FROM obligation WHERE closed AND period_kind = 'MONTH'",
        12,
    ),
    (
        "obligations met in closed periods",
        "SELECT COUNT(*) FROM obligation WHERE closed AND status = 'MET'",
        1000,
    ),
    (
        "obligations missed",
        "SELECT COUNT(*) FROM obligation WHERE status = 'MISSED'",
        100,
    ),
    (
        "obligations held late",
        "SELECT COUNT(*) FROM obligation WHERE status = 'HELD_LATE'",
        5,
    ),
    (
        "obligations excused",
        "SELECT COUNT(*) FROM obligation WHERE status = 'EXCUSED'",
        3,
    ),
    (
        "committees with organizational life on their agenda",
        "SELECT COUNT(DISTINCT activity.host_id) FROM activity JOIN agenda_item ON agenda_item.activity_id = activity.id
         WHERE activity.kind = 'COMMITTEE_MEETING' AND agenda_item.kind = 'ORGANIZATIONAL_LIFE'",
        20,
    ),
    (
        "deviations that wait",
        "SELECT COUNT(*) FROM deviation WHERE state = 'OPEN'",
        1,
    ),
    (
        "deviations refused",
        "SELECT COUNT(*) FROM deviation WHERE state = 'REJECTED'",
        1,
    ),
    (
        "levels that alerts have reached",
        "SELECT COUNT(DISTINCT level) FROM alert_level",
        3,
    ),
    (
        "levels of alerts acknowledged",
        "SELECT COUNT(*) FROM alert_level WHERE state = 'ACKNOWLEDGED'",
        1,
    ),
    (
        "alerts urged",
        "SELECT COUNT(*) FROM alert_level WHERE state = 'URGED'",
        1,
    ),
    (
        "days on which alerts were raised",
        "SELECT COUNT(DISTINCT raised_at) FROM alert",
        2,
    ),
    (
        "resolutions of committees announced",
        "SELECT COUNT(*) FROM resolution WHERE announced_at IS NOT NULL",
        5,
    ),
    (
        "runs of one absence",
        "SELECT COUNT(*) FROM measure WHERE kind = 'REMINDER'",
        10,
    ),
    (
        "runs of two",
        "SELECT COUNT(*) FROM measure WHERE kind = 'ADMONITION'",
        5,
    ),
    (
        "runs of three",
        "SELECT COUNT(*) FROM measure WHERE kind = 'CRITICISM_AND_EDUCATION'",
        3,
    ),
    (
        "leave granted",
        "SELECT COUNT(*) FROM leave_request WHERE state = 'ACCEPTED'",
        100,
    ),
    (
        "floating members online",
        "SELECT COUNT(*) FROM attendance a JOIN member m ON m.id = a.member_id \
      WHERE m.status = 'FLOATING' AND a.mode = 'ONLINE'",
        50,
    ),
    (
        "joint lectures",
        "SELECT COUNT(*) FROM activity a WHERE a.kind = 'PARTY_LECTURE' AND \
      (SELECT COUNT(*) FROM activity_organization x WHERE x.activity_id = a.id) > 1",
        1,
    ),
    (
        "moved branches",
        "SELECT COUNT(*) FROM organization_fact f JOIN organization_fact p ON p.organization_id = f.organization_id \
      AND p.until_on = f.from_on AND p.parent_id <> f.parent_id",
        1,
    ),
    (
        "posts that ended",
        "SELECT COUNT(*) FROM appointment WHERE until IS NOT NULL AND NOT acting",
        5,
    ),
    (
        "acting secretaries with an end",
        "SELECT COUNT(*) FROM appointment WHERE acting AND until IS NOT NULL",
        1,
    ),
];

const VACANT: &str = "SELECT COUNT(*) FROM organization o WHERE o.kind = 'BRANCH' AND NOT EXISTS (SELECT 1 FROM appointment a \
    WHERE a.organization_id = o.id AND a.post = 'SECRETARY' AND (a.until IS NULL OR a.acting))";

/// Everybody who holds something in the table of rights, at each level where they stand.
const HOLDERS: &[&str] = &[
    "applicant",
    "activist",
    "member",
    "floating-member",
    "group-leader",
    "branch-secretary",
    "branch-deputy",
    "branch-committee",
    "acting-secretary",
    "branch-clerk",
    "general-branch-secretary",
    "enterprise-secretary",
    "town-secretary",
    "town-clerk",
    "county-secretary",
    "county-organization",
    "county-discipline",
    "other-county",
    "department-secretary",
    "leading-group-secretary",
    "city-secretary",
    "city-organization",
    "city-discipline",
    "county-service",
    "administrator",
];

both_databases!(
    the_demo_city_shows_all_it_promises_and_everybody_signs_in,
    |database: TestDatabase| async move {
        let demo = Demo::on(&database);
        let server = Server::launch(demo.demo("127.0.0.1:0")).await;
        for (what, sql, least) in PROMISED {
            let found = demo.database.number(sql).await;
            assert!(found >= *least, "{what}: {found}, not {least}");
        }
        assert_eq!(demo.database.number(VACANT).await, 1, "one post stands vacant");
        let text = std::fs::read_to_string(demo.accounts_file()).expect("the accounts are there");
        let accounts: Vec<Value> = serde_json::from_str(&text).expect("accounts are JSON");
        for account in &accounts {
            for field in ["role", "org", "username", "password", "accessToken"] {
                // A program has a secret instead of a password.
                let may_be_empty = field == "password" && account["clientSecret"].is_string();
                let told = account[field]
                    .as_str()
                    .is_some_and(|text| !text.is_empty() || may_be_empty);
                assert!(told, "no {field} of {account}");
            }
        }
        let anyone = Client::new(server.url());
        for name in HOLDERS {
            let token = demo.account(name)["accessToken"].clone();
            let client = anyone.with_token(token.as_str().unwrap_or_else(|| panic!("{name} has no token")));
            let viewer = client.data("{ viewer { id } }", json!({})).await;
            assert!(viewer["viewer"]["id"].is_string(), "{name}: {viewer}");
        }
    }
);
