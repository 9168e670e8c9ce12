//! Invented people. No identity number, phone or address that comes out of here can exist.

use chrono::{Datelike as _, NaiveDate};

use super::dice::Dice;

const FAMILY: &[&str] = &[
    "安", "柏", "岑", "丁", "范", "甘", "何", "纪", "康", "林", "麦", "宁", "欧", "彭", "齐", "冉", "沈", "汤", "温",
    "许", "严", "易", "尤", "俞", "袁", "岳", "章", "郑", "钟", "周", "祝", "庄", "邹", "苗", "舒", "桑", "陶", "韦",
    "辛", "颜",
];
const GIVEN: &[&str] = &[
    "禾", "屿", "岚", "沐", "澜", "苇", "汀", "渔", "桑", "榆", "槿", "朔", "砚", "笙", "筠", "葭", "荻", "菁", "蓼",
    "藜", "溪", "泠", "泓", "沅", "湄", "漪", "霁", "霏", "昀", "晗", "曦", "暄", "杭", "桐", "梓", "楷", "檀", "稷",
    "穗", "麓",
];

/// An invented name of three characters.
pub(super) fn person(dice: &mut Dice) -> String {
    let first = dice.pick(GIVEN);
    let mut second = dice.pick(GIVEN);
    while second == first {
        second = dice.pick(GIVEN);
    }
    format!("{}{first}{second}", dice.pick(FAMILY))
}

/// An identity number with an area code that was never given out and a check digit that is wrong.
pub(super) fn identity_number(number: usize, birth: NaiveDate) -> String {
    let head = format!(
        "00{:04}{:04}{:02}{:02}{:03}",
        number % 10_000,
        birth.year(),
        birth.month(),
        birth.day(),
        number / 10_000 % 1000
    );
    let wrong = (check_digit(&head) + 1) % 10;
    format!("{head}{wrong}")
}

/// The right check digit by GB 11643, 10 standing for X.
fn check_digit(head: &str) -> u32 {
    const RIGHT: [u32; 11] = [1, 0, 10, 9, 8, 7, 6, 5, 4, 3, 2];
    let sum: u32 = head
        .chars()
        .zip((1..=17u32).rev())
        .map(|(digit, power)| digit.to_digit(10).unwrap_or(0) * (2u32.pow(power) % 11))
        .sum();
    RIGHT.iter().copied().cycle().nth((sum % 11) as usize).unwrap_or(0)
}

/// A phone number outside every range of mobile phones.
pub(super) fn phone(number: usize) -> String {
    format!("100{number:08}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_identity_number_can_be_real() {
        // A published example of the standard, to show that the right digit is known.
        assert_eq!(check_digit("11010519491231002"), 10);
        let birth = NaiveDate::from_ymd_opt(1970, 1, 31).unwrap();
        for number in 0..2000 {
            let text = identity_number(number, birth);
            assert_eq!(text.len(), 18);
            assert!(text.starts_with("00"));
            let (head, last) = text.split_at(17);
            assert_ne!(last.parse::<u32>().unwrap(), check_digit(head));
        }
    }
}
