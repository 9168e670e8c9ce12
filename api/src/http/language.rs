//! The language that a client asks for.

use domain::vocabulary::Language;

/// The best of our languages by `Accept-Language`, `None` if it asks for none of them.
pub fn preferred(header: &str) -> Option<Language> {
    let mut best: Option<(Language, f32)> = None;
    for part in header.split(',').take(20) {
        let (tag, weight) = super::graphql::weighted(part);
        let Some(language) = of_tag(tag) else { continue };
        if weight > best.map_or(0.0, |(_, weight)| weight) {
            best = Some((language, weight));
        }
    }
    best.map(|(language, _)| language)
}

fn of_tag(tag: &str) -> Option<Language> {
    match tag.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "zh" => Some(Language::ZhCn),
        "en" => Some(Language::En),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_of_ours_wins() {
        assert_eq!(preferred("zh-CN,zh;q=0.9,en;q=0.8"), Some(Language::ZhCn));
        assert_eq!(preferred("fr, en;q=0.5, zh;q=0.4"), Some(Language::En));
        assert_eq!(preferred("en;q=0, zh"), Some(Language::ZhCn));
        assert_eq!(preferred("fr"), None);
    }
}
