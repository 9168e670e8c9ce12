//! Which small figures are shown: below five a figure of measures, cases or arrears could tell of one person (spec 3).

/// The least figure that is shown.
pub const LEAST: i64 = 5;

/// One org with the figure of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    pub organization_id: String,
    pub value: i64,
}

/// Whether the figure of the org at the end of a line may be shown. The line leads down from the top: at each step the
/// org on the line, with it and all its siblings. A figure that is not shown hides those below it; and where only one of
/// some siblings would be hidden, the least of the others is hidden with it, so that nobody finds it by subtraction.
#[must_use]
pub fn is_shown(line: &[(&str, Vec<Cell>)]) -> bool {
    !line.is_empty() && line.iter().all(|(id, siblings)| !is_hidden(id, siblings))
}

fn is_hidden(id: &str, siblings: &[Cell]) -> bool {
    let small = |cell: &&Cell| cell.value < LEAST;
    let Some(own) = siblings.iter().find(|cell| cell.organization_id == id) else {
        return true;
    };
    if small(&own) {
        return true;
    }
    let complement = siblings
        .iter()
        .filter(|cell| !small(cell))
        .min_by_key(|cell| (cell.value, cell.organization_id.as_str()));
    siblings.iter().filter(small).count() == 1 && complement == Some(own)
}
