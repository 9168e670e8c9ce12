//! Dual organizational life 双重组织生活 (G2.2a): how the leaders of an org take part, as ordinary members, in their own
//! branch. For the organization department that manages them, and for each leader about themselves.

use std::collections::BTreeMap;

use domain::lifecycle::activity::Tally;
use domain::policy::Subject;
use domain::vocabulary::AttendanceMode;

use super::super::organization::{Page, PageRequest};
use super::super::outcome::Outcome;
use super::super::reading::Reading;
use super::read;
use super::reading::year_of;
use crate::store::dual_life::{Tasks, Times};
use crate::store::member::Appointment;

/// One leader's year in their own branch.
#[derive(Debug, Clone)]
pub struct Lived {
    pub appointment: Appointment,
    pub tally: Tally,
    pub tasks: Tasks,
}

impl Reading {
    /// A page of the leaders of an org above the branches, each with the year in their own branch and group.
    ///
    /// # Errors
    /// The database is away.
    pub async fn dual_life(&self, org: &str, year: i32, page: &PageRequest) -> Outcome<Page<Lived>> {
        let scope = self.rows(Subject::DualLife);
        let today = self.app.today();
        let found = self.snapshot.leaders(&scope, org, today, page).await?;
        let members: Vec<String> = found.rows.iter().map(|row| row.member_id.clone()).collect();
        let dates = year_of(year);
        let tallies = tallies(&self.snapshot.times(&members, dates).await?)?;
        let tasks = self.snapshot.tasks(&members, dates, today).await?;
        Ok(found.map(|appointment| Lived {
            tally: tallies.get(&appointment.member_id).copied().unwrap_or_default(),
            tasks: tasks
                .iter()
                .find(|tasks| tasks.member_id == appointment.member_id)
                .cloned()
                .unwrap_or_else(|| none(&appointment.member_id)),
            appointment,
        }))
    }
}

fn none(member: &str) -> Tasks {
    Tasks {
        member_id: member.to_owned(),
        done: 0,
        open: 0,
        overdue: 0,
    }
}

fn tallies(rows: &[Times]) -> Outcome<BTreeMap<String, Tally>> {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for row in rows {
        let mode = row.mode.as_deref().map(read::<AttendanceMode>).transpose()?;
        let state = read(&row.state)?;
        let tally = tallies.entry(row.member_id.clone()).or_default();
        for _ in 0..row.times {
            tally.count(state, mode);
        }
    }
    Ok(tallies)
}
