//! What changed between two successive records of an org's dated facts.

use crate::vocabulary::OrganizationChange;

/// One record of the facts of an org, as far as changes are told by it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Record<'a, T> {
    pub name: &'a str,
    pub parent_id: Option<&'a str>,
    pub dissolved: bool,
    /// Kind, sector and everything else that is recorded by decision.
    pub facts: T,
}

/// The changes that a record brought, against the one before it; the first one is the founding.
#[must_use]
pub fn changes<T: PartialEq>(before: Option<&Record<'_, T>>, after: &Record<'_, T>) -> Vec<OrganizationChange> {
    use OrganizationChange as C;
    let Some(before) = before else {
        return vec![C::Founded];
    };
    [
        (before.name != after.name, C::Renamed),
        (before.parent_id != after.parent_id, C::Moved),
        (before.facts != after.facts, C::FactsRecorded),
        (!before.dissolved && after.dissolved, C::Dissolved),
    ]
    .into_iter()
    .filter_map(|(changed, change)| changed.then_some(change))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_tells_what_it_changed() {
        let first = Record {
            name: "上麦村党支部",
            parent_id: Some("town"),
            dissolved: false,
            facts: "BRANCH",
        };
        assert_eq!(changes(None, &first), [OrganizationChange::Founded]);
        assert_eq!(changes(Some(&first), &first), []);
        let second = Record {
            name: "上麦村党总支",
            facts: "GENERAL_BRANCH",
            ..first
        };
        assert_eq!(
            changes(Some(&first), &second),
            [OrganizationChange::Renamed, OrganizationChange::FactsRecorded]
        );
        let third = Record {
            parent_id: Some("street"),
            ..second
        };
        assert_eq!(changes(Some(&second), &third), [OrganizationChange::Moved]);
        let last = Record {
            dissolved: true,
            ..third
        };
        assert_eq!(changes(Some(&third), &last), [OrganizationChange::Dissolved]);
    }
}
