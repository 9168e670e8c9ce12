//! A workbook that is sent while it is written: row by row into a ZIP whose bytes leave as they come, so that no number of rows fills
//! the memory.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use domain::export::guarded;
use zip::ZipWriter;
use zip::result::ZipResult;
use zip::write::{SimpleFileOptions, StreamWriter};

/// Characters that a cell holds.
const CELL: usize = 32_767;
const DECLARED: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATED: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const PART: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/// Bytes that nobody has taken yet.
#[derive(Clone, Default)]
struct Outbox(Arc<Mutex<Vec<u8>>>);

impl Outbox {
    fn taken(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Outbox {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A workbook of texts, each of its sheets under the same header.
pub struct Workbook<const WIDTH: usize> {
    zip: ZipWriter<StreamWriter<Outbox>>,
    outbox: Outbox,
    header: [&'static str; WIDTH],
    /// Rows of a sheet, its header aside; then the next one begins.
    most: u32,
    sheets: u32,
    /// Rows of the last sheet, its header among them.
    rows: u32,
}

impl<const WIDTH: usize> Workbook<WIDTH> {
    /// A workbook with a sheet that has its header.
    ///
    /// # Errors
    /// It cannot be begun.
    pub fn begin(header: [&'static str; WIDTH], most: u32) -> ZipResult<Self> {
        let outbox = Outbox::default();
        let mut book = Self {
            zip: ZipWriter::new_stream(outbox.clone()),
            outbox,
            header,
            most,
            sheets: 0,
            rows: 0,
        };
        book.sheet()?;
        Ok(book)
    }

    /// Writes a row, on a new sheet where the last one is full.
    ///
    /// # Errors
    /// It cannot be packed.
    pub fn row(&mut self, cells: &[String; WIDTH]) -> ZipResult<()> {
        if self.rows > self.most {
            self.zip.write_all(b"</sheetData></worksheet>")?;
            self.sheet()?;
        }
        self.put(cells.each_ref().map(String::as_str))
    }

    /// The bytes that came since they were asked for last.
    #[must_use]
    pub fn taken(&self) -> Vec<u8> {
        self.outbox.taken()
    }

    /// Ends the last sheet and says which there are; the bytes up to the end.
    ///
    /// # Errors
    /// It cannot be packed.
    pub fn end(mut self) -> ZipResult<Vec<u8>> {
        self.zip.write_all(b"</sheetData></worksheet>")?;
        let numbers = || 1..=self.sheets;
        let entry = |n| format!(r#"<sheet name="Sheet{n}" sheetId="{n}" r:id="rId{n}"/>"#);
        let sheets: String = numbers().map(entry).collect();
        let related =
            |n| format!(r#"<Relationship Id="rId{n}" Type="{RELATED}/worksheet" Target="worksheets/sheet{n}.xml"/>"#);
        let relations: String = numbers().map(related).collect();
        let typed =
            |n| format!(r#"<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{PART}.worksheet+xml"/>"#);
        let types: String = numbers().map(typed).collect();
        let parts = [
            (
                "xl/workbook.xml",
                format!(r#"<workbook xmlns="{MAIN}" xmlns:r="{RELATED}"><sheets>{sheets}</sheets></workbook>"#),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                format!(r#"<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>"#),
            ),
            (
                "_rels/.rels",
                format!(
                    r#"<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{RELATED}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
                ),
            ),
            (
                "[Content_Types].xml",
                format!(
                    r#"<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="{PART}.sheet.main+xml"/>{types}</Types>"#
                ),
            ),
        ];
        for (name, text) in parts {
            self.part(name, &text)?;
        }
        self.zip.finish()?;
        Ok(self.outbox.taken())
    }

    fn part(&mut self, name: &str, text: &str) -> ZipResult<()> {
        self.zip.start_file(name, SimpleFileOptions::default())?;
        Ok(write!(self.zip, "{DECLARED}{text}")?)
    }

    fn sheet(&mut self) -> ZipResult<()> {
        self.sheets += 1;
        self.rows = 0;
        let name = format!("xl/worksheets/sheet{}.xml", self.sheets);
        self.part(&name, &format!(r#"<worksheet xmlns="{MAIN}"><sheetData>"#))?;
        self.put(self.header)
    }

    fn put(&mut self, cells: [&str; WIDTH]) -> ZipResult<()> {
        self.rows += 1;
        let mut line = format!(r#"<row r="{}">"#, self.rows);
        for (column, text) in (b'A'..=b'Z').zip(cells).filter(|(_, text)| !text.is_empty()) {
            let place = format!("{}{}", char::from(column), self.rows);
            line.push_str(&format!(r#"<c r="{place}" t="inlineStr"><is><t xml:space="preserve">"#));
            guarded(text)
                .chars()
                .take(CELL)
                .for_each(|sign| escaped(sign, &mut line));
            line.push_str("</t></is></c>");
        }
        line.push_str("</row>");
        Ok(self.zip.write_all(line.as_bytes())?)
    }
}

/// A sign as XML has it; what XML cannot hold is replaced.
fn escaped(sign: char, out: &mut String) {
    match sign {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '\t' | '\n' => out.push(sign),
        '\r' => out.push_str("&#13;"),
        '\u{0}'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
        _ => out.push(sign),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn parts(bytes: Vec<u8>) -> Vec<(String, String)> {
        let mut archive = zip::ZipArchive::new(io::Cursor::new(bytes)).unwrap();
        let mut one = |at| {
            let mut file = archive.by_index(at).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            (file.name().unwrap().into_owned(), text)
        };
        (0..7).map(&mut one).collect()
    }

    #[test]
    fn a_full_sheet_is_followed_by_another_under_the_same_header_and_no_row_is_left_out() {
        let mut book = Workbook::begin(["row", "message"], 3).unwrap();
        let mut bytes = Vec::new();
        for number in 1..=7 {
            book.row(&[number.to_string(), "=<&\u{1}".to_owned()]).unwrap();
            bytes.append(&mut book.taken());
        }
        bytes.append(&mut book.end().unwrap());
        let parts = parts(bytes);
        let sheets: Vec<&str> = parts
            .iter()
            .filter(|(name, _)| name.starts_with("xl/worksheets/"))
            .map(|(_, text)| text.as_str())
            .collect();
        let rows: Vec<usize> = sheets.iter().map(|text| text.matches("<row ").count()).collect();
        assert_eq!(rows, [4, 4, 2], "the header, and so many rows as there is room for");
        assert!(sheets.iter().all(|text| text.contains(">row</t>")));
        let held = |number: u32| format!(r#"preserve">{number}</t>"#);
        for (number, sheet) in [(1, 0), (3, 0), (4, 1), (6, 1), (7, 2)] {
            assert!(sheets[sheet].contains(&held(number)), "{number}");
        }
        assert!(sheets[0].contains("'=&lt;&amp;\u{fffd}"), "{}", sheets[0]);
        for (name, text) in &parts {
            let named = text.matches("sheet3.xml").count();
            let wanted = ["[Content_Types].xml", "xl/_rels/workbook.xml.rels"].contains(&name.as_str());
            assert_eq!(named, usize::from(wanted), "{name}");
        }
    }

    #[test]
    fn what_is_written_leaves_as_it_comes() {
        let mut book = Workbook::begin(["row"], 1_000_000).unwrap();
        let mut left = 0;
        for number in 0..40_000_u32 {
            book.row(&[format!("{:x}", number.wrapping_mul(2_654_435_761))])
                .unwrap();
            if number % 500 == 0 {
                let waited = book.taken().len();
                assert!(waited < 256 * 1024, "{waited} bytes waited");
                left += waited;
            }
        }
        assert!(left > 200_000, "{left} bytes left before the end");
    }
}
