//! The inbox: one addressed table, written with the change that causes a line and never by a notification.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use domain::audience::Audience;
use domain::vocabulary::{ChangeExtent, ChangeOp, EntityKind, InboxKind};
use entity::inbox_item;
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, EntityTrait as _, FromQueryResult as _, QueryFilter as _};

use super::transaction::{Event, statement};
use super::{StoreResult, array, bulk};

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

/// Lines about one subject while changes are applied.
#[derive(Default)]
struct About {
    open: Vec<InboxRow>,
    raised: Vec<InboxRow>,
    closed: Vec<InboxRow>,
    /// Where a line stands already, as long as none goes.
    taken: Option<HashSet<Seat>>,
}

impl About {
    fn apply(&mut self, change: InboxChange, at: DateTime<Utc>) {
        if let InboxChange::Raise(line) = change {
            let row = row(line, at);
            let there = self.open.iter().chain(&self.raised);
            let taken = self.taken.get_or_insert_with(|| there.map(seat).collect());
            if taken.insert(seat(&row)) {
                self.raised.push(row);
            }
            return;
        }
        self.turn(change, at);
        self.taken = None;
    }

    fn turn(&mut self, change: InboxChange, at: DateTime<Utc>) {
        match change {
            InboxChange::Raise(_) => {}
            InboxChange::Close { kinds, audience, .. } => {
                let goes = |row: &InboxRow| {
                    kinds.iter().any(|kind| kind.as_str() == row.kind)
                        && audience
                            .as_ref()
                            .is_none_or(|one| audience_of(row).as_ref() == Some(one))
                };
                self.raised.retain(|row| !goes(row));
                self.closed.extend(self.open.extract_if(.., |row| goes(row)));
            }
            InboxChange::Stand { kind, lines, .. } => self.stand(kind, lines, at),
        }
    }

