//! The rows of an export: one statement for each kind, whose rows are taken as they come. It is made from the columns that the
//! export has, so that cells and columns have one order.

use chrono::NaiveDate;
use domain::export::{Column, Form};
use domain::policy::Scope;
use domain::vocabulary::{EntityKind, ExportKind, SealedField};
use sea_orm::sea_query::{
    CaseStatement, Condition, Expr, ExprTrait as _, JoinType, Order, Query, SelectStatement, SimpleExpr,
};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use super::export_past::{branch_on, organizations_on};
use super::organization::Within;
use super::scope::{Seat, condition};
use super::transaction::Snapshot;
use super::unfold::{Shown, is_root, shown_in};
use super::{StoreResult, member as members};

/// The part of the tree that an export is about.
#[derive(Debug, Clone)]
pub struct Span {
    pub within: Within,
    /// Path of the org that it is named by.
    pub path: String,
    pub today: NaiveDate,
    /// A day of the past as of which structure and roster are wanted.
    pub as_of: Option<NaiveDate>,
}

impl Span {
    /// Whether the whole tree is asked for, as it is now.
    fn is_all(&self) -> bool {
        is_root(&self.path) && self.as_of.is_none() && matches!(self.within, Within::SubtreeOf(_))
    }
}

/// What is asked for of one kind.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    pub kind: ExportKind,
    pub columns: &'a [Column],
    /// What the account sees of the kind.
    pub shown: &'a Shown,
    /// What it sees of the orgs that rows refer to.
    pub directory: &'a Scope,
    pub span: &'a Span,
}

/// PostgreSQL ends what takes longer than a request may; a statement of an export takes as long as its files do. Rows come in one order
/// as long as nothing changes, wherever another statement reads the same table. What compiling a plan saves is less than it takes, and
/// what helpers of a plan would take is taken from those who write the files.
pub(super) const PATIENCE: &str = "SET LOCAL statement_timeout = '30min'; SET LOCAL idle_in_transaction_session_timeout = '120s'; \
     SET LOCAL synchronize_seqscans = off; SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0; \
     SET LOCAL work_mem = '32MB'";

/// Whose names in other systems there are.
#[derive(Clone, Copy)]
enum Names {
    /// There are none.
    Nobodys,
    /// Mostly of rows that are asked for, or few: those of others are not worth the look which ones these are.
    Asked,
    /// Many of others.
    More,
}

const FEW_NAMES: i64 = 50_000;

/// The names of each row in other systems, and the orgs that take part, as lists.
const NAMES: &str = "names";
const PARTNERS: &str = "partners";

impl Wanted<'_> {
    fn is_of_sealed(&self) -> bool {
        self.columns.iter().any(|column| matches!(column.form, Form::Sealed(_)))
    }
}

/// The kind of the log that a kind of an export is.
#[must_use]
pub fn kind_of(kind: ExportKind) -> EntityKind {
    match kind {
        ExportKind::Organization => EntityKind::Organization,
        ExportKind::Member => EntityKind::Member,
        ExportKind::Appointment => EntityKind::Appointment,
        ExportKind::Activity => EntityKind::Activity,
    }
}

fn table(kind: ExportKind) -> &'static str {
    match kind {
        ExportKind::Organization => "organization",
        ExportKind::Member => "member",
        ExportKind::Appointment => "appointment",
        ExportKind::Activity => "activity",
    }
}

/// Where the table keeps a column's values; none where they are not in it.
fn kept(column: &Column) -> Option<String> {
    match column.form {
        Form::Names | Form::Orgs => None,
        Form::Sealed(SealedField::IdentityNumber) => Some("identity_sealed".to_owned()),
        Form::Sealed(SealedField::BirthDate) => Some("birth_sealed".to_owned()),
        Form::Sealed(SealedField::Address) => Some("address_sealed".to_owned()),
        Form::Sealed(SealedField::Phone) => Some("phone_sealed".to_owned()),
        _ => Some(snake_case(column.flat)),
    }
}

