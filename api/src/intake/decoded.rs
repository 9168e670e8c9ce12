//! The bytes of a text file as UTF-8: with a byte-order mark or without, UTF-16 by its mark, GB 18030 (and so GBK) where it
//! is not UTF-8.

use std::io::{self, BufRead, Read};

use domain::intake::flaw::IntakeFlaw;
use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_8};

use super::fault::Flawed;

/// Bytes read at once.
const CHUNK: usize = 64 * 1024;
/// A sign of any encoding is not longer.
const SIGN: usize = 4;

/// A text, decoded while it is read.
pub(super) struct Decoded<R> {
    source: R,
    /// Known from the first sign on that is not ASCII.
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    ready: Vec<u8>,
    at: usize,
    ended: bool,
    fault: Option<IntakeFlaw>,
}

impl<R: Read> Decoded<R> {
    /// Looks at the beginning of a text.
    ///
    /// # Errors
    /// Nothing in it, no text, or an encoding that is not told by a mark.
    pub(super) fn begin(mut source: R) -> Result<Self, IntakeFlaw> {
        let mut raw = Vec::with_capacity(CHUNK);
        fill(&mut source, &mut raw, CHUNK).map_err(|_| IntakeFlaw::Cut)?;
        if raw.is_empty() {
            return Err(IntakeFlaw::Empty);
        }
        let marked = Encoding::for_bom(&raw);
        if marked.is_none() {
            no_text(&raw)?;
        }
        let mut decoded = Self {
            source,
            decoder: marked.map(|(encoding, _)| encoding.new_decoder_with_bom_removal()),
            raw,
            ready: Vec::new(),
            at: 0,
            ended: false,
            fault: None,
        };
        decoded.decode();
        decoded.refill().map_err(|_| IntakeFlaw::Cut)?;
        if decoded.rest().is_empty() {
            return Err(decoded.fault.unwrap_or(IntakeFlaw::Empty));
        }
        Ok(decoded)
    }

    /// What is decoded and not yet read.
    pub(super) fn rest(&self) -> &[u8] {
        self.ready.get(self.at..).unwrap_or_default()
    }

    /// Decodes what was read of the source.
    fn decode(&mut self) {
        let raw = std::mem::take(&mut self.raw);
        let mut rest = raw.as_slice();
        if self.decoder.is_none() {
            let plain = rest.iter().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
            let (ascii, other) = rest.split_at(plain);
            self.ready.extend_from_slice(ascii);
            rest = other;
            if other.is_empty() {
                self.raw = raw;
                self.raw.clear();
                return;
            }
            if other.len() < SIGN && !self.ended {
                // Too little to tell: it is looked at again with what follows.
                self.raw = other.to_vec();
                return;
            }
            let encoding = if is_utf8(other) { UTF_8 } else { GB18030 };
            self.decoder = Some(encoding.new_decoder_without_bom_handling());
        }
        self.run(rest, false);
        self.raw = raw;
        self.raw.clear();
    }

    fn run(&mut self, mut rest: &[u8], last: bool) {
        let Some(decoder) = &mut self.decoder else { return };
        loop {
            let room = decoder
                .max_utf8_buffer_length_without_replacement(rest.len())
                .unwrap_or(CHUNK * 4);
            let before = self.ready.len();
            self.ready.resize(before + room, 0);
            let place = self.ready.get_mut(before..).unwrap_or_default();
            let (result, read, written) = decoder.decode_to_utf8_without_replacement(rest, place, last);
            self.ready.truncate(before + written);
            rest = rest.get(read..).unwrap_or_default();
            match result {
                DecoderResult::InputEmpty => return,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    self.fault = Some(IntakeFlaw::Encoding);
                    return;
                }
            }
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        while self.at >= self.ready.len() && !self.ended && self.fault.is_none() {
            self.ready.clear();
            self.at = 0;
            let before = self.raw.len();
            let most = before + CHUNK;
            fill(&mut self.source, &mut self.raw, most)?;
            if self.raw.len() == before {
                self.ended = true;
                self.decode();
                self.run(&[], true);
            } else {
                self.decode();
            }
        }
        Ok(())
    }
}

impl<R: Read> BufRead for Decoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.refill()?;
        match self.fault {
            Some(flaw) if self.at >= self.ready.len() => Err(Flawed(flaw).into()),
            _ => Ok(self.ready.get(self.at..).unwrap_or_default()),
        }
    }

    fn consume(&mut self, amount: usize) {
        self.at = (self.at + amount).min(self.ready.len());
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let taken = ready.len().min(place.len());
        if let (Some(place), Some(ready)) = (place.get_mut(..taken), ready.get(..taken)) {
            place.copy_from_slice(ready);
        }
        self.consume(taken);
        Ok(taken)
    }
}

/// Reads until there are so many bytes, or no more.
fn fill(source: &mut impl Read, into: &mut Vec<u8>, most: usize) -> io::Result<()> {
    let wanted = most.saturating_sub(into.len());
    source
        .take(u64::try_from(wanted).unwrap_or_default())
        .read_to_end(into)?;
    Ok(())
}

/// Whether it is meant as UTF-8: most of what is not ASCII in it does as such. One byte that was damaged does not make GBK of
/// it, and of GBK little looks like UTF-8.
fn is_utf8(bytes: &[u8]) -> bool {
    let other = |bytes: &[u8]| bytes.iter().filter(|byte| !byte.is_ascii()).count();
    let valid: usize = bytes.utf8_chunks().map(|chunk| other(chunk.valid().as_bytes())).sum();
    valid * 2 > other(bytes)
}

/// Refuses what is no text, as far as its first bytes tell.
fn no_text(raw: &[u8]) -> Result<(), IntakeFlaw> {
    let count = |which: fn(u8) -> bool| raw.iter().filter(|byte| which(**byte)).count();
    let (nuls, controls) = (
        count(|byte| byte == 0),
        count(|byte| byte < 0x20 && !matches!(byte, b'\t' | b'\r' | b'\n' | 0)),
    );
    let archive = raw.starts_with(b"PK\x03\x04") || raw.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]);
    match () {
        () if archive => Err(IntakeFlaw::Binary),
        // UTF-16 without its mark.
        () if nuls * 4 > raw.len() || is_wide(raw) => Err(IntakeFlaw::Encoding),
        () if controls * 20 > raw.len() => Err(IntakeFlaw::Binary),
        () => Ok(()),
    }
}

/// Whether it reads as text in UTF-16: nearly all of it letters and signs that our files have.
fn is_wide(raw: &[u8]) -> bool {
    let usual = |unit: u16| matches!(unit, 0x09 | 0x0a | 0x0d | 0x20..=0x7e | 0x3000..=0x303f | 0x4e00..=0x9fff | 0xff00..=0xffef);
    let orders: [fn([u8; 2]) -> u16; 2] = [u16::from_le_bytes, u16::from_be_bytes];
    let (pairs, _) = raw.as_chunks::<2>();
    let ascii = raw.iter().filter(|byte| byte.is_ascii_graphic()).count();
    // ASCII in pairs would pass for Chinese.
    ascii * 2 < raw.len()
        && std::str::from_utf8(raw).is_err_and(|error| error.error_len().is_some())
        && orders
            .iter()
            .any(|order| pairs.iter().filter(|pair| usual(order(**pair))).count() * 10 > pairs.len() * 9)
}
