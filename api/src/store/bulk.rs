//! New rows, however many. On PostgreSQL each column goes over as one array: one short statement that is planned once, where
//! values row by row are parsed and planned by the thousand. SQLite takes them row by row, as many as a statement binds.

use sea_orm::sea_query::{ColumnType, OnConflict};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ActiveValue, ColumnTrait as _, ConnectionTrait as _, DatabaseTransaction,
    DbBackend, DbErr, EntityName as _, EntityTrait, IdenStatic as _, IntoActiveModel, Iterable as _, Value,
};

use super::transaction::{ROWS_PER_INSERT, statement};

/// Rows that one statement of arrays holds, so that its text stays some megabytes.
const AT_ONCE: usize = 5_000;

type Column<E> = <E as EntityTrait>::Column;
/// Of a row that is there already: the key that it is found by, and the columns that are written.
type Onto<'a, E> = Option<(&'a [Column<E>], &'a [Column<E>])>;

/// Writes new rows.
pub(super) async fn insert<A>(tx: &DatabaseTransaction, rows: Vec<A>) -> Result<(), DbErr>
where
    A: ActiveModelTrait + ActiveModelBehavior + Send,
{
    put(tx, rows, None).await
}

/// The same from whole rows.
pub(super) async fn insert_models<M, A>(tx: &DatabaseTransaction, rows: Vec<M>) -> Result<(), DbErr>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait + ActiveModelBehavior + Send,
{
    insert(tx, whole(rows)).await
}

/// Rows with each of their columns to be written.
pub(super) fn whole<M, A>(rows: Vec<M>) -> Vec<A>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait,
{
    let all = rows.into_iter();
    all.map(|row| row.into_active_model().reset_all()).collect()
}

/// Writes rows; of those whose key is there already these columns alone.
pub(super) async fn put<A>(tx: &DatabaseTransaction, mut rows: Vec<A>, onto: Onto<'_, A::Entity>) -> Result<(), DbErr>
where
    A: ActiveModelTrait + ActiveModelBehavior + Send,
{
    if tx.get_database_backend() == DbBackend::Postgres {
        for some in rows.chunks_mut(AT_ONCE) {
            let (sql, values) = arrays(some, onto)?;
            tx.execute_raw(statement(tx, &sql, values)).await?;
        }
        return Ok(());
    }
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(ROWS_PER_INSERT));
        let mut insert = A::Entity::insert_many(std::mem::replace(&mut rows, rest));
        if let Some((key, columns)) = onto {
            let changed = OnConflict::columns(key.iter().copied())
                .update_columns(columns.iter().copied())
                .to_owned();
            insert = insert.on_conflict(changed);
        }
        insert.exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The statement and its arrays, a column each. The values are taken out of the rows: copies of them would be most of the work.
fn arrays<A: ActiveModelTrait>(rows: &mut [A], onto: Onto<'_, A::Entity>) -> Result<(String, Vec<Value>), DbErr> {
    let columns: Vec<Column<A::Entity>> = Column::<A::Entity>::iter().collect();
    let casts = columns.iter().zip(1..);
    let casts: Vec<String> = casts
        .map(|(column, place)| format!("CAST(${place} AS {}[])", kind(column.def().get_column_type())))
        .collect();
    let mut sql = format!(
        "INSERT INTO \"{}\" ({}) SELECT * FROM unnest({})",
        A::Entity::default().table_name(),
        listed::<A>(&columns, |name| name),
        casts.join(", ")
    );
    if let Some((key, changed)) = onto {
        let key = listed::<A>(key, |name| name);
        let set = listed::<A>(changed, |name| format!("{name} = excluded.{name}"));
        sql = format!("{sql} ON CONFLICT ({key}) DO UPDATE SET {set}");
    }
    let values = columns.iter().map(|column| Ok(array(rows, *column)?.into()));
    Ok((sql, values.collect::<Result<_, DbErr>>()?))
}

fn listed<A: ActiveModelTrait>(columns: &[Column<A::Entity>], each: impl Fn(String) -> String) -> String {
    let names = columns.iter().map(|column| each(format!("\"{}\"", column.as_str())));
    names.collect::<Vec<_>>().join(", ")
}

/// What PostgreSQL calls the values of a column, as `migration` makes it.
fn kind(column: &ColumnType) -> &'static str {
    match column {
        ColumnType::BigInteger => "bigint",
        ColumnType::Integer => "integer",
        ColumnType::Boolean => "boolean",
        ColumnType::Date => "date",
        ColumnType::TimestampWithTimeZone => "timestamptz",
        ColumnType::Json | ColumnType::JsonBinary => "jsonb",
        _ => "text",
    }
}

/// A column of the rows as the text of an array.
fn array<A: ActiveModelTrait>(rows: &mut [A], column: Column<A::Entity>) -> Result<String, DbErr> {
    let mut text = String::with_capacity(rows.len() * 32);
    text.push('{');
    for (number, row) in rows.iter_mut().enumerate() {
        if number > 0 {
            text.push(',');
        }
        match row.take(column) {
            ActiveValue::Set(value) | ActiveValue::Unchanged(value) => element(&mut text, value)?,
            ActiveValue::NotSet => text.push_str("NULL"),
        }
    }
    text.push('}');
    Ok(text)
}

/// An element of an array: quoted, so that no text is taken for anything else.
fn element(text: &mut String, value: Value) -> Result<(), DbErr> {
    let plain = match value {
        Value::String(Some(value)) => value,
        Value::BigInt(Some(value)) => value.to_string(),
        Value::Int(Some(value)) => value.to_string(),
        Value::Bool(Some(value)) => value.to_string(),
        Value::ChronoDate(Some(value)) => value.to_string(),
        // Instants are kept to the microsecond.
        Value::ChronoDateTimeUtc(Some(value)) => value.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
        Value::Json(Some(value)) => value.to_string(),
        null if null == null.as_null() => {
            text.push_str("NULL");
            return Ok(());
        }
        other => return Err(DbErr::Type(format!("no array holds {other:?}"))),
    };
    text.push('"');
    for part in plain.split_inclusive(['"', '\\']) {
        let (before, last) = part.split_at(part.len() - usize::from(part.ends_with(['"', '\\'])));
        text.push_str(before);
        if !last.is_empty() {
            text.push('\\');
            text.push_str(last);
        }
    }
    text.push('"');
    Ok(())
}
