//! Who keeps a copy by `changes` keeps exactly what they may see, whatever moves, begins or ends, and however small the
//! pages are.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tests::{Client, Server, TestDatabase, both_databases};

pub const CHANGES: &str = "query($after: LogCursor!, $within: OrganizationScopeInput!, $first: Int!) {
  changes(after: $after, within: $within, types: [ORGANIZATION, MEMBER, APPOINTMENT, ACTIVITY], first: $first) {
    changes { op extent cursor entityId entityKind cause
      entity { __typename ... on Organization { id name parent { id } } ... on Member { id name branch { id } }
        ... on Appointment { id organization { id } until } ... on Activity { id organizations { id } } } }
    cursor hasMore } }";
const ORGS: &str = "query($within: OrganizationScopeInput!, $after: String) { log { cursor }
  organizations(within: $within, first: 50, after: $after) { pageInfo { hasNextPage endCursor }
    nodes { id name parent { id } appointments(first: 20) { nodes { id organization { id } } } } } }";
const MEMBERS: &str = "query($within: OrganizationScopeInput!, $after: String) {
  members(within: $within, first: 100, after: $after) { pageInfo { hasNextPage endCursor } nodes { id name branch { id } } } }";
const ACTIVITIES: &str = "query($within: OrganizationScopeInput!, $after: String) {
  activities(within: $within, first: 100, after: $after) { pageInfo { hasNextPage endCursor }
    nodes { id organizations { id } } } }";

/// A copy: what stands in it, by id, with the orgs that it belongs to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Copy {
    rows: BTreeMap<String, (String, BTreeSet<String>)>,
}

fn id(of: &Value) -> String {
    of["id"].as_str().unwrap_or_default().to_owned()
}

impl Copy {
    pub fn keep(&mut self, row: &Value) {
        let listed = row["organizations"].as_array().map_or(&[][..], Vec::as_slice);
        let listed = listed.iter().map(id);
        let places = [&row["parent"], &row["branch"], &row["organization"]].map(id);
        let places = places.into_iter().chain(listed).filter(|place| !place.is_empty());
        let name = row["name"].as_str().unwrap_or_default().to_owned();
        self.rows.insert(id(row), (name, places.collect()));
    }

    /// Forgets an org with everything that the copy knows at and below it.
    fn forget_subtree(&mut self, root: &str) {
        let mut gone = BTreeSet::from([root.to_owned()]);
        loop {
            let below = self.rows.iter().filter(|(id, (_, places))| {
                id.starts_with("org_") && !gone.contains(*id) && places.iter().any(|place| gone.contains(place))
            });
            let below: Vec<String> = below.map(|(id, _)| id.clone()).collect();
            if below.is_empty() {
                break;
            }
            gone.extend(below);
        }
        self.rows
            .retain(|id, (_, places)| !gone.contains(id) && !places.iter().any(|place| gone.contains(place)));
    }

    pub fn apply(&mut self, line: &Value) {
        let (entity, gone) = (&line["entity"], line["entityId"].as_str().expect("an id"));
        match (line["op"].as_str(), line["extent"].as_str()) {
            (Some("LEAVE_SCOPE"), Some("SUBTREE")) => self.forget_subtree(gone),
            (Some("UPSERT" | "ENTER_SCOPE"), _) if !entity.is_null() && entity["until"].is_null() => self.keep(entity),
            (Some("UPSERT" | "ENTER_SCOPE" | "DELETE" | "LEAVE_SCOPE"), _) => drop(self.rows.remove(gone)),
            _ => panic!("a copy cannot follow {line}"),
        }
    }
}

/// What the connections show, and the cursor of before.
pub async fn shown(client: &Client, within: &Value) -> (Copy, Value) {
    let (mut copy, mut cursor) = (Copy::default(), Value::Null);
    for (query, field) in [
        (ORGS, "organizations"),
        (MEMBERS, "members"),
        (ACTIVITIES, "activities"),
    ] {
        let mut after = Value::Null;
        loop {
            let body = client.data(query, json!({"within": within, "after": after})).await;
            if cursor.is_null() {
                cursor = body["log"]["cursor"].clone();
            }
            for node in body[field]["nodes"].as_array().expect("nodes") {
                copy.keep(node);
                for post in node["appointments"]["nodes"].as_array().map_or(&[][..], Vec::as_slice) {
                    copy.keep(post);
                }
            }
            if body[field]["pageInfo"]["hasNextPage"] != true {
                break;
            }
            after = body[field]["pageInfo"]["endCursor"].clone();
        }
    }
    (copy, cursor)
}

