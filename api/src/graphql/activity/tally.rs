use async_graphql::SimpleObject;

use crate::ops::activity::Participation;

/// Applicants and activists 入党积极分子 invited to an activity; never counted among its members.
#[derive(SimpleObject, Default, Clone, Copy)]
pub struct InvitedTally {
    /// How many were invited.
    pub invited: i64,
    /// Of those invited; known once the activity is recorded.
    pub present: i64,
}

/// Counts of the people of an activity.
#[derive(SimpleObject, Default, Clone, Copy)]
pub struct Tally {
    /// Without the exempt.
    pub expected: i64,
    /// In any mode.
    pub present: i64,
    /// Of those present.
    pub online: i64,
    /// Absent, studied afterwards, accepted.
    pub made_up_by_study: i64,
    /// With leave.
    pub on_leave: i64,
    /// Absent without excuse.
    pub unexcused: i64,
    /// Absent without timely notice, not decided yet.
    pub unexplained: i64,
    /// Not expected by decision of the branch.
    pub exempt: i64,
}

impl Tally {
    /// The counts as the rules made them.
    pub fn of(counts: &domain::lifecycle::activity::Tally) -> Self {
        Self {
            expected: counts.expected,
            present: counts.present,
            online: counts.online,
            made_up_by_study: counts.made_up_by_study,
            on_leave: counts.on_leave,
            unexcused: counts.unexcused,
            unexplained: counts.unexplained,
            exempt: counts.exempt,
        }
    }

    /// The sum over orgs.
    pub fn sum<'a>(rows: impl Iterator<Item = &'a Participation>) -> Self {
        rows.fold(Self::default(), |sum, row| Self {
            expected: sum.expected + row.expected,
            present: sum.present + row.present,
            online: sum.online + row.online,
            made_up_by_study: sum.made_up_by_study + row.made_up_by_study,
            on_leave: sum.on_leave + row.on_leave,
            unexcused: sum.unexcused + row.unexcused,
            unexplained: sum.unexplained + row.unexplained,
            exempt: sum.exempt + row.exempt,
        })
    }
}
