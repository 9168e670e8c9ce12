//! Sealing anew with the newest key.

use super::outcome::Outcome;
use crate::app::App;
use crate::store::sealed::SEALED;

/// Values per transaction.
const CHUNK: i64 = 200;

/// Seals every value that an older key sealed with the newest one, chunk by chunk; interrupted, it goes on where it
/// stopped. `progress` hears how many are done. Returns how many there were.
///
/// # Errors
/// A value does not open; the database is away.
pub async fn reseal(app: &App, progress: &(dyn Fn(u64) + Sync)) -> Outcome<u64> {
    let mut done = 0;
    for at in SEALED {
        loop {
            let write = app.database.write().await?;
            let values = write.sealed_by_others(at, app.keys.active_id(), CHUNK).await?;
            if values.is_empty() {
                break;
            }
            for value in &values {
                let place = format!("{}:{}", at.place, value.id);
                let plain = app.keys.open(&place, &value.sealed)?;
                let after = app.keys.seal(&place, &plain)?;
                write.replace_sealed(at, value, &after).await?;
                done += 1;
            }
            write.keep().await?;
            progress(done);
        }
    }
    Ok(done)
}
