//! Batches without a clock: what the fields of an operation ask of its loaders is sent when the operation can make no
//! further progress without an answer. Then every key that will be asked for at this depth has been asked for, and the
//! number of statements is one for each loader and depth, whatever the size of the page and the load of the machine.

use std::any::{Any, TypeId};
use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::hash::Hash;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, Stream};
use futures_util::task::AtomicWaker;
use tokio::sync::oneshot;

use super::context::Operation;

/// Loads for one operation.
pub struct Loads(pub Arc<Operation>);

/// An error that each field of a batch gets a copy of.
pub type Shared = Arc<async_graphql::Error>;

/// Finds the values of many keys in a constant number of statements.
pub trait Loader<K>: Send + Sync + 'static {
    type Value: Send + Sync + Clone + 'static;

    /// The values of those keys that have one.
    ///
    /// # Errors
    /// The database is away.
    fn load(&self, keys: &[K]) -> impl Future<Output = Result<HashMap<K, Self::Value>, Shared>> + Send;
}

/// What a key must be able to do.
pub trait Key: Send + Sync + Hash + Eq + Clone + 'static {}

impl<K: Send + Sync + Hash + Eq + Clone + 'static> Key for K {}

type Answered<K, V> = Result<Arc<HashMap<K, V>>, Shared>;

/// The keys of one loader that wait for the next batch, and the fields that wait for them.
struct Queue<K: Key>
where
    Loads: Loader<K>,
{
    keys: HashSet<K>,
    waiting: Vec<oneshot::Sender<Answered<K, <Loads as Loader<K>>::Value>>>,
}

/// A queue whatever its key.
trait AnyQueue: Send {
    fn as_any(&mut self) -> &mut dyn Any;
    /// Loads all that waits, and tells each field.
    fn dispatch(self: Box<Self>, loads: Arc<Loads>) -> BoxFuture<'static, ()>;
}

impl<K: Key> AnyQueue for Queue<K>
where
    Loads: Loader<K>,
{
    fn as_any(&mut self) -> &mut dyn Any {
        self
    }

    fn dispatch(self: Box<Self>, loads: Arc<Loads>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            let keys: Vec<K> = self.keys.into_iter().collect();
            let loaded = loads.load(&keys).await.map(Arc::new);
            for waiting in self.waiting {
                // A field that is no longer waited for needs no answer.
                let _ = waiting.send(loaded.clone());
            }
        })
    }
}

/// The loaders of one operation. A key is loaded once in a batch; nothing is kept between batches, so that the number of
/// statements does not depend on which rows happen to have been met before.
pub struct Loaders {
    loads: Arc<Loads>,
    queues: Mutex<HashMap<TypeId, Box<dyn AnyQueue>>>,
}

impl Loaders {
    #[must_use]
    pub fn new(operation: Arc<Operation>) -> Self {
        Self {
            loads: Arc::new(Loads(operation)),
            queues: Mutex::default(),
        }
    }

    /// The value of a key, `None` where it has none.
    ///
    /// # Errors
    /// That of the whole batch.
    pub async fn load_one<K: Key>(&self, key: K) -> Result<Option<<Loads as Loader<K>>::Value>, Shared>
    where
        Loads: Loader<K>,
    {
        let found = self.ask(std::iter::once(key.clone())).await?;
        Ok(found.get(&key).cloned())
    }

    /// The values of those keys that have one.
    ///
    /// # Errors
    /// That of the whole batch.
    pub async fn load_many<K: Key>(
        &self,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<HashMap<K, <Loads as Loader<K>>::Value>, Shared>
    where
        Loads: Loader<K>,
    {
        let keys: Vec<K> = keys.into_iter().collect();
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let found = self.ask(keys.iter().cloned()).await?;
        let own = keys.into_iter().filter_map(|key| {
            let value = found.get(&key)?.clone();
            Some((key, value))
        });
        Ok(own.collect())
    }

    /// Waits for the batch that these keys go into.
    async fn ask<K: Key>(&self, keys: impl Iterator<Item = K>) -> Answered<K, <Loads as Loader<K>>::Value>
    where
        Loads: Loader<K>,
    {
        let (answer, answered) = oneshot::channel();
        {
            let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
            let queue = queues.entry(TypeId::of::<K>()).or_insert_with(|| {
                Box::new(Queue::<K> {
                    keys: HashSet::new(),
                    waiting: Vec::new(),
                })
            });
            if let Some(queue) = queue.as_any().downcast_mut::<Queue<K>>() {
                queue.keys.extend(keys);
                queue.waiting.push(answer);
            }
        }
        let gone = |_| Err(Arc::new(async_graphql::Error::new("the operation has ended")));
        answered.await.unwrap_or_else(gone)
    }

    /// One batch for each loader that is asked for something.
    fn take(&self) -> Vec<BoxFuture<'static, ()>> {
        let queues = std::mem::take(&mut *self.queues.lock().unwrap_or_else(PoisonError::into_inner));
        let queues = queues.into_values();
        queues.map(|queue| queue.dispatch(self.loads.clone())).collect()
    }
}

/// Wakes the task, and remembers that it was asked to.
#[derive(Default)]
struct Alarm {
    rang: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rang.store(true, Ordering::SeqCst);
        self.task.wake();
    }
}

/// Polls an operation and its batches in one task.
struct Driver {
    loaders: Arc<Loaders>,
    batches: FuturesUnordered<BoxFuture<'static, ()>>,
    alarm: Arc<Alarm>,
    waker: Waker,
}

impl Driver {
    fn new(loaders: Arc<Loaders>) -> Self {
        let alarm = Arc::new(Alarm::default());
        Self {
            loaders,
            batches: FuturesUnordered::new(),
            waker: Waker::from(alarm.clone()),
            alarm,
        }
    }

    /// Polls the operation as far as it gets, and sends what it waits for once it gets no further.
    fn step<T>(&mut self, cx: &mut Context<'_>, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
        loop {
            while let Poll::Ready(Some(())) = Pin::new(&mut self.batches).poll_next(cx) {}
            self.alarm.task.register(cx.waker());
            self.alarm.rang.store(false, Ordering::SeqCst);
            // Without the runtime's budget: a field that it holds back would look like one that waits for an answer.
            let once = pin!(tokio::task::unconstrained(std::future::poll_fn(&mut poll)));
            if let Poll::Ready(done) = once.poll(&mut Context::from_waker(&self.waker)) {
                return Poll::Ready(done);
            }
            // Somebody can go on, or an answer is on its way that lets somebody go on.
            let further =
                self.alarm.rang.load(Ordering::SeqCst) || !self.batches.is_empty() || self.loaders.loads.0.is_reading();
            if further {
                return Poll::Pending;
            }
            let batches = self.loaders.take();
            if batches.is_empty() {
                return Poll::Pending;
            }
            self.batches.extend(batches);
        }
    }
}

/// Runs an operation with its loaders.
pub async fn run<T>(loaders: Arc<Loaders>, operation: impl Future<Output = T>) -> T {
    let mut operation = pin!(operation);
    let mut driver = Driver::new(loaders);
    std::future::poll_fn(|cx| driver.step(cx, |cx| operation.as_mut().poll(cx))).await
}

/// Runs a subscription with its loaders: each message has batches of its own.
pub fn stream<S: Stream + Send + 'static>(loaders: Arc<Loaders>, messages: S) -> impl Stream<Item = S::Item> + Send {
    let mut messages = Box::pin(messages);
    let mut driver = Driver::new(loaders);
    futures_util::stream::poll_fn(move |cx| driver.step(cx, |cx| messages.as_mut().poll_next(cx)))
}
