use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use async_graphql::{Context, ID, Object, Subscription, Union};
use domain::audience::Audience;
use domain::place;
use domain::sync::{Reader, Sight};
use domain::vocabulary::{ChangeExtent, ChangeOp, EntityKind, GapCause};
use futures_util::stream::{Stream, unfold};

use super::InboxItem;
use super::object::WaitingLineById;
use crate::app::App;
use crate::events::catalogue::Entry;
use crate::events::cut;
use crate::events::follower::{Follower, Lens, Point, Step};
use crate::events::hub::Topic;
use crate::graphql::context::{ContextExt as _, Operation};
use crate::graphql::error::to_error;
use crate::graphql::loaders;
use crate::graphql::log::LogCursor;
use crate::graphql::log::change::{Gap, Lagged, Resumed};
use crate::graphql::log::equals::Told;
use crate::graphql::log::stream::{follow_topic, noting, placed, said};
use crate::ops::outcome::{Failure, Outcome};
use crate::ops::reading::{Reading, TokenHolder};

/// A line of the reader's inbox came, changed or went.
pub struct InboxChanged {
    cursor: LogCursor,
    op: ChangeOp,
    id: String,
}

/// A line came into the reader's inbox (`UPSERT`), or went from it (`DELETE`): it was settled, or it waits for somebody else
/// now.
#[Object]
impl InboxChanged {
    /// Go on behind this change.
    async fn cursor(&self) -> &LogCursor {
        &self.cursor
    }
    /// What happened.
    async fn op(&self) -> ChangeOp {
        self.op
    }
    /// The line.
    async fn item_id(&self) -> ID {
        ID(self.id.clone())
    }
    /// The line as it stands now; null where it no longer waits for the reader.
    async fn item(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<InboxItem>> {
        if self.op == ChangeOp::Delete {
            return Ok(None);
        }
        let key = WaitingLineById(self.id.clone());
        Ok(loaders::load(ctx.data()?, key).await?.map(InboxItem))
    }
}

/// A message about the reader's inbox.
#[derive(Union)]
pub enum InboxMessage {
    Changed(InboxChanged),
    Resumed(Resumed),
    Gap(Gap),
    Lagged(Lagged),
}

placed!(InboxMessage: Changed, Resumed, Gap, Lagged);

#[derive(Default)]
pub struct InboxSubscription;

#[Subscription]
impl InboxSubscription {
    /// The reader's inbox, line by line. Most lines are addressed to a place, not to a person: with a change of post they
    /// come and go as well. Where posts changed while the reader was away, the first message is `Gap` with the cause
    /// `RIGHTS_CHANGED`: read `viewer.inbox` anew.
    async fn inbox(
        &self,
        ctx: &Context<'_>,
        after: Option<LogCursor>,
    ) -> async_graphql::Result<impl Stream<Item = async_graphql::Result<Told<InboxMessage>>> + use<>> {
        let operation = ctx.operation()?;
        let holder = operation.holder.clone();
        let holder = holder.ok_or_else(|| to_error(&Failure::Unauthenticated))?;
        let app = operation.app.clone();
        // Before the stream's place in the log is taken: what turns in between is then told, never passed over.
        let known = waiting(&app, &holder).await.map_err(|f| to_error(&f))?;
        let lens: Lens = Arc::new(lens);
        let follower = follow_topic(ctx, after, (Topic::Inboxes, lens)).await?;
        let told = messages(Lines {
            operation: operation.clone(),
            app,
            holder,
            follower,
            known,
            begun: false,
            ready: VecDeque::new(),
            told: Point::default(),
        });
        Ok(noting(operation.clone(), told))
    }
}

/// Lines that wait for the reader, and what decides whom lines wait for.
fn lens(reader: &Reader, entry: &Entry) -> Vec<Sight> {
    if entry.moment.kind == EntityKind::InboxItem {
        return cut::sight(reader, entry, None).into_iter().collect();
    }
    let turn = || Sight::of_object(ChangeOp::Upsert, entry.moment.kind, &entry.moment.entity_id);
    turns(reader, entry).then(turn).into_iter().collect()
}

/// Whether an event may decide anew whom lines wait for: a post at an org of the reader's, or at one or two levels below
/// where they stand in for a vacant head; a move there.
fn turns(reader: &Reader, entry: &Entry) -> bool {
    let own = entry.moment.holding.as_ref();
    let own = own.is_some_and(|holding| reader.actor.is_person(&holding.member_id));
    let is_turn = match entry.moment.kind {
        EntityKind::Appointment => true,
        EntityKind::Organization => entry.moment.extent == ChangeExtent::Subtree,
        _ => false,
    };
    let mine = |id: &str| {
        let mut audiences = reader.audiences().iter();
        audiences.any(|audience| match audience {
            Audience::Head(org) | Audience::Officers(org) => org == id,
            Audience::Member(_) => false,
        })
    };
    own || (is_turn && entry.paths().any(|path| place::ids_on(path).rev().take(3).any(mine)))
}

async fn waiting(app: &Arc<App>, holder: &TokenHolder) -> Outcome<BTreeSet<String>> {
    let reading = Reading::open(app.clone(), Some(holder)).await?;
    Ok(reading.waiting_ids().await?.into_iter().collect())
}

/// The stream with what the reader has by now.
struct Lines {
    operation: Arc<Operation>,
    app: Arc<App>,
    holder: TokenHolder,
    follower: Follower,
    /// Lines that wait for the reader, as far as told.
    known: BTreeSet<String>,
    /// The first message was said.
    begun: bool,
    /// What is to be said before anything else is listened to.
    ready: VecDeque<Told<InboxMessage>>,
    /// Up to here everything was told.
    told: Point,
}

fn messages(lines: Lines) -> impl Stream<Item = async_graphql::Result<Told<InboxMessage>>> {
    unfold(Some(lines), |state| async {
        let mut lines = state?;
        match lines.next().await {
            Ok(message) => message.map(|message| (Ok(message), Some(lines))),
            Err(failure) => Some((Err(to_error(&failure)), None)),
        }
    })
}

impl Lines {
    async fn next(&mut self) -> Outcome<Option<Told<InboxMessage>>> {
        loop {
            if let Some(message) = self.ready.pop_front() {
                return Ok(Some(message));
            }
            let Some(step) = self.follower.next().await? else {
                return Ok(None);
            };
            match step {
                Step::Change { entry, sight, at } if sight.kind == EntityKind::InboxItem => {
                    self.told = at;
                    return self.line(sight.op, entry.moment.entity_id.clone(), at).map(Some);
                }
                Step::Change { at, .. } => self.turn(at).await?,
                Step::Resumed { .. } if !self.begun && self.follower.awaits(turns) => {
                    // What the reader had when they left is not known here.
                    let at = self.follower.pass_over();
                    let cause = GapCause::RightsChanged;
                    return self.pass_on(Step::Gap { at, cause }).await.map(Some);
                }
                other => return self.pass_on(other).await.map(Some),
            }
        }
    }