    /// Exactly these lines of the kind: others go, missing ones appear.
    fn stand(&mut self, kind: InboxKind, lines: Vec<Line>, at: DateTime<Utc>) {
        let of_kind = |row: &InboxRow| row.kind == kind.as_str();
        self.raised.retain(|row| !of_kind(row));
        let wanted: Vec<InboxRow> = lines.into_iter().map(|line| row(line, at)).collect();
        let places: HashMap<Seat, usize> = wanted.iter().map(seat).zip(0..).collect();
        let stays = |one: &InboxRow| {
            let new = places.get(&seat(one)).and_then(|place| wanted.get(*place));
            new.is_some_and(|new| new.params == one.params)
        };
        let gone: Vec<InboxRow> = self.open.extract_if(.., |one| of_kind(one) && !stays(one)).collect();
        let kept: HashSet<Seat> = self.open.iter().filter(|one| of_kind(one)).map(seat).collect();
        let before: HashMap<Seat, DateTime<Utc>> = gone.iter().map(|one| (seat(one), one.raised_at)).collect();
        let missing = wanted.iter().filter(|new| !kept.contains(&seat(new)));
        self.raised.extend(missing.map(|new| InboxRow {
            // Another count or state of the same matter: it has waited since then.
            raised_at: before.get(&seat(new)).copied().unwrap_or(new.raised_at),
            ..new.clone()
        }));
        self.closed.extend(gone);
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
    let mut subjects: BTreeMap<String, About> = BTreeMap::new();
    for change in &changes {
        subjects.entry(change.subject().to_owned()).or_default();
    }
    for row in open(tx, &changes).await? {
        if let Some(about) = subjects.get_mut(&row.subject_id) {
            about.open.push(row);
        }
    }
    for change in changes {
        let about = subjects.entry(change.subject().to_owned()).or_default();
        about.apply(change, at);
    }
    let (mut raised, mut closed): (Vec<InboxRow>, Vec<InboxRow>) = (Vec::new(), Vec::new());
    for about in subjects.into_values() {
        raised.extend(about.raised);
        closed.extend(about.closed);
    }
    close(tx, &closed, at).await?;
    bulk::insert_models(tx, raised.clone()).await?;
    let paths = paths(tx, raised.iter().chain(&closed)).await?;
    let raised = raised.iter().map(|row| event(row, ChangeOp::Upsert, &paths));
    Ok(raised
        .chain(closed.iter().map(|row| event(row, ChangeOp::Delete, &paths)))
        .collect())
}

/// The open lines that the changes are decided by. What only appears for members is looked for in their own inboxes: about an activity
/// there may be lines of thousands.
async fn open(tx: &DatabaseTransaction, changes: &[InboxChange]) -> StoreResult<Vec<InboxRow>> {
    let (mut about, mut of): (BTreeSet<String>, BTreeSet<String>) = Default::default();
    for change in changes {
        match change {
            InboxChange::Raise(line) => match line.audience.member_id() {
                Some(member) => of.insert(member.to_owned()),
                None => about.insert(line.subject_id.clone()),
            },
            InboxChange::Close { subject_id, .. } | InboxChange::Stand { subject_id, .. } => {
                about.insert(subject_id.clone())
            }
        };
    }
    let (about, of): (Vec<String>, Vec<String>) = (about.into_iter().collect(), of.into_iter().collect());
    let found = |column: &str, at: &str| {
        let list = array::places(tx, at);
        format!("SELECT * FROM inbox_item WHERE closed_at IS NULL AND {column} IN {list}")
    };
    // A union: what is in both stands once.
    let sql = format!(
        "{} UNION {}",
        found("subject_id", "$1"),
        found("audience_member_id", "$2")
    );
    let asked = statement(tx, &sql, vec![array::bound(&about), array::bound(&of)]);
    Ok(InboxRow::find_by_statement(asked).all(tx).await?)
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

/// In whose inbox a line about a given subject stands: member, or org and post, and the kind. One stands there at a time.
type Seat = (Option<String>, Option<String>, Option<String>, String);

fn seat(row: &InboxRow) -> Seat {
    (
        row.audience_member_id.clone(),
        row.audience_org_id.clone(),
        row.audience_post.clone(),
        row.kind.clone(),
    )
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

#[cfg(test)]
mod tests {
    use super::*;

    fn raise(member: &str) -> InboxChange {
        InboxChange::Raise(Line {
            id: format!("line of {member}"),
            audience: Audience::Member(member.to_owned()),
            kind: InboxKind::ALL[0],
            subject_kind: EntityKind::Activity,
            subject_id: "act".to_owned(),
            organization_id: "org".to_owned(),
            params: serde_json::json!({}),
            due_on: None,
            raised_at: None,
        })
    }

    /// Whose lines appear.
    fn raised(about: &About) -> Vec<&str> {
        let members = about.raised.iter().map(|row| row.audience_member_id.as_deref());
        members.flatten().collect()
    }

    #[test]
    fn a_line_that_stands_appears_no_second_time_and_one_that_went_does() {
        let at = DateTime::UNIX_EPOCH;
        let InboxChange::Raise(line) = raise("a") else {
            unreachable!()
        };
        let mut about = About {
            open: vec![row(line, at)],
            ..About::default()
        };
        for member in ["a", "b", "b", "c"] {
            about.apply(raise(member), at);
        }
        assert_eq!(raised(&about), ["b", "c"]);
        let close = |member: &str| InboxChange::Close {
            subject_id: "act".to_owned(),
            kinds: vec![InboxKind::ALL[0]],
            audience: Some(Audience::Member(member.to_owned())),
        };
        about.apply(close("a"), at);
        about.apply(close("b"), at);
        assert_eq!((raised(&about), about.closed.len()), (vec!["c"], 1));
        for member in ["c", "b", "a"] {
            about.apply(raise(member), at);
        }
        assert_eq!(raised(&about), ["c", "b", "a"]);
    }
}
