//! The meeting behind a change of structure.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let sql = "ALTER TABLE organization_fact ADD COLUMN meeting_id text";
        connection.execute_unprepared(sql).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let sql = "ALTER TABLE organization_fact DROP COLUMN meeting_id";
        connection.execute_unprepared(sql).await?;
        Ok(())
    }
}
