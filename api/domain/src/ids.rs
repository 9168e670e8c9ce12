//! Opaque, prefixed ids: stable for ever, the same in the API, events, exports and logs.

use crate::vocabulary::EntityKind;

/// The prefix of each kind's ids, without the underscore.
#[must_use]
pub fn prefix(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Organization => "org",
        EntityKind::Member => "mbr",
        EntityKind::Applicant => "apl",
        EntityKind::Appointment => "apt",
        EntityKind::Activity => "act",
        EntityKind::Attendance => "att",
        EntityKind::Leave => "lev",
        EntityKind::Resolution => "res",
        EntityKind::Exemption => "exm",
        EntityKind::Admission => "adm",
        EntityKind::Transfer => "trf",
        EntityKind::Obligation => "obl",
        EntityKind::Deviation => "dev",
        EntityKind::Measure => "msr",
        EntityKind::Alert => "alr",
        EntityKind::InboxItem => "inb",
        EntityKind::Account => "acc",
        EntityKind::Rulebook => "rbk",
        EntityKind::IdentityChange => "idc",
        EntityKind::ActivityUnit => "unt",
        EntityKind::Webhook => "whk",
    }
}

/// The kind that an id speaks of, `None` for anything that is no id of ours.
#[must_use]
pub fn kind_of(id: &str) -> Option<EntityKind> {
    let (head, tail) = id.split_once('_')?;
    let plausible = tail.len() == 26 && tail.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if !plausible {
        return None;
    }
    EntityKind::ALL.iter().copied().find(|kind| prefix(*kind) == head)
}

/// Writes 128 bits as 26 characters of lower-case Crockford base 32, so that byte order is number order.
#[must_use]
pub fn encode(bits: u128) -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    (0..26)
        .rev()
        .map(|place| {
            let digit = (bits >> (place * 5)) & 31;
            char::from(DIGITS.get(usize::try_from(digit).unwrap_or(0)).copied().unwrap_or(b'0'))
        })
        .collect()
}

/// An id of a kind from 128 bits that the caller brings (chance is an argument).
#[must_use]
pub fn id(kind: EntityKind, bits: u128) -> String {
    format!("{}_{}", prefix(kind), encode(bits))
}

/// An id of a kind that follows from a text, for what has a name of its own: the same text, the same id, everywhere.
#[must_use]
pub fn derived(kind: EntityKind, text: &str) -> String {
    // FNV-1a, 128 bits: spread, not secret.
    let bits = text
        .bytes()
        .fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128, |hash, byte| {
            (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
        });
    id(kind, bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_its_kind_and_nothing_else_does() {
        for kind in EntityKind::ALL {
            assert_eq!(kind_of(&id(*kind, 7)), Some(*kind));
        }
        assert_eq!(kind_of("org_1"), None);
        assert_eq!(kind_of("xyz_00000000000000000000000007"), None);
    }

    #[test]
    fn byte_order_is_number_order() {
        assert!(encode(31) < encode(32));
        assert!(encode(u128::MAX - 1) < encode(u128::MAX));
    }
}
