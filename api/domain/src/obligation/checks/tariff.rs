//! What a tariff asks for an amount (G2.2b), in whole fen.

use crate::rulebook::form::{Bracket, Tariff};
use crate::rulebook::words::{Rounding, TariffMethod};

/// Dues for a base of so many fen.
#[must_use]
pub fn due_fen(tariff: &Tariff, base_fen: u64) -> u64 {
    match tariff.method {
        TariffMethod::Slab => {
            let within = |bracket: &&Bracket| bracket.up_to_fen.is_none_or(|limit| base_fen <= limit);
            let bracket = tariff.brackets.iter().find(within);
            bracket.map_or(0, |bracket| of_part(bracket, base_fen, tariff.rounding))
        }
        TariffMethod::Marginal => marginal(tariff, base_fen),
    }
}

/// Each bracket on the part of the base that lies within it; rounded once, at the end of each part.
fn marginal(tariff: &Tariff, base_fen: u64) -> u64 {
    let mut from = 0;
    let mut sum = 0;
    for bracket in &tariff.brackets {
        let until = bracket.up_to_fen.unwrap_or(u64::MAX).min(base_fen);
        let part = until.saturating_sub(from);
        if part > 0 {
            sum += of_part(bracket, part, tariff.rounding);
        }
        from = until.max(from);
    }
    sum
}

fn of_part(bracket: &Bracket, fen: u64, rounding: Rounding) -> u64 {
    const WHOLE: u128 = 10_000;
    let Some(rate) = bracket.rate_per_10000 else {
        return bracket.amount_fen.unwrap_or_default();
    };
    let product = u128::from(fen) * u128::from(rate);
    let rounded = match rounding {
        Rounding::Down => product / WHOLE,
        Rounding::Up => product.div_ceil(WHOLE),
        Rounding::HalfUp => (product + WHOLE / 2) / WHOLE,
    };
    u64::try_from(rounded).unwrap_or(u64::MAX)
}
