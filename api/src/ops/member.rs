//! Reads of members: the roster, one's own record, the names of those who hold posts.

use std::sync::Arc;

use chrono::NaiveDate;
use domain::policy::{Place, Scope, Subject, SystemScope, Target, Visibility, searchable, visibility};
use domain::vocabulary::{Post, SealedField};

use super::organization::{Key, Page, PageRequest, Within, place_of};
use super::outcome::Outcome;
use super::people::reveal;
use super::reading::Reading;
pub use crate::store::member::{Appointment, Member};
use crate::store::member::{Member as Row, Seek};

/// A member as this reader may see them.
#[derive(Clone)]
pub struct Seen {
    pub row: Arc<Row>,
    /// Where the member's branch stands.
    pub branch: Option<Arc<Place>>,
    /// The org as whose secretary they are shown, where an edge led here from it.
    pub heads: Option<Arc<Place>>,
    /// False for a person who is named outside the reader's roster: id and name only.
    pub in_roster: bool,
}

impl Seen {
    /// The member as a target of acts.
    #[must_use]
    pub fn target(&self) -> Option<Target> {
        let branch = self.branch.as_ref()?;
        let target = Target::at((**branch).clone()).about(self.row.id.clone());
        Some(match &self.heads {
            Some(org) => target.heading(org.id.clone(), true),
            None => target,
        })
    }

    /// The same person as the secretary of an org.
    #[must_use]
    pub fn as_head_of(mut self, org: Arc<Place>) -> Self {
        self.heads = Some(org);
        self
    }

    /// Where rights to this person may rest: on the branch, and on the org that they head.
    fn targets(&self) -> impl Iterator<Item = Target> {
        let as_head = self.heads.as_ref().map(|org| {
            Target::at((**org).clone())
                .about(self.row.id.clone())
                .heading(org.id.clone(), true)
        });
        self.target().into_iter().chain(as_head)
    }
}

/// What the roster is searched for: sealed fields by equality, where the reader sees or may reveal them; nothing else of
/// what is sealed can be searched.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Sought {
    pub identity_number: Option<String>,
    pub phone: Option<String>,
    /// Who belonged there that day; now where it is left out.
    pub as_of: Option<NaiveDate>,
}

/// A sealed field as this reader may see it.
pub struct Masked {
    pub masked: bool,
    pub value: Option<String>,
}

impl Reading {
    /// Members by id. Those outside the roster come as names only.
    ///
    /// # Errors
    /// The database is away.
    pub async fn named_members(&self, ids: &[String]) -> Outcome<Vec<Seen>> {
        // Who may be named is decided by the edge that leads here; the record itself by the roster's scope.
        self.seen_under(&Scope::system(SystemScope::Rights), ids).await
    }

    /// Members by id under a scope; the reader's own row came with the rights.
    async fn seen_under(&self, scope: &Scope, ids: &[String]) -> Outcome<Vec<Seen>> {
        let own = self.bearer.as_ref().and_then(|bearer| bearer.member.clone());
        let own = own.filter(|own| ids.contains(&own.id));
        let rest: Vec<String> = ids
            .iter()
            .filter(|id| own.as_ref().is_none_or(|own| own.id != **id))
            .cloned()
            .collect();
        let mut seen = self.see(own.into_iter().collect()).await?;
        if !rest.is_empty() {
            let rows = self.snapshot.members(scope, &rest).await?;
            seen.extend(self.see(rows).await?);
        }
        Ok(seen)
    }

    /// Members by id, those in the reader's roster only.
    ///
    /// # Errors
    /// The database is away.
    pub async fn members(&self, ids: &[String]) -> Outcome<Vec<Seen>> {
        let mut seen = self.seen_under(&self.rows(Subject::Roster), ids).await?;
        let own = self.actor.member_id();
        seen.retain(|seen| seen.in_roster || own != Some(seen.row.id.as_str()));
        Ok(seen)
    }

    fn seeks(&self, sought: &Sought) -> Vec<Seek> {
        let identity = sought.identity_number.as_deref().map(|text| {
            let number = domain::identity::identity_number(text).map_or_else(|| text.to_owned(), |found| found.0);
            (
                SealedField::IdentityNumber,
                "member.identity_hash",
                Subject::Identity,
                number,
            )
        });
        let phone = sought.phone.as_deref().map(|text| {
            let number = domain::identity::phone(text).unwrap_or_else(|| text.to_owned());
            (SealedField::Phone, "member.phone_hash", Subject::Phone, number)
        });
        let seeks = identity.into_iter().chain(phone);
        seeks
            .map(|(field, column, subject, plain)| Seek {
                column,
                hashes: self.app.keys.search_hashes(reveal::column(field), &plain),
                scope: searchable(&self.actor, subject),
            })
            .collect()
    }

