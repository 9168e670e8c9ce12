//! `node` and `nodes`: any object by its id alone. Each noun has one line in the list below and no other place.

use std::sync::Arc;

use async_graphql::{Context, ID, Interface, Object};
use domain::ids::kind_of;
use domain::vocabulary::EntityKind;

use super::account::object::{Account, AccountById, Viewer};
use super::activity::attendance::{Attendance, AttendanceById, Leave, LeaveById};
use super::activity::object::{Activity, ActivityById};
use super::activity::resolution::{Resolution, ResolutionById};
use super::admission::object::{Admission, AdmissionById};
use super::applicant::object::{Applicant, ApplicantById};
use super::appointment::{Appointment, AppointmentById};
use super::batch::{Key, Loader, Loaders, Loads};
use super::context::ContextExt as _;
use super::export::object::{ExportJob, ExportJobById};
use super::import::object::{ImportJob, ImportJobById};
use super::inbox::{InboxItem, WaitingLineById};
use super::loaders::OrganizationById;
use super::measure::object::{Measure, MeasureById};
use super::member::object::{Member, MemberInRoster};
use super::obligation::alert::{Alert, AlertById};
use super::obligation::mutation::{Deviation, DeviationById};
use super::obligation::object::{Obligation, ObligationById};
use super::organization::object::Organization;
use super::organization::unit::{ActivityUnit, ActivityUnitById};
use super::page::refused;
use super::people::exemption::{Exemption, ExemptionById};
use super::people::identity_change::{IdentityChange, IdentityChangeById};
use super::rulebook::object::Rulebook;
use super::rulebook::query::RulebookById;
use super::transfer::object::{Transfer, TransferById};
use super::webhook::object::{Webhook, WebhookById};
use crate::ops::export::is_export;
use crate::ops::import::job::is_import;

/// Most ids in one `nodes`.
const MOST: usize = 100;

macro_rules! nouns {
    ($($kind:ident($object:ident) by $key:ident, $made:expr;)+) => {
        /// Anything with an id: the same id stands in events, exports and logs, and never changes.
        #[derive(Interface)]
        #[graphql(field(name = "id", ty = "ID", desc = "Opaque and stable for ever."))]
        pub enum Node {
            $($kind($object),)+
            Viewer(Viewer),
            ExportJob(ExportJob),
            ImportJob(ImportJob),
        }

        /// The name of the object of a kind of entity; `None` where none has an id by itself.
        pub fn name_of(kind: EntityKind) -> Option<&'static str> {
            let names = [$((EntityKind::$kind, stringify!($object)),)+];
            names.into_iter().find(|(of, _)| *of == kind).map(|(_, name)| name)
        }

        async fn of_each_kind(loaders: &Arc<Loaders>, ids: &[String]) -> async_graphql::Result<Vec<Option<Node>>> {
            let mut found: Vec<Option<Node>> = ids.iter().map(|_| None).collect();
            $(fill(loaders, (|id| kind_of(id) == Some(EntityKind::$kind), ids), $key, |value| Node::$kind($made(value)), &mut found).await?;)+
            Ok(found)
        }
    };
}

// A noun: its kind (its object) by the loader that finds it by id under the reader's scope, and what makes the object of
// what was loaded. The loader alone decides what is seen.
nouns! {
    Organization(Organization) by OrganizationById, Organization;
    Member(Member) by MemberInRoster, Member;
    Appointment(Appointment) by AppointmentById, Appointment;
    Activity(Activity) by ActivityById, Activity::from;
    Attendance(Attendance) by AttendanceById, Attendance;
    Leave(Leave) by LeaveById, Leave::from;
    Resolution(Resolution) by ResolutionById, Resolution;
    Exemption(Exemption) by ExemptionById, Exemption;
    Applicant(Applicant) by ApplicantById, Applicant;
    Admission(Admission) by AdmissionById, Admission;
    Transfer(Transfer) by TransferById, Transfer;
    Obligation(Obligation) by ObligationById, Obligation;
    Deviation(Deviation) by DeviationById, Deviation;
    Measure(Measure) by MeasureById, Measure;
    Alert(Alert) by AlertById, Alert;
    Account(Account) by AccountById, |account| account;
    InboxItem(InboxItem) by WaitingLineById, InboxItem;
    IdentityChange(IdentityChange) by IdentityChangeById, IdentityChange;
    ActivityUnit(ActivityUnit) by ActivityUnitById, ActivityUnit;
    Webhook(Webhook) by WebhookById, Webhook;
    Rulebook(Rulebook) by RulebookById, Rulebook::from;
}

