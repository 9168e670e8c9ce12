//! Closed lists of organizations: kinds, fields of work, organs, units.

use super::closed_list;

closed_list! {
    /// Kind of organization 党组织类别. Which kinds may stand below which is data in [`crate::place::allowed_children`].
    OrganizationKind {
        /// 市委
        CityCommittee = "CITY_COMMITTEE",
        /// 县(市、区)委
        CountyCommittee = "COUNTY_COMMITTEE",
        /// 党(工)委
        WorkingCommittee = "WORKING_COMMITTEE",
        /// 镇党委
        TownCommittee = "TOWN_COMMITTEE",
        /// 街道党工委
        SubdistrictWorkingCommittee = "SUBDISTRICT_WORKING_COMMITTEE",
        /// 部门党委
        DepartmentCommittee = "DEPARTMENT_COMMITTEE",
        /// 直属单位党委
        DirectlyAffiliatedUnitCommittee = "DIRECTLY_AFFILIATED_UNIT_COMMITTEE",
        /// 基层党委
        PrimaryCommittee = "PRIMARY_COMMITTEE",
        /// 党总支
        GeneralBranch = "GENERAL_BRANCH",
        /// 党支部
        Branch = "BRANCH",
        /// 党小组
        PartyGroup = "PARTY_GROUP",
        /// 党组
        LeadingPartyMembersGroup = "LEADING_PARTY_MEMBERS_GROUP",
    }
}

closed_list! {
    /// Field of an organization's work 领域 (guideline 3.2); rulebook entries may differ by it.
    Sector {
        /// 机关
        Organ = "ORGAN",
        /// 事业单位
        Institution = "INSTITUTION",
        /// 村
        Village = "VILLAGE",
        /// 社区
        Community = "COMMUNITY",
        /// 国有企业
        StateEnterprise = "STATE_ENTERPRISE",
        /// 新经济组织
        NewEconomic = "NEW_ECONOMIC",
        /// 新社会组织
        NewSocial = "NEW_SOCIAL",
        /// 高校
        University = "UNIVERSITY",
        /// 学校
        School = "SCHOOL",
        /// 医院
        Hospital = "HOSPITAL",
        /// 其他
        Other = "OTHER",
    }
}

closed_list! {
    /// Organ of a city or county committee 工作机关.
    OrganKind {
        /// 组织部
        OrganizationDepartment = "ORGANIZATION_DEPARTMENT",
        /// 纪委
        DisciplineInspectionCommission = "DISCIPLINE_INSPECTION_COMMISSION",
    }
}

closed_list! {
    /// Unit that may host an activity without being an organization 活动单位 (guideline 3.2).
    ActivityUnitKind {
        /// 处(科)室
        Section = "SECTION",
        /// 车间班组
        Workshop = "WORKSHOP",
        /// 项目基地
        ProjectSite = "PROJECT_SITE",
        /// 党员先锋站
        PioneerStation = "PIONEER_STATION",
    }
}

closed_list! {
    /// Flag of an org that asks for public appraisal (G1.4c).
    OrganizationFlag {
        /// 执法监管部门
        LawEnforcement = "LAW_ENFORCEMENT",
        /// 窗口单位
        ServiceWindow = "SERVICE_WINDOW",
        /// 服务行业
        ServiceTrade = "SERVICE_TRADE",
    }
}

closed_list! {
    /// What a record of an org's dated facts changed.
    OrganizationChange {
        /// It was founded 成立.
        Founded = "FOUNDED",
        /// It got another name 更名.
        Renamed = "RENAMED",
        /// It got another parent 隶属调整.
        Moved = "MOVED",
        /// Kind, sector, committee, right of approval, flags: what is recorded by decision.
        FactsRecorded = "FACTS_RECORDED",
        /// It was dissolved 撤销.
        Dissolved = "DISSOLVED",
    }
}
