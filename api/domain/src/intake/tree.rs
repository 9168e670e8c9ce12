//! The hierarchy as a file wants it 组织树: the orgs that stand with the file's rows laid over them, checked as a whole before
//! anything is written. Rows that cannot be are refused; the others come in an order in which each can be carried out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{By, RowAct};
use crate::place::allowed_children;
use crate::problem::{Flaw, Problem, ProblemCode};
use crate::vocabulary::OrganizationKind;

/// An org as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub id: String,
    pub parent: Option<String>,
    pub kind: OrganizationKind,
    pub dissolved: bool,
}

/// What a row wants of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    pub act: RowAct,
    pub organization: By,
    pub parent: Option<By>,
    /// Of one that is not there yet it has to be said.
    pub kind: Option<OrganizationKind>,
    /// What was found wrong with the row already: it is refused, and so is what stands on it.
    pub problems: Vec<Problem>,
}

/// An org of the tree: one that stands, or the one that a row founds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node {
    Known(String),
    /// By the place of its row among the wishes.
    New(usize),
}

/// What comes of the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The rows to carry out, in order, each with the org it is about and the one that org is to stand below.
    pub steps: Vec<Step>,
    /// The rows that are refused.
    pub refused: BTreeMap<usize, Vec<Problem>>,
}

/// A row to carry out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub wish: usize,
    pub node: Node,
    pub parent: Option<Node>,
}

/// Plans what the rows want. `names` finds the org that stands under a name.
#[must_use]
pub fn plan(standing: &[Standing], names: impl Fn(&By) -> Option<String>, wishes: &[Wish]) -> Plan {
    let mut tree = Tree::of(standing, wishes);
    tree.resolve(&names);
    while tree.refuse_once() {}
    tree.plan()
}

struct Tree<'a> {
    standing: HashMap<&'a str, &'a Standing>,
    wishes: &'a [Wish],
    /// The org of each wish, and the parent it names.
    nodes: Vec<Option<Node>>,
    parents: Vec<Option<Node>>,
    /// The wish about each org that stands.
    of_known: HashMap<String, usize>,
    refused: BTreeMap<usize, Vec<Problem>>,
}

const PARENT: &str = "parentExternalId";

impl<'a> Tree<'a> {
    fn of(standing: &'a [Standing], wishes: &'a [Wish]) -> Self {
        let refused = wishes.iter().enumerate().filter(|(_, wish)| !wish.problems.is_empty());
        Self {
            standing: standing.iter().map(|org| (org.id.as_str(), org)).collect(),
            wishes,
            nodes: vec![None; wishes.len()],
            parents: vec![None; wishes.len()],
            of_known: HashMap::new(),
            refused: refused.map(|(number, wish)| (number, wish.problems.clone())).collect(),
        }
    }

    fn refuse(&mut self, wish: usize, problem: Problem) {
        self.refused.entry(wish).or_default().push(problem);
    }

    fn is_refused(&self, wish: usize) -> bool {
        self.refused.contains_key(&wish)
    }

    /// Finds what the rows name: first what each is about, then below what it is to stand.
    fn resolve(&mut self, names: &impl Fn(&By) -> Option<String>) {
        let known = |by: &By| names(by).filter(|id| self.standing.contains_key(id.as_str()));
        let found: Vec<Option<String>> = self.wishes.iter().map(|wish| known(&wish.organization)).collect();
        let mut new: HashMap<&By, usize> = HashMap::new();
        for (number, (wish, id)) in self.wishes.iter().zip(found).enumerate() {
            let first = match (&id, &wish.organization) {
                (Some(id), _) => *self.of_known.entry(id.clone()).or_insert(number),
                (None, By::Id(_)) => {
                    self.refuse(number, Problem::at(ProblemCode::NotFound, "id"));
                    continue;
                }
                (None, by) => *new.entry(by).or_insert(number),
            };
            if first != number {
                self.refuse(number, Problem::invalid("externalId", Flaw::Duplicate));
                continue;
            }
            let node = id.map_or(Node::New(number), Node::Known);
            if let Some(place) = self.nodes.get_mut(number) {
                *place = Some(node);
            }
        }
        for (number, wish) in self.wishes.iter().enumerate() {
            let Some(by) = &wish.parent else { continue };
            let found = names(by)
                .filter(|id| self.standing.contains_key(id.as_str()))
                .map(Node::Known);
            let found = found.or_else(|| new.get(by).map(|number| Node::New(*number)));
            let Some(node) = found else {
                self.refuse(number, Problem::at(ProblemCode::NotFound, PARENT));
                continue;
            };
            if let Some(place) = self.parents.get_mut(number) {
                *place = Some(node);
            }
        }
    }

