//! The hierarchy of the demo city as data. Every place is invented.

use domain::vocabulary::OrganizationKind as Kind;
use domain::vocabulary::Sector;

/// One committee, general branch or leading group, with the branches directly below it.
pub(super) struct Line {
    pub(super) depth: usize,
    pub(super) kind: Kind,
    pub(super) sector: Sector,
    pub(super) name: &'static str,
    pub(super) branches: &'static [&'static str],
}

const fn line(depth: usize, kind: Kind, sector: Sector, name: &'static str, branches: &'static [&'static str]) -> Line {
    Line {
        depth,
        kind,
        sector,
        name,
        branches,
    }
}

/// The leading group 党组 and the organ committee that it guides.
pub(super) const LEADING_GROUP: &str = "中共云泽市水务局党组";
pub(super) const GUIDED: &str = "中共云泽市水务局机关委员会";
/// How the names of the branches begin from which its posts are filled.
pub(super) const LEADING_HOME: &str = "水务局机关第一";
/// The branch that was moved half a year ago, and where it came from.
pub(super) const MOVED: &str = "白鹭湾村党支部";
pub(super) const MOVED_FROM: &str = "中共竹渡镇委员会";

/// Depth first, parents before children.
pub(super) const CITY: &[Line] = &[
    line(0, Kind::CityCommittee, Sector::Organ, "中共云泽市委员会", &[]),
    line(1, Kind::CountyCommittee, Sector::Organ, "中共青禾县委员会", &[]),
    line(
        2,
        Kind::WorkingCommittee,
        Sector::Organ,
        "青禾县直属机关工作委员会",
        &["青禾县委办公室党支部", "青禾县委组织部党支部", "青禾县纪委机关党支部"],
    ),
    line(
        2,
        Kind::WorkingCommittee,
        Sector::NewEconomic,
        "青禾县两新组织工作委员会",
        &[
            "晴川纺织联合党支部",
            "麦浪电商党支部",
            // The fifth and the sixth of the city: too small, and founded eight months ago.
            "石榴社工服务中心党支部",
            "青禾物流园党支部",
        ],
    ),
    line(
        2,
        Kind::TownCommittee,
        Sector::Organ,
        "中共麦溪镇委员会",
        &[
            "麦溪镇机关党支部",
            "上麦村党支部",
            "下麦村党支部",
            "桑园村党支部",
            "麦溪镇农技站党支部",
        ],
    ),
    line(
        3,
        Kind::GeneralBranch,
        Sector::Village,
        "溪口村党总支",
        &["溪口村第一党支部", "溪口村第二党支部", "溪口村第三党支部"],
    ),
    line(
        3,
        Kind::GeneralBranch,
        Sector::Village,
        "稻香村党总支",
        &["稻香村第一党支部", "稻香村第二党支部"],
    ),
    line(
        3,
        Kind::PrimaryCommittee,
        Sector::StateEnterprise,
        "麦溪水泥厂委员会",
        &[
            "麦溪水泥厂机关党支部",
            "麦溪水泥厂窑炉车间党支部",
            "麦溪水泥厂运输队党支部",
        ],
    ),
    line(
        2,
        Kind::TownCommittee,
        Sector::Organ,
        MOVED_FROM,
        &["竹渡镇机关党支部", "渡头村党支部", "竹林村党支部"],
    ),
    line(
        3,
        Kind::GeneralBranch,
        Sector::Village,
        "望江村党总支",
        &["望江村第一党支部", "望江村第二党支部"],
    ),
    line(
        3,
        Kind::PrimaryCommittee,
        Sector::NewEconomic,
        "竹渡造纸有限公司委员会",
        &["竹渡造纸生产党支部", "竹渡造纸销售党支部"],
    ),
    line(
        2,
        Kind::TownCommittee,
        Sector::Organ,
        "中共石桥镇委员会",
        &["石桥镇机关党支部", "桥东村党支部", MOVED],
    ),
    line(
        3,
        Kind::GeneralBranch,
        Sector::Village,
        "桥西村党总支",
        &["桥西村第一党支部", "桥西村第二党支部"],
    ),
    line(
        2,
        Kind::SubdistrictWorkingCommittee,
        Sector::Organ,
        "月湖街道工作委员会",
        &["月湖街道机关党支部", "湖心社区党支部", "荷塘社区党支部"],
    ),
    line(
        3,
        Kind::GeneralBranch,
        Sector::Community,
        "柳堤社区党总支",
        &["柳堤社区第一党支部", "柳堤社区第二党支部", "柳堤社区第三党支部"],
    ),
    line(
        3,
        Kind::PrimaryCommittee,
        Sector::Community,
        "月湖社区委员会",
        &["月湖社区东区党支部", "月湖社区西区党支部"],
    ),
    line(
        2,
        Kind::PrimaryCommittee,
        Sector::School,
        "青禾县中学委员会",
        &[
            "青禾县中学文科组党支部",
            "青禾县中学理科组党支部",
            "青禾县中学后勤党支部",
            "青禾县中学退休教师党支部",
        ],
    ),
    line(1, Kind::CountyCommittee, Sector::Organ, "中共柳湾区委员会", &[]),
    line(
        2,
        Kind::WorkingCommittee,
        Sector::Organ,
        "柳湾区直属机关工作委员会",
        &["柳湾区委办公室党支部", "柳湾区委组织部党支部", "柳湾区纪委机关党支部"],
    ),
    line(
        2,
        Kind::TownCommittee,
        Sector::Organ,
        "中共芦港镇委员会",
        &["芦港镇机关党支部", "芦花村党支部", "港北村党支部", "港南村党支部"],
    ),
    line(
        3,
        Kind::GeneralBranch,
        Sector::Village,
        "芦洲村党总支",
        &["芦洲村第一党支部", "芦洲村第二党支部", "芦洲村第三党支部"],
    ),
    line(
        2,
        Kind::TownCommittee,
        Sector::Organ,
        "中共云岭镇委员会",
        &["云岭镇机关党支部", "岭上村党支部", "岭下村党支部"],
    ),
    line(
        3,
        Kind::GeneralBranch,
        Sector::Village,
        "茶坪村党总支",
        &["茶坪村第一党支部", "茶坪村第二党支部"],
    ),
    line(
        2,
        Kind::SubdistrictWorkingCommittee,
        Sector::Organ,
        "南苑街道工作委员会",
        &["南苑街道机关党支部", "南苑社区党支部", "榆树社区党支部"],
    ),
    line(
        3,
        Kind::GeneralBranch,
        Sector::Community,
        "银杏社区党总支",
        &["银杏社区第一党支部", "银杏社区第二党支部"],
    ),
    line(
        2,
        Kind::PrimaryCommittee,
        Sector::Hospital,
        "柳湾区人民医院委员会",
        &["柳湾医院内科党支部", "柳湾医院外科党支部", "柳湾医院行政党支部"],
    ),
    line(
        3,
        Kind::GeneralBranch,
        Sector::Hospital,
        "柳湾医院护理党总支",
        &["柳湾医院护理一支部", "柳湾医院护理二支部"],
    ),
    line(
        1,
        Kind::DepartmentCommittee,
        Sector::Organ,
        "中共云泽市教育局委员会",
        &["云泽市教育局机关党支部", "云泽市教研室党支部"],
    ),
    line(
        2,
        Kind::PrimaryCommittee,
        Sector::School,
        "云泽第一中学委员会",
        &["云泽一中高一党支部", "云泽一中高二党支部", "云泽一中高三党支部"],
    ),
    line(
        1,
        Kind::DepartmentCommittee,
        Sector::Organ,
        "中共云泽市卫生健康局委员会",
        &["云泽市卫健局机关党支部", "云泽市疾控中心党支部"],
    ),
    line(
        2,
        Kind::PrimaryCommittee,
        Sector::Hospital,
        "云泽市中心医院委员会",
        &[
            "云泽中心医院门诊党支部",
            "云泽中心医院住院部党支部",
            "云泽中心医院医技党支部",
        ],
    ),
    line(1, Kind::LeadingPartyMembersGroup, Sector::Organ, LEADING_GROUP, &[]),
    line(
        1,
        Kind::WorkingCommittee,
        Sector::Organ,
        "云泽市直属机关工作委员会",
        &["云泽市委办公室党支部", "云泽市委组织部党支部", "云泽市纪委机关党支部"],
    ),
    line(
        2,
        Kind::PrimaryCommittee,
        Sector::Organ,
        GUIDED,
        &[
            "水务局机关第一党支部",
            "水务局机关第二党支部",
            "水务局水文站党支部",
            "水务局退休干部党支部",
        ],
    ),
    line(
        1,
        Kind::DirectlyAffiliatedUnitCommittee,
        Sector::Institution,
        "中共云泽市融媒体中心委员会",
        &[
            "融媒体中心采编党支部",
            "融媒体中心技术党支部",
            "融媒体中心经营党支部",
            "融媒体中心综合党支部",
        ],
    ),
];
