//! The rows of an export, page by page, as the account could read them by queries in the same snapshot.

use std::collections::{HashMap, HashSet, VecDeque};

use domain::export::Value;
use domain::policy::{Scope, Subject};
use domain::vocabulary::{EntityKind, ExportKind, SealedField};

use super::super::outcome::Outcome;
use super::super::people::reveal::seal_place;
use super::super::reading::Reading;
use crate::store::export_rows::{ActivityRow, AppointmentRow, MemberRow, OrganizationRow, Span};
use crate::store::unfold::Shown;

/// Rows read by one statement.
const PAGE: u64 = 1_000;
/// Orgs that are remembered as seen or not; beyond that they are asked for anew.
const REMEMBERED: usize = 50_000;

/// A row, with whom it is about where its sealed fields are in it.
pub struct Line {
    pub values: Vec<Value>,
    pub person: Option<Person>,
}

/// A member whose sealed fields leave the system, and the branch at that time.
pub struct Person {
    pub id: String,
    pub branch_id: String,
}

/// The kind of the log that a kind of an export is.
fn kind_of(kind: ExportKind) -> EntityKind {
    match kind {
        ExportKind::Organization => EntityKind::Organization,
        ExportKind::Member => EntityKind::Member,
        ExportKind::Appointment => EntityKind::Appointment,
        ExportKind::Activity => EntityKind::Activity,
    }
}

/// Reads the rows of one kind.
pub struct Source<'a> {
    reading: &'a Reading,
    span: &'a Span,
    fields: &'a [SealedField],
    kind: ExportKind,
    shown: Shown,
    after: String,
    /// Of a day of the past: the orgs that are still to come.
    past: Option<VecDeque<String>>,
    orgs: Orgs,
}

/// Which orgs the directory shows the account.
struct Orgs {
    scope: Scope,
    known: HashMap<String, bool>,
}

