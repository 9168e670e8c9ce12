//! Which book is in force for an org on a day.

use domain::rulebook::JIAXING_2015;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_default()
}

/// The shipped book under another key, in a version that holds from a day on.
fn text(key: &str, version: u32, from: &str) -> (String, i64, String) {
    let text = JIAXING_2015
        .replacen("key = \"jiaxing-2015\"", &format!("key = \"{key}\""), 1)
        .replacen("version = 1", &format!("version = {version}"), 1)
        .replacen("effective_from = 2015-03-09", &format!("effective_from = {from}"), 1);
    (key.to_owned(), i64::from(version), text)
}

fn library(assigned: &[(&str, &str, &str)]) -> Library {
    let assignments = assigned
        .iter()
        .map(|(path, from, key)| ((*path).to_owned(), day(from), (*key).to_owned()));
    Library::of(&RulebookRows {
        texts: vec![
            text("county", 1, "2025-01-01"),
            text("county", 2, "2026-07-01"),
            text("town", 1, "2025-01-01"),
        ],
        assignments: assignments.collect(),
        moves: Vec::new(),
        names: vec![("county".to_owned(), "永河县委".to_owned())],
    })
}

fn in_force(library: &Library, path: &str, on: &str) -> String {
    in_force_for(library, path, Sector::Village, on)
}

fn in_force_for(library: &Library, path: &str, sector: Sector, on: &str) -> String {
    let sector = Some(sector);
    library
        .books(Seat { path, sector })
        .map(|books| books.on(day(on)))
        .map_or_else(String::new, |book| format!("{}@{}", book.key, book.version))
}

#[test]
fn exactly_one_book_is_in_force_for_an_org_on_a_day_the_nearest_ancestor_s() {
    let library = library(&[
        ("/city/county/", "2026-03-01", "county"),
        ("/city/county/town/", "2026-05-01", "town"),
    ]);
    let branch = |on| in_force(&library, "/city/county/town/branch/", on);
    assert_eq!(branch("2026-02-28"), "jiaxing-2015@1");
    assert_eq!(branch("2026-03-01"), "county@1");
    assert_eq!(branch("2026-04-30"), "county@1");
    assert_eq!(branch("2026-05-01"), "town@1");
    assert_eq!(
        branch("2026-07-01"),
        "town@1",
        "a new version of the book above changes nothing here"
    );
    let beside = |on| in_force(&library, "/city/county/other/branch/", on);
    assert_eq!(
        (beside("2026-06-30"), beside("2026-07-01")),
        ("county@1".to_owned(), "county@2".to_owned())
    );
    assert_eq!(
        in_force(&library, "/city/county2/", "2026-06-01"),
        "jiaxing-2015@1",
        "no name is a part of another"
    );
}

#[test]
fn a_later_assignment_above_does_not_reach_below_a_nearer_one() {
    let library = library(&[
        ("/city/county/town/", "2026-03-01", "town"),
        ("/city/county/", "2026-05-01", "county"),
        ("/city/", "2026-06-01", "jiaxing-2015"),
    ]);
    assert_eq!(in_force(&library, "/city/county/town/branch/", "2026-06-02"), "town@1");
    assert_eq!(in_force(&library, "/city/county/other/", "2026-06-02"), "county@1");
    assert_eq!(in_force(&library, "/city/", "2026-06-02"), "jiaxing-2015@1");
}

/// A library in which the book of the county is for some fields of work, or for a territory.
fn narrowed(head: &str, assigned: &[(&str, &str, &str)]) -> Library {
    let (key, version, text) = text("county", 1, "2025-01-01");
    let text = text.replacen("territory = \"jiaxing\"\n", &format!("{head}\n"), 1);
    let assignments = assigned
        .iter()
        .map(|(path, from, key)| ((*path).to_owned(), day(from), (*key).to_owned()));
    Library::of(&RulebookRows {
        // The shelf keeps what it has read under key and version.
        texts: vec![(
            format!("{key}{}", head.len()),
            version,
            text.replacen("\"county\"", &format!("\"{key}{}\"", head.len()), 1),
        )],
        assignments: assignments
            .map(|(path, from, _)| (path, from, format!("{key}{}", head.len())))
            .collect(),
        moves: vec![Moved {
            organization_id: "town".to_owned(),
            on_day: day("2026-06-01"),
            old_parent_path: "/city/county/".to_owned(),
        }],
        names: vec![
            ("county".to_owned(), "永河县委".to_owned()),
            ("other".to_owned(), "别县县委".to_owned()),
        ],
    })
}

#[test]
fn a_book_for_some_fields_of_work_holds_only_for_orgs_in_them() {
    let library = narrowed("sectors = [\"VILLAGE\"]", &[("/city/", "2026-03-01", "county")]);
    assert!(library.asks_sector());
    let at = |sector, on| in_force_for(&library, "/city/county/branch/", sector, on);
    assert!(at(Sector::Village, "2026-03-01").starts_with("county"));
    assert_eq!(at(Sector::Village, "2026-02-28"), "jiaxing-2015@1");
    assert_eq!(
        at(Sector::School, "2026-03-01"),
        "jiaxing-2015@1",
        "the one above holds"
    );
    let unknown = library.books(Seat {
        path: "/city/county/branch/",
        sector: None,
    });
    assert_eq!(unknown.unwrap().on(day("2026-04-01")).key, "jiaxing-2015");
}

#[test]
fn a_book_for_a_territory_holds_only_inside_it_on_each_day() {
    for territory in ["永河县委", "county"] {
        let head = format!("territory = \"{territory}\"");
        let assigned = [("/city/", "2026-03-01", "county")];
        let library = narrowed(&head, &assigned);
        let at = |path: &str, on: &str| in_force(&library, path, on).starts_with("county");
        assert!(at("/city/county/branch/", "2026-07-01"), "{territory}");
        assert!(!at("/city/other/branch/", "2026-07-01"), "{territory}");
        assert!(
            at("/city/other/town/branch/", "2026-05-31"),
            "before the town moved out"
        );
        assert!(!at("/city/other/town/branch/", "2026-06-01"), "since it has moved out");
    }
}
