//! Rows and trees as files may have them: whatever stands in a cell nothing breaks, and whatever a file wants of the hierarchy
//! what comes of it is one.

use std::collections::{BTreeMap, HashMap};

use domain::identity::identity_number;
use domain::intake::columns::{columns, header_key, heading, headings};
use domain::intake::record::Record;
use domain::intake::rows::activity::ActivityRow;
use domain::intake::rows::appointment::AppointmentRow;
use domain::intake::rows::member::MemberRow;
use domain::intake::rows::organization::OrganizationRow;
use domain::intake::tree::{Node, Standing, Wish, plan};
use domain::intake::{By, RowAct, values};
use domain::place::allowed_children;
use domain::problem::Problem;
use domain::vocabulary::{ImportKind, Language, OrganizationKind as K};
use proptest::prelude::*;
use proptest::sample::select;

/// What people put into cells, and what nobody would.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,40}",
        "[0-9０-９年月日/.: T-]{0,24}",
        "[A-Z_]{0,20}",
        select(vec![
            "是",
            "否",
            "2015-03-09",
            "hr",
            "org_00000000000000000000000000",
            "mbr_00000000000000000000000000",
            "LEAVE",
            "转接",
            "书记"
        ])
        .prop_map(str::to_owned),
        "[0-9]{17}[0-9X]",
    ]
}

fn record(kind: ImportKind) -> impl Strategy<Value = Record> {
    let keys: Vec<&'static str> = columns(kind).iter().map(|column| column.key).collect();
    proptest::collection::btree_map(select(keys), cell(), 0..12).prop_map(|cells| Record { row: 2, cells })
}

fn told(problems: &[Problem]) -> String {
    let texts = problems.iter().flat_map(|problem| {
        let messages = [Language::ZhCn, Language::En].map(|language| problem.message(language));
        messages.into_iter().chain(problem.params.values().cloned())
    });
    texts.collect::<Vec<_>>().join("\n")
}

proptest! {
    #[test]
    fn no_cell_breaks_the_reading(
        organization in record(ImportKind::Organization),
        member in record(ImportKind::Member),
        appointment in record(ImportKind::Appointment),
        activity in record(ImportKind::Activity),
        text in ".{0,60}",
    ) {
        let refused = [
            OrganizationRow::of(&organization).err(),
            MemberRow::of(&member).err(),
            AppointmentRow::of(&appointment).err(),
            ActivityRow::of(&activity).err(),
        ];
        for problems in refused.into_iter().flatten() {
            prop_assert!(!problems.is_empty());
            for problem in &problems {
                prop_assert!(problem.path.len() >= 2, "{problem:?}");
            }
        }
        let _ = (values::date(&text), values::moment(&text), values::flag(&text), header_key(&text));
        for kind in ImportKind::ALL {
            let _ = heading(*kind, &text, &BTreeMap::new());
            let _ = headings(*kind, std::slice::from_ref(&text), &BTreeMap::new());
        }
    }

    #[test]
    fn a_wrong_identity_number_is_refused_and_never_told(number in "[1-9][0-9]{16}[0-9Xx]", shown in any::<bool>()) {
        let typed = if shown { number.clone() } else { format!(" {} {} ", &number[..6], &number[6..]) };
        let record = Record {
            row: 2,
            cells: BTreeMap::from([("system", "hr".to_owned()), ("externalId", "1".to_owned()), ("identityNumber", typed)]),
        };
        match MemberRow::of(&record) {
            Ok(row) => {
                prop_assert!(identity_number(&number).is_some());
                prop_assert!(!format!("{row:?}").contains(&number[..6]), "a row that is printed shows nothing");
            }
            Err(problems) => {
                prop_assert_eq!(problems[0].code.as_str(), "IDENTITY_NUMBER_WRONG");
                let told = told(&problems);
                let most = number.as_bytes().windows(3).find(|part| told.contains(std::str::from_utf8(part).unwrap_or("?")));
                prop_assert!(most.is_none(), "{told}");
                prop_assert!(told.contains(&number[16..]));
            }
        }
    }
}

const KINDS: [K; 6] = [
    K::CountyCommittee,
    K::TownCommittee,
    K::PrimaryCommittee,
    K::GeneralBranch,
    K::Branch,
    K::PartyGroup,
];

