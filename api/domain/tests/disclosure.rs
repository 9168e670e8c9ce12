//! Small figures stay hidden, also from subtraction (spec 3, rule 2).

use domain::disclosure::{Cell, is_shown};

fn cells(values: &[(&str, i64)]) -> Vec<Cell> {
    let cell = |(id, value): &(&str, i64)| Cell {
        organization_id: (*id).to_owned(),
        value: *value,
    };
    values.iter().map(cell).collect()
}

/// Which of these children of a top with their sum are shown.
fn shown(values: &[(&'static str, i64)]) -> Vec<&'static str> {
    let top = cells(&[("top", values.iter().map(|(_, value)| value).sum())]);
    let line = |id: &'static str| [("top", top.clone()), (id, cells(values))];
    values
        .iter()
        .map(|(id, _)| *id)
        .filter(|id| is_shown(&line(id)))
        .collect()
}

#[test]
fn a_figure_below_five_is_hidden() {
    assert_eq!(shown(&[("a", 5), ("b", 4), ("c", 0)]), ["a"]);
}

#[test]
fn one_hidden_sibling_takes_the_least_of_the_others_with_it() {
    assert_eq!(shown(&[("a", 9), ("b", 3), ("c", 7)]), ["a"]);
    assert_eq!(shown(&[("a", 9), ("b", 3)]), Vec::<&str>::new());
    assert_eq!(shown(&[("a", 9), ("b", 7)]), ["a", "b"]);
    // Of two that are equal one goes.
    assert_eq!(shown(&[("a", 7), ("b", 7), ("c", 1)]), ["b"]);
}

#[test]
fn below_a_hidden_figure_nothing_is_shown() {
    let line = [
        ("top", cells(&[("top", 12)])),
        ("a", cells(&[("a", 9), ("b", 3)])),
        ("a1", cells(&[("a1", 9)])),
    ];
    assert!(!is_shown(&line));
    assert!(!is_shown(&[("top", cells(&[("top", 4)])), ("a", cells(&[("a", 4)]))]));
}

/// Whatever the figures are, what is shown beside the sum leaves at least two unknown, or none.
#[test]
fn no_single_figure_can_be_found_by_subtraction() {
    for first in 0..9 {
        for second in 0..9 {
            for third in 0..9 {
                let values = [("a", first), ("b", second), ("c", third)];
                let hidden = values.len() - shown(&values).len();
                assert!(hidden != 1, "{values:?}");
            }
        }
    }
}
