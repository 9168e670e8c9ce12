//! A look whether PostgreSQL still answers, on a connection of its own: neither a busy pool nor a statement that hangs
//! elsewhere holds it up.

use std::time::Duration;

use sqlx::{ConnectOptions as _, Executor as _, PgConnection, postgres::PgConnectOptions};

use super::connect::Database;

/// A look that takes longer has failed, and the next one takes a new connection.
const PATIENCE: Duration = Duration::from_millis(1500);

/// The looks of one node.
pub struct Pulse {
    options: PgConnectOptions,
    connection: Option<PgConnection>,
    database: Database,
}

impl Database {
    /// The looks at the server behind this database; `None` where there is no server that could fall silent.
    #[must_use]
    pub fn pulse(&self) -> Option<Pulse> {
        let options = self.is_postgres().then(|| self.url.parse().ok()).flatten()?;
        Some(Pulse {
            options,
            connection: None,
            database: self.clone(),
        })
    }
}

impl Pulse {
    /// Asks the server for anything; its answer counts among [`Database::answers`].
    pub async fn look(&mut self) {
        let connection = self.connection.take();
        match tokio::time::timeout(PATIENCE, ask(&self.options, connection)).await {
            Ok(Ok(connection)) => self.connection = Some(connection),
            // A server that sends one more connection away is there, and those it has may be served.
            Ok(Err(error)) if is_word_of_a_running_server(&error) => {}
            Ok(Err(_)) | Err(_) => return,
        }
        self.database.note_answer();
    }
}

async fn ask(options: &PgConnectOptions, connection: Option<PgConnection>) -> Result<PgConnection, sqlx::Error> {
    let mut connection = match connection {
        Some(connection) => connection,
        None => options.clone().disable_statement_logging().connect().await?,
    };
    connection.execute("SELECT 1").await?;
    Ok(connection)
}

/// Any answer but that it starts, stops or was ended by somebody (SQLSTATE class 57).
fn is_word_of_a_running_server(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(told) => !told.code().is_some_and(|code| code.starts_with("57")),
        _ => false,
    }
}
