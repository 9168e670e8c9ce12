//! Organizations: look-ups, lists, places, secretaries, external ids.

use chrono::NaiveDate;
use domain::place;
use domain::policy::{Place, Scope};
use entity::{appointment, member, organization};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Func, JoinType, LikeExpr, Query};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::page::{Key, Page, PageRequest, read};
use super::rights::code;
use super::scope::{Seat, condition};
use super::transaction::{Snapshot, Write};
use super::{StoreResult, array};

pub type Organization = organization::Model;

pub(super) const SEAT: Seat = Seat::at("organization.id");

/// Which part of the tree a list is about; the reader's scope always applies on top.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub enum Within {
    Exactly(String),
    ChildrenOf(String),
    SubtreeOf(String),
}

const EXACTLY: &str = "EXACTLY";
const CHILDREN_OF: &str = "CHILDREN_OF";
const SUBTREE_OF: &str = "SUBTREE_OF";

impl Within {
    /// The org that the part is named by.
    #[must_use]
    pub fn id(&self) -> &str {
        let (Self::Exactly(id) | Self::ChildrenOf(id) | Self::SubtreeOf(id)) = self;
        id
    }

    /// How far it reaches from that org, as it is stored beside the id.
    #[must_use]
    pub fn extent(&self) -> &'static str {
        match self {
            Self::Exactly(_) => EXACTLY,
            Self::ChildrenOf(_) => CHILDREN_OF,
            Self::SubtreeOf(_) => SUBTREE_OF,
        }
    }

    /// The part of the tree that is stored so; `None` for an extent that there is not.
    #[must_use]
    pub fn stored(extent: &str, id: String) -> Option<Self> {
        match extent {
            EXACTLY => Some(Self::Exactly(id)),
            CHILDREN_OF => Some(Self::ChildrenOf(id)),
            SUBTREE_OF => Some(Self::SubtreeOf(id)),
            _ => None,
        }
    }

    /// The condition on a column with the id of an org.
    pub(super) fn condition(&self, column: &str) -> Condition {
        let id = self.id();
        let column = Expr::cust(column.to_owned());
        let condition = match self {
            Self::Exactly(_) => column.eq(id),
            Self::ChildrenOf(_) => column.in_subquery(
                Query::select()
                    .expr(Expr::cust("id"))
                    .from("organization")
                    .and_where(Expr::cust("parent_id").eq(id))
                    .to_owned(),
            ),
            Self::SubtreeOf(_) => column.in_subquery(
                Query::select()
                    .expr(Expr::cust("b.id"))
                    .from_as("organization", "a")
                    .join_as(
                        JoinType::InnerJoin,
                        "organization",
                        "b",
                        Expr::cust("b.path >= a.path AND b.path < (substr(a.path, 1, length(a.path) - 1) || '0')"),
                    )
                    .and_where(Expr::cust("a.id").eq(id))
                    .to_owned(),
            ),
        };
        Condition::all().add(condition)
    }
}

/// The place of an org, as the policy sees it.
///
/// # Errors
/// A kind that the glossary does not have.
pub fn place_of(row: &Organization) -> StoreResult<Place> {
    Ok(Place {
        id: row.id.clone(),
        path: row.path.clone(),
        kind: code(&row.kind)?,
        next_from_depth: usize::try_from(row.next_from_depth).unwrap_or_else(|_| place::depth(&row.path)),
        guided_by: row.guided_by.clone(),
        approver_id: row.approver_id.clone(),
        parent_id: row.parent_id.clone(),
    })
}

/// What siblings are sorted by; figures of others than the reader's own scope count as none.
#[derive(Debug, Clone)]
pub enum OrderBy {
    Name,
    /// The rate over these periods; those without one last.
    Rate(Vec<String>),
    /// Members, full and probationary.
    Headcount,
    OpenAlerts,
}

/// Which orgs of the directory a list is about; an empty list of kinds or sectors lets none pass.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct OrganizationFilter {
    pub kinds: Option<Vec<String>>,
    pub sectors: Option<Vec<String>>,
    /// Part of the name, any case.
    pub name_contains: Option<String>,
    /// Those that are dissolved too.
    pub dissolved: bool,
}

impl OrganizationFilter {
    fn condition<C: ConnectionTrait>(&self, tx: &C) -> Condition {
        let mut all = Condition::all();
        if let Some(kinds) = &self.kinds {
            all = all.add(array::is_any(tx, "organization.kind", kinds));
        }
        if let Some(sectors) = &self.sectors {
            all = all.add(array::is_any(tx, "organization.sector", sectors));
        }
        if let Some(part) = &self.name_contains {
            let name = Func::lower(Expr::cust("organization.name"));
            all = all.add(Expr::expr(name).like(LikeExpr::new(containing(part)).escape('\\')));
        }
        if !self.dissolved {
            all = all.add(organization::Column::DissolvedOn.is_null());
        }
        all
    }
}

