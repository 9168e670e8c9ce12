//! Posts 职务.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use chrono::NaiveDate;
use domain::lifecycle::post::{Command, step};
use domain::policy::Action;
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{OrganizationKind, Post};

use super::context::ContextExt as _;
use super::date::Date;
use super::loaders::{self, OrganizationById};
use super::member::object::{Member, target_at};
use super::organization::object::Organization;
use crate::ops::member::Appointment as Row;
use crate::ops::people::appointment::tenure_of;
use crate::{loader, permission};

loader!(
    /// Appointment by id, as the reader may see it.
    AppointmentById => Row, |reading, ids| {
        Ok(reading.appointments(&ids).await?.into_iter().map(|row| (row.id.clone(), row)).collect())
    }
);

permission! {
    /// What can be done with a post that is held.
    AppointmentAction, AppointmentPermission {
        /// End it.
        End,
        /// Say what the holder looks after.
        AssignPortfolio,
    }
}

pub struct Appointment(pub Row);

impl AppointmentAction {
    fn act(self, post: Post) -> Action {
        match (self, post) {
            (Self::AssignPortfolio, _) => Action::AssignPortfolio,
            (Self::End, Post::Secretary) => Action::EndSecretaryPost,
            (Self::End, Post::OrganizationDepartmentStaff | Post::DisciplineInspectionStaff) => Action::EndOrganStaff,
            (Self::End, _) => Action::EndPost,
        }
    }
}

impl Appointment {
    fn against(&self, action: AppointmentAction, kind: OrganizationKind, today: NaiveDate) -> Option<Problem> {
        let command = match action {
            AppointmentAction::End => Command::End(today),
            AppointmentAction::AssignPortfolio => Command::AssignPortfolio,
        };
        if let Err(refused) = step(Some(tenure_of(&self.0)), command, today) {
            return Some(refused.at("appointmentId"));
        }
        let of_group = action == AppointmentAction::AssignPortfolio && kind == OrganizationKind::PartyGroup;
        of_group.then(|| Problem::new(ProblemCode::KindNotAllowedHere).with("organizationKind", kind))
    }
}

/// A post held by a member 任职, with its term; acting holders are marked.
#[Object]
impl Appointment {
    /// Opaque and stable for ever.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }
    /// Raised with every change; bring it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
    /// The post.
    async fn post(&self) -> Option<Post> {
        self.0.post.parse().ok()
    }
    /// Whom it concerns.
    async fn member(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        Member::named(ctx, &self.0.member_id).await
    }
    /// The org that it belongs to.
    async fn organization(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        Ok(
            loaders::load(ctx.data()?, OrganizationById(self.0.organization_id.clone()))
                .await?
                .map(Organization),
        )
    }
    /// Since when.
    async fn since(&self) -> Date {
        self.0.since.into()
    }
    /// The first day on which it is no longer held.
    async fn until(&self) -> Option<Date> {
        self.0.until.map(Date)
    }
    /// When the term ends.
    async fn term_ends_on(&self) -> Option<Date> {
        self.0.term_ends_on.map(Date)
    }
    /// Whether it is held in an acting capacity.
    async fn acting(&self) -> bool {
        self.0.acting
    }
    /// What the reader may do with it now, with what stands against it.
    async fn viewer_can(
        &self,
        ctx: &Context<'_>,
        actions: Vec<AppointmentAction>,
    ) -> async_graphql::Result<Vec<AppointmentPermission>> {
        let operation = ctx.operation()?;
        let reading = operation.reading().await?;
        let target = target_at(ctx, &self.0.organization_id, &self.0.member_id).await?;
        let (Some(target), Ok(post)) = (target, self.0.post.parse::<Post>()) else {
            return Ok(Vec::new());
        };
        let answer = |action: AppointmentAction| {
            let act = action.act(post);
            let against = self.against(action, target.org.kind, reading.today);
            let against = against.map(|problem| problem.or_about(act));
            AppointmentPermission::of(action, &reading.against(act, &target), against, operation.language)
        };
        Ok(actions.into_iter().map(answer).collect())
    }
    /// Units without an org of their own that are in the holder's charge, by name.
    async fn portfolio_units(&self) -> Vec<String> {
        let charges = self.0.portfolio.as_array().map_or(&[][..], Vec::as_slice);
        let names = charges.iter().filter_map(|charge| charge.get("unit")?.as_str());
        names.map(ToOwned::to_owned).collect()
    }
    /// Orgs in the holder's charge 分管; it steers responsibility, never rights.
    async fn portfolio(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Organization>> {
        let charges = self.0.portfolio.as_array().map_or(&[][..], Vec::as_slice);
        let ids = charges.iter().filter_map(|charge| charge.as_str());
        let keys: Vec<_> = ids.map(|id| OrganizationById(id.to_owned())).collect();
        let all = ctx
            .data::<Arc<loaders::Loaders>>()?
            .load_many(keys.clone())
            .await
            .map_err(|error| (*error).clone())?;
        Ok(keys
            .iter()
            .filter_map(|key| all.get(key).cloned().map(Organization))
            .collect())
    }
}
