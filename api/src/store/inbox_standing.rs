//! What should stand in inboxes, read from the facts: the sources of lines, each in one statement.

use chrono::{DateTime, NaiveDate, Utc};
use domain::vocabulary::InboxKind;
use entity::inbox_item;
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _};

use super::inbox::InboxRow;
use super::transaction::{Write, statement};
use super::{StoreResult, array};

/// Something about one person at one activity that waits for a decision.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Asked {
    /// The leave or the attendance.
    pub id: String,
    pub member_id: String,
    pub organization_id: String,
    pub title: String,
    pub local_date: NaiveDate,
    pub at: DateTime<Utc>,
    /// It waits; else it is settled.
    pub waits: bool,
}

/// A person who is expected at a scheduled activity that notice went out for.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Noticed {
    pub activity_id: String,
    pub member_id: String,
    pub organization_id: String,
    pub title: String,
    pub local_date: NaiveDate,
    pub noticed_at: DateTime<Utc>,
}

/// One level of an open alert.
#[derive(Debug, Clone, FromQueryResult)]
pub struct LevelRow {
    pub alert_id: String,
    pub level: i64,
    pub organization_id: String,
    pub state: String,
    pub since: DateTime<Utc>,
    pub due_on: Option<NaiveDate>,
    pub rule_key: String,
    pub rulebook_id: String,
    pub period: String,
    pub closed: bool,
}

/// How many alerts a child leaves unresolved before the org above it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Bundle {
    pub organization_id: String,
    pub child_id: String,
    pub name: String,
    pub number: i64,
    pub since: DateTime<Utc>,
}

/// A deviation that waits for an answer.
#[derive(Debug, Clone, FromQueryResult)]
pub struct OpenDeviation {
    pub id: String,
    pub organization_id: String,
    pub name: String,
    pub parent_id: Option<String>,
    pub rule_key: String,
    pub rulebook_id: String,
    pub period: String,
    pub asked_at: DateTime<Utc>,
}

const LEAVES: &str = "SELECT l.id, l.member_id, l.organization_id, a.title, a.local_date, l.asked_at AS at, \
     (l.state = 'OPEN' AND a.status <> 'CANCELLED') AS waits FROM leave_request l JOIN activity a ON a.id = l.activity_id";
const DISPUTES: &str = "SELECT t.id, t.member_id, t.organization_id, a.title, a.local_date, \
     COALESCE(t.recorded_at, a.starts_at) AS at, (t.state = 'DISPUTED') AS waits \
     FROM attendance t JOIN activity a ON a.id = t.activity_id";
const NOTICES: &str = "SELECT t.activity_id, t.member_id, t.organization_id, a.title, a.local_date, a.noticed_at \
     FROM attendance t JOIN activity a ON a.id = t.activity_id \
     WHERE a.status = 'SCHEDULED' AND a.noticed_at IS NOT NULL AND t.state IN ('EXPECTED', 'LEAVE_PENDING') \
     AND t.activity_id IN ";
const LEVELS: &str = "SELECT v.alert_id, v.level, v.organization_id, v.state, v.since, v.due_on, b.rule_key, b.rulebook_id, b.period, \
     (r.closed_at IS NOT NULL) AS closed FROM alert_level v JOIN alert r ON r.id = v.alert_id \
     JOIN obligation b ON b.id = r.obligation_id";
const BUNDLES: &str = "SELECT v.organization_id, w.organization_id AS child_id, o.name, COUNT(*) AS number, \
     MAX(v.since) AS since FROM alert_level v JOIN alert r ON r.id = v.alert_id \
     JOIN alert_level w ON w.alert_id = v.alert_id AND w.level = v.level - 1 \
     JOIN organization o ON o.id = w.organization_id \
     WHERE r.closed_at IS NULL AND v.level > 0 AND v.state IN ('OPEN', 'URGED')";
const DEVIATIONS: &str = "SELECT d.id, d.organization_id, o.name, o.parent_id, b.rule_key, b.rulebook_id, b.period, d.asked_at \
     FROM deviation d JOIN organization o ON o.id = d.organization_id JOIN obligation b ON b.id = d.obligation_id \
     WHERE d.state = 'OPEN'";

impl Write {
    /// Leave at some activities, or all that waits.
    ///
    /// # Errors
    /// The database fails.
    pub async fn asked_leaves(&self, activities: Option<&[String]>) -> StoreResult<Vec<Asked>> {
        let rest = "WHERE l.state = 'OPEN' AND a.status <> 'CANCELLED'";
        self.at_activities(LEAVES, "WHERE l.activity_id IN", rest, activities)
            .await
    }

    /// Attendance at some activities that was ever disputed, or all that is disputed.
    ///
    /// # Errors
    /// The database fails.
    pub async fn asked_disputes(&self, activities: Option<&[String]>) -> StoreResult<Vec<Asked>> {
        let own = "WHERE t.dispute IS NOT NULL AND t.activity_id IN";
        self.at_activities(DISPUTES, own, "WHERE t.state = 'DISPUTED'", activities)
            .await
    }

