//! One pass over the text of a document, without recursion and without building anything.

use super::Limits;
use crate::http::code::{Code, Refusal};

/// Refuses a text that is too long, has too many tokens or directives, or nests too deep; how many tokens it has.
///
/// Where the text is no GraphQL it counts more rather than less; the parser says what is wrong.
pub fn measure(text: &str, limits: &Limits) -> Result<usize, Refusal> {
    if text.len() > limits.document_bytes {
        return Err(Refusal::above(
            Code::DocumentTooLarge,
            "bytes of the document",
            limits.document_bytes,
        ));
    }
    let mut tally = Tally::default();
    let mut rest = text.as_bytes();
    while let Some((byte, behind)) = rest.split_first() {
        rest = tally.take(*byte, behind);
        tally.check(limits)?;
    }
    Ok(tally.tokens)
}

/// What was counted so far.
#[derive(Default)]
struct Tally {
    tokens: usize,
    nesting: usize,
    directives: usize,
}

impl Tally {
    /// Counts the token that starts with `byte`; answers what stands behind it.
    fn take<'a>(&mut self, byte: u8, mut rest: &'a [u8]) -> &'a [u8] {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => return rest,
            b'#' => return skip_while(rest, |next| !is_line_end(next)),
            b'"' => rest = skip_string(rest),
            b'{' | b'(' | b'[' => self.nesting += 1,
            b'}' | b')' | b']' => self.nesting = self.nesting.saturating_sub(1),
            b'@' => self.directives += 1,
            byte if is_word(byte) => rest = skip_while(rest, is_word),
            _ => {}
        }
        self.tokens += 1;
        rest
    }

    fn check(&self, limits: &Limits) -> Result<(), Refusal> {
        if self.tokens > limits.tokens {
            return Err(Refusal::above(
                Code::TooManyTokens,
                "tokens of the document",
                limits.tokens,
            ));
        }
        if self.nesting > limits.nesting {
            return Err(Refusal::above(
                Code::NestingTooDeep,
                "brackets in each other",
                limits.nesting,
            ));
        }
        if self.directives > limits.directives {
            return Err(Refusal::above(
                Code::TooManyDirectives,
                "directives of the document",
                limits.directives,
            ));
        }
        Ok(())
    }
}

/// Bytes of names and numbers; other scripts only stand in strings and comments, and count one token a run.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn skip_while(rest: &[u8], belongs: impl Fn(u8) -> bool) -> &[u8] {
    let end = rest.iter().position(|byte| !belongs(*byte)).unwrap_or(rest.len());
    rest.get(end..).unwrap_or_default()
}

/// What stands behind a string whose first quote is taken; a plain one ends with its line, closed or not.
fn skip_string(mut rest: &[u8]) -> &[u8] {
    if let Some(block) = rest.strip_prefix(b"\"\"") {
        return skip_block_string(block);
    }
    while let Some((byte, behind)) = rest.split_first() {
        match byte {
            b'"' => return behind,
            b'\n' | b'\r' => return rest,
            b'\\' if !behind.first().is_none_or(|next| is_line_end(*next)) => {
                rest = behind.get(1..).unwrap_or_default()
            }
            _ => rest = behind,
        }
    }
    rest
}

/// What stands behind the closing three quotes; `\"""` does not close. This must agree with the parser to the byte:
/// a string that ended elsewhere for one of the two would hide brackets.
fn skip_block_string(mut rest: &[u8]) -> &[u8] {
    while let Some((_, behind)) = rest.split_first() {
        if let Some(escaped) = rest.strip_prefix(b"\\\"\"\"") {
            rest = escaped;
        } else if let Some(closed) = rest.strip_prefix(b"\"\"\"") {
            return closed;
        } else {
            rest = behind;
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Option<Code> {
        measure(text, &Limits::default()).err().map(|refusal| refusal.code)
    }

    #[test]
    fn each_number_has_its_code() {
        assert_eq!(code(&" ".repeat(32 * 1024 + 1)), Some(Code::DocumentTooLarge));
        assert_eq!(code(&format!("{{{}}}", "a ".repeat(4000))), Some(Code::TooManyTokens));
        assert_eq!(code(&"[".repeat(41)), Some(Code::NestingTooDeep));
        assert_eq!(
            code(&format!("{{a {}}}", "@b".repeat(51))),
            Some(Code::TooManyDirectives)
        );
        assert_eq!(code(&"{".repeat(40)), None);
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        let many = "{".repeat(60);
        assert_eq!(code(&format!("{{ a(b: \"{many}\") }}")), None);
        assert_eq!(code(&format!("{{ a(b: \"\\\"{many}\") }}")), None);
        assert_eq!(code(&format!("{{ a(b: \"\"\"{many}\n \\\"\"\" {many}\"\"\") }}")), None);
        assert_eq!(code(&format!("# {many}\n{{ a }}")), None);
    }

    #[test]
    fn brackets_behind_a_string_do_count() {
        let many = "[".repeat(41);
        assert_eq!(code(&format!("{{ a(b: \"\" c: {many}")), Some(Code::NestingTooDeep));
        assert_eq!(
            code(&format!("{{ a(b: \"x\\\\\" c: {many}")),
            Some(Code::NestingTooDeep)
        );
        assert_eq!(
            code(&format!("{{ a(b: \"\"\"x\\\"\"\"\"\"\" c: {many}")),
            Some(Code::NestingTooDeep)
        );
        assert_eq!(code(&format!("{{ a(b: \"open\n {many}")), Some(Code::NestingTooDeep));
    }
}
