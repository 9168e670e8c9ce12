use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};

use crate::graphql::context::ContextExt as _;
use crate::graphql::error::{UserError, split};
use crate::ops::register::open;

/// Which register is to be opened in a browser.
#[derive(InputObject)]
pub struct OpenRegisterInput {
    /// The org that it is about.
    pub organization_id: ID,
    /// A year from 1921 to this one.
    pub year: i32,
}

/// A link that opens a printable page in a browser, or why there is none.
#[derive(SimpleObject)]
pub struct OpenRegisterPayload {
    /// Path at this server, with its one-time link: open it within two minutes, once. It is shown only here.
    pub path: Option<String>,
    /// Until when it holds.
    pub expires_at: Option<DateTime<Utc>>,
    /// What stood against it; empty where it was done.
    pub user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct RegisterMutation;

#[Object]
impl RegisterMutation {
    /// Makes a link to the yearly register of an org as a page for the printer (G1.1f): it opens once, within two minutes,
    /// for what the viewer may see. Clients that can send headers get the same page with their bearer token at
    /// `/register/{organization}/{year}`.
    async fn open_register(
        &self,
        ctx: &Context<'_>,
        input: OpenRegisterInput,
    ) -> async_graphql::Result<OpenRegisterPayload> {
        let operation = ctx.operation()?;
        let reading = operation.reading().await?;
        let outcome = open(&reading, &input.organization_id, input.year).await;
        let (made, user_errors) = split(outcome, operation.language)?;
        let path = |link: &str| format!("/register/{}/{}?link={link}", *input.organization_id, input.year);
        Ok(OpenRegisterPayload {
            path: made.as_ref().map(|(link, _)| path(link)),
            expires_at: made.map(|(_, end)| end),
            user_errors,
        })
    }
}