    /// Who is expected at these activities, those of them that are scheduled with notice.
    ///
    /// # Errors
    /// The database fails.
    pub async fn noticed(&self, activities: &[String]) -> StoreResult<Vec<Noticed>> {
        let sql = format!("{NOTICES}{} ORDER BY t.id", array::places(&self.tx, "$1"));
        let values = vec![array::bound(activities)];
        Ok(Noticed::find_by_statement(statement(&self.tx, &sql, values))
            .all(&self.tx)
            .await?)
    }

    /// Activities that notices stand about or should.
    ///
    /// # Errors
    /// The database fails.
    pub async fn noticed_activities(&self) -> StoreResult<Vec<String>> {
        let sql = "SELECT id FROM activity WHERE status = 'SCHEDULED' AND noticed_at IS NOT NULL UNION \
                   SELECT subject_id FROM inbox_item WHERE closed_at IS NULL AND kind = 'ACTIVITY_NOTICE' ORDER BY 1";
        let rows = self.tx.query_all_raw(statement(&self.tx, sql, Vec::new())).await?;
        Ok(rows
            .iter()
            .map(|row| row.try_get_by_index(0))
            .collect::<Result<_, _>>()?)
    }

    async fn at_activities<T: FromQueryResult>(
        &self,
        sql: &str,
        own: &str,
        all: &str,
        activities: Option<&[String]>,
    ) -> StoreResult<Vec<T>> {
        let (rest, values) = match activities {
            Some(ids) => (
                format!("{own} {}", array::places(&self.tx, "$1")),
                vec![array::bound(ids)],
            ),
            None => (all.to_owned(), Vec::new()),
        };
        let sql = format!("{sql} {rest}");
        Ok(T::find_by_statement(statement(&self.tx, &sql, values))
            .all(&self.tx)
            .await?)
    }

    /// The levels of these alerts, or of all that are open.
    ///
    /// # Errors
    /// The database fails.
    pub async fn levels_standing(&self, alerts: Option<&[String]>) -> StoreResult<Vec<LevelRow>> {
        let among = format!("{LEVELS} WHERE v.alert_id IN {}", array::places(&self.tx, "$1"));
        let (sql, values) = match alerts {
            Some(ids) => (among, vec![array::bound(ids)]),
            None => (format!("{LEVELS} WHERE r.closed_at IS NULL"), Vec::new()),
        };
        Ok(LevelRow::find_by_statement(statement(&self.tx, &sql, values))
            .all(&self.tx)
            .await?)
    }

    /// What these children leave unresolved, or all do, per org above.
    ///
    /// # Errors
    /// The database fails.
    pub async fn bundles(&self, children: Option<&[String]>) -> StoreResult<Vec<Bundle>> {
        let by = "GROUP BY v.organization_id, w.organization_id, o.name";
        let (sql, values) = match children {
            Some(ids) => (
                format!(
                    "{BUNDLES} AND w.organization_id IN {} {by}",
                    array::places(&self.tx, "$1")
                ),
                vec![array::bound(ids)],
            ),
            None => (format!("{BUNDLES} {by}"), Vec::new()),
        };
        Ok(Bundle::find_by_statement(statement(&self.tx, &sql, values))
            .all(&self.tx)
            .await?)
    }

    /// Deviations that wait for an answer.
    ///
    /// # Errors
    /// The database fails.
    pub async fn open_deviations(&self) -> StoreResult<Vec<OpenDeviation>> {
        Ok(
            OpenDeviation::find_by_statement(statement(&self.tx, DEVIATIONS, Vec::new()))
                .all(&self.tx)
                .await?,
        )
    }

    /// All open lines of these kinds.
    ///
    /// # Errors
    /// The database fails.
    pub async fn open_lines(&self, kinds: &[InboxKind]) -> StoreResult<Vec<InboxRow>> {
        let codes: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        Ok(inbox_item::Entity::find()
            .filter(inbox_item::Column::ClosedAt.is_null())
            .filter(inbox_item::Column::Kind.is_in(codes))
            .all(&self.tx)
            .await?)
    }

    /// Open lines for whoever holds a place in an org.
    ///
    /// # Errors
    /// The database fails.
    pub async fn lines_addressed_to(&self, organization: &str) -> StoreResult<Vec<InboxRow>> {
        Ok(inbox_item::Entity::find()
            .filter(inbox_item::Column::AudienceOrgId.eq(organization))
            .filter(inbox_item::Column::ClosedAt.is_null())
            .all(&self.tx)
            .await?)
    }

    /// Open measures, and those flagged for review.
    ///
    /// # Errors
    /// The database fails.
    pub async fn measures_to_decide(&self) -> StoreResult<Vec<super::measure::Measure>> {
        use entity::measure;
        Ok(measure::Entity::find()
            .filter(measure::Column::State.is_in(["OPEN", "FOR_REVIEW"]))
            .all(&self.tx)
            .await?)
    }
}
