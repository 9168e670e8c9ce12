//! What is fetched around an import: the template of a kind of rows, and the report of a job, with the rights of that moment.

use std::sync::Arc;

use anyhow::Context as _;
use domain::export::{BYTE_ORDER_MARK, csv_cell};
use domain::vocabulary::{ExportFormat, ImportFormat, Language};
use futures_util::TryFutureExt as _;
use futures_util::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use zip::result::ZipResult;

use super::super::export::download::media_type;
use super::super::outcome::{Failure, Outcome};
use super::super::reading::{Reading, TokenHolder};
use super::job::{ImportJob, is_import};
use super::report::{ReportRow, rows_of};
use super::workbook::Workbook;
use crate::app::App;

/// Lines of a sheet; what is more stands on the next one.
const SHEET_ROWS: u32 = 100_000;

/// A report that may be fetched.
pub struct Report {
    app: Arc<App>,
    job: ImportJob,
    format: ImportFormat,
    language: Language,
}

/// The format in which the same is written.
pub(crate) fn written(format: ImportFormat) -> ExportFormat {
    match format {
        ImportFormat::Jsonl => ExportFormat::Jsonl,
        ImportFormat::Csv => ExportFormat::Csv,
        ImportFormat::Xlsx => ExportFormat::Xlsx,
    }
}

/// The columns of a report.
fn header(language: Language) -> [&'static str; 8] {
    match language {
        Language::ZhCn => ["行号", "结果", "对象", "字段", "原值", "新值", "代码", "说明"],
        Language::En => [
            "row", "outcome", "entity", "field", "before", "after", "code", "message",
        ],
    }
}

/// Where the report of a job is fetched, below the address of the API, without the ending that says how it is written.
#[must_use]
pub fn address(job: &str) -> String {
    format!("/imports/{job}/report")
}

/// The report of a job in a format, for the account whose job it is; `None` for anybody else, and when its time is over.
///
/// # Errors
/// The database is away.
#[tracing::instrument(name = "ops.import.report", skip_all)]
pub async fn report(
    app: &Arc<App>,
    holder: &TokenHolder,
    (job, format): (&str, ImportFormat),
    language: Option<Language>,
) -> Outcome<Option<Report>> {
    if !is_import(job) || format == ImportFormat::Jsonl {
        return Ok(None);
    }
    let reading = Reading::open(app.clone(), Some(holder)).await?;
    let found = reading.import_jobs(&[job.to_owned()]).await?.pop();
    let language = language.or_else(|| reading.language()).unwrap_or(Language::ZhCn);
    Ok(found.map(|job| Report {
        app: app.clone(),
        job,
        format,
        language,
    }))
}

impl Report {
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        media_type(written(self.format))
    }

    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{}-report.{}", self.job.id, self.format.as_str().to_lowercase())
    }

    /// The bytes of it, piece by piece.
    #[must_use]
    pub fn stream(self) -> BoxStream<'static, Outcome<Vec<u8>>> {
        if self.format == ImportFormat::Xlsx {
            return self.workbook();
        }
        let mut begin = BYTE_ORDER_MARK.to_owned();
        line(&mut begin, &header(self.language).map(ToOwned::to_owned));
        let pieces = stream::try_unfold((self, 0i64, Some(begin)), |(report, number, begin)| async move {
            if let Some(begin) = begin {
                return Ok(Some((begin.into_bytes(), (report, number, None))));
            }
            let Some(rows) = report.piece(number).await? else {
                return Ok(None);
            };
            let mut text = String::new();
            for cells in rows.iter().flat_map(|row| report.lines(row)) {
                line(&mut text, &cells);
            }
            Ok(Some((text.into_bytes(), (report, number + 1, None))))
        });
        pieces.boxed()
    }

    async fn piece(&self, number: i64) -> Outcome<Option<Vec<ReportRow>>> {
        let piece = self.app.database.report_piece(&self.job.id, number).await?;
        piece.map(|piece| rows_of(&self.job, &piece)).transpose()
    }

    /// A line for each field that a row changes, and for each problem; one line where there is neither.
    fn lines(&self, row: &ReportRow) -> Vec<[String; 8]> {
        let begin = || {
            let number = row.row.map(|row| row.to_string()).unwrap_or_default();
            let outcome = row.outcome.label(self.language).to_owned();
            (number, outcome, row.entity_id.clone().unwrap_or_default())
        };
        let whole = |field: String, before: String, after: String, code: String, message: String| {
            let (number, outcome, entity) = begin();
            [number, outcome, entity, field, before, after, code, message]
        };
        let none = String::new;
        let changes = row.changes.iter().map(|change| {
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            whole(
                change.field.clone(),
                text(&change.before),
                text(&change.after),
                none(),
                none(),
            )
        });
        let problems = row.problems.iter().map(|problem| {
            let field = problem.path.iter().skip(1).cloned().collect::<Vec<_>>().join(".");
            whole(
                field,
                none(),
                none(),
                problem.code.to_string(),
                problem.message(self.language),
            )
        });
        let lines: Vec<_> = changes.chain(problems).collect();
        if lines.is_empty() {
            vec![whole(none(), none(), none(), none(), none())]
        } else {
            lines
        }
    }

    /// A workbook of as many sheets as it takes.
    fn workbook(self) -> BoxStream<'static, Outcome<Vec<u8>>> {
        let book = Workbook::begin(header(self.language), SHEET_ROWS).context("a workbook cannot be begun");
        let begun = futures_util::future::ready(book.map_err(Failure::from));
        let pieces = begun.map_ok(|book| {
            stream::try_unfold(Some((self, 0i64, book)), |state| async {
                let Some((report, number, book)) = state else {
                    return Ok(None);
                };
                let Some(rows) = report.piece(number).await? else {
                    let last = book.end().context("a workbook cannot be put together")?;
                    return Ok(Some((last, None)));
                };
                let book = packed(book, rows.iter().flat_map(|row| report.lines(row)).collect()).await?;
                Ok(Some((book.taken(), Some((report, number + 1, book)))))
            })
        });
        // What is not packed yet is no piece.
        let some = |bytes: &Vec<u8>| futures_util::future::ready(!bytes.is_empty());
        pieces.try_flatten_stream().try_filter(some).boxed()
    }
}

/// Packs lines beside whatever else the node does.
async fn packed(mut book: Workbook<8>, lines: Vec<[String; 8]>) -> Outcome<Workbook<8>> {
    let packing = tokio::task::spawn_blocking(move || {
        for cells in &lines {
            book.row(cells)?;
        }
        ZipResult::Ok(book)
    });
    let packed = packing.await.context("packing a workbook ended early")?;
    Ok(packed.context("a row does not fit into a workbook")?)
}

fn line(out: &mut String, cells: &[String; 8]) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        csv_cell(out, cell);
    }
    out.push_str("\r\n");
}
