//! The home screen of a member's phone: one query, a small constant number of SQL statements (spec 4).

use serde_json::json;
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

/// The most that a home may take, the look-up of who asks included.
const MOST: u64 = 8;

both_databases!(
    a_home_takes_eight_statements_whatever_is_on_it,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        server.quiet().await;
        let mut busy = 0;
        for user in [
            "member",
            "group-leader",
            "branch-secretary",
            "village-secretary",
            "moved-secretary",
            "county-secretary",
        ] {
            let client = server.client(user);
            let mut least = u64::MAX;
            // Fields that ask at the same moment share a batch, and chance may part them.
            for _ in 0..3 {
                let before = server.statements().await;
                let home = client.data(HOME, json!({"year": 2026})).await;
                least = least.min(server.statements().await - before);
                assert!(home["viewer"]["member"]["branch"]["name"].is_string(), "{home}");
                let upcoming = home["viewer"]["upcoming"]["nodes"].as_array().expect("a list").len();
                let waiting = home["viewer"]["inbox"]["nodes"].as_array().expect("a list").len();
                busy += usize::from(upcoming > 0 && waiting > 1);
            }
            assert!(least <= MOST, "{user}: {least} statements");
        }
        assert!(busy > 0, "somebody has something to do");
    }
);
