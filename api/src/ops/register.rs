//! The yearly register 组织生活台账 of an org in one piece, for printing (G1.1f), and the link that opens it in a browser.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Datelike as _, Duration, NaiveDate, Utc};
use domain::policy::{Subject, Target};
use domain::problem::{Problem, ProblemCode};

use super::activity::{Activity, AgendaItem, Between, Participation, Resolution, Revision};
use super::organization::{Organization, PageRequest, place_of};
use super::outcome::Outcome;
use super::reading::{Reading, TokenHolder};
use crate::app::App;
use crate::secrets::token;
use crate::store::page_link::PageLink;
use crate::store::transaction::{Ledger, Trail};

/// Lines of a printed register; a branch has some thirty a year.
const LINES: u64 = 1000;
/// What links begin with, so that scanners of secrets know them.
const PREFIX: &str = "olv";
/// Before it no organization held a meeting.
const FIRST_YEAR: i32 = 1921;
/// A link waits so long for its browser.
const LINK_MINUTES: i64 = 2;

/// An org's year.
pub struct Register {
    pub organization: Organization,
    pub year: i32,
    pub printed_on: NaiveDate,
    /// By day.
    pub entries: Vec<Entry>,
    /// There are more lines than one print holds.
    pub is_cut: bool,
}

/// One activity in it. What the reader may not see is not there.
pub struct Entry {
    /// Counted from 1 over the org's year; kept for good.
    pub number: u64,
    pub activity: Activity,
    pub chair: Option<String>,
    pub recorder: Option<String>,
    pub counts: Option<Participation>,
    pub agenda: Vec<AgendaItem>,
    pub resolutions: Vec<Resolution>,
    pub minutes: Option<Revision>,
    /// (name, state of attendance)
    pub absent: Vec<(String, String)>,
}

impl Reading {
    /// The register of an org's year; `None` where the org or its activities are not the reader's to see.
    ///
    /// # Errors
    /// The database is away.
    pub async fn whole_register(&self, organization_id: &str, year: i32) -> Outcome<Option<Register>> {
        if !self.has_year(year) {
            return Ok(None);
        }
        let Some(organization) = self.org_with_register(organization_id).await? else {
            return Ok(None);
        };
        let day = |month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
        let between = Between {
            organization_id: organization_id.to_owned(),
            from: day(1, 1),
            to: day(12, 31),
            held: true,
        };
        let page = PageRequest {
            limit: LINES,
            backward: false,
            from: None,
            count: None,
        };
        let found = self.register(&between, &page).await?;
        let entries = self.entries(organization_id, found.rows).await?;
        Ok(Some(Register {
            organization,
            year,
            printed_on: self.today,
            entries,
            is_cut: found.has_more,
        }))
    }

    /// There are registers from the Party's first year to this one.
    fn has_year(&self, year: i32) -> bool {
        (FIRST_YEAR..=self.today.year()).contains(&year)
    }

    /// An org whose register the reader may open. What is no id is asked of no database.
    async fn org_with_register(&self, id: &str) -> Outcome<Option<Organization>> {
        if !id.bytes().all(|sign| sign.is_ascii_alphanumeric() || sign == b'_') {
            return Ok(None);
        }
        let Some(found) = self.organizations(&[id.to_owned()]).await?.pop() else {
            return Ok(None);
        };
        let target = Target::at(place_of(&found)?);
        Ok(self.rows(Subject::Activities).contains(&target).then_some(found))
    }

