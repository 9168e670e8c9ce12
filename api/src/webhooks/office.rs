//! Who tells which endpoint: looks for endpoints that nobody tells, takes them, keeps them, and lets go of what was changed, paused or
//! taken away.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, broadcast};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::courier::Courier;
use super::{Answering, trial};
use crate::app::App;
use crate::events::hub::{News, Topic};
use crate::ops::outcome::Outcome;
use crate::ops::webhook::tell;
use crate::store::connect::of_its_own_accord;

/// Time between two looks; what people change on any node is looked at sooner.
const LOOK: Duration = Duration::from_secs(1);
/// Time before an endpoint whose courier ended is given to another one.
const BREATH: Duration = Duration::from_millis(50);
/// Renewals in the time of a lease.
const RENEWALS: u32 = 5;
/// Time between two counts of how webhooks stand.
const COUNT: Duration = Duration::from_secs(10);
/// Trials that are taken up at a look.
const TRIALS: u64 = 20;

/// Until when this node surely has its endpoints, by its own clock that never jumps.
pub struct Hold(Mutex<Instant>);

impl Hold {
    fn until(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, until: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    /// Whether something that takes so long ends before the lease does.
    pub fn covers(&self, time: Duration) -> bool {
        Instant::now() + time < self.until()
    }
}

/// A courier at work.
struct AtWork {
    version: i64,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

struct Office {
    app: Arc<App>,
    /// A name that no other process has.
    node: Arc<str>,
    hold: Arc<Hold>,
    answering: Answering,
    couriers: HashMap<String, AtWork>,
    /// Trials on their way. One that waits for its place among the attempts is still due, and is taken up once.
    trials: HashMap<String, JoinHandle<()>>,
    /// Told when a courier has ended.
    ended: Arc<Notify>,
    renewed: Instant,
    counted: Option<Instant>,
}

/// Tells webhooks until the node goes down; then what is under way ends first, and all is given back.
pub async fn run(app: Arc<App>, answering: Answering, shutdown: CancellationToken) {
    let mut office = Office {
        node: app.ids.plain().into(),
        hold: Arc::new(Hold(Mutex::new(Instant::now()))),
        answering,
        couriers: HashMap::new(),
        trials: HashMap::new(),
        ended: Arc::default(),
        renewed: Instant::now(),
        counted: None,
        app,
    };
    let live = office.app.live.clone();
    let (_, mut news) = tokio::select! {
        joined = live.hub.join(&Topic::Webhooks) => joined,
        () = shutdown.cancelled() => return,
    };
    let mut failing = false;
    loop {
        match office.look().await {
            Ok(()) => failing = false,
            Err(failure) if !failing => {
                failing = true;
                tracing::warn!(?failure, "webhooks cannot be looked at; trying on");
            }
            Err(_) => {}
        }
        tokio::select! {
            () = shutdown.cancelled() => break,
            () = tokio::time::sleep(LOOK) => {}
            () = changed(&mut news) => {}
            () = office.ended.notified() => tokio::time::sleep(BREATH).await,
        }
    }
    office.close().await;
}

/// Completes when the log speaks of a webhook, or may have.
async fn changed(news: &mut broadcast::Receiver<Arc<News>>) {
    if let Err(broadcast::error::RecvError::Closed) = news.recv().await {
        std::future::pending().await
    }
}

impl Office {
    fn lease(&self) -> (Duration, i64) {
        let lease = self.app.webhooks.settings.lease();
        (lease, i64::try_from(lease.as_millis()).unwrap_or(i64::MAX))
    }

    async fn look(&mut self) -> Outcome<()> {
        self.give_back().await?;
        if self.keep().await? {
            self.assign().await?;
        }
        self.try_out().await?;
        self.count().await
    }

    /// Stops couriers of what is no longer the node's, or was changed, and employs one for each endpoint that nobody tells.
    async fn assign(&mut self) -> Outcome<()> {
        let duties = self.app.database.duties(&self.node).await?;
        for (id, courier) in &self.couriers {
            let still = duties
                .iter()
                .any(|duty| duty.id == *id && !duty.free && duty.version == courier.version);
            if !still {
                courier.stop.cancel();
            }
        }
        for duty in duties {
            if self.couriers.contains_key(&duty.id) {
                continue;
            }
            if !duty.free {
                // Its own, from before it was changed: taken anew, so that its lease is as long as any.
                tell::release(&self.app, &self.node, Some(&duty.id)).await?;
            }
            if self.take(&duty.id).await? {
                self.employ(&duty.id).await?;
            }
        }
        Ok(())
    }

