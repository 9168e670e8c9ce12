//! One row of an export: its cells by their place, texts where the driver has them.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use domain::export::{Form, Value};
use sea_orm::{DbErr, QueryResult, RuntimeErr};
use serde::de::DeserializeOwned;
use sqlx::Row as _;

use super::StoreResult;

/// A row with its cells in the order of the columns that were asked for.
pub struct ExportRow(pub(super) QueryResult);

impl ExportRow {
    /// The text at a place; none where nothing is entered.
    ///
    /// # Errors
    /// There is no text.
    pub fn text(&self, at: usize) -> StoreResult<Option<&str>> {
        // Without the driver's look at the column's type: it is taken for each cell, and the statement is ours.
        let read = match (self.0.try_as_pg_row(), self.0.try_as_sqlite_row()) {
            (Some(row), _) => row.try_get_unchecked(at),
            (_, Some(row)) => row.try_get_unchecked(at),
            _ => Err(sqlx::Error::ColumnIndexOutOfBounds { index: at, len: 0 }),
        };
        Ok(read.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())))?)
    }

    /// The value at a place; what is sealed as the text that it is kept as.
    ///
    /// # Errors
    /// The cell is of another form.
    pub fn value(&self, at: usize, form: Form) -> StoreResult<Value<'_>> {
        let row = &self.0;
        let value = match form {
            Form::Text | Form::Sealed(_) => self.text(at)?.map(|text| Value::Text(text.into())),
            Form::Reference | Form::Org => self.text(at)?.map(|id| Value::Reference(id.into())),
            Form::Number => row.try_get_by_index::<Option<i64>>(at)?.map(Value::Number),
            Form::Flag => row.try_get_by_index::<Option<bool>>(at)?.map(Value::Flag),
            Form::Day => row.try_get_by_index::<Option<NaiveDate>>(at)?.map(Value::Day),
            Form::Instant => {
                let instant = row.try_get_by_index::<Option<DateTime<Utc>>>(at)?;
                instant.map(|instant| Value::Text(Cow::Owned(instant.to_rfc3339())))
            }
            Form::Orgs => Some(Value::References(self.list(at)?)),
            Form::Names => Some(Value::Names(self.list(at)?)),
        };
        Ok(value.unwrap_or(Value::Null))
    }

    /// A list that the database put together as JSON; empty where there is none.
    fn list<T: DeserializeOwned>(&self, at: usize) -> StoreResult<Vec<T>> {
        let Some(list) = self.text(at)? else {
            return Ok(Vec::new());
        };
        Ok(serde_json::from_str(list).map_err(|error| DbErr::Json(error.to_string()))?)
    }
}
