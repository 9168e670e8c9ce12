//! What findings and responsibility follow from: who is in an org, who holds which post, what was on its agenda. Every
//! question is one statement for all orgs asked about.

use chrono::NaiveDate;
use domain::policy::Scope;
use entity::{activity, activity_organization, agenda_item, appointment, member, organization};
use sea_orm::sea_query::{Expr, JoinType};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::organization::{Organization, Within, current};
use super::scope::{Seat, condition};
use super::transaction::{Snapshot, statement};
use super::{StoreResult, array};

/// Members of one branch.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Strength {
    pub branch_id: String,
    pub full: i64,
    pub ungrouped: i64,
}

/// Floating members of one branch without a host branch, by the last day for which they were offered a remote mode.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Unhosted {
    pub branch_id: String,
    pub offered_on: Option<NaiveDate>,
    pub number: i64,
}

/// The composition of the orgs of a list.
#[derive(Debug, Default)]
pub struct Compositions {
    /// Parents before children.
    pub organizations: Vec<Organization>,
    pub strengths: Vec<Strength>,
    /// Branches that are divided into groups.
    pub divided: Vec<String>,
    /// Current posts of officers: (org, post, end of term).
    pub posts: Vec<(String, String, Option<NaiveDate>)>,
    pub unhosted: Vec<Unhosted>,
}

impl Snapshot {
    /// Who is in the orgs of a list and who leads them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn compositions(&self, scope: &Scope, within: &Within, today: NaiveDate) -> StoreResult<Compositions> {
        let organizations = organization::Entity::find()
            .filter(condition(scope, Seat::at("organization.id")))
            .filter(within.condition("organization.id"))
            .filter(organization::Column::DissolvedOn.is_null())
            .order_by_asc(organization::Column::Path)
            .all(&self.tx)
            .await?;
        let ids: Vec<String> = organizations.iter().map(|row| row.id.clone()).collect();
        let strengths = member::Entity::find()
            .select_only()
            .column(member::Column::BranchId)
            .expr_as(Expr::cust("COUNT(CASE WHEN standing = 'FULL' THEN 1 END)"), "full")
            .expr_as(Expr::cust("COUNT(CASE WHEN group_id IS NULL THEN 1 END)"), "ungrouped")
            .filter(member::Column::Status.ne("LEFT"))
            .filter(array::is_any(&self.tx, "branch_id", &ids))
            .group_by(member::Column::BranchId)
            .into_model()
            .all(&self.tx)
            .await?;
        let divided = organization::Entity::find()
            .select_only()
            .column(organization::Column::ParentId)
            .distinct()
            .filter(array::is_any(&self.tx, "parent_id", &ids))
            .filter(organization::Column::Kind.eq("PARTY_GROUP"))
            .filter(organization::Column::DissolvedOn.is_null())
            .into_tuple()
            .all(&self.tx)
            .await?;
        let posts = appointment::Entity::find()
            .select_only()
            .column(appointment::Column::OrganizationId)
            .column(appointment::Column::Post)
            .column(appointment::Column::TermEndsOn)
            .filter(array::is_any(&self.tx, "organization_id", &ids))
            .filter(current(today))
            .into_tuple()
            .all(&self.tx)
            .await?;
        let unhosted = self.unhosted(&ids).await?;
        Ok(Compositions {
            organizations,
            strengths,
            divided,
            posts,
            unhosted,
        })
    }

    /// Floating members without a host, and when branch or group last offered them a remote mode (G1.1e).
    async fn unhosted(&self, ids: &[String]) -> StoreResult<Vec<Unhosted>> {
        let sql = format!(
            "SELECT branch_id, offered_on, COUNT(*) AS number FROM (SELECT m.branch_id, \
             (SELECT MAX(a.local_date) FROM activity a JOIN activity_organization o ON o.activity_id = a.id \
             WHERE (o.organization_id = m.branch_id OR o.organization_id = m.group_id) \
             AND a.mode IN ('ONLINE', 'HYBRID') AND a.status <> 'CANCELLED') AS offered_on \
             FROM member m WHERE m.status = 'FLOATING' AND m.host_branch_id IS NULL AND m.branch_id IN {}) offers \
             GROUP BY branch_id, offered_on",
            array::places(&self.tx, "$1")
        );
        let values = vec![array::bound(ids)];
        Ok(Unhosted::find_by_statement(statement(&self.tx, &sql, values))
            .all(&self.tx)
            .await?)
    }

    /// The posts held today in these orgs.
    ///
    /// # Errors
    /// The database fails.
    pub async fn posts_at(&self, ids: &[String], today: NaiveDate) -> StoreResult<Vec<appointment::Model>> {
        Ok(appointment::Entity::find()
            .filter(array::is_any(&self.tx, "organization_id", ids))
            .filter(current(today))
            .order_by_asc(appointment::Column::Since)
            .order_by_asc(appointment::Column::Id)
            .all(&self.tx)
            .await?)
    }

    /// When orgs last had organizational life on the agenda of a held meeting: (org, day).
    ///
    /// # Errors
    /// The database fails.
    pub async fn last_on_agenda(&self, scope: &Scope, ids: &[String]) -> StoreResult<Vec<(String, NaiveDate)>> {
        let held = activity_organization::Entity::belongs_to(activity::Entity)
            .from(activity_organization::Column::ActivityId)
            .to(activity::Column::Id)
            .into();
        let items = activity_organization::Entity::belongs_to(agenda_item::Entity)
            .from(activity_organization::Column::ActivityId)
            .to(agenda_item::Column::ActivityId)
            .into();
        Ok(activity_organization::Entity::find()
            .select_only()
            .column(activity_organization::Column::OrganizationId)
            .expr_as(Expr::cust("MAX(activity.local_date)"), "day")
            .join(JoinType::InnerJoin, held)
            .join(JoinType::InnerJoin, items)
            .filter(array::is_any(&self.tx, "activity_organization.organization_id", ids))
            .filter(condition(scope, Seat::at("activity_organization.organization_id")))
            .filter(activity::Column::Status.is_in(["HELD", "FILED"]))
            .filter(agenda_item::Column::Kind.eq("ORGANIZATIONAL_LIFE"))
            .group_by(activity_organization::Column::OrganizationId)
            .into_tuple()
            .all(&self.tx)
            .await?)
    }
}
