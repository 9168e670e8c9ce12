//! The table itself. People and numbers in the examples are invented.

use super::{Column, Holds as H};
use crate::labels::values;
use crate::vocabulary::{
    ActivityKind, ActivityStatus, AgendaItemKind, AttendanceMode, DepartureReason, LeaveCategory, OrganizationKind,
    Post, ResolutionKind, Sector, Standing,
};

const fn column(
    key: &'static str,
    chinese: &'static str,
    english: &'static str,
    holds: H,
    example: &'static str,
) -> Column {
    Column {
        key,
        chinese,
        english,
        also: &[],
        holds,
        needed: false,
        example,
    }
}

const fn passed(key: &'static str, chinese: &'static str, english: &'static str) -> Column {
    column(key, chinese, english, H::Passed, "")
}

impl Column {
    const fn also(self, also: &'static [&'static str]) -> Self {
        Self { also, ..self }
    }

    const fn needed(self) -> Self {
        Self { needed: true, ..self }
    }
}

const OPERATION: Column = column("operation", "操作", "Operation", H::Act, "UPSERT");
const SYSTEM: Column = column("system", "外部系统", "External system", H::Text, "hr").also(&["系统"]);
const EXTERNAL_ID: Column = column("externalId", "外部编号", "External id", H::Text, "EXAMPLE-1");
const DECIDED_ON: Column = column("decidedOn", "决定日期", "Decided on", H::Day, "").also(&["决定时间"]);
const DOCUMENT_NUMBER: Column = column("documentNumber", "决定文号", "Document number", H::Text, "").also(&["文号"]);
const VERSION: Column = passed("version", "版本", "Version");
const EXTERNAL_IDS: Column = passed("externalIds", "全部外部编号", "External ids");
const TYPE: Column = passed("__typename", "类型", "Type");

pub(super) const ORGANIZATION: &[Column] = &[
    OPERATION,
    column("id", "编号", "Id", H::Name, "").also(&["党组织编号", "organizationId"]),
    SYSTEM,
    EXTERNAL_ID,
    column("name", "名称", "Name", H::Text, "示例第一支部")
        .also(&["党组织名称", "组织名称"])
        .needed(),
    column("kind", "类别", "Kind", H::Code(values::<OrganizationKind>), "BRANCH")
        .also(&["党组织类别", "组织类别"])
        .needed(),
    column("sector", "领域", "Sector", H::Code(values::<Sector>), "COMMUNITY")
        .also(&["所属领域", "行业领域"])
        .needed(),
    column("parentId", "上级编号", "Parent id", H::Name, "")
        .also(&["上级党组织编号", "parent"])
        .needed(),
    column(
        "parentExternalId",
        "上级外部编号",
        "Parent external id",
        H::Text,
        "EXAMPLE-0",
    )
    .also(&["上级党组织外部编号"])
    .needed(),
    column("foundedOn", "成立日期", "Founded on", H::Day, "2020-07-01")
        .also(&["成立时间", "建立日期"])
        .needed(),
    column("hasCommittee", "设委员会", "Has committee", H::Flag, "no").also(&["设支委会"]),
    column("approves", "有审批权限", "Approves admissions", H::Flag, ""),
    column("joint", "联合组建", "Joint", H::Flag, "").also(&["联合党支部"]),
    column("temporary", "临时", "Temporary", H::Flag, "").also(&["临时党组织"]),
    column("reason", "事由", "Reason", H::Text, "示例")
        .also(&["变更事由", "原因"])
        .needed(),
    DECIDED_ON.needed(),
    DOCUMENT_NUMBER.needed(),
    VERSION,
    EXTERNAL_IDS,
    TYPE,
];

pub(super) const MEMBER: &[Column] = &[
    OPERATION,
    column("id", "编号", "Id", H::Name, "").also(&["党员编号", "memberId"]),
    SYSTEM,
    EXTERNAL_ID,
    column("name", "姓名", "Name", H::Text, "示例")
        .also(&["党员姓名"])
        .needed(),
    column("standing", "党员身份", "Standing", H::Code(values::<Standing>), "FULL")
        .also(&["人员类别", "党员类别"])
        .needed(),
    column("joinedOn", "入党日期", "Joined on", H::Day, "2015-03-09")
        .also(&["入党时间", "加入党组织日期"])
        .needed(),
    column("becameFullOn", "转正日期", "Became full on", H::Day, "2016-03-09").also(&["转正时间", "转为正式党员日期"]),
    column("branchId", "支部编号", "Branch id", H::Name, "")
        .also(&["所在支部编号", "branch"])
        .needed(),
    column(
        "branchExternalId",
        "支部外部编号",
        "Branch external id",
        H::Text,
        "EXAMPLE-B",
    )
    .also(&["所在支部外部编号"])
    .needed(),
    column("groupId", "党小组编号", "Group id", H::Name, "").also(&["group"]),
    column("groupExternalId", "党小组外部编号", "Group external id", H::Text, ""),
    column("since", "转入日期", "Since", H::Day, "").also(&["进入支部日期"]),
    column("unitTag", "所在单位", "Unit", H::Text, "").also(&["工作单位"]),
    column("identityNumber", "身份证号", "Identity number", H::Identity, "").also(&[
        "公民身份号码",
        "身份证号码",
        "证件号码",
    ]),
    column("phone", "手机号", "Phone", H::Phone, "").also(&["联系电话", "手机号码", "电话"]),
    column("address", "住址", "Address", H::Text, "").also(&["家庭住址", "现居住地"]),
    column("leftOn", "离开日期", "Left on", H::Day, "").also(&["减员日期"]),
    column(
        "departureReason",
        "减员原因",
        "Departure reason",
        H::Code(values::<DepartureReason>),
        "",
    ),
    column("reason", "事由", "Reason", H::Text, "").also(&["转接事由"]),
    DECIDED_ON,
    DOCUMENT_NUMBER,
    passed("status", "党员状态", "Status"),
    passed("hostBranchId", "接收支部编号", "Host branch id").also(&["hostBranch"]),
    passed("birthDate", "出生日期", "Birth date"),
    VERSION,
    EXTERNAL_IDS,
    TYPE,
];