fn snake_case(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// An org that a row refers to, where the directory shows it.
fn reference(wanted: Wanted<'_>, column: &Column, own: String) -> SimpleExpr {
    let Wanted {
        kind, directory, span, ..
    } = wanted;
    // A row's own org lies in the part of the tree that is asked for, and a group below its branch.
    let inside = span.is_all()
        || match kind {
            ExportKind::Member => ["branch", "group"].contains(&column.name),
            ExportKind::Appointment => column.name == "organization",
            ExportKind::Organization | ExportKind::Activity => false,
        };
    if inside && span.as_of.is_none() && directory.covers(&span.path) {
        return Expr::cust(own);
    }
    let shown = Query::select()
        .expr(Expr::cust("1"))
        .from_as("organization", "referred")
        .and_where(Expr::cust(format!("referred.id = {own}")))
        .cond_where(condition(directory, Seat::at("referred.id").singly()))
        .to_owned();
    let shown = Expr::cust(format!("{own} IS NOT NULL")).and(Expr::exists(shown));
    CaseStatement::new().case(shown, Expr::cust(own)).into()
}

impl Snapshot {
    /// Lets this snapshot live for as long as an export takes.
    ///
    /// # Errors
    /// The database fails.
    pub async fn take_time(&self) -> StoreResult<()> {
        if self.tx.get_database_backend() == DbBackend::Postgres {
            self.tx.execute_unprepared(PATIENCE).await?;
        }
        Ok(())
    }

    /// How many rows of a kind an export will have.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_exported(&self, wanted: Wanted<'_>) -> StoreResult<i64> {
        self.count_of(self.here(wanted)).await
    }

    /// What reads the rows of a kind: of orgs each behind the one above it, of others as the database finds them. Behind their columns
    /// stands, where sealed fields are among them, the branch, whether or not the directory shows it.
    pub(super) async fn exported(&self, wanted: Wanted<'_>) -> StoreResult<Statement> {
        let names = self.names_of(wanted).await?;
        Ok(self.tx.get_database_backend().build(&self.cells(wanted, names)))
    }

    async fn names_of(&self, Wanted { kind, span, .. }: Wanted<'_>) -> StoreResult<Names> {
        let many = FEW_NAMES.unsigned_abs() + 1;
        let some = Query::select()
            .expr(Expr::cust("1"))
            .from("external_id")
            .and_where(Expr::cust("entity_kind").eq(kind_of(kind).as_str()))
            .limit(if span.is_all() { 1 } else { many })
            .to_owned();
        Ok(match self.count_of(some).await? {
            0 => Names::Nobodys,
            1..=FEW_NAMES => Names::Asked,
            _ => Names::More,
        })
    }

    async fn count_of(&self, rows: SelectStatement) -> StoreResult<i64> {
        let count = Query::select()
            .expr(Expr::cust("COUNT(*)"))
            .from_subquery(rows, "counted")
            .to_owned();
        let row = self.tx.query_one(&count).await?;
        Ok(row.map_or(Ok(0), |row| row.try_get_by_index(0))?)
    }

    fn cells(&self, wanted: Wanted<'_>, names: Names) -> SelectStatement {
        let table = table(wanted.kind);
        let mut select = Query::select();
        select.from_subquery(self.here(wanted), table);
        for column in wanted.columns {
            let own = kept(column).map(|kept| format!("{table}.{kept}"));
            match (column.form, own) {
                (Form::Org, Some(own)) => {
                    select.expr(reference(wanted, column, own));
                }
                (_, Some(own)) => {
                    select.expr(Expr::cust(own));
                }
                (Form::Names, None) if matches!(names, Names::Nobodys) => {
                    select.expr(Expr::cust("CAST(NULL AS text)"));
                }
                (form, None) => {
                    let (name, of) = self.list_of(wanted, form, names);
                    let is_its = Expr::cust(format!("{name}.of_id = {table}.id"));
                    select.join_subquery(JoinType::LeftJoin, of, name, is_its);
                    select.expr(Expr::cust(format!("{name}.list")));
                }
            }
        }
        match wanted.kind {
            ExportKind::Organization => select.order_by_expr(Expr::cust("organization.path"), Order::Asc),
            ExportKind::Member if wanted.is_of_sealed() => select.expr(Expr::cust("member.branch_id")),
            ExportKind::Member | ExportKind::Appointment | ExportKind::Activity => &mut select,
        };
        select
    }

    /// The rows themselves, as they are now or as they stood on a day.
    fn here(&self, wanted: Wanted<'_>) -> SelectStatement {
        let Wanted { kind, span, shown, .. } = wanted;
        if let (ExportKind::Organization, Some(day), Shown::Rows(scope)) = (kind, span.as_of, shown) {
            return organizations_on(scope, &span.within, day);
        }
        let mut select = Query::select();
        for kept in wanted.columns.iter().filter_map(kept) {
            select.expr_as(self.stands(&kept, wanted), kept);
        }
        if kind == ExportKind::Organization {
            select.expr_as(Expr::cust("organization.path"), "path");
        }
        select.from(table(kind)).cond_where(self.which(wanted)).to_owned()
    }

    /// What stands in a column. On a day of the past members have the branch of that day, and no group: it is not dated.
    fn stands(&self, kept: &str, wanted: Wanted<'_>) -> SimpleExpr {
        match (wanted.kind, wanted.span.as_of, kept) {
            (ExportKind::Member, Some(day), "branch_id") => branch_on(&self.tx, day),
            (ExportKind::Member, Some(_), "group_id" | "host_branch_id") => Expr::cust("CAST(NULL AS text)"),
            (kind, ..) => Expr::cust(format!("{}.{kept}", table(kind))),
        }
    }

    /// Which rows: those there now, or on the day asked for.
    fn which(&self, Wanted { kind, shown, span, .. }: Wanted<'_>) -> Condition {
        if let (ExportKind::Member, Some(day), Shown::Rows(scope)) = (kind, span.as_of, shown) {
            return Condition::all().add(condition(scope, members::SEAT)).add(self.belonged(
                "member.id",
                &span.within,
                day,
            ));
        }
        let on = span.as_of.unwrap_or(span.today);
        shown_in(&self.tx, (kind_of(kind), shown), (&span.within, &span.path), on)
    }

    /// What rows have several of, as one JSON list for each of these rows that has any.
    fn list_of(&self, wanted: Wanted<'_>, form: Form, names: Names) -> (&'static str, SelectStatement) {
        let table = table(wanted.kind);
        let ids = Query::select()
            .expr(Expr::cust(format!("{table}.id")))
            .from_subquery(self.here(wanted), table)
            .to_owned();
        let those = |of: &'static str| match (form, names) {
            (Form::Names, Names::Asked) => Expr::cust("e.entity_kind").eq(kind_of(wanted.kind).as_str()),
            _ => Expr::cust(of).in_subquery(ids),
        };
        let (list, pair) = match self.tx.get_database_backend() {
            DbBackend::Postgres => ("json_agg", "json_build_array"),
            _ => ("json_group_array", "json_array"),
        };
        let mut select = Query::select();
        let (name, of, listed) = if form == Form::Orgs {
            // The host of each first.
            select.from_as("activity_organization", "p").join_as(
                JoinType::InnerJoin,
                "activity",
                "a",
                Expr::cust("a.id = p.activity_id"),
            );
            let first = "CASE WHEN p.organization_id = a.host_id THEN 0 ELSE 1 END";
            (
                PARTNERS,
                "p.activity_id",
                format!("p.organization_id ORDER BY {first}, p.organization_id"),
            )
        } else {
            select.from_as("external_id", "e");
            (
                NAMES,
                "e.entity_id",
                // Their order is made when they are read: the database would sort all of them for it.
                format!("{pair}(e.system, e.value)"),
            )
        };
        select
            .expr_as(Expr::cust(of), "of_id")
            .expr_as(Expr::cust(format!("CAST({list}({listed}) AS text)")), "list")
            .and_where(those(of))
            .add_group_by([Expr::cust(of)]);
        (name, select)
    }
}
