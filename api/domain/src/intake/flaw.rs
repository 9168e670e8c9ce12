//! What a file, a column or a cell is refused for: `params.reason` of `FILE_REFUSED`, `COLUMN_REFUSED` and `CELL_REFUSED`.

use crate::problem::{Problem, ProblemCode};
use crate::vocabulary::{Language, closed_list};

closed_list! {
    /// What is wrong with a file, a column of it, or a cell.
    IntakeFlaw {
        /// Nothing is in it.
        Empty = "EMPTY",
        /// There is a header, and nothing below it.
        HeaderOnly = "HEADER_ONLY",
        /// In no encoding that is read.
        Encoding = "ENCODING",
        /// No text at all.
        Binary = "BINARY",
        /// A NUL sign stands in the text.
        Nul = "NUL",
        /// It ends in the middle.
        Cut = "CUT",
        /// A row longer than `params.max` bytes.
        TooLongRow = "TOO_LONG_ROW",
        /// The line is no JSON object.
        NotJson = "NOT_JSON",
        /// No workbook of the form `.xlsx`.
        NotAWorkbook = "NOT_A_WORKBOOK",
        /// A workbook of the old form `.xls`.
        OldWorkbook = "OLD_WORKBOOK",
        /// A workbook with a password.
        Encrypted = "ENCRYPTED",
        /// A workbook whose parts do not fit together.
        Broken = "BROKEN",
        /// More parts than a workbook has.
        TooManyParts = "TOO_MANY_PARTS",
        /// It unfolds to more than is read.
        TooLarge = "TOO_LARGE",
        /// More cells than are read.
        TooManyCells = "TOO_MANY_CELLS",
        /// More rows than are read.
        TooManyRows = "TOO_MANY_ROWS",
        /// No sheet of this name.
        NoSuchSheet = "NO_SUCH_SHEET",
        /// A header that is no column's.
        UnknownColumn = "UNKNOWN_COLUMN",
        /// Two headers for one column.
        ColumnTwice = "COLUMN_TWICE",
        /// A column without which no row can be told.
        ColumnMissing = "COLUMN_MISSING",
        /// More columns than are read.
        TooManyColumns = "TOO_MANY_COLUMNS",
        /// A cell where the header has no column.
        BeyondHeader = "BEYOND_HEADER",
        /// Cells that are merged.
        Merged = "MERGED",
        /// A formula: nothing is computed here.
        Formula = "FORMULA",
        /// A formula that came to an error.
        ErrorValue = "ERROR_VALUE",
        /// A long number kept as an amount: its last digits are lost.
        DigitsLost = "DIGITS_LOST",
        /// A list or an object where a text is expected.
        NotText = "NOT_TEXT",
    }
}

impl IntakeFlaw {
    /// The flaw in words.
    #[must_use]
    pub fn label(self, language: Language) -> &'static str {
        let (chinese, english) = self.words();
        match language {
            Language::ZhCn => chinese,
            Language::En => english,
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Empty => ("文件为空", "it is empty"),
            Self::HeaderOnly => ("只有表头，没有数据", "it has a header and no rows"),
            Self::Encoding => (
                "编码无法识别，请使用 UTF-8、带 BOM 的 UTF-16 或 GB 18030（GBK）",
                "its encoding is none of UTF-8, UTF-16 with a byte-order mark, GB 18030 (GBK)",
            ),
            Self::Binary => ("不是文本文件", "it is no text"),
            Self::Nul => ("含有空字符（NUL）", "there is a NUL sign in the text"),
            Self::Cut => ("文件不完整，在中间截断", "the file is cut off in the middle"),
            Self::TooLongRow => ("该行过长", "the row is too long"),
            Self::NotJson => ("该行不是 JSON 对象", "the line is no JSON object"),
            Self::NotAWorkbook => ("不是 .xlsx 工作簿", "it is no .xlsx workbook"),
            Self::OldWorkbook => (
                "是旧格式 .xls，请另存为 .xlsx",
                "it is of the old form .xls: save it as .xlsx",
            ),
            Self::Encrypted => ("工作簿设有密码", "the workbook has a password"),
            Self::Broken => ("工作簿已损坏", "the workbook is broken"),
            Self::TooManyParts => ("压缩包内文件过多", "the archive has too many parts"),
            Self::TooLarge => ("展开后过大", "it unfolds to too much"),
            Self::TooManyCells => ("单元格过多", "it has too many cells"),
            Self::TooManyRows => ("行数过多", "it has too many rows"),
            Self::NoSuchSheet => ("没有此工作表", "there is no such sheet"),
            Self::UnknownColumn => ("不认识此列", "no such column is known"),
            Self::ColumnTwice => ("此列出现两次", "the column is there twice"),
            Self::ColumnMissing => ("缺少此列", "the column is missing"),
            Self::TooManyColumns => ("列数过多", "there are too many columns"),
            Self::BeyondHeader => ("此单元格上方没有表头", "there is no header above this cell"),
            Self::Merged => ("单元格已合并，请取消合并", "the cells are merged: part them"),
            Self::Formula => ("是公式，请改为值", "it is a formula: put its value there"),
            Self::ErrorValue => ("是错误值", "it is an error value"),
            Self::DigitsLost => (
                "长号码按数值保存，末位已失真，请改为文本重新填写",
                "a long number was kept as an amount and its last digits are lost: enter it again as text",
            ),
            Self::NotText => ("须为文本", "a text is expected"),
        }
    }

    /// What is wrong with the file as a whole.
    #[must_use]
    pub fn of_file(self) -> Problem {
        Problem::at(ProblemCode::FileRefused, "fileId").with("reason", self)
    }

    /// What is wrong with a column; `header` as it stands in the file, or as the template has it.
    #[must_use]
    pub fn of_column(self, header: &str) -> Problem {
        Problem::at(ProblemCode::ColumnRefused, "fileId")
            .with("reason", self)
            .with("column", shortened(header))
    }

    /// What is wrong with a cell, or with a row where no column is named.
    #[must_use]
    pub fn of_cell(self, key: &str, header: &str) -> Problem {
        Problem::at(ProblemCode::CellRefused, key)
            .with("reason", self)
            .with("column", shortened(header))
    }

    /// What is wrong with a row as a whole.
    #[must_use]
    pub fn of_row(self) -> Problem {
        Problem::at(ProblemCode::CellRefused, "row").with("reason", self)
    }
}

/// A header as it can be told: it is whatever somebody typed. Where a file has none its first row stands in its place, and what may be
/// somebody's number is not told.
fn shortened(header: &str) -> String {
    const MOST: usize = 60;
    const MOST_DIGITS: usize = 8;
    let many = header.chars().filter(|c| c.is_numeric()).count() > MOST_DIGITS;
    let told = header.chars().filter(|c| !c.is_control());
    let told = told.map(|c| if many && c.is_numeric() { '*' } else { c });
    told.take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_stands_where_a_header_should_is_not_told() {
        for number in [
            "000000198002290017",
            "００００００１９８００２２９００１７",
            "000000 19800229 0017",
        ] {
            let column = IntakeFlaw::UnknownColumn.of_column(number);
            assert!(!column.params["column"].chars().any(char::is_numeric), "{number}");
        }
        let kept = IntakeFlaw::UnknownColumn.of_column("2026年 3 月");
        assert_eq!(kept.params["column"], "2026年 3 月");
    }
}
