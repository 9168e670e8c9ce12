//! The plan of a city at scale: as many orgs of each kind as a whole city has, in the order in which they are founded.
//! Every place is invented.

use domain::vocabulary::OrganizationKind as Kind;
use domain::vocabulary::Sector;

use super::dice::Dice;

/// Name of the city.
const CITY: &str = "云泽市";
/// Members of a branch of an office, from which the posts above are filled.
const OFFICE: usize = 18;
/// Branches after which a part of the city is written away: what is held in memory at a time.
const PART: usize = 40;

/// How many orgs of each kind there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    counties: usize,
    /// Towns and subdistricts.
    towns: usize,
    /// City departments led by a leading group 党组, which guides the committee of their organ.
    city_groups: usize,
    /// City departments with a committee of their own.
    departments: usize,
    /// Units directly affiliated with the city.
    affiliated: usize,
    /// County departments led by a leading group.
    county_groups: usize,
    /// Units of counties with a committee: schools, hospitals.
    county_units: usize,
    /// Committees below towns: enterprises, communities.
    town_committees: usize,
    /// General branches below towns: villages.
    town_general: usize,
    branches: usize,
}

impl Extent {
    /// A city of 12 430 branches at scale 1; of each kind there is one at least.
    pub(super) fn at(scale: f64) -> Self {
        let number = |at_one: f64| ((at_one * scale).round() as usize).max(1);
        Self {
            counties: number(7.0),
            towns: number(72.0),
            city_groups: number(60.0),
            departments: number(40.0),
            affiliated: number(20.0),
            county_groups: number(350.0),
            county_units: number(150.0),
            town_committees: number(358.0),
            town_general: number(805.0),
            branches: number(12_430.0),
        }
    }

    /// Branches that stand directly below towns and the working committees of new enterprises: all that have no other place.
    fn loose(&self) -> usize {
        let fixed = 3 * (1 + self.counties + self.departments + self.affiliated);
        let general = self.county_groups / 2 + self.departments + self.affiliated + self.town_general;
        let committees = self.city_groups + self.county_groups.div_ceil(2) + self.county_units + self.town_committees;
        self.branches.saturating_sub(fixed + general * 3 + committees * 5)
    }
}

/// One org above branches, with the branches directly below it.
pub(super) struct Line {
    pub(super) depth: usize,
    pub(super) kind: Kind,
    pub(super) sector: Sector,
    pub(super) name: String,
    /// Name of the leading group that guides it.
    pub(super) guided_by: Option<String>,
    pub(super) branches: Vec<Plot>,
    /// Only further branches of the org of the line before.
    pub(super) goes_on: bool,
}

/// A branch as planned.
pub(super) struct Plot {
    pub(super) name: String,
    pub(super) size: usize,
    pub(super) groups: usize,
    /// The posts above are filled from it: nothing odd befalls it.
    pub(super) office: bool,
}

/// The whole plan, depth first, cut into parts that follow each other.
pub(super) fn parts(extent: &Extent, dice: &mut Dice) -> Vec<Vec<Line>> {
    let mut plan = Plan {
        extent: *extent,
        dice,
        parts: vec![Vec::new()],
        branches: 0,
        towns: 0,
        committees: 0,
        general: 0,
    };
    plan.city();
    plan.parts
}

struct Plan<'a> {
    extent: Extent,
    dice: &'a mut Dice,
    parts: Vec<Vec<Line>>,
    /// Branches in the part that is being filled.
    branches: usize,
    towns: usize,
    committees: usize,
    general: usize,
}

