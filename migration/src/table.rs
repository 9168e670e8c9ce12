//! Tables as data, written the same for both databases.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// The migration of a file, by the one step up and the one step down that it takes.
macro_rules! migrates {
    ($manager:ident => $up:expr, $down:expr) => {
        use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait};

        #[derive(DeriveMigrationName)]
        pub struct Migration;

        #[async_trait::async_trait]
        impl MigrationTrait for Migration {
            async fn up(&self, $manager: &SchemaManager) -> Result<(), DbErr> {
                $up.await
            }

            async fn down(&self, $manager: &SchemaManager) -> Result<(), DbErr> {
                $down.await
            }
        }
    };
}
pub(crate) use migrates;

pub struct Table {
    pub name: &'static str,
    pub columns: &'static [Column],
    pub unique: &'static [&'static [&'static str]],
    pub indexes: &'static [&'static [&'static str]],
}

#[derive(Clone, Copy)]
enum Type {
    Text,
    Int,
    Flag,
    Date,
    Instant,
    Json,
}

#[derive(Clone, Copy)]
pub struct Column {
    name: &'static str,
    kind: Type,
    key: bool,
    nullable: bool,
    references: Option<&'static str>,
    default: Option<&'static str>,
}

const fn column(name: &'static str, kind: Type) -> Column {
    Column {
        name,
        kind,
        key: false,
        nullable: false,
        references: None,
        default: None,
    }
}

pub const fn text(name: &'static str) -> Column {
    column(name, Type::Text)
}
pub const fn int(name: &'static str) -> Column {
    column(name, Type::Int)
}
pub const fn flag(name: &'static str) -> Column {
    column(name, Type::Flag)
}
pub const fn date(name: &'static str) -> Column {
    column(name, Type::Date)
}
pub const fn instant(name: &'static str) -> Column {
    column(name, Type::Instant)
}
pub const fn json(name: &'static str) -> Column {
    column(name, Type::Json)
}

impl Column {
    pub const fn key(mut self) -> Self {
        self.key = true;
        self
    }
    pub const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }
    /// What rows have that were there before the column, as SQL.
    pub const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }
    /// A foreign key to the `id` of another table.
    pub const fn references(mut self, table: &'static str) -> Self {
        self.references = Some(table);
        self
    }

    fn definition(&self, backend: DbBackend) -> ColumnDef {
        let mut definition = ColumnDef::new(Alias::new(self.name));
        match self.kind {
            Type::Text => {
                definition.text();
                // Ranges over paths, keyset pages and pinyin keys need byte order on every server.
                if backend == DbBackend::Postgres {
                    definition.extra("COLLATE \"C\"");
                }
            }
            Type::Int => {
                definition.big_integer();
            }
            Type::Flag => {
                definition.boolean();
            }
            Type::Date => {
                definition.date();
            }
            Type::Instant => {
                definition.timestamp_with_time_zone();
            }
            Type::Json => {
                definition.json_binary();
            }
        }
        if !self.nullable {
            definition.not_null();
        }
        if let Some(default) = self.default {
            definition.default(Expr::cust(default));
        }
        definition
    }
}

impl Table {
    fn create(&self, backend: DbBackend) -> TableCreateStatement {
        let mut statement = sea_orm_migration::prelude::Table::create();
        statement.table(Alias::new(self.name));
        let mut key = Index::create();
        key.primary();
        for column in self.columns {
            statement.col(column.definition(backend));
            if column.key {
                key.col(Alias::new(column.name));
            }
            if let Some(target) = column.references {
                statement.foreign_key(
                    ForeignKey::create()
                        .name(format!("fk_{}_{}", self.name, column.name))
                        .from(Alias::new(self.name), Alias::new(column.name))
                        .to(Alias::new(target), Alias::new("id")),
                );
            }
        }
        statement.primary_key(&mut key);
        statement
    }

    fn index(&self, columns: &[&str], unique: bool) -> IndexCreateStatement {
        let mut statement = Index::create();
        statement
            .name(index_name(self.name, columns, unique))
            .table(Alias::new(self.name));
        for column in columns {
            statement.col(Alias::new(*column));
        }
        if unique {
            statement.unique();
        }
        statement
    }

    /// # Errors
    /// Whatever the database refuses.
    pub async fn create_indexes(&self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        for columns in self.unique {
            manager.create_index(self.index(columns, true)).await?;
        }
        for columns in self.indexes {
            manager.create_index(self.index(columns, false)).await?;
        }
        Ok(())
    }

    /// # Errors
    /// Whatever the database refuses.
    pub async fn drop_indexes(&self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        for columns in self.indexes {
            let mut statement = Index::drop();
            statement
                .name(index_name(self.name, columns, false))
                .table(Alias::new(self.name));
            manager.drop_index(statement).await?;
        }
        Ok(())
    }
}

fn index_name(table: &str, columns: &[&str], unique: bool) -> String {
    let head = if unique { "ux" } else { "ix" };
    format!("{head}_{table}_{}", columns.join("_"))
}

/// Creates the tables in order, each with its indexes.
///
/// # Errors
/// Whatever the database refuses.
pub async fn create_all(manager: &SchemaManager<'_>, tables: &[Table]) -> Result<(), DbErr> {
    for table in tables {
        manager
            .create_table(table.create(manager.get_database_backend()))
            .await?;
        table.create_indexes(manager).await?;
    }
    Ok(())
}

/// Adds columns to a table that is there. One by one: SQLite knows no other way.
///
/// # Errors
/// Whatever the database refuses.
pub async fn add_columns(manager: &SchemaManager<'_>, table: &str, columns: &[Column]) -> Result<(), DbErr> {
    for column in columns {
        let definition = column.definition(manager.get_database_backend());
        let mut statement = sea_orm_migration::prelude::Table::alter();
        statement.table(Alias::new(table)).add_column(definition);
        manager.alter_table(statement).await?;
    }
    Ok(())
}

/// Takes columns away again, the last one first.
///
/// # Errors
/// Whatever the database refuses.
pub async fn drop_columns(manager: &SchemaManager<'_>, table: &str, columns: &[Column]) -> Result<(), DbErr> {
    for column in columns.iter().rev() {
        let mut statement = sea_orm_migration::prelude::Table::alter();
        statement.table(Alias::new(table)).drop_column(Alias::new(column.name));
        manager.alter_table(statement).await?;
    }
    Ok(())
}

/// Drops the tables in reverse order.
///
/// # Errors
/// Whatever the database refuses.
pub async fn drop_all(manager: &SchemaManager<'_>, tables: &[Table]) -> Result<(), DbErr> {
    for table in tables.iter().rev() {
        manager
            .drop_table(
                sea_orm_migration::prelude::Table::drop()
                    .table(Alias::new(table.name))
                    .to_owned(),
            )
            .await?;
    }
    Ok(())
}
