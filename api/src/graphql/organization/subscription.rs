use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, ID, Object, Subscription, Union};
use domain::place;
use domain::sync::Sight;
use domain::vocabulary::{ChangeOp, EntityKind};
use futures_util::stream::{Stream, unfold};

use super::figures::PeriodInput;
use super::object::Organization;
use crate::events::catalogue::Entry;
use crate::events::follower::{Follower, Lens, Point, Step};
use crate::graphql::context::{ContextExt as _, Operation};
use crate::graphql::error::to_error;
use crate::graphql::loaders::{self, OrganizationById};
use crate::graphql::log::LogCursor;
use crate::graphql::log::change::{Gap, Lagged, Resumed};
use crate::graphql::log::equals::Told;
use crate::graphql::log::stream::{follow, noting, placed, said};
use crate::ops::organization::Within;
use crate::ops::outcome::Outcome;

/// Changes that come within this time become one message for each org: a screen shows the newest figure, not every step.
const TOGETHER: Duration = Duration::from_millis(200);

/// Figures of an org on the screen changed.
pub struct FiguresChanged {
    cursor: LogCursor,
    organization_id: String,
}

/// The figures of the org, or of one of its children, changed: here they are as they stand now.
#[Object]
impl FiguresChanged {
    /// Go on behind this message.
    async fn cursor(&self) -> &LogCursor {
        &self.cursor
    }
    /// The org that it belongs to.
    async fn organization(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let key = OrganizationById(self.organization_id.clone());
        Ok(loaders::load(ctx.data()?, key).await?.map(Organization))
    }
}

/// A message about figures.
#[derive(Union)]
pub enum FiguresMessage {
    Changed(FiguresChanged),
    Resumed(Resumed),
    Gap(Gap),
    Lagged(Lagged),
}

placed!(FiguresMessage: Changed, Resumed, Gap, Lagged);

#[derive(Default)]
pub struct FiguresSubscription;

#[Subscription]
impl FiguresSubscription {
    /// The figures of an org and of each of its children, each time one of them changes. Several changes within a moment
    /// come as one.
    async fn figures(
        &self,
        ctx: &Context<'_>,
        organization: ID,
        #[graphql(desc = "The period that the screen shows.")] period: PeriodInput,
        after: Option<LogCursor>,
    ) -> async_graphql::Result<impl Stream<Item = async_graphql::Result<Told<FiguresMessage>>> + use<>> {
        // Which figures are shown is asked of `organization.figures`; a recorded meeting can change those of any period.
        let _ = period;
        let within = Within::SubtreeOf(organization.0.clone());
        let part = within.clone();
        let lens = |_| -> Lens {
            Arc::new(move |reader, entry| {
                let wanted = counts(entry) && entry.is_within(&part) && reader.sees_sum(&entry.moment);
                wanted.then(|| whole(entry)).into_iter().collect()
            })
        };
        let follower = follow(ctx, Some(within), after, lens).await?;
        let operation = ctx.operation()?;
        let told = coalesced(operation.clone(), follower, organization.0);
        Ok(noting(operation.clone(), told))
    }
}

/// Whether an event may change a figure.
fn counts(entry: &Entry) -> bool {
    matches!(
        entry.moment.kind,
        EntityKind::Obligation
            | EntityKind::Alert
            | EntityKind::Deviation
            | EntityKind::Member
            | EntityKind::Admission
            | EntityKind::Organization
    )
}

/// Figures are sums: that something changed below is told without what it was.
fn whole(entry: &Entry) -> Sight {
    Sight::of_object(ChangeOp::Upsert, entry.moment.kind, &entry.moment.entity_id)
}

struct Figures {
    operation: Arc<Operation>,
    follower: Follower,
    organization_id: String,
    /// What is to be said before anything else is listened to.
    waiting: VecDeque<Told<FiguresMessage>>,
    /// Up to here the reader has been told of every org.
    told: Point,
}

fn coalesced(
    operation: Arc<Operation>,
    follower: Follower,
    organization_id: String,
) -> impl Stream<Item = async_graphql::Result<Told<FiguresMessage>>> {
    let state = Figures {
        operation,
        follower,
        organization_id,
        waiting: VecDeque::new(),
        told: Point::default(),
    };
    unfold(Some(state), |state| async {
        let mut state = state?;
        match state.next().await {
            Ok(message) => message.map(|message| (Ok(message), Some(state))),
            Err(failure) => Some((Err(to_error(&failure)), None)),
        }
    })
}

impl Figures {
    async fn next(&mut self) -> Outcome<Option<Told<FiguresMessage>>> {
        if let Some(message) = self.waiting.pop_front() {
            return Ok(Some(message));
        }
        let Some(step) = self.follower.next().await? else {
            return Ok(None);
        };
        let Step::Change { entry, .. } = step else {
            return self.pass_on(step).map(Some);
        };
        let mut changed = BTreeSet::new();
        self.note(&entry, &mut changed);
        tokio::time::sleep(TOGETHER).await;
        let mut last = None;
        while let Some(step) = self.follower.ready() {
            match step {
                Step::Change { entry, .. } => self.note(&entry, &mut changed),
                other => {
                    last = Some(other);
                    break;
                }
            }
        }
        self.say(changed)?;
        if let Some(step) = last {
            let message = self.pass_on(step)?;
            self.waiting.push_back(message);
        }
        Ok(self.waiting.pop_front())
    }

    fn pass_on(&mut self, step: Step) -> Outcome<Told<FiguresMessage>> {
        if let Step::Resumed { at, .. } | Step::Gap { at, .. } = step {
            self.told = at;
        }
        said(&self.operation, &self.follower, step, &|entry: &Entry, _, cursor| {
            FiguresMessage::Changed(FiguresChanged {
                cursor,
                organization_id: entry.moment.entity_id.clone(),
            })
        })
    }

    /// The org itself and the child on the way to where something changed.
    fn note(&self, entry: &Entry, changed: &mut BTreeSet<String>) {
        for path in entry.paths() {
            let mut ids = place::ids_on(path).skip_while(|id| *id != self.organization_id);
            changed.extend(ids.by_ref().take(2).map(str::to_owned));
        }
    }

    /// One message for each org. Only the last carries the new place: who is cut off between them hears of all again.
    fn say(&mut self, changed: BTreeSet<String>) -> Outcome<()> {
        let (before, now) = (self.told, self.follower.at());
        let count = changed.len();
        for (at, organization_id) in changed.into_iter().enumerate() {
            let point = if at + 1 == count { now } else { before };
            let (operation, follower) = (&self.operation, &self.follower);
            let share = operation.share(|| follower.name(&(point, now, &organization_id)));
            let told = Told::shared(
                share,
                || follower.cursor(&operation.app, point).map(LogCursor),
                |cursor| {
                    FiguresMessage::Changed(FiguresChanged {
                        cursor,
                        organization_id,
                    })
                },
            );
            self.waiting.push_back(told?);
        }
        self.told = now;
        Ok(())
    }
}
