//! The columns of each kind: those of the API's objects, under the same names.

use std::borrow::Cow;

use chrono::NaiveDate;

use crate::vocabulary::{ExportKind, SealedField};

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Text,
    Number,
    Flag,
    Day,
    Instant,
    /// The id of another object.
    Reference,
    /// The id of an org, which is there where the directory shows it.
    Org,
    /// Ids of the orgs that take part.
    Orgs,
    /// Names in other systems.
    Names,
    /// A sealed field, to be opened.
    Sealed(SealedField),
}

/// A column of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// As the API calls the field.
    pub name: &'static str,
    /// How a flat file calls it: of an object that is referred to only the id is there.
    pub flat: &'static str,
    pub form: Form,
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    Null,
    Text(Cow<'a, str>),
    Number(i64),
    Flag(bool),
    Day(NaiveDate),
    /// The id of another object.
    Reference(Cow<'a, str>),
    /// Ids of other objects.
    References(Vec<String>),
    /// Names in other systems: (system, value).
    Names(Vec<(String, String)>),
    /// A sealed field, opened; none where nothing is entered.
    Opened(Option<String>),
}

const fn column(name: &'static str, form: Form) -> Column {
    Column { name, flat: name, form }
}

const fn text(name: &'static str) -> Column {
    column(name, Form::Text)
}

const fn day(name: &'static str) -> Column {
    column(name, Form::Day)
}

const fn reference(name: &'static str, flat: &'static str, form: Form) -> Column {
    Column { name, flat, form }
}

const fn org(name: &'static str, flat: &'static str) -> Column {
    reference(name, flat, Form::Org)
}

const VERSION: Column = column("version", Form::Number);
const NAMES: Column = column("externalIds", Form::Names);

const ORGANIZATION: &[Column] = &[
    text("id"),
    VERSION,
    text("name"),
    text("kind"),
    text("sector"),
    org("parent", "parentId"),
    day("foundedOn"),
    NAMES,
];

const MEMBER: &[Column] = &[
    text("id"),
    VERSION,
    text("name"),
    text("standing"),
    text("status"),
    day("joinedOn"),
    day("becameFullOn"),
    org("branch", "branchId"),
    org("group", "groupId"),
    org("hostBranch", "hostBranchId"),
    text("unitTag"),
    NAMES,
];

const APPOINTMENT: &[Column] = &[
    text("id"),
    VERSION,
    text("post"),
    reference("member", "memberId", Form::Reference),
    org("organization", "organizationId"),
    day("since"),
    day("until"),
    day("termEndsOn"),
    column("acting", Form::Flag),
];

const ACTIVITY: &[Column] = &[
    text("id"),
    VERSION,
    text("kind"),
    text("title"),
    text("status"),
    column("startsAt", Form::Instant),
    column("endsAt", Form::Instant),
    text("place"),
    text("mode"),
    reference("organizations", "organizationIds", Form::Orgs),
    NAMES,
];

/// The columns of a kind; of members the sealed fields asked for come last, in the order of the closed list.
#[must_use]
pub fn columns(kind: ExportKind, fields: &[SealedField]) -> Vec<Column> {
    let own = match kind {
        ExportKind::Organization => ORGANIZATION,
        ExportKind::Member => MEMBER,
        ExportKind::Appointment => APPOINTMENT,
        ExportKind::Activity => ACTIVITY,
    };
    let sealed = SealedField::ALL.iter().filter(|field| fields.contains(field));
    let sealed = sealed.filter(|_| kind == ExportKind::Member).map(|field| {
        let name = match field {
            SealedField::IdentityNumber => "identityNumber",
            SealedField::BirthDate => "birthDate",
            SealedField::Address => "address",
            SealedField::Phone => "phone",
        };
        column(name, Form::Sealed(*field))
    });
    own.iter().copied().chain(sealed).collect()
}
