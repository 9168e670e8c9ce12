//! The inbox: one addressed table, written with the change that causes a line and never by a notification.

use chrono::{DateTime, NaiveDate, Utc};
use domain::audience::Audience;
use domain::vocabulary::{ChangeExtent, ChangeOp, EntityKind, InboxKind};
use entity::inbox_item;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait as _, DatabaseTransaction, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _,
};

use super::transaction::{Event, ROWS_PER_INSERT, statement};
use super::{StoreResult, array};

pub type InboxRow = inbox_item::Model;

/// A line to be written.
#[derive(Debug, Clone)]
pub struct Line {
    pub id: String,
    pub audience: Audience,
    pub kind: InboxKind,
    pub subject_kind: EntityKind,
    pub subject_id: String,
    /// The org that the matter belongs to.
    pub organization_id: String,
    /// Names for the text, as codes and ids; never values of sensitive fields.
    pub params: serde_json::Value,
    pub due_on: Option<NaiveDate>,
    /// When the matter arose, where that was before the write.
    pub raised_at: Option<DateTime<Utc>>,
}

/// What a write does to the inbox; done in the finish step, in order.
#[derive(Debug, Clone)]
pub enum InboxChange {
    /// A line appears, unless the same one (audience, kind, subject) is open already.
    Raise(Line),
    /// Lines about a subject go: of these kinds, for this audience or for all.
    Close {
        subject_id: String,
        kinds: Vec<InboxKind>,
        audience: Option<Audience>,
    },
    /// Exactly these lines of a kind stand about a subject: others of the kind go, missing ones appear.
    Stand {
        subject_id: String,
        kind: InboxKind,
        lines: Vec<Line>,
    },
}

impl InboxChange {
    fn subject(&self) -> &str {
        match self {
            Self::Raise(line) => &line.subject_id,
            Self::Close { subject_id, .. } | Self::Stand { subject_id, .. } => subject_id,
        }
    }
}

impl super::transaction::Write {
    /// Applies changes of the inbox before the finish step, for who must know whether there are any. Returns their events.
    ///
    /// # Errors
    /// The database fails.
    pub async fn settle_inbox(&self, changes: Vec<InboxChange>, at: DateTime<Utc>) -> StoreResult<Vec<Event>> {
        apply(&self.tx, changes, at).await
    }
}

/// Applies the changes: one look-up, one update, one insert. Returns the events that tell readers of the log.
pub(super) async fn apply(
    tx: &DatabaseTransaction,
    changes: Vec<InboxChange>,
    at: DateTime<Utc>,
) -> StoreResult<Vec<Event>> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let mut subjects: Vec<String> = changes.iter().map(|change| change.subject().to_owned()).collect();
    subjects.sort();
    subjects.dedup();
    let mut open: Vec<InboxRow> = inbox_item::Entity::find()
        .filter(array::is_any(tx, "subject_id", &subjects))
        .filter(inbox_item::Column::ClosedAt.is_null())
        .all(tx)
        .await?;
    let (mut raised, mut closed): (Vec<InboxRow>, Vec<InboxRow>) = (Vec::new(), Vec::new());
    for change in changes {
        match change {
            InboxChange::Raise(line) => {
                let row = row(line, at);
                if !open.iter().chain(&raised).any(|other| same(other, &row)) {
                    raised.push(row);
                }
            }
            InboxChange::Close {
                subject_id,
                kinds,
                audience,
            } => {
                let goes = |row: &InboxRow| {
                    row.subject_id == subject_id
                        && kinds.iter().any(|kind| kind.as_str() == row.kind)
                        && audience
                            .as_ref()
                            .is_none_or(|one| audience_of(row).as_ref() == Some(one))
                };
                raised.retain(|row| !goes(row));
                let (gone, kept) = open.into_iter().partition(goes);
                closed.extend::<Vec<InboxRow>>(gone);
                open = kept;
            }
            InboxChange::Stand {
                subject_id,
                kind,
                lines,
            } => {
                let about = |row: &InboxRow| row.subject_id == subject_id && row.kind == kind.as_str();
                raised.retain(|row| !about(row));
                let wanted: Vec<InboxRow> = lines.into_iter().map(|line| row(line, at)).collect();
                let stays = |one: &InboxRow| wanted.iter().any(|new| same(one, new) && one.params == new.params);
                let (gone, kept): (Vec<InboxRow>, Vec<InboxRow>) =
                    open.into_iter().partition(|one| about(one) && !stays(one));
                for mut new in wanted {
                    if kept.iter().any(|one| same(one, &new)) {
                        continue;
                    }
                    // Another count or state of the same matter: it has waited since then.
                    if let Some(old) = gone.iter().find(|one| same(one, &new)) {
                        new.raised_at = old.raised_at;
                    }
                    raised.push(new);
                }
                closed.extend(gone);
                open = kept;
            }
        }
    }
    close(tx, &closed, at).await?;
    for chunk in raised.chunks(ROWS_PER_INSERT) {
        let rows = chunk.iter().map(|row| row.clone().into_active_model().reset_all());
        inbox_item::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    let paths = paths(tx, raised.iter().chain(&closed)).await?;
    let raised = raised.iter().map(|row| event(row, ChangeOp::Upsert, &paths));
    Ok(raised
        .chain(closed.iter().map(|row| event(row, ChangeOp::Delete, &paths)))
        .collect())
}

