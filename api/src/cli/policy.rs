//! `orglife policy`: the table, and what its words mean. The domain prints the table alone: it is the review of every change of
//! rights, and no wording belongs in that.

use domain::policy::{Holder, Right, Subject, Where};
use domain::vocabulary::Language;

/// The table with its legend.
pub fn text() -> String {
    let holders = lines(Holder::ALL, |holder| (holder.as_str(), holds(*holder)));
    let rights = lines(Right::ALL, |right| (right.as_str(), right.label(Language::En)));
    let places = lines(Where::ALL, |place| (place.as_str(), reaches(*place)));
    let subjects = lines(Subject::ALL, |subject| (subject.as_str(), subject.label(Language::En)));
    format!(
        "{}\nEach line of the table: what it is about, who holds the right, and the rights with the places they reach.\n\
         O is the org of the post that gives the right.\n\
         \nWHO\n{holders}\nRIGHTS\n{rights}\nPLACES\n{places}\nWHAT IT IS ABOUT\n{subjects}",
        domain::policy::print()
    )
}

fn lines<T>(all: &[T], told: impl Fn(&T) -> (&'static str, &'static str)) -> String {
    let line = |one: &T| {
        let (word, meaning) = told(one);
        format!("{word:<24} {meaning}\n")
    };
    all.iter().map(line).collect()
}

fn holds(holder: Holder) -> &'static str {
    match holder {
        Holder::Anybody => "anybody, signed in or not",
        Holder::Activist => "applicants and activists, where they are registered",
        Holder::Member => "members",
        Holder::GroupLeader => "the leader of a Party group",
        Holder::Officers => "secretary, deputy and committee members, at their own org",
        Holder::BranchClerk => "the clerk of a branch",
        Holder::Superior => "officers of the org above; its office clerks too, without deciding",
        Holder::HigherUp => "officers of any org above",
        Holder::OrganizationDepartment => "staff of the organization department of a committee",
        Holder::DisciplineInspection => "staff of discipline inspection of a committee",
        Holder::ServiceAccount => "programs, by their scopes, within the subtree of one org",
        Holder::Administrator => "administrators of the deployment",
    }
}

fn reaches(place: Where) -> &'static str {
    match place {
        Where::City => "everything in the city",
        Where::Myself => "oneself",
        Where::OwnBranch => "one's own branch",
        Where::OwnOrgs => "one's own branch, group and host branch, and what one is expected at",
        Where::OwnOrgsAnnounced => "the same, once the resolution is announced",
        Where::OwnBranchSecretary => "the secretary of one's own branch",
        Where::RegisteredAt => "the branch that one is registered at",
        Where::Own => "O; of a branch its groups too",
        Where::GroupPeople => "the people of O, a Party group, whatever org the row belongs to",
        Where::OwnNotSecretary => "as OWN, but not about the secretary of that org",
        Where::OwnParticipant => "as OWN, where one takes part",
        Where::OwnGroups => "the groups of O, a branch",
        Where::OwnOrgans => "the organs of O, a city or county committee",
        Where::Next => "the next level down",
        Where::NextOrgs => "the next level down, without the groups of its branches",
        Where::NextHeadOnly => "the next level down, for the head of O only",
        Where::SecretariesOfNext => "secretaries of the next level down",
        Where::StandsInForNext => "the next level down, where its head is concerned and it has no deputy",
        Where::Below => "all orgs below O",
        Where::AtOrBelow => "O and all orgs below it",
        Where::SecretariesOfBelow => "secretaries of all orgs below O",
        Where::Approver => "where O is the nearest org above with the right of approval",
        Where::TransferTarget => "where O is where a transfer leads",
        Where::BothSidesNext => "where both branches of a transfer are on the next level down",
        Where::BothSidesBelow => "where both branches of a transfer are below O",
        Where::BothParents => "a moved org below O whose new parent is O or below it",
        Where::Participant => "activities that one is expected at or took part in",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_table_is_explained_behind_it() {
        let text = text();
        let legend = text.strip_prefix(&domain::policy::print()).unwrap();
        let words = Right::ALL.iter().map(|right| right.as_str());
        let words = words.chain(Where::ALL.iter().map(|place| place.as_str()));
        let words = words.chain(Holder::ALL.iter().map(|holder| holder.as_str()));
        for word in words.chain(Subject::ALL.iter().map(|subject| subject.as_str())) {
            assert!(legend.contains(&format!("\n{word:<24} ")), "{word}");
        }
    }
}
