//! Cells of a flat file. Spreadsheets take a text that begins with one of a few signs for a formula, whoever typed it: such
//! a text gets an apostrophe before it. A text that begins with an apostrophe gets another one, so that whoever reads the
//! file back takes off one leading apostrophe, and has the text as it was.

use std::borrow::Cow;

/// What makes a formula: the signs themselves, as wide ones, as small ones, and the mathematical minus.
const SIGNS: &[char] = &['=', '+', '-', '@', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫', '−'];

/// What a programme may pass over before it looks for such a sign.
fn is_passed_over(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{00ad}')
}

/// The text as no spreadsheet takes it for a formula.
#[must_use]
pub fn guarded(text: &str) -> Cow<'_, str> {
    let begins = |signs: &[char]| text.starts_with(signs);
    let first = text.chars().find(|c| !is_passed_over(*c));
    let is_formula = first.is_some_and(|first| SIGNS.contains(&first));
    if is_formula || begins(&['\t', '\r', '\n', '\'']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// A guarded cell as RFC 4180 writes it, behind what is there already.
pub fn csv_cell(out: &mut String, text: &str) {
    let text = guarded(text);
    // Other separators than the comma, so that a programme set to them does not cut a text in two.
    let quoted = text.contains(['"', ',', ';', '\t', '\r', '\n']) || text.trim() != text;
    if !quoted {
        out.push_str(&text);
        return;
    }
    out.push('"');
    for c in text.chars() {
        if c == '"' {
            out.push('"');
        }
        out.push(c);
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_begins_as_a_formula_and_each_can_be_read_back() {
        let formulas = [
            "=1+1",
            "+86573",
            "-2",
            "@SUM(A1)",
            "＝1",
            "＋1",
            "－1",
            "＠x",
            "\t=1",
            "\r1",
            "\n1",
            "  =1",
            "\u{feff}=1",
            "\u{3000}=1",
            "'=1",
            "﹦1",
        ];
        for text in formulas {
            let written = guarded(text);
            assert_eq!(written, format!("'{text}"), "{text:?}");
        }
        for text in ["", "安禾屿", "a=1", "3-4", " x", "1"] {
            assert_eq!(guarded(text), text);
        }
    }

    #[test]
    fn cells_are_quoted_as_rfc_4180_says() {
        let written = |text: &str| {
            let mut out = String::new();
            csv_cell(&mut out, text);
            out
        };
        assert_eq!(written("plain"), "plain");
        assert_eq!(written("a,b"), "\"a,b\"");
        assert_eq!(written("say \"so\""), "\"say \"\"so\"\"\"");
        assert_eq!(written("two\r\nlines"), "\"two\r\nlines\"");
        assert_eq!(written("=a,b"), "\"'=a,b\"");
        assert_eq!(written(" a"), "\" a\"");
    }
}
