//! The roster is kept by its branch.

use serde_json::{Value, json};
use tests::{Client, Server, both_databases, today};

const ENTER: &str = "mutation($input: EnterMemberInput!) { enterMember(input: $input) { member { id version name standing status
    branch { id } identityNumber { masked value } birthDate { masked } phone { masked value } } userErrors { code path params } replayed } }";
const RECORD: &str =
    "mutation($input: RecordMemberInput!) { recordMember(input: $input) { member { id version name status
    hostBranch { id } phone { value } } userErrors { code path } replayed } }";
const GROUP: &str = "mutation($input: AssignGroupInput!) { assignGroup(input: $input) {
    member { id version group { id name } } userErrors { code path params } cursor replayed } }";
const LEAVE: &str = "mutation($input: RecordDepartureInput!) { recordDeparture(input: $input) {
    member { id status leftReason } userErrors { code path } } }";
const COUNT: &str = "query($o: ID!) { organization(id: $o) { parent { id } headcount { fullMembers probationaryMembers floatingOut
    floatingIn } } members(within: {exactly: $o}, first: 100) { nodes { standing status } totalCount(mode: EXACT) { value } } }";

pub fn identity(serial: u32) -> String {
    number("19800229", serial)
}

/// A number of a district that does not exist, with the right check digit.
pub fn number(birth: &str, serial: u32) -> String {
    let body = format!("000000{birth}{serial:03}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body
        .bytes()
        .zip(weights)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    format!("{body}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}

pub async fn enter(client: &Client, branch: &str, number: &str, key: &str) -> Value {
    let input = json!({"branchId": branch, "name": "试录入", "standing": "FULL", "joinedOn": "2010-07-01",
        "becameFullOn": "2011-07-01", "identityNumber": number, "phone": "0573-00000001", "idempotencyKey": key});
    client.data(ENTER, json!({"input": input})).await["enterMember"].clone()
}

/// The stored headcount, after it was compared with the rows themselves.
async fn counted(client: &Client, org: &str) -> Value {
    let data = client.data(COUNT, json!({"o": org})).await;
    let head = data["organization"]["headcount"].clone();
    let nodes = data["members"]["nodes"].as_array().expect("nodes").clone();
    let number = |field: &str, value: &str| json!(nodes.iter().filter(|node| node[field] == value).count());
    assert_eq!(head["fullMembers"], number("standing", "FULL"));
    assert_eq!(head["probationaryMembers"], number("standing", "PROBATIONARY"));
    assert_eq!(head["floatingOut"], number("status", "FLOATING"));
    head
}

both_databases!(
    a_member_is_entered_changed_and_leaves_and_the_figures_follow,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let org = server.account("moved-secretary", "organizationId");
        let client = server.client("moved-secretary");
        let before = counted(&client, &org).await;
        let number = identity(101);
        let made = enter(&client, &org, &number, "m1").await;
        assert_eq!(made["userErrors"], json!([]), "{made}");
        let member = &made["member"];
        assert_eq!(member["identityNumber"]["masked"], true);
        assert!(
            !made.to_string().contains(&number),
            "what is entered is masked from then on: {made}"
        );
        let again = enter(&client, &org, &number, "m1").await;
        assert_eq!(
            (&again["replayed"], &again["member"]["id"]),
            (&json!(true), &member["id"])
        );
        let after = counted(&client, &org).await;
        assert_eq!(
            after["fullMembers"].as_i64(),
            before["fullMembers"].as_i64().map(|n| n + 1)
        );
        let record = async |version: i64, more: Value, key: &str| {
            let mut input = json!({"memberId": member["id"], "expectedVersion": version, "idempotencyKey": key});
            for (name, value) in more.as_object().expect("an object") {
                input[name] = value.clone();
            }
            client.data(RECORD, json!({"input": input})).await["recordMember"].clone()
        };
        let host = server.account("branch-secretary", "organizationId");
        let floating = record(
            1,
            json!({"status": "FLOATING", "hostBranchId": host, "phone": "0573-00000002"}),
            "m2",
        )
        .await;
        assert_eq!(floating["userErrors"], json!([]), "{floating}");
        assert_eq!(floating["member"]["hostBranch"]["id"], json!(host));
        assert_eq!(
            counted(&client, &org).await["floatingOut"].as_i64(),
            before["floatingOut"].as_i64().map(|n| n + 1)
        );
        let stale = record(1, json!({"name": "改名"}), "m3").await;
        assert_eq!(
            (&stale["userErrors"][0]["code"], &stale["member"]["version"]),
            (&json!("CONFLICT"), &json!(2))
        );
        let barred = record(2, json!({"status": "LEFT"}), "m4").await;
        assert_eq!(barred["userErrors"][0]["code"], "INVALID", "{barred}");
        let leave = async |left_on: &str, decision: Value, key: &str| {
            let input = json!({"memberId": member["id"], "expectedVersion": 2, "reason": "REMOVED", "leftOn": left_on,
                "decision": decision, "idempotencyKey": key});
            client.data(LEAVE, json!({"input": input})).await["recordDeparture"].clone()
        };
        let decision = json!({"decidedOn": "2026-01-05", "documentNumber": "试〔2026〕2号"});
        let undecided = leave("2099-01-01", Value::Null, "m5").await;
        assert_eq!(
            undecided["userErrors"][0]["code"], "COLLECTIVE_DECISION_REQUIRED",
            "{undecided}"
        );
        let future = leave("2099-01-01", decision.clone(), "m6").await;
        assert_eq!(future["userErrors"][0]["code"], "DATE_IN_FUTURE", "{future}");
        // Gone, and the figures with them.
        let gone = leave(&today().to_string(), decision, "m7").await;
        assert_eq!(gone["userErrors"], json!([]), "{gone}");
        assert_eq!(
            (&gone["member"]["status"], &gone["member"]["leftReason"]),
            (&json!("LEFT"), &json!("REMOVED"))
        );
        assert_eq!(counted(&client, &org).await, before);
    }
);

both_databases!(
    an_identity_number_is_checked_and_a_known_one_refused_without_telling_where,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let (one, other) = ("other-county-secretary", "branch-secretary");
        let (here, there) = (
            server.account(one, "organizationId"),
            server.account(other, "organizationId"),
        );
        let number = identity(202);
        let wrong = if number.ends_with('1') { '2' } else { '1' };
        let broken = format!("{}{wrong}", &number[..17]);
        let refused = enter(&server.client(one), &here, &broken, "i1").await;
        assert_eq!(refused["userErrors"][0]["code"], "INVALID", "{refused}");
        assert!(!refused.to_string().contains(&broken), "errors never repeat the number");
        for user in ["member", "town-secretary", "administrator"] {
            let forbidden = enter(&server.client(user), &here, &number, "i2").await;
            assert_eq!(forbidden["userErrors"][0]["code"], "FORBIDDEN", "{user}: {forbidden}");
        }
        let first = enter(&server.client(one), &here, &number, "i3").await;
        assert_eq!(first["userErrors"], json!([]), "{first}");
        let known = enter(&server.client(other), &there, &number, "i4").await;
        assert_eq!(
            known["userErrors"],
            json!([{"code": "IDENTITY_NOT_ACCEPTED", "path": ["input", "identityNumber"], "params": {}}])
        );
        let trail =
            "query($o: ID!) { organization(id: $o) { auditTrail(first: 20) { nodes { action purpose fields } } } }";
        let lines = server.client(other).data(trail, json!({"o": there})).await;
        assert!(
            lines.to_string().contains("REFUSED: IDENTITY_NOT_ACCEPTED"),
            "the attempt is in the trail: {lines}"
        );
    }
);

both_databases!(
    a_member_belongs_to_a_group_of_the_own_branch_or_to_none,
    |database: tests::TestDatabase| async move {
        let server = Server::city(&database).await;
        let org = server.account("branch-secretary", "organizationId");
        let client = server.client("branch-secretary");
        let query = "query($o: ID!) { organization(id: $o) { children(first: 10) { nodes { id } } }
            members(within: {exactly: $o}, first: 100) { nodes { id version group { id } } } }";
        let data = client.data(query, json!({"o": org})).await;
        let group = data["organization"]["children"]["nodes"][0]["id"].clone();
        let leader = server
            .client("group-leader")
            .data("{ viewer { member { id version group { id } } } }", json!({}))
            .await;
        let leader = leader["viewer"]["member"].clone();
        let assign = async |member: &Value, group: &Value, key: &str| {
            let input = json!({"memberId": member["id"], "expectedVersion": member["version"], "groupId": group, "idempotencyKey": key});
            client.data(GROUP, json!({"input": input})).await["assignGroup"].clone()
        };
        let bound = assign(&leader, &Value::Null, "g1").await;
        assert_eq!(bound["userErrors"][0]["code"], "HOLDS_POST", "{bound}");
        let nodes = data["members"]["nodes"].as_array().expect("nodes").clone();
        let member = nodes
            .iter()
            .find(|node| node["group"]["id"] == group && node["id"] != leader["id"]);
        let member = member.expect("a member of the group").clone();
        let elsewhere = assign(
            &member,
            &json!(server.account("village-secretary", "organizationId")),
            "g2",
        )
        .await;
        assert_eq!(
            elsewhere["userErrors"][0]["code"], "KIND_NOT_ALLOWED_HERE",
            "{elsewhere}"
        );
        // A group, but another branch's.
        let query =
            "query($c: ID!) { organizations(within: {subtreeOf: $c}, filter: {kinds: [PARTY_GROUP]}, first: 100) {
            nodes { id parent { id } } } }";
        let city = server.account("city-secretary", "organizationId");
        let groups = client.data(query, json!({"c": city})).await["organizations"]["nodes"].take();
        let mut groups = groups.as_array().expect("nodes").iter();
        let theirs = groups.find(|node| node["parent"]["id"] != json!(org));
        let theirs = theirs.expect("a group of another branch")["id"].clone();
        let told = |answer: &Value| {
            let error = &answer["userErrors"][0];
            (
                error["code"].clone(),
                error["path"].clone(),
                error["params"]["reason"].clone(),
            )
        };
        let foreign = (json!("INVALID"), json!(["input", "groupId"]), json!("ELSEWHERE"));
        assert_eq!(told(&assign(&member, &theirs, "g2b").await), foreign);
        let input = json!({"branchId": org, "groupId": theirs, "name": "试录", "standing": "FULL", "joinedOn": "2010-07-01",
            "becameFullOn": "2011-07-01", "idempotencyKey": "g2c"});
        let entered = client.data(ENTER, json!({"input": input})).await["enterMember"].clone();
        assert_eq!(told(&entered), foreign, "{entered}");
        let out = assign(&member, &Value::Null, "g3").await;
        assert_eq!(
            (&out["member"]["group"], &out["userErrors"]),
            (&Value::Null, &json!([])),
            "{out}"
        );
        let back = assign(&out["member"], &group, "g4").await;
        assert_eq!(back["member"]["group"]["id"], group, "{back}");
    }
);

