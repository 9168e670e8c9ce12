//! What every write ends with: the log's next number, and under it its events, the trail, the outcome of its key.
//!
//! On PostgreSQL this is one statement, so that the counter's row, for which all other writers wait, is held for no round
//! trip but the commit's. SQLite has neither such a statement nor round trips: there it is one after the other.

use chrono::{DateTime, Utc};
use entity::{audit, event, idempotency, log_counter};
use sea_orm::sea_query::{
    CommonTableExpression, Expr, ExprTrait as _, InsertStatement, Query, UpdateStatement, WithClause,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ActiveValue::Set, ColumnTrait as _, ConnectionTrait as _, DatabaseTransaction,
    DbBackend, DbErr, EntityName as _, EntityTrait, IdenStatic as _, Iterable as _, StatementBuilder,
};

use super::bulk;
use super::settled::ON_COMMIT;
use super::transaction::{Event, Outcome, ROWS_PER_INSERT, Trail};

/// The number within the one statement.
const NUMBER: &str = "number";
/// The column of all three tables that holds it.
const POSITION: &str = "position";

/// What is written under a number.
pub(super) struct Records {
    pub events: Vec<Event>,
    pub trail: Vec<(String, Trail)>,
    pub outcome: Option<Outcome>,
    pub at: DateTime<Utc>,
}

/// Takes the next number and writes the records under it: from here to the end of the transaction nobody else can take one.
/// `rulebooks`: a rulebook, or for whom one is, is another from here on.
pub(super) async fn record(tx: &DatabaseTransaction, records: Records, rulebooks: bool) -> Result<i64, DbErr> {
    let backend = tx.get_database_backend();
    let take = next_number(backend, rulebooks);
    let few = records.events.len().max(records.trail.len()) <= ROWS_PER_INSERT;
    if backend == DbBackend::Postgres && few {
        let number = Expr::SubQuery(
            None,
            Box::new(Query::select().column(POSITION).from(NUMBER).take().into()),
        );
        let mut all = WithClause::new();
        all.cte(named(NUMBER.to_owned(), take));
        for (part, insert) in inserts(records, &number).into_iter().enumerate() {
            all.cte(named(format!("part_{part}"), insert));
        }
        return number_of(tx, &all.query(Query::select().column(POSITION).from(NUMBER).take())).await;
    }
    let position = number_of(tx, &take).await?;
    let (mut events, mut trail, mut outcome) = rows(records);
    events.iter_mut().for_each(|row| row.position = Set(position));
    trail.iter_mut().for_each(|row| row.position = Set(Some(position)));
    outcome.iter_mut().for_each(|row| row.position = Set(position));
    bulk::insert(tx, events).await?;
    bulk::insert(tx, trail).await?;
    bulk::insert(tx, outcome).await?;
    Ok(position)
}

async fn number_of(tx: &DatabaseTransaction, statement: &impl StatementBuilder) -> Result<i64, DbErr> {
    let row = tx.query_one(statement).await?;
    let row = row.ok_or_else(|| DbErr::Custom("the log counter is missing".to_owned()))?;
    row.try_get_by_index(0)
}

fn named(name: String, part: impl Into<sea_orm::sea_query::SubQueryStatement>) -> CommonTableExpression {
    CommonTableExpression::new().table_name(name).query(part).to_owned()
}

fn next_number(backend: DbBackend, rulebooks: bool) -> UpdateStatement {
    let next = || Expr::col(log_counter::Column::Position).add(1);
    let mut take = Query::update();
    take.table(log_counter::Entity.table_ref())
        .value(log_counter::Column::Position, next())
        .and_where(log_counter::Column::Id.eq(1))
        .returning_col(log_counter::Column::Position);
    if rulebooks {
        take.value(log_counter::Column::RulebooksAt, next());
    }
    if backend == DbBackend::Postgres {
        take.and_where(Expr::cust(ON_COMMIT));
    }
    take
}

/// The records as rows, their number still to be told.
fn rows(
    records: Records,
) -> (
    Vec<event::ActiveModel>,
    Vec<audit::ActiveModel>,
    Vec<idempotency::ActiveModel>,
) {
    let at = records.at;
    let events = records.events.into_iter().zip(0..);
    (
        events.map(|(row, sub)| told(row, sub, at)).collect(),
        records.trail.into_iter().map(|(id, row)| traced(id, row, at)).collect(),
        records.outcome.into_iter().map(|row| answered(row, at)).collect(),
    )
}

/// The statements that write a few records; `number` is what stands for their position.
fn inserts(records: Records, number: &Expr) -> Vec<InsertStatement> {
    let (events, trail, outcome) = rows(records);
    let mut all: Vec<InsertStatement> = Vec::new();
    all.extend((!events.is_empty()).then(|| insert(&events, number)));
    all.extend((!trail.is_empty()).then(|| insert(&trail, number)));
    all.extend((!outcome.is_empty()).then(|| insert(&outcome, number)));
    all
}

/// Rows of a table, each with the number for its position.
fn insert<A: ActiveModelTrait>(rows: &[A], number: &Expr) -> InsertStatement {
    type Column<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Column;
    let columns: Vec<Column<A>> = Column::<A>::iter().collect();
    let mut insert = Query::insert();
    insert
        .into_table(A::Entity::default().table_ref())
        .columns(columns.iter().copied());
    for row in rows {
        insert.values_panic(columns.iter().map(|column| match row.get(*column) {
            _ if column.as_str() == POSITION => number.clone(),
            ActiveValue::Set(value) | ActiveValue::Unchanged(value) => column.save_as(Expr::val(value)),
            ActiveValue::NotSet => Expr::keyword_default(),
        }));
    }
    insert
}

fn told(event: Event, sub: i64, at: DateTime<Utc>) -> event::ActiveModel {
    event::ActiveModel {
        position: ActiveValue::NotSet,
        sub: Set(sub),
        op: Set(event.op.to_string()),
        extent: Set(event.extent.to_string()),
        entity_kind: Set(event.kind.to_string()),
        entity_id: Set(event.id),
        version: Set(event.version),
        organization_id: Set(event.organization_id),
        path: Set(event.path),
        old_path: Set(event.old_path),
        member_id: Set(event.member_id),
        fields: Set(serde_json::json!(event.fields)),
        cause: Set(event.cause.to_owned()),
        at: Set(at),
    }
}

fn traced(id: String, row: Trail, at: DateTime<Utc>) -> audit::ActiveModel {
    audit::ActiveModel {
        id: Set(id),
        position: ActiveValue::NotSet,
        at: Set(at),
        account_id: Set(row.account_id),
        member_id: Set(row.member_id),
        post: Set(row.post),
        organization_id: Set(row.organization_id),
        action: Set(row.action),
        subject_kind: Set(row.subject_kind),
        subject_id: Set(row.subject_id),
        subject_org_id: Set(row.subject_org_id),
        fields: Set(serde_json::json!(row.fields)),
        purpose: Set(row.purpose),
        request_id: Set(row.request_id),
    }
}

fn answered(outcome: Outcome, at: DateTime<Utc>) -> idempotency::ActiveModel {
    idempotency::ActiveModel {
        account_id: Set(outcome.account_id),
        key: Set(outcome.key),
        operation: Set(outcome.operation),
        input_hash: Set(outcome.input_hash),
        entity_ids: Set(serde_json::json!(outcome.entity_ids)),
        position: ActiveValue::NotSet,
        created_at: Set(at),
    }
}
