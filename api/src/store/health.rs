//! What `doctor` asks of a database.

use sea_orm::FromQueryResult;

use super::StoreResult;
use super::connect::Database;
use super::transaction::statement;

#[derive(FromQueryResult)]
struct Number {
    number: i64,
}

/// (what is wrong, how many rows are wrong)
const QUESTIONS: &[(&str, &str)] = &[
    (
        "events beyond the log's counter",
        "SELECT COUNT(*) AS number FROM event WHERE position > (SELECT position FROM log_counter WHERE id = 1)",
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
        "members in a group of another branch",
        "SELECT COUNT(*) AS number FROM member m JOIN organization g ON g.id = m.group_id WHERE g.parent_id <> m.branch_id",
    ),
];

impl Database {
    /// What is wrong with the data; empty where nothing is.
    ///
    /// # Errors
    /// The database fails.
    pub async fn complaints(&self) -> StoreResult<Vec<String>> {
        let tx = self.begin_read().await?;
        let mut complaints = Vec::new();
        for (what, sql) in QUESTIONS {
            let row = Number::find_by_statement(statement(&tx, sql, Vec::new()))
                .one(&tx)
                .await?;
            let number = row.map_or(0, |row| row.number);
            if number > 0 {
                complaints.push(format!("{what}: {number}"));
            }
        }
        Ok(complaints)
    }
}
