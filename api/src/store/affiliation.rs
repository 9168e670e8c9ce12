//! Where a member belongs: joining a branch, leaving it, and what hangs on that.

use chrono::NaiveDate;
use domain::policy::{Headed, Permit};
use entity::{exemption, member, organization};
use sea_orm::sea_query::{Expr, ExprTrait as _, LockType};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _, QuerySelect as _,
};

use super::member::Member;
use super::transaction::{Snapshot, Write, statement};
use super::{StoreResult, array};

#[derive(FromQueryResult)]
struct HeadRow {
    member_id: String,
    organization_id: String,
    has_deputy: bool,
}

async fn headships<C: ConnectionTrait>(
    tx: &C,
    members: &[String],
    on: NaiveDate,
) -> StoreResult<Vec<(String, Headed)>> {
    let runs = |of: &str| format!("{of}.since <= $1 AND ({of}.until IS NULL OR {of}.until > $1)");
    let sql = format!(
        "SELECT s.member_id, s.organization_id, EXISTS (SELECT 1 FROM appointment d \
         WHERE d.organization_id = s.organization_id AND d.post = 'DEPUTY_SECRETARY' AND {}) AS has_deputy \
         FROM appointment s WHERE s.post = 'SECRETARY' AND {} AND s.member_id IN {}",
        runs("d"),
        runs("s"),
        array::places(tx, "$2")
    );
    let rows = HeadRow::find_by_statement(statement(tx, &sql, vec![on.into(), array::bound(members)]))
        .all(tx)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let headed = Headed {
                org_id: row.organization_id,
                has_deputy: row.has_deputy,
            };
            (row.member_id, headed)
        })
        .collect())
}

impl Snapshot {
    /// Which orgs these members head on a day.
    ///
    /// # Errors
    /// The database fails.
    pub async fn headships(&self, members: &[String], on: NaiveDate) -> StoreResult<Vec<(String, Headed)>> {
        headships(&self.tx, members, on).await
    }
}

impl Write {
    /// Which orgs these members head on a day.
    ///
    /// # Errors
    /// The database fails.
    pub async fn headships_among(&self, members: &[String], on: NaiveDate) -> StoreResult<Vec<(String, Headed)>> {
        headships(&self.tx, members, on).await
    }

    /// Holds a member until the write ends, so that two writes about one person go one after the other.
    ///
    /// # Errors
    /// The database fails.
    pub async fn hold_member(&self, id: &str) -> StoreResult<Option<Member>> {
        Ok(member::Entity::find_by_id(id)
            .lock(LockType::NoKeyUpdate)
            .one(&self.tx)
            .await?)
    }

    /// The branch and its groups, by id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn with_groups(&self, branch: &str) -> StoreResult<Vec<String>> {
        let mut ids: Vec<String> = organization::Entity::find()
            .select_only()
            .column(organization::Column::Id)
            .filter(organization::Column::ParentId.eq(branch))
            .into_tuple()
            .all(&self.tx)
            .await?;
        ids.push(branch.to_owned());
        Ok(ids)
    }

    /// Exemptions go with the member: the new branch answers for them now.
    ///
    /// # Errors
    /// The database fails.
    pub async fn hand_over_exemptions(&self, _permit: &Permit, ids: &[String], branch: &str) -> StoreResult<()> {
        exemption::Entity::update_many()
            .col_expr(exemption::Column::BranchId, Expr::value(branch))
            .col_expr(exemption::Column::Version, Expr::col(exemption::Column::Version).add(1))
            .filter(array::is_any(&self.tx, "id", ids))
            .exec(&self.tx)
            .await?;
        Ok(())
    }
}