pub(super) const APPOINTMENT: &[Column] = &[
    OPERATION,
    column("id", "编号", "Id", H::Name, "").also(&["任职编号", "appointmentId"]),
    SYSTEM,
    column("memberId", "党员编号", "Member id", H::Name, "")
        .also(&["member"])
        .needed(),
    column(
        "memberExternalId",
        "党员外部编号",
        "Member external id",
        H::Text,
        "EXAMPLE-1",
    )
    .needed(),
    column("organizationId", "党组织编号", "Organization id", H::Name, "")
        .also(&["organization"])
        .needed(),
    column(
        "organizationExternalId",
        "党组织外部编号",
        "Organization external id",
        H::Text,
        "EXAMPLE-B",
    )
    .needed(),
    column("post", "职务", "Post", H::Code(values::<Post>), "SECRETARY")
        .also(&["党内职务"])
        .needed(),
    column("since", "任职日期", "Since", H::Day, "2024-05-01").also(&["任职时间"]),
    column("until", "免职日期", "Until", H::Day, "").also(&["免职时间", "截止日期"]),
    column("termEndsOn", "任期届满日期", "Term ends on", H::Day, "").also(&["任期届满"]),
    column("acting", "临时负责", "Acting", H::Flag, ""),
    DECIDED_ON.needed(),
    DOCUMENT_NUMBER.needed(),
    VERSION,
    TYPE,
];

pub(super) const ACTIVITY: &[Column] = &[
    OPERATION,
    column("id", "编号", "Id", H::Name, "").also(&["活动编号", "activityId"]),
    SYSTEM,
    EXTERNAL_ID,
    column("organizationIds", "党组织编号", "Organization ids", H::Names, "")
        .also(&["organizations", "organizationId", "主办党组织编号"])
        .needed(),
    column(
        "organizationExternalIds",
        "党组织外部编号",
        "Organization external ids",
        H::Names,
        "EXAMPLE-B",
    )
    .also(&["organizationExternalId", "主办党组织外部编号"])
    .needed(),
    column(
        "kind",
        "类别",
        "Kind",
        H::Code(values::<ActivityKind>),
        "BRANCH_GENERAL_MEETING",
    )
    .also(&["活动类别"])
    .needed(),
    column("title", "主题", "Title", H::Text, "").also(&["标题", "会议主题"]),
    column("startsAt", "开始时间", "Starts at", H::Moment, "2026-03-09 14:00")
        .also(&["召开时间"])
        .needed(),
    column("endsAt", "结束时间", "Ends at", H::Moment, "2026-03-09 15:30"),
    column("place", "地点", "Place", H::Text, "").also(&["会议地点"]),
    column("mode", "方式", "Mode", H::Code(values::<AttendanceMode>), "ON_SITE").also(&["召开方式"]),
    column("onlineAddress", "会议链接", "Online address", H::Text, ""),
    column("chairId", "主持人编号", "Chair id", H::Name, ""),
    column("chairExternalId", "主持人外部编号", "Chair external id", H::Text, ""),
    column("recorderId", "记录人编号", "Recorder id", H::Name, ""),
    column(
        "recorderExternalId",
        "记录人外部编号",
        "Recorder external id",
        H::Text,
        "",
    ),
    column("lecturer", "主讲人", "Lecturer", H::Text, ""),
    column("onLeave", "请假", "On leave", H::Names, "").also(&["请假人员"]),
    column(
        "leaveCategories",
        "请假类别",
        "Leave categories",
        H::Codes(values::<LeaveCategory>),
        "",
    )
    .also(&["leaveCategory", "请假事由"]),
    column("absent", "缺席", "Absent", H::Names, "").also(&["缺席人员"]),
    column("unexcused", "无故缺席", "Absent without excuse", H::Names, ""),
    column("online", "线上参加", "Online", H::Names, "").also(&["线上参加人员"]),
    column("agenda", "议程", "Agenda", H::Agenda(values::<AgendaItemKind>), "").also(&["会议议程", "议题"]),
    column(
        "resolutions",
        "决议",
        "Resolutions",
        H::Resolutions(values::<ResolutionKind>),
        "",
    )
    .also(&["会议决议"]),
    column("minutes", "会议记录", "Minutes", H::Text, "").also(&["记录"]),
    column("reason", "更正事由", "Reason", H::Text, "").also(&["事由"]),
    column("status", "状态", "Status", H::Code(values::<ActivityStatus>), "").also(&["活动状态"]),
    VERSION,
    EXTERNAL_IDS,
    TYPE,
];
