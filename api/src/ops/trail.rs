//! The audit trail is chained: each line's seal is a keyed hash over the line and the seal before, so that a line that was
//! changed, removed or put in later shows (spec 3, rule 8). The key is not in the database: who can write rows cannot seal.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::json;

use super::outcome::Outcome;
use crate::app::App;
use crate::store::audit::AuditLine;
use crate::store::job::Lease;
use crate::store::seal::Seal;
use crate::store::transaction::Snapshot;

/// Name of the work in the table of leases.
const KIND: &str = "AUDIT_SEAL";
/// How long a sealer keeps the work without a sign of life.
const LEASE: TimeDelta = TimeDelta::minutes(1);
/// Lines in one transaction.
const CHUNK: u64 = 500;
/// What the keyed hash is for.
const PURPOSE: &str = "audit trail";

/// Seals the lines that were committed since. Only one process seals at a time; how many lines this one did.
///
/// # Errors
/// The database is away.
pub async fn seal(app: &Arc<App>) -> Outcome<u64> {
    let snapshot = app.database.snapshot().await?;
    let last = snapshot.last_seal().await?;
    if snapshot.unsealed(last.as_ref(), 1).await?.is_empty() {
        return Ok(0);
    }
    drop(snapshot);
    let holder = app.ids.plain();
    let lease = || {
        let now = app.clock.now();
        Lease {
            kind: KIND,
            holder: &holder,
            now,
            until: now + LEASE,
        }
    };
    let write = app.database.write().await?;
    let taken = write.take(&lease()).await?;
    write.keep().await?;
    if taken.is_none() {
        return Ok(0);
    }
    let mut sealed = 0;
    loop {
        // Positions are given in the order of the commits: what a snapshot shows lacks nothing before it.
        let snapshot = app.database.snapshot().await?;
        let last = snapshot.last_seal().await?;
        let lines = snapshot.unsealed(last.as_ref(), CHUNK).await?;
        drop(snapshot);
        let seals = chain(app, last, &lines);
        let write = app.database.write().await?;
        let Some(newest) = seals.last() else {
            write.release(&lease()).await?;
            write.keep().await?;
            return Ok(sealed);
        };
        let progress = json!({"sealed": newest.number});
        if !write.note_progress(&lease(), progress).await? {
            return Ok(sealed);
        }
        write.add_seals(&seals).await?;
        write.keep().await?;
        sealed += u64::try_from(seals.len()).unwrap_or_default();
    }
}

fn chain(app: &App, last: Option<Seal>, lines: &[AuditLine]) -> Vec<Seal> {
    let (mut number, mut before) = last.map_or((0, String::new()), |seal| (seal.number, seal.hash));
    let seal = |line: &AuditLine| {
        number += 1;
        before = app.keys.search_hash(PURPOSE, &text(&before, line));
        Seal {
            number,
            audit_id: line.id.clone(),
            position: line.position.unwrap_or_default(),
            hash: before.clone(),
        }
    };
    lines.iter().map(seal).collect()
}

/// Everything that a line says, in a fixed order, behind the seal before it.
fn text(before: &str, line: &AuditLine) -> String {
    json!([
        before,
        line.id,
        line.position,
        line.at.timestamp_micros(),
        line.account_id,
        line.member_id,
        line.post,
        line.organization_id,
        line.action,
        line.subject_kind,
        line.subject_id,
        line.subject_org_id,
        line.fields,
        line.purpose,
        line.request_id,
    ])
    .to_string()
}

/// The first place at which the chain is broken, in words; `None` where it holds.
///
/// # Errors
/// The database is away.
pub async fn broken(app: &App) -> Outcome<Option<String>> {
    let snapshot = app.database.snapshot().await?;
    let (mut number, mut before) = (0, String::new());
    loop {
        let seals = snapshot.seals_after(number, CHUNK).await?;
        if seals.is_empty() {
            break;
        }
        let ids: Vec<String> = seals.iter().map(|seal| seal.audit_id.clone()).collect();
        let lines = snapshot.trail_lines(&ids).await?;
        let lines: HashMap<&str, &AuditLine> = lines.iter().map(|line| (line.id.as_str(), line)).collect();
        for seal in seals {
            number += 1;
            if seal.number != number {
                return Ok(Some(format!("audit trail: seal {number} is missing")));
            }
            let Some(line) = lines.get(seal.audit_id.as_str()) else {
                return Ok(Some(format!(
                    "audit trail: line {} of seal {number} is missing",
                    seal.audit_id
                )));
            };
            let right = app.keys.search_hashes(PURPOSE, &text(&before, line));
            if !right.contains(&seal.hash) {
                return Ok(Some(format!(
                    "audit trail: line {} of seal {number} was changed",
                    seal.audit_id
                )));
            }
            before = seal.hash;
        }
    }
    end_is_broken(&snapshot, number).await
}

/// Whether seals were removed from the end, or lines were put in among the sealed ones.
async fn end_is_broken(snapshot: &Snapshot, number: i64) -> Outcome<Option<String>> {
    let noted = snapshot.progress(KIND).await?;
    let noted = noted
        .and_then(|progress| progress.get("sealed")?.as_i64())
        .unwrap_or_default();
    if noted > number {
        return Ok(Some(format!(
            "audit trail: seals behind {number} are missing, there were {noted}"
        )));
    }
    let last = snapshot.last_seal().await?;
    let lines = match last {
        Some(_) => snapshot.count_sealed_lines(last.as_ref()).await?,
        None => 0,
    };
    let more = i64::try_from(lines).unwrap_or(i64::MAX) - number;
    Ok((more > 0).then(|| format!("audit trail: {more} lines were put in among sealed ones")))
}
