//! GraphQL over HTTP: our own thin handler.

mod accept;
mod answer;
mod body;
mod call;
mod misfit;
mod params;
mod reply;
mod run;

pub(super) use accept::{Accepted, weighted};
pub(super) use answer::{Answer, internal};
pub(super) use call::{
    asked_language, bearer, bearer_of, get_graphql, other_method, post_graphql, recognise, request_id_of, stamp,
};
pub(super) use params::Params;
pub(super) use reply::{MediaType, refusal as refusal_response};
pub(super) use run::{Request, fenced, meta, run};
