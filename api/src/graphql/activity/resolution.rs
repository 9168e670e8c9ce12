use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use domain::obligation::roll::Exclusion;
use domain::policy::{Action, Target};
use domain::problem::{Problem, ProblemCode};
use domain::rulebook::words::ExclusionGround;
use domain::vocabulary::{ActivityKind, ResolutionKind};

use super::mutation::act;
use super::object::{Activity, ActivityById, MyAttendanceAt, PlaceOf, by};
use super::permission::{ResolutionAction, ResolutionPermission};
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::error::{Basis, to_error};
use crate::graphql::loaders;
use crate::graphql::member::object::Member;
use crate::graphql::page::{PageArguments, binding, input_text};
use crate::graphql::rulebook::query::library;
use crate::graphql::write::{Answer, Keyed, write};
use crate::ops::activity::Resolution as Row;
use crate::ops::activity::excluded;
use crate::ops::activity::resolution::{Which, announce, complete};
use crate::ops::rulebook::ground;
use crate::{answered, connection, loader, reads};

loader!(
    /// Resolutions of an activity.
    ResolutionsOf => Vec<Row>, |reading, ids| Ok(by(reading.resolutions(&ids).await?, |row| row.activity_id.clone()))
);
loader!(
    /// Resolution by id, as the reader may see it.
    ResolutionById => Row, |reading, ids| {
        Ok(reading.resolutions_by_id(&ids).await?.into_iter().map(|row| (row.id.clone(), row)).collect())
    }
);
loader!(
    /// Resolutions whose follow-ups are carried over to an activity.
    CarriedOverTo => Vec<Row>, |reading, ids| {
        let pairs = by(reading.carried_over(&ids).await?, |pair| pair.0.clone());
        Ok(pairs.into_iter().map(|(id, pairs)| (id, pairs.into_iter().map(|pair| pair.1).collect())).collect())
    }
);

/// A resolution 决议 with its vote; who was due and present is computed.
pub struct Resolution(pub Row);

connection!(ResolutionConnection, ResolutionEdge, Resolution);

/// Who carries a resolution out, and by when.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct FollowUp {
    /// The day.
    pub on: Option<Date>,
    /// When it was done.
    pub done_on: Option<Date>,
    /// Its day has passed and it is not done.
    pub overdue: bool,
    #[graphql(skip)]
    owner_id: String,
}

/// Somebody left out of those due at a vote.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct VoteExclusion {
    /// On what ground.
    pub ground: ExclusionGround,
    #[graphql(skip)]
    member_id: String,
}

#[async_graphql::ComplexObject]
impl VoteExclusion {
    /// Null for who may not see the member.
    async fn member(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        Member::named(ctx, &self.member_id).await
    }
}

#[async_graphql::ComplexObject]
impl FollowUp {
    /// Who carries it out.
    async fn owner(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        Member::named(ctx, &self.owner_id).await
    }
}

