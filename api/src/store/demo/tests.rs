//! The demo city holds what it promises, on a real file.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeZone as _, Utc};
use entity::{
    account, activity, activity_organization, appointment, attendance, leave_request, member, organization,
    organization_fact, resolution,
};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, EntityTrait as _};

use super::*;
use crate::app::{Clock, Ids};
use crate::secrets::keyring::Keyring;
use crate::secrets::password::Passwords;
use crate::secrets::signing::{Known, Signing};
use crate::secrets::token::SigningKey;
use crate::store::connect::Database;

const SEED: u64 = 7;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 24).unwrap()
}

/// A database file with the demo city in it.
pub(crate) struct Filled {
    pub(crate) app: App,
    pub(crate) city: DemoCity,
    folder: tempfile::TempDir,
}

impl Filled {
    /// Address of the file.
    pub(crate) fn url(&self) -> String {
        format!("sqlite://{}", self.folder.path().join("city.db").display())
    }

    fn reads(&self) -> &DatabaseConnection {
        &self.app.database.reads
    }
}

pub(crate) async fn filled(seed: u64) -> Filled {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("city.db");
    let database = Database::open(&format!("sqlite://{}", file.display())).await.unwrap();
    database.alone().await.unwrap().migrate().await.unwrap();
    let clock = Clock::fixed(Utc.with_ymd_and_hms(2026, 11, 24, 2, 0, 0).unwrap());
    let zone = chrono_tz::Asia::Shanghai;
    let app = App {
        live: std::sync::Arc::new(crate::events::Live::new(database.clone(), clock.clone(), zone, 256)),
        database,
        clock,
        ids: Ids::counted(seed),
        keys: Keyring::parse(&Keyring::new_line().unwrap()).unwrap(),
        passwords: Passwords::new(1).unwrap(),
        signing: Signing::new(Known {
            signer: SigningKey::generate().unwrap(),
            jwks: Vec::new(),
        }),
        ticks: std::sync::atomic::AtomicU64::default(),
        zone,
        access_token_minutes: 10,
        webhooks: crate::webhooks::Webhooks::new(crate::webhooks::Settings {
            networks: crate::outbound::networks::Networks::default(),
            authorities: crate::outbound::authorities::Authorities::default(),
            retries: domain::webhook::Retries {
                first_wait: chrono::TimeDelta::seconds(5),
                give_up_after: chrono::TimeDelta::hours(24),
            },
            attempt: std::time::Duration::from_secs(10),
            at_once: 1,
        }),
        log_days: 30,
        exports: crate::app::Exports::new(48, 50_000),
        imports: crate::app::Imports::new(48, 256),
    };
    let book = DemoRulebook {
        key: "jiaxing-2015",
        title: "规则",
        issued_on: NaiveDate::from_ymd_opt(2015, 3, 9).unwrap(),
        text: "key = \"jiaxing-2015\"",
    };
    let city = fill(&app, seed, today(), book, &|_, _| {}).await.unwrap();
    Filled { app, city, folder }
}

#[tokio::test]
async fn the_city_has_the_promised_size_and_its_keys_hold() {
    let filled = filled(SEED).await;
    let orgs = organization::Entity::find().all(filled.reads()).await.unwrap();
    let of = |kind: &str| orgs.iter().filter(|org| org.kind == kind).count();
    assert_eq!((of("BRANCH"), of("PARTY_GROUP")), (90, 60));
    assert_eq!(of("COUNTY_COMMITTEE"), 2);
    let members = member::Entity::find().all(filled.reads()).await.unwrap();
    assert_eq!(members.len(), 1500);
    for status in ["ACTIVE", "FLOATING", "OUT_OF_CONTACT", "SUSPENDED", "LEFT"] {
        assert!(members.iter().any(|member| member.status == status), "{status}");
    }
    let broken = filled.reads().query_all_raw(sea_orm::Statement::from_string(
        sea_orm::DbBackend::Sqlite,
        "PRAGMA foreign_key_check",
    ));
    assert!(broken.await.unwrap().is_empty());
    let accounts = account::Entity::find().all(filled.reads()).await.unwrap();
    assert_eq!(accounts.len(), filled.city.accounts.len());
    let snapshot = filled.app.database.snapshot().await.unwrap();
    assert_eq!(snapshot.position, 1);
}

