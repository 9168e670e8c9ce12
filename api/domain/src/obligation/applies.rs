//! Whether an entry is for an org.

use crate::obligation::facts::OrganizationFacts;
use crate::obligation::headcount::Headcount;
use crate::rulebook::AppliesTo;
use crate::rulebook::words::OrganizationFact;

/// Whether the org is one that the selectors name. Selectors of people (standing, leaders …) do not speak of orgs.
pub(super) fn applies(to: &AppliesTo, organization: &OrganizationFacts) -> bool {
    let kind = to.organization_kinds.is_empty() || to.organization_kinds.contains(&organization.kind);
    let sector = to.sectors.is_empty() || to.sectors.contains(&organization.sector);
    let flag = to.flags.is_empty() || to.flags.iter().any(|flag| organization.flags.contains(flag));
    let facts = to.facts.iter().all(|fact| holds(*fact, organization));
    let superior = to.parent_kinds.is_empty()
        || organization
            .parent_kind
            .is_some_and(|kind| to.parent_kinds.contains(&kind));
    kind && superior && sector && flag && facts && to.size.is_none_or(|size| Headcount::of(organization).fits(size))
}

pub(super) fn holds(fact: OrganizationFact, organization: &OrganizationFacts) -> bool {
    match fact {
        OrganizationFact::HasCommittee => organization.has_committee,
        OrganizationFact::NoCommittee => !organization.has_committee,
        OrganizationFact::HasGroups => organization.has_groups,
        OrganizationFact::HoldsDemocraticLifeMeeting => organization.holds_democratic_life_meeting,
        OrganizationFact::NoDemocraticLifeMeeting => !organization.holds_democratic_life_meeting,
        OrganizationFact::Joint => organization.joint,
        OrganizationFact::Temporary => organization.temporary,
    }
}
