//! What is open at once, by node and by account.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts what is open of one kind: sockets, streams of one request each, or long bodies that are being read.
#[derive(Default)]
pub struct Places {
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    node: usize,
    accounts: HashMap<String, usize>,
}

/// A place on the node; given back when dropped.
pub struct NodePlace(Arc<Places>);

/// A place of an account; given back when dropped.
pub struct AccountPlace {
    places: Arc<Places>,
    account: String,
}

impl Places {
    /// A place on the node, if there is one.
    pub fn enter(self: &Arc<Self>, limit: usize) -> Option<NodePlace> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.node >= limit {
            return None;
        }
        open.node += 1;
        Some(NodePlace(Arc::clone(self)))
    }

    /// A place among the account's own, if there is one.
    pub fn sign_in(self: &Arc<Self>, account: &str, limit: usize) -> Option<AccountPlace> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.accounts.entry(account.to_owned()).or_default();
        if *count >= limit {
            return None;
        }
        *count += 1;
        Some(AccountPlace {
            places: Arc::clone(self),
            account: account.to_owned(),
        })
    }
}

impl Drop for NodePlace {
    fn drop(&mut self) {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.node = open.node.saturating_sub(1);
    }
}

impl Drop for AccountPlace {
    fn drop(&mut self) {
        let mut open = self.places.open.lock().unwrap_or_else(PoisonError::into_inner);
        let left = open.accounts.get(&self.account).copied().unwrap_or(0).saturating_sub(1);
        if left == 0 {
            open.accounts.remove(&self.account);
        } else {
            open.accounts.insert(self.account.clone(), left);
        }
    }
}
