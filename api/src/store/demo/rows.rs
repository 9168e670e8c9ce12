//! Everything that a fill writes, table by table, and the bulk insert: parents before children, one transaction.

use entity::{
    account, activity, activity_invitation, activity_organization, activity_unit, admission, agenda_item, applicant,
    appointment, attendance, document, document_revision, exemption, external_id, leave_request, member, membership,
    organ, organization, organization_fact, resolution, rulebook, rulebook_assignment, service_secret, transfer,
};
use sea_orm::{ActiveModelBehavior, ActiveModelTrait, DatabaseTransaction, DbErr, EntityTrait as _, IntoActiveModel};

use crate::store::transaction::{ROWS_PER_INSERT, Write};

/// Declares the tables of a fill in the order of their insertion.
macro_rules! tables {
    ($($name:ident),+ $(,)?) => {
        #[derive(Default)]
        pub(super) struct Rows { $(pub(super) $name: Vec<$name::Model>,)+ }

        impl Rows {
            pub(super) fn count(&self) -> usize {
                0 $(+ self.$name.len())+
            }

            /// Copies all rows, table by table: PostgreSQL only.
            pub(super) async fn copy(self, connection: &mut sqlx::PgConnection) -> anyhow::Result<()> {
                $(super::bulk::copy(connection, self.$name).await?;)+
                Ok(())
            }

            /// Inserts all rows; tells after each chunk how many are in.
            pub(super) async fn insert(
                self,
                write: &Write,
                progress: &(dyn Fn(u64, u64) + Sync),
            ) -> Result<(), DbErr> {
                let mut bar = Bar { done: 0, total: self.count() as u64, progress };
                $(insert_all(&write.tx, self.$name, &mut bar).await?;)+
                Ok(())
            }
        }
    };
}

tables!(
    organization,
    organization_fact,
    organ,
    activity_unit,
    rulebook,
    rulebook_assignment,
    member,
    membership,
    appointment,
    applicant,
    exemption,
    transfer,
    account,
    activity,
    activity_organization,
    agenda_item,
    attendance,
    activity_invitation,
    leave_request,
    resolution,
    document,
    document_revision,
    admission,
    external_id,
    service_secret,
);

struct Bar<'a> {
    done: u64,
    total: u64,
    progress: &'a (dyn Fn(u64, u64) + Sync),
}

async fn insert_all<M, A>(tx: &DatabaseTransaction, rows: Vec<M>, bar: &mut Bar<'_>) -> Result<(), DbErr>
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait + ActiveModelBehavior + Send,
{
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk: Vec<A> = rows
            .by_ref()
            .take(ROWS_PER_INSERT)
            .map(|row| row.into_active_model().reset_all())
            .collect();
        bar.done += chunk.len() as u64;
        A::Entity::insert_many(chunk).exec_without_returning(tx).await?;
        (bar.progress)(bar.done, bar.total);
    }
    Ok(())
}
