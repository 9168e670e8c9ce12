//! What `doctor` asks of a database.

use sea_orm::FromQueryResult;

use super::StoreResult;
use super::connect::Database;
use super::export_file::CHUNK;
use super::transaction::statement;

#[derive(FromQueryResult)]
struct Number {
    number: i64,
}

/// (what is wrong, how many rows are wrong); `{CHUNK}` stands for the bytes of a chunk.
const QUESTIONS: &[(&str, &str)] = &[
    (
        "events beyond the log's counter",
        "SELECT COUNT(*) AS number FROM event WHERE position > (SELECT position FROM log_counter WHERE id = 1)",
    ),
    (
        "trail beyond the log's counter",
        "SELECT COUNT(*) AS number FROM audit WHERE position > (SELECT position FROM log_counter WHERE id = 1)",
    ),
    (
        "outcomes under an idempotency key beyond the log's counter",
        "SELECT COUNT(*) AS number FROM idempotency WHERE position < 1 OR \
         position > (SELECT position FROM log_counter WHERE id = 1)",
    ),
    (
        "changes of the log whose events are not numbered from 0 without gaps",
        "SELECT COUNT(*) AS number FROM (SELECT position FROM event GROUP BY position \
         HAVING MIN(sub) <> 0 OR MAX(sub) <> COUNT(*) - 1) broken",
    ),
    (
        "webhooks beyond the log's counter",
        "SELECT COUNT(*) AS number FROM webhook w JOIN log_counter c ON c.id = 1 AND c.epoch = w.epoch \
         WHERE w.position > c.position",
    ),
    (
        "webhooks that do not stand at the org of their service account",
        "SELECT COUNT(*) AS number FROM webhook w WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.id = w.account_id \
         AND a.kind = 'SERVICE' AND a.organization_id = w.organization_id)",
    ),
    (
        "webhooks without a secret to sign with",
        "SELECT COUNT(*) AS number FROM webhook w WHERE NOT EXISTS (SELECT 1 FROM webhook_secret s \
         WHERE s.webhook_id = w.id AND s.expires_at IS NULL)",
    ),
    (
        "members without exactly one open membership, in their branch",
        "SELECT COUNT(*) AS number FROM member m WHERE m.status <> 'LEFT' AND (\
         (SELECT COUNT(*) FROM membership s WHERE s.member_id = m.id AND s.until_on IS NULL) <> 1 OR NOT EXISTS \
         (SELECT 1 FROM membership s WHERE s.member_id = m.id AND s.until_on IS NULL AND s.branch_id = m.branch_id))",
    ),
    (
        "obligations of orgs that are not there",
        "SELECT COUNT(*) AS number FROM obligation b WHERE NOT EXISTS \
         (SELECT 1 FROM organization o WHERE o.id = b.organization_id)",
    ),
    (
        "attendance of members who are not there",
        "SELECT COUNT(*) AS number FROM attendance a WHERE NOT EXISTS (SELECT 1 FROM member m WHERE m.id = a.member_id)",
    ),
    (
        "orgs whose path does not continue their parent's",
        "SELECT COUNT(*) AS number FROM organization c JOIN organization p ON p.id = c.parent_id \
         WHERE c.path <> p.path || c.id || '/'",
    ),
    (
        "tallies that differ from the attendance",
        "SELECT COUNT(*) AS number FROM activity_organization o WHERE o.unexcused <> (SELECT COUNT(*) FROM attendance a \
         WHERE a.activity_id = o.activity_id AND a.organization_id = o.organization_id AND a.state = 'UNEXCUSED')",
    ),
    (
        "parts of exports whose content is not all there",
        "SELECT COUNT(*) AS number FROM export_part p JOIN export_job j ON j.id = p.job_id WHERE j.state = 'COMPLETED' \
         AND EXISTS (SELECT 1 FROM export_chunk c WHERE c.job_id = p.job_id) AND p.bytes / {CHUNK} + 1 <> \
         (SELECT COUNT(*) FROM export_chunk c WHERE c.job_id = p.job_id AND c.part = p.number)",
    ),
    (
        "files of imports whose content is not all there",
        "SELECT COUNT(*) AS number FROM import_file f WHERE f.complete AND (f.bytes + {CHUNK} - 1) / {CHUNK} <> \
         (SELECT COUNT(*) FROM import_chunk c WHERE c.file_id = f.id)",
    ),
    (
        "members in a group of another branch",
        "SELECT COUNT(*) AS number FROM member m JOIN organization g ON g.id = m.group_id WHERE g.parent_id <> m.branch_id",
    ),
];

/// (kind of an inbox line's subject, its table)
const SUBJECTS: &[(&str, &str)] = &[
    ("OBLIGATION", "obligation"),
    ("ALERT", "alert"),
    ("ACTIVITY", "activity"),
    ("LEAVE", "leave_request"),
    ("DEVIATION", "deviation"),
    ("MEASURE", "measure"),
    ("ADMISSION", "admission"),
    ("TRANSFER", "transfer"),
    ("MEMBER", "member"),
    ("ATTENDANCE", "attendance"),
    ("ORGANIZATION", "organization"),
];

impl Database {
    /// How many migrations this program has and the database has not run.
    ///
    /// # Errors
    /// The database fails.
    pub async fn pending_migrations(&self) -> StoreResult<usize> {
        use migration::MigratorTrait as _;
        Ok(migration::Migrator::get_pending_migrations(&self.reads).await?.len())
    }

    /// What is wrong with the data; empty where nothing is.
    ///
    /// # Errors
    /// The database fails.
    pub async fn complaints(&self) -> StoreResult<Vec<String>> {
        let tx = self.begin_read().await?;
        let mut complaints = Vec::new();
        for (what, sql) in QUESTIONS {
            let sql = sql.replace("{CHUNK}", &CHUNK.to_string());
            let row = Number::find_by_statement(statement(&tx, &sql, Vec::new()))
                .one(&tx)
                .await?;
            let number = row.map_or(0, |row| row.number);
            if number > 0 {
                complaints.push(format!("{what}: {number}"));
            }
        }
        for (kind, table) in SUBJECTS {
            let sql = format!(
                "SELECT COUNT(*) AS number FROM inbox_item i WHERE i.closed_at IS NULL AND i.subject_kind = '{kind}' \
                 AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.id = i.subject_id)"
            );
            let row = Number::find_by_statement(statement(&tx, &sql, Vec::new()))
                .one(&tx)
                .await?;
            if let Some(number) = row.map(|row| row.number).filter(|number| *number > 0) {
                complaints.push(format!("inbox lines about a {kind} that is not there: {number}"));
            }
        }
        Ok(complaints)
    }
}