impl Orgs {
    async fn learn(&mut self, reading: &Reading, ids: HashSet<String>) -> Outcome<()> {
        if self.known.len() > REMEMBERED {
            self.known.clear();
        }
        let unknown: Vec<String> = ids.into_iter().filter(|id| !self.known.contains_key(id)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let shown = reading.snapshot.shown_orgs(&self.scope, &unknown).await?;
        self.known.extend(unknown.into_iter().map(|id| {
            let seen = shown.contains(&id);
            (id, seen)
        }));
        Ok(())
    }

    /// A reference to an org, where the directory shows it.
    fn reference(&self, id: Option<String>) -> Value {
        match id {
            Some(id) if self.known.get(&id) == Some(&true) => Value::Reference(id),
            _ => Value::Null,
        }
    }
}

fn day(day: Option<chrono::NaiveDate>) -> Value {
    day.map_or(Value::Null, |day| Value::Text(day.to_string()))
}

fn words(text: Option<String>) -> Value {
    text.map_or(Value::Null, Value::Text)
}

type Names = HashMap<String, Vec<(String, String)>>;

fn names(names: &mut Names, id: &str) -> Value {
    Value::Names(names.remove(id).unwrap_or_default())
}

impl<'a> Source<'a> {
    /// The rows of a kind in a part of the tree, and how many there are.
    ///
    /// # Errors
    /// The database is away.
    pub async fn open(
        reading: &'a Reading,
        (kind, fields): (ExportKind, &'a [SealedField]),
        span: &'a Span,
    ) -> Outcome<(Self, u64)> {
        let shown = reading.shown(kind_of(kind));
        let mut past = None;
        let total = match (kind, span.as_of) {
            (ExportKind::Organization, Some(day)) => {
                let orgs = reading.snapshot.past_orgs(&span.within, day).await?;
                let orgs = past.insert(VecDeque::from(orgs));
                u64::try_from(orgs.len()).unwrap_or(u64::MAX)
            }
            _ => reading.snapshot.count_exported((kind_of(kind), &shown), span).await?,
        };
        let orgs = Orgs {
            scope: reading.rows(Subject::Directory),
            known: HashMap::new(),
        };
        let source = Self {
            reading,
            span,
            fields,
            kind,
            shown,
            after: String::new(),
            past,
            orgs,
        };
        Ok((source, total))
    }

    /// The next rows; none behind the last.
    ///
    /// # Errors
    /// The database is away.
    pub async fn next(&mut self) -> Outcome<Vec<Line>> {
        match self.kind {
            ExportKind::Organization => self.organizations().await,
            ExportKind::Member => self.members().await,
            ExportKind::Appointment => self.appointments().await,
            ExportKind::Activity => self.activities().await,
        }
    }

    async fn names(&self, ids: Vec<String>) -> Outcome<Names> {
        let mut names = Names::new();
        for row in self.reading.snapshot.external_ids(&ids).await? {
            names.entry(row.entity_id).or_default().push((row.system, row.value));
        }
        Ok(names)
    }

    async fn organization_rows(&mut self) -> Outcome<Vec<OrganizationRow>> {
        let snapshot = &self.reading.snapshot;
        let (Some(past), Some(day), Shown::Rows(scope)) = (&mut self.past, self.span.as_of, &self.shown) else {
            let after = (self.after.as_str(), PAGE);
            return Ok(snapshot.export_organizations(&self.shown, self.span, after).await?);
        };
        // A page of which nothing is shown is not the last one.
        while !past.is_empty() {
            let page = past.len().min(usize::try_from(PAGE).unwrap_or(usize::MAX));
            let ids: Vec<String> = past.drain(..page).collect();
            let rows = snapshot.export_past_organizations(scope, &ids, day).await?;
            if !rows.is_empty() {
                return Ok(rows);
            }
        }
        Ok(Vec::new())
    }

    async fn organizations(&mut self) -> Outcome<Vec<Line>> {
        let rows = self.organization_rows().await?;
        if let Some(last) = rows.last() {
            self.after.clone_from(&last.path);
        }
        let mut named = self.names(rows.iter().map(|row| row.id.clone()).collect()).await?;
        let parents = rows.iter().filter_map(|row| row.parent_id.clone()).collect();
        self.orgs.learn(self.reading, parents).await?;
        Ok(rows.into_iter().map(|row| self.organization(row, &mut named)).collect())
    }

    fn organization(&self, row: OrganizationRow, named: &mut Names) -> Line {
        let external = names(named, &row.id);
        plain(vec![
            Value::Text(row.id),
            Value::Number(row.version),
            Value::Text(row.name),
            Value::Text(row.kind),
            Value::Text(row.sector),
            self.orgs.reference(row.parent_id),
            day(Some(row.founded_on)),
            external,
        ])
    }

    async fn members(&mut self) -> Outcome<Vec<Line>> {
        let of = (self.span, !self.fields.is_empty());
        let after = (self.after.as_str(), PAGE);
        let rows = self.reading.snapshot.export_members(&self.shown, of, after).await?;
        if let Some(last) = rows.last() {
            self.after.clone_from(&last.id);
        }
        let mut named = self.names(rows.iter().map(|row| row.id.clone()).collect()).await?;
        let mut orgs = HashSet::new();
        for row in &rows {
            orgs.insert(row.branch_id.clone());
            orgs.extend(row.group_id.iter().chain(&row.host_branch_id).cloned());
        }
        self.orgs.learn(self.reading, orgs).await?;
        rows.into_iter().map(|row| self.member(row, &mut named)).collect()
    }

    fn member(&self, mut row: MemberRow, named: &mut Names) -> Outcome<Line> {
        let external = names(named, &row.id);
        let opened = self.opened(&mut row)?;
        let person = (!self.fields.is_empty()).then(|| Person {
            id: row.id.clone(),
            branch_id: row.branch_id.clone(),
        });
        let mut values = vec![
            Value::Text(row.id),
            Value::Number(row.version),
            Value::Text(row.name),
            Value::Text(row.standing),
            Value::Text(row.status),
            day(Some(row.joined_on)),
            day(row.became_full_on),
            self.orgs.reference(Some(row.branch_id)),
            self.orgs.reference(row.group_id),
            self.orgs.reference(row.host_branch_id),
            words(row.unit_tag),
            external,
        ];
        values.extend(opened);
        Ok(Line { values, person })
    }

    /// The sealed fields asked for, opened, in the order of the closed list.
    fn opened(&self, row: &mut MemberRow) -> Outcome<Vec<Value>> {
        let keys = &self.reading.app.keys;
        let asked = SealedField::ALL.iter().filter(|field| self.fields.contains(field));
        asked
            .map(|field| {
                let sealed = match field {
                    SealedField::IdentityNumber => row.identity_sealed.take(),
                    SealedField::BirthDate => row.birth_sealed.take(),
                    SealedField::Address => row.address_sealed.take(),
                    SealedField::Phone => row.phone_sealed.take(),
                };
                let Some(sealed) = sealed else {
                    return Ok(Value::Opened(None));
                };
                let plain = keys.open(&seal_place(*field, &row.id), &sealed)?;
                Ok(Value::Opened(String::from_utf8(plain).ok()))
            })
            .collect()
    }

    async fn appointments(&mut self) -> Outcome<Vec<Line>> {
        let after = (self.after.as_str(), PAGE);
        let snapshot = &self.reading.snapshot;
        let rows = snapshot.export_appointments(&self.shown, self.span, after).await?;
        if let Some(last) = rows.last() {
            self.after.clone_from(&last.id);
        }
        let orgs = rows.iter().map(|row| row.organization_id.clone()).collect();
        self.orgs.learn(self.reading, orgs).await?;
        Ok(rows.into_iter().map(|row| self.appointment(row)).collect())
    }

    fn appointment(&self, row: AppointmentRow) -> Line {
        plain(vec![
            Value::Text(row.id),
            Value::Number(row.version),
            Value::Text(row.post),
            Value::Reference(row.member_id),
            self.orgs.reference(Some(row.organization_id)),
            day(Some(row.since)),
            day(row.until),
            day(row.term_ends_on),
            Value::Flag(row.acting),
        ])
    }

    async fn activities(&mut self) -> Outcome<Vec<Line>> {
        let after = (self.after.as_str(), PAGE);
        let snapshot = &self.reading.snapshot;
        let rows = snapshot.export_activities(&self.shown, self.span, after).await?;
        if let Some(last) = rows.last() {
            self.after.clone_from(&last.id);
        }
        let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
        let mut partners: HashMap<String, Vec<String>> = HashMap::new();
        for row in snapshot.export_partners(&ids).await? {
            partners.entry(row.activity_id).or_default().push(row.organization_id);
        }
        let mut named = self.names(ids).await?;
        let line = |row: ActivityRow| {
            let external = names(&mut named, &row.id);
            let orgs = partners.remove(&row.id).unwrap_or_default();
            activity(row, orgs, external)
        };
        Ok(rows.into_iter().map(line).collect())
    }
}

fn activity(row: ActivityRow, organizations: Vec<String>, external: Value) -> Line {
    plain(vec![
        Value::Text(row.id),
        Value::Number(row.version),
        Value::Text(row.kind),
        Value::Text(row.title),
        Value::Text(row.status),
        Value::Text(row.starts_at.to_rfc3339()),
        words(row.ends_at.map(|at| at.to_rfc3339())),
        words(row.place),
        Value::Text(row.mode),
        Value::References(organizations),
        external,
    ])
}

fn plain(values: Vec<Value>) -> Line {
    Line { values, person: None }
}
