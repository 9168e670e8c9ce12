//! Rows of members 党员.

use chrono::NaiveDate;

use super::{Cells, Decided, External};
use crate::identity;
use crate::intake::record::Record;
use crate::intake::values::narrow;
use crate::intake::{By, RowAct};
use crate::problem::{Flaw, Problem, ProblemCode};
use crate::vocabulary::{DepartureReason, EntityKind, ImportKind, Standing};

/// A member as another system knows them; what is left out stays as it is.
#[derive(Clone, PartialEq, Eq)]
pub struct MemberRow {
    /// `UPSERT`, `TRANSFER` or `LEAVE`.
    pub act: RowAct,
    pub member: By,
    /// Besides their id: what another system is to call them.
    pub named: Option<External>,
    /// Of a transfer: the branch it leads to.
    pub branch: Option<By>,
    pub group: Option<By>,
    pub name: Option<String>,
    pub standing: Option<Standing>,
    pub joined_on: Option<NaiveDate>,
    pub became_full_on: Option<NaiveDate>,
    pub since: Option<NaiveDate>,
    pub unit_tag: Option<String>,
    /// With the right check digit.
    pub identity_number: Option<String>,
    pub phone: Option<String>,
    pub address: Option<String>,
    pub left_on: Option<NaiveDate>,
    pub departure: Option<DepartureReason>,
    /// Of a transfer.
    pub reason: Option<String>,
    pub decided: Option<Decided>,
}

/// Whoever prints a row prints nothing of a person.
impl std::fmt::Debug for MemberRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemberRow")
            .field("act", &self.act)
            .field("member", &self.member)
            .finish_non_exhaustive()
    }
}

impl MemberRow {
    /// Whether a record says nothing but what somebody is like: no act of its own, and no name beside an id.
    #[must_use]
    pub fn is_plain(record: &Record) -> bool {
        let has = |key| record.cells.contains_key(key);
        let says_more = has("operation") || (has("id") && has("externalId"));
        !says_more
    }

    /// Reads a record.
    ///
    /// # Errors
    /// Every cell that does not do.
    pub fn of(record: &Record) -> Result<Self, Vec<Problem>> {
        let mut cells = Cells::of(ImportKind::Member, record);
        let act = cells.act();
        let subject = cells.subject(EntityKind::Member);
        let branch = cells.by(EntityKind::Organization, "branchId", "branchExternalId");
        let group = cells.by(EntityKind::Organization, "groupId", "groupExternalId");
        let standing = cells.value("standing");
        let [joined_on, became_full_on, since, left_on] =
            ["joinedOn", "becameFullOn", "since", "leftOn"].map(|key| cells.day(key));
        let identity_number = identity_number(&mut cells);
        let phone = cells.read("phone", "+?[0-9]{7,15}", |text| identity::phone(&narrow(text)));
        let departure = cells.value("departureReason");
        let [name, unit_tag, address, reason] = ["name", "unitTag", "address", "reason"].map(|key| cells.text(key));
        let decided = cells.decided();
        refuse_identity(&mut cells);
        match act {
            RowAct::Transfer if branch.is_none() => cells.needs("branchExternalId"),
            RowAct::Leave => {
                cells.require("leftOn", left_on.as_ref());
                cells.require("departureReason", departure.as_ref());
            }
            _ => {}
        }
        let row = subject.map(|(member, named)| Self {
            act,
            member,
            named,
            branch,
            group,
            name,
            standing,
            joined_on,
            became_full_on,
            since,
            unit_tag,
            identity_number,
            phone,
            address,
            left_on,
            departure,
            reason,
            decided,
        });
        cells.done(row)
    }
}

/// An identity number in another column than its own, shifted by one or used as a name, would be kept and told unsealed.
fn refuse_identity(cells: &mut Cells<'_>) {
    for key in ["externalId", "name", "unitTag"] {
        let text = cells.text(key).map(|text| narrow(&text)).unwrap_or_default();
        if identity::identity_number(&text).is_some() {
            let problem = Problem::invalid(key, Flaw::Form).with("form", "身份证号以外的内容, no identity number");
            cells.problems.push(problem);
        }
    }
}

/// An identity number as it is kept. Of one that does not do only the last two signs are told, so that whoever typed it finds it.
fn identity_number(cells: &mut Cells<'_>) -> Option<String> {
    let text = narrow(&cells.text("identityNumber")?);
    if let Some((number, _)) = identity::identity_number(&text) {
        return Some(number);
    }
    let signs: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mut problem = Problem::at(ProblemCode::IdentityNumberWrong, "identityNumber");
    if let [.., before, last] = signs.as_slice()
        && signs.len() >= 15
    {
        problem = problem.with("ending", format_args!("{before}{last}"));
    }
    cells.problems.push(problem);
    None
}