/// A tree that could stand: each org below an earlier one that may have it, else below none.
fn standing() -> impl Strategy<Value = Vec<Standing>> {
    let org = (
        select(KINDS.to_vec()),
        any::<prop::sample::Index>(),
        prop::bool::weighted(0.1),
    );
    proptest::collection::vec(org, 1..10).prop_map(|wanted| {
        let mut tree = vec![Standing {
            id: "k0".to_owned(),
            parent: None,
            kind: K::CityCommittee,
            dissolved: false,
        }];
        for (kind, at, dissolved) in wanted {
            let parent = at.get(&tree).clone();
            if allowed_children(parent.kind).contains(&kind) && !parent.dissolved {
                tree.push(Standing {
                    id: format!("k{}", tree.len()),
                    parent: Some(parent.id),
                    kind,
                    dissolved,
                });
            }
        }
        tree
    })
}

/// Names of orgs that stand, and of some that do not.
fn name() -> impl Strategy<Value = By> {
    let external = |value: String| By::External {
        system: "hr".to_owned(),
        value,
    };
    prop_oneof![
        (0..9u8).prop_map(|n| By::Id(format!("k{n}"))),
        (0..9u8).prop_map(move |n| external(format!("k{n}"))),
        (0..9u8).prop_map(move |n| external(format!("n{n}"))),
    ]
}

fn wishes() -> impl Strategy<Value = Vec<Wish>> {
    let act = prop_oneof![8 => Just(RowAct::Upsert), 1 => Just(RowAct::Dissolve)];
    let wish = (
        act,
        name(),
        proptest::option::weighted(0.9, name()),
        proptest::option::weighted(0.9, select(KINDS.to_vec())),
    );
    let wish = wish.prop_map(|(act, organization, parent, kind)| Wish {
        act,
        organization,
        parent: parent.filter(|_| act == RowAct::Upsert),
        kind,
        problems: Vec::new(),
    });
    proptest::collection::vec(wish, 0..14)
}

fn found(tree: &[Standing], by: &By) -> Option<String> {
    let (By::Id(name) | By::External { value: name, .. }) = by;
    tree.iter().find(|org| org.id == *name).map(|org| org.id.clone())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn whatever_a_file_wants_each_step_leaves_a_hierarchy(tree in standing(), wishes in wishes()) {
        let plan = plan(&tree, |by| found(&tree, by), &wishes);
        prop_assert_eq!(plan.steps.len() + plan.refused.len(), wishes.len(), "each row is carried out or refused");
        let mut parents: HashMap<Node, Option<Node>> = HashMap::new();
        let mut kinds: HashMap<Node, K> = HashMap::new();
        let mut gone: Vec<Node> = Vec::new();
        for org in &tree {
            parents.insert(Node::Known(org.id.clone()), org.parent.clone().map(Node::Known));
            kinds.insert(Node::Known(org.id.clone()), org.kind);
            if org.dissolved {
                gone.push(Node::Known(org.id.clone()));
            }
        }
        for step in &plan.steps {
            let wish = &wishes[step.wish];
            if wish.act == RowAct::Dissolve {
                let children = parents.iter().filter(|(node, parent)| parent.as_ref() == Some(&step.node) && !gone.contains(node));
                prop_assert_eq!(children.count(), 0, "what is dissolved is empty by then");
                gone.push(step.node.clone());
                continue;
            }
            if let Node::New(number) = &step.node {
                prop_assert_eq!(*number, step.wish);
                prop_assert!(step.parent.is_some(), "nothing is founded without a parent");
                kinds.insert(step.node.clone(), wishes[*number].kind.unwrap());
            }
            let Some(parent) = &step.parent else { continue };
            let stays = parents.get(&step.node).is_some_and(|before| before.as_ref() == Some(parent));
            if !stays {
                prop_assert!(parents.contains_key(parent), "the parent is there by then");
                prop_assert!(!gone.contains(parent), "nothing comes to stand below what is dissolved");
                prop_assert!(allowed_children(kinds[parent]).contains(&kinds[&step.node]));
            }
            parents.insert(step.node.clone(), Some(parent.clone()));
            let (mut at, mut steps) = (step.node.clone(), 0);
            while let Some(Some(above)) = parents.get(&at) {
                at = above.clone();
                steps += 1;
                prop_assert!(steps <= parents.len(), "no org stands below itself at any step");
            }
        }
    }
}

fn external(value: &str) -> By {
    By::External {
        system: "hr".to_owned(),
        value: value.to_owned(),
    }
}

fn wish(name: &str, parent: &str, kind: K) -> Wish {
    Wish {
        act: RowAct::Upsert,
        organization: external(name),
        parent: Some(external(parent)),
        kind: Some(kind),
        problems: Vec::new(),
    }
}

fn codes(tree: &[Standing], wishes: &[Wish]) -> Vec<(usize, &'static str)> {
    let plan = plan(tree, |by| found(tree, by), wishes);
    plan.refused
        .iter()
        .map(|(number, problems)| (*number, problems[0].code.as_str()))
        .collect()
}

