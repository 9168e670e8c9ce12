use async_graphql::{Context, ID, Object, SimpleObject};
use domain::policy::Target;
use domain::vocabulary::{DepartureReason, MemberStatus, SealedField, Standing};

use super::permission::{MemberAction, MemberPermission};
use crate::graphql::account::object::Account;
use crate::graphql::activity::attendance::AttendanceConnection;
use crate::graphql::activity::list::{Participation, attendance_of, participation_of};
use crate::graphql::activity::object::PlaceOf;
use crate::graphql::admission::object::FullMembershipsOf;
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::external_id::{self, ExternalId};
use crate::graphql::loaders::{self, MemberById, OrganizationById};
use crate::graphql::measure::object::MeasureConnection;
use crate::graphql::measure::query::of_member as measures_of;
use crate::graphql::organization::object::Organization;
use crate::graphql::page::PageArguments;
use crate::graphql::people::exemption::{Exemption, ExemptionsOf};
use crate::graphql::people::identity_change::{IdentityChange, IdentityChangesOf};
use crate::graphql::people::trail::{TrailConnection, trail};
use crate::graphql::transfer::object::{HeadshipsOf, PendingTransferOf, Transfer};
use crate::loader;
use crate::ops::member::Seen;
use crate::ops::people::reading::About;

pub struct Member(pub Seen);

loader!(
    /// The account of a member.
    AccountOf => crate::ops::people::reading::Account, |reading, ids| {
        let rows = reading.accounts_of(&ids).await?;
        Ok(rows.into_iter().filter_map(|row| Some((row.member_id.clone()?, row))).collect())
    }
);

loader!(
    /// Member by id, of the reader's roster only.
    MemberInRoster => Seen, |reading, ids| {
        Ok(reading.members(&ids).await?.into_iter().map(|seen| (seen.row.id.clone(), seen)).collect())
    }
);

/// A sealed field: masked unless the policy shows it to this reader.
#[derive(SimpleObject)]
pub struct MaskedString {
    /// Whether the value is hidden from this reader.
    pub masked: bool,
    /// The value; of a masked one at most its last two characters.
    pub value: Option<String>,
}

impl Member {
    /// A member by id whom an edge names; outside the roster id and name only.
    pub async fn named(ctx: &Context<'_>, id: &str) -> async_graphql::Result<Option<Self>> {
        Ok(loaders::load(ctx.data()?, MemberById(id.to_owned())).await?.map(Self))
    }

    fn own<T>(&self, value: T) -> Option<T> {
        self.0.in_roster.then_some(value)
    }

    async fn sealed(&self, ctx: &Context<'_>, field: SealedField) -> async_graphql::Result<Option<MaskedString>> {
        let reading = ctx.operation()?.reading().await?;
        let sealed = reading.sealed(&self.0, field);
        Ok(sealed.map(|sealed| MaskedString {
            masked: sealed.masked,
            value: sealed.value,
        }))
    }
}

