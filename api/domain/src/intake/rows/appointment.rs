//! Rows of appointments 任职.

use chrono::NaiveDate;

use super::{Cells, Decided};
use crate::intake::record::Record;
use crate::intake::{By, RowAct};
use crate::problem::Problem;
use crate::vocabulary::{EntityKind, ImportKind, Post};

/// Which appointment a row is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Which {
    Id(String),
    /// The one by which a member holds a post of an org.
    Held {
        member: By,
        organization: By,
        post: Post,
    },
}

/// An appointment as another system knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppointmentRow {
    /// `UPSERT` or `END`.
    pub act: RowAct,
    pub which: Which,
    pub since: Option<NaiveDate>,
    /// First day on which it is no longer held: of an end, and of an acting holder.
    pub until: Option<NaiveDate>,
    pub term_ends_on: Option<NaiveDate>,
    pub acting: Option<bool>,
    pub decided: Option<Decided>,
}

impl AppointmentRow {
    /// Reads a record.
    ///
    /// # Errors
    /// Every cell that does not do.
    pub fn of(record: &Record) -> Result<Self, Vec<Problem>> {
        let mut cells = Cells::of(ImportKind::Appointment, record);
        let act = cells.act();
        let id = cells.id(EntityKind::Appointment, "id");
        let member = cells.by(EntityKind::Member, "memberId", "memberExternalId");
        let organization = cells.by(EntityKind::Organization, "organizationId", "organizationExternalId");
        let post = cells.value("post");
        let [since, until, term_ends_on] = ["since", "until", "termEndsOn"].map(|key| cells.day(key));
        let acting = cells.flag("acting");
        let decided = cells.decided();
        let which = match (id, member, organization, post) {
            (Some(id), ..) => Some(Which::Id(id)),
            (None, Some(member), Some(organization), Some(post)) => Some(Which::Held {
                member,
                organization,
                post,
            }),
            (None, member, organization, post) => {
                if member.is_none() {
                    cells.needs("memberExternalId");
                }
                if organization.is_none() {
                    cells.needs("organizationExternalId");
                }
                cells.require("post", post.as_ref());
                None
            }
        };
        let row = which.map(|which| Self {
            act,
            which,
            since,
            until,
            term_ends_on,
            acting,
            decided,
        });
        cells.done(row)
    }
}
