//! Identity numbers 公民身份号码 and phone numbers: form only. Nothing here ever repeats the value.

use chrono::NaiveDate;

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: &[u8; 11] = b"10X98765432";

/// The number as it is kept (upper case, no blanks) and the birth date in it; `None` where length, date or check digit
/// are wrong.
#[must_use]
pub fn identity_number(text: &str) -> Option<(String, NaiveDate)> {
    let number: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_ascii_uppercase())
        .collect();
    if number.len() != 18 || !number.is_ascii() {
        return None;
    }
    let (body, check) = number.split_at(17);
    let digits: Vec<u32> = body.chars().filter_map(|c| c.to_digit(10)).collect();
    if digits.len() != 17 {
        return None;
    }
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let expected = CHECKS.get(usize::try_from(sum % 11).ok()?)?;
    if check.as_bytes() != [*expected] {
        return None;
    }
    let birth = NaiveDate::parse_from_str(body.get(6..14)?, "%Y%m%d").ok()?;
    Some((number, birth))
}

/// A phone number as it is kept: digits with an optional leading `+`; `None` where it is none.
#[must_use]
pub fn phone(text: &str) -> Option<String> {
    let number: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let digits = number.strip_prefix('+').unwrap_or(&number);
    let fits = (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    fits.then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An invented number of a district that does not exist, with its check digit.
    fn number(body: &str) -> String {
        let sum: u32 = body
            .chars()
            .filter_map(|c| c.to_digit(10))
            .zip(WEIGHTS)
            .map(|(digit, weight)| digit * weight)
            .sum();
        format!("{body}{}", char::from(CHECKS[(sum % 11) as usize]))
    }

    #[test]
    fn length_date_and_check_digit_are_checked() {
        let good = number("00000019800229001");
        assert_eq!(
            identity_number(&good).map(|found| found.1),
            NaiveDate::from_ymd_opt(1980, 2, 29)
        );
        assert!(identity_number(&number("00000019810229001")).is_none(), "no such day");
        assert!(identity_number(&good[..17]).is_none());
        let last = good.as_bytes()[17];
        let wrong = if last == b'1' { '2' } else { '1' };
        assert!(identity_number(&format!("{}{wrong}", &good[..17])).is_none());
    }

    #[test]
    fn a_small_x_is_a_large_one() {
        let with_x = (0..999)
            .map(|n| number(&format!("00000019800229{n:03}")))
            .find(|found| found.ends_with('X'))
            .unwrap();
        assert_eq!(identity_number(&with_x.to_lowercase()).unwrap().0, with_x);
    }

    #[test]
    fn a_phone_number_is_digits() {
        assert_eq!(phone("0573-8888 0000").as_deref(), Some("057388880000"));
        assert!(phone("call me").is_none() && phone("123").is_none());
    }
}
