//! The text of a problem in the reader's language. `{name}` stands for a parameter; what is in square brackets is left out
//! where its parameter is missing.

use chrono::{DateTime, Utc};

use super::{Flaw, Problem, ProblemCode};
use crate::intake::RowAct;
use crate::intake::flaw::IntakeFlaw;
use crate::labels::state_label;
use crate::policy::labels::right_label;
use crate::vocabulary::Language;

impl Problem {
    /// The text for a person. Parameters are named, never values of sensitive fields.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let template = match language {
            Language::ZhCn => chinese(self.code),
            Language::En => english(self.code),
        };
        let known = |part: &str| {
            let named = part.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
            named.is_none_or(|(key, _)| self.params.contains_key(key))
        };
        self.params
            .iter()
            .fold(without_gaps(template, known), |text, (key, value)| {
                text.replace(&format!("{{{key}}}"), &shown(key, value, language))
            })
    }
}

/// How a parameter reads in a sentence.
fn shown(key: &str, value: &str, language: Language) -> String {
    let label = match key {
        "right" => right_label(value, language),
        "reason" => {
            let flaw = value.parse::<Flaw>().ok().map(|flaw| flaw.label(language));
            let flaw = flaw.or_else(|| value.parse::<IntakeFlaw>().ok().map(|flaw| flaw.label(language)));
            flaw.or_else(|| state_label(value, language)).map(ToOwned::to_owned)
        }
        "state" => state_label(value, language).map(ToOwned::to_owned),
        "act" => value.parse::<RowAct>().ok().map(|act| act.label(language).to_owned()),
        // An instant to the minute; `params` have it whole.
        "min" | "max" => value
            .parse::<DateTime<Utc>>()
            .ok()
            .map(|at| at.format("%Y-%m-%d %H:%M UTC").to_string()),
        _ => None,
    };
    label.unwrap_or_else(|| value.to_owned())
}

/// Takes out bracketed parts whose parameter is not known, and the brackets of the others.
fn without_gaps(template: &str, known: impl Fn(&str) -> bool) -> String {
    let mut shown = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('[') {
        let (part, behind) = after.split_once(']').unwrap_or((after, ""));
        shown.push_str(before);
        if known(part) {
            shown.push_str(part);
        }
        rest = behind;
    }
    shown.push_str(rest);
    shown
}

impl Flaw {
    /// The flaw in words.
    #[must_use]
    pub fn label(self, language: Language) -> &'static str {
        let (chinese, english) = match self {
            Self::Duplicate => ("重复", "named twice"),
            Self::NotOffered => ("不在可选范围内", "not among what may be given here"),
            Self::Form => ("格式不符", "not of the form that it must have"),
            Self::OutOfRange => ("超出允许范围", "out of range"),
            Self::Contradiction => ("与其他内容矛盾", "does not go together with another field"),
            Self::UnderAge => ("入党时未满十八周岁", "under age on the day of joining"),
            Self::NeedsFullMember => ("须为正式党员", "a full member is needed"),
            Self::Oneself => ("须为他人", "somebody else is needed"),
            Self::Elsewhere => ("不属于此处或已关闭", "belongs elsewhere, or is closed"),
            Self::OwnAct => (
                "不能随名单更改，须单独办理",
                "a list does not change it, an act of its own does",
            ),
        };
        match language {
            Language::ZhCn => chinese,
            Language::En => english,
        }
    }
}

fn chinese(code: ProblemCode) -> &'static str {
    use ProblemCode as C;
    match code {
        C::NotFound => "未找到。",
        C::Forbidden => "没有此项权限[：{right}]。",
        C::OwnMatter => "不能决定与本人有关的事项。",
        C::CollectiveDecisionRequired => "此项须附集体决定（日期和文号）。",
        C::Conflict => "内容已被他人更新，请核对最新版本。",
        C::IdempotencyMismatch => "此幂等键已用于其他内容。",
        C::CursorInvalid => "游标无效。",
        C::CursorOfAnother => "此游标属于其他账号。",
        C::AlreadyDecided => "此事项已作决定[（{state}）]。",
        C::WrongState => "当前状态[（{state}）]不允许此操作。",
        C::CredentialsInvalid => "用户名或密码不正确。",
        C::RefreshTokenInvalid => "登录已失效，请重新登录。",
        C::Required => "此项必填。",
        C::TooLong => "内容过长，最多 {max} 个字符。",
        C::Invalid => {
            "内容无效[：{reason}][，应为 {form}][（单元格内第 {line} 行）][（第 {earlier} 行）][（操作：{act}）]。"
        }
        C::DateInFuture => "日期不能在将来[（不晚于 {max}）]。",
        C::DateTooEarly => "日期不能早于 {min}。",
        C::PeriodClosed => "该周期已结束。",
        C::KindNotAllowedHere => "此处不能使用该类别。",
        C::ParentBelowChild => "不能移到自身或其下级[（{parent}）]之下。",
        C::HasChildren => "仍有下级党组织[（{count} 个）]。",
        C::HasMembers => "仍有党员[（{count} 名）]。",
        C::PostTaken => "该职务已有人担任。",
        C::NotAMemberHere => "此人不属于该党组织。",
        C::NotExpected => "此人不在应到人员之列。",
        C::AlreadyRecorded => "此前已有记录。",
        C::AlreadyScheduled => "同一时间已安排此类活动。",
        C::VoteInvalid => "票数不符[（{reason}）]。",
        C::CheckInClosed => "当前不能签到。",
        C::CheckInCodeWrong => "签到码不正确。",
        C::CheckInBlocked => "输错签到码次数过多，请支部重新生成签到码。",
        C::DeviationNotAllowed => "该项规定不允许变通。",
        C::ExternalIdTaken => "外部编号已被使用。",
        C::IdentityNotAccepted => "此人不能在此录入，请联系组织部门。",
        C::IdentityNumberWrong => "身份证号校验不通过[（尾号 {ending}）]。",
        C::HoldsPost => "此人仍担任相关职务，请先免去。",
        C::UsernameTaken => "该用户名已被使用。",
        C::NameTaken => "该名称已被使用。",
        C::TokenInvalid => "一次性链接无效或已过期。",
        C::PasswordTooShort => "密码过短，至少 {min} 个字符。",
        C::ResolutionNotFitting => "该决议不是本支部就此事项所作的决议。",
        C::ResolutionNotPassed => "该决议未获通过。",
        C::TransferPending => "此人已有未办结的组织关系转接。",
        C::TooMany => "数量过多，最多 {max} 个。",
        C::AddressRefused => "不能向该地址推送[：{reason}]。",
        C::DocumentInvalid => "该查询不能登记：{message}",
        C::RowsRejected => "有 {count} 行未通过，全部未写入。",
        C::TooManyLeave => "现有 {there} 名党员中有 {leaving} 名不在文件内，超过允许的 {max} 名，未写入任何内容。",
        C::FileRefused => "文件不能导入：{reason}[（{detail}）][，最多 {max}]。",
        C::ColumnRefused => "“{column}”列：{reason}。",
        C::CellRefused => "[“{column}”：]{reason}[（{detail}）][，最多 {max}]。",
        C::RulebookInvalid => "第 {line} 行 {key}：{message}",
        C::RulebookLaxer => "{entry} 的要求低于上级规则 {higher}，只能更严。",
    }
}

