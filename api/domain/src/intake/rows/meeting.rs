//! What stood on the agenda of a meeting 议程 and what it resolved 决议: a line of the cell each, its parts parted by `|`.

use chrono::NaiveDate;

use super::Cells;
use crate::intake::{By, values};
use crate::problem::{Flaw, Problem};
use crate::rulebook::words::ExclusionGround;
use crate::vocabulary::{AgendaItemKind, EntityKind, LeaveCategory, ResolutionKind};

/// How a line of the agenda is written.
pub const AGENDA_FORM: &str = "类别|标题, kind|title";
/// How a resolution is written; what is in brackets may be left out.
pub const RESOLUTION_FORM: &str = "类别|标题|赞成|反对|弃权[|落实人编号|落实期限[|不计入人员编号=理由]], \
     kind|title|ayes|noes|abstentions[|owner id|due on[|id=ground of who is left out]]";

/// An item of an agenda.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgendaLine {
    pub kind: AgendaItemKind,
    pub title: String,
}

/// A resolution as it was voted; who is due and present is counted from the attendance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolutionLine {
    pub kind: ResolutionKind,
    pub title: String,
    pub ayes: i32,
    pub noes: i32,
    pub abstentions: i32,
    /// Who carries it out, and by when.
    pub follow_up: Option<(By, NaiveDate)>,
    /// Who is not counted among those due, on which ground.
    pub excluded: Vec<(By, ExclusionGround)>,
}

fn parts_of(line: &str) -> Vec<&str> {
    line.split(['|', '｜']).map(values::tidy).collect()
}

impl Cells<'_> {
    /// The lines of a cell that say something.
    fn lines(&self, key: &'static str) -> Vec<String> {
        let text = self.text(key).unwrap_or_default();
        let lines = text.lines().map(values::tidy).filter(|line| !line.is_empty());
        lines.map(ToOwned::to_owned).collect()
    }

    /// Reads each line of a cell; the first that does not do is told with its number.
    fn read_lines<T>(&mut self, key: &'static str, read: impl Fn(&mut Self, &[&str]) -> Result<T, Problem>) -> Vec<T> {
        let mut found = Vec::new();
        for (line, number) in self.lines(key).iter().zip(1u32..) {
            match read(self, &parts_of(line)) {
                Ok(value) => found.push(value),
                Err(problem) => {
                    self.problems.push(problem.with("line", number));
                    break;
                }
            }
        }
        found
    }

    pub(super) fn agenda(&mut self) -> Vec<AgendaLine> {
        let form = || Problem::invalid("agenda", Flaw::Form).with("form", AGENDA_FORM);
        self.read_lines("agenda", |_, parts| match parts {
            [kind, title] if !title.is_empty() => Ok(AgendaLine {
                kind: values::value(kind)
                    .ok_or_else(|| Problem::not_offered("agenda", AgendaItemKind::ALL.iter().copied()))?,
                title: (*title).to_owned(),
            }),
            _ => Err(form()),
        })
    }

    pub(super) fn resolutions(&mut self) -> Vec<ResolutionLine> {
        self.read_lines("resolutions", resolution)
    }

    /// The category of each leave in its order: one for all of them, or one for each.
    pub(super) fn leave_categories(&mut self, leaves: usize) -> Vec<Option<LeaveCategory>> {
        const KEY: &str = "leaveCategories";
        let Some(text) = self.text(KEY) else {
            return vec![None; leaves];
        };
        let mut found = Vec::new();
        for part in values::parts(&text) {
            match values::value::<LeaveCategory>(part) {
                Some(category) => found.push(Some(category)),
                None => {
                    self.refuse_value(KEY, LeaveCategory::ALL.iter().map(|category| category.as_str()));
                    return vec![None; leaves];
                }
            }
        }
        match found.as_slice() {
            [category] if leaves > 0 => vec![*category; leaves],
            found if found.len() == leaves => found.to_vec(),
            _ => {
                let problem = Problem::invalid(KEY, Flaw::Contradiction).with("with", "onLeave");
                self.problems.push(problem);
                vec![None; leaves]
            }
        }
    }
}

