//! The words themselves: each value of each closed list that readers meet, in Chinese and in English.

use super::{labels, pick};
use crate::intake::RowAct;
use crate::intake::RowOutcome;
use crate::lifecycle::activity::AttendanceException;
use crate::lifecycle::measure::DeciderPost;
use crate::rulebook::words::ExclusionGround;
use crate::vocabulary::{
    AccountKind, ActivityUnitKind, AdmissionKind, AdmissionState, AlertLevelState, ApplicantStage, AttendanceMode,
    DecisionState, DeliveryFailure, DeliveryKind, DeliveryState, DepartureReason, ExemptionCategory, ExportFailure,
    ExportFormat, ExportKind, ExportState, IdentityChangeState, ImportFormat, ImportKind, InboxKind, Language,
    LeaveCategory, MeasureState, MemberStatus, Modality, ObligationStatus, OrganKind, OrganizationChange,
    OrganizationFlag, OrganizationKind, PauseReason, PeriodKind, Post, ResolutionKind, RevealPurpose, SealedField,
    Sector, ShortcomingKind, Standing, TransferState, WebhookState,
};
use crate::vocabulary::{ImportFailure, ImportMode, ImportPhase, ImportState};

labels! {
    OrganizationKind {
        CityCommittee "市委" "City committee",
        CountyCommittee "县（市、区）委" "County committee",
        WorkingCommittee "党（工）委" "Working committee",
        TownCommittee "镇党委" "Town committee",
        SubdistrictWorkingCommittee "街道党工委" "Subdistrict working committee",
        DepartmentCommittee "部门党委" "Department committee",
        DirectlyAffiliatedUnitCommittee "直属单位党委" "Committee of a directly affiliated unit",
        PrimaryCommittee "基层党委" "Primary committee",
        GeneralBranch "党总支" "General branch",
        Branch "党支部" "Branch",
        PartyGroup "党小组" "Party group",
        LeadingPartyMembersGroup "党组" "Leading Party members group",
    }
    Sector {
        Organ "机关" "Organ",
        Institution "事业单位" "Institution",
        Village "村" "Village",
        Community "社区" "Community",
        StateEnterprise "国有企业" "State enterprise",
        NewEconomic "新经济组织" "New economic organization",
        NewSocial "新社会组织" "New social organization",
        University "高校" "University",
        School "学校" "School",
        Hospital "医院" "Hospital",
        Other "其他" "Other",
    }
    OrganizationFlag {
        LawEnforcement "执法监管部门" "Law enforcement and supervision",
        ServiceWindow "窗口单位" "Service window",
        ServiceTrade "服务行业" "Service trade",
    }
    OrganKind {
        OrganizationDepartment "组织部" "Organization department",
        DisciplineInspectionCommission "纪委" "Discipline inspection commission",
    }
    ActivityUnitKind {
        Section "处（科）室" "Section",
        Workshop "车间班组" "Workshop team",
        ProjectSite "项目基地" "Project site",
        PioneerStation "党员先锋站" "Pioneer station",
    }
    OrganizationChange {
        Founded "成立" "Founded",
        Renamed "更名" "Renamed",
        Moved "隶属调整" "Moved",
        FactsRecorded "登记事项变更" "Facts recorded",
        Dissolved "撤销" "Dissolved",
    }
    Post {
        Secretary "书记" "Secretary",
        DeputySecretary "副书记" "Deputy secretary",
        OrganizationCommitteeMember "组织委员" "Committee member for organization",
        PublicityCommitteeMember "宣传委员" "Committee member for publicity",
        DisciplineInspectionCommitteeMember "纪检委员" "Committee member for discipline inspection",
        CommitteeMember "委员" "Committee member",
        GroupLeader "党小组长" "Group leader",
        PartyAffairsClerk "党务干事" "Party affairs clerk",
        CommitteeOfficeClerk "党建办干事" "Committee office clerk",
        OrganizationDepartmentStaff "组织部工作人员" "Organization department staff",
        DisciplineInspectionStaff "纪委工作人员" "Discipline inspection staff",
    }
    Standing {
        Full "正式党员" "Full member",
        Probationary "预备党员" "Probationary member",
    }
    MemberStatus {
        Active "在册" "Active",
        Floating "流动党员" "Floating",
        OutOfContact "失联党员" "Out of contact",
        Suspended "停止党籍" "Membership suspended",
        Left "已离开" "Left",
    }
    ApplicantStage {
        Applicant "入党申请人" "Applicant",
        Activist "入党积极分子" "Activist",
        Prospect "发展对象" "Prospect",
    }
    DepartureReason {
        Deceased "去世" "Deceased",
        Expelled "开除党籍" "Expelled",
        Removed "除名" "Removed from the roll",
        Withdrew "退党" "Withdrew",
        TransferredOut "转出本市" "Transferred out of the city",
    }
    SealedField {
        IdentityNumber "身份证号" "Identity number",
        BirthDate "出生日期" "Birth date",
        Address "住址" "Address",
        Phone "联系电话" "Phone",
    }
    RevealPurpose {
        Contact "联系本人" "To reach the person",
        Verification "核对材料" "To compare with a document",
        Transfer "组织关系转接" "Transfer of affiliation",
        Report "上报" "Report",
        Other "其他" "Other",
    }
    AttendanceMode {
        OnSite "现场" "On site",
        Online "线上" "Online",
        Hybrid "现场和线上" "On site and online",
        MakeUpStudy "补学" "Make-up study",
    }
    AttendanceException {
        Present "到会" "Present",
        Absent "缺席" "Absent",
        Unexcused "无故缺席" "Absent without excuse",
        OnLeave "请假" "On leave",
    }
    LeaveCategory {
        Illness "病假" "Illness",
        Work "工作" "Work",
        Travel "外出" "Travel",
        Care "照料家人" "Care for somebody",
        Other "其他" "Other",
    }
    ExemptionCategory {
        Illness "长期患病" "Long illness",
        OldAge "年老体弱" "Old age",
        Disability "残疾" "Disability",
        Care "照料家人" "Care for somebody",
        Other "其他" "Other",
    }
    ResolutionKind {
        Admission "接收预备党员" "Admission",
        FullMembership "预备党员转正" "Full membership",
        Commendation "表彰" "Commendation",
        Sanction "处分" "Sanction",
        MajorMatter "重大事项" "Major matter",
        Exemption "免予参加" "Exemption",
        Other "其他" "Other",
    }
    ExclusionGround {
        CannotExpressWill "不能表达本人意志" "Cannot express a will",
        AbroadLong "出国半年以上" "Abroad for long",
        Detained "在押" "In custody",
        BedriddenLong "长期卧病不能参加" "Bedridden for long",
        ShouldHaveTransferred "应转未转组织关系" "Should have transferred",
    }
    DecisionState {
        Open "待决定" "To be decided",
        Accepted "已同意" "Accepted",
        Rejected "未同意" "Rejected",
        Withdrawn "已撤回" "Withdrawn",
    }
    AdmissionKind {
        Admission "接收预备党员" "Admission",
        FullMembership "预备党员转正" "Full membership",
    }
    AdmissionState {
        Draft "草稿" "Draft",
        Proposed "待审批" "Proposed",
        Approved "已批准" "Approved",
        Rejected "未批准" "Rejected",
        Extended "延长预备期" "Probation extended",
        Withdrawn "已撤回" "Withdrawn",
    }
    TransferState {
        Requested "待接收" "Requested",
        Accepted "已接收" "Accepted",
        Rejected "未接收" "Rejected",
        Withdrawn "已撤回" "Withdrawn",
    }
    IdentityChangeState {
        Asked "待支部核对" "Asked",
        Confirmed "已核对" "Confirmed",
        Rejected "未同意" "Rejected",
        Withdrawn "已撤回" "Withdrawn",
    }
    MeasureState {
        Open "待处理" "To be decided",
        Confirmed "已谈话" "Confirmed",
        Dismissed "不予处理" "Dismissed",
        Withdrawn "已撤销" "Withdrawn",
        Superseded "已由更重的措施代替" "Superseded",
        ForReview "待复核" "To be reviewed",
    }
    AlertLevelState {
        Open "未处理" "Open",
        Acknowledged "已知悉" "Acknowledged",
        Urged "已督办" "Urged",
        Closed "已办结" "Closed",
    }
    ShortcomingKind {
        MemberWithoutGroup "党员未编入党小组" "Member without a group",
        TooFewFullMembers "正式党员不足" "Too few full members",
        SecretaryVacant "书记空缺" "No secretary",
        TermEnded "任期届满" "Term ended",
        FloatingMemberWithoutOffer "流动党员未安排参加方式" "Floating member without an offer",
    }
    Modality {
        Must "必须" "Must",
        Normally "一般应当" "Normally",
        May "可以" "May",
    }
    PeriodKind {
        Month "月" "Month",
        TwoMonths "两个月" "Two months",
        Quarter "季度" "Quarter",
        HalfYear "半年" "Half year",
        Year "年" "Year",
    }
    InboxKind {
        MeasureToDecide "缺席处理待决定" "Measure to decide",
        LeaveToDecide "请假待批" "Leave to decide",
        DisputeToDecide "考勤异议待核" "Dispute to decide",
        TransferToDecide "组织关系转接待办" "Transfer to decide",
        TransferDecided "组织关系转接已办" "Transfer decided",
        AdmissionToPropose "发展党员待提交" "Admission to propose",
        AdmissionToDecide "发展党员待审批" "Admission to decide",
        AdmissionDecided "发展党员已审批" "Admission decided",
        DeviationToDecide "变通申请待决定" "Deviation to decide",
        DeviationDecided "变通申请已决定" "Deviation decided",
        ObligationOverdue "逾期未开展" "Overdue",
        ActivityNotice "活动通知" "Notice of an activity",
        AlertUrged "上级督办" "Urged from above",
        AnswerToDecide "答复待审" "Answer to decide",
        MeasureDecided "缺席处理已决定" "Measure decided",
        ExemptionToDecide "免予参加待决定" "Exemption to decide",
        IdentityChangeToDecide "信息更正待核" "Correction of identity data to decide",
        IdentityChangeDecided "信息更正已核" "Correction of identity data decided",
        ResetLinkToIssue "待发放密码链接" "Password link to issue",
        WebhookPaused "事件推送已暂停" "Webhook paused",
    }
    WebhookState {
        Active "推送中" "Active",
        Paused "已暂停" "Paused",
    }
    PauseReason {
        ByHand "人工暂停" "Paused by hand",
        RetriesExhausted "重试期内未送达" "Not delivered within the retry time",
        EndpointGone "接收方已停用该地址" "The receiver gave the address up",
        AccountClosed "服务账号已停用" "The service account is closed",
        RightLost "服务账号不再有权跟随变更日志" "The service account may no longer follow the log",
    }
    DeliveryKind {
        Change "变更" "Change",
        Gap "日志中断" "Gap",
        Test "测试" "Test",
    }
    DeliveryState {
        Pending "待送达" "Pending",
        Delivered "已送达" "Delivered",
        Failed "未送达" "Failed",
    }
    DeliveryFailure {
        AddressRefused "地址不在允许的网络内" "The address lies in no network that is allowed",
        NameNotResolved "域名无法解析" "The name does not resolve",
        ConnectFailed "无法建立连接" "No connection",
        TlsFailed "安全连接失败" "No secure connection",
        TimedOut "超时" "No answer in time",
        BrokenAnswer "应答不完整" "A broken answer",
        Redirected "接收方要求转址，未跟随" "A redirect, which is not followed",
        Refused "接收方拒绝" "Refused by the receiver",
        Unavailable "接收方暂不可用" "The receiver is not available",
        Gone "接收方已停用该地址" "The receiver gave the address up",
    }
    DeciderPost {
        GroupLeader "党小组长" "Group leader",
        Secretary "书记" "Secretary",
        Superior "上级" "Superior",
    }
    ExportKind {
        Organization "党组织" "Organizations",
        Member "党员" "Members",
        Appointment "任职" "Posts",
        Activity "组织生活" "Activities",
    }
    ExportFormat {
        Jsonl "JSON 行" "JSON Lines",
        Csv "CSV 表" "Comma-separated values",
        Xlsx "Excel 工作簿" "Excel workbook",
    }
    ImportMode {
        Upsert "新增或更新" "Enter or update",
        CreateOnly "只新增" "Only enter",
        UpdateOnly "只更新" "Only update",
        Mirror "镜像（文件外的党员离开）" "Mirror: who is not in the file leaves",
    }
    ImportState {
        Queued "排队中" "queued",
        Running "导入中" "running",
        Completed "已完成" "completed",
        Failed "失败" "failed",
        Cancelled "已取消" "cancelled",
        Expired "已过期" "expired",
    }
    ImportPhase {
        Reading "通读文件" "reading the file",
        Checking "逐行检查" "looking at each row",
        Writing "写入" "writing",
        Leaving "办理离开" "recording who leaves",
    }
    ImportFailure {
        RightWithdrawn "所需权限已收回" "a right that it needs was withdrawn",
        FileRefused "文件无法读取" "the file cannot be read",
        RowsRejected "有行未通过，全部未写入" "a row was refused, and nothing is written",
        TooManyRows "行数过多" "more rows than one import takes",
        TooManyLeave "离开的党员过多" "more members would leave than may",
        GaveUp "多次尝试未成" "tried several times, and something broke each time",
    }
    RowOutcome {
        Created "新增" "created",
        Changed "更新" "changed",
        Unchanged "无变化" "unchanged",
        Rejected "未通过" "rejected",
        NotDone "未写入" "not done",
    }
    ImportKind {
        Organization "党组织" "Organizations",
        Member "党员" "Members",
        Appointment "任职" "Posts",
        Activity "组织生活" "Activities",
    }
    ImportFormat {
        Jsonl "JSON 行" "JSON Lines",
        Csv "CSV 表" "Separated values",
        Xlsx "Excel 工作簿" "Excel workbook",
    }
    RowAct {
        Upsert "新增或更新" "Enter or update",
        Transfer "转接" "Transfer",
        Leave "离开" "Leave",
        Dissolve "撤销" "Dissolve",
        End "免去" "End",
    }
    ExportState {
        Queued "排队中" "queued",
        Running "导出中" "running",
        Completed "已完成" "completed",
        Failed "失败" "failed",
        Cancelled "已取消" "cancelled",
        Expired "已过期" "expired",
    }
    ExportFailure {
        RightWithdrawn "所需权限已收回" "a right that it needs was withdrawn",
        TooManyRows "行数过多" "more rows than one export holds",
        GaveUp "多次尝试未成" "tried several times, and something broke each time",
    }
    AccountKind {
        Person "个人" "Person",
        Service "服务账号" "Service",
        Administrator "管理员" "Administrator",
    }
    ObligationStatus {
        NotOwed "无须召开" "not owed",
        Open "待召开" "open",
        DueSoon "即将到期" "due soon",
        Met "已完成" "met",
        HeldNotFiled "已召开，待归档" "held, minutes to be filed",
        Overdue "逾期" "overdue",
        Excused "已同意变通" "excused",
        HeldLate "补开" "held late",
        Missed "未完成" "missed",
    }
}
