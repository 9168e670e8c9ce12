//! Migrations run up, down and up again on both databases.

use migration::MigratorTrait as _;
use tests::both_databases;

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
