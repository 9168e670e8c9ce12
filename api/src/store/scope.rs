//! Scope → condition. One translation for lists and single look-ups, so that they cannot drift; the pure mirror is
//! [`domain::policy::Scope::contains`].

use domain::place;
use domain::policy::{Region, Scope};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, SimpleExpr};

/// Where the rows of a table sit: SQL expressions for what a region speaks of.
#[derive(Clone, Copy)]
pub(super) struct Seat {
    /// The org a row belongs to.
    pub org: Org,
    /// The person a row concerns.
    pub member: Option<&'static str>,
    /// The Party group the person is in.
    pub group: Option<&'static str>,
    /// The other side of a transfer.
    pub other_side: Option<&'static str>,
}

/// How a row names its org.
#[derive(Clone, Copy)]
pub(super) enum Org {
    /// A column with the org's id.
    Column(&'static str),
    /// A column with an activity's id: every org that takes part counts.
    OfActivity(&'static str),
}

impl Seat {
    pub(super) const fn at(column: &'static str) -> Self {
        Self {
            org: Org::Column(column),
            member: None,
            group: None,
            other_side: None,
        }
    }

    pub(super) const fn about(mut self, column: &'static str) -> Self {
        self.member = Some(column);
        self
    }

    pub(super) const fn in_group(mut self, column: &'static str) -> Self {
        self.group = Some(column);
        self
    }

    pub(super) const fn of_activity(column: &'static str) -> Self {
        Self {
            org: Org::OfActivity(column),
            member: None,
            group: None,
            other_side: None,
        }
    }
}

/// The condition under which a row is in the scope.
pub(super) fn condition(scope: &Scope, seat: Seat) -> Condition {
    scope
        .regions()
        .iter()
        .fold(Condition::any().add(nowhere()), |any, region| {
            any.add(region_of(region, seat))
        })
}

fn nowhere() -> SimpleExpr {
    Expr::cust("1 = 0")
}

fn region_of(region: &Region, seat: Seat) -> SimpleExpr {
    match region {
        Region::Everything => Expr::cust("1 = 1"),
        Region::Org(id) => org_is(seat, "id = ?", vec![id.as_str().into()]),
        Region::Group(id) => {
            let org = org_is(seat, "id = ?", vec![id.as_str().into()]);
            match seat.group {
                Some(column) => org.or(Expr::cust_with_values(format!("{column} = ?"), [id.as_str()])),
                None => org,
            }
        }
        Region::AtOrBelow(path) => org_is(
            seat,
            "path >= ? AND path < ?",
            vec![path.as_str().into(), place::upper_bound(path).into()],
        ),
        Region::Below(path) => org_is(
            seat,
            "path > ? AND path < ?",
            vec![path.as_str().into(), place::upper_bound(path).into()],
        ),
        Region::NextOf { path, depth, org_id } => org_is(
            seat,
            "(path > ? AND path < ? AND next_from_depth <= ?) OR guided_by = ?",
            vec![
                path.as_str().into(),
                place::upper_bound(path).into(),
                i64::try_from(*depth).unwrap_or(i64::MAX).into(),
                org_id.as_str().into(),
            ],
        ),
        Region::ApprovedBy(id) => org_is(seat, "approver_id = ?", vec![id.as_str().into()]),
        Region::NoGroup => org_is(seat, "kind <> 'PARTY_GROUP'", vec![]),
        Region::Person(id) => equals(seat.member, id),
        Region::Participant(id) => match seat.org {
            Org::OfActivity(column) => Expr::cust_with_values(
                format!("{column} IN (SELECT activity_id FROM attendance WHERE member_id = ?)"),
                [id.as_str()],
            ),
            Org::Column(_) => nowhere(),
        },
        // Nothing on this floor is announced yet.
        Region::Announced => nowhere(),
        Region::AboutSecretary => match seat.member {
            Some(column) => Expr::cust(format!(
                "{column} IN (SELECT member_id FROM appointment WHERE post = 'SECRETARY' AND until IS NULL)"
            )),
            None => nowhere(),
        },
        Region::OtherSide(inner) => match seat.other_side {
            Some(column) => region_of(inner, Seat::at(column)),
            None => nowhere(),
        },
        Region::All(regions) => {
            let all = regions
                .iter()
                .map(|region| region_of(region, seat))
                .reduce(|a, b| a.and(b));
            all.unwrap_or_else(nowhere)
        }
    }
}

/// A condition on the row's org, written over the columns of `organization`.
fn org_is(seat: Seat, condition: &str, values: Vec<sea_orm::Value>) -> SimpleExpr {
    let orgs = format!("(SELECT id FROM organization WHERE {condition})");
    let sql = match seat.org {
        Org::Column(column) => format!("{column} IN {orgs}"),
        Org::OfActivity(column) => {
            format!("{column} IN (SELECT activity_id FROM activity_organization WHERE organization_id IN {orgs})")
        }
    };
    Expr::cust_with_values(sql, values)
}

fn equals(column: Option<&'static str>, id: &str) -> SimpleExpr {
    match column {
        Some(column) => Expr::cust_with_values(format!("{column} = ?"), [id]),
        None => nowhere(),
    }
}
