//! A collective decision 集体决定 that an act rests on (spec 3): its day, its document number and, where the meeting that
//! took it is recorded here, the meeting (ADR 0059).

use chrono::NaiveDate;
use domain::activity_kind::capabilities;
use domain::policy::{Permit, Scope, SystemScope};
use domain::problem::{Flaw, Problem, ProblemCode};
use domain::vocabulary::ActivityStatus;

use super::outcome::Outcome;
use super::structure::{checked_date, checked_text};
use super::writing::Unit;

const DAY: &str = "decision.decidedOn";
const NUMBER: &str = "decision.documentNumber";
const MEETING: &str = "decision.meetingId";

/// A recorded collective decision.
#[derive(Debug, Clone)]
pub struct CollectiveDecision {
    pub decided_on: NaiveDate,
    pub document_number: String,
    /// The activity at which it was taken.
    pub meeting_id: Option<String>,
}

impl CollectiveDecision {
    /// As it is kept with what rests on it.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({"decidedOn": self.decided_on, "documentNumber": self.document_number, "meetingId": self.meeting_id})
    }

    /// As the trail names it.
    fn reference(&self) -> String {
        let meeting = self.meeting_id.as_deref().map(|id| format!(" {id}"));
        format!(
            "{} {}{}",
            self.decided_on,
            self.document_number,
            meeting.unwrap_or_default()
        )
    }
}

impl Unit {
    /// Checks the decision that an act rests on; from now on the lines of the trail name it.
    ///
    /// # Errors
    /// `REQUIRED`, `TOO_LONG`, a day that does not fit, a meeting that is not one of the decider's or decided nothing that
    /// day, or the database is away.
    pub(in crate::ops) async fn rest_on(
        &mut self,
        permit: &Permit,
        decision: Option<&CollectiveDecision>,
    ) -> Outcome<()> {
        let Some(decision) = decision else { return Ok(()) };
        checked_date(decision.decided_on, self.today, DAY)?;
        checked_text(&decision.document_number, NUMBER, 100)?;
        if let Some(meeting) = &decision.meeting_id {
            self.check_meeting(permit, meeting, decision.decided_on).await?;
        }
        self.decision = Some(decision.reference());
        Ok(())
    }

    /// The org that decides held the meeting, alone or with others, on the day of the decision. Staff of an organ acts for
    /// its committee, whose meetings it need not see.
    async fn check_meeting(&self, permit: &Permit, id: &str, decided_on: NaiveDate) -> Outcome<()> {
        let meeting = self
            .load_activity(id, &Scope::system(SystemScope::Rights), MEETING)
            .await?;
        let own = permit.post().map(|post| post.org_id.as_str());
        if !meeting.org_ids().iter().any(|org| Some(org.as_str()) == own) {
            return Err(Problem::at(ProblemCode::NotFound, MEETING).into());
        }
        if !capabilities(meeting.kind).decides {
            return Err(Problem::at(ProblemCode::KindNotAllowedHere, MEETING)
                .with("activityKind", meeting.kind)
                .into());
        }
        if !matches!(meeting.status, ActivityStatus::Held | ActivityStatus::Filed) {
            return Err(Problem::wrong_state(MEETING, meeting.status).into());
        }
        if meeting.row.local_date != decided_on {
            return Err(Problem::invalid(DAY, Flaw::Contradiction)
                .with("heldOn", meeting.row.local_date)
                .into());
        }
        Ok(())
    }
}