    /// Gives back what no courier tells any more: whoever resumes it need not wait for a lease to run out.
    async fn give_back(&mut self) -> Outcome<()> {
        let ended: Vec<String> = self
            .couriers
            .iter()
            .filter(|(_, courier)| courier.task.is_finished())
            .map(|(id, _)| id.clone())
            .collect();
        for id in ended {
            tell::release(&self.app, &self.node, Some(&id)).await?;
            self.couriers.remove(&id);
        }
        Ok(())
    }

    /// Keeps what the node has. What was kept too late may be another node's by now: it is let go, and nothing is taken before the
    /// last courier of it has ended, for all that a node has is held until one instant. Whether the node may take more.
    async fn keep(&mut self) -> Outcome<bool> {
        let (lease, milliseconds) = self.lease();
        if self.couriers.is_empty() || self.renewed.elapsed() < lease / RENEWALS {
            return Ok(true);
        }
        let now = Instant::now();
        if now >= self.hold.until() {
            for courier in self.couriers.values() {
                courier.stop.cancel();
            }
            tell::release(&self.app, &self.node, None).await?;
            return Ok(false);
        }
        tell::renew(&self.app, &self.node, milliseconds).await?;
        self.hold.set(now + lease);
        self.renewed = now;
        Ok(true)
    }

    /// Takes an endpoint that nobody tells.
    async fn take(&mut self, id: &str) -> Outcome<bool> {
        let (lease, milliseconds) = self.lease();
        let now = Instant::now();
        let taken = tell::take(&self.app, id, &self.node, milliseconds).await?;
        if taken && self.couriers.is_empty() {
            self.hold.set(now + lease);
            self.renewed = now;
        }
        Ok(taken)
    }

    async fn employ(&mut self, id: &str) -> Outcome<()> {
        let Some(loaded) = tell::load(&self.app, id).await? else {
            return Ok(());
        };
        let secrets = tell::secrets(&self.app, id).await?;
        let (stop, version) = (CancellationToken::new(), loaded.row.version);
        let own = (&self.app, &self.node, &self.hold);
        let courier = Courier::new(own, &self.answering, stop.clone(), (loaded, secrets));
        let ended = self.ended.clone();
        let task = tokio::spawn(of_its_own_accord(async move {
            courier.run().await;
            ended.notify_one();
        }));
        self.couriers.insert(id.to_owned(), AtWork { version, stop, task });
        Ok(())
    }

    /// Sends the trials that somebody asked for.
    async fn try_out(&mut self) -> Outcome<()> {
        self.trials.retain(|_, trial| !trial.is_finished());
        for due in self.app.database.trials_due(TRIALS).await? {
            if self.trials.contains_key(&due.id) {
                continue;
            }
            let (app, id) = (self.app.clone(), due.id.clone());
            let trial = tokio::spawn(of_its_own_accord(async move {
                if let Err(failure) = trial::send(app, due).await {
                    tracing::warn!(?failure, "a trial of a webhook could not be sent; it is sent later");
                }
            }));
            self.trials.insert(id, trial);
        }
        Ok(())
    }

    async fn count(&mut self) -> Outcome<()> {
        if self.counted.is_some_and(|at| at.elapsed() < COUNT) {
            return Ok(());
        }
        self.app
            .webhooks
            .counts
            .stand(self.app.database.webhooks_standing().await?);
        self.counted = Some(Instant::now());
        Ok(())
    }

    /// Lets every courier end the message at hand, and every trial, and gives all back.
    async fn close(mut self) {
        for courier in self.couriers.values() {
            courier.stop.cancel();
        }
        let patience = self.app.webhooks.settings.attempt + Duration::from_secs(2);
        let ended = async {
            for (_, courier) in self.couriers.drain() {
                let _ = courier.task.await;
            }
            for (_, trial) in self.trials.drain() {
                let _ = trial.await;
            }
        };
        if tokio::time::timeout(patience, ended).await.is_err() {
            tracing::warn!("a webhook was being told when time to end was up; it is told again");
        }
        if let Err(failure) = tell::release(&self.app, &self.node, None).await {
            tracing::warn!(?failure, "webhooks cannot be given back; other nodes take them soon");
        }
    }
}
