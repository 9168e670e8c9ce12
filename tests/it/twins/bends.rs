//! What differs between the worlds.

/// What is bent in the second world, each with who reads it although far away.
pub struct Bend {
    /// What it is, as viewers name it.
    pub name: &'static str,
    /// `{x}`: the hidden branch.
    pub sql: &'static str,
}

pub const BENDS: &[Bend] = &[
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

pub const ROUNDS: [&[&str]; 3] = [
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

/// What the hidden branch has in both worlds, and the demo does not give it.
pub const GIVEN: &[&str] = &[
    "INSERT INTO deviation (id, obligation_id, organization_id, reason, new_date, state, asked_at, asked_by, version) \
     SELECT 'dev_00000000000000000000000001', id, '{x}', '下雨', '2026-12-20', 'OPEN', '2026-11-20 02:00:00+00:00', \
     (SELECT member_id FROM appointment WHERE organization_id = '{x}' ORDER BY id LIMIT 1), 1 \
     FROM obligation WHERE organization_id = '{x}' ORDER BY id LIMIT 1",
    "INSERT INTO alert (id, organization_id, obligation_id, rule_key, raised_at, raised_on, due_on, level, closed_at, version) \
     SELECT 'alr_00000000000000000000000001', '{x}', id, rule_key, '2026-11-20 02:00:00+00:00', '2026-11-20', '2026-11-19', 3, \
     '2026-11-21 02:00:00+00:00', 1 FROM obligation WHERE organization_id = '{x}' ORDER BY id LIMIT 1",
    "INSERT INTO identity_change (id, member_id, branch_id, field, state, asked_at, version) \
     SELECT 'idc_00000000000000000000000001', id, '{x}', 'ADDRESS', 'ASKED', '2026-11-20 02:00:00+00:00', 1 \
     FROM member WHERE branch_id = '{x}' AND id NOT IN (SELECT member_id FROM appointment) ORDER BY id LIMIT 1",
    "INSERT INTO activity_unit (id, organization_id, kind, name, name_key, opened_on, version) \
     VALUES ('unt_00000000000000000000000001', '{x}', 'SECTION', '一科', 'yike', '2026-01-05', 1)",
    "INSERT INTO export_job (id, account_id, auth_epoch, organization_id, extent, kinds, format, fields, request_id, state, attempts, \
     done, created_at, version) VALUES ('exp_00000000000000000000000001', (SELECT id FROM account WHERE username = 'county-service'), \
     0, '{x}', 'EXACTLY', '[\"ORGANIZATION\"]', 'JSONL', '[]', 'req', 'CANCELLED', 0, 0, '2026-11-20 02:00:00+00:00', 1)",
    "INSERT INTO import_job (id, account_id, auth_epoch, file_id, organization_id, kind, format, mode, error_policy, dry_run, mapping, \
     request_id, state, phase, problems, attempts, done, created, changed, unchanged, rejected, reports, created_at, version) \
     VALUES ('imp_00000000000000000000000001', (SELECT id FROM account WHERE username = 'county-service'), 0, 'ifl_1', '{x}', \
     'MEMBER', 'CSV', 'UPSERT', 'ROW_BY_ROW', FALSE, '{}', 'req', 'CANCELLED', 'WRITING', '[]', 0, 0, 0, 0, 0, 0, 0, \
     '2026-11-20 02:00:00+00:00', 1)",
];

/// A row more in the second world, made of one that stands there. With the bend of that name.
pub struct More {
    pub name: &'static str,
    pub table: &'static str,
    /// Which row: a condition, with `{x}` for the hidden branch.
    of: &'static str,
    /// Columns that differ, each with an expression in SQL.
    but: &'static [(&'static str, &'static str)],
}

const fn more(
    name: &'static str,
    table: &'static str,
    of: &'static str,
    but: &'static [(&'static str, &'static str)],
) -> More {
    More { name, table, of, but }
}

pub const MORE: &[More] = &[
    more(
        "roster",
        "member",
        "branch_id = '{x}' AND id NOT IN (SELECT member_id FROM appointment)",
        &[("identity_hash", "NULL"), ("name_key", "'aa'")],
    ),
    more(
        "roster",
        "transfer",
        "from_id = '{x}'",
        &[("state", "'REQUESTED'"), ("to_id", "from_id")],
    ),
    more("applicants", "applicant", "branch_id = '{x}'", &[("name_key", "'aa'")]),
    more(
        "applicants",
        "admission",
        "branch_id = '{x}'",
        &[("state", "'PROPOSED'")],
    ),
    more(
        "activities",
        "activity",
        "host_id = '{x}' AND status = 'FILED'",
        &[
            ("title", "'癸'"),
            ("status", "'SCHEDULED'"),
            ("starts_at", "'2026-12-20 02:00:00+00:00'"),
            ("local_date", "'2026-12-20'"),
        ],
    ),
    more("measures", "measure", "branch_id = '{x}'", &[("state", "'OPEN'")]),
    more("exemption", "exemption", "branch_id = '{x}'", &[("state", "'OPEN'")]),
    more(
        "inbox",
        "inbox_item",
        "audience_org_id = '{x}'",
        &[("closed_at", "NULL")],
    ),
    more(
        "deviations",
        "deviation",
        "organization_id = '{x}'",
        &[("state", "'OPEN'")],
    ),
];

impl More {
    /// The row that is copied.
    pub fn found(&self, hidden: &str) -> String {
        let of = self.of.replace("{x}", hidden);
        format!("SELECT * FROM {} WHERE {of} ORDER BY id LIMIT 1", self.table)
    }

    /// The statement that adds it, for a table with these columns.
    pub fn sql(&self, hidden: &str, columns: &[String]) -> String {
        let expression = |column: &String| {
            let other = self.but.iter().find(|(name, _)| name == column);
            match (other, column.as_str()) {
                (Some((_, expression)), _) => (*expression).to_owned(),
                // Ids have letters and digits alone, and the same length.
                (None, "id") => "SUBSTR(id, 1, 26) || 'zzzz'".to_owned(),
                (None, _) => column.clone(),
            }
        };
        let expressions: Vec<String> = columns.iter().map(expression).collect();
        let (table, of) = (self.table, self.of.replace("{x}", hidden));
        format!(
            "INSERT INTO {table} ({}) SELECT {} FROM {table} WHERE {of} ORDER BY id LIMIT 1",
            columns.join(", "),
            expressions.join(", ")
        )
    }
}
