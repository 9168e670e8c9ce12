//! The schema, put together from the nouns.

use std::sync::LazyLock;

use async_graphql::registry::Registry;
use async_graphql::{MergedObject, MergedSubscription, OutputType, SDLExportOptions, Schema, SubscriptionType};

use super::account::mutation::AccountMutation;
use super::account::query::ViewerQuery;
use super::activity::mutation::ActivityMutation;
use super::activity::query::ActivityQuery;
use super::activity::register::RegisterMutation;
use super::activity::resolution::ResolutionMutation;
use super::activity::subscription::ActivitySubscription;
use super::admission::mutation::AdmissionMutation;
use super::admission::query::AdmissionQuery;
use super::applicant::mutation::ApplicantMutation;
use super::applicant::query::ApplicantQuery;
use super::export::mutation::ExportMutation;
use super::export::query::ExportQuery;
use super::external_id::ExternalIdMutation;
use super::import::mutation::ImportMutation;
use super::import::query::ImportQuery;
use super::import::subscription::ImportSubscription;
use super::inbox::InboxMutation;
use super::inbox::subscription::InboxSubscription;
use super::log::LogQuery;
use super::log::query::ChangesQuery;
use super::log::subscription::LogSubscription;
use super::measure::mutation::MeasureMutation;
use super::measure::query::MeasureQuery;
use super::member::query::MemberQuery;
use super::node::NodeQuery;
use super::obligation::answer::AnswerMutation;
use super::obligation::finding::FindingQuery;
use super::obligation::mutation::ObligationMutation;
use super::obligation::query::ObligationQuery;
use super::obligation::subscription::ObligationSubscription;
use super::organization::facts::OrganizationFactsMutation;
use super::organization::mutation::OrganizationMutation;
use super::organization::query::OrganizationQuery;
use super::organization::subscription::FiguresSubscription;
use super::organization::unit::ActivityUnitMutation;
use super::people::account::PeopleAccountMutation;
use super::people::appointment::AppointmentMutation;
use super::people::exemption::ExemptionMutation;
use super::people::identity_change::IdentityChangeMutation;
use super::people::language::LanguageMutation;
use super::people::roster::RosterMutation;
use super::people::service_account::{ServiceAccountMutation, ServiceAccountQuery};
use super::people::upsert::UpsertMutation;
use super::rate::RateQuery;
use super::rulebook::mutation::RulebookMutation;
use super::rulebook::query::RulebookQuery;
use super::transfer::mutation::TransferMutation;
use super::transfer::query::TransferQuery;
use super::webhook::mutation::WebhookMutation;
use super::webhook::query::WebhookQuery;
use super::words::WordsQuery;

/// Deepest nesting of fields. GraphiQL asks the schema 16 deep; the deepest operation of the three readers has half of it.
pub const DEPTH: usize = 20;
/// Most recursion of the executor.
pub const RECURSION: usize = 32;
/// Most directives on one field.
pub const DIRECTIVES: usize = 5;

// The engine goes through the nouns one within another, and each level holds the work of all behind it on the stack. So they
// stand in groups: a flat list of all of them would be as deep as it is long.

#[derive(MergedObject, Default)]
pub struct LogQueries(LogQuery, ChangesQuery, NodeQuery, RateQuery, WordsQuery);

#[derive(MergedObject, Default)]
pub struct PeopleQueries(MemberQuery, ViewerQuery, ApplicantQuery, AdmissionQuery, TransferQuery);

#[derive(MergedObject, Default)]
pub struct LifeQueries(
    ActivityQuery,
    ObligationQuery,
    FindingQuery,
    MeasureQuery,
    RulebookQuery,
);

#[derive(MergedObject, Default)]
pub struct ProgramQueries(ServiceAccountQuery, ExportQuery, ImportQuery, WebhookQuery);

/// What can be asked: each answer is of one moment of the log.
#[derive(MergedObject, Default)]
pub struct Query(
    LogQueries,
    OrganizationQuery,
    PeopleQueries,
    LifeQueries,
    ProgramQueries,
);

#[derive(MergedObject, Default)]
pub struct AccountMutations(AccountMutation, PeopleAccountMutation, LanguageMutation, InboxMutation);

#[derive(MergedObject, Default)]
pub struct StructureMutations(
    OrganizationMutation,
    OrganizationFactsMutation,
    ActivityUnitMutation,
    AppointmentMutation,
    RulebookMutation,
);

#[derive(MergedObject, Default)]
pub struct PeopleMutations(
    RosterMutation,
    ExemptionMutation,
    IdentityChangeMutation,
    ApplicantMutation,
    AdmissionMutation,
    TransferMutation,
);

#[derive(MergedObject, Default)]
pub struct LifeMutations(
    ActivityMutation,
    ResolutionMutation,
    RegisterMutation,
    MeasureMutation,
    ObligationMutation,
    AnswerMutation,
);

#[derive(MergedObject, Default)]
pub struct ProgramMutations(
    ServiceAccountMutation,
    ExternalIdMutation,
    UpsertMutation,
    ExportMutation,
    ImportMutation,
    WebhookMutation,
);

/// What can be done: each change takes an idempotency key and tells its place in the log.
#[derive(MergedObject, Default)]
pub struct Mutation(
    AccountMutations,
    StructureMutations,
    PeopleMutations,
    LifeMutations,
    ProgramMutations,
);

/// What can be followed, from a place in the log on, over any transport and on any node.
#[derive(MergedSubscription, Default)]
pub struct Subscription(
    LogSubscription,
    FiguresSubscription,
    ActivitySubscription,
    ObligationSubscription,
    InboxSubscription,
    ImportSubscription,
);

pub type OrglifeSchema = Schema<Query, Mutation, Subscription>;

/// Builds the schema; needs no database.
#[must_use]
pub fn build() -> OrglifeSchema {
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .limit_depth(DEPTH)
        .limit_recursive_depth(RECURSION)
        .limit_directives(DIRECTIVES)
        .disable_suggestions()
        .finish()
}

/// The contract as text: sorted, the same on every run.
#[must_use]
pub fn sdl() -> String {
    build().sdl_with_options(
        SDLExportOptions::new()
            .sorted_fields()
            .sorted_arguments()
            .sorted_enum_items()
            .include_specified_by(),
    )
}

/// The types of the schema, which the engine keeps to itself; made when they are first asked for.
pub fn types() -> &'static Registry {
    static TYPES: LazyLock<Registry> = LazyLock::new(|| {
        let mut types = Registry {
            query_type: Query::type_name().into_owned(),
            mutation_type: Some(Mutation::type_name().into_owned()),
            subscription_type: Some(Subscription::type_name().into_owned()),
            ..Registry::default()
        };
        Query::create_type_info(&mut types);
        Mutation::create_type_info(&mut types);
        Subscription::create_type_info(&mut types);
        types
    });
    &TYPES
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_contract_is_a_schema_that_clients_can_read() {
        let sdl = super::sdl();
        let read = async_graphql::parser::parse_schema(&sdl);
        assert!(read.is_ok(), "{:?}", read.err());
        let odd = sdl.lines().filter(|line| {
            let name = line.trim();
            line.starts_with('\t')
                && !name.is_empty()
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                && name.contains('-')
        });
        assert_eq!(
            odd.collect::<Vec<_>>(),
            Vec::<&str>::new(),
            "names that GraphQL does not allow"
        );
    }
}
