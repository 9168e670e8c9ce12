//! A mark inside a write, back to which it can go: what is refused of a part leaves the rest as it is.

use sea_orm::ConnectionTrait as _;

use super::StoreResult;
use super::transaction::Write;

impl Write {
    /// Sets the mark. One at a time.
    ///
    /// # Errors
    /// The database fails.
    pub async fn mark(&self) -> StoreResult<()> {
        self.tx.execute_unprepared("SAVEPOINT part").await?;
        Ok(())
    }

    /// Takes back what was written since the mark.
    ///
    /// # Errors
    /// The database fails.
    pub async fn back_to_mark(&self) -> StoreResult<()> {
        self.tx.execute_unprepared("ROLLBACK TO SAVEPOINT part").await?;
        self.leave_mark().await
    }

    /// Keeps what was written since the mark.
    ///
    /// # Errors
    /// The database fails.
    pub async fn leave_mark(&self) -> StoreResult<()> {
        self.tx.execute_unprepared("RELEASE SAVEPOINT part").await?;
        Ok(())
    }
}
