//! Which posts an org may have, who may hold them, how many at a time. Pure.

use chrono::NaiveDate;

use crate::vocabulary::{OrganKind, OrganizationKind as K, Post as P};

/// Whether orgs of this kind have this post; `has_committee` matters to branches only.
#[must_use]
pub fn may_stand(post: P, kind: K, has_committee: bool) -> bool {
    match post {
        P::Secretary | P::DeputySecretary => kind != K::PartyGroup,
        P::OrganizationCommitteeMember
        | P::PublicityCommitteeMember
        | P::DisciplineInspectionCommitteeMember
        | P::CommitteeMember => match kind {
            K::PartyGroup => false,
            K::Branch => has_committee,
            K::CityCommittee
            | K::CountyCommittee
            | K::WorkingCommittee
            | K::TownCommittee
            | K::SubdistrictWorkingCommittee
            | K::DepartmentCommittee
            | K::DirectlyAffiliatedUnitCommittee
            | K::PrimaryCommittee
            | K::GeneralBranch
            | K::LeadingPartyMembersGroup => true,
        },
        P::GroupLeader => kind == K::PartyGroup,
        P::PartyAffairsClerk => matches!(kind, K::Branch | K::GeneralBranch),
        P::CommitteeOfficeClerk => !matches!(
            kind,
            K::Branch | K::PartyGroup | K::GeneralBranch | K::LeadingPartyMembersGroup
        ),
        P::OrganizationDepartmentStaff | P::DisciplineInspectionStaff => {
            matches!(kind, K::CityCommittee | K::CountyCommittee)
        }
    }
}

/// Posts with one holder at a time.
#[must_use]
pub fn is_single(post: P) -> bool {
    matches!(post, P::Secretary | P::GroupLeader)
}

/// The organ whose staff holds this post.
#[must_use]
pub fn organ_of(post: P) -> Option<OrganKind> {
    match post {
        P::OrganizationDepartmentStaff => Some(OrganKind::OrganizationDepartment),
        P::DisciplineInspectionStaff => Some(OrganKind::DisciplineInspectionCommission),
        P::Secretary
        | P::DeputySecretary
        | P::OrganizationCommitteeMember
        | P::PublicityCommitteeMember
        | P::DisciplineInspectionCommitteeMember
        | P::CommitteeMember
        | P::GroupLeader
        | P::PartyAffairsClerk
        | P::CommitteeOfficeClerk => None,
    }
}

/// Whether only full members may hold it: a probationary member has no right to be elected.
#[must_use]
pub fn needs_full_member(post: P) -> bool {
    post.is_officer() || post == P::GroupLeader
}

/// The subtree whose members may hold posts of an org: its own; of a leading group, which has no members, that of the
/// committee it stands below.
#[must_use]
pub fn home(kind: K, path: &str) -> &str {
    if kind != K::LeadingPartyMembersGroup {
        return path;
    }
    let trimmed = path.trim_end_matches('/');
    trimmed.rfind('/').and_then(|at| path.get(..=at)).unwrap_or(path)
}

/// Whether another day for the beginning of a post is that of another term 换届: decided on when the post was held already, or lying
/// where its term is over. Then nothing was written down wrongly: the post ends, and is filled anew.
#[must_use]
pub fn is_another_term(
    (held_since, term_ends_on): (NaiveDate, Option<NaiveDate>),
    since: NaiveDate,
    decided_on: Option<NaiveDate>,
) -> bool {
    let decided_later = decided_on.is_some_and(|day| day > held_since);
    let term_over = term_ends_on.is_some_and(|end| since >= end);
    since > held_since && (decided_later || term_over)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_day_is_a_slip_of_the_pen_or_another_term() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let held = (day("2023-05-01"), Some(day("2026-05-01")));
        let is = |since: &str, decided: Option<&str>| is_another_term(held, day(since), decided.map(day));
        // Decided on before the post was taken up: the day alone was wrong.
        assert!(!is("2023-05-08", Some("2023-04-28")) && !is("2023-05-08", None));
        assert!(!is("2023-04-29", Some("2023-05-02")), "an earlier day is no other term");
        assert!(is("2023-05-08", Some("2023-05-02")));
        assert!(is("2026-05-01", None) && is("2026-05-20", Some("2023-04-28")));
    }

    #[test]
    fn each_kind_has_its_own_posts() {
        assert!(may_stand(P::Secretary, K::Branch, false) && !may_stand(P::Secretary, K::PartyGroup, true));
        assert!(!may_stand(P::CommitteeMember, K::Branch, false) && may_stand(P::CommitteeMember, K::Branch, true));
        assert!(may_stand(P::GroupLeader, K::PartyGroup, false) && !may_stand(P::GroupLeader, K::Branch, true));
        assert!(!may_stand(P::OrganizationDepartmentStaff, K::TownCommittee, true));
    }

    #[test]
    fn a_leading_group_draws_on_the_committee_it_stands_below() {
        assert_eq!(home(K::LeadingPartyMembersGroup, "/a/b/"), "/a/");
        assert_eq!(home(K::Branch, "/a/b/"), "/a/b/");
    }
}
