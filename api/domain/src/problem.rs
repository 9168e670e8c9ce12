//! What can be said against a request: one stable code each, never reused; the text is made at the edge, in the reader's
//! language.

use std::collections::BTreeMap;

use crate::vocabulary::{Language, closed_list};

closed_list! {
    /// Code of a user error.
    ProblemCode {
        NotFound = "NOT_FOUND",
        Forbidden = "FORBIDDEN",
        OwnMatter = "OWN_MATTER",
        CollectiveDecisionRequired = "COLLECTIVE_DECISION_REQUIRED",
        Conflict = "CONFLICT",
        IdempotencyMismatch = "IDEMPOTENCY_MISMATCH",
        /// No cursor of this deployment, or a changed one.
        CursorInvalid = "CURSOR_INVALID",
        /// A cursor that was given to another account.
        CursorOfAnother = "CURSOR_OF_ANOTHER_ACCOUNT",
        AlreadyDecided = "ALREADY_DECIDED",
        WrongState = "WRONG_STATE",
        CredentialsInvalid = "CREDENTIALS_INVALID",
        RefreshTokenInvalid = "REFRESH_TOKEN_INVALID",
        Required = "REQUIRED",
        TooLong = "TOO_LONG",
        Invalid = "INVALID",
        DateInFuture = "DATE_IN_FUTURE",
        DateTooEarly = "DATE_TOO_EARLY",
        PeriodClosed = "PERIOD_CLOSED",
        KindNotAllowedHere = "KIND_NOT_ALLOWED_HERE",
        ParentBelowChild = "PARENT_BELOW_CHILD",
        HasChildren = "HAS_CHILDREN",
        HasMembers = "HAS_MEMBERS",
        PostTaken = "POST_TAKEN",
        NotAMemberHere = "NOT_A_MEMBER_HERE",
        NotExpected = "NOT_EXPECTED",
        AlreadyRecorded = "ALREADY_RECORDED",
        /// The same org has an activity of this kind at this very time.
        AlreadyScheduled = "ALREADY_SCHEDULED",
        VoteInvalid = "VOTE_INVALID",
        CheckInClosed = "CHECK_IN_CLOSED",
        CheckInCodeWrong = "CHECK_IN_CODE_WRONG",
        DeviationNotAllowed = "DEVIATION_NOT_ALLOWED",
        ExternalIdTaken = "EXTERNAL_ID_TAKEN",
        IdentityNotAccepted = "IDENTITY_NOT_ACCEPTED",
        HoldsPost = "HOLDS_POST",
        UsernameTaken = "USERNAME_TAKEN",
        /// An open unit of the same org has this name.
        NameTaken = "NAME_TAKEN",
        TokenInvalid = "TOKEN_INVALID",
        PasswordTooShort = "PASSWORD_TOO_SHORT",
        ResolutionNotFitting = "RESOLUTION_NOT_FITTING",
        ResolutionNotPassed = "RESOLUTION_NOT_PASSED",
        TransferPending = "TRANSFER_PENDING",
        TooMany = "TOO_MANY",
        RulebookInvalid = "RULEBOOK_INVALID",
        /// A local rulebook asks for less than one of a higher issuer that holds there.
        RulebookLaxer = "RULEBOOK_LAXER",
    }
}

/// Where a judgement comes from: rulebook, entry, clause.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct BasisReference {
    pub rulebook: String,
    pub entry: String,
}

/// One expected outcome that is no success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub code: ProblemCode,
    /// Path into the input, for example `["input", "parentId"]`.
    pub path: Vec<String>,
    pub params: BTreeMap<&'static str, String>,
    pub basis: Option<BasisReference>,
}

impl Problem {
    #[must_use]
    pub fn new(code: ProblemCode) -> Self {
        Self {
            code,
            path: Vec::new(),
            params: BTreeMap::new(),
            basis: None,
        }
    }

    /// A problem with one field of the input.
    #[must_use]
    pub fn at(code: ProblemCode, field: &str) -> Self {
        Self {
            path: vec!["input".to_owned(), field.to_owned()],
            ..Self::new(code)
        }
    }

    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl ToString) -> Self {
        self.params.insert(key, value.to_string());
        self
    }

    #[must_use]
    pub fn by(mut self, rulebook: &str, entry: &str) -> Self {
        self.basis = Some(BasisReference {
            rulebook: rulebook.to_owned(),
            entry: entry.to_owned(),
        });
        self
    }

    /// The text for a person. Parameters are named, never values of sensitive fields.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let template = match language {
            Language::ZhCn => chinese(self.code),
            Language::En => english(self.code),
        };
        self.params.iter().fold(template.to_owned(), |text, (key, value)| {
            text.replace(&format!("{{{key}}}"), value)
        })
    }
}

