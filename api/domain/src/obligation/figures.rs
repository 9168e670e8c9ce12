//! Figures of obligations: sums that a roll-up adds and subtracts.

use std::ops::{AddAssign, SubAssign};

use serde::Serialize;

use crate::vocabulary::ObligationStatus;

/// How many obligations stand where. Signed, so that a change is a difference of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Figures {
    /// Everything but `NOT_OWED`.
    pub owed: i64,
    /// `OPEN`, and `HELD_NOT_FILED` that waits for minutes.
    pub open: i64,
    pub met: i64,
    pub due_soon: i64,
    pub overdue: i64,
    pub excused: i64,
    pub held_late: i64,
    pub missed: i64,
}

impl Figures {
    /// The figures of one obligation.
    #[must_use]
    pub fn of(status: ObligationStatus) -> Self {
        let one = Self {
            owed: 1,
            ..Self::default()
        };
        match status {
            ObligationStatus::NotOwed => Self::default(),
            ObligationStatus::Open | ObligationStatus::HeldNotFiled => Self { open: 1, ..one },
            ObligationStatus::DueSoon => Self { due_soon: 1, ..one },
            ObligationStatus::Met => Self { met: 1, ..one },
            ObligationStatus::Overdue => Self { overdue: 1, ..one },
            ObligationStatus::Excused => Self { excused: 1, ..one },
            ObligationStatus::HeldLate => Self { held_late: 1, ..one },
            ObligationStatus::Missed => Self { missed: 1, ..one },
        }
    }

    /// What to add to a roll-up when an obligation moves from one status to another.
    #[must_use]
    pub fn change(from: Option<ObligationStatus>, to: Option<ObligationStatus>) -> Self {
        let mut change = to.map(Self::of).unwrap_or_default();
        change -= from.map(Self::of).unwrap_or_default();
        change
    }

    /// met ÷ (met + held late + overdue + missed), from 0 to 1; `None` when none of these is there.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        let settled = self.met + self.held_late + self.overdue + self.missed;
        let met = u32::try_from(self.met).ok()?;
        let settled = u32::try_from(settled).ok().filter(|settled| *settled > 0)?;
        Some(f64::from(met) / f64::from(settled))
    }
}

impl AddAssign for Figures {
    fn add_assign(&mut self, other: Self) {
        self.owed += other.owed;
        self.open += other.open;
        self.met += other.met;
        self.due_soon += other.due_soon;
        self.overdue += other.overdue;
        self.excused += other.excused;
        self.held_late += other.held_late;
        self.missed += other.missed;
    }
}

impl SubAssign for Figures {
    fn sub_assign(&mut self, other: Self) {
        self.owed -= other.owed;
        self.open -= other.open;
        self.met -= other.met;
        self.due_soon -= other.due_soon;
        self.overdue -= other.overdue;
        self.excused -= other.excused;
        self.held_late -= other.held_late;
        self.missed -= other.missed;
    }
}

impl std::iter::Sum for Figures {
    fn sum<I: Iterator<Item = Self>>(figures: I) -> Self {
        figures.fold(Self::default(), |mut sum, figures| {
            sum += figures;
            sum
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_the_difference_and_the_rate_is_none_when_nothing_was_owed() {
        let mut sum: Figures = ObligationStatus::ALL.iter().map(|status| Figures::of(*status)).sum();
        assert_eq!((sum.owed, sum.open), (8, 2));
        assert_eq!(sum.rate(), Some(0.25));
        sum += Figures::change(Some(ObligationStatus::Overdue), Some(ObligationStatus::Met));
        assert_eq!(sum.rate(), Some(0.5));
        assert_eq!(Figures::of(ObligationStatus::Excused).rate(), None);
        assert_eq!(Figures::of(ObligationStatus::NotOwed), Figures::default());
    }
}