    /// A page of the roster.
    ///
    /// # Errors
    /// The database is away.
    pub async fn roster(
        &self,
        within: &Within,
        sought: &Sought,
        keys: &[Key],
        page: &PageRequest,
    ) -> Outcome<Page<Seen>> {
        let page = self
            .snapshot
            .roster(
                &self.rows(Subject::Roster),
                (within, sought.as_of, &self.seeks(sought)),
                keys,
                page,
            )
            .await?;
        let (rows, rest) = page.parted();
        Ok(rest.with(self.see(rows).await?))
    }

    /// Posts held today by a member.
    ///
    /// # Errors
    /// The database is away.
    pub async fn posts_of(&self, ids: &[String]) -> Outcome<Vec<Appointment>> {
        Ok(self.snapshot.posts_of(ids, self.today).await?)
    }

    /// Appointments by id. Who is secretary stands in the directory; other posts are seen through their own scopes.
    ///
    /// # Errors
    /// The database is away.
    pub async fn appointments(&self, ids: &[String]) -> Outcome<Vec<Appointment>> {
        Ok(self.snapshot.appointments(&self.post_scopes(), ids).await?)
    }

    pub(super) fn post_scopes(&self) -> [(Vec<String>, Scope); 3] {
        post_scopes(|subject| self.rows(subject))
    }

    pub(super) async fn see(&self, rows: Vec<Row>) -> Outcome<Vec<Seen>> {
        let roster = self.rows(Subject::Roster);
        let mut branches: Vec<String> = rows.iter().map(|row| row.branch_id.clone()).collect();
        branches.sort();
        branches.dedup();
        let places = self
            .known_or_read(&Scope::system(SystemScope::Rights), &branches)
            .await?;
        let places: Vec<Arc<Place>> = places
            .iter()
            .map(|row| place_of(row).map(Arc::new))
            .collect::<Result<_, _>>()?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let branch = places.iter().find(|place| place.id == row.branch_id).cloned();
                let mut seen = Seen {
                    row: Arc::new(row),
                    branch,
                    heads: None,
                    in_roster: false,
                };
                seen.in_roster = seen.target().is_some_and(|target| roster.contains(&target));
                seen
            })
            .collect())
    }

    /// A sealed field: plain for whom the policy shows it, masked for the rest of the roster, absent beyond.
    #[must_use]
    pub fn sealed(&self, member: &Seen, field: SealedField) -> Option<Masked> {
        let subject = match field {
            SealedField::IdentityNumber | SealedField::BirthDate | SealedField::Address => Subject::Identity,
            SealedField::Phone => Subject::Phone,
        };
        let seen: Vec<Visibility> = member
            .targets()
            .map(|target| visibility(&self.actor, subject, &target))
            .filter(|seen| *seen != Visibility::Hidden)
            .collect();
        if seen.is_empty() {
            return None;
        }
        let shown = seen.contains(&Visibility::Plain);
        let plain = reveal::sealed(&member.row, field).and_then(|sealed| {
            let place = reveal::seal_place(field, &member.row.id);
            let opened = self.app.keys.open(&place, sealed).ok()?;
            String::from_utf8(opened).ok()
        });
        Some(Masked {
            masked: !shown,
            value: if shown { plain } else { plain.map(|plain| mask(&plain)) },
        })
    }
}

/// Who is secretary stands in the directory; other posts are seen through their own scopes.
pub(super) fn post_scopes(rows: impl Fn(Subject) -> Scope) -> [(Vec<String>, Scope); 3] {
    [Subject::Directory, Subject::OrganStaff, Subject::OtherPosts].map(|subject| {
        let posts = Post::ALL.iter().filter(|post| Subject::of_post(**post) == subject);
        (posts.map(ToString::to_string).collect(), rows(subject))
    })
}

/// Keeps the last two characters: enough to tell two numbers apart on the phone, too little to use.
fn mask(plain: &str) -> String {
    let length = plain.chars().count();
    plain
        .chars()
        .enumerate()
        .map(|(at, c)| if at + 2 < length { '*' } else { c })
        .collect()
}
