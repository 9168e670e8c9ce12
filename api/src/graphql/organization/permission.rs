use async_graphql::Context;
use domain::policy::Target;
use domain::problem::{Problem, ProblemCode};

use super::object::Organization;
use crate::graphql::activity::object::PlaceOf;
use crate::graphql::context::ContextExt as _;
use crate::graphql::error::to_error;
use crate::graphql::loaders;
use crate::ops::organization::{place_below, place_of};
use crate::ops::outcome::Failure;
use crate::permission;

permission! {
    /// What can be done with an organization.
    OrganizationAction, OrganizationPermission {
        /// Found an org below it.
        FoundBelow => CreateOrganization,
        /// Give it another name.
        Rename => RenameOrganization,
        /// Move it to another parent next to its present one.
        Move => MoveOrganization,
        /// Dissolve it when it is empty.
        Dissolve => DissolveOrganization,
        /// Record committee, right of approval, flags and the other facts.
        RecordFacts => RecordOrganizationFacts,
        /// Give it an id in another system.
        AssignExternalId => IdentifyOrganization,
        /// Open a unit that hosts its activities.
        CreateActivityUnit => RecordActivityUnit,
        /// Confirm an elected secretary.
        ConfirmSecretary => ConfirmSecretary,
        /// Designate an acting secretary.
        DesignateActingSecretary => DesignateActingSecretary,
        /// Fill another post.
        AppointToPost => AppointToPost,
        /// Enter a member into its roster.
        EnterMember => EnterMember,
        /// Enter an applicant.
        EnterApplicant => EnterApplicant,
        /// Schedule or record an activity.
        ScheduleActivity => ScheduleActivity,
        /// Put it under a rulebook.
        AssignRulebook => AssignRulebook,
    }
}

impl Organization {
    /// What each action is aimed at: the org itself, the place of a child, or the org with its parent as the way it goes.
    async fn target(&self, ctx: &Context<'_>, action: OrganizationAction) -> async_graphql::Result<Option<Target>> {
        let place = place_of(&self.0).map_err(|error| to_error(&Failure::from(error)))?;
        match action {
            OrganizationAction::FoundBelow => {
                let path: Vec<_> = self.path_rows(ctx).await?;
                let below = place_below(&path).map_err(|failure| to_error(&failure))?;
                Ok(below.map(Target::at))
            }
            OrganizationAction::Move => {
                let Some(parent) = self.0.parent_id.clone() else {
                    return Ok(None);
                };
                let parent = loaders::load(ctx.data()?, PlaceOf(parent)).await?;
                Ok(parent.map(|parent| Target::at(place).leading_to((*parent).clone())))
            }
            _ => Ok(Some(Target::at(place))),
        }
    }

    pub(super) async fn permissions(
        &self,
        ctx: &Context<'_>,
        actions: Vec<OrganizationAction>,
    ) -> async_graphql::Result<Vec<OrganizationPermission>> {
        let operation = ctx.operation()?;
        let reading = operation.reading().await?;
        let gone = || self.0.dissolved_on.map(|_| Problem::wrong_state("id", "DISSOLVED"));
        let mut answers = Vec::new();
        for action in actions {
            answers.push(match self.target(ctx, action).await? {
                Some(target) => OrganizationPermission::of(
                    action,
                    &reading.against(action.act(), &target),
                    gone(),
                    operation.language,
                ),
                None => {
                    let refused = Problem::new(ProblemCode::KindNotAllowedHere).with("kind", &self.0.kind);
                    OrganizationPermission::of(action, &[], Some(refused), operation.language)
                }
            });
        }
        Ok(answers)
    }
}