fn city() -> Vec<Standing> {
    let org = |id: &str, parent: Option<&str>, kind| Standing {
        id: id.to_owned(),
        parent: parent.map(str::to_owned),
        kind,
        dissolved: false,
    };
    vec![
        org("city", None, K::CityCommittee),
        org("county", Some("city"), K::CountyCommittee),
        org("town", Some("county"), K::TownCommittee),
        org("general", Some("town"), K::GeneralBranch),
        org("branch", Some("general"), K::Branch),
        org("group", Some("branch"), K::PartyGroup),
        org("old", Some("town"), K::GeneralBranch),
    ]
}

#[test]
fn rows_may_come_in_any_order_and_are_carried_out_parents_first() {
    let rows = [
        wish("g", "b", K::PartyGroup),
        wish("b", "town", K::Branch),
        wish("branch", "x", K::Branch),
        wish("x", "town", K::GeneralBranch),
    ];
    let tree = city();
    let plan = plan(&tree, |by| found(&tree, by), &rows);
    assert!(plan.refused.is_empty(), "{:?}", plan.refused);
    let order: Vec<usize> = plan.steps.iter().map(|step| step.wish).collect();
    let place = |wish: usize| order.iter().position(|found| *found == wish).unwrap();
    assert!(place(1) < place(0) && place(3) < place(2));
}

#[test]
fn a_round_of_orgs_that_the_file_founds_is_refused_row_by_row_with_what_stands_on_it() {
    let rows = [
        wish("a", "c", K::GeneralBranch),
        wish("b", "a", K::GeneralBranch),
        wish("c", "b", K::GeneralBranch),
        wish("d", "a", K::Branch),
        wish("e", "town", K::Branch),
    ];
    let refused = codes(&city(), &rows);
    assert_eq!(
        refused[..3],
        [
            (0, "PARENT_BELOW_CHILD"),
            (1, "PARENT_BELOW_CHILD"),
            (2, "PARENT_BELOW_CHILD")
        ]
    );
    assert_eq!(refused[3..], [(3, "NOT_FOUND")]);
}

#[test]
fn an_org_that_stands_does_not_come_below_itself() {
    assert_eq!(
        codes(&city(), &[wish("town", "general", K::TownCommittee)]),
        [(0, "PARENT_BELOW_CHILD")]
    );
    assert_eq!(
        codes(&city(), &[wish("town", "town", K::TownCommittee)]),
        [(0, "PARENT_BELOW_CHILD")]
    );
}

#[test]
fn a_branch_is_not_moved_below_a_group_nor_below_nothing() {
    let rows = [
        wish("branch", "group", K::Branch),
        wish("n", "group", K::Branch),
        wish("m", "nobody", K::Branch),
    ];
    assert_eq!(
        codes(&city(), &rows),
        [
            (0, "PARENT_BELOW_CHILD"),
            (1, "KIND_NOT_ALLOWED_HERE"),
            (2, "NOT_FOUND")
        ]
    );
    let elsewhere = [
        wish("n", "general", K::Branch),
        wish("p", "n", K::PartyGroup),
        wish("branch", "p", K::Branch),
    ];
    assert_eq!(codes(&city(), &elsewhere), [(2, "KIND_NOT_ALLOWED_HERE")]);
}

#[test]
fn what_is_dissolved_has_to_be_empty_and_takes_nothing_in() {
    let dissolve = |name: &str| Wish {
        act: RowAct::Dissolve,
        parent: None,
        kind: None,
        ..wish(name, "x", K::Branch)
    };
    assert_eq!(codes(&city(), &[dissolve("general")]), [(0, "HAS_CHILDREN")]);
    assert_eq!(
        codes(&city(), &[dissolve("old"), wish("n", "old", K::Branch)]),
        [(1, "WRONG_STATE")]
    );
    // Its branch moves away in the same file.
    let tree = city();
    let rows = [dissolve("general"), wish("branch", "town", K::Branch)];
    let plan = plan(&tree, |by| found(&tree, by), &rows);
    assert!(plan.refused.is_empty());
    assert_eq!(plan.steps.iter().map(|step| step.wish).collect::<Vec<_>>(), [1, 0]);
}

#[test]
fn one_org_in_two_rows_is_refused_the_second_time_under_whichever_name() {
    let by_id = Wish {
        organization: By::Id("branch".to_owned()),
        ..wish("branch", "town", K::Branch)
    };
    assert_eq!(
        codes(&city(), &[wish("branch", "town", K::Branch), by_id]),
        [(1, "INVALID")]
    );
}
