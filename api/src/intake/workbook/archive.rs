//! A workbook's archive, looked through before anything of it is kept: how many parts, how much they really unfold to, and
//! whether some part asks for more memory than its size can justify.

use std::io::{Read, Seek, SeekFrom};

use domain::intake::flaw::IntakeFlaw;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::intake::Limits;
use crate::intake::fault::FileFault;

const CHUNK: usize = 64 * 1024;
/// Each entry of an archive's directory begins so.
const ENTRY: &[u8] = b"PK\x01\x02";
/// Containers of the old form, and of workbooks with a password.
const OLD: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
/// Below this size a part may unfold by any ratio.
const SMALL: u64 = 1024 * 1024;
/// Most texts that the cells of a workbook share.
const STRINGS: u64 = 1_000_000;
/// Most tags of a part that holds no cells.
const TAGS: u64 = 500_000;
/// Most cell formats, as the makers of spreadsheets have it.
const FORMATS: u64 = 65_536;
/// As much of a tag is looked at.
const TAG: usize = 4096;

/// What was seen.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Looked {
    /// Some sheet has merged cells.
    pub(super) merged: bool,
}

pub(super) fn look<R: Read + Seek>(source: &mut R, limits: &Limits) -> Result<Looked, FileFault> {
    let size = container(source, limits)?;
    source.seek(SeekFrom::Start(0)).map_err(|_| IntakeFlaw::Cut)?;
    let mut archive = ZipArchive::new(&mut *source).map_err(|_| IntakeFlaw::Cut)?;
    let mut looked = Looked::default();
    let mut unfolded = 0;
    for number in 0..archive.len() {
        let mut part = archive.by_index(number).map_err(|error| flaw(&error))?;
        let folded = part.compressed_size().min(size).max(1);
        let mut tags = Tags::of(&part.name().map_err(|_| IntakeFlaw::Broken)?.to_lowercase());
        let (mut own, mut buffer) = (0u64, vec![0; CHUNK]);
        loop {
            let read = part.read(&mut buffer).map_err(|_| IntakeFlaw::Broken)?;
            if read == 0 {
                break;
            }
            own += u64::try_from(read).unwrap_or(u64::MAX);
            let much = unfolded + own > limits.unfolded || (own > SMALL && own / folded > limits.ratio);
            if much {
                return Err(IntakeFlaw::TooLarge.into());
            }
            tags.look(buffer.get(..read).unwrap_or_default())?;
        }
        unfolded += own;
        looked.merged |= tags.merged;
    }
    if unfolded > SMALL && unfolded / size.max(1) > limits.ratio {
        return Err(IntakeFlaw::TooLarge.into());
    }
    Ok(looked)
}

fn flaw(error: &ZipError) -> IntakeFlaw {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => IntakeFlaw::Encrypted,
        _ => IntakeFlaw::Broken,
    }
}

/// What kind of container it is; gives its size. The entries of its directory are counted as they stand there, whatever the
/// directory says of itself.
fn container<R: Read + Seek>(source: &mut R, limits: &Limits) -> Result<u64, IntakeFlaw> {
    let password: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let longest = password.len();
    let (mut size, mut entries, mut encrypted) = (0u64, 0, false);
    let mut window: Vec<u8> = Vec::with_capacity(CHUNK + longest);
    let mut old = false;
    loop {
        let kept = window.len().min(longest - 1);
        window.drain(..window.len() - kept);
        let before = window.len();
        source
            .by_ref()
            .take(u64::try_from(CHUNK).unwrap_or_default())
            .read_to_end(&mut window)
            .map_err(|_| IntakeFlaw::Cut)?;
        if window.len() == before {
            break;
        }
        if size == 0 {
            old = window.starts_with(OLD);
            if !old && !window.starts_with(b"PK") {
                return Err(IntakeFlaw::NotAWorkbook);
            }
        }
        // What lay in the part that is kept was counted with the chunk before, but for what only now is whole.
        let fresh = |length: usize| before.saturating_sub(length - 1);
        let counted = window.get(fresh(ENTRY.len())..).unwrap_or_default();
        entries += counted.windows(ENTRY.len()).filter(|part| *part == ENTRY).count();
        encrypted |= old && window.windows(longest).any(|part| part == password);
        if entries > limits.parts {
            return Err(IntakeFlaw::TooManyParts);
        }
        size += u64::try_from(window.len() - before).unwrap_or_default();
    }
    match () {
        () if size == 0 => Err(IntakeFlaw::Empty),
        () if encrypted => Err(IntakeFlaw::Encrypted),
        () if old => Err(IntakeFlaw::OldWorkbook),
        () => Ok(size),
    }
}

/// The tags of a part while it unfolds.
struct Tags {
    /// Cells are counted when they are read.
    holds_cells: bool,
    is_xml: bool,
    /// The tag that is being read; none between tags.
    tag: Option<Vec<u8>>,
    tags: u64,
    strings: u64,
    formats: u64,
    merged: bool,
}

impl Tags {
    fn of(name: &str) -> Self {
        let ends = |ends: &str| name.ends_with(ends);
        Self {
            holds_cells: name.contains("worksheets") || ends("sharedstrings.xml"),
            is_xml: ends(".xml") || ends(".rels"),
            tag: None,
            tags: 0,
            strings: 0,
            formats: 0,
            merged: false,
        }
    }

    fn look(&mut self, bytes: &[u8]) -> Result<(), IntakeFlaw> {
        for byte in bytes {
            match (byte, &mut self.tag) {
                // The parts of a workbook are UTF-8; in another encoding nothing could be seen in them.
                (0, _) if self.is_xml => return Err(IntakeFlaw::Broken),
                (b'<', _) => self.tag = Some(Vec::new()),
                (b'>', Some(_)) => self.tagged()?,
                (byte, Some(tag)) if tag.len() < TAG => tag.push(*byte),
                _ => {}
            }
        }
        Ok(())
    }

    fn tagged(&mut self) -> Result<(), IntakeFlaw> {
        let tag = self.tag.take().unwrap_or_default();
        let name = tag
            .split(|byte| byte.is_ascii_whitespace() || *byte == b'/')
            .next()
            .unwrap_or_default();
        let name = name.rsplit(|byte| *byte == b':').next().unwrap_or_default();
        self.tags += 1;
        match name {
            b"si" => self.strings += 1,
            b"xf" => self.formats += 1,
            b"mergeCell" => self.merged = true,
            b"sst" if tag.len() >= TAG || declared(&tag).is_some_and(|count| count > STRINGS) => {
                return Err(IntakeFlaw::TooLarge);
            }
            _ => {}
        }
        let many = !self.holds_cells && self.is_xml && self.tags > TAGS;
        if many || self.strings > STRINGS || self.formats > FORMATS {
            return Err(IntakeFlaw::TooLarge);
        }
        Ok(())
    }
}

/// The largest number that stands in the tag: a place for so many texts is made before the first one is read.
fn declared(tag: &[u8]) -> Option<u64> {
    let attributes = tag
        .split(|byte| byte.is_ascii_whitespace())
        .filter(|part| !part.starts_with(b"xmlns"));
    let numbers = attributes.filter_map(|attribute| {
        let value = attribute.split(|byte| *byte == b'=').nth(1)?;
        let digits: Vec<u8> = value.iter().copied().filter(u8::is_ascii_digit).collect();
        (!digits.is_empty()).then(|| String::from_utf8_lossy(&digits).parse().unwrap_or(u64::MAX))
    });
    numbers.max()
}
