//! The one write wrapper: rights inside the transaction, idempotency, the finish step, one retry where two requests race
//! for one key.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::digest;
use chrono::{DateTime, NaiveDate, Utc};
use domain::audience::Audience;
use domain::lifecycle::{Refused, Step, Taken};
use domain::policy::{Action, Actor, Permit, Target, permit};
use domain::problem::{BasisReference, Flaw, Problem, ProblemCode};
use domain::rulebook::SHIPPED;
use domain::vocabulary::{ChangeExtent, ChangeOp, EntityKind, InboxKind};
use futures_util::future::BoxFuture;

use super::outcome::{Failure, Outcome};
use super::reading::TokenHolder;
use crate::app::App;
use crate::store::inbox::{InboxChange, Line};
use crate::store::transaction::{self, Event, Ledger, Trail, Write};

/// Longest idempotency key.
const KEY_LENGTH: usize = 128;
/// So often a write is begun where others stand in its way.
const MOST_TRIES: u32 = 3;

/// Who writes what, under which key.
pub struct WriteRequest<'a> {
    pub app: &'a Arc<App>,
    pub holder: Option<&'a TokenHolder>,
    pub request_id: &'a str,
    /// Name of the mutation.
    pub operation: &'static str,
    pub idempotency_key: &'a str,
    /// The input as text; only its hash is kept.
    pub input: String,
}

/// A write under way: what a use case works with.
pub struct Unit {
    pub app: Arc<App>,
    pub(crate) write: Write,
    pub actor: Actor,
    pub now: DateTime<Utc>,
    pub today: NaiveDate,
    pub ledger: Ledger,
    /// The decision that the act rests on, as the trail names it.
    pub(super) decision: Option<String>,
    /// Lines of the trail that stay although the write is refused.
    refusals: Vec<(String, Trail)>,
    /// What was written stays although the write is refused.
    kept: bool,
    /// The rule that this write is about, the nearest one first told.
    ground: OnceLock<BasisReference>,
    request_id: String,
}

/// A write that is done: the ids it speaks of, its position in the log.
#[derive(Debug, Clone)]
pub struct Written {
    pub ids: Vec<String>,
    pub position: i64,
    pub replayed: bool,
}

