use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::NaiveDate;
use domain::vocabulary::{OrganizationFlag, OrganizationKind, Sector};

use super::recorded::Recorded;
use crate::graphql::batch::{Loader, Loads, Shared};
use crate::graphql::date::Date;
use crate::graphql::error::to_error;
use crate::graphql::loaders;
use crate::ops::organization::{Facts, HeadcountRow};

/// An org on a day.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FactsOn {
    pub organization_id: String,
    pub on: NaiveDate,
}

/// The people of an org on a day.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HeadcountOf(pub FactsOn);

/// The orgs asked for on each day; a screen asks for one day.
fn by_day<'a>(keys: impl Iterator<Item = &'a FactsOn>) -> HashMap<NaiveDate, Vec<String>> {
    let mut days: HashMap<NaiveDate, Vec<String>> = HashMap::new();
    for key in keys {
        days.entry(key.on).or_default().push(key.organization_id.clone());
    }
    days
}

impl Loader<FactsOn> for Loads {
    /// From the root down to the org itself.
    type Value = Arc<Vec<Facts>>;

    async fn load(&self, keys: &[FactsOn]) -> Result<HashMap<FactsOn, Self::Value>, Shared> {
        let reading = self.0.reading().await.map_err(Arc::new)?;
        let mut found = HashMap::new();
        for (on, ids) in by_day(keys.iter()) {
            let paths = reading.facts_on(&ids, on).await.map_err(|f| Arc::new(to_error(&f)))?;
            found.extend(
                paths
                    .into_iter()
                    .map(|(organization_id, path)| (FactsOn { organization_id, on }, Arc::new(path))),
            );
        }
        Ok(found)
    }
}

impl Loader<HeadcountOf> for Loads {
    type Value = HeadcountRow;

    async fn load(&self, keys: &[HeadcountOf]) -> Result<HashMap<HeadcountOf, HeadcountRow>, Shared> {
        let reading = self.0.reading().await.map_err(Arc::new)?;
        let mut found = HashMap::new();
        for (on, ids) in by_day(keys.iter().map(|key| &key.0)) {
            let rows = reading
                .headcounts_on(&ids, on)
                .await
                .map_err(|f| Arc::new(to_error(&f)))?;
            found.extend(rows.into_iter().map(|row| {
                let organization_id = row.organization_id.clone();
                (HeadcountOf(FactsOn { organization_id, on }), row)
            }));
        }
        Ok(found)
    }
}

/// An org as it was named on a day. No object with an id: the org itself is under `organization(id: organizationId)`.
#[derive(SimpleObject)]
pub struct OrganizationName {
    /// The org that it is about.
    pub organization_id: ID,
    /// What it is called.
    pub name: String,
    /// Which kind it is.
    pub kind: Option<OrganizationKind>,
}

impl From<&Facts> for OrganizationName {
    fn from(facts: &Facts) -> Self {
        Self {
            organization_id: ID(facts.organization_id.clone()),
            name: facts.name.clone(),
            kind: Recorded(facts).kind(),
        }
    }
}

/// Members of an org, and of what stood below it, on a day.
#[derive(SimpleObject)]
pub struct PastHeadcount {
    /// Full members.
    pub full_members: i64,
    /// Probationary members.
    pub probationary_members: i64,
}

/// What held for an org on a day, as known now. It has no id: it is no object that changes.
pub struct OrganizationFacts {
    path: Arc<Vec<Facts>>,
    on: NaiveDate,
}

impl OrganizationFacts {
    /// The facts of a day; `None` before the founding and after the dissolution.
    pub async fn find(ctx: &Context<'_>, id: &str, on: NaiveDate) -> async_graphql::Result<Option<Self>> {
        let organization_id = id.to_owned();
        let path = loaders::load(ctx.data()?, FactsOn { organization_id, on }).await?;
        Ok(path.map(|path| Self { path, on }))
    }

    fn own(&self) -> Option<&Facts> {
        self.path.last()
    }

    fn recorded(&self) -> Option<Recorded<'_>> {
        self.own().map(Recorded)
    }

    fn flag(&self, name: &str) -> bool {
        self.recorded().is_some_and(|facts| facts.flag(name))
    }
}

/// What held for an org on a day, as known now. It has no id: it is no object that changes.
#[Object]
impl OrganizationFacts {
    /// The org that it is about.
    async fn organization_id(&self) -> Option<ID> {
        self.own().map(|facts| ID(facts.organization_id.clone()))
    }
    /// What it is called.
    async fn name(&self) -> Option<&str> {
        self.own().map(|facts| facts.name.as_str())
    }
    /// Which kind it is.
    async fn kind(&self) -> Option<OrganizationKind> {
        self.recorded()?.kind()
    }
    /// Field of its work.
    async fn sector(&self) -> Option<Sector> {
        self.recorded()?.sector()
    }
    /// The org directly above, that day.
    async fn parent(&self) -> Option<OrganizationName> {
        let above = self.path.iter().rev().nth(1)?;
        (self.own()?.parent_id.as_ref() == Some(&above.organization_id)).then(|| above.into())
    }
    /// From the root down to the org itself, that day.
    async fn path(&self) -> Vec<OrganizationName> {
        self.path.iter().map(OrganizationName::from).collect()
    }
    /// Whether it has a committee, by decision.
    async fn has_committee(&self) -> bool {
        self.flag("hasCommittee")
    }
    /// The right of approval 审批权.
    async fn approves(&self) -> bool {
        self.flag("approves")
    }
    /// Whether its team held the democratic life meeting (G1.2a).
    async fn holds_democratic_life_meeting(&self) -> bool {
        self.flag("holdsDemocraticLifeMeeting")
    }
    /// The leading group 党组 that guided it that day.
    async fn guided_by_organization_id(&self) -> Option<ID> {
        self.recorded()?.guided_by()
    }
    /// What asks for public appraisal (G1.4c).
    async fn flags(&self) -> Vec<OrganizationFlag> {
        self.recorded().map(|facts| facts.flags()).unwrap_or_default()
    }
    /// Whether its members come from several units.
    async fn joint(&self) -> bool {
        self.flag("joint")
    }
    /// Whether it is a temporary org.
    async fn temporary(&self) -> bool {
        self.flag("temporary")
    }
    /// From which day on these facts hold.
    async fn since(&self) -> Option<Date> {
        self.own().map(|facts| Date(facts.from_on))
    }
    /// The first day on which they no longer held; null where they still do.
    async fn until(&self) -> Option<Date> {
        self.own().and_then(|facts| facts.until_on).map(Date)
    }
    /// Who belonged that day, for the org and what stood below it; null where the reader has no right to these figures.
    async fn headcount(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<PastHeadcount>> {
        let Some(own) = self.own() else { return Ok(None) };
        let key = FactsOn {
            organization_id: own.organization_id.clone(),
            on: self.on,
        };
        let found = loaders::load(ctx.data()?, HeadcountOf(key)).await?;
        Ok(found.map(|row| PastHeadcount {
            full_members: row.full_members,
            probationary_members: row.probationary_members,
        }))
    }
}
