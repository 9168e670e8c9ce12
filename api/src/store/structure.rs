//! Writes of the hierarchy: the present stands on the org, its past beside it, both in one transaction.

use chrono::{DateTime, NaiveDate, Utc};
use domain::place;
use domain::policy::{Ancestor, Permit, Place, Scope, SystemScope};
use domain::vocabulary::OrganizationFlag;
use entity::{organization, organization_fact};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult,
    QueryFilter as _, QueryOrder as _,
};

use super::organization::Organization;
use super::rights::code;
use super::transaction::{Write, statement};
use super::{StoreResult, array};

/// Why and by what decision the structure changes.
#[derive(Debug, Clone)]
pub struct Grounds {
    pub reason: String,
    pub decided_on: Option<NaiveDate>,
    pub document_number: Option<String>,
    /// The meeting that decided.
    pub meeting_id: Option<String>,
}

/// The flags that an org has.
#[must_use]
pub fn flags_of(row: &Organization) -> Vec<OrganizationFlag> {
    let flags = [
        (row.law_enforcement, OrganizationFlag::LawEnforcement),
        (row.service_window, OrganizationFlag::ServiceWindow),
        (row.service_trade, OrganizationFlag::ServiceTrade),
    ];
    flags
        .into_iter()
        .filter(|(set, _)| *set)
        .map(|(_, flag)| flag)
        .collect()
}

/// The facts of an org besides name, kind, sector and place, as its history keeps them.
pub(super) fn facts_of(row: &Organization) -> serde_json::Value {
    let flags = flags_of(row);
    serde_json::json!({
        "guidedBy": row.guided_by, "approves": row.approves, "hasCommittee": row.has_committee,
        "holdsDemocraticLifeMeeting": row.holds_democratic_life_meeting, "joint": row.joint,
        "temporary": row.temporary, "flags": flags,
    })
}

/// What is in an org.
#[derive(Debug, Clone, Default, FromQueryResult)]
pub struct Contents {
    /// Orgs directly below that stand.
    pub children: i64,
    /// Orgs that it guides.
    pub guided: i64,
    pub members: i64,
    pub applicants: i64,
    /// Members on their way to it.
    pub transfers: i64,
}

const CONTENTS: &str = "SELECT \
     (SELECT COUNT(*) FROM organization WHERE parent_id = $1 AND dissolved_on IS NULL) AS children, \
     (SELECT COUNT(*) FROM organization WHERE guided_by = $1 AND dissolved_on IS NULL) AS guided, \
     (SELECT COUNT(*) FROM member WHERE (branch_id = $1 OR group_id = $1) AND status <> 'LEFT') AS members, \
     (SELECT COUNT(*) FROM applicant WHERE branch_id = $1 AND member_id IS NULL AND withdrawn_on IS NULL) AS applicants, \
     (SELECT COUNT(*) FROM transfer WHERE to_id = $1 AND state = 'REQUESTED') AS transfers";

impl Write {
    /// The orgs from the root down to and including `path`'s last, as ancestors of something new.
    ///
    /// # Errors
    /// The database fails.
    pub async fn ancestors(&self, path: &str) -> StoreResult<Vec<Ancestor>> {
        let ids: Vec<String> = place::ids_on(path).map(ToOwned::to_owned).collect();
        let mut rows = self.organizations(&Scope::system(SystemScope::Rights), &ids).await?;
        rows.sort_by_key(|row| row.depth);
        rows.iter()
            .map(|row| {
                Ok(Ancestor {
                    id: row.id.clone(),
                    kind: code(&row.kind)?,
                    approves: row.approves,
                })
            })
            .collect()
    }

    /// Inserts an org and opens its first facts.
    ///
    /// # Errors
    /// The database fails.
    pub async fn found(
        &self,
        _permit: &Permit,
        row: Organization,
        grounds: &Grounds,
        now: (DateTime<Utc>, String),
    ) -> StoreResult<()> {
        organization::Entity::insert(organization::ActiveModel::from(row.clone()).reset_all())
            .exec_without_returning(&self.tx)
            .await?;
        self.open_facts(&row, row.founded_on, grounds, now).await
    }

    /// Stores the changed org and its facts from `from_on` on.
    ///
    /// # Errors
    /// The database fails.
    pub async fn change_organization(
        &self,
        _permit: &Permit,
        row: Organization,
        from_on: NaiveDate,
        grounds: &Grounds,
        now: (DateTime<Utc>, String),
    ) -> StoreResult<()> {
        organization_fact::Entity::update_many()
            .col_expr(organization_fact::Column::UntilOn, Expr::value(from_on))
            .filter(organization_fact::Column::OrganizationId.eq(row.id.as_str()))
            .filter(organization_fact::Column::UntilOn.is_null())
            .exec(&self.tx)
            .await?;
        self.open_facts(&row, from_on, grounds, now).await?;
        organization::ActiveModel::from(row)
            .reset_all()
            .update(&self.tx)
            .await?;
        Ok(())
    }