impl WriteRequest<'_> {
    /// Runs a use case in one transaction. Nothing of a refused write remains, and refused outcomes are not stored.
    ///
    /// # Errors
    /// What the use case answers, `IDEMPOTENCY_MISMATCH`, or the database is away.
    pub async fn run<F>(&self, work: F) -> Outcome<Written>
    where
        F: for<'a> FnMut(&'a mut Unit) -> BoxFuture<'a, Outcome<Vec<String>>> + Send,
    {
        self.run_with(work, Attribution::Named).await
    }

    /// The same for input that stays anonymous (spec 3, rule 6): rights are decided as always, and then neither log, trail
    /// nor idempotency row says who wrote or what came of it, and their time is no finer than the day.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub async fn run_unattributed<F>(&self, work: F) -> Outcome<Written>
    where
        F: for<'a> FnMut(&'a mut Unit) -> BoxFuture<'a, Outcome<Vec<String>>> + Send,
    {
        self.run_with(work, Attribution::None).await
    }

    async fn run_with<F>(&self, mut work: F, attribution: Attribution) -> Outcome<Written>
    where
        F: for<'a> FnMut(&'a mut Unit) -> BoxFuture<'a, Outcome<Vec<String>>> + Send,
    {
        let key = self.idempotency_key;
        if key.is_empty() || key.len() > KEY_LENGTH {
            return Err(Problem::invalid("idempotencyKey", Flaw::OutOfRange)
                .with("min", 1)
                .with("max", KEY_LENGTH)
                .into());
        }
        let mut tries = 0;
        loop {
            tries += 1;
            match self.attempt(&mut work, attribution).await {
                // Another request with the same key finished first: its outcome is ours.
                Err(Attempt::Raced) if tries == 1 => {}
                Err(Attempt::Failed(failure)) if tries < MOST_TRIES && failure.is_collision() => {}
                other => return other.map_err(Attempt::into_failure),
            }
        }
    }

    async fn attempt<F>(&self, work: &mut F, attribution: Attribution) -> Result<Written, Attempt>
    where
        F: for<'a> FnMut(&'a mut Unit) -> BoxFuture<'a, Outcome<Vec<String>>> + Send,
    {
        let holder = self.holder.ok_or(Failure::Unauthenticated)?;
        let (now, today) = (self.app.clock.now(), self.app.today());
        let write = self.app.database.write().await.map_err(Failure::from)?;
        let bearer = write.bearer(&holder.account_id, today).await.map_err(Failure::from)?;
        let bearer = bearer
            .filter(|bearer| !bearer.disabled && bearer.auth_epoch == holder.auth_epoch)
            .ok_or(Failure::Unauthenticated)?;
        // Keyed: an input may hold an identity number, and what is guessable must not be told from its hash.
        let text = hash(&format!("{}\n{}", self.operation, self.input));
        let hashes = self.app.keys.search_hashes("idempotency", &text);
        let earlier = write
            .find_outcome(&holder.account_id, self.idempotency_key)
            .await
            .map_err(Failure::from)?;
        if let Some(earlier) = earlier {
            if !hashes.contains(&earlier.input_hash) {
                return Err(Failure::from(Problem::at(ProblemCode::IdempotencyMismatch, "idempotencyKey")).into());
            }
            // Whoever wrote it may not have lived to see it on disk.
            self.app
                .database
                .settle(earlier.position)
                .await
                .map_err(Failure::from)?;
            return Ok(Written {
                ids: earlier.entity_ids,
                position: earlier.position,
                replayed: true,
            });
        }
        let (app, request_id) = (self.app.clone(), self.request_id.to_owned());
        let mut unit = Unit {
            app,
            write,
            actor: bearer.actor,
            now,
            today,
            ledger: Ledger::default(),
            decision: None,
            refusals: Vec::new(),
            kept: false,
            ground: OnceLock::new(),
            request_id,
        };
        let ids = match work(&mut unit).await {
            Ok(ids) => ids,
            Err(failure) => {
                let failure = failure.grounded(unit.ground.get());
                // Of a transaction that failed nothing can be kept.
                if !unit.kept || matches!(failure, Failure::Problems(_)) {
                    unit.leave_trail().await?;
                }
                return Err(failure.into());
            }
        };
        unit.ledger.outcome = Some(transaction::Outcome {
            account_id: holder.account_id.clone(),
            key: self.idempotency_key.to_owned(),
            operation: self.operation.to_owned(),
            input_hash: self.app.keys.search_hash("idempotency", &text),
            entity_ids: ids.clone(),
        });
        // Of what was taken in part, what was refused stays in the trail too.
        unit.ledger.trail.append(&mut unit.refusals);
        let at = match attribution {
            Attribution::Named => now,
            Attribution::None => {
                forget_author(&mut unit.ledger);
                begin_of(today)
            }
        };
        match unit.write.finish(unit.ledger, at).await {
            Ok(position) => Ok(Written {
                ids,
                position,
                replayed: false,
            }),
            Err(error) if error.is_duplicate() => Err(Attempt::Raced),
            Err(error) => Err(Failure::from(error).into()),
        }
    }
}

/// Whether what is written names who wrote it.
#[derive(Clone, Copy)]
enum Attribution {
    Named,
    None,
}

/// Takes out of a ledger whatever leads to who wrote.
fn forget_author(ledger: &mut Ledger) {
    for event in &mut ledger.events {
        event.member_id = None;
    }
    for (_, line) in &mut ledger.trail {
        *line = Trail {
            action: std::mem::take(&mut line.action),
            subject_kind: std::mem::take(&mut line.subject_kind),
            subject_id: std::mem::take(&mut line.subject_id),
            subject_org_id: line.subject_org_id.take(),
            fields: std::mem::take(&mut line.fields),
            ..Trail::default()
        };
    }
    if let Some(outcome) = &mut ledger.outcome {
        outcome.entity_ids.clear();
    }
}

/// The day as an instant, without an hour that could tell anybody anything.
fn begin_of(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(chrono::NaiveTime::MIN).and_utc()
}

enum Attempt {
    Raced,
    Failed(Failure),
}

impl From<Failure> for Attempt {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Attempt {
    fn into_failure(self) -> Failure {
        match self {
            Self::Raced => ProblemCode::Conflict.into(),
            Self::Failed(failure) => failure,
        }
    }
}

impl Unit {
    /// Decides an act inside the transaction. What one may not see answers as what does not exist.
    ///
    /// # Errors
    /// `NOT_FOUND`, `FORBIDDEN`, `OWN_MATTER` or `COLLECTIVE_DECISION_REQUIRED`.
    pub fn require(&self, action: Action, target: &Target, field: &str) -> Outcome<Permit> {
        if let Some(entry) = action.entry() {
            self.stands_on(SHIPPED, entry);
        }
        permit(&self.actor, action, target).map_err(|refusal| refusal.problem(field).into())
    }

    /// Says which rule this write is about: what a refusal rests on that names nothing nearer. The first word holds.
    pub(super) fn stands_on(&self, rulebook: &str, entry: &str) {
        self.ground.get_or_init(|| BasisReference {
            rulebook: rulebook.to_owned(),
            entry: entry.to_owned(),
        });
    }