impl Plan<'_> {
    fn city(&mut self) {
        let committee = format!("中共{CITY}委员会");
        self.add(0, Kind::CityCommittee, Sector::Organ, committee, None, Vec::new());
        let groups: Vec<String> = (0..self.extent.city_groups)
            .map(|n| format!("{CITY}{}局", trade(n)))
            .collect();
        self.organs(1, CITY, &groups, |_| true);
        for number in 0..self.extent.departments {
            let unit = format!("{CITY}{}委", trade(number + 60));
            self.department(Kind::DepartmentCommittee, &unit);
        }
        for number in 0..self.extent.affiliated {
            let unit = format!("{CITY}{}中心", trade(number + 100));
            self.department(Kind::DirectlyAffiliatedUnitCommittee, &unit);
        }
        for number in 0..self.extent.counties {
            self.county(number);
        }
    }

    /// The leading groups of departments, and the working committee of their organs with the orgs that they guide.
    fn organs(&mut self, depth: usize, place: &str, groups: &[String], is_committee: impl Fn(usize) -> bool) {
        for group in groups {
            let name = format!("中共{group}党组");
            self.add(
                depth,
                Kind::LeadingPartyMembersGroup,
                Sector::Organ,
                name,
                None,
                Vec::new(),
            );
        }
        let offices = [
            format!("{place}委办公室"),
            format!("{place}委组织部"),
            format!("{place}纪委机关"),
        ];
        let offices = offices.map(|name| plot(format!("{name}党支部"), OFFICE, true)).into();
        let name = format!("{place}直属机关工作委员会");
        self.add(depth, Kind::WorkingCommittee, Sector::Organ, name, None, offices);
        for (number, group) in groups.iter().enumerate() {
            let guided = Some(format!("中共{group}党组"));
            let (kind, name) = if is_committee(number) {
                (Kind::PrimaryCommittee, format!("中共{group}机关委员会"))
            } else {
                (Kind::GeneralBranch, format!("{group}机关党总支"))
            };
            let branches = if is_committee(number) {
                self.of_committee()
            } else {
                self.of_general()
            };
            let branches = (1..=branches).map(|n| {
                let name = format!("{group}机关{}党支部", ordinal(n));
                if n == 1 {
                    plot(name, OFFICE, true)
                } else {
                    self.plot(name)
                }
            });
            let branches = branches.collect();
            self.add(depth + 1, kind, Sector::Organ, name, guided, branches);
        }
    }

    fn department(&mut self, kind: Kind, unit: &str) {
        let sector = if kind == Kind::DepartmentCommittee {
            Sector::Organ
        } else {
            Sector::Institution
        };
        let branches = ["办公室", "业务", "后勤"]
            .map(|part| self.plot(format!("{unit}{part}党支部")))
            .into();
        self.add(1, kind, sector, format!("中共{unit}委员会"), None, branches);
        let number = self.of_general();
        let branches = self.numbered(&format!("{unit}下属单位"), number);
        self.add(
            2,
            Kind::GeneralBranch,
            Sector::Institution,
            format!("{unit}下属单位党总支"),
            None,
            branches,
        );
    }

    fn county(&mut self, number: usize) {
        let extent = self.extent;
        let share = |all: usize| share(all, extent.counties, number);
        let place = format!(
            "{}{}",
            place(number * 131 + 7),
            if number.is_multiple_of(3) { "区" } else { "县" }
        );
        self.add(
            1,
            Kind::CountyCommittee,
            Sector::Organ,
            format!("中共{place}委员会"),
            None,
            Vec::new(),
        );
        let groups: Vec<String> = (0..share(extent.county_groups))
            .map(|n| format!("{place}{}局", trade(n)))
            .collect();
        self.organs(2, &place, &groups, |number| number.is_multiple_of(2));
        let enterprises = share(extent.loose()) / 4;
        let branches = (0..enterprises).map(|n| {
            let kind = if n.is_multiple_of(9) {
                "社工服务中心"
            } else {
                "有限公司"
            };
            self.plot(format!("{place}{}{kind}党支部", self::place(n * 17 + number)))
        });
        let branches = branches.collect();
        let name = format!("{place}两新组织工作委员会");
        self.add(2, Kind::WorkingCommittee, Sector::NewEconomic, name, None, branches);
        for unit in 0..share(extent.county_units) {
            let (sector, what) = if unit.is_multiple_of(2) {
                (Sector::School, "中学")
            } else {
                (Sector::Hospital, "医院")
            };
            let name = format!("{place}{}{what}", self::place(unit * 29 + 3));
            let committee = format!("{name}委员会");
            let number = self.of_committee();
            let branches = self.numbered(&name, number);
            self.add(2, Kind::PrimaryCommittee, sector, committee, None, branches);
        }
        let loose = share(extent.loose()).saturating_sub(enterprises);
        let towns = share(extent.towns);
        for town in 0..towns {
            self.town(&place, self::share(loose, towns, town));
        }
    }

    fn town(&mut self, county: &str, loose: usize) {
        let (number, extent) = (self.towns, self.extent);
        self.towns += 1;
        let share = |all: usize| share(all, extent.towns, number);
        let is_street = number % 3 == 2;
        let town = place(number * 7 + 400);
        let (kind, name, rural) = if is_street {
            (
                Kind::SubdistrictWorkingCommittee,
                format!("{county}{town}街道工作委员会"),
                "社区",
            )
        } else {
            (Kind::TownCommittee, format!("中共{county}{town}镇委员会"), "村")
        };
        let mut branches = vec![self.plot(format!("{town}镇机关党支部"))];
        for branch in 1..loose {
            let what = match branch % 4 {
                0 => "有限公司",
                1 => "联合",
                2.. => rural,
            };
            branches.push(self.plot(format!("{town}{}{what}党支部", place(branch * 3 + number))));
        }
        self.add(2, kind, Sector::Organ, name, None, branches);
        for village in 0..share(extent.town_general) {
            let name = format!("{town}{}{rural}", place(village * 5 + number + 900));
            let sector = if is_street { Sector::Community } else { Sector::Village };
            let number = self.of_general();
            let branches = self.numbered(&name, number);
            self.add(3, Kind::GeneralBranch, sector, format!("{name}党总支"), None, branches);
        }
        for committee in 0..share(extent.town_committees) {
            let (sector, what) = match committee % 4 {
                0 => (Sector::Community, "社区"),
                1 => (Sector::StateEnterprise, "水泥厂"),
                2.. => (Sector::NewEconomic, "纺织有限公司"),
            };
            let name = format!("{town}{}{what}", place(committee * 11 + number + 1200));
            let number = self.of_committee();
            let branches = self.numbered(&name, number);
            self.add(
                3,
                Kind::PrimaryCommittee,
                sector,
                format!("{name}委员会"),
                None,
                branches,
            );
        }
    }

    /// Branches of the next general branch: two, three, four in turn.
    fn of_general(&mut self) -> usize {
        self.general += 1;
        2 + self.general % 3
    }

    /// Branches of the next committee: three to seven in turn.
    fn of_committee(&mut self) -> usize {
        self.committees += 1;
        3 + self.committees % 5
    }

    fn numbered(&mut self, of: &str, branches: usize) -> Vec<Plot> {
        (1..=branches)
            .map(|n| self.plot(format!("{of}{}党支部", ordinal(n))))
            .collect()
    }

    /// A branch of a chance size: few tiny, few very large, 20.9 members on average.
    fn plot(&mut self, name: String) -> Plot {
        let (low, high) = match self.dice.below(100) {
            0..6 => (3, 6),
            6..21 => (7, 11),
            21..46 => (12, 18),
            46..72 => (19, 26),
            72..91 => (27, 36),
            91.. => (37, 50),
        };
        let size = usize::try_from(self.dice.between(low, high)).unwrap_or(20);
        plot(name, size, false)
    }

    fn add(
        &mut self,
        depth: usize,
        kind: Kind,
        sector: Sector,
        name: String,
        guided_by: Option<String>,
        branches: Vec<Plot>,
    ) {
        let mut branches = branches.into_iter();
        let line = |branches: Vec<Plot>, goes_on: bool| Line {
            depth,
            kind,
            sector,
            name: name.clone(),
            guided_by: guided_by.clone().filter(|_| !goes_on),
            branches,
            goes_on,
        };
        self.push(line(branches.by_ref().take(PART).collect(), false));
        while branches.len() > 0 {
            self.push(line(branches.by_ref().take(PART).collect(), true));
        }
    }

    fn push(&mut self, line: Line) {
        if self.branches >= PART {
            self.parts.push(Vec::new());
            self.branches = 0;
        }
        self.branches += line.branches.len();
        if let Some(part) = self.parts.last_mut() {
            part.push(line);
        }
    }
}

