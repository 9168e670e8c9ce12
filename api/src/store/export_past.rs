//! What stood in a part of the tree on a day of the past, for exports: dated facts of orgs, dated membership.

use chrono::NaiveDate;
use domain::policy::Scope;
use sea_orm::sea_query::{
    CommonTableExpression, Expr, ExprTrait as _, JoinType, Query, SelectStatement, SimpleExpr, UnionType, WithClause,
};
use sea_orm::{ConnectionTrait, DbBackend};

use super::organization::{SEAT, Within};
use super::scope::condition;

/// The branch that a member belonged to on a day.
pub(super) fn branch_on<C: ConnectionTrait>(tx: &C, day: NaiveDate) -> SimpleExpr {
    // The two dialects number the values of one expression differently: in order of appearance, or by their number.
    let (place, times) = match tx.get_database_backend() {
        DbBackend::Postgres => ("$1", 1),
        _ => ("?", 2),
    };
    let sql = format!(
        "(SELECT s.branch_id FROM membership s WHERE s.member_id = member.id AND s.from_on <= {place} \
         AND (s.until_on IS NULL OR s.until_on > {place}) ORDER BY s.from_on DESC LIMIT 1)"
    );
    Expr::cust_with_values(sql, std::iter::repeat_n(sea_orm::Value::from(day), times))
}

/// Facts that hold on a day.
fn holds(day: NaiveDate) -> SimpleExpr {
    let open = Expr::cust("f.until_on").is_null().or(Expr::cust("f.until_on").gt(day));
    Expr::cust("f.from_on").lte(day).and(open)
}

/// A part of the tree as it stood on a day, with each org's depth below the top and the way down to it.
fn below(within: &Within, day: NaiveDate) -> SelectStatement {
    let deepest = match within {
        Within::Exactly(_) => 0,
        Within::ChildrenOf(_) => 1,
        Within::SubtreeOf(_) => i32::MAX,
    };
    let next = Query::select()
        .expr(Expr::cust("f.organization_id"))
        .expr(Expr::cust("below.depth + 1"))
        .expr(Expr::cust("below.path || '/' || f.organization_id"))
        .from("below")
        .join_as(
            JoinType::InnerJoin,
            "organization_fact",
            "f",
            Expr::cust("f.parent_id = below.id"),
        )
        .and_where(holds(day))
        .and_where(Expr::cust("below.depth").lt(deepest))
        .to_owned();
    Query::select()
        .expr_as(Expr::cust("f.organization_id"), "id")
        .expr_as(Expr::cust("0"), "depth")
        .expr_as(Expr::cust("'/' || f.organization_id"), "path")
        .from_as("organization_fact", "f")
        .and_where(Expr::cust("f.organization_id").eq(within.id()))
        .and_where(holds(day))
        .union(UnionType::All, next)
        .to_owned()
}

/// The orgs of a part of the tree as they stood on a day, those that a scope shows, with their place in the tree of that day.
pub(super) fn organizations_on(scope: &Scope, within: &Within, day: NaiveDate) -> SelectStatement {
    let first = i32::from(matches!(within, Within::ChildrenOf(_)));
    let tree = CommonTableExpression::new()
        .table_name("below")
        .columns(["id", "depth", "path"])
        .query(below(within, day))
        .to_owned();
    let mut select = Query::select();
    for column in [
        "organization.id",
        "organization.version",
        "organization.founded_on",
        "below.path",
    ] {
        select.expr(Expr::cust(column));
    }
    for column in ["f.name", "f.kind", "f.sector", "f.parent_id"] {
        select.expr(Expr::cust(column));
    }
    select
        .from("below")
        .join(
            JoinType::InnerJoin,
            "organization",
            Expr::cust("organization.id = below.id"),
        )
        .join_as(
            JoinType::InnerJoin,
            "organization_fact",
            "f",
            Expr::cust("f.organization_id = below.id"),
        )
        .and_where(holds(day))
        .and_where(Expr::cust("below.depth").gte(first))
        .cond_where(condition(scope, SEAT))
        .with_cte(WithClause::new().recursive(true).cte(tree).to_owned())
        .to_owned()
}
