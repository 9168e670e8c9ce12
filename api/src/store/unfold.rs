//! Ids of everything that is visible in a part of the tree, kind by kind: what a reader of the log is told when rights or
//! places change for all of it at once.

use chrono::NaiveDate;
use domain::policy::Scope;
use domain::vocabulary::EntityKind;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Order, Query, SimpleExpr};

use super::StoreResult;
use super::activity_minutes::MinutesScope;
use super::member::posts_shown;
use super::organization::{Within, current};
use super::scope::{Seat, before_end, condition, org_is};
use super::transaction::Snapshot;

/// A part of the tree: at and below an org, as far as a list asks for it.
#[derive(Debug, Clone, Copy)]
pub struct Area<'a> {
    /// Path of the org at the top.
    pub root: &'a str,
    /// The part asked for, with the path of its org.
    pub part: Option<(&'a Within, &'a str)>,
}

/// What a reader sees of one kind.
pub enum Shown {
    Rows(Scope),
    /// Posts, each through the scope of its own.
    Posts([(Vec<String>, Scope); 3]),
    Minutes(MinutesScope),
}

/// Where the rows of a kind sit: table and seat. `None` for what belongs to no org.
fn table(kind: EntityKind) -> Option<(&'static str, Seat)> {
    use super::{
        activity, activity_unit, admission, alert, applicant, attendance, identity_change, measure, member, obligation,
        organization, roster, transfer,
    };
    Some(match kind {
        EntityKind::Organization => ("organization", organization::SEAT),
        EntityKind::Member => ("member", member::SEAT),
        EntityKind::Applicant => ("applicant", applicant::SEAT),
        EntityKind::Appointment => ("appointment", member::APPOINTMENT),
        EntityKind::Activity => ("activity", activity::SEAT),
        EntityKind::Attendance => ("attendance", attendance::ATTENDANCE),
        EntityKind::Leave => ("leave_request", attendance::LEAVE),
        EntityKind::Resolution => ("resolution", Seat::of_activity("resolution.activity_id")),
        EntityKind::Exemption => ("exemption", roster::EXEMPTION),
        EntityKind::Admission => ("admission", admission::SEAT),
        EntityKind::Transfer => ("transfer", transfer::SEAT),
        EntityKind::Obligation => ("obligation", obligation::SEAT),
        EntityKind::Deviation => ("deviation", alert::DEVIATION),
        EntityKind::Alert => ("alert", alert::SEAT),
        EntityKind::Measure => ("measure", measure::SEAT),
        EntityKind::ActivityUnit => ("activity_unit", activity_unit::SEAT),
        EntityKind::IdentityChange => ("identity_change", identity_change::SEAT),
        EntityKind::InboxItem | EntityKind::Account | EntityKind::Rulebook | EntityKind::Webhook => return None,
    })
}

/// The kinds that a part of the tree holds, those first that others refer to.
pub const KINDS: &[EntityKind] = &[
    EntityKind::Organization,
    EntityKind::ActivityUnit,
    EntityKind::Member,
    EntityKind::Applicant,
    EntityKind::Appointment,
    EntityKind::Activity,
    EntityKind::Attendance,
    EntityKind::Leave,
    EntityKind::Resolution,
    EntityKind::Exemption,
    EntityKind::Admission,
    EntityKind::Transfer,
    EntityKind::IdentityChange,
    EntityKind::Obligation,
    EntityKind::Deviation,
    EntityKind::Alert,
    EntityKind::Measure,
];

/// Rows that sit at an org of this condition over the columns of `organization`; of a transfer either side counts.
fn sits(seat: Seat, orgs: &SimpleExpr) -> Condition {
    let own = Condition::any().add(org_is(seat, orgs.clone()));
    match seat.other_side {
        Some(other) => own.add(org_is(Seat::at(other), orgs.clone())),
        None => own,
    }
}

/// In a part of the tree, named by an org with this path.
fn inside(seat: Seat, within: &Within, path: &str) -> Condition {
    let orgs = match within {
        Within::Exactly(id) => Expr::cust("id").eq(id.as_str()),
        Within::ChildrenOf(id) => Expr::cust("parent_id").eq(id.as_str()),
        Within::SubtreeOf(_) => Expr::cust("path").gte(path).and(before_end(path)),
    };
    sits(seat, &orgs)
}

/// Below the top, and in the part asked for: of a joint activity two different orgs may say so.
fn place(seat: Seat, area: &Area<'_>) -> Condition {
    let below = Expr::cust("path").gte(area.root).and(before_end(area.root));
    let part = area.part.map(|(within, path)| inside(seat, within, path));
    Condition::all().add(sits(seat, &below)).add_option(part)
}

/// What a reader sees of a kind.
fn visible<C: ConnectionTrait>(tx: &C, seat: Seat, shown: &Shown) -> Condition {
    match shown {
        Shown::Rows(scope) => condition(scope, seat),
        Shown::Posts(scopes) => posts_shown(tx, scopes),
        Shown::Minutes(scope) => scope.of_resolutions(),
    }
}

/// Only what lists show as well.
fn listed(kind: EntityKind, today: NaiveDate) -> Condition {
    match kind {
        EntityKind::Organization => Condition::all().add(Expr::cust("organization.dissolved_on IS NULL")),
        EntityKind::Member => Condition::all().add(Expr::cust("member.status <> 'LEFT'")),
        EntityKind::Appointment => current(today),
        _ => Condition::all(),
    }
}

/// Whether a path is that of the org above all others.
pub(super) fn is_root(path: &str) -> bool {
    path.matches('/').count() == 2
}

/// The rows of a kind that a reader sees in a part of the tree, as lists show them and as `changes` tells them.
pub(super) fn shown_in<C: ConnectionTrait>(
    tx: &C,
    (kind, shown): (EntityKind, &Shown),
    (within, path): (&Within, &str),
    today: NaiveDate,
) -> Condition {
    let Some((_, seat)) = table(kind) else {
        return Condition::all().add(Expr::cust("1 = 0"));
    };
    let listed = Condition::all().add(listed(kind, today));
    // There is one tree, and nothing of it lies outside.
    let whole = is_root(path) && matches!(within, Within::SubtreeOf(_));
    let part = if whole {
        listed
    } else {
        listed.add(inside(seat, within, path))
    };
    match shown {
        // Where the part of the tree lies in the scope with all that is below, its place says it all.
        Shown::Rows(scope) if seat.other_side.is_none() && scope.covers(path) => part,
        _ => part.add(visible(tx, seat, shown)),
    }
}

impl Snapshot {
    /// Up to `most` ids of a kind that are shown in a part of the tree, behind one of them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn ids_in(
        &self,
        (kind, shown): (EntityKind, &Shown),
        area: &Area<'_>,
        today: NaiveDate,
        (after, most): (&str, u64),
    ) -> StoreResult<Vec<String>> {
        let Some((table, seat)) = table(kind) else {
            return Ok(Vec::new());
        };
        let id = || Expr::cust(format!("{table}.id"));
        let select = Query::select()
            .expr_as(id(), "id")
            .from(table)
            .cond_where(visible(&self.tx, seat, shown))
            .cond_where(listed(kind, today))
            .cond_where(place(seat, area))
            .and_where(id().gt(after))
            .order_by_expr(id(), Order::Asc)
            .limit(most)
            .to_owned();
        let rows = self.tx.query_all(&select).await?;
        rows.iter().map(|row| Ok(row.try_get("", "id")?)).collect()
    }
}
