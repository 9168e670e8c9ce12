//! Two pieces of members at a time: while it is settled what follows from the people of one (seats, what their branches owe, figures,
//! events), those of the next are looked up, planned and entered. Nothing of the next is judged before the one is committed, so
//! that pieces still come one behind the other; a server with two cores has work for both.

use domain::intake::RowOutcome;
use domain::vocabulary::ImportKind;

use super::super::outcome::Outcome;
use super::super::people::roster::upsert::{Entered, Seen};
use super::super::writing::Unit;
use super::RowTold;
use super::carry::{Dry, Row, Run, number_of};
use super::rows::{are_plain, enter};
use super::work::Stop;

/// A piece whose people are entered, in a write of its own that waits for the one before it.
pub(super) struct Ahead {
    unit: Unit,
    told: Vec<RowTold>,
    entered: Entered,
    /// Rows of the file.
    number: i64,
}

impl Ahead {
    /// Whether somebody who was there is otherwise now: they may have given up what a row that follows is to have.
    fn changes_others(&self) -> bool {
        self.told.iter().any(|row| row.outcome == RowOutcome::Changed)
    }
}

impl Run<'_> {
    /// Whether a piece may be entered before the one ahead of it is settled. An embedded database has one writer.
    pub(super) fn may_go_ahead(&self, rows: &[Row]) -> bool {
        self.order.kind == ImportKind::Member && self.app.database.is_postgres() && are_plain(rows)
    }

    /// Enters a piece, and settles the one before meanwhile; first where that one changes somebody.
    pub(super) async fn go_ahead(
        &mut self,
        mut before: Option<Ahead>,
        rows: Vec<Row>,
        seen: &mut Seen,
    ) -> Result<Ahead, Stop> {
        if before.as_ref().is_some_and(Ahead::changes_others) {
            self.settle(before.take()).await?;
        }
        let (opening, how, number) = (self.opening(), self.how(false), number_of(&rows));
        let entering = async {
            let mut unit = opening.open().await?;
            let entered: Outcome<_> = enter(&mut unit, rows, (&how, seen)).await;
            let (told, entered) = entered?;
            Result::<_, Stop>::Ok(Ahead {
                unit,
                told,
                entered,
                number,
            })
        };
        tokio::pin!(entering);
        let settling = self.settle(before);
        let entered = {
            tokio::pin!(settling);
            let mut entered = None;
            loop {
                tokio::select! {
                    settled = &mut settling => {
                        settled?;
                        break entered;
                    }
                    done = &mut entering, if entered.is_none() => entered = Some(done),
                }
            }
        };
        match entered {
            Some(entered) => entered,
            None => self.signing(entering).await?,
        }
    }

    /// Settles a piece that was entered, and ends its write.
    pub(super) async fn settle(&mut self, ahead: Option<Ahead>) -> Result<(), Stop> {
        let Some(Ahead {
            mut unit,
            told,
            entered,
            number,
        }) = ahead
        else {
            return Ok(());
        };
        self.signing(entered.settle(&mut unit)).await??;
        self.reached.done += number;
        self.keep(unit, told, Dry::No).await
    }
}