/// A Party member 党员. A person named outside the reader's roster shows id and name only.
#[Object]
impl Member {
    /// Opaque and stable for ever.
    pub async fn id(&self) -> ID {
        ID(self.0.row.id.clone())
    }
    /// The name.
    async fn name(&self) -> &str {
        &self.0.row.name
    }
    /// Raised with every change; bring it back as `expectedVersion`. 0 for a person who is named outside the roster: no
    /// write takes it.
    async fn version(&self) -> i64 {
        self.own(self.0.row.version).unwrap_or_default()
    }
    /// Full or probationary.
    async fn standing(&self) -> Option<Standing> {
        self.own(self.0.row.standing.parse().ok()).flatten()
    }
    /// Active, floating, out of contact, …
    async fn status(&self) -> Option<MemberStatus> {
        self.own(self.0.row.status.parse().ok()).flatten()
    }
    /// The day of admission.
    async fn joined_on(&self) -> Option<Date> {
        self.own(self.0.row.joined_on.into())
    }
    /// The day of full membership.
    async fn became_full_on(&self) -> Option<Date> {
        self.own(self.0.row.became_full_on.map(Date)).flatten()
    }
    /// The branch that it belongs to.
    async fn branch(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let Some(id) = self.own(self.0.row.branch_id.clone()) else {
            return Ok(None);
        };
        Ok(loaders::load(ctx.data()?, OrganizationById(id))
            .await?
            .map(Organization))
    }
    /// The party group.
    async fn group(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let Some(id) = self.own(self.0.row.group_id.clone()).flatten() else {
            return Ok(None);
        };
        Ok(loaders::load(ctx.data()?, OrganizationById(id))
            .await?
            .map(Organization))
    }
    /// Sealed; masked unless the policy shows it to this reader.
    async fn phone(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<MaskedString>> {
        self.sealed(ctx, SealedField::Phone).await
    }
    /// Sealed; masked unless the policy shows it to this reader.
    async fn identity_number(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<MaskedString>> {
        self.sealed(ctx, SealedField::IdentityNumber).await
    }
    /// Sealed; masked unless the policy shows it to this reader.
    async fn birth_date(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<MaskedString>> {
        self.sealed(ctx, SealedField::BirthDate).await
    }
    /// Sealed; masked unless the policy shows it to this reader.
    async fn address(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<MaskedString>> {
        self.sealed(ctx, SealedField::Address).await
    }
    /// The branch that hosts a floating member.
    async fn host_branch(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let Some(id) = self.own(self.0.row.host_branch_id.clone()).flatten() else {
            return Ok(None);
        };
        Ok(loaders::load(ctx.data()?, OrganizationById(id))
            .await?
            .map(Organization))
    }
    /// In a joint branch: the unit they come from.
    async fn unit_tag(&self) -> Option<&str> {
        self.own(self.0.row.unit_tag.as_deref()).flatten()
    }
    /// The first day on which they no longer belonged.
    async fn left_on(&self) -> Option<Date> {
        self.own(self.0.row.left_on.map(Date)).flatten()
    }
    /// How they left.
    async fn left_reason(&self) -> Option<DepartureReason> {
        self.own(self.0.row.left_reason.as_deref()?.parse().ok()).flatten()
    }
    /// Exemptions from attendance and drafts of them, newest first, as far as the reader may see them.
    async fn exemptions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Exemption>> {
        let found = loaders::load(ctx.data()?, ExemptionsOf(self.0.row.id.clone())).await?;
        Ok(found.unwrap_or_default().into_iter().map(Exemption).collect())
    }
    /// Corrections of identity data that the member asked for, newest first: for the member and who confirms them.
    async fn identity_changes(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<IdentityChange>> {
        let found = loaders::load(ctx.data()?, IdentityChangesOf(self.0.row.id.clone())).await?;
        Ok(found.unwrap_or_default().into_iter().map(IdentityChange).collect())
    }
    /// The member's account, for who looks after the accounts of the org.
    async fn account(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Account>> {
        Ok(loaders::load(ctx.data()?, AccountOf(self.0.row.id.clone()))
            .await?
            .map(Account::from))
    }
    /// Who saw or changed this member's data, newest first: for the member, and whoever answers for the branch.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    async fn access_log(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<TrailConnection> {
        let page = PageArguments::new(first, after, last, before);
        trail(ctx, About::Member(self.0.row.id.clone()), page).await
    }
    /// The transfer that is under way, where the reader may see it.
    async fn transfer(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Transfer>> {
        let found = loaders::load(ctx.data()?, PendingTransferOf(self.0.row.id.clone())).await?;
        Ok(found.map(Transfer))
    }
    /// Names of this member in other systems; none for a person who is named outside the roster.
    async fn external_ids(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<ExternalId>> {
        let Some(id) = self.own(self.0.row.id.clone()) else {
            return Ok(Vec::new());
        };
        external_id::of_object(ctx, id).await
    }
    /// What the reader may do with the member now, with what stands against it.
    async fn viewer_can(
        &self,
        ctx: &Context<'_>,
        actions: Vec<MemberAction>,
    ) -> async_graphql::Result<Vec<MemberPermission>> {
        let operation = ctx.operation()?;
        let Some(target) = self.0.target() else {
            return Ok(Vec::new());
        };
        let reading = operation.reading().await?;
        let mut proposed = None;
        if actions.contains(&MemberAction::ProposeFullMembership) {
            proposed = loaders::load(ctx.data()?, FullMembershipsOf(self.0.row.id.clone())).await?;
        }
        let proposed = proposed.unwrap_or_default();
        let against = |action: MemberAction| action.against(&self.0.row, &proposed, reading.today);
        Ok(MemberPermission::each(operation, &reading, actions, &target, against))
    }
    /// Attendance in a year, newest first, as far as the reader may see it.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    async fn attendance(
        &self,
        ctx: &Context<'_>,
        #[graphql(validator(minimum = 1921, maximum = 2100))] year: i32,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<AttendanceConnection> {
        attendance_of(
            ctx,
            &self.0.row.id,
            year,
            PageArguments::new(first, after, last, before),
        )
        .await
    }
    /// Measures for absence (G2.5a), latest first, as far as the reader may see them; one's own always.
    #[graphql(complexity = "usize::try_from(first.or(last).unwrap_or(1)).unwrap_or(1) * child_complexity + 1")]
    async fn measures(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> async_graphql::Result<MeasureConnection> {
        measures_of(ctx, &self.0.row.id, PageArguments::new(first, after, last, before)).await
    }
    /// Participation in a year, counted from the attendance that the reader may see.
    async fn participation(
        &self,
        ctx: &Context<'_>,
        #[graphql(validator(minimum = 1921, maximum = 2100))] year: i32,
    ) -> async_graphql::Result<Participation> {
        participation_of(ctx, &self.0.row.id, year).await
    }
}

/// A member of the reader's roster as a target of acts, with the orgs that they head; `None` where the roster does not
/// show them.
///
/// # Errors
/// The database is away.
pub async fn member_target(ctx: &Context<'_>, id: &str) -> async_graphql::Result<Option<Target>> {
    let seen = loaders::load(ctx.data()?, MemberInRoster(id.to_owned())).await?;
    let Some(mut target) = seen.and_then(|seen| seen.target()) else {
        return Ok(None);
    };
    let heads = loaders::load(ctx.data()?, HeadshipsOf(id.to_owned())).await?;
    target.heads.extend(heads.unwrap_or_default());
    Ok(Some(target))
}

/// Something about a member that belongs to an org, as a target of acts.
///
/// # Errors
/// The database is away.
pub async fn target_at(ctx: &Context<'_>, org: &str, member: &str) -> async_graphql::Result<Option<Target>> {
    let Some(place) = loaders::load(ctx.data()?, PlaceOf(org.to_owned())).await? else {
        return Ok(None);
    };
    let mut target = Target::at((*place).clone()).about(member);
    let heads = loaders::load(ctx.data()?, HeadshipsOf(member.to_owned())).await?;
    target.heads = heads.unwrap_or_default();
    Ok(Some(target))
}
