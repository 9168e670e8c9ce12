use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::lifecycle::admission::is_open;
use domain::policy::Target;
use domain::problem::Problem;
use domain::vocabulary::ApplicantStage;

use crate::graphql::activity::object::PlaceOf;
use crate::graphql::admission::object::{Admission, AdmissionOfApplicant};
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::loaders::{self, OrganizationById};
use crate::graphql::member::object::Member;
use crate::graphql::organization::object::Organization;
use crate::ops::applicant::Applicant as Row;
use crate::{connection, loader, permission};

permission!(
    /// What can be done with an applicant.
    ApplicantAction,
    ApplicantPermission {
        /// Lead them on, or record that they withdrew.
        Record => RecordApplicant,
        /// Draft an admission.
        DraftAdmission => DraftAdmission,
        /// Put an admission to the approver.
        ProposeAdmission => ProposeAdmission,
    }
);

pub struct Applicant(pub Arc<Row>);

connection!(ApplicantConnection, ApplicantEdge, Applicant);

loader!(
    /// Applicant by id, as the reader may see them.
    ApplicantById => Arc<Row>, |reading, ids| {
        let rows = reading.applicants(&ids).await?;
        Ok(rows.into_iter().map(|row| (row.id.clone(), Arc::new(row))).collect())
    }
);

impl Applicant {
    fn against(&self, action: ApplicantAction) -> Option<Problem> {
        let prospect = self.0.stage == ApplicantStage::Prospect.as_str();
        let fits = match action {
            ApplicantAction::Record => true,
            ApplicantAction::DraftAdmission | ApplicantAction::ProposeAdmission => prospect,
        };
        let gone = match (&self.0.withdrawn_on, &self.0.member_id) {
            (Some(_), _) => Some("WITHDRAWN"),
            (None, Some(_)) => Some("ADMITTED"),
            (None, None) => None,
        };
        let state = gone.or((!fits).then_some(self.0.stage.as_str()))?;
        Some(Problem::wrong_state("applicantId", state))
    }
}

/// Somebody on the way to membership: applicant 入党申请人, activist 积极分子, prospect 发展对象.
#[Object]
impl Applicant {
    /// Opaque and stable for ever.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }
    /// Raised with every change; bring it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// How far they have come.
    async fn stage(&self) -> Option<ApplicantStage> {
        self.0.stage.parse().ok()
    }
    /// Where the person is registered.
    async fn branch(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let found = loaders::load(ctx.data()?, OrganizationById(self.0.branch_id.clone())).await?;
        Ok(found.map(Organization))
    }
    /// The day of the application.
    async fn applied_on(&self) -> Date {
        self.0.since_on.into()
    }
    /// Since when an activist.
    async fn activist_on(&self) -> Option<Date> {
        self.0.activist_on.map(Date)
    }
    /// Since when a prospect.
    async fn prospect_on(&self) -> Option<Date> {
        self.0.prospect_on.map(Date)
    }
    /// When they withdrew.
    async fn withdrawn_on(&self) -> Option<Date> {
        self.0.withdrawn_on.map(Date)
    }
    /// Why they withdrew.
    async fn withdrawn_reason(&self) -> Option<&str> {
        self.0.withdrawn_reason.as_deref()
    }
    /// The member that the person has become.
    async fn member(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        match &self.0.member_id {
            Some(id) => Member::named(ctx, id).await,
            None => Ok(None),
        }
    }
    /// The admission that is drafted or waits for the approver.
    async fn admission(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Admission>> {
        let found = loaders::load(ctx.data()?, AdmissionOfApplicant(self.0.id.clone())).await?;
        Ok(found.filter(|row| row.state.parse().is_ok_and(is_open)).map(Admission))
    }
    /// What the reader may do now, and why not.
    async fn viewer_can(
        &self,
        ctx: &Context<'_>,
        actions: Vec<ApplicantAction>,
    ) -> async_graphql::Result<Vec<ApplicantPermission>> {
        let operation = ctx.operation()?;
        let reading = operation.reading().await?;
        let Some(place) = loaders::load(ctx.data()?, PlaceOf(self.0.branch_id.clone())).await? else {
            return Ok(Vec::new());
        };
        let target = Target::at((*place).clone()).about(self.0.id.clone());
        Ok(ApplicantPermission::each(
            operation,
            &reading,
            actions,
            &target,
            |action| self.against(action),
        ))
    }
}
