//! What can be said against a request: one stable code each, never reused; the text is made at the edge, in the reader's
//! language.

mod clause;
mod text;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::intake::RowAct;
use crate::policy::Action;
use crate::rulebook::SHIPPED;
use crate::vocabulary::closed_list;

closed_list! {
    /// Code of a user error.
    ProblemCode {
        /// It does not exist, or not for the reader.
        NotFound = "NOT_FOUND",
        /// The right named in `params` is missing.
        Forbidden = "FORBIDDEN",
        /// Nobody decides in their own matter.
        OwnMatter = "OWN_MATTER",
        /// Date and document number of the decision are missing.
        CollectiveDecisionRequired = "COLLECTIVE_DECISION_REQUIRED",
        /// It has changed since it was read.
        Conflict = "CONFLICT",
        /// The key was used with another input.
        IdempotencyMismatch = "IDEMPOTENCY_MISMATCH",
        /// No cursor of this deployment, or a changed one.
        CursorInvalid = "CURSOR_INVALID",
        /// A cursor that was given to another account.
        CursorOfAnother = "CURSOR_OF_ANOTHER_ACCOUNT",
        /// Somebody decided first.
        AlreadyDecided = "ALREADY_DECIDED",
        /// The present state does not allow it.
        WrongState = "WRONG_STATE",
        /// User name or password is wrong.
        CredentialsInvalid = "CREDENTIALS_INVALID",
        /// The session has ended.
        RefreshTokenInvalid = "REFRESH_TOKEN_INVALID",
        /// The field is missing.
        Required = "REQUIRED",
        /// The text is longer than `params.max`.
        TooLong = "TOO_LONG",
        /// The value does not do; `params.reason` says why.
        Invalid = "INVALID",
        /// Later than `params.max`.
        DateInFuture = "DATE_IN_FUTURE",
        /// Earlier than `params.min`.
        DateTooEarly = "DATE_TOO_EARLY",
        /// The period is closed.
        PeriodClosed = "PERIOD_CLOSED",
        /// Such a kind does not belong there.
        KindNotAllowedHere = "KIND_NOT_ALLOWED_HERE",
        /// An org would come to stand below itself.
        ParentBelowChild = "PARENT_BELOW_CHILD",
        /// Orgs stand below it.
        HasChildren = "HAS_CHILDREN",
        /// It has members.
        HasMembers = "HAS_MEMBERS",
        /// Somebody holds the post.
        PostTaken = "POST_TAKEN",
        /// The person does not belong to the org.
        NotAMemberHere = "NOT_A_MEMBER_HERE",
        /// The person is not expected at the activity.
        NotExpected = "NOT_EXPECTED",
        /// It was recorded before.
        AlreadyRecorded = "ALREADY_RECORDED",
        /// The same org has an activity of this kind at about this time.
        AlreadyScheduled = "ALREADY_SCHEDULED",
        /// The votes do not add up.
        VoteInvalid = "VOTE_INVALID",
        /// Too early, or too late.
        CheckInClosed = "CHECK_IN_CLOSED",
        /// Another code is shown at the meeting.
        CheckInCodeWrong = "CHECK_IN_CODE_WRONG",
        /// Too many wrong codes: none is taken any more until a new one is made.
        CheckInBlocked = "CHECK_IN_BLOCKED",
        /// The rule is a must.
        DeviationNotAllowed = "DEVIATION_NOT_ALLOWED",
        /// Another object of the kind has it.
        ExternalIdTaken = "EXTERNAL_ID_TAKEN",
        /// The identity number cannot be entered here.
        IdentityNotAccepted = "IDENTITY_NOT_ACCEPTED",
        /// Length, date or check digit of an identity number are wrong; of it only `params.ending` is told.
        IdentityNumberWrong = "IDENTITY_NUMBER_WRONG",
        /// A post is to be ended first.
        HoldsPost = "HOLDS_POST",
        /// Another account has it.
        UsernameTaken = "USERNAME_TAKEN",
        /// An open unit of the same org has this name.
        NameTaken = "NAME_TAKEN",
        /// The one-time token is used up or too old.
        TokenInvalid = "TOKEN_INVALID",
        /// Shorter than `params.min`.
        PasswordTooShort = "PASSWORD_TOO_SHORT",
        /// The vote was about something or somebody else.
        ResolutionNotFitting = "RESOLUTION_NOT_FITTING",
        /// The vote was lost.
        ResolutionNotPassed = "RESOLUTION_NOT_PASSED",
        /// Another transfer of the member waits.
        TransferPending = "TRANSFER_PENDING",
        /// More than `params.max`.
        TooMany = "TOO_MANY",
        /// `params.count` rows were refused, and nothing is written.
        RowsRejected = "ROWS_REJECTED",
        /// `params.leaving` of `params.there` members are not in the file; at most `params.max` may leave.
        TooManyLeave = "TOO_MANY_LEAVE",
        /// Nothing is sent to this address; `params.reason` says why.
        AddressRefused = "ADDRESS_REFUSED",
        /// The GraphQL document cannot be registered; `params.message` says why.
        DocumentInvalid = "DOCUMENT_INVALID",
        /// A file that cannot be read; `params.reason` says why.
        FileRefused = "FILE_REFUSED",
        /// A column of a file: `params.column` names it, `params.reason` says what is wrong.
        ColumnRefused = "COLUMN_REFUSED",
        /// A cell or a row of a file; `params.reason` says what is wrong.
        CellRefused = "CELL_REFUSED",
        /// A mistake in the document, with line and key.
        RulebookInvalid = "RULEBOOK_INVALID",
        /// A local rulebook asks for less than one of a higher issuer that holds there.
        RulebookLaxer = "RULEBOOK_LAXER",
    }
}

