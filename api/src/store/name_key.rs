//! Sort keys of names: the same order on both databases, compared byte by byte.

use pinyin::ToPinyin as _;

/// Pinyin without tones, syllables apart, then the name itself: homophones keep one order.
#[must_use]
pub fn name_key(name: &str) -> String {
    let mut key = String::with_capacity(name.len() * 3);
    for (letter, syllable) in name.chars().zip(name.to_pinyin()) {
        match syllable {
            Some(syllable) => {
                key.push_str(syllable.plain());
                key.push(' ');
            }
            None => key.extend(letter.to_lowercase()),
        }
    }
    key.push('\u{1}');
    key.push_str(name);
    key
}

#[cfg(test)]
mod tests {
    use super::name_key;

    #[test]
    fn names_sort_by_sound_and_homophones_by_their_characters() {
        let mut names = ["周禾", "安禾", "林和", "林禾", "Ada"];
        names.sort_by_key(|name| name_key(name));
        assert_eq!(names, ["Ada", "安禾", "林和", "林禾", "周禾"]);
    }

    #[test]
    fn a_shorter_syllable_stands_before_a_longer_one() {
        assert!(name_key("西安") < name_key("仙"));
        assert_ne!(name_key("禾"), name_key("和"));
    }
}