    async fn entries(&self, organization_id: &str, mut rows: Vec<(u64, Activity)>) -> Outcome<Vec<Entry>> {
        rows.sort_by_key(|(number, row)| (row.local_date, *number));
        let ids: Vec<String> = rows.iter().map(|(_, row)| row.id.clone()).collect();
        let counts = self.participations(&ids).await?;
        let agendas = self.agendas(&ids).await?;
        let resolutions = self.resolutions(&ids).await?;
        let minutes = self.minutes(&ids).await?;
        let absences = self.absences(&ids).await?;
        let led = rows
            .iter()
            .flat_map(|(_, row)| [row.chair_id.clone(), row.recorder_id.clone()]);
        let mut people: Vec<String> = led.flatten().collect();
        people.extend(absences.iter().map(|absence| absence.member_id.clone()));
        people.sort();
        people.dedup();
        let named = self.named_members(&people).await?;
        let names: HashMap<&str, &str> = named
            .iter()
            .map(|member| (member.row.id.as_str(), member.row.name.as_str()))
            .collect();
        let name = |id: &str| names.get(id).map(|name| (*name).to_owned());
        Ok(rows
            .into_iter()
            .map(|(number, activity)| {
                let own = counts
                    .iter()
                    .map(|(org, _)| org)
                    .find(|org| org.activity_id == activity.id && org.organization_id == organization_id)
                    .cloned();
                let absent = absences
                    .iter()
                    .filter(|absence| absence.activity_id == activity.id && absence.organization_id == organization_id);
                Entry {
                    number,
                    chair: activity.chair_id.as_deref().and_then(name),
                    recorder: activity.recorder_id.as_deref().and_then(name),
                    agenda: of(&agendas, |item| item.activity_id == activity.id),
                    resolutions: of(&resolutions, |row| row.activity_id == activity.id),
                    minutes: minutes
                        .iter()
                        .find(|(id, _)| *id == activity.id)
                        .map(|(_, revision)| revision.clone()),
                    absent: absent
                        .filter_map(|absence| Some((name(&absence.member_id)?, absence.state.clone())))
                        .collect(),
                    counts: own,
                    activity,
                }
            })
            .collect())
    }
}

fn of<Row: Clone>(rows: &[Row], belongs: impl Fn(&Row) -> bool) -> Vec<Row> {
    rows.iter().filter(|row| belongs(row)).cloned().collect()
}

/// Makes a link that opens the register of an org's year once, within two minutes, for the reader's account.
/// Returns its token and its end.
///
/// # Errors
/// `NOT_FOUND`, or the database is away.
#[tracing::instrument(name = "ops.register.open", skip_all)]
pub async fn open(reading: &Reading, organization_id: &str, year: i32) -> Outcome<(String, DateTime<Utc>)> {
    let hidden = || Problem::at(ProblemCode::NotFound, "organizationId");
    let bearer = reading.bearer.as_ref().ok_or_else(hidden)?;
    let account_id = reading.actor.account_id.clone();
    let organization = reading.org_with_register(organization_id).await?.ok_or_else(hidden)?;
    if !reading.has_year(year) {
        let problem = if year < FIRST_YEAR {
            Problem::too_early("year", FIRST_YEAR)
        } else {
            Problem::too_late("year", reading.today.year())
        };
        return Err(problem.into());
    }
    let app = &reading.app;
    let now = app.clock.now();
    let expires_at = now + Duration::minutes(LINK_MINUTES);
    let link = token::opaque(PREFIX)?;
    let row = PageLink {
        token_hash: token::fingerprint(&link),
        account_id: account_id.clone(),
        auth_epoch: bearer.auth_epoch,
        organization_id: organization.id.clone(),
        year: i64::from(year),
        expires_at,
        used_at: None,
    };
    let write = app.database.write().await?;
    write.keep_page_link(row, now).await?;
    let mut ledger = Ledger::default();
    ledger.trail.push((
        app.ids.plain(),
        Trail {
            account_id: Some(account_id),
            member_id: reading.actor.member_id().map(ToOwned::to_owned),
            action: "register.open".to_owned(),
            subject_kind: "ORGANIZATION".to_owned(),
            subject_id: organization.id.clone(),
            subject_org_id: Some(organization.id),
            ..Trail::default()
        },
    ));
    write.finish(ledger, now).await?;
    Ok((link, expires_at))
}

/// Who a link lets in to the register of an org's year; used up by asking.
///
/// # Errors
/// The database is away.
pub async fn enter(app: &Arc<App>, link: &str, organization_id: &str, year: i32) -> Outcome<Option<TokenHolder>> {
    if !link.starts_with(PREFIX) {
        return Ok(None);
    }
    let now = app.clock.now();
    let write = app.database.write().await?;
    let Some(link) = write.use_page_link(&token::fingerprint(link), now).await? else {
        return Ok(None);
    };
    write.finish(Ledger::default(), now).await?;
    let fits = link.organization_id == organization_id && link.year == i64::from(year);
    Ok(fits.then_some(TokenHolder {
        account_id: link.account_id,
        auth_epoch: link.auth_epoch,
        expires_at: link.expires_at.timestamp(),
        key: None,
    }))
}
