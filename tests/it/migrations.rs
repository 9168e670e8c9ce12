//! Migrations run up, down and up again on both databases.

use migration::MigratorTrait as _;
use sea_orm::{ConnectionTrait as _, Statement, TransactionOptions, TransactionTrait as _};
use tests::{Kind, both_databases};

both_databases!(
    migrations_go_up_down_and_up_again,
    |database: tests::TestDatabase| async move {
        let connection = database.connect().await;
        migration::Migrator::down(&connection, None).await.expect("down");
        assert!(
            migration::Migrator::get_applied_migrations(&connection)
                .await
                .expect("list")
                .is_empty()
        );
        migration::Migrator::up(&connection, None).await.expect("up again");
        assert_eq!(
            migration::Migrator::get_pending_migrations(&connection)
                .await
                .expect("list")
                .len(),
            0
        );
    }
);

both_databases!(
    the_rows_of_a_subtree_are_found_by_an_index_whatever_the_servers_locale,
    |database: tests::TestDatabase| async move {
        let connection = database.connect().await;
        let tx = connection
            .begin_with_options(TransactionOptions::default())
            .await
            .expect("a transaction");
        let (explain, column) = match database.kind {
            Kind::Sqlite => ("EXPLAIN QUERY PLAN", 3),
            Kind::Postgres => ("EXPLAIN", 0),
        };
        if database.kind == Kind::Postgres {
            // The tables are empty: only whether the index can serve is asked here.
            let off = "SET LOCAL enable_seqscan = off";
            tx.execute_unprepared(off).await.expect("a setting");
        }
        for table in ["organization", "obligation"] {
            let sql = format!("{explain} SELECT id FROM {table} WHERE path >= '/a/' AND path < '/a0'");
            let rows = tx
                .query_all_raw(Statement::from_string(tx.get_database_backend(), sql))
                .await;
            let rows = rows.expect("a plan");
            let plan: Vec<String> = rows
                .iter()
                .map(|row| row.try_get_by_index(column).expect("text"))
                .collect();
            let plan = plan.join("\n");
            // Both bounds lead into the index.
            let both = match database.kind {
                Kind::Sqlite => plan.contains("INDEX") && plan.contains("path>? AND path<?"),
                Kind::Postgres => plan.contains("Index Cond: ((path >= '/a/'::text) AND (path < '/a0'::text))"),
            };
            assert!(both, "{table}: {plan}");
        }
        tx.rollback().await.expect("over");
    }
);