closed_list! {
    /// What is wrong with a value of the right type: `params.reason` of `INVALID`.
    Flaw {
        /// Named twice.
        Duplicate = "DUPLICATE",
        /// Not among what may be given here (`params.allowed`).
        NotOffered = "NOT_OFFERED",
        /// Not of the form that it must have (`params.form`).
        Form = "FORM",
        /// Below `params.min` or above `params.max`.
        OutOfRange = "OUT_OF_RANGE",
        /// Does not go together with the field in `params.with`.
        Contradiction = "CONTRADICTION",
        /// Younger than `params.min` years on the day of joining.
        UnderAge = "UNDER_AGE",
        /// A probationary member where a full one is needed.
        NeedsFullMember = "NEEDS_FULL_MEMBER",
        /// The person whom it concerns, where somebody else is needed.
        Oneself = "ONESELF",
        /// What is named belongs elsewhere, or is closed.
        Elsewhere = "ELSEWHERE",
        /// No list changes it: an act of its own does (`params.act`, where a row can ask for it).
        OwnAct = "OWN_ACT",
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
    /// Path into the input, down to the list element: `["input", "exceptions", "2", "memberId"]`.
    pub path: Vec<String>,
    pub params: BTreeMap<Cow<'static, str>, String>,
    pub basis: Option<BasisReference>,
}

impl Problem {
    /// A problem with the clause that such a refusal always rests on.
    #[must_use]
    pub fn new(code: ProblemCode) -> Self {
        let problem = Self {
            code,
            path: Vec::new(),
            params: BTreeMap::new(),
            basis: None,
        };
        match code.principle() {
            Some(entry) => problem.on(entry),
            None => problem,
        }
    }

    /// A problem with one field of the input; `field` may lead into lists: `exceptions.2.memberId`.
    #[must_use]
    pub fn at(code: ProblemCode, field: &str) -> Self {
        Self {
            path: std::iter::once("input")
                .chain(field.split('.'))
                .map(ToOwned::to_owned)
                .collect(),
            ..Self::new(code)
        }
    }

    /// The same, of a part of the input: `rows.3` before its field.
    #[must_use]
    pub fn within(mut self, part: &str) -> Self {
        if self.path.is_empty() {
            self.path.push("input".to_owned());
        }
        let part = part.split('.').map(ToOwned::to_owned);
        self.path.splice(1..1, part);
        self
    }

    /// A value of the right type that does not do.
    #[must_use]
    pub fn invalid(field: &str, flaw: Flaw) -> Self {
        Self::at(ProblemCode::Invalid, field).with("reason", flaw)
    }

    /// A value that is none of those allowed.
    #[must_use]
    pub fn not_offered<T: ToString>(field: &str, allowed: impl IntoIterator<Item = T>) -> Self {
        let allowed: Vec<String> = allowed.into_iter().map(|one| one.to_string()).collect();
        Self::invalid(field, Flaw::NotOffered).with("allowed", allowed.join(","))
    }

    /// What no list changes, but an act of its own; `act` where a row can ask for that.
    #[must_use]
    pub fn own_act(field: &str, act: Option<RowAct>) -> Self {
        let problem = Self::invalid(field, Flaw::OwnAct);
        match act {
            Some(act) => problem.with("act", act),
            None => problem,
        }
    }

    /// It was changed since it was read; `present` is the version that stands there now.
    #[must_use]
    pub fn conflict(present: i64) -> Self {
        Self::at(ProblemCode::Conflict, "expectedVersion").with("version", present)
    }

    /// The state in which the object named by the field is does not allow it.
    #[must_use]
    pub fn wrong_state(field: &str, state: impl ToString) -> Self {
        Self::at(ProblemCode::WrongState, field).with("state", state)
    }

    /// Somebody decided on the object named by the field; `state` is what became of it.
    #[must_use]
    pub fn decided(field: &str, state: impl ToString) -> Self {
        Self::at(ProblemCode::AlreadyDecided, field).with("state", state)
    }

    /// A day or instant later than the latest possible one.
    #[must_use]
    pub fn too_late(field: &str, latest: impl ToString) -> Self {
        Self::at(ProblemCode::DateInFuture, field).with("max", latest)
    }

    /// A day or instant earlier than the earliest possible one.
    #[must_use]
    pub fn too_early(field: &str, earliest: impl ToString) -> Self {
        Self::at(ProblemCode::DateTooEarly, field).with("min", earliest)
    }

    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl ToString) -> Self {
        self.params.insert(Cow::Borrowed(key), value.to_string());
        self
    }

    /// Rests on an entry of a named rulebook.
    #[must_use]
    pub fn by(self, rulebook: &str, entry: &str) -> Self {
        self.grounded(&BasisReference {
            rulebook: rulebook.to_owned(),
            entry: entry.to_owned(),
        })
    }

    /// Rests on an entry of the rulebook that ships.
    #[must_use]
    pub fn on(self, entry: &str) -> Self {
        self.by(SHIPPED, entry)
    }

    /// Where it names no ground of its own: this entry of the rulebook that ships.
    #[must_use]
    pub fn or_on(self, entry: &str) -> Self {
        self.or_grounded(Some(&BasisReference {
            rulebook: SHIPPED.to_owned(),
            entry: entry.to_owned(),
        }))
    }

    /// Rests on this ground.
    #[must_use]
    pub fn grounded(mut self, ground: &BasisReference) -> Self {
        self.basis = Some(ground.clone());
        self
    }

    /// Where it names no ground of its own: the rule behind the act.
    #[must_use]
    pub fn or_about(self, action: Action) -> Self {
        match action.entry() {
            Some(entry) => self.or_on(entry),
            None => self,
        }
    }

    /// Where it names no ground of its own: the one of what was tried, if such a refusal can rest on a rule at all.
    #[must_use]
    pub fn or_grounded(self, ground: Option<&BasisReference>) -> Self {
        match ground.filter(|_| self.basis.is_none() && self.code.may_rest_on_a_rule()) {
            Some(ground) => self.grounded(ground),
            None => self,
        }
    }
}

impl From<ProblemCode> for Problem {
    fn from(code: ProblemCode) -> Self {
        Self::new(code)
    }
}
