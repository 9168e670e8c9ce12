//! The printed table is the review of every change of rights.

use std::path::Path;

#[test]
fn the_printed_policy_is_the_golden_file() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/policy.txt");
    let printed = domain::policy::print();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, &printed).expect("the golden file can be written");
    }
    let golden = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        golden, printed,
        "rights changed: run with UPDATE_GOLDEN=1 and review the diff"
    );
}

#[test]
fn every_subject_has_exactly_one_row() {
    for subject in domain::policy::Subject::ALL {
        let rows = domain::policy::table::TABLE
            .iter()
            .filter(|row| row.subject == *subject)
            .count();
        assert_eq!(rows, 1, "{subject}");
    }
}

#[test]
fn every_act_can_be_done_by_somebody() {
    for action in domain::policy::Action::WRITES {
        let demand = action.demand();
        let held = domain::policy::table::TABLE
            .iter()
            .filter(|row| row.subject == demand.subject)
            .flat_map(|row| row.cells)
            .flat_map(|cell| cell.1)
            .any(|(right, _)| right.confers(demand.right));
        assert!(held, "{} needs a right nobody holds", action.as_str());
    }
}