fn plot(name: String, size: usize, office: bool) -> Plot {
    let groups = match size {
        ..20 => 0,
        20..27 => 2,
        27..37 => 3,
        37.. => 4,
    };
    Plot {
        name,
        size,
        groups,
        office,
    }
}

/// What falls to one of so many, that all together get all.
fn share(all: usize, among: usize, number: usize) -> usize {
    all * (number + 1) / among - all * number / among
}

/// 第一, 第二, …
pub(super) fn ordinal(number: usize) -> String {
    const DIGITS: [&str; 10] = ["十", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    format!("第{}", DIGITS.get(number % 10).copied().unwrap_or_default())
}

/// An invented name of a place.
fn place(number: usize) -> String {
    const FIRST: [&str; 23] = [
        "青", "竹", "石", "麦", "芦", "云", "柳", "桑", "荷", "榆", "枫", "茶", "鹭", "雁", "澄", "碧", "松", "梅",
        "兰", "槐", "橘", "苇", "杏",
    ];
    const SECOND: [&str; 19] = [
        "禾", "渡", "桥", "溪", "港", "岭", "湾", "园", "塘", "坪", "洲", "堤", "坞", "浦", "泾", "埠", "庄", "埭",
        "墩",
    ];
    let pick = |words: &[&'static str], at: usize| words.get(at % words.len()).copied().unwrap_or_default();
    // 23 and 19 have no common divisor: 437 names before one comes again.
    format!("{}{}", pick(&FIRST, number), pick(&SECOND, number))
}

/// What a department looks after.
fn trade(number: usize) -> String {
    const WHAT: [&str; 20] = [
        "水务", "教育", "交通", "农业", "文化", "财政", "民政", "商务", "统计", "审计", "气象", "林业", "体育", "档案",
        "地震", "粮食", "旅游", "信访", "质监", "环保",
    ];
    const HOW: [&str; 6] = ["", "规划", "监测", "发展", "服务", "建设"];
    let what = WHAT.get(number % WHAT.len()).copied().unwrap_or_default();
    let how = HOW.get(number / WHAT.len() % HOW.len()).copied().unwrap_or_default();
    format!("{what}{how}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_city_at_scale_one_has_the_orgs_of_a_whole_city() {
        let parts = parts(&Extent::at(1.0), &mut Dice::new(7));
        let lines = || parts.iter().flatten();
        let of = |kinds: &[Kind]| {
            lines()
                .filter(|line| kinds.contains(&line.kind) && !line.goes_on)
                .count()
        };
        assert_eq!(of(&[Kind::CountyCommittee]), 7);
        assert_eq!(of(&[Kind::TownCommittee, Kind::SubdistrictWorkingCommittee]), 72);
        assert_eq!(of(&[Kind::PrimaryCommittee]), 743);
        assert_eq!(of(&[Kind::GeneralBranch]), 1040);
        let (branches, members, groups) = lines().flat_map(|line| &line.branches).fold((0, 0, 0), |sum, plot| {
            (sum.0 + 1, sum.1 + plot.size, sum.2 + plot.groups)
        });
        assert!((12_400..12_460).contains(&branches), "{branches} branches");
        assert!((253_000..267_000).contains(&members), "{members} members");
        assert!((15_500..18_000).contains(&groups), "{groups} groups");
        let largest = parts
            .iter()
            .map(|part| part.iter().map(|line| line.branches.len()).sum::<usize>());
        assert!(largest.max().unwrap() < 2 * PART, "no part holds much more than others");
    }

    #[test]
    fn a_small_city_has_one_of_each_kind() {
        let lines: Vec<Line> = parts(&Extent::at(0.001), &mut Dice::new(7))
            .into_iter()
            .flatten()
            .collect();
        for kind in Kind::ALL.iter().filter(|kind| {
            !matches!(
                kind,
                Kind::Branch | Kind::PartyGroup | Kind::SubdistrictWorkingCommittee
            )
        }) {
            assert!(lines.iter().any(|line| line.kind == *kind), "{kind}");
        }
    }
}
