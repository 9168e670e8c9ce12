//! Following import jobs: one look at the database for each job that somebody follows on this node, however many they are.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};

use super::job::{ImportJob, state_of};
use crate::app::App;

/// Time between two looks at a job that another node may be at.
const LOOK: Duration = Duration::from_millis(500);
/// Least time between two looks, however fast the work on this node goes.
const REST: Duration = Duration::from_millis(100);

/// Jobs that are followed on this node.
#[derive(Default)]
pub struct Followers {
    jobs: Mutex<HashMap<String, Followed>>,
}

struct Followed {
    sender: watch::Sender<Arc<ImportJob>>,
    look: Arc<Notify>,
}

impl Followers {
    /// Something came of a job on this node.
    pub fn look(&self, id: &str) {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(followed) = jobs.get(id) {
            followed.look.notify_one();
        }
    }
}

/// Follows a job that was read just now: each change of it, and what it is when it is over.
pub fn follow(app: &Arc<App>, job: ImportJob) -> watch::Receiver<Arc<ImportJob>> {
    let mut jobs = app
        .imports
        .followers
        .jobs
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(followed) = jobs.get(&job.id) {
        return followed.sender.subscribe();
    }
    let id = job.id.clone();
    let (sender, receiver) = watch::channel(Arc::new(job));
    let look = Arc::new(Notify::new());
    let followed = Followed {
        sender,
        look: look.clone(),
    };
    jobs.insert(id.clone(), followed);
    drop(jobs);
    tokio::spawn(crate::store::connect::of_its_own_accord(keep_looking(
        app.clone(),
        id,
        look,
    )));
    receiver
}

/// Whether a job has nothing more to tell.
#[must_use]
pub fn is_over(app: &App, job: &ImportJob) -> bool {
    state_of(job, app.clock.now()).is_over()
}

async fn keep_looking(app: Arc<App>, id: String, look: Arc<Notify>) {
    loop {
        tokio::time::sleep(REST).await;
        let _ = tokio::time::timeout(LOOK - REST, look.notified()).await;
        let found = match app.database.import_job(&id).await {
            Ok(found) => found,
            Err(error) => {
                tracing::debug!(%error, "a job that is followed cannot be read; it is looked at again");
                continue;
            }
        };
        let mut jobs = app
            .imports
            .followers
            .jobs
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let Some(followed) = jobs.get(&id) else { return };
        let over = found.as_ref().is_none_or(|job| is_over(&app, job));
        if let Some(job) = found {
            followed.sender.send_if_modified(|last| {
                let changed = **last != job;
                if changed {
                    *last = Arc::new(job);
                }
                changed
            });
        }
        if over || followed.sender.is_closed() {
            jobs.remove(&id);
            return;
        }
    }
}
