//! What somebody may have meant to write.

/// The known word that is nearest to `word`, if it is near at all.
pub(super) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    // Longer words are no slips of the pen, and comparing takes the product of the lengths.
    if word.chars().count() > 64 {
        return None;
    }
    let word = word.to_lowercase().replace('-', "_");
    let near = word.chars().count().div_ceil(3).max(1);
    known
        .iter()
        .map(|known| (distance(&word, known), *known))
        .filter(|(far, _)| *far <= near)
        .min_by_key(|(far, _)| *far)
        .map(|(_, known)| known)
}

/// How many letters have to be added, taken away or replaced to make one word of the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut diagonal = line;
        row[0] = line + 1;
        for (column, against) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *against);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_pen_are_recognised() {
        let known = ["issuer", "algorithms", "jwks_uri", "accept_plain_typ"];
        for (word, expected) in [
            ("isuer", Some("issuer")),
            ("issuers", Some("issuer")),
            ("Issuer", Some("issuer")),
            ("jwks_url", Some("jwks_uri")),
            ("jwks-uri", Some("jwks_uri")),
            ("algorithm", Some("algorithms")),
            ("accept_plain_type", Some("accept_plain_typ")),
            ("audience", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, &known), expected, "{word}");
        }
        assert_eq!(nearest(&"issuer".repeat(100_000), &known), None);
        assert_eq!(nearest("issuer", &[]), None);
    }
}
