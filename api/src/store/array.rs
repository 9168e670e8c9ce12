//! Lists as one bound value, never a growing `IN`: one statement text whatever the length.

use sea_orm::sea_query::{Expr, ExprTrait as _, Func, Query, SimpleExpr};
use sea_orm::{ConnectionTrait, DbBackend, Value};

/// `column IN list`, the list bound as one JSON text.
pub(super) fn is_any<C: ConnectionTrait>(connection: &C, column: &str, list: &[String]) -> SimpleExpr {
    let list = Expr::value(bound(list));
    let mut members = Query::select();
    match connection.get_database_backend() {
        DbBackend::Postgres => {
            members.expr(Func::cust("jsonb_array_elements_text").arg(list.cast_as("jsonb")));
        }
        _ => {
            members
                .expr(Expr::cust("value"))
                .from_function(Func::cust("json_each").arg(list), "list");
        }
    }
    Expr::cust(column.to_owned()).in_subquery(members)
}

/// The right side of `IN` for raw statements with the placeholder given.
pub(super) fn places<C: ConnectionTrait>(connection: &C, placeholder: &str) -> String {
    match connection.get_database_backend() {
        DbBackend::Postgres => format!("(SELECT jsonb_array_elements_text(CAST({placeholder} AS jsonb)))"),
        _ => format!("(SELECT value FROM json_each({placeholder}))"),
    }
}

/// The bound value that goes with [`places`].
pub(super) fn bound(list: &[String]) -> Value {
    serde_json::json!(list).to_string().into()
}

/// A list of rows, each a list itself, as a table of one column `value`; to be bound as JSON.
pub(super) fn rows<C: ConnectionTrait>(connection: &C, placeholder: &str, name: &str) -> String {
    match connection.get_database_backend() {
        DbBackend::Postgres => format!("jsonb_array_elements(CAST({placeholder} AS jsonb)) AS {name} (value)"),
        _ => format!("json_each({placeholder}) AS {name}"),
    }
}