/// The pattern for a part of a text, its own wildcards taken literally.
fn containing(part: &str) -> String {
    let mut pattern = "%".to_owned();
    for c in part.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

async fn by_ids<C: ConnectionTrait>(tx: &C, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Organization>> {
    Ok(organization::Entity::find()
        .filter(array::is_any(tx, "organization.id", ids))
        .filter(condition(scope, SEAT.singly()))
        .all(tx)
        .await?)
}

impl Snapshot {
    /// The orgs with these ids that the scope shows, in no order.
    ///
    /// # Errors
    /// The database fails.
    pub async fn organizations(&self, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Organization>> {
        by_ids(&self.tx, scope, ids).await
    }

    /// Children of an org, by name or another key.
    ///
    /// # Errors
    /// The database fails.
    pub async fn organizations_within(
        &self,
        scope: &Scope,
        within: &Within,
        keys: &[Key],
        page: &PageRequest,
    ) -> StoreResult<Page<Organization>> {
        let select = organization::Entity::find()
            .filter(condition(scope, SEAT))
            .filter(within.condition("organization.id"))
            .filter(organization::Column::DissolvedOn.is_null());
        read(&self.tx, select, keys, page).await
    }

    /// A page of the directory by name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn directory(
        &self,
        scope: &Scope,
        within: &Within,
        filter: &OrganizationFilter,
        descending: bool,
        page: &PageRequest,
    ) -> StoreResult<Page<Organization>> {
        let keys = [
            Key::of("organization.name_key", super::page::KeyKind::Text, descending),
            Key::of("organization.id", super::page::KeyKind::Text, descending),
        ];
        let select = organization::Entity::find()
            .filter(condition(scope, SEAT))
            .filter(within.condition("organization.id"))
            .filter(filter.condition(&self.tx));
        read(&self.tx, select, &keys, page).await
    }

    /// A page of the orgs that a leading group guides, by name. A Party group goes with its branch.
    ///
    /// # Errors
    /// The database fails.
    pub async fn guided_by(&self, scope: &Scope, guide: &str, page: &PageRequest) -> StoreResult<Page<Organization>> {
        let keys = [Key::text("organization.name_key"), Key::text("organization.id")];
        let select = organization::Entity::find()
            .filter(condition(scope, SEAT))
            .filter(organization::Column::GuidedBy.eq(guide))
            .filter(organization::Column::Kind.ne("PARTY_GROUP"))
            .filter(organization::Column::DissolvedOn.is_null());
        read(&self.tx, select, &keys, page).await
    }

    /// How many children each org has; orgs without any are left out.
    ///
    /// # Errors
    /// The database fails.
    pub async fn child_counts(&self, ids: &[String]) -> StoreResult<Vec<(String, i64)>> {
        Ok(organization::Entity::find()
            .select_only()
            .column(organization::Column::ParentId)
            .expr(Expr::col(organization::Column::Id).count())
            .filter(array::is_any(&self.tx, "parent_id", ids))
            .filter(organization::Column::DissolvedOn.is_null())
            .group_by(organization::Column::ParentId)
            .into_tuple()
            .all(&self.tx)
            .await?)
    }

    /// Current heads of orgs: (org id, appointment), secretaries before deputies.
    ///
    /// # Errors
    /// The database fails.
    pub async fn secretaries(
        &self,
        ids: &[String],
        today: NaiveDate,
    ) -> StoreResult<Vec<(appointment::Model, Option<member::Model>)>> {
        Ok(appointment::Entity::find()
            .find_also_related(member::Entity)
            .filter(array::is_any(&self.tx, "appointment.organization_id", ids))
            .filter(appointment::Column::Post.eq("SECRETARY"))
            .filter(current(today))
            .order_by_asc(appointment::Column::Since)
            .all(&self.tx)
            .await?)
    }
}

impl Write {
    /// The orgs with these ids, inside the write.
    ///
    /// # Errors
    /// The database fails.
    pub async fn organizations(&self, scope: &Scope, ids: &[String]) -> StoreResult<Vec<Organization>> {
        by_ids(&self.tx, scope, ids).await
    }
}

/// Appointments that hold on a day.
pub(super) fn current(today: NaiveDate) -> Condition {
    Condition::all().add(appointment::Column::Since.lte(today)).add(
        appointment::Column::Until
            .is_null()
            .or(appointment::Column::Until.gt(today)),
    )
}

impl Snapshot {
    /// A page of siblings in an order, with key values.
    ///
    /// # Errors
    /// The database fails.
    pub async fn children_by(
        &self,
        scope: &Scope,
        figures: &Scope,
        within: &Within,
        (by, descending): (&OrderBy, bool),
        page: &PageRequest,
    ) -> StoreResult<Page<(Organization, Vec<String>)>> {
        let select = organization::Entity::find()
            .filter(condition(scope, SEAT))
            .filter(within.condition("organization.id"))
            .filter(organization::Column::DissolvedOn.is_null());
        let now = [super::figure::NOW.to_owned()];
        let periods: &[String] = if let OrderBy::Rate(periods) = by { periods } else { &now };
        if matches!(by, OrderBy::Name) || page.count.is_some() {
            let keys = [
                Key::of("organization.name_key", super::page::KeyKind::Text, descending),
                Key::of("organization.id", super::page::KeyKind::Text, descending),
            ];
            let page = read(&self.tx, select, &keys, page).await?;
            return Ok(page.map(|row| {
                let values = vec![row.name_key.clone(), row.id.clone()];
                (row, values)
            }));
        }
        // Few siblings (a page's worth to some hundreds): their figures are taken in one statement and sorted here.
        let rows = select.all(&self.tx).await?;
        let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
        let stored = self.figures(figures, &ids, periods).await?;
        Ok(super::figure::page_by(rows, &stored, (by, descending), page))
    }
}