    async fn pass_on(&mut self, step: Step) -> Outcome<Told<InboxMessage>> {
        self.begun = true;
        match step {
            Step::Resumed { at, .. } => self.told = at,
            Step::Gap { at, .. } => {
                self.told = at;
                self.known = waiting(&self.app, &self.holder).await?;
            }
            Step::Lagged { .. } | Step::Change { .. } => {}
        }
        said(
            &self.operation,
            &self.follower,
            step,
            &|entry: &Entry, sight, cursor| {
                InboxMessage::Changed(InboxChanged {
                    cursor,
                    op: sight.op,
                    id: entry.moment.entity_id.clone(),
                })
            },
        )
    }

    fn line(&mut self, op: ChangeOp, id: String, at: Point) -> Outcome<Told<InboxMessage>> {
        match op {
            ChangeOp::Delete => self.known.remove(&id),
            _ => self.known.insert(id.clone()),
        };
        let share = self.operation.share(|| self.follower.name(&(at, op, &id)));
        Told::shared(
            share,
            || self.follower.cursor(&self.app, at).map(LogCursor),
            |cursor| InboxMessage::Changed(InboxChanged { cursor, op, id }),
        )
    }

    /// Lines that wait for the reader since a change of posts, and those that no longer do. Only the last message carries
    /// the new place: who is cut off between them reads anew.
    async fn turn(&mut self, at: Point) -> Outcome<()> {
        let now = waiting(&self.app, &self.holder).await?;
        let gone = self.known.difference(&now).map(|id| (ChangeOp::Delete, id.clone()));
        let come = now.difference(&self.known).map(|id| (ChangeOp::Upsert, id.clone()));
        let lines: Vec<(ChangeOp, String)> = gone.chain(come).collect();
        let last = lines.len();
        for ((op, id), number) in lines.into_iter().zip(1..) {
            let point = if number == last { at } else { self.told };
            let message = self.line(op, id, point)?;
            self.ready.push_back(message);
        }
        self.told = at;
        Ok(())
    }
}
