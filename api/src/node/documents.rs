//! Registered documents: judged against limits and schema when they are registered, answered when a change is told.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::{BaseType, ExecutableDocument};
use async_graphql::{Request, Response, Variables};
use domain::vocabulary::Language;
use serde_json::{Value, json};

use super::{Node, Session};
use crate::graphql::schema::OrglifeSchema;
use crate::graphql::variables;
use crate::graphql::webhook::document::{Documents, VARIABLES};
use crate::http::limits::judge_query;
use crate::http::{Caller, GraphqlExecutor as _, OperationKind, RequestMeta, Transport, WebhookCounts};
use crate::ops::reading::Reading;
use crate::webhooks::{Answering, Counted, Question};

/// Points that a registered document may cost: it is answered for every change, and nobody waits for their budget meanwhile.
const COST: u64 = 1_000;
/// Time for an answer.
const TIME: Duration = Duration::from_secs(10);

/// What judges documents that are to be registered.
pub fn documents(schema: &OrglifeSchema) -> Documents {
    let schema = schema.clone();
    Documents(Arc::new(move |text| {
        let schema = schema.clone();
        Box::pin(async move {
            let document = judge_query(&text, COST)?;
            known_variables(&document)?;
            let mut request = Request::new(text);
            variables::withhold(&mut request);
            let judged = schema.execute(request).await;
            match judged.errors.first() {
                Some(error) if !variables::fits(&judged.errors) => Err(error.message.clone()),
                Some(_) | None => Ok(()),
            }
        })
    }))
}

/// Refuses variables that no change can fill.
fn known_variables(document: &ExecutableDocument) -> Result<(), String> {
    let definitions = document
        .operations
        .iter()
        .flat_map(|(_, operation)| &operation.node.variable_definitions);
    for definition in definitions {
        let name = definition.node.name.node.as_str();
        let kind = &definition.node.var_type.node;
        let known = VARIABLES.iter().find(|(known, _)| *known == name);
        let Some((_, of)) = known else {
            let offered = VARIABLES.map(|(name, _)| format!("${name}")).join(", ");
            return Err(format!("no change fills ${name}: there are {offered}"));
        };
        let fits = matches!(&kind.base, BaseType::Named(base) if base.as_str() == *of);
        if !fits || (name == "version" && !kind.nullable) {
            let mark = if name == "version" { "" } else { "!" };
            return Err(format!("${name} is of type {of}{mark}"));
        }
    }
    Ok(())
}

impl Node {
    /// What answers registered documents, each with the rights that its account has then.
    pub(super) fn answering(&self) -> Answering {
        let node = self.clone();
        Arc::new(move |question| {
            let node = node.clone();
            Box::pin(async move { node.answer(question).await })
        })
    }

    async fn answer(&self, question: Question) -> Option<Value> {
        let Question {
            holder,
            document,
            variables,
            message_id,
        } = question;
        let reading = Reading::open(self.app.clone(), Some(&holder)).await.ok()?;
        let language = reading.language().unwrap_or(Language::ZhCn);
        let caller = Caller {
            account: Some(holder.account_id.clone()),
            language,
            token_expires_at: None,
            era: holder.auth_epoch,
            session: Arc::new(Session {
                holder,
                opened: std::sync::Mutex::new(Some(Box::new(reading))),
            }),
        };
        let meta = RequestMeta {
            request_id: message_id,
            client: None,
            transport: Transport::Http,
            resume_after: None,
        };
        let request = Request::new(document)
            .variables(Variables::from_json(variables))
            .data(meta);
        let answer = tokio::time::timeout(TIME, self.execute(&caller, request, OperationKind::Query)).await;
        match answer {
            Ok(answer) if is_away(&answer) => None,
            Ok(answer) => serde_json::to_value(&answer).ok(),
            Err(_) => Some(json!({"errors": [{"message": "the document was not answered in time"}]})),
        }
    }
}

/// The database is away: what is answered then is no answer.
fn is_away(answer: &Response) -> bool {
    answer.errors.iter().any(|error| {
        let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
        code.is_some_and(|code| matches!(code, async_graphql::Value::String(code) if code == "UNAVAILABLE"))
    })
}

impl From<Counted> for WebhookCounts {
    fn from(counted: Counted) -> Self {
        Self {
            delivered: counted.delivered,
            failed: counted.failed,
            looked_at: counted.looked_at,
            active: counted.active,
            failing: counted.failing,
            paused: counted.paused,
        }
    }
}
