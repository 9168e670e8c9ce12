//! docs/importing.md shows the columns as the table has them. `UPDATE_GOLDEN=1 cargo test -p domain --test importing` writes it.

use domain::intake::RowAct;
use domain::intake::columns::{Column, Holds, acts, columns};
use domain::vocabulary::{ImportKind, Language};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/importing.md");

fn holds(kind: ImportKind, column: &Column) -> String {
    match column.holds {
        Holds::Text => "text".to_owned(),
        Holds::Day => "day".to_owned(),
        Holds::Moment => "day and time".to_owned(),
        Holds::Flag => "是/否, yes/no".to_owned(),
        Holds::Code(values) => worded(values),
        Holds::Codes(values) => format!("one for all, or one for each in their order: {}", worded(values)),
        Holds::Agenda(values) => format!("lines `kind\\|title`; kinds: {}", worded(values)),
        Holds::Resolutions(values) => format!(
            "lines `kind\\|title\\|ayes\\|noes\\|abstentions`, then also `\\|owner id\\|due on` of who carries it out, \
             `\\|id=ground …` of who is left out; kinds: {}",
            worded(values)
        ),
        Holds::Act => {
            let words = acts(kind)
                .iter()
                .map(|act: &RowAct| format!("{} `{act}`", act.label(Language::ZhCn)));
            words.collect::<Vec<_>>().join(", ")
        }
        Holds::Name => "id of ours".to_owned(),
        Holds::Names => "one or several ids".to_owned(),
        Holds::Identity => "identity number, as text".to_owned(),
        Holds::Phone => "phone number".to_owned(),
        Holds::Passed => "passed over".to_owned(),
    }
}

fn worded(values: fn(Language) -> Vec<(&'static str, &'static str)>) -> String {
    let words = values(Language::ZhCn)
        .into_iter()
        .map(|(code, words)| format!("{words} `{code}`"));
    words.collect::<Vec<_>>().join(", ")
}

fn table(kind: ImportKind) -> String {
    let mut lines = vec![
        "| key | 中文表头 | English | also | holds | new |".to_owned(),
        "|---|---|---|---|---|---|".to_owned(),
    ];
    for column in columns(kind) {
        let also = column
            .also
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(" ");
        let needed = if column.needed { "needed" } else { "" };
        let holds = holds(kind, column);
        lines.push(format!(
            "| `{}` | {} | {} | {also} | {holds} | {needed} |",
            column.key, column.chinese, column.english
        ));
    }
    lines.join("\n")
}

#[test]
fn the_page_shows_the_columns_as_they_are() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let mut wanted = page.clone();
    for kind in ImportKind::ALL {
        let begin = format!("<!-- columns {kind} -->\n");
        let (before, rest) = wanted
            .split_once(&begin)
            .unwrap_or_else(|| panic!("{kind} is not on the page"));
        let (_, after) = rest.split_once("<!-- end -->").expect("an end");
        wanted = format!("{before}{begin}\n{}\n\n<!-- end -->{after}", table(*kind));
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(PAGE, &wanted).unwrap();
        return;
    }
    assert!(
        page == wanted,
        "docs/importing.md is not what the table says: UPDATE_GOLDEN=1"
    );
}