/// A resolution 决议 with its vote; who was due and present is computed.
#[Object]
impl Resolution {
    /// Opaque and stable for ever.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }
    /// Raised with every change; bring it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
    /// What it is called.
    async fn title(&self) -> &str {
        &self.0.title
    }
    /// Which kind it is.
    async fn kind(&self) -> Option<ResolutionKind> {
        self.0.kind.parse().ok()
    }
    /// Whether it was carried.
    async fn passed(&self) -> bool {
        self.0.passed
    }
    /// Who may vote and was due to come.
    async fn due(&self) -> i64 {
        self.0.due
    }
    /// Of those due, who came.
    async fn present(&self) -> i64 {
        self.0.present
    }
    /// Of those due, left out on grounds that the rulebook allows.
    async fn excluded(&self) -> Vec<VoteExclusion> {
        let left_out = excluded(&self.0.excluded).into_iter();
        let one = |one: Exclusion| VoteExclusion {
            ground: one.ground,
            member_id: one.member_id,
        };
        left_out.map(one).collect()
    }
    /// So many of those due had to be present, by the rulebook.
    async fn quorum_needed(&self) -> i64 {
        self.0.quorum_needed
    }
    /// So many had to be in favour, by the rulebook.
    async fn ayes_needed(&self) -> i64 {
        self.0.ayes_needed
    }
    /// Votes for.
    async fn ayes(&self) -> i64 {
        self.0.ayes
    }
    /// Votes against.
    async fn noes(&self) -> i64 {
        self.0.noes
    }
    /// Abstentions.
    async fn abstentions(&self) -> i64 {
        self.0.abstentions
    }
    /// When a committee's resolution was announced to the members; null while it was not, and for other resolutions.
    async fn announced_at(&self) -> Option<DateTime<Utc>> {
        self.0.announced_at
    }
    /// Stays on the agenda until it is done (G1.1b).
    async fn follow_up(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<FollowUp>> {
        let today = ctx.operation()?.app.today();
        Ok(self.0.follow_up_owner_id.clone().map(|owner_id| FollowUp {
            on: self.0.follow_up_on.map(Date),
            done_on: self.0.done_on.map(Date),
            overdue: self.0.passed && self.0.done_on.is_none() && self.0.follow_up_on.is_some_and(|on| on < today),
            owner_id,
        }))
    }
    /// Where it was resolved; null for who may not see that.
    async fn activity(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Activity>> {
        let found = loaders::load(ctx.data()?, ActivityById(self.0.activity_id.clone())).await?;
        Ok(found.map(Activity::from))
    }
    /// What the reader may do with it now, with what stands against it.
    async fn viewer_can(
        &self,
        ctx: &Context<'_>,
        actions: Vec<ResolutionAction>,
    ) -> async_graphql::Result<Vec<ResolutionPermission>> {
        let operation = ctx.operation()?;
        let reading = operation.reading().await?;
        let Some((target, kind)) = self.target(ctx).await? else {
            return Ok(Vec::new());
        };
        let owner = self.0.follow_up_owner_id.as_deref();
        let own = owner.is_some() && owner == reading.actor.member_id();
        let answer = |action: ResolutionAction| {
            let (act, against) = self.act(action, kind, own);
            let target = match owner.filter(|_| action == ResolutionAction::CompleteFollowUp) {
                Some(owner) => target.clone().about(owner),
                None => target.clone(),
            };
            let against = against.map(|problem| problem.or_about(act));
            ResolutionPermission::of(action, &reading.against(act, &target), against, operation.language)
        };
        Ok(actions.into_iter().map(answer).collect())
    }
    /// The vote rule that decided.
    async fn basis(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Basis>> {
        let (library, language) = (library(ctx).await?, ctx.operation()?.language);
        let found = library.entry_of(&self.0.rulebook_id, &self.0.rule_key, NaiveDate::MAX);
        Ok(found.map(|(book, entry)| ground(book, entry, language).into()))
    }
}

impl Resolution {
    /// What an act on it is aimed at: the activity, with the reader among its people where they are expected there.
    async fn target(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<(Target, Option<ActivityKind>)>> {
        let activity = loaders::load(ctx.data()?, ActivityById(self.0.activity_id.clone())).await?;
        let Some(activity) = activity else { return Ok(None) };
        let Some(host) = loaders::load(ctx.data()?, PlaceOf(activity.host_id.clone())).await? else {
            return Ok(None);
        };
        let mut target = Target::at((*host).clone());
        if let Some(mine) = loaders::load(ctx.data()?, MyAttendanceAt(activity.id.clone())).await? {
            target = target.with_participant(mine.member_id);
        }
        Ok(Some((target, activity.kind.parse().ok())))
    }

    /// The act behind an action, and what the present state has against it.
    fn act(&self, action: ResolutionAction, kind: Option<ActivityKind>, own: bool) -> (Action, Option<Problem>) {
        let wrong = |state: &str| Some(Problem::wrong_state("resolutionId", state));
        let decided = |state: &str| Some(Problem::decided("resolutionId", state));
        match action {
            ResolutionAction::Announce if kind != Some(ActivityKind::BranchCommitteeMeeting) => {
                (Action::FileMinutes, Some(Problem::new(ProblemCode::KindNotAllowedHere)))
            }
            ResolutionAction::Announce => {
                let told = self.0.announced_at.and_then(|_| decided("ANNOUNCED"));
                (Action::AnnounceResolution, told)
            }
            ResolutionAction::CompleteFollowUp => {
                let act = if own {
                    Action::CompleteOwnFollowUp
                } else {
                    Action::CompleteFollowUp
                };
                let against = match (&self.0.follow_up_owner_id, self.0.done_on) {
                    (None, _) => wrong("WITHOUT_FOLLOW_UP"),
                    (Some(_), Some(_)) => decided("DONE"),
                    (Some(_), None) if !self.0.passed => wrong("NOT_PASSED"),
                    (Some(_), None) => None,
                };
                (act, against)
            }
        }
    }
}

/// A page of an org's follow-ups, soonest due first.
///
/// # Errors
/// Wrong page arguments, or the database is away.
pub async fn follow_ups_of(
    ctx: &Context<'_>,
    organization_id: &str,
    open: bool,
    page: PageArguments,
) -> async_graphql::Result<ResolutionConnection> {
    let binding = binding("followUps", &(organization_id, open));
    let organization = organization_id.to_owned();
    let read = reads!(organization => |reading, request| reading.follow_ups(&organization, open, &request));
    let values = |row: &Row| vec![row.follow_up_on.unwrap_or_default().to_string(), row.id.clone()];
    ResolutionConnection::list(ctx, &binding, page, read, values, Resolution).await
}

/// A committee's resolution to be announced to the members.
#[derive(InputObject)]
pub struct AnnounceResolutionInput {
    /// The resolution.
    pub resolution_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

/// A follow-up that is done.
#[derive(InputObject)]
pub struct CompleteFollowUpInput {
    /// The resolution.
    pub resolution_id: ID,
    /// The version that was read; `CONFLICT` where it has changed since.
    pub expected_version: Option<i64>,
    /// Today where it is left out.
    pub done_on: Option<Date>,
    /// 1 to 128 characters of your own: a repeat with the same key and input is answered as the first time.
    pub idempotency_key: String,
}

answered!(
    /// A resolution after the change.
    ResolutionPayload {
        /// The resolution; null with refusals, and where the reader may not see it.
        resolution: Option<Resolution>,
    }
);

async fn followed(ctx: &Context<'_>, answer: Answer, present: &str) -> async_graphql::Result<ResolutionPayload> {
    let resolution = match answer.entity(present) {
        Some(id) => {
            let found = ctx.operation()?.reading().await?.resolutions_by_id(&[id]).await;
            found.map_err(|failure| to_error(&failure))?.pop().map(Resolution)
        }
        None => None,
    };
    Ok(ResolutionPayload::with(resolution, answer))
}

#[derive(Default)]
pub struct ResolutionMutation;

#[Object]
impl ResolutionMutation {
    /// Announces a committee's resolution: from then on the members of the branch read it.
    async fn announce_resolution(
        &self,
        ctx: &Context<'_>,
        input: AnnounceResolutionInput,
    ) -> async_graphql::Result<ResolutionPayload> {
        let present = input.resolution_id.0.clone();
        let value = Which {
            resolution_id: present.clone(),
            expected_version: input.expected_version,
        };
        let answer = act!(ctx, "announceResolution", input, |unit, typed = value| announce(unit, &typed));
        followed(ctx, answer, &present).await
    }

    /// Says that a follow-up is done: by whose task it is, or by who keeps the org's records.
    async fn complete_follow_up(
        &self,
        ctx: &Context<'_>,
        input: CompleteFollowUpInput,
    ) -> async_graphql::Result<ResolutionPayload> {
        let present = input.resolution_id.0.clone();
        let which = Which {
            resolution_id: present.clone(),
            expected_version: input.expected_version,
        };
        let value = (which, input.done_on.map(|date| date.0));
        let answer = act!(ctx, "completeFollowUp", input, |unit, typed = value| {
            complete(unit, &typed.0, typed.1)
        });
        followed(ctx, answer, &present).await
    }
}
