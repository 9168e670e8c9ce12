//! Streams that are equal: of one account, for the same document and values. What they are told of one change is worked out
//! once for all of them that are at it at the same moment.
//!
//! Nothing is kept: an answer lives for as long as somebody waits for it or is just taking it. So it is never read from an
//! older snapshot than from after its change, and who comes later works it out anew with the rights of then.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use async_graphql::parser::types::{BaseType, Field, OperationDefinition};
use async_graphql::registry::Registry;
use async_graphql::{ContextSelectionSet, OutputType, Positioned, Request, ServerError, ServerResult, Value};
use aws_lc_rs::digest;
use tokio::sync::OnceCell;

use super::LogCursor;
use super::stream::Placed;
use crate::ops::outcome::Outcome;
use crate::ops::reading::TokenHolder;
use domain::vocabulary::Language;

/// What makes streams equal, hashed.
pub type Class = [u8; 32];

/// The class of a subscription; `None` where it cannot be told.
#[must_use]
pub fn class(holder: &TokenHolder, language: Language, request: &mut Request) -> Option<Class> {
    if request.query.is_empty() {
        return None;
    }
    let name = request.operation_name.clone();
    let document = request.parsed_query().ok()?;
    let chosen = match name.as_deref() {
        Some(name) => document
            .operations
            .iter()
            .find(|(of, _)| of.is_some_and(|of| of.as_str() == name)),
        None => document.operations.iter().next(),
    };
    let cursors = cursors(&chosen?.1.node);
    let mut values: Vec<(String, String)> = Vec::new();
    for (name, value) in request.variables.iter() {
        // Where it began decides what a stream is told of, not how.
        if !cursors.iter().any(|cursor| cursor == name.as_str()) {
            values.push((name.to_string(), value.to_string()));
        }
    }
    values.sort();
    let of = (
        &holder.account_id,
        holder.auth_epoch,
        language.as_str(),
        &request.query,
        name,
        values,
    );
    let text = serde_json::to_vec(&of).ok()?;
    digest::digest(&digest::SHA256, &text).as_ref().try_into().ok()
}

/// The variables that hold a cursor of the log; below a root no field takes one.
fn cursors(operation: &OperationDefinition) -> Vec<String> {
    let cursor = <LogCursor as OutputType>::type_name();
    let holds = |base: &BaseType| matches!(base, BaseType::Named(name) if name.as_str() == cursor);
    let variables = operation.variable_definitions.iter().map(|variable| &variable.node);
    variables
        .filter(|variable| holds(&variable.var_type.node.base))
        .map(|variable| variable.name.node.to_string())
        .collect()
}

/// An answer that several streams wait for.
#[derive(Default)]
struct Answer {
    cursor: std::sync::OnceLock<LogCursor>,
    value: OnceCell<Value>,
}

type Key = (Class, String);

/// Answers that are being worked out on a node.
#[derive(Default)]
pub struct Equals {
    answers: Mutex<HashMap<Key, Weak<Answer>>>,
}

impl Equals {
    fn with<T>(&self, work: impl FnOnce(&mut HashMap<Key, Weak<Answer>>) -> T) -> T {
        work(&mut self.answers.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A share in the answer of a class to what it is told; `what` names that among all that the log ever tells.
    pub fn share(self: &Arc<Self>, class: Class, what: String) -> Share {
        let key = (class, what);
        let answer = self.with(|answers| {
            let known = answers.get(&key).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let answer = Arc::<Answer>::default();
                answers.insert(key.clone(), Arc::downgrade(&answer));
                answer
            })
        });
        Share {
            equals: self.clone(),
            key,
            answer: Some(answer),
        }
    }
}

/// One stream's share in an answer; the last one takes it away.
pub struct Share {
    equals: Arc<Equals>,
    key: Key,
    answer: Option<Arc<Answer>>,
}

/// What came of an answer that cannot be shared.
enum Own {
    /// Some of its fields failed, each with an error of this stream.
    InPart(Value),
    Failed(ServerError),
}

impl Share {
    /// The cursor that goes with the answer: one text for all, so that it is the same beside it and in it.
    fn cursor(&self, seal: impl FnOnce() -> Outcome<LogCursor>) -> Outcome<LogCursor> {
        let Some(answer) = &self.answer else { return seal() };
        if let Some(cursor) = answer.cursor.get() {
            return Ok(cursor.clone());
        }
        let sealed = seal()?;
        Ok(answer.cursor.get_or_init(|| sealed).clone())
    }

    /// The answer: another stream's, or that of this one. Who works it out and goes away is followed by the next.
    async fn value(
        &self,
        own: impl Future<Output = ServerResult<Value>>,
        is_whole: impl FnOnce() -> bool,
    ) -> ServerResult<Value> {
        let Some(answer) = &self.answer else { return own.await };
        let worked_out = async {
            match own.await {
                Ok(value) if is_whole() => Ok(value),
                Ok(value) => Err(Own::InPart(value)),
                Err(error) => Err(Own::Failed(error)),
            }
        };
        match answer.value.get_or_try_init(|| worked_out).await {
            Ok(value) => Ok(value.clone()),
            Err(Own::InPart(value)) => Ok(value),
            Err(Own::Failed(error)) => Err(error),
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let (key, answer) = (&self.key, self.answer.take());
        self.equals.with(|answers| {
            drop(answer);
            if answers.get(key).is_some_and(|answer| answer.strong_count() == 0) {
                answers.remove(key);
            }
        });
    }
}

/// A message of a stream, with its share in the answer where others may be told the same.
pub struct Told<M> {
    message: M,
    share: Option<Share>,
}

impl<M> Told<M> {
    /// What is told to one stream alone: where it stands.
    pub fn alone(message: M) -> Self {
        Self { message, share: None }
    }

