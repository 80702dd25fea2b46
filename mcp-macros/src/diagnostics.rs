//! Words that several messages share.

use std::fmt::Display;

/// Quotes and lists names: `a`, `b` and `c`.
pub(crate) fn list<T: Display>(names: impl IntoIterator<Item = T>, and: &str) -> String {
    let mut names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.pop() {
        None => "none".to_owned(),
        Some(only) if names.is_empty() => only,
        Some(last) => format!("{} {and} {last}", names.join(", ")),
    }
}

/// `; did you mean …?`, when one of the names is close to what was written.
pub(crate) fn did_you_mean<'n>(written: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    closest(written, names).map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

/// The name nearest to what was written, if it is near at all.
fn closest<'n>(written: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let plain = |text: &str| text.replace(['_', '-'], "").to_ascii_lowercase();
    let written = plain(written);
    names
        .into_iter()
        .filter_map(|name| {
            let target = plain(name);
            let begins = written.len() >= 3 && (target.starts_with(&written) || written.starts_with(&target));
            let distance = if begins { 1 } else { distance(&written, &target) };
            let most = (written.chars().count().max(target.chars().count()) / 3).max(1);
            (distance <= most).then_some((distance, name))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Edits between two words; swapping two neighbours is one edit.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut rows = vec![(0..=right.len()).collect::<Vec<usize>>()];
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let mut least = (rows[i][j] + usize::from(a != b)).min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 6] = ["name", "title", "description", "scope", "read_only", "timeout"];

    #[test]
    fn near_names_are_offered_and_far_ones_are_not() {
        for (written, expected) in [
            ("scopes", Some("scope")),
            ("socpe", Some("scope")),
            ("readonly", Some("read_only")),
            ("ReadOnly", Some("read_only")),
            ("desc", Some("description")),
            ("tile", Some("title")),
            ("time_out", Some("timeout")),
            ("nmae", Some("name")),
            ("colour", None),
            ("x", None),
        ] {
            assert_eq!(closest(written, KEYS), expected, "{written}");
        }
    }

    #[test]
    fn lists_read_as_a_sentence() {
        assert_eq!(list([0; 0], "and"), "none");
        assert_eq!(list(["a"], "and"), "`a`");
        assert_eq!(list(["a", "b", "c"], "or"), "`a`, `b` or `c`");
    }
}
