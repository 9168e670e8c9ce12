//! Leases 租约 of an embedded database, which one process has at a time.

use super::outcome::Outcome;
use crate::app::App;

/// What another process had before, nobody has any more: whoever begins need not wait until its leases have run out.
///
/// # Errors
/// The database is away.
pub async fn begin_alone(app: &App) -> Outcome<()> {
    if app.database.is_postgres() {
        return Ok(());
    }
    let write = app.database.write().await?;
    write.free_leases().await?;
    Ok(write.keep().await?)
}
