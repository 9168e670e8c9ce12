//! Changes guarded by the version that was read.

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ActiveModelTrait, DatabaseTransaction, EntityTrait, QueryFilter as _};

use super::StoreResult;

/// Writes a row as it now is where it still has the version that was read; `false` where somebody was faster.
pub(super) async fn update<A>(tx: &DatabaseTransaction, row: A, id: &str, read: i64) -> StoreResult<bool>
where
    A: ActiveModelTrait,
{
    let done = <A::Entity as EntityTrait>::update_many()
        .set(row)
        .filter(Expr::cust("id").eq(id))
        .filter(Expr::cust("version").eq(read))
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}