    /// The wish about an org, unless it is refused.
    fn wish_about(&self, node: &Node) -> Option<usize> {
        let number = match node {
            Node::Known(id) => self.of_known.get(id).copied(),
            Node::New(number) => Some(*number),
        };
        number.filter(|number| !self.is_refused(*number))
    }

    /// Below what an org stands once all rows that are not refused are carried out.
    fn parent_of(&self, node: &Node) -> Option<Node> {
        let wanted = self
            .wish_about(node)
            .and_then(|number| self.parents.get(number).cloned().flatten());
        wanted.or_else(|| match node {
            Node::Known(id) => self.standing.get(id.as_str())?.parent.clone().map(Node::Known),
            Node::New(_) => None,
        })
    }

    fn kind_of(&self, node: &Node) -> Option<OrganizationKind> {
        match node {
            Node::Known(id) => Some(self.standing.get(id.as_str())?.kind),
            Node::New(number) => self.wishes.get(*number)?.kind,
        }
    }

    fn is_dissolved(&self, node: &Node) -> bool {
        let by_file = self.wish_about(node).and_then(|number| self.wishes.get(number));
        let stands_dissolved = match node {
            Node::Known(id) => self.standing.get(id.as_str()).is_some_and(|org| org.dissolved),
            Node::New(_) => false,
        };
        stands_dissolved || by_file.is_some_and(|wish| wish.act == RowAct::Dissolve)
    }

    /// Looks once at all rows that are not refused; says whether some were refused, so that the others have to be looked at
    /// again.
    fn refuse_once(&mut self) -> bool {
        let before = self.refused.len();
        let cycles = self.cycles();
        for number in cycles {
            self.refuse(number, Problem::at(ProblemCode::ParentBelowChild, PARENT));
        }
        if self.refused.len() > before {
            return true;
        }
        // No cycle is left: parents come before their children, so that a refused one takes along what was to stand on it.
        for number in self.in_order() {
            if let Some(problem) = self.against(number) {
                self.refuse(number, problem);
            }
        }
        for number in self.dissolved_with_children() {
            self.refuse(
                number.0,
                Problem::at(ProblemCode::HasChildren, "id").with("count", number.1),
            );
        }
        self.refused.len() > before
    }

    /// What speaks against a row, given the rows before it.
    fn against(&self, number: usize) -> Option<Problem> {
        let (wish, node) = (self.wishes.get(number)?, self.nodes.get(number)?.as_ref()?);
        if self.is_dissolved(node) && wish.act != RowAct::Dissolve {
            return Some(Problem::wrong_state("id", "DISSOLVED"));
        }
        let is_new = matches!(node, Node::New(_));
        if is_new && wish.act == RowAct::Dissolve {
            return Some(Problem::at(ProblemCode::NotFound, "externalId"));
        }
        let Some(parent) = self.parents.get(number).cloned().flatten() else {
            return is_new.then(|| Problem::at(ProblemCode::Required, PARENT));
        };
        let stays = matches!(node, Node::Known(id) if self.standing.get(id.as_str()).is_some_and(|org| org.parent.clone().map(Node::Known) == Some(parent.clone())));
        if stays {
            return None;
        }
        if let Node::New(number) = parent
            && self.is_refused(number)
        {
            return Some(Problem::at(ProblemCode::NotFound, PARENT));
        }
        if self.is_dissolved(&parent) {
            return Some(Problem::wrong_state(PARENT, "DISSOLVED"));
        }
        let Some(kind) = self.kind_of(node) else {
            return Some(Problem::at(ProblemCode::Required, "kind"));
        };
        let above = self.kind_of(&parent)?;
        let allowed = allowed_children(above);
        (!allowed.contains(&kind)).then(|| {
            let allowed: Vec<&str> = allowed.iter().map(|kind| kind.as_str()).collect();
            Problem::at(ProblemCode::KindNotAllowedHere, PARENT)
                .with("kind", kind)
                .with("parentKind", above)
                .with("allowed", allowed.join(","))
        })
    }

