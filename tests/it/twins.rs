//! Twin worlds: two cities that differ only in what a viewer must not see answer the viewer's operations byte for byte
//! alike. It catches leaks through edges, counts, filters, sorts, cursors and errors without a list of attacks.

use std::collections::BTreeMap;
use std::path::Path;

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tests::{Client, Server, TestDatabase, both_databases};

/// The village branch in the other county whose life is hidden.
const HIDDEN: &str = "other-county-secretary";
/// Both worlds begin at this instant.
const CLOCK: &str = "2026-11-24T02:00:00Z";

/// What is bent in the second world, each with who reads it although far away.
struct Bend {
    /// What it is, as viewers name it.
    name: &'static str,
    /// `{x}`: the hidden branch.
    sql: &'static str,
}

const BENDS: &[Bend] = &[
    Bend {
        name: "roster",
        sql: "UPDATE member SET name = name || '甲', name_key = name_key || ' jia', joined_on = '2001-02-03', version = version + 7 \
              WHERE branch_id = '{x}' AND id NOT IN (SELECT member_id FROM appointment)",
    },
    Bend {
        name: "sealed",
        sql: "UPDATE member SET phone_sealed = NULL, identity_sealed = NULL, birth_sealed = NULL, address_sealed = NULL \
              WHERE branch_id = '{x}' AND id NOT IN (SELECT member_id FROM appointment WHERE post = 'SECRETARY')",
    },
    Bend {
        name: "applicants",
        sql: "UPDATE applicant SET name = name || '乙', version = version + 1 WHERE branch_id = '{x}'",
    },
    Bend {
        name: "activities",
        sql: "UPDATE activity SET title = title || '丙', place = '丙室', cancel_reason = '丙' WHERE host_id = '{x}' AND id NOT IN \
              (SELECT activity_id FROM activity_organization GROUP BY activity_id HAVING COUNT(*) > 1)",
    },
    Bend {
        name: "agenda",
        sql: "UPDATE agenda_item SET title = title || '丁' WHERE activity_id IN (SELECT id FROM activity WHERE host_id = '{x}')",
    },
    Bend {
        name: "minutes",
        sql: "UPDATE document_revision SET text = text || '戊' WHERE document_id IN (SELECT id FROM document WHERE subject_id IN \
              (SELECT id FROM activity WHERE host_id = '{x}'))",
    },
    Bend {
        name: "resolutions",
        sql: "UPDATE resolution SET title = title || '己', ayes = ayes + 1 WHERE activity_id IN (SELECT id FROM activity WHERE host_id = '{x}')",
    },
    Bend {
        name: "attendance",
        sql: "UPDATE attendance SET state = 'UNEXCUSED', mode = NULL, dispute = '庚' WHERE organization_id = '{x}'",
    },
    Bend {
        name: "leave",
        sql: "UPDATE leave_request SET category = 'OTHER' WHERE organization_id = '{x}'",
    },
    Bend {
        name: "exemption",
        sql: "UPDATE exemption SET category = 'OTHER', until_on = '2099-01-01' WHERE branch_id = '{x}'",
    },
    Bend {
        name: "measures",
        sql: "UPDATE measure SET state = 'DISMISSED', reason = '辛' WHERE branch_id = '{x}'",
    },
    Bend {
        name: "inbox",
        sql: "UPDATE inbox_item SET closed_at = NULL, raised_at = '2026-01-01T00:00:00+00:00' WHERE audience_org_id = '{x}'",
    },
    Bend {
        name: "obligations",
        sql: "UPDATE obligation SET status = 'EXCUSED', version = version + 1 WHERE organization_id = '{x}'",
    },
    Bend {
        name: "deviations",
        sql: "UPDATE deviation SET reason = reason || '壬' WHERE organization_id = '{x}'",
    },
    Bend {
        name: "alerts",
        sql: "UPDATE alert SET closed_at = NULL, version = version + 1 WHERE organization_id = '{x}'",
    },
];

const ROUNDS: [&[&str]; 3] = [
    &[
        "activities",
        "agenda",
        "minutes",
        "resolutions",
        "attendance",
        "leave",
        "exemption",
        "measures",
        "inbox",
    ],
    &["roster", "sealed", "applicants"],
    &["obligations", "deviations", "alerts"],
];

/// Holders, each with the bends that they may see in the hidden branch; all others must not show.
const VIEWERS: &[(&str, &[&str])] = &[
    ("member", &[]),
    ("floating-member", &[]),
    ("group-leader", &[]),
    ("branch-secretary", &[]),
    ("branch-deputy", &[]),
    ("branch-committee", &[]),
    ("branch-clerk", &[]),
    ("village-secretary", &[]),
    ("general-branch-secretary", &[]),
    ("enterprise-secretary", &[]),
    ("town-secretary", &[]),
    ("town-clerk", &[]),
    ("department-secretary", &[]),
    ("leading-group-secretary", &[]),
    ("county-secretary", &[]),
    ("county-organization", &[]),
    ("county-discipline", &[]),
    ("county-service", &[]),
    ("administrator", &[]),
    // Above the branch, but two levels: what is owed, and figures.
    ("other-county", &["obligations", "deviations", "alerts"]),
    ("city-secretary", &["obligations", "deviations", "alerts"]),
    ("city-discipline", &["obligations", "deviations", "alerts"]),
    // An organization department above reads rosters and admissions too, and sealed fields masked.
    (
        "city-organization",
        &["roster", "sealed", "applicants", "obligations", "deviations", "alerts"],
    ),
];