/// The addressee of a stored line.
#[must_use]
pub fn audience_of(row: &InboxRow) -> Option<Audience> {
    Audience::from_parts(
        row.audience_member_id.as_deref(),
        row.audience_org_id.as_deref(),
        row.audience_post.as_deref(),
    )
}

fn same(a: &InboxRow, b: &InboxRow) -> bool {
    a.subject_id == b.subject_id && a.kind == b.kind && audience_of(a) == audience_of(b)
}

fn row(line: Line, at: DateTime<Utc>) -> InboxRow {
    let place = line.audience.place();
    InboxRow {
        id: line.id,
        audience_member_id: line.audience.member_id().map(ToOwned::to_owned),
        audience_org_id: place.map(|(org, _)| org.to_owned()),
        audience_post: place.map(|(_, code)| code.to_owned()),
        kind: line.kind.to_string(),
        subject_kind: line.subject_kind.to_string(),
        subject_id: line.subject_id,
        organization_id: Some(line.organization_id),
        params: line.params,
        raised_at: line.raised_at.unwrap_or(at),
        due_on: line.due_on,
        closed_at: None,
    }
}

async fn close(tx: &DatabaseTransaction, rows: &[InboxRow], at: DateTime<Utc>) -> StoreResult<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    inbox_item::Entity::update_many()
        .col_expr(inbox_item::Column::ClosedAt, Expr::value(at))
        .filter(array::is_any(tx, "id", &ids))
        .exec(tx)
        .await?;
    Ok(())
}

/// Where the orgs of these lines stand, by id.
async fn paths(
    tx: &DatabaseTransaction,
    rows: impl Iterator<Item = &InboxRow>,
) -> StoreResult<std::collections::HashMap<String, String>> {
    let mut ids: Vec<String> = rows.filter_map(|row| row.organization_id.clone()).collect();
    ids.sort();
    ids.dedup();
    if ids.is_empty() {
        return Ok(std::collections::HashMap::new());
    }
    let sql = format!(
        "SELECT id, path FROM organization WHERE id IN {}",
        array::places(tx, "$1")
    );
    let rows = tx.query_all_raw(statement(tx, &sql, vec![array::bound(&ids)])).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("", "id")?, row.try_get("", "path")?)))
        .collect()
}

fn event(row: &InboxRow, op: ChangeOp, paths: &std::collections::HashMap<String, String>) -> Event {
    Event {
        op,
        extent: ChangeExtent::Object,
        kind: EntityKind::InboxItem,
        id: row.id.clone(),
        version: None,
        organization_id: row.organization_id.clone(),
        path: row.organization_id.as_ref().and_then(|id| paths.get(id).cloned()),
        old_path: None,
        member_id: row.audience_member_id.clone(),
        fields: vec!["inbox"],
        cause: "WRITE",
    }
}
