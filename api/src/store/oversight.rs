//! What the judge of obligations needs to know, for many orgs at once and in a constant number of statements.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use domain::vocabulary::OrganizationKind;
use entity::{agenda_item, organization, organization_fact};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use super::transaction::{Snapshot, Write, statement};
use super::{StoreResult, array};

/// Members of one branch or group, by what obligations ask of them.
#[derive(Debug, Clone, FromQueryResult)]
pub struct MemberCount {
    pub organization_id: String,
    pub standing: String,
    pub status: String,
    /// Whether an exemption by the branch runs.
    pub exempt: bool,
    pub number: i64,
}

/// An org around one of those asked for: its superior (level 0), or one below it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct KinRow {
    pub organization_id: String,
    pub id: String,
    pub kind: String,
    pub founded_on: NaiveDate,
    pub dissolved_on: Option<NaiveDate>,
    /// How many levels below; 1 also where it is guided.
    pub level: i64,
}

/// A held activity as one org took part in it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct HeldRow {
    pub organization_id: String,
    pub id: String,
    pub kind: String,
    pub host_id: String,
    pub local_date: NaiveDate,
    pub starts_at: DateTime<Utc>,
    pub named_at: DateTime<Utc>,
    pub for_year: Option<i64>,
    pub make_up_for: Option<String>,
    pub expected: i64,
    pub present: i64,
    /// How many orgs hold it together.
    pub orgs: i64,
    /// When minutes were first filed.
    pub filed_at: Option<DateTime<Utc>>,
}

/// A deviation with the rule and period of its obligation.
#[derive(Debug, Clone, FromQueryResult)]
pub struct DeviationRow {
    pub organization_id: String,
    pub rule_key: String,
    pub subject_id: String,
    pub period: String,
    pub state: String,
    pub new_date: NaiveDate,
}

/// Everything about some orgs that their obligations follow from.
#[derive(Debug, Default)]
pub struct OversightFacts {
    pub organizations: Vec<organization::Model>,
    pub kin: Vec<KinRow>,
    /// (org, first day, facts) of every change of its facts, oldest first.
    pub history: Vec<(String, NaiveDate, serde_json::Value)>,
    pub members: Vec<MemberCount>,
    pub held: Vec<HeldRow>,
    /// (activity, kind of agenda item)
    pub agenda: Vec<(String, String)>,
    pub deviations: Vec<DeviationRow>,
}

/// How much is read of what orgs are judged by.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    /// Activities since this day.
    pub since: NaiveDate,
    pub today: NaiveDate,
    /// Also what their groups held.
    pub with_groups: bool,
}

impl Extent {
    /// Activities since the year of a day began.
    #[must_use]
    pub fn since_year_of(day: NaiveDate, today: NaiveDate, with_groups: bool) -> Self {
        Self {
            since: NaiveDate::from_ymd_opt(day.year(), 1, 1).unwrap_or(day),
            today,
            with_groups,
        }
    }
}

const HELD: &str = "SELECT ao.organization_id, a.id, a.kind, a.host_id, a.local_date, a.starts_at, ao.named_at, a.for_year, \
     a.make_up_for, ao.expected, ao.present, \
     (SELECT COUNT(*) FROM activity_organization x WHERE x.activity_id = a.id) AS orgs, \
     (SELECT MIN(r.filed_at) FROM document d JOIN document_revision r ON r.document_id = d.id \
      WHERE d.subject_kind = 'ACTIVITY' AND d.subject_id = a.id AND d.class = 'MINUTES') AS filed_at \
     FROM activity_organization ao JOIN activity a ON a.id = ao.activity_id \
     WHERE a.status IN ('HELD', 'FILED') AND a.local_date >= $1 AND ao.organization_id IN ";

/// People of the orgs in `$1`, by what figures count.
fn people_sql(places: &str) -> String {
    let counted = |column: &str, metric: &str, from: &str| {
        format!(
            "SELECT {column} AS organization_id, {metric} AS metric, COUNT(*) AS number FROM {from} \
             AND {column} IN {places} GROUP BY 1, 2"
        )
    };
    [
        counted(
            "branch_id",
            "CASE standing WHEN 'FULL' THEN 'members.full' ELSE 'members.probationary' END",
            "member WHERE status <> 'LEFT'",
        ),
        counted("branch_id", "'floating.out'", "member WHERE status = 'FLOATING'"),
        counted("host_branch_id", "'floating.in'", "member WHERE status <> 'LEFT'"),
        counted(
            "branch_id",
            "CASE stage WHEN 'APPLICANT' THEN 'applicants' ELSE 'activists' END",
            "applicant WHERE member_id IS NULL AND withdrawn_on IS NULL",
        ),
    ]
    .join(" UNION ALL ")
}