#[tokio::test]
async fn tallies_equal_attendance_and_votes_add_up() {
    let filled = filled(SEED).await;
    let mut counted: BTreeMap<(String, String), BTreeMap<String, i64>> = BTreeMap::new();
    let mut absences = BTreeSet::new();
    for row in attendance::Entity::find().all(filled.reads()).await.unwrap() {
        absences.insert(row.state.clone());
        let states = counted.entry((row.activity_id, row.organization_id)).or_default();
        *states.entry(row.state).or_default() += 1;
    }
    for state in [
        "PRESENT",
        "ON_LEAVE",
        "LEAVE_PENDING",
        "UNEXCUSED",
        "UNEXPLAINED",
        "MADE_UP_BY_STUDY",
        "EXEMPT",
    ] {
        assert!(absences.contains(state), "{state}");
    }
    let tallies = activity_organization::Entity::find().all(filled.reads()).await.unwrap();
    assert!(tallies.len() > 2500, "{}", tallies.len());
    for tally in tallies {
        let states = counted
            .remove(&(tally.activity_id, tally.organization_id))
            .unwrap_or_default();
        let of = |state: &str| states.get(state).copied().unwrap_or(0);
        assert_eq!(tally.expected, states.values().sum::<i64>() - of("EXEMPT"));
        assert_eq!(tally.present, of("PRESENT"));
        assert_eq!(tally.made_up_by_study, of("MADE_UP_BY_STUDY"));
        assert_eq!(tally.on_leave, of("ON_LEAVE"));
        assert_eq!(tally.unexcused, of("UNEXCUSED"));
        assert_eq!(tally.unexplained, of("UNEXPLAINED"));
        assert_eq!(tally.exempt, of("EXEMPT"));
        assert!(tally.online <= tally.present);
    }
    assert!(counted.is_empty());
    let leaves = leave_request::Entity::find().all(filled.reads()).await.unwrap();
    assert!(leaves.iter().any(|leave| leave.state == "OPEN"));
    for vote in resolution::Entity::find().all(filled.reads()).await.unwrap() {
        assert_eq!(vote.ayes + vote.noes + vote.abstentions, vote.present);
        assert!(vote.present <= vote.due);
        assert_eq!(vote.passed, vote.present * 2 > vote.due && vote.ayes * 2 > vote.due);
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_city_with_other_passwords() {
    let (one, two, other) = (filled(SEED).await, filled(SEED).await, filled(SEED + 1).await);
    let rows = async |filled: &Filled| {
        let members = member::Entity::find().all(filled.reads()).await.unwrap();
        let orgs = organization::Entity::find().all(filled.reads()).await.unwrap();
        let activities = activity::Entity::find().all(filled.reads()).await.unwrap();
        let attendance = attendance::Entity::find().all(filled.reads()).await.unwrap();
        let members: Vec<_> = members
            .into_iter()
            .map(|row| (row.id, row.name, row.status, row.group_id))
            .collect();
        (members, orgs, activities, attendance)
    };
    let (first, second, third) = (rows(&one).await, rows(&two).await, rows(&other).await);
    assert!(first == second);
    assert!(first.0 != third.0);
    for (a, b) in one.city.accounts.iter().zip(&two.city.accounts) {
        assert_eq!((&a.username, &a.account_id), (&b.username, &b.account_id));
        assert!(a.password.is_empty() || a.password != b.password);
    }
}

#[tokio::test]
async fn every_org_stands_where_the_plan_says_and_looks_up_to_who_approves() {
    let filled = filled(SEED).await;
    let orgs = organization::Entity::find().all(filled.reads()).await.unwrap();
    let by_id: BTreeMap<&str, &organization::Model> = orgs.iter().map(|org| (org.id.as_str(), org)).collect();
    for org in &orgs {
        let above: Vec<_> = domain::place::ids_on(&org.path).map(|id| by_id[id]).collect();
        assert_eq!(usize::try_from(org.depth).unwrap() + 1, above.len());
        let Some(parent) = org.parent_id.as_deref().map(|id| by_id[id]) else {
            assert_eq!((org.depth, org.next_from_depth), (0, 0));
            continue;
        };
        let allowed = domain::place::allowed_children(parent.kind.parse().unwrap());
        assert!(
            allowed.contains(&org.kind.parse().unwrap()),
            "{} below {}",
            org.name,
            parent.name
        );
        assert!(parent.founded_on <= org.founded_on);
        let approver = above.iter().rev().skip(1).find(|org| org.approves).unwrap();
        assert_eq!(org.approver_id.as_deref(), Some(approver.id.as_str()));
        let expected = match org.kind.as_str() {
            "BRANCH" => approver.depth,
            "PARTY_GROUP" => parent.next_from_depth,
            _ => parent.depth,
        };
        assert_eq!(org.next_from_depth, expected, "{}", org.name);
    }
    let facts = organization_fact::Entity::find().all(filled.reads()).await.unwrap();
    assert_eq!(facts.iter().filter(|fact| fact.until_on.is_none()).count(), orgs.len());
    let moved: Vec<_> = facts.iter().filter(|fact| fact.name == plan::MOVED).collect();
    assert_eq!(moved.len(), 2);
    assert_ne!(moved[0].path, moved[1].path);
}

#[tokio::test]
async fn one_holder_at_a_time_and_one_post_stands_vacant() {
    let filled = filled(SEED).await;
    let posts = appointment::Entity::find().all(filled.reads()).await.unwrap();
    let current = |row: &&appointment::Model| row.until.is_none_or(|until| until > today());
    let mut secretaries: BTreeMap<&str, usize> = BTreeMap::new();
    for row in posts.iter().filter(current).filter(|row| row.post == "SECRETARY") {
        *secretaries.entry(&row.organization_id).or_default() += 1;
    }
    assert!(secretaries.len() > 100 && secretaries.values().all(|holders| *holders == 1));
    let orgs = organization::Entity::find().all(filled.reads()).await.unwrap();
    let vacant = orgs
        .iter()
        .filter(|org| org.kind != "PARTY_GROUP" && !secretaries.contains_key(org.id.as_str()));
    assert_eq!(vacant.map(|org| org.name.as_str()).collect::<Vec<_>>().len(), 1);
    assert!(posts.iter().filter(|row| row.acting).count() == 1);
    assert!(posts.iter().any(|row| row.until.is_some()));
    let service = filled.city.accounts.last().unwrap();
    assert!(service.password.is_empty());
}

#[tokio::test]
async fn life_has_make_ups_a_joint_lecture_missing_minutes_and_meetings_to_come() {
    let filled = filled(SEED).await;
    let activities = activity::Entity::find().all(filled.reads()).await.unwrap();
    assert!(
        activities
            .iter()
            .any(|row| row.make_up_for.as_deref() == Some("2026-Q2"))
    );
    for status in ["SCHEDULED", "HELD", "FILED", "CANCELLED"] {
        assert!(activities.iter().any(|row| row.status == status), "{status}");
    }
    for row in activities.iter().filter(|row| row.status == "SCHEDULED") {
        assert!(row.local_date >= today() && row.noticed_at < Some(filled.app.clock.now()));
    }
    let tallies = activity_organization::Entity::find().all(filled.reads()).await.unwrap();
    let joint: Vec<_> = activities.iter().filter(|row| row.title == "联合党课").collect();
    assert_eq!(joint.len(), 1);
    let named: Vec<_> = tallies.iter().filter(|row| row.activity_id == joint[0].id).collect();
    assert_eq!(named.len(), 3);
    let admissions = entity::admission::Entity::find().all(filled.reads()).await.unwrap();
    let in_state = |state: &str| admissions.iter().filter(|row| row.state == state).count();
    assert_eq!((in_state("PROPOSED"), in_state("APPROVED")), (2, 1));
    assert!(named.iter().all(|row| row.named_at < joint[0].starts_at));
}
