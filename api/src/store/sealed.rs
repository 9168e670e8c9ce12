//! Sealed columns as such: which key sealed what, and sealing anew. Reads and writes carry the system scope of rotation.

use sea_orm::{ConnectionTrait as _, FromQueryResult};

use super::StoreResult;
use super::transaction::{Snapshot, Write, statement};

/// A sealed column: table, key, column, and the name that its values are bound to (`member.phone:ID`).
pub struct SealedColumn {
    pub table: &'static str,
    pub key: &'static str,
    pub column: &'static str,
    pub place: &'static str,
}

const fn of_member(column: &'static str, place: &'static str) -> SealedColumn {
    SealedColumn {
        table: "member",
        key: "id",
        column,
        place,
    }
}

/// All of them.
pub const SEALED: &[SealedColumn] = &[
    of_member("identity_sealed", "member.identity_number"),
    of_member("birth_sealed", "member.birth_date"),
    of_member("address_sealed", "member.address"),
    of_member("phone_sealed", "member.phone"),
    SealedColumn {
        table: "identity_change",
        key: "id",
        column: "value_sealed",
        place: "identity_change.value",
    },
    SealedColumn {
        table: "leave_request",
        key: "id",
        column: "reason_sealed",
        place: "leave_request.reason",
    },
    SealedColumn {
        table: "document_revision",
        key: "id",
        column: "text_sealed",
        place: "document_revision.text",
    },
    SealedColumn {
        table: "webhook_secret",
        key: "id",
        column: "secret_sealed",
        place: "webhook_secret.secret",
    },
    SealedColumn {
        table: "signing_key",
        key: "kid",
        column: "private_sealed",
        place: "signing_key.private",
    },
];

/// One sealed value and its row.
#[derive(Debug, Clone, FromQueryResult)]
pub struct SealedValue {
    pub id: String,
    pub sealed: String,
}

impl Snapshot {
    /// Some values that a key sealed.
    ///
    /// # Errors
    /// The database fails.
    pub async fn sealed_by(&self, at: &SealedColumn, key_id: &str, most: i64) -> StoreResult<Vec<SealedValue>> {
        let SealedColumn { table, key, column, .. } = at;
        let sql = format!(
            "SELECT {key} AS id, {column} AS sealed FROM {table} WHERE {column} LIKE $1 ORDER BY {key} LIMIT $2"
        );
        let values = vec![format!("{key_id}:%").into(), most.into()];
        Ok(SealedValue::find_by_statement(statement(&self.tx, &sql, values))
            .all(&self.tx)
            .await?)
    }

    /// How many values a column holds.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_sealed(&self, at: &SealedColumn, key_id: Option<&str>) -> StoreResult<i64> {
        let SealedColumn { table, column, .. } = at;
        let sql = format!("SELECT '' AS id, CAST(COUNT(*) AS text) AS sealed FROM {table} WHERE {column} LIKE $1");
        let like = key_id.map_or_else(|| "%".to_owned(), |key| format!("{key}:%"));
        let row = SealedValue::find_by_statement(statement(&self.tx, &sql, vec![like.into()]))
            .one(&self.tx)
            .await?;
        Ok(row.and_then(|row| row.sealed.parse().ok()).unwrap_or_default())
    }
}

impl Write {
    /// The next values that another key than this one sealed.
    ///
    /// # Errors
    /// The database fails.
    pub async fn sealed_by_others(&self, at: &SealedColumn, key_id: &str, most: i64) -> StoreResult<Vec<SealedValue>> {
        let SealedColumn { table, key, column, .. } = at;
        let sql = format!(
            "SELECT {key} AS id, {column} AS sealed FROM {table} WHERE {column} NOT LIKE $1 ORDER BY {key} LIMIT $2"
        );
        let values = vec![format!("{key_id}:%").into(), most.into()];
        Ok(SealedValue::find_by_statement(statement(&self.tx, &sql, values))
            .all(&self.tx)
            .await?)
    }

    /// Replaces sealed values where they still are what was read. The row's version stays: its content is the same.
    ///
    /// # Errors
    /// The database fails.
    pub async fn replace_sealed(&self, at: &SealedColumn, before: &SealedValue, after: &str) -> StoreResult<()> {
        let SealedColumn { table, key, column, .. } = at;
        let sql = format!("UPDATE {table} SET {column} = $1 WHERE {key} = $2 AND {column} = $3");
        let values = vec![after.into(), before.id.as_str().into(), before.sealed.as_str().into()];
        self.tx.execute_raw(statement(&self.tx, &sql, values)).await?;
        Ok(())
    }
}