#[derive(FromQueryResult)]
struct PeopleCount {
    organization_id: String,
    metric: String,
    number: i64,
}

fn kin_sql(places: &str) -> String {
    const ONE: &str = "o.id, o.kind, o.founded_on, o.dissolved_on";
    format!(
        "WITH RECURSIVE below (organization_id, id, kind, founded_on, dissolved_on, level) AS ( \
         SELECT o.parent_id, {ONE}, 1 FROM organization o WHERE o.parent_id IN {places} \
         UNION ALL SELECT o.guided_by, {ONE}, 1 FROM organization o WHERE o.guided_by IN {places} \
         UNION ALL SELECT b.organization_id, {ONE}, b.level + 1 FROM below b \
         JOIN organization o ON o.parent_id = b.id WHERE b.kind IN ('GENERAL_BRANCH', 'BRANCH') ) \
         SELECT organization_id, id, kind, founded_on, dissolved_on, CAST(level AS bigint) AS level FROM below \
         UNION ALL SELECT o.id, p.id, p.kind, p.founded_on, p.dissolved_on, 0 \
         FROM organization o JOIN organization p ON p.id = o.parent_id WHERE o.id IN {places}"
    )
}

fn members_sql(places: &str) -> String {
    let counted = |column: &str| {
        format!(
            "SELECT m.{column} AS organization_id, m.standing, m.status, \
             EXISTS (SELECT 1 FROM exemption e WHERE e.member_id = m.id AND e.state = 'ACCEPTED' AND e.from_on <= $1 AND e.until_on >= $1) AS exempt \
             FROM member m WHERE m.status <> 'LEFT' AND m.{column} IN {places}"
        )
    };
    format!(
        "SELECT organization_id, standing, status, exempt, COUNT(*) AS number FROM ({} UNION ALL {}) counted \
         GROUP BY organization_id, standing, status, exempt",
        counted("branch_id"),
        counted("group_id")
    )
}

async fn counted<C: ConnectionTrait>(tx: &C, ids: &[String], today: NaiveDate) -> StoreResult<Vec<MemberCount>> {
    let sql = members_sql(&array::places(tx, "$2"));
    Ok(
        MemberCount::find_by_statement(statement(tx, &sql, vec![today.into(), array::bound(ids)]))
            .all(tx)
            .await?,
    )
}

async fn facts<C: ConnectionTrait>(tx: &C, ids: &[String], extent: Extent) -> StoreResult<OversightFacts> {
    let Extent {
        since,
        today,
        with_groups,
    } = extent;
    let organizations = organization::Entity::find()
        .filter(array::is_any(tx, "organization.id", ids))
        .order_by_asc(organization::Column::Path)
        .all(tx)
        .await?;
    let kin_sql = kin_sql(&array::places(tx, "$1"));
    let kin = KinRow::find_by_statement(statement(tx, &kin_sql, vec![array::bound(ids)]))
        .all(tx)
        .await?;
    let history = organization_fact::Entity::find()
        .select_only()
        .column(organization_fact::Column::OrganizationId)
        .column(organization_fact::Column::FromOn)
        .column(organization_fact::Column::Facts)
        .filter(array::is_any(tx, "organization_id", ids))
        // What was changed again on the same day never held.
        .filter(Expr::cust("(until_on IS NULL OR until_on > from_on)"))
        .order_by_asc(organization_fact::Column::FromOn)
        .order_by_asc(organization_fact::Column::RecordedAt)
        .into_tuple()
        .all(tx)
        .await?;
    let places = array::places(tx, "$2");
    let members = counted(tx, ids, today).await?;
    let groups = kin
        .iter()
        .filter(|row| with_groups && row.level == 1 && row.kind == OrganizationKind::PartyGroup.as_str());
    let mut holders: Vec<String> = ids.iter().chain(groups.map(|row| &row.id)).cloned().collect();
    holders.sort();
    holders.dedup();
    let list = array::bound(&holders);
    let held = HeldRow::find_by_statement(statement(tx, &format!("{HELD}{places}"), vec![since.into(), list]))
        .all(tx)
        .await?;
    let activities: Vec<String> = held.iter().map(|row| row.id.clone()).collect();
    let agenda = agenda_item::Entity::find()
        .select_only()
        .column(agenda_item::Column::ActivityId)
        .column(agenda_item::Column::Kind)
        .filter(array::is_any(tx, "activity_id", &activities))
        .into_tuple()
        .all(tx)
        .await?;
    let deviations_sql = format!(
        "SELECT d.organization_id, o.rule_key, o.subject_id, o.period, d.state, d.new_date FROM deviation d \
         JOIN obligation o ON o.id = d.obligation_id WHERE d.organization_id IN {}",
        array::places(tx, "$1")
    );
    let deviations = DeviationRow::find_by_statement(statement(tx, &deviations_sql, vec![array::bound(ids)]))
        .all(tx)
        .await?;
    Ok(OversightFacts {
        organizations,
        kin,
        history,
        members,
        held,
        agenda,
        deviations,
    })
}

