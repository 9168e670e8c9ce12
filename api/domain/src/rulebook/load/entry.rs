//! One entry: head, selectors, exactly one form.

use chrono::NaiveDate;
use toml::de::DeTable;

use super::section::Section;
use super::{agrees, cadence, decision, form, threshold};
use crate::rulebook::entry::{AppliesTo, Citation, Entry, Size};
use crate::rulebook::form::Form;
use crate::rulebook::words::Transition;

type ReadForm = for<'a> fn(&Section<'a>) -> Option<Form>;

const THRESHOLD: &str = "threshold";

const FORMS: [(&str, ReadForm); 8] = [
    ("cadence", cadence::cadence),
    ("coverage", form::coverage),
    ("ladder", form::ladder),
    ("run_out", form::run_out),
    ("stages", decision::stages),
    ("deadline", decision::deadline),
    ("vote", decision::vote),
    ("tariff", form::tariff),
];

/// Reads an entry; its own key names it in what is reported.
pub(super) fn entry(numbered: &Section<'_>, document_from: NaiveDate) -> Option<Entry> {
    let named = numbered.value("key").and_then(|value| value.get_ref().as_str());
    let path = named.map_or_else(|| numbered.path().to_owned(), |key| format!("entry[{key}]"));
    let section = &numbered.renamed(path);
    let key = section.required("key", entry_key);
    let clause = section.required("clause", clause);
    let heading = section.required("heading", Section::text);
    let modality = section.required("modality", Section::choice);
    let origin = section.required("origin", Section::choice);
    let of_deployment = section.or("of_deployment", Vec::new(), Section::names);
    let applies_to = section.or("applies_to", AppliesTo::default(), applies_to);
    let effective_from = section.or("effective_from", document_from, Section::date);
    let effective_to = section.optional("effective_to", Section::date);
    let transition = section.or("transition", Transition::AtOnce, Section::choice);
    let cites = section.or("cites", Vec::new(), citations);
    let label = section.required("label", Section::bilingual);
    let advice = section.required("advice", Section::bilingual);
    // A key that is wrong was reported: its form is read with free names.
    let form = only_form(section, key.as_deref().unwrap_or("own-"));
    section.finish();
    let entry = Entry {
        key: key?,
        clause: clause?,
        heading: heading?,
        modality: modality?,
        origin: origin?,
        of_deployment: of_deployment?,
        applies_to: applies_to?,
        form: form?,
        effective_from: effective_from?,
        effective_to: effective_to?,
        transition: transition?,
        cites: cites?,
        label: label?,
        advice: advice?,
        line: section.line(),
    };
    agrees::check(section, &entry).then_some(entry)
}

fn only_form(section: &Section<'_>, entry: &str) -> Option<Form> {
    let given: Vec<_> = FORMS.iter().filter(|(name, _)| section.has(name)).collect();
    let threshold = section.has(THRESHOLD);
    if let ([(name, read)], false) = (given.as_slice(), threshold) {
        let parameters = section.section(name)?;
        let form = read(&parameters);
        parameters.finish();
        return form;
    }
    if given.is_empty() && threshold {
        return threshold::threshold(&section.section(THRESHOLD)?, entry);
    }
    let mut names: Vec<_> = FORMS.iter().map(|(name, _)| *name).collect();
    names.push(THRESHOLD);
    let message = format!("must have exactly one form of {}", names.join(", "));
    section.log.report(section.span(), section.path(), message);
    None
}

fn entry_key(section: &Section<'_>, key: &'static str) -> Option<String> {
    let text = section.text(key)?;
    let plain = text
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if plain && text.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Some(text);
    }
    section.wrong(
        section.value(key)?,
        key,
        "must be lower-case letters, digits and hyphens, such as general-meeting",
    );
    None
}

fn clause(section: &Section<'_>, key: &'static str) -> Option<String> {
    let text = section.text(key)?;
    let known = text
        .strip_prefix('G')
        .and_then(|rest| rest.split_once('.'))
        .is_some_and(|(part, item)| matches!(part, "1" | "2" | "3") && item.starts_with(|c: char| c.is_ascii_digit()));
    if known || text.starts_with("art. ") {
        return Some(text);
    }
    section.wrong(
        section.value(key)?,
        key,
        "must be a clause such as G1.1a, or \"art. 11\" of another document",
    );
    None
}

fn applies_to(section: &Section<'_>, key: &'static str) -> Option<AppliesTo> {
    let of = section.section(key)?;
    let organization_kinds = of.or("organization_kinds", Vec::new(), Section::some_choices);
    let parent_kinds = of.or("parent_kinds", Vec::new(), Section::some_choices);
    let sectors = of.or("sectors", Vec::new(), Section::some_choices);
    let facts = of.or("facts", Vec::new(), Section::some_choices);
    let flags = of.or("flags", Vec::new(), Section::some_choices);
    let size = of.optional("size", size);
    let standing = of.or("standing", Vec::new(), Section::some_choices);
    let status = of.or("status", Vec::new(), Section::some_choices);
    let leadership = of.optional("leadership", Section::choice);
    let leaders_of = of.or("leaders_of", Vec::new(), Section::some_choices);
    of.finish();
    let to = AppliesTo {
        organization_kinds: organization_kinds?,
        parent_kinds: parent_kinds?,
        sectors: sectors?,
        facts: facts?,
        flags: flags?,
        size: size?,
        standing: standing?,
        status: status?,
        leadership: leadership?,
        leaders_of: leaders_of?,
    };
    agrees::selectors(&of, &to).then_some(to)
}

fn size(section: &Section<'_>, key: &'static str) -> Option<Size> {
    let of = section.section(key)?;
    let count = of.required("count", Section::choice);
    let at_least = of.optional("at_least", Section::number);
    let at_most = of.optional("at_most", Section::number);
    of.finish();
    let size = Size {
        count: count?,
        at_least: at_least?,
        at_most: at_most?,
    };
    if size.at_least.is_none() && size.at_most.is_none() {
        of.refuse("at_least", "must have at_least, at_most or both");
        return None;
    }
    if let (Some(least), Some(most)) = (size.at_least, size.at_most)
        && least > most
    {
        of.refuse("at_most", format!("must not be less than at_least, which is {least}"));
        return None;
    }
    Some(size)
}

fn citations(section: &Section<'_>, key: &'static str) -> Option<Vec<Citation>> {
    section.sections(key)?.iter().map(citation).collect()
}

fn citation(of: &Section<'_>) -> Option<Citation> {
    let document = of.required("document", Section::text);
    let article = of.required("article", Section::text);
    of.finish();
    Some(Citation {
        document: document?,
        article: article?,
    })
}

impl<'a> Section<'a> {
    /// The same table under another name.
    fn renamed(&self, path: String) -> Section<'a> {
        let table: &'a DeTable<'a> = self.table();
        Section::new(table, self.span().clone(), path, self.log)
    }
}
