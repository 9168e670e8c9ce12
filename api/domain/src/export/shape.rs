//! The columns of each kind: those of the API's objects, under the same names.

use crate::vocabulary::{ExportKind, SealedField};

/// A column of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// As the API calls the field.
    pub name: &'static str,
    /// How a flat file calls it: of an object that is referred to only the id is there.
    pub flat: &'static str,
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Null,
    Text(String),
    Number(i64),
    Flag(bool),
    /// The id of another object.
    Reference(String),
    /// Ids of other objects.
    References(Vec<String>),
    /// Names in other systems: (system, value).
    Names(Vec<(String, String)>),
    /// A sealed field, opened; none where nothing is entered.
    Opened(Option<String>),
}

const fn column(name: &'static str) -> Column {
    Column { name, flat: name }
}

const fn reference(name: &'static str, flat: &'static str) -> Column {
    Column { name, flat }
}

const ORGANIZATION: &[Column] = &[
    column("id"),
    column("version"),
    column("name"),
    column("kind"),
    column("sector"),
    reference("parent", "parentId"),
    column("foundedOn"),
    column("externalIds"),
];

const MEMBER: &[Column] = &[
    column("id"),
    column("version"),
    column("name"),
    column("standing"),
    column("status"),
    column("joinedOn"),
    column("becameFullOn"),
    reference("branch", "branchId"),
    reference("group", "groupId"),
    reference("hostBranch", "hostBranchId"),
    column("unitTag"),
    column("externalIds"),
];

const APPOINTMENT: &[Column] = &[
    column("id"),
    column("version"),
    column("post"),
    reference("member", "memberId"),
    reference("organization", "organizationId"),
    column("since"),
    column("until"),
    column("termEndsOn"),
    column("acting"),
];

const ACTIVITY: &[Column] = &[
    column("id"),
    column("version"),
    column("kind"),
    column("title"),
    column("status"),
    column("startsAt"),
    column("endsAt"),
    column("place"),
    column("mode"),
    reference("organizations", "organizationIds"),
    column("externalIds"),
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
        column(match field {
            SealedField::IdentityNumber => "identityNumber",
            SealedField::BirthDate => "birthDate",
            SealedField::Address => "address",
            SealedField::Phone => "phone",
        })
    });
    own.iter().copied().chain(sealed).collect()
}