    fn living(&self) -> impl Iterator<Item = (usize, &Node)> {
        let nodes = self.nodes.iter().enumerate();
        nodes
            .filter(|(number, _)| !self.is_refused(*number))
            .filter_map(|(number, node)| Some((number, node.as_ref()?)))
    }

    /// The rows whose orgs would come to stand below themselves.
    fn cycles(&self) -> BTreeSet<usize> {
        let mut done: BTreeSet<Node> = BTreeSet::new();
        let mut found = BTreeSet::new();
        for (_, start) in self.living() {
            let (mut trail, mut place) = (Vec::new(), HashMap::new());
            let mut next = Some(start.clone());
            while let Some(node) = next {
                if done.contains(&node) {
                    break;
                }
                if let Some(begin) = place.get(&node) {
                    let round = trail.iter().skip(*begin);
                    found.extend(round.filter_map(|node| self.wish_about(node)));
                    break;
                }
                place.insert(node.clone(), trail.len());
                trail.push(node.clone());
                next = self.parent_of(&node);
            }
            done.extend(trail);
        }
        found
    }

    /// Rows that are not refused, parents before what stands below them.
    fn in_order(&self) -> Vec<usize> {
        let mut depths: HashMap<Node, usize> = HashMap::new();
        let mut order: Vec<(usize, usize)> = Vec::new();
        for (number, node) in self.living() {
            let (mut trail, mut next) = (Vec::new(), Some(node.clone()));
            let mut depth = 0;
            while let Some(node) = next {
                if let Some(known) = depths.get(&node) {
                    depth = known + 1;
                    break;
                }
                next = self.parent_of(&node);
                trail.push(node);
            }
            for node in trail.into_iter().rev() {
                depths.insert(node, depth);
                depth += 1;
            }
            order.push((depths.get(node).copied().unwrap_or_default(), number));
        }
        order.sort_unstable();
        order.into_iter().map(|(_, number)| number).collect()
    }

    /// Rows that dissolve what would still have something below it, with how much.
    fn dissolved_with_children(&self) -> Vec<(usize, usize)> {
        let mut children: HashMap<Node, usize> = HashMap::new();
        let known = self.standing.values().map(|org| Node::Known(org.id.clone()));
        let new = self
            .living()
            .filter(|(_, node)| matches!(node, Node::New(_)))
            .map(|(_, node)| node.clone());
        for node in known.chain(new).filter(|node| !self.is_dissolved(node)) {
            if let Some(parent) = self.parent_of(&node) {
                *children.entry(parent).or_default() += 1;
            }
        }
        let dissolving = self.living().filter(|(number, _)| {
            self.wishes
                .get(*number)
                .is_some_and(|wish| wish.act == RowAct::Dissolve)
        });
        dissolving
            .filter_map(|(number, node)| Some((number, *children.get(node)?)))
            .collect()
    }

    fn plan(self) -> Plan {
        let order = self.in_order();
        let dissolves = |number: &usize| {
            self.wishes
                .get(*number)
                .is_some_and(|wish| wish.act == RowAct::Dissolve)
        };
        let (last, first): (Vec<usize>, Vec<usize>) = order.into_iter().partition(dissolves);
        // What is dissolved goes last, from below.
        let steps = first.into_iter().chain(last.into_iter().rev());
        let step = |wish: usize| {
            let node = self.nodes.get(wish)?.clone()?;
            let parent = self.parents.get(wish)?.clone();
            Some(Step { wish, node, parent })
        };
        Plan {
            steps: steps.filter_map(step).collect(),
            refused: self.refused,
        }
    }
}
