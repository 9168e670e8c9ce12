//! Closed lists of posts.

use super::closed_list;

closed_list! {
    /// Post 职务 in an organization or in one of its organs.
    Post {
        /// 书记
        Secretary = "SECRETARY",
        /// 副书记
        DeputySecretary = "DEPUTY_SECRETARY",
        /// 组织委员
        OrganizationCommitteeMember = "ORGANIZATION_COMMITTEE_MEMBER",
        /// 宣传委员
        PublicityCommitteeMember = "PUBLICITY_COMMITTEE_MEMBER",
        /// 纪检委员
        DisciplineInspectionCommitteeMember = "DISCIPLINE_INSPECTION_COMMITTEE_MEMBER",
        /// 委员
        CommitteeMember = "COMMITTEE_MEMBER",
        /// 党小组长
        GroupLeader = "GROUP_LEADER",
        /// 支部党务干事
        PartyAffairsClerk = "PARTY_AFFAIRS_CLERK",
        /// 党建办干事
        CommitteeOfficeClerk = "COMMITTEE_OFFICE_CLERK",
        /// 组织部工作人员
        OrganizationDepartmentStaff = "ORGANIZATION_DEPARTMENT_STAFF",
        /// 纪委工作人员
        DisciplineInspectionStaff = "DISCIPLINE_INSPECTION_STAFF",
    }
}

impl Post {
    /// Posts of an org's team 班子: officers that carry rights as such.
    #[must_use]
    pub fn is_officer(self) -> bool {
        matches!(
            self,
            Self::Secretary
                | Self::DeputySecretary
                | Self::OrganizationCommitteeMember
                | Self::PublicityCommitteeMember
                | Self::DisciplineInspectionCommitteeMember
                | Self::CommitteeMember
        )
    }

    /// One holder at a time.
    #[must_use]
    pub fn is_single(self) -> bool {
        matches!(self, Self::Secretary | Self::GroupLeader)
    }
}
