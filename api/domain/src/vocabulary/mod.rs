//! Closed lists of the glossary, a room per noun. Each value has one code, the same in the database, the API, the log and exports.
//!
//! The rulebook's own closed lists stand beside its format.

mod account;
mod activity;
mod attendance;
mod decision;
mod export;
mod import;
mod import_job;
mod list;
mod log;
mod measure;
mod member;
mod obligation;
mod organization;
mod post;
mod webhook;

pub use account::{AccountKind, Language, ServiceScope};
pub use activity::{ActivityKind, ActivityStatus, AgendaItemKind, ResolutionKind};
pub use attendance::{AttendanceMode, AttendanceState, ExemptionCategory, LeaveCategory};
pub use decision::{AdmissionKind, AdmissionState, DecisionState, IdentityChangeState, InboxKind, TransferState};
pub use export::{ExportFailure, ExportFormat, ExportKind, ExportState};
pub use import::{ImportFormat, ImportKind};
pub use import_job::{ImportFailure, ImportMode, ImportPhase, ImportState};
pub(crate) use list::closed_list;
pub use list::{ClosedList, UnknownCode};
pub use log::{ChangeExtent, ChangeOp, EntityKind, GapCause};
pub use measure::{MeasureKind, MeasureState};
pub use member::{ApplicantStage, DepartureReason, MemberStatus, RevealPurpose, SealedField, Standing};
pub use obligation::{AlertLevelState, Modality, ObligationStatus, Origin, PeriodKind, RuleForm, ShortcomingKind};
pub use organization::{ActivityUnitKind, OrganKind, OrganizationChange, OrganizationFlag, OrganizationKind, Sector};
pub use post::Post;
pub use webhook::{DeliveryFailure, DeliveryKind, DeliveryState, PauseReason, WebhookState};
