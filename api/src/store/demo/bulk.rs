//! Loading by bulk: `COPY` in one transaction on PostgreSQL, one transaction for each part of the city on SQLite. Indexes and
//! foreign keys are laid aside meanwhile on PostgreSQL: building them once is far cheaper than keeping them row by row.

use std::fmt::Write as _;

use anyhow::Context as _;
use sea_orm::{ActiveModelTrait, EntityName as _, EntityTrait, Iden as _, IntoActiveModel, Iterable as _, Value};
use sqlx::{PgConnection, Postgres, Row as _, Transaction};

use super::rows::Rows;
use crate::store::connect::Database;

/// Bytes that are sent at a time.
const CHUNK: usize = 1 << 20;

/// A load under way. Dropped without [`Load::end`], PostgreSQL keeps nothing of it; SQLite keeps the parts so far.
pub(super) enum Load<'a> {
    Postgres {
        tx: Transaction<'static, Postgres>,
        /// What was laid aside, in the order in which it comes back.
        aside: Vec<String>,
    },
    Sqlite(&'a Database),
}

impl<'a> Load<'a> {
    pub(super) async fn begin(database: &'a Database) -> anyhow::Result<Self> {
        if !database.is_postgres() {
            return Ok(Self::Sqlite(database));
        }
        let mut tx = database.writes.get_postgres_connection_pool().begin().await?;
        for setting in ["statement_timeout", "idle_in_transaction_session_timeout"] {
            run(&mut tx, &format!("SET LOCAL {setting} = 0")).await?;
        }
        // For the indexes at the end.
        run(&mut tx, "SET LOCAL maintenance_work_mem = '128MB'").await?;
        let aside = lay_aside(&mut tx).await?;
        Ok(Self::Postgres { tx, aside })
    }

    pub(super) async fn put(&mut self, rows: Rows) -> anyhow::Result<()> {
        match self {
            Self::Postgres { tx, .. } => rows.copy(tx).await,
            Self::Sqlite(database) => {
                let write = database.write().await?;
                let inserted = rows.insert(&write, &|_, _| ()).await;
                inserted.map_err(crate::store::StoreError)?;
                Ok(write.keep().await?)
            }
        }
    }

    pub(super) async fn end(self) -> anyhow::Result<()> {
        let Self::Postgres { mut tx, aside } = self else {
            return Ok(());
        };
        for statement in &aside {
            run(&mut tx, statement).await?;
        }
        // What is judged next is planned by what is there, not by what was.
        run(&mut tx, "ANALYZE").await?;
        tx.commit().await?;
        Ok(())
    }
}

async fn run(connection: &mut PgConnection, statement: &str) -> anyhow::Result<()> {
    let run = sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(connection).await;
    run.map(drop).with_context(|| statement.to_owned())
}

/// Constraints of a schema but those that say only `NOT NULL`: foreign keys go first and come back last.
const CONSTRAINTS: &str = "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname), \
     format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) \
     FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND contype IN ('f', 'p', 'u') \
     ORDER BY contype <> 'f', conname";
/// Indexes that are no constraint's.
const INDEXES: &str = "SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid) FROM pg_index \
     WHERE NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid) AND indrelid IN \
     (SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace) ORDER BY 1";

/// Drops them; returns what brings them back.
async fn lay_aside(tx: &mut PgConnection) -> anyhow::Result<Vec<String>> {
    let mut back = Vec::new();
    for question in [CONSTRAINTS, INDEXES] {
        for row in sqlx::query(question).fetch_all(&mut *tx).await? {
            run(tx, row.try_get(0)?).await?;
            back.push(row.try_get(1)?);
        }
    }
    back.reverse();
    Ok(back)
}

/// Copies rows of one table in PostgreSQL's text format.
pub(super) async fn copy<M, A>(connection: &mut PgConnection, rows: Vec<M>) -> anyhow::Result<()>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait,
{
    if rows.is_empty() {
        return Ok(());
    }
    let columns: Vec<_> = <A::Entity as EntityTrait>::Column::iter().collect();
    let names: Vec<String> = columns
        .iter()
        .map(|column| format!("\"{}\"", column.to_string()))
        .collect();
    let table = A::Entity::default();
    let statement = format!("COPY \"{}\" ({}) FROM STDIN", table.table_name(), names.join(", "));
    let mut copy = connection.copy_in_raw(&statement).await?;
    let mut text = String::with_capacity(CHUNK + 4096);
    for row in rows {
        let row = row.into_active_model();
        for (place, column) in columns.iter().enumerate() {
            if place > 0 {
                text.push('\t');
            }
            let value = row
                .get(*column)
                .into_value()
                .with_context(|| format!("{column:?} is not set"))?;
            write_value(&mut text, &value)?;
        }
        text.push('\n');
        if text.len() >= CHUNK {
            copy.send(text.as_bytes()).await?;
            text.clear();
        }
    }
    copy.send(text.as_bytes()).await?;
    copy.finish().await?;
    Ok(())
}

/// One value as `COPY` reads it.
fn write_value(text: &mut String, value: &Value) -> anyhow::Result<()> {
    match value {
        Value::String(Some(value)) => escape(text, value),
        Value::BigInt(Some(value)) => write!(text, "{value}")?,
        Value::Bool(Some(value)) => write!(text, "{value}")?,
        Value::ChronoDate(Some(value)) => write!(text, "{value}")?,
        Value::ChronoDateTimeUtc(Some(value)) => write!(text, "{}", value.to_rfc3339())?,
        Value::Json(Some(value)) => escape(text, &value.to_string()),
        Value::String(None)
        | Value::BigInt(None)
        | Value::Bool(None)
        | Value::ChronoDate(None)
        | Value::ChronoDateTimeUtc(None)
        | Value::Json(None) => text.push_str("\\N"),
        other => anyhow::bail!("no column has values like {other:?}"),
    }
    Ok(())
}

fn escape(text: &mut String, value: &str) {
    for sign in value.chars() {
        match sign {
            '\\' => text.push_str("\\\\"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            sign => text.push(sign),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_copy_would_misread_is_escaped() {
        let mut text = String::new();
        write_value(&mut text, &Value::from("a\tb\\N\nc".to_owned())).unwrap();
        write_value(&mut text, &Value::String(None)).unwrap();
        assert_eq!(text, "a\\tb\\\\N\\nc\\N");
        assert!(write_value(&mut text, &Value::from(0.5f64)).is_err());
    }
}
