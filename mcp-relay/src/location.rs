//! Which rules hold for a URI.

use std::collections::BTreeSet;

use crate::access::{Found, Table, find, fits};
use crate::settings::AccessSettings;
use crate::spelling::split;

/// The entries that hold for a URI in its normal spelling; all of them have to be satisfied. Those are the one for the URI itself; more particular ones for what
/// a server may take it for, which is the URI without its query, the slash at its end, or its port, or with more or fewer slashes before its host; and each whose name is a template
/// that yields one of those.
pub(crate) fn rules<'r>(table: &'r Table, uri: &str) -> Vec<&'r AccessSettings> {
    let own = of_place(table, uri);
    let length = own.as_ref().map_or(0, |own| own.length);
    let mut rules = own.map(|own| own.entries).unwrap_or_default();
    for place in places(uri) {
        // One of exactly that name is about this resource, however long the pattern is that fits what was added.
        if let Some(found) = of_place(table, &place).filter(|found| found.is_exact || found.length > length) {
            rules.extend(found.entries);
        }
        rules.extend(table.iter().filter(|(name, _)| family(name).is_some_and(|pattern| fits(&pattern, &place))).map(|(_, entry)| entry));
    }
    rules
}

/// The URI, and what a server may take it for.
fn places(uri: &str) -> BTreeSet<String> {
    let mut places = BTreeSet::from([uri.to_owned()]);
    if let Some((scheme, rest)) = uri.split_once(':') {
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => split(rest),
            None => ("", rest),
        };
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => authority,
        };
        let whole = format!("{host}{path}");
        let whole = whole.trim_start_matches('/');
        places.extend(["", "/", "//", "///"].map(|slashes| format!("{scheme}:{slashes}{whole}")));
        if scheme == "file" {
            places.insert(format!("{scheme}://{path}"));
        }
    }
    let without_query = places.iter().flat_map(|place| place.match_indices('?').map(|(at, _)| place[..at].to_owned())).collect::<Vec<_>>();
    places.extend(without_query);
    let without_slash = places.iter().filter_map(|place| place.strip_suffix('/')).filter(|shorter| !shorter.ends_with(['/', ':']));
    let without_slash = without_slash.map(str::to_owned).collect::<Vec<_>>();
    places.extend(without_slash);
    places
}

/// The entries for a URI that may be a directory: a rule for all that is in it is one for the directory, too.
fn of_place<'r>(table: &'r Table, uri: &str) -> Option<Found<'r>> {
    let own = find(table, uri);
    let inside = if uri.ends_with('/') { None } else { find(table, &format!("{uri}/")) };
    match (own, inside) {
        (Some(own), Some(inside)) if !own.is_exact && inside.length > own.length => Some(inside),
        (own, inside) => own.or(inside),
    }
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

    fn names(rules: &[&str], uri: &str) -> BTreeSet<String> {
        let entry = |name: &&str| ((*name).to_owned(), AccessSettings { scope: Some((*name).to_owned()), ..AccessSettings::default() });
        let table: Table = rules.iter().map(entry).collect();
        super::rules(&table, uri).into_iter().map(|entry| entry.scope.clone().expect("given above")).collect()
    }

    #[test]
    fn every_rule_for_a_place_holds_however_it_is_named() {
        let files = ["file:///*", "file:///secret.txt", "file:///s/*", "file:///{+path}"];
        let notes = ["note://*", "note://team/payroll", "note:///team/plan"];
        for (rules, uri, expected) in [
            (&files[..2], "file:///open.txt", &["file:///*"][..]),
            (&files[..2], "file:///secret.txt", &["file:///secret.txt"]),
            (&files[..2], "file:///secret.txt/", &["file:///*", "file:///secret.txt"]),
            (&files[..2], "file:///secret.txt?x", &["file:///*", "file:///secret.txt"]),
            (&files[..2], "file:///secret.txt?x?y", &["file:///*", "file:///secret.txt"]),
            (&files[..2], "file:///secret.txt/?x", &["file:///*", "file:///secret.txt"]),
            (&files[..2], "file://host/secret.txt", &["file:///*", "file:///secret.txt"]),
            (&files[..3], "file:///s", &["file:///s/*"]),
            (&files[..3], "file:///s/", &["file:///s/*"]),
            (&files[1..], "file:///s/a", &["file:///s/*", "file:///{+path}"]),
            (&files[3..], "file:///a", &["file:///{+path}"]),
            (&["file:///*?public", "file:///a"], "file:///a?public", &["file:///*?public", "file:///a"]),
            (&notes, "note:/team/payroll", &["note://*", "note://team/payroll"]),
            (&notes, "note:team/payroll", &["note://*", "note://team/payroll"]),
            (&["note:*", "note://team/payroll"], "note:team/payroll", &["note:*", "note://team/payroll"]),
            (&["user://{id}/mail", "user://*"], "user://ann/mail?x", &["user://*", "user://{id}/mail"]),
            (&["user://{id}/mail", "user://*"], "user://ann/mail/", &["user://*", "user://{id}/mail"]),
            (&["db://*", "db://q"], "db://q?all", &["db://*", "db://q"]),
            (&["*", "file:///public.txt"], "file:///public.txt", &["file:///public.txt"]),
            (&["user://{name}/mail{?box}", "user://*"], "user://ann/mail", &["user://*", "user://{name}/mail{?box}"]),
            (&["user://{name}/mail{?box}", "user://*"], "user://ann/mail?box=1", &["user://*", "user://{name}/mail{?box}"]),
            (&["user://{name}/mail"], "user://ann", &[]),
            (&notes, "note://team/agenda", &["note://*"]),
            (&notes, "note://team/payroll", &["note://team/payroll"]),
            (&notes, "note:///team/payroll", &["note://*", "note://team/payroll"]),
            (&notes, "note://team:1/payroll", &["note://*", "note://team/payroll"]),
            (&notes, "note://team/plan", &["note://*", "note:///team/plan"]),
            (&["odd:{", "odd:}"], "odd:1", &[]),
            (&["a://*.txt", "a://b*txt"], "a://b.txt", &["a://*.txt", "a://b*txt"]),
            (&files, "other:1", &[]),
        ] {
            let expected: BTreeSet<String> = expected.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(names(rules, uri), expected, "{uri}");
        }
    }
}
