//! Scope → condition. One translation for lists and single look-ups, so that they cannot drift; the pure mirror is
//! [`domain::policy::Scope::contains`].

use chrono::NaiveDate;
use domain::place;
use domain::policy::{Region, Scope};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Query, SelectStatement, SimpleExpr};

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
    /// When a resolution was announced; NULL while it is not.
    pub announced: Option<&'static str>,
    /// The org of each row is looked at by itself.
    singly: bool,
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
            announced: None,
            singly: false,
        }
    }

    /// For rows that are few anyway, asked for by their ids: where a list finds its rows by the orgs of the scope, a look-up would read
    /// all of these for each of its few.
    pub(super) const fn singly(mut self) -> Self {
        self.singly = true;
        self
    }

    pub(super) const fn about(mut self, column: &'static str) -> Self {
        self.member = Some(column);
        self
    }

    pub(super) const fn in_group(mut self, column: &'static str) -> Self {
        self.group = Some(column);
        self
    }

    pub(super) const fn announced_at(mut self, column: &'static str) -> Self {
        self.announced = Some(column);
        self
    }

    pub(super) const fn leading_to(mut self, column: &'static str) -> Self {
        self.other_side = Some(column);
        self
    }

    pub(super) const fn of_activity(column: &'static str) -> Self {
        Self {
            org: Org::OfActivity(column),
            member: None,
            group: None,
            other_side: None,
            announced: None,
            singly: false,
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
    let column = |name: &'static str| Expr::cust(name);
    match region {
        Region::Everything => Expr::cust("1 = 1"),
        Region::Org(id) => org_is(seat, column("id").eq(id.as_str())),
        Region::Group(id) => {
            let org = org_is(seat, column("id").eq(id.as_str()));
            match seat.group {
                Some(group) => org.or(column(group).eq(id.as_str())),
                None => org,
            }
        }
        Region::AtOrBelow(path) => org_is(seat, column("path").gte(path.as_str()).and(before_end(path))),
        Region::Below(path) => org_is(seat, column("path").gt(path.as_str()).and(before_end(path))),
        Region::NextOf { path, depth, org_id } => {
            let depth = i64::try_from(*depth).unwrap_or(i64::MAX);
            let below = column("path").gt(path.as_str()).and(before_end(path));
            org_is(
                seat,
                below
                    .and(column("next_from_depth").lte(depth))
                    .or(column("guided_by").eq(org_id.as_str())),
            )
        }
        Region::ApprovedBy(id) => org_is(seat, column("approver_id").eq(id.as_str())),
        Region::NoGroup => org_is(seat, column("kind").ne("PARTY_GROUP")),
        Region::Person(id) => equals(seat.member, id),
        Region::Participant(id) => match seat.org {
            Org::OfActivity(activity) => taking_part(column(activity), id),
            Org::Column(_) => nowhere(),
        },
        Region::Announced => seat
            .announced
            .map_or_else(nowhere, |announced| Expr::cust(format!("{announced} IS NOT NULL"))),
        Region::AboutSecretary(on) => seat
            .member
            .map_or_else(nowhere, |member| Expr::cust(member).in_subquery(secretaries(*on))),
        Region::OtherSide(inner) => match seat.other_side {
            Some(other) => region_of(
                inner,
                Seat {
                    singly: seat.singly,
                    ..Seat::at(other)
                },
            ),
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

/// Whether a person takes part in an activity: as a member expected there, or as an applicant who is invited.
pub(super) fn taking_part(activity: SimpleExpr, person: &str) -> SimpleExpr {
    let of = |table: &'static str, column: &'static str| {
        Query::select()
            .expr(Expr::cust("activity_id"))
            .from(table)
            .and_where(Expr::cust(column).eq(person))
            .to_owned()
    };
    let expected = activity.clone().in_subquery(of("attendance", "member_id"));
    expected.or(activity.in_subquery(of("activity_invitation", "applicant_id")))
}

/// The ids of those who are secretaries on a day.
fn secretaries(on: NaiveDate) -> SelectStatement {
    let open = Expr::cust("until").is_null().or(Expr::cust("until").gt(on));
    Query::select()
        .expr(Expr::cust("member_id"))
        .from("appointment")
        .and_where(Expr::cust("post").eq("SECRETARY"))
        .and_where(Expr::cust("since").lte(on))
        .and_where(open)
        .to_owned()
}

pub(super) fn before_end(path: &str) -> SimpleExpr {
    Expr::cust("path").lt(place::upper_bound(path))
}

/// A condition on the row's org, written over the columns of `organization`.
pub(super) fn org_is(seat: Seat, condition: SimpleExpr) -> SimpleExpr {
    if seat.singly {
        return match seat.org {
            Org::Column(column) => stands_where(column, condition),
            Org::OfActivity(column) => any_row(
                ("activity_organization", "part"),
                format!("part.activity_id = {column}"),
                stands_where("part.organization_id", condition),
            ),
        };
    }
    let orgs = Query::select()
        .expr(Expr::cust("id"))
        .from("organization")
        .and_where(condition)
        .to_owned();
    match seat.org {
        Org::Column(column) => Expr::cust(column).in_subquery(orgs),
        Org::OfActivity(column) => {
            let activities = Query::select()
                .expr(Expr::cust("activity_id"))
                .from("activity_organization")
                .and_where(Expr::cust("organization_id").in_subquery(orgs))
                .to_owned();
            Expr::cust(column).in_subquery(activities)
        }
    }
}

fn stands_where(column: &str, condition: SimpleExpr) -> SimpleExpr {
    any_row(("organization", "place"), format!("place.id = {column}"), condition)
}

/// Whether a table, under another name, has such a row.
fn any_row((table, name): (&'static str, &'static str), of: String, condition: SimpleExpr) -> SimpleExpr {
    let rows = Query::select()
        .expr(Expr::cust("1"))
        .from_as(table, name)
        .and_where(Expr::cust(of))
        .and_where(condition)
        .to_owned();
    Expr::exists(rows)
}

fn equals(column: Option<&'static str>, id: &str) -> SimpleExpr {
    column.map_or_else(nowhere, |column| Expr::cust(column).eq(id))
}
