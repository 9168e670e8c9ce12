//! One loader per relation, made anew for each operation; every batch is one read under the operation's scope.

use std::collections::HashMap;
use std::sync::Arc;

use domain::policy::Subject;

use super::batch::{Key, Loader, Shared};
pub use super::batch::{Loaders, Loads};
use super::error::to_error;
use crate::ops::member::Seen;
use crate::ops::organization::Figure;
use crate::ops::organization::Organization;
use crate::ops::outcome::Failure;

fn shared(failure: &Failure) -> Shared {
    Arc::new(to_error(failure))
}

/// Declares a key type and its loader: ids in, a map out.
#[macro_export]
macro_rules! loader {
    ($(#[$meta:meta])* $key:ident => $value:ty, |$reading:ident, $ids:ident| $load:expr) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub struct $key(pub String);

        impl $crate::graphql::batch::Loader<$key> for $crate::graphql::batch::Loads {
            type Value = $value;

            async fn load(
                &self,
                keys: &[$key],
            ) -> Result<std::collections::HashMap<$key, $value>, $crate::graphql::batch::Shared> {
                let $reading = self.0.reading().await.map_err(std::sync::Arc::new)?;
                let mut $ids: Vec<String> = keys.iter().map(|key| key.0.clone()).collect();
                $ids.sort();
                let loaded: $crate::ops::outcome::Outcome<std::collections::HashMap<String, $value>> = async { $load }.await;
                let loaded = loaded.map_err(|failure| std::sync::Arc::new($crate::graphql::error::to_error(&failure)))?;
                Ok(loaded.into_iter().map(|(id, value)| ($key(id), value)).collect())
            }
        }
    };
}

loader!(
    /// Org by id, as the directory shows it.
    OrganizationById => Arc<Organization>, |reading, ids| {
        let rows = reading.organizations(&ids).await?;
        Ok(rows.into_iter().map(|row| (row.id.clone(), Arc::new(row))).collect())
    }
);

loader!(
    /// Member by id; outside the roster as a name only.
    MemberById => Seen, |reading, ids| {
        let seen = reading.named_members(&ids).await?;
        Ok(seen.into_iter().map(|seen| (seen.row.id.clone(), seen)).collect())
    }
);

loader!(
    /// The secretary's appointment of an org, with who it is.
    SecretaryOf => (crate::ops::member::Appointment, Option<Seen>), |reading, ids| {
        let rows = reading.secretaries(&ids).await?;
        Ok(rows.into_iter().map(|row| (row.0.organization_id.clone(), row)).collect())
    }
);

loader!(
    /// Number of children of an org.
    ChildrenOf => i64, |reading, ids| Ok(reading.child_counts(&ids).await?.into_iter().collect())
);

loader!(
    /// External ids of an entity, as (system, value).
    ExternalIdsOf => Vec<(String, String)>, |reading, ids| {
        let mut map: HashMap<String, Vec<(String, String)>> = HashMap::new();
        for (entity, system, value) in reading.external_ids(&ids).await? {
            map.entry(entity).or_default().push((system, value));
        }
        Ok(map)
    }
);

loader!(
    /// Posts that a member holds today.
    PostsOf => Vec<crate::ops::member::Appointment>, |reading, ids| {
        let mut map: HashMap<String, Vec<crate::ops::member::Appointment>> = HashMap::new();
        for row in reading.posts_of(&ids).await? {
            map.entry(row.member_id.clone()).or_default().push(row);
        }
        Ok(map)
    }
);

/// Figures of an org in the periods of one request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FiguresOf {
    pub organization_id: String,
    pub subject: Subject,
    pub periods: Arc<Vec<String>>,
}

impl Loader<FiguresOf> for Loads {
    type Value = Vec<Figure>;

    async fn load(&self, keys: &[FiguresOf]) -> Result<HashMap<FiguresOf, Vec<Figure>>, Shared> {
        let reading = self.0.reading().await.map_err(Arc::new)?;
        // One statement for each set of periods; a screen asks for one.
        let mut groups: HashMap<(Subject, Arc<Vec<String>>), Vec<String>> = HashMap::new();
        for key in keys {
            groups
                .entry((key.subject, key.periods.clone()))
                .or_default()
                .push(key.organization_id.clone());
        }
        let mut found: HashMap<FiguresOf, Vec<Figure>> = HashMap::new();
        for ((subject, periods), mut ids) in groups {
            ids.sort();
            for figure in reading
                .figures(subject, &ids, &periods)
                .await
                .map_err(|failure| shared(&failure))?
            {
                let organization_id = figure.organization_id.clone();
                let key = FiguresOf {
                    organization_id,
                    subject,
                    periods: periods.clone(),
                };
                found.entry(key).or_default().push(figure);
            }
        }
        Ok(found)
    }
}

/// Loads one key; errors of a shared batch are copied to each field that waited for it.
pub async fn load<K: Key>(loaders: &Arc<Loaders>, key: K) -> async_graphql::Result<Option<<Loads as Loader<K>>::Value>>
where
    Loads: Loader<K>,
{
    loaders.load_one(key).await.map_err(|error| (*error).clone())
}