/// One batch for the ids of one kind, whatever their number; ids of other kinds keep their places.
async fn fill<K: Key>(
    loaders: &Arc<Loaders>,
    (is_of_kind, ids): (impl Fn(&str) -> bool, &[String]),
    key: impl Fn(String) -> K,
    node: impl Fn(<Loads as Loader<K>>::Value) -> Node,
    found: &mut [Option<Node>],
) -> async_graphql::Result<()>
where
    Loads: Loader<K>,
{
    let of_kind = ids.iter().map(|id| is_of_kind(id).then(|| key(id.clone())));
    let keys: Vec<Option<K>> = of_kind.collect();
    if keys.iter().all(Option::is_none) {
        return Ok(());
    }
    let loaded = loaders.load_many(keys.iter().flatten().cloned()).await;
    let loaded = loaded.map_err(|error| (*error).clone())?;
    for (place, key) in found.iter_mut().zip(&keys) {
        if let Some(value) = key.as_ref().and_then(|key| loaded.get(key)) {
            *place = Some(node(value.clone()));
        }
    }
    Ok(())
}

/// The objects with these ids, in this order; `None` for what the reader may not see and for what does not exist.
///
/// # Errors
/// The database is away.
pub async fn find_nodes(ctx: &Context<'_>, ids: &[String]) -> async_graphql::Result<Vec<Option<Node>>> {
    let mut found = of_each_kind(ctx.data()?, ids).await?;
    // Errands of a program are no entities of the log, and have ids all the same.
    let (exports, imports) = ((is_export, ids), (is_import, ids));
    let export = |job| Node::ExportJob(ExportJob(job));
    fill(ctx.data()?, exports, ExportJobById, export, &mut found).await?;
    let import = |job| Node::ImportJob(ImportJob(job));
    fill(ctx.data()?, imports, ImportJobById, import, &mut found).await?;
    if ids.iter().any(|id| id.starts_with("viewer_")) {
        let viewer = Viewer(ctx.operation()?.reading().await?);
        for (place, id) in found.iter_mut().zip(ids) {
            if *id == viewer.own_id() {
                *place = Some(Node::Viewer(Viewer(viewer.0.clone())));
            }
        }
    }
    Ok(found)
}

/// The object with this id. Those who ask side by side (lines of an inbox, changes of the log) share one batch a kind.
///
/// # Errors
/// The database is away.
pub async fn find_node(ctx: &Context<'_>, id: &str) -> async_graphql::Result<Option<Node>> {
    Ok(find_nodes(ctx, &[id.to_owned()]).await?.pop().flatten())
}

#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Any object by its id; null for what one may not see, as for what does not exist.
    async fn node(&self, ctx: &Context<'_>, id: ID) -> async_graphql::Result<Option<Node>> {
        find_node(ctx, &id).await
    }

    /// Objects by id, in the order asked for; null for what one may not see, as for what does not exist. At most 100.
    async fn nodes(&self, ctx: &Context<'_>, ids: Vec<ID>) -> async_graphql::Result<Vec<Option<Node>>> {
        if ids.len() > MOST {
            return Err(refused("At most 100 ids.", "PAGE_SIZE"));
        }
        let ids: Vec<String> = ids.into_iter().map(|id| id.0).collect();
        find_nodes(ctx, &ids).await
    }
}