    /// What every equal stream is told.
    ///
    /// # Errors
    /// No randomness for its cursor.
    pub fn shared(
        share: Option<Share>,
        seal: impl FnOnce() -> Outcome<LogCursor>,
        message: impl FnOnce(LogCursor) -> M,
    ) -> Outcome<Self> {
        let cursor = match &share {
            Some(share) => share.cursor(seal)?,
            None => seal()?,
        };
        Ok(Self {
            message: message(cursor),
            share,
        })
    }
}

impl<M: Placed> Placed for Told<M> {
    fn cursor(&self) -> &LogCursor {
        self.message.cursor()
    }
}

impl<M: OutputType> OutputType for Told<M> {
    fn type_name() -> Cow<'static, str> {
        M::type_name()
    }

    fn qualified_type_name() -> String {
        M::qualified_type_name()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.message.introspection_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        M::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        let own = self.message.resolve(ctx, field);
        match &self.share {
            Some(share) => {
                let errors = &ctx.query_env.errors;
                let is_whole = || errors.lock().is_ok_and(|errors| errors.is_empty());
                share.value(own, is_whole).await
            }
            None => own.await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};

    use super::*;

    fn share(equals: &Arc<Equals>, what: &str) -> Share {
        equals.share([7; 32], what.to_owned())
    }

    async fn after_a_while(count: &AtomicUsize, value: i32) -> ServerResult<Value> {
        count.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        Ok(Value::from(value))
    }

    #[tokio::test]
    async fn equal_streams_at_the_same_change_are_answered_once_and_nothing_is_kept() {
        let (equals, count) = (Arc::<Equals>::default(), AtomicUsize::new(0));
        let (one, other, elsewhere) = (share(&equals, "a"), share(&equals, "a"), share(&equals, "b"));
        let (first, second, third) = tokio::join!(
            one.value(after_a_while(&count, 1), || true),
            other.value(after_a_while(&count, 2), || true),
            elsewhere.value(after_a_while(&count, 3), || true),
        );
        let values = [first, second, third].map(|value| value.unwrap());
        assert_eq!((values, count.load(Ordering::Relaxed)), ([1, 1, 3].map(Value::from), 2));
        drop((one, other, elsewhere));
        assert!(equals.with(|answers| answers.is_empty()));
        let late = share(&equals, "a").value(after_a_while(&count, 4), || true).await;
        assert_eq!(late.unwrap(), Value::from(4), "who comes later asks anew");
    }

    #[tokio::test]
    async fn an_answer_with_an_error_and_one_that_is_broken_off_are_nobody_elses() {
        let (equals, count) = (Arc::<Equals>::default(), AtomicUsize::new(0));
        let (one, other, third) = (share(&equals, "a"), share(&equals, "a"), share(&equals, "a"));
        let in_part = one.value(after_a_while(&count, 1), || false).await;
        assert_eq!(in_part.unwrap(), Value::from(1));
        let broken_off = other.value(std::future::pending(), || true);
        let gone = tokio::time::timeout(std::time::Duration::from_millis(1), broken_off).await;
        assert!(gone.is_err());
        let whole = third.value(after_a_while(&count, 3), || true).await;
        assert_eq!((whole.unwrap(), count.load(Ordering::Relaxed)), (Value::from(3), 2));
    }

    #[test]
    fn what_decides_an_answer_decides_the_class_and_where_a_stream_began_does_not() {
        let document =
            "subscription S($o: ID!, $p: Int, $after: LogCursor) { events(after: $after) { a(o: $o, p: $p) } }";
        let of = |account: &str, language, document: &str, variables| {
            let holder = TokenHolder {
                account_id: account.to_owned(),
                auth_epoch: 0,
                expires_at: 0,
                key: None,
            };
            let variables = async_graphql::Variables::from_json(variables);
            class(&holder, language, &mut Request::new(document).variables(variables)).unwrap()
        };
        let variables = |after: &str, p: i32| serde_json::json!({"o": "org_1", "p": p, "after": after});
        let base = of("acc_1", Language::En, document, variables("x", 1));
        assert_eq!(base, of("acc_1", Language::En, document, variables("y", 1)));
        for other in [
            of("acc_2", Language::En, document, variables("x", 1)),
            of("acc_1", Language::ZhCn, document, variables("x", 1)),
            of("acc_1", Language::En, &document.replace("a(", "b("), variables("x", 1)),
            of("acc_1", Language::En, document, variables("x", 2)),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn no_field_below_a_root_takes_a_cursor_of_the_log() {
        let types = async_graphql::parser::parse_schema(include_str!("../../../../schema.graphql")).unwrap();
        for definition in types.definitions {
            let TypeSystemDefinition::Type(of) = definition else {
                continue;
            };
            let TypeKind::Object(object) = &of.node.kind else {
                continue;
            };
            let arguments = object.fields.iter().flat_map(|field| &field.node.arguments);
            let takes = arguments
                .filter(|argument| argument.node.ty.node.to_string().starts_with("LogCursor"))
                .count();
            let root = ["Query", "Mutation", "Subscription"].contains(&of.node.name.node.as_str());
            assert!(root || takes == 0, "{}", of.node.name.node);
        }
    }
}