    async fn open_facts(
        &self,
        row: &Organization,
        from_on: NaiveDate,
        grounds: &Grounds,
        (at, id): (DateTime<Utc>, String),
    ) -> StoreResult<()> {
        let fact = organization_fact::ActiveModel {
            id: Set(id),
            organization_id: Set(row.id.clone()),
            from_on: Set(from_on),
            until_on: Set(row.dissolved_on),
            name: Set(row.name.clone()),
            kind: Set(row.kind.clone()),
            sector: Set(row.sector.clone()),
            parent_id: Set(row.parent_id.clone()),
            path: Set(row.path.clone()),
            facts: Set(facts_of(row)),
            reason: Set(grounds.reason.clone()),
            decided_on: Set(grounds.decided_on),
            document_number: Set(grounds.document_number.clone()),
            meeting_id: Set(grounds.meeting_id.clone()),
            recorded_at: Set(at),
        };
        organization_fact::Entity::insert(fact)
            .exec_without_returning(&self.tx)
            .await?;
        Ok(())
    }

    /// What is in an org and would be left alone without it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn contents(&self, id: &str) -> StoreResult<Contents> {
        let found = Contents::find_by_statement(statement(&self.tx, CONTENTS, vec![id.into()]));
        Ok(found.one(&self.tx).await?.unwrap_or_default())
    }

    /// The subtree of a path, parents before children.
    ///
    /// # Errors
    /// The database fails.
    pub async fn subtree(&self, path: &str) -> StoreResult<Vec<Organization>> {
        Ok(organization::Entity::find()
            .filter(organization::Column::Path.gte(path))
            .filter(organization::Column::Path.lt(place::upper_bound(path)))
            .order_by_asc(organization::Column::Path)
            .all(&self.tx)
            .await?)
    }

    /// Rewrites the paths of a subtree in one statement.
    ///
    /// # Errors
    /// The database fails.
    pub async fn rewrite_paths(&self, _permit: &Permit, old: &str, new: &str) -> StoreResult<()> {
        let by = i64::try_from(place::depth(new)).unwrap_or(0) - i64::try_from(place::depth(old)).unwrap_or(0);
        let sql = "UPDATE organization SET path = $1 || substr(path, CAST($2 AS integer)), depth = depth + $3 WHERE path >= $4 AND path < $5";
        let start = i64::try_from(old.chars().count() + 1).unwrap_or(1);
        let values = vec![
            new.into(),
            start.into(),
            by.into(),
            old.into(),
            place::upper_bound(old).into(),
        ];
        self.tx.execute_raw(statement(&self.tx, sql, values)).await?;
        Ok(())
    }

    /// Sets who oversees and who approves, for all orgs that get the same answer at once.
    ///
    /// # Errors
    /// The database fails.
    pub async fn rewrite_oversight(&self, _permit: &Permit, place: &Place, ids: &[String]) -> StoreResult<()> {
        organization::Entity::update_many()
            .col_expr(
                organization::Column::NextFromDepth,
                Expr::value(i64::try_from(place.next_from_depth).unwrap_or_default()),
            )
            .col_expr(organization::Column::ApproverId, Expr::value(place.approver_id.clone()))
            .filter(array::is_any(&self.tx, "id", ids))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// Guides the groups of a branch as the branch itself is guided.
    ///
    /// # Errors
    /// The database fails.
    pub async fn guide_groups(&self, _permit: &Permit, branch: &str, guide: Option<String>) -> StoreResult<()> {
        organization::Entity::update_many()
            .col_expr(organization::Column::GuidedBy, Expr::value(guide))
            .filter(organization::Column::ParentId.eq(branch))
            .filter(organization::Column::Kind.eq("PARTY_GROUP"))
            .exec(&self.tx)
            .await?;
        Ok(())
    }

    /// Raises the version of an org whose facts stay as they are.
    ///
    /// # Errors
    /// The database fails.
    pub async fn raise_organization(&self, _permit: &Permit, id: &str) -> StoreResult<()> {
        organization::Entity::update_many()
            .col_expr(organization::Column::Version, Expr::cust("version + 1"))
            .filter(organization::Column::Id.eq(id))
            .exec(&self.tx)
            .await?;
        Ok(())
    }
}
