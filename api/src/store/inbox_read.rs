//! Reading the inbox: the open lines of one person, in one statement.

use chrono::NaiveDate;
use domain::audience::{Audience, HEAD, OFFICERS};
use entity::inbox_item;
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, JoinType, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _, QuerySelect as _, Select,
};

use super::inbox::InboxRow;
use super::page::{Key, KeyKind, Page, PageRequest, read};
use super::transaction::{Snapshot, Write, statement};
use super::{StoreResult, array};

/// The latest lines first.
pub const LATEST: &[Key] = &[
    Key::of("inbox_item.raised_at", KeyKind::Instant, true),
    Key::of("inbox_item.id", KeyKind::Text, true),
];

/// Whose inbox, on which day.
#[derive(Debug, Clone)]
pub struct Addressee {
    pub audiences: Vec<Audience>,
    pub today: NaiveDate,
}

/// SQL: somebody stands at the head of this org on the day.
fn is_led(org: &str, today: NaiveDate) -> String {
    format!(
        "EXISTS (SELECT 1 FROM appointment l WHERE l.organization_id = {org}.id AND l.since <= '{today}' \
         AND (l.until IS NULL OR l.until > '{today}') \
         AND (l.acting OR l.post IN ('SECRETARY', 'DEPUTY_SECRETARY', 'GROUP_LEADER')))"
    )
}

/// Orgs with nobody at their head, right below these heads or below an org that has nobody either.
fn vacant_below<C: ConnectionTrait>(tx: &C, heads: &[String], today: NaiveDate) -> SimpleExpr {
    let vacant = |org: &str| Expr::cust(format!("NOT {}", is_led(org, today)));
    let orgs = Query::select()
        .expr(Expr::cust("o.id"))
        .from_as("organization", "o")
        .join_as(
            JoinType::InnerJoin,
            "organization",
            "p",
            Expr::cust("p.id = o.parent_id"),
        )
        .and_where(vacant("o"))
        .and_where(array::is_any(tx, "p.id", heads).or(vacant("p").and(array::is_any(tx, "p.parent_id", heads))))
        .to_owned();
    Expr::cust("inbox_item.audience_org_id").in_subquery(orgs)
}

#[derive(FromQueryResult)]
struct Vacancy {
    id: String,
    parent_id: String,
    grandparent_id: Option<String>,
}

/// Those of these orgs that nobody leads, each with the orgs above whose heads stand in.
pub(super) async fn vacancies<C: ConnectionTrait>(
    tx: &C,
    orgs: &[String],
    today: NaiveDate,
) -> StoreResult<Vec<(String, Vec<String>)>> {
    let sql = format!(
        "SELECT o.id, p.id AS parent_id, CASE WHEN {} THEN NULL ELSE p.parent_id END AS grandparent_id \
         FROM organization o JOIN organization p ON p.id = o.parent_id WHERE NOT {} AND o.id IN {}",
        is_led("p", today),
        is_led("o", today),
        array::places(tx, "$1")
    );
    let rows = Vacancy::find_by_statement(statement(tx, &sql, vec![array::bound(orgs)]))
        .all(tx)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            (
                row.id,
                std::iter::once(row.parent_id).chain(row.grandparent_id).collect(),
            )
        })
        .collect())
}

/// The lines that wait for a person: their own, those of the places they hold, and those of vacant places below.
fn waiting<C: ConnectionTrait>(tx: &C, who: &Addressee) -> Select<inbox_item::Entity> {
    use inbox_item::Column as C;
    // Nobody: nothing waits.
    let nothing = Condition::any().add(Expr::cust("1 = 0"));
    let (mut heads, mut officers, mut mine) = (Vec::new(), Vec::new(), nothing);
    for audience in &who.audiences {
        match audience {
            Audience::Member(id) => mine = mine.add(C::AudienceMemberId.eq(id.as_str())),
            Audience::Head(org) => heads.push(org.clone()),
            Audience::Officers(org) => officers.push(org.clone()),
        }
    }
    let of = |code: &str, orgs: SimpleExpr| C::AudiencePost.eq(code).and(orgs);
    if !officers.is_empty() {
        mine = mine.add(of(OFFICERS, array::is_any(tx, "inbox_item.audience_org_id", &officers)));
    }
    if !heads.is_empty() {
        mine = mine.add(of(HEAD, array::is_any(tx, "inbox_item.audience_org_id", &heads)));
        mine = mine.add(of(HEAD, vacant_below(tx, &heads, who.today)));
    }
    inbox_item::Entity::find().filter(C::ClosedAt.is_null()).filter(mine)
}

impl Snapshot {
    /// A page of what waits for a person.
    ///
    /// # Errors
    /// The database fails.
    pub async fn inbox(&self, who: &Addressee, page: &PageRequest) -> StoreResult<Page<InboxRow>> {
        read(&self.tx, waiting(&self.tx, who), LATEST, page).await
    }

    /// Those of these lines that wait for a person.
    ///
    /// # Errors
    /// The database fails.
    pub async fn waiting_lines(&self, who: &Addressee, ids: &[String]) -> StoreResult<Vec<InboxRow>> {
        Ok(waiting(&self.tx, who)
            .filter(array::is_any(&self.tx, "inbox_item.id", ids))
            .all(&self.tx)
            .await?)
    }

    /// Ids of all that waits for a person.
    ///
    /// # Errors
    /// The database fails.
    pub async fn waiting_ids(&self, who: &Addressee) -> StoreResult<Vec<String>> {
        Ok(waiting(&self.tx, who)
            .select_only()
            .column(inbox_item::Column::Id)
            .into_tuple()
            .all(&self.tx)
            .await?)
    }
}

impl Write {
    /// Those of these lines that wait for a person.
    ///
    /// # Errors
    /// The database fails.
    pub async fn waiting_lines(&self, who: &Addressee, ids: &[String]) -> StoreResult<Vec<InboxRow>> {
        Ok(waiting(&self.tx, who)
            .filter(array::is_any(&self.tx, "inbox_item.id", ids))
            .all(&self.tx)
            .await?)
    }
}