fn resolution(cells: &mut Cells<'_>, parts: &[&str]) -> Result<ResolutionLine, Problem> {
    let form = || Problem::invalid("resolutions", Flaw::Form).with("form", RESOLUTION_FORM);
    let [kind, title, ayes, noes, abstentions, rest @ ..] = parts else {
        return Err(form());
    };
    if title.is_empty() || rest.len() > 3 {
        return Err(form());
    }
    let part = |at: usize| rest.get(at).copied().filter(|part| !part.is_empty());
    let votes = |text: &str| -> Result<i32, Problem> {
        let text = values::narrow(text);
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten().ok_or_else(form)
    };
    let follow_up = match (part(0), part(1)) {
        (Some(owner), Some(on)) => {
            let owner = cells.named(EntityKind::Member, owner)?;
            Some((owner, values::date(on).ok_or_else(form)?))
        }
        (None, None) => None,
        _ => return Err(form()),
    };
    let mut excluded = Vec::new();
    for item in values::parts(part(2).unwrap_or_default()) {
        let (member, ground) = item.rsplit_once(['=', '＝']).ok_or_else(form)?;
        let member = cells.named(EntityKind::Member, member)?;
        let ground = values::value(ground);
        let offered = || Problem::not_offered("resolutions", ExclusionGround::ALL.iter().copied());
        excluded.push((member, ground.ok_or_else(offered)?));
    }
    let offered = || Problem::not_offered("resolutions", ResolutionKind::ALL.iter().copied());
    Ok(ResolutionLine {
        kind: values::value(kind).ok_or_else(offered)?,
        title: (*title).to_owned(),
        ayes: votes(ayes)?,
        noes: votes(noes)?,
        abstentions: votes(abstentions)?,
        follow_up,
        excluded,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::activity::ActivityRow;
    use super::*;
    use crate::intake::record::Record;

    fn read(cells: &[(&'static str, &str)]) -> Result<ActivityRow, Vec<Problem>> {
        let told = [
            ("system", "plat"),
            ("organizationExternalIds", "B-1"),
            ("kind", "支部党员大会"),
            ("startsAt", "2026-03-09 14:00"),
        ];
        let cells = told.iter().chain(cells).map(|(key, text)| (*key, (*text).to_owned()));
        let cells: BTreeMap<&'static str, String> = cells.collect();
        ActivityRow::of(&Record { row: 2, cells })
    }

    fn named(value: &str) -> By {
        By::External {
            system: "plat".to_owned(),
            value: value.to_owned(),
        }
    }

    #[test]
    fn agenda_and_resolutions_are_read_line_by_line() {
        let ground = ExclusionGround::AbroadLong;
        let row = read(&[
            ("agenda", "学习 | 学习党章\nADMISSION｜讨论发展对象\r\n\n"),
            (
                "resolutions",
                &format!("接收预备党员|接收一名|１２|0|1\nOTHER|修路|9|0|0|E-1|2026年5月1日|E-2={ground}"),
            ),
        ])
        .unwrap();
        let kinds: Vec<_> = row.agenda.iter().map(|item| (item.kind, item.title.as_str())).collect();
        assert_eq!(
            kinds,
            [
                (AgendaItemKind::Study, "学习党章"),
                (AgendaItemKind::Admission, "讨论发展对象")
            ]
        );
        let [first, second] = row.resolutions.as_slice() else {
            panic!("two resolutions")
        };
        assert_eq!((first.ayes, first.noes, first.abstentions), (12, 0, 1));
        assert_eq!((first.kind, &first.follow_up), (ResolutionKind::Admission, &None));
        let due = NaiveDate::from_ymd_opt(2026, 5, 1).unwrap();
        assert_eq!(second.follow_up, Some((named("E-1"), due)));
        assert_eq!(second.excluded, [(named("E-2"), ground)]);
    }

    #[test]
    fn a_line_that_cannot_be_read_is_told_with_its_number() {
        let cases = [
            ("agenda", "学习党章", "FORM", "1"),
            ("agenda", "学习|一\n郊游|二", "NOT_OFFERED", "2"),
            ("resolutions", "OTHER|修路|9|0", "FORM", "1"),
            ("resolutions", "OTHER|修路|九|0|0", "FORM", "1"),
            ("resolutions", "OTHER|修路|-9|0|0", "FORM", "1"),
            ("resolutions", "OTHER|修路|9|0|0|E-1", "FORM", "1"),
            ("resolutions", "OTHER|修路|9|0|0|||E-1", "FORM", "1"),
            ("resolutions", "OTHER|修路|9|0|0|||E-1=LONG_ILLNESS", "NOT_OFFERED", "1"),
            ("resolutions", "散会|修路|9|0|0", "NOT_OFFERED", "1"),
        ];
        for (key, text, reason, line) in cases {
            let problems = read(&[(key, text)]).unwrap_err();
            let [problem] = problems.as_slice() else {
                panic!("{text}: {problems:?}")
            };
            assert_eq!(problem.path, ["input", key], "{text}");
            assert_eq!(
                (problem.params["reason"].as_str(), problem.params["line"].as_str()),
                (reason, line),
                "{text}"
            );
        }
    }

    #[test]
    fn the_category_of_a_leave_is_one_for_all_or_one_for_each() {
        let categories = |text: &str| {
            let row = read(&[("onLeave", "E-1, E-2"), ("leaveCategories", text)]);
            row.map(|row| row.exceptions.iter().map(|one| one.category).collect::<Vec<_>>())
        };
        use LeaveCategory as L;
        assert_eq!(categories("病假").unwrap(), [Some(L::Illness), Some(L::Illness)]);
        assert_eq!(categories("WORK 外出").unwrap(), [Some(L::Work), Some(L::Travel)]);
        assert_eq!(categories("").unwrap(), [None, None]);
        for (text, reason) in [("病假 工作 外出", "CONTRADICTION"), ("旷工", "NOT_OFFERED")] {
            assert_eq!(categories(text).unwrap_err()[0].params["reason"], reason, "{text}");
        }
        let alone = read(&[("leaveCategories", "病假")]).unwrap_err();
        assert_eq!(alone[0].params["with"], "onLeave");
    }
}