/// A reader who keeps a copy.
struct Mirror {
    user: &'static str,
    client: Client,
    within: Value,
    first: usize,
    copy: Copy,
    cursor: Value,
    seen: BTreeSet<String>,
}

impl Mirror {
    async fn begin(server: &Server, user: &'static str, within: &Value, first: usize) -> Self {
        let client = server.client(user);
        let (copy, cursor) = shown(&client, within).await;
        let (within, seen) = (within.clone(), BTreeSet::new());
        Self {
            user,
            client,
            within,
            first,
            copy,
            cursor,
            seen,
        }
    }

    async fn follow(&mut self, what: &str) {
        loop {
            let variables = json!({"after": self.cursor, "within": self.within, "first": self.first});
            let page = self.client.data(CHANGES, variables).await["changes"].clone();
            let lines = page["changes"].as_array().expect("lines");
            assert!(lines.len() <= self.first, "{page}");
            for line in lines {
                self.copy.apply(line);
                self.seen.insert(format!("{} {}", line["op"], line["extent"]));
            }
            self.cursor = page["cursor"].clone();
            if page["hasMore"] != true {
                break;
            }
        }
        let (right, _) = shown(&self.client, &self.within).await;
        let wrong: Vec<_> = right
            .rows
            .iter()
            .filter(|(id, row)| self.copy.rows.get(*id) != Some(*row))
            .collect();
        let left: Vec<_> = self
            .copy
            .rows
            .keys()
            .filter(|id| !right.rows.contains_key(*id))
            .collect();
        let (user, first) = (self.user, self.first);
        assert!(
            wrong.is_empty() && left.is_empty(),
            "{user} by {first} after {what}: missing {wrong:?}, too much {left:?}"
        );
    }
}

pub async fn done(client: &Client, field: &str, kind: &str, what: &str, input: Value) -> Value {
    let query =
        format!("mutation($input: {kind}Input!) {{ {field}(input: $input) {{ {what} userErrors {{ code path }} }} }}");
    let mut answer = client.data(&query, json!({"input": input})).await[field].take();
    assert_eq!(answer["userErrors"], json!([]), "{field}: {answer}");
    let name = what.split(' ').next().expect("a field");
    answer[name].take()
}

fn decision() -> Value {
    json!({"decidedOn": "2026-01-05", "documentNumber": "试〔2026〕31号"})
}

const OBJECT: &str = "organization { id version }";
const POSTS: &str = "query($o: ID!) { organization(id: $o) { version appointments(first: 100) { nodes { id version post member { id } } } } }";