    /// The step that a noun takes, named by a field of the input; the write is about the rule behind it.
    ///
    /// # Errors
    /// What the state has against it.
    pub(super) fn step<S>(&self, field: &str, taken: Taken<S>) -> Outcome<Step<S>> {
        let step = taken.map_err(|refused: Refused| refused.at(field))?;
        if let Some(entry) = step.basis {
            self.stands_on(Refused::RULEBOOK, entry);
        }
        Ok(step)
    }

    /// The request that this write serves.
    pub(super) fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The rule that this write is about.
    pub(super) fn ground(&self) -> Option<&BasisReference> {
        self.ground.get()
    }

    /// Puts a line into the inbox of whom it is addressed to, unless the same one stands there already.
    pub fn raise(
        &mut self,
        kind: InboxKind,
        audience: Audience,
        subject: (EntityKind, &str),
        organization_id: &str,
        (params, due_on): (serde_json::Value, Option<NaiveDate>),
    ) {
        self.ledger.inbox.push(InboxChange::Raise(Line {
            id: self.app.ids.next(EntityKind::InboxItem),
            audience,
            kind,
            subject_kind: subject.0,
            subject_id: subject.1.to_owned(),
            organization_id: organization_id.to_owned(),
            params,
            due_on,
            raised_at: None,
        }));
    }

    /// Takes the lines of these kinds about a subject out of every inbox.
    pub fn settle(&mut self, subject_id: &str, kinds: &[InboxKind]) {
        self.ledger.inbox.push(InboxChange::Close {
            subject_id: subject_id.to_owned(),
            kinds: kinds.to_vec(),
            audience: None,
        });
    }

    /// Writes an event and a line of the trail for what a permit allowed.
    pub fn note(&mut self, permit: &Permit, event: Event) {
        self.trail(permit, &event, None);
        self.ledger.events.push(event);
    }

    /// Writes a line of the trail for something seen, not changed: `event` only names what it was.
    pub fn trail(&mut self, permit: &Permit, event: &Event, purpose: Option<String>) {
        let line = self.line(permit, event, purpose);
        self.ledger.trail.push((self.app.ids.plain(), line));
    }

    /// Remembers a line that stays in the trail although the use case then refuses.
    pub fn trail_refusal(&mut self, permit: &Permit, event: &Event, why: &str) {
        let line = self.line(permit, event, Some(why.to_owned()));
        self.refusals.push((self.app.ids.plain(), line));
    }

    /// What was written until now stays although the use case then refuses: a count of attempts, and nothing else.
    pub(super) fn keep_refused(&mut self) {
        self.kept = true;
    }

    fn line(&self, permit: &Permit, event: &Event, purpose: Option<String>) -> Trail {
        let post = permit.post();
        Trail {
            account_id: permit.account_id().map(ToOwned::to_owned),
            member_id: permit.member_id().map(ToOwned::to_owned),
            post: post.map(|post| post.post.to_string()),
            organization_id: post.map(|post| post.org_id.clone()),
            action: permit.action().map_or("SYSTEM", Action::as_str).to_owned(),
            subject_kind: event.kind.to_string(),
            subject_id: event.id.clone(),
            subject_org_id: event.organization_id.clone(),
            fields: event.fields.iter().map(ToString::to_string).collect(),
            purpose: purpose.or_else(|| self.decision.clone()),
            request_id: Some(self.request_id.clone()),
        }
    }

    /// Keeps what a refusal leaves: attempts that are counted, and lines of the trail. Everything else of the refused write is
    /// rolled back.
    async fn leave_trail(self) -> Outcome<()> {
        if self.refusals.is_empty() {
            if self.kept {
                self.write.keep().await?;
            }
            return Ok(());
        }
        let write = if self.kept {
            self.write
        } else {
            drop(self.write);
            self.app.database.write().await?
        };
        let ledger = Ledger {
            trail: self.refusals,
            ..Ledger::default()
        };
        write.finish(ledger, self.now).await?;
        Ok(())
    }
}

/// An `UPSERT` of one object at an org.
#[must_use]
pub fn upsert(kind: EntityKind, id: &str, version: i64, org: (&str, &str), fields: &[&'static str]) -> Event {
    Event {
        op: ChangeOp::Upsert,
        extent: ChangeExtent::Object,
        kind,
        id: id.to_owned(),
        version: Some(version),
        organization_id: Some(org.0.to_owned()),
        path: Some(org.1.to_owned()),
        old_path: None,
        member_id: None,
        fields: fields.to_vec(),
        cause: "WRITE",
    }
}

fn hash(text: &str) -> String {
    digest::digest(&digest::SHA256, text.as_bytes())
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

mod attempt;
mod behind;

#[cfg(test)]
mod tests;
