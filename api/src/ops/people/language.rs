//! The language of an account's messages, set by its bearer.

use domain::policy::{Action, Target};
use domain::problem::{Problem, ProblemCode};
use domain::vocabulary::{EntityKind, Language};

use super::super::organization::place_of;
use super::super::outcome::Outcome;
use super::super::writing::{Unit, upsert};
use super::expect;

/// What one's own account shall speak.
#[derive(Debug, Clone)]
pub struct Speak {
    /// `zh-CN` or `en`.
    pub language: String,
    pub expected_version: i64,
}

/// Sets the language of one's own account; a header of a request still goes first. The id of the account.
///
/// # Errors
/// `INVALID` for another language, `FORBIDDEN` for a service account, `CONFLICT`, or the database is away.
#[tracing::instrument(name = "ops.people.language.set", skip_all)]
pub async fn set(unit: &mut Unit, input: &Speak) -> Outcome<Vec<String>> {
    let missing = || Problem::new(ProblemCode::NotFound);
    let target = own_target(unit).await?.ok_or_else(|| {
        let refused = Problem::at(ProblemCode::Forbidden, "language");
        refused.with("right", "OWN_ACCOUNT:W")
    })?;
    let permit = unit.require(Action::SetLanguage, &target, "language")?;
    let language: Language = input
        .language
        .parse()
        .map_err(|_| Problem::not_offered("language", Language::ALL))?;
    let mut row = unit
        .write
        .find_account(&unit.actor.account_id)
        .await?
        .ok_or_else(missing)?;
    expect(row.version, Some(input.expected_version))?;
    row.language = language.to_string();
    row.version += 1;
    unit.write.update_account(&row).await?;
    let at = (target.org.id.as_str(), target.org.path.as_str());
    let mut event = upsert(EntityKind::Account, &row.id, row.version, at, &["language"]);
    event.member_id.clone_from(&row.member_id);
    unit.note(&permit, event);
    Ok(vec![row.id])
}

/// Where the account stands: at the branch of its person, an administrator's at the root.
async fn own_target(unit: &Unit) -> Outcome<Option<Target>> {
    if let Some(member) = &unit.actor.member {
        return Ok(Some(Target::at(member.branch.clone()).about(member.member_id.clone())));
    }
    if let (Some(id), Some(branch)) = (&unit.actor.applicant_id, unit.actor.activist_at.first()) {
        return Ok(Some(Target::at(branch.clone()).about(id.clone())));
    }
    if unit.actor.service.is_some() {
        return Ok(None);
    }
    let root = unit.write.root().await?;
    Ok(root.map(|row| place_of(&row)).transpose()?.map(Target::at))
}