fn english(code: ProblemCode) -> &'static str {
    use ProblemCode as C;
    match code {
        C::NotFound => "Not found.",
        C::Forbidden => "You do not have this right[: {right}].",
        C::OwnMatter => "Nobody decides in their own matter.",
        C::CollectiveDecisionRequired => "This needs the collective decision: its date and document number.",
        C::Conflict => "Somebody changed this meanwhile; look at the present version.",
        C::IdempotencyMismatch => "This idempotency key was used for another input.",
        C::CursorInvalid => "This cursor was not given out here.",
        C::CursorOfAnother => "This cursor was given to another account.",
        C::AlreadyDecided => "This has been decided[: {state}].",
        C::WrongState => "The present state[ ({state})] does not allow this.",
        C::CredentialsInvalid => "User name or password is wrong.",
        C::RefreshTokenInvalid => "The session has ended; sign in again.",
        C::Required => "This is required.",
        C::TooLong => "Too long: at most {max} characters.",
        C::Invalid => {
            "Not valid[: {reason}][: {form}][ (line {line} of the cell)][ (row {earlier})][ (operation: {act})]."
        }
        C::DateInFuture => "The date may not lie in the future[: {max} at the latest].",
        C::DateTooEarly => "The date may not lie before {min}.",
        C::PeriodClosed => "That period is closed.",
        C::KindNotAllowedHere => "This kind is not allowed here.",
        C::ParentBelowChild => "An organization may not move below itself[: {parent} lies there].",
        C::HasChildren => "It still has organizations below it[: {count}].",
        C::HasMembers => "It still has members[: {count}].",
        C::PostTaken => "Somebody holds this post.",
        C::NotAMemberHere => "That person does not belong to this organization.",
        C::NotExpected => "That person was not expected.",
        C::AlreadyRecorded => "It has been recorded before.",
        C::AlreadyScheduled => "An activity of this kind is scheduled for that time.",
        C::VoteInvalid => "The votes do not add up[ ({reason})].",
        C::CheckInClosed => "Check-in is not open.",
        C::CheckInCodeWrong => "The check-in code is wrong.",
        C::CheckInBlocked => "Too many wrong codes: ask the branch for a new one.",
        C::DeviationNotAllowed => "This rule allows no deviation.",
        C::ExternalIdTaken => "The external id is taken.",
        C::IdentityNotAccepted => "This person cannot be entered here; ask the organization department.",
        C::IdentityNumberWrong => "The identity number[ ending in {ending}] is wrong.",
        C::HoldsPost => "This person still holds a post there; end it first.",
        C::UsernameTaken => "This user name is taken.",
        C::NameTaken => "This name is taken.",
        C::TokenInvalid => "The one-time link is not valid any more.",
        C::PasswordTooShort => "The password is too short: at least {min} characters.",
        C::ResolutionNotFitting => "That is no resolution of this branch on this matter.",
        C::ResolutionNotPassed => "That resolution did not pass.",
        C::TransferPending => "A transfer of this member is under way.",
        C::TooMany => "Too many: at most {max}.",
        C::AddressRefused => "Nothing is sent to this address[: {reason}].",
        C::DocumentInvalid => "The document cannot be registered: {message}",
        C::RowsRejected => "{count} rows were refused; nothing is written.",
        C::TooManyLeave => {
            "{leaving} of the {there} members there are not in the file; at most {max} may leave, and nothing is written."
        }
        C::FileRefused => "The file cannot be imported: {reason}[ ({detail})][, at most {max}].",
        C::ColumnRefused => "Column “{column}”: {reason}.",
        C::CellRefused => "[“{column}”: ]{reason}[ ({detail})][, at most {max}].",
        C::RulebookInvalid => "Line {line}, {key}: {message}",
        C::RulebookLaxer => "{entry} asks for less than {higher}, which ranks higher; it may only be stricter.",
    }
}