/// Acts on hidden objects: each must answer as for an id that does not exist.
const ACTS: &[(&str, &str)] = &[
    (
        "renameOrganization",
        r#"{"id": "$org", "name": "新名", "reason": "理由", "expectedVersion": 1}"#,
    ),
    (
        "scheduleActivity",
        r#"{"organizationId": "$org", "kind": "PARTY_LECTURE", "startsAt": "2026-12-01T02:00:00Z"}"#,
    ),
    ("recordActivity", r#"{"activityId": "$activity"}"#),
    (
        "correctActivity",
        r#"{"activityId": "$activity", "expectedVersion": 1}"#,
    ),
    ("cancelActivity", r#"{"activityId": "$activity", "reason": "理由"}"#),
    (
        "rescheduleActivity",
        r#"{"activityId": "$activity", "expectedVersion": 1}"#,
    ),
    ("checkIn", r#"{"activityId": "$activity", "code": "000000"}"#),
    ("askLeave", r#"{"activityId": "$activity", "category": "ILLNESS"}"#),
    (
        "disputeAttendance",
        r#"{"attendanceId": "$attendance", "words": "不对"}"#,
    ),
    ("acceptMakeUpStudy", r#"{"attendanceId": "$attendance"}"#),
    ("decideLeave", r#"{"leaveId": "$leave", "accept": true}"#),
];

/// Ids in the hidden branch, the same in both worlds.
type Ids = BTreeMap<&'static str, String>;

struct World {
    server: Server,
    database: TestDatabase,
}

impl World {
    async fn open(kind: tests::Kind) -> Self {
        let database = TestDatabase::create(kind).unwrap_or_else(|why| panic!("no {kind:?} database: {why}"));
        let server = Server::demo_at(&database, CLOCK).await;
        Self { server, database }
    }

    async fn hidden(&self) -> Ids {
        let org = self.server.account(HIDDEN, "organizationId");
        let connection = self.database.connect().await;
        let one = async |sql: String| -> String {
            let row = connection
                .query_one_raw(sea_orm::Statement::from_string(connection.get_database_backend(), sql))
                .await
                .expect("the look-up runs");
            row.and_then(|row| row.try_get("", "id").ok())
                .unwrap_or_else(|| "none".to_owned())
        };
        let of =
            |table: &str, column: &str| format!("SELECT id FROM {table} WHERE {column} = '{org}' ORDER BY id LIMIT 1");
        Ids::from([
            ("org", org.clone()),
            ("member", one(format!("SELECT id FROM member WHERE branch_id = '{org}' AND id NOT IN (SELECT member_id FROM appointment) ORDER BY id LIMIT 1")).await),
            ("activity", one(of("activity", "host_id")).await),
            ("attendance", one(of("attendance", "organization_id")).await),
            ("leave", one(of("leave_request", "organization_id")).await),
            ("obligation", one(of("obligation", "organization_id")).await),
            ("alert", one(of("alert", "organization_id")).await),
            ("measure", one(of("measure", "branch_id")).await),
            ("inbox", one(of("inbox_item", "audience_org_id")).await),
            ("applicant", one(of("applicant", "branch_id")).await),
            ("exemption", one(of("exemption", "branch_id")).await),
            ("deviation", one(of("deviation", "organization_id")).await),
        ])
    }

    async fn bend(&self, names: &[&str]) {
        let connection = self.database.connect().await;
        let org = self.server.account(HIDDEN, "organizationId");
        for bend in BENDS.iter().filter(|bend| names.contains(&bend.name)) {
            let sql = bend.sql.replace("{x}", &org);
            connection
                .execute_unprepared(&sql)
                .await
                .unwrap_or_else(|e| panic!("{}: {e}", bend.name));
        }
    }
}

/// What a viewer asks: example operations with variables of their own and of the hidden branch, look-ups of every
/// hidden id, and acts on hidden objects.
fn corpus(own: &str, hidden: &Ids) -> Vec<(String, String, Value)> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut corpus = Vec::new();
    for folder in std::fs::read_dir(&examples).expect("examples are there").flatten() {
        for file in std::fs::read_dir(folder.path()).into_iter().flatten().flatten() {
            let text = std::fs::read_to_string(file.path()).unwrap_or_default();
            if file.path().extension().is_none_or(|end| end != "graphql") || !text.contains("query ") {
                continue;
            }
            let name = file.file_name().to_string_lossy().into_owned();
            for org in [own, hidden["org"].as_str()] {
                corpus.push((format!("{name} {org}"), text.clone(), variables(&text, org, hidden)));
            }
        }
    }
    let ids: Vec<&String> = hidden.values().filter(|id| *id != "none").collect();
    let everything = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Member { name version } ... on Organization { name } } }";
    corpus.push((
        "every hidden id".to_owned(),
        everything.to_owned(),
        json!({ "ids": ids }),
    ));
    for (act, input) in ACTS {
        let mut input = (*input).to_owned();
        for (name, id) in hidden {
            input = input.replace(&format!("${name}"), id);
        }
        let mut input: Value = serde_json::from_str(&input).expect("inputs are JSON");
        input["idempotencyKey"] = json!(format!("twin-{act}"));
        let mut chars = act.chars();
        let type_name: String = chars
            .next()
            .into_iter()
            .flat_map(char::to_uppercase)
            .chain(chars)
            .collect();
        let type_name = if *act == "disputeAttendance" {
            "DisputeAttendance".to_owned()
        } else {
            type_name
        };
        let query = format!(
            "mutation($i: {type_name}Input!) {{ {act}(input: $i) {{ userErrors {{ code message path params }} cursor }} }}"
        );
        corpus.push(((*act).to_owned(), query, json!({ "i": input })));
    }
    corpus
}

/// Values for the variables that an example declares, by their names.
fn variables(text: &str, org: &str, hidden: &Ids) -> Value {
    let mut all = json!({
        "organization": org, "year": 2026, "on": null, "after": null, "key": null, "from": "2026-01-01", "to": "2027-01-01",
        "date": "2026-06-01", "period": {"kind": "YEAR"}, "within": {"subtreeOf": org}, "first": 50, "statuses": null, "rules": null,
        "ids": hidden.values().collect::<Vec<_>>(), "system": "personnel", "value": "1", "id": hidden["activity"],
    });
    let variables = all.as_object_mut().expect("an object");
    variables.retain(|name, _| text.contains(&format!("${name}:")));
    all
}

/// The answer's bytes without what differs between any two answers: sealed cursors, request ids, the budget, instants of
/// this very minute.
fn comparable(text: &str) -> String {
    let body = text.split(r#","extensions":{"cost""#).next().unwrap_or_default();
    let mut last = String::new();
    let parts = body.split('"').map(|part| {
        let sealed = part.len() > 40 && part.starts_with('k') && part.contains(':');
        let masked = if sealed {
            "CURSOR"
        } else if last == "requestId" || last == "epoch" {
            "THIS WORLD'S"
        } else if last == "remaining" {
            // The number behind it, which follows the pace of the test.
            ":N,"
        } else if part.starts_with("2026-11-24T02:") {
            "NOW"
        } else {
            part
        };
        if part != ":" {
            part.clone_into(&mut last);
        }
        masked.to_owned()
    });
    parts.collect::<Vec<_>>().join("\"")
}

async fn answers(client: &Client, corpus: &[(String, String, Value)]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (name, query, variables) in corpus {
        let reply = client.post(&json!({"query": query, "variables": variables})).await;
        all.push((name.clone(), format!("{} {}", reply.status, comparable(&reply.text))));
    }
    all
}

async fn differences(worlds: &[World; 2], viewer: &str, hidden: &Ids) -> Vec<(String, String, String)> {
    let own = worlds[0].server.account(viewer, "organizationId");
    let corpus = corpus(&own, hidden);
    let (one, other) = (worlds[0].server.client(viewer), worlds[1].server.client(viewer));
    let (one, other) = (answers(&one, &corpus).await, answers(&other, &corpus).await);
    one.into_iter()
        .zip(other)
        .filter(|(a, b)| a != b)
        .map(|((name, a), (_, b))| (name, a, b))
        .collect()
}

both_databases!(
    g3_1a_worlds_that_differ_in_the_hidden_look_alike_to_each_holder,
    |database: TestDatabase| async move {
        let worlds = [World::open(database.kind).await, World::open(database.kind).await];
        let hidden = worlds[0].hidden().await;
        assert_eq!(hidden, worlds[1].hidden().await, "the worlds start alike");
        for viewer in ["member", "city-organization"] {
            let early = differences(&worlds, viewer, &hidden).await;
            assert!(
                early.is_empty(),
                "alike before anything is bent, for {viewer}: {early:#?}"
            );
        }
        // From what the fewest may see to what more may see; each viewer is asked last before theirs is bent.
        for (number, round) in ROUNDS.iter().enumerate() {
            worlds[1].bend(round).await;
            let due = |seen: &[&str]| match ROUNDS.get(number + 1) {
                Some(next) => {
                    seen.iter().any(|name| next.contains(name)) && !seen.iter().any(|name| round.contains(name))
                }
                None => seen.is_empty(),
            };
            for (viewer, seen) in VIEWERS.iter().filter(|(_, seen)| due(seen)) {
                let found = differences(&worlds, viewer, &hidden).await;
                assert!(
                    found.is_empty(),
                    "{viewer} sees a difference, may see {seen:?}: {found:#?}"
                );
            }
        }
        // The bends are there: the branch's own secretary sees them.
        let own = differences(&worlds, HIDDEN, &hidden).await;
        assert!(own.len() >= 5, "the worlds must differ for who may see it: {own:#?}");
    }
);