both_databases!(
    g3_1a_a_copy_kept_by_changes_is_what_its_reader_may_see,
    |database: TestDatabase| async move {
        let server = Server::demo_on(&database).await;
        let (town, county) = (
            server.account("town-secretary", "organizationId"),
            server.account("county-organization", "organizationId"),
        );
        let general = server.account("general-branch-secretary", "organizationId");
        let branch = server.account("village-secretary", "organizationId");
        let elsewhere = server.account("other-county-secretary", "organizationId");
        let within = json!({"subtreeOf": town});
        let mut mirrors = Vec::new();
        for (user, first) in [
            ("town-secretary", 1),
            ("town-secretary", 2),
            ("town-secretary", 100),
            ("general-branch-secretary", 1),
            ("village-secretary", 100),
            ("city-secretary", 100),
            ("county-service", 2),
        ] {
            mirrors.push(Mirror::begin(&server, user, &within, first).await);
        }
        let (city, local) = (server.client("city-organization"), server.client("county-organization"));
        let create = |name: &str, parent: &str, kind: &str| {
            json!({"parentId": parent, "name": name, "kind": kind, "sector": "ORGAN", "foundedOn": tests::today().to_string(),
                "reason": "新设", "decision": decision(), "idempotencyKey": format!("mirror-{name}")})
        };
        let other = done(
            &local,
            "createOrganization",
            "CreateOrganization",
            OBJECT,
            create("工委", &county, "WORKING_COMMITTEE"),
        )
        .await;
        let made = done(
            &server.client("town-secretary"),
            "createOrganization",
            "CreateOrganization",
            OBJECT,
            create("新支部", &town, "BRANCH"),
        )
        .await;
        follow(&mut mirrors, "a founding").await;
        let relocate = async |org: &str, to: &str, key: &str| {
            let at = city.data(POSTS, json!({"o": org})).await["organization"]["version"].clone();
            let input = json!({"id": org, "expectedVersion": at, "parentId": to, "reason": "调整", "decision": decision(),
                "idempotencyKey": format!("mirror-{key}")});
            done(&city, "moveOrganization", "MoveOrganization", OBJECT, input).await;
        };
        relocate(&general, other["id"].as_str().expect("an id"), "out").await;
        follow(&mut mirrors, "a move out").await;
        relocate(&general, &town, "back").await;
        // Read late: what moved twice is told as it stands now.
        relocate(
            made["id"].as_str().expect("an id"),
            other["id"].as_str().expect("an id"),
            "m1",
        )
        .await;
        relocate(made["id"].as_str().expect("an id"), &town, "m2").await;
        follow(&mut mirrors, "moves back").await;
        let member = crate::transfers::plain(&server.client("village-secretary"), &branch, 0).await;
        let input = json!({"memberId": member, "fromId": branch, "toId": elsewhere, "idempotencyKey": "mirror-t1"});
        let transfer = done(
            &server.client("village-secretary"),
            "requestTransfer",
            "RequestTransfer",
            "transfer { id version }",
            input,
        )
        .await;
        let input = json!({"transferId": transfer["id"], "expectedVersion": transfer["version"], "idempotencyKey": "mirror-t2"});
        done(
            &server.client("other-county-secretary"),
            "acceptTransfer",
            "AcceptTransfer",
            "transfer { id }",
            input,
        )
        .await;
        follow(&mut mirrors, "a transfer").await;
        // The secretary of the town loses the post, and with it everything that the next level showed; then gets it again.
        let posts = local.data(POSTS, json!({"o": town})).await["organization"]["appointments"]["nodes"].clone();
        let post = posts
            .as_array()
            .expect("posts")
            .iter()
            .find(|post| post["post"] == "SECRETARY");
        let post = post.expect("a secretary").clone();
        let input = json!({"appointmentId": post["id"], "expectedVersion": post["version"], "decision": decision(),
            "idempotencyKey": "mirror-e"});
        done(&local, "endAppointment", "EndAppointment", "appointment { id }", input).await;
        follow(&mut mirrors, "a post's end").await;
        let input = json!({"organizationId": town, "memberId": post["member"]["id"], "post": "SECRETARY",
            "decision": decision(), "idempotencyKey": "mirror-a"});
        done(&local, "appoint", "Appoint", "appointment { id }", input).await;
        let at = local.data(POSTS, json!({"o": made["id"]})).await["organization"]["version"].clone();
        let input = json!({"id": made["id"], "expectedVersion": at, "reason": "撤销", "decision": decision(),
            "idempotencyKey": "mirror-x"});
        done(
            &server.client("town-secretary"),
            "dissolveOrganization",
            "DissolveOrganization",
            OBJECT,
            input,
        )
        .await;
        follow(&mut mirrors, "a post's beginning and a dissolution").await;
        let told: BTreeSet<&String> = mirrors[0].seen.iter().collect();
        for op in [
            "\"LEAVE_SCOPE\" \"SUBTREE\"",
            "\"ENTER_SCOPE\" \"OBJECT\"",
            "\"DELETE\" \"OBJECT\"",
            "\"LEAVE_SCOPE\" \"OBJECT\"",
        ] {
            assert!(told.iter().any(|one| *one == op), "no {op} in {told:?}");
        }
    }
);

/// All catch up but one, which reads everything at the end only.
async fn follow(mirrors: &mut [Mirror], what: &str) {
    for mirror in mirrors {
        if mirror.user != "town-secretary" || mirror.first != 2 || what.contains("dissolution") {
            mirror.follow(what).await;
        }
    }
}
