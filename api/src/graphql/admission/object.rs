use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use domain::lifecycle::admission::{Command, step};
use domain::policy::Target;
use domain::problem::Problem;
use domain::vocabulary::{AdmissionKind, AdmissionState};

use crate::graphql::activity::object::{PlaceOf, by};
use crate::graphql::activity::resolution::{Resolution, ResolutionById};
use crate::graphql::applicant::object::{Applicant, ApplicantById};
use crate::graphql::context::ContextExt as _;
use crate::graphql::date::Date;
use crate::graphql::decision::RecordedDecision;
use crate::graphql::error::Basis;
use crate::graphql::loaders::{self, OrganizationById};
use crate::graphql::member::object::Member;
use crate::graphql::organization::object::Organization;
use crate::graphql::rulebook::query::library;
use crate::ops::admission::{Admission as Row, Opinion, person};
use crate::ops::rulebook::ground;
use crate::{connection, loader, permission};

permission!(
    /// What can be done with an admission.
    AdmissionAction,
    AdmissionPermission {
        /// Put it to the approver.
        Propose => ProposeAdmission,
        /// Give an opinion.
        Opine => OpineOnAdmission,
        /// Decide as the approver.
        Decide => DecideAdmission,
        /// Take it back.
        Withdraw => WithdrawAdmission,
    }
);

pub struct Admission(pub Arc<Row>);

connection!(AdmissionConnection, AdmissionEdge, Admission);

loader!(
    /// Admission by id, as the reader may see it.
    AdmissionById => Arc<Row>, |reading, ids| {
        let rows = reading.admissions(&ids).await?;
        Ok(rows.into_iter().map(|row| (row.id.clone(), Arc::new(row))).collect())
    }
);

loader!(
    /// The latest admission of an applicant, as the reader may see it.
    AdmissionOfApplicant => Arc<Row>, |reading, ids| {
        let rows = reading.latest_admissions(&ids).await?;
        Ok(rows.into_iter().filter_map(|row| Some((row.applicant_id.clone()?, Arc::new(row)))).collect())
    }
);

loader!(
    /// What was proposed of a member's full membership, as the reader may see it.
    FullMembershipsOf => Vec<Row>, |reading, ids| {
        let rows = reading.full_memberships(&ids).await?;
        Ok(by(rows, |row| row.member_id.clone().unwrap_or_default()))
    }
);

/// What a level between said.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct AdmissionOpinion {
    /// What was said.
    pub text: String,
    /// When it was given.
    pub given_at: DateTime<Utc>,
    #[graphql(skip)]
    organization_id: String,
}

#[async_graphql::ComplexObject]
impl AdmissionOpinion {
    /// The org whose opinion it is.
    async fn organization(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let found = loaders::load(ctx.data()?, OrganizationById(self.organization_id.clone())).await?;
        Ok(found.map(Organization))
    }
}

impl Admission {
    fn against(&self, action: AdmissionAction) -> Option<Problem> {
        let command = match action {
            AdmissionAction::Propose => Command::Propose,
            AdmissionAction::Opine => Command::Opine,
            AdmissionAction::Decide => Command::Approve,
            AdmissionAction::Withdraw => Command::Withdraw,
        };
        let kind = self.0.kind.parse().ok()?;
        let refused = step(kind, self.0.state.parse().ok(), command).err()?;
        Some(refused.at("admissionId"))
    }
}

/// An admission 发展党员, or full membership 转正: proposed by the branch by resolution, decided by the approver.
#[Object]
impl Admission {
    /// Opaque and stable for ever.
    pub async fn id(&self) -> ID {
        ID(self.0.id.clone())
    }
    /// Raised with every change; bring it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.version
    }
    /// Which kind it is.
    async fn kind(&self) -> Option<AdmissionKind> {
        self.0.kind.parse().ok()
    }
    /// How it stands.
    async fn state(&self) -> Option<AdmissionState> {
        self.0.state.parse().ok()
    }
    /// Who is to be admitted; null for full membership.
    async fn applicant(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Applicant>> {
        let Some(id) = self.0.applicant_id.clone() else {
            return Ok(None);
        };
        Ok(loaders::load(ctx.data()?, ApplicantById(id)).await?.map(Applicant))
    }
    /// The member that the applicant has become, or who is to become a full member.
    async fn member(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Member>> {
        match &self.0.member_id {
            Some(id) => Member::named(ctx, id).await,
            None => Ok(None),
        }
    }
    /// The branch that it belongs to.
    async fn branch(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let found = loaders::load(ctx.data()?, OrganizationById(self.0.branch_id.clone())).await?;
        Ok(found.map(Organization))
    }
    /// The nearest committee above with the right of approval.
    async fn approver(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Organization>> {
        let found = loaders::load(ctx.data()?, OrganizationById(self.0.approver_id.clone())).await?;
        Ok(found.map(Organization))
    }
    /// The resolution of the general meeting, where the reader may see its minutes.
    async fn resolution(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Resolution>> {
        let Some(id) = self.0.resolution_id.clone() else {
            return Ok(None);
        };
        Ok(loaders::load(ctx.data()?, ResolutionById(id)).await?.map(Resolution))
    }
    /// The branch's decision, where its meeting is not in the system.
    async fn branch_decision(&self) -> Option<RecordedDecision> {
        RecordedDecision::kept(self.0.branch_decision.as_ref())
    }
    /// The day on which the branch decided.
    async fn voted_on(&self) -> Option<Date> {
        self.0.voted_on.map(Date)
    }
    /// What levels between said, in order.
    async fn opinions(&self) -> Vec<AdmissionOpinion> {
        let kept: Vec<Opinion> = serde_json::from_value(self.0.opinions.clone()).unwrap_or_default();
        let opinion = |one: Opinion| AdmissionOpinion {
            text: one.text,
            given_at: one.given_at,
            organization_id: one.organization_id,
        };
        kept.into_iter().map(opinion).collect()
    }
    /// Of a draft, when it was written.
    async fn proposed_at(&self) -> DateTime<Utc> {
        self.0.proposed_at
    }
    /// When it was decided.
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.decided_at
    }
    /// The approver's decision.
    async fn decision(&self) -> Option<RecordedDecision> {
        RecordedDecision::kept(self.0.decision.as_ref())
    }
    /// Why it was rejected, or probation extended.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
    /// Until when probation was extended.
    async fn extended_until(&self) -> Option<Date> {
        self.0.extended_until.map(Date)
    }
    /// The vote rule behind it (G1.1a).
    async fn basis(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Basis>> {
        let (library, language) = (library(ctx).await?, ctx.operation()?.language);
        let found = library.entry_of(&self.0.rulebook_id, &self.0.rule_key, NaiveDate::MAX);
        Ok(found.map(|(book, entry)| ground(book, entry, language).into()))
    }
    /// What the reader may do with it now, and why not.
    async fn viewer_can(
        &self,
        ctx: &Context<'_>,
        actions: Vec<AdmissionAction>,
    ) -> async_graphql::Result<Vec<AdmissionPermission>> {
        let operation = ctx.operation()?;
        let reading = operation.reading().await?;
        let Some(place) = loaders::load(ctx.data()?, PlaceOf(self.0.branch_id.clone())).await? else {
            return Ok(Vec::new());
        };
        let target = Target::at((*place).clone()).about(person(&self.0));
        Ok(AdmissionPermission::each(
            operation,
            &reading,
            actions,
            &target,
            |action| self.against(action),
        ))
    }
}