/// In the order of their pinyin (ài, cáo, duàn, fù, zhāng, zōu), which is none of code points or strokes.
const BY_PINYIN: [&str; 6] = ["艾试录", "曹试录", "段试录", "傅试录", "张试录", "邹试录"];

both_databases!(
    names_are_sorted_by_pinyin_on_both_databases_and_page_by_page,
    |database: tests::TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let org = server.account("village-secretary", "organizationId");
        let client = server.client("village-secretary");
        for (number, at) in [3, 0, 5, 1, 4, 2].into_iter().enumerate() {
            let input = json!({"branchId": org, "name": BY_PINYIN[at], "standing": "FULL", "joinedOn": "2010-07-01",
                "becameFullOn": "2011-07-01", "idempotencyKey": format!("pinyin-{number}")});
            let made = client.data(ENTER, json!({"input": input})).await["enterMember"].clone();
            assert_eq!(made["userErrors"], json!([]), "{made}");
        }
        let query = "query($o: ID!, $d: SortDirection!, $n: Int!, $after: String) {
            members(within: {exactly: $o}, first: $n, after: $after, sort: {field: NAME, direction: $d}) {
                nodes { name } pageInfo { hasNextPage endCursor } } }";
        let sorted = async |direction: &str, size: i32| {
            let (mut names, mut after) = (Vec::new(), Value::Null);
            loop {
                let variables = json!({"o": org, "d": direction, "n": size, "after": after});
                let page = client.data(query, variables).await["members"].clone();
                let nodes = page["nodes"].as_array().expect("nodes").clone();
                names.extend(nodes.iter().filter_map(|node| node["name"].as_str().map(str::to_owned)));
                if page["pageInfo"]["hasNextPage"] == false {
                    return names;
                }
                after = page["pageInfo"]["endCursor"].clone();
            }
        };
        let all = sorted("ASC", 100).await;
        assert_eq!(sorted("ASC", 2).await, all);
        let own = |names: &[String]| -> Vec<String> {
            names.iter().filter(|name| name.ends_with("试录")).cloned().collect()
        };
        assert_eq!(own(&all), BY_PINYIN);
        let mut back = own(&sorted("DESC", 3).await);
        back.reverse();
        assert_eq!(back, BY_PINYIN);
    }
);
