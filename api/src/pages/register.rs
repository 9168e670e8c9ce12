//! The yearly register 组织生活台账 as a page for the printer (G1.1f).

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::activity_kind::capabilities;
use domain::vocabulary::{ActivityKind, ActivityStatus, AgendaItemKind, AttendanceMode, AttendanceState, Language};

use super::html::Html;
use crate::ops::register::{Entry, Register};

const STYLE: &str = "
:root { color-scheme: light; }
body { font: 11pt/1.5 'Noto Serif CJK SC', 'Source Han Serif SC', 'SimSun', serif; color: #111; background: #fff;
  max-width: 60em; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 18pt; text-align: center; margin: 0 0 .2em; }
.org, .note { text-align: center; margin: 0 0 1em; }
h2 { font-size: 13pt; margin: 1.6em 0 .4em; border-bottom: 1px solid #555; }
table { border-collapse: collapse; width: 100%; margin: .4em 0 1em; }
th, td { border: 1px solid #777; padding: .25em .5em; text-align: left; vertical-align: top; }
th { background: #f0f0f0; font-weight: 600; }
td.n { text-align: right; white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15em 1em; margin: .3em 0; }
dt { color: #444; }
dd { margin: 0; }
.minutes { white-space: pre-wrap; border-left: 3px solid #999; padding-left: .8em; margin: .4em 0; }
@page { size: A4; margin: 18mm 15mm; }
@media print {
  body { margin: 0; max-width: none; padding: 0; font-size: 10pt; }
  section { break-inside: avoid-page; }
  h2 { break-after: avoid; }
  thead { display: table-header-group; }
}
";

/// Nothing but this page's own style may load or run.
#[must_use]
pub fn policy() -> String {
    let hash = STANDARD.encode(digest::digest(&digest::SHA256, STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// The page in one language.
#[must_use]
pub fn page(register: &Register, language: Language) -> String {
    let say = |chinese, english| match language {
        Language::ZhCn => chinese,
        Language::En => english,
    };
    let year = register.year.to_string();
    let mut html = Html::default();
    html.raw("<!doctype html>\n<html lang=\"")
        .text(language.as_str())
        .raw("\"><head><meta charset=\"utf-8\">");
    html.raw("<meta name=\"viewport\" content=\"width=device-width\"><title>");
    html.text(&register.organization.name)
        .text(" ")
        .text(&year)
        .raw("</title><style>")
        .raw(STYLE);
    html.raw("</style></head><body><h1>");
    match language {
        Language::ZhCn => html.text(&year).text("年组织生活台账"),
        Language::En => html.text("Register of organizational life ").text(&year),
    };
    html.raw("</h1><p class=\"org\">")
        .text(&register.organization.name)
        .raw("</p>");
    if register.entries.is_empty() {
        html.raw("<p class=\"note\">")
            .text(say("本年度暂无记录。", "Nothing was recorded this year."));
        html.raw("</p>");
    } else {
        overview(&mut html, register, language);
    }
    for entry in &register.entries {
        section(&mut html, entry, language);
    }
    if register.is_cut {
        html.raw("<p class=\"note\">").text(say(
            "记录过多，仅列出一部分。",
            "There are more entries than one print holds.",
        ));
        html.raw("</p>");
    }
    html.raw("<p class=\"note\">").text(say(
        "由系统根据记录生成，打印日期：",
        "Derived from the records. Printed on ",
    ));
    html.text(&register.printed_on.to_string()).raw("</p></body></html>\n");
    html.finish()
}

fn kind(entry: &Entry, language: Language) -> &'static str {
    let kind = entry.activity.kind.parse::<ActivityKind>();
    kind.map_or("", |kind| capabilities(kind).label(language))
}

fn overview(html: &mut Html, register: &Register, language: Language) {
    let heads = match language {
        Language::ZhCn => ["编号", "日期", "类别", "主题", "应到", "实到", "请假", "缺席"],
        Language::En => [
            "No.", "Date", "Kind", "Title", "Expected", "Present", "On leave", "Absent",
        ],
    };
    html.raw("<table><thead><tr>");
    for head in heads {
        html.raw("<th>").text(head).raw("</th>");
    }
    html.raw("</tr></thead><tbody>");
    for entry in &register.entries {
        html.raw("<tr><td class=\"n\">")
            .text(&entry.number.to_string())
            .raw("</td><td>");
        html.text(&entry.activity.local_date.to_string())
            .raw("</td><td>")
            .text(kind(entry, language));
        html.raw("</td><td>").text(&entry.activity.title).raw("</td>");
        let counts = entry.counts.as_ref();
        let numbers = counts.map_or([0; 4], |org| {
            [org.expected, org.present, org.on_leave, org.unexcused + org.unexplained]
        });
        for number in numbers {
            html.raw("<td class=\"n\">").text(&number.to_string()).raw("</td>");
        }
        html.raw("</tr>");
    }
    html.raw("</tbody></table>");
}

fn line(html: &mut Html, name: &str, value: Option<&str>) {
    if let Some(value) = value.filter(|value| !value.is_empty()) {
        html.raw("<dt>").text(name).raw("</dt><dd>").text(value).raw("</dd>");
    }
}

fn section(html: &mut Html, entry: &Entry, language: Language) {
    let say = |chinese, english| match language {
        Language::ZhCn => chinese,
        Language::En => english,
    };
    let activity = &entry.activity;
    html.raw("<section><h2>")
        .text(&entry.number.to_string())
        .text(" · ")
        .text(kind(entry, language));
    html.text(" · ").text(&activity.title).raw("</h2><dl>");
    line(html, say("日期", "Date"), Some(&activity.local_date.to_string()));
    line(html, say("地点", "Place"), activity.place.as_deref());
    let mode = activity.mode.parse::<AttendanceMode>().ok();
    let mode = mode.map(|mode| match mode {
        AttendanceMode::OnSite => say("现场", "On site"),
        AttendanceMode::Online => say("线上", "Online"),
        AttendanceMode::Hybrid => say("线上线下结合", "On site and online"),
        AttendanceMode::MakeUpStudy => say("补学", "Make-up study"),
    });
    line(html, say("方式", "Mode"), mode);
    let status = activity.status.parse::<ActivityStatus>().ok();
    line(html, say("状态", "Status"), status.map(|status| status.label(language)));
    line(html, say("主持人", "Chair"), entry.chair.as_deref());
    line(html, say("记录人", "Recorder"), entry.recorder.as_deref());
    line(html, say("授课人", "Lecturer"), activity.lecturer.as_deref());
    html.raw("</dl>");
    if !entry.agenda.is_empty() {
        html.raw("<p>").text(say("议程", "Agenda")).raw("</p><ol>");
        for item in &entry.agenda {
            let kind = item.kind.parse::<AgendaItemKind>();
            html.raw("<li>")
                .text(kind.map_or("", |kind| kind.label(language)))
                .text(say("：", ": "));
            html.text(&item.title).raw("</li>");
        }
        html.raw("</ol>");
    }
    resolutions(html, entry, language);
    if !entry.absent.is_empty() {
        html.raw("<p>").text(say("未到人员：", "Not there: "));
        for (position, (name, state)) in entry.absent.iter().enumerate() {
            let state = state.parse::<AttendanceState>();
            html.text(if position == 0 { "" } else { say("、", ", ") })
                .text(name)
                .text(say("（", " ("));
            html.text(state.map_or("", |state| state.label(language)))
                .text(say("）", ")"));
        }
        html.raw("</p>");
    }
    if let Some(minutes) = &entry.minutes {
        html.raw("<p>")
            .text(say("会议记录（第", "Minutes (revision "))
            .text(&minutes.revision.to_string());
        html.text(say("版）", ")"))
            .raw("</p><div class=\"minutes\">")
            .text(minutes.text.as_deref().unwrap_or_default())
            .raw("</div>");
    }
    html.raw("</section>");
}

fn resolutions(html: &mut Html, entry: &Entry, language: Language) {
    if entry.resolutions.is_empty() {
        return;
    }
    let heads = match language {
        Language::ZhCn => ["决议", "应到", "实到", "赞成", "反对", "弃权", "结果"],
        Language::En => ["Resolution", "Due", "Present", "For", "Against", "Abstained", "Result"],
    };
    html.raw("<table><thead><tr>");
    for head in heads {
        html.raw("<th>").text(head).raw("</th>");
    }
    html.raw("</tr></thead><tbody>");
    for row in &entry.resolutions {
        html.raw("<tr><td>").text(&row.title).raw("</td>");
        for number in [row.due, row.present, row.ayes, row.noes, row.abstentions] {
            html.raw("<td class=\"n\">").text(&number.to_string()).raw("</td>");
        }
        let result = match (row.passed, language) {
            (true, Language::ZhCn) => "通过",
            (false, Language::ZhCn) => "未通过",
            (true, Language::En) => "passed",
            (false, Language::En) => "not passed",
        };
        html.raw("<td>").text(result).raw("</td></tr>");
    }
    html.raw("</tbody></table>");
}
