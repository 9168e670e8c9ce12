//! The home screen of a member's phone: one query, a small constant number of SQL statements (spec 4).

use serde_json::{Value, json};
use tests::{Server, both_databases};

const HOME: &str = "query Home($year: Int!) {
  log { cursor }
  viewer { id
    member { id name standing status
      branch { id name secretary { id name phone { masked value } } }
      group { id name }
      participation(year: $year) { expected present online madeUpByStudy onLeave unexcused unexplained exempt consecutiveAbsences }
      measures(first: 3) { nodes { id kind state } } }
    upcoming(first: 5) { nodes {
      id version kind kindLabel title status startsAt endsAt place mode onlineAddress noticedAt
      organizations { id name } agenda { id kind title } myAttendance { state mode }
      viewerCan(actions: [CHECK_IN, ASK_LEAVE]) { action allowed reasons { code message } } } }
    inbox(first: 20) { nodes { id kind raisedAt dueOn title subject { __typename id }
        basis { rulebook entry clause heading text } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount(mode: CAPPED) { value relation } }
  } }";

/// What a home takes, the look-up of who asks included: the same for everybody.
const STATEMENTS: u64 = 8;

fn nodes<'a>(home: &'a Value, list: &str) -> &'a Vec<Value> {
    home["viewer"][list]["nodes"].as_array().expect("a list")
}

/// Every person who signs in to the demo.
fn people(server: &Server) -> Vec<String> {
    let accounts = server.accounts();
    let names = accounts
        .as_array()
        .expect("accounts")
        .iter()
        .map(|account| account["username"].as_str());
    let names = names.map(|name| name.expect("a name").to_owned());
    let nobody = ["activist", "applicant", "administrator", "county-service"];
    names.filter(|name| !nobody.contains(&name.as_str())).collect()
}

both_databases!(
    a_home_takes_eight_statements_and_every_reader_of_the_demo_finds_something_there,
    |database: tests::TestDatabase| async move {
        // A day on which measures wait: what the demo's last months bring differs from day to day.
        let server = Server::demo_at(&database, "2026-11-29T02:00:00Z").await;
        server.quiet().await;
        let within_two_weeks = "2026-12-13";
        let ask = async |user: &str| server.client(user).data(HOME, json!({"year": 2026})).await;
        // The rulebooks are read once and kept.
        ask("member").await;
        for user in people(&server) {
            let before = server.statements().await;
            let home = ask(&user).await;
            assert_eq!(server.statements().await - before, STATEMENTS, "{user}");
            assert!(home["viewer"]["member"]["branch"]["name"].is_string(), "{home}");
            let coming = nodes(&home, "upcoming")
                .iter()
                .filter_map(|one| one["startsAt"].as_str());
            assert!(coming.clone().any(|at| at < within_two_weeks), "{user}: {home}");
            let told = nodes(&home, "inbox")
                .iter()
                .any(|line| line["kind"] == "ACTIVITY_NOTICE");
            assert!(told, "{user}: {home}");
        }
        let waits = async |user: &str, kind: &str| {
            let home = ask(user).await;
            let waits = nodes(&home, "inbox").iter().any(|line| line["kind"] == kind);
            assert!(waits, "{kind} does not wait for {user}: {home}");
        };
        waits("group-leader", "MEASURE_TO_DECIDE").await;
        waits("group-leader", "LEAVE_TO_DECIDE").await;
        waits("branch-secretary", "MEASURE_TO_DECIDE").await;
        waits("branch-secretary", "LEAVE_TO_DECIDE").await;
        waits("branch-secretary", "TRANSFER_TO_DECIDE").await;
        waits("town-secretary", "ADMISSION_TO_DECIDE").await;
        waits("county-secretary", "OBLIGATION_OVERDUE").await;
        let invited = server
            .client("activist")
            .data("{ viewer { upcoming(first: 5) { nodes { kind } } } }", json!({}))
            .await;
        assert_eq!(nodes(&invited, "upcoming")[0]["kind"], "PARTY_LECTURE", "{invited}");
    }
);