fn chinese(code: ProblemCode) -> &'static str {
    use ProblemCode as C;
    match code {
        C::NotFound => "未找到。",
        C::Forbidden => "没有此项权限。",
        C::OwnMatter => "不能决定与本人有关的事项。",
        C::CollectiveDecisionRequired => "此项须附集体决定（日期和文号）。",
        C::Conflict => "内容已被他人更新，请核对最新版本。",
        C::IdempotencyMismatch => "此幂等键已用于其他内容。",
        C::CursorInvalid => "游标无效。",
        C::CursorOfAnother => "此游标属于其他账号。",
        C::AlreadyDecided => "此事项已作决定。",
        C::WrongState => "当前状态不允许此操作。",
        C::CredentialsInvalid => "用户名或密码不正确。",
        C::RefreshTokenInvalid => "登录已失效，请重新登录。",
        C::Required => "此项必填。",
        C::TooLong => "内容过长，最多 {max} 个字符。",
        C::Invalid => "内容无效。",
        C::DateInFuture => "日期不能在将来。",
        C::DateTooEarly => "日期不能早于 {min}。",
        C::PeriodClosed => "该周期已结束。",
        C::KindNotAllowedHere => "此处不能使用该类别。",
        C::ParentBelowChild => "不能移到自身或其下级之下。",
        C::HasChildren => "仍有下级党组织。",
        C::HasMembers => "仍有党员。",
        C::PostTaken => "该职务已有人担任。",
        C::NotAMemberHere => "此人不属于该党组织。",
        C::NotExpected => "此人不在应到人员之列。",
        C::AlreadyRecorded => "此活动已记录。",
        C::AlreadyScheduled => "同一时间已安排此类活动。",
        C::VoteInvalid => "票数不符。",
        C::CheckInClosed => "当前不能签到。",
        C::CheckInCodeWrong => "签到码不正确。",
        C::DeviationNotAllowed => "该项规定不允许变通。",
        C::ExternalIdTaken => "外部编号已被使用。",
        C::IdentityNotAccepted => "此人不能在此录入，请联系组织部门。",
        C::HoldsPost => "此人仍担任相关职务，请先免去。",
        C::UsernameTaken => "该用户名已被使用。",
        C::NameTaken => "该名称已被使用。",
        C::TokenInvalid => "一次性链接无效或已过期。",
        C::PasswordTooShort => "密码过短，至少 {min} 个字符。",
        C::ResolutionNotFitting => "该决议不是本支部就此事项所作的决议。",
        C::ResolutionNotPassed => "该决议未获通过。",
        C::TransferPending => "此人已有未办结的组织关系转接。",
        C::TooMany => "数量过多，最多 {max} 个。",
        C::RulebookInvalid => "第 {line} 行 {key}：{message}",
        C::RulebookLaxer => "{entry} 的要求低于上级规则 {higher}，只能更严。",
    }
}

fn english(code: ProblemCode) -> &'static str {
    use ProblemCode as C;
    match code {
        C::NotFound => "Not found.",
        C::Forbidden => "You do not have this right.",
        C::OwnMatter => "Nobody decides in their own matter.",
        C::CollectiveDecisionRequired => "This needs the collective decision: its date and document number.",
        C::Conflict => "Somebody changed this meanwhile; look at the present version.",
        C::IdempotencyMismatch => "This idempotency key was used for another input.",
        C::CursorInvalid => "This cursor was not given out here.",
        C::CursorOfAnother => "This cursor was given to another account.",
        C::AlreadyDecided => "This has been decided.",
        C::WrongState => "The present state does not allow this.",
        C::CredentialsInvalid => "User name or password is wrong.",
        C::RefreshTokenInvalid => "The session has ended; sign in again.",
        C::Required => "This is required.",
        C::TooLong => "Too long: at most {max} characters.",
        C::Invalid => "Not valid.",
        C::DateInFuture => "The date may not lie in the future.",
        C::DateTooEarly => "The date may not lie before {min}.",
        C::PeriodClosed => "That period is closed.",
        C::KindNotAllowedHere => "This kind is not allowed here.",
        C::ParentBelowChild => "An organization may not move below itself.",
        C::HasChildren => "It still has organizations below it.",
        C::HasMembers => "It still has members.",
        C::PostTaken => "Somebody holds this post.",
        C::NotAMemberHere => "That person does not belong to this organization.",
        C::NotExpected => "That person was not expected.",
        C::AlreadyRecorded => "This activity has been recorded.",
        C::AlreadyScheduled => "An activity of this kind is scheduled for that time.",
        C::VoteInvalid => "The votes do not add up.",
        C::CheckInClosed => "Check-in is not open.",
        C::CheckInCodeWrong => "The check-in code is wrong.",
        C::DeviationNotAllowed => "This rule allows no deviation.",
        C::ExternalIdTaken => "The external id is taken.",
        C::IdentityNotAccepted => "This person cannot be entered here; ask the organization department.",
        C::HoldsPost => "This person still holds a post there; end it first.",
        C::UsernameTaken => "This user name is taken.",
        C::NameTaken => "This name is taken.",
        C::TokenInvalid => "The one-time link is not valid any more.",
        C::PasswordTooShort => "The password is too short: at least {min} characters.",
        C::ResolutionNotFitting => "That is no resolution of this branch on this matter.",
        C::ResolutionNotPassed => "That resolution did not pass.",
        C::TransferPending => "A transfer of this member is under way.",
        C::TooMany => "Too many: at most {max}.",
        C::RulebookInvalid => "Line {line}, {key}: {message}",
        C::RulebookLaxer => "{entry} asks for less than {higher}, which ranks higher; it may only be stricter.",
    }
}
