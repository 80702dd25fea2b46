//! Which rules hold for a URI.

use crate::access::{Table, find, fits};
use crate::settings::AccessSettings;

/// The entries that hold for a URI; all of them have to be satisfied. Those are the one for the URI itself; where it has a query or a slash at its end,
/// the one for it without, since a server may not mind those; and each whose name is a template that yields it.
pub(crate) fn rules<'r>(table: &'r Table, uri: &str) -> Vec<&'r AccessSettings> {
    let mut rules: Vec<&AccessSettings> = Vec::new();
    let mut spelled = uri;
    loop {
        let shorter = spelled.strip_suffix('/').filter(|shorter| !shorter.ends_with('/'));
        rules.extend([Some(spelled), shorter].into_iter().flatten().flat_map(|place| of_place(table, place)));
        match spelled.rfind('?') {
            Some(at) => spelled = &spelled[..at],
            None => break,
        }
    }
    rules.extend(table.iter().filter(|(name, _)| family(name).is_some_and(|pattern| fits(&pattern, uri))).map(|(_, entry)| entry));
    rules
}

/// The entries for a URI that may be a directory: a rule for all that is in it is one for the directory, too.
fn of_place<'r>(table: &'r Table, uri: &str) -> Vec<&'r AccessSettings> {
    let own = find(table, uri);
    let inside = if uri.ends_with('/') { None } else { find(table, &format!("{uri}/")) };
    let found = match (own, inside) {
        (Some(own), Some(inside)) if !own.is_exact && inside.length > own.length => Some(inside),
        (own, inside) => own.or(inside),
    };
    found.map(|found| found.entries).unwrap_or_default()
}

/// The pattern that every URI of a template fits, if the name of a rule is one: what upstreams take for a value differs from what RFC 6570 makes of one.
pub(crate) fn family(name: &str) -> Option<String> {
    let (mut pattern, mut rest) = (String::new(), name);
    while let Some((literal, after)) = rest.split_once('{') {
        let (_, after) = after.split_once('}')?;
        pattern += literal;
        pattern.push('*');
        rest = after;
    }
    (rest.len() < name.len()).then(|| pattern + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(rules: &[&str], uri: &str) -> Vec<String> {
        let entry = |name: &&str| ((*name).to_owned(), AccessSettings { scope: Some((*name).to_owned()), ..AccessSettings::default() });
        let table: Table = rules.iter().map(entry).collect();
        super::rules(&table, uri).into_iter().map(|entry| entry.scope.clone().expect("given above")).collect()
    }

    #[test]
    fn every_rule_for_a_place_holds_however_it_is_named() {
        let files = ["file:///*", "file:///secret.txt", "file:///s/*", "file:///{+path}"];
        for (rules, uri, expected) in [
            (&files[..2], "file:///open.txt", &["file:///*"][..]),
            (&files[..2], "file:///secret.txt", &["file:///secret.txt"]),
            (&files[..2], "file:///secret.txt/", &["file:///*", "file:///secret.txt"]),
            (&files[..2], "file:///secret.txt?x", &["file:///*", "file:///secret.txt"]),
            (&files[..2], "file:///secret.txt?x?y", &["file:///*", "file:///*", "file:///secret.txt"]),
            (&files[..2], "file:///secret.txt/?x", &["file:///*", "file:///*", "file:///secret.txt"]),
            (&files[..3], "file:///s", &["file:///s/*"]),
            (&files[..3], "file:///s/", &["file:///s/*", "file:///s/*"]),
            (&files[1..], "file:///s/a", &["file:///s/*", "file:///{+path}"]),
            (&files[3..], "file:///a", &["file:///{+path}"]),
            (&["file:///*?public", "file:///a"], "file:///a?public", &["file:///*?public", "file:///a"]),
            (&["user://{name}/mail{?box}", "user://*"], "user://ann/mail", &["user://*", "user://{name}/mail{?box}"]),
            (&["user://{name}/mail{?box}", "user://*"], "user://ann/mail?box=1", &["user://*", "user://*", "user://{name}/mail{?box}"]),
            (&["user://{name}/mail"], "user://ann", &[]),
            (&["odd:{", "odd:}"], "odd:1", &[]),
            (&["a://*.txt", "a://b*txt"], "a://b.txt", &["a://*.txt", "a://b*txt"]),
            (&files, "other:1", &[]),
        ] {
            assert_eq!(names(rules, uri), expected, "{uri}");
        }
    }
}