impl Write {
    /// How many members these orgs have, by what obligations ask of them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn members_counted(&self, ids: &[String], today: NaiveDate) -> StoreResult<Vec<MemberCount>> {
        counted(&self.tx, ids, today).await
    }

    /// The facts about these orgs.
    ///
    /// # Errors
    /// The database fails.
    pub async fn oversight(&self, ids: &[String], extent: Extent) -> StoreResult<OversightFacts> {
        facts(&self.tx, ids, extent).await
    }

    /// Commits without a place in the log: for work whose last step tells the log.
    ///
    /// # Errors
    /// The database fails.
    pub async fn keep(self) -> StoreResult<()> {
        Ok(self.tx.commit().await?)
    }

    /// Paths of all orgs by id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn paths(&self) -> StoreResult<Vec<(String, String)>> {
        Ok(organization::Entity::find()
            .select_only()
            .column(organization::Column::Id)
            .column(organization::Column::Path)
            .into_tuple()
            .all(&self.tx)
            .await?)
    }

    /// The next orgs behind a path in the order of the tree: (id, path).
    ///
    /// # Errors
    /// The database fails.
    pub async fn paths_behind(&self, path: &str, limit: u64) -> StoreResult<Vec<(String, String)>> {
        Ok(organization::Entity::find()
            .select_only()
            .column(organization::Column::Id)
            .column(organization::Column::Path)
            .filter(organization::Column::Path.gt(path))
            .order_by_asc(organization::Column::Path)
            .limit(limit)
            .into_tuple()
            .all(&self.tx)
            .await?)
    }

    /// How many people these orgs have: (org, metric, number).
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_people(&self, ids: &[String]) -> StoreResult<Vec<(String, String, i64)>> {
        let sql = people_sql(&array::places(&self.tx, "$1"));
        let rows = PeopleCount::find_by_statement(statement(&self.tx, &sql, vec![array::bound(ids)]))
            .all(&self.tx)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.organization_id, row.metric, row.number))
            .collect())
    }

    /// Ids of the orgs of a kind that stand, in the order of the tree.
    ///
    /// # Errors
    /// The database fails.
    pub async fn organizations_of_kind(&self, kind: OrganizationKind) -> StoreResult<Vec<String>> {
        Ok(organization::Entity::find()
            .select_only()
            .column(organization::Column::Id)
            .filter(organization::Column::Kind.eq(kind.as_str()))
            .filter(organization::Column::DissolvedOn.is_null())
            .order_by_asc(organization::Column::Path)
            .into_tuple()
            .all(&self.tx)
            .await?)
    }

    /// Ids of all orgs, parents first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn all_organizations(&self) -> StoreResult<Vec<String>> {
        Ok(organization::Entity::find()
            .select_only()
            .column(organization::Column::Id)
            .order_by_asc(organization::Column::Path)
            .into_tuple()
            .all(&self.tx)
            .await?)
    }
}

impl Snapshot {
    /// The facts about these orgs.
    ///
    /// # Errors
    /// The database fails.
    pub async fn oversight(&self, ids: &[String], extent: Extent) -> StoreResult<OversightFacts> {
        facts(&self.tx, ids, extent).await
    }
}
